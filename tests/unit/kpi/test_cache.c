#include "bus/since.h"
#include "kpi/cache.h"
#include "kpi/columns.h"
#include "kpi_fixture.h"
#include "model/erase.h"
#include <dirent.h>

static kpi_fixture k;
static tend_cache *cache;

static const tend_input contract_inputs[] = {
    { "contract.starts_on", TEND_ALL }, { "contract.active_until", TEND_ALL }, { "contract.annual_amount", TEND_ALL },
    { "contract.status", TEND_ALL },    { "account.name", TEND_LATEST },       { NULL, TEND_ALL },
};
static const tend_input answer_inputs[] = {
    { "answer.survey", TEND_ALL },
    { "answer.score", TEND_ALL },
    { "answer.answered_at", TEND_ALL },
    { NULL, TEND_ALL },
};
static const tend_input latest_inputs[] = {
    { "answer.score", TEND_LATEST },
    { "contract.annual_amount", TEND_LATEST },
    { NULL, TEND_ALL },
};
static const tend_input row_inputs[] = {
    { "contract.annual_amount", TEND_ALL },
    { "contract.active_until", TEND_ALL },
    { "contract.status", TEND_ALL },
    { NULL, TEND_ALL },
};
static const tend_input *const all_inputs[] = { contract_inputs, answer_inputs, latest_inputs, row_inputs };
enum { ALL_INPUTS = sizeof all_inputs / sizeof *all_inputs };

static const char *folder(void)
{
    return test_folder_path(&k.f.folder, "columns");
}

static void open_cache(void)
{
    TEST_OK(&k.f, tend_cache_new(folder(), 0, &cache, &k.f.error));
    for (size_t i = 0; i < ALL_INPUTS; i++)
        TEST_OK(&k.f, tend_cache_want(cache, k.f.schema, all_inputs[i], &k.f.error));
}

static void open_all(void)
{
    memset(&k, 0, sizeof k);
    fixture_open(&k.f);
    open_cache();
    k.world = tend_world_live(k.f.model);
}

static void close_all(void)
{
    tend_cache_free(cache);
    fixture_close(&k.f);
}

static void keep(void)
{
    TEST_OK(&k.f, tend_cache_keep(cache, &k.world, &k.f.error));
}

/* Whether readers get chunks now. */
static bool is_used(void)
{
    const tend_cached *cached = NULL;
    bool used;

    TEST_OK(&k.f, tend_cache_take(cache, &k.world, &cached, &k.f.error));
    used = cached != NULL;
    tend_cache_give(cached);
    return used;
}

/* ---- both ways give the same ------------------------------------------------------------------------------------------- */

static void check_value(const tend_column *a, const tend_column *b, uint32_t row)
{
    ck_assert_int_eq(a->values[row] == TEND_UNKNOWN, b->values[row] == TEND_UNKNOWN);
    if (a->values[row] == TEND_UNKNOWN)
        return;
    if (a->words)
        ck_assert_str_eq(a->words[a->values[row]], b->words[b->values[row]]);
    else
        ck_assert_int_eq(a->values[row], b->values[row]);
}

static void check_input(const tend_frame *a, const tend_frame *b, uint32_t input)
{
    const tend_column *left = &a->batch.columns[input], *right = &b->batch.columns[input];
    uint32_t rows = a->batch.accounts;

    ck_assert_int_eq(a->kinds[input], b->kinds[input]);
    ck_assert_int_eq(left->starts != NULL, right->starts != NULL);
    ck_assert_int_eq(left->words != NULL, right->words != NULL);
    if (left->starts) {
        for (uint32_t i = 0; i <= a->batch.accounts; i++)
            ck_assert_uint_eq(left->starts[i], right->starts[i]);
        rows = left->starts[rows];
    }
    for (uint32_t row = 0; row < rows; row++) {
        check_value(left, right, row);
        ck_assert_int_eq(a->rows[input][row], b->rows[input][row]);
        ck_assert_int_eq(a->at[input][row], b->at[input][row]);
    }
}

static void check_frames(const tend_frame *a, const tend_frame *b)
{
    ck_assert_uint_eq(a->batch.accounts, b->batch.accounts);
    ck_assert_uint_eq(a->batch.inputs, b->batch.inputs);
    ck_assert_uint_eq(a->facts, b->facts);
    for (uint32_t i = 0; i < a->batch.accounts; i++) {
        ck_assert_int_eq(a->accounts[i], b->accounts[i]);
        ck_assert_int_eq(a->newest[i], b->newest[i]);
        if (a->currencies)
            ck_assert_str_eq(a->currencies[i], b->currencies[i]);
    }
    for (uint32_t input = 0; input < a->batch.inputs; input++)
        check_input(a, b, input);
}

static void check_scope(const tend_scope *scope)
{
    const tend_period period = { (tend_date)day("2025-03-02").integer, (tend_date)day("2026-03-02").integer };
    tend_columns *kept = NULL, *direct = NULL;
    const tend_frame *a = NULL, *b = NULL;
    const tend_sealed *sealed = NULL;

    TEST_OK(&k.f, tend_columns_new(&k.world, cache, scope, period, "USD", &kept, &k.f.error));
    TEST_OK(&k.f, tend_columns_new(&k.world, NULL, scope, period, "USD", &direct, &k.f.error));
    for (size_t i = 0; i < ALL_INPUTS; i++)
        for (int is_money = 0; is_money < 2; is_money++) {
            if (scope && all_inputs[i] == row_inputs) /* the same rows as above, for what is put right in place */
                continue;
            TEST_OK(&k.f, tend_columns_frame(kept, all_inputs[i], is_money, &a, &k.f.error));
            TEST_OK(&k.f, tend_columns_frame(direct, all_inputs[i], is_money, &b, &k.f.error));
            check_frames(a, b);
            if (all_inputs[i] != answer_inputs && all_inputs[i] != row_inputs)
                continue;                                               /* the others are made anew for every period */
            TEST_OK(&k.f, tend_columns_sealed(a, &sealed, &k.f.error)); /* from now on it is put right in place where it can be */
            check_frames(a, b);
        }
    tend_columns_free(kept);
    tend_columns_free(direct);
}

/* All accounts, and some of them with others that are none. */
static void check_both_ways(int64_t some)
{
    const int64_t few[] = { some, 3, some + 2, 1, 100000 };

    check_scope(NULL);
    check_scope(&(tend_scope){ .accounts = few, .count = sizeof few / sizeof *few });
}

/* ---- random histories -------------------------------------------------------------------------------------------------- */

enum { ACCOUNTS = 24, MOST_ROWS = 400 };

typedef struct history {
    uint64_t seed;
    int64_t accounts[ACCOUNTS], merged[ACCOUNTS], contracts[MOST_ROWS], answers[MOST_ROWS], batches[64];
    size_t account_count, contract_count, answer_count, batch_count;
} history;

static uint64_t roll(history *h, uint64_t below)
{
    h->seed ^= h->seed << 13;
    h->seed ^= h->seed >> 7;
    h->seed ^= h->seed << 17;
    return (h->seed >> 11) % below;
}

static int64_t some_account(history *h)
{
    return h->accounts[roll(h, h->account_count)];
}

static const char *const currencies[] = { "USD", "EUR", "KRW" };
static const char *const statuses[] = { "active", "ended", "offered", "signed", "cancelled" };
static const char *const surveys[] = { "nps", "csat", "ces" };
static const char *const days[] = { "2023-01-05", "2024-02-29", "2025-03-02", "2025-11-30", "2026-03-01" };

static void new_account(history *h)
{
    const char *currency = currencies[roll(h, 3)];

    if (h->account_count < ACCOUNTS)
        h->accounts[h->account_count++] =
            TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT,
                     .fields = { { "name", text(days[roll(h, 5)]) }, { "currency", roll(h, 2) ? text(currency) : nothing() } })
                .id;
}

/* What a gone account would get is refused. */
static void try_new(const fixture_record *record, int64_t *ids, size_t *count)
{
    tend_put_result result;

    if (*count < MOST_ROWS && fixture_try(&k.f, record, &result) >= 0)
        ids[(*count)++] = result.id;
}

static void new_contract(history *h)
{
    const char *currency = currencies[roll(h, 3)];

    try_new(&(fixture_record){ .kind = TEND_KIND_CONTRACT,
                               .effective = at(days[roll(h, 5)]),
                               .fields = { { "account", ref(some_account(h)) },
                                           { "status", text(statuses[roll(h, 5)]) },
                                           { "starts_on", day(days[roll(h, 5)]) },
                                           { "ends_on", roll(h, 2) ? day("2026-12-31") : nothing() },
                                           { "currency", roll(h, 4) ? text(currency) : nothing() },
                                           { "annual_amount", money((int64_t)roll(h, 1000000), currency) },
                                           { "auto_renew", (tend_value){ .type = TEND_BOOL, .integer = (int64_t)roll(h, 2) } } } },
            h->contracts, &h->contract_count);
}

static void new_answer(history *h)
{
    try_new(
        &(fixture_record){ .kind = TEND_KIND_ANSWER,
                           .fields = { { "account", ref(some_account(h)) },
                                       { "survey", text(surveys[roll(h, 3)]) },
                                       { "score", number((int64_t)roll(h, 11)) },
                                       { "answered_at", (tend_value){ .type = TEND_TIME, .integer = at(days[roll(h, 5)]) } } } },
        h->answers, &h->answer_count);
}

static void change_contract(history *h)
{
    fixture_record record = { .kind = TEND_KIND_CONTRACT, .effective = at(days[roll(h, 5)]) };
    tend_put_result result;

    if (h->contract_count == 0)
        return;
    record.id = h->contracts[roll(h, h->contract_count)];
    switch (roll(h, 5)) {
    case 0:
        record.fields[0].name = "account";
        record.fields[0].value = ref(some_account(h));
        break;
    case 1:
        record.fields[0].name = "annual_amount";
        record.fields[0].value = money((int64_t)roll(h, 1000000), currencies[roll(h, 3)]);
        record.fields[1].name = "currency";
        record.fields[1].value = text(record.fields[0].value.currency);
        break;
    case 2:
        record.removed = true;
        break;
    default:
        record.fields[0].name = "status";
        record.fields[0].value = text(statuses[roll(h, 5)]);
    }
    (void)fixture_try(&k.f, &record, &result); /* a row that is gone is refused */
}

static void correct_answer(history *h)
{
    fixture_record record = { .kind = TEND_KIND_ANSWER };
    tend_put_result result;

    if (h->answer_count == 0)
        return;
    record.id = h->answers[roll(h, h->answer_count)];
    if (roll(h, 4) == 0) {
        record.removed = true;
    } else if (roll(h, 3) == 0) {
        record.fields[0].name = "account";
        record.fields[0].value = ref(some_account(h));
    } else {
        record.fields[0].name = "score";
        record.fields[0].value = number((int64_t)roll(h, 11));
        record.known = roll(h, 2) ? at("2024-06-01") : 0; /* learnt late */
    }
    (void)fixture_try(&k.f, &record, &result);
}

static void change_account(history *h)
{
    fixture_record record = { .kind = TEND_KIND_ACCOUNT, .id = some_account(h) };
    tend_put_result result;

    if (roll(h, 6) == 0) {
        record.removed = true;
    } else {
        record.fields[0].name = "currency";
        record.fields[0].value = text(currencies[roll(h, 3)]);
        record.fields[1].name = "name";
        record.fields[1].value = text(days[roll(h, 5)]);
    }
    (void)fixture_try(&k.f, &record, &result);
}

static void merge_or_part(history *h)
{
    const int64_t account = some_account(h), into = some_account(h);
    int64_t stays;

    begin(&k.f);
    if (roll(h, 3) == 0 || tend_merge(k.f.model, &k.f.origin, account, into, &k.f.error) < 0)
        (void)tend_unmerge(k.f.model, &k.f.origin, account, &stays, &k.f.error);
    commit(&k.f);
}

static void by_batch(history *h)
{
    bool is_resumed;
    int64_t batch, events;

    if (h->batch_count == 64)
        return;
    begin(&k.f);
    TEST_OK(&k.f, tend_batch_open(k.f.model, &k.f.origin, "set", "some", NULL, &batch, &is_resumed, &k.f.error));
    commit(&k.f);
    k.f.origin.batch = batch;
    k.f.origin.is_held = roll(h, 2);
    new_answer(h);
    new_contract(h);
    check_both_ways(some_account(h)); /* while it is held */
    change_contract(h);
    k.f.origin.batch = 0;
    k.f.origin.is_held = false;
    begin(&k.f);
    TEST_OK(&k.f, tend_batch_close(k.f.model, batch, &events, &k.f.error));
    commit(&k.f);
    h->batches[h->batch_count++] = batch;
}

static void undo(history *h)
{
    tend_undo_report report;
    size_t which;

    if (h->batch_count == 0)
        return;
    which = roll(h, h->batch_count);
    begin(&k.f);
    if (tend_batch_undo(k.f.model, &k.f.origin, h->batches[which], k.f.arena, &report, &k.f.error) < 0)
        tend_model_rollback(k.f.model);
    else
        commit(&k.f);
    h->batches[which] = h->batches[--h->batch_count];
}

static void erase(history *h)
{
    const int64_t account = some_account(h);
    int64_t values = 0;

    begin(&k.f);
    TEST_OK(&k.f, tend_erase_field(k.f.model, &k.f.origin, TEND_KIND_ACCOUNT, account, field_of(&k.f, TEND_KIND_ACCOUNT, "name"),
                                   &values, &k.f.error));
    TEST_OK(&k.f, tend_erase_tell(k.f.model, &k.f.origin, TEND_KIND_ACCOUNT, account, &k.f.error));
    commit(&k.f);
}

START_TEST(chunks_and_store_give_the_same_frames)
{
    static void (*const moves[])(history * h) = { new_account,    new_contract,    new_contract,    new_answer,
                                                  new_answer,     change_contract, change_contract, correct_answer,
                                                  change_account, merge_or_part,   by_batch,        undo };
    history h = { .seed = 0x9e3779b97f4a7c15u + (uint64_t)_i * 7919u };
    int used = 0;

    open_all();
    for (int i = 0; i < 4; i++)
        new_account(&h);
    for (int i = 0; i < 100; i++) {
        k.f.now += 1000 + (tend_time)roll(&h, 86400000);
        moves[roll(&h, sizeof moves / sizeof *moves)](&h);
        if (roll(&h, 40) == 0)
            erase(&h);
        if (roll(&h, 6) == 0)
            keep();
        if (roll(&h, 12) == 0) { /* another process */
            tend_cache_free(cache);
            open_cache();
        }
        if (roll(&h, 30) == 0)
            tend_cache_remove(folder());
        k.world = tend_world_live(k.f.model);
        used += is_used();
        check_both_ways(some_account(&h));
    }
    ck_assert_int_gt(used, 25);
    close_all();
}
END_TEST

/* ---- when chunks are not used ------------------------------------------------------------------------------------------ */

static void add_some(void)
{
    for (int i = 0; i < 5; i++) {
        const int64_t account = add_account(&k.f, "Acme");

        put_contract(&k.f, account, &(contract_record){ .starts = "2024-01-01", .amount = 100 + i });
        put_answer(&k.f, account, "nps", i, "2025-06-01");
    }
}

/* The path of the one chunk of the table. */
static const char *chunk_of(const char *table)
{
    DIR *open = opendir(folder());
    const struct dirent *entry;
    const char *path = NULL;

    ck_assert_ptr_nonnull(open);
    while (!path && (entry = readdir(open)) != NULL) {
        char name[300];

        if (strncmp(entry->d_name, table, strlen(table)) != 0)
            continue;
        (void)snprintf(name, sizeof name, "columns/%.200s", entry->d_name);
        path = test_folder_path(&k.f.folder, name);
    }
    (void)closedir(open);
    ck_assert_ptr_nonnull(path);
    return path;
}

START_TEST(a_past_world_is_read_from_the_store)
{
    open_all();
    add_some();
    keep();
    ck_assert(is_used());
    k.world.effective = at("2025-01-01");
    ck_assert(!is_used());
    k.world.effective = TEND_NO_TIME;
    k.world.known = at("2025-01-01");
    ck_assert(!is_used());
    close_all();
}
END_TEST

START_TEST(what_is_not_committed_yet_is_seen)
{
    open_all();
    add_some();
    keep();
    begin(&k.f);
    TEST_PUT(&k.f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "name", text("Bolt") } });
    ck_assert(!is_used());
    check_both_ways(2);
    commit(&k.f);
    ck_assert(is_used());
    check_both_ways(2);
    close_all();
}
END_TEST

START_TEST(another_history_of_the_store_does_not_match)
{
    open_all();
    add_some();
    const char *copy = test_folder_path(&k.f.folder, "copy.db");

    TEST_OK(&k.f, tend_store_copy(k.f.store, copy, false, &k.f.error));
    k.f.now += 1000;
    add_some();
    keep();
    ck_assert(is_used());
    fixture_close_store(&k.f);
    ck_assert_int_eq(rename(copy, test_folder_path(&k.f.folder, "a.db")), 0);
    fixture_open_again(&k.f);
    tend_cache_free(cache);
    open_cache();
    k.world = tend_world_live(k.f.model);
    ck_assert(!is_used());
    k.f.now += 1000;
    add_some(); /* as many events as before, of another time */
    ck_assert(!is_used());
    check_both_ways(2);
    keep();
    ck_assert(is_used());
    check_both_ways(2);
    close_all();
}
END_TEST

START_TEST(broken_chunks_cost_nothing_but_time)
{
    static const char *const tables[] = { "contracts", "answers", "accounts" };

    open_all();
    add_some();
    keep();
    char path[512];
    size_t length, tried = 0;
    char *bytes = test_file_read(strcpy(path, chunk_of(tables[_i])), &length);

    for (size_t at = 0; at < length; at += 1 + length / 60, tried++) {
        FILE *file = fopen(path, "r+b");

        ck_assert_ptr_nonnull(file);
        bytes[at] = (char)(bytes[at] ^ 4);
        ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
        ck_assert_int_eq(fclose(file), 0);
        bytes[at] = (char)(bytes[at] ^ 4);
        tend_cache_free(cache);
        open_cache();
        check_both_ways(2);
    }
    ck_assert_uint_gt(tried, 50);
    free(bytes);
    keep();
    ck_assert_int_eq(unlink(chunk_of(tables[_i])), 0);
    tend_cache_free(cache);
    open_cache();
    ck_assert(!is_used());
    check_both_ways(2);
    keep();
    ck_assert(is_used());
    check_both_ways(2);
    close_all();
}
END_TEST

START_TEST(few_accounts_are_not_kept)
{
    open_all();
    tend_cache_free(cache);
    TEST_OK(&k.f, tend_cache_new(folder(), 6, &cache, &k.f.error));
    TEST_OK(&k.f, tend_cache_want(cache, k.f.schema, contract_inputs, &k.f.error));
    add_some();
    keep();
    ck_assert(!is_used());
    ck_assert_int_ne(access(folder(), F_OK), 0);
    add_some();
    keep();
    ck_assert(is_used());
    close_all();
}
END_TEST

START_TEST(a_new_column_is_kept_from_the_next_time_on)
{
    static const tend_input more[] = { { "contract.seats", TEND_ALL }, { NULL, TEND_ALL } };

    open_all();
    add_some();
    keep();
    TEST_OK(&k.f, tend_cache_want(cache, k.f.schema, more, &k.f.error));
    ck_assert(is_used());
    check_both_ways(2);
    char before[512];

    (void)strcpy(before, chunk_of("contracts"));
    keep();
    ck_assert_str_ne(chunk_of("contracts"), before);
    check_both_ways(2);
    close_all();
}
END_TEST

START_TEST(erased_words_are_in_no_chunk)
{
    size_t length;
    int64_t account, values = 0;
    char *bytes;

    open_all();
    account = add_account(&k.f, "Zebulon Quist");
    keep();
    bytes = test_file_read(chunk_of("accounts"), &length);
    ck_assert_ptr_nonnull(memmem(bytes, length, "Zebulon", 7));
    free(bytes);
    begin(&k.f);
    TEST_OK(&k.f, tend_erase_field(k.f.model, &k.f.origin, TEND_KIND_ACCOUNT, account, field_of(&k.f, TEND_KIND_ACCOUNT, "name"),
                                   &values, &k.f.error));
    TEST_OK(&k.f, tend_erase_tell(k.f.model, &k.f.origin, TEND_KIND_ACCOUNT, account, &k.f.error));
    commit(&k.f);
    ck_assert(!is_used());
    keep();
    ck_assert(is_used());
    bytes = test_file_read(chunk_of("accounts"), &length);
    ck_assert_ptr_null(memmem(bytes, length, "Zebulon", 7));
    free(bytes);
    close_all();
}
END_TEST

TESTS_WITH("kpi/cache", {
    tcase_add_loop_test(tcase, chunks_and_store_give_the_same_frames, 0, 5);
    tcase_add_test(tcase, a_past_world_is_read_from_the_store);
    tcase_add_test(tcase, what_is_not_committed_yet_is_seen);
    tcase_add_test(tcase, another_history_of_the_store_does_not_match);
    tcase_add_loop_test(tcase, broken_chunks_cost_nothing_but_time, 0, 3);
    tcase_add_test(tcase, few_accounts_are_not_kept);
    tcase_add_test(tcase, a_new_column_is_kept_from_the_next_time_on);
    tcase_add_test(tcase, erased_words_are_in_no_chunk);
})
