/* Many filters that are decided together answer as each does alone. */
#include "filter_fixture.h"
#include "filter_random.h"

enum { MANY = 150, WORDS = TEND_SIEVE_WORDS(MANY) };

static bool has(const uint64_t *set, size_t bit)
{
    return (set[bit / 64] >> (bit % 64) & 1) != 0;
}

static tend_filter *parse(tend_kind kind, const char *where)
{
    tend_filter *filter = NULL;

    ck_assert_msg(tend_filter_parse(f.schema, segments, kind, where, PLACE, &filter, &f.error) == TEND_OK, "%s", f.error.text);
    return filter;
}

START_TEST(many_random_filters_answer_together_as_each_alone)
{
    enum { ROWS = 12 };
    tend_filter *filters[MANY];
    tend_world world = tend_world_live(f.model);
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_sieve *sieve = NULL;
    int64_t ids[ROWS];
    int met_count = 0, asked = 0;

    state = UINT64_C(0xD1B54A32D192ED03) * (uint64_t)(_i + 1);
    for (int i = 0; i < ROWS; i++)
        ids[i] = add_random_account(i > 0 ? ids[draw((uint64_t)i)] : acme);
    for (int i = 0; i < MANY; i++) {
        tend_buffer where = { 0 };

        /* From single comparisons, which rule out, to what only branches can say. */
        write_random(&where, false, i % 5);
        filters[i] = parse(TEND_KIND_ACCOUNT, tend_buffer_string(&where));
        tend_buffer_clear(&where);
    }
    TEST_OK(&f, tend_sieve_new(f.schema, TEND_KIND_ACCOUNT, (const tend_filter *const *)filters, MANY, &sieve, &f.error));
    for (int i = 0; i < ROWS; i++) {
        uint64_t among[WORDS], together[WORDS];

        for (int word = 0; word < WORDS; word++)
            among[word] = i % 3 == 0 ? UINT64_MAX : draw(UINT64_MAX);
        TEST_OK(&f, tend_sieve_match(sieve, &world, rates, rows, ids[i], among, together, &f.error));
        for (size_t k = 0; k < MANY; k++) {
            bool alone = false;

            TEST_OK(&f, tend_filter_match(filters[k], &world, rates, ids[i], &alone, NULL, &f.error));
            ck_assert_msg(has(together, k) == (alone && has(among, k)), "%s: %d alone", tend_filter_text(filters[k]), alone);
            asked += has(among, k);
            met_count += has(together, k);
        }
    }
    ck_assert_int_gt(met_count, asked / 10);
    ck_assert_int_lt(met_count, asked * 9 / 10);
    tend_sieve_free(sieve);
    tend_filter_rows_free(rows);
    for (int i = 0; i < MANY; i++)
        tend_filter_free(filters[i]);
}
END_TEST

START_TEST(numbers_are_told_apart_below_at_and_above_each_that_is_named)
{
    tend_world world = tend_world_live(f.model);
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_filter *filters[MANY];
    tend_sieve *sieve = NULL;
    char where[64];

    for (int i = 0; i < MANY; i++) {
        (void)snprintf(where, sizeof where, i % 3 == 0 ? "founded > %d" : i % 3 == 1 ? "founded <= %d" : "founded = %d", i);
        filters[i] = parse(TEND_KIND_ACCOUNT, where);
    }
    TEST_OK(&f, tend_sieve_new(f.schema, TEND_KIND_ACCOUNT, (const tend_filter *const *)filters, MANY, &sieve, &f.error));
    for (int founded = -2; founded < MANY + 2; founded++) {
        uint64_t met_now[WORDS];

        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = acme, .fields = { { "founded", number(founded) } });
        tend_filter_rows_forget(rows);
        TEST_OK(&f, tend_sieve_match(sieve, &world, rates, rows, acme, NULL, met_now, &f.error));
        for (int i = 0; i < MANY; i++)
            ck_assert_msg(has(met_now, (size_t)i) == (i % 3 == 0   ? founded > i
                                                      : i % 3 == 1 ? founded <= i
                                                                   : founded == i),
                          "%d: %s", founded, tend_filter_text(filters[i]));
    }
    tend_sieve_free(sieve);
    tend_filter_rows_free(rows);
    for (int i = 0; i < MANY; i++)
        tend_filter_free(filters[i]);
}
END_TEST

START_TEST(today_moves_with_the_clock)
{
    tend_filter *filter = parse(TEND_KIND_CONTRACT, "ends_on within 90 days and account.region = EMEA");
    const tend_filter *const filters[] = { filter };
    tend_world world = tend_world_live(f.model);
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_sieve *sieve = NULL;
    uint64_t is_met = 0;

    TEST_OK(&f, tend_sieve_new(f.schema, TEND_KIND_CONTRACT, filters, 1, &sieve, &f.error));
    TEST_OK(&f, tend_sieve_match(sieve, &world, rates, rows, contract, NULL, &is_met, &f.error));
    ck_assert_uint_eq(is_met, 1); /* 2026-03-02 to 2026-05-31 */
    f.now = at("2026-06-01");
    world = tend_world_live(f.model);
    TEST_OK(&f, tend_sieve_match(sieve, &world, rates, rows, contract, NULL, &is_met, &f.error));
    ck_assert_uint_eq(is_met, 0);
    tend_sieve_free(sieve);
    tend_filter_rows_free(rows);
    tend_filter_free(filter);
}
END_TEST

START_TEST(texts_of_any_length_and_script_are_folded_alike)
{
    static const char *const cities[] = { "Berlin", "BERLIN", "\u00C4rzte",
                                          "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch-upon-the-Menai-Strait",
                                          "berlin-" };
    static const char *const words[] = { "berlin", "\u00E4RZTE",
                                         "LLANFAIRPWLLGWYNGYLLGOGERYCHWYRNDROBWLLLLANTYSILIOGOGOGOCH-UPON-THE-MENAI-STRAIT",
                                         "berlin-" };
    static const int wanted[] = { 0, 0, 1, 2, 3 };

    for (size_t i = 0; i < sizeof cities / sizeof *cities; i++) {
        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = acme, .fields = { { "city", text(cities[i]) } });
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            char where[160];

            (void)snprintf(where, sizeof where, "city in (\"%s\", nowhere)", words[k]);
            ck_assert_msg(met(TEND_KIND_ACCOUNT, acme, where, NULL) == (wanted[i] == (int)k), "%s: %s", cities[i], where);
        }
    }
}
END_TEST

START_TEST(no_such_row_is_said)
{
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_world world = tend_world_live(f.model);
    tend_sieve *sieve = NULL;
    uint64_t is_met = 0;

    TEST_OK(&f, tend_sieve_new(f.schema, TEND_KIND_CONTRACT, NULL, 0, &sieve, &f.error));
    ck_assert_int_eq(tend_sieve_match(sieve, &world, NULL, rows, 999, NULL, &is_met, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "there is no contract 999; look at `tend list contracts`");
    tend_sieve_free(sieve);
    tend_filter_rows_free(rows);
}
END_TEST

TESTS_WITH("model/sieve", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, many_random_filters_answer_together_as_each_alone, 0, 6);
    tcase_add_test(tcase, numbers_are_told_apart_below_at_and_above_each_that_is_named);
    tcase_add_test(tcase, today_moves_with_the_clock);
    tcase_add_test(tcase, texts_of_any_length_and_script_are_folded_alike);
    tcase_add_test(tcase, no_such_row_is_said);
})
