#include "folder.h"
#include "store/store.h"
#include "tests.h"

static test_folder folder;
static tend_error error;
static tend_store *store;

static void open_store(void)
{
    ck_assert_msg(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_CREATE, &store, &error) >= 0, "%s", error.text);
}

static void set_up(void)
{
    test_folder_make(&folder);
    open_store();
}

static void tear_down(void)
{
    tend_store_close(store);
    test_folder_remove(&folder);
}

static int64_t ids(const char *name, int64_t count)
{
    int64_t first = -1;

    ck_assert_msg(tend_store_ids(store, name, count, &first, &error) >= 0, "%s", error.text);
    return first;
}

static void begin(void)
{
    ck_assert_int_ge(tend_store_begin(store, &error), 0);
}

static void commit(void)
{
    ck_assert_msg(tend_store_commit(store, &error) >= 0, "%s", error.text);
}

START_TEST(ids_grow_and_each_sequence_is_its_own)
{
    begin();
    ck_assert_int_eq(ids("a", 1), 1);
    ck_assert_int_eq(ids("a", 10), 2);
    ck_assert_int_eq(ids("b", 1), 1);
    ck_assert_int_eq(ids("a", 1), 12);
    commit();
}
END_TEST

START_TEST(a_reserved_block_serves_without_a_transaction_and_no_longer)
{
    int64_t first = -1;
    char expected[1024];

    (void)snprintf(expected, sizeof expected, "%s: ids of a: reserving them needs an open write transaction",
                   tend_store_path(store));
    ck_assert_int_eq(tend_store_ids(store, "a", 1, &first, &error), TEND_ERROR);
    ck_assert_str_eq(error.text, expected);
    begin();
    ck_assert_int_eq(ids("a", 1), 1);
    ck_assert_int_eq(ids("a", 1), 2); /* the second block: 2 and 3 */
    commit();
    ck_assert_int_eq(ids("a", 1), 3);
    ck_assert_int_eq(tend_store_ids(store, "a", 1024, &first, &error), TEND_ERROR);
    ck_assert_int_eq(first, -1);
    ck_assert_int_eq(tend_store_ids(store, "a", 0, &first, &error), TEND_EINVAL);
}
END_TEST

START_TEST(what_is_expected_is_one_block)
{
    begin();
    ck_assert_int_eq(ids("a", 1), 1);
    ck_assert_int_ge(tend_store_ids_expect(store, "a", 5000, &error), 0);
    ck_assert_int_eq(ids("a", 1), 2);
    commit();
    for (int i = 1; i < 5000; i++) /* none of them needs a transaction */
        ck_assert_int_eq(ids("a", 1), i + 2);
    begin();
    ck_assert_int_ge(tend_store_ids_expect(store, "a", -5, &error), 0);
    ck_assert_int_eq(ids("a", 1), 5002);
    ck_assert_int_eq(ids("b", 1), 1);
    commit();
}
END_TEST

START_TEST(a_large_count_is_one_range)
{
    begin();
    ck_assert_int_eq(ids("a", 5), 1);
    ck_assert_int_eq(ids("a", 1000000), 6);
    ck_assert_int_eq(ids("a", 1), 1000006);
    commit();
}
END_TEST

/* Every id ever given out, over rollbacks, savepoints and reopening, is larger than all before it. */
START_TEST(no_id_is_given_out_twice)
{
    int64_t highest = 0;
    unsigned state = (unsigned)_i + 1;

    for (int step = 0; step < 400; step++) {
        const unsigned choice = (state = state * 1103515245u + 12345u) >> 16;
        int64_t first;

        if (!tend_store_in_transaction(store)) {
            if (choice % 16 == 0) {
                tend_store_close(store);
                open_store();
                /* What was rolled back or lost before the close was never seen by anybody. */
                ck_assert_int_ge(tend_store_number(store, "SELECT next - 1 FROM sequences WHERE name = 'a'", 0, &highest, &error),
                                 0);
            }
            begin();
        }
        first = ids("a", 1 + choice % 700);
        ck_assert_int_gt(first, highest);
        highest = first + choice % 700;
        switch (choice / 1024 % 8) {
        case 0:
            commit();
            break;
        case 1:
            tend_store_rollback(store);
            break;
        case 2:
            ck_assert_int_ge(tend_store_savepoint(store, &error), 0);
            break;
        case 3:
            tend_store_rollback_savepoint(store);
            break;
        case 4:
            (void)tend_store_release(store, NULL);
            break;
        default:
            break;
        }
    }
}
END_TEST

START_TEST(ids_of_committed_rows_are_not_given_out_after_reopening)
{
    int64_t first, second;

    begin();
    first = ids("a", 2);
    second = ids("a", 1);
    commit();
    tend_store_close(store);
    open_store();
    begin();
    ck_assert_int_eq(first, 1);
    ck_assert_int_eq(second, 3);
    ck_assert_int_eq(ids("a", 1), 5); /* 4 was reserved with 3, and is lost */
    commit();
}
END_TEST

START_TEST(a_rolled_back_block_is_not_used_by_the_next_transaction)
{
    int64_t kept = -1;

    begin();
    ck_assert_int_eq(ids("a", 1), 1);
    tend_store_rollback(store);
    begin();
    ck_assert_int_eq(ids("a", 1), 2);
    commit();
    ck_assert_int_ge(tend_store_number(store, "SELECT next FROM sequences WHERE name = 'a'", 0, &kept, &error), 0);
    ck_assert_int_ge(kept, 3);
}
END_TEST

TESTS_WITH("store/ids", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, ids_grow_and_each_sequence_is_its_own);
    tcase_add_test(tcase, a_reserved_block_serves_without_a_transaction_and_no_longer);
    tcase_add_test(tcase, what_is_expected_is_one_block);
    tcase_add_test(tcase, a_large_count_is_one_range);
    tcase_add_loop_test(tcase, no_id_is_given_out_twice, 0, 10);
    tcase_add_test(tcase, ids_of_committed_rows_are_not_given_out_after_reopening);
    tcase_add_test(tcase, a_rolled_back_block_is_not_used_by_the_next_transaction);
})
