/* stop.c: runs that end before their script does: by their exit criteria, with their row, by hand, or with the run whose children
 * they are. */
#include "playbook/inside.h"

#include <string.h>

/* A run that is to be stopped. */
typedef struct stopping {
    int64_t bundle, cause, moved_by;
    char playbook[64];
    bool is_active;
} stopping;

static tend_status read_stopping(tend_playbooks *playbooks, int64_t run, stopping *ret_stopping, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(
        playbooks->store, &statement, reterr,
        "SELECT cause, moved_by, state IN ('running', 'waiting', 'held'), bundle, playbook FROM runs WHERE id = ?1", "i", run);

    *ret_stopping = (stopping){ .is_active = false };
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        *ret_stopping = (stopping){ .cause = tend_statement_int(statement, 0),
                                    .moved_by = tend_statement_int(statement, 1),
                                    .is_active = tend_statement_int(statement, 2) != 0,
                                    .bundle = tend_statement_int(statement, 3) };
        (void)snprintf(ret_stopping->playbook, sizeof ret_stopping->playbook, "%s", tend_statement_text(statement, 4, NULL));
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* What is open when the run is stopped, as its last step: for the timeline. */
static tend_status note_left(tend_playbooks *playbooks, int64_t run, const tend_tree *left, tend_error *reterr)
{
    tend_tree_map map = { 0 };
    tend_tree whole;

    if (left->tag == TEND_TREE_NIL)
        return TEND_OK;
    tend_tree_add(&map, "left_open", *left);
    if (tend_tree_end(&map, playbooks->arena, &whole) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return tend_sql_run(playbooks->store, reterr,
                        "INSERT INTO steps (run, position, name, verb, state, arguments, kind, row, at)"
                        " SELECT ?1, coalesce((SELECT max(position) FROM steps WHERE run = ?1), -1) + 1, 'stopped', 'stop', 'done',"
                        " ?2, 0, 0, ?3",
                        "isi", run, tend_tree_show(&whole, playbooks->arena), tend_playbooks_now(playbooks));
}

/* Whether the bundle has something to do at the end; one that is not loaded may have. */
static bool has_last_word(const tend_playbooks *playbooks, int64_t bundle)
{
    for (size_t i = 0; i < playbooks->bundle_count; i++)
        if (playbooks->bundles[i]->id == bundle)
            return playbooks->bundles[i]->spec.has_on_stop || playbooks->bundles[i]->spec.closes_left;
    return true;
}

tend_status tend_run_stop(tend_playbooks *playbooks, int64_t run, const char *why, const tend_event *event, tend_error *reterr)
{
    stopping stopped;
    tend_tree left;
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
                              "UPDATE runs SET state = ?4, reason = ?2, ended_at = ?3, version = version + 1, moved_by = CASE WHEN"
                              " ?5 <> 0 THEN ?5 ELSE moved_by END WHERE id = ?1",
                              "isisi", run, why, tend_playbooks_now(playbooks),
                              has_last_word(playbooks, stopped.bundle) ? "stopping" : "stopped", event ? event->sequence : 0);
    if (status == TEND_OK)
        status = tend_left_tree(playbooks, run, &left, reterr);
    if (status == TEND_OK)
        status = note_left(playbooks, run, &left, reterr);
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
