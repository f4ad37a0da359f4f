/* undo_entity.c: a row that a batch changed gets the values back that it had before, unless they changed since. */
#include "model/inside.h"
#include <string.h>

/* One change of the row; `slot` is the field, the last one for the row's coming and going. */
typedef struct seen {
    int slot;
    tend_value before, after;
    tend_time effective_at;
    bool is_of_batch, is_applied;
} seen;

/* What became of one field. */
typedef struct fate {
    tend_time newest;
    bool is_touched;   /* by the batch, and it became the current value */
    tend_value before; /* what it was then */
    tend_value after;  /* what it is now, as far as changes tell */
    const char *by;    /* who changed it since; NULL: nobody */
} fate;

typedef struct undone_row {
    tend_undoing *undo;
    const tend_kind_schema *kind;
    int64_t id, batch;
    tend_time effective_at;
    bool is_removed;
    seen *changes;
    size_t count;
    fate *fates; /* field_count + 1 */
    bool is_undone;
    bool has_unknown; /* a field that is no longer in the configuration */
} undone_row;

static tend_status no_memory(const tend_undoing *undo)
{
    return tend_fail(undo->reterr, TEND_ENOMEM, "undo: memory is used up");
}

static tend_status take_change(undone_row *row, tend_statement *statement)
{
    static const tend_field going = { .name = "", .type = TEND_TIME };
    tend_undoing *undo = row->undo;
    const char *name = tend_statement_text(statement, 0, NULL);
    int slot = *name ? tend_schema_field(row->kind, name) : row->kind->field_count;
    const tend_field *field = *name && slot >= 0 ? &row->kind->fields[slot] : &going;
    int64_t batch = tend_statement_int(statement, 4);
    seen change = { .slot = slot, .effective_at = tend_statement_int(statement, 3), .is_of_batch = batch == undo->batch };
    tend_value before, after;
    fate *fated;

    row->is_undone = row->is_undone || batch == undo->origin.batch;
    row->has_unknown = row->has_unknown || (slot < 0 && change.is_of_batch);
    if (slot < 0)
        return TEND_OK;
    tend_stored_read(statement, 1, field, &before);
    tend_stored_read(statement, 2, field, &after);
    if (!*name && before.type == TEND_NULL && after.type == TEND_NULL)
        return TEND_OK; /* only says who made the row */
    if (tend_arena_value(undo->arena, &before, &change.before) < 0 || tend_arena_value(undo->arena, &after, &change.after) < 0)
        return no_memory(undo);
    fated = &row->fates[slot];
    change.is_applied = change.effective_at >= fated->newest;
    row->changes[row->count++] = change;
    if (!change.is_applied)
        return TEND_OK;
    fated->newest = change.effective_at;
    fated->after = change.after;
    if (change.is_of_batch && !fated->is_touched) {
        fated->is_touched = true;
        fated->before = change.before;
    } else if (undo->earlier != 0 && batch == undo->earlier && fated->is_touched) {
        fated->is_touched = false; /* put back already */
        fated->by = NULL;
    } else if (!change.is_of_batch && fated->is_touched) {
        fated->by = tend_arena_string(undo->arena, tend_statement_text(statement, 5, NULL));
        if (!fated->by)
            return no_memory(undo);
    }
    return TEND_OK;
}

static tend_status read_row(undone_row *row)
{
    tend_undoing *undo = row->undo;
    tend_statement *statement = NULL;
    bool has_row = false;
    int batch = TEND_ROW_FIELDS + row->kind->field_count;
    tend_status status = tend_store_prepare(undo->model->store, tend_schema_sql_of(undo->model->schema, row->kind->kind)->read_any,
                                            &statement, undo->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, row->id);
    status = tend_statement_step(statement, &has_row, undo->reterr);
    if (status >= 0 && has_row) {
        row->effective_at = tend_statement_int(statement, TEND_ROW_EFFECTIVE);
        row->batch = tend_statement_int(statement, batch);
        row->is_removed = !tend_statement_is_null(statement, batch + 1);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status read_changes(undone_row *row)
{
    tend_undoing *undo = row->undo;
    tend_statement *statement = NULL;
    int64_t count = 0;
    bool has_row = false;
    tend_status status =
        tend_undo_ask(undo, "SELECT count(*) FROM changes WHERE kind=?1 AND row=?2", row->kind->kind, row->id, &count);

    if (status < 0)
        return status;
    row->changes = tend_arena_take(undo->arena, ((size_t)count + 1) * sizeof *row->changes);
    row->fates = tend_arena_take(undo->arena, ((size_t)row->kind->field_count + 1) * sizeof *row->fates);
    if (!row->changes || !row->fates)
        return no_memory(undo);
    for (int i = 0; i <= row->kind->field_count; i++)
        row->fates[i].newest = row->effective_at;
    status = tend_store_prepare(undo->model->store,
                                "SELECT field, before, after, effective_at, batch, principal FROM changes WHERE kind=?1 AND row=?2"
                                " ORDER BY id",
                                &statement, undo->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, row->kind->kind);
    tend_statement_bind_int(statement, 2, row->id);
    while ((status = tend_statement_step(statement, &has_row, undo->reterr)) >= 0 && has_row) {
        if ((status = take_change(row, statement)) < 0)
            break;
    }
    tend_statement_end(statement);
    return status;
}

/* Something older that went into history alone: the same again with what stood there before. */
static tend_status undo_older(const undone_row *row)
{
    tend_undoing *undo = row->undo;
    tend_writing writing = { .model = undo->model,
                             .origin = &undo->origin,
                             .kind = row->kind,
                             .now = tend_model_now(undo->model),
                             .known_at = tend_model_now(undo->model),
                             .reterr = undo->reterr };
    tend_status status = TEND_OK;

    for (size_t i = row->count; i-- > 0 && status >= 0;) {
        const seen *change = &row->changes[i];

        if (!change->is_of_batch || change->is_applied || change->slot == row->kind->field_count)
            continue;
        status = tend_change_write(&writing, row->id, change->slot, &change->after, &change->before, change->effective_at);
        undo->report.restored++;
    }
    return status;
}

/* The old values of the fields that nobody changed since, as one record: fields that belong together come back together. */
static tend_status collect(const undone_row *row, tend_put *record, tend_assignment *assignments)
{
    tend_undoing *undo = row->undo;
    tend_status status = TEND_OK;

    for (int i = 0; i < row->kind->field_count && status >= 0; i++) {
        const fate *fated = &row->fates[i];

        if (!fated->is_touched)
            continue;
        if (fated->by) {
            status = tend_undo_leave(undo, row->kind->kind, row->id, i, tend_undo_since(undo, fated->by));
        } else if (row->kind->fields[i].flags & TEND_FIELD_RETIRED) {
            status = tend_undo_leave(undo, row->kind->kind, row->id, i, "the field is retired");
        } else {
            assignments[record->field_count++] = (tend_assignment){ .field = i, .value = fated->before };
            if (fated->newest > record->effective_at)
                record->effective_at = fated->newest;
        }
    }
    return status;
}

static tend_status put_back(const undone_row *row, bool should_be_removed)
{
    tend_undoing *undo = row->undo;
    tend_put record = {
        .kind = row->kind->kind, .id = row->id, .effective_at = tend_model_now(undo->model), .known_at = TEND_NO_TIME
    };
    tend_assignment *assignments = tend_arena_take(undo->arena, ((size_t)row->kind->field_count + 1) * sizeof *assignments);
    tend_put_result result = { 0 };
    bool is_removed = row->is_removed;
    tend_status status = assignments ? TEND_OK : no_memory(undo);

    record.fields = assignments;
    if (status >= 0)
        status = collect(row, &record, assignments);
    if (row->fates[row->kind->field_count].newest > record.effective_at)
        record.effective_at = row->fates[row->kind->field_count].newest;
    if (status >= 0 && (record.field_count > 0 || (is_removed && !should_be_removed))) {
        status = tend_undo_put(undo, &record, &result);
        undo->report.restored += result.changed_count;
        if (result.outcome == TEND_PUT_UPDATED)
            is_removed = false;
    }
    if (status >= 0 && should_be_removed && !is_removed) {
        record.is_removed = true;
        record.field_count = 0;
        status = tend_undo_put(undo, &record, &result);
        is_removed = result.outcome == TEND_PUT_UPDATED;
    }
    undo->report.restored += is_removed != row->is_removed;
    return status;
}

tend_status tend_undo_entity(tend_undoing *undo, const tend_kind_schema *kind, int64_t id)
{
    undone_row row = { .undo = undo, .kind = kind, .id = id };
    const fate *going;
    bool should_be_removed;
    tend_status status = read_row(&row);

    if (status < 0 || row.batch == undo->batch) /* the batch made it: the whole row goes */
        return status;
    status = read_changes(&row);
    if (status < 0 || row.is_undone)
        return status;
    if (row.has_unknown)
        status = tend_undo_leave(undo, kind->kind, id, -1, "a field of it is no longer in the configuration");
    going = &row.fates[kind->field_count];
    should_be_removed = row.is_removed;
    if (status >= 0 && going->is_touched && !going->by)
        should_be_removed = going->before.type != TEND_NULL;
    else if (status >= 0 && row.is_removed)
        return tend_undo_leave(undo, kind->kind, id, -1, "the row was removed since");
    else if (status >= 0 && going->by)
        status = tend_undo_leave(undo, kind->kind, id, -1, tend_undo_since(undo, going->by));
    if (status >= 0)
        status = put_back(&row, should_be_removed);
    return status < 0 || undo->is_refused ? status : undo_older(&row);
}
