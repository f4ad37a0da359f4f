#include "kpi/sum.h"

/* Numbers below this, in blocks of so many, add up to 64 bits without a look at each. */
#define SMALL_BITS 50
#define BLOCK 1024u

typedef struct block_sum {
    int64_t numerator, denominator;
    uint64_t defined;
    uint64_t large;   /* not 0: some number is not below 2^50 */
    uint64_t differs; /* not 0: some denominator is neither 0 nor the divisor */
} block_sum;

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
__attribute__((optimize("O3"), target_clones("avx2", "default")))
#endif
static void
sum_block(const tend_ratio *ratios, size_t count, int64_t divisor, block_sum *ret_sum)
{
    const uint64_t half = UINT64_C(1) << SMALL_BITS;
    uint64_t above = 0, below = 0, defined = 0, large = 0, differs = 0;

    for (size_t i = 0; i < count; i++) {
        const int64_t denominator = ratios[i].denominator;
        const uint64_t numerator = (uint64_t)ratios[i].numerator;

        above += numerator;
        below += (uint64_t)denominator;
        large |= (numerator + half) >> (SMALL_BITS + 1) | ((uint64_t)denominator + half) >> (SMALL_BITS + 1);
        defined += denominator != 0;
        differs |= (uint64_t)((denominator != 0) & (denominator != divisor));
    }
    *ret_sum = (block_sum){ (int64_t)above, (int64_t)below, defined, large, differs };
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
