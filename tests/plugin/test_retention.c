#include "base/date.h"
#include "plugin_load.h"
#include "tests.h"
#include <string.h>

#define ROOM 32
static const char *const words[] = { "offered", "agreed", "signed", "active", "renewed", "ended", "cancelled" };

typedef struct contract_row {
    uint32_t account;
    const char *starts, *until;
    int64_t amount;
    bool is_trial;
    const char *status; /* NULL: not known */
} contract_row;

typedef struct test_frame {
    uint32_t starts[ROOM];
    int64_t values[5][ROOM];
    tend_column columns[5];
    tend_batch batch;
} test_frame;

static int64_t day(const char *text)
{
    tend_date date;

    if (!text)
        return TEND_UNKNOWN;
    ck_assert_int_eq(tend_date_parse(text, strlen(text), &date), TEND_OK);
    return date;
}

/* `rows` are sorted by account. */
static const tend_batch *frame_of(test_frame *frame, const contract_row *rows, uint32_t count, uint32_t accounts, const char *from,
                                  const char *to)
{
    memset(frame, 0, sizeof *frame);
    for (uint32_t i = 0, row = 0; i <= accounts; i++) {
        frame->starts[i] = row;
        while (row < count && rows[row].account == i)
            row++;
    }
    for (uint32_t row = 0; row < count; row++) {
        int64_t status = TEND_UNKNOWN;

        for (size_t word = 0; rows[row].status && word < sizeof words / sizeof *words; word++)
            if (strcmp(words[word], rows[row].status) == 0)
                status = (int64_t)word;
        frame->values[0][row] = day(rows[row].starts);
        frame->values[1][row] = day(rows[row].until);
        frame->values[2][row] = rows[row].amount;
        frame->values[3][row] = rows[row].is_trial;
        frame->values[4][row] = status;
    }
    for (int i = 0; i < 5; i++)
        frame->columns[i] = (tend_column){ .values = frame->values[i], .starts = frame->starts };
    frame->columns[4].words = words;
    frame->columns[4].word_count = sizeof words / sizeof *words;
    frame->batch = (tend_batch){ .size = sizeof frame->batch,
                                 .accounts = accounts,
                                 .inputs = 5,
                                 .from = (tend_date)day(from),
                                 .to = (tend_date)day(to),
                                 .columns = frame->columns };
    return &frame->batch;
}

/* The vector of kpi.md: monthly 1000 500 300 200 become 1200 400 0 200, 250 is new, 150 came back. Minor units, per year. */
#define PER_YEAR(monthly) ((monthly)*100 * 12)
static const contract_row golden[] = {
    { 0, "2022-01-01", NULL, PER_YEAR(1000), false, "active" },
    { 0, "2023-06-01", NULL, PER_YEAR(200), false, "signed" },
    { 1, "2022-01-01", NULL, PER_YEAR(400), false, "active" },
    { 1, "2022-02-01", "2023-05-31", PER_YEAR(100), false, "cancelled" },
    { 2, "2022-01-01", "2023-03-31", PER_YEAR(300), false, "ended" },
    { 3, "2022-01-01", "2022-12-31", PER_YEAR(200), false, "renewed" },
    { 3, "2023-01-01", NULL, PER_YEAR(200), false, NULL },
    { 4, "2023-02-01", NULL, PER_YEAR(250), false, "active" },
    { 5, "2021-01-01", "2021-12-31", PER_YEAR(90), false, "ended" },
    { 5, "2023-09-01", "2024-08-31", PER_YEAR(150), false, "active" },
};
#define GOLDEN_ROWS (sizeof golden / sizeof *golden)

static tend_ratio sum_of(const tend_plugin *plugin, const char *kpi, const tend_batch *batch)
{
    tend_ratio values[ROOM], sum = { 0 };
    tend_error error;

    ck_assert_int_eq(plugin_kpi(plugin, kpi)->compute(NULL, batch, values, &error), TEND_OK);
    for (uint32_t i = 0; i < batch->accounts; i++) {
        sum.numerator += values[i].numerator;
        sum.denominator += values[i].denominator;
    }
    return sum;
}

START_TEST(golden_vector_of_movements)
{
    static const struct {
        const char *kpi;
        int64_t monthly;
    } known[] = { { "mrr.start", 2000 }, { "mrr.expansion", 200 }, { "mrr.contraction", 100 },
                  { "mrr.churn", 300 },  { "mrr.new", 250 },       { "mrr.reactivation", 150 },
                  { "mrr", 2200 } };
    test_frame frame;
    const tend_batch *batch = frame_of(&frame, golden, GOLDEN_ROWS, 6, "2022-12-31", "2023-12-31");
    tend_ratio values[ROOM];
    int64_t sum = 0;

    ck_assert_int_eq(plugin_kpi(plugin_load("kpi_retention"), known[_i].kpi)->compute(NULL, batch, values, NULL), TEND_OK);
    for (uint32_t i = 0; i < 6; i++) {
        ck_assert_int_eq(values[i].denominator, 12);
        sum += values[i].numerator;
    }
    ck_assert_int_eq(sum, PER_YEAR(known[_i].monthly));
}
END_TEST

START_TEST(golden_vector_of_retention)
{
    static const struct {
        const char *kpi;
        int64_t numerator, denominator;
    } known[] = {
        { "grr", PER_YEAR(1600), PER_YEAR(2000) }, /* 80 % */
        { "grr.base", PER_YEAR(1600), PER_YEAR(2000) },
        { "nrr", PER_YEAR(1800), PER_YEAR(2000) }, /* 90 % */
        { "nrr.excl_react", PER_YEAR(1800), PER_YEAR(2000) },
        { "nrr.with_reactivation", PER_YEAR(1950), PER_YEAR(2000) }, /* 97.5 % */
        { "nrr.incl_react", PER_YEAR(1950), PER_YEAR(2000) },
        { "logo_retention", 3, 4 }, /* 75 % */
        { "logo_churn", 1, 4 },
        { "arr", PER_YEAR(2200), 6 },
    };
    test_frame frame;
    const tend_batch *batch = frame_of(&frame, golden, GOLDEN_ROWS, 6, "2022-12-31", "2023-12-31");
    const tend_ratio sum = sum_of(plugin_load("kpi_retention"), known[_i].kpi, batch);

    ck_assert_int_eq(sum.numerator, known[_i].numerator);
    ck_assert_int_eq(sum.denominator, known[_i].denominator);
}
END_TEST

START_TEST(the_last_day_is_still_active)
{
    static const contract_row row = { 0, "2023-01-01", "2023-06-30", 1200, false, "active" };
    static const struct {
        const char *from, *to;
        int64_t start, end;
    } known[] = { { "2022-12-31", "2023-01-01", 0, 1200 },
                  { "2023-01-01", "2023-06-30", 1200, 1200 },
                  { "2023-06-30", "2023-07-01", 1200, 0 } };
    test_frame frame;
    const tend_plugin *plugin = plugin_load("kpi_retention");
    const tend_batch *batch = frame_of(&frame, &row, 1, 1, known[_i].from, known[_i].to);

    ck_assert_int_eq(sum_of(plugin, "mrr.start", batch).numerator, known[_i].start);
    ck_assert_int_eq(sum_of(plugin, "mrr", batch).numerator, known[_i].end);
}
END_TEST

START_TEST(what_nobody_pays_for_counts_for_nothing)
{
    static const contract_row rows[] = {
        { 0, "2023-01-01", NULL, 1200, true, "active" },          { 0, "2023-01-01", NULL, 1200, false, "offered" },
        { 0, "2023-01-01", NULL, 1200, false, "agreed" },         { 0, NULL, NULL, 1200, false, "active" },
        { 0, "2023-01-01", NULL, TEND_UNKNOWN, false, "active" },
    };
    test_frame frame;
    plugin_parts parts = { 0 };
    const tend_plugin *plugin = plugin_load("kpi_retention");
    const tend_batch *batch = frame_of(&frame, rows, 5, 1, "2022-12-31", "2023-12-31");

    ck_assert_int_eq(sum_of(plugin, "arr", batch).numerator, 0);
    ck_assert_int_eq(sum_of(plugin, "nrr", batch).denominator, 0);
    ck_assert_int_eq(sum_of(plugin, "logo_retention", batch).denominator, 0);
    ck_assert_int_eq(plugin_kpi(plugin, "nrr")->explain(NULL, batch, 0, plugin_parts_put, &parts, NULL), TEND_OK);
    ck_assert_str_eq(parts.text, "0/0 0 left out: a trial\n0/0 1 left out: only offered\n0/0 2 left out: agreed, not signed\n"
                                 "0/0 3 left out: no first day\n0/0 4 left out: no yearly amount\n");
}
END_TEST

START_TEST(an_explanation_names_the_contracts)
{
    test_frame frame;
    plugin_parts grr = { 0 }, contraction = { 0 }, churned = { 0 };
    const tend_plugin *plugin = plugin_load("kpi_retention");
    const tend_batch *batch = frame_of(&frame, golden, GOLDEN_ROWS, 6, "2022-12-31", "2023-12-31");

    ck_assert_int_eq(plugin_kpi(plugin, "grr")->explain(NULL, batch, 3, plugin_parts_put, &grr, NULL), TEND_OK);
    ck_assert_str_eq(grr.text, "0/240000 5 ended 2022-12-31\n240000/0 6 began 2023-01-01\n");
    ck_assert_int_eq(plugin_kpi(plugin, "mrr.contraction")->explain(NULL, batch, 1, plugin_parts_put, &contraction, NULL), TEND_OK);
    ck_assert_str_eq(contraction.text, "0/12 -1 yearly money, divided by 12 when shown\n120000/0 3 ended 2023-05-31\n");
    ck_assert_int_eq(plugin_kpi(plugin, "logo_churn")->explain(NULL, batch, 2, plugin_parts_put, &churned, NULL), TEND_OK);
    ck_assert_str_eq(churned.text, "0/1 4 a customer at the start\n1/0 4 churned 2023-03-31\n");
}
END_TEST

/* Random contracts, credits among them: the identity holds and explanations add up, for every account and capability. */
START_TEST(movements_and_explanations_leave_no_rest)
{
    const tend_plugin *plugin = plugin_load("kpi_retention");
    contract_row rows[ROOM - 1];
    char dates[2 * ROOM][TEND_DATE_ROOM];
    const tend_date first = (tend_date)day("2021-01-01");
    unsigned seed = 7u + (unsigned)_i;
    test_frame frame;

    for (uint32_t i = 0; i < ROOM - 1; i++) {
        const tend_date starts = first + rand_r(&seed) % 1000;

        rows[i] = (contract_row){ .account = i / 4,
                                  .starts = tend_date_format(starts, dates[2 * i]),
                                  .amount = (rand_r(&seed) % 10 - 3) * 1000,
                                  .is_trial = rand_r(&seed) % 8 == 0,
                                  .status = words[rand_r(&seed) % 7] };
        if (rand_r(&seed) % 3)
            rows[i].until = tend_date_format(starts + rand_r(&seed) % 700, dates[2 * i + 1]);
    }
    const tend_batch *batch = frame_of(&frame, rows, ROOM - 1, 8, "2022-01-31", "2023-01-31");

    for (const tend_capability *capability = plugin->capabilities; capability->kind; capability++) {
        const tend_kpi_ops *ops = capability->ops;
        tend_ratio values[ROOM];

        ck_assert_int_eq(ops->compute(NULL, batch, values, NULL), TEND_OK);
        for (uint32_t account = 0; account < 8; account++) {
            plugin_parts parts = { 0 };

            ck_assert_int_eq(ops->explain(NULL, batch, account, plugin_parts_put, &parts, NULL), TEND_OK);
            ck_assert_int_eq(parts.numerator, values[account].numerator);
            ck_assert_int_eq(parts.denominator, values[account].denominator);
        }
    }
    ck_assert_int_eq(sum_of(plugin, "mrr", batch).numerator,
                     sum_of(plugin, "mrr.start", batch).numerator + sum_of(plugin, "mrr.new", batch).numerator +
                         sum_of(plugin, "mrr.reactivation", batch).numerator + sum_of(plugin, "mrr.expansion", batch).numerator -
                         sum_of(plugin, "mrr.contraction", batch).numerator - sum_of(plugin, "mrr.churn", batch).numerator);
}
END_TEST

START_TEST(a_sum_past_64_bits_is_said)
{
    static const contract_row rows[] = { { 0, "2022-01-01", NULL, INT64_MAX, false, "active" },
                                         { 0, "2022-01-01", NULL, 1, false, "active" } };
    test_frame frame;
    tend_ratio value;
    tend_error error;
    const tend_batch *batch = frame_of(&frame, rows, 2, 1, "2022-12-31", "2023-12-31");

    ck_assert_int_eq(plugin_kpi(plugin_load("kpi_retention"), "arr")->compute(NULL, batch, &value, &error), TEND_ELIMIT);
    ck_assert_str_eq(error.text,
                     "kpi retention: the contracts of an account add up to more than 64 bits hold; look for a wrong amount");
}
END_TEST

TESTS_WITH("plugin/retention", {
    tcase_add_loop_test(tcase, golden_vector_of_movements, 0, 7);
    tcase_add_loop_test(tcase, golden_vector_of_retention, 0, 9);
    tcase_add_loop_test(tcase, the_last_day_is_still_active, 0, 3);
    tcase_add_test(tcase, what_nobody_pays_for_counts_for_nothing);
    tcase_add_test(tcase, an_explanation_names_the_contracts);
    tcase_add_loop_test(tcase, movements_and_explanations_leave_no_rest, 0, 50);
    tcase_add_test(tcase, a_sum_past_64_bits_is_said);
})
