#include "folder.h"
#include "kpi/chunk.h"
#include "tests.h"
#include <tend/plugin.h>

static test_folder folder;
static tend_error error;

#define OK(call) ck_assert_msg((call) >= 0, "%s", error.text)

static const tend_chunk_column columns[] = { { "flag", false }, { "word", true }, { "amount", false }, { "wide", false } };
enum { FLAG, WORD, AMOUNT, WIDE, COLUMNS };

/* What row `i` of an account holds; every width of numbers is among them, with and without unknown ones. */
static void row_of(int64_t account, int64_t i, int64_t values[static COLUMNS], const char **ret_word)
{
    static const char *const words[] = { "active", "", "offered" };

    values[FLAG] = (account + i) % 3 ? (account + i) % 2 : TEND_UNKNOWN;
    values[AMOUNT] = -7 * account * 100000 + i * 300;
    values[WIDE] = i % 5 == 0 ? TEND_UNKNOWN : i % 2 ? INT64_MAX - i : INT64_MIN + 1 + account;
    *ret_word = (account * i) % 4 == 3 ? NULL : words[(account * i) % 4];
}

enum { ACCOUNTS = 1500, MOST_ROWS = 61 };

static int64_t rows_of(int64_t account)
{
    return account % MOST_ROWS;
}

static const char *write_chunk(void)
{
    const char *path = test_folder_path(&folder, "a.columns"), *word;
    tend_chunk_writer *writer = NULL;
    int64_t values[COLUMNS], id = 1;

    OK(tend_chunk_create(path, columns, COLUMNS, &writer, &error));
    for (int64_t account = 1; account <= ACCOUNTS; account++)
        for (int64_t i = 0; i < rows_of(account); i++) {
            row_of(account, i, values, &word);
            values[WORD] = TEND_UNKNOWN;
            if (word)
                OK(tend_chunk_word(writer, WORD, word, strlen(word), &values[WORD], &error));
            OK(tend_chunk_put(writer, account * 3, id++, i * 86400000, values, &error));
        }
    OK(tend_chunk_finish(writer, &error));
    return path;
}

static void check_account(tend_chunk *chunk, size_t group, int64_t account, uint32_t first, uint32_t count, int64_t *id)
{
    uint32_t known;
    const char *const *words = tend_chunk_words(chunk, WORD, &known);

    ck_assert_int_eq(count, rows_of(account));
    for (uint32_t i = 0; i < count; i++) {
        int64_t values[COLUMNS], read;
        const char *word;

        row_of(account, i, values, &word);
        for (int column = 0; column < COLUMNS; column++) {
            tend_chunk_read(chunk, group, column, first + i, 1, &read);
            if (column != WORD)
                ck_assert_int_eq(read, values[column]);
            else if (word)
                ck_assert_str_eq(words[read], word);
            else
                ck_assert_int_eq(read, TEND_UNKNOWN);
        }
        tend_chunk_read(chunk, group, TEND_CHUNK_ID, first + i, 1, &read);
        ck_assert_int_eq(read, (*id)++);
        tend_chunk_read(chunk, group, TEND_CHUNK_AT, first + i, 1, &read);
        ck_assert_int_eq(read, (int64_t)i * 86400000);
    }
}

START_TEST(what_was_written_is_read)
{
    test_folder_make(&folder);
    const char *path = write_chunk();
    tend_chunk *chunk = NULL;
    int64_t account = 0, id = 1;

    OK(tend_chunk_open(path, &chunk, &error));
    ck_assert_uint_gt(tend_chunk_groups(chunk), 1);
    ck_assert_int_eq(tend_chunk_find(chunk, "amount"), AMOUNT);
    ck_assert_int_eq(tend_chunk_find(chunk, "nothing"), -1);
    for (size_t group = 0; group < tend_chunk_groups(chunk); group++) {
        const tend_chunk_group about = tend_chunk_group_at(chunk, group);
        int64_t *accounts = calloc(about.accounts, sizeof *accounts);
        uint32_t *starts = calloc(about.accounts + 1, sizeof *starts);

        OK(tend_chunk_accounts(chunk, group, accounts, starts, &error));
        ck_assert_int_eq(about.first, accounts[0]);
        ck_assert_int_eq(about.last, accounts[about.accounts - 1]);
        for (uint32_t i = 0; i < about.accounts; i++) {
            do
                account++;
            while (rows_of(account) == 0);
            ck_assert_int_eq(accounts[i], account * 3);
            check_account(chunk, group, account, starts[i], starts[i + 1] - starts[i], &id);
        }
        free(accounts);
        free(starts);
    }
    ck_assert_int_eq(id, 1 + (int64_t)tend_chunk_rows(chunk));
    tend_chunk_close(chunk);
    test_folder_remove(&folder);
}
END_TEST

static int64_t value_at(const tend_chunk *chunk, size_t group, int column, uint32_t row)
{
    int64_t value;

    tend_chunk_read(chunk, group, column, row, 1, &value);
    return value;
}

/* What `tend_chunk_sift` leaves in of rows `first` to `end` - 1 is what lies in the range, and what is picked is what stands there.
 */
static void check_range(const tend_chunk *chunk, size_t group, int column, uint32_t first, uint32_t end,
                        const tend_chunk_range *range)
{
    const uint32_t all = end - first;
    unsigned char *is_in = malloc(all);
    uint32_t *rows = calloc(all, sizeof *rows), count = 0, wrong = 0;
    int64_t *values = calloc(all, sizeof *values), *picked = calloc(all, sizeof *picked);

    memset(is_in, 1, all);
    is_in[0] = 0; /* stays so */
    tend_chunk_read(chunk, group, column, first, all, values);
    tend_chunk_sift(chunk, group, column, first, all, range, is_in);
    for (uint32_t i = 0; i < all; i++) {
        const bool is_wanted =
            values[i] == TEND_UNKNOWN ? range->takes_unknown : values[i] >= range->low && values[i] <= range->high;

        wrong += is_in[i] != (i > 0 && is_wanted);
        if (is_wanted)
            rows[count++] = i;
    }
    tend_chunk_pick(chunk, group, column, first, rows, count, picked);
    for (uint32_t i = 0; i < count; i++)
        wrong += picked[i] != values[rows[i]];
    ck_assert_msg(wrong == 0, "group %zu, column %d: %u rows of %lld to %lld", group, column, wrong, (long long)range->low,
                  (long long)range->high);
    free(is_in);
    free(rows);
    free(values);
    free(picked);
}

/* Every width of numbers, ranges that hold all, none, some, one value, and only what is unknown. */
START_TEST(rows_within_a_range_are_found_where_they_stand)
{
    test_folder_make(&folder);
    tend_chunk *chunk = NULL;

    OK(tend_chunk_open(write_chunk(), &chunk, &error));
    for (size_t group = 0; group < tend_chunk_groups(chunk); group++)
        for (int column = TEND_CHUNK_AT; column < COLUMNS; column++) {
            const uint32_t rows = tend_chunk_group_at(chunk, group).rows;
            int64_t some = value_at(chunk, group, column, rows / 3), other = value_at(chunk, group, column, rows / 2);

            if (some > other) {
                const int64_t third = some;

                some = other;
                other = third;
            }
            const tend_chunk_range ranges[] = { { INT64_MIN, INT64_MAX, false },
                                                { INT64_MIN, INT64_MAX, true },
                                                { 1, 0, true },
                                                { 1, 0, false },
                                                { some, other, true },
                                                { some, other, false },
                                                { other, other, _i },
                                                { INT64_MIN, other, _i },
                                                { other, INT64_MAX, _i },
                                                { 1, 1, false },
                                                { -1, INT64_MAX, _i } };

            for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
                check_range(chunk, group, column, _i ? 5 : 0, _i ? rows - 3 : rows, &ranges[i]);
        }
    tend_chunk_close(chunk);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(any_changed_byte_is_noticed)
{
    test_folder_make(&folder);
    size_t length;
    char *bytes = test_file_read(write_chunk(), &length);
    unsigned noticed = 0, tried = 0;

    for (size_t at = 0; at < length; at += 1 + length / 400) {
        tend_chunk *chunk = NULL;
        tend_status status;

        bytes[at] = (char)(bytes[at] ^ (1 << at % 8));
        status = tend_chunk_open(test_folder_write(&folder, "b.columns", bytes, length), &chunk, &error);
        for (size_t group = 0; status >= 0 && group < tend_chunk_groups(chunk); group++) {
            const tend_chunk_group about = tend_chunk_group_at(chunk, group);
            int64_t *accounts = calloc(about.accounts, sizeof *accounts);
            uint32_t *starts = calloc(about.accounts + 1, sizeof *starts);

            status = tend_chunk_accounts(chunk, group, accounts, starts, &error);
            free(accounts);
            free(starts);
        }
        tend_chunk_close(chunk);
        bytes[at] = (char)(bytes[at] ^ (1 << at % 8));
        noticed += status == TEND_ECORRUPT;
        tried++;
    }
    ck_assert_uint_gt(tried, 300);
    ck_assert_uint_eq(noticed, tried);
    free(bytes);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(a_cut_file_is_no_chunk)
{
    test_folder_make(&folder);
    size_t length;
    char *bytes = test_file_read(write_chunk(), &length);
    tend_chunk *chunk = NULL;

    for (size_t cut = 0; cut < length; cut += 1 + length / 50) {
        const char *path = test_folder_write(&folder, "b.columns", bytes, cut);
        char wanted[700];

        ck_assert_int_eq(tend_chunk_open(path, &chunk, &error), TEND_ECORRUPT);
        (void)snprintf(wanted, sizeof wanted, "%s: broken columns; they are made again by the next refresh", path);
        if (cut > 200)
            ck_assert_str_eq(error.text, wanted);
    }
    ck_assert_int_eq(tend_chunk_open(test_folder_path(&folder, "none.columns"), &chunk, &error), TEND_ENOTFOUND);
    free(bytes);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(too_many_words_leave_the_column_out)
{
    test_folder_make(&folder);
    const char *path = test_folder_path(&folder, "a.columns");
    tend_chunk_writer *writer = NULL;
    tend_chunk *chunk = NULL;
    int64_t values[COLUMNS] = { 1, 0, 2, 3 };
    char word[24];

    OK(tend_chunk_create(path, columns, COLUMNS, &writer, &error));
    for (int i = 0; i < (int)TEND_CHUNK_WORDS_MAX + 10; i++) {
        (void)snprintf(word, sizeof word, "word %d", i);
        OK(tend_chunk_word(writer, WORD, word, strlen(word), &values[WORD], &error));
        OK(tend_chunk_put(writer, i, i + 1, 0, values, &error));
    }
    OK(tend_chunk_finish(writer, &error));
    OK(tend_chunk_open(path, &chunk, &error));
    ck_assert_int_eq(tend_chunk_find(chunk, "word"), -1);
    ck_assert_int_eq(tend_chunk_find(chunk, "amount"), AMOUNT);
    tend_chunk_close(chunk);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(what_is_not_finished_is_not_there)
{
    test_folder_make(&folder);
    const char *path = test_folder_path(&folder, "a.columns");
    tend_chunk_writer *writer = NULL;

    OK(tend_chunk_create(path, columns, COLUMNS, &writer, &error));
    OK(tend_chunk_put(writer, 1, 1, 0, (int64_t[COLUMNS]){ 0 }, &error));
    tend_chunk_discard(writer);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_ne(access(test_folder_path(&folder, "a.columns.new"), F_OK), 0);
    test_folder_remove(&folder);
}
END_TEST

TESTS_WITH("kpi/chunk", {
    tcase_add_test(tcase, what_was_written_is_read);
    tcase_add_loop_test(tcase, rows_within_a_range_are_found_where_they_stand, 0, 2);
    tcase_add_test(tcase, any_changed_byte_is_noticed);
    tcase_add_test(tcase, a_cut_file_is_no_chunk);
    tcase_add_test(tcase, too_many_words_leave_the_column_out);
    tcase_add_test(tcase, what_is_not_finished_is_not_there);
})
