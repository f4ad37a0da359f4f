/* examine.h: one check at work: what its files share. Private to this layer. */
#ifndef TEND_PRICE_EXAMINE_H
#define TEND_PRICE_EXAMINE_H

#include "price/reach.h"

typedef struct price_break {
    const char *rule;
    tend_decimal at;
} price_break;

typedef struct examining {
    const tend_pricing *pricing;
    const tend_price_world *world;
    tend_date date;
    tend_arena *arena;
    price_reach reach;
    tend_price_fault *faults; /* in the arena */
    size_t fault_count, fault_room;
    const tend_price_section *section; /* that is looked at */
    price_set left;                    /* scratch */
    price_set *sets;                   /* accounts of each of its rules */
    bool *is_shadowed;                 /* of each of its rules: another always comes first */
    price_break *breaks;               /* of its rules */
    size_t break_count, break_room;
} examining;

/* `rule` may be NULL; texts are kept in the arena. */
TEND_PRINTF(6, 7)
tend_status price_found(examining *check, tend_price_finding_kind kind, const tend_rule *rule, const char *other,
                        const char *product, const char *format, ...);
/* The section's rule of that name; NULL: none. */
const tend_rule *price_rule_called(const tend_price_section *section, const char *name);
/* A rule that is not over on the day of the check. */
bool price_is_open(const examining *check, const tend_rule *rule);

/* cover.c: rules of a section beside each other: shadows, contradictions, gaps, rules that fit nothing. */
tend_status price_examine_cover(examining *check);
/* cliff.c: each break of each rule of a section, from both sides. */
tend_status price_examine_cliffs(examining *check, tend_error *reterr);
/* lists.c: list prices: none for a product that is sold, days without, two for the same day. */
tend_status price_examine_lists(examining *check, tend_error *reterr);

#endif
