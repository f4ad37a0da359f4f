/* A load whose commits are brought to the disk behind it. */
#include "folder.h"
#include "store/store.h"
#include "tests.h"
#include <sys/stat.h>

enum { ROWS = 500, WIDTH = 2, TEXT = 4000 };

static test_folder folder;
static tend_error error;
static tend_store *store;
static tend_value values[ROWS * WIDTH];
static char text[TEXT];
static const char *const columns[WIDTH] = { "id", "text" };

static int64_t number_of(tend_store *of, const char *sql)
{
    int64_t value = -1;

    ck_assert_msg(tend_store_number(of, sql, -2, &value, &error) >= 0, "%s", error.text);
    return value;
}

static int64_t size_of(const char *name)
{
    struct stat about;

    ck_assert_int_eq(stat(test_folder_path(&folder, name), &about), 0);
    return (int64_t)about.st_size;
}

static void set_up(void)
{
    test_folder_make(&folder);
    memset(&error, 0, sizeof error);
    memset(text, 'x', sizeof text);
    ck_assert_msg(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_CREATE, &store, &error) >= 0, "%s", error.text);
    ck_assert_int_eq(tend_store_run(store, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)", &error), TEND_OK);
    ck_assert_int_eq(tend_store_set_bulk(store, true, &error), TEND_OK);
}

static void tear_down(void)
{
    tend_store_close(store);
    test_folder_remove(&folder);
}

/* One transaction: rows first … first + ROWS - 1, 2 MB of them. */
static void load(int first)
{
    for (int i = 0; i < ROWS; i++) {
        values[i * WIDTH] = (tend_value){ .type = TEND_INT, .integer = first + i };
        values[i * WIDTH + 1] = (tend_value){ .type = TEND_TEXT, .text = text, .length = sizeof text };
    }
    ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK);
    ck_assert_msg(tend_store_insert_behind(store, "t", columns, WIDTH, values, ROWS, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_commit(store, &error) >= 0, "%s", error.text);
}

START_TEST(a_long_load_keeps_a_short_log)
{
    for (int i = 0; i < 100; i++) {
        load(i * ROWS + 1);
        ck_assert_int_lt(size_of("a.db-wal"), INT64_C(80) << 20);
    }
    ck_assert_int_gt(size_of("a.db"), INT64_C(130) << 20); /* written back while it went on */
    ck_assert_int_eq(tend_store_set_bulk(store, false, &error), TEND_OK);
    ck_assert_int_eq(number_of(store, "SELECT count(*) FROM t"), 100 * ROWS);
    ck_assert_int_eq(tend_store_check(store, &error), TEND_OK);
}
END_TEST

START_TEST(who_reads_an_older_state_keeps_it_and_the_load_goes_on)
{
    tend_store *reader;

    load(1);
    ck_assert_int_eq(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_READ, &reader, &error), TEND_OK);
    tend_store_hold(reader);
    for (int i = 1; i < 60; i++)
        load(i * ROWS + 1);
    ck_assert_int_gt(size_of("a.db-wal"), INT64_C(80) << 20);
    ck_assert_int_eq(number_of(reader, "SELECT count(*) FROM t"), ROWS);
    tend_store_close(reader);
    for (int i = 60; i < 64; i++)
        load(i * ROWS + 1);
    ck_assert_int_eq(tend_store_set_bulk(store, false, &error), TEND_OK);
    ck_assert_int_eq(number_of(store, "SELECT count(*) FROM t"), 64 * ROWS);
    ck_assert_int_eq(tend_store_check(store, &error), TEND_OK);
}
END_TEST

START_TEST(commits_behind_a_load_wait_again)
{
    load(1);
    ck_assert_int_eq(tend_store_begin_soft(store, &error), TEND_OK); /* one of another kind between them */
    ck_assert_int_eq(tend_store_run(store, "INSERT INTO t VALUES (100000, 'soft')", &error), TEND_OK);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
    load(ROWS + 1);
    ck_assert_int_eq(number_of(store, "PRAGMA synchronous"), 1);
    ck_assert_int_eq(tend_store_set_bulk(store, false, &error), TEND_OK);
    ck_assert_int_eq(number_of(store, "PRAGMA synchronous"), 2);
    ck_assert_int_eq(number_of(store, "PRAGMA wal_autocheckpoint"), 1000);
    ck_assert_int_eq(tend_store_set_bulk(store, true, &error), TEND_OK); /* and a second load */
    load(2 * ROWS + 1);
    ck_assert_int_eq(tend_store_set_bulk(store, false, &error), TEND_OK);
    ck_assert_int_eq(number_of(store, "SELECT count(*) FROM t"), 3 * ROWS + 1);
}
END_TEST

START_TEST(a_store_that_is_closed_in_a_load_has_what_was_committed)
{
    load(1);
    load(ROWS + 1);
    tend_store_close(store);
    ck_assert_int_eq(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_WRITE, &store, &error), TEND_OK);
    ck_assert_int_eq(number_of(store, "SELECT count(*) FROM t"), 2 * ROWS);
}
END_TEST

TESTS_WITH("store/writeback", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_long_load_keeps_a_short_log);
    tcase_add_test(tcase, who_reads_an_older_state_keeps_it_and_the_load_goes_on);
    tcase_add_test(tcase, commits_behind_a_load_wait_again);
    tcase_add_test(tcase, a_store_that_is_closed_in_a_load_has_what_was_committed);
})
