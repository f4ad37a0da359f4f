/* exit.c: exit criteria: a condition that ends the runs on a row as soon as it holds, whatever they wait for. It is asked when the
 * subject or its account changes, when a KPI of the account does, and before every move. */
#include "playbook/inside.h"
#include "playbook/tables.h"

#include <string.h>

#define RUNS_AT_ONCE 256

tend_status tend_exit_met(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, const char **ret_why,
                          tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    const char *by = NULL;
    bool is_met = false;
    tend_status status;

    *ret_why = NULL;
    if (!playbook->stop)
        return TEND_OK;
    status = tend_filter_match_rows(playbook->stop, &world, playbooks->rates, playbooks->keeps_rows ? playbooks->rows : NULL, row,
                                    &is_met, &by, reterr);
    if (status == TEND_ENOTFOUND)
        return TEND_OK;
    if (status < 0 || !is_met)
        return status;
    *ret_why = tend_arena_print(playbooks->arena, "stop_when: %s", by ? by : playbook->bundle->spec.stop_where);
    return *ret_why ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

static tend_status end_run(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t run,
                           int64_t row, int64_t account, tend_error *reterr)
{
    const char *why;
    tend_status status = tend_exit_met(playbooks, playbook, row, &why, reterr);

    if (status < 0 || !why)
        return status;
    status = tend_run_stop(playbooks, run, why, event, reterr);
    return status < 0 ? status : tend_decide_note(playbooks, playbook, event, row, account, "stopped", why, run, reterr);
}

tend_status tend_exit_event(tend_playbooks *playbooks, tend_playbook *playbook, const tend_event *event, tend_error *reterr)
{
    struct {
        int64_t run, row, account;
    } found[RUNS_AT_ONCE];
    bool is_own = event->kind == (int32_t)playbook->bundle->spec.subject->kind;
    tend_statement *statement;
    size_t count = 0;
    bool has_row = true;
    tend_status status;

    if (!playbook->stop || event->is_history || event->first == 0 || (!is_own && event->kind != TEND_KIND_ACCOUNT) ||
        !tend_hears_stop(playbook, event))
        return TEND_OK;
    status = tend_sql_ask(
        playbooks->store, &statement, reterr,
        is_own ? "SELECT id, row, account FROM runs WHERE playbook = ?1 AND row BETWEEN ?2 AND ?3 AND " TEND_RUN_AT_WORK
                 " ORDER BY id LIMIT 256"
               : "SELECT id, row, account FROM runs WHERE playbook = ?1 AND account BETWEEN ?2 AND ?3 AND " TEND_RUN_AT_WORK
                 " ORDER BY id LIMIT 256",
        "sii", playbook->name, event->first, event->last);
    while (status >= 0 && count < RUNS_AT_ONCE && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        found[count].run = tend_statement_int(statement, 0);
        found[count].row = tend_statement_int(statement, 1);
        found[count++].account = tend_statement_int(statement, 2);
    }
    tend_statement_end(statement);
    for (size_t i = 0; i < count && status >= 0; i++)
        status = end_run(playbooks, playbook, event, found[i].run, found[i].row, found[i].account, reterr);
    return status < 0 ? status : TEND_OK;
}
