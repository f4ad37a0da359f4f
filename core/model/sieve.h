/* sieve.h: many conditions on rows of one kind, decided together.
 *
 * The filters are worked into tables once. A row's values are then looked up, each once however many filters ask for it: a number
 * by where it stands among the numbers that it is compared with, a text by the words it is compared with; and what is found says
 * for all filters at once which of them it rules out. Values behind references, numbers of KPIs and segments are looked at only
 * while a filter is left that asks for them. Nothing is allocated for a row, but for what reading it and texts beyond ASCII take.
 */
#ifndef TEND_MODEL_SIEVE_H
#define TEND_MODEL_SIEVE_H

#include "model/filter.h"

typedef struct tend_sieve tend_sieve;

/* Words of a set of `count` filters, a bit for each from the lowest on. */
#define TEND_SIEVE_WORDS(count) (((count) + 63) / 64)

/* All filters are of `subject`; NULL stands for one that every row meets. They are borrowed until the end, the list is copied. */
tend_status tend_sieve_new(const tend_schema *schema, tend_kind subject, const tend_filter *const *filters, size_t count,
                           tend_sieve **ret_sieve, tend_error *reterr);
void tend_sieve_free(tend_sieve *sieve); /* accepts NULL */

/* The filters of `among` (NULL: all) that the row meets: each as tend_filter_match would say it. `rows` and `rates` as there;
 * `rows` is needed. TEND_ENOTFOUND: no such row. One thread per sieve. */
tend_status tend_sieve_match(tend_sieve *sieve, const tend_world *world, const tend_rates *rates, tend_filter_rows *rows,
                             int64_t row, const uint64_t *among, uint64_t *ret_met, tend_error *reterr);

#endif
