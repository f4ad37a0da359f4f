/* today.c: one ranked list of what to do now.
 *
 * Rank = (floor + money at risk) × urgency, highest first; equal ones by due day, kind and id, so that the order never wavers.
 * Money is in the company's currency. The floor is a tenth of the mean yearly money of the accounts that bring any, so that work
 * without money is not lost at the bottom: a task that is badly overdue outranks a distant renewal of a tenth of an average
 * account. Urgency is 5 to 125; where it comes from stands beside each source:
 *
 *   task, approval   60 on the due day, +2 a day after it (to 100), -2 a day before it (to 10); no day: 30
 *                    urgent +25, high +10, low -10; an approval +10
 *   renewal          90 on the last day of the term or of notice, less the nearer it is not, to 30 at 90 days; past it 100
 *   touch overdue    10, and up to 20 more as the days over reach the days agreed; no money hangs on a single contact
 *   health is red    70            urgent ticket   80, +1 a day to 100
 *   invoice overdue  45, +1 every two days to 90
 *   profile expiring 70 on the day, -1 a day before it; expired 80
 *   mention          25 */
#include "query/today_inside.h"
#include <stdlib.h>
#include <string.h>

tend_status today_add(today_list *list, const tend_today_item *item, tend_error *reterr)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 64;
        tend_today_item *items = tend_arena_take(list->query->arena, room * sizeof *items);

        if (!items)
            return tend_fail(reterr, TEND_ENOMEM, "today: no memory for %zu items", room);
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->room = room;
    }
    list->items[list->count] = *item;
    if (item->urgency < 5)
        list->items[list->count].urgency = 5;
    if (item->urgency > 125)
        list->items[list->count].urgency = 125;
    list->count++;
    return TEND_OK;
}

const char *today_days(const tend_query *query, int64_t days)
{
    return query_fill(query, days == 1 ? "{n} day" : "{n} days", "n", query_number(query, days), NULL);
}

int today_urgency(const tend_query *query, tend_date due)
{
    int64_t ahead;
    int urgency;

    if (due == TEND_NO_DATE)
        return 30;
    ahead = (int64_t)due - query->today;
    urgency = ahead > 25 ? 10 : ahead < -20 ? 100 : 60 - 2 * (int)ahead;
    return urgency;
}

tend_status today_gather(today_list *list, const char *sql, today_take take, tend_error *reterr)
{
    const char *whole = tend_arena_print(list->query->arena, "%s%s", TODAY_WITH, sql);
    tend_statement *statement = NULL;
    tend_status status = whole ? query_prepare(list->query, whole, &statement, reterr)
                               : tend_fail(reterr, TEND_ENOMEM, "today: no memory for the question");

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, list->user);
    tend_statement_bind_int(statement, 2, list->is_team);
    while (status >= 0) {
        tend_today_item item = { .due = TEND_NO_DATE };
        bool has_row = false;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        take(list->query, statement, &item);
        if (item.kind)
            status = item.what && item.reason ? today_add(list, &item, reterr)
                                              : tend_fail(reterr, TEND_ENOMEM, "today: no memory for the reasons");
    }
    tend_statement_end(statement);
    return status;
}

static tend_status find_floor(const tend_query *query, int64_t *ret_floor, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = query_prepare(query,
                                       "SELECT coalesce(sum(m), 0) / max(count(m), 1) / 10 FROM (SELECT sum({money "
                                       "y.annual_amount y}) AS m FROM {contract} AS y WHERE {active y} GROUP BY y.account)",
                                       &statement, reterr);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_floor = tend_statement_int(statement, 0) > 0 ? tend_statement_int(statement, 0) : 1;
    tend_statement_end(statement);
    return status;
}

typedef struct ranked {
    tend_today_item item;
    tend_int128 score;
} ranked;

static int compare(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    int order;

    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->item.due != b->item.due) {
        if (a->item.due == TEND_NO_DATE || b->item.due == TEND_NO_DATE)
            return a->item.due == TEND_NO_DATE ? 1 : -1;
        return a->item.due < b->item.due ? -1 : 1;
    }
    order = strcmp(a->item.kind, b->item.kind);
    if (order != 0)
        return order;
    if (a->item.id != b->item.id)
        return a->item.id < b->item.id ? -1 : 1;
    return strcmp(a->item.reason, b->item.reason);
}

static tend_status rank(today_list *list, tend_error *reterr)
{
    ranked *all = tend_arena_take(list->query->arena, (list->count + 1) * sizeof *all);
    tend_status status = all ? find_floor(list->query, &list->floor, reterr) : tend_fail(reterr, TEND_ENOMEM, "today: no memory");

    if (status < 0)
        return status;
    for (size_t i = 0; i < list->count; i++) {
        const tend_today_item *item = &list->items[i];

        all[i].item = *item;
        all[i].score = ((tend_int128)list->floor + (item->has_risk && item->at_risk > 0 ? item->at_risk : 0)) * item->urgency;
    }
    qsort(all, list->count, sizeof *all, compare);
    for (size_t i = 0; i < list->count; i++)
        list->items[i] = all[i].item;
    return TEND_OK;
}

static tend_status gather_all(today_list *list, tend_error *reterr)
{
    static tend_status (*const sources[])(today_list *, tend_error *) = {
        today_tasks,   today_approvals, today_mentions, today_profiles, today_renewals,
        today_touches, today_health,    today_tickets,  today_invoices,
    };
    tend_status status = tend_access_may(list->query->principal, TEND_VERB_READ, TEND_KIND_TASK, 0, reterr);

    if (status >= 0)
        status = query_begin(list->query, reterr);
    for (int i = 0; status >= 0 && i < QUERY_COUNT(sources); i++)
        status = sources[i](list, reterr);
    return status < 0 ? status : rank(list, reterr);
}

tend_status tend_today_items(const tend_query *query, int64_t user, int64_t limit, const tend_today_item **ret_items,
                             size_t *ret_count, size_t *ret_all, tend_error *reterr)
{
    today_list list = { .query = query, .user = user };
    tend_status status = gather_all(&list, reterr);

    if (status >= 0) {
        *ret_items = list.items;
        *ret_all = list.count;
        *ret_count = limit > 0 && list.count > (size_t)limit ? (size_t)limit : list.count;
    }
    return status;
}

static const tend_heading headings[] = {
    { "rank", NULL, TEND_INT, false },
    { "what", NULL, TEND_TEXT, false },
    { "account", NULL, TEND_TEXT, false },
    { "reason", NULL, TEND_TEXT, false },
    { "due", NULL, TEND_DATE, false },
    { "at_risk", "at stake", TEND_MONEY, false },
    { "who", NULL, TEND_TEXT, true },
    { "kind", NULL, TEND_TEXT, false },
    { "id", NULL, TEND_INT, false },
    { "urgency", NULL, TEND_INT, false },
    { "account_id", "account id", TEND_INT, true },
};
static const query_section section = { "today", "Today", headings, QUERY_COUNT(headings), false, NULL };

/* An administrator is told when the engine itself waits for somebody. */
static tend_status note_needs(const tend_query *query, tend_result *result, tend_error *reterr)
{
    int64_t needs = 0;
    tend_status status = TEND_OK;

    if (tend_access_may(query->principal, TEND_VERB_ADMINISTER, TEND_KIND_NONE, 0, NULL) < 0)
        return TEND_OK;
    status = tend_query_needs(query, NULL, NULL, &needs, reterr);
    if (status < 0 || needs == 0)
        return status;
    return result->note(result,
                        query_fill(query,
                                   needs == 1 ? "The engine needs somebody: tend status says for what."
                                              : "The engine needs somebody for {n} things: tend status says for what.",
                                   "n", query_number(query, needs), NULL),
                        reterr);
}

/* What hangs on amounts that cannot be converted counts as nothing, and would stand at the end without a word. */
static tend_status note_rates(const tend_query *query, tend_result *result, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    int64_t unknown = 0;
    const char *codes = NULL, *first = NULL;
    tend_status status =
        query_prepare(query,
                      "SELECT count(*), group_concat(DISTINCT c.currency), min(c.currency) FROM {contract} AS c WHERE "
                      "{active c} AND c.annual_amount IS NOT NULL AND {money c.annual_amount c} IS NULL",
                      &statement, reterr);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        unknown = tend_statement_int(statement, 0);
        codes = query_text(query, statement, 1);
        first = query_text(query, statement, 2);
    }
    tend_statement_end(statement);
    if (status < 0 || unknown == 0 || !codes || !first)
        return status;
    return result->note(result,
                        query_fill(query,
                                   "Contracts without a rate to {currency}: {n} ({codes}); what hangs on them counts as nothing. "
                                   "Add one: tend add rate from_currency={first} to_currency={currency} on_date=today rate=…",
                                   "currency", query->currency, "n", query_number(query, unknown), "codes", codes, "first", first,
                                   NULL),
                        reterr);
}

static tend_status add_notes(const today_list *list, size_t shown, tend_result *result, tend_error *reterr)
{
    const tend_query *query = list->query;
    tend_status status = TEND_OK;

    if (shown < list->count)
        status = query_shown_note(query, (int64_t)shown, (int64_t)list->count, result, reterr);
    if (status >= 0 && list->count > 0)
        status = result->note(result,
                              query_fill(query, "rank = (money at stake + {floor}) × urgency; docs/today.md says what counts how",
                                         "floor", query_money(query, list->floor, query->currency), NULL),
                              reterr);
    if (status >= 0 && list->count == 0)
        status = query_stale_note(query, result, reterr);
    if (status >= 0)
        status = note_rates(query, result, reterr);
    return status < 0 ? status : note_needs(query, result, reterr);
}

tend_status tend_query_today(const tend_query *query, int64_t user, bool is_team, int64_t limit, tend_result *result,
                             tend_error *reterr)
{
    today_list list = { .query = query, .user = user, .is_team = is_team };
    size_t count;
    tend_status status = gather_all(&list, reterr);

    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    count = limit > 0 && list.count > (size_t)limit ? (size_t)limit : list.count;
    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_today_item *item = &list.items[i];

        status = result->row(result,
                             (tend_value[]){ tend_value_int((int64_t)i + 1), tend_value_of(item->what), tend_value_of(item->name),
                                             tend_value_of(item->reason), tend_value_date(item->due),
                                             item->has_risk ? tend_value_money(item->at_risk, query->currency) : tend_value_none(),
                                             user == 0 || is_team ? tend_value_of(item->who) : tend_value_none(),
                                             tend_value_of(item->kind), tend_value_int(item->id), tend_value_int(item->urgency),
                                             item->account ? tend_value_int(item->account) : tend_value_none() },
                             reterr);
    }
    return status < 0 ? status : add_notes(&list, count, result, reterr);
}
