/* publish.h: the tier of each account, kept as a measure, so that filters and segments know it, and the bus tells when it moves. */
#ifndef TEND_PRICE_PUBLISH_H
#define TEND_PRICE_PUBLISH_H

#include "price/quote.h"

/* True when some [price.NAME] has publish = yes. */
bool tend_pricing_publishes(const tend_config *config);
/* For each [price.NAME] with publish = yes and each account it is for: the benefit "tier" on `date` as the measure "price.NAME" (a
 * word; not defined when it has none any more). *ret_changed counts those that differ; "measure.price.NAME" is told for each.
 * Commits at most a thousand accounts at a time; no transaction is open while a plugin computes. */
tend_status tend_pricing_publish(const tend_pricing *pricing, tend_model *model, const tend_price_world *world,
                                 const tend_origin *origin, tend_date date, int64_t *ret_changed, tend_error *reterr);

#endif
