/* portfolio.c: the book: health bands, the accounts most at risk, renewals, open work, recurring money. */
#include "query/book.h"
#include <stdlib.h>
#include <string.h>

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
    { "at_risk", "at stake", TEND_MONEY, true },
};
static const tend_heading currency_headings[] = {
    { "currency_code", "currency", TEND_TEXT, false },
    { "contracts", NULL, TEND_INT, false },
    { "arr", "recurring a year", TEND_MONEY, false },
    { "arr_company", "in our currency", TEND_MONEY, false },
};

/* ?1: how many days renewals look ahead; ?2: whose accounts, 0 for all. All sums are over the same accounts. */
#define OF_BOOK(alias) alias ".account IN (SELECT a.id FROM {account} AS a WHERE " BOOK_OF ")"

static const query_section totals = {
    "portfolio",
    "In short",
    total_headings,
    QUERY_COUNT(total_headings),
    true,
    "SELECT {today}, (SELECT count(*) FROM {account} AS a WHERE " BOOK_OF "), coalesce((SELECT sum({money c.annual_amount c}) FROM "
    "{contract} AS c WHERE {active c} AND " OF_BOOK(
        "c") "), 0), {company}, (SELECT count(*) FROM {contract} AS c WHERE {active c} "
             "AND " OF_BOOK(
                 "c") "), coalesce((SELECT sum({money v.amount v}) FROM {invoice} AS v WHERE v.status IN ('open', 'overdue') AND "
                      "v.due_on < {today} AND " OF_BOOK(
                          "v") "), 0), {company}, (SELECT count(*) FROM {task} AS k WHERE k.status = 'open' AND (?2 = 0 "
                               "OR k.assignee = ?2)), (SELECT count(*) FROM {contract} AS c WHERE {active c} AND c.annual_amount "
                               "IS NOT NULL AND {money "
                               "c.annual_amount c} IS NULL AND " OF_BOOK("c") ")"
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
    "'renewed' AND " BOOK_OF " ORDER BY c.ends_on, c.id"
};
static const query_section people = {
    "tasks_by_person",
    "Open tasks by person",
    person_headings,
    QUERY_COUNT(person_headings),
    false,
    "SELECT coalesce(u.name, '–'), count(*), coalesce(sum(k.due_on < {today}), 0), sum({money k.at_risk k}), {company} FROM {task} "
    "AS k LEFT JOIN {user} AS u ON u.id = k.assignee WHERE k.status = 'open' AND (?2 = 0 OR k.assignee = ?2) GROUP BY u.id, u.name "
    "ORDER BY count(*) DESC, u.name"
};
static const query_section currencies = {
    "arr_by_currency",
    "Recurring money by currency",
    currency_headings,
    QUERY_COUNT(currency_headings),
    false,
    "SELECT code, count(*), sum(amount), code, sum(company), {company} FROM (SELECT {currency c} AS code, c.annual_amount AS "
    "amount, "
    "{money c.annual_amount c} AS company FROM {contract} AS c WHERE {active c} AND c.annual_amount IS NOT NULL AND " OF_BOOK(
        "c") ") GROUP BY code ORDER BY sum(company) IS NULL, sum(company) DESC, code"
};

typedef struct band_sum {
    const char *name;
    int place;
    int64_t accounts, arr;
} band_sum;

static int compare_bands(const void *left, const void *right)
{
    const band_sum *a = left, *b = right;

    return a->place != b->place ? a->place - b->place : strcmp(a->name, b->name);
}

static int place_of(const char *band)
{
    static const char *const order[] = { "green", "yellow", "red", "", "unknown" };

    for (int i = 0; i < QUERY_COUNT(order); i++)
        if (strcmp(band, order[i]) == 0)
            return i;
    return 3;
}

static tend_status show_bands(const tend_query *query, const account_book *book, tend_result *result, tend_error *reterr)
{
    const query_section section = { "bands", "Accounts by health", band_headings, QUERY_COUNT(band_headings), false, NULL };
    band_sum *sums = tend_arena_take(query->arena, (book->count + 1) * sizeof *sums);
    size_t count = 0;
    tend_status status = sums ? query_announce(query, &section, result, reterr)
                              : tend_fail(reterr, TEND_ENOMEM, "portfolio: no memory for the bands");

    for (size_t i = 0; status >= 0 && i < book->count; i++) {
        const char *band = book->accounts[i].band ? book->accounts[i].band : "unknown";
        size_t at = 0;

        while (at < count && strcmp(sums[at].name, band) != 0)
            at++;
        if (at == count)
            sums[count++] = (band_sum){ .name = band, .place = place_of(band) };
        sums[at].accounts++;
        if (__builtin_add_overflow(sums[at].arr, book->accounts[i].arr, &sums[at].arr))
            status = tend_fail(reterr, TEND_ELIMIT, "portfolio: recurring money is past 64 bits; look for a wrong amount");
    }
    if (status >= 0)
        qsort(sums, count, sizeof *sums, compare_bands);
    for (size_t i = 0; status >= 0 && i < count; i++)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(sums[i].name), tend_value_int(sums[i].accounts),
                                             tend_value_money(sums[i].arr, query->currency) },
                             reterr);
    return status < 0 || !book->fault ? status : result->note(result, book->fault, reterr);
}

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

/* Contracts that run on although their account is not looked after: in no sum above. */
static tend_status note_outside(const tend_query *query, tend_result *result, tend_error *reterr)
{
    tend_statement *statement = NULL;
    const char *text = NULL;
    bool has_row;
    tend_status status = query_prepare(query,
                                       "SELECT count(*), coalesce(sum({money c.annual_amount c}), 0) FROM {contract} AS c JOIN "
                                       "{account} AS a ON a.id = c.account WHERE {active c} AND NOT (" BOOK_STAGE ")",
                                       &statement, reterr);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && tend_statement_int(statement, 0) > 0)
        text = query_fill(query,
                          tend_statement_int(statement, 0) == 1
                              ? "{n} contract of those accounts still runs, {money} a year, not counted here"
                              : "{n} contracts of those accounts still run, {money} a year, not counted here",
                          "n", query_number(query, tend_statement_int(statement, 0)), "money",
                          query_money(query, tend_statement_int(statement, 1), query->currency), NULL);
    tend_statement_end(statement);
    return status < 0 || !text ? status : result->note(result, text, reterr);
}

/* The KPI arr has the same name and another rate. */
static tend_status note_rates(const tend_query *query, tend_result *result, tend_error *reterr)
{
    tend_period period;

    if (!query->kpis)
        return TEND_OK;
    period = tend_kpis_period(query->kpis, tend_world_day(&query->world));
    return result->note(result,
                        query_fill(query,
                                   "money is converted by the rates of {day}; KPIs (tend kpi show arr) by those of {opening}, the "
                                   "first day of their period, and over all accounts",
                                   "day", query_date(query, query->today), "opening", query_date(query, period.from), NULL),
                        reterr);
}

tend_status tend_query_portfolio(const tend_query *query, int days, int64_t owner, tend_result *result, tend_error *reterr)
{
    const int64_t numbers[] = { days, owner };
    account_book book = { 0 };
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, 0, reterr);

    if (status >= 0)
        status = query_begin(query, reterr);
    if (status >= 0)
        status = query_show(query, &totals, numbers, 2, result, NULL, reterr);
    if (status >= 0 && owner == 0)
        status = note_left_out(query, result, reterr);
    if (status >= 0 && owner == 0)
        status = note_outside(query, result, reterr);
    if (status >= 0)
        status = note_rates(query, result, reterr);
    if (status >= 0)
        status = query_stale_note(query, result, reterr);
    if (status >= 0)
        status = query_book(query, BOOK_OF, owner, &book, reterr);
    if (status >= 0)
        status = show_bands(query, &book, result, reterr);
    if (status >= 0)
        status = query_at_risk(query, &book, owner, 10, result, reterr);
    if (status >= 0)
        status = query_show(query, &renewals, numbers, 2, result, NULL, reterr);
    if (status >= 0)
        status = query_show(query, &people, numbers, 2, result, NULL, reterr);
    if (status >= 0)
        status = query_show(query, &currencies, numbers, 2, result, NULL, reterr);
    return status < 0 ? status : query_segments(query, "arr_by_segment", BOOK_OF, owner, result, reterr);
}
