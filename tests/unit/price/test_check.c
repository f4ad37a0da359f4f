/* Rules that are well written and badly thought out: each kind of finding, and none where there is none. */
#include "price_fixture.h"

static price_fixture p;
static char found[8192];

static void setup(void)
{
    price_fixture_open(&p);
}

static void teardown(void)
{
    price_fixture_close(&p);
}

/* "kind rule other: text", one a line. */
static const char *check(const char *ini, const char *on)
{
    const tend_price_fault *faults = NULL;
    size_t count = 0;

    ck_assert_msg(price_fixture_prices(&p, ini) == TEND_OK, "%s", p.faults);
    ck_assert_msg(tend_pricing_check(p.pricing, &p.world, (tend_date)day(on).integer, p.f.arena, &faults, &count, &p.f.error) ==
                      TEND_OK,
                  "%s", p.f.error.text);
    found[0] = '\0';
    for (size_t i = 0; i < count; i++)
        (void)snprintf(found + strlen(found), sizeof found - strlen(found), "%s %s %s: %s\n",
                       tend_price_finding_word(faults[i].kind), faults[i].rule ? faults[i].rule : "-",
                       faults[i].other ? faults[i].other : "-", faults[i].text);
    return found;
}

#define VOLUME "[price.v]\nplugin = volume\n"
#define BANDS(mode) "price = v\nmode = " mode "\ncurrency = USD\nup_to.100 = 10\nup_to.200 = 9\nabove = 8\n"

START_TEST(the_cliff_of_101_units_is_proven_and_graduated_has_none)
{
    ck_assert_str_eq(
        check(VOLUME "[rule.r]\n" BANDS("volume"), "2026-03-02"),
        "cliff r -: 100 cost 1,000.00 USD and 101 cost 909.00 USD, 91.00 USD less: whoever wants 91 to 100 is better off "
        "with 101 (tried for Acme, #1)\n"
        "cliff r -: 200 cost 1,800.00 USD and 201 cost 1,608.00 USD, 192.00 USD less: whoever wants 179 to 200 is better "
        "off with 201 (tried for Acme, #1)\n");
    ck_assert_str_eq(check(VOLUME "[rule.r]\n" BANDS("graduated"), "2026-03-02"), "");
}
END_TEST

/* at_least.100: 100 belongs above, so the cliff stands before it. 99 × 12.00 = 1,188.00; 100 × 12.00 less 10 % = 1,080.00. */
START_TEST(a_cliff_of_per_cent_stands_on_the_side_the_bound_belongs_to)
{
    ck_assert_str_eq(
        check(VOLUME "[rule.r]\nprice = v\nmode = volume\nat_least.100 = 10 %\n", "2026-03-02"),
        "cliff r -: 99 cost 1,188.00 USD and 100 cost 1,080.00 USD, 108.00 USD less: whoever wants 91 to 99 is better off "
        "with 100 (tried for Acme, #1)\n");
}
END_TEST

/* Neither step alone has a cliff: the second takes away what the first gives. */
START_TEST(a_cliff_is_of_all_steps_together)
{
    ck_assert_str_eq(check(VOLUME "[price.w]\nplugin = volume\n[rule.r]\nprice = v\nmode = volume\nat_least.100 = 10 %\n"
                                  "[rule.fixed]\nprice = w\nmode = graduated\ncurrency = USD\nat_least.0 = 5\n",
                           "2026-03-02"),
                     "");
}
END_TEST

START_TEST(a_rule_behind_one_that_fits_everybody_is_shadowed)
{
    ck_assert_str_eq(
        check(VOLUME "[rule.all]\n" BANDS("graduated") "[rule.emea]\nwhere = region = EMEA\n" BANDS("graduated"), "2026-03-02"),
        "shadowed emea all: rule all always comes first, for every account and product that it fits; give this one a "
        "higher priority, or take it away\n");
    ck_assert_str_eq(
        check(VOLUME "[rule.emea]\nwhere = region = EMEA\n" BANDS("graduated") "[rule.all]\n" BANDS("graduated"), "2026-03-02"),
        "shadowed all emea: rule emea always comes first, for every account and product that it fits; give this one a "
        "higher priority, or take it away\n"); /* everybody there is in EMEA */
    (void)TEST_PUT(&p.f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Bora") }, { "region", text("APAC") } });
    ck_assert_str_eq(
        check(VOLUME "[rule.emea]\nwhere = region = EMEA\n" BANDS("graduated") "[rule.all]\n" BANDS("graduated"), "2026-03-02"),
        "");
}
END_TEST

START_TEST(several_rules_together_may_shadow_one)
{
    (void)TEST_PUT(&p.f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Bora") }, { "region", text("APAC") } });
    ck_assert_str_eq(
        check(VOLUME "[rule.emea]\nwhere = region = EMEA\n" BANDS("graduated") "[rule.apac]\nwhere = region = APAC\n" BANDS(
                  "graduated") "[rule.rest]\n" BANDS("graduated"),
              "2026-03-02"),
        "shadowed rest apac: rule apac and others together always come first, for every account and product that it fits; "
        "give this one a higher priority, or take it away\n");
}
END_TEST

START_TEST(a_rule_that_is_free_for_some_days_is_not_shadowed)
{
    ck_assert_str_eq(
        check(VOLUME "[rule.spring]\nfrom = 2026-03-01\nuntil = 2026-05-31\n" BANDS("graduated") "[rule.all]\n" BANDS("graduated"),
              "2026-03-02"),
        "");
    ck_assert_str_eq(
        check(VOLUME "[rule.always]\npriority = 1\n" BANDS("graduated") "[rule.spring]\nfrom = 2026-03-01\nuntil = "
                                                                        "2026-05-31\n" BANDS("graduated"),
              "2026-03-02"),
        "shadowed spring always: rule always always comes first, for every account and product that it fits; give this "
        "one a higher priority, or take it away\n");
}
END_TEST

START_TEST(rules_that_differ_by_their_place_alone_contradict)
{
    (void)TEST_PUT(&p.f, .kind = TEND_KIND_ACCOUNT,
                   .fields = { { "name", text("Bora") }, { "region", text("EMEA") }, { "tier", text("gold") } });
    (void)TEST_PUT(&p.f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Cato") }, { "tier", text("gold") } });
    ck_assert_str_eq(
        check(VOLUME
              "[rule.emea]\nwhere = region = EMEA\n" BANDS("graduated") "[rule.gold]\nwhere = tier = gold\n" BANDS("graduated"),
              "2026-03-02"),
        "contradiction gold emea: rule emea fits some of the same accounts, products and days with the same priority; it "
        "counts only because it is written first; give one of them a higher priority\n");
}
END_TEST

START_TEST(a_rule_that_fits_nobody_or_nothing_is_told)
{
    ck_assert_str_eq(check(VOLUME "[rule.a]\nwhere = region = Mars\n" BANDS("graduated") "[rule.b]\nproduct = Widgt\n" BANDS(
                               "graduated") "[rule.c]\nfamily = toys\n" BANDS("graduated"),
                           "2026-03-02"),
                     "unused a -: no account meets its where; it never applies\n"
                     "unused b -: no product that is sold is called Widgt; did you mean Widget?\n"
                     "unused c -: no product that is sold is of family toys; it never applies\n");
}
END_TEST

START_TEST(days_that_no_rule_of_the_scope_covers_are_a_gap)
{
    static const char series[] =
        VOLUME "[rule.y25]\nuntil = 2026-06-30\n" BANDS("graduated") "[rule.y26]\nfrom = 2026-07-02\n" BANDS("graduated");

    ck_assert_str_eq(check(series, "2026-03-02"),
                     "gap y25 y26: from 2026-07-01 to 2026-07-01 neither it nor rule y26 is in force; move one of the two days\n");
    ck_assert_str_eq(check(series, "2026-08-01"), ""); /* over */
    ck_assert_str_eq(
        check(VOLUME "[rule.y25]\nuntil = 2026-06-30\n" BANDS("graduated") "[rule.y26]\nfrom = 2026-07-01\n" BANDS("graduated"),
              "2026-03-02"),
        "");
}
END_TEST

START_TEST(products_without_a_list_price_and_two_for_one_day_are_told)
{
    int64_t gift = TEST_PUT(&p.f, .kind = TEND_KIND_PRODUCT, .fields = { { "name", text("Gift") } }).id;

    ck_assert_str_eq(check("", "2026-03-02"), "gap - -: product Gift: no list price on 2026-03-02; add one with tend add price "
                                              "product=#2 unit_price=… currency=…\n");
    for (int i = 0; i < 2; i++)
        (void)TEST_PUT(&p.f, .kind = TEND_KIND_PRICE,
                       .fields = { { "product", ref(gift) },
                                   { "unit_price", (tend_value){ .type = TEND_DECIMAL, .scale = 9, .integer = 1 + i } },
                                   { "currency", text("USD") },
                                   { "starts_on", day("2026-01-01") } });
    ck_assert_str_eq(check("", "2026-03-02"),
                     "contradiction - -: prices #1 and #2 in USD begin on the same day; the newer one counts; "
                     "take one away with tend set price … or undo\n");
}
END_TEST

/* A rule whose currency has no rate here cannot be tried; the check goes on. */
START_TEST(what_cannot_be_quoted_is_told_and_the_check_goes_on)
{
    (void)TEST_PUT(&p.f, .kind = TEND_KIND_PRODUCT,
                   .fields = { { "name", text("Gold") },
                               { "list_price", (tend_value){ .type = TEND_DECIMAL, .scale = 6, .integer = 1000000 } },
                               { "currency", text("EUR") } });
    ck_assert_str_eq(check(VOLUME "[rule.r]\nproduct = Gold\n" BANDS("volume"), "2026-03-02"),
                     "gap r -: it cannot be tried: no rate from EUR to USD on 2026-03-02; import one with kind rate\n");
}
END_TEST

TESTS_WITH("price/check", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_cliff_of_101_units_is_proven_and_graduated_has_none);
    tcase_add_test(tcase, a_cliff_of_per_cent_stands_on_the_side_the_bound_belongs_to);
    tcase_add_test(tcase, a_cliff_is_of_all_steps_together);
    tcase_add_test(tcase, a_rule_behind_one_that_fits_everybody_is_shadowed);
    tcase_add_test(tcase, several_rules_together_may_shadow_one);
    tcase_add_test(tcase, a_rule_that_is_free_for_some_days_is_not_shadowed);
    tcase_add_test(tcase, rules_that_differ_by_their_place_alone_contradict);
    tcase_add_test(tcase, a_rule_that_fits_nobody_or_nothing_is_told);
    tcase_add_test(tcase, days_that_no_rule_of_the_scope_covers_are_a_gap);
    tcase_add_test(tcase, products_without_a_list_price_and_two_for_one_day_are_told);
    tcase_add_test(tcase, what_cannot_be_quoted_is_told_and_the_check_goes_on);
})
