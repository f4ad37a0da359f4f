/* upgrade.c: runs that go on with another version of their script. It is tried over the run's own journal first: the same names and
 * verbs in the same order up to where the run stands. */
#include "playbook/inside.h"

#include <string.h>

typedef struct upgraded_run {
    char playbook[64], state[16];
    int64_t bundle;
} upgraded_run;

static tend_status read_run(tend_playbooks *playbooks, int64_t run, upgraded_run *ret_run, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr, "SELECT playbook, state, bundle FROM runs WHERE id = ?1", "i", run);

    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        (void)snprintf(ret_run->playbook, sizeof ret_run->playbook, "%s", tend_statement_text(statement, 0, NULL));
        (void)snprintf(ret_run->state, sizeof ret_run->state, "%s", tend_statement_text(statement, 1, NULL));
        ret_run->bundle = tend_statement_int(statement, 2);
    }
    tend_statement_end(statement);
    if (status >= 0 && !has_row)
        return tend_fail(reterr, TEND_ENOTFOUND, "run %lld: there is none; see tend playbook runs", (long long)run);
    if (status >= 0 && strcmp(ret_run->state, "waiting") != 0 && strcmp(ret_run->state, "held") != 0)
        return tend_fail(reterr, TEND_EINVAL, "run %lld: is %s; only a run that waits or is held takes another version",
                         (long long)run, ret_run->state);
    return status < 0 ? status : TEND_OK;
}

/* The version by the beginning of its hash; NULL: the one at work. */
static tend_status find_version(tend_playbooks *playbooks, const char *playbook, const char *version, int64_t *ret_bundle,
                                tend_error *reterr)
{
    const tend_playbook *at_work = tend_playbook_at_work(playbooks, playbook);
    int64_t count = 0;
    tend_status status;

    *ret_bundle = at_work ? at_work->bundle->id : 0;
    if (!version)
        return at_work ? TEND_OK
                       : tend_fail(reterr, TEND_ENOTFOUND, "playbook %s: is not at work; name a version with --to", playbook);
    status = tend_sql_number(playbooks->store, 0, &count, reterr,
                             "SELECT count(*) FROM bundles WHERE name = ?1 AND substr(hash, 1, length(?2)) = ?2", "ss", playbook,
                             version);
    if (status == TEND_OK && (count != 1 || version[0] == '\0'))
        return tend_fail(reterr, TEND_ENOTFOUND, "--to: '%s' is %s of playbook %s; tend playbook show RUN has the hashes", version,
                         count == 0 ? "no version" : "the beginning of several versions", playbook);
    return status < 0 ? status
                      : tend_sql_number(playbooks->store, 0, ret_bundle, reterr,
                                        "SELECT id FROM bundles WHERE name = ?1 AND substr(hash, 1, length(?2)) = ?2", "ss",
                                        playbook, version);
}

static tend_status read_hash(tend_playbooks *playbooks, int64_t bundle, char ret_hash[16], tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr, "SELECT substr(hash, 1, 12) FROM bundles WHERE id = ?1", "i", bundle);

    ret_hash[0] = '\0';
    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        (void)snprintf(ret_hash, 16, "%s", tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status pin(tend_playbooks *playbooks, int64_t run, int64_t bundle, tend_error *reterr)
{
    tend_status status = tend_model_begin(playbooks->model, reterr);

    if (status < 0)
        return status;
    status = tend_sql_run(playbooks->store, reterr,
                          "UPDATE runs SET bundle = ?2, version = version + 1, reason = NULL, state = CASE state WHEN 'held' THEN"
                          " 'running' ELSE state END WHERE id = ?1 AND state IN ('waiting', 'held')",
                          "ii", run, bundle);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}

tend_status tend_run_upgrade(tend_playbooks *playbooks, int64_t run, const char *version, bool is_meant,
                             tend_upgraded *ret_upgraded, tend_error *reterr)
{
    upgraded_run found = { .state = "" };
    const char *fault = NULL;
    int64_t bundle = 0;
    tend_status status = read_run(playbooks, run, &found, reterr);

    *ret_upgraded = (tend_upgraded){ .fits = true };
    if (status == TEND_OK)
        status = find_version(playbooks, found.playbook, version, &bundle, reterr);
    if (status == TEND_OK)
        status = read_hash(playbooks, found.bundle, ret_upgraded->from, reterr);
    if (status == TEND_OK)
        status = read_hash(playbooks, bundle, ret_upgraded->to, reterr);
    if (status < 0 || bundle == found.bundle)
        return status;
    status = tend_move_try(playbooks, run, bundle, &fault, reterr);
    if (status < 0)
        return status;
    if (fault) {
        ret_upgraded->fits = false;
        (void)snprintf(ret_upgraded->why, sizeof ret_upgraded->why, "%.590s", fault);
        return TEND_OK;
    }
    return is_meant ? pin(playbooks, run, bundle, reterr) : TEND_OK;
}

tend_status tend_runs_waiting(tend_playbooks *playbooks, const char *playbook, int64_t *ret_runs, size_t most, size_t *ret_count,
                              tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = true;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr,
                     "SELECT id FROM runs WHERE playbook = ?1 AND state IN ('waiting', 'held') ORDER BY id", "s", playbook);

    *ret_count = 0;
    while (status >= 0 && *ret_count < most && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        ret_runs[(*ret_count)++] = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}
