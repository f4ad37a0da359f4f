/* batch.c: what was written together: an import, a sync, a `set`. */
#include "model/batch.h"
#include "model/inside.h"
#include <string.h>

static tend_status find_open(tend_model *model, const char *resume_key, int64_t *ret_batch, tend_error *reterr)
{
    tend_statement *find = NULL;
    bool has_row = false;
    tend_status status =
        tend_store_prepare(model->store, "SELECT id FROM batches WHERE resume_key=?1 AND closed_at IS NULL", &find, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(find, 1, resume_key);
    status = tend_statement_step(find, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_batch = tend_statement_int(find, 0);
    tend_statement_end(find);
    return status;
}

tend_status tend_batch_open(tend_model *model, const tend_origin *origin, const char *what, const char *label,
                            const char *resume_key, int64_t *ret_batch, bool *ret_resumed, tend_error *reterr)
{
    tend_statement *insert = NULL;
    int64_t id = 0;
    bool is_resumed = false;
    tend_status status = tend_model_refuse_outside(model, reterr);

    if (status >= 0 && resume_key)
        status = find_open(model, resume_key, &id, reterr);
    is_resumed = id != 0;
    if (status < 0 || is_resumed)
        goto out;
    status = tend_store_ids(model->store, "batches", 1, &id, reterr);
    if (status >= 0)
        status = tend_store_prepare(model->store,
                                    "INSERT INTO batches (id, what, label, resume_key, principal, acting_for, source, opened_at)"
                                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                                    &insert, reterr);
    if (status >= 0) {
        tend_statement_bind_int(insert, 1, id);
        tend_statement_bind_string(insert, 2, what);
        tend_statement_bind_string(insert, 3, label ? label : "");
        tend_statement_bind_string(insert, 4, resume_key);
        tend_statement_bind_string(insert, 5, origin->principal->name);
        tend_statement_bind_string(insert, 6, origin->principal->acting_for);
        tend_statement_bind_int(insert, 7, origin->source);
        tend_statement_bind_int(insert, 8, tend_model_now(model));
        status = tend_statement_run(insert, reterr);
    }
    tend_statement_end(insert);
    model->opened = id;
    model->opened_at = model->writes;
out:
    if (status >= 0) {
        *ret_batch = id;
        if (ret_resumed)
            *ret_resumed = is_resumed;
    }
    return status;
}

/* Runs `sql` for the batch (?1) with a number (?2) and a text (?3, may be NULL); TEND_ENOTFOUND when no open batch was met. */
static tend_status change_open(tend_model *model, const char *sql, int64_t batch, int64_t number, const char *text,
                               tend_error *reterr)
{
    tend_statement *update = NULL;
    tend_status status = tend_model_refuse_outside(model, reterr);

    if (status >= 0)
        status = tend_store_prepare(model->store, sql, &update, reterr);
    if (status >= 0) {
        tend_statement_bind_int(update, 1, batch);
        tend_statement_bind_int(update, 2, number);
        tend_statement_bind_string(update, 3, text);
        status = tend_statement_run(update, reterr);
    }
    if (status >= 0 && tend_store_changes(model->store) == 0)
        status = tend_fail(reterr, TEND_ENOTFOUND, "batch %lld: not open; it was closed or never opened", (long long)batch);
    tend_statement_end(update);
    return status;
}

tend_status tend_batch_close(tend_model *model, int64_t batch, int64_t *ret_events, tend_error *reterr)
{
    int64_t events = 0;
    tend_status status = change_open(model, "UPDATE batches SET closed_at=?2 WHERE id=?1 AND closed_at IS NULL AND ?3 IS NULL",
                                     batch, tend_model_now(model), NULL, reterr);

    if (status >= 0)
        status = tend_gather_flush(model, reterr); /* what this transaction holds back must be there to be released */
    if (status >= 0 && model->bus)
        status = tend_bus_release(model->bus, batch, &events, reterr);
    if (status >= 0 && ret_events)
        *ret_events = events;
    return status;
}

bool tend_batch_is_empty(const tend_model *model, int64_t batch)
{
    return model->opened == batch && batch != 0 && model->writes == model->opened_at;
}

tend_status tend_batch_finish(tend_model *model, int64_t batch, int64_t *ret_batch, tend_error *reterr)
{
    bool is_empty = tend_batch_is_empty(model, batch);
    tend_status status = is_empty ? TEND_OK : tend_batch_close(model, batch, NULL, reterr);

    if (is_empty || status < 0)
        tend_model_rollback(model);
    else
        status = tend_model_commit(model, reterr);
    if (status >= 0 && ret_batch)
        *ret_batch = is_empty ? 0 : batch;
    return status;
}

tend_status tend_batch_progress(tend_model *model, int64_t batch, const char *progress, tend_error *reterr)
{
    return change_open(model, "UPDATE batches SET progress=?3 WHERE id=?1 AND closed_at IS NULL AND ?2=0", batch, 0, progress,
                       reterr);
}

tend_status tend_batch_progress_get(tend_model *model, int64_t batch, tend_arena *arena, const char **ret_progress,
                                    tend_error *reterr)
{
    tend_statement *find = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(model->store, "SELECT progress FROM batches WHERE id=?1", &find, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(find, 1, batch);
    status = tend_statement_step(find, &has_row, reterr);
    if (status >= 0 && !has_row)
        status = tend_fail(reterr, TEND_ENOTFOUND, "batch %lld: no such batch", (long long)batch);
    if (status >= 0) {
        const char *text = tend_statement_text(find, 0, NULL);

        *ret_progress = text ? tend_arena_string(arena, text) : NULL;
        if (text && !*ret_progress)
            status = tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    }
    tend_statement_end(find);
    return status;
}
