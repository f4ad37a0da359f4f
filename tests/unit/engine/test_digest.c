#include "engine/digest.h"
#include "query_fixture.h"

static int64_t user;

static void setup(void)
{
    query_setup();
    TEST_OK(&f, tend_outbox_prepare(f.store, &f.error));
    TEST_OK(&f, tend_digest_prepare(f.store, &f.error));
}

static int64_t add_reader(const char *name, const char *zone, int hour, const char *language)
{
    return TEST_PUT(&f, .kind = TEND_KIND_USER,
                    .fields = { { "name", text(name) },
                                { "email", text("kim@example.test") },
                                { "zone", text(zone) },
                                { "language", text(language) },
                                { "digest_hour", number(hour) } })
        .id;
}

static void add_due_task(const char *due)
{
    TEST_PUT(
        &f, .kind = TEND_KIND_TASK,
        .fields = {
            { "title", text("Write the plan") }, { "status", text("open") }, { "assignee", ref(user) }, { "due_on", day(due) } });
}

static int mails_at(const char *iso, int hour, int minute)
{
    int mails = -1;
    tend_query query;

    f.now = at(iso) + hour * INT64_C(3600000) + minute * INT64_C(60000);
    query = query_of(0);
    TEST_OK(&f, tend_digest_due(f.model, &query, f.now, &mails, &f.error));
    return mails;
}

static int64_t number_of(const char *sql)
{
    int64_t found = 0;

    TEST_OK(&f, tend_store_number(f.store, sql, -1, &found, &f.error));
    return found;
}

static const char *text_of(const char *column)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    char sql[100];
    const char *copy;

    (void)snprintf(sql, sizeof sql, "SELECT %s FROM outbox ORDER BY id DESC LIMIT 1", column);
    TEST_OK(&f, tend_store_prepare(f.store, sql, &statement, &f.error));
    TEST_OK(&f, tend_statement_step(statement, &has_row, &f.error));
    ck_assert(has_row);
    copy = tend_arena_string(f.arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return copy;
}

START_TEST(it_comes_once_a_day_when_the_local_hour_has_come)
{
    user = add_reader("kim", "Asia/Seoul", 8, "en");
    add_due_task("2026-02-16");
    ck_assert_int_eq(mails_at("2026-02-15", 22, 59), 0); /* 07:59 on the 16th */
    ck_assert_int_eq(mails_at("2026-02-15", 23, 0), 1);
    ck_assert_int_eq(mails_at("2026-02-15", 23, 1), 0);
    fixture_close_store(&f);
    fixture_open_again(&f);
    ck_assert_int_eq(mails_at("2026-02-16", 14, 0), 0);
    ck_assert_int_eq(mails_at("2026-02-16", 23, 30), 1);
    ck_assert_str_eq(text_of("once_key"), "digest:1:2026-02-17");
    ck_assert_str_eq(text_of("subject"), "1 thing to do on 2026-02-17");
    ck_assert_str_eq(text_of("recipient"), "kim@example.test");
    ck_assert_str_eq(text_of("text"), "kim, this is for today:\n\n1. Write the plan\n   due 2026-02-16, 1 day overdue\n");
}
END_TEST

START_TEST(it_is_never_empty)
{
    user = add_reader("kim", "UTC", 8, "en");
    ck_assert_int_eq(mails_at("2026-02-16", 9, 0), 0);
    ck_assert_int_eq(number_of("SELECT count(*) FROM outbox"), 0);
    ck_assert_int_eq(number_of("SELECT items FROM digests"), 0);
}
END_TEST

START_TEST(it_is_written_in_the_language_of_who_reads_it)
{
    user = add_reader("김민수", "Asia/Seoul", 8, "ko");
    add_due_task("2026-02-20");
    ck_assert_int_eq(mails_at("2026-02-16", 0, 0), 1);
    ck_assert_str_eq(text_of("subject"), "2026-02-16 할 일 1건");
    ck_assert_str_eq(text_of("text"), "김민수 님, 오늘 할 일입니다.\n\n1. Write the plan\n   기한 2026-02-20, 4일 남음\n");
    ck_assert_str_eq(text_of("language"), "ko");
}
END_TEST

START_TEST(an_hour_that_clocks_leave_out_or_repeat_gives_one)
{
    user = add_reader("anna", "Europe/Berlin", 2, "en");
    add_due_task("2026-02-20");
    /* 2026-03-29: 02:00 to 03:00 is left out; 01:00 UTC is 03:00 there. */
    ck_assert_int_eq(mails_at("2026-03-28", 0, 59), 0);
    ck_assert_int_eq(mails_at("2026-03-28", 1, 0), 1);
    ck_assert_int_eq(mails_at("2026-03-29", 0, 59), 0);
    ck_assert_int_eq(mails_at("2026-03-29", 1, 0), 1);
    /* 2026-10-25: 02:00 to 03:00 comes twice, at 00:00 and at 01:00 UTC. */
    ck_assert_int_eq(mails_at("2026-10-25", 0, 0), 1);
    ck_assert_int_eq(mails_at("2026-10-25", 1, 0), 0);
    ck_assert_int_eq(mails_at("2026-10-25", 1, 59), 0);
}
END_TEST

/* New York leaves 02:00 to 03:00 out on 8 March 2026 and has 01:00 to 02:00 twice on 1 November; the engine looks every ten minutes
 * for three days around each. */
static const struct {
    const char *zone, *from;
    int hour;
} changes[] = { { "America/New_York", "2026-03-07", 2 },
                { "America/New_York", "2026-10-31", 1 },
                { "Europe/Berlin", "2026-03-28", 2 },
                { "Europe/Berlin", "2026-10-24", 2 } };

START_TEST(an_engine_that_looks_all_the_time_mails_once_a_day)
{
    tend_time from = at(changes[_i].from);
    tend_date last = 0;

    user = add_reader("anna", changes[_i].zone, changes[_i].hour, "en");
    add_due_task("2026-02-20");
    for (f.now = from; f.now < from + 3 * INT64_C(86400000); f.now += 600000) {
        const tend_zone *zone = NULL;
        tend_query query = query_of(0);
        int mails = -1;

        TEST_OK(&f, tend_zone_find(changes[_i].zone, &zone, &f.error));
        TEST_OK(&f, tend_digest_due(f.model, &query, f.now, &mails, &f.error));
        if (mails > 0) {
            ck_assert_int_eq(mails, 1);
            ck_assert_int_gt(tend_zone_date(zone, f.now), last);
            last = tend_zone_date(zone, f.now);
        }
    }
    /* Of the local day on which it began there is a rest, and it was due then. */
    ck_assert_int_eq(number_of("SELECT count(*) FROM outbox"), number_of("SELECT max(day) - min(day) + 1 FROM digests"));
    ck_assert_int_ge(number_of("SELECT count(*) FROM outbox"), 3);
}
END_TEST

START_TEST(the_next_one_is_known_ahead)
{
    tend_time next = 0;
    tend_query query = query_of(0);

    TEST_OK(&f, tend_digest_next(&query, f.now, &next, &f.error));
    ck_assert_int_eq(next, TEND_NO_TIME);
    user = add_reader("kim", "Asia/Seoul", 8, "en");
    f.now = at("2026-02-16");
    TEST_OK(&f, tend_digest_next(&query, f.now, &next, &f.error));
    ck_assert_int_eq(next, f.now); /* 09:00 there: it is late already */
    ck_assert_int_eq(mails_at("2026-02-16", 0, 0), 0);
    TEST_OK(&f, tend_digest_next(&query, f.now, &next, &f.error));
    ck_assert_int_eq(next, at("2026-02-16") + 23 * INT64_C(3600000));
}
END_TEST

START_TEST(who_has_left_or_has_no_address_gets_none)
{
    user = add_reader("kim", "UTC", 8, "en");
    add_due_task("2026-02-16");
    TEST_PUT(&f, .kind = TEND_KIND_USER, .id = user, .fields = { { "active", { .type = TEND_BOOL, .integer = 0 } } });
    ck_assert_int_eq(mails_at("2026-02-16", 9, 0), 0);
    TEST_PUT(&f, .kind = TEND_KIND_USER, .id = user,
             .fields = { { "active", { .type = TEND_BOOL, .integer = 1 } }, { "email", nothing() } });
    ck_assert_int_eq(mails_at("2026-02-16", 9, 0), 0);
}
END_TEST

TESTS_WITH("engine/digest", {
    tcase_add_checked_fixture(tcase, setup, query_teardown);
    tcase_add_test(tcase, it_comes_once_a_day_when_the_local_hour_has_come);
    tcase_add_test(tcase, it_is_never_empty);
    tcase_add_test(tcase, it_is_written_in_the_language_of_who_reads_it);
    tcase_add_test(tcase, an_hour_that_clocks_leave_out_or_repeat_gives_one);
    tcase_add_loop_test(tcase, an_engine_that_looks_all_the_time_mails_once_a_day, 0, (int)(sizeof changes / sizeof *changes));
    tcase_add_test(tcase, the_next_one_is_known_ahead);
    tcase_add_test(tcase, who_has_left_or_has_no_address_gets_none);
})
