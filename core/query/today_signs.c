/* today_signs.c: what nobody asked for and should not be missed: renewals, touches overdue, red flags. */
#include "query/today_inside.h"
#include <string.h>

static void take_renewal(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    tend_date ends = (tend_date)query_int(statement, 4, TEND_NO_DATE), notice = (tend_date)query_int(statement, 5, TEND_NO_DATE);
    bool renews = query_int(statement, 8, 0) != 0;
    bool by_notice = notice != TEND_NO_DATE && notice >= query->today && (renews || ends == TEND_NO_DATE || notice < ends);
    const char *name = query_text(query, statement, 1), *when, *price, *playbook = query_text(query, statement, 9), *work;
    int64_t ahead;

    item->due = by_notice ? notice : ends;
    if (item->due == TEND_NO_DATE || (renews && !by_notice))
        return;
    ahead = (int64_t)item->due - query->today;
    item->kind = "contract";
    item->id = tend_statement_int(statement, 0);
    item->account = query_int(statement, 2, 0);
    item->name = query_text(query, statement, 3);
    item->has_risk = !tend_statement_is_null(statement, 6);
    item->at_risk = query_int(statement, 6, 0);
    item->who = query_text(query, statement, 7);
    item->urgency = ahead < 0 ? 100 : 90 - (int)(ahead * 2 / 3);
    item->what = query_fill(query, "Renewal of {name}", "name", name ? name : item->name ? item->name : "", NULL);
    when = query_fill(query,
                      by_notice    ? "notice possible until {date}, in {days}"
                      : ahead < 0  ? "contract ended {date}, {days} ago"
                      : ahead == 0 ? "contract ends today"
                                   : "contract ends {date}, in {days}",
                      "date", query_date(query, item->due), "days", today_days(query, ahead < 0 ? -ahead : ahead), NULL);
    price = item->has_risk ? query_fill(query, "{money} a year", "money", query_money(query, item->at_risk, query->currency), NULL)
                           : query_say(query, "no yearly amount known");
    work = playbook ? query_fill(query, "no open task; run {run} of {playbook} is at work on it", "run",
                                 query_number(query, query_int(statement, 10, 0)), "playbook", playbook, NULL)
                    : query_say(query, "no renewal task");
    item->reason = tend_arena_print(query->arena, "%s; %s; %s", when, price, work);
}

/* A run at work on the contract: its task is the work, and without one it is said that there is a run. */
#define RUN_AT_WORK(COLUMN)                                                                                    \
    "(SELECT x." COLUMN " FROM runs AS x WHERE x.kind = %d AND x.row = c.id AND x.state = 'waiting' ORDER BY " \
    "x.id DESC LIMIT 1)"
#define RUN_COLUMNS RUN_AT_WORK("playbook") ", " RUN_AT_WORK("id")
#define RUN_HAS_TASK                                                                                                        \
    " AND NOT EXISTS (SELECT 1 FROM {task} AS k JOIN runs AS x ON x.id = k.run WHERE k.account = c.account AND k.status = " \
    "'open' AND x.kind = %d AND x.row = c.id)"

tend_status today_renewals(today_list *list, tend_error *reterr)
{
    const tend_query *query = list->query;
    const bool has_runs = tend_store_has_table(query->world.store, "runs");
    const char *sql = tend_arena_print(
        query->arena,
        "SELECT c.id, coalesce(c.name, c.number, c.plan_name), c.account, a.name, c.ends_on, c.notice_on, {money c.annual_amount "
        "c}, "
        "coalesce(v.name, u.name), c.auto_renew, %s FROM {contract} AS c JOIN {account} AS a ON a.id = c.account LEFT JOIN {user} "
        "AS "
        "u ON u.id = a.owner LEFT JOIN {user} AS v ON v.id = c.owner WHERE coalesce(c.is_trial, 0) = 0 AND coalesce(c.status, "
        "'active') IN ('signed', 'active') AND (c.starts_on IS NULL OR c.starts_on <= {today}) AND c.ended_on IS NULL AND "
        "(c.ends_on "
        "BETWEEN {today} - 30 AND {today} + 90 OR c.notice_on BETWEEN {today} AND {today} + 90) AND NOT EXISTS (SELECT 1 FROM "
        "{task} "
        "AS k WHERE k.contract = c.id AND k.status = 'open')%s AND NOT EXISTS (SELECT 1 FROM {contract} AS n WHERE n.predecessor = "
        "c.id AND coalesce(n.status, '') NOT IN ('offered', 'cancelled')) AND " TODAY_LIVE_ACCOUNT
        " AND c.id IN (SELECT h.id FROM {contract} AS h WHERE h.account IN (SELECT id FROM his) UNION SELECT h.id FROM {contract} "
        "AS h WHERE h.owner IN (SELECT id FROM people))",
        has_runs ? tend_arena_print(query->arena, RUN_COLUMNS, TEND_KIND_CONTRACT, TEND_KIND_CONTRACT) : "NULL, NULL",
        has_runs ? tend_arena_print(query->arena, RUN_HAS_TASK, TEND_KIND_CONTRACT) : "");

    return sql ? today_gather(list, sql, take_renewal, reterr)
               : tend_fail(reterr, TEND_ENOMEM, "today: no memory for the question");
}

static void take_touch(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    int64_t limit = tend_statement_int(statement, 5), last = query_int(statement, 4, TEND_NO_TIME), days, over;
    int64_t more = tend_statement_int(statement, 8);
    const char *contact = query_text(query, statement, 7);

    item->kind = contact ? "contact" : "account";
    item->id = tend_statement_int(statement, 0);
    item->account = tend_statement_int(statement, 1);
    item->name = query_text(query, statement, 2);
    item->has_risk = !tend_statement_is_null(statement, 3);
    item->at_risk = query_int(statement, 3, 0);
    item->who = query_text(query, statement, 6);
    item->what = query_fill(query, "Get in touch with {name}", "name", contact ? contact : item->name, NULL);
    item->urgency = 30;
    if (last == TEND_NO_TIME) {
        item->reason = query_fill(query, "never touched; agreed is every {limit}", "limit", today_days(query, limit), NULL);
    } else {
        days = query_days_since(query, last);
        over = days - limit;
        item->due = query->today - (tend_date)over;
        item->urgency = 10 + (over >= limit ? 20 : (int)(20 * over / limit));
        item->reason = query_fill(query, "last touch {days} ago; agreed is every {limit}", "days", today_days(query, days), "limit",
                                  today_days(query, limit), NULL);
    }
    if (more > 0)
        item->reason = query_fill(query, more == 1 ? "{reason}; {n} more person waits" : "{reason}; {n} more people wait", "reason",
                                  item->reason, "n", query_number(query, more), NULL);
}

/* Columns: id, account, its name, its money, last touch, agreed days, whose it is, contact's name, how many more are overdue. */
#define OVER " WHERE t.agreed > 0 AND (t.last IS NULL OR " QUERY_DAYS_SINCE("t.last") " > t.agreed)"

/* Materialised: else the last touch is looked up for everybody, several times each, before it is asked whose they are. */
static const char accounts_untouched[] =
    ", t AS MATERIALIZED (SELECT a.id, a.name, (SELECT max(i.happened_at) FROM {interaction} AS i WHERE i.account = a.id AND "
    "i.happened_at <= {now}) AS last, a.touch_days AS agreed, u.name AS who FROM {account} AS a LEFT JOIN {user} AS u ON u.id = "
    "a.owner WHERE a.touch_days > 0 AND " TODAY_LIVE_ACCOUNT " AND " TODAY_HIS_ACCOUNT "), a AS (SELECT t.* FROM t" OVER
    ") SELECT a.id, a.id, a.name, " TODAY_ARR ", a.last, a.agreed, a.who, NULL, 0 FROM a";

/* One line an account: who waits the longest, and how many more do. */
static const char contacts_untouched[] =
    ", t AS MATERIALIZED (SELECT p.id, a.id AS account, a.name, NULL AS arr, (SELECT max(i.happened_at) FROM {interaction} AS i "
    "WHERE i.contact = p.id AND i.happened_at <= {now}) AS last, p.touch_days AS agreed, u.name AS who, p.name AS contact FROM "
    "{contact} AS p JOIN {account} AS a ON a.id = p.account LEFT JOIN {user} AS u ON u.id = coalesce(p.counterpart, a.owner) WHERE "
    "p.id IN (SELECT h.id FROM {contact} AS h WHERE h.touch_days > 0 AND h.account IN (SELECT id FROM his) UNION SELECT h.id FROM "
    "{contact} AS h WHERE h.counterpart IN (SELECT id FROM people)) AND p.touch_days > 0 AND (p.left_on IS NULL OR p.left_on > "
    "{today}) "
    "AND " TODAY_LIVE_ACCOUNT "), w AS (SELECT t.*, count(*) OVER (PARTITION BY account) AS n, row_number() OVER (PARTITION BY "
    "account ORDER BY coalesce(last, 0) + agreed * 86400000, id) AS place FROM t" OVER
    ") SELECT id, account, name, arr, last, agreed, who, contact, n - 1 FROM w WHERE place = 1";

tend_status today_touches(today_list *list, tend_error *reterr)
{
    tend_status status = today_gather(list, accounts_untouched, take_touch, reterr);

    return status < 0 ? status : today_gather(list, contacts_untouched, take_touch, reterr);
}

static void take_health(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    tend_value score = tend_value_ratio(query_int(statement, 4, 0), query_int(statement, 5, 0));
    int64_t tenths = 0;
    char room[TEND_DECIMAL_ROOM];

    if (score.type != TEND_NULL)
        (void)tend_muldiv(score.integer, 10, 1000000, &tenths);
    item->kind = "account";
    item->id = item->account = tend_statement_int(statement, 0);
    item->name = query_text(query, statement, 1);
    item->has_risk = !tend_statement_is_null(statement, 2);
    item->at_risk = query_int(statement, 2, 0);
    item->who = query_text(query, statement, 3);
    item->urgency = 70;
    item->what = query_fill(query, "Look after {name}: health is red", "name", item->name, NULL);
    item->reason = query_fill(query, "health is red: {score} of 100 on {date}", "score",
                              tend_arena_string(query->arena, tend_decimal_format(tenths, 1, room)), "date",
                              query_date(query, (tend_date)query_int(statement, 6, query->today)), NULL);
}

tend_status today_health(today_list *list, tend_error *reterr)
{
    return today_gather(list,
                        "SELECT a.id, a.name, " TODAY_ARR ", u.name, {measure numerator health a.id}, {measure denominator health "
                        "a.id}, {measure day health a.id} FROM {account} AS a LEFT JOIN {user} AS u ON u.id = a.owner WHERE "
                        "{measure text health a.id} = 'red' AND " TODAY_LIVE_ACCOUNT " AND " TODAY_HIS_ACCOUNT,
                        take_health, reterr);
}

static void take_ticket(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    int64_t opened = query_int(statement, 5, query->world.now), days = query_days_since(query, opened);
    const char *title = query_text(query, statement, 1);

    item->kind = "ticket";
    item->id = tend_statement_int(statement, 0);
    item->account = query_int(statement, 2, 0);
    item->name = query_text(query, statement, 3);
    item->has_risk = !tend_statement_is_null(statement, 4);
    item->at_risk = query_int(statement, 4, 0);
    item->who = query_text(query, statement, 6);
    item->urgency = days > 20 ? 100 : 80 + (int)days;
    item->what = query_fill(query, "Urgent ticket: {title}", "title", title ? title : "", NULL);
    item->reason = query_fill(query, "urgent ticket open for {days}", "days", today_days(query, days), NULL);
}

#define URGENT "h.priority = 'urgent' AND h.closed_at IS NULL AND coalesce(h.status, '') NOT IN ('solved', 'closed')"

tend_status today_tickets(today_list *list, tend_error *reterr)
{
    return today_gather(
        list,
        "SELECT k.id, coalesce(k.title, k.number), a.id, a.name, " TODAY_ARR ", k.opened_at, coalesce(v.name, "
        "u.name) FROM {ticket} AS k JOIN {account} AS a ON a.id = k.account LEFT JOIN {user} AS u ON u.id = a.owner "
        "LEFT JOIN {user} AS v ON v.id = k.owner WHERE k.id IN (SELECT h.id FROM {ticket} AS h WHERE " URGENT
        " AND h.account IN (SELECT id FROM his) UNION SELECT h.id FROM {ticket} AS h WHERE " URGENT
        " AND h.owner IN (SELECT id FROM people))",
        take_ticket, reterr);
}

static void take_invoice(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    int64_t count = tend_statement_int(statement, 4), days;

    item->kind = "account";
    item->id = item->account = tend_statement_int(statement, 0);
    item->name = query_text(query, statement, 1);
    item->has_risk = !tend_statement_is_null(statement, 2);
    item->at_risk = query_int(statement, 2, 0);
    item->who = query_text(query, statement, 5);
    item->due = (tend_date)query_int(statement, 3, query->today);
    days = (int64_t)query->today - item->due;
    item->urgency = days > 90 ? 90 : 45 + (int)(days / 2);
    item->what = query_say(query, "Collect overdue invoices");
    item->reason = query_fill(query,
                              count == 1 ? "{n} invoice overdue, {money}, since {date} ({days})"
                                         : "{n} invoices overdue, {money}, the oldest since {date} ({days})",
                              "n", query_number(query, count), "money",
                              item->has_risk ? query_money(query, item->at_risk, query->currency) : "?", "date",
                              query_date(query, item->due), "days", today_days(query, days), NULL);
}

tend_status today_invoices(today_list *list, tend_error *reterr)
{
    return today_gather(list,
                        "SELECT a.id, a.name, sum({money v.amount v}), min(v.due_on), count(*), u.name FROM {invoice} AS v JOIN "
                        "{account} AS a ON a.id = v.account LEFT JOIN {user} AS u ON u.id = a.owner WHERE v.status IN ('open', "
                        "'overdue') AND v.due_on < {today} AND " TODAY_HIS_ACCOUNT " GROUP BY a.id, a.name, u.name",
                        take_invoice, reterr);
}
