#include "base/date.h"
#include "plugin_load.h"
#include "tests.h"
#include <string.h>

#define ROOM 32
static const char *const surveys[] = { "nps", "csat", "ces" };
static const char *const directions[] = { "high_is_good", "high_is_bad" };
#define DAY_MS INT64_C(86400000)

typedef struct answer_row {
    const char *survey;
    int64_t score, lowest, highest; /* scale 0 to 0: not known */
    bool is_bad;
    int64_t at;
} answer_row;

typedef struct test_frame {
    uint32_t starts[2];
    int64_t values[6][ROOM];
    tend_column columns[6];
    tend_batch batch;
} test_frame;

/* One account; the period is the days 101 to 200. */
static const tend_batch *frame_of(test_frame *frame, const answer_row *rows, uint32_t count)
{
    memset(frame, 0, sizeof *frame);
    frame->starts[1] = count;
    for (uint32_t row = 0; row < count; row++) {
        frame->values[0][row] = rows[row].survey[0] == 'n' ? 0 : rows[row].survey[1] == 's' ? 1 : 2;
        frame->values[1][row] = rows[row].score;
        frame->values[2][row] = rows[row].highest ? rows[row].lowest : TEND_UNKNOWN;
        frame->values[3][row] = rows[row].highest ? rows[row].highest : TEND_UNKNOWN;
        frame->values[4][row] = rows[row].is_bad;
        frame->values[5][row] = rows[row].at;
    }
    for (int i = 0; i < 6; i++)
        frame->columns[i] = (tend_column){ .values = frame->values[i], .starts = frame->starts };
    frame->columns[0].words = surveys;
    frame->columns[0].word_count = 3;
    frame->columns[4].words = directions;
    frame->columns[4].word_count = 2;
    frame->batch =
        (tend_batch){ .size = sizeof frame->batch, .accounts = 1, .inputs = 6, .from = 100, .to = 200, .columns = frame->columns };
    return &frame->batch;
}

static const tend_batch *scores_of(test_frame *frame, const char *survey, const int64_t *scores, uint32_t count)
{
    answer_row rows[ROOM];

    for (uint32_t i = 0; i < count; i++)
        rows[i] = (answer_row){ .survey = survey, .score = scores[i], .at = 150 * DAY_MS };
    return frame_of(frame, rows, count);
}

static tend_ratio value_of(const char *kpi, const tend_batch *batch)
{
    tend_ratio value;

    ck_assert_int_eq(plugin_kpi(plugin_load("kpi_satisfaction"), kpi)->compute(NULL, batch, &value, NULL), TEND_OK);
    return value;
}

static const int64_t golden_nps[] = { 10, 9, 9, 8, 7, 6, 3, 10, 0, 9 };
static const int64_t golden_csat[] = { 5, 4, 4, 3, 2, 5, 1, 4 };

START_TEST(golden_vector_of_nps)
{
    test_frame frame;
    const tend_batch *batch = scores_of(&frame, "nps", golden_nps, 10);
    const tend_ratio nps = value_of("nps", batch);

    ck_assert_int_eq(nps.numerator, 200); /* 20 */
    ck_assert_int_eq(nps.denominator, 10);
    ck_assert_int_eq(value_of("nps.promoters", batch).numerator, 5);
    ck_assert_int_eq(value_of("nps.passives", batch).numerator, 2);
    ck_assert_int_eq(value_of("nps.detractors", batch).numerator, 3);
}
END_TEST

/* p 0.5, d 0.3, n 10: 1.96 * sqrt((0.8 - 0.04) / 10) = 1.96 * 0.2756810 = 0.5403348, in points 54.03348. */
START_TEST(nps_has_an_interval)
{
    const tend_kpi_ops *nps = plugin_kpi(plugin_load("kpi_satisfaction"), "nps");
    const tend_ratio sum = { 200, 10 };
    const int64_t parts[] = { 5, 2, 3 }, others[] = { 5, 2, 4 };
    int64_t low, high;
    tend_error error;

    ck_assert_int_eq(nps->interval(NULL, &sum, parts, 3, &low, &high, &error), TEND_OK);
    ck_assert_int_eq(low / 1000, -34033);
    ck_assert_int_eq(high / 1000, 74033);
    ck_assert_int_eq(nps->interval(NULL, &sum, others, 3, &low, &high, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, "kpi nps: its interval needs the promoters, passives and detractors of the sum");
}
END_TEST

START_TEST(golden_vector_of_csat)
{
    test_frame frame;
    const tend_batch *batch = scores_of(&frame, "csat", golden_csat, 8);

    ck_assert_int_eq(value_of("csat.top2", batch).numerator, 5); /* 62.5 % */
    ck_assert_int_eq(value_of("csat.top2", batch).denominator, 8);
    ck_assert_int_eq(value_of("csat.mean", batch).numerator, 28); /* 3.5 */
    ck_assert_int_eq(value_of("csat.mean", batch).denominator, 8);
    ck_assert_int_eq(value_of("nps", batch).denominator, 0);
}
END_TEST

/* Wilson for 5 of 8 at z = 1.96: by hand (0.625 + 0.2401) / 1.4802 -+ 1.96 sqrt(0.029296875 + 0.01500625) / 1.4802. */
START_TEST(shares_have_wilsons_interval)
{
    const tend_kpi_ops *top2 = plugin_kpi(plugin_load("kpi_satisfaction"), "csat.top2");
    const tend_ratio sum = { 5, 8 }, all = { 8, 8 }, none = { 0, 0 };
    int64_t low, high;

    ck_assert_int_eq(top2->interval(NULL, &sum, NULL, 0, &low, &high, NULL), TEND_OK);
    ck_assert_int_eq(low / 100, 3057);
    ck_assert_int_eq(high / 100, 8631);
    ck_assert_int_eq(top2->interval(NULL, &all, NULL, 0, &low, &high, NULL), TEND_OK);
    ck_assert_int_eq(high, 1000000);
    ck_assert_int_eq(top2->interval(NULL, &none, NULL, 0, &low, &high, NULL), TEND_EINVAL);
}
END_TEST

START_TEST(effort_is_turned_round_when_high_is_bad)
{
    static const answer_row rows[] = {
        { "ces", 7, 1, 7, false, 150 * DAY_MS },
        { "ces", 2, 1, 7, true, 150 * DAY_MS }, /* 6 */
        { "ces", 4, 1, 7, false, 150 * DAY_MS },
        { "ces", 7, 1, 7, true, 150 * DAY_MS }, /* 1 */
    };
    test_frame frame;
    const tend_batch *batch = frame_of(&frame, rows, 4);

    ck_assert_int_eq(value_of("ces.mean7", batch).numerator, 18);
    ck_assert_int_eq(value_of("ces.mean7", batch).denominator, 4);
    ck_assert_int_eq(value_of("ces.top3", batch).numerator, 2);
}
END_TEST

START_TEST(the_period_opens_after_its_first_day)
{
    static const answer_row rows[] = {
        { "csat", 5, 1, 5, false, 101 * DAY_MS - 1 }, /* the opening day itself: before */
        { "csat", 4, 1, 5, false, 101 * DAY_MS },
        { "csat", 4, 1, 5, false, 201 * DAY_MS - 1 },
        { "csat", 5, 1, 5, false, 201 * DAY_MS },
    };
    test_frame frame;

    ck_assert_int_eq(value_of("csat.mean", frame_of(&frame, rows, 4)).numerator, 8);
}
END_TEST

START_TEST(what_does_not_fit_the_scale_is_left_out_and_said)
{
    static const answer_row rows[] = {
        { "nps", 9, 0, 10, false, 150 * DAY_MS },
        { "nps", 9, 1, 10, false, 150 * DAY_MS },
        { "nps", 4, 0, 5, false, 150 * DAY_MS },
        { "nps", 11, 0, 10, false, 150 * DAY_MS },
        { "nps", TEND_UNKNOWN, 0, 10, false, 150 * DAY_MS },
        { "csat", 5, 1, 5, false, 150 * DAY_MS },
    };
    test_frame frame;
    plugin_parts parts = { 0 };
    const tend_batch *batch = frame_of(&frame, rows, 6);

    ck_assert_int_eq(value_of("nps", batch).denominator, 1);
    ck_assert_int_eq(plugin_kpi(plugin_load("kpi_satisfaction"), "nps")->explain(NULL, batch, 0, plugin_parts_put, &parts, NULL),
                     TEND_OK);
    ck_assert_str_eq(parts.text, "100/1 0 promoter: 9\n"
                                 "0/0 1 left out: scale 1 to 10, nps needs 0 to 10\n"
                                 "0/0 2 left out: scale 0 to 5, nps needs 0 to 10\n"
                                 "0/0 3 left out: score 11 is not on the scale\n"
                                 "0/0 4 left out: no score\n");
}
END_TEST

TESTS_WITH("plugin/satisfaction", {
    tcase_add_test(tcase, golden_vector_of_nps);
    tcase_add_test(tcase, nps_has_an_interval);
    tcase_add_test(tcase, golden_vector_of_csat);
    tcase_add_test(tcase, shares_have_wilsons_interval);
    tcase_add_test(tcase, effort_is_turned_round_when_high_is_bad);
    tcase_add_test(tcase, the_period_opens_after_its_first_day);
    tcase_add_test(tcase, what_does_not_fit_the_scale_is_left_out_and_said);
})
