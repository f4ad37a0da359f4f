#include "kpi/sum.h"
#include "base/wide.h"
#include <string.h>

/* Numbers below this, in blocks of so many, add up to 64 bits without a look at each. */
#define SMALL_BITS 50
#define BLOCK 1024u

typedef struct block_sum {
    int64_t numerator, denominator;
    uint64_t defined;
    uint64_t large;   /* not 0: some number is not below 2^50 */
    uint64_t differs; /* not 0: some denominator is neither 0 nor the divisor */
} block_sum;

/* Two ratios at a time, as they stand: numerator, denominator, numerator, denominator. */
typedef int64_t pair_of_ratios __attribute__((vector_size(32)));
typedef uint64_t pair_of_bits __attribute__((vector_size(32)));

TEND_WIDE
static void sum_block(const tend_ratio *ratios, size_t count, int64_t divisor, block_sum *ret_sum)
{
    const uint64_t half = UINT64_C(1) << SMALL_BITS;
    const pair_of_ratios divisors = { 0, divisor, 0, divisor };
    const pair_of_bits halves = { half, half, half, half };
    pair_of_bits sum = { 0 }, large = { 0 };
    pair_of_ratios defined = { 0 }, differs = { 0 };

    for (size_t i = 0; i < count; i += 2) {
        pair_of_ratios pair = { 0 };

        if (i % 4 == 0)
            tend_ahead((const char *)(ratios + i) + TEND_AHEAD, 4 * sizeof *ratios);

        if (i + 1 < count)
            memcpy(&pair, ratios + i, sizeof pair);
        else
            memcpy(&pair, ratios + i, sizeof *ratios);

        const pair_of_ratios is_there = pair != 0; /* all bits, or none */

        sum += (pair_of_bits)pair;
        large |= ((pair_of_bits)pair + halves) >> (SMALL_BITS + 1);
        defined -= is_there;
        differs |= is_there & (pair != divisors);
    }
    *ret_sum = (block_sum){ .numerator = (int64_t)(sum[0] + sum[2]),
                            .denominator = (int64_t)(sum[1] + sum[3]),
                            .defined = (uint64_t)(defined[1] + defined[3]),
                            .large = large[0] | large[1] | large[2] | large[3],
                            .differs = (uint64_t)(differs[1] | differs[3]) };
}

/* One by one, where a block may be too large for the quick way. Returns false when it is past 64 bits. */
static bool add_each(const tend_ratio *ratios, size_t count, bool has_divisor, tend_ratio *sum)
{
    for (size_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(sum->numerator, ratios[i].numerator, &sum->numerator))
            return false;
        if (!has_divisor && __builtin_add_overflow(sum->denominator, ratios[i].denominator, &sum->denominator))
            return false;
    }
    return true;
}

tend_ratio_sum tend_sum_ratios(const tend_ratio *ratios, size_t count, bool has_divisor)
{
    tend_ratio_sum sum = { 0 };
    int64_t divisor = 0;

    for (size_t i = 0; has_divisor && divisor == 0 && i < count; i++)
        divisor = ratios[i].denominator;
    for (size_t first = 0; first < count && !sum.is_wrong; first += BLOCK) {
        const size_t length = count - first < BLOCK ? count - first : BLOCK;
        block_sum block;

        sum_block(ratios + first, length, divisor, &block);
        sum.defined += block.defined;
        sum.is_wrong = has_divisor && block.differs != 0;
        if (block.large)
            sum.is_wrong |= !add_each(ratios + first, length, has_divisor, &sum.ratio);
        else
            sum.is_wrong |=
                __builtin_add_overflow(sum.ratio.numerator, block.numerator, &sum.ratio.numerator) ||
                (!has_divisor && __builtin_add_overflow(sum.ratio.denominator, block.denominator, &sum.ratio.denominator));
    }
    if (has_divisor)
        sum.ratio.denominator = divisor;
    if (sum.is_wrong)
        sum = (tend_ratio_sum){ .is_wrong = true };
    return sum;
}
