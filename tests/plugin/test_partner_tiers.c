/* Tiers: exactly the threshold, the window, grace, and a tier that is taken away. */
#include "plugin_price.h"
#include "tests.h"
#include <string.h>

static price_fake fake;

static void setup(void)
{
    price_fake_init(&fake, "price_partner_tiers");
}

static void teardown(void)
{
    price_fake_clear(&fake);
}

/* The rule of the tier on a day; "" for none. */
static const char *tier_on(const char *on)
{
    static char name[80];
    const char *found;

    ck_assert_msg(price_fake_stand(&fake, on) == TEND_OK, "%s", fake.host.error.text);
    found = strstr(fake.text, " tier = ");
    name[0] = '\0';
    if (found)
        (void)sscanf(found, " tier = %79s", name);
    return name;
}

START_TEST(exactly_the_threshold_is_enough_for_at_least_and_not_for_above)
{
    static const struct {
        const char *rule;
        int64_t bought;
        const char *tier;
    } cases[] = {
        { "tier=gold;at_least=100000", 10000000, "gold" }, { "tier=gold;at_least=100000", 9999999, "" },
        { "tier=gold;above=100000", 10000000, "" },        { "tier=gold;above=100000", 10000001, "gold" },
        { "tier=gold;at_least=0.01", 1, "gold" },          { "tier=gold;at_least=0.01", 0, "" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        price_fake_rule(&fake, "gold", NULL, NULL, "USD", cases[i].rule);
        price_fake_open(&fake);
        price_fake_bought(&fake, "2025-06-01", cases[i].bought);
        ck_assert_msg(strcmp(tier_on("2026-02-01"), cases[i].tier) == 0, "%zu", i);
        teardown();
        setup();
    }
}
END_TEST

/* Quarterly evaluations over the twelve months before: what is bought on April 15 counts from July 1 to June 30 of the next year.
 */
START_TEST(a_tier_is_earned_at_an_evaluation_over_the_window_before_it)
{
    price_fake_rule(&fake, "gold", NULL, NULL, "USD", "tier=gold;at_least=1000");
    price_fake_open(&fake);
    price_fake_bought(&fake, "2026-04-15", 100000);
    ck_assert_str_eq(tier_on("2026-04-15"), "");
    ck_assert_str_eq(tier_on("2026-06-30"), "");
    ck_assert(price_fake_said(&fake, "next gold invoiced 0 -> 100000: tier gold at the evaluation of 2026-07-01"));
    ck_assert_str_eq(tier_on("2026-07-01"), "gold");
    ck_assert_str_eq(tier_on("2027-06-30"), "gold");
    ck_assert_str_eq(tier_on("2027-07-01"), "");
}
END_TEST

START_TEST(a_lost_tier_is_kept_for_the_months_of_grace)
{
    fake_host_set(&fake.host, "grace_months", "2");
    price_fake_rule(&fake, "gold", NULL, NULL, "USD", "tier=gold;at_least=1000");
    price_fake_open(&fake);
    price_fake_bought(&fake, "2026-04-15", 100000);
    ck_assert_str_eq(tier_on("2027-08-31"), "gold");
    ck_assert(price_fake_said(&fake, "earned on 2027-04-01, in grace until 2027-08-31"));
    ck_assert_str_eq(tier_on("2027-09-01"), "");
}
END_TEST

START_TEST(the_best_tier_that_is_earned_counts)
{
    price_fake_rule(&fake, "premier", NULL, NULL, "USD", "tier=premier;at_least=1000");
    price_fake_rule(&fake, "gold", NULL, NULL, "USD", "tier=gold;at_least=5000");
    price_fake_rule(&fake, "silver", NULL, NULL, "USD", "tier=silver;at_least=3000");
    price_fake_open(&fake);
    price_fake_bought(&fake, "2025-06-01", 400000);
    ck_assert_str_eq(tier_on("2026-02-01"), "silver");
    ck_assert(price_fake_said(&fake, "next gold invoiced 400000 -> 500000: tier gold at the evaluation of 2026-04-01"));
}
END_TEST

/* Silver ends with the year; who has it gets premier for six months, although premier is not earned any more. */
START_TEST(holders_of_a_tier_that_ends_get_what_its_rule_says_for_as_long_as_it_says)
{
    price_fake_rule(&fake, "gold", NULL, NULL, "USD", "tier=gold;at_least=5000");
    price_fake_rule(&fake, "silver", NULL, "2026-12-31", "USD", "tier=silver;at_least=3000;becomes=premier;becomes_for=6");
    price_fake_rule(&fake, "premier", NULL, NULL, "USD", "tier=premier;at_least=1000");
    price_fake_open(&fake);
    price_fake_bought(&fake, "2025-12-31", 300000);
    ck_assert_str_eq(tier_on("2026-12-31"), "silver");
    ck_assert_str_eq(tier_on("2027-01-01"), "premier");
    ck_assert(price_fake_said(&fake, "tier silver ended on 2026-12-31; its holders have premier until 2027-06-30"));
    ck_assert_str_eq(tier_on("2027-06-30"), "premier");
    ck_assert_str_eq(tier_on("2027-07-01"), "");
}
END_TEST

START_TEST(who_did_not_hold_the_tier_that_ended_gets_nothing_of_it)
{
    price_fake_rule(&fake, "silver", NULL, "2026-12-31", "USD", "tier=silver;at_least=3000;becomes=premier");
    price_fake_rule(&fake, "premier", NULL, NULL, "USD", "tier=premier;at_least=1000");
    price_fake_open(&fake);
    price_fake_bought(&fake, "2026-11-30", 299999);
    ck_assert_str_eq(tier_on("2026-12-31"), "");
    price_fake_bought(&fake, "2020-01-01", 300000);
    ck_assert_str_eq(tier_on("2027-02-01"), "premier"); /* earned, not inherited */
    ck_assert(!price_fake_said(&fake, "holders"));
}
END_TEST

START_TEST(a_tier_may_be_written_at_the_account_and_still_migrates)
{
    fake_host_set(&fake.host, "basis", "assigned");
    price_fake_rule(&fake, "silver", NULL, "2026-12-31", "", "tier=silver;discount=5;becomes=premier;becomes_for=3");
    price_fake_rule(&fake, "premier", NULL, NULL, "", "tier=premier;discount=2.5;support_class=day;mdf=3;benefit.training=2 seats");
    price_fake_open(&fake);
    ck_assert_str_eq(fake.text, "");
    fake.quote.tier = "silver";
    ck_assert_str_eq(tier_on("2026-12-31"), "silver");
    ck_assert_int_eq(price_fake_apply(&fake, "2027-01-01", "3", 9990), TEND_OK);
    ck_assert_str_eq(fake.text, "benefit premier tier = premier (tier silver ended on 2026-12-31; its holders have premier until 2027-03-31)\n"
                                "benefit premier discount = 2.5 % ()\n"
                                "benefit premier support_class = day ()\n"
                                "benefit premier mdf = 3 % ()\n"
                                "benefit premier training = 2 seats ()\n"
                                "adjust 0 -250 USD premier: tier premier: 2.5 % off\n"); /* 2.4975 */
    ck_assert_str_eq(tier_on("2027-03-31"), "premier");
    ck_assert_str_eq(tier_on("2027-04-01"), ""); /* the three months are over */
    fake.quote.tier = "";
    ck_assert_str_eq(tier_on("2027-01-01"), "");
}
END_TEST

START_TEST(rules_that_cannot_be_are_named_with_their_key)
{
    price_fake_rule(&fake, "both", NULL, NULL, "USD", "tier=a;at_least=1;above=2");
    price_fake_rule(&fake, "none", NULL, NULL, "USD", "tier=b");
    price_fake_rule(&fake, "coins", NULL, NULL, "", "tier=c;at_least=1");
    price_fake_rule(&fake, "open", NULL, NULL, "USD", "tier=d;at_least=2;becomes=none");
    price_fake_open(&fake);
    ck_assert_str_eq(fake.text,
                     "fault both above: and at_least: write at_least when exactly the threshold is enough, above when it is not\n"
                     "fault none at_least: is missing: an earned tier needs a threshold; add at_least = … or above = …\n"
                     "fault coins currency: is missing: the threshold is money; add currency = USD or the like\n"
                     "fault open becomes: says what happens when the tier ends, but it has no end; add until = …\n");
}
END_TEST

START_TEST(ends_without_an_heir_and_tiers_that_collide_are_found)
{
    price_fake_rule(&fake, "gold", NULL, NULL, "USD", "tier=gold;at_least=5000");
    price_fake_rule(&fake, "silver", NULL, "2026-12-31", "USD", "tier=silver;at_least=3000");
    price_fake_rule(&fake, "premier", NULL, NULL, "USD", "tier=premier;at_least=5000.00");
    price_fake_open(&fake);
    ck_assert_int_eq(price_fake_check(&fake), TEND_OK);
    ck_assert_str_eq(fake.text,
                     "found 2 gold premier: tiers gold and premier have the same threshold; one of them is never reached\n"
                     "found 5 silver -: tier silver ends on 2026-12-31 and no rule says what its holders get; add becomes = …\n");
}
END_TEST

TESTS_WITH("plugin/partner_tiers", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, exactly_the_threshold_is_enough_for_at_least_and_not_for_above);
    tcase_add_test(tcase, a_tier_is_earned_at_an_evaluation_over_the_window_before_it);
    tcase_add_test(tcase, a_lost_tier_is_kept_for_the_months_of_grace);
    tcase_add_test(tcase, the_best_tier_that_is_earned_counts);
    tcase_add_test(tcase, holders_of_a_tier_that_ends_get_what_its_rule_says_for_as_long_as_it_says);
    tcase_add_test(tcase, who_did_not_hold_the_tier_that_ended_gets_nothing_of_it);
    tcase_add_test(tcase, a_tier_may_be_written_at_the_account_and_still_migrates);
    tcase_add_test(tcase, rules_that_cannot_be_are_named_with_their_key);
    tcase_add_test(tcase, ends_without_an_heir_and_tiers_that_collide_are_found);
})
