/* Rebates: from the first dollar or each part by itself, month by month, paid and clawed back. */
#include "plugin_price.h"
#include "tests.h"
#include <string.h>

static price_fake fake;

static void setup(void)
{
    price_fake_init(&fake, "price_rebate");
}

static void teardown(void)
{
    price_fake_clear(&fake);
}

/* The amount of a benefit, in minor units. */
static int64_t amount(const char *name)
{
    char words[60];
    const char *found;
    long long minor = INT64_MIN;

    (void)snprintf(words, sizeof words, "benefit rule %s = ", name);
    found = strstr(fake.text, words);
    ck_assert_msg(found != NULL, "no %s in:\n%s", name, fake.text);
    ck_assert_int_eq(sscanf(found + strlen(words), "%lld", &minor), 1);
    return minor;
}

static void open_rule(const char *settings)
{
    price_fake_rule(&fake, "rule", NULL, NULL, "USD", settings);
    price_fake_open(&fake);
    ck_assert_str_eq(fake.text, "");
}

START_TEST(the_commission_example_is_the_same_arithmetic)
{
    open_rule("basis=incremental;period=year;up_to.100000=5 %;up_to.125000=6 %;above=7 %");
    price_fake_bought(&fake, "2026-02-01", 15000000);
    ck_assert_int_eq(price_fake_stand(&fake, "2026-12-31"), TEND_OK);
    ck_assert_int_eq(amount("earned"), 825000);
    ck_assert_int_eq(amount("true_up"), 0);
}
END_TEST

START_TEST(a_retroactive_rebate_is_of_everything_once_the_threshold_is_reached)
{
    static const struct {
        const char *bands;
        int64_t bought, earned;
    } cases[] = {
        { "at_least.100000=5 %", 9999999, 0 },
        { "at_least.100000=5 %", 10000000, 500000 },
        { "up_to.100000=0 %;above=5 %", 10000000, 0 },
        { "up_to.100000=0 %;above=5 %", 10000001, 500000 }, /* 5,000.0005 */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char settings[120];

        (void)snprintf(settings, sizeof settings, "basis=retroactive;period=year;%s", cases[i].bands);
        open_rule(settings);
        price_fake_bought(&fake, "2026-02-01", cases[i].bought);
        ck_assert_int_eq(price_fake_stand(&fake, "2026-12-31"), TEND_OK);
        ck_assert_msg(amount("earned") == cases[i].earned, "%zu: %lld", i, (long long)amount("earned"));
        teardown();
        setup();
    }
}
END_TEST

/* 60,000 in January accrue 3 %: 1,800. 60,000 in March reach 5 %: they accrue 3,000, and January is trued up by 1,200. */
START_TEST(crossing_a_threshold_trues_up_what_was_bought_before)
{
    open_rule("basis=retroactive;period=year;pay=quarter;at_least.50000=3 %;at_least.100000=5 %");
    price_fake_bought(&fake, "2026-01-15", 6000000);
    price_fake_bought(&fake, "2026-03-15", 6000000);
    ck_assert_int_eq(price_fake_stand(&fake, "2026-02-28"), TEND_OK);
    ck_assert_int_eq(amount("earned"), 180000);
    ck_assert_int_eq(amount("paid"), 0);
    ck_assert_int_eq(price_fake_stand(&fake, "2026-03-31"), TEND_OK);
    ck_assert_int_eq(amount("earned"), 600000);
    ck_assert_int_eq(amount("accrued"), 480000);
    ck_assert_int_eq(amount("true_up"), 120000);
    ck_assert_int_eq(amount("paid"), 600000);
    ck_assert(price_fake_said(&fake, "benefit rule month.2026_03 = 420000 (bought 60000.00, accrual 3000.00, true-up 1200.00)"));
}
END_TEST

/* 30,000 come back in April: of 90,000 only 3 % are earned, 2,700; 6,000 were paid. */
START_TEST(a_return_that_undoes_the_threshold_is_clawed_back)
{
    open_rule("basis=retroactive;period=year;pay=quarter;at_least.50000=3 %;at_least.100000=5 %");
    price_fake_bought(&fake, "2026-01-15", 6000000);
    price_fake_bought(&fake, "2026-03-15", 6000000);
    price_fake_bought(&fake, "2026-04-10", -3000000);
    ck_assert_int_eq(price_fake_stand(&fake, "2026-04-30"), TEND_OK);
    ck_assert_int_eq(amount("earned"), 270000);
    ck_assert_int_eq(amount("claw_back"), 330000);
    ck_assert_int_eq(amount("to_pay"), 0);
    ck_assert_int_eq(amount("accrued") + amount("true_up"), 270000);
}
END_TEST

/* 90 of 365 days are gone on March 31: 90,000 become 365,000. */
START_TEST(the_end_of_the_period_is_projected_and_the_next_threshold_told)
{
    open_rule("basis=incremental;period=year;at_least.50000=3 %;at_least.100000=5 %");
    price_fake_bought(&fake, "2026-01-15", 9000000);
    ck_assert_int_eq(price_fake_stand(&fake, "2026-03-31"), TEND_OK);
    ck_assert_int_eq(amount("projected"), 36500000);
    ck_assert_int_eq(amount("projected_rebate"), 150000 + 1325000); /* 3 % of 50,000 and 5 % of 265,000 */
    ck_assert(price_fake_said(&fake,
                              "next rule invoiced 9000000 -> 10000000: 5 % of what is beyond, 1500.00 in all; 10000.00 more to "
                              "go, 36.37 a day until the period ends"));
}
END_TEST

START_TEST(a_period_begins_anew)
{
    open_rule("basis=retroactive;period=quarter;at_least.50000=3 %");
    price_fake_bought(&fake, "2026-03-31", 5000000);
    ck_assert_int_eq(price_fake_stand(&fake, "2026-03-31"), TEND_OK);
    ck_assert_int_eq(amount("earned"), 150000);
    ck_assert_int_eq(price_fake_stand(&fake, "2026-04-01"), TEND_OK);
    ck_assert_int_eq(amount("earned"), 0);
}
END_TEST

/* 90,000 before, 20,000 now: the order earns 5 % of itself; what it does to the 90,000 is told beside it. */
START_TEST(an_order_earns_its_own_part_and_not_that_of_earlier_ones)
{
    open_rule("basis=retroactive;period=year;at_least.50000=3 %;at_least.100000=5 %");
    price_fake_bought(&fake, "2026-01-15", 9000000);
    ck_assert_int_eq(price_fake_apply(&fake, "2026-03-31", "10", 2000000), TEND_OK);
    ck_assert(price_fake_said(&fake, "later 0 -100000 USD rule: retroactive rebate, up to 5 % with this order"));
    ck_assert_int_eq(amount("true_up_by_this_order"), 180000);
    ck_assert_int_eq(fake.net, 2000000);
}
END_TEST

START_TEST(an_incremental_order_earns_across_the_threshold)
{
    open_rule("basis=incremental;period=year;at_least.50000=3 %;at_least.100000=5 %");
    price_fake_bought(&fake, "2026-01-15", 9000000);
    ck_assert_int_eq(price_fake_apply(&fake, "2026-03-31", "10", 2000000), TEND_OK);
    ck_assert(price_fake_said(&fake, "later 0 -80000 USD rule: ")); /* 10,000 at 3 % and 10,000 at 5 % */
}
END_TEST

START_TEST(jumps_and_falling_rates_are_found)
{
    price_fake_rule(&fake, "jump", NULL, NULL, "USD", "basis=retroactive;period=year;at_least.0=3 %;at_least.100=5 %");
    price_fake_rule(&fake, "fall", NULL, NULL, "USD", "basis=incremental;period=year;at_least.0=3 %;at_least.100=2 %");
    price_fake_rule(&fake, "flat", NULL, NULL, "USD", "basis=incremental;period=year;at_least.0=3 %;at_least.100=3 %");
    price_fake_open(&fake);
    ck_assert_int_eq(price_fake_check(&fake), TEND_OK);
    ck_assert_str_eq(
        fake.text, "found 1 jump -: the rebate on everything jumps from 3 % to 5 % at 100: who is just below it pays more than who "
                   "reaches it\n"
                   "found 2 fall -: the rate falls from 3 % to 2 % at 100: who buys more gets less back\n"
                   "found 4 flat -: the rate is 3 % on both sides of 100; take one band away\n");
}
END_TEST

TESTS_WITH("plugin/rebate", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_commission_example_is_the_same_arithmetic);
    tcase_add_test(tcase, a_retroactive_rebate_is_of_everything_once_the_threshold_is_reached);
    tcase_add_test(tcase, crossing_a_threshold_trues_up_what_was_bought_before);
    tcase_add_test(tcase, a_return_that_undoes_the_threshold_is_clawed_back);
    tcase_add_test(tcase, the_end_of_the_period_is_projected_and_the_next_threshold_told);
    tcase_add_test(tcase, a_period_begins_anew);
    tcase_add_test(tcase, an_order_earns_its_own_part_and_not_that_of_earlier_ones);
    tcase_add_test(tcase, an_incremental_order_earns_across_the_threshold);
    tcase_add_test(tcase, jumps_and_falling_rates_are_found);
})
