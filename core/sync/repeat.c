#include "sync/repeat.h"
#include "sync/intake.h"
#include "sync/owed.h"
#include "sync/record.h"

/* Its key is what stands in plain columns. */
static bool has_plain_key(const tend_mapping_stream *stream)
{
    for (size_t k = 0; k < stream->key_count; k++) {
        if (!tend_expression_is_column(stream->keys[k]))
            return false;
    }
    return stream->key_count > 0 && stream->key_count <= TEND_REPEAT_KEYS && !stream->numbers_repeats;
}

static bool is_plain(const tend_mapping_stream *stream)
{
    for (size_t f = 0; f < stream->field_count; f++) {
        const tend_mapping_field *field = &stream->fields[f];
        const tend_field *into = &stream->kind->fields[field->field];

        if (field->via || (into->type == TEND_REF && (field->by_field >= 0 || tend_intake_rank((tend_kind)into->target) >=
                                                                                  tend_intake_rank(stream->kind->kind))))
            return false;
    }
    return has_plain_key(stream) && stream->kind->kind != TEND_KIND_APPROVAL; /* whose those are depends on the row */
}

/* What is said of a kind that stands later in the order is settled late, and may take back what was good before. */
static bool looks_ahead(const tend_mapping *mapping)
{
    for (size_t s = 0; s < mapping->stream_count; s++) {
        const tend_mapping_stream *stream = &mapping->streams[s];

        for (size_t f = 0; f < stream->field_count; f++) {
            const tend_field *into = &stream->kind->fields[stream->fields[f].field];
            tend_kind target = stream->fields[f].via ? stream->fields[f].via : (tend_kind)into->target;

            if ((into->type == TEND_REF || stream->fields[f].via) &&
                tend_intake_rank(target) > tend_intake_rank(stream->kind->kind))
                return true;
        }
    }
    return false;
}

tend_status tend_repeats_open(tend_intake *intake, tend_error *reterr)
{
    tend_repeats *repeats = &intake->repeats;
    const tend_mapping *mapping = intake->mapping;
    int64_t owed = 0;
    tend_status status;

    if (intake->options->is_history || tend_store_is_simulated(tend_model_store(intake->model)) || looks_ahead(mapping))
        return TEND_OK;
    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        tend_repeat_kind *kind = &repeats->kinds[k];

        kind->is_plain = true;
        for (size_t s = 0; s < mapping->stream_count; s++) {
            if (mapping->streams[s].kind->kind == (tend_kind)k)
                kind->is_plain =
                    kind->is_plain && is_plain(&mapping->streams[s]) && !tend_intake_takes_last(intake, &mapping->streams[s]);
        }
        for (size_t f = 0; f < 64; f++)
            kind->is_plain = kind->is_plain && !intake->is_looked_up[k][f];
    }
    status = tend_repeat_identify(intake->model, mapping, intake->source_name, intake->options->principal, intake->arena,
                                  &repeats->id, reterr);
    if (status == TEND_OK) /* a record that is owed has to be seen to come */
        status = tend_owed_awaited(tend_model_store(intake->model), intake->source_name, &owed, reterr);
    repeats->is_on = status == TEND_OK;
    repeats->passes = owed == 0;
    return status;
}

void tend_repeats_close(tend_repeats *repeats)
{
    for (int k = 0; k < TEND_KIND_COUNT; k++) {
        tend_again_close(repeats->kinds[k].again);
        tend_came_clear(&repeats->kinds[k].came);
    }
}

/* The table of a kind, when it holds. */
static void look(tend_intake *intake, tend_kind number)
{
    tend_repeats *repeats = &intake->repeats;
    tend_repeat_kind *kind = &repeats->kinds[number];
    const char *seal = NULL;
    char path[4096];

    if (kind->is_tried)
        return;
    kind->is_tried = true;
    tend_repeat_kind_secret(repeats->id.secret, number, &kind->secret);
    if (!repeats->passes || tend_seal_get(intake->model, number, intake->arena, &seal, NULL) < 0 ||
        !tend_repeat_path(intake->options->spool_folder, intake->source_name, tend_schema_kind(intake->schema, number)->name, path,
                          sizeof path))
        return;
    kind->again = tend_again_open(path, repeats->id.validity, seal);
    if (kind->again && tend_came_open(&kind->came, intake->options->spool_folder, tend_again_slots(kind->again)) < 0) {
        tend_again_close(kind->again);
        kind->again = NULL;
    }
    if (kind->again)
        kind->shapes = tend_again_common(kind->again) & (TEND_SHAPE_LOWER | TEND_SHAPE_UPPER);
}

void tend_repeats_rest(tend_intake *intake)
{
    tend_again *again = intake->repeats.kinds[intake->parts[intake->current].kind->kind].again;

    if (again)
        tend_again_cool(again);
}

/* Whether a row that this part refers to may have been rejected after all. */
static bool leans_on_dropped(const tend_repeats *repeats, const tend_mapping_stream *stream)
{
    for (size_t f = 0; f < stream->field_count; f++) {
        const tend_field *into = &stream->kind->fields[stream->fields[f].field];

        if (into->type == TEND_REF && repeats->has_dropped[into->target])
            return true;
    }
    return false;
}

void tend_repeats_columns(tend_intake *intake, const char *const *names, uint32_t count, const char *const *key)
{
    tend_repeats *repeats = &intake->repeats;
    const tend_intake_part *part = &intake->parts[intake->current];
    const tend_mapping_stream *stream = part->stream;
    tend_repeat_kind *kind = &repeats->kinds[stream->kind->kind];

    repeats->hashes = repeats->is_passing = false;
    repeats->record = NULL;
    if (!repeats->is_on || !kind->is_plain)
        return;
    repeats->key_count = (uint32_t)stream->key_count;
    for (size_t k = 0; k < stream->key_count; k++) {
        size_t cell = intake->bind[tend_expression_column(stream->keys[k])];

        if (cell == TEND_NO_COLUMN)
            return;
        repeats->key_cells[k] = (uint32_t)cell;
    }
    tend_repeat_columns_secret(&repeats->id, (size_t)(stream - intake->mapping->streams), names, count, key,
                               &repeats->record_secret);
    look(intake, stream->kind->kind);
    repeats->hashes = true;
    intake->parts[intake->current].is_hashed = true;
    repeats->is_passing = kind->again && !leans_on_dropped(repeats, stream);
}
