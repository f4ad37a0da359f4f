/* Prices by quantity: the published vectors, to the cent. */
#include "plugin_price.h"
#include "tests.h"
#include <string.h>

static price_fake fake;

static void setup(void)
{
    price_fake_init(&fake, "price_volume");
}

static void teardown(void)
{
    price_fake_clear(&fake);
}

/* The net of one line under one rule. */
static int64_t net_of(const char *currency, const char *settings, const char *quantity, int64_t list)
{
    int64_t net;

    price_fake_rule(&fake, "rule", NULL, NULL, currency, settings);
    price_fake_open(&fake);
    ck_assert_str_eq(fake.text, "");
    ck_assert_int_eq(price_fake_apply(&fake, "2026-03-02", quantity, list), TEND_OK);
    net = fake.net;
    teardown();
    setup();
    return net;
}

START_TEST(published_examples_come_out_to_the_cent)
{
    static const struct {
        const char *settings, *quantity;
        int64_t net;
    } cases[] = {
        /* Salesforce: 100 GB in tiers of 10, 50 and the rest */
        { "mode=graduated;up_to.10=0.50;up_to.60=0.45;above=0.40", "100", 4350 },
        { "mode=volume;up_to.10=0.50;up_to.60=0.45;above=0.40", "100", 4000 },
        /* Lago: 65,000 units; by volume with a fee, graduated without */
        { "mode=volume;up_to.10000=0.0010 + 10;up_to.50000=0.0008 + 10;above=0.0006 + 10", "65000", 4900 },
        { "mode=graduated;up_to.10000=0.0010;up_to.50000=0.0008;above=0.0006", "65000", 5100 },
        /* the cliff */
        { "mode=volume;up_to.100=10;up_to.200=9;above=8", "100", 100000 },
        { "mode=volume;up_to.100=10;up_to.200=9;above=8", "101", 90900 },
        { "mode=graduated;up_to.100=10;up_to.200=9;above=8", "100", 100000 },
        { "mode=graduated;up_to.100=10;up_to.200=9;above=8", "101", 100900 },
        /* packages: 250 are three of a hundred; 50 free leave two; one more begins the third */
        { "mode=package;package=100;each=5.00", "250", 1500 },
        { "mode=package;package=100;free=50;each=5.00", "250", 1000 },
        { "mode=package;package=100;free=50;each=5.00", "250.000001", 1500 },
        { "mode=package;package=100;free=50;each=5.00", "50", 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(net_of("USD", cases[i].settings, cases[i].quantity, 777) == cases[i].net, "%zu: %s", i, cases[i].settings);
}
END_TEST

/* 100 for 1,000.00: the second half at 10 % off is 50.00; all of it at 10 % off is 100.00. */
START_TEST(per_cent_come_off_what_the_line_costs_so_far)
{
    ck_assert_int_eq(net_of("", "mode=graduated;up_to.50=0 %;above=10 %", "100", 100000), 95000);
    ck_assert_int_eq(net_of("", "mode=volume;up_to.50=0 %;above=10 %", "100", 100000), 90000);
    ck_assert_int_eq(net_of("", "mode=volume;at_least.100=10 %", "99", 100000), 100000);
    ck_assert_int_eq(net_of("", "mode=volume;at_least.100=12.5 %", "100", 100000), 87500);
}
END_TEST

START_TEST(half_a_cent_is_rounded_once_as_the_quote_says)
{
    static const struct {
        tend_rounding rounding;
        int64_t net;
    } cases[] = { { TEND_ROUND_HALF_AWAY, 13 }, { TEND_ROUND_HALF_EVEN, 12 } };

    for (size_t i = 0; i < 2; i++) {
        price_fake_rule(&fake, "rule", NULL, NULL, "USD", "mode=volume;each=0.125");
        price_fake_open(&fake);
        fake.quote.rounding = cases[i].rounding;
        ck_assert_int_eq(price_fake_apply(&fake, "2026-03-02", "1", 100), TEND_OK);
        ck_assert_int_eq(fake.net, cases[i].net);
        teardown();
        setup();
    }
}
END_TEST

/* 100 at 10.00 USD, 1,386.50 won a dollar: 1,386,500 won, rounded once; 3 at 0.333 USD are 0.999 USD, 1,385.11… won. */
START_TEST(prices_in_another_currency_are_converted_within_the_one_multiplication)
{
    price_fake_rule(&fake, "rule", NULL, NULL, "USD", "mode=graduated;up_to.50=0.333;above=10");
    price_fake_open(&fake);
    strcpy(fake.quote.currency, "KRW");
    fake.quote.exponent = 0;
    fake.matches[0] = (tend_price_match){ 0, 2773, 2 };
    ck_assert_int_eq(price_fake_apply(&fake, "2026-03-02", "3", 9), TEND_OK);
    ck_assert_int_eq(fake.net, 1385);
    ck_assert_int_eq(price_fake_apply(&fake, "2026-03-02", "150", 9), TEND_OK);
    ck_assert_int_eq(fake.net, 23085 + 1386500); /* 16.65 USD and 1,000 USD: 1,409,585.225 won */
    ck_assert_ptr_nonnull(strstr(fake.text, "rule: graduated: 50 at 0.333, 100 at 10; in USD, 1 USD = 1386.5 KRW\n"));
}
END_TEST

START_TEST(the_first_rule_that_fits_counts_alone_and_says_why)
{
    price_fake_rule(&fake, "one", NULL, NULL, "USD", "mode=graduated;up_to.10=0.50;up_to.60=0.45;above=0.40");
    price_fake_rule(&fake, "two", NULL, NULL, "USD", "mode=volume;each=1");
    price_fake_open(&fake);
    ck_assert_int_eq(price_fake_apply(&fake, "2026-03-02", "50", 3000), TEND_OK);
    ck_assert_str_eq(fake.text, "adjust 0 -700 USD one: graduated: 10 at 0.50, 40 at 0.45\n"
                                "next one quantity 50 -> 61: what is beyond: 0.40 instead of 0.45\n");
}
END_TEST

START_TEST(rules_that_cannot_be_are_named_with_their_key)
{
    static const struct {
        const char *currency, *settings, *fault;
    } cases[] = {
        { "USD", "mode=volume",
          "fault rule -: no band says what a quantity costs; add up_to.100 = … and above = …, or each = …\n" },
        { "", "mode=volume;each=5", "fault rule currency: is missing: prices are in a currency; add currency = USD or the like\n" },
        { "USD", "mode=volume;up_to.10=5",
          "fault rule above: is missing: what is over the last up_to has no value; add above = …\n" },
        { "USD", "mode=volume;at_least.10=5",
          "fault rule at_least.10: what is below it has no price; begin with at_least.0 = …\n" },
        { "USD", "mode=package;each=5",
          "fault rule package: is missing: mode = package needs the size of a package; add package = 100\n" },
        { "USD", "mode=volume;each=5;package=7", "fault rule package: is for mode = package only\n" },
        { "USD", "mode=package;each=5 %;package=7",
          "fault rule mode: a package has a price, not per cent; write prices, or mode = volume\n" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        price_fake_rule(&fake, "rule", NULL, NULL, cases[i].currency, cases[i].settings);
        price_fake_open(&fake);
        ck_assert_str_eq(fake.text, cases[i].fault);
        teardown();
        setup();
    }
}
END_TEST

START_TEST(every_bound_is_declared_as_a_break)
{
    price_fake_rule(&fake, "a", NULL, NULL, "USD", "mode=volume;up_to.100=10;up_to.250.5=9;above=8");
    price_fake_rule(&fake, "b", NULL, NULL, "USD", "mode=package;package=10;free=5;each=1");
    price_fake_open(&fake);
    ck_assert_int_eq(price_fake_check(&fake), TEND_OK);
    ck_assert_str_eq(fake.text, "break a 100\nbreak a 250.5\nbreak b 5\n");
}
END_TEST

START_TEST(an_amount_beyond_64_bits_is_refused)
{
    price_fake_rule(&fake, "rule", NULL, NULL, "USD", "mode=volume;each=9000000000000000");
    price_fake_open(&fake);
    ck_assert_int_eq(price_fake_apply(&fake, "2026-03-02", "9000000000000000", 100), TEND_EINVAL);
    ck_assert_str_eq(fake.host.error.text, "volume: rule rule: the amount does not fit 64 bits");
}
END_TEST

TESTS_WITH("plugin/volume", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, published_examples_come_out_to_the_cent);
    tcase_add_test(tcase, per_cent_come_off_what_the_line_costs_so_far);
    tcase_add_test(tcase, half_a_cent_is_rounded_once_as_the_quote_says);
    tcase_add_test(tcase, prices_in_another_currency_are_converted_within_the_one_multiplication);
    tcase_add_test(tcase, the_first_rule_that_fits_counts_alone_and_says_why);
    tcase_add_test(tcase, rules_that_cannot_be_are_named_with_their_key);
    tcase_add_test(tcase, every_bound_is_declared_as_a_break);
    tcase_add_test(tcase, an_amount_beyond_64_bits_is_refused);
})
