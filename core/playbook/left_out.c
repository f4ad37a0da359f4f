/* left_out.c: rows that met a condition when it was new or changed: they start when somebody says so, in batches. And runs that
 * wait for approval of what they would do. */
#include "playbook/guard.h"

#include <string.h>

tend_status tend_left_out_note(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr)
{
    return tend_sql_run(playbooks->store, reterr, "INSERT OR IGNORE INTO left_out (playbook, kind, row) VALUES (?1, ?2, ?3)", "sii",
                        playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row);
}

tend_status tend_left_out_forget(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr)
{
    return tend_sql_run(playbooks->store, reterr, "DELETE FROM left_out WHERE playbook = ?1 AND kind = ?2 AND row = ?3", "sii",
                        playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row);
}

/* As if the condition had come to hold just now. */
static tend_status start_one(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr)
{
    const tend_kind_schema *kind = playbook->bundle->spec.subject;
    tend_subject subject = tend_subject_of(playbooks, &playbook->principal, kind, row, playbooks->arena);
    tend_event event = { .kind = (int32_t)kind->kind, .first = row, .last = row };
    tend_status status = tend_left_out_forget(playbooks, playbook, row, reterr);

    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM edges WHERE playbook = ?1 AND kind = ?2 AND row = ?3", "sii",
                              playbook->name, (int64_t)kind->kind, row);
    if (status == TEND_OK)
        status = tend_subject_account(&subject, reterr);
    if (status < 0)
        return status == TEND_ENOTFOUND ? TEND_OK : status; /* the row is gone */
    (void)snprintf(event.topic, sizeof event.topic, "met.%.50s", playbook->name);
    event.account = subject.account;
    event.recorded_at = tend_playbooks_now(playbooks);
    return tend_bus_publish(tend_model_bus(playbooks->model), &event, false, NULL, reterr);
}

static tend_status count_left_out(tend_playbooks *playbooks, const char *name, int64_t *ret_count, tend_error *reterr)
{
    return tend_sql_number(playbooks->store, 0, ret_count, reterr, "SELECT count(*) FROM left_out WHERE playbook = ?1", "s", name);
}

tend_status tend_left_out_release(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t limit, int64_t *ret_released,
                                  int64_t *ret_left, tend_error *reterr)
{
    int64_t row = 0, released = 0;
    tend_status status = TEND_OK;

    while (status == TEND_OK && (limit <= 0 || released < limit)) {
        int64_t after = row;

        status = tend_sql_number(playbooks->store, 0, &row, reterr,
                                 "SELECT min(row) FROM left_out WHERE playbook = ?1 AND kind = ?2 AND row > ?3", "sii",
                                 playbook->name, (int64_t)playbook->bundle->spec.subject->kind, after);
        if (status < 0 || row == 0)
            break;
        status = start_one(playbooks, playbook, row, reterr);
        if (++released % 1000 == 0)
            tend_arena_reset(playbooks->arena);
    }
    *ret_released = released;
    return status < 0 ? status : count_left_out(playbooks, playbook->name, ret_left, reterr);
}

/* ---- runs that wait for approval ----------------------------------------------------------------------------------------- */

#define HELD_RUNS                                                                                             \
    "SELECT h.run FROM held_effects h JOIN runs r ON r.id = h.run WHERE h.playbook = ?1 AND r.state = 'held'" \
    " ORDER BY h.run LIMIT ?2"

static tend_status release_runs(tend_playbooks *playbooks, const char *name, int64_t limit, int64_t *ret_released,
                                int64_t *ret_left, tend_error *reterr)
{
    tend_status status =
        tend_sql_run(playbooks->store, reterr,
                     "UPDATE runs SET state = 'running', reason = NULL, version = version + 1 WHERE id IN (" HELD_RUNS ")", "si",
                     name, limit > 0 ? limit : -1);

    *ret_released = status == TEND_OK ? tend_store_changes(playbooks->store) : 0;
    if (status == TEND_OK)
        status = tend_playbook_held(playbooks->store, name, ret_left, reterr);
    if (status == TEND_OK && *ret_left == 0) /* somebody has looked: the count begins anew */
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM playbook_effects WHERE playbook = ?1", "s", name);
    return status;
}

tend_status tend_playbook_release_held(tend_playbooks *playbooks, const char *name, int64_t limit, int64_t *ret_released,
                                       int64_t *ret_left, tend_error *reterr)
{
    tend_status status = tend_model_begin(playbooks->model, reterr);

    if (status < 0)
        return status;
    status = release_runs(playbooks, name, limit, ret_released, ret_left, reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}

static tend_status drop_runs(tend_playbooks *playbooks, const char *name, int64_t limit, const char *why, int64_t *ret_dropped,
                             tend_error *reterr)
{
    int64_t run = 0;
    tend_status status = TEND_OK;

    *ret_dropped = 0;
    while (status == TEND_OK && (limit <= 0 || *ret_dropped < limit)) {
        status = tend_sql_number(playbooks->store, 0, &run, reterr, HELD_RUNS, "si", name, (int64_t)1);
        if (status < 0 || run == 0)
            break;
        status = tend_run_stop(playbooks, run, why, NULL, reterr);
        if (status == TEND_OK)
            status = tend_sql_run(playbooks->store, reterr, "DELETE FROM held_effects WHERE run = ?1", "i", run);
        *ret_dropped += status == TEND_OK;
    }
    return status;
}

/* Without runs that wait, it is what was left out that is to stay so. */
static tend_status drop(tend_playbooks *playbooks, const char *name, int64_t limit, const char *why, tend_dropped *ret_dropped,
                        tend_error *reterr)
{
    tend_status status = drop_runs(playbooks, name, limit, why, &ret_dropped->runs, reterr);

    if (status == TEND_OK)
        status = tend_playbook_held(playbooks->store, name, &ret_dropped->runs_left, reterr);
    if (status < 0 || ret_dropped->runs > 0)
        return status;
    status =
        tend_sql_run(playbooks->store, reterr,
                     "DELETE FROM left_out WHERE playbook = ?1 AND row IN (SELECT row FROM left_out WHERE playbook = ?1 ORDER BY"
                     " row LIMIT ?2)",
                     "si", name, limit > 0 ? limit : -1);
    if (status < 0)
        return status;
    ret_dropped->rows = tend_store_changes(playbooks->store);
    status = count_left_out(playbooks, name, &ret_dropped->rows_left, reterr);
    return status < 0 || ret_dropped->rows > 0 ? status : tend_late_drop(playbooks, name, limit, ret_dropped, reterr);
}

tend_status tend_playbook_drop(tend_playbooks *playbooks, const char *name, int64_t limit, const char *why,
                               tend_dropped *ret_dropped, tend_error *reterr)
{
    tend_status status = tend_model_begin(playbooks->model, reterr);

    *ret_dropped = (tend_dropped){ 0 };
    if (status < 0)
        return status;
    status = drop(playbooks, name, limit, why, ret_dropped, reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}
