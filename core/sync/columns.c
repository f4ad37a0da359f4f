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
    near = tend_near(part->stream->columns.names[column], known);
    return tend_fail(reterr, TEND_EINVAL, "%s:1: there is no column '%s', which %s of mapping %s reads%s%s%s", part->file,
                     part->stream->columns.names[column], where, intake->mapping->name, near ? "; did you mean '" : "",
                     near ? near : "", near ? "'?" : "");
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
    if (intake->may_grow)
        return TEND_OK;
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
