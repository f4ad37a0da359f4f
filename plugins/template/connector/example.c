/* example: records from a file that only grows, one line for each change.
 *
 *     id<TAB>name<TAB>city        the first line names the columns, the first of them identifies a record
 *     17<TAB>Acme<TAB>Seoul       a record, new or changed
 *     -17                         the record 17 is gone
 *
 * The bookmark is how far the file was read, in bytes, and how many lines that were. Replace `read_line` by whatever your source
 * needs; the order of calls stays. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tend/plugin.h>

/* Few, so that plugin check meets bookmarks in a small source; for a large one some hundreds do. */
enum { CELLS_MAX = 64, LINES_PER_CHECKPOINT = 3 };

typedef struct example_state {
    const tend_host *host; /* borrowed until close */
    const char *path;      /* borrowed until close */
} example_state;

/* Looks at the settings and reaches nothing outside. */
static tend_status example_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    example_state *self = calloc(1, sizeof *self);

    if (!self)
        return tend_fail(reterr, TEND_ENOMEM, "example: no memory");
    self->host = host;
    self->path = host->setting(host, "path"); /* required: it is there */
    *ret_self = self;
    return TEND_OK;
}

static tend_status example_streams(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out,
                                   tend_error *reterr)
{
    (void)self;
    (void)reterr;
    return put(out, &(tend_stream){ .name = "changes", .about = "every line of the file" });
}

/* One line without its end; -1 at the end of the file. A last line without an end is not complete yet and waits. */
static ssize_t read_line(FILE *file, char **line, size_t *room)
{
    ssize_t length = getline(line, room, file);

    if (length <= 0)
        return -1;
    if ((*line)[length - 1] != '\n') { /* the bookmark is to stay before it */
        (void)fseek(file, -(long)length, SEEK_CUR);
        return -1;
    }
    (*line)[--length] = '\0';
    return length;
}

/* Cuts the line at its tabs. More than CELLS_MAX are counted, not kept. */
static uint32_t cut(char *line, tend_cell cells[CELLS_MAX])
{
    uint32_t count = 0;

    for (char *at = line, *end = line; end; at = end + 1, count++) {
        end = strchr(at, '\t');
        if (count < CELLS_MAX)
            cells[count] = (tend_cell){ .text = at, .length = end ? (size_t)(end - at) : strlen(at) };
        if (end)
            *end = '\0';
    }
    return count;
}

static tend_status put_columns(char *line, tend_record_out *out, uint32_t *ret_count, tend_error *reterr)
{
    tend_cell cells[CELLS_MAX];
    const char *names[CELLS_MAX], *key[] = { NULL, NULL };

    *ret_count = cut(line, cells);
    if (*ret_count > CELLS_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "example: more than %d columns; name fewer in the first line", CELLS_MAX);
    for (uint32_t i = 0; i < *ret_count; i++)
        names[i] = cells[i].text;
    key[0] = names[0];
    return out->columns(out, names, *ret_count, key);
}

static tend_status put_line(char *line, uint32_t columns, uint64_t number, tend_record_out *out)
{
    tend_cell cells[CELLS_MAX];
    uint32_t count;

    if (line[0] == '-')
        return out->tombstone(out, &(tend_cell){ .text = line + 1, .length = strlen(line + 1) }, 1, TEND_NO_TIME);
    count = cut(line, cells);
    if (count > columns || cells[0].length == 0) /* the record is wrong, not the whole file: it is listed, and we go on */
        return out->reject(out, number, NULL, line, strlen(line), count > columns ? "it has too many cells" : "it has no id");
    return out->record(out, cells, count, number, TEND_NO_TIME);
}

static tend_status put_checkpoint(FILE *file, uint64_t number, tend_record_out *out)
{
    char bookmark[60];
    int length = snprintf(bookmark, sizeof bookmark, "%ld %llu", ftell(file), (unsigned long long)number);

    return out->checkpoint(out, bookmark, (size_t)length);
}

/* To where the last pull ended. A bookmark that is none of ours is a failure, never a guess. */
static tend_status go_on(FILE *file, const char *bookmark, uint64_t *number, tend_error *reterr)
{
    long offset = 0;
    unsigned long long lines = 0;
    char rest;

    if (sscanf(bookmark, "%ld %llu%c", &offset, &lines, &rest) != 2 || offset < ftell(file))
        return tend_fail(reterr, TEND_EINVAL, "example: '%.40s' is no bookmark of this connector; begin anew", bookmark);
    if (fseek(file, 0, SEEK_END) != 0 || ftell(file) < offset)
        return tend_fail(reterr, TEND_EINVAL, "example: the file is shorter than it was; begin anew");
    if (fseek(file, offset, SEEK_SET) != 0)
        return tend_fail(reterr, TEND_EIO, "example: the file cannot be read from byte %ld on", offset);
    *number = lines;
    return TEND_OK;
}

/* Every function of `out` may say that it is enough: its failure is returned at once. */
static tend_status example_pull(void *self_, const tend_pull *request, tend_record_out *out, tend_error *reterr)
{
    const example_state *self = self_;
    FILE *file = NULL;
    char *line = NULL;
    size_t room = 0;
    uint32_t columns = 0;
    uint64_t number = 1, records = 0;
    tend_status status = TEND_OK;

    if (strcmp(request->stream, "changes") != 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "example: there is no stream %s; there is changes", request->stream);
    file = fopen(self->path, "re");
    if (!file)
        return tend_fail(reterr, TEND_EIO, "example: path: %s: %s", self->path, strerror(errno));
    if (read_line(file, &line, &room) >= 0)
        status = put_columns(line, out, &columns, reterr);
    if (status >= 0 && columns > 0 && request->bookmark)
        status = go_on(file, request->bookmark, &number, reterr);
    while (status >= 0 && columns > 0 && (request->limit == 0 || records < request->limit) && read_line(file, &line, &room) >= 0) {
        number++;
        records += line[0] != '-';
        status = put_line(line, columns, number, out);
        if (status >= 0 && number % LINES_PER_CHECKPOINT == 0)
            status = put_checkpoint(file, number, out);
        if (status >= 0 && self->host->is_cancelled(self->host))
            status = tend_fail(reterr, TEND_ELIMIT, "example: told to end");
    }
    if (status >= 0 && columns > 0 && request->limit == 0)
        status = put_checkpoint(file, number, out);
    free(line);
    (void)fclose(file);
    return status;
}

static const tend_option settings[] = {
    { .key = "path", .type = TEND_OPTION_PATH, .help = "the file of changes", .is_required = true },
    { .key = NULL },
};

static const tend_connector_ops ops = { .size = sizeof ops, .streams = example_streams, .pull = example_pull };

static const tend_capability capabilities[] = {
    { TEND_CONNECTOR, "example", "records from a file of changes", &ops },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(example, "0.1.0", TEND_PROVIDES_CONNECTOR, TEND_NEEDS_FILES, .summary = "Records from a file of changes",
            .settings = settings, .capabilities = capabilities, .open = example_open, .close = free)
