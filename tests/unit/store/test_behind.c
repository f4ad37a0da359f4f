/* An insert that goes on behind the caller: nobody ever sees a store in which it is not done (tend_store_insert_behind). */
#include "folder.h"
#include "store/store.h"
#include "tests.h"

enum { ROWS = 500, WIDTH = 2 };

static test_folder folder;
static tend_error error;
static tend_store *store;
static tend_value values[ROWS * WIDTH];
static const char *const columns[WIDTH] = { "id", "text" };

static void run(const char *sql)
{
    ck_assert_msg(tend_store_run(store, sql, &error) >= 0, "%s", error.text);
}

static int64_t number(const char *sql)
{
    int64_t value = -1;

    ck_assert_msg(tend_store_number(store, sql, -2, &value, &error) >= 0, "%s", error.text);
    return value;
}

static void set_up(void)
{
    test_folder_make(&folder);
    memset(&error, 0, sizeof error);
    ck_assert_msg(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_CREATE, &store, &error) >= 0, "%s", error.text);
    run("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
    ck_assert_int_eq(tend_store_set_bulk(store, true, &error), TEND_OK);
    ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK);
}

static void tear_down(void)
{
    tend_store_close(store);
    test_folder_remove(&folder);
}

/* Rows first … first + ROWS - 1. */
static void insert(int first)
{
    tend_store_wait(store);
    for (int i = 0; i < ROWS; i++) {
        values[i * WIDTH] = (tend_value){ .type = TEND_INT, .integer = first + i };
        values[i * WIDTH + 1] = (tend_value){ .type = TEND_TEXT, .text = "text", .length = 4 };
    }
    ck_assert_msg(tend_store_insert_behind(store, "t", columns, WIDTH, values, ROWS, &error) >= 0, "%s", error.text);
}

START_TEST(what_is_asked_next_sees_all_of_it)
{
    for (int i = 0; i < 20; i++) {
        insert(i * ROWS + 1);
        ck_assert_int_eq(number("SELECT count(*) FROM t"), (i + 1) * ROWS);
    }
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
}
END_TEST

START_TEST(inserts_follow_one_another_and_the_commit_follows_them)
{
    tend_value more[WIDTH] = { { .type = TEND_INT, .integer = 100000 }, { .type = TEND_TEXT, .text = "last", .length = 4 } };
    tend_statement *count;
    bool has_row;

    ck_assert_int_eq(tend_store_prepare(store, "SELECT count(*) FROM t WHERE id<=?1", &count, &error), TEND_OK);
    insert(1);
    ck_assert_int_eq(tend_store_insert_behind(store, "t", columns, WIDTH, more, 1, &error), TEND_OK);
    tend_statement_bind_int(count, 1, 100000); /* a statement that was there before waits, too */
    ck_assert_int_eq(tend_statement_step(count, &has_row, &error), TEND_OK);
    ck_assert_int_eq(tend_statement_int(count, 0), ROWS + 1);
    tend_statement_end(count);
    insert(ROWS + 1);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 2 * ROWS + 1);
}
END_TEST

/* Rows that come in turn get their ids without saying them, but only where those are the ones that they have. */
START_TEST(rows_keep_their_ids_whatever_stands_in_the_table)
{
    insert(1);
    insert(ROWS + 1); /* in turn */
    insert(5 * ROWS + 1);
    insert(3 * ROWS + 1); /* below the highest */
    run("INSERT INTO t VALUES (100000, 'of another')");
    insert(6 * ROWS + 1);
    insert(100001);
    tend_store_wait(store);
    values[0].integer = 200001; /* not in turn */
    ck_assert_int_eq(tend_store_insert_behind(store, "t", columns, WIDTH, values, 1, &error), TEND_OK);
    for (int i = 0; i < 6; i++) {
        static const int first[] = { 1, ROWS + 1, 5 * ROWS + 1, 3 * ROWS + 1, 6 * ROWS + 1, 100001 };
        char sql[120];

        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM t WHERE id BETWEEN %d AND %d AND text = 'text'", first[i],
                       first[i] + ROWS - 1);
        ck_assert_int_eq(number(sql), ROWS);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 6 * ROWS + 2);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
}
END_TEST

/* What all rows of a part have in a column is said once; it is another number in the next part, or no longer the same. */
START_TEST(what_is_the_same_in_all_rows_is_each_part_s_own)
{
    enum { WIDE = 5, PARTS = 6, MANY = 40 };
    static const char *const wide[WIDE] = { "id", "batch", "at", "empty", "text" };
    static tend_value cells[PARTS][MANY * WIDE];

    run("CREATE TABLE w (id INTEGER PRIMARY KEY, batch INTEGER, at INTEGER, empty INTEGER, text TEXT)");
    for (int part = 0; part < PARTS; part++) {
        for (int i = 0; i < MANY; i++) {
            tend_value *row = &cells[part][i * WIDE];

            row[0] = (tend_value){ .type = TEND_INT, .integer = part * MANY + i + 1 };
            row[1] = (tend_value){ .type = TEND_INT, .integer = 1000 * part };
            row[2] = (tend_value){ .type = TEND_INT, .integer = part % 3 == 1 ? i : 7 };
            row[3] = (tend_value){ .type = TEND_NULL, .integer = i };
            row[4] = (tend_value){ .type = TEND_TEXT, .text = "text", .length = 4 };
        }
        if (part < PARTS - 1)
            ck_assert_int_eq(tend_store_insert_behind(store, "w", wide, WIDE, cells[part], MANY, &error), TEND_OK);
        else
            ck_assert_int_eq(tend_store_insert(store, "w", wide, WIDE, cells[part], MANY, &error), TEND_OK);
        if (part == 2)
            tend_store_wait(store);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM w WHERE batch = (id - 1) / 40 * 1000 AND empty IS NULL AND text = 'text'"),
                     PARTS * MANY);
    ck_assert_int_eq(number("SELECT count(*) FROM w WHERE at = CASE (id - 1) / 40 % 3 WHEN 1 THEN (id - 1) % 40 ELSE 7 END"),
                     PARTS * MANY);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
}
END_TEST

START_TEST(a_failure_is_told_by_what_comes_next_and_nothing_is_committed)
{
    insert(1);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
    ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK);
    run("INSERT INTO t VALUES (9000, 'before')");
    insert(ROWS); /* its first row is there already */
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_EEXISTS);
    ck_assert_ptr_nonnull(strstr(error.text, "a.db: "));
    ck_assert_ptr_nonnull(strstr(error.text, "t.id"));
    ck_assert(!tend_store_in_transaction(store));
    ck_assert_int_eq(number("SELECT count(*) FROM t"), ROWS);
    ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK); /* the next transaction is as good as new */
    insert(ROWS + 1);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 2 * ROWS);
}
END_TEST

START_TEST(every_question_hears_of_a_failure)
{
    tend_statement *count = NULL;
    bool has_row;

    insert(1);
    insert(ROWS);
    ck_assert_int_eq(tend_store_run(store, "SELECT 1", &error), TEND_EEXISTS);
    ck_assert_int_eq(tend_store_insert_behind(store, "t", columns, WIDTH, values, ROWS, &error), TEND_EEXISTS);
    ck_assert_int_eq(tend_store_prepare(store, "SELECT count(*) FROM t", &count, &error), TEND_OK);
    ck_assert_int_eq(tend_statement_step(count, &has_row, &error), TEND_EEXISTS);
    tend_statement_end(count);
    tend_store_rollback(store);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 0);
}
END_TEST

START_TEST(going_back_takes_it_away)
{
    insert(1);
    tend_store_rollback(store);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 0);
}
END_TEST

START_TEST(a_store_may_be_closed_over_it)
{
    insert(1);
    tend_store_close(store);
    ck_assert_int_eq(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_WRITE, &store, &error), TEND_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t"), 0);
}
END_TEST

START_TEST(without_a_load_it_is_done_at_once)
{
    tend_store_rollback(store);
    ck_assert_int_eq(tend_store_set_bulk(store, false, &error), TEND_OK);
    ck_assert_int_eq(tend_store_begin(store, &error), TEND_OK);
    insert(1);
    memset(values, 0, sizeof values);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t WHERE text='text'"), ROWS);
}
END_TEST

TESTS_WITH("store/behind", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_is_asked_next_sees_all_of_it);
    tcase_add_test(tcase, inserts_follow_one_another_and_the_commit_follows_them);
    tcase_add_test(tcase, rows_keep_their_ids_whatever_stands_in_the_table);
    tcase_add_test(tcase, what_is_the_same_in_all_rows_is_each_part_s_own);
    tcase_add_test(tcase, a_failure_is_told_by_what_comes_next_and_nothing_is_committed);
    tcase_add_test(tcase, every_question_hears_of_a_failure);
    tcase_add_test(tcase, going_back_takes_it_away);
    tcase_add_test(tcase, a_store_may_be_closed_over_it);
    tcase_add_test(tcase, without_a_load_it_is_done_at_once);
})
