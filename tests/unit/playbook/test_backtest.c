/* Runs held against outcomes, on a table made by hand. Days are numbers; the period is 100 to 400, outcomes are known up to 450.
 *
 *   account 1   run 100, run 150            outcome 160
 *   account 2   run 200                     outcome 230
 *   account 3   run 300                     none
 *   account 4   run 390                     none
 *   account 5   none                        outcome 250
 *   account 6   run 180                     outcome 120, outcome 350
 *   account 7   run 210                     outcome 210
 *   account 8   none                        outcome 420 (after the period)
 *   of none     run 222
 */
#include "playbook/backtest.h"
#include "tests.h"

static tend_alert alerts[] = {
    { 1, 1, 150 }, { 2, 1, 100 }, { 3, 2, 200 }, { 4, 3, 300 }, { 5, 4, 390 }, { 6, 6, 180 }, { 7, 7, 210 }, { 8, 0, 222 },
};
static tend_outcome outcomes[] = {
    { 1, 160 }, { 2, 230 }, { 5, 250 }, { 6, 350 }, { 6, 120 }, { 7, 210 }, { 8, 420 }, { 2, 230 },
};
static const tend_backtest_span span = { .from = 100, .to = 400, .until = 450 };
enum { ALERTS = sizeof alerts / sizeof *alerts };
static size_t outcome_count;

static void set_up(void)
{
    tend_alerts_sort(alerts, ALERTS);
    outcome_count = tend_outcomes_sort(outcomes, sizeof outcomes / sizeof *outcomes);
}

/* By hand. Within 30 days: run 150 (10 ahead) and run 200 (30 ahead) are hits; run 100 (60), run 300, run 180 (170) and run 210
 * (its outcome is on the same day) are misses; run 390: 420 <= 450, a miss. Outcomes of the period: 160, 230, 250, 120, 350, 210.
 */
static const tend_backtest_score scores[] = {
    { .days = 29, .hits = 1, .misses = 6, .open = 0, .outcomes = 6, .warned = 1, .in_time = 3 },
    { .days = 30, .hits = 2, .misses = 5, .open = 0, .outcomes = 6, .warned = 2, .in_time = 3 },
    { .days = 60, .hits = 3, .misses = 4, .open = 0, .outcomes = 6, .warned = 2, .in_time = 2 },
    { .days = 61, .hits = 3, .misses = 3, .open = 1, .outcomes = 6, .warned = 2, .in_time = 1 },
    { .days = 90, .hits = 3, .misses = 3, .open = 1, .outcomes = 6, .warned = 2, .in_time = 1 },
    { .days = 180, .hits = 4, .misses = 1, .open = 2, .outcomes = 6, .warned = 3, .in_time = 0 },
};

START_TEST(runs_are_judged_as_by_hand)
{
    const tend_backtest_score *wanted = &scores[_i];
    tend_backtest_score got;

    tend_backtest_judge(alerts, ALERTS, outcomes, outcome_count, &span, wanted->days, &got);
    ck_assert_int_eq(got.hits, wanted->hits);
    ck_assert_int_eq(got.misses, wanted->misses);
    ck_assert_int_eq(got.open, wanted->open);
    ck_assert_int_eq(got.outcomes, wanted->outcomes);
    ck_assert_int_eq(got.warned, wanted->warned);
    ck_assert_int_eq(got.in_time, wanted->in_time);
}
END_TEST

START_TEST(an_outcome_said_twice_counts_once)
{
    ck_assert_uint_eq(outcome_count, 7);
}
END_TEST

START_TEST(lead_times_begin_with_the_first_run_after_the_outcome_before)
{
    int leads[8];
    size_t count = tend_backtest_leads(alerts, ALERTS, outcomes, outcome_count, &span, leads);

    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(leads[0], 30);
    ck_assert_int_eq(leads[1], 60);
    ck_assert_int_eq(leads[2], 170);
}
END_TEST

START_TEST(a_run_of_more_than_a_year_ago_warned_of_nothing)
{
    const tend_alert old[] = { { 1, 1, 100 } };
    const tend_outcome late[] = { { 1, 466 } };
    const tend_backtest_span wide = { .from = 0, .to = 1000, .until = 1000 };
    tend_backtest_score score;
    int leads[1];

    tend_backtest_judge(old, 1, late, 1, &wide, 180, &score);
    ck_assert_int_eq(score.hits, 0);
    ck_assert_int_eq(score.misses, 1);
    ck_assert_int_eq(score.warned, 0);
    ck_assert_uint_eq(tend_backtest_leads(old, 1, late, 1, &wide, leads), 0);
}
END_TEST

START_TEST(without_outcomes_nothing_is_warned_of)
{
    tend_backtest_score score;

    tend_backtest_judge(alerts, ALERTS, NULL, 0, &span, 90, &score);
    ck_assert_int_eq(score.hits, 0);
    ck_assert_int_eq(score.outcomes, 0);
    ck_assert_int_eq(score.misses, 6);
    ck_assert_int_eq(score.open, 1);
}
END_TEST

/* Type 7 of the usual nine: 1 2 3 4 has the quartiles 1.75, 2.5 and 3.25. */
START_TEST(quartiles_lie_between_neighbours)
{
    static const int four[] = { 1, 2, 3, 4 }, one[] = { 9 };

    ck_assert_int_eq(tend_quartile(four, 4, 0), 100);
    ck_assert_int_eq(tend_quartile(four, 4, 1), 175);
    ck_assert_int_eq(tend_quartile(four, 4, 2), 250);
    ck_assert_int_eq(tend_quartile(four, 4, 3), 325);
    ck_assert_int_eq(tend_quartile(four, 4, 4), 400);
    for (int which = 0; which < 5; which++)
        ck_assert_int_eq(tend_quartile(one, 1, which), 900);
}
END_TEST

/* 81 of 263, the example of many textbooks: 0.2553 to 0.3662. None of 10: 0 to 3.8415 / 13.8415. */
START_TEST(the_interval_is_wilsons)
{
    int64_t low, high;

    tend_wilson(81, 263, &low, &high);
    ck_assert_int_eq(low / 100, 2552);
    ck_assert_int_eq(high / 100, 3662);
    tend_wilson(0, 10, &low, &high);
    ck_assert_int_eq(low, 0);
    ck_assert_int_eq(high, 277533);
    tend_wilson(10, 10, &low, &high);
    ck_assert_int_eq(low, 722467);
    ck_assert_int_eq(high, 1000000);
}
END_TEST

/* Day 4 is Monday 1970-01-05. */
START_TEST(weeks_begin_on_monday)
{
    ck_assert_int_eq(tend_monday_of(4), 4);
    ck_assert_int_eq(tend_monday_of(10), 4);
    ck_assert_int_eq(tend_monday_of(11), 11);
    ck_assert_int_eq(tend_monday_of(3), -3);
    ck_assert_int_eq(tend_monday_of(-4), -10);
}
END_TEST

START_TEST(work_is_counted_by_person_and_week)
{
    tend_tasked tasks[] = { { 2, 20 }, { 1, 5 }, { 1, 4 }, { 1, 11 }, { 0, 9 }, { 1, 30 }, { 1, 31 }, { 2, 6 } };
    tend_load_of loads[8];
    size_t count;

    tend_tasked_sort(tasks, 8);
    count = tend_backtest_loads(tasks, 8, loads);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(loads[0].user, 0);
    ck_assert_int_eq(loads[0].tasks, 1);
    ck_assert_int_eq(loads[1].user, 1);
    ck_assert_int_eq(loads[1].tasks, 5);
    ck_assert_int_eq(loads[1].weeks, 3);
    ck_assert_int_eq(loads[1].most, 2);
    ck_assert_int_eq(loads[1].most_week, 4);
    ck_assert_int_eq(loads[2].tasks, 2);
    ck_assert_int_eq(loads[2].weeks, 2);
    ck_assert_int_eq(loads[2].most_week, 4);
}
END_TEST

TESTS_WITH("playbook/backtest", {
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_loop_test(tcase, runs_are_judged_as_by_hand, 0, (int)(sizeof scores / sizeof *scores));
    tcase_add_test(tcase, an_outcome_said_twice_counts_once);
    tcase_add_test(tcase, lead_times_begin_with_the_first_run_after_the_outcome_before);
    tcase_add_test(tcase, a_run_of_more_than_a_year_ago_warned_of_nothing);
    tcase_add_test(tcase, without_outcomes_nothing_is_warned_of);
    tcase_add_test(tcase, quartiles_lie_between_neighbours);
    tcase_add_test(tcase, the_interval_is_wilsons);
    tcase_add_test(tcase, weeks_begin_on_monday);
    tcase_add_test(tcase, work_is_counted_by_person_and_week);
})
