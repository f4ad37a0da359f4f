#include "sync/gather.h"
#include "sync/meta.h"
#include <stdlib.h>
#include <string.h>

tend_status tend_intake_open(tend_model *model, const tend_mapping *mapping, const char *source, const tend_import_options *options,
                             const char *spool_path, tend_intake **ret_intake, tend_error *reterr)
{
    tend_intake *intake = calloc(1, sizeof *intake);
    tend_status status = TEND_ENOMEM;

    if (!intake)
        return tend_fail(reterr, status, "memory is used up");
    intake->model = model;
    intake->schema = tend_model_schema(model);
    intake->mapping = mapping;
    intake->source_name = source;
    intake->options = options;
    intake->now = tend_model_now(model);
    intake->entry_shelf.folder = intake->offset_shelf.folder = options->spool_folder;
    intake->identities.shelf.folder = intake->names.shelf.folder = intake->similar.shelf.folder = options->spool_folder;
    intake->latest.shelf.folder = options->spool_folder;
    intake->arena = tend_arena_new();
    intake->scratch = tend_arena_new();
    if (!intake->arena || !intake->scratch) {
        (void)tend_fail(reterr, status, "memory is used up");
        goto out;
    }
    status = tend_model_begin(model, reterr);
    if (status < 0)
        goto out;
    status = tend_model_source(model, source, &intake->source, reterr);
    if (status == TEND_OK)
        status = tend_model_commit(model, reterr);
    else
        tend_model_rollback(model);
    if (status == TEND_OK)
        status = tend_spool_create(spool_path, &intake->spool, reterr);
    if (status < 0)
        goto out;
    for (size_t s = 0; s < mapping->stream_count; s++) {
        const tend_mapping_stream *stream = &mapping->streams[s];

        for (size_t f = 0; f < stream->field_count; f++) {
            const tend_field *field = &stream->kind->fields[stream->fields[f].field];

            if (field->type == TEND_REF && stream->fields[f].by_field >= 0 && stream->fields[f].by_field < 64)
                intake->is_looked_up[field->target][stream->fields[f].by_field] = true;
        }
    }
    tend_rising_begin(intake);
    status = tend_repeats_open(intake, reterr);
    if (status < 0)
        goto out;
    *ret_intake = intake;
    intake = NULL;
out:
    tend_intake_close(intake);
    return status;
}

void tend_intake_close(tend_intake *intake)
{
    if (!intake)
        return;
    tend_spool_close(intake->spool);
    tend_repeats_close(&intake->repeats);
    tend_readies_clear(&intake->readies);
    tend_arena_free(intake->arena);
    tend_arena_free(intake->scratch);
    tend_keys_clear(&intake->identities);
    tend_keys_clear(&intake->names);
    tend_keys_clear(&intake->similar);
    tend_keys_clear(&intake->latest);
    free(intake->parts);
    tend_shelf_clear(&intake->entry_shelf);
    tend_shelf_clear(&intake->offset_shelf);
    free(intake->deferred);
    free(intake->leaning);
    free(intake->rejected);
    free(intake->notes);
    free(intake);
}

tend_status tend_intake_part_add(tend_intake *intake, const tend_mapping_stream *stream, const char *file, const char *name,
                                 tend_error *reterr)
{
    tend_intake_part part = { .stream = stream,
                              .kind = stream->kind,
                              .file = tend_arena_string(intake->arena, file),
                              .name = tend_arena_string(intake->arena, name) };
    size_t at;

    if (intake->part_count == intake->part_room) {
        tend_intake_part *parts = realloc(intake->parts, (intake->part_room + 16) * sizeof *parts);

        if (!parts)
            return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
        intake->parts = parts;
        intake->part_room += 16;
    }
    if (!part.file)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    /* In the order of their kinds; parts of one kind as the mapping has them. */
    for (at = intake->part_count;
         at > 0 && tend_intake_rank(intake->parts[at - 1].kind->kind) > tend_intake_rank(stream->kind->kind); at--)
        intake->parts[at] = intake->parts[at - 1];
    intake->parts[at] = part;
    intake->part_count++;
    return TEND_OK;
}

/* Remarks about a whole part. */
static tend_status add_remarks(tend_intake *intake, uint32_t number)
{
    const tend_intake_part *part = &intake->parts[number];
    char reason[200];
    tend_status status = TEND_OK;

    intake->current = number;
    if (part->numbered > 0 && part->stream->key_count == 0) {
        (void)snprintf(reason, sizeof reason, "%lld records are the same as an earlier one; each is kept under a number of its own",
                       (long long)part->numbered);
        status = tend_intake_note(intake, false, 0, NULL, NULL, 0, reason);
    }
    if (part->rounded > 0 && status == TEND_OK) {
        (void)snprintf(reason, sizeof reason, "%lld amounts had more digits than their currency; rounded, half away from zero",
                       (long long)part->rounded);
        status = tend_intake_note(intake, false, 0, NULL, NULL, 0, reason);
    }
    if (part->assumed > 0 && status == TEND_OK) {
        (void)snprintf(reason, sizeof reason, "%lld records do not say when they were known; assumed: when they happened",
                       (long long)part->assumed);
        status = tend_intake_note(intake, false, 0, NULL, NULL, 0, reason);
    }
    if (part->ancient > 0 && status == TEND_OK) {
        char day[TEND_DATE_ROOM];

        (void)snprintf(reason, sizeof reason,
                       "times of change before 1990: %lld, the first on %s; a connector gives milliseconds since 1970, not seconds",
                       (long long)part->ancient,
                       tend_date_format((tend_date)((part->oldest - (part->oldest < 0 ? 86399999 : 0)) / 86400000), day));
        status = tend_intake_note(intake, false, 0, NULL, NULL, 0, reason);
    }
    return status;
}

/* What was rejected behind a bookmark that is kept, which the source does not send again by itself, and what keeps it where it is.
 */
static tend_status list_owed(tend_intake *intake, tend_spool_meta *meta, tend_error *reterr)
{
    tend_owed *list = tend_arena_take(intake->arena, (intake->rejected_count + 1) * sizeof *list);
    size_t count = 0;

    if (!list)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    for (size_t i = 0; i < intake->rejected_count; i++) {
        const tend_rejected *rejected = &intake->rejected[i];
        const tend_import_note *note = rejected->note < intake->note_count ? &intake->notes[rejected->note] : NULL;
        const char *key = rejected->key;
        tend_status status = TEND_OK;

        if ((rejected->offset == 0 && !key) || rejected->came_well)
            continue;
        if (rejected->offset > 0)
            status = tend_spool_external(intake->spool, rejected->offset, intake->arena, &key, reterr);
        if (status < 0)
            return status;
        list[count++] =
            (tend_owed){ .stream = intake->parts[rejected->part].stream ? intake->parts[rejected->part].stream->name : "names",
                         .key = key ? key : "?",
                         .file = rejected->file,
                         .line = rejected->line,
                         .column = note ? note->column : NULL,
                         .reason = note ? note->reason : "" };
    }
    meta->owed = list;
    meta->owed_count = count;
    return TEND_OK;
}

static tend_status write_meta(tend_intake *intake, const tend_gathering *gathering, const char *const *rejects, tend_buffer *out,
                              tend_error *reterr)
{
    const tend_principal *principal = gathering->options->principal;
    tend_spool_meta meta = { .mapping = intake->mapping->name,
                             .source = intake->source_name,
                             .label = gathering->label,
                             .resume_key = gathering->resume_key,
                             .sync = gathering->sync,
                             .principal = principal ? principal->name : "administrator",
                             .principal_kind = principal ? (int64_t)principal->kind : TEND_PRINCIPAL_ADMINISTRATOR,
                             .principal_user = principal ? principal->user : 0,
                             .keeps_good = gathering->options->keeps_good,
                             .is_history = gathering->options->is_history,
                             .part_count = intake->part_count,
                             .notes = intake->notes,
                             .note_count = intake->note_count,
                             .notes_left = intake->notes_left,
                             .stubs = intake->stubs,
                             .rejects = rejects,
                             .has_repeat = intake->repeats.is_on,
                             .repeat = intake->repeats.id };
    tend_spool_part *parts = tend_arena_take(intake->arena, (intake->part_count + 1) * sizeof *parts);
    tend_status status;

    if (!parts)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    status = list_owed(intake, &meta, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < intake->part_count; i++) {
        const tend_intake_part *part = &intake->parts[i];

        parts[i].counts = (tend_import_part){ .file = part->file,
                                              .stream = part->stream ? part->stream->name : "names",
                                              .kind = part->kind->name,
                                              .read = part->read,
                                              .unchanged = part->same + part->passed,
                                              .repeated = part->passed,
                                              .rejected = part->rejected };
        parts[i].bookmark = part->bookmark;
        parts[i].name = part->name ? part->name : "";
        parts[i].faults = part->faults;
        parts[i].is_whole = part->is_whole && part->faults == 0;
        parts[i].is_anew = part->is_anew;
        parts[i].is_stub = !part->stream;
        parts[i].is_hashed = part->is_hashed;
    }
    meta.parts = parts;
    tend_spool_meta_write(&meta, out);
    return out->failed ? tend_fail(reterr, TEND_ENOMEM, "memory is used up") : TEND_OK;
}

static tend_status finish(tend_intake *intake, const tend_gathering *gathering, tend_error *reterr)
{
    static const char *const none[] = { NULL };
    const char *const *rejects = none;
    tend_buffer meta = { 0 };
    tend_shelf order = { .folder = gathering->options->spool_folder };
    tend_shelf found = { .folder = gathering->options->spool_folder };
    size_t count = 0;
    tend_status status = TEND_OK;

    tend_intake_prune(intake);
    status = tend_intake_pass_mended(intake, reterr);
    if (status == TEND_OK && gathering->options->reject_folder)
        status = tend_intake_write_rejects(intake, gathering->options->reject_folder, &rejects, reterr);
    if (status < 0)
        return status;
    status = tend_intake_order(intake, &order, &count, &found, reterr);
    if (status == TEND_OK)
        status = write_meta(intake, gathering, rejects, &meta, reterr);
    if (status == TEND_OK)
        status = tend_spool_finish(
            intake->spool,
            &(tend_spool_lists){ order.bytes, count, intake->offsets, found.room > 0 ? found.bytes : NULL, intake->entry_count },
            &meta, reterr);
    tend_shelf_clear(&order);
    tend_shelf_clear(&found);
    tend_buffer_clear(&meta);
    return status;
}

/* Whether no record refers to one that may come later: then what came up to a bookmark can be stored before the rest is there. */
static bool stands_alone(const tend_intake *intake)
{
    for (size_t i = 0; i < intake->part_count; i++) {
        const tend_mapping_stream *stream = intake->parts[i].stream;

        for (size_t f = 0; stream && f < stream->field_count; f++) {
            const tend_field *into = &stream->kind->fields[stream->fields[f].field];

            if (into->type == TEND_REF && tend_intake_rank((tend_kind)into->target) >= tend_intake_rank(stream->kind->kind))
                return false;
            if (stream->fields[f].via && tend_intake_rank(stream->fields[f].via) >= tend_intake_rank(stream->kind->kind))
                return false;
        }
        if (stream && !tend_intake_takes_last(intake, stream))
            return false;
    }
    return true;
}

tend_status tend_intake_gather(tend_intake *intake, const tend_gathering *gathering,
                               tend_status (*pull)(tend_intake *intake, uint32_t part, void *self, tend_error *reterr), void *self,
                               tend_error *reterr)
{
    size_t given = intake->part_count; /* stubs come behind */
    tend_status status = TEND_OK;

    intake->has_legs = gathering->ret_more && stands_alone(intake);
    for (size_t i = 0; i < given && status == TEND_OK; i++) {
        tend_kind kind = intake->parts[i].kind->kind;

        status = pull(intake, (uint32_t)i, self, reterr);
        if (status < 0 && intake->has_leg_ended && tend_intake_cut(intake, (uint32_t)i)) {
            *gathering->ret_more = true;
            given = i + 1;
            status = TEND_OK;
        }
        if (status < 0 && status != TEND_ENOMEM && gathering->ret_cut && !intake->is_refused &&
            tend_intake_cut(intake, (uint32_t)i)) {
            *gathering->ret_cut = *reterr;
            *gathering->ret_why = status;
            given = i + 1;
            status = TEND_OK;
        }
        if (status == TEND_OK && (i + 1 == given || intake->parts[i + 1].kind->kind != kind))
            status = tend_intake_settle(intake, kind, reterr);
        if (status == TEND_OK && add_remarks(intake, (uint32_t)i) < 0)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    return status < 0 ? status : finish(intake, gathering, reterr);
}
