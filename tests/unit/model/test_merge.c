#include "store_fixture.h"

static fixture f;

static void set_up(void)
{
    fixture_open(&f);
}

static void tear_down(void)
{
    fixture_close(&f);
}

static void merge(int64_t account, int64_t into)
{
    begin(&f);
    TEST_OK(&f, tend_merge(f.model, &f.origin, account, into, &f.error));
    commit(&f);
}

static int64_t unmerge(int64_t account)
{
    int64_t stays = -1;

    begin(&f);
    TEST_OK(&f, tend_unmerge(f.model, &f.origin, account, &stays, &f.error));
    commit(&f);
    return stays;
}

static const char *refused(int64_t account, int64_t into)
{
    begin(&f);
    ck_assert_int_lt(tend_merge(f.model, &f.origin, account, into, &f.error), 0);
    commit(&f);
    return f.error.text;
}

static int64_t resolved(tend_time effective, int64_t account)
{
    tend_world world = world_of(&f, effective, 0);
    int64_t root = 0;

    TEST_OK(&f, tend_merge_resolve(&world, account, &root, &f.error));
    return root;
}

START_TEST(a_merge_is_a_dated_link_and_can_be_closed)
{
    int64_t a = add_account(&f, "Acme"), b = add_account(&f, "ACME Inc"), contact;
    tend_row row;

    contact = TEST_PUT(&f, .kind = TEND_KIND_CONTACT, .fields = { { "name", text("Kim") }, { "account", ref(a) } }).id;
    f.now = at("2026-03-10");
    merge(a, b);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_CONTACT, contact, "account"), b);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_ACCOUNT), 1);
    ck_assert(read_then(&f, 0, 0, TEND_KIND_ACCOUNT, a, &row));
    ck_assert_int_eq(row.id, b);
    ck_assert_int_eq(number_then(&f, at("2026-03-09"), 0, TEND_KIND_CONTACT, contact, "account"), a);
    ck_assert_int_eq(rows_then(&f, at("2026-03-09"), 0, TEND_KIND_ACCOUNT), 2);
    f.now = at("2026-03-20");
    TEST_PUT(&f, .kind = TEND_KIND_NOTE, .fields = { { "account", ref(b) }, { "text", text("met them") } });
    ck_assert_int_eq(unmerge(a), 1);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_CONTACT, contact, "account"), a);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_ACCOUNT), 2);
    ck_assert_int_eq(number_then(&f, at("2026-03-15"), 0, TEND_KIND_CONTACT, contact, "account"), b);
    ck_assert_str_eq(told(&f), "account.created 1, account.created 2, contact.created 1, account.merged 1, note.created 1, "
                               "account.unmerged 1");
}
END_TEST

START_TEST(merges_are_followed_to_their_end)
{
    int64_t a = add_account(&f, "A"), b = add_account(&f, "B"), c = add_account(&f, "C");

    f.now = at("2026-03-10");
    merge(a, b);
    f.now = at("2026-03-11");
    merge(b, c);
    ck_assert_int_eq(resolved(0, a), c);
    ck_assert_int_eq(resolved(0, b), c);
    ck_assert_int_eq(resolved(at("2026-03-10"), a), b);
    f.now = at("2026-03-12");
    unmerge(b);
    ck_assert_int_eq(resolved(0, a), b);
    ck_assert_int_eq(resolved(0, b), b);
    ck_assert_int_eq(resolved(at("2026-03-11"), a), c);
    f.now = at("2026-03-13");
    unmerge(a);
    ck_assert_int_eq(resolved(0, a), a);
}
END_TEST

START_TEST(a_merge_and_its_end_in_one_instant_leave_nothing)
{
    int64_t a = add_account(&f, "A"), b = add_account(&f, "B");

    merge(a, b);
    unmerge(a);
    merge(a, b);
    ck_assert_int_eq(resolved(0, a), b);
    unmerge(a);
    ck_assert_int_eq(resolved(0, a), a);
}
END_TEST

START_TEST(merges_that_make_no_sense_are_refused)
{
    int64_t a = add_account(&f, "Acme"), b = add_account(&f, "Branch"), gone = add_account(&f, "Gone");

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = b, .fields = { { "parent", ref(a) } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = gone, .removed = true);
    ck_assert_str_eq(refused(a, a), "account 1: cannot be merged into itself; name two accounts");
    ck_assert_str_eq(refused(a, gone), "account 3: no such account; `tend list accounts` shows those that exist");
    ck_assert_str_eq(refused(a, b), "Branch: stands below Acme in the tree; give it another parent first");
    merge(b, a);
    ck_assert_str_eq(refused(a, b), "Branch: is merged into Acme itself; unmerge that first");
    ck_assert_str_eq(refused(b, a), "Branch: is merged into Acme already; unmerge it first");
}
END_TEST

START_TEST(children_of_a_merged_account_move_with_it)
{
    int64_t a = add_account(&f, "A"), b = add_account(&f, "B"), child = add_account(&f, "C");

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = child, .fields = { { "parent", ref(a) } });
    merge(a, b);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, child, "parent"), b);
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = b, .fields = { { "parent", ref(child) } }),
                     "account.parent: it would stand above itself: B > C > B; choose another one");
}
END_TEST

static tend_status collect(void *self, int64_t a, int64_t b, const char *why)
{
    tend_buffer_print(self, "%lld-%lld %s; ", (long long)a, (long long)b, why);
    return TEND_OK;
}

START_TEST(accounts_that_look_alike_are_found_best_first)
{
    tend_buffer found = { 0 };
    tend_world world;

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
             .fields = { { "name", text("The ACME Co., Ltd.") }, { "website", text("https://www.acme.com/kr") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Beta") }, { "phone", text("+82-2-1234-5678") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("acme inc") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Gamma") }, { "phone", text("02 1234 5678") } });
    TEST_PUT(&f, .kind = TEND_KIND_CONTACT,
             .fields = { { "name", text("Kim") }, { "account", ref(3) }, { "email", text("kim@acme.com") } });
    world = tend_world_live(f.model);
    TEST_OK(&f, tend_merge_candidates(&world, &f.principal, f.arena, collect, &found, &f.error));
    ck_assert_str_eq(tend_buffer_string(&found), "1-3 same name, domain; 2-4 same telephone; ");
    tend_buffer_clear(&found);
}
END_TEST

/* The plan of "the rows of one account", one line after the other. */
static const char *plan_of(tend_kind kind, const char *column)
{
    tend_world world = world_of(&f, 0, 0);
    const char *source = NULL, *copy;
    tend_buffer sql = { 0 }, plan = { 0 };
    tend_statement *statement = NULL;
    bool has_row = false;

    TEST_OK(&f, tend_world_source(&world, kind, f.arena, &source, &f.error));
    tend_buffer_text(&sql, "EXPLAIN QUERY PLAN SELECT x.id FROM ");
    tend_buffer_text(&sql, source);
    tend_buffer_print(&sql, " x WHERE x.%s=?1 ORDER BY x.id", column);
    TEST_OK(&f, tend_store_prepare(f.store, tend_buffer_string(&sql), &statement, &f.error));
    while (tend_statement_step(statement, &has_row, &f.error) >= 0 && has_row)
        tend_buffer_print(&plan, "%s\n", tend_statement_text(statement, 3, NULL));
    tend_statement_end(statement);
    copy = tend_arena_string(f.arena, tend_buffer_string(&plan));
    tend_buffer_clear(&sql);
    tend_buffer_clear(&plan);
    return copy;
}

START_TEST(the_rows_of_an_account_are_found_by_an_index_when_accounts_are_merged)
{
    int64_t a = add_account(&f, "Acme"), b = add_account(&f, "ACME Inc");

    merge(a, b);
    for (int i = 1; i < TEND_KIND_COUNT; i++) {
        const tend_kind_schema *kind = tend_schema_kind(f.schema, (tend_kind)i);
        const char *column = kind->kind == TEND_KIND_ACCOUNT ? "parent"
                             : kind->account_field >= 0      ? kind->fields[kind->account_field].name
                                                             : NULL;
        const char *plan, *index;
        int count = 0;

        if (!column)
            continue;
        plan = plan_of(kind->kind, column);
        index = tend_arena_print(f.arena, "USING INDEX %s.%s", kind->table, column);
        for (const char *found = plan; (found = strstr(found, index)); found++)
            count++;
        ck_assert_msg(count == 2, "%s: not both halves are searched:\n%s", kind->table, plan);
        ck_assert_msg(!strstr(plan, "SCAN m") && !strstr(plan, tend_arena_print(f.arena, "SCAN %s", kind->table)), "%s:\n%s",
                      kind->table, plan);
    }
}
END_TEST

TESTS_WITH("model/merge", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_merge_is_a_dated_link_and_can_be_closed);
    tcase_add_test(tcase, merges_are_followed_to_their_end);
    tcase_add_test(tcase, a_merge_and_its_end_in_one_instant_leave_nothing);
    tcase_add_test(tcase, merges_that_make_no_sense_are_refused);
    tcase_add_test(tcase, children_of_a_merged_account_move_with_it);
    tcase_add_test(tcase, accounts_that_look_alike_are_found_best_first);
    tcase_add_test(tcase, the_rows_of_an_account_are_found_by_an_index_when_accounts_are_merged);
})
