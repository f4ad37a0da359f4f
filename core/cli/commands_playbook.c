/* commands_playbook.c: playbooks: look at runs, ask why, let them go on. */
#include "cli/commands.h"
#include "engine/data.h"
#include <limits.h>
#include <string.h>

tend_status tend_cli_playbook_list(tend_session *session, tend_error *reterr)
{
    tend_query query;
    tend_result *result;
    tend_status status = tend_cli_begin(session, &query, &result, reterr);

    return status < 0 ? status : tend_query_playbooks(&query, result, reterr);
}

/* A playbook that has a section or ever had one; *ret_is_at_work: the engine has met it. */
static tend_status find_playbook(tend_session *session, const char *name, bool *ret_is_at_work, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(session->workspace);
    tend_store *store = tend_model_store(tend_workspace_model(session->workspace));
    const char *names[257], *near;
    tend_statement *statement = NULL;
    size_t count = 0;
    bool has_row = true;
    tend_status status = TEND_OK;

    *ret_is_at_work = false;
    if (tend_store_has_table(store, "playbooks"))
        status = tend_store_prepare(store, "SELECT name FROM playbooks ORDER BY name", &statement, reterr);
    while (statement && count < 128 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        names[count] = tend_arena_string(session->arena, tend_statement_text(statement, 0, NULL));
        *ret_is_at_work |= strcmp(names[count++], name) == 0;
    }
    tend_statement_end(statement);
    if (status < 0 || *ret_is_at_work)
        return status;
    for (size_t i = 0; count < 256 && (names[count] = tend_config_instance(config, "playbook", i)) != NULL; i++)
        if (strcmp(names[count++], name) == 0)
            return TEND_OK;
    names[count] = NULL;
    near = tend_near(name, names);
    return tend_fail(reterr, TEND_ENOTFOUND, "playbook '%s': there is none%s%s%s", name,
                     near ? "; did you mean " : "; see tend playbook list", near ? near : "", near ? "?" : "");
}

/* A state that runs have; NULL is any. */
static tend_status check_state(const char *state, tend_error *reterr)
{
    static const char *const states[] = { "running", "waiting", "held", "stopping", "stopped", "ended", NULL };
    const char *near;

    for (size_t i = 0; state && states[i]; i++)
        if (strcmp(state, states[i]) == 0)
            return TEND_OK;
    if (!state)
        return TEND_OK;
    near = tend_near(state, states);
    return tend_fail(reterr, TEND_EINVAL, "--state: '%s' is no state of a run%s%s%s", state,
                     near ? "; did you mean " : ", which are running, waiting, held, stopping, stopped and ended", near ? near : "",
                     near ? "?" : "");
}

tend_status tend_cli_playbook_runs(tend_session *session, tend_error *reterr)
{
    const char *account = tend_session_option(session, "account"), *state = tend_session_option(session, "state");
    int64_t limit, row = 0;
    bool is_at_work;
    tend_query query;
    tend_result *result;
    tend_status status = tend_session_number(session, "limit", 50, &limit, reterr);

    if (status >= 0)
        status = check_state(state, reterr);
    if (status >= 0 && account)
        status = tend_session_row(session, TEND_KIND_ACCOUNT, account, &row, reterr);
    if (status >= 0 && session->word_count > 0)
        status = find_playbook(session, session->words[0], &is_at_work, reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0
               ? status
               : tend_query_runs(&query, session->word_count > 0 ? session->words[0] : NULL, row, state, limit, result, reterr);
}

static tend_status run_number(const tend_session *session, int64_t *ret_run, tend_error *reterr)
{
    const char *word = session->words[0] + (*session->words[0] == '#');

    if (tend_decimal_parse(word, strlen(word), &tend_number_plain, 0, ret_run) < 0)
        return tend_fail(reterr, TEND_EINVAL, "'%s' is not a run; write its number, see tend playbook runs", word);
    return TEND_OK;
}

tend_status tend_cli_playbook_show(tend_session *session, tend_error *reterr)
{
    int64_t run;
    tend_query query;
    tend_result *result;
    tend_status status = run_number(session, &run, reterr);

    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_run(&query, run, result, reterr);
}

tend_status tend_cli_playbook_why(tend_session *session, tend_error *reterr)
{
    const char *at = tend_session_option(session, "at");
    tend_date day = TEND_NO_DATE;
    int64_t account, limit;
    bool is_at_work = true;
    tend_query query;
    tend_result *result;
    tend_status status = find_playbook(session, session->words[0], &is_at_work, reterr);

    if (status >= 0)
        status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[1], &account, reterr);
    if (status >= 0 && !is_at_work)
        status = tend_fail(reterr, TEND_ENOTFOUND,
                           "playbook %s: has not worked yet; run tend once, and tend playbook check if that does not help",
                           session->words[0]);
    if (status >= 0 && at)
        status = tend_session_date(session, at, &day, reterr);
    if (status >= 0)
        status = tend_session_number(session, "limit", 50, &limit, reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    if (status >= 0)
        status = tend_cli_with_health(session, &query, reterr);
    return status < 0 ? status : tend_query_why(&query, session->words[0], account, day, limit, result, reterr);
}

tend_status tend_cli_playbook_fork(tend_session *session, tend_error *reterr)
{
    const tend_fork fork = { .step = tend_session_option(session, "from"),
                             .answer = tend_session_option(session, "answer"),
                             .takes_current = tend_session_option(session, "with-current-script") != NULL };
    tend_playbooks *playbooks;
    tend_query query;
    tend_result *result;
    int64_t run;
    bool did = true;
    tend_status status = run_number(session, &run, reterr);

    if (status >= 0 && !fork.step)
        status =
            tend_fail(reterr, TEND_EINVAL,
                      "tend playbook fork: from which step? write --from STEP; tend playbook show %lld lists them", (long long)run);
    if (status >= 0 && !session->is_dry_run)
        status = tend_fail(reterr, TEND_EINVAL,
                           "tend playbook fork: what was done cannot be done over; write --what-if to see what would come");
    if (status >= 0)
        status = tend_workspace_playbooks(session->workspace, &playbooks, reterr);
    if (status >= 0)
        status = tend_run_fork(playbooks, run, &fork, reterr);
    while (status >= 0 && did)
        status = tend_playbooks_step(playbooks, &did, reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    if (status >= 0)
        status = tend_query_run(&query, run, result, reterr);
    return status < 0 ? status
                      : result->note(result, "What if: this was tried on a private copy, and nothing of it is stored.", reterr);
}

tend_status tend_cli_playbook_retry(tend_session *session, tend_error *reterr)
{
    bool takes_current = tend_session_option(session, "with-current-script") != NULL;
    char date[TEND_DATE_ROOM];
    tend_playbooks *playbooks;
    tend_retried retried;
    int64_t run;
    tend_status status = run_number(session, &run, reterr);

    if (status >= 0)
        status = tend_workspace_playbooks(session->workspace, &playbooks, reterr);
    if (status >= 0)
        status = tend_run_retry(playbooks, run, takes_current, &retried, reterr);
    if (status < 0)
        return status;
    tend_cli_tell(session, "run %lld will be tried again with %s as it %s %s (%s)", (long long)run, retried.script,
                  retried.is_current ? "is since" : "was on",
                  tend_date_format(tend_zone_date(tend_workspace_zone(session->workspace), retried.stored_at), date), retried.hash);
    if (!retried.is_current)
        tend_cli_tell(
            session,
            "the script or its settings have changed since: tend playbook retry %lld --with-current-script takes them as they "
            "are now",
            (long long)run);
    return TEND_OK;
}

tend_status tend_cli_playbook_cancel(tend_session *session, tend_error *reterr)
{
    const char *why = tend_session_option(session, "reason");
    tend_playbooks *playbooks;
    int64_t run;
    tend_status status = run_number(session, &run, reterr);

    if (status >= 0)
        status = tend_workspace_playbooks(session->workspace, &playbooks, reterr);
    if (status >= 0)
        status = tend_run_cancel(playbooks, run,
                                 why ? why : tend_arena_print(session->arena, "cancelled by %s", session->principal.name), reterr);
    if (status >= 0)
        tend_cli_tell(session, "run %lld is stopped; its open tasks stay, see tend playbook show %lld", (long long)run,
                      (long long)run);
    return status;
}

static tend_status say_released(tend_session *session, tend_playbooks *playbooks, int64_t limit, tend_error *reterr)
{
    const char *name = session->words[0];
    const tend_release release = { .limit = limit, .takes_late = tend_session_option(session, "late") != NULL };
    tend_released rows = { 0 };
    int64_t released, left;
    tend_status status = tend_playbook_release_held(playbooks, name, limit, &released, &left, reterr);

    if (status >= 0 && released > 0) {
        tend_cli_tell(session, "%lld held run%s %s go on when the engine works next (tend once); %lld more are held",
                      (long long)released, released == 1 ? "" : "s", session->is_dry_run ? "would" : "will", (long long)left);
        return TEND_OK;
    }
    if (status >= 0)
        status = tend_playbook_release(playbooks, name, &release, &rows, reterr);
    if (status >= 0)
        tend_cli_tell(session,
                      "%lld row%s that %s left out %s start when the engine works next (tend once); %lld more are left out",
                      (long long)rows.rows, rows.rows == 1 ? "" : "s", rows.rows == 1 ? "was" : "were",
                      session->is_dry_run ? "would" : "will", (long long)rows.left);
    if (status >= 0 && rows.late > 0)
        tend_cli_tell(
            session,
            "%lld %s left with less than half of the days that %s takes: --late starts %s too, tend playbook start %s ROW one "
            "of them, tend playbook drop %s leaves all of them out for good",
            (long long)rows.late, rows.late == 1 ? "is" : "others are", name, rows.late == 1 ? "it" : "them", name, name);
    return status;
}

static tend_status say_dropped(tend_session *session, tend_playbooks *playbooks, int64_t limit, tend_error *reterr)
{
    const char *why = tend_session_option(session, "reason");
    tend_dropped dropped;
    tend_status status = tend_playbook_drop(playbooks, session->words[0], limit,
                                            why ? why : tend_arena_print(session->arena, "dropped by %s", session->principal.name),
                                            &dropped, reterr);

    if (status >= 0 && dropped.runs > 0)
        tend_cli_tell(session, "%lld held run%s ended without doing what %s asked for; %lld more are held", (long long)dropped.runs,
                      dropped.runs == 1 ? " is" : "s are", dropped.runs == 1 ? "it" : "they", (long long)dropped.runs_left);
    else if (status >= 0 && dropped.rows == 0)
        tend_cli_tell(session, "nothing of %s is held or left out", session->words[0]);
    else if (status >= 0)
        tend_cli_tell(session, "%lld row%s left out for good, until %s; %lld more can be released", (long long)dropped.rows,
                      dropped.rows == 1 ? " is" : "s are",
                      !dropped.is_by_date ? "the condition begins to hold anew"
                      : dropped.rows == 1 ? "its date moves"
                                          : "their dates move",
                      (long long)dropped.rows_left);
    return status;
}

static tend_status with_playbook(tend_session *session,
                                 tend_status (*act)(tend_session *session, tend_playbooks *playbooks, int64_t limit,
                                                    tend_error *reterr),
                                 tend_error *reterr)
{
    tend_playbooks *playbooks;
    int64_t limit;
    bool is_at_work;
    tend_status status = tend_session_number(session, "limit", 0, &limit, reterr);

    if (status >= 0)
        status = find_playbook(session, session->words[0], &is_at_work, reterr);
    if (status >= 0)
        status = tend_workspace_playbooks(session->workspace, &playbooks, reterr);
    if (status >= 0)
        status = tend_cli_requests_settle(session, reterr);
    if (status >= 0)
        status = tend_cli_requests_mark(session, reterr);
    if (status >= 0)
        status = act(session, playbooks, limit, reterr);
    return status < 0 ? status : tend_cli_requests_show(session, session->words[0], reterr);
}

tend_status tend_cli_playbook_release(tend_session *session, tend_error *reterr)
{
    return with_playbook(session, say_released, reterr);
}

tend_status tend_cli_playbook_drop(tend_session *session, tend_error *reterr)
{
    return with_playbook(session, say_dropped, reterr);
}

/* The rows that a command names. */
typedef struct start_rows {
    int64_t *ids, *events;
    size_t count;
} start_rows;

static tend_status named_rows(tend_session *session, const tend_kind_schema *kind, start_rows *ret_rows, tend_error *reterr)
{
    tend_status status = TEND_OK;

    ret_rows->ids = tend_arena_take(session->arena, (size_t)session->word_count * sizeof *ret_rows->ids);
    ret_rows->events = tend_arena_take(session->arena, (size_t)session->word_count * sizeof *ret_rows->events);
    if (!ret_rows->ids || !ret_rows->events)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the rows");
    for (int i = 1; i < session->word_count && status >= 0; i++)
        status = tend_session_row(session, kind->kind, session->words[i], &ret_rows->ids[ret_rows->count++], reterr);
    return status;
}

/* In a transaction that the caller ends; there is none when it fails. */
static tend_status start_all(tend_session *session, tend_playbooks *playbooks, start_rows *rows, tend_error *reterr)
{
    const char *reason = tend_session_option(session, "reason");
    tend_origin origin = tend_session_origin(session);
    tend_model *model = tend_workspace_model(session->workspace);
    tend_status status = tend_model_begin(model, reterr);

    if (status < 0)
        return status;
    for (size_t i = 0; i < rows->count && status >= 0; i++)
        status = tend_playbook_start(playbooks, &origin, session->words[0], rows->ids[i], reason, &rows->events[i], reterr);
    if (status < 0)
        tend_model_rollback(model);
    return status;
}

tend_status tend_cli_playbook_start(tend_session *session, tend_error *reterr)
{
    const char *name = session->words[0];
    tend_model *model = tend_workspace_model(session->workspace);
    tend_world world = tend_world_live(model);
    const tend_kind_schema *kind = NULL;
    tend_playbooks *playbooks;
    start_rows rows = { .ids = NULL };
    bool is_at_work;
    tend_status status = find_playbook(session, name, &is_at_work, reterr);

    if (status >= 0)
        status = tend_workspace_playbooks(session->workspace, &playbooks, reterr);
    if (status >= 0)
        status = tend_playbook_subject(playbooks, name, &kind, reterr);
    if (status >= 0)
        status = named_rows(session, kind, &rows, reterr);
    if (status >= 0 && session->is_dry_run) { /* what is refused is so by how things stand, not by what is due besides */
        status = start_all(session, playbooks, &rows, reterr);
        if (status >= 0)
            tend_model_rollback(model);
    }
    if (status >= 0)
        status = tend_cli_requests_settle(session, reterr);
    if (status >= 0)
        status = tend_cli_requests_mark(session, reterr);
    if (status >= 0)
        status = start_all(session, playbooks, &rows, reterr);
    if (status >= 0)
        status = tend_model_commit(model, reterr);
    for (size_t i = 0; i < rows.count && status >= 0; i++)
        tend_cli_tell(session, "%s %s on %s %lld, %s (event %lld)", name, session->is_dry_run ? "would begin" : "begins",
                      kind->name, (long long)rows.ids[i], tend_row_name(&world, kind->kind, rows.ids[i], session->arena),
                      (long long)rows.events[i]);
    if (status >= 0 && !session->is_dry_run)
        tend_cli_tell(session, "when the engine works next (tend once); tend playbook why %s ACCOUNT says what came of it", name);
    return status < 0 ? status : tend_cli_requests_show(session, name, reterr);
}

enum { UPGRADES_MAX = 10000 };

tend_status tend_cli_playbook_upgrade(tend_session *session, tend_error *reterr)
{
    const char *word = session->words[0], *version = tend_session_option(session, "to");
    int64_t *runs = tend_arena_take(session->arena, UPGRADES_MAX * sizeof *runs);
    bool is_meant = tend_session_option(session, "yes") != NULL;
    tend_playbooks *playbooks;
    size_t count = 1, movable = 0;
    bool is_at_work;
    tend_status status = runs ? tend_workspace_playbooks(session->workspace, &playbooks, reterr)
                              : tend_fail(reterr, TEND_ENOMEM, "no memory for the runs");

    if (status >= 0 && strspn(word + (*word == '#'), "0123456789") == strlen(word + (*word == '#'))) {
        status = run_number(session, &runs[0], reterr);
    } else if (status >= 0) {
        status = find_playbook(session, word, &is_at_work, reterr);
        if (status >= 0)
            status = tend_runs_waiting(playbooks, word, runs, UPGRADES_MAX, &count, reterr);
    }
    for (size_t i = 0; i < count && status >= 0; i++) {
        tend_upgraded upgraded;

        status = tend_run_upgrade(playbooks, runs[i], version, is_meant, &upgraded, reterr);
        if (status < 0)
            break;
        if (!upgraded.fits)
            session->exit_code = 1;
        if (upgraded.fits && strcmp(upgraded.from, upgraded.to) == 0)
            tend_cli_tell(session, "run %lld has %s already", (long long)runs[i], upgraded.to);
        else if (upgraded.fits)
            tend_cli_tell(session, "run %lld %s on with %s, after %s", (long long)runs[i],
                          is_meant && !session->is_dry_run ? "goes" : "could go", upgraded.to, upgraded.from);
        else
            tend_cli_tell(session, "run %lld %s with %s: %s", (long long)runs[i],
                          is_meant && !session->is_dry_run ? "stays" : "would stay", upgraded.from, upgraded.why);
        movable += upgraded.fits && strcmp(upgraded.from, upgraded.to) != 0;
    }
    if (status >= 0 && count == 0)
        tend_cli_tell(session, "no run of %s waits", word);
    else if (status >= 0 && session->is_dry_run)
        tend_cli_tell(session, "Tried on a private copy; no run was moved.");
    else if (status >= 0 && movable > 0 && !is_meant)
        tend_cli_tell(session, "No run was moved. Do it with --yes: %zu of %zu.", movable, count);
    return status;
}
