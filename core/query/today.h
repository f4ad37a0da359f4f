/* today.h: what to do now, most important first, as items; tend_query_today shows them, the digest mails them. */
#ifndef TEND_QUERY_TODAY_H
#define TEND_QUERY_TODAY_H

#include "query/query.h"

typedef struct tend_today_item {
    const char *what;   /* the task's title, "Renewal of Pro 2026", … in the query's language */
    const char *reason; /* a sentence with the numbers */
    const char *kind;   /* of the row that a command would name: task, contract, account … */
    int64_t id;         /* of that row */
    int64_t account;    /* 0: none */
    const char *name;   /* the account's, NULL when there is none */
    const char *who;    /* whose it is, NULL: nobody's */
    tend_date due;      /* TEND_NO_DATE: none */
    int64_t at_risk;    /* minor units of the company's currency */
    bool has_risk;      /* false: no money hangs on it, or no rate is known */
    int urgency;        /* 5 to 125, see today.c */
} tend_today_item;

/* Ranked. `user` 0: everybody; `limit` 0: all. *ret_all counts them before the limit. From the query's arena. */
tend_status tend_today_items(const tend_query *query, int64_t user, int64_t limit, const tend_today_item **ret_items,
                             size_t *ret_count, size_t *ret_all, tend_error *reterr);

#endif
