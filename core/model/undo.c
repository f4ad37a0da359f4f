/* undo.c: a batch taken back by new changes, in a batch of its own. What changed since is left alone and listed. */
#include "base/buffer.h"
#include "model/inside.h"
#include <string.h>

tend_status tend_undo_leave(tend_undoing *undo, tend_kind kind, int64_t row, int field, const char *why)
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
tend_status tend_undo_ask(tend_undoing *undo, const char *sql, int64_t one, int64_t two, int64_t *ret_number)
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
tend_status tend_undo_put(tend_undoing *undo, const tend_put *record, tend_put_result *ret_result)
{
    tend_status status;

    *ret_result = (tend_put_result){ .bad_field = -1 };
    status = tend_model_put(undo->model, &undo->origin, record, ret_result, undo->reterr);

    if (status == TEND_EINVAL || status == TEND_EDENIED || status == TEND_ENOTFOUND) {
        const char *why = tend_arena_string(undo->arena, undo->reterr ? undo->reterr->text : "refused");

        ret_result->outcome = TEND_PUT_UNCHANGED;
        undo->is_refused = true;
        if (undo->may_wait)
            return TEND_OK;
        return tend_undo_leave(undo, record->kind, record->id, -1, why ? why : "refused");
    }
    return status;
}

/* Who wrote last, for the sentence. */
const char *tend_undo_since(tend_undoing *undo, const char *by)
{
    const char *why = tend_arena_print(undo->arena, "changed since by %s", by && *by ? by : "another batch");

    return why ? why : "changed since";
}

typedef struct changed_row {
    tend_kind kind;
    int64_t row;
} changed_row;

/* Each row that the batch changed once, the last one first. */
static tend_status list_changed(tend_undoing *undo, changed_row **ret_rows, size_t *ret_count)
{
    tend_statement *statement = NULL;
    changed_row *rows = NULL;
    size_t count = 0, room = 0;
    bool has_row = false;
    tend_status status = tend_store_prepare(undo->model->store,
                                            "SELECT kind, row FROM changes WHERE batch=?1 AND batch<>0 GROUP BY kind, row"
                                            " ORDER BY max(id) DESC",
                                            &statement, undo->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, undo->batch);
    while ((status = tend_statement_step(statement, &has_row, undo->reterr)) >= 0 && has_row) {
        if (count == room) {
            changed_row *more = tend_arena_take(undo->arena, (room ? room * 2 : 64) * sizeof *more);

            if (!more) {
                status = tend_fail(undo->reterr, TEND_ENOMEM, "undo: memory is used up");
                break;
            }
            if (count > 0)
                memcpy(more, rows, count * sizeof *more);
            rows = more;
            room = room ? room * 2 : 64;
        }
        rows[count++] =
            (changed_row){ .kind = (tend_kind)tend_statement_int(statement, 0), .row = tend_statement_int(statement, 1) };
    }
    tend_statement_end(statement);
    *ret_rows = rows;
    *ret_count = count;
    return status;
}

/* *inout_count rows; those that are refused and may wait are left in `rows`. */
static tend_status undo_changed(tend_undoing *undo, changed_row *rows, size_t *inout_count)
{
    size_t waiting = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < *inout_count && status >= 0; i++) {
        const tend_kind_schema *kind;
        const char *why = NULL;
        size_t left = undo->report.left_count;

        if (!tend_schema_has(undo->model->schema, rows[i].kind))
            continue;
        if (undo->keeper)
            status = undo->keeper->keeps(undo->keeper->self, rows[i].kind, rows[i].row, undo->arena, &why, undo->reterr);
        if (status >= 0 && why)
            status = tend_undo_leave(undo, rows[i].kind, rows[i].row, -1, why);
        if (status < 0 || why)
            continue;
        kind = tend_schema_kind(undo->model->schema, rows[i].kind);
        undo->is_refused = false;
        status = kind->is_fact ? tend_undo_fact(undo, kind, rows[i].row) : tend_undo_entity(undo, kind, rows[i].row);
        if (undo->is_refused && undo->may_wait) {
            undo->report.left_count = left; /* said when it is tried again */
            rows[waiting++] = rows[i];
        }
    }
    *inout_count = waiting;
    return status;
}

/* A live row that refers to this one by an indexed field: what hangs on it keeps it. */
static tend_status find_referring(tend_undoing *undo, const tend_kind_schema *kind, int64_t id, const char **ret_why)
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
            status = tend_undo_ask(undo, sql, id, 0, &row);
            if (row)
                *ret_why = tend_arena_print(undo->arena, "%s %lld refers to it", other->name, (long long)row);
        }
    }
    return status;
}

/* An entity that the batch made goes, unless somebody wrote to it or to something of it since. */
static tend_status undo_made_entity(tend_undoing *undo, const tend_kind_schema *kind, int64_t id)
{
    tend_statement *statement = NULL;
    tend_put record = { .kind = kind->kind, .id = id, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME, .is_removed = true };
    tend_put_result result = { 0 };
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
        return tend_undo_leave(undo, kind->kind, id, -1, tend_undo_since(undo, by));
    status = find_referring(undo, kind, id, &by);
    if (status < 0 || by)
        return by ? tend_undo_leave(undo, kind->kind, id, -1, by) : status;
    (void)snprintf(sql, sizeof sql, "SELECT max(effective_at, ?2) FROM \"%s\" WHERE id=?1", kind->table);
    status = tend_undo_ask(undo, sql, id, tend_model_now(undo->model), &record.effective_at);
    if (status >= 0)
        status = tend_undo_put(undo, &record, &result);
    undo->report.restored += result.outcome == TEND_PUT_UPDATED;
    return status;
}

/* One stretch of rows that the batch made, newest first. */
static tend_status undo_range(tend_undoing *undo, const tend_kind_schema *kind, int64_t first, int64_t last)
{
    char sql[160];
    tend_status status = TEND_OK;

    (void)snprintf(sql, sizeof sql, "SELECT batch FROM \"%s\" WHERE id=?1 AND ?2=?2", kind->table);
    for (int64_t id = last; id >= first && status >= 0; id--) {
        int64_t batch = 0;

        status = tend_undo_ask(undo, sql, id, 0, &batch);
        if (status >= 0 && batch == undo->batch)
            status = kind->is_fact ? tend_undo_fact(undo, kind, id) : undo_made_entity(undo, kind, id);
    }
    return status;
}

static tend_status undo_made(tend_undoing *undo)
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

static tend_status refuse_undo(tend_undoing *undo)
{
    const tend_principal *principal = undo->origin.principal;
    tend_statement *statement = NULL;
    bool has_row = false, is_own = false, is_open = false, is_final = false;
    char made_by[64] = "";
    tend_status status = tend_access_may(principal, TEND_VERB_UNDO, TEND_KIND_NONE, 0, undo->reterr);

    if (status >= 0)
        status = tend_store_prepare(undo->model->store, "SELECT principal, closed_at, what='erase' FROM batches WHERE id=?1",
                                    &statement, undo->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, undo->batch);
    status = tend_statement_step(statement, &has_row, undo->reterr);
    if (status >= 0 && has_row) {
        (void)snprintf(made_by, sizeof made_by, "%s", tend_statement_text(statement, 0, NULL));
        is_own = !strcmp(made_by, principal->name);
        is_open = tend_statement_is_null(statement, 1);
        is_final = tend_statement_int(statement, 2) != 0;
    }
    tend_statement_end(statement);
    if (status < 0)
        return status;
    if (!has_row)
        return tend_fail(undo->reterr, TEND_ENOTFOUND, "batch %lld: no such batch; `tend batches` lists the last ones",
                         (long long)undo->batch);
    if (principal->kind != TEND_PRINCIPAL_ADMINISTRATOR && !is_own)
        return tend_fail(undo->reterr, TEND_EDENIED, "%s: may not undo batch %lld of %s; ask an administrator", principal->name,
                         (long long)undo->batch, made_by);
    if (is_final)
        return tend_fail(undo->reterr, TEND_EINVAL, "batch %lld: erased personal data for good; it cannot be undone",
                         (long long)undo->batch);
    if (is_open)
        return tend_fail(undo->reterr, TEND_EBUSY, "batch %lld: is still open; let it finish first", (long long)undo->batch);
    return TEND_OK;
}

static tend_status open_undo(tend_undoing *undo)
{
    char label[64], sql[120];
    tend_status status;

    /* An undo of an undo takes back the words of whoever spoke first. */
    status = tend_undo_ask(undo,
                           "WITH RECURSIVE chain (id) AS (SELECT ?1 UNION SELECT b.undoes FROM chain c JOIN batches b ON b.id=c.id"
                           " WHERE b.undoes IS NOT NULL) SELECT max(b.source) FROM chain c JOIN batches b ON b.id=c.id AND ?2=0",
                           undo->batch, 0, &undo->origin.forgets);
    if (status < 0)
        return status;
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
    return tend_batch_undo_but(model, origin, batch, NULL, arena, ret_report, reterr);
}

tend_status tend_batch_undo_but(tend_model *model, const tend_origin *origin, int64_t batch, const tend_undo_keeper *keeper,
                                tend_arena *arena, tend_undo_report *ret_report, tend_error *reterr)
{
    tend_undoing undo = { .model = model, .origin = *origin, .batch = batch, .keeper = keeper, .arena = arena, .reterr = reterr };
    changed_row *rows = NULL;
    size_t count = 0;
    tend_status status = tend_model_refuse_outside(model, reterr);

    if (status >= 0)
        status = refuse_undo(&undo);
    if (status >= 0 && model->bus)
        status = tend_bus_delivered(model->bus, batch, &undo.report.events, reterr);
    if (status >= 0)
        status =
            tend_undo_ask(&undo,
                          "SELECT max(u.id) FROM batches u WHERE u.undoes=?1 AND u.closed_at IS NOT NULL AND ?2=0 AND NOT EXISTS"
                          " (SELECT 1 FROM batches n WHERE n.undoes=u.id AND n.closed_at IS NOT NULL)",
                          batch, 0, &undo.earlier);
    if (status >= 0)
        status = tend_model_savepoint(model, reterr);
    if (status < 0)
        return status;
    status = open_undo(&undo);
    if (status >= 0)
        status = list_changed(&undo, &rows, &count);
    /* Changed rows let go of those that were made; some of them can only come back when those are gone (a role beside a role). */
    undo.may_wait = true;
    if (status >= 0)
        status = undo_changed(&undo, rows, &count);
    undo.may_wait = false;
    if (status >= 0)
        status = undo_made(&undo);
    if (status >= 0)
        status = undo_changed(&undo, rows, &count);
    if (status >= 0 && tend_batch_is_empty(model, undo.report.batch)) {
        tend_model_rollback_savepoint(model);
        undo.report.batch = 0;
    } else {
        if (status >= 0)
            status = tend_batch_close(model, undo.report.batch, NULL, reterr);
        if (status >= 0)
            status = tend_model_release(model, reterr);
        else
            tend_model_rollback_savepoint(model);
        if (status < 0)
            return status;
    }
    undo.report.left = undo.left;
    undo.report.earlier = undo.earlier;
    *ret_report = undo.report;
    return TEND_OK;
}
