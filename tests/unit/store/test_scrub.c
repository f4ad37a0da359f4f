#include "folder.h"
#include "store/store.h"
#include "tests.h"

static test_folder folder;
static tend_error error;
static tend_store *store;

static void set_up(void)
{
    test_folder_make(&folder);
    memset(&error, 0, sizeof error);
    ck_assert_msg(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_CREATE, &store, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_run(store, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT); CREATE INDEX i ON t (x)", &error) >= 0,
                  "%s", error.text);
}

static void tear_down(void)
{
    tend_store_close(store);
    test_folder_remove(&folder);
}

static bool has_word(const char *name, const char *word)
{
    size_t length = 0;
    char *bytes = test_file_read(test_folder_path(&folder, name), &length);
    bool is_there = memmem(bytes, length, word, strlen(word)) != NULL;

    free(bytes);
    return is_there;
}

/* A value that moved over many pages: written, changed, and gone. */
static void write_and_delete(void)
{
    for (int i = 0; i < 200; i++) {
        char sql[200];

        (void)snprintf(sql, sizeof sql, "INSERT INTO t (x) VALUES ('Zaphrina %d ' || hex(zeroblob(200)))", i);
        ck_assert_msg(tend_store_run(store, sql, &error) >= 0, "%s", error.text);
    }
    ck_assert_msg(tend_store_run(store, "UPDATE t SET x = 'gone' WHERE id % 2; DELETE FROM t WHERE id % 2 = 0", &error) >= 0, "%s",
                  error.text);
}

START_TEST(nothing_of_what_was_deleted_is_left_in_the_files)
{
    bool is_whole = false;

    write_and_delete();
    ck_assert(has_word("a.db-wal", "Zaphrina"));
    ck_assert_msg(tend_store_scrub(store, &is_whole, &error) >= 0, "%s", error.text);
    ck_assert(is_whole);
    ck_assert(!has_word("a.db", "Zaphrina"));
    ck_assert(!has_word("a.db-wal", "Zaphrina"));
    ck_assert(has_word("a.db", "gone"));
    ck_assert_msg(tend_store_check(store, &error) >= 0, "%s", error.text);
}
END_TEST

START_TEST(a_reader_of_an_older_state_is_waited_for_and_named)
{
    tend_store *reader = NULL;
    int64_t rows = 0;
    bool is_whole = true;

    write_and_delete();
    ck_assert_msg(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_READ, &reader, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_begin(reader, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_number(reader, "SELECT count(*) FROM t", 0, &rows, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_scrub(store, &is_whole, &error) >= 0, "%s", error.text);
    ck_assert(!is_whole);
    tend_store_rollback(reader);
    tend_store_close(reader);
    ck_assert_msg(tend_store_scrub(store, &is_whole, &error) >= 0, "%s", error.text);
    ck_assert(is_whole);
    ck_assert(!has_word("a.db", "Zaphrina"));
    ck_assert(!has_word("a.db-wal", "Zaphrina"));
}
END_TEST

START_TEST(not_inside_a_transaction)
{
    bool is_whole;

    ck_assert_msg(tend_store_begin(store, &error) >= 0, "%s", error.text);
    ck_assert_int_eq(tend_store_scrub(store, &is_whole, &error), TEND_ERROR);
    ck_assert_ptr_nonnull(strstr(error.text, "a.db: cannot be written anew inside a transaction; commit it first"));
    tend_store_rollback(store);
}
END_TEST

TESTS_WITH("store/scrub", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, nothing_of_what_was_deleted_is_left_in_the_files);
    tcase_add_test(tcase, a_reader_of_an_older_state_is_waited_for_and_named);
    tcase_add_test(tcase, not_inside_a_transaction);
})
