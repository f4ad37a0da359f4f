/* inside.h: what the files of this folder share. */
#ifndef TEND_PRICE_INSIDE_H
#define TEND_PRICE_INSIDE_H

#include "base/arena.h"
#include "price/pricing.h"

enum { PRICE_SECTIONS_MAX = 64 };

/* A rule while it is read: what the core keeps and what the plugin gets. */
typedef struct read_rule {
    tend_rule rule;
    tend_price_rule given; /* the currency and dates of `rule`, the plugin's own settings */
} read_rule;

/* Faults are gathered: each a line, the first kept. */
typedef struct price_reading {
    const tend_config *config;
    const tend_schema *schema;
    const tend_segments *segments;
    tend_arena *arena;
    void (*tell)(void *self, const char *line); /* may be NULL */
    void *self;
    unsigned count;
    tend_error first;
} price_reading;

/* At the key, or where the section's first key is when it is not written (or `key` is NULL). */
TEND_PRINTF(5, 6)
void price_fault(price_reading *reading, const char *section, const char *instance, const char *key, const char *format, ...);

/* One that is a line already. */
void price_fault_line(price_reading *reading, const tend_error *error);

/* rule.c: the rules of section `price` by the plugin's own keys, in order of precedence; from the arena. TEND_ENOMEM or TEND_OK:
 * what is wrong is a fault. */
tend_status price_read_rules(price_reading *reading, const char *price, const tend_rule_key *keys, read_rule **ret_rules,
                             uint32_t *ret_count);
/* A `where` of a section; NULL when there is none or it is a fault. Owned by the caller. */
tend_filter *price_read_where(price_reading *reading, const char *section, const char *instance);

#endif
