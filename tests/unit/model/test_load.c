#include "store_fixture.h"

static fixture f, other;
static bool are_checked; /* as an import's own records are; their texts last */

static void set_up(void)
{
    fixture_open(&f);
    fixture_open(&other);
    are_checked = false;
}

static void tear_down(void)
{
    fixture_close(&other);
    fixture_close(&f);
}

static void take_source(fixture *of)
{
    begin(of);
    TEST_OK(of, tend_model_source(of->model, "crm", &of->origin.source, &of->error));
    of->origin.batch = 7;
    commit(of);
}

static void put(fixture *of, const fixture_record *record)
{
    fixture_record inside = *record;

    inside.in_transaction = true;
    inside.checked = are_checked;
    (void)fixture_put(of, &inside);
}
#define PUT(of, ...) put((of), &(fixture_record){ __VA_ARGS__ })

enum { ACCOUNTS = 1500, SAMPLES = 3000 }; /* more than wait at once */

static void put_accounts(fixture *of)
{
    for (int i = 0; i < ACCOUNTS; i++) {
        const char *id = tend_arena_print(of->arena, "a-%d", (i * 7) % ACCOUNTS);

        PUT(of, .kind = TEND_KIND_ACCOUNT, .external = id,
            .fields = { { "name", text(i == 3 ? "Cafe\xcc\x81" : id) },
                        { "city", text("") },
                        { "revenue", i % 3 ? money(100 + i, "EUR") : nothing() },
                        { i % 2 ? "region" : "industry", text("north") },
                        { "parent", i % 10 == 9 ? ref(i) : nothing() } });
    }
}

static void put_usage(fixture *of)
{
    for (int i = 0; i < SAMPLES; i++) {
        PUT(of, .kind = TEND_KIND_USAGE, .external = tend_arena_print(of->arena, "u-%d", i), .effective = at("2026-01-01"),
            .fields = { { "account", ref(1 + i % ACCOUNTS) }, { "used_on", day("2026-01-01") }, { "uses", number(i) } });
    }
}

/* All but the secret of the store. */
static tend_buffer contents(fixture *of)
{
    static const char *const except[] = { "meta", NULL };
    tend_buffer out = { 0 };

    TEST_OK(of, tend_store_dump(of->store, except, fixture_line, &out, &of->error));
    return out;
}

static int64_t ask(fixture *of, const char *sql)
{
    int64_t count = -1;

    TEST_OK(of, tend_store_number(of->store, sql, -1, &count, &of->error));
    return count;
}

#define INDEXES "SELECT count(*) FROM sqlite_schema WHERE type='index' AND sql IS NOT NULL"

START_TEST(a_load_leaves_what_one_record_after_the_other_leaves) /* 1: with records that are checked */
{
    int64_t indexes = ask(&f, INDEXES);
    tend_buffer loaded, one_by_one;

    take_source(&f);
    take_source(&other);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    for (int i = 0; i < 2; i++) {
        are_checked = _i && i == 0;
        begin(i ? &other : &f);
        put_accounts(i ? &other : &f);
        commit(i ? &other : &f);
        begin(i ? &other : &f);
        put_usage(i ? &other : &f);
        commit(i ? &other : &f);
    }
    ck_assert_int_lt(ask(&f, INDEXES), indexes);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    loaded = contents(&f);
    one_by_one = contents(&other);
    ck_assert_msg(strcmp(tend_buffer_string(&loaded), tend_buffer_string(&one_by_one)) == 0, "the stores differ");
    tend_buffer_clear(&loaded);
    tend_buffer_clear(&one_by_one);
    ck_assert_int_eq(ask(&f, INDEXES), indexes);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts"), ACCOUNTS);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts WHERE currency='EUR'"), ACCOUNTS - (ACCOUNTS + 2) / 3);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts WHERE name='Caf\xc3\xa9'"), 1);
    TEST_OK(&f, tend_store_check(f.store, &f.error));
}
END_TEST

START_TEST(what_is_rolled_back_is_not_there_and_can_be_put_again)
{
    take_source(&f);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "a-1", .fields = { { "name", text("Acme") } });
    tend_model_rollback(f.model);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts"), 0);
    begin(&f);
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "a-1", .fields = { { "name", text("Acme") } });
    commit(&f);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts"), 1);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM identities WHERE external='a-1'"), 1);
}
END_TEST

START_TEST(records_of_a_source_that_has_rows_of_the_kind_find_them)
{
    int64_t id;

    take_source(&f);
    begin(&f);
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "a-1", .fields = { { "name", text("Acme") } });
    commit(&f);
    id = ask(&f, "SELECT id FROM accounts");
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "a-1", .fields = { { "name", text("Acme Ltd") } });
    PUT(&f, .kind = TEND_KIND_CONTACT, .external = "c-1", .fields = { { "account", ref(id) }, { "name", text("Jo") } });
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "a-2", .fields = { { "name", text("Bolt") } });
    commit(&f);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "name"), "Acme Ltd");
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts"), 2);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM contacts"), 1);
}
END_TEST

START_TEST(a_look_by_name_during_a_load_finds_what_waits)
{
    int64_t indexes = ask(&f, INDEXES), id = 0, every = 0;

    take_source(&f);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    put_accounts(&f);
    TEST_OK(&f, tend_identity_find(f.model, f.origin.source, TEND_KIND_ACCOUNT, "a-1499", 6, &id, &f.error));
    ck_assert_int_gt(id, 0);
    TEST_OK(&f, tend_identity_any(f.model, TEND_KIND_ACCOUNT, "a-1499", 6, &every, &f.error));
    ck_assert_int_eq(every, id);
    tend_model_rollback(f.model);
    begin(&f);
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "b-1", .fields = { { "name", text("Bolt") } });
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "b-2", .fields = { { "name", text("Nut") } });
    TEST_OK(&f, tend_identity_find(f.model, f.origin.source, TEND_KIND_ACCOUNT, "b-2", 3, &id, &f.error));
    ck_assert_int_eq(id, ask(&f, "SELECT id FROM accounts WHERE name='Nut'"));
    commit(&f);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    ck_assert_int_eq(ask(&f, INDEXES), indexes);
    TEST_OK(&f, tend_store_check(f.store, &f.error));
}
END_TEST

START_TEST(a_reference_to_nothing_is_refused_and_one_to_a_row_that_waits_is_not)
{
    tend_put_result result;

    take_source(&f);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "a-1", .fields = { { "name", text("Top") } });
    PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "a-2", .fields = { { "name", text("Below") }, { "parent", ref(1) } });
    ck_assert_int_eq(fixture_try(&f,
                                 &(fixture_record){ .kind = TEND_KIND_ACCOUNT,
                                                    .external = "a-3",
                                                    .in_transaction = true,
                                                    .fields = { { "name", text("Lost") }, { "parent", ref(99) } } },
                                 &result),
                     TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "account.parent: there is no account 99; import or add it first");
    commit(&f);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts"), 2);
    ck_assert_int_eq(ask(&f, "SELECT parent FROM accounts WHERE name='Below'"), 1);
}
END_TEST

START_TEST(indexes_that_a_crash_left_out_are_built_when_the_model_is_opened)
{
    int64_t indexes = ask(&f, INDEXES);

    take_source(&f);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    put_accounts(&f);
    commit(&f);
    ck_assert_int_lt(ask(&f, INDEXES), indexes);
    fixture_close_store(&f); /* without load_end, as a crash does */
    fixture_open_again(&f);
    ck_assert_int_eq(ask(&f, INDEXES), indexes);
    TEST_OK(&f, tend_store_check(f.store, &f.error));
}
END_TEST

#define HAS(name) "SELECT count(*) FROM sqlite_schema WHERE type='index' AND name='" name "'"

static void put_numbered(fixture *of, int id, int name)
{
    PUT(of, .kind = TEND_KIND_ACCOUNT, .external = tend_arena_print(of->arena, "a-%06d", id),
        .fields = { { "name", text(tend_arena_print(of->arena, "Company %d", name)) },
                    { "stage", text(id % 3 ? "active" : "prospect") } });
}

START_TEST(an_index_stands_where_keys_come_in_order_or_are_few)
{
    int64_t indexes = ask(&f, INDEXES);

    take_source(&f);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    for (int i = 0; i < ACCOUNTS; i++)
        put_numbered(&f, i, (i * 7) % ACCOUNTS);
    commit(&f);
    ck_assert_int_eq(ask(&f, HAS("accounts.external")), 1);
    ck_assert_int_eq(ask(&f, HAS("accounts.stage")), 1);
    ck_assert_int_eq(ask(&f, HAS("accounts.name")), 0);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    ck_assert_int_eq(ask(&f, INDEXES), indexes);
    TEST_OK(&f, tend_store_check(f.store, &f.error));
}
END_TEST

START_TEST(an_index_goes_when_its_keys_come_in_disorder_and_is_built_at_the_end)
{
    int64_t indexes = ask(&f, INDEXES), id = 0;
    const int sorted = 1000, all = 12000;

    take_source(&f);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    for (int i = 0; i < sorted; i++)
        put_numbered(&f, i, i);
    commit(&f);
    ck_assert_int_eq(ask(&f, HAS("accounts.external")), 1);
    begin(&f);
    for (int i = 0; i < all - sorted; i++)
        put_numbered(&f, sorted + (i * 7) % (all - sorted), i);
    ck_assert_int_eq(ask(&f, HAS("accounts.external")), 0);
    TEST_OK(&f, tend_identity_find(f.model, f.origin.source, TEND_KIND_ACCOUNT, "a-011999", 8, &id, &f.error));
    ck_assert_int_gt(id, 0);
    commit(&f);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    ck_assert_int_eq(ask(&f, INDEXES), indexes);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM accounts WHERE source IS NOT NULL AND external>='a-'"), all);
    TEST_OK(&f, tend_store_check(f.store, &f.error));
}
END_TEST

/* One account's contacts come among those of its neighbours (0), or of any other (1). */
START_TEST(an_index_stands_where_rows_refer_to_neighbours)
{
    int64_t indexes = ask(&f, INDEXES);
    const int accounts = 500, contacts = 3000;

    take_source(&f);
    TEST_OK(&f, tend_model_load_begin(f.model, f.origin.source, &f.error));
    begin(&f);
    for (int i = 0; i < accounts; i++)
        put_numbered(&f, i, i);
    for (int i = 0; i < contacts; i++) {
        int64_t account = _i == 0 ? 1 + ((i / 6) ^ (i % 2)) : 1 + i * 7 % accounts;

        PUT(&f, .kind = TEND_KIND_CONTACT, .external = tend_arena_print(f.arena, "c-%06d", i),
            .fields = { { "name", text("Somebody") }, { "account", ref(account) } });
    }
    commit(&f);
    ck_assert_int_eq(ask(&f, HAS("contacts.account")), _i == 0);
    TEST_OK(&f, tend_model_load_end(f.model, &f.error));
    ck_assert_int_eq(ask(&f, INDEXES), indexes);
    ck_assert_int_eq(ask(&f, "SELECT count(*) FROM contacts WHERE account BETWEEN 1 AND 500"), contacts);
    TEST_OK(&f, tend_store_check(f.store, &f.error));
}
END_TEST

TESTS_WITH("model/load", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_load_leaves_what_one_record_after_the_other_leaves, 0, 2);
    tcase_add_test(tcase, what_is_rolled_back_is_not_there_and_can_be_put_again);
    tcase_add_test(tcase, records_of_a_source_that_has_rows_of_the_kind_find_them);
    tcase_add_test(tcase, a_look_by_name_during_a_load_finds_what_waits);
    tcase_add_test(tcase, a_reference_to_nothing_is_refused_and_one_to_a_row_that_waits_is_not);
    tcase_add_test(tcase, an_index_stands_where_keys_come_in_order_or_are_few);
    tcase_add_loop_test(tcase, an_index_stands_where_rows_refer_to_neighbours, 0, 2);
    tcase_add_test(tcase, an_index_goes_when_its_keys_come_in_disorder_and_is_built_at_the_end);
    tcase_add_test(tcase, indexes_that_a_crash_left_out_are_built_when_the_model_is_opened);
})
