#include "model/measure.h"
#include "store_fixture.h"

static fixture f;
static int64_t acme;

static void set_up(void)
{
    fixture_open(&f);
    acme = add_account(&f, "Acme");
}

static void tear_down(void)
{
    fixture_close(&f);
}

static tend_measure nrr(const char *iso, int64_t numerator, int64_t denominator)
{
    return (tend_measure){
        .kpi = "nrr", .account = acme, .day = (tend_date)day(iso).integer, .numerator = numerator, .denominator = denominator
    };
}

static bool publish(tend_measure measure)
{
    bool differs = false;

    begin(&f);
    TEST_OK(&f, tend_measure_publish(f.model, &f.origin, &measure, &differs, &f.error));
    commit(&f);
    return differs;
}

static tend_measure get(tend_time effective, tend_time known, int64_t account)
{
    tend_world world = world_of(&f, effective, known);
    tend_measure measure = { 0 };

    TEST_OK(&f, tend_measure_get(&world, "nrr", account, f.arena, &measure, &f.error));
    return measure;
}

START_TEST(a_value_is_published_when_it_differs)
{
    ck_assert(publish(nrr("2026-03-01", 9, 10)));
    ck_assert_str_eq(told(&f), "account.created 1, measure.nrr 1");
    ck_assert(!publish(nrr("2026-03-02", 9, 10)));
    ck_assert_str_eq(told(&f), "account.created 1, measure.nrr 1");
    ck_assert_int_eq(get(0, 0, acme).day, day("2026-03-02").integer);
    ck_assert(publish(nrr("2026-03-02", 18, 20)));
    ck_assert_str_eq(told(&f), "account.created 1, measure.nrr 1, measure.nrr 1");
    ck_assert_int_eq(get(0, 0, acme).numerator, 18);
    ck_assert_int_eq(get(0, 0, acme).denominator, 20);
    ck_assert_int_eq(get(0, 0, acme).published_at, f.now);
}
END_TEST

START_TEST(a_word_and_a_currency_are_part_of_the_value)
{
    tend_measure measure = nrr("2026-03-01", 500, 1);

    strcpy(measure.currency, "KRW");
    measure.text = "green";
    ck_assert(publish(measure));
    ck_assert(!publish(measure));
    ck_assert_str_eq(get(0, 0, acme).currency, "KRW");
    ck_assert_str_eq(get(0, 0, acme).text, "green");
    measure.text = "red";
    ck_assert(publish(measure));
    strcpy(measure.currency, "USD");
    ck_assert(publish(measure));
}
END_TEST

START_TEST(the_portfolio_is_account_0_and_tells_nobody)
{
    tend_measure measure = nrr("2026-03-01", 9, 10);

    measure.account = 0;
    ck_assert(publish(measure));
    ck_assert_int_eq(get(0, 0, 0).numerator, 9);
    ck_assert_str_eq(told(&f), "account.created 1");
}
END_TEST

START_TEST(a_closed_period_stays_as_first_reported)
{
    tend_measure first = nrr("2025-12-31", 8, 10), again = nrr("2025-12-31", 7, 10);

    begin(&f);
    TEST_OK(&f, tend_measure_close(f.model, &first, &f.error));
    ck_assert_int_eq(tend_measure_close(f.model, &again, &f.error), TEND_EEXISTS);
    ck_assert_str_eq(f.error.text, "kpi nrr: the period that ends on 2025-12-31 is closed already; it stays as first reported");
    commit(&f);
    ck_assert_int_eq(get(at("2026-01-15"), 0, acme).numerator, 8);
}
END_TEST

START_TEST(the_world_of_a_day_has_the_values_of_that_day)
{
    tend_measure december = nrr("2025-12-31", 8, 10), january = nrr("2026-01-31", 7, 10);
    tend_world world = world_of(&f, at("2025-06-01"), 0);
    tend_measure measure;

    december.published_at = at("2026-01-02");
    january.published_at = at("2026-02-02");
    begin(&f);
    TEST_OK(&f, tend_measure_close(f.model, &december, &f.error));
    TEST_OK(&f, tend_measure_close(f.model, &january, &f.error));
    commit(&f);
    (void)publish(nrr("2026-03-01", 6, 10));
    ck_assert_int_eq(get(at("2026-01-30"), 0, acme).numerator, 8);
    ck_assert_int_eq(get(at("2026-01-31"), 0, acme).numerator, 7);
    ck_assert_int_eq(get(at("2026-03-02"), 0, acme).numerator, 6);
    ck_assert_int_eq(get(at("2026-01-31"), at("2026-02-01"), acme).numerator, 8);
    ck_assert_int_eq(tend_measure_get(&world, "nrr", acme, f.arena, &measure, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "kpi nrr has no value for account 1; tend kpi refresh computes it");
}
END_TEST

TESTS_WITH("model/measure", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_value_is_published_when_it_differs);
    tcase_add_test(tcase, a_word_and_a_currency_are_part_of_the_value);
    tcase_add_test(tcase, the_portfolio_is_account_0_and_tells_nobody);
    tcase_add_test(tcase, a_closed_period_stays_as_first_reported);
    tcase_add_test(tcase, the_world_of_a_day_has_the_values_of_that_day);
})
