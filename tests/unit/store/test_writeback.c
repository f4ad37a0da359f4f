/* A load whose commits are brought to the disk behind it. */
#include "folder.h"
#include "store/store.h"
#include "tests.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Rows all over the store, each in a page of its own. */
static void change(int commit)
{
    char sql[120];

    (void)snprintf(sql, sizeof sql, "UPDATE t SET text = '%d' || substr(text, 2) WHERE id %% 2 = 0", commit % 10);
    ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK);
    ck_assert_msg(tend_store_run(store, sql, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_commit(store, &error) >= 0, "%s", error.text);
}

START_TEST(a_load_that_changes_rows_all_over_keeps_a_log_of_a_few_commits)
{
    for (int i = 0; i < 10; i++)
        load(i * ROWS + 1);
    for (int i = 0; i < 12; i++) {
        change(i); /* 20 MB of pages */
        ck_assert_int_lt(size_of("a.db-wal"), INT64_C(110) << 20);
    }
    ck_assert_int_eq(tend_store_set_bulk(store, false, &error), TEND_OK);
    ck_assert_int_eq(number_of(store, "SELECT count(*) FROM t WHERE text LIKE '1xxx%'"), 5 * ROWS);
    ck_assert_int_eq(number_of(store, "PRAGMA journal_size_limit"), INT64_C(64) << 20);
    ck_assert_int_eq(tend_store_check(store, &error), TEND_OK);
}
END_TEST

/* What an import has committed is in the files: another connection sees it, and so does who has nothing but these. */
static void check_seen(int64_t sum)
{
    static const char *const names[][2] = { { "a.db", "b.db" }, { "a.db-wal", "b.db-wal" } };
    tend_store *other;

    ck_assert_int_eq(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_READ, &other, &error), TEND_OK);
    ck_assert_int_eq(number_of(other, "SELECT total(id + length(text)) FROM t"), sum);
    tend_store_close(other);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char command[9000];

        (void)snprintf(command, sizeof command, "cp '%s' '%s'", test_folder_path(&folder, names[i][0]),
                       test_folder_path(&folder, names[i][1]));
        ck_assert_int_eq(system(command), 0);
    }
    (void)unlink(test_folder_path(&folder, "b.db-shm"));
    ck_assert_int_eq(tend_store_open(test_folder_path(&folder, "b.db"), TEND_STORE_WRITE, &other, &error), TEND_OK);
    ck_assert_int_eq(number_of(other, "SELECT total(id + length(text)) FROM t"), sum);
    ck_assert_int_eq(tend_store_check(other, &error), TEND_OK);
    tend_store_close(other);
}

/* With a cache of a few pages a transaction writes its pages into the log, looks for them there, writes them once more, and leaves
 * behind what is rolled back. */
START_TEST(pages_that_a_transaction_puts_aside_come_back_and_are_seen_with_its_commit)
{
    const char *steps[] = { "UPDATE t SET text = text || 'ab' WHERE id % 3 = 0",
                            "SAVEPOINT s",
                            "UPDATE t SET text = text || 'cde' WHERE id % 5 <> 0",
                            "ROLLBACK TO s",
                            "RELEASE s",
                            "UPDATE t SET text = text || 'f' WHERE id % 7 = 0",
                            "DELETE FROM t WHERE id % 11 = 0" };
    int64_t sum = 0;

    load(1);
    ck_assert_int_eq(tend_store_run(store, "PRAGMA cache_size = 20; PRAGMA cache_spill = 20", &error), TEND_OK);
    for (int round = 0; round < 3; round++) {
        ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK);
        for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
            ck_assert_msg(tend_store_run(store, steps[i], &error) >= 0, "%s", error.text);
        sum = number_of(store, "SELECT total(id + length(text)) FROM t");
        ck_assert_msg(tend_store_commit(store, &error) >= 0, "%s", error.text);
        check_seen(sum);
        ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK);
        ck_assert_msg(tend_store_run(store, "UPDATE t SET text = 'gone'", &error) >= 0, "%s", error.text);
        tend_store_rollback(store);
        check_seen(sum);
    }
    sum = 0;
    for (int i = 1; i <= ROWS; i++)
        sum += i % 11 == 0 ? 0 : i + TEXT + 3 * (2 * (i % 3 == 0) + (i % 7 == 0));
    ck_assert_int_eq(number_of(store, "SELECT total(id + length(text)) FROM t"), sum);
    ck_assert_int_eq(tend_store_set_bulk(store, false, &error), TEND_OK);
    check_seen(sum);
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
    tcase_add_test(tcase, a_load_that_changes_rows_all_over_keeps_a_log_of_a_few_commits);
    tcase_add_test(tcase, pages_that_a_transaction_puts_aside_come_back_and_are_seen_with_its_commit);
    tcase_add_test(tcase, commits_behind_a_load_wait_again);
    tcase_add_test(tcase, a_store_that_is_closed_in_a_load_has_what_was_committed);
})
