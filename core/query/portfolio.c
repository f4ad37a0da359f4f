/* portfolio.c: the book: health bands, the accounts most at risk, renewals, open work, recurring money. */
#include "query/today_inside.h"

#define LIVE "coalesce(a.stage, 'active') NOT IN ('prospect', 'former', 'archived')"

static const tend_heading total_headings[] = {
    { "day", "as of", TEND_DATE, false },
    { "accounts", "customers looked after", TEND_INT, false },
    { "arr", "recurring a year", TEND_MONEY, false },
    { "contracts", "contracts running", TEND_INT, false },
    { "overdue", "overdue invoices", TEND_MONEY, false },
    { "tasks", "open tasks", TEND_INT, false },
    { "without_rate", "contracts without a rate", TEND_INT, false },
};
static const tend_heading band_headings[] = {
    { "band", NULL, TEND_TEXT, false },
    { "accounts", NULL, TEND_INT, false },
    { "arr", "recurring a year", TEND_MONEY, false },
};
static const tend_heading renewal_headings[] = {
    { "contract_id", "id", TEND_INT, false },
    { "contract", NULL, TEND_TEXT, true },
    { "account", NULL, TEND_TEXT, false },
    { "ends_on", "ends", TEND_DATE, false },
    { "days", NULL, TEND_INT, false },
    { "annual_amount", "a year", TEND_MONEY, false },
    { "auto_renew", "renews itself", TEND_BOOL, true },
    { "owner", NULL, TEND_TEXT, true },
    { "tasks", "open tasks", TEND_INT, false },
};
static const tend_heading person_headings[] = {
    { "person", NULL, TEND_TEXT, false },
    { "open", NULL, TEND_INT, false },
    { "overdue", NULL, TEND_INT, false },
    { "at_risk", "at risk", TEND_MONEY, true },
};
static const tend_heading currency_headings[] = {
    { "currency_code", "currency", TEND_TEXT, false },
    { "contracts", NULL, TEND_INT, false },
    { "arr", "recurring a year", TEND_MONEY, false },
    { "arr_company", "in our currency", TEND_MONEY, false },
};

static const query_section totals = {
    "portfolio",
    "In short",
    total_headings,
    QUERY_COUNT(total_headings),
    true,
    "SELECT {today}, (SELECT count(*) FROM {account} AS a WHERE " LIVE "), coalesce((SELECT sum({money c.annual_amount c}) FROM "
    "{contract} AS c WHERE {active c}), 0), {company}, (SELECT count(*) FROM {contract} AS c WHERE {active c}), coalesce((SELECT "
    "sum({money v.amount v}) FROM {invoice} AS v WHERE v.status IN ('open', 'overdue') AND v.due_on < {today}), 0), {company}, "
    "(SELECT count(*) FROM {task} AS k WHERE k.status = 'open'), (SELECT count(*) FROM {contract} AS c WHERE {active c} AND "
    "c.annual_amount IS NOT NULL AND {money c.annual_amount c} IS NULL)"
};
static const query_section bands = {
    "bands",
    "Accounts by health",
    band_headings,
    QUERY_COUNT(band_headings),
    false,
    "SELECT band, count(*), coalesce(sum(arr), 0), {company} FROM (SELECT coalesce({measure text health a.id}, 'unknown') AS band, "
    "" TODAY_ARR " AS arr FROM {account} AS a WHERE " LIVE
    ") GROUP BY band ORDER BY CASE band WHEN 'green' THEN 1 WHEN 'yellow' THEN "
    "2 WHEN 'red' THEN 3 WHEN 'unknown' THEN 5 ELSE 4 END, band"
};
static const query_section renewals = {
    "renewals",
    "Renewals ahead",
    renewal_headings,
    QUERY_COUNT(renewal_headings),
    false,
    "SELECT c.id, coalesce(c.name, c.number, c.plan_name), a.name, c.ends_on, c.ends_on - {today}, {money c.annual_amount c}, "
    "{company}, c.auto_renew, coalesce(v.name, u.name), (SELECT count(*) FROM {task} AS k WHERE k.contract = c.id AND k.status = "
    "'open') FROM {contract} AS c JOIN {account} AS a ON a.id = c.account LEFT JOIN {user} AS u ON u.id = a.owner LEFT JOIN {user} "
    "AS v ON v.id = c.owner WHERE c.ends_on BETWEEN {today} AND {today} + ?1 AND {active c} AND coalesce(c.status, '') <> "
    "'renewed' "
    "ORDER BY c.ends_on, c.id"
};
static const query_section people = {
    "tasks_by_person",
    "Open tasks by person",
    person_headings,
    QUERY_COUNT(person_headings),
    false,
    "SELECT coalesce(u.name, '–'), count(*), coalesce(sum(k.due_on < {today}), 0), sum({money k.at_risk k}), {company} FROM {task} "
    "AS k LEFT JOIN {user} AS u ON u.id = k.assignee WHERE k.status = 'open' GROUP BY u.id, u.name ORDER BY count(*) DESC, u.name"
};
static const query_section currencies = { "arr_by_currency",
                                          "Recurring money by currency",
                                          currency_headings,
                                          QUERY_COUNT(currency_headings),
                                          false,
                                          "SELECT code, count(*), sum(amount), code, sum(company), {company} FROM (SELECT "
                                          "{currency c} AS code, c.annual_amount AS amount, "
                                          "{money c.annual_amount c} AS company FROM {contract} AS c WHERE {active c} AND "
                                          "c.annual_amount IS NOT NULL) GROUP BY code ORDER "
                                          "BY sum(company) IS NULL, sum(company) DESC, code" };

/* Why there are fewer than `tend status` counts. */
static tend_status note_left_out(const tend_query *query, tend_result *result, tend_error *reterr)
{
    tend_statement *statement = NULL;
    const char *text = NULL;
    bool has_row;
    tend_status status =
        query_prepare(query,
                      "SELECT count(*), coalesce(sum(a.stage = 'prospect'), 0), coalesce(sum(a.stage = 'former'), 0), "
                      "coalesce(sum(a.stage = 'archived'), 0) FROM {account} AS a",
                      &statement, reterr);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        text = query_fill(
            query, "{all} accounts in all; not counted here: {prospect} prospects, {former} former, {archived} archived", "all",
            query_number(query, tend_statement_int(statement, 0)), "prospect",
            query_number(query, tend_statement_int(statement, 1)), "former", query_number(query, tend_statement_int(statement, 2)),
            "archived", query_number(query, tend_statement_int(statement, 3)), NULL);
    tend_statement_end(statement);
    return status < 0 ? status : result->note(result, text, reterr);
}

tend_status tend_query_portfolio(const tend_query *query, int days, tend_result *result, tend_error *reterr)
{
    int64_t ahead = days;
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, 0, reterr);

    if (status >= 0)
        status = query_begin(query, reterr);
    if (status >= 0)
        status = query_show(query, &totals, NULL, 0, result, NULL, reterr);
    if (status >= 0)
        status = note_left_out(query, result, reterr);
    if (status >= 0)
        status = query_show(query, &bands, NULL, 0, result, NULL, reterr);
    if (status >= 0)
        status = query_at_risk(query, 10, result, reterr);
    if (status >= 0)
        status = query_show(query, &renewals, &ahead, 1, result, NULL, reterr);
    if (status >= 0)
        status = query_show(query, &people, NULL, 0, result, NULL, reterr);
    if (status >= 0)
        status = query_show(query, &currencies, NULL, 0, result, NULL, reterr);
    return status < 0 ? status : query_segments(query, "arr_by_segment", result, reterr);
}
