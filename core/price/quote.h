/* quote.h: what some quantities of some products cost an account on a day, and why: list price, then each price section in order,
 * step by step, exact to the minor unit.
 *
 * Rounding. A line's list amount is quantity × list price × rate, multiplied exactly and rounded once to the minor unit of the
 * quote's currency ([pricing] rounding); a plugin rounds each adjustment once in the same way; the core only adds. The total is the
 * sum of rounded lines, never a rounded sum.
 * Currency. A quote has one: asked for, else the account's, else the company's. A list price or rule in another currency is
 * converted by the rate table at the quote's day, unrounded, within the one multiplication.
 * Dates. Prices and rules hold on their first and last day. */
#ifndef TEND_PRICE_QUOTE_H
#define TEND_PRICE_QUOTE_H

#include "model/rate.h"
#include "price/pricing.h"

/* What a quote reads. Everything is borrowed. */
typedef struct tend_price_world {
    tend_world world;
    const tend_principal *principal;
    const tend_rates *rates;
    const char *currency; /* the company's */
} tend_price_world;

typedef struct tend_quote_item {
    int64_t product;
    tend_decimal quantity; /* more than zero */
    const char *unit;      /* NULL or "": the product's own */
} tend_quote_item;

typedef struct tend_quote_request {
    int64_t account;
    tend_date date;
    const char *currency; /* NULL: the account's */
    uint32_t term_months; /* 0: none */
    const tend_quote_item *items;
    uint32_t item_count; /* 0: what the account is entitled to */
    const char *only;    /* of this [price.NAME] alone; NULL: of all */
} tend_quote_request;

typedef struct tend_quoted_line {
    int64_t product;
    const char *name, *code, *family, *unit;
    tend_decimal quantity;
    tend_decimal list_price; /* in the quote's currency, at most nine digits after the point, rounded for showing */
    int64_t list, net;       /* net: what the invoice says */
    int64_t pocket;          /* net and what comes later */
    const char *from;        /* where the list price stands: "price 12, from 2026-01-01, USD at 1386.5" */
} tend_quoted_line;

/* One step of the waterfall. */
typedef struct tend_quoted_step {
    const char *price, *rule, *reason;
    uint32_t line; /* TEND_WHOLE_QUOTE: of no line */
    tend_adjustment_kind kind;
    int64_t amount, after; /* after: of the line, or of the whole quote */
} tend_quoted_step;

typedef struct tend_quoted_benefit {
    const char *price, *rule, *name, *why;
    tend_value value;
} tend_quoted_benefit;

typedef struct tend_quoted_threshold {
    const char *price, *rule, *what, *then;
    uint32_t line;
    tend_value now, at;
} tend_quoted_threshold;

/* A number about the account that a rule asked for. */
typedef struct tend_quoted_metric {
    const char *price, *name;
    tend_date from, to;
    tend_value value;
} tend_quoted_metric;

typedef struct tend_quoted {
    int64_t account;
    const char *account_name, *tier;
    tend_date date;
    char currency[4];
    int64_t list, net, pocket;
    const tend_quoted_line *lines;
    const tend_quoted_step *steps;
    const tend_quoted_benefit *benefits;
    const tend_quoted_threshold *thresholds;
    const tend_quoted_metric *metrics;
    uint32_t line_count, step_count, benefit_count, threshold_count, metric_count;
} tend_quoted;

/* From the arena. An adjustment without a rule that fits, in another currency, beyond 64 bits or below zero ends it with a sentence
 * that names the price section. */
tend_status tend_quote_make(const tend_pricing *pricing, const tend_price_world *world, const tend_quote_request *request,
                            tend_arena *arena, tend_quoted *ret_quoted, tend_error *reterr);

#endif
