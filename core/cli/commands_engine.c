/* commands_engine.c: serve, once, simulate, status, doctor: the engine itself. */
#include "base/log.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "engine/absent.h"
#include "engine/doctor.h"
#include "engine/engine.h"
#include "engine/simulate.h"
#include <string.h>

tend_status tend_cli_serve(tend_session *session, tend_error *reterr)
{
    tend_log_level level;

    if (tend_log_level_parse(tend_config_text(tend_workspace_config(session->workspace), "daemon", NULL, "log_level"), &level) >= 0)
        tend_log_level_set(level);
    return tend_serve(session->workspace, &tend_remote_hooks, tend_session_option(session, "normal") != NULL, reterr);
}

tend_status tend_cli_once(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "rounds", NULL, TEND_INT, false },
        { "sources", "sources synced", TEND_INT, false },
        { "accounts", "accounts computed anew", TEND_INT, false },
        { "delivered", "messages delivered", TEND_INT, false },
        { "failed", "messages not delivered", TEND_INT, false },
        { "digests", NULL, TEND_INT, false },
        { "handovers", NULL, TEND_INT, false },
    };
    tend_engine_counts counts;
    tend_query query;
    tend_result *result;
    int64_t limit;
    tend_status status = tend_session_number(session, "limit", 50, &limit, reterr);

    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    if (status >= 0 && session->is_dry_run)
        status = tend_query_requests_mark(&query, reterr);
    if (status >= 0)
        status = tend_engine_once(session->workspace, &counts, reterr);
    if (status < 0)
        return status;
    session->exit_code = counts.failed > 0;
    status = result->section(result, "", session->is_dry_run ? "What would be done now" : "Done what was due", headings,
                             sizeof headings / sizeof *headings, true, reterr);
    if (status >= 0)
        status = result->row(result,
                             (tend_value[]){ tend_value_int(counts.rounds), tend_value_int(counts.sources),
                                             tend_value_int(counts.accounts), tend_value_int(counts.delivered),
                                             tend_value_int(counts.failed), tend_value_int(counts.digests),
                                             tend_value_int(counts.handovers) },
                             reterr);
    if (status >= 0 && session->is_dry_run)
        status = tend_query_requests(&query, NULL, limit, result, reterr);
    return status < 0 ? status : tend_cli_note_unsent(session, result, reterr);
}

/* What a simulation in place leaves behind. */
static tend_status tell_clock(tend_session *session, tend_date last, tend_result *result, tend_error *reterr)
{
    char date[TEND_DATE_ROOM];
    const char *text =
        tend_arena_print(session->arena,
                         "This workspace is simulated: its clock now stands at the end of %s, and all of this stays. "
                         "Look at it with tend today, tend playbook runs, tend outbox list.",
                         tend_date_format(last, date));

    return text ? result->note(result, text, reterr) : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
}

tend_status tend_cli_simulate(tend_session *session, tend_error *reterr)
{
    const char *until = tend_session_option(session, "until");
    int64_t limit;
    tend_date last;
    tend_query query;
    tend_simulation simulation;
    tend_result *result;
    bool is_in_place = tend_workspace_has_own_clock(session->workspace);
    tend_status status = TEND_OK;

    if (!until)
        return tend_fail(reterr, TEND_EINVAL, "tend simulate: until when? write --until DATE, such as --until +3m");
    if (is_in_place)
        status = tend_session_reopen_to_write(session, reterr);
    if (status < 0)
        return status;
    result = tend_session_result(session);
    status = tend_session_date(session, until, &last, reterr);
    if (status >= 0)
        status = tend_session_number(session, "limit", 20, &limit, reterr);
    if (status >= 0 && last < tend_session_today(session))
        status = tend_fail(reterr, TEND_EINVAL, "--until: %s lies in the past; write a day to come", until);
    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (status >= 0)
        status = tend_simulate(session->workspace, last, &simulation, reterr);
    if (status < 0)
        return status;
    status = tend_cli_query_over(session, simulation.workspace, &query, reterr);
    if (status >= 0)
        status = tend_query_simulation(&query, simulation.began_at, simulation.ended_at, limit, result, reterr);
    if (status >= 0 && is_in_place)
        status = tell_clock(session, last, result, reterr);
    tend_simulation_end(&simulation);
    return status;
}

static tend_status show_absent(void *self, const tend_absent *absent, tend_error *reterr)
{
    tend_result *result = self;

    return result->row(result,
                       (tend_value[]){ tend_value_of(absent->kind), tend_value_of(absent->name), tend_value_of(absent->state),
                                       tend_value_of(absent->why) },
                       reterr);
}

tend_status tend_cli_status(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = { { "kind", NULL, TEND_TEXT, false },
                                             { "name", NULL, TEND_TEXT, false },
                                             { "state", NULL, TEND_TEXT, false },
                                             { "why", NULL, TEND_TEXT, false } };
    int64_t faults = 0;
    tend_query query;
    tend_result *result;
    tend_status status = tend_cli_begin(session, &query, &result, reterr);

    if (status >= 0)
        status = tend_query_status(&query, result, &faults, reterr);
    if (status >= 0)
        status = tend_cli_section(session, "absent", "Not at work", headings, 4, false, reterr);
    if (status >= 0)
        status = tend_workspace_absent(session->workspace, show_absent, result, reterr);
    if (status >= 0)
        status = tend_cli_note_unsent(session, result, reterr);
    session->exit_code = faults > 0;
    return status;
}

static tend_status show_finding(void *self, const char *what, tend_finding finding, const char *text, tend_error *reterr)
{
    static const char *const words[] = { "", "ok", "warning", "fault" };
    tend_session *session = self;

    if (finding != TEND_FINDING_OK)
        session->exit_code = 1;
    return session->result->row(session->result,
                                (tend_value[]){ tend_value_of(what), tend_value_of(words[finding]), tend_value_of(text) }, reterr);
}

tend_status tend_cli_doctor(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = { { "what", NULL, TEND_TEXT, false },
                                             { "state", NULL, TEND_TEXT, false },
                                             { "text", NULL, TEND_TEXT, false } };
    char folder[4096];
    tend_query query;
    tend_result *result;
    tend_error why = { 0 };
    tend_status opened, status = tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, reterr);

    if (status < 0)
        return status;
    opened = tend_session_open(session, &why);
    result = tend_session_result(session);
    status = result ? result->section(result, "findings", "Doctor", headings, 3, false, reterr)
                    : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (status >= 0 && opened >= 0)
        status = tend_cli_query(session, &query, reterr);
    if (status < 0)
        return status;
    return opened >= 0 ? tend_doctor(session->workspace, &query, show_finding, session, reterr)
                       : tend_doctor_closed(folder, why.text, show_finding, session, reterr);
}
