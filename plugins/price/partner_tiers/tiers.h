/* tiers.h: tiers as rules say them, and which one an account has on a day. Private to this plugin. */
#ifndef TIERS_H
#define TIERS_H

#include <tend/rules.h>
#include <tend/days.h>

enum { TIERS_MAX = 500, NEEDS_MAX = 8, ASKED_MAX = 64, WHY_ROOM = 300 };

/* One more thing that a tier needs: a metric and its least value. */
typedef struct tier_need {
    const char *metric;
    tend_decimal least;
} tier_need;

typedef struct tier_rule {
    const char *name, *tier; /* borrowed from the rules */
    tend_date from, until;
    char currency[4];
    uint32_t exponent;
    bool has_threshold, is_above; /* is_above: exactly the threshold is not enough */
    tend_decimal threshold;
    tier_need needs[NEEDS_MAX];
    uint32_t need_count;
    tend_decimal discount; /* per cent */
    bool has_discount;
    const char *becomes; /* the rule whose tier its holders get when it ends; NULL: none */
    int becomes_months;
    const tend_rule_setting *settings;
} tier_rule;

typedef struct tier_set {
    const tend_host *host;
    bool is_assigned;   /* the account's tier is written, not earned */
    const char *metric; /* what earns a tier */
    int window_months, step_months, grace_months;
    tier_rule *rules; /* owned */
    uint32_t count;
} tier_set;

/* Metrics of one call, each asked once. */
typedef struct tier_answer {
    const char *name;
    tend_date from, to;
    char currency[4];
    tend_value value;
} tier_answer;

typedef struct tier_question {
    const tier_set *set;
    const tend_quote *quote;
    tend_price_out *out;
    tier_answer asked[ASKED_MAX];
    uint32_t asked_count;
} tier_question;

/* Which tier, and why. */
typedef struct tier_standing {
    const tier_rule *rule; /* NULL: none */
    char why[WHY_ROOM];
} tier_standing;

/* rule.c */
void tiers_read(tier_rule *ret_rule, const tend_price_rule *rule, const tier_set *set, tend_rule_faults *faults);
tend_status tiers_check(const tier_set *set, tend_check_out *out);

/* standing.c */
bool tier_is_in_force(const tier_rule *rule, tend_date date);
/* The rule in force on `date` whose tier is called so; NULL: none. */
const tier_rule *tier_named(const tier_set *set, const char *tier, tend_date date);
tend_status tier_find(tier_question *question, tend_date date, tier_standing *ret_standing);
/* The metric that earns a tier in the window that counts on `date`, in the currency of `rule`. */
tend_status tier_metric(tier_question *question, const tier_rule *rule, tend_date date, tend_value *ret_value);
/* A money or plain value against a threshold: -1, 0, 1. */
int tier_compare(const tend_value *value, uint32_t exponent, tend_decimal threshold);

#endif
