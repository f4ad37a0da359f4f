#include "sync/report.h"
#include <inttypes.h>
#include <string.h>

#define LISTED_MAX 50 /* notes of each sort that people are shown; the JSON has all */
#define LINES_SHOWN 3 /* of one reason */

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

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void add_counts(tend_import_part *to, const tend_import_part *part)
{
    to->read += part->read;
    to->created += part->created;
    to->updated += part->updated;
    to->unchanged += part->unchanged;
    to->rejected += part->rejected;
    to->removed += part->removed;
    to->strange += part->strange;
    to->stale += part->stale;
}

/* The place of the part among the first `count`; `count` when it is not there. */
static size_t find_part(const tend_import_part *parts, size_t count, const tend_import_part *part)
{
    size_t i = 0;

    while (i < count && (!is_same(parts[i].file, part->file) || !is_same(parts[i].stream, part->stream)))
        i++;
    return i;
}

static const char *const *join_rejects(const tend_import_report *first, const tend_import_report *second, tend_arena *arena)
{
    const tend_import_report *both[] = { first, second };
    const char **paths;
    size_t count = 0;

    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0; both[b]->rejects && both[b]->rejects[i]; i++)
            count++;
    paths = tend_arena_take(arena, (count + 1) * sizeof *paths);
    count = 0;
    for (size_t b = 0; paths && b < 2; b++)
        for (size_t i = 0; both[b]->rejects && both[b]->rejects[i]; i++) {
            bool is_there = false;

            for (size_t j = 0; j < count; j++)
                is_there = is_there || strcmp(paths[j], both[b]->rejects[i]) == 0;
            if (!is_there)
                paths[count++] = both[b]->rejects[i];
        }
    if (paths)
        paths[count] = NULL;
    return paths;
}

tend_status tend_import_reports_join(const tend_import_report *first, const tend_import_report *second, tend_arena *arena,
                                     const tend_import_report **ret_report)
{
    const tend_import_report *both[] = { first, second };
    tend_import_report *report = tend_arena_take(arena, sizeof *report);
    tend_import_part *parts = tend_arena_take(arena, (first->part_count + second->part_count + 1) * sizeof *parts);
    tend_import_note *notes = tend_arena_take(arena, (first->note_count + second->note_count + 1) * sizeof *notes);
    const char *const *rejects = join_rejects(first, second, arena);

    if (!report || !parts || !notes || !rejects)
        return TEND_ENOMEM;
    *report = *second;
    report->parts = parts;
    report->notes = notes;
    report->rejects = rejects;
    report->part_count = report->note_count = 0;
    for (size_t b = 0; b < 2; b++) {
        for (size_t i = 0; i < both[b]->part_count; i++) {
            size_t at = find_part(parts, report->part_count, &both[b]->parts[i]);

            if (at < report->part_count)
                add_counts(&parts[at], &both[b]->parts[i]);
            else
                parts[report->part_count++] = both[b]->parts[i];
        }
        for (size_t i = 0; i < both[b]->note_count; i++) {
            notes[report->note_count] = both[b]->notes[i];
            notes[report->note_count++].part =
                (uint32_t)find_part(parts, report->part_count, &both[b]->parts[both[b]->notes[i].part]);
        }
    }
    report->read += first->read;
    report->created += first->created;
    report->updated += first->updated;
    report->unchanged += first->unchanged;
    report->rejected += first->rejected;
    report->removed += first->removed;
    report->stubs += first->stubs;
    report->events += first->events;
    report->notes_left += first->notes_left;
    report->is_stored = first->is_stored && second->is_stored;
    report->is_resumed = first->is_resumed || second->is_resumed;
    if (report->batch == 0)
        report->batch = first->batch;
    *ret_report = report;
    return TEND_OK;
}

tend_status tend_import_remarks(const tend_import_report *report, size_t most, tend_arena *arena,
                                const tend_import_remark **ret_remarks, size_t *ret_count, int64_t *ret_left)
{
    tend_import_remark *remarks = tend_arena_take(arena, (most + 1) * sizeof *remarks);
    size_t count = 0;
    int64_t left = 0;

    for (size_t i = 0; remarks && i < report->note_count; i++) {
        const tend_import_note *note = &report->notes[i];
        size_t at = 0;

        if (note->is_reject)
            continue;
        while (at < count && (remarks[at].part != note->part || !is_same(remarks[at].column, note->column) ||
                              !is_same(remarks[at].reason, note->reason)))
            at++;
        if (at == most) {
            left++;
            continue;
        }
        if (at == count)
            remarks[count++] = (tend_import_remark){
                .part = note->part, .column = note->column, .reason = note->reason, .value = note->value, .lines = ""
            };
        remarks[at].count++;
        if (note->line > 0 && remarks[at].count <= LINES_SHOWN)
            remarks[at].lines =
                tend_arena_print(arena, "%s%s%" PRIu64, remarks[at].lines, *remarks[at].lines ? ", " : "", note->line);
        else if (note->line > 0 && remarks[at].count == LINES_SHOWN + 1)
            remarks[at].lines = tend_arena_print(arena, "%s …", remarks[at].lines);
        if (!remarks[at].lines)
            return TEND_ENOMEM;
    }
    *ret_remarks = remarks;
    *ret_count = count;
    *ret_left = left;
    return remarks ? TEND_OK : TEND_ENOMEM;
}

static const char *base_of(const tend_import_report *report, uint32_t part)
{
    const char *file = report->parts[part].file, *slash = strrchr(file, '/');

    return slash ? slash + 1 : file;
}

static void print_note(const char *column, const char *value, const char *reason, FILE *out)
{
    if (column) {
        print_safe(column, out);
        fputs(": ", out);
    }
    if (value) {
        fputc('\'', out);
        print_safe(value, out);
        fputs("': ", out);
    }
    print_safe(reason, out);
    fputc('\n', out);
}

static void print_rejects(const tend_import_report *report, FILE *out)
{
    size_t shown = 0, all = 0;

    for (size_t i = 0; i < report->note_count; i++) {
        const tend_import_note *note = &report->notes[i];

        if (!note->is_reject)
            continue;
        if (all++ == 0)
            fputs("\nrejected:\n", out);
        if (shown == LISTED_MAX)
            continue;
        shown++;
        fprintf(out, "  %s", base_of(report, note->part));
        if (note->line > 0)
            fprintf(out, ":%" PRIu64, note->line);
        fprintf(out, ": ");
        print_note(note->column, NULL, note->reason, out);
    }
    if (all > shown)
        fprintf(out, "  … and %zu more\n", all - shown);
}

static tend_status print_remarks(const tend_import_report *report, tend_arena *arena, FILE *out)
{
    const tend_import_remark *remarks;
    size_t count;
    int64_t left;
    tend_status status = tend_import_remarks(report, LISTED_MAX, arena, &remarks, &count, &left);

    for (size_t i = 0; status == TEND_OK && i < count; i++) {
        const tend_import_remark *remark = &remarks[i];

        fprintf(out, "%s  %s%s%s: ", i == 0 ? "\nremarks:\n" : "", base_of(report, remark->part), *remark->lines ? ":" : "",
                remark->lines);
        if (remark->count > 1)
            fprintf(out, "%" PRId64 " times: ", remark->count);
        print_note(remark->column, remark->value, remark->reason, out);
    }
    if (status == TEND_OK && left > 0)
        fprintf(out, "  … and %" PRId64 " more\n", left);
    return status;
}

static void print_counts(const tend_import_report *report, const char *name, const tend_import_part *part, FILE *out)
{
    fprintf(out, "%-42s %10" PRId64 " %10" PRId64 " %10" PRId64, name, part->read, part->rejected, part->read - part->rejected);
    if (report->is_stored)
        fprintf(out, " %10" PRId64 " %10" PRId64 " %10" PRId64, part->created, part->updated, part->unchanged);
    fputc('\n', out);
}

tend_status tend_import_report_text(const tend_import_report *report, tend_arena *arena, FILE *out)
{
    tend_status status;
    const tend_import_part all = { .read = report->read,
                                   .created = report->created,
                                   .updated = report->updated,
                                   .unchanged = report->unchanged,
                                   .rejected = report->rejected };

    fprintf(out, "%-42s %10s %10s %10s", "file", "read", "rejected", "good");
    if (report->is_stored)
        fprintf(out, " %10s %10s %10s", "created", "updated", "unchanged");
    fputc('\n', out);
    for (size_t i = 0; i < report->part_count; i++) {
        const tend_import_part *part = &report->parts[i];
        const char *slash = strrchr(part->file, '/');
        char name[256];

        (void)snprintf(name, sizeof name, "%s as %s", slash ? slash + 1 : part->file, part->kind);
        print_counts(report, name, part, out);
    }
    if (report->part_count > 1)
        print_counts(report, "all", &all, out);
    if (report->stubs > 0)
        fprintf(out, "%" PRId64 " more were made with just a name, because a record names them\n", report->stubs);
    if (report->is_resumed)
        fprintf(out, "an earlier import of the same files was cut off; this one went on where it stopped\n");
    if (!report->is_stored)
        fprintf(out, "nothing was stored, because records were rejected; mend them, or import with --keep-good\n");
    print_rejects(report, out);
    status = print_remarks(report, arena, out);
    if (report->notes_left > 0)
        fprintf(out, "  … and %" PRId64 " more that are not listed\n", report->notes_left);
    for (size_t i = 0; report->rejects && report->rejects[i]; i++)
        fprintf(out, "%s%s", i == 0 ? "\nto mend and import alone: " : ", ", report->rejects[i]);
    if (report->rejects && report->rejects[0])
        fputc('\n', out);
    return status;
}
