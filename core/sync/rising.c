#include "sync/rising.h"
#include "sync/intake.h"
#include "sync/record.h"
#include <string.h>

static tend_rising *of(const tend_intake *intake, tend_kind kind)
{
    return (tend_rising *)(uintptr_t)&intake->rising[kind];
}

void tend_rising_begin(tend_intake *intake)
{
    const tend_mapping *mapping = intake->mapping;

    for (int k = 0; k < TEND_KIND_COUNT; k++)
        intake->rising[k] = (tend_rising){ .shapes = TEND_SHAPE_LOWER | TEND_SHAPE_UPPER };
    for (size_t s = 0; s < mapping->stream_count; s++) {
        const tend_mapping_stream *stream = &mapping->streams[s];

        if (stream->numbers_repeats) /* repeats are counted in the table */
            intake->rising[stream->kind->kind].has_table = true;
        for (size_t f = 0; f < stream->field_count; f++) {
            const tend_mapping_field *field = &stream->fields[f];
            const tend_field *into = &stream->kind->fields[field->field];

            if (into->type == TEND_REF)
                intake->rising[into->target].has_table = true;
            if (field->via)
                intake->rising[field->via].has_table = true;
        }
    }
}

/* Less than, equal to or greater than 0, as with memcmp. */
static int compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static bool is_above_by_length(const tend_rising *rising, const char *key, size_t length)
{
    return length != rising->length ? length > rising->length : memcmp(key, rising->highest, length) > 0;
}

bool tend_rising_is_new(const tend_intake *intake, tend_kind kind, const char *key, size_t length)
{
    const tend_rising *rising = of(intake, kind);

    if (rising->has_table || length > TEND_RISING_MAX)
        return false;
    return !rising->is_started || (rising->by_length && is_above_by_length(rising, key, length)) ||
           (rising->by_bytes && compare(key, length, rising->highest, rising->length) > 0);
}

void tend_rising_note(tend_intake *intake, tend_kind kind, const char *key, size_t length)
{
    tend_rising *rising = of(intake, kind);

    rising->by_length = !rising->is_started || (rising->by_length && is_above_by_length(rising, key, length));
    rising->by_bytes = !rising->is_started || (rising->by_bytes && compare(key, length, rising->highest, rising->length) > 0);
    rising->is_started = true;
    rising->length = length;
    memcpy(rising->highest, key, length);
}

/* Every row of the kind that stands in the spool, to `add`. */
static tend_status each_key(tend_intake *intake, tend_kind kind,
                            tend_status (*add)(tend_intake *intake, uint32_t row, const char *key, size_t length),
                            tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < intake->entry_count && status == TEND_OK; i++) {
        const char *key;
        size_t length;

        if (intake->offsets[i] == 0 || intake->parts[intake->entries[i].part].kind->kind != kind)
            continue;
        status = tend_spool_key(intake->spool, intake->offsets[i], &key, &length, reterr);
        if (status == TEND_OK && add(intake, (uint32_t)i, key, length) < 0)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    tend_spool_keys_end(intake->spool);
    return status;
}

static tend_status add_identity(tend_intake *intake, uint32_t row, const char *key, size_t length)
{
    uint32_t first;
    const tend_key hash = tend_key_of((int)intake->parts[intake->entries[row].part].kind->kind, -1, key, length);

    return tend_keys_add(&intake->identities, &hash, row, &first);
}

tend_status tend_rising_fill(tend_intake *intake, tend_kind kind, tend_error *reterr)
{
    tend_rising *rising = of(intake, kind);

    if (rising->has_table)
        return TEND_OK;
    rising->has_table = true;
    return each_key(intake, kind, add_identity, reterr);
}

/* Only those that tend_record_similar looks at. */
static tend_status add_similar(tend_intake *intake, uint32_t row, const char *key, size_t length)
{
    const tend_entry *entry = &intake->entries[row];
    const tend_mapping_stream *stream = intake->parts[entry->part].stream;
    uint32_t first;
    tend_key bare;

    if (!stream || stream->key_count == 0 || entry->before != TEND_NO_ROW)
        return TEND_OK;
    bare = tend_record_bare_key(stream->kind->kind, key, length);
    return tend_keys_add(&intake->similar, &bare, row, &first);
}

tend_status tend_rising_stands_out(tend_intake *intake, tend_kind kind, const char *key, size_t length, bool *ret_does,
                                   tend_error *reterr)
{
    tend_rising *rising = of(intake, kind);

    *ret_does = false;
    if (rising->has_similars)
        return TEND_OK;
    rising->shapes &= tend_record_shape(key, length);
    *ret_does = rising->shapes != 0 && !intake->repeats.kinds[kind].again;
    if (*ret_does)
        return TEND_OK;
    rising->has_similars = true;
    return each_key(intake, kind, add_similar, reterr);
}
