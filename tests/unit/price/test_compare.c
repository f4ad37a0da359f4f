/* Contracts of different length over the same years, against figures worked out by hand. */
#include "price/compare.h"
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

/* A year costs 1,000; from the second year on 1,100; with three years at once 900. */
static const char rules[] =
    "[price.v]\nplugin = volume\n"
    "[rule.year]\nprice = v\nmode = volume\ncurrency = USD\nuntil = 2027-03-01\nat_least.0 = 1000\n"
    "[rule.later]\nprice = v\nmode = volume\ncurrency = USD\nfrom = 2027-03-02\nat_least.0 = 1100\n"
    "[rule.three]\nprice = v\nmode = volume\ncurrency = USD\npriority = 1\nterm_at_least = 36\nat_least.0 = 900\n";

static tend_scenario compare(uint32_t term, uint32_t years)
{
    const tend_quote_item item = { .product = p.product, .quantity = { 1, 0 } };
    const tend_compare_request request = {
        .quote = { .account = p.account, .date = (tend_date)day("2026-03-02").integer, .items = &item, .item_count = 1 },
        .years = years,
        .our_rate = { 10, 0 },
        .their_rate = { 75, 1 },
    };
    tend_scenario scenario;

    ck_assert_msg(tend_compare(p.pricing, &p.world, &request, term, p.f.arena, &scenario, &p.f.error) == TEND_OK, "%s",
                  p.f.error.text);
    return scenario;
}

/* 1000/1.1 + 1100/1.21 + 1100/1.331 = 2,644.628…; 900 each year: 2,238.166…. At 7.5 %: 2,767.56… and 2,340.47…. */
START_TEST(a_contract_keeps_its_price_and_the_next_has_that_of_its_day)
{
    tend_scenario year, three;

    ck_assert_int_eq(price_fixture_prices(&p, rules), TEND_OK);
    year = compare(12, 3);
    three = compare(36, 3);
    ck_assert_int_eq(year.first_year, 100000);
    ck_assert_int_eq(year.total, 320000);
    ck_assert_int_eq(year.ours_now, 264463);
    ck_assert_int_eq(year.theirs_now, 276756);
    ck_assert_int_eq(three.first_year, 90000);
    ck_assert_int_eq(three.total, 270000);
    ck_assert_int_eq(three.ours_now, 223817);
    ck_assert_int_eq(three.theirs_now, 234047);
    ck_assert(!three.has_cost);
}
END_TEST

START_TEST(the_margin_is_known_where_every_unit_cost_is)
{
    tend_scenario year;

    (void)TEST_PUT(&p.f, .kind = TEND_KIND_PRODUCT, .id = p.product,
                   .fields = { { "unit_cost", (tend_value){ .type = TEND_DECIMAL, .scale = 6, .integer = 400500000 } } });
    ck_assert_int_eq(price_fixture_prices(&p, rules), TEND_OK);
    year = compare(12, 3);
    ck_assert(year.has_cost);
    ck_assert_int_eq(year.cost, 120150);
    ck_assert_int_eq(year.margin, 320000 - 120150);
}
END_TEST

/* Five years of three-year contracts: the second begins in the fourth year and is cut by the end of the look. */
START_TEST(a_second_contract_may_begin_within_the_years)
{
    ck_assert_int_eq(price_fixture_prices(&p, rules), TEND_OK);
    ck_assert_int_eq(compare(36, 5).total, 450000);
    ck_assert_int_eq(compare(24, 3).total, 100000 + 100000 + 110000);
}
END_TEST

START_TEST(terms_are_whole_years)
{
    const tend_compare_request request = { .years = 3 };
    tend_scenario scenario;

    ck_assert_int_eq(price_fixture_prices(&p, rules), TEND_OK);
    ck_assert_int_eq(tend_compare(p.pricing, &p.world, &request, 18, p.f.arena, &scenario, &p.f.error), TEND_EINVAL);
    ck_assert_str_eq(p.f.error.text, "price compare: terms are whole years in months (12, 36, 60), years 1 to 30");
}
END_TEST

TESTS_WITH("price/compare", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_contract_keeps_its_price_and_the_next_has_that_of_its_day);
    tcase_add_test(tcase, the_margin_is_known_where_every_unit_cost_is);
    tcase_add_test(tcase, a_second_contract_may_begin_within_the_years);
    tcase_add_test(tcase, terms_are_whole_years);
})
