#include "kpi/sum.h"
#include "tests.h"

enum { COUNT = 5000 };

static tend_ratio ratios[COUNT];

/* The same one by one, in 128 bits. */
static void check(size_t count, bool has_divisor, bool is_wrong)
{
    __extension__ typedef __int128 wide;
    const tend_ratio_sum sum = tend_sum_ratios(ratios, count, has_divisor);
    wide above = 0, below = 0;
    size_t defined = 0;

    ck_assert_int_eq(sum.is_wrong, is_wrong);
    if (is_wrong)
        return;
    for (size_t i = 0; i < count; i++) {
        above += ratios[i].numerator;
        below = has_divisor && ratios[i].denominator ? ratios[i].denominator : has_divisor ? below : below + ratios[i].denominator;
        defined += ratios[i].denominator != 0;
    }
    ck_assert(above == sum.ratio.numerator);
    ck_assert(below == sum.ratio.denominator);
    ck_assert_uint_eq(defined, sum.defined);
}

static void fill(int64_t denominator)
{
    for (int i = 0; i < COUNT; i++)
        ratios[i] = (tend_ratio){ (int64_t)i * 1000003 - 77, i % 7 ? denominator : 0 };
}

START_TEST(sums_are_those_of_one_after_the_other)
{
    static const size_t counts[] = { 0, 1, 1023, 1024, 1025, 2048, COUNT };

    fill(12);
    check(counts[_i], true, false);
    fill(345);
    ratios[0].denominator = -9;
    check(counts[_i], false, false);
}
END_TEST

START_TEST(large_numbers_are_exact_in_any_place)
{
    fill(1);
    ratios[1500].numerator = INT64_MAX - 1;
    ratios[1501].numerator = -(INT64_MAX - 1);
    check(1502, true, true); /* the sum before them does not leave so much room */
    ratios[1500].numerator = INT64_MAX / 2;
    ratios[4999].numerator = INT64_MIN / 2;
    check(COUNT, true, false);
    check(COUNT, false, false);
}
END_TEST

START_TEST(past_64_bits_is_said)
{
    fill(5);
    ratios[3].numerator = ratios[4000].numerator = INT64_MAX / 2 + 10;
    check(COUNT, false, true);
    fill(5);
    ratios[3].denominator = ratios[4001].denominator = INT64_MIN / 2 - 1000000;
    check(COUNT, false, true);
}
END_TEST

START_TEST(divisors_that_differ_are_said)
{
    fill(12);
    ratios[3000].denominator = 11;
    check(COUNT, true, true);
    check(COUNT, false, false);
    check(3000, true, false);
}
END_TEST

TESTS_WITH("kpi/sum", {
    tcase_add_loop_test(tcase, sums_are_those_of_one_after_the_other, 0, 7);
    tcase_add_test(tcase, large_numbers_are_exact_in_any_place);
    tcase_add_test(tcase, past_64_bits_is_said);
    tcase_add_test(tcase, divisors_that_differ_are_said);
})
