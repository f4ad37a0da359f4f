/* commands_kpi.c: KPIs and health: values, what they are made of, and computing them anew. */
#include "cli/commands.h"
#include "kpi/refresh.h"
#include "kpi/source.h"
#include <string.h>

/* The query with the catalogue opened, and --account and --from as they were written. */
typedef struct question {
    tend_query query;
    tend_result *result;
    tend_period period;
    const tend_period *given; /* NULL: the KPI's own period */
    int64_t account;          /* 0: all */
} question;

static tend_status begin(tend_session *session, question *ret_asked, tend_error *reterr)
{
    const char *account = tend_session_option(session, "account"), *from = tend_session_option(session, "from");
    tend_status status = tend_cli_begin(session, &ret_asked->query, &ret_asked->result, reterr);

    ret_asked->account = 0;
    ret_asked->given = NULL;
    if (status >= 0)
        status = tend_workspace_kpis(session->workspace, &ret_asked->query.kpis, reterr);
    if (status >= 0 && account)
        status = tend_session_row(session, TEND_KIND_ACCOUNT, account, &ret_asked->account, reterr);
    if (status >= 0 && from) {
        ret_asked->period.to = tend_world_day(&ret_asked->query.world);
        status = tend_session_date(session, from, &ret_asked->period.from, reterr);
        if (status >= 0 && ret_asked->period.from >= ret_asked->period.to)
            status =
                tend_fail(reterr, TEND_EINVAL,
                          "--from: %s is not before the last day of the period; choose an earlier day or a later --as-of", from);
        ret_asked->given = &ret_asked->period;
    }
    return status;
}

/* What the health reads need not be a KPI: then its name leads to the command that shows it. */
static tend_status refuse_health(tend_session *session, const tend_query *query, const char *id, tend_error *reterr)
{
    const tend_scorecard *card = tend_workspace_scorecard(session->workspace);
    const tend_kpi *kpi;

    if (tend_kpis_find(query->kpis, id, &kpi, NULL) >= 0)
        return TEND_OK;
    if (strcmp(id, "health") == 0)
        return tend_fail(reterr, TEND_ENOTFOUND,
                         "kpi health: is a score of each account and no KPI; see tend health show, tend health explain ACCOUNT");
    for (size_t i = 0; i < card->measure_count; i++) {
        const tend_score_measure *measure = &card->measures[i];

        if (strcmp(measure->value, id) == 0)
            return tend_fail(
                reterr, TEND_ENOTFOUND,
                "kpi %s: is what the health measure %s reads of each account, and no KPI; see tend health explain ACCOUNT", id,
                measure->name);
        if (strcmp(measure->name, id) == 0)
            return tend_fail(reterr, TEND_ENOTFOUND,
                             "kpi %s: is a health measure (it reads %s), and no KPI; see tend health explain ACCOUNT", id,
                             measure->value);
    }
    if (tend_source_exists(tend_workspace_schema(session->workspace), id))
        return tend_fail(
            reterr, TEND_ENOTFOUND,
            "kpi %s: is a number that health measures may read, and no KPI; no measure reads it, see [measure.NAME] in "
            "tend config template",
            id);
    return TEND_OK;
}

tend_status tend_cli_kpi_list(tend_session *session, tend_error *reterr)
{
    question asked;
    tend_status status = begin(session, &asked, reterr);

    return status < 0 ? status : tend_query_kpis(&asked.query, asked.result, reterr);
}

tend_status tend_cli_kpi_show(tend_session *session, tend_error *reterr)
{
    question asked;
    tend_status status = begin(session, &asked, reterr);

    if (status >= 0)
        status = refuse_health(session, &asked.query, session->words[0], reterr);
    return status < 0 ? status : tend_query_kpi(&asked.query, session->words[0], asked.given, asked.account, asked.result, reterr);
}

tend_status tend_cli_kpi_explain(tend_session *session, tend_error *reterr)
{
    question asked;
    tend_status status = begin(session, &asked, reterr);

    if (status >= 0)
        status = refuse_health(session, &asked.query, session->words[0], reterr);
    return status < 0 ? status
                      : tend_query_kpi_explain(&asked.query, session->words[0], asked.given, asked.account, asked.result, reterr);
}

tend_status tend_cli_health_show(tend_session *session, tend_error *reterr)
{
    question asked;
    int64_t limit;
    tend_status status = begin(session, &asked, reterr);

    if (status >= 0)
        status = tend_session_number(session, "limit", 0, &limit, reterr);
    return status < 0 ? status
                      : tend_query_health(&asked.query, tend_workspace_scorecard(session->workspace), limit, asked.result, reterr);
}

tend_status tend_cli_health_explain(tend_session *session, tend_error *reterr)
{
    question asked;
    int64_t account;
    tend_status status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[0], &account, reterr);

    if (status >= 0)
        status = begin(session, &asked, reterr);
    return status < 0 ? status
                      : tend_query_health_explain(&asked.query, tend_workspace_scorecard(session->workspace), account, asked.result,
                                                  reterr);
}

tend_status tend_cli_kpi_refresh(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = { { "accounts", "accounts computed", TEND_INT, false },
                                             { "published", "values that differ", TEND_INT, false },
                                             { "closed", "values of months closed", TEND_INT, false },
                                             { "failed", "KPIs that failed", TEND_INT, false } };
    tend_result *result = tend_session_result(session);
    tend_refresh_report report;
    tend_kpis *kpis;
    tend_status status = tend_workspace_kpis(session->workspace, &kpis, reterr);

    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (status >= 0)
        status = tend_kpi_refresh(tend_workspace_model(session->workspace), kpis, tend_workspace_scorecard(session->workspace),
                                  tend_session_option(session, "all") != NULL, &report, reterr);
    if (status >= 0)
        status = result->section(result, "", "Computed", headings, 4, true, reterr);
    if (status < 0)
        return status;
    session->exit_code = report.failed > 0;
    return result->row(result,
                       (tend_value[]){ tend_value_int(report.accounts), tend_value_int(report.published),
                                       tend_value_int(report.closed), tend_value_int(report.failed) },
                       reterr);
}
