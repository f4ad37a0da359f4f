/* commands_backtest.c: tend playbook backtest. */
#include "cli/commands.h"
#include "engine/backtest.h"
#include "query/backtest.h"
#include <string.h>

/* What was asked for. */
typedef struct wanted {
    tend_backtest_options options;
    tend_backtest_version versions[2];
    const char *labels[2], *outcome;
    size_t version_count;
    int64_t limit;
} wanted;

static bool is_file(const char *written)
{
    size_t length = strlen(written);

    return strchr(written, '/') || (length > 4 && strcmp(written + length - 4, ".lua") == 0);
}

/* "playbooks/renewal.lua" is renewal. */
static const char *name_of(tend_session *session, const char *written)
{
    const char *slash = strrchr(written, '/'), *base = slash ? slash + 1 : written;
    size_t length = strlen(base);

    return length > 4 && strcmp(base + length - 4, ".lua") == 0 ? tend_arena_copy(session->arena, base, length - 4)
                                                                : tend_arena_string(session->arena, base);
}

static tend_status read_day(tend_session *session, const char *name, tend_date *ret_day, tend_error *reterr)
{
    const char *written = tend_session_option(session, name);

    if (!written)
        return tend_fail(reterr, TEND_EINVAL,
                         "tend playbook backtest: over which days? write --from DATE --to DATE, such as --from "
                         "-2y --to today");
    return tend_session_date(session, written, ret_day, reterr);
}

static tend_status read_assumption(tend_session *session, tend_assumption *ret_assumption, tend_error *reterr)
{
    const char *written = tend_session_option(session, "answers");

    if (!written || strcmp(written, "on-time") == 0)
        *ret_assumption = TEND_ASSUME_ON_TIME;
    else if (strcmp(written, "never") == 0)
        *ret_assumption = TEND_ASSUME_NEVER;
    else
        return tend_fail(reterr, TEND_EINVAL, "--answers: '%s' is not known; write on-time or never", written);
    return TEND_OK;
}

static tend_status read_asked(tend_session *session, wanted *asked, tend_error *reterr)
{
    const char *outcome = tend_session_option(session, "outcome");
    tend_status status = read_day(session, "from", &asked->options.from, reterr);

    if (status >= 0)
        status = read_day(session, "to", &asked->options.to, reterr);
    if (status >= 0 && asked->options.to < asked->options.from)
        status = tend_fail(reterr, TEND_EINVAL, "--to: is before --from; turn them round");
    if (status >= 0 && asked->options.to > tend_session_today(session))
        status =
            tend_fail(reterr, TEND_EINVAL, "--to: is still to come; a backtest goes over what was known, tend simulate goes on");
    if (status >= 0)
        status = read_assumption(session, &asked->options.assumption, reterr);
    if (status >= 0)
        status = tend_session_number(session, "limit", 20, &asked->limit, reterr);
    asked->outcome = outcome ? outcome : "churned";
    asked->options.playbook = name_of(session, session->words[0]);
    asked->labels[0] = session->words[0];
    asked->labels[1] = tend_session_option(session, "against");
    asked->version_count = asked->labels[1] ? 2 : 1;
    if (status >= 0 && !asked->options.playbook)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status;
}

/* Which script each of the two is. */
static tend_status find_versions(tend_session *session, tend_workspace *history, wanted *asked, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < asked->version_count && status >= 0; i++) {
        if (is_file(asked->labels[i])) {
            asked->versions[i].script = tend_session_path(session, asked->labels[i]);
            if (!asked->versions[i].script)
                status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
        } else if (i > 0) {
            status =
                tend_backtest_find_version(history, asked->options.playbook, asked->labels[i], &asked->versions[i].bundle, reterr);
        }
    }
    return status;
}

static tend_status find_outcomes(tend_session *session, tend_workspace *history, const wanted *asked, const tend_query *query,
                                 tend_backtest_span *ret_span, tend_outcomes *ret_outcomes, tend_error *reterr)
{
    tend_world world = tend_world_live(tend_workspace_model(history));
    tend_filter *filter;
    tend_status status = tend_backtest_until(history, &ret_span->until, reterr);

    ret_span->from = asked->options.from;
    ret_span->to = asked->options.to;
    if (status >= 0 && ret_span->until < ret_span->to)
        ret_span->until = ret_span->to;
    if (status >= 0 && session->known_at != TEND_NO_TIME)
        world.known = session->known_at;
    if (status >= 0 &&
        tend_filter_parse(world.schema, query->segments, TEND_KIND_ACCOUNT, asked->outcome, "--outcome", &filter, NULL) >= 0) {
        status = tend_filter_may(filter, query->principal, "--outcome", reterr);
        tend_filter_free(filter);
    }
    return status < 0 ? status
                      : tend_outcomes_find(&world, query->segments, query->rates, asked->outcome, query->zone, ret_span->from,
                                           ret_span->until, session->arena, ret_outcomes, reterr);
}

static tend_status run_and_show(tend_session *session, tend_workspace *history, wanted *asked, tend_result *result,
                                tend_error *reterr)
{
    tend_backtest versions[2];
    tend_outcomes outcomes;
    tend_backtest_report report = { .playbook = asked->options.playbook,
                                    .wanted = asked->outcome,
                                    .outcomes = &outcomes,
                                    .assumption = asked->options.assumption,
                                    .versions = versions,
                                    .version_count = asked->version_count };
    tend_query query;
    tend_status status = tend_cli_query_over(session, history, &query, reterr);

    if (status >= 0)
        status = find_versions(session, history, asked, reterr);
    if (status >= 0)
        status = find_outcomes(session, history, asked, &query, &report.span, &outcomes, reterr);
    for (size_t i = 0; i < asked->version_count && status >= 0; i++) {
        status =
            tend_backtest_run(history, &asked->options, &asked->versions[i], session->err, session->arena, &versions[i], reterr);
        versions[i].label = asked->labels[i];
    }
    return status < 0 ? status : tend_query_backtest(&query, &report, asked->limit, result, reterr);
}

tend_status tend_cli_playbook_backtest(tend_session *session, tend_error *reterr)
{
    wanted asked = { .version_count = 1 };
    tend_workspace *history = NULL;
    tend_result *result;
    tend_status status = read_asked(session, &asked, reterr);

    if (status < 0)
        return status;
    result = tend_session_result(session);
    if (!result)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    status = tend_backtest_open(session->workspace, &history, reterr);
    if (status >= 0)
        status = run_and_show(session, history, &asked, result, reterr);
    tend_backtest_close(history);
    return status;
}
