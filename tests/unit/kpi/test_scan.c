#include "kpi/scan.h"
#include "kpi_fixture.h"
#include <tend/plugin.h>

enum { ACCOUNTS = 4600, MOST_ROWS = 37 };

static kpi_fixture k;
static tend_chunk *chunk;
static const tend_input inputs[] = { { "contract.annual_amount", TEND_ALL }, { "contract.status", TEND_ALL } };
static tend_found_input found[2];

static const char *word_of(int64_t account, int64_t i)
{
    static const char *const words[] = { "active", "ended", NULL, "offered", "agreed" };

    return words[(account + 3 * i) % 5];
}

/* Many groups of rows. */
static void open_all(void)
{
    tend_chunk_column columns[2] = { { .is_text = false }, { .is_text = true } };
    tend_chunk_writer *writer = NULL;
    const char *path;
    int64_t values[2], id = 1;

    memset(&k, 0, sizeof k);
    fixture_open(&k.f);
    k.world = tend_world_live(k.f.model);
    path = test_folder_path(&k.f.folder, "contracts.columns");
    for (int i = 0; i < 2; i++) {
        TEST_OK(&k.f, tend_input_find(k.f.schema, &inputs[i], &found[i], &k.f.error));
        tend_cache_name(&found[i], inputs[i].column, columns[i].name);
    }
    TEST_OK(&k.f, tend_chunk_create(path, columns, 2, &writer, &k.f.error));
    for (int64_t account = 1; account <= ACCOUNTS; account++)
        for (int64_t i = 0; i < account % MOST_ROWS; i++) {
            const char *word = word_of(account, i);

            values[0] = account * 1000 + i * i;
            values[1] = TEND_UNKNOWN;
            if (word)
                TEST_OK(&k.f, tend_chunk_word(writer, 1, word, strlen(word), &values[1], &k.f.error));
            TEST_OK(&k.f, tend_chunk_put(writer, account, id++, i * 1000, values, &k.f.error));
        }
    TEST_OK(&k.f, tend_chunk_finish(writer, &k.f.error));
    TEST_OK(&k.f, tend_chunk_open(path, &chunk, &k.f.error));
    ck_assert_uint_gt(tend_chunk_groups(chunk), 8); /* else nobody shares */
}

static void close_all(void)
{
    tend_chunk_close(chunk);
    fixture_close(&k.f);
}

/* By place in the scope: how often it came, and what its rows come to. */
typedef struct seen {
    int begun[ACCOUNTS + 10], visits[ACCOUNTS + 10];
    int64_t rows[ACCOUNTS + 10], amount[ACCOUNTS + 10], at[ACCOUNTS + 10], ended[ACCOUNTS + 10], unknown[ACCOUNTS + 10];
} seen;

enum { ENDED };

static tend_status add_up(void *self, const tend_block *block)
{
    seen *all = self;

    for (size_t i = 0; i < block->accounts; i++) {
        const uint32_t place = block->places[i];

        all->visits[place]++;
        for (uint32_t row = block->starts[i]; row < block->starts[i + 1]; row++) {
            const int64_t nth = ++all->rows[place];

            all->amount[place] += nth * block->values[0][row];
            all->at[place] += nth * block->at[row];
            all->ended[place] += nth * (block->values[1][row] == ENDED);
            all->unknown[place] += nth * (block->values[1][row] == TEND_UNKNOWN);
        }
    }
    return TEND_OK;
}

static void begin_seen(void *self, size_t from, size_t end)
{
    seen *all = self;

    for (size_t i = from; i < end; i++) {
        all->begun[i]++;
        all->visits[i] = 0;
        all->rows[i] = all->amount[i] = all->at[i] = all->ended[i] = all->unknown[i] = 0;
    }
}

static void scan(const int64_t *accounts, size_t count, const bool *is_direct, bool is_loose, const tend_chunk_range *range,
                 seen *ret_seen)
{
    tend_chunk *chunks[TEND_KIND_COUNT] = { [TEND_KIND_CONTRACT] = chunk };
    const tend_cached cached = { .chunks = chunks };
    tend_words *words = tend_words_new();
    const tend_scan_input asked[] = { { .name = inputs[0].column, .found = &found[0], .range = range },
                                      { .name = inputs[1].column, .found = &found[1], .words = words } };
    const tend_scan about = { .world = &k.world,
                              .cached = &cached,
                              .accounts = accounts,
                              .account_count = count,
                              .is_direct = is_direct,
                              .kind = found[0].kind,
                              .inputs = asked,
                              .input_count = 2,
                              .has_at = true,
                              .is_loose = is_loose,
                              .begin = is_loose ? begin_seen : NULL };

    memset(ret_seen, is_loose ? 85 : 0, sizeof *ret_seen); /* what begins clears it */
    ck_assert_ptr_nonnull(words);
    ck_assert_int_eq(tend_words_number(words, "ended", 5), ENDED);
    ck_assert(tend_scan_is_cached(&about));
    TEST_OK(&k.f, tend_scan_run(&about, add_up, ret_seen, &k.f.error));
    tend_words_free(words);
    if (is_loose)
        for (size_t i = 0; i < count; i++)
            ck_assert_int_eq(ret_seen->begun[i], 85 * 0x01010101 + 1); /* once */
    memset(ret_seen->begun, 0, sizeof ret_seen->begun);
    if (is_loose)
        begin_seen(ret_seen, count, ACCOUNTS + 10);
    memset(ret_seen->begun, 0, sizeof ret_seen->begun);
}

/* All accounts; every third left out and some that are nowhere; some whose rows are in the store, where they have none. */
START_TEST(several_threads_see_what_one_sees)
{
    static int64_t accounts[ACCOUNTS + 10];
    static bool is_direct[ACCOUNTS + 10];
    static seen one, several;
    size_t count = 0;

    open_all();
    for (int64_t account = 1; account <= ACCOUNTS + 3; account++) {
        if (_i == 1 && account % 3 == 0)
            continue;
        is_direct[count] = _i == 2 && account % 100 == 7;
        accounts[count++] = account;
    }
    scan(accounts, count, is_direct, false, NULL, &one);
    scan(accounts, count, is_direct, true, NULL, &several);
    ck_assert_int_eq(memcmp(&one, &several, sizeof one), 0);
    for (size_t i = 0; i < count; i++) {
        const bool has_rows = accounts[i] <= ACCOUNTS && accounts[i] % MOST_ROWS > 0 && !is_direct[i];

        ck_assert_int_eq(several.visits[i], has_rows);
        ck_assert_int_eq(several.rows[i], has_rows ? accounts[i] % MOST_ROWS : 0);
    }
    close_all();
}
END_TEST

/* Accounts stay, also those of whom no row is wanted; the rows that stay come with all that stands in them. */
START_TEST(rows_outside_a_range_are_left_out)
{
    static int64_t accounts[ACCOUNTS];
    static bool is_direct[ACCOUNTS];
    static seen all, some;
    const tend_chunk_range range = { ACCOUNTS / 3 * 1000 + 9, ACCOUNTS / 2 * 1000 + 16, false };
    const size_t step = _i ? 7 : 1, count = ACCOUNTS / step;

    open_all();
    for (size_t i = 0; i < count; i++)
        accounts[i] = (int64_t)(i * step) + 1;
    scan(accounts, count, is_direct, true, NULL, &all);
    scan(accounts, count, is_direct, true, &range, &some);
    for (size_t i = 0; i < count; i++) {
        int64_t nth = 0, sums[4] = { 0 };

        for (int64_t row = 0; row < accounts[i] % MOST_ROWS; row++) {
            const int64_t amount = accounts[i] * 1000 + row * row;
            const char *word = word_of(accounts[i], row);

            if (amount < range.low || amount > range.high)
                continue;
            nth++;
            sums[0] += nth * amount;
            sums[1] += nth * row * 1000;
            sums[2] += word && strcmp(word, "ended") == 0 ? nth : 0;
            sums[3] += word ? 0 : nth;
        }
        ck_assert_int_eq(some.visits[i], all.visits[i]);
        ck_assert_int_eq(some.rows[i], nth);
        ck_assert_int_eq(some.amount[i], sums[0]);
        ck_assert_int_eq(some.at[i], sums[1]);
        ck_assert_int_eq(some.ended[i], sums[2]);
        ck_assert_int_eq(some.unknown[i], sums[3]);
    }
    close_all();
}
END_TEST

static tend_status refuse(void *self, const tend_block *block)
{
    (void)self;
    return block->places[0] > ACCOUNTS / 2 ? TEND_ELIMIT : TEND_OK;
}

START_TEST(a_failure_of_one_thread_ends_all)
{
    static int64_t accounts[ACCOUNTS];
    static bool is_direct[ACCOUNTS];
    tend_chunk *chunks[TEND_KIND_COUNT] = { NULL };
    const tend_cached cached = { .chunks = chunks };

    open_all();
    chunks[TEND_KIND_CONTRACT] = chunk;
    for (int i = 0; i < ACCOUNTS; i++)
        accounts[i] = i + 1;
    const tend_scan_input asked[] = { { .name = inputs[0].column, .found = &found[0] } };
    const tend_scan about = { .world = &k.world,
                              .cached = &cached,
                              .accounts = accounts,
                              .account_count = ACCOUNTS,
                              .is_direct = is_direct,
                              .kind = found[0].kind,
                              .inputs = asked,
                              .input_count = 1,
                              .is_loose = true };

    ck_assert_int_eq(tend_scan_run(&about, refuse, NULL, &k.f.error), TEND_ELIMIT);
    close_all();
}
END_TEST

TESTS_WITH("kpi/scan", {
    tcase_add_loop_test(tcase, several_threads_see_what_one_sees, 0, 3);
    tcase_add_loop_test(tcase, rows_outside_a_range_are_left_out, 0, 2);
    tcase_add_test(tcase, a_failure_of_one_thread_ends_all);
})
