/* risk.c: money at risk, and why: one rule for the portfolio and the account's own page.
 *
 * An account collects points for what speaks against it (red 60, yellow 30; a contract that ends within 90 days 20, within 30 days
 * 30; an urgent ticket 15; overdue invoices 10; a touch overdue 10), at most 100. Money at risk is its recurring money times the
 * points in a hundred; accounts without points or money are left out. */
#include "query/book.h"
#include "query/today_inside.h"
#include <stdlib.h>
#include <string.h>

typedef struct risky {
    int64_t id, arr, at_risk;
    const char *name, *band, *owner, *reasons;
    tend_value score;
} risky;

typedef struct reasons {
    const tend_query *query;
    const char *text;
    int points;
} reasons;

static void speak(reasons *against, int points, const char *text)
{
    against->points += points;
    against->text = against->text ? tend_arena_print(against->query->arena, "%s; %s", against->text, text) : text;
}

static void speak_of_health(reasons *against, const char *band, const tend_value *score)
{
    const tend_query *query = against->query;
    bool is_red = band && strcmp(band, "red") == 0, is_yellow = band && strcmp(band, "yellow") == 0;
    char room[TEND_DECIMAL_ROOM];
    int64_t tenths = 0;

    if (!is_red && !is_yellow)
        return;
    if (score->type != TEND_NULL)
        (void)tend_muldiv(score->integer, 10, 1000000, &tenths);
    speak(against, is_red ? 60 : 30,
          query_fill(query, "health {band}: {score} of 100", "band", query_say(query, band), "score",
                     tend_decimal_format(tenths, 1, room), NULL));
}

/* Columns: id, name, owner, ends_on, urgent tickets, overdue, last touch, touch_days. */
static void take(const tend_query *query, const account_book *book, tend_statement *statement, risky *account)
{
    const book_account *known = book_find(book, tend_statement_int(statement, 0));
    reasons against = { .query = query };
    tend_date ends = (tend_date)query_int(statement, 3, TEND_NO_DATE);
    int64_t urgent = query_int(statement, 4, 0), overdue = query_int(statement, 5, 0);
    int64_t last = query_int(statement, 6, TEND_NO_TIME), limit = query_int(statement, 7, 0);

    account->id = tend_statement_int(statement, 0);
    account->name = query_text(query, statement, 1);
    account->owner = query_text(query, statement, 2);
    account->arr = known ? known->arr : 0;
    account->band = known ? known->band : NULL;
    account->score = known ? known->score : tend_value_none();
    speak_of_health(&against, account->band, &account->score);
    if (ends != TEND_NO_DATE)
        speak(&against, ends - query->today <= 30 ? 30 : 20,
              query_fill(query, "contract ends {date}, in {days}", "date", query_date(query, ends), "days",
                         today_days(query, ends - query->today), NULL));
    if (urgent > 0)
        speak(&against, 15,
              query_fill(query, urgent == 1 ? "{n} urgent ticket open" : "{n} urgent tickets open", "n",
                         query_number(query, urgent), NULL));
    if (overdue > 0)
        speak(&against, 10, query_fill(query, "{money} overdue", "money", query_money(query, overdue, query->currency), NULL));
    if (limit > 0 && last != TEND_NO_TIME && query_days_since(query, last) > limit)
        speak(&against, 10,
              query_fill(query, "last touch {days} ago; agreed is every {limit}", "days",
                         today_days(query, query_days_since(query, last)), "limit", today_days(query, limit), NULL));
    account->reasons = against.text;
    if (tend_muldiv(account->arr, against.points > 100 ? 100 : against.points, 100, &account->at_risk) < 0)
        account->at_risk = account->arr;
}

static int compare(const void *left, const void *right)
{
    const risky *a = left, *b = right;

    if (a->at_risk != b->at_risk)
        return a->at_risk > b->at_risk ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

#define SELECT                                                                                                                  \
    "SELECT a.id, a.name, u.name, (SELECT min(c.ends_on) FROM {contract} AS c WHERE c.account = a.id AND {active c} AND "       \
    "c.ends_on BETWEEN {today} AND {today} + 90 AND coalesce(c.auto_renew, 0) = 0 AND NOT EXISTS (SELECT 1 FROM {contract} AS " \
    "n WHERE n.predecessor = c.id)), (SELECT count(*) FROM {ticket} AS k WHERE k.account = a.id AND k.priority = 'urgent' AND " \
    "k.closed_at IS NULL AND coalesce(k.status, '') NOT IN ('solved', 'closed')), (SELECT sum({money v.amount v}) FROM "        \
    "{invoice} AS v WHERE v.account = a.id AND v.status IN ('open', 'overdue') AND v.due_on < {today}), CASE WHEN "             \
    "a.touch_days > 0 THEN (SELECT max(i.happened_at) FROM {interaction} AS i WHERE i.account = a.id) END, a.touch_days FROM "  \
    "{account} AS a LEFT JOIN {user} AS u ON u.id = a.owner WHERE "

/* Those of `book` with money at risk; `sql` names the same accounts. */
static tend_status read_all(const tend_query *query, const char *sql, const account_book *book, int64_t who, risky **ret_all,
                            size_t *ret_count, tend_error *reterr)
{
    tend_statement *statement = NULL;
    risky *all = tend_arena_take(query->arena, (book->count + 1) * sizeof *all);
    size_t count = 0;
    tend_status status = all ? query_prepare(query, sql, &statement, reterr)
                             : tend_fail(reterr, TEND_ENOMEM, "portfolio: no memory for %zu accounts", book->count);

    if (status >= 0)
        tend_statement_bind_int(statement, 2, who);
    while (status >= 0) {
        bool has_row = false;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row || count > book->count)
            break;
        take(query, book, statement, &all[count]);
        count += all[count].at_risk > 0;
    }
    tend_statement_end(statement);
    *ret_all = all;
    *ret_count = count;
    return status;
}

tend_status query_account_at_risk(const tend_query *query, int64_t account, int64_t *ret_money, const char **ret_reasons,
                                  tend_error *reterr)
{
    risky *all = NULL;
    size_t count = 0;
    account_book only;
    tend_status status = query_book(query, BOOK_ONE, account, &only, reterr);

    if (status >= 0)
        status = read_all(query, SELECT BOOK_ONE, &only, account, &all, &count, reterr);
    if (status >= 0) {
        *ret_money = count > 0 ? all[0].at_risk : 0;
        *ret_reasons = count > 0 ? all[0].reasons : NULL;
    }
    return status;
}

tend_status query_at_risk(const tend_query *query, const account_book *book, int64_t who, size_t limit, tend_result *result,
                          tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "rank", NULL, TEND_INT, false },           { "account_id", "id", TEND_INT, false },
        { "account", NULL, TEND_TEXT, false },       { "band", NULL, TEND_TEXT, true },
        { "score", NULL, TEND_DECIMAL, true },       { "arr", "recurring a year", TEND_MONEY, false },
        { "at_risk", "at risk", TEND_MONEY, false }, { "owner", NULL, TEND_TEXT, true },
        { "reasons", "why", TEND_TEXT, false },
    };
    const query_section section = { "at_risk", "Most at risk", headings, QUERY_COUNT(headings), false, NULL };
    risky *all = NULL;
    size_t count = 0;
    tend_status status = read_all(query, SELECT BOOK_OF, book, who, &all, &count, reterr);

    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    if (count > 0)
        qsort(all, count, sizeof *all, compare);
    for (size_t i = 0; status >= 0 && i < count && i < limit; i++)
        status =
            result->row(result,
                        (tend_value[]){ tend_value_int((int64_t)i + 1), tend_value_int(all[i].id), tend_value_of(all[i].name),
                                        tend_value_of(all[i].band), all[i].score, tend_value_money(all[i].arr, query->currency),
                                        tend_value_money(all[i].at_risk, query->currency), tend_value_of(all[i].owner),
                                        tend_value_of(all[i].reasons) },
                        reterr);
    return status;
}
