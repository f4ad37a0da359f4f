/* hand.c: runs that a person takes in hand: a held one is tried again, what was left out is started. */
#include "playbook/guard.h"
#include "playbook/inside.h"

#include <string.h>

/* A held run, and the script that it would go on with. */
typedef struct held_run {
    char playbook[64], state[16];
    int64_t bundle;
} held_run;

static tend_status read_held(tend_playbooks *playbooks, int64_t run, held_run *ret_held, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr, "SELECT playbook, state, bundle FROM runs WHERE id = ?1", "i", run);

    *ret_held = (held_run){ .state = "" };
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        (void)snprintf(ret_held->playbook, sizeof ret_held->playbook, "%s", tend_statement_text(statement, 0, NULL));
        (void)snprintf(ret_held->state, sizeof ret_held->state, "%s", tend_statement_text(statement, 1, NULL));
        ret_held->bundle = tend_statement_int(statement, 2);
    }
    tend_statement_end(statement);
    if (status >= 0 && strcmp(ret_held->state, "held") != 0)
        status = tend_fail(reterr, TEND_ENOTFOUND, "run %lld: is not held; only a held run can be tried again", (long long)run);
    return status < 0 ? status : TEND_OK;
}

/* Why a script cannot be used as it stands; "" when it can. */
static tend_status read_fault(tend_playbooks *playbooks, const char *name, char *ret_why, size_t room, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr, "SELECT why FROM playbook_faults WHERE name = ?1", "s", name);

    ret_why[0] = '\0';
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        (void)snprintf(ret_why, room, "%s", tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* The present script of a held run, when the run fits it: what it has done so far stands in the same order with the same names. */
static tend_status choose_current(tend_playbooks *playbooks, int64_t run, held_run *held, tend_error *reterr)
{
    const tend_playbook *playbook = tend_playbook_at_work(playbooks, held->playbook);
    const char *fault = NULL;
    char why[600];
    tend_status status = read_fault(playbooks, held->playbook, why, sizeof why, reterr);

    if (status < 0)
        return status;
    if (why[0])
        return tend_fail(reterr, TEND_EINVAL, "run %lld: the script as it is now cannot be used: %s", (long long)run, why);
    if (!playbook)
        return tend_fail(reterr, TEND_EINVAL, "run %lld: playbook %s is not at work; enable [playbook.%s] first", (long long)run,
                         held->playbook, held->playbook);
    if (playbook->bundle->id == held->bundle)
        return tend_fail(reterr, TEND_EINVAL,
                         "run %lld: has the script and settings as they are now already; mend %s, or try it again without "
                         "--with-current-script",
                         (long long)run, playbook->bundle->path);
    status = tend_move_try(playbooks, run, playbook->bundle->id, &fault, reterr);
    if (status == TEND_OK && fault)
        return tend_fail(reterr, TEND_EINVAL, "run %lld: cannot go on with the script as it is now and stays held: %s",
                         (long long)run, fault);
    held->bundle = playbook->bundle->id;
    return status;
}

static tend_status say_script(tend_playbooks *playbooks, const held_run *held, tend_retried *ret_retried, tend_error *reterr)
{
    const tend_playbook *playbook = tend_playbook_at_work(playbooks, held->playbook);
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr,
                                      "SELECT path, substr(hash, 1, 12), stored_at FROM bundles WHERE id = ?1", "i", held->bundle);

    *ret_retried = (tend_retried){ .is_current = playbook && playbook->bundle->id == held->bundle };
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        (void)snprintf(ret_retried->script, sizeof ret_retried->script, "%s", tend_statement_text(statement, 0, NULL));
        (void)snprintf(ret_retried->hash, sizeof ret_retried->hash, "%s", tend_statement_text(statement, 1, NULL));
        ret_retried->stored_at = tend_statement_int(statement, 2);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_run_retry(tend_playbooks *playbooks, int64_t run, bool takes_current, tend_retried *ret_retried,
                           tend_error *reterr)
{
    held_run held;
    tend_status status = read_held(playbooks, run, &held, reterr);

    if (status == TEND_OK && takes_current)
        status = choose_current(playbooks, run, &held, reterr);
    if (status == TEND_OK)
        status = say_script(playbooks, &held, ret_retried, reterr);
    if (status == TEND_OK)
        status = tend_model_begin(playbooks->model, reterr);
    if (status < 0)
        return status;
    status = tend_sql_run(playbooks->store, reterr,
                          "UPDATE runs SET state = 'running', bundle = ?2, reason = NULL, version = version + 1"
                          " WHERE id = ?1 AND state = 'held'",
                          "ii", run, held.bundle);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}

/* Rows of a date whose day to start had passed; rows that met a condition when it was new. */
tend_status tend_playbook_release(tend_playbooks *playbooks, const char *name, const tend_release *release,
                                  tend_released *ret_released, tend_error *reterr)
{
    const tend_playbook *playbook = tend_playbook_at_work(playbooks, name);
    const tend_spec *spec = playbook ? &playbook->bundle->spec : NULL;
    tend_status status;

    *ret_released = (tend_released){ 0 };
    if (!playbook)
        return tend_playbook_refuse(playbooks, name, reterr);
    if (spec->is_cadence || !spec->has_start || (!spec->is_due && !playbook->where))
        return tend_fail(reterr, TEND_EINVAL,
                         "playbook %s: starts neither by a date nor by a condition, so it leaves no row out; nothing to release",
                         name);
    status = tend_model_begin(playbooks->model, reterr);
    if (status < 0)
        return status;
    status = spec->is_due
                 ? tend_late_release(playbooks, name, release, ret_released, reterr)
                 : tend_left_out_release(playbooks, playbook, release->limit, &ret_released->rows, &ret_released->left, reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}
