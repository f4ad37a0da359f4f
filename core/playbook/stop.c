/* stop.c: runs that end before their script does: by their exit criteria, with their row, by hand, or with the run whose children
 * they are. */
#include "playbook/inside.h"

#include <string.h>

/* A run that is to be stopped. */
typedef struct stopping {
    int64_t cause, moved_by;
    bool is_active;
} stopping;

static tend_status read_stopping(tend_playbooks *playbooks, int64_t run, stopping *ret_stopping, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr,
                     "SELECT cause, moved_by, state IN ('running', 'waiting', 'held') FROM runs WHERE id = ?1", "i", run);

    *ret_stopping = (stopping){ .is_active = false };
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_stopping = (stopping){ .cause = tend_statement_int(statement, 0),
                                    .moved_by = tend_statement_int(statement, 1),
                                    .is_active = tend_statement_int(statement, 2) != 0 };
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_run_stop(tend_playbooks *playbooks, int64_t run, const char *why, const tend_event *event, tend_error *reterr)
{
    stopping stopped;
    tend_status status = read_stopping(playbooks, run, &stopped, reterr);

    if (status == TEND_OK && !stopped.is_active)
        return tend_fail(reterr, TEND_ENOTFOUND, "run %lld: is not at work; nothing to cancel", (long long)run);
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM waits WHERE run = ?1", "i", run);
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr,
                              "UPDATE parts SET state = 'closed', answered_at = ?2 WHERE run = ?1 AND state = 'waiting'", "ii", run,
                              tend_playbooks_now(playbooks));
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr,
                              "UPDATE runs SET state = 'stopped', reason = ?2, ended_at = ?3, version = version + 1 WHERE id = ?1",
                              "isi", run, why, tend_playbooks_now(playbooks));
    if (status == TEND_OK)
        status = tend_children_stop(playbooks, run, event, reterr);
    if (status == TEND_OK)
        status = tend_child_over(playbooks, run, stopped.cause, "stopped", why, event ? event->sequence : stopped.moved_by, reterr);
    return status;
}

tend_status tend_run_cancel(tend_playbooks *playbooks, int64_t run, const char *why, tend_error *reterr)
{
    tend_status status = tend_model_begin(playbooks->model, reterr);

    if (status < 0)
        return status;
    status = tend_run_stop(playbooks, run, why, NULL, reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}
