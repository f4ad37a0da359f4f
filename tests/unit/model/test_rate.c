#include "model/rate.h"
#include "store_fixture.h"

static fixture f;
static tend_rates *rates;

static void add(const char *from, const char *to, const char *on, int64_t rate)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_RATE,
                   .fields = { { "from_currency", text(from) },
                               { "to_currency", text(to) },
                               { "on_date", day(on) },
                               { "rate", { .type = TEND_DECIMAL, .scale = 9, .integer = rate } } });
}

static void set_up(void)
{
    tend_world world;

    fixture_open(&f);
    add("EUR", "USD", "2024-03-10", 1100000000);
    add("EUR", "USD", "2024-01-01", 1000000000);
    add("EUR", "USD", "2024-06-01", 1200000000);
    add("USD", "EUR", "2024-05-01", 500000000);
    add("USD", "KRW", "2024-02-01", INT64_C(1300000000000));
    add("GBP", "USD", "2024-02-01", 1250000000);
    add("GBP", "KRW", "2024-01-15", INT64_C(1600000000000));
    add("KWD", "USD", "2024-02-01", 3000000000);
    world = tend_world_live(f.model);
    TEST_OK(&f, tend_rates_load(&world, &rates, &f.error));
}

static void tear_down(void)
{
    tend_rates_free(rates);
    fixture_close(&f);
}

static int64_t rate(const char *from, const char *to, const char *on)
{
    int64_t found = -1;

    TEST_OK(&f, tend_rates_find(rates, from, to, (tend_date)day(on).integer, &found, &f.error));
    return found;
}

static int64_t convert(int64_t minor, const char *from, const char *to, const char *on)
{
    int64_t result = -1;

    TEST_OK(&f, tend_rates_convert(rates, minor, from, to, (tend_date)day(on).integer, &result, &f.error));
    return result;
}

START_TEST(the_rate_is_that_of_the_day_or_the_last_before_it)
{
    ck_assert_int_eq(rate("EUR", "USD", "2024-01-01"), 1000000000);
    ck_assert_int_eq(rate("EUR", "USD", "2024-03-09"), 1000000000);
    ck_assert_int_eq(rate("EUR", "USD", "2024-03-10"), 1100000000);
    ck_assert_int_eq(rate("EUR", "USD", "2030-01-01"), 1200000000);
    ck_assert_int_eq(rate("EUR", "EUR", "1990-01-01"), 1000000000);
}
END_TEST

START_TEST(a_newer_inverted_rate_is_taken)
{
    ck_assert_int_eq(rate("EUR", "USD", "2024-05-02"), 2000000000);
    ck_assert_int_eq(rate("USD", "EUR", "2024-05-02"), 500000000);
    ck_assert_int_eq(rate("USD", "EUR", "2024-06-02"), 833333333);
    ck_assert_int_eq(rate("KRW", "USD", "2024-06-02"), 769231); /* 1 / 1300, nine digits */
}
END_TEST

/* One won is one thirteen-hundredth of a dollar, and not the nine digits of it. */
START_TEST(a_rate_is_also_given_as_an_unrounded_fraction)
{
    static const struct {
        const char *from, *to;
        int64_t numerator, denominator;
    } cases[] = { { "KRW", "USD", 1, 1300 }, { "USD", "EUR", 5, 6 }, { "EUR", "EUR", 1, 1 } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t numerator = 0, denominator = 0;

        TEST_OK(&f, tend_rates_fraction(rates, cases[i].from, cases[i].to, (tend_date)day("2024-06-02").integer, &numerator,
                                        &denominator, &f.error));
        ck_assert_int_eq(numerator, cases[i].numerator);
        ck_assert_int_eq(denominator, cases[i].denominator);
    }
}
END_TEST

START_TEST(a_third_currency_joins_two)
{
    ck_assert_int_eq(rate("EUR", "KRW", "2024-03-10"), INT64_C(1430000000000));
    ck_assert_int_eq(rate("KWD", "KRW", "2024-03-10"), INT64_C(3900000000000));
    ck_assert_int_eq(rate("GBP", "KWD", "2024-03-10"), 416666667);
    /* GBP to KRW is known directly, though older. */
    ck_assert_int_eq(rate("GBP", "KRW", "2024-03-10"), INT64_C(1600000000000));
}
END_TEST

START_TEST(conversion_minds_minor_units_and_rounds_once)
{
    ck_assert_int_eq(convert(10000, "EUR", "USD", "2024-03-10"), 11000);
    ck_assert_int_eq(convert(10000, "EUR", "EUR", "1990-01-01"), 10000);
    ck_assert_int_eq(convert(1234, "USD", "KRW", "2024-03-10"), 16042);
    ck_assert_int_eq(convert(16042, "KRW", "USD", "2024-03-10"), 1234);
    ck_assert_int_eq(convert(-1500, "KWD", "USD", "2024-03-10"), -450);
    /* The inverted rate is not rounded to nine digits first: 1,300,000,000,000 KRW are exactly 1,000,000,000 USD. */
    ck_assert_int_eq(convert(INT64_C(1300000000000), "KRW", "USD", "2024-03-10"), INT64_C(100000000000));
    ck_assert_int_eq(convert(1, "KRW", "KWD", "2024-03-10"), 0);
    ck_assert_int_eq(convert(2, "KRW", "KWD", "2024-03-10"), 1); /* 0.513 fils */
}
END_TEST

START_TEST(what_cannot_be_converted_is_said)
{
    int64_t result = 0;
    const tend_date on = (tend_date)day("2024-03-01").integer;

    ck_assert_int_eq(tend_rates_find(rates, "KWD", "JPY", on, &result, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "no rate from KWD to JPY on 2024-03-01; import one with kind rate");
    ck_assert_int_eq(tend_rates_find(rates, "EUR", "USD", (tend_date)day("2023-12-31").integer, &result, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "no rate from EUR to USD on 2023-12-31; import one with kind rate");
    ck_assert_int_eq(tend_rates_convert(rates, 1, "EUR", "XQX", on, &result, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "'XQX' is not a currency; write a code of ISO 4217 such as USD");
    ck_assert_int_eq(tend_rates_convert(rates, INT64_MAX, "USD", "KRW", on, &result, &f.error), TEND_ELIMIT);
    ck_assert_str_eq(f.error.text, "an amount in USD does not fit 64 bits in KRW; look at the rates of kind rate");
    ck_assert_int_eq(tend_rates_convert(NULL, 5, "USD", "USD", on, &result, &f.error), TEND_OK);
    ck_assert_int_eq(result, 5);
}
END_TEST

TESTS_WITH("model/rate", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_rate_is_that_of_the_day_or_the_last_before_it);
    tcase_add_test(tcase, a_newer_inverted_rate_is_taken);
    tcase_add_test(tcase, a_rate_is_also_given_as_an_unrounded_fraction);
    tcase_add_test(tcase, a_third_currency_joins_two);
    tcase_add_test(tcase, conversion_minds_minor_units_and_rounds_once);
    tcase_add_test(tcase, what_cannot_be_converted_is_said);
})
