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

/* Effective 2025-01-01 EMEA; 2025-06-01 APAC. On 2025-09-01 it becomes known that since 2025-03-01 it had been AMER. */
static int64_t account_with_a_late_correction(void)
{
    int64_t id;

    f.now = at("2025-01-02");
    id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = at("2025-01-01"),
                  .fields = { { "name", text("Acme") }, { "region", text("EMEA") } })
             .id;
    f.now = at("2025-06-02");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-06-01"), .fields = { { "region", text("APAC") } });
    f.now = at("2025-09-01");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-03-01"), .fields = { { "region", text("AMER") } });
    return id;
}

static const struct {
    const char *effective, *known, *region;
} moments[] = {
    { "2024-12-31", NULL, "gone" },         { "2025-02-01", NULL, "EMEA" },         { "2025-03-01", NULL, "AMER" },
    { "2025-05-31", NULL, "AMER" },         { "2025-06-01", NULL, "APAC" },         { "2025-04-01", "2025-08-31", "EMEA" },
    { "2025-04-01", "2025-09-01", "AMER" }, { "2025-07-01", "2025-05-31", "EMEA" }, { "2025-07-01", "2025-06-02", "APAC" },
    { "2025-07-01", "2025-01-01", "gone" },
};

START_TEST(a_late_correction_is_seen_from_when_it_was_known)
{
    int64_t id = account_with_a_late_correction();

    ck_assert_str_eq(
        text_then(&f, at(moments[_i].effective), moments[_i].known ? at(moments[_i].known) : 0, TEND_KIND_ACCOUNT, id, "region"),
        moments[_i].region);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "region"), "APAC");
}
END_TEST

START_TEST(a_correction_of_the_first_value_needs_no_later_change)
{
    int64_t id;

    f.now = at("2025-01-02");
    id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = at("2025-01-01"),
                  .fields = { { "name", text("Acme") }, { "seats", number(5) } })
             .id;
    f.now = at("2025-02-01");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-01-01"), .fields = { { "seats", number(6) } });
    ck_assert_int_eq(number_then(&f, at("2025-01-15"), 0, TEND_KIND_ACCOUNT, id, "seats"), 6);
    ck_assert_int_eq(number_then(&f, at("2025-01-15"), at("2025-01-31"), TEND_KIND_ACCOUNT, id, "seats"), 5);
}
END_TEST

START_TEST(an_unknown_field_is_filled_by_an_older_record)
{
    int64_t id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = at("2025-06-01"), .fields = { { "name", text("Acme") } }).id;

    ck_assert_int_eq(
        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-01-01"), .fields = { { "seats", number(5) } })
            .outcome,
        TEND_PUT_UPDATED);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), 5);
    ck_assert_int_eq(number_then(&f, at("2025-06-01"), 0, TEND_KIND_ACCOUNT, id, "seats"), 5);
}
END_TEST

START_TEST(a_corrected_fact_keeps_its_first_version)
{
    fixture_record usage = { .kind = TEND_KIND_USAGE,
                             .external = "U-1",
                             .fields = { { "used_on", day("2025-01-01") }, { "uses", number(3) } } };
    int64_t first, second;

    f.now = at("2025-01-02");
    first = fixture_put(&f, &usage).id;
    f.now = at("2025-02-01");
    usage.fields[1].value = number(4);
    second = fixture_put(&f, &usage).id;
    ck_assert_int_ne(first, second);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_USAGE), 1);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, first, "uses"), 4);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, second, "uses"), 4);
    ck_assert_int_eq(number_then(&f, 0, at("2025-01-31"), TEND_KIND_USAGE, second, "uses"), 3);
    ck_assert_int_eq(number_then(&f, at("2024-12-31"), 0, TEND_KIND_USAGE, first, "uses"), -2);
    ck_assert_int_eq(number_then(&f, at("2025-01-01"), 0, TEND_KIND_USAGE, first, "uses"), 4);
}
END_TEST

START_TEST(a_fact_known_earlier_goes_between_its_versions)
{
    fixture_record usage = { .kind = TEND_KIND_USAGE,
                             .external = "U-1",
                             .known = at("2025-01-02"),
                             .fields = { { "used_on", day("2025-01-01") }, { "uses", number(3) } } };

    int64_t id = fixture_put(&f, &usage).id;
    usage.known = at("2025-03-01");
    usage.fields[1].value = number(5);
    fixture_put(&f, &usage);
    usage.known = at("2025-02-01");
    usage.fields[1].value = number(4);
    ck_assert_int_eq(fixture_put(&f, &usage).outcome, TEND_PUT_OLDER);
    ck_assert_int_eq(fixture_put(&f, &usage).outcome, TEND_PUT_UNCHANGED);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, id, "uses"), 5);
    ck_assert_int_eq(number_then(&f, 0, at("2025-01-15"), TEND_KIND_USAGE, id, "uses"), 3);
    ck_assert_int_eq(number_then(&f, 0, at("2025-02-15"), TEND_KIND_USAGE, id, "uses"), 4);
    ck_assert_int_eq(number_then(&f, 0, at("2025-03-15"), TEND_KIND_USAGE, id, "uses"), 5);
}
END_TEST

START_TEST(a_deleted_fact_was_there_until_that_was_known)
{
    fixture_record usage = { .kind = TEND_KIND_USAGE,
                             .external = "U-1",
                             .fields = { { "used_on", day("2025-01-01") }, { "uses", number(3) } } };
    int64_t id;

    f.now = at("2025-01-02");
    id = fixture_put(&f, &usage).id;
    f.now = at("2025-02-01");
    usage.removed = true;
    ck_assert_int_eq(fixture_put(&f, &usage).outcome, TEND_PUT_UPDATED);
    ck_assert_int_eq(fixture_put(&f, &usage).outcome, TEND_PUT_UNCHANGED);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_USAGE), 0);
    ck_assert_int_eq(number_then(&f, 0, at("2025-01-31"), TEND_KIND_USAGE, id, "uses"), 3);
    ck_assert_int_eq(number_then(&f, 0, at("2025-02-01"), TEND_KIND_USAGE, id, "uses"), -2);
    f.now = at("2025-03-01");
    usage.removed = false;
    ck_assert_int_eq(fixture_put(&f, &usage).outcome, TEND_PUT_UPDATED);
    ck_assert_int_eq(number_then(&f, 0, at("2025-02-15"), TEND_KIND_USAGE, id, "uses"), -2);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, id, "uses"), 3);
    ck_assert_str_eq(told(&f), "usage.created 1, usage.removed 1, usage.updated 2");
}
END_TEST

static unsigned seed;

static int64_t any(int64_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (int64_t)(seed >> 8) % below;
}

/* What was said, in the order it arrived: the oracle is a plain search through it. */
typedef struct said {
    tend_time effective, known;
    int64_t value;
} said;

static int64_t expect(const said *all, int count, tend_time effective, tend_time known)
{
    const said *best = NULL;

    for (int i = 0; i < count; i++) {
        if (all[i].effective <= effective && all[i].known <= known && (!best || all[i].effective >= best->effective))
            best = &all[i];
    }
    return best && all[0].effective <= effective && all[0].known <= known ? best->value : -2;
}

START_TEST(any_order_of_records_gives_the_same_world_as_a_search_through_them)
{
    said all[40];
    const tend_time first = at("2025-01-01"), hour = 3600000;
    int64_t id = 0;

    seed = 7 + (unsigned)_i;
    for (int i = 0; i < 40; i++) {
        f.now = first + (100 + i) * hour;
        all[i] = (said){ .effective = i ? first + any(60) * hour : first + 10 * hour, .known = f.now, .value = 1000 + i };
        id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = all[i].effective,
                      .fields = { { "name", text("Acme") }, { "seats", number(all[i].value) } })
                 .id;
        if (all[i].effective < all[0].effective)
            all[i].effective = TEND_NO_TIME; /* before the row began: never seen */
        for (int n = 0; n < 5; n++) {
            tend_time effective = first + any(70) * hour, known = first + (98 + any(i + 4)) * hour;

            ck_assert_int_eq(number_then(&f, effective, known, TEND_KIND_ACCOUNT, id, "seats"),
                             expect(all, i + 1, effective, known));
            ck_assert_int_eq(number_then(&f, effective, 0, TEND_KIND_ACCOUNT, id, "seats"), expect(all, i + 1, effective, f.now));
        }
        ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), expect(all, i + 1, INT64_MAX, f.now));
    }
}
END_TEST

START_TEST(versions_in_any_order_stand_in_the_order_they_were_known)
{
    said all[30];
    const tend_time first = at("2025-01-01"), hour = 3600000;
    int64_t id = 0;

    seed = 99 + (unsigned)_i;
    for (int i = 0; i < 30; i++) {
        all[i] = (said){ .effective = first + any(60) * hour, .value = 1000 + i };
        all[i].known = all[i].effective; /* the oracle's order is that of knowing */
        id = TEST_PUT(&f, .kind = TEND_KIND_USAGE, .external = "U", .known = all[i].known,
                      .fields = { { "used_on", day("2024-06-01") }, { "uses", number(all[i].value) } })
                 .id;
        for (int n = 0; n < 5; n++) {
            tend_time known = first + any(70) * hour;
            int64_t value = -2;
            const said *best = NULL;

            for (int j = 0; j <= i; j++) {
                if (all[j].known <= known && (!best || all[j].known >= best->known))
                    best = &all[j];
            }
            value = best ? best->value : -2;
            ck_assert_int_eq(number_then(&f, 0, known, TEND_KIND_USAGE, id, "uses"), value);
        }
        ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_USAGE), 1);
    }
}
END_TEST

START_TEST(history_tells_who_said_what_from_where)
{
    const tend_change *changes = NULL;
    size_t count = 0;
    tend_world world;
    int64_t id, source;

    begin(&f);
    TEST_OK(&f, tend_model_source(f.model, "sf", &source, &f.error));
    commit(&f);
    f.origin.source = source;
    id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "A",
                  .fields = { { "name", text("Acme") }, { "revenue", money(100, "EUR") } })
             .id;
    f.now = at("2026-03-03");
    f.origin.source = 0;
    f.principal = tend_principal_named(TEND_PRINCIPAL_PERSON, "kim");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "revenue", money(900, "USD") }, { "currency", text("USD") } });
    f.now = at("2026-03-04");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .removed = true);
    world = tend_world_live(f.model);
    TEST_OK(&f, tend_history(&world, &f.principal, TEND_KIND_ACCOUNT, id, f.arena, &changes, &count, &f.error));
    ck_assert_uint_eq(count, 4);
    ck_assert_int_eq(changes[0].field, -1);
    ck_assert_int_eq(changes[0].after.type, TEND_NULL);
    ck_assert_int_eq(changes[1].field, field_of(&f, TEND_KIND_ACCOUNT, "revenue"));
    ck_assert_str_eq(changes[1].before.currency, "EUR");
    ck_assert_str_eq(changes[1].after.currency, "USD");
    ck_assert_int_eq(changes[1].after.integer, 900);
    ck_assert_str_eq(changes[1].by, "kim");
    ck_assert_str_eq(changes[1].source, "by hand");
    ck_assert_int_eq(changes[3].field, -1);
    ck_assert_int_eq(changes[3].before.type, TEND_NULL);
    ck_assert_str_eq(changes[3].by, "administrator");
    ck_assert_str_eq(changes[3].source, "sf");
}
END_TEST

START_TEST(history_of_a_fact_lists_its_versions)
{
    const tend_change *changes = NULL;
    size_t count = 0;
    tend_world world;
    fixture_record usage = { .kind = TEND_KIND_USAGE,
                             .external = "U-1",
                             .fields = { { "used_on", day("2025-01-01") }, { "uses", number(3) } } };
    int64_t id = fixture_put(&f, &usage).id;

    f.now += 1000;
    usage.fields[1].value = number(4);
    fixture_put(&f, &usage);
    f.now += 1000;
    usage.removed = true;
    fixture_put(&f, &usage);
    world = tend_world_live(f.model);
    TEST_OK(&f, tend_history(&world, &f.principal, TEND_KIND_USAGE, id, f.arena, &changes, &count, &f.error));
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(changes[0].field, -1);
    ck_assert_int_eq(changes[0].after.type, TEND_NULL);
    ck_assert_int_eq(changes[1].field, field_of(&f, TEND_KIND_USAGE, "uses"));
    ck_assert_int_eq(changes[1].before.integer, 3);
    ck_assert_int_eq(changes[1].after.integer, 4);
    ck_assert_str_eq(changes[1].by, "administrator");
    ck_assert_int_eq(changes[2].field, -1);
    ck_assert_int_eq(changes[2].after.type, TEND_TIME);
}
END_TEST

START_TEST(a_change_that_came_without_its_known_time_says_so)
{
    int64_t id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = at("2025-01-01"), .known = at("2025-01-01"),
                          .fields = { { "name", text("Acme") }, { "seats", number(1) } })
                     .id;
    const tend_change *changes = NULL;
    size_t count = 0;
    tend_world world = tend_world_live(f.model);
    tend_row row;

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-03-01"), .known = at("2025-03-01"),
             .fields = { { "seats", number(2) } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-06-01"), .known = at("2025-06-01"), .assumed = true,
             .fields = { { "seats", number(3) } });
    TEST_OK(&f, tend_history(&world, &f.principal, TEND_KIND_ACCOUNT, id, f.arena, &changes, &count, &f.error));
    ck_assert_uint_eq(count, 3);
    ck_assert(changes[0].known_assumed);
    ck_assert(!changes[1].known_assumed);
    ck_assert(!changes[2].known_assumed);
    ck_assert(read_then(&f, at("2025-07-01"), at("2025-07-01"), TEND_KIND_ACCOUNT, id, &row));
    ck_assert(row.known_assumed);
    ck_assert(read_then(&f, at("2025-04-01"), at("2025-04-01"), TEND_KIND_ACCOUNT, id, &row));
    ck_assert(!row.known_assumed); /* the change came later */
}
END_TEST

TESTS_WITH("model/time", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_late_correction_is_seen_from_when_it_was_known, 0, (int)(sizeof moments / sizeof *moments));
    tcase_add_test(tcase, a_correction_of_the_first_value_needs_no_later_change);
    tcase_add_test(tcase, an_unknown_field_is_filled_by_an_older_record);
    tcase_add_test(tcase, a_corrected_fact_keeps_its_first_version);
    tcase_add_test(tcase, a_fact_known_earlier_goes_between_its_versions);
    tcase_add_test(tcase, a_deleted_fact_was_there_until_that_was_known);
    tcase_add_loop_test(tcase, any_order_of_records_gives_the_same_world_as_a_search_through_them, 0, 10);
    tcase_add_loop_test(tcase, versions_in_any_order_stand_in_the_order_they_were_known, 0, 10);
    tcase_add_test(tcase, history_tells_who_said_what_from_where);
    tcase_add_test(tcase, history_of_a_fact_lists_its_versions);
    tcase_add_test(tcase, a_change_that_came_without_its_known_time_says_so);
})
