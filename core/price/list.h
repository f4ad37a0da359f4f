/* list.h: the list price of a product on a day. Private to this layer. */
#ifndef TEND_PRICE_LIST_H
#define TEND_PRICE_LIST_H

#include "price/quote.h"

/* What is needed of a product; texts from the arena, "" when not known. */
typedef struct tend_product {
    int64_t id;
    const char *name, *code, *family, *unit;
} tend_product;

typedef struct tend_list_price {
    int64_t row; /* of prices; 0: the product's own field */
    tend_decimal price;
    char currency[4];
    tend_date from; /* TEND_NO_DATE: open */
} tend_list_price;

tend_status tend_product_read(const tend_price_world *world, int64_t product, tend_arena *arena, tend_product *ret_product,
                              tend_error *reterr);
/* Of the rows of `prices` that hold on `date` for this unit: one in `currency` before one in the company's before others, then the
 * one with the latest first day, then the newest. The product's own list_price, for its own unit, counts where no row is as close
 * in currency. TEND_ENOTFOUND. */
tend_status tend_list_price_find(const tend_price_world *world, const tend_product *product, const char *unit, tend_date date,
                                 const char currency[4], tend_arena *arena, tend_list_price *ret_price, tend_error *reterr);

#endif
