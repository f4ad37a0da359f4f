/* The tier of each account as a measure: told when it moves, and only then. */
#include "model/measure.h"
#include "price/publish.h"
#include "price_fixture.h"

static price_fixture p;

static void setup(void)
{
    price_fixture_open(&p);
}

static void teardown(void)
{
    price_fixture_close(&p);
}

static int64_t publish(const char *on)
{
    int64_t changed = -1;

    ck_assert_msg(tend_pricing_publish(p.pricing, p.f.model, &p.world, &p.f.origin, (tend_date)day(on).integer, &changed,
                                       &p.f.error) == TEND_OK,
                  "%s", p.f.error.text);
    return changed;
}

static int64_t moves(void)
{
    int64_t count = 0;

    TEST_OK(&p.f,
            tend_store_number(p.f.store, "SELECT count(*) FROM events WHERE topic = 'measure.price.t'", 0, &count, &p.f.error));
    return count;
}

/* Gold for what was invoiced in the twelve months before the quarter: from April 2026 to March 2027. */
START_TEST(a_tier_is_told_when_it_comes_and_when_it_goes)
{
    tend_measure measure;

    (void)TEST_PUT(&p.f, .kind = TEND_KIND_INVOICE,
                   .fields = { { "account", ref(p.account) },
                               { "issued_on", day("2026-03-01") },
                               { "currency", text("USD") },
                               { "amount", money(100000, "USD") } });
    ck_assert_int_eq(price_fixture_prices(&p, "[price.t]\nplugin = partner_tiers\npublish = yes\n"
                                              "[rule.gold]\nprice = t\ntier = gold\ncurrency = USD\nat_least = 1000\n"),
                     TEND_OK);
    ck_assert(tend_pricing_publishes(p.config));
    ck_assert_int_eq(publish("2026-03-02"), 0);
    ck_assert_int_eq(publish("2026-04-01"), 1);
    ck_assert_int_eq(publish("2026-04-02"), 0);
    ck_assert_int_eq(moves(), 1);
    TEST_OK(&p.f, tend_measure_get(&p.world.world, "price.t", p.account, p.f.arena, &measure, &p.f.error));
    ck_assert_str_eq(measure.text, "gold");
    ck_assert_int_eq(publish("2027-04-01"), 1);
    ck_assert_int_eq(moves(), 2);
    TEST_OK(&p.f, tend_measure_get(&p.world.world, "price.t", p.account, p.f.arena, &measure, &p.f.error));
    ck_assert_int_eq(measure.denominator, 0);
}
END_TEST

START_TEST(a_section_that_does_not_publish_is_left_alone)
{
    ck_assert_int_eq(price_fixture_prices(&p, "[price.t]\nplugin = partner_tiers\nbasis = assigned\n"
                                              "[rule.gold]\nprice = t\ntier = gold\n"),
                     TEND_OK);
    ck_assert(!tend_pricing_publishes(p.config));
    ck_assert_int_eq(publish("2026-03-02"), 0);
    ck_assert_int_eq(moves(), 0);
}
END_TEST

TESTS_WITH("price/publish", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_tier_is_told_when_it_comes_and_when_it_goes);
    tcase_add_test(tcase, a_section_that_does_not_publish_is_left_alone);
})
