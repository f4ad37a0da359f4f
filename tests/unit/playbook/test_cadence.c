/* Playbooks that begin again and again, and dates that count working days. */
#include "playbook_fixture.h"

#define DAY INT64_C(86400000)
#define REVIEW(start)                                                                                     \
    "return playbook { name = 'review', summary = 's', api = 1, subject = 'account', outcomes = { 'x' }," \
    " settings = { weeks = { type = 'integer', default = 2, help = 'h' } }, start_when = { " start " },"  \
    " steps = function(run) return 'x' end }"
#define TWO_KINDS "every = { months = 3 }, per_segment = { key = { weeks = setting 'weeks' } }, where = 'stage = active'"
#define KEY "[segment.key]\nwhere = tier = gold\n"

static void add_accounts(int number, const char *tier)
{
    char name[40];

    for (int i = 0; i < number; i++) {
        (void)snprintf(name, sizeof name, "%s %d", tier, i);
        (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                       .fields = { { "name", text(name) }, { "tier", text(tier) }, { "stage", text("active") } });
    }
}

static void review(const char *script, const char *ini)
{
    (void)test_folder_write_text(&f.folder, "playbooks/review.lua", script);
    open_playbooks(ini);
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

/* Day by day. */
static void go_days(int days)
{
    for (int i = 0; i < days; i++) {
        f.now += DAY;
        work();
    }
}

static void check_sums(void)
{
    int64_t delivered, decided;

    TEST_OK(&f, tend_playbook_reconcile(f.store, NULL, &delivered, &decided, &f.error));
    ck_assert_int_eq(delivered, decided);
}

START_TEST(each_account_begins_in_the_rhythm_of_its_segment)
{
    review(REVIEW(TWO_KINDS), KEY "[playbook.review]\n");
    add_accounts(3, "gold");
    add_accounts(3, "silver");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    go_days(364);
    /* every two weeks: 26 in a year; every three months: 4; the account of the fixture is not active */
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE account IN (SELECT id FROM accounts WHERE tier = 'gold')"), 3 * 26);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE account IN (SELECT id FROM accounts WHERE tier = 'silver')"), 3 * 4);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE account NOT IN (SELECT id FROM accounts WHERE stage = 'active')"), 0);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'ran' AND account = (SELECT min(id) FROM accounts WHERE"
                          " tier = 'gold')"),
                     "every 2 weeks in segment key");
    check_sums();
}
END_TEST

START_TEST(a_setting_says_how_often)
{
    review(REVIEW(TWO_KINDS), KEY "[playbook.review]\nweeks = 1\n");
    add_accounts(1, "gold");
    work();
    go_days(70);
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 10);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'ran'"), "every week in segment key");
}
END_TEST

START_TEST(no_weeks_at_all_means_never)
{
    review(REVIEW(TWO_KINDS), KEY "[playbook.review]\nweeks = 0\n");
    add_accounts(1, "gold");
    work();
    go_days(200);
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
}
END_TEST

START_TEST(a_thousand_accounts_are_spread_over_working_days)
{
    review(REVIEW("every = { weeks = 4 }"), "[playbook.review]\n");
    add_accounts(1000, "gold");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM dues"), 1001);
    ck_assert_int_eq(count("SELECT count(DISTINCT at) FROM dues"), 20);
    ck_assert_int_lt(count("SELECT max(n) FROM (SELECT count(*) AS n FROM dues GROUP BY at)"), 90);
    ck_assert_int_eq(count("SELECT count(*) FROM dues WHERE strftime('%w', at / 1000, 'unixepoch') IN ('0', '6')"), 0);
}
END_TEST

START_TEST(the_days_are_the_same_after_a_restart_and_on_another_day)
{
    int64_t day;

    review(REVIEW("every = { weeks = 4 }"), "[playbook.review]\n");
    work();
    day = count("SELECT at FROM dues");
    close_playbooks();
    f.now += DAY;
    open_playbooks("[playbook.review]\n");
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "city", text("Seoul") } });
    work();
    ck_assert_int_eq(count("SELECT at FROM dues"), day);
    f.now = day;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_int_eq(count("SELECT at FROM dues"), day + 28 * DAY);
}
END_TEST

START_TEST(a_clock_that_jumps_a_year_begins_one)
{
    review(REVIEW("every = { weeks = 1 }"), "[playbook.review]\n");
    work();
    f.now += 365 * DAY;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_int_gt(count("SELECT at FROM dues"), f.now);
    ck_assert_int_le(count("SELECT at FROM dues"), f.now + 7 * DAY);
    f.now -= 365 * DAY; /* and back */
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
}
END_TEST

START_TEST(an_account_that_changes_its_segment_changes_its_rhythm)
{
    int64_t id, before;

    review(REVIEW(TWO_KINDS), KEY "[playbook.review]\n");
    add_accounts(1, "silver");
    work();
    id = count("SELECT max(id) FROM accounts");
    before = count("SELECT at FROM dues ORDER BY row DESC");
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "tier", text("gold") } });
    work();
    ck_assert_int_le(count("SELECT at FROM dues ORDER BY row DESC"), f.now + 14 * DAY);
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "tier", text("silver") } });
    work();
    ck_assert_int_eq(count("SELECT at FROM dues ORDER BY row DESC"), before);
}
END_TEST

START_TEST(months_keep_within_their_month_and_off_weekends)
{
    review(REVIEW("every = { months = 1 }"), "[playbook.review]\n");
    add_accounts(60, "gold");
    work();
    go_days(365);
    ck_assert_int_eq(count("SELECT count(*) FROM (SELECT DISTINCT account, strftime('%Y-%m', started_at / 1000, 'unixepoch') FROM"
                           " runs)"),
                     count("SELECT count(*) FROM runs"));
    ck_assert_int_eq(count("SELECT min(n) FROM (SELECT count(*) AS n FROM runs GROUP BY account)"), 12);
    ck_assert_int_eq(count("SELECT max(n) FROM (SELECT count(*) AS n FROM runs GROUP BY account)"), 12);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE strftime('%w', started_at / 1000, 'unixepoch') IN ('0', '6')"), 0);
}
END_TEST

/* ---- working days --------------------------------------------------------------------------------------------------------- */

#define ENDING(start)                                                                                      \
    "return playbook { name = 'review', summary = 's', api = 1, subject = 'contract', outcomes = { 'x' }," \
    " start_when = { " start " }, steps = function(run) return 'x' end }"

static const struct {
    const char *start, *ends_on, *begins, *why;
} working[] = {
    /* the fixture's today is Monday, 2026-03-02 */
    { "business_days = 5, before = 'contract.ends_on'", "2026-03-20", "2026-03-13", "5 business days before ends_on, 2026-03-20" },
    { "business_days = 1, before = 'contract.ends_on'", "2026-03-16", "2026-03-13", "1 business day before ends_on, 2026-03-16" },
    { "business_days = 3, after = 'contract.ends_on'", "2026-03-05", "2026-03-10", "3 business days after ends_on, 2026-03-05" },
    { "days = 5, before = 'contract.ends_on'", "2026-03-20", "2026-03-15", "5 days before ends_on, 2026-03-20" },
    { "days = 10, after = 'account.stage_since'", "2030-01-01", "2026-03-12", "10 days after account.stage_since, 2026-03-02" },
};

START_TEST(a_date_is_counted_in_the_days_that_are_asked_for)
{
    char begins[40];
    tend_date ends_on;

    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "stage_since", day("2026-03-02") } });
    (void)snprintf(begins, sizeof begins, "%s", working[_i].begins);
    {
        char script[600];

        (void)snprintf(script, sizeof script, ENDING("%s"), working[_i].start);
        review(script, "[playbook.review]\n");
    }
    TEST_OK(&f, tend_date_parse(working[_i].ends_on, 10, &ends_on));
    (void)add_contract(ends_on);
    f.now = at(begins) - 1;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    f.now += 1;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'ran'"), working[_i].why);
    check_sums();
}
END_TEST

START_TEST(the_day_moves_with_a_date_of_the_account)
{
    review(ENDING("days = 10, after = 'account.stage_since'"), "[playbook.review]\n");
    (void)add_contract(today() + 500);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM dues"), 0);
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "stage_since", day("2026-03-01") } });
    work();
    ck_assert_int_eq(count("SELECT at FROM dues"), at("2026-03-11"));
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "stage_since", day("2026-04-01") } });
    work();
    ck_assert_int_eq(count("SELECT at FROM dues"), at("2026-04-11"));
}
END_TEST

static const struct {
    const char *start, *why;
} refused[] = {
    { "every = { weeks = 2, months = 1 }", "playbooks/review.lua:1: start_when.every: must be { weeks = N } or { months = N }" },
    { "every = { weeks = -1 }",
      "playbooks/review.lua:1: start_when.weeks: must be a whole number from 0 to 520, or setting \"NAME\"" },
    { "every = { weeks = 1 }, event = 'account.created'",
      "playbooks/review.lua:1: start_when: has both a rhythm and event; a playbook starts by one of them" },
    { "per_segment = { kex = { weeks = 1 } }",
      "playbooks/review.lua:1: start_when.per_segment: at 'kex': no such segment; did you mean key?" },
    { "business_days = 2, days = 3, before = 'account.stage_since'",
      "playbooks/review.lua:1: start_when: has both days and business_days; write one of them" },
    { "days = 2, of = 'us', before = 'account.stage_since'",
      "playbooks/review.lua:1: start_when.of: stands beside business_days only" },
};

START_TEST(a_rhythm_that_cannot_be_is_refused)
{
    char script[700];

    (void)snprintf(script, sizeof script, REVIEW("%s"), refused[_i].start);
    (void)test_folder_write_text(&f.folder, "playbooks/review.lua", script);
    open_playbooks(KEY "[playbook.review]\n");
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"), refused[_i].why);
}
END_TEST

/* ---- how often on one row ------------------------------------------------------------------------------------------------- */

#define AGAIN(re_entry)                                                                                                          \
    "return playbook { name = 'review', summary = 's', api = 1, subject = 'account', outcomes = { 'x' }, re_entry = { " re_entry \
    " }, start_when = { event = 'account.updated' }, steps = function(run) run:task('t', { title = 'T' })"                       \
    " run:wait('w', { done = 't', within = { days = 5 } }) return 'x' end }"

static void touch(const char *city)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "city", text(city) } });
    work();
}

START_TEST(it_begins_no_oftener_than_it_may)
{
    char city[20];

    review(AGAIN("at_most = 2, in_days = 30"), "[playbook.review]\n");
    work();
    for (int i = 0; i < 5; i++) {
        (void)snprintf(city, sizeof city, "city %d", i);
        touch(city);
        go_days(6);
    }
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 2); /* days 0 and 6; 12, 18 and 24 are refused */
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'deduplicated'"),
                     "2 runs began on it within 30 days; it may not oftener");
    go_days(1);
    touch("day 31");
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 3);
    check_sums();
}
END_TEST

START_TEST(it_rests_after_a_run)
{
    review(AGAIN("cool_down_days = 10"), "[playbook.review]\n");
    work();
    touch("a");
    go_days(6); /* the run ended on the sixth day */
    touch("b");
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'deduplicated'"),
                     "the last run on it ended on 2026-03-08; it begins again 10 days later");
    go_days(10);
    touch("c");
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 2);
}
END_TEST

static const struct {
    const char *if_open, *priority, *why;
    int notes;
} opens[] = {
    { "if_open = 'ignore'", "normal", "run 1 is at work on it", 0 },
    { "if_open = 'raise'", "high", "run 1 is at work on it; task 1 is raised to high", 0 },
    { "if_open = 'comment'", "normal", "run 1 is at work on it; task 1 has a note of it", 1 },
};

START_TEST(a_match_does_to_the_open_task_what_is_declared)
{
    char script[600];

    (void)snprintf(script, sizeof script, AGAIN("%s"), opens[_i].if_open);
    review(script, "[playbook.review]\n");
    work();
    touch("a");
    touch("b");
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_str_eq(word("SELECT priority FROM tasks"), opens[_i].priority);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'deduplicated'"), opens[_i].why);
    ck_assert_int_eq(count("SELECT count(*) FROM notes WHERE about_kind = 'task' AND about_row = 1"), opens[_i].notes);
    check_sums();
}
END_TEST

TESTS_WITH("playbook/cadence", {
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_test(tcase, each_account_begins_in_the_rhythm_of_its_segment);
    tcase_add_test(tcase, a_setting_says_how_often);
    tcase_add_test(tcase, no_weeks_at_all_means_never);
    tcase_add_test(tcase, a_thousand_accounts_are_spread_over_working_days);
    tcase_add_test(tcase, the_days_are_the_same_after_a_restart_and_on_another_day);
    tcase_add_test(tcase, a_clock_that_jumps_a_year_begins_one);
    tcase_add_test(tcase, an_account_that_changes_its_segment_changes_its_rhythm);
    tcase_add_test(tcase, months_keep_within_their_month_and_off_weekends);
    tcase_add_loop_test(tcase, a_date_is_counted_in_the_days_that_are_asked_for, 0, 5);
    tcase_add_test(tcase, the_day_moves_with_a_date_of_the_account);
    tcase_add_loop_test(tcase, a_rhythm_that_cannot_be_is_refused, 0, 6);
    tcase_add_test(tcase, it_begins_no_oftener_than_it_may);
    tcase_add_test(tcase, it_rests_after_a_run);
    tcase_add_loop_test(tcase, a_match_does_to_the_open_task_what_is_declared, 0, 3);
})
