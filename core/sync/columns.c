/* columns.c: the columns of a file against those that a stream reads. */
#include "base/near.h"
#include "sync/intake.h"
#include <string.h>

static tend_status refuse_column(tend_intake *intake, size_t column, const char *where, const char *const *names, uint32_t count,
                                 tend_error *reterr)
{
    const tend_intake_part *part = &intake->parts[intake->current];
    const char **known = tend_arena_take(intake->arena, (count + 1) * sizeof *known);
    const char *near;

    if (!known)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    for (uint32_t i = 0; i < count; i++)
        known[i] = names[i];
    if (count == 1 && !intake->may_grow && strpbrk(names[0], ",;\t|"))
        return tend_fail(reterr, TEND_EINVAL,
                         "%s:1: has one column alone, '%.60s'; write what stands between its columns, such as delimiter = %s, in "
                         "mapping %s",
                         part->file, names[0],
                         strchr(names[0], ';')    ? "semicolon"
                         : strchr(names[0], '\t') ? "tab"
                         : strchr(names[0], '|')  ? "pipe"
                                                  : "comma",
                         intake->mapping->name);
    near = tend_near(part->stream->columns.names[column], known);
    return tend_fail(reterr, TEND_EINVAL, "%s%s: there is no column '%s', which %s of mapping %s reads%s%s%s", part->file,
                     intake->may_grow ? "" : ":1", part->stream->columns.names[column], where, intake->mapping->name,
                     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* What a record is told by, and its times. */
static tend_status refuse_missing(tend_intake *intake, const bool *is_there, const char *const *names, uint32_t count,
                                  tend_error *reterr)
{
    const tend_mapping_stream *stream = intake->parts[intake->current].stream;
    size_t missing = 0;
    char where[128];

    (void)snprintf(where, sizeof where, "[stream.%s]", stream->name);
    for (size_t k = 0; k < stream->key_count; k++) {
        if (!tend_expression_can(stream->keys[k], is_there, &missing))
            return refuse_column(intake, missing, where, names, count, reterr);
    }
    if ((stream->effective && !tend_expression_can(stream->effective, is_there, &missing)) ||
        (stream->known_at && !tend_expression_can(stream->known_at, is_there, &missing)))
        return refuse_column(intake, missing, where, names, count, reterr);
    return TEND_OK;
}

/* New columns stand behind those that were named before: what has been read of the mapping by number stays true. */
static tend_status check_head(tend_intake *intake, const char *const *names, uint32_t count, tend_error *reterr)
{
    const tend_intake_part *part = &intake->parts[intake->current];
    uint32_t i = 0;

    while (i < part->header_count && i < count && strcmp(part->header[i], names[i]) == 0)
        i++;
    if (!part->header || i == part->header_count)
        return TEND_OK;
    return tend_fail(
        reterr, TEND_EINVAL,
        "%s: the connector names its columns anew, and column %u is '%s' instead of '%s'; it may only add some behind them "
        "(tend plugin check finds it)",
        part->file, i + 1, i < count ? names[i] : "", part->header[i]);
}

tend_status tend_intake_columns(tend_intake *intake, const char *const *names, uint32_t count, const char *const *key,
                                tend_error *reterr)
{
    tend_intake_part *part = &intake->parts[intake->current];
    const tend_mapping_stream *stream = part->stream;
    const char **header = tend_arena_take(intake->arena, (count + 1) * sizeof *header);
    bool *is_there = tend_arena_take(intake->arena, (stream->columns.count + 1) * sizeof *is_there);
    size_t missing = 0;
    char where[128];

    if (!header || !is_there)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    if (check_head(intake, names, count, reterr) < 0) {
        intake->is_refused = true;
        return TEND_EINVAL;
    }
    for (uint32_t i = 0; i < count; i++) {
        header[i] = tend_arena_string(intake->arena, names[i]);
        if (!header[i])
            return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    part->header = header;
    part->header_count = count;
    for (size_t c = 0; c < stream->columns.count; c++) {
        intake->bind[c] = TEND_NO_COLUMN;
        for (uint32_t i = count; i > 0; i--) {
            if (strcmp(names[i - 1], stream->columns.names[c]) == 0)
                intake->bind[c] = i - 1;
        }
        is_there[c] = intake->bind[c] != TEND_NO_COLUMN;
    }
    intake->key_cells = 0;
    while (key && key[intake->key_cells])
        intake->key_cells++;
    for (size_t f = 0; f < stream->field_count; f++) {
        intake->is_used[f] = intake->may_grow || tend_expression_can(stream->fields[f].value, is_there, &missing);
        if (!intake->is_used[f] && !stream->skips_missing) {
            (void)snprintf(where, sizeof where, "[fields.%s] %s", stream->name, part->kind->fields[stream->fields[f].field].name);
            return refuse_column(intake, missing, where, names, count, reterr);
        }
    }
    return intake->may_grow ? TEND_OK : refuse_missing(intake, is_there, names, count, reterr);
}

/* Columns that a mapping reads and that never came. */
tend_status tend_intake_columns_end(tend_intake *intake, uint32_t part, bool is_open, tend_error *reterr)
{
    const tend_intake_part *pulled = &intake->parts[part];
    const tend_mapping_stream *stream = pulled->stream;
    bool *is_there = tend_arena_take(intake->arena, stream->columns.count + 1);
    tend_status status = is_there ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");

    if (status < 0 || pulled->read - pulled->removals - pulled->faults <= 0)
        return status;
    for (size_t c = 0; c < stream->columns.count; c++)
        is_there[c] = intake->bind[c] != TEND_NO_COLUMN;
    intake->current = part;
    for (size_t f = 0; status == TEND_OK && !stream->skips_missing && f < stream->field_count; f++) {
        size_t missing = 0;
        char where[128];

        if (tend_expression_can(stream->fields[f].value, is_there, &missing))
            continue;
        (void)snprintf(where, sizeof where, "[fields.%s] %s", stream->name, pulled->kind->fields[stream->fields[f].field].name);
        if (stream->rejects_missing || !is_open)
            status = refuse_column(intake, missing, where, pulled->header, pulled->header_count, reterr);
        else if (tend_intake_note(intake, false, 0, stream->columns.names[missing], NULL, 0,
                                  "this column never came; the field that reads it was left alone") < 0)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    if (status == TEND_OK && !is_open)
        status = refuse_missing(intake, is_there, pulled->header, pulled->header_count, reterr);
    intake->is_refused = intake->is_refused || status == TEND_EINVAL;
    return status;
}
