/* reject.c: rejected records in files of their own, with the original columns, to be mended and imported alone. */
#include "base/file.h"
#include "base/utf8.h"
#include "sync/intake.h"
#include <stdlib.h>
#include <string.h>

static void put_cell(tend_buffer *out, const char *text, size_t length, char delimiter)
{
    bool needs_quotes = false;

    for (size_t i = 0; i < length && !needs_quotes; i++)
        needs_quotes = text[i] == delimiter || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    needs_quotes = needs_quotes || (length > 0 && (text[0] == ' ' || text[length - 1] == ' '));
    if (!needs_quotes) {
        tend_buffer_append(out, text, length);
        return;
    }
    tend_buffer_byte(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            tend_buffer_byte(out, '"');
        tend_buffer_byte(out, text[i]);
    }
    tend_buffer_byte(out, '"');
}

static int by_line(const void *a, const void *b)
{
    const tend_rejected *x = a, *y = b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->part < y->part ? -1 : x->part > y->part;
}

static char delimiter_of(const tend_intake_part *part)
{
    return part->stream->delimiter ? part->stream->delimiter : ',';
}

/* The file's own text of a line: what the connector could not make a record of has no cells. Lines are asked for in their order. */
typedef struct original {
    FILE *file; /* NULL: packed, or gone */
    char *line; /* owned */
    size_t room;
    uint64_t number;
} original;

static void open_original(original *from, const char *path)
{
    unsigned char mark[2] = { 0 };

    *from = (original){ .file = path ? fopen(path, "rbe") : NULL };
    if (from->file && fread(mark, 1, 2, from->file) == 2 && mark[0] == 0x1f && mark[1] == 0x8b) {
        (void)fclose(from->file);
        from->file = NULL;
    }
    if (from->file)
        rewind(from->file);
}

static void close_original(original *from)
{
    if (from->file)
        (void)fclose(from->file);
    free(from->line);
}

/* Adds the line when it is text in UTF-8; otherwise only the reasons tell of it. */
static void put_original(original *from, uint64_t number, tend_buffer *out)
{
    ssize_t length = -1;

    while (from->file && from->number < number) {
        length = getline(&from->line, &from->room, from->file);
        if (length < 0)
            return;
        from->number++;
    }
    while (length > 0 && (from->line[length - 1] == '\n' || from->line[length - 1] == '\r'))
        length--;
    if (length <= 0 || memchr(from->line, '\0', (size_t)length) || !tend_utf8_valid(from->line, (size_t)length, NULL))
        return;
    tend_buffer_append(out, from->line, (size_t)length);
    tend_buffer_text(out, "\r\n");
}

/* One file's rejected records, each line once though two streams may have refused it. */
static tend_status write_records(tend_intake *intake, const char *file, const char *path, tend_error *reterr)
{
    tend_buffer out = { 0 };
    const tend_intake_part *first = NULL;
    uint64_t last_line = 0;
    original from;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < intake->part_count && !first; i++) {
        if (intake->parts[i].stream && intake->parts[i].header && strcmp(intake->parts[i].file, file) == 0)
            first = &intake->parts[i];
    }
    if (!first)
        return TEND_ENOTFOUND;
    open_original(&from, intake->may_grow ? NULL : file); /* a source has no files of ours */
    tend_buffer_text(&out, "\xef\xbb\xbf");               /* UTF-8, whatever the original was in: connectors know it by this mark */
    for (uint32_t c = 0; c < first->header_count; c++) {
        if (c > 0)
            tend_buffer_byte(&out, delimiter_of(first));
        put_cell(&out, first->header[c], strlen(first->header[c]), delimiter_of(first));
    }
    tend_buffer_text(&out, "\r\n");
    for (size_t i = 0; i < intake->rejected_count && status == TEND_OK; i++) {
        const tend_rejected *rejected = &intake->rejected[i];
        const tend_cell *cells;
        uint32_t count;

        if (strcmp(intake->parts[rejected->part].file, file) != 0 || (rejected->line > 0 && rejected->line == last_line))
            continue;
        last_line = rejected->line;
        if (rejected->offset == 0) {
            put_original(&from, rejected->line, &out);
            continue;
        }
        tend_arena_reset(intake->scratch);
        status = tend_spool_cells(intake->spool, rejected->offset, intake->scratch, &cells, &count, reterr);
        for (uint32_t c = 0; status == TEND_OK && c < count; c++) {
            if (c > 0)
                tend_buffer_byte(&out, delimiter_of(first));
            put_cell(&out, cells[c].text ? cells[c].text : "", cells[c].length, delimiter_of(first));
        }
        tend_buffer_text(&out, "\r\n");
    }
    close_original(&from);
    if (status == TEND_OK)
        status = out.failed ? tend_fail(reterr, TEND_ENOMEM, "memory is used up")
                            : tend_file_write_atomic(path, tend_buffer_string(&out), out.length, 0600, reterr);
    tend_buffer_clear(&out);
    return status;
}

static tend_status write_reasons(tend_intake *intake, const char *file, const char *path, tend_error *reterr)
{
    tend_buffer out = { 0 };
    tend_status status;

    tend_buffer_text(&out, "file,line,column,value,reason\r\n");
    for (size_t i = 0; i < intake->note_count; i++) {
        const tend_import_note *note = &intake->notes[i];

        if (!note->is_reject || strcmp(intake->parts[note->part].file, file) != 0)
            continue;
        put_cell(&out, file, strlen(file), ',');
        tend_buffer_print(&out, ",%llu,", (unsigned long long)note->line);
        put_cell(&out, note->column ? note->column : "", note->column ? strlen(note->column) : 0, ',');
        tend_buffer_byte(&out, ',');
        put_cell(&out, note->value ? note->value : "", note->value ? strlen(note->value) : 0, ',');
        tend_buffer_byte(&out, ',');
        put_cell(&out, note->reason, strlen(note->reason), ',');
        tend_buffer_text(&out, "\r\n");
    }
    status = out.failed ? tend_fail(reterr, TEND_ENOMEM, "memory is used up")
                        : tend_file_write_atomic(path, tend_buffer_string(&out), out.length, 0600, reterr);
    tend_buffer_clear(&out);
    return status;
}

/* "accounts.csv.gz" → "accounts.rejected.csv", beside it "accounts.reasons.csv". */
static void name_files(const tend_intake *intake, const char *folder, const char *file, const char **ret_records,
                       const char **ret_reasons)
{
    const char *slash = strrchr(file, '/');
    char base[200];
    char *end;

    (void)snprintf(base, sizeof base, "%s", slash ? slash + 1 : file);
    end = strstr(base, ".rejected");
    if (!end)
        end = strrchr(base, '.');
    if (end && strcmp(end, ".gz") == 0) {
        *end = '\0';
        end = strrchr(base, '.');
    }
    if (end && end != base)
        *end = '\0';
    *ret_records = tend_arena_print(intake->arena, "%s/%s.rejected.csv", folder, base);
    *ret_reasons = tend_arena_print(intake->arena, "%s/%s.reasons.csv", folder, base);
}

tend_status tend_intake_write_rejects(tend_intake *intake, const char *folder, const char *const **ret_paths, tend_error *reterr)
{
    const char **paths = tend_arena_take(intake->arena, (2 * intake->part_count + 1) * sizeof *paths);
    size_t count = 0;
    tend_status status = paths ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");

    if (status < 0)
        return status;
    *ret_paths = paths;
    if (intake->rejected_count == 0)
        return TEND_OK;
    status = tend_folder_make(folder, 0700, reterr);
    qsort(intake->rejected, intake->rejected_count, sizeof *intake->rejected, by_line);
    for (size_t p = 0; p < intake->part_count && status == TEND_OK; p++) {
        const char *file = intake->parts[p].file;
        const char *records, *reasons;
        bool is_first = intake->parts[p].stream != NULL, has_any = false;

        for (size_t q = 0; q < p; q++)
            is_first = is_first && (!intake->parts[q].stream || strcmp(intake->parts[q].file, file) != 0);
        for (size_t q = p; q < intake->part_count; q++)
            has_any = has_any || (intake->parts[q].rejected > 0 && strcmp(intake->parts[q].file, file) == 0);
        if (!is_first || !has_any)
            continue;
        name_files(intake, folder, file, &records, &reasons);
        if (!records || !reasons)
            return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
        status = write_records(intake, file, records, reterr);
        if (status == TEND_OK)
            paths[count++] = records;
        if (status == TEND_OK || status == TEND_ENOTFOUND) {
            status = write_reasons(intake, file, reasons, reterr);
            if (status == TEND_OK)
                paths[count++] = reasons;
        }
    }
    return status;
}
