/* today_inside.h: what the sources of today's list share. */
#ifndef TEND_QUERY_TODAY_INSIDE_H
#define TEND_QUERY_TODAY_INSIDE_H

#include "query/inside.h"
#include "query/today.h"

/* What today_gather puts before every source. ?1 is the user, 0 for everybody; ?2 is 1 when those who report to him, directly or
 * through others, are meant as well. `people` are they and those whom the user stands in for today, `his` the accounts that one of
 * them looks after: found once, from the people, so that a list costs what its owner has. */
#define TODAY_WITH                                                                                                                 \
    "WITH RECURSIVE team(id) AS (SELECT m.id FROM {user} AS m WHERE ?2 = 1 AND m.manager = ?1 UNION SELECT m.id FROM {user} AS m " \
    "JOIN team ON m.manager = team.id), people AS MATERIALIZED (SELECT ?1 AS id WHERE ?1 <> 0 UNION SELECT id FROM team UNION "    \
    "SELECT w.id FROM {user} AS w WHERE w.deputy = ?1 AND "                                                                        \
    "w.absent_from <= {today} AND (w.absent_to IS NULL OR w.absent_to >= {today})), his AS MATERIALIZED (SELECT a.id FROM "        \
    "{account} AS a WHERE ?1 = 0 UNION SELECT a.id FROM {account} AS a WHERE a.owner IN (SELECT id FROM people) UNION SELECT "     \
    "r.account FROM {owner} AS r WHERE r.user IN (SELECT id FROM people) AND r.role IN ('owner', 'csm', 'tam', 'spoc') AND "       \
    "(r.starts_on IS NULL OR r.starts_on <= {today}) AND (r.ends_on IS NULL OR r.ends_on >= {today})) "
#define TODAY_HIS(user) "(?1 = 0 OR " user " IN (SELECT id FROM people))"
#define TODAY_HIS_ACCOUNT "a.id IN (SELECT id FROM his)"
#define TODAY_LIVE_ACCOUNT "coalesce(a.stage, 'active') NOT IN ('prospect', 'former', 'archived')"
#define TODAY_ARR "(SELECT sum({money y.annual_amount y}) FROM {contract} AS y WHERE y.account = a.id AND {active y})"

typedef struct today_list {
    const tend_query *query;
    int64_t user;
    bool is_team;
    tend_today_item *items;
    size_t count, room;
    int64_t floor; /* what work without money counts for in the rank */
} today_list;

/* Copies `item`; its texts stay where they are. */
tend_status today_add(today_list *list, const tend_today_item *item, tend_error *reterr);
/* "1 day", "12 days". From the arena. */
const char *today_days(const tend_query *query, int64_t days);
/* 60 on the day, 2 more for every day after it up to 100, 2 less for every day before it down to 10. */
int today_urgency(const tend_query *query, tend_date due);

/* Each adds what it finds. */
tend_status today_tasks(today_list *list, tend_error *reterr);
tend_status today_approvals(today_list *list, tend_error *reterr);
tend_status today_mentions(today_list *list, tend_error *reterr);
tend_status today_profiles(today_list *list, tend_error *reterr);
tend_status today_renewals(today_list *list, tend_error *reterr);
tend_status today_touches(today_list *list, tend_error *reterr);
tend_status today_health(today_list *list, tend_error *reterr);
tend_status today_tickets(today_list *list, tend_error *reterr);
tend_status today_invoices(today_list *list, tend_error *reterr);

/* Steps through TODAY_WITH and `sql` and lets `take` make an item of each row; an item without a kind is left out. */
typedef void (*today_take)(const tend_query *query, tend_statement *statement, tend_today_item *item);
tend_status today_gather(today_list *list, const char *sql, today_take take, tend_error *reterr);

#endif
