#include "sync/report.h"
#include <inttypes.h>

#define LISTED_MAX 50 /* notes of each sort that people are shown; the JSON has all */

/* Nothing from a file may move the cursor or add a line of its own. */
static void print_safe(const char *text, FILE *out)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            fprintf(out, "\\x%02x", (unsigned char)*text);
        else
            fputc(*text, out);
    }
}

static void print_notes(const tend_import_report *report, bool is_reject, const char *title, FILE *out)
{
    size_t shown = 0, all = 0;

    for (size_t i = 0; i < report->note_count; i++) {
        const tend_import_note *note = &report->notes[i];

        if (note->is_reject != is_reject)
            continue;
        if (all++ == 0)
            fprintf(out, "\n%s\n", title);
        if (shown == LISTED_MAX)
            continue;
        shown++;
        fprintf(out, "  %s", report->parts[note->part].file);
        if (note->line > 0)
            fprintf(out, ":%" PRIu64, note->line);
        fprintf(out, ": ");
        if (note->column) {
            print_safe(note->column, out);
            fputs(": ", out);
        }
        if (!is_reject && note->value) {
            fputc('\'', out);
            print_safe(note->value, out);
            fputs("': ", out);
        }
        print_safe(note->reason, out);
        fputc('\n', out);
    }
    if (all > shown)
        fprintf(out, "  … and %zu more\n", all - shown);
}

void tend_import_report_text(const tend_import_report *report, FILE *out)
{
    fprintf(out, "%-40s %10s %10s %10s %10s %10s\n", "file", "read", "created", "updated", "unchanged", "rejected");
    for (size_t i = 0; i < report->part_count; i++) {
        const tend_import_part *part = &report->parts[i];
        char name[256];

        (void)snprintf(name, sizeof name, "%s → %s", part->file, part->kind);
        fprintf(out, "%-42s %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 "\n", name, part->read,
                part->created, part->updated, part->unchanged, part->rejected);
    }
    if (report->part_count > 1)
        fprintf(out, "%-40s %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 " %10" PRId64 "\n", "all", report->read,
                report->created, report->updated, report->unchanged, report->rejected);
    if (report->stubs > 0)
        fprintf(out, "%" PRId64 " more were made with just a name, because a record names them\n", report->stubs);
    if (report->is_resumed)
        fprintf(out, "an earlier import of the same files was cut off; this one went on where it stopped\n");
    if (!report->is_stored)
        fprintf(out, "nothing was stored, because records were rejected; mend them, or import with --keep-good\n");
    print_notes(report, true, "rejected:", out);
    print_notes(report, false, "remarks:", out);
    if (report->notes_left > 0)
        fprintf(out, "  … and %" PRId64 " more that are not listed\n", report->notes_left);
    for (size_t i = 0; report->rejects && report->rejects[i]; i++)
        fprintf(out, "%s%s", i == 0 ? "\nto mend and import alone: " : ", ", report->rejects[i]);
    if (report->rejects && report->rejects[0])
        fputc('\n', out);
}
