/* A replay is the store as it was known, instant by instant. The world of the first store is what it is held against. */
#include "model/replay.h"
#include "store_fixture.h"

static fixture f, g;
static tend_replay *replay;

static void set_up(void)
{
    fixture_open(&f);
    fixture_open(&g);
    TEST_OK(&f, tend_store_set_durable(f.store, false, &f.error));
    TEST_OK(&g, tend_store_set_durable(g.store, false, &g.error));
    replay = NULL;
}

static void tear_down(void)
{
    tend_replay_close(replay);
    fixture_close(&g);
    fixture_close(&f);
}

static void begin_replay(const char *without, const char *principal)
{
    TEST_OK(&g, tend_replay_open(f.store, g.model, without, principal, &replay, &g.error));
}

static void go_to(tend_time until)
{
    g.now = until;
    TEST_OK(&g, tend_replay_to(replay, until, false, &g.error));
}

/* Every row of a kind with all its fields, as text. */
static char *rows_of(fixture *of, tend_time known, tend_kind number)
{
    tend_world world = world_of(of, 0, known);
    const tend_kind_schema *kind = tend_schema_kind(of->schema, number);
    const char *source = NULL;
    tend_statement *statement;
    tend_buffer sql = { 0 }, out = { 0 };
    bool has_row = false;
    char *copy;

    TEST_OK(of, tend_world_source(&world, number, of->arena, &source, &of->error));
    tend_buffer_text(&sql, "SELECT x.id");
    for (int i = 0; i < kind->field_count; i++)
        tend_buffer_print(&sql, ", x.\"%s\"", kind->fields[i].name);
    tend_buffer_text(&sql, " FROM ");
    tend_buffer_text(&sql, source);
    tend_buffer_text(&sql, " x ORDER BY x.id");
    TEST_OK(of, tend_store_prepare(of->store, tend_buffer_string(&sql), &statement, &of->error));
    for (;;) {
        TEST_OK(of, tend_statement_step(statement, &has_row, &of->error));
        if (!has_row)
            break;
        for (int i = 0; i <= kind->field_count; i++) {
            const char *cell = tend_statement_is_null(statement, i) ? "-" : tend_statement_text(statement, i, NULL);

            tend_buffer_print(&out, "%s ", cell);
        }
        tend_buffer_byte(&out, '\n');
    }
    tend_statement_end(statement);
    copy = strdup(tend_buffer_string(&out));
    tend_buffer_clear(&sql);
    tend_buffer_clear(&out);
    return copy;
}

static void same_rows(tend_time known, tend_kind kind)
{
    char *wanted = rows_of(&f, known, kind), *got = rows_of(&g, 0, kind);

    ck_assert_str_eq(got, wanted);
    free(wanted);
    free(got);
}

START_TEST(a_replay_stands_where_the_world_stood_at_every_instant)
{
    static const tend_kind kinds[] = { TEND_KIND_ACCOUNT, TEND_KIND_CONTRACT, TEND_KIND_USAGE };
    tend_time days[40];
    int64_t accounts[5], contracts[5], samples[5];

    srandom((unsigned)_i + 1);
    for (int i = 0; i < 40; i++)
        days[i] = at("2025-01-01") + i * INT64_C(86400000);
    for (int i = 0; i < 5; i++) {
        accounts[i] = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = days[i], .known = days[random() % 10],
                               .fields = { { "name", text("Acme") }, { "seats", number(random() % 3) } })
                          .id;
        contracts[i] = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .effective = days[i], .known = days[10 + random() % 5],
                                .fields = { { "account", ref(accounts[i]) }, { "seats", number(random() % 3) } })
                           .id;
        samples[i] =
            TEST_PUT(
                &f, .kind = TEND_KIND_USAGE, .known = days[10 + random() % 5],
                .fields = { { "account", ref(accounts[i]) }, { "used_on", day("2025-01-02") }, { "uses", number(random() % 9) } })
                .id;
    }
    /* In the order in which they became known, as everything that is recorded when it happens. */
    for (int i = 15; i < 40; i++) {
        int64_t which = random() % 5;

        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = accounts[which], .effective = days[random() % (i + 1)], .known = days[i],
                 .fields = { { "seats", number(random() % 5) }, { "industry", random() % 2 ? text("Banks") : nothing() } });
        TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contracts[which], .effective = days[i], .known = days[i],
                 .removed = random() % 6 == 0, .fields = { { "seats", number(random() % 5) } });
        TEST_PUT(&f, .kind = TEND_KIND_USAGE, .id = samples[which], .known = days[i], .removed = random() % 6 == 0,
                 .fields = { { "uses", number(random() % 9) } });
    }
    begin_replay(NULL, NULL);
    for (int i = 0; i < 40; i++) {
        go_to(days[i]);
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            same_rows(days[i], kinds[k]);
    }
    ck_assert_int_eq(tend_replay_next(replay), TEND_NO_TIME);
    ck_assert_int_eq(tend_replay_counted(replay)->refused, 0);
    ck_assert_int_eq(tend_replay_counted(replay)->waiting, 0);
}
END_TEST

START_TEST(what_is_known_before_its_account_waits_for_it)
{
    int64_t account = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = at("2025-01-01"), .known = at("2025-06-01"),
                               .fields = { { "name", text("Acme") } })
                          .id;

    TEST_PUT(&f, .kind = TEND_KIND_USAGE, .known = at("2025-02-01"),
             .fields = { { "account", ref(account) }, { "used_on", day("2025-02-01") }, { "uses", number(7) } });
    begin_replay(NULL, NULL);
    go_to(at("2025-05-01"));
    ck_assert_int_eq(rows_then(&g, 0, 0, TEND_KIND_USAGE), 0);
    ck_assert_int_eq(tend_replay_counted(replay)->waiting, 1);
    go_to(at("2025-06-01"));
    ck_assert_int_eq(rows_then(&g, 0, 0, TEND_KIND_USAGE), 1);
    ck_assert_int_eq(tend_replay_counted(replay)->waiting, 0);
}
END_TEST

START_TEST(a_reference_is_filled_in_when_its_target_comes)
{
    int64_t user = TEST_PUT(&f, .kind = TEND_KIND_USER, .known = at("2025-03-01"), .fields = { { "name", text("Kim") } }).id;
    int64_t account = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .known = at("2025-01-01"),
                               .fields = { { "name", text("Acme") }, { "owner", ref(user) } })
                          .id;

    begin_replay(NULL, NULL);
    go_to(at("2025-02-01"));
    ck_assert_int_eq(number_then(&g, 0, 0, TEND_KIND_ACCOUNT, account, "owner"), -1);
    go_to(at("2025-03-01"));
    ck_assert_int_eq(number_then(&g, 0, 0, TEND_KIND_ACCOUNT, account, "owner"), user);
}
END_TEST

START_TEST(events_tell_each_row_and_each_change_once)
{
    int64_t late = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .known = at("2025-03-01"), .fields = { { "name", text("Late") } }).id;
    int64_t early = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .known = at("2025-01-01"), .fields = { { "name", text("Early") } }).id;

    ck_assert_int_lt(late, early);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = early, .known = at("2025-03-01"), .fields = { { "seats", number(5) } });
    begin_replay(NULL, NULL);
    go_to(at("2025-04-01"));
    ck_assert_str_eq(told(&g), "account.created 2, account.created 1, account.updated 2");
}
END_TEST

START_TEST(what_the_playbook_itself_made_stays_out)
{
    tend_principal mine = tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, "playbook:risk");
    int64_t account = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .known = at("2025-01-01"),
                               .fields = { { "name", text("Acme") }, { "industry", text("Banks") } })
                          .id;

    f.now = at("2025-02-01");
    TEST_PUT(&f, .kind = TEND_KIND_TASK, .fields = { { "title", text("Call") }, { "playbook", text("risk") } });
    TEST_PUT(&f, .kind = TEND_KIND_TASK, .fields = { { "title", text("Write") }, { "playbook", text("other") } });
    f.origin.principal = &mine;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "industry", text("Ships") } });
    begin_replay("risk", "playbook:risk");
    go_to(at("2025-03-01"));
    ck_assert_int_eq(rows_then(&g, 0, 0, TEND_KIND_TASK), 1);
    ck_assert_str_eq(text_then(&g, 0, 0, TEND_KIND_ACCOUNT, account, "industry"), "Banks");
    ck_assert_int_eq(tend_replay_counted(replay)->left_out, 1);
}
END_TEST

START_TEST(new_rows_get_ids_that_no_replayed_row_has)
{
    int64_t first = add_account(&f, "One"), second = add_account(&f, "Two");

    begin_replay(NULL, NULL);
    ck_assert_int_gt(add_account(&g, "Another"), second);
    go_to(f.now);
    ck_assert_str_eq(text_then(&g, 0, 0, TEND_KIND_ACCOUNT, first, "name"), "One");
    ck_assert_int_eq(tend_replay_counted(replay)->refused, 0);
}
END_TEST

START_TEST(a_merge_comes_when_it_was_made)
{
    int64_t one = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .known = at("2025-01-01"), .fields = { { "name", text("One") } }).id;
    int64_t two = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .known = at("2025-01-01"), .fields = { { "name", text("Two") } }).id;
    int64_t root = 0;
    tend_world world = tend_world_live(g.model);

    begin(&f);
    TEST_OK(&f, tend_merge(f.model, &f.origin, one, two, &f.error));
    commit(&f);
    begin_replay(NULL, NULL);
    go_to(at("2025-06-01"));
    TEST_OK(&g, tend_merge_resolve(&world, one, &root, &g.error));
    ck_assert_int_eq(root, one);
    go_to(f.now);
    TEST_OK(&g, tend_merge_resolve(&world, one, &root, &g.error));
    ck_assert_int_eq(root, two);
}
END_TEST

TESTS_WITH("model/replay", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_replay_stands_where_the_world_stood_at_every_instant, 0, 4);
    tcase_add_test(tcase, what_is_known_before_its_account_waits_for_it);
    tcase_add_test(tcase, a_reference_is_filled_in_when_its_target_comes);
    tcase_add_test(tcase, events_tell_each_row_and_each_change_once);
    tcase_add_test(tcase, what_the_playbook_itself_made_stays_out);
    tcase_add_test(tcase, new_rows_get_ids_that_no_replayed_row_has);
    tcase_add_test(tcase, a_merge_comes_when_it_was_made);
})
