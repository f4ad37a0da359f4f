#include "kpi/score.h"
#include "tests.h"
#include <string.h>

static const tend_section *const sections[] = { tend_health_sections, NULL };

typedef struct loaded_card {
    tend_config *config;
    tend_scorecard *card;
} loaded_card;

static loaded_card load(const char *ini)
{
    loaded_card loaded = { 0 };
    tend_error error = { 0 };

    ck_assert_msg(tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &loaded.config, &error) >= 0, "%s",
                  error.text);
    ck_assert_msg(tend_scorecard_load(loaded.config, stderr, &loaded.card, &error) >= 0, "%s", error.text);
    return loaded;
}

static void unload(loaded_card *loaded)
{
    tend_scorecard_free(loaded->card);
    tend_config_free(loaded->config);
}

#define LINE "value = nps\nlow = 0\nhigh = 100\n"
#define GOLDEN                                                                                                        \
    "[measure.usage]\nweight = 40\n" LINE "[measure.nps]\nweight = 20\n" LINE "[measure.support]\nweight = 25\n" LINE \
    "[measure.relation]\nweight = 15\n" LINE

START_TEST(golden_vector_spreads_the_missing_weight)
{
    static const int64_t points[] = { 70 * TEND_MICRO, TEND_NO_POINTS, 90 * TEND_MICRO, 40 * TEND_MICRO };
    static const int64_t contributions[] = { 35 * TEND_MICRO, 0, 28125000, 7500000 };
    static const int64_t used[] = { 500, 0, 312500, 187500 };
    loaded_card loaded = load(GOLDEN);
    tend_score score;

    tend_score_of(loaded.card, points, &score);
    ck_assert_int_eq(score.score, 70625000);
    ck_assert(score.is_known);
    ck_assert_int_eq(score.coverage, 800000);
    ck_assert_str_eq(loaded.card->bands[score.band].name, "yellow");
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(score.parts[i].contribution, contributions[i]);
        ck_assert_int_eq(score.parts[i].used, used[i] * (i == 0 ? TEND_WHOLE_WEIGHT / 1000 : TEND_WHOLE_WEIGHT / 1000000));
    }
    ck_assert_int_eq(score.parts[1].weight, TEND_WHOLE_WEIGHT / 5);
    unload(&loaded);
}
END_TEST

/* Groups of 60 (a 40, b 20) and 40 (c): a alone stands for 60 %. 0.6 * 50 + 0.4 * 100 = 70; without c, a is all. */
START_TEST(a_group_stands_in_first_then_the_others)
{
    static const int64_t without_b[] = { 50 * TEND_MICRO, TEND_NO_POINTS, 100 * TEND_MICRO };
    static const int64_t without_c[] = { 50 * TEND_MICRO, 80 * TEND_MICRO, TEND_NO_POINTS };
    loaded_card loaded = load("[measure.a]\ngroup = one\nweight = 40\n" LINE "[measure.b]\ngroup = one\nweight = 20\n" LINE
                              "[measure.c]\ngroup = two\nweight = 40\n" LINE);
    tend_score score;

    tend_score_of(loaded.card, without_b, &score);
    ck_assert_int_eq(score.score, 70 * TEND_MICRO);
    tend_score_of(loaded.card, without_c, &score);
    ck_assert_int_eq(score.score, 60 * TEND_MICRO); /* (40 * 50 + 20 * 80) / 60 */
    unload(&loaded);
}
END_TEST

START_TEST(under_the_minimum_coverage_it_is_unknown)
{
    static const struct {
        const char *ini;
        bool is_known;
    } known[] = { { "[health]\nminimum_coverage = 0.5\n", true },
                  { "[health]\nminimum_coverage = 0.500001\n", false },
                  { "[health]\nminimum_coverage = 0\n", true },
                  { "", true } };
    static const int64_t points[] = { 100 * TEND_MICRO, TEND_NO_POINTS };
    char ini[1024];
    tend_score score;

    (void)snprintf(ini, sizeof ini, "%s[measure.a]\n" LINE "[measure.b]\n" LINE, known[_i].ini);
    loaded_card loaded = load(ini);

    tend_score_of(loaded.card, points, &score);
    ck_assert_int_eq(score.is_known, known[_i].is_known);
    ck_assert_int_eq(score.coverage, 500000);
    unload(&loaded);
}
END_TEST

START_TEST(nothing_known_is_unknown)
{
    static const int64_t points[] = { TEND_NO_POINTS, TEND_NO_POINTS, TEND_NO_POINTS, TEND_NO_POINTS };
    loaded_card loaded = load(GOLDEN "[health]\nminimum_coverage = 0\n");
    tend_score score;

    tend_score_of(loaded.card, points, &score);
    ck_assert_int_eq(score.coverage, 0);
    ck_assert(!score.is_known);
    unload(&loaded);
}
END_TEST

START_TEST(a_band_holds_its_upper_end)
{
    static const struct {
        int64_t points;
        const char *band;
    } known[] = { { 0, "red" },           { 1, "red" },          { 50000000, "red" },   { 50000001, "yellow" },
                  { 75000000, "yellow" }, { 75000001, "green" }, { 100000000, "green" } };
    loaded_card loaded = load("[measure.a]\n" LINE);
    tend_score score;

    tend_score_of(loaded.card, &known[_i].points, &score);
    ck_assert_str_eq(loaded.card->bands[score.band].name, known[_i].band);
    unload(&loaded);
}
END_TEST

START_TEST(points_lie_on_a_straight_line)
{
    static const struct {
        int64_t low, high, value, points;
    } known[] = {
        { 0, 100, 70, 70000000 }, { 0, 100, -5, 0 },  { 0, 100, 500, 100000000 }, { 90, 14, 90, 0 },     { 90, 14, 14, 100000000 },
        { 90, 14, 52, 50000000 }, { 90, 14, 400, 0 }, { -50, 60, 5, 50000000 },   { 0, 3, 1, 33333333 }, { 0, 3, 2, 66666667 },
    };
    const tend_score_measure measure = { .low = known[_i].low * TEND_MICRO, .high = known[_i].high * TEND_MICRO };

    ck_assert_int_eq(tend_score_points(&measure, known[_i].value * TEND_MICRO), known[_i].points);
}
END_TEST

/* Random cards and points: contributions and weights add up, and the score is the formula's within a millionth. */
/* The quick way and the one that takes any number, at the ends, beside them and between. */
START_TEST(points_of_many_are_those_of_each)
{
    static const int64_t lines[][2] = {
        { 0, 100 },       { 500000, 1100000 }, { 90000000, 14000000 },        { -50000000, 60000000 },      { 3000000, 0 },
        { 0, 1 },         { 7, 10 },           { -23000000000, 23000000000 }, { INT64_MIN + 5, INT64_MAX }, { 5, 5 },
        { INT64_MAX, 0 }, { 1, 4398046511105 }
    };
    const tend_score_measure measure = { .low = lines[_i][0], .high = lines[_i][1] };
    uint64_t random = 88172645463325252u + (uint64_t)_i;
    int64_t values[4000], points[4000];
    size_t count = 0;

    for (int end = 0; end < 2; end++)
        for (int64_t off = -3; off <= 3; off++)
            if (!__builtin_add_overflow(lines[_i][end], off, &values[count]))
                count++;
    values[count++] = TEND_NO_POINTS;
    values[count++] = INT64_MIN + 1;
    values[count++] = INT64_MAX;
    while (count < 4000) {
        const int64_t low = lines[_i][0], span = lines[_i][1] / 2 - low / 2;

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        values[count] = (int64_t)random;
        if (count % 4 > 0 && span != 0)
            values[count] = (int64_t)((uint64_t)low + (uint64_t)((int64_t)(random >> 1) % span) * 2);
        count++;
    }
    tend_score_points_of(&measure, values, count, points);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(points[i] == (values[i] == TEND_NO_POINTS ? TEND_NO_POINTS : tend_score_points(&measure, values[i])),
                      "%lld: %lld", (long long)values[i], (long long)points[i]);
}
END_TEST

START_TEST(parts_add_up_exactly)
{
    unsigned seed = 11u + (unsigned)_i;
    const int count = 1 + rand_r(&seed) % 12;
    char ini[4096] = "";
    int64_t points[12], contributions = 0, used = 0, given = 0;
    double by_group[3] = { 0 }, weights[3] = { 0 }, present[3] = { 0 }, expected = 0, all = 0;
    bool has_any = false;
    tend_score score;

    for (int i = 0; i < count; i++) {
        const int weight = 1 + rand_r(&seed) % 97, group = rand_r(&seed) % 3;

        (void)snprintf(ini + strlen(ini), sizeof ini - strlen(ini), "[measure.m%d]\ngroup = g%d\nweight = %d.37\n" LINE, i, group,
                       weight);
        points[i] = rand_r(&seed) % 3 == 0 ? TEND_NO_POINTS : rand_r(&seed) % 100000001;
        weights[group] += weight + 0.37;
        if (points[i] != TEND_NO_POINTS) {
            has_any = true;
            present[group] += weight + 0.37;
            by_group[group] += (weight + 0.37) * (double)points[i];
        }
    }
    for (int i = 0; i < 3; i++)
        if (present[i] > 0) {
            expected += weights[i] * by_group[i] / present[i];
            all += weights[i];
        }
    loaded_card loaded = load(ini);

    tend_score_of(loaded.card, points, &score);
    for (int i = 0; i < count; i++) {
        contributions += score.parts[i].contribution;
        used += score.parts[i].used;
        given += score.parts[i].weight;
    }
    ck_assert_int_eq(contributions, score.score);
    ck_assert_int_eq(given, TEND_WHOLE_WEIGHT);
    ck_assert_int_eq(used, has_any ? TEND_WHOLE_WEIGHT : 0);
    if (has_any)
        ck_assert_double_eq_tol((double)score.score, expected / all, 1.0);
    unload(&loaded);
}
END_TEST

START_TEST(the_example_is_the_scorecard_that_comes_with_tend)
{
    char path[4096];
    tend_config *config = NULL;
    tend_scorecard *written = NULL, *usual = NULL;
    tend_error error = { 0 };

    (void)snprintf(path, sizeof path, "%s/etc/tend.d/health.ini.example", getenv("TEND_SOURCE"));
    ck_assert_msg(tend_config_load((const char *const[]){ path, NULL }, sections, stderr, &config, &error) >= 0, "%s", error.text);
    ck_assert_int_eq(tend_scorecard_load(config, stderr, &written, &error), TEND_OK);
    ck_assert_int_eq(tend_scorecard_load(NULL, stderr, &usual, &error), TEND_OK);
    ck_assert(!written->is_default && usual->is_default);
    ck_assert_int_eq(written->minimum_coverage, usual->minimum_coverage);
    ck_assert_uint_eq(written->measure_count, usual->measure_count);
    for (size_t i = 0; i < usual->measure_count; i++) {
        const tend_score_measure *a = &written->measures[i], *b = &usual->measures[i];

        ck_assert_str_eq(a->name, b->name);
        ck_assert_str_eq(a->group, b->group);
        ck_assert_str_eq(a->value, b->value);
        ck_assert_int_eq(a->weight, b->weight);
        ck_assert_int_eq(a->low, b->low);
        ck_assert_int_eq(a->high, b->high);
        ck_assert_int_eq(a->stale_ms, b->stale_ms);
    }
    ck_assert_uint_eq(written->band_count, usual->band_count);
    for (size_t i = 0; i < usual->band_count; i++) {
        ck_assert_str_eq(written->bands[i].name, usual->bands[i].name);
        ck_assert_int_eq(written->bands[i].up_to, usual->bands[i].up_to);
    }
    tend_scorecard_free(written);
    tend_scorecard_free(usual);
    tend_config_free(config);
}
END_TEST

START_TEST(a_bad_card_is_refused_with_its_line)
{
    static const struct {
        const char *ini, *sentence;
    } known[] = {
        { "[measure.a]\nvalue = nps\nlow = 1\nhigh = 1\n",
          "tend.ini:4: [measure.a] high: the same as low, so that no value lies between; make them differ" },
        { "[measure.a]\nvalue = nps\nlow = 0\nhigh = 1\nweight = 0\n",
          "tend.ini:5: [measure.a] weight: a weight is above 0 and at most 1,000,000; write 1" },
        { "[band.red]\nup_to = 50\n", "tend.ini:2: [band.red] up_to: the highest band must reach 100; write up_to = 100" },
        { "[band.red]\nup_to = 100\n[band.blue]\nup_to = 100\n",
          "tend.ini:4: [band.blue] up_to: the same as of band red; make them differ" },
        { "[health]\nminimum_coverage = 50\n",
          "tend.ini:2: [health] minimum_coverage: a part of the weight lies between 0 and 1; write 0.5" },
    };
    tend_config *config = NULL;
    tend_scorecard *card = NULL;
    tend_error error = { 0 };

    ck_assert_msg(tend_config_load_text("tend.ini", known[_i].ini, strlen(known[_i].ini), sections, stderr, &config, &error) >= 0,
                  "%s", error.text);
    ck_assert_int_eq(tend_scorecard_load(config, NULL, &card, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, known[_i].sentence);
    tend_config_free(config);
}
END_TEST

TESTS_WITH("kpi/score", {
    tcase_add_test(tcase, golden_vector_spreads_the_missing_weight);
    tcase_add_test(tcase, a_group_stands_in_first_then_the_others);
    tcase_add_loop_test(tcase, under_the_minimum_coverage_it_is_unknown, 0, 4);
    tcase_add_test(tcase, nothing_known_is_unknown);
    tcase_add_loop_test(tcase, a_band_holds_its_upper_end, 0, 7);
    tcase_add_loop_test(tcase, points_lie_on_a_straight_line, 0, 10);
    tcase_add_loop_test(tcase, points_of_many_are_those_of_each, 0, 12);
    tcase_add_loop_test(tcase, parts_add_up_exactly, 0, 100);
    tcase_add_test(tcase, the_example_is_the_scorecard_that_comes_with_tend);
    tcase_add_loop_test(tcase, a_bad_card_is_refused_with_its_line, 0, 5);
})
