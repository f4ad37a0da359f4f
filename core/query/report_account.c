/* report_account.c: one account as a page: what tend account show tells, and two charts of its past. */
#include "model/merge.h"
#include "query/report.h"

static const tend_heading usage_headings[] = {
    { "month", NULL, TEND_TEXT, false },
    { "uses", NULL, TEND_INT, false },
    { "days", NULL, TEND_INT, false },
    { "errors", NULL, TEND_INT, true },
};
static const tend_heading history_headings[] = {
    { "day", "as of", TEND_DATE, false },
    { "score", NULL, TEND_DECIMAL, false },
    { "band", NULL, TEND_TEXT, false },
};
static const query_section past[] = {
    { "health_history", "Health over time", history_headings, QUERY_COUNT(history_headings), false,
      "SELECT day, numerator, denominator, text FROM (SELECT day, numerator, denominator, text FROM measure_periods WHERE kpi = "
      "'health' AND account = ?1 AND day <= {today} AND denominator <> 0 UNION SELECT day, numerator, denominator, text FROM "
      "measures "
      "WHERE kpi = 'health' AND account = ?1 AND day <= {today} AND denominator <> 0 ORDER BY day DESC LIMIT 12) ORDER BY day" },
    { "usage", "Use by month", usage_headings, QUERY_COUNT(usage_headings), false,
      "SELECT * FROM (SELECT strftime('%Y-%m', g.used_on * 86400, 'unixepoch') AS month, sum(coalesce(g.uses, 0)), count(DISTINCT "
      "g.used_on), sum(coalesce(g.errors, 0)) FROM {usage} AS g WHERE g.account = ?1 AND g.used_on <= {today} GROUP BY month ORDER "
      "BY "
      "month DESC LIMIT 12) ORDER BY month" },
};

tend_status tend_report_account(const tend_query *query, int64_t account, FILE *out, tend_error *reterr)
{
    tend_result *result = report_result(query, out);
    tend_row row;
    tend_status status;

    if (!result)
        return tend_fail(reterr, TEND_ENOMEM, "report: memory is used up");
    status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, account, reterr);
    if (status >= 0)
        status = tend_merge_resolve(&query->world, account, &account, reterr);
    if (status >= 0)
        status = tend_read(&query->world, query->principal, TEND_KIND_ACCOUNT, account, query->arena, &row, reterr);
    if (status < 0)
        goto out;
    report_begin(query, tend_row_name(&query->world, TEND_KIND_ACCOUNT, account, query->arena), out);
    status = tend_query_account(query, account, result, reterr);
    for (int i = 0; status >= 0 && i < QUERY_COUNT(past); i++)
        status = query_show(query, &past[i], &account, 1, result, NULL, reterr);
    if (status >= 0)
        status = tend_query_day_note(query, result, reterr);
    if (status >= 0)
        status = result->end(result, reterr);
    if (status >= 0)
        status = report_end(query, out, reterr);
out:
    result->free(result);
    return status;
}
