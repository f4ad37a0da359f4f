/* rate.h: exchange rates by date, from the fact kind "rate". */
#ifndef TEND_MODEL_RATE_H
#define TEND_MODEL_RATE_H

#include "model/world.h"

typedef struct tend_rates tend_rates;

/* Loads all rates the world knows. Owned. */
tend_status tend_rates_load(const tend_world *world, tend_rates **ret_rates, tend_error *reterr);
void tend_rates_free(tend_rates *rates);
/* The rate of `on` or of the last day before it (directly or inverted, whichever is newer, or through one common third currency,
 * the one whose older rate is the newest), scale 10^9.
 * TEND_ENOTFOUND: "no rate from KWD to EUR on 2024-03-01; import one with kind rate". */
tend_status tend_rates_find(const tend_rates *rates, const char from[4], const char to[4], tend_date on, int64_t *ret_rate,
                            tend_error *reterr);
/* The same as a fraction in its lowest terms, unrounded: units of `to` for one of `from`. `rates` may be NULL when they are the
 * same.
 */
tend_status tend_rates_fraction(const tend_rates *rates, const char from[4], const char to[4], tend_date on, int64_t *ret_numerator,
                                int64_t *ret_denominator, tend_error *reterr);
/* With the same rate, unrounded; the result half away from zero. `rates` may be NULL when the currencies are the same. */
tend_status tend_rates_convert(const tend_rates *rates, int64_t minor, const char from[4], const char to[4], tend_date on,
                               int64_t *ret_minor, tend_error *reterr);

#endif
