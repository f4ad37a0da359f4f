/* members.h: the accounts of a scope, and the way to their rows. */
#ifndef TEND_KPI_MEMBERS_H
#define TEND_KPI_MEMBERS_H

#include "kpi/scan.h"
#include "model/filter.h"

/* Zeroed: all accounts. */
typedef struct tend_scope {
    const int64_t *accounts; /* borrowed; in any order */
    size_t count;
    const tend_filter *filter; /* borrowed; over account, when `accounts` is NULL */
} tend_scope;

typedef struct tend_members tend_members;

/* Borrows `world` and `cache` (may be NULL); `scope` may be NULL. What names no currency counts as `currency`. Owned. */
tend_status tend_members_new(const tend_world *world, tend_cache *cache, const tend_scope *scope, const char currency[4],
                             tend_members **ret_members, tend_error *reterr);
void tend_members_free(tend_members *members);                                    /* accepts NULL */
const int64_t *tend_members_list(const tend_members *members, size_t *ret_count); /* sorted; borrowed */
bool tend_members_are_cached(const tend_members *members);
bool tend_members_are_of(const tend_members *members, const tend_cached *cached); /* made of the same chunks and events */
/* The kinds, as bits, of which some row may be another than it was; all bits when the accounts, or with `has_currencies` what
 * currencies they count in, are others, or nobody knows. */
tend_status tend_members_compare(tend_members *members, tend_members *before, bool has_currencies, uint64_t *ret_touched,
                                 tend_error *reterr);
/* The accounts that events have touched in these kinds since `before`, which is of the same chunks; sorted. Owned. */
tend_status tend_members_touched(const tend_members *members, const tend_members *before, uint64_t kinds, int64_t **ret_accounts,
                                 size_t *ret_count, tend_error *reterr);
const tend_world *tend_members_world(const tend_members *members);

/* The rows of one kind, by tend_scan_run. When chunks turn out to be broken everything is read from the store from then on, and
 * this is TEND_ECORRUPT if blocks were visited already: forget them and ask again. */
tend_status tend_members_scan(tend_members *members, const tend_kind_schema *kind, const tend_scan_input *inputs, size_t count,
                              bool has_ids, bool has_at, bool is_split, tend_status (*visit)(void *self, const tend_block *block),
                              void *self, tend_error *reterr);
/* The same without ids and currencies, blocks in any order and `visit` called by several threads. */
tend_status tend_members_scan_loosely(tend_members *members, const tend_kind_schema *kind, const tend_scan_input *inputs,
                                      size_t count, bool has_at, void (*begin)(void *self, size_t from, size_t end),
                                      tend_status (*visit)(void *self, const tend_block *block), void *self, tend_error *reterr);

#endif
