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

static int64_t open_batch(const char *what)
{
    int64_t batch = 0;

    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, what, "by a test", NULL, &batch, NULL, &f.error));
    commit(&f);
    f.origin.batch = batch;
    return batch;
}

static int64_t close_batch(void)
{
    int64_t events = 0;

    begin(&f);
    TEST_OK(&f, tend_batch_close(f.model, f.origin.batch, &events, &f.error));
    commit(&f);
    f.origin.batch = 0;
    f.origin.is_held = false;
    return events;
}

static tend_undo_report undo(int64_t batch)
{
    tend_undo_report report;

    f.now += 60000;
    begin(&f);
    TEST_OK(&f, tend_batch_undo(f.model, &f.origin, batch, f.arena, &report, &f.error));
    commit(&f);
    return report;
}

START_TEST(undo_removes_what_was_made_and_restores_what_was_changed)
{
    int64_t old = add_account(&f, "Acme"), batch, made;
    tend_undo_report report;

    f.now += 1000;
    batch = open_batch("set");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = old, .fields = { { "name", text("Ajax") }, { "seats", number(9) } });
    made = add_account(&f, "Mistake");
    close_batch();
    report = undo(batch);
    ck_assert_int_eq(report.restored, 3);
    ck_assert_uint_eq(report.left_count, 0);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, old, "name"), "Acme");
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, old, "seats"), -1);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, made, "name"), "gone");
    report = undo(report.batch);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, old, "name"), "Ajax");
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, old, "seats"), 9);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, made, "name"), "Mistake");
}
END_TEST

START_TEST(undo_leaves_what_changed_since)
{
    int64_t id = add_account(&f, "Acme"), batch, made;
    tend_undo_report report;

    f.now += 1000;
    batch = open_batch("set");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "name", text("Ajax") }, { "city", text("Seoul") } });
    made = add_account(&f, "New");
    close_batch();
    f.now += 1000;
    f.principal = tend_principal_named(TEND_PRINCIPAL_PERSON, "kim");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "name", text("Apex") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = made, .fields = { { "city", text("Busan") } });
    f.principal = tend_principal_administrator();
    report = undo(batch);
    ck_assert_int_eq(report.restored, 1);
    ck_assert_uint_eq(report.left_count, 2);
    ck_assert_int_eq(report.left[0].row, id);
    ck_assert_int_eq(report.left[0].field, field_of(&f, TEND_KIND_ACCOUNT, "name"));
    ck_assert_str_eq(report.left[0].why, "changed since by kim");
    ck_assert_int_eq(report.left[1].row, made);
    ck_assert_int_eq(report.left[1].field, -1);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "name"), "Apex");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "city"), "-");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, made, "city"), "Busan");
}
END_TEST

START_TEST(what_is_left_is_listed_once)
{
    fixture_record usage = { .kind = TEND_KIND_USAGE,
                             .external = "U",
                             .fields = { { "used_on", day("2025-01-01") }, { "uses", number(1) } } };
    int64_t id = add_account(&f, "Acme"), batch;
    tend_undo_report report;

    fixture_put(&f, &usage);
    batch = open_batch("set");
    for (int i = 2; i < 5; i++) {
        f.now += 1000;
        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "seats", number(i) } });
        usage.fields[1].value = number(i);
        fixture_put(&f, &usage);
    }
    close_batch();
    f.now += 1000;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "seats", number(9) } });
    usage.fields[1].value = number(9);
    fixture_put(&f, &usage);
    report = undo(batch);
    ck_assert_int_eq(report.restored, 0);
    ck_assert_uint_eq(report.left_count, 2);
    ck_assert_int_eq(report.left[0].kind, TEND_KIND_ACCOUNT);
    ck_assert_int_eq(report.left[1].kind, TEND_KIND_USAGE);
    ck_assert_str_eq(report.left[1].why, "a later version came since");
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), 9);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, 1, "uses"), 9);
}
END_TEST

START_TEST(undo_leaves_a_row_that_others_refer_to)
{
    int64_t batch = open_batch("import"), lone = add_account(&f, "Lone"), used = add_account(&f, "Used");
    tend_undo_report report;

    close_batch();
    TEST_PUT(&f, .kind = TEND_KIND_TASK, .fields = { { "title", text("Call") }, { "account", ref(used) } });
    report = undo(batch);
    ck_assert_int_eq(report.restored, 1);
    ck_assert_uint_eq(report.left_count, 1);
    ck_assert_int_eq(report.left[0].row, used);
    ck_assert_str_eq(report.left[0].why, "task 1 refers to it");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, lone, "name"), "gone");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, used, "name"), "Used");
}
END_TEST

START_TEST(undo_takes_rows_that_refer_to_each_other_back)
{
    int64_t batch = open_batch("import"), top = add_account(&f, "Top"), below;
    tend_undo_report report;

    below = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Below") }, { "parent", ref(top) } }).id;
    TEST_PUT(&f, .kind = TEND_KIND_CONTACT, .fields = { { "name", text("Kim") }, { "account", ref(below) } });
    TEST_PUT(&f, .kind = TEND_KIND_USAGE, .fields = { { "used_on", day("2025-01-01") }, { "account", ref(below) } });
    close_batch();
    report = undo(batch);
    ck_assert_int_eq(report.restored, 4);
    ck_assert_uint_eq(report.left_count, 0);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_ACCOUNT), 0);
    report = undo(report.batch);
    ck_assert_int_eq(report.restored, 4);
    ck_assert_uint_eq(report.left_count, 0);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_ACCOUNT), 2);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_USAGE), 1);
}
END_TEST

START_TEST(undo_takes_facts_and_corrections_back)
{
    fixture_record kept = { .kind = TEND_KIND_USAGE,
                            .external = "U-1",
                            .fields = { { "used_on", day("2025-01-01") }, { "uses", number(3) } } };
    fixture_record gone = { .kind = TEND_KIND_USAGE,
                            .external = "U-2",
                            .fields = { { "used_on", day("2025-01-02") }, { "uses", number(7) } } };
    fixture_record made = { .kind = TEND_KIND_USAGE,
                            .external = "U-3",
                            .fields = { { "used_on", day("2025-01-03") }, { "uses", number(8) } } };
    int64_t first = fixture_put(&f, &kept).id, second = fixture_put(&f, &gone).id, third, batch;
    tend_undo_report report;

    f.now += 1000;
    batch = open_batch("import");
    kept.fields[1].value = number(4);
    fixture_put(&f, &kept);
    gone.removed = true;
    fixture_put(&f, &gone);
    third = fixture_put(&f, &made).id;
    close_batch();
    report = undo(batch);
    ck_assert_int_eq(report.restored, 3);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, first, "uses"), 3);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, second, "uses"), 7);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, third, "uses"), -2);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_USAGE), 2);
    report = undo(report.batch);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, first, "uses"), 4);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, second, "uses"), -2);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, third, "uses"), 8);
}
END_TEST

START_TEST(undo_of_an_older_record_mends_the_past_alone)
{
    int64_t id, batch;

    id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .effective = at("2025-01-01"),
                  .fields = { { "name", text("Acme") }, { "region", text("EMEA") } })
             .id;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-06-01"), .fields = { { "region", text("APAC") } });
    batch = open_batch("set");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2025-03-01"), .fields = { { "region", text("AMER") } });
    close_batch();
    ck_assert_str_eq(text_then(&f, at("2025-04-01"), 0, TEND_KIND_ACCOUNT, id, "region"), "AMER");
    ck_assert_int_eq(undo(batch).restored, 1);
    ck_assert_str_eq(text_then(&f, at("2025-04-01"), 0, TEND_KIND_ACCOUNT, id, "region"), "EMEA");
    ck_assert_str_eq(text_then(&f, at("2025-07-01"), 0, TEND_KIND_ACCOUNT, id, "region"), "APAC");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "region"), "APAC");
}
END_TEST

static unsigned seed;

static int64_t any(int64_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (int64_t)(seed >> 8) % below;
}

/* Some ten accounts and usage samples, written, corrected and removed at random. */
static void write_at_random(int count)
{
    static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };

    for (int i = 0; i < count; i++) {
        fixture_record account = { .kind = TEND_KIND_ACCOUNT,
                                   .external = names[any(10)],
                                   .removed = any(6) == 0,
                                   .fields = { { "name", text(names[any(10)]) },
                                               { "seats", any(4) ? number(any(5)) : nothing() } } };
        fixture_record usage = { .kind = TEND_KIND_USAGE,
                                 .external = names[any(10)],
                                 .removed = any(6) == 0,
                                 .fields = { { "used_on", day("2025-01-01") }, { "uses", number(any(5)) } } };

        f.now += 1000;
        fixture_put(&f, any(2) ? &account : &usage);
    }
}

/* What everybody sees now, without the ids of versions. */
static const char *seen_now(void)
{
    tend_statement *statement = NULL;
    tend_buffer all = { 0 };
    bool has_row = false;
    const char *copy;

    TEST_OK(&f, tend_store_prepare(f.store,
                                   "SELECT 'account', id, name, seats FROM accounts WHERE removed_at IS NULL UNION ALL "
                                   "SELECT 'usage', fact, used_on, uses FROM usage_samples WHERE closed_at IS NULL ORDER BY 1, 2",
                                   &statement, &f.error));
    while (tend_statement_step(statement, &has_row, &f.error) >= 0 && has_row) {
        const char *name = tend_statement_text(statement, 2, NULL);

        tend_buffer_print(&all, "%lld %s ", (long long)tend_statement_int(statement, 1), name ? name : "-");
        tend_buffer_print(&all, "%lld%s\n", (long long)tend_statement_int(statement, 3),
                          tend_statement_is_null(statement, 3) ? " null" : "");
    }
    tend_statement_end(statement);
    copy = tend_arena_string(f.arena, tend_buffer_string(&all));
    tend_buffer_clear(&all);
    return copy;
}

START_TEST(undo_of_anything_brings_the_same_view_back)
{
    const char *before, *after;
    int64_t batch;
    tend_undo_report report;

    seed = 1 + (unsigned)_i;
    open_batch("import");
    write_at_random(30);
    close_batch();
    before = seen_now();
    batch = open_batch("import");
    write_at_random(30);
    close_batch();
    after = seen_now();
    report = undo(batch);
    ck_assert_uint_eq(report.left_count, 0);
    ck_assert_str_eq(seen_now(), before);
    report = undo(report.batch);
    ck_assert_uint_eq(report.left_count, 0);
    ck_assert_str_eq(seen_now(), after);
    report = undo(report.batch);
    ck_assert_str_eq(seen_now(), before);
}
END_TEST

START_TEST(a_person_undoes_only_own_batches)
{
    int64_t batch = open_batch("import");
    tend_undo_report report;

    add_account(&f, "Acme");
    close_batch();
    f.principal = tend_principal_named(TEND_PRINCIPAL_PERSON, "kim");
    begin(&f);
    ck_assert_int_eq(tend_batch_undo(f.model, &f.origin, batch, f.arena, &report, &f.error), TEND_EDENIED);
    commit(&f);
    ck_assert_str_eq(f.error.text, "kim: may not undo batch 1 of administrator; ask an administrator");
    batch = open_batch("set");
    add_account(&f, "Ajax");
    close_batch();
    ck_assert_int_eq(undo(batch).restored, 1);
}
END_TEST

START_TEST(an_open_batch_is_not_undone)
{
    int64_t batch = open_batch("import");
    tend_undo_report report;

    begin(&f);
    ck_assert_int_eq(tend_batch_undo(f.model, &f.origin, batch, f.arena, &report, &f.error), TEND_EBUSY);
    ck_assert_str_eq(f.error.text, "batch 1: is still open; let it finish first");
    ck_assert_int_eq(tend_batch_undo(f.model, &f.origin, 99, f.arena, &report, &f.error), TEND_ENOTFOUND);
    commit(&f);
}
END_TEST

START_TEST(held_events_wait_for_their_batch)
{
    open_batch("import");
    f.origin.is_held = true;
    add_account(&f, "Acme");
    add_account(&f, "Ajax");
    ck_assert_str_eq(told(&f), "");
    ck_assert_int_eq(close_batch(), 2);
    ck_assert_str_eq(told(&f), "account.created 1, account.created 2");
}
END_TEST

START_TEST(held_events_of_the_closing_transaction_are_released_too)
{
    int64_t events = 0;

    open_batch("import");
    f.origin.is_held = true;
    begin(&f);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "name", text("Acme") } });
    TEST_OK(&f, tend_batch_close(f.model, f.origin.batch, &events, &f.error));
    commit(&f);
    ck_assert_int_eq(events, 1);
    ck_assert_str_eq(told(&f), "account.created 1");
}
END_TEST

START_TEST(an_open_batch_is_resumed_after_a_restart)
{
    int64_t first = 0, second = 0, third = 0;
    bool resumed = true;
    const char *progress = NULL;

    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "import", "x", "ravenstack", &first, &resumed, &f.error));
    ck_assert(!resumed);
    TEST_OK(&f, tend_batch_progress(f.model, first, "chunk 3", &f.error));
    commit(&f);
    fixture_close_store(&f);
    fixture_open_again(&f);
    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "import", "x", "ravenstack", &second, &resumed, &f.error));
    ck_assert(resumed);
    ck_assert_int_eq(first, second);
    TEST_OK(&f, tend_batch_progress_get(f.model, second, f.arena, &progress, &f.error));
    ck_assert_str_eq(progress, "chunk 3");
    TEST_OK(&f, tend_batch_close(f.model, second, NULL, &f.error));
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "import", "x", "ravenstack", &third, &resumed, &f.error));
    ck_assert(!resumed);
    ck_assert_int_ne(third, second);
    ck_assert_int_eq(tend_batch_close(f.model, second, NULL, &f.error), TEND_ENOTFOUND);
    commit(&f);
}
END_TEST

START_TEST(undo_says_how_many_events_were_delivered)
{
    int64_t batch = open_batch("set");

    add_account(&f, "Acme");
    add_account(&f, "Ajax");
    close_batch();
    begin(&f);
    TEST_OK(&f, tend_bus_advance(f.bus, "triggers", 1, &f.error));
    commit(&f);
    ck_assert_int_eq(undo(batch).events, 1);
}
END_TEST

START_TEST(an_undo_that_has_nothing_to_put_back_leaves_no_trace)
{
    int64_t id = add_account(&f, "Acme"), batch = open_batch("set");
    tend_undo_report report;
    tend_buffer before, after;

    f.now += 1000;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "name", text("Ajax") } });
    close_batch();
    ck_assert_int_gt(undo(batch).batch, batch);
    before = dump(&f);
    report = undo(batch);
    after = dump(&f);
    ck_assert_int_eq(report.restored, 0);
    ck_assert_int_eq(report.batch, 0);
    ck_assert_uint_eq(report.left_count, 0); /* it was put back, not changed since */
    ck_assert_str_eq(tend_buffer_string(&after), tend_buffer_string(&before));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

START_TEST(a_batch_that_wrote_nothing_leaves_no_trace)
{
    int64_t id = add_account(&f, "Acme"), batch = 0, kept = -1;
    tend_buffer before = dump(&f), after;

    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "set", "by a test", NULL, &batch, NULL, &f.error));
    f.origin.batch = batch;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .in_transaction = true, .fields = { { "name", text("Acme") } });
    ck_assert(tend_batch_is_empty(f.model, batch));
    TEST_OK(&f, tend_batch_finish(f.model, batch, &kept, &f.error));
    ck_assert_int_eq(kept, 0);
    after = dump(&f);
    ck_assert_str_eq(tend_buffer_string(&after), tend_buffer_string(&before));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "set", "by a test", NULL, &batch, NULL, &f.error));
    f.origin.batch = batch;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .in_transaction = true, .fields = { { "name", text("Ajax") } });
    TEST_OK(&f, tend_batch_finish(f.model, batch, &kept, &f.error));
    ck_assert_int_eq(kept, batch);
    f.origin.batch = 0;
}
END_TEST

TESTS_WITH("model/undo", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, undo_removes_what_was_made_and_restores_what_was_changed);
    tcase_add_test(tcase, undo_leaves_what_changed_since);
    tcase_add_test(tcase, what_is_left_is_listed_once);
    tcase_add_test(tcase, undo_leaves_a_row_that_others_refer_to);
    tcase_add_test(tcase, undo_takes_rows_that_refer_to_each_other_back);
    tcase_add_test(tcase, undo_takes_facts_and_corrections_back);
    tcase_add_test(tcase, undo_of_an_older_record_mends_the_past_alone);
    tcase_add_loop_test(tcase, undo_of_anything_brings_the_same_view_back, 0, 20);
    tcase_add_test(tcase, a_person_undoes_only_own_batches);
    tcase_add_test(tcase, an_open_batch_is_not_undone);
    tcase_add_test(tcase, held_events_wait_for_their_batch);
    tcase_add_test(tcase, held_events_of_the_closing_transaction_are_released_too);
    tcase_add_test(tcase, an_open_batch_is_resumed_after_a_restart);
    tcase_add_test(tcase, undo_says_how_many_events_were_delivered);
    tcase_add_test(tcase, an_undo_that_has_nothing_to_put_back_leaves_no_trace);
    tcase_add_test(tcase, a_batch_that_wrote_nothing_leaves_no_trace);
})
