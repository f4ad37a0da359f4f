/* Conditions that no row can meet, and those of which that is not certain. That no filter is said to be one while a row meets it is
 * asserted for every filter that the other tests ask. */
#include "filter_fixture.h"

static const struct {
    const char *where, *why; /* NULL: nothing says that it cannot be met */
} conditions[] = {
    { "tier = gold and tier = silver", "'tier = gold' and 'tier = silver' exclude each other" },
    { "tier in (gold, silver) and tier = platinum", "'tier in (gold, silver)' and 'tier = platinum' exclude each other" },
    { "tier in (gold, silver) and tier in (silver, platinum)", NULL },
    { "tier = gold and region = EMEA and tier != gold", "'tier = gold' and 'tier != gold' exclude each other" },
    { "tier in (gold, silver) and tier != gold", NULL },
    { "tier = gold and tier not in (silver, gold)", "'tier = gold' and 'tier not in (silver, gold)' exclude each other" },
    { "name = Acme and name = ACME", NULL },
    { "name = Acme and name = Acne", "'name = Acme' and 'name = Acne' exclude each other" },
    { "seats > 10 and seats < 5", "'seats > 10' and 'seats < 5' exclude each other" },
    { "seats > 10 and seats < 10", "'seats > 10' and 'seats < 10' exclude each other" },
    { "seats >= 10 and seats <= 10", NULL },
    { "seats >= 10 and seats < 10", "'seats >= 10' and 'seats < 10' exclude each other" },
    { "seats = 7 and seats between 8 and 9", "'seats = 7' and 'seats between 8 and 9' exclude each other" },
    { "seats between 9 and 8", "'seats between 9 and 8' begins behind its end" },
    { "seats is empty and seats > 1", "'seats is empty' and 'seats > 1' exclude each other" },
    { "seats is empty and seats is not empty", "'seats is empty' and 'seats is not empty' exclude each other" },
    { "seats is empty and owner is not empty", NULL },
    { "owner.name = Kim and owner.manager.name = Lee", NULL },
    { "owner.name = Kim and owner.name = Lee", "'owner.name = Kim' and 'owner.name = Lee' exclude each other" },
    { "revenue > 5k EUR and revenue < 1k EUR", "'revenue > 5k EUR' and 'revenue < 1k EUR' exclude each other" },
    { "revenue > 5k EUR and revenue < 1k USD", NULL },
    { "customer_since > 2026-01-01 and customer_since < 2025-01-01",
      "'customer_since > 2026-01-01' and 'customer_since < 2025-01-01' exclude each other" },
    { "customer_since > today and customer_since < 2025-01-01", NULL },
    { "tier = gold and (seats > 10 or region = EMEA) and seats < 5", NULL },
    { "tier = gold and (seats > 10 and region = EMEA) and seats < 5", "'seats > 10' and 'seats < 5' exclude each other" },
    { "(tier = gold and tier = silver) or seats > 1", NULL },
    { "(tier = gold and tier = silver) or (seats > 2 and seats < 1)", "'tier = gold' and 'tier = silver' exclude each other" },
    { "not (tier = gold and tier = silver)", NULL },
    { "health = red and health = green", "'health = red' and 'health = green' exclude each other" },
    { "nrr < 0.5 and nrr > 0.9", "'nrr < 0.5' and 'nrr > 0.9' exclude each other" },
};

START_TEST(a_condition_can_be_met_or_says_why_not)
{
    tend_filter *filter = NULL;
    const char *why;

    ck_assert_msg(tend_filter_parse(f.schema, segments, TEND_KIND_ACCOUNT, conditions[_i].where, PLACE, &filter, &f.error) ==
                      TEND_OK,
                  "%s", f.error.text);
    why = tend_filter_never(filter, f.arena);
    ck_assert_msg((!why && !conditions[_i].why) || (why && conditions[_i].why && strcmp(why, conditions[_i].why) == 0),
                  "%s: %s and not %s", conditions[_i].where, why ? why : "nothing",
                  conditions[_i].why ? conditions[_i].why : "nothing");
    tend_filter_free(filter);
}
END_TEST

TESTS_WITH("model/filter_never", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_condition_can_be_met_or_says_why_not, 0, (int)(sizeof conditions / sizeof *conditions));
})
