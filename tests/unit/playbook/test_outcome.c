/* What became of accounts, on contracts made by hand. */
#include "base/zone.h"
#include "playbook/outcome.h"
#include "store_fixture.h"

static fixture f;

static void set_up(void)
{
    fixture_open(&f);
}

static void tear_down(void)
{
    fixture_close(&f);
}

typedef struct term {
    const char *status, *starts_on, *ends_on, *ended_on; /* NULL: empty */
    bool renews, is_trial;
    int64_t amount;
} term;

static tend_value day_or_nothing(const char *iso)
{
    return iso ? day(iso) : nothing();
}

static void add_terms(int64_t account, const term *terms)
{
    for (; terms->status; terms++)
        TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .effective = at(terms->starts_on), .known = at(terms->starts_on),
                 .fields = { { "account", ref(account) },
                             { "status", text(terms->status) },
                             { "starts_on", day(terms->starts_on) },
                             { "ends_on", day_or_nothing(terms->ends_on) },
                             { "ended_on", day_or_nothing(terms->ended_on) },
                             { "auto_renew", { .type = TEND_BOOL, .integer = terms->renews } },
                             { "is_trial", { .type = TEND_BOOL, .integer = terms->is_trial } },
                             { "annual_amount", money(terms->amount, "EUR") } });
}

/* "1 2025-04-10, 3 2025-07-01": accounts and days. */
static const char *found(const char *wanted, const char *from, const char *until)
{
    tend_world world = tend_world_live(f.model);
    const tend_zone *zone;
    tend_outcomes outcomes;
    tend_buffer line = { 0 };
    const char *copy;

    TEST_OK(&f, tend_zone_find("UTC", &zone, &f.error));
    TEST_OK(&f, tend_outcomes_find(&world, NULL, NULL, wanted, zone, (tend_date)day(from).integer, (tend_date)day(until).integer,
                                   f.arena, &outcomes, &f.error));
    for (size_t i = 0; i < outcomes.count; i++) {
        char date[TEND_DATE_ROOM];

        tend_buffer_print(&line, "%s%lld %s", i ? ", " : "", (long long)outcomes.list[i].account,
                          tend_date_format(outcomes.list[i].day, date));
    }
    copy = tend_arena_string(f.arena, tend_buffer_string(&line));
    tend_buffer_clear(&line);
    return copy;
}

/* One account each; what is wanted is the day on which it left, NULL: it did not. */
static const struct {
    term terms[4];
    const char *left;
} cases[] = {
    { { { "ended", "2025-01-01", NULL, "2025-04-09", false, false, 100 } }, "1 2025-04-10" },
    { { { "active", "2025-01-01", "2025-03-31", NULL, false, false, 100 } }, "1 2025-04-01" },
    { { { "active", "2025-01-01", "2025-03-31", NULL, true, false, 100 } }, "" },
    { { { "active", "2025-01-01", NULL, NULL, false, false, 100 } }, "" },
    { { { "ended", "2025-01-01", NULL, "2025-04-09", false, false, 100 },
        { "active", "2025-04-10", NULL, NULL, false, false, 50 } },
      "" },
    { { { "ended", "2025-01-01", NULL, "2025-04-09", false, false, 100 },
        { "active", "2025-04-11", NULL, NULL, false, false, 50 } },
      "1 2025-04-10" },
    { { { "ended", "2025-01-01", NULL, "2025-06-30", false, false, 100 },
        { "ended", "2025-02-01", NULL, "2025-03-01", false, false, 50 } },
      "1 2025-07-01" },
    { { { "ended", "2025-01-01", NULL, "2025-02-28", false, false, 100 },
        { "ended", "2025-05-01", NULL, "2025-05-31", false, false, 50 } },
      "1 2025-03-01, 1 2025-06-01" },
    { { { "ended", "2025-01-01", NULL, "2025-04-09", false, true, 100 } }, "" },
    { { { "offered", "2025-01-01", NULL, "2025-04-09", false, false, 100 } }, "" },
    { { { "ended", "2025-01-01", NULL, "2025-04-09", false, false, 0 } }, "" },
    { { { "ended", "2025-01-01", NULL, "2025-04-09", false, false, 100 }, { "active", "2025-04-01", NULL, NULL, false, true, 50 } },
      "1 2025-04-10" },
};

START_TEST(an_account_leaves_the_day_after_its_recurring_money)
{
    add_terms(add_account(&f, "Acme"), cases[_i].terms);
    ck_assert_str_eq(found("churned", "2025-01-01", "2025-12-31"), cases[_i].left);
}
END_TEST

START_TEST(only_days_that_were_asked_for_count)
{
    static const term terms[] = { { "ended", "2025-01-01", NULL, "2025-04-09", false, false, 100 }, { NULL } };

    add_terms(add_account(&f, "Acme"), terms);
    ck_assert_str_eq(found("churned", "2025-04-10", "2025-04-10"), "1 2025-04-10");
    ck_assert_str_eq(found("churned", "2025-04-11", "2025-12-31"), "");
    ck_assert_str_eq(found("churned", "2025-01-01", "2025-04-09"), "");
}
END_TEST

START_TEST(of_accounts_without_contracts_sources_say_it)
{
    static const term terms[] = { { "active", "2025-01-01", NULL, NULL, false, false, 100 }, { NULL } };
    int64_t one = add_account(&f, "One"), two = add_account(&f, "Two"), three = add_account(&f, "Three");

    f.now = at("2026-01-01");
    for (int i = 0; i < 2; i++)
        TEST_PUT(&f, .kind = TEND_KIND_CHURN, .fields = { { "account", ref(i ? two : one) }, { "churned_on", day("2025-03-01") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = one, .fields = { { "churned_on", day("2025-03-05") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = three, .fields = { { "churned_on", day("2025-04-01") } });
    add_terms(two, terms);
    ck_assert_str_eq(found("churned", "2025-01-01", "2025-12-31"), "1 2025-03-01, 3 2025-04-01");
}
END_TEST

START_TEST(a_filter_is_an_outcome_each_time_it_comes_to_be_met)
{
    int64_t account = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = at("2025-01-01"), .known = at("2025-01-01"),
                               .fields = { { "name", text("Acme") }, { "seats", number(5) } })
                          .id;

    for (int i = 0; i < 3; i++)
        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .effective = at("2025-02-01") + i * INT64_C(864000000),
                 .known = at("2025-02-01") + i * INT64_C(864000000), .fields = { { "seats", number(i == 1 ? 5 : 50) } });
    ck_assert_str_eq(found("seats > 10", "2025-01-01", "2025-03-31"), "1 2025-02-01, 1 2025-02-21");
    ck_assert_str_eq(found("seats < 10", "2025-01-01", "2025-03-31"), "1 2025-01-01, 1 2025-02-11");
}
END_TEST

START_TEST(rows_that_come_are_outcomes)
{
    int64_t account = add_account(&f, "Acme");

    TEST_PUT(&f, .kind = TEND_KIND_CHURN, .fields = { { "account", ref(account) }, { "churned_on", day("2025-03-01") } });
    ck_assert_str_eq(found("churn.created", "2025-01-01", "2025-12-31"), "1 2025-03-01");
}
END_TEST

TESTS_WITH("playbook/outcome", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, an_account_leaves_the_day_after_its_recurring_money, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tcase, only_days_that_were_asked_for_count);
    tcase_add_test(tcase, of_accounts_without_contracts_sources_say_it);
    tcase_add_test(tcase, a_filter_is_an_outcome_each_time_it_comes_to_be_met);
    tcase_add_test(tcase, rows_that_come_are_outcomes);
})
