/* metric.h: a number about an account that rules depend on. Private to this layer. */
#ifndef TEND_PRICE_METRIC_H
#define TEND_PRICE_METRIC_H

#include "price/quote.h"

/* By the names of tend_price_metric in <tend/plugin.h>. Money is in `currency`, each amount converted by the rate of its own day.
 * TEND_EINVAL: no such metric, with the nearest. */
tend_status tend_price_metric_read(const tend_price_world *world, int64_t account, const char *name, tend_date from, tend_date to,
                                   const char *currency, tend_arena *arena, tend_value *ret_value, tend_error *reterr);

#endif
