/* apply.c: the second half of an import: a finished spool into the model, chunk by chunk. */
#include "base/failpoint.h"
#include "model/batch.h"
#include "sync/import.h"
#include "sync/learn.h"
#include "sync/meta.h"
#include "sync/shelf.h"
#include "sync/spool.h"
#include "sync/state.h"
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct applying {
    tend_model *model;
    const tend_import_options *options;
    tend_spooled *spooled;
    tend_spool_meta meta;
    tend_arena *arena;
    tend_principal principal;
    tend_origin origin;
    tend_learn *learn; /* owned */
    tend_shelf id_shelf;
    int64_t *ids; /* on the shelf, by row number; 0: not applied by this process */
    tend_assignment *fields;
    int room;
    size_t done;           /* rows in the order */
    int64_t batch, events; /* batch 0: nothing new came so far */
    bool is_begun;         /* the batch is on record */
    bool is_resumed, is_refused, is_loading;
    bool *holds;            /* by part: a record was refused by the store, so that the bookmark stays and it comes again */
    tend_import_note *late; /* rejected by the store itself, after the spool was made */
    size_t late_count, late_room;
} applying;

static tend_status add_late(applying *a, const tend_spool_row *row, bool is_reject, const char *reason)
{
    tend_import_note *note;

    if (a->late_count == a->late_room) {
        size_t room = a->late_room == 0 ? 64 : a->late_room * 2;
        tend_import_note *late = realloc(a->late, room * sizeof *late);

        if (!late)
            return TEND_ENOMEM;
        a->late = late;
        a->late_room = room;
    }
    note = &a->late[a->late_count++];
    *note = (tend_import_note){ .is_reject = is_reject,
                                .part = row->part,
                                .line = row->line,
                                .value = is_reject ? tend_arena_copy(a->arena, row->external, row->external_length) : NULL,
                                .reason = tend_arena_string(a->arena, reason) };
    return note->reason ? TEND_OK : TEND_ENOMEM;
}

/* What was erased does not come back, and that is said; the record's own words are not repeated. */
static tend_status add_erased(applying *a, const tend_spool_row *row, int values)
{
    char reason[160];

    (void)snprintf(reason, sizeof reason, "this %s was erased: %d %s of the record left out; erase it in the source, too",
                   tend_schema_kind(tend_model_schema(a->model), row->kind)->name, values, values == 1 ? "value" : "values");
    return add_late(a, row, false, reason);
}

/* The id that a row of the spool has got, now or before a crash. */
static tend_status id_of(applying *a, uint32_t row, int64_t *ret_id, tend_error *reterr)
{
    tend_assignment *fields;
    tend_spool_row referred;
    tend_status status;

    *ret_id = 0;
    if (row >= tend_spooled_rows(a->spooled))
        return tend_fail(reterr, TEND_ECORRUPT, "the spool refers to a row that it does not have; delete it and import again");
    if (a->ids[row] != 0) {
        *ret_id = a->ids[row];
        return TEND_OK;
    }
    fields = malloc((size_t)a->room * sizeof *fields);
    if (!fields)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    status = tend_spooled_row(a->spooled, row, fields, a->room, &referred, reterr);
    free(fields);
    if (status < 0)
        return status;
    status =
        tend_identity_find(a->model, a->origin.source, referred.kind, referred.external, referred.external_length, ret_id, reterr);
    a->ids[row] = *ret_id;
    return status;
}

/* What stands in the field of row `id`. */
static tend_status go_via(applying *a, const tend_field *into, tend_value *value, int64_t id, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(tend_model_schema(a->model), (tend_kind)value->currency[0]);
    const tend_field *from = &kind->fields[(int)value->currency[1]];
    char sql[200];
    tend_statement *find;
    bool has_row = false;
    tend_status status;

    status = tend_model_load_flush(a->model, reterr);
    if (status < 0)
        return status;
    (void)snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE id=?1", from->name, kind->table);
    status = tend_store_prepare(tend_model_store(a->model), sql, &find, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(find, 1, id);
    status = tend_statement_step(find, &has_row, reterr);
    *value = (tend_value){ .type = TEND_NULL };
    if (status == TEND_OK && has_row && !tend_statement_is_null(find, 0))
        *value = (tend_value){ .type = into->type,
                               .integer = tend_statement_int(find, 0) *
                                          (into->type == TEND_TIME && from->type == TEND_DATE ? INT64_C(86400000) : 1) };
    tend_statement_end(find);
    return status;
}

/* References to other rows of the spool become ids; *ret_copies: some become values of those rows, which nobody has checked. */
static tend_status resolve(applying *a, tend_spool_row *row, bool *ret_copies, tend_error *reterr)
{
    for (int i = 0; i < row->field_count; i++) {
        tend_value *value = &a->fields[i].value;
        int64_t id;
        tend_status status;

        if (value->type != TEND_REF || value->scale == TEND_SPOOL_REF_ID)
            continue;
        id = value->integer;
        status = value->scale & TEND_SPOOL_REF_ROW ? id_of(a, (uint32_t)(value->integer - 1), &id, reterr) : TEND_OK;
        if (status < 0)
            return status;
        if (id == 0)
            return tend_fail(reterr, TEND_EINVAL, "the record it refers to was itself rejected");
        *ret_copies = *ret_copies || (value->scale & TEND_SPOOL_VIA);
        if (value->scale & TEND_SPOOL_VIA)
            status =
                go_via(a, &tend_schema_kind(tend_model_schema(a->model), row->kind)->fields[a->fields[i].field], value, id, reterr);
        else
            *value = (tend_value){ .type = TEND_REF, .integer = id };
        if (status < 0)
            return status;
    }
    return TEND_OK;
}

static void count_outcome(tend_import_part *counts, const tend_put_result *result, bool is_removed)
{
    if (result->outcome == TEND_PUT_CREATED)
        counts->created++;
    else if (result->outcome == TEND_PUT_UPDATED)
        counts->updated++;
    else
        counts->unchanged++;
    if (!is_removed)
        return;
    counts->removed += result->outcome == TEND_PUT_UPDATED;
    counts->strange += result->id == 0;
    counts->stale += result->outcome == TEND_PUT_OLDER;
}

static tend_status apply_row(applying *a, uint32_t number, tend_error *reterr)
{
    tend_spool_row row;
    tend_put_result result;
    tend_import_part *counts;
    tend_error error;
    bool has_copies = false;
    tend_status status = tend_spooled_row(a->spooled, number, a->fields, a->room, &row, reterr);

    if (status < 0)
        return status;
    if (row.part >= a->meta.part_count)
        return tend_fail(reterr, TEND_ECORRUPT, "the spool is damaged; delete it and import again");
    counts = &a->meta.parts[row.part].counts;
    status = resolve(a, &row, &has_copies, &error);
    if (status == TEND_OK) {
        tend_put put = { .kind = row.kind,
                         .external = row.external,
                         .external_length = row.external_length,
                         .found = tend_spooled_found(a->spooled, number),
                         .fields = a->fields,
                         .field_count = row.field_count,
                         .effective_at = row.effective_at,
                         .known_at = row.known_at,
                         .known_assumed = (row.flags & TEND_SPOOL_ASSUMED) != 0,
                         .is_removed = (row.flags & TEND_SPOOL_REMOVED) != 0,
                         .is_checked = a->options->is_checked && !has_copies,
                         .is_again = (row.flags & TEND_SPOOL_AGAIN) != 0 };

        status = tend_model_put(a->model, &a->origin, &put, &result, &error);
    }
    if (status == TEND_EINVAL || (status == TEND_ENOTFOUND && (row.flags & TEND_SPOOL_REMOVED))) {
        counts->rejected++;
        a->holds[row.part] = a->holds[row.part] || !(row.flags & TEND_SPOOL_REMOVED);
        a->is_refused = a->is_refused || !a->meta.keeps_good;
        tend_learn_refused(a->learn, &row);
        return add_late(a, &row, true, error.text);
    }
    if (status < 0)
        return tend_fail(reterr, status, "%s", error.text);
    if (tend_learn_row(a->learn, &row, &result) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    a->ids[number] = result.id;
    count_outcome(counts, &result, (row.flags & TEND_SPOOL_REMOVED) != 0);
    return result.erased_count > 0 ? add_erased(a, &row, result.erased_count) : TEND_OK;
}

/* "rows;created,updated,unchanged,rejected,removed,strange,stale;…" */
static tend_status write_progress(applying *a, tend_error *reterr)
{
    tend_buffer text = { 0 };
    tend_status status;

    tend_buffer_print(&text, "%zu", a->done);
    for (size_t i = 0; i < a->meta.part_count; i++) {
        const tend_import_part *c = &a->meta.parts[i].counts;

        tend_buffer_print(&text, ";%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64, c->created, c->updated, c->unchanged,
                          c->rejected);
        tend_buffer_print(&text, ",%" PRId64 ",%" PRId64 ",%" PRId64, c->removed, c->strange, c->stale);
    }
    status = text.failed ? tend_fail(reterr, TEND_ENOMEM, "memory is used up")
                         : tend_batch_progress(a->model, a->batch, tend_buffer_string(&text), reterr);
    tend_buffer_clear(&text);
    return status;
}

static void read_progress(applying *a, const char *text)
{
    int used = 0;
    size_t done = 0;

    if (!text || sscanf(text, "%zu%n", &done, &used) != 1 || done > tend_spooled_count(a->spooled))
        return;
    a->done = done;
    text += used;
    for (size_t i = 0; i < a->meta.part_count; i++) {
        tend_import_part *c = &a->meta.parts[i].counts;
        int64_t rejected = c->rejected;

        if (sscanf(text, ";%" SCNd64 ",%" SCNd64 ",%" SCNd64 ",%" SCNd64 "%n", &c->created, &c->updated, &c->unchanged,
                   &c->rejected, &used) != 4)
            return;
        a->holds[i] = c->rejected > rejected;
        text += used;
        if (sscanf(text, ",%" SCNd64 ",%" SCNd64 ",%" SCNd64 "%n", &c->removed, &c->strange, &c->stale, &used) == 3)
            text += used;
    }
}

static tend_status open_batch(applying *a, tend_error *reterr)
{
    const char *progress = NULL;
    tend_status status;

    a->origin.batch = 0;
    status = tend_batch_open(a->model, &a->origin, a->meta.sync && a->meta.sync[0] ? "sync" : "import", a->meta.label,
                             a->meta.resume_key, &a->batch, &a->is_resumed, reterr);
    if (status == TEND_OK && a->is_resumed)
        status = tend_batch_progress_get(a->model, a->batch, a->arena, &progress, reterr);
    if (status == TEND_OK && a->is_resumed)
        read_progress(a, progress);
    a->is_begun = a->is_resumed;
    a->origin.batch = a->batch;
    a->origin.is_held = true;
    return status;
}

/* What was owed and has come well now. */
static tend_status settle_owed(applying *a, tend_error *reterr)
{
    tend_store *store = tend_model_store(a->model);
    int64_t owed;
    tend_status status = tend_owed_awaited(store, a->meta.source, &owed, reterr);

    for (size_t i = 0; owed > 0 && status == TEND_OK && i < tend_spooled_count(a->spooled); i++) {
        tend_spool_row row;

        status = tend_spooled_row(a->spooled, tend_spooled_order(a->spooled, i), a->fields, a->room, &row, reterr);
        if (status == TEND_OK && row.part < a->meta.part_count)
            status = tend_owed_settle(store, a->meta.source, a->meta.parts[row.part].counts.stream, row.external,
                                      row.external_length, reterr);
    }
    for (size_t i = 0; owed > 0 && status == TEND_OK && i < a->meta.part_count; i++)
        if (a->meta.parts[i].is_whole && !a->holds[i])
            status = tend_owed_settle_stream(store, a->meta.source, a->meta.parts[i].counts.stream, reterr);
    return status;
}

/* The file of rejects that a part is; NULL when it is none. */
static const char *reject_file(const applying *a, size_t part)
{
    const char *path = a->meta.parts[part].counts.file, *slash = strrchr(path, '/');
    char folder[PATH_MAX], real[PATH_MAX], wanted[PATH_MAX];

    if (!slash || !a->options->reject_folder || (size_t)(slash - path) >= sizeof folder)
        return NULL;
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return realpath(folder, real) && realpath(a->options->reject_folder, wanted) && strcmp(real, wanted) == 0 ? slash + 1 : NULL;
}

/* The records that the store refused: of a source they come again, of a mended file they stand in it. */
static tend_status add_refused(applying *a, bool is_sync, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < a->late_count && status == TEND_OK; i++) {
        const tend_import_note *note = &a->late[i];
        const tend_owed owed = { .stream = a->meta.parts[note->part].counts.stream,
                                 .key = note->value,
                                 .file = is_sync ? NULL : reject_file(a, note->part),
                                 .line = note->line,
                                 .reason = note->reason };

        if (note->is_reject && note->value && a->holds[note->part])
            status = tend_owed_add(tend_model_store(a->model), a->meta.source, &owed, tend_model_now(a->model), reterr);
    }
    return status;
}

static tend_status keep_bookmark(const applying *a, size_t i, tend_error *reterr)
{
    const tend_spool_part *part = &a->meta.parts[i];
    bool has_one = part->bookmark && !a->holds[i];
    tend_status status = TEND_OK;

    if (part->is_anew && !has_one)
        status = tend_bookmark_forget(a->model, a->meta.sync, part->counts.stream, reterr);
    if (has_one)
        status = tend_owed_passed(tend_model_store(a->model), a->meta.source, part->counts.stream, reterr);
    return has_one && status == TEND_OK ? tend_bookmark_set(a->model, a->meta.sync, part->counts.stream, part->bookmark, reterr)
                                        : status;
}

/* How far the source is read, and what it owes: kept together, although nothing else may be new. */
static tend_status keep_place(applying *a, tend_error *reterr)
{
    tend_store *store = tend_model_store(a->model);
    bool is_sync = a->meta.sync && a->meta.sync[0], is_mending = false;
    tend_status status = settle_owed(a, reterr);

    for (size_t i = 0; i < a->meta.part_count && status == TEND_OK && !is_sync; i++) {
        const char *file = reject_file(a, i);

        is_mending = is_mending || file;
        if (file)
            status = tend_owed_settle_file(store, a->meta.source, file, reterr);
    }
    for (size_t i = 0; i < a->meta.part_count && status == TEND_OK && is_sync; i++)
        status = tend_owed_doubt_unread(store, a->meta.source, a->meta.parts[i].counts.stream, reterr);
    for (size_t i = 0; i < a->meta.owed_count && status == TEND_OK && (is_sync || is_mending); i++) {
        const tend_owed *owed = &a->meta.owed[i];

        if (is_sync || strncmp(owed->key, TEND_OWED_UNREAD, strlen(TEND_OWED_UNREAD)) != 0)
            status = tend_owed_add(store, a->meta.source, owed, tend_model_now(a->model), reterr);
    }
    for (size_t i = 0; i < a->meta.part_count && status == TEND_OK && is_sync; i++)
        status = tend_owed_settle_doubted(store, a->meta.source, a->meta.parts[i].counts.stream, reterr);
    if (status == TEND_OK && (is_sync || is_mending))
        status = add_refused(a, is_sync, reterr);
    for (size_t i = 0; i < a->meta.part_count && status == TEND_OK && is_sync; i++)
        status = keep_bookmark(a, i, reterr);
    return status;
}

static tend_status only_place(applying *a, tend_error *reterr)
{
    tend_status status = tend_model_begin(a->model, reterr);

    if (status < 0)
        return status;
    status = keep_place(a, reterr);
    if (status < 0) {
        tend_model_rollback(a->model);
        return status;
    }
    return tend_model_commit(a->model, reterr);
}

static size_t chunk_of(const applying *a)
{
    return a->options->chunk ? a->options->chunk : a->is_loading ? TEND_IMPORT_LOAD : TEND_IMPORT_CHUNK;
}

/* What a row counts in its chunk. In a load one that is there already counts more: it changes pages all over the store, and a log
 * of so many would not find room where the last one was. */
static size_t weight_of(const applying *a, uint32_t row)
{
    bool is_changed = a->is_loading && !a->options->chunk && tend_spooled_found(a->spooled, row) != 0;

    return is_changed ? TEND_IMPORT_LOAD / TEND_IMPORT_CHANGED : 1;
}

static tend_status apply_chunk(applying *a, bool *ret_is_last, tend_error *reterr)
{
    const size_t count = tend_spooled_count(a->spooled), chunk = chunk_of(a);
    size_t weight = 0;
    tend_status status = tend_model_begin(a->model, reterr);

    if (status < 0)
        return status;
    if (a->batch == 0)
        status = open_batch(a, reterr);
    if (status == TEND_OK)
        status = tend_learn_begin(a->learn, reterr);
    for (; status == TEND_OK && a->done < count && weight < chunk && !a->is_refused; a->done++) {
        uint32_t row = tend_spooled_order(a->spooled, a->done);

        weight += weight_of(a, row);
        status = apply_row(a, row, reterr);
    }
    *ret_is_last = a->done == count;
    if (status == TEND_OK && !a->is_refused && tend_batch_is_empty(a->model, a->batch)) {
        tend_model_rollback(a->model); /* nothing new so far: no batch yet */
        a->batch = 0;
        tend_learn_committed(a->learn);
        return *ret_is_last ? only_place(a, reterr) : TEND_OK;
    }
    if (status == TEND_OK && !a->is_refused)
        status = write_progress(a, reterr);
    if (status == TEND_OK && *ret_is_last && !a->is_refused)
        status = keep_place(a, reterr);
    if (status == TEND_OK && *ret_is_last && !a->is_refused)
        status = tend_batch_close(a->model, a->batch, &a->events, reterr);
    if (status < 0 || a->is_refused) {
        tend_model_rollback(a->model);
        return status;
    }
    status = tend_learn_commit(a->learn, reterr);
    if (status < 0) {
        tend_model_rollback(a->model);
        return status;
    }
    tend_failpoint("sync.chunk.before");
    status = tend_model_commit(a->model, reterr);
    if (status == TEND_OK)
        tend_learn_committed(a->learn);
    a->is_begun = true;
    if (status == TEND_OK)
        tend_failpoint("sync.chunk.after");
    return status;
}

/* The store refused a record after earlier chunks were in: they are taken back. */
static tend_status take_back(applying *a, tend_error *reterr)
{
    tend_undo_report undone;
    tend_origin origin = a->origin;
    int64_t events;
    tend_status status = tend_model_begin(a->model, reterr);

    if (status < 0)
        return status;
    origin.batch = 0;
    origin.is_held = false;
    origin.is_history = true;                                       /* what never was starts no playbook */
    status = tend_batch_close(a->model, a->batch, &events, reterr); /* only closed batches can be undone */
    if (status == TEND_OK)
        status = tend_batch_undo(a->model, &origin, a->batch, a->arena, &undone, reterr);
    if (status < 0) {
        tend_model_rollback(a->model);
        return status;
    }
    return tend_model_commit(a->model, reterr);
}

static int by_place(const void *x, const void *y)
{
    const tend_import_note *a = x, *b = y;

    if (a->part != b->part)
        return a->part < b->part ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* Removals that changed nothing are told, two notes at most; how many were written. */
static size_t add_removals(applying *a, uint32_t number, tend_import_note *ret_notes)
{
    const tend_import_part *counts = &a->meta.parts[number].counts;
    size_t count = 0;

    if (counts->strange > 0)
        ret_notes[count++].reason = tend_arena_print(
            a->arena, "removals of records that nobody knows: %" PRId64 "; do they name the key as the records do?",
            counts->strange);
    if (counts->stale > 0)
        ret_notes[count++].reason =
            tend_arena_print(a->arena, "removals from before what is known of their record, left alone: %" PRId64, counts->stale);
    for (size_t i = 0; i < count; i++)
        ret_notes[i] = (tend_import_note){ .part = number, .reason = ret_notes[i].reason ? ret_notes[i].reason : "removals" };
    return count;
}

static tend_status make_report(applying *a, bool is_stored, const tend_import_report **ret_report)
{
    tend_import_report *report = tend_arena_take(a->arena, sizeof *report);
    tend_import_part *parts = tend_arena_take(a->arena, (a->meta.part_count + 1) * sizeof *parts);
    tend_import_note *notes =
        tend_arena_take(a->arena, (a->meta.note_count + a->late_count + 2 * a->meta.part_count + 1) * sizeof *notes);
    uint32_t *place = tend_arena_take(a->arena, (a->meta.part_count + 1) * sizeof *place);

    if (!report || !parts || !notes || !place)
        return TEND_ENOMEM;
    *report = (tend_import_report){ .mapping = a->meta.mapping,
                                    .source = a->meta.source,
                                    .parts = parts,
                                    .notes = notes,
                                    .notes_left = a->meta.notes_left,
                                    .stubs = a->meta.stubs,
                                    .rejects = a->meta.rejects,
                                    .is_stored = is_stored,
                                    .is_resumed = a->is_resumed,
                                    .batch = is_stored ? a->batch : 0,
                                    .events = is_stored ? a->events : 0 };
    for (size_t i = 0; i < a->meta.part_count; i++) {
        tend_import_part *part = &a->meta.parts[i].counts;

        place[i] = (uint32_t)report->part_count;
        if (a->meta.parts[i].is_stub)
            continue;
        if (!is_stored) {
            part->created = part->updated = part->removed = part->strange = part->stale = 0;
            part->unchanged = part->read - part->rejected;
        }
        parts[report->part_count++] = *part;
        report->read += part->read;
        report->faults += a->meta.parts[i].faults;
        report->created += part->created;
        report->updated += part->updated;
        report->removed += part->removed;
        report->unchanged += part->unchanged;
        report->rejected += part->rejected;
        report->repeated += part->repeated;
    }
    for (size_t i = 0; i < a->meta.note_count; i++)
        notes[report->note_count++] = a->meta.notes[i];
    for (size_t i = 0; i < a->late_count; i++)
        notes[report->note_count++] = a->late[i];
    for (size_t i = 0; i < a->meta.part_count; i++)
        report->note_count += add_removals(a, (uint32_t)i, notes + report->note_count);
    for (size_t i = 0; i < report->note_count; i++)
        notes[i].part = place[notes[i].part];
    qsort(notes, report->note_count, sizeof *notes, by_place);
    *ret_report = report;
    return TEND_OK;
}

static int widest_kind(const tend_schema *schema)
{
    int widest = 1;

    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        int count = tend_schema_kind(schema, (tend_kind)k)->field_count;

        widest = count > widest ? count : widest;
    }
    return widest + 1;
}

static tend_status begin_applying(applying *a, const char *spool_path, tend_error *reterr)
{
    size_t length;
    const void *bytes;
    tend_status status = tend_spooled_open(spool_path, &a->spooled, reterr);

    if (status < 0)
        return status;
    bytes = tend_spooled_meta(a->spooled, &length);
    status = tend_spool_meta_read(bytes, length, a->arena, &a->meta);
    if (status < 0)
        return tend_fail(reterr, status, "%s: is damaged; delete it and import again", spool_path);
    if (a->options->principal)
        a->principal = *a->options->principal;
    else {
        a->principal = tend_principal_named((tend_principal_kind)a->meta.principal_kind, a->meta.principal);
        a->principal.user = a->meta.principal_user;
    }
    a->origin = (tend_origin){ .principal = &a->principal, .is_history = a->meta.is_history };
    a->room = widest_kind(tend_model_schema(a->model));
    a->id_shelf.folder = a->options->spool_folder;
    if (tend_shelf_grow(&a->id_shelf, (tend_spooled_rows(a->spooled) + 1) * sizeof *a->ids) == TEND_OK)
        a->ids = a->id_shelf.bytes;
    a->fields = calloc((size_t)a->room, sizeof *a->fields);
    a->holds = calloc(a->meta.part_count + 1, sizeof *a->holds);
    if (!a->ids || !a->fields || !a->holds)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    status = tend_model_begin(a->model, reterr);
    if (status < 0)
        return status;
    status = tend_model_source(a->model, a->meta.source, &a->origin.source, reterr);
    if (status == TEND_OK && !tend_store_is_simulated(tend_model_store(a->model)))
        status = tend_learn_open(a->model, &a->meta, a->options->spool_folder, &a->learn, reterr);
    if (status < 0) {
        tend_model_rollback(a->model);
        return status;
    }
    return tend_model_commit(a->model, reterr);
}

/* How many rows of each kind a load will make at the most, so that their ids are there. */
static void expect_rows(applying *a)
{
    const tend_schema *schema = tend_model_schema(a->model);

    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        int64_t count = 0;

        for (size_t i = 0; i < a->meta.part_count; i++) {
            const tend_import_part *c = &a->meta.parts[i].counts;

            if (strcmp(c->kind, tend_schema_kind(schema, (tend_kind)k)->name) == 0)
                count += c->read - c->rejected - c->unchanged - c->created - c->updated;
        }
        tend_model_load_expect(a->model, (tend_kind)k, count);
    }
}

tend_status tend_import_apply(tend_model *model, const char *spool_path, const tend_import_options *options, tend_arena *arena,
                              const tend_import_report **ret_report, tend_error *reterr)
{
    applying a = { .model = model, .options = options, .arena = arena };
    int64_t rejected = 0;
    bool is_last = false, is_stored = true;
    tend_status status = begin_applying(&a, spool_path, reterr);

    if (status < 0)
        goto out;
    for (size_t i = 0; i < a.meta.part_count; i++)
        rejected += a.meta.parts[i].counts.rejected;
    is_stored = a.meta.keeps_good || rejected == 0;
    if (is_stored && tend_spooled_count(a.spooled) == 0)
        status = only_place(&a, reterr);
    else
        is_last = !is_stored;
    if (status == TEND_OK && is_stored && tend_spooled_count(a.spooled) > chunk_of(&a)) {
        status = tend_model_load_begin(model, a.origin.source, reterr);
        a.is_loading = status == TEND_OK;
        expect_rows(&a);
    }
    while (status == TEND_OK && is_stored && !is_last && tend_spooled_count(a.spooled) > 0) {
        status = apply_chunk(&a, &is_last, reterr);
        tend_spooled_rest(a.spooled);
        if (options->progress && status == TEND_OK)
            options->progress(options->self, "storing", (int64_t)a.done, (int64_t)tend_spooled_count(a.spooled));
        if (status == TEND_OK && !is_last && !a.is_refused && options->attend &&
            options->attend(options->attend_self, a.is_loading))
            status = tend_fail(
                reterr, TEND_ECLOSED,
                "told to end after %zu of %zu records; the same command, or the engine's next start, goes on with the rest", a.done,
                tend_spooled_count(a.spooled));
        if (status == TEND_OK && a.is_refused) {
            is_stored = false;
            if (a.is_loading)
                status = tend_model_load_end(model, reterr); /* with its indexes it is taken back faster */
            a.is_loading = false;
            if (status == TEND_OK && a.is_begun)
                status = take_back(&a, reterr);
        }
    }
    if (a.is_loading) { /* also after a failure, whose sentence stays */
        tend_status ended = tend_model_load_end(model, status < 0 ? NULL : reterr);

        status = status < 0 ? status : ended;
    }
    if (status < 0)
        goto out;
    if (is_stored)
        tend_learn_end(a.learn);
    tend_failpoint("sync.report.before");
    status = make_report(&a, is_stored, ret_report);
    if (status < 0)
        (void)tend_fail(reterr, status, "memory is used up");
    else
        (void)unlink(spool_path);
out:
    tend_learn_close(a.learn);
    tend_spooled_close(a.spooled);
    tend_shelf_clear(&a.id_shelf);
    free(a.fields);
    free(a.holds);
    free(a.late);
    return status;
}
