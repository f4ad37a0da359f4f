/* sum.h: the sum of ratios, one for each account. Private to this layer. */
#ifndef TEND_KPI_SUM_H
#define TEND_KPI_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <tend/plugin.h>

typedef struct tend_ratio_sum {
    tend_ratio ratio;
    size_t defined; /* how many have a denominator */
    bool is_wrong;  /* past 64 bits, or divisors that differ: the ratio is nothing */
} tend_ratio_sum;

/* `has_divisor`: the denominator is one divisor, the same for all that have one. */
tend_ratio_sum tend_sum_ratios(const tend_ratio *ratios, size_t count, bool has_divisor);

#endif
