/* pricing.h: what an administrator wrote about prices: [pricing], [price.NAME] and [rule.NAME], and the hosts behind them.
 *
 * A [price.NAME] section is a price plugin at work, with its rules. Sections are asked in the order of [pricing] order, then in the
 * order they are written. The core reads what is common to all rules (whom, what, when, in which currency), so that it can tell
 * which rule fits without asking; the plugin reads the rest. Everything is understood, or nothing is priced. */
#ifndef TEND_PRICE_PRICING_H
#define TEND_PRICE_PRICING_H

#include "model/filter.h"
#include "plugin/plugins.h"

typedef struct tend_pricing tend_pricing;

extern const tend_section tend_pricing_sections[];

/* A rule as it was written. */
typedef struct tend_rule {
    const char *name, *help;     /* help may be NULL */
    const char *const *products; /* codes or names, NULL-terminated; NULL: any */
    const char *family, *unit;   /* NULL: any; the product's own */
    const tend_filter *where;    /* NULL: every account */
    tend_date from, until;       /* both included; TEND_NO_DATE: open */
    int64_t term_at_least;       /* months; 0: any term, and none */
    int64_t priority;            /* the higher comes first */
    char currency[4];            /* of the money in the rule; "": it names none */
    const char *file;            /* where its section stands */
    unsigned line;
    size_t place; /* among all rules, in the order they are written */
} tend_rule;

/* A price plugin at work. Rules stand in order of precedence: higher priority, then later `from`, then as they are written. */
typedef struct tend_price_section {
    const char *name, *plugin, *capability;
    const tend_filter *where; /* NULL: every account */
    bool publishes;           /* the tier of each account is kept as the measure "price.NAME" */
    const tend_rule *rules;
    uint32_t rule_count;
    tend_hosted *hosted;        /* borrowed from the pricing */
    bool has_check, only_first; /* only_first: of the rules that fit, the first alone counts */
} tend_price_section;

/* Every fault is a line to `tell` (may be NULL), the first stands in reterr. Starts a host for each enabled section. Owned;
 * borrows the rest until close. */
tend_status tend_pricing_open(const tend_config *config, tend_plugins *plugins, const tend_schema *schema,
                              const tend_segments *segments, void (*tell)(void *self, const char *line), void *self,
                              tend_pricing **ret_pricing, tend_error *reterr);
void tend_pricing_close(tend_pricing *pricing);                                   /* ends the hosts; accepts NULL */
const tend_price_section *tend_pricing_at(const tend_pricing *pricing, size_t i); /* in order; NULL past the end */
tend_rounding tend_pricing_rounding(const tend_pricing *pricing);
bool tend_pricing_allows_negative(const tend_pricing *pricing);

/* True when the rule is in force on `date` for a contract of `term` months. */
bool tend_rule_in_force(const tend_rule *rule, tend_date date, uint32_t term);
/* True when the rule speaks of this product (its code, name and family; each may be "") in this unit ("": its own). */
bool tend_rule_speaks_of(const tend_rule *rule, const char *code, const char *name, const char *family, const char *unit);

#endif
