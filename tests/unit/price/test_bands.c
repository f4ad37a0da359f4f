/* What depends on how much: the published vectors, and the edges. */
#include <tend/bands.h>

#include "tests.h"

static tend_decimal decimal(const char *text)
{
    tend_decimal read;

    ck_assert_msg(tend_decimal_read(text, strlen(text), &read), "%s", text);
    return read;
}

/* The settings of a rule: key, value, key, value …, NULL. */
#define SETTINGS(...)                \
    (const tend_rule_setting[])      \
    {                                \
        __VA_ARGS__, { NULL, NULL }, \
    }

static tend_bands bands_of(const tend_rule_setting *settings)
{
    tend_bands bands;
    const char *key = "";
    char why[200] = "";

    ck_assert_msg(tend_bands_read(settings, &bands, &key, why, sizeof why), "%s: %s", key, why);
    return bands;
}

/* Major units at two digits after the point, half away from zero. */
static int64_t cents(tend_exact amount)
{
    const tend_quote quote = { .exponent = 2, .rounding = TEND_ROUND_HALF_AWAY };
    const tend_price_match same = { 0, 1, 1 };
    int64_t minor = 0;

    ck_assert(tend_exact_minor(amount, &quote, &same, &minor));
    return minor;
}

static int64_t graduated(const tend_bands *bands, const char *quantity)
{
    tend_exact sum;

    ck_assert(tend_bands_graduated(bands, decimal(quantity), &sum));
    return cents(sum);
}

static int64_t volume(const tend_bands *bands, const char *quantity)
{
    tend_exact sum;

    ck_assert(tend_bands_volume(bands, decimal(quantity), &sum));
    return cents(sum);
}

START_TEST(the_salesforce_example_is_43_50_graduated_and_40_00_by_volume)
{
    const tend_bands bands = bands_of(SETTINGS({ "up_to.10", "0.50" }, { "up_to.60", "0.45" }, { "above", "0.40" }));

    ck_assert_int_eq(graduated(&bands, "100"), 4350);
    ck_assert_int_eq(volume(&bands, "100"), 4000);
}
END_TEST

/* 65,000 units in the tiers 10,000 at 0.0010, 50,000 at 0.0008, then 0.0006; by volume with a fee of 10 each. */
START_TEST(the_lago_example_is_49_00_by_volume_and_51_00_graduated)
{
    const tend_bands fees =
        bands_of(SETTINGS({ "up_to.10000", "0.0010 + 10" }, { "up_to.50000", "0.0008 + 10.00" }, { "above", "0.0006 + 10" }));
    const tend_bands plain = bands_of(SETTINGS({ "up_to.10000", "0.0010" }, { "up_to.50000", "0.0008" }, { "above", "0.0006" }));

    ck_assert_int_eq(volume(&fees, "65000"), 4900);
    ck_assert_int_eq(graduated(&plain, "65000"), 5100);
}
END_TEST

START_TEST(a_tier_cliff_is_there_by_volume_and_not_graduated)
{
    const tend_bands bands = bands_of(SETTINGS({ "up_to.100", "10" }, { "up_to.200", "9" }, { "above", "8" }));

    ck_assert_int_eq(volume(&bands, "100"), 100000);
    ck_assert_int_eq(volume(&bands, "101"), 90900);
    ck_assert_int_eq(graduated(&bands, "100"), 100000);
    ck_assert_int_eq(graduated(&bands, "101"), 100900);
}
END_TEST

/* The same marginal arithmetic: 5 % of the first 100k, 6 % up to 125k, 7 % of what is above. */
START_TEST(a_commission_of_5_6_and_7_per_cent_on_150k_is_8250)
{
    const tend_bands bands = bands_of(SETTINGS({ "up_to.100000", "5 %" }, { "up_to.125000", "6 %" }, { "above", "7 %" }));
    tend_exact sum;

    ck_assert(bands.is_percent);
    ck_assert(tend_bands_graduated(&bands, decimal("150000"), &sum));
    sum.scale += 2; /* per cent */
    ck_assert_int_eq(cents(sum), 825000);
    ck_assert(tend_bands_graduated(&bands, decimal("100000"), &sum));
    sum.scale += 2;
    ck_assert_int_eq(cents(sum), 500000);
}
END_TEST

START_TEST(a_bound_belongs_below_up_to_and_above_at_least)
{
    const tend_bands below = bands_of(SETTINGS({ "up_to.100", "2" }, { "above", "1" }));
    const tend_bands above = bands_of(SETTINGS({ "at_least.100", "1" }, { "at_least.0", "2" }));

    ck_assert_int_eq(volume(&below, "100"), 20000);
    ck_assert_int_eq(volume(&below, "100.000001"), 10000);
    ck_assert_int_eq(volume(&above, "100"), 10000);
    ck_assert_int_eq(volume(&above, "99.999999"), 20000);
}
END_TEST

START_TEST(below_the_first_at_least_there_is_nothing)
{
    const tend_bands bands = bands_of(SETTINGS({ "at_least.1000", "5 %" }, { "at_least.5000", "8 %" }));

    ck_assert_int_eq(volume(&bands, "999.99"), 0);
    ck_assert_int_eq(volume(&bands, "1000"), 500000); /* 1000 × 5, per cent not yet divided */
    ck_assert_int_eq(graduated(&bands, "1100"), 50000);
}
END_TEST

START_TEST(bands_that_cannot_be_are_refused_with_the_key)
{
    static const struct {
        tend_rule_setting settings[4];
        const char *key, *why;
    } cases[] = {
        { { { "up_to.100", "2" } }, "above", "is missing: what is over the last up_to has no value; add above = …" },
        { { { "up_to.100", "2" }, { "up_to.100.0", "1" }, { "above", "1" } }, "up_to.100", "the same bound is written twice" },
        { { { "each", "2" }, { "each", "1" } }, "each", "is written twice; keep one" },
        { { { "up_to.x", "2" }, { "above", "1" } }, "up_to.x", "what follows the dot is not a number; write it like up_to.100" },
        { { { "each", "1,5" } }, "each", "'1,5' is no band; write 0.40, 0.40 + 10.00 or 5 %" },
        { { { "each", "5 %" }, { "above", "1" } }, "above", "prices and per cent do not mix; write one or the other" },
        { { { "each", "5" }, { "at_least.3", "1" } },
          "at_least.3",
          "at_least.3 and another form of bands; write up_to and above, or at_least alone, or each alone" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *key = "";
        char why[200] = "";
        tend_bands bands;

        ck_assert_msg(!tend_bands_read(cases[i].settings, &bands, &key, why, sizeof why), "%zu was taken", i);
        if (i != 1) /* of two equal ones either may be named */
            ck_assert_str_eq(key, cases[i].key);
        ck_assert_str_eq(why, cases[i].why);
    }
}
END_TEST

START_TEST(half_is_rounded_as_asked)
{
    static const struct {
        int64_t numerator, denominator, away, even;
    } cases[] = { { 5, 2, 3, 2 }, { 7, 2, 4, 4 }, { -5, 2, -3, -2 }, { -7, 2, -4, -4 },
                  { 1, 3, 0, 0 }, { 2, 3, 1, 1 }, { -2, 3, -1, -1 } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t away = 0, even = 0;

        ck_assert(tend_round(cases[i].numerator, cases[i].denominator, TEND_ROUND_HALF_AWAY, &away));
        ck_assert(tend_round(cases[i].numerator, cases[i].denominator, TEND_ROUND_HALF_EVEN, &even));
        ck_assert_int_eq(away, cases[i].away);
        ck_assert_int_eq(even, cases[i].even);
    }
}
END_TEST

START_TEST(what_does_not_fit_is_told_and_never_wrong)
{
    const tend_quote quote = { .exponent = 2, .rounding = TEND_ROUND_HALF_AWAY };
    const tend_price_match same = { 0, 1, 1 };
    const tend_bands bands = bands_of(SETTINGS({ "each", "9000000000000000000" }));
    tend_exact sum;
    int64_t minor;

    ck_assert(tend_bands_volume(&bands, decimal("9000000000000000000"), &sum));
    ck_assert(!tend_exact_minor(sum, &quote, &same, &minor));
    ck_assert(!tend_decimal_read("99999999999999999999", 20, &(tend_decimal){ 0 }));
    ck_assert(!tend_decimal_read("1e5", 3, &(tend_decimal){ 0 }));
    ck_assert(!tend_decimal_read("-1", 2, &(tend_decimal){ 0 }));
    ck_assert(!tend_decimal_read("1.", 2, &(tend_decimal){ 0 }));
}
END_TEST

START_TEST(a_decimal_is_written_as_it_is_read)
{
    static const char *const texts[] = { "0.0006", "12.5", "100", "0", "9223372036854775807" };
    char text[TEND_DECIMAL_TEXT];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_str_eq(tend_decimal_write(decimal(texts[i]), 0, text), texts[i]);
    ck_assert_str_eq(tend_decimal_write(decimal("0.5"), 2, text), "0.50");
    ck_assert_str_eq(tend_decimal_write(decimal("7"), 2, text), "7.00");
    ck_assert_str_eq(tend_decimal_write((tend_decimal){ -125, 1 }, 0, text), "-12.5");
}
END_TEST

TESTS_WITH("price/bands", {
    tcase_add_test(tcase, the_salesforce_example_is_43_50_graduated_and_40_00_by_volume);
    tcase_add_test(tcase, the_lago_example_is_49_00_by_volume_and_51_00_graduated);
    tcase_add_test(tcase, a_tier_cliff_is_there_by_volume_and_not_graduated);
    tcase_add_test(tcase, a_commission_of_5_6_and_7_per_cent_on_150k_is_8250);
    tcase_add_test(tcase, a_bound_belongs_below_up_to_and_above_at_least);
    tcase_add_test(tcase, below_the_first_at_least_there_is_nothing);
    tcase_add_test(tcase, bands_that_cannot_be_are_refused_with_the_key);
    tcase_add_test(tcase, half_is_rounded_as_asked);
    tcase_add_test(tcase, what_does_not_fit_is_told_and_never_wrong);
    tcase_add_test(tcase, a_decimal_is_written_as_it_is_read);
})
