/* plugin_price.h: a price plugin in this process: rules from texts, one line, purchases that metrics are sums of, and what it said
 * written down, one line a call:
 *     adjust 0 -1650 USD storage: graduated: …      later 0 -300 USD growth: …
 *     benefit gold tier = gold (why)                 next growth invoiced 9000000 -> 10000000: …
 *     fault storage mode: …                          break storage 100        found 1 growth other: … */
#ifndef TEND_TESTS_PLUGIN_PRICE_H
#define TEND_TESTS_PLUGIN_PRICE_H

#include "plugin_fake_host.h"

typedef struct price_purchase {
    tend_date on;
    int64_t minor;
} price_purchase;

typedef struct price_fake {
    fake_host host; /* settings: fake_host_set before price_fake_open */
    const tend_price_ops *ops;
    tend_price_rule rules[20];
    tend_rule_setting settings[20][20];
    char *texts[20]; /* owned */
    uint32_t rule_count;
    price_purchase purchases[40];
    size_t purchase_count;
    tend_price_out out;
    tend_rule_faults faults;
    tend_check_out check;
    tend_price_match matches[20];
    tend_quote_line line;
    tend_quote quote; /* USD, half away from zero, tier "", one line of 1 at 1.00; change it before apply */
    int64_t net;      /* of the line, after the adjustments of the invoice */
    char text[16384];
} price_fake;

void price_fake_init(price_fake *fake, const char *plugin);
void price_fake_clear(price_fake *fake);
/* `settings` is "key=value;key=value"; `from` and `until` may be NULL. */
void price_fake_rule(price_fake *fake, const char *name, const char *from, const char *until, const char *currency,
                     const char *settings);
/* Opens the plugin and gives it the rules; faults stand in the text. */
void price_fake_open(price_fake *fake);
void price_fake_bought(price_fake *fake, const char *on, int64_t minor);
/* One line of so much of so many minor units, on a day; every rule that is in force fits. Forgets what was written before. */
tend_status price_fake_apply(price_fake *fake, const char *on, const char *quantity, int64_t net);
/* Without lines. */
tend_status price_fake_stand(price_fake *fake, const char *on);
tend_status price_fake_check(price_fake *fake);
bool price_fake_said(const price_fake *fake, const char *words);

#endif
