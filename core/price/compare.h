/* compare.h: the same lines under contracts of different length, over the same years: what each side pays, gets and keeps.
 *
 * What is quoted is one year's. A contract of so many months is quoted on the day it begins and keeps that price until it ends; the
 * next one is quoted on its own first day, by the price lists and rules of then. Payments come at the end of each year, so that the
 * net present value discounts the first by one period, as spreadsheets do; discount factors have eighteen digits. */
#ifndef TEND_PRICE_COMPARE_H
#define TEND_PRICE_COMPARE_H

#include "price/quote.h"

enum { TEND_COMPARE_YEARS = 30 };

typedef struct tend_scenario {
    uint32_t term_months;
    char currency[4];
    int64_t first_year;           /* net of the first contract's year */
    int64_t total;                /* net of all years: what it costs the customer */
    int64_t ours_now, theirs_now; /* present value at our rate, and at the customer's */
    bool has_cost;
    int64_t cost, margin; /* of all years; margin: total - cost. Only when every product has a unit_cost */
} tend_scenario;

typedef struct tend_compare_request {
    tend_quote_request quote;          /* date: the first day; term_months is set by each scenario */
    uint32_t years;                    /* 1 to TEND_COMPARE_YEARS */
    tend_decimal our_rate, their_rate; /* per cent a year */
} tend_compare_request;

/* One contract after the other of `term_months` (a multiple of 12). */
tend_status tend_compare(const tend_pricing *pricing, const tend_price_world *world, const tend_compare_request *request,
                         uint32_t term_months, tend_arena *arena, tend_scenario *ret_scenario, tend_error *reterr);

#endif
