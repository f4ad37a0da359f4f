/* undo.c: a batch taken back by new changes, in a batch of its own. What changed since is left alone and listed. */
#include "base/buffer.h"
#include "model/inside.h"
#include <string.h>

typedef struct undoing {
    tend_model *model;
    tend_origin origin; /* with the undo's own batch */
    int64_t batch;      /* what is undone */
    tend_arena *arena;
    tend_undo_report report;
    tend_undo_left *left;
    size_t left_room;
    tend_error *reterr;
} undoing;

static tend_status leave(undoing *undo, tend_kind kind, int64_t row, int field, const char *why)
{
    if (undo->report.left_count == undo->left_room) {
        size_t room = undo->left_room ? undo->left_room * 2 : 16;
        tend_undo_left *left = tend_arena_take(undo->arena, room * sizeof *left);

        if (!left)
            return tend_fail(undo->reterr, TEND_ENOMEM, "undo: memory is used up");
        if (undo->report.left_count > 0)
            memcpy(left, undo->left, undo->report.left_count * sizeof *left);
        undo->left = left;
        undo->left_room = room;
    }
    undo->left[undo->report.left_count++] = (tend_undo_left){ .kind = kind, .row = row, .field = field, .why = why };
    return TEND_OK;
}

/* One number from a row, by two parameters: 0 when there is none. */
static tend_status ask(undoing *undo, const char *sql, int64_t one, int64_t two, int64_t *ret_number)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(undo->model->store, sql, &statement, undo->reterr);

    *ret_number = 0;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, one);
    tend_statement_bind_int(statement, 2, two);
    status = tend_statement_step(statement, &has_row, undo->reterr);
    if (status >= 0 && has_row && !tend_statement_is_null(statement, 0))
        *ret_number = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

/* Puts through the one path; a refusal is a reason to leave the row alone, not to stop. */
static tend_status put(undoing *undo, const tend_put *record, int field)
{
    tend_put_result result;
    tend_status status = tend_model_put(undo->model, &undo->origin, record, &result, undo->reterr);

    if (status == TEND_EINVAL || status == TEND_EDENIED || status == TEND_ENOTFOUND) {
        const char *why = tend_arena_string(undo->arena, undo->reterr ? undo->reterr->text : "refused");

        return leave(undo, record->kind, record->id, field, why);
    }
    if (status >= 0 && (result.outcome == TEND_PUT_UPDATED || result.outcome == TEND_PUT_CREATED))
        undo->report.restored++;
    return status;
}

/* Who wrote last, for the sentence. */
static const char *changed_since(undoing *undo, const char *by)
{
    const char *why = tend_arena_print(undo->arena, "changed since by %s", by && *by ? by : "another batch");

    return why ? why : "changed since";
}

typedef struct old_change {
    int64_t id, row;
    tend_kind kind;
    int field; /* -1: the row */
    tend_value before, after;
    tend_time effective_at;
} old_change;

/* Whether a later change of the same field says something else; *ret_by is who. */
static tend_status is_overtaken(undoing *undo, const old_change *change, const char *field, bool *ret_overtaken,
                                bool *ret_is_newest, const char **ret_by)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(undo->model->store,
                                            "SELECT id, effective_at, principal, batch FROM changes WHERE kind=?1 AND row=?2 AND"
                                            " field=?3 ORDER BY effective_at DESC, id DESC",
                                            &statement, undo->reterr);

    *ret_overtaken = false;
    *ret_is_newest = true;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, change->kind);
    tend_statement_bind_int(statement, 2, change->row);
    tend_statement_bind_string(statement, 3, field);
    while ((status = tend_statement_step(statement, &has_row, undo->reterr)) >= 0 && has_row) {
        int64_t id = tend_statement_int(statement, 0);

        if (tend_statement_int(statement, 1) < change->effective_at || id == change->id)
            break;
        *ret_is_newest = false;
        if (id < change->id || tend_statement_int(statement, 3) == undo->batch ||
            tend_statement_int(statement, 3) == undo->origin.batch)
            continue;
        *ret_overtaken = true;
        *ret_by = tend_arena_string(undo->arena, tend_statement_text(statement, 2, NULL));
        break;
    }
    tend_statement_end(statement);
    return status;
}

/* The row came or went in the batch: it goes or comes again. */
static tend_status undo_removal(undoing *undo, const old_change *change)
{
    tend_put record = { .kind = change->kind, .id = change->row, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME };

    record.is_removed = change->after.type == TEND_NULL; /* it had come back */
    return put(undo, &record, -1);
}

/* Something older that went into history alone: the same again with what stood there before. */
static tend_status undo_older(undoing *undo, const old_change *change)
{
    tend_model *model = undo->model;
    tend_writing writing = { .model = model,
                             .origin = &undo->origin,
                             .kind = tend_schema_kind(model->schema, change->kind),
                             .now = tend_model_now(model),
                             .known_at = tend_model_now(model),
                             .reterr = undo->reterr };

    undo->report.restored++;
    return tend_change_write(&writing, change->row, change->field, &change->after, &change->before, change->effective_at);
}

static tend_status undo_change(undoing *undo, const old_change *change)
{
    const tend_kind_schema *kind = tend_schema_kind(undo->model->schema, change->kind);
    const char *field = change->field < 0 ? "" : kind->fields[change->field].name, *by = NULL;
    tend_assignment assignment = { .field = change->field, .value = change->before };
    tend_put record = { .kind = change->kind, .id = change->row, .fields = &assignment, .field_count = 1 };
    bool is_overtaken_by_other = false, is_newest = true;
    int64_t removed = 0, made_here = 0;
    tend_status status;
    char sql[160];

    if (kind->is_fact)
        return undo_removal(undo, change);
    (void)snprintf(sql, sizeof sql, "SELECT 1 FROM \"%s\" WHERE id=?1 AND batch=?2", kind->table);
    status = ask(undo, sql, change->row, undo->batch, &made_here);
    if (status < 0 || made_here)
        return status; /* the whole row goes */
    status = is_overtaken(undo, change, field, &is_overtaken_by_other, &is_newest, &by);
    if (status < 0)
        return status;
    if (is_overtaken_by_other)
        return leave(undo, change->kind, change->row, change->field, changed_since(undo, by));
    if (change->field < 0)
        return undo_removal(undo, change);
    (void)snprintf(sql, sizeof sql, "SELECT 1 FROM \"%s\" WHERE id=?1 AND removed_at IS NOT NULL AND ?2=?2", kind->table);
    status = ask(undo, sql, change->row, 0, &removed);
    if (status < 0)
        return status;
    if (removed)
        return leave(undo, change->kind, change->row, change->field, "the row was removed since");
    if (!is_newest)
        return undo_older(undo, change);
    record.effective_at = tend_model_now(undo->model);
    if (change->effective_at > record.effective_at)
        record.effective_at = change->effective_at;
    record.known_at = TEND_NO_TIME;
    return put(undo, &record, change->field);
}

static tend_status read_change(undoing *undo, tend_statement *statement, old_change *ret_change, bool *ret_known)
{
    tend_kind number = (tend_kind)tend_statement_int(statement, 1);
    const char *name = tend_statement_text(statement, 3, NULL);
    const tend_kind_schema *kind;
    tend_field removal = { .name = "", .type = TEND_TIME };
    tend_value before, after;
    tend_status status;

    *ret_known = false;
    if (!tend_schema_has(undo->model->schema, number))
        return TEND_OK;
    kind = tend_schema_kind(undo->model->schema, number);
    *ret_change = (old_change){ .id = tend_statement_int(statement, 0),
                                .kind = number,
                                .row = tend_statement_int(statement, 2),
                                .field = *name ? tend_schema_field(kind, name) : -1,
                                .effective_at = tend_statement_int(statement, 6) };
    if (*name && ret_change->field < 0)
        return leave(undo, number, ret_change->row, -1, "a field of it is no longer in the configuration");
    tend_stored_read(statement, 4, *name ? &kind->fields[ret_change->field] : &removal, &before);
    tend_stored_read(statement, 5, *name ? &kind->fields[ret_change->field] : &removal, &after);
    status = tend_arena_value(undo->arena, &before, &ret_change->before);
    if (status >= 0)
        status = tend_arena_value(undo->arena, &after, &ret_change->after);
    *ret_known = status >= 0 && (*name || before.type != TEND_NULL || after.type != TEND_NULL);
    return status;
}

/* The batch's changes, newest first, a page at a time: what is undone adds changes of its own. */
static tend_status undo_changes(undoing *undo)
{
    int64_t from = INT64_MAX;
    tend_status status = TEND_OK;
    bool has_row = true;

    while (status >= 0 && has_row) {
        tend_statement *statement = NULL;
        old_change change;
        bool is_known = false;

        status = tend_store_prepare(undo->model->store,
                                    "SELECT id, kind, row, field, before, after, effective_at FROM changes WHERE batch=?1 AND"
                                    " batch<>0 AND id<?2 ORDER BY id DESC LIMIT 1",
                                    &statement, undo->reterr);
        if (status < 0)
            break;
        tend_statement_bind_int(statement, 1, undo->batch);
        tend_statement_bind_int(statement, 2, from);
        status = tend_statement_step(statement, &has_row, undo->reterr);
        if (status >= 0 && has_row) {
            from = tend_statement_int(statement, 0);
            status = read_change(undo, statement, &change, &is_known);
        }
        tend_statement_end(statement);
        if (status >= 0 && is_known)
            status = undo_change(undo, &change);
    }
    return status;
}

/* A live row that refers to this one by an indexed field: what hangs on it keeps it. */
static tend_status find_referring(undoing *undo, const tend_kind_schema *kind, int64_t id, const char **ret_why)
{
    tend_status status = TEND_OK;

    *ret_why = NULL;
    for (int i = 1; i < TEND_KIND_COUNT && !*ret_why && status >= 0; i++) {
        const tend_kind_schema *other;

        if (!tend_schema_has(undo->model->schema, (tend_kind)i))
            continue;
        other = tend_schema_kind(undo->model->schema, (tend_kind)i);
        for (int field = 0; field < other->field_count && !*ret_why && status >= 0; field++) {
            const tend_field *described = &other->fields[field];
            int64_t row = 0;
            char sql[200];

            if (described->type != TEND_REF || described->target != kind->kind ||
                !((described->flags & TEND_FIELD_INDEXED) || field == other->account_field))
                continue;
            (void)snprintf(sql, sizeof sql, "SELECT id FROM \"%s\" WHERE \"%s\"=?1 AND %s IS NULL AND ?2=?2 LIMIT 1", other->table,
                           described->name, other->is_fact ? "closed_at" : "removed_at");
            status = ask(undo, sql, id, 0, &row);
            if (row)
                *ret_why = tend_arena_print(undo->arena, "%s %lld refers to it", other->name, (long long)row);
        }
    }
    return status;
}

/* An entity that the batch made goes, unless somebody wrote to it or to something of it since. */
static tend_status undo_made_entity(undoing *undo, const tend_kind_schema *kind, int64_t id)
{
    tend_statement *statement = NULL;
    tend_put record = { .kind = kind->kind, .id = id, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME, .is_removed = true };
    const char *by = NULL;
    char sql[160];
    bool has_row = false;
    tend_status status = tend_store_prepare(undo->model->store,
                                            "SELECT principal FROM changes WHERE kind=?1 AND row=?2 AND batch<>?3 AND batch<>?4 AND"
                                            " coalesce((SELECT b.undoes FROM batches b WHERE b.id=changes.batch), 0)=0"
                                            " ORDER BY id DESC LIMIT 1",
                                            &statement, undo->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, kind->kind);
    tend_statement_bind_int(statement, 2, id);
    tend_statement_bind_int(statement, 3, undo->batch);
    tend_statement_bind_int(statement, 4, undo->origin.batch);
    status = tend_statement_step(statement, &has_row, undo->reterr);
    if (status >= 0 && has_row)
        by = tend_arena_string(undo->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    if (status < 0)
        return status;
    if (has_row)
        return leave(undo, kind->kind, id, -1, changed_since(undo, by));
    status = find_referring(undo, kind, id, &by);
    if (status < 0 || by)
        return by ? leave(undo, kind->kind, id, -1, by) : status;
    (void)snprintf(sql, sizeof sql, "SELECT max(effective_at, ?2) FROM \"%s\" WHERE id=?1", kind->table);
    status = ask(undo, sql, id, tend_model_now(undo->model), &record.effective_at);
    return status < 0 ? status : put(undo, &record, -1);
}

/* The versions of the fact ?1, for IN. */
#define VERSIONS "(SELECT id FROM \"%s\" WHERE id=?1 UNION ALL SELECT id FROM \"%s\" WHERE fact=?1 AND fact<>id)"

/* Puts the values of an earlier version again. */
static tend_status put_version(undoing *undo, const tend_kind_schema *kind, int64_t id, int64_t version)
{
    tend_model *model = undo->model;
    tend_put record = { .kind = kind->kind, .id = id, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME };
    tend_assignment *assignments = tend_arena_take(undo->arena, (size_t)kind->field_count * sizeof *assignments);
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    if (!assignments)
        return tend_fail(undo->reterr, TEND_ENOMEM, "undo: memory is used up");
    status = tend_store_prepare(model->store, tend_schema_sql_of(model->schema, kind->kind)->read_any, &statement, undo->reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, version);
        status = tend_statement_step(statement, &has_row, undo->reterr);
    }
    for (int i = 0; status >= 0 && has_row && i < kind->field_count; i++) {
        tend_value value;

        if (kind->fields[i].flags & TEND_FIELD_RETIRED)
            continue;
        tend_stored_read(statement, TEND_ROW_FIELDS + i, &kind->fields[i], &value);
        assignments[record.field_count].field = i;
        status = tend_arena_value(undo->arena, &value, &assignments[record.field_count++].value);
    }
    tend_statement_end(statement);
    record.fields = assignments;
    return status < 0 || !has_row ? status : put(undo, &record, -1);
}

/* A version that the batch made: the one before stands again; the first one, or one that came back, goes. */
static tend_status undo_made_version(undoing *undo, const tend_kind_schema *kind, int64_t id)
{
    tend_put record = { .kind = kind->kind, .id = id, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME, .is_removed = true };
    int64_t fact = 0, before = 0, live = 0, since = 0, had_gone = 0;
    char sql[400];
    tend_status status;

    (void)snprintf(sql, sizeof sql, "SELECT fact FROM \"%s\" WHERE id=?1 AND ?2=?2", kind->table);
    status = ask(undo, sql, id, 0, &fact);
    (void)snprintf(sql, sizeof sql, "SELECT id FROM \"%s\" WHERE id IN " VERSIONS " AND closed_at IS NULL AND ?2=?2", kind->table,
                   kind->table, kind->table);
    if (status >= 0)
        status = ask(undo, sql, fact, 0, &live);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM \"%s\" WHERE fact=?1 AND fact<>id AND id>?2 AND batch<>%lld AND batch<>%lld", kind->table,
                   (long long)undo->batch, (long long)undo->origin.batch);
    if (status >= 0)
        status = ask(undo, sql, fact, id, &since);
    if (status < 0)
        return status;
    if (since)
        return leave(undo, kind->kind, id, -1, "a later version came since");
    if (live != id)
        return TEND_OK; /* gone already, or only ever an older one */
    (void)snprintf(sql, sizeof sql, "SELECT max(id) FROM \"%s\" WHERE id IN " VERSIONS " AND id<?2", kind->table, kind->table,
                   kind->table);
    status = ask(undo, sql, fact, id, &before);
    (void)snprintf(sql, sizeof sql, "SELECT 1 FROM changes WHERE kind=%d AND row=?1 AND field='' AND after IS NOT NULL AND ?2=?2",
                   (int)kind->kind);
    if (status >= 0)
        status = ask(undo, sql, before, 0, &had_gone);
    if (status < 0)
        return status;
    return before == 0 || had_gone ? put(undo, &record, -1) : put_version(undo, kind, id, before);
}

/* One stretch of rows that the batch made, newest first. */
static tend_status undo_range(undoing *undo, const tend_kind_schema *kind, int64_t first, int64_t last)
{
    char sql[160];
    tend_status status = TEND_OK;

    (void)snprintf(sql, sizeof sql, "SELECT batch FROM \"%s\" WHERE id=?1 AND ?2=?2", kind->table);
    for (int64_t id = last; id >= first && status >= 0; id--) {
        int64_t batch = 0;

        status = ask(undo, sql, id, 0, &batch);
        if (status >= 0 && batch == undo->batch)
            status = kind->is_fact ? undo_made_version(undo, kind, id) : undo_made_entity(undo, kind, id);
    }
    return status;
}

static tend_status undo_made(undoing *undo)
{
    tend_statement *statement = NULL;
    struct stretch {
        tend_kind kind;
        int64_t first, last;
    } *stretches = NULL;
    size_t count = 0, room = 0;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        undo->model->store, "SELECT kind, first, last FROM batch_rows WHERE batch=?1 ORDER BY kind DESC, first DESC", &statement,
        undo->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, undo->batch);
    while ((status = tend_statement_step(statement, &has_row, undo->reterr)) >= 0 && has_row) {
        if (count == room) {
            struct stretch *more = tend_arena_take(undo->arena, (room ? room * 2 : 64) * sizeof *more);

            if (!more) {
                status = tend_fail(undo->reterr, TEND_ENOMEM, "undo: memory is used up");
                break;
            }
            if (count > 0)
                memcpy(more, stretches, count * sizeof *more);
            stretches = more;
            room = room ? room * 2 : 64;
        }
        stretches[count++] = (struct stretch){ .kind = (tend_kind)tend_statement_int(statement, 0),
                                               .first = tend_statement_int(statement, 1),
                                               .last = tend_statement_int(statement, 2) };
    }
    tend_statement_end(statement);
    for (size_t i = 0; i < count && status >= 0; i++) {
        if (tend_schema_has(undo->model->schema, stretches[i].kind))
            status =
                undo_range(undo, tend_schema_kind(undo->model->schema, stretches[i].kind), stretches[i].first, stretches[i].last);
    }
    return status;
}

static tend_status refuse_undo(undoing *undo)
{
    const tend_principal *principal = undo->origin.principal;
    tend_statement *statement = NULL;
    bool has_row = false, is_own = false, is_open = false;
    char made_by[64] = "";
    tend_status status = tend_access_may(principal, TEND_VERB_UNDO, TEND_KIND_NONE, 0, undo->reterr);

    if (status >= 0)
        status = tend_store_prepare(undo->model->store, "SELECT principal, closed_at FROM batches WHERE id=?1", &statement,
                                    undo->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, undo->batch);
    status = tend_statement_step(statement, &has_row, undo->reterr);
    if (status >= 0 && has_row) {
        (void)snprintf(made_by, sizeof made_by, "%s", tend_statement_text(statement, 0, NULL));
        is_own = !strcmp(made_by, principal->name);
        is_open = tend_statement_is_null(statement, 1);
    }
    tend_statement_end(statement);
    if (status < 0)
        return status;
    if (!has_row)
        return tend_fail(undo->reterr, TEND_ENOTFOUND, "batch %lld: no such batch; `tend undo` lists the last ones",
                         (long long)undo->batch);
    if (principal->kind != TEND_PRINCIPAL_ADMINISTRATOR && !is_own)
        return tend_fail(undo->reterr, TEND_EDENIED, "%s: may not undo batch %lld of %s; ask an administrator", principal->name,
                         (long long)undo->batch, made_by);
    if (is_open)
        return tend_fail(undo->reterr, TEND_EBUSY, "batch %lld: is still open; let it finish first", (long long)undo->batch);
    return TEND_OK;
}

static tend_status open_undo(undoing *undo)
{
    char label[64], sql[120];
    tend_status status;

    (void)snprintf(label, sizeof label, "undo of batch %lld", (long long)undo->batch);
    undo->origin.source = 0; /* by hand, whoever wrote the batch */
    status = tend_batch_open(undo->model, &undo->origin, "undo", label, NULL, &undo->report.batch, NULL, undo->reterr);
    undo->origin.batch = undo->report.batch;
    (void)snprintf(sql, sizeof sql, "UPDATE batches SET undoes=%lld WHERE id=%lld", (long long)undo->batch,
                   (long long)undo->report.batch);
    if (status >= 0)
        status = tend_store_run(undo->model->store, sql, undo->reterr);
    return status;
}

tend_status tend_batch_undo(tend_model *model, const tend_origin *origin, int64_t batch, tend_arena *arena,
                            tend_undo_report *ret_report, tend_error *reterr)
{
    undoing undo = { .model = model, .origin = *origin, .batch = batch, .arena = arena, .reterr = reterr };
    tend_status status = tend_model_refuse_outside(model, reterr);

    if (status >= 0)
        status = refuse_undo(&undo);
    if (status >= 0 && model->bus)
        status = tend_bus_delivered(model->bus, batch, &undo.report.events, reterr);
    if (status >= 0)
        status = open_undo(&undo);
    if (status >= 0)
        status = undo_changes(&undo);
    if (status >= 0)
        status = undo_made(&undo);
    if (status >= 0)
        status = tend_batch_close(model, undo.report.batch, NULL, reterr);
    if (status < 0)
        return status;
    undo.report.left = undo.left;
    *ret_report = undo.report;
    return TEND_OK;
}
