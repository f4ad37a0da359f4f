/* rate.h: exchange rates by date, from the fact kind "rate". */
#ifndef TEND_MODEL_RATE_H
#define TEND_MODEL_RATE_H

#include "model/world.h"

typedef struct tend_rates tend_rates;

/* Loads all rates the world knows. Owned. */
tend_status tend_rates_load(const tend_world *world, tend_rates **ret_rates, tend_error *reterr);
void tend_rates_free(tend_rates *rates);
/* The rate of `on` or of the last day before it (directly, inverted, or through one common third currency), scale 10^9.
 * TEND_ENOTFOUND: "no rate from KWD to EUR on 2024-03-01; import one with kind rate". */
tend_status tend_rates_find(const tend_rates *rates, const char from[4], const char to[4], tend_date on, int64_t *ret_rate,
                            tend_error *reterr);
tend_status tend_rates_convert(const tend_rates *rates, int64_t minor, const char from[4], const char to[4], tend_date on,
                               int64_t *ret_minor, tend_error *reterr);

#endif
