/* explain.h: what a value is made of: facts, each with its source and date, that add up to the last unit. */
#ifndef TEND_KPI_EXPLAIN_H
#define TEND_KPI_EXPLAIN_H

#include "kpi/compute.h"

typedef struct tend_kpi_part {
    int64_t account;
    tend_kind kind; /* of the fact; TEND_KIND_NONE: no single one. Of a portfolio: TEND_KIND_ACCOUNT */
    int64_t row;
    tend_time at;       /* since when it is true; TEND_NO_TIME */
    const char *source; /* its source's name, or "by hand"; NULL without a fact */
    int64_t numerator, denominator;
    const char *why; /* "ended 2024-03-01"; NULL for accounts */
} tend_kpi_part;

/* The facts of one account of the view's scope, or with `account` 0 one part per account that has a value. Parts add up to the
 * account's (or the view's) numerator and denominator as tend_kpi_view_value gives them; a divisor of money or a count stands in
 * one part, or in each account's. Parts of 0/0 say what was left out and why. Texts from the arena. */
tend_status tend_kpi_explain(tend_kpi_view *view, const char *id, int64_t account, tend_arena *arena,
                             const tend_kpi_part **ret_parts, size_t *ret_count, tend_error *reterr);

#endif
