/* today_work.c: what somebody asked for: tasks, approvals, mentions, profiles that run out. */
#include "query/today_inside.h"
#include <string.h>

/* "due 2026-02-28, 3 days overdue". */
static const char *tell_due(const tend_query *query, tend_date due)
{
    int64_t ahead = (int64_t)due - query->today;

    if (due == TEND_NO_DATE)
        return query_say(query, "no due day");
    if (ahead == 0)
        return query_say(query, "due today");
    return query_fill(query, ahead < 0 ? "due {date}, {days} overdue" : "due {date}, in {days}", "date", query_date(query, due),
                      "days", today_days(query, ahead < 0 ? -ahead : ahead), NULL);
}

static const char *join(const tend_query *query, const char *first, const char *second)
{
    return second && *second ? tend_arena_print(query->arena, "%s; %s", first, second) : first;
}

static tend_date due_of(tend_statement *statement, int column)
{
    return (tend_date)query_int(statement, column, TEND_NO_DATE);
}

static void take_task(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    const char *priority = query_text(query, statement, 6), *reason;

    item->kind = "task";
    item->id = tend_statement_int(statement, 0);
    item->what = query_text(query, statement, 1);
    item->account = query_int(statement, 2, 0);
    item->name = query_text(query, statement, 3);
    item->due = due_of(statement, 4);
    item->has_risk = !tend_statement_is_null(statement, 5);
    item->at_risk = query_int(statement, 5, 0);
    item->who = query_text(query, statement, 8);
    item->urgency = today_urgency(query, item->due);
    if (priority)
        item->urgency += strcmp(priority, "urgent") == 0 ? 25
                         : strcmp(priority, "high") == 0 ? 10
                         : strcmp(priority, "low") == 0  ? -10
                                                         : 0;
    reason = join(query, tell_due(query, item->due), query_text(query, statement, 7));
    if (priority && (strcmp(priority, "urgent") == 0 || strcmp(priority, "high") == 0))
        reason = join(query, query_fill(query, "priority {word}", "word", query_say(query, priority), NULL), reason);
    if (item->has_risk && item->at_risk > 0)
        reason = join(query, reason,
                      query_fill(query, "{money} at stake", "money", query_money(query, item->at_risk, query->currency), NULL));
    item->reason = reason;
}

tend_status today_tasks(today_list *list, tend_error *reterr)
{
    return today_gather(
        list,
        "SELECT k.id, k.title, k.account, a.name, k.due_on, coalesce({money k.at_risk k}, (SELECT {money c.annual_amount c} FROM "
        "{contract} AS c WHERE c.id = k.contract)), k.priority, k.reason, u.name FROM {task} AS k LEFT JOIN {account} AS a ON a.id "
        "= "
        "k.account LEFT JOIN {user} AS u ON u.id = k.assignee WHERE k.status = 'open' AND (k.snoozed_until IS NULL OR "
        "k.snoozed_until <= {today}) AND " TODAY_HIS("k.assignee"),
        take_task, reterr);
}

static void take_approval(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    item->kind = "approval";
    item->id = tend_statement_int(statement, 0);
    item->what = query_fill(query, "Decide: {title}", "title", query_text(query, statement, 1), NULL);
    item->account = query_int(statement, 2, 0);
    item->name = query_text(query, statement, 3);
    item->due = due_of(statement, 4);
    item->who = query_text(query, statement, 6);
    item->urgency = (item->due == TEND_NO_DATE ? 50 : today_urgency(query, item->due)) + 10;
    item->reason = join(query, query_fill(query, "your decision is asked, {due}", "due", tell_due(query, item->due), NULL),
                        query_text(query, statement, 5));
}

tend_status today_approvals(today_list *list, tend_error *reterr)
{
    return today_gather(list,
                        "SELECT p.id, p.title, p.account, a.name, p.due_on, p.reason, u.name FROM {approval} AS p LEFT JOIN "
                        "{account} AS a ON a.id = p.account LEFT JOIN {user} AS u ON u.id = p.asked_of WHERE p.status = 'open' AND "
                        "" TODAY_HIS("p.asked_of"),
                        take_approval, reterr);
}

static void take_mention(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    const char *author = query_text(query, statement, 4), *text = query_text(query, statement, 3);

    item->kind = "mention";
    item->id = tend_statement_int(statement, 0);
    item->what = query_say(query, "Read a note");
    item->account = query_int(statement, 1, 0);
    item->name = query_text(query, statement, 2);
    item->who = query_text(query, statement, 5);
    item->urgency = 25;
    item->reason = query_fill(query, "{author} mentions you: {text}", "author", author ? author : query_say(query, "a colleague"),
                              "text", text ? text : "", NULL);
}

tend_status today_mentions(today_list *list, tend_error *reterr)
{
    return today_gather(list,
                        "SELECT m.id, coalesce(m.account, n.account), a.name, substr(n.text, 1, 120), w.name, u.name FROM "
                        "{mention} AS m JOIN {note} AS n ON n.id = m.note LEFT JOIN {account} AS a ON a.id = coalesce(m.account, "
                        "n.account) LEFT JOIN {user} AS w ON w.id = n.author LEFT JOIN {user} AS u ON u.id = m.user WHERE "
                        "m.seen_at IS NULL AND " TODAY_HIS("m.user"),
                        take_mention, reterr);
}

static void take_profile(const tend_query *query, tend_statement *statement, tend_today_item *item)
{
    const char *kind = query_text(query, statement, 4), *contact = query_text(query, statement, 5);
    int64_t ahead;

    item->kind = "profile";
    item->id = tend_statement_int(statement, 0);
    item->account = query_int(statement, 1, 0);
    item->name = query_text(query, statement, 2);
    item->due = due_of(statement, 3);
    item->who = query_text(query, statement, 6);
    ahead = (int64_t)item->due - query->today;
    item->urgency = ahead < 0 ? 80 : 70 - (int)ahead;
    item->what =
        query_fill(query, "Renew the {kind} profile of {whose}", "kind", query_say(query, kind ? kind : "customer"), "whose",
                   contact      ? contact
                   : item->name ? item->name
                                : "",
                   NULL);
    item->reason = query_fill(query, ahead < 0 ? "profile expired {date}, {days} ago" : "profile expires {date}, in {days}", "date",
                              query_date(query, item->due), "days", today_days(query, ahead < 0 ? -ahead : ahead), NULL);
}

/* One that a playbook has an open task for is left to the task. */
#define WITHOUT_TASK                                                                                                        \
    " AND NOT EXISTS (SELECT 1 FROM {task} AS k JOIN runs AS x ON x.id = k.run WHERE k.account = f.account AND k.status = " \
    "'open' AND x.kind = %d AND x.row = f.id)"

tend_status today_profiles(today_list *list, tend_error *reterr)
{
    const tend_query *query = list->query;
    const char *without_task =
        tend_store_has_table(query->world.store, "runs") ? tend_arena_print(query->arena, WITHOUT_TASK, TEND_KIND_PROFILE) : "";
    const char *sql = tend_arena_print(
        query->arena,
        "SELECT f.id, f.account, a.name, f.expires_on, f.kind, c.name, u.name FROM {profile} AS f JOIN {account} AS "
        "a ON a.id = f.account LEFT JOIN {contact} AS c ON c.id = f.contact LEFT JOIN {user} AS u ON u.id = a.owner "
        "WHERE f.expires_on <= {today} + 60 AND coalesce(f.status, '') <> 'draft' AND NOT EXISTS (SELECT 1 FROM "
        "{profile} AS g WHERE g.account = f.account AND g.kind IS f.kind AND g.contact IS f.contact AND "
        "g.expires_on > f.expires_on) AND " TODAY_LIVE_ACCOUNT " AND " TODAY_HIS_ACCOUNT "%s",
        without_task);

    return sql ? today_gather(list, sql, take_profile, reterr)
               : tend_fail(reterr, TEND_ENOMEM, "today: no memory for the question");
}
