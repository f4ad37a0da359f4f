/* reject.c: rejected records in files of their own, with the original columns, to be mended and imported alone. */
#include "base/file.h"
#include "base/utf8.h"
#include "sync/intake.h"
#include "sync/owed.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
        tend_rejected *rejected = &intake->rejected[i];
        const tend_cell *cells;
        uint32_t count;

        if (strcmp(intake->parts[rejected->part].file, file) == 0 && rejected->offset != 0)
            rejected->file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
        if (rejected->came_well || strcmp(intake->parts[rejected->part].file, file) != 0 ||
            (rejected->line > 0 && rejected->line == last_line))
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

static void put_next(tend_buffer *out, const char *text, char delimiter)
{
    tend_buffer_byte(out, delimiter);
    put_cell(out, text ? text : "", text ? strlen(text) : 0, delimiter);
}

/* With the delimiter of the file itself, so that both open in the same program. */
static tend_status write_reasons(tend_intake *intake, const char *file, char delimiter, const char *path, tend_error *reterr)
{
    static const char *const headings[] = { "line", "column", "value", "reason" };
    tend_buffer out = { 0 };
    tend_status status;

    tend_buffer_text(&out, "file");
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        put_next(&out, headings[i], delimiter);
    tend_buffer_text(&out, "\r\n");
    for (size_t i = 0; i < intake->note_count; i++) {
        const tend_import_note *note = &intake->notes[i];

        if (!note->is_reject || strcmp(intake->parts[note->part].file, file) != 0)
            continue;
        put_cell(&out, file, strlen(file), delimiter);
        tend_buffer_print(&out, "%c%llu", delimiter, (unsigned long long)note->line);
        put_next(&out, note->column, delimiter);
        put_next(&out, note->value, delimiter);
        put_next(&out, note->reason, delimiter);
        tend_buffer_text(&out, "\r\n");
    }
    status = out.failed ? tend_fail(reterr, TEND_ENOMEM, "memory is used up")
                        : tend_file_write_atomic(path, tend_buffer_string(&out), out.length, 0600, reterr);
    tend_buffer_clear(&out);
    return status;
}

typedef struct reject_files {
    const char *records, *reasons; /* from the arena */
} reject_files;

/* "accounts.csv.gz" → "accounts.rejected.csv", beside it "accounts.reasons.csv"; the second: "accounts.rejected-2.csv". */
static tend_status name_files(const tend_intake *intake, const char *folder, const char *file, unsigned number,
                              reject_files *ret_files, tend_error *reterr)
{
    const char *slash = strrchr(file, '/');
    char base[200], which[16] = "";
    char *end;

    (void)snprintf(base, sizeof base, "%s", slash ? slash + 1 : file);
    end = strstr(base, ".rejected");
    if (!end)
        end = strrchr(base, '.');
    if (end && intake->may_grow && strcasecmp(end, ".csv") != 0 && strcasecmp(end, ".gz") != 0)
        end = NULL; /* a connector's stream: schema.table */
    if (end && strcasecmp(end, ".gz") == 0) {
        *end = '\0';
        end = strrchr(base, '.');
    }
    if (end && end != base)
        *end = '\0';
    if (number > 1)
        (void)snprintf(which, sizeof which, "-%u", number);
    ret_files->records = tend_arena_print(intake->arena, "%s/%s.rejected%s.csv", folder, base, which);
    ret_files->reasons = tend_arena_print(intake->arena, "%s/%s.reasons%s.csv", folder, base, which);
    return ret_files->records && ret_files->reasons ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
}

/* Both files are left with one time of change; whoever saves one of them takes it from there. */
static bool is_edited(const reject_files *files)
{
    struct stat records, reasons;

    if (stat(files->records, &records) < 0)
        return false;
    return stat(files->reasons, &reasons) < 0 || records.st_mtim.tv_sec != reasons.st_mtim.tv_sec ||
           records.st_mtim.tv_nsec != reasons.st_mtim.tv_nsec;
}

static void mark_untouched(const reject_files *files)
{
    struct stat reasons;

    if (stat(files->reasons, &reasons) == 0)
        (void)utimensat(AT_FDCWD, files->records, (struct timespec[]){ reasons.st_mtim, reasons.st_mtim }, 0);
}

/* The first pair that nobody has edited and that this import has not written, for a file of the same name in another folder. */
static tend_status choose_files(tend_intake *intake, const char *folder, uint32_t part, const char *const *written,
                                reject_files *ret_files, tend_error *reterr)
{
    const char *left = NULL;
    char reason[500];
    tend_status status = TEND_OK;

    for (unsigned number = 1; status == TEND_OK; number++) {
        bool is_taken = false;

        status = name_files(intake, folder, intake->parts[part].file, number, ret_files, reterr);
        for (size_t i = 0; status == TEND_OK && written[i]; i++)
            is_taken = is_taken || strcmp(written[i], ret_files->records) == 0;
        if (status < 0 || is_taken)
            continue;
        status = tend_owed_has_file(tend_model_store(intake->model), strrchr(ret_files->records, '/') + 1,
                                    intake->parts[part].is_whole ? intake->source_name : NULL, &is_taken, reterr);
        if (status < 0 || is_taken)
            continue; /* it holds what would not come again */
        if (!is_edited(ret_files))
            break;
        if (!left)
            left = strrchr(ret_files->records, '/') + 1;
    }
    if (status < 0 || !left)
        return status;
    (void)snprintf(reason, sizeof reason, "%s was edited after it was written: it is left alone, this time's rejects are in %s",
                   left, strrchr(ret_files->records, '/') + 1);
    intake->current = part;
    return tend_intake_note(intake, false, 0, NULL, NULL, 0, reason) < 0 ? tend_fail(reterr, TEND_ENOMEM, "memory is used up")
                                                                         : TEND_OK;
}

tend_status tend_intake_pass_mended(tend_intake *intake, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < intake->rejected_count && status == TEND_OK; i++) {
        tend_rejected *rejected = &intake->rejected[i];
        const tend_intake_part *part = &intake->parts[rejected->part];
        const char *external = NULL;
        uint32_t row, last;
        tend_key key;

        if (rejected->offset == 0 || !part->stream || !tend_intake_takes_last(intake, part->stream))
            continue;
        tend_arena_reset(intake->scratch);
        status = tend_spool_external(intake->spool, rejected->offset, intake->scratch, &external, reterr);
        if (status < 0 || !external)
            continue;
        status = tend_rising_fill(intake, part->kind->kind, reterr);
        if (status < 0)
            continue;
        key = tend_key_of((int)part->kind->kind, -1, external, strlen(external));
        row = tend_keys_find(&intake->identities, &key);
        last = tend_keys_find(&intake->latest, &key);
        row = last == TEND_NO_ROW ? row : last;
        rejected->came_well =
            row != TEND_NO_ROW && intake->offsets[row] > rejected->offset && !(intake->entries[row].flags & TEND_ENTRY_REJECTED);
    }
    return status;
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
        reject_files files;
        bool is_first = intake->parts[p].stream != NULL, has_any = false;

        for (size_t q = 0; q < p; q++)
            is_first = is_first && (!intake->parts[q].stream || strcmp(intake->parts[q].file, file) != 0);
        for (size_t q = p; q < intake->part_count; q++)
            has_any = has_any || (intake->parts[q].rejected > 0 && strcmp(intake->parts[q].file, file) == 0);
        if (!is_first || !has_any)
            continue;
        status = choose_files(intake, folder, (uint32_t)p, paths, &files, reterr);
        if (status < 0)
            return status;
        status = write_records(intake, file, files.records, reterr);
        if (status == TEND_OK)
            paths[count++] = files.records;
        if (status == TEND_OK || status == TEND_ENOTFOUND) {
            status = write_reasons(intake, file, delimiter_of(&intake->parts[p]), files.reasons, reterr);
            if (status == TEND_OK)
                paths[count++] = files.reasons;
            mark_untouched(&files);
        }
    }
    return status;
}
