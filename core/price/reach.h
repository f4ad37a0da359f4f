/* reach.h: which accounts and products each rule reaches: sets over what is in the store. Private to this layer. */
#ifndef TEND_PRICE_REACH_H
#define TEND_PRICE_REACH_H

#include "price/check.h"
#include "price/list.h"

typedef struct price_reach {
    tend_arena *arena; /* borrowed */
    int64_t *accounts; /* ids, ascending */
    size_t account_count, words;
    tend_product *products;
    size_t product_count;
} price_reach;

typedef struct price_set {
    uint64_t *bits; /* one an account */
} price_set;

tend_status price_reach_open(const tend_price_world *world, tend_arena *arena, price_reach *ret_reach, tend_error *reterr);
/* Empty. From the arena. */
tend_status price_set_new(const price_reach *reach, price_set *ret_set, tend_error *reterr);
/* The accounts that both filters find; NULL finds all. */
tend_status price_reach_accounts(const price_reach *reach, const tend_price_world *world, const tend_filter *first,
                                 const tend_filter *second, price_set *ret_set, tend_error *reterr);
bool price_reach_speaks(const tend_rule *rule, const tend_product *product);
void price_set_copy(const price_reach *reach, const price_set *from, price_set *to); /* `to` has its memory already */
void price_set_take_away(const price_reach *reach, price_set *from, const price_set *those);
bool price_set_is_empty(const price_reach *reach, const price_set *set);
bool price_set_meet(const price_reach *reach, const price_set *a, const price_set *b);
/* The id of the first account; 0: none. */
int64_t price_set_first(const price_reach *reach, const price_set *set);

#endif
