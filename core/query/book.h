/* book.h: the accounts that are looked after, each with its health and its recurring money: what every sum of the portfolio is
 * over.
 *
 * Health is what was published; where nothing was (a day before the first publication, an account that has just come), it is
 * computed, as the account's own page does. */
#ifndef TEND_QUERY_BOOK_H
#define TEND_QUERY_BOOK_H

#include "query/inside.h"

/* Conditions on account a for query_book. ?2 is whose accounts, 0 for all. */
#define BOOK_STAGE "coalesce(a.stage, 'active') NOT IN ('prospect', 'former', 'archived')"
#define BOOK_OF                                                                                                                 \
    BOOK_STAGE " AND (?2 = 0 OR a.owner = ?2 OR EXISTS (SELECT 1 FROM {owner} AS r WHERE r.account = a.id AND r.user = ?2 AND " \
               "r.role IN ('owner', 'csm', 'tam', 'spoc') AND (r.starts_on IS NULL OR r.starts_on <= {today}) AND (r.ends_on "  \
               "IS NULL OR r.ends_on >= {today})))"
#define BOOK_ONE "a.id = ?2"
#define BOOK_ARR "(SELECT sum({money y.annual_amount y}) FROM {contract} AS y WHERE y.account = a.id AND {active y})"

typedef struct book_account {
    int64_t id, arr;
    const char *band; /* NULL: health is not known */
    tend_value score;
} book_account;

typedef struct account_book {
    book_account *accounts; /* by id; from the query's arena */
    size_t count;
    const char *fault; /* why health that was not published could not be computed; NULL */
} account_book;

/* `who` is ?2 of `condition`. */
tend_status query_book(const tend_query *query, const char *condition, int64_t who, account_book *ret_book, tend_error *reterr);
const book_account *book_find(const account_book *book, int64_t account); /* NULL: it is not there */

/* The accounts with the most money at risk, each with what speaks against it, as section "at_risk". */
tend_status query_at_risk(const tend_query *query, const account_book *book, int64_t who, size_t limit, tend_result *result,
                          tend_error *reterr);
/* The same of one account: *ret_money in the company's currency, *ret_reasons NULL when nothing speaks against it. */
tend_status query_account_at_risk(const tend_query *query, int64_t account, int64_t *ret_money, const char **ret_reasons,
                                  tend_error *reterr);

#endif
