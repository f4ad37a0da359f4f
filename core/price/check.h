/* check.h: what is wrong with rules that are well written: before anybody is quoted.
 *
 * What can be told from the rules is told from the rules, over the accounts and products that there are: a rule that another always
 * comes before, two that differ by nothing but their place, days that none covers, a rule that fits nobody. Cliffs are proven by
 * asking: a plugin declares every quantity at which a rule changes its slope, and the core quotes on both sides of each through
 * all steps, for an account that the rule fits. */
#ifndef TEND_PRICE_CHECK_H
#define TEND_PRICE_CHECK_H

#include "price/quote.h"

typedef struct tend_price_fault {
    tend_price_finding_kind kind;
    const char *price, *rule, *other; /* NULL: none */
    const char *product;              /* NULL: none */
    const char *text;                 /* what, and what to do */
    const char *file;                 /* where the rule stands; NULL: not in a file */
    unsigned line;
} tend_price_fault;

/* As of `date`; rules that ended before it are left alone. From the arena, in the order of sections and rules. */
tend_status tend_pricing_check(const tend_pricing *pricing, const tend_price_world *world, tend_date date, tend_arena *arena,
                               const tend_price_fault **ret_faults, size_t *ret_count, tend_error *reterr);
const char *tend_price_finding_word(tend_price_finding_kind kind); /* "cliff", "contradiction", "shadowed", "unused", "gap" */

#endif
