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

START_TEST(a_new_row_is_read_back)
{
    tend_put_result result = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                                      .fields = { { "name", text("Acme Korea") },
                                                  { "seats", number(40) },
                                                  { "revenue", money(123450, "EUR") },
                                                  { "customer_since", day("2024-02-29") } });
    tend_row row;

    ck_assert_int_eq(result.outcome, TEND_PUT_CREATED);
    ck_assert(read_then(&f, 0, 0, TEND_KIND_ACCOUNT, result.id, &row));
    ck_assert_str_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "name")].text, "Acme Korea");
    ck_assert_int_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "seats")].integer, 40);
    ck_assert_int_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "revenue")].integer, 123450);
    ck_assert_str_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "revenue")].currency, "EUR");
    ck_assert_str_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "currency")].text, "EUR");
    ck_assert_int_eq(row.recorded_at, f.now);
}
END_TEST

START_TEST(a_record_that_says_nothing_new_writes_nothing)
{
    tend_buffer before, after;
    fixture_record account = { .kind = TEND_KIND_ACCOUNT, .external = "A-1", .fields = { { "name", text("Acme") } } };
    fixture_record usage = { .kind = TEND_KIND_USAGE,
                             .external = "U-1",
                             .fields = { { "used_on", day("2025-01-01") }, { "uses", number(3) } } };

    fixture_put(&f, &account);
    fixture_put(&f, &usage);
    before = dump(&f);
    f.now += 1000;
    ck_assert_int_eq(fixture_put(&f, &account).outcome, TEND_PUT_UNCHANGED);
    ck_assert_int_eq(fixture_put(&f, &usage).outcome, TEND_PUT_UNCHANGED);
    after = dump(&f);
    ck_assert_str_eq(tend_buffer_string(&before), tend_buffer_string(&after));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

START_TEST(an_older_record_is_kept_as_history_once)
{
    fixture_record record = { .kind = TEND_KIND_ACCOUNT,
                              .external = "A-1",
                              .effective = 0,
                              .fields = { { "name", text("Acme") }, { "region", text("EMEA") } } };
    fixture_record older = record;
    int64_t id;
    tend_buffer before, after;

    record.effective = at("2025-01-01");
    id = fixture_put(&f, &record).id;
    record.effective = at("2025-06-01");
    record.fields[1].value = text("APAC");
    ck_assert_int_eq(fixture_put(&f, &record).outcome, TEND_PUT_UPDATED);
    older.effective = at("2025-03-01");
    older.fields[1].value = text("AMER");
    ck_assert_int_eq(fixture_put(&f, &older).outcome, TEND_PUT_OLDER);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "region"), "APAC");
    ck_assert_str_eq(text_then(&f, at("2025-02-01"), 0, TEND_KIND_ACCOUNT, id, "region"), "EMEA");
    ck_assert_str_eq(text_then(&f, at("2025-04-01"), 0, TEND_KIND_ACCOUNT, id, "region"), "AMER");
    ck_assert_str_eq(text_then(&f, at("2025-07-01"), 0, TEND_KIND_ACCOUNT, id, "region"), "APAC");
    ck_assert_str_eq(text_then(&f, at("2024-12-31"), 0, TEND_KIND_ACCOUNT, id, "region"), "gone");
    before = dump(&f);
    ck_assert_int_eq(fixture_put(&f, &older).outcome, TEND_PUT_UNCHANGED);
    after = dump(&f);
    ck_assert_str_eq(tend_buffer_string(&before), tend_buffer_string(&after));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

START_TEST(a_tombstone_removes_and_the_record_brings_it_back)
{
    fixture_record record = { .kind = TEND_KIND_ACCOUNT, .external = "A-1", .fields = { { "name", text("Acme") } } };
    int64_t id = fixture_put(&f, &record).id;

    f.now = at("2026-03-03");
    record.removed = true;
    ck_assert_int_eq(fixture_put(&f, &record).outcome, TEND_PUT_UPDATED);
    ck_assert_int_eq(fixture_put(&f, &record).outcome, TEND_PUT_UNCHANGED);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_ACCOUNT), 0);
    ck_assert_str_eq(text_then(&f, at("2026-03-02"), 0, TEND_KIND_ACCOUNT, id, "name"), "Acme");
    f.now = at("2026-03-04");
    record.removed = false;
    ck_assert_int_eq(fixture_put(&f, &record).outcome, TEND_PUT_UPDATED);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "name"), "Acme");
    ck_assert_str_eq(text_then(&f, at("2026-03-03"), 0, TEND_KIND_ACCOUNT, id, "name"), "gone");
    ck_assert_str_eq(told(&f), "account.created 1, account.removed 1, account.updated 1");
}
END_TEST

START_TEST(known_time_is_never_later_than_now)
{
    tend_put_result result =
        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .known = at("2030-01-01"), .fields = { { "name", text("Acme") } });
    tend_row row;

    ck_assert(read_then(&f, 0, 0, TEND_KIND_ACCOUNT, result.id, &row));
    ck_assert_int_eq(row.known_at, f.now);
}
END_TEST

START_TEST(new_rows_of_one_transaction_are_one_event)
{
    f.origin.is_history = true;
    begin(&f);
    for (int i = 0; i < 5; i++)
        TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true,
                 .fields = { { "name", text("Acme") }, { "stage", text(i < 3 ? "active" : "leaving") } });
    commit(&f);
    begin(&f);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .id = 2, .fields = { { "stage", text("former") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .id = 2, .fields = { { "city", text("Seoul") } });
    commit(&f);
    ck_assert_str_eq(told(&f), "account.created 1-5, account.active 1-3, account.leaving 4-5, account.updated 2, account.former 2");
}
END_TEST

START_TEST(a_single_row_carries_its_account)
{
    int64_t account = add_account(&f, "Acme");
    tend_event event;

    TEST_PUT(&f, .kind = TEND_KIND_CONTACT, .fields = { { "name", text("Kim") }, { "account", ref(account) } });
    TEST_OK(&f, tend_bus_get(f.bus, 2, &event, &f.error));
    ck_assert_str_eq(event.topic, "contact.created");
    ck_assert_int_eq(event.account, account);
}
END_TEST

START_TEST(a_rollback_leaves_no_row_and_no_event)
{
    tend_buffer before = dump(&f), after;

    begin(&f);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "name", text("Acme") } });
    tend_model_rollback(f.model);
    after = dump(&f);
    ck_assert_str_eq(tend_buffer_string(&before), tend_buffer_string(&after));
    begin(&f);
    commit(&f);
    ck_assert_str_eq(told(&f), "");
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

START_TEST(a_savepoint_takes_its_events_back)
{
    begin(&f);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "name", text("Acme") } });
    TEST_OK(&f, tend_model_savepoint(f.model, &f.error));
    TEST_PUT(&f, .kind = TEND_KIND_PRODUCT, .in_transaction = true, .fields = { { "name", text("GTX") } });
    tend_model_rollback_savepoint(f.model);
    TEST_OK(&f, tend_model_savepoint(f.model, &f.error));
    TEST_PUT(&f, .kind = TEND_KIND_USER, .in_transaction = true, .fields = { { "name", text("Kim") } });
    TEST_OK(&f, tend_model_release(f.model, &f.error));
    commit(&f);
    ck_assert_str_eq(told(&f), "account.created 1, user.created 1");
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_PRODUCT), 0);
}
END_TEST

START_TEST(a_row_that_is_not_there_cannot_be_changed)
{
    tend_put_result result;
    fixture_record record = { .kind = TEND_KIND_ACCOUNT, .id = 17, .fields = { { "name", text("Acme") } } };

    ck_assert_int_eq(fixture_try(&f, &record, &result), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "account 17: no such row; `tend list accounts` shows those that exist");
}
END_TEST

START_TEST(a_playbook_may_not_write_contracts)
{
    tend_put_result result;
    fixture_record record = { .kind = TEND_KIND_CONTRACT, .fields = { { "name", text("X") } } };

    f.principal = tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, "playbook:renewal");
    ck_assert_int_eq(fixture_try(&f, &record, &result), TEND_EDENIED);
    ck_assert_str_eq(f.error.text, "playbook:renewal: may not create contracts; ask an administrator");
}
END_TEST

START_TEST(restricted_fields_are_null_for_a_person)
{
    int64_t account = add_account(&f, "Acme");
    int64_t profile =
        TEST_PUT(&f, .kind = TEND_KIND_PROFILE,
                 .fields = { { "account", ref(account) }, { "kind", text("kyc") }, { "risk_tolerance", text("high") } })
            .id;

    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_PROFILE, profile, "risk_tolerance"), "high");
    f.principal = tend_principal_named(TEND_PRINCIPAL_PERSON, "kim");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_PROFILE, profile, "risk_tolerance"), "-");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_PROFILE, profile, "kind"), "kyc");
}
END_TEST

START_TEST(a_reader_sees_what_is_committed)
{
    tend_store *store = NULL;
    tend_model *model = NULL;
    tend_world world;
    tend_row row;
    int64_t id = add_account(&f, "Acme");

    TEST_OK(&f, tend_store_open(tend_store_path(f.store), TEND_STORE_READ, &store, &f.error));
    TEST_OK(&f, tend_model_open(store, NULL, f.schema, tend_clock_by_hand(&f.now), &model, &f.error));
    world = tend_world_live(model);
    TEST_OK(&f, tend_read(&world, &f.principal, TEND_KIND_ACCOUNT, id, f.arena, &row, &f.error));
    ck_assert_str_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "name")].text, "Acme");
    begin(&f);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .in_transaction = true, .fields = { { "name", text("Ajax") } });
    TEST_OK(&f, tend_read(&world, &f.principal, TEND_KIND_ACCOUNT, id, f.arena, &row, &f.error));
    ck_assert_str_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "name")].text, "Acme");
    commit(&f);
    TEST_OK(&f, tend_read(&world, &f.principal, TEND_KIND_ACCOUNT, id, f.arena, &row, &f.error));
    ck_assert_str_eq(row.values[field_of(&f, TEND_KIND_ACCOUNT, "name")].text, "Ajax");
    tend_model_close(model);
    tend_store_close(store);
}
END_TEST

START_TEST(an_identity_leads_to_its_row_per_source)
{
    int64_t source, other, id = 0;
    fixture_record record = { .kind = TEND_KIND_ACCOUNT, .external = "7", .fields = { { "name", text("Acme") } } };

    begin(&f);
    TEST_OK(&f, tend_model_source(f.model, "sf", &source, &f.error));
    TEST_OK(&f, tend_model_source(f.model, "erp", &other, &f.error));
    TEST_OK(&f, tend_model_source(f.model, "sf", &id, &f.error));
    commit(&f);
    ck_assert_int_eq(id, source);
    ck_assert_int_ne(source, other);
    f.origin.source = source;
    ck_assert_int_eq(fixture_put(&f, &record).id, 1);
    f.origin.source = other;
    ck_assert_int_eq(fixture_put(&f, &record).id, 2);
    record.id = 1;
    ck_assert_str_eq(fixture_refuse(&f, &record), "account 1: the id 7 of this source belongs to account 2; merge the two");
    begin(&f);
    TEST_OK(&f, tend_identity_find(f.model, source, TEND_KIND_ACCOUNT, "7", 1, &id, &f.error));
    commit(&f);
    ck_assert_int_eq(id, 1);
}
END_TEST

static int64_t count_of(const char *sql)
{
    int64_t count = -1;

    TEST_OK(&f, tend_store_number(f.store, sql, -1, &count, &f.error));
    return count;
}

START_TEST(what_was_found_before_is_believed_only_if_it_is_called_so)
{
    fixture_record acme = { .kind = TEND_KIND_ACCOUNT, .external = "A", .fields = { { "name", text("Acme") } } };
    fixture_record bolt = { .kind = TEND_KIND_ACCOUNT, .external = "B", .fields = { { "name", text("Bolt") } } };
    fixture_record use = { .kind = TEND_KIND_USAGE,
                           .external = "U",
                           .fields = { { "account", ref(1) }, { "used_on", day("2025-01-01") }, { "uses", number(5) } } };

    begin(&f);
    TEST_OK(&f, tend_model_source(f.model, "sf", &f.origin.source, &f.error));
    commit(&f);
    ck_assert_int_eq(fixture_put(&f, &acme).id, 1);
    ck_assert_int_eq(fixture_put(&f, &bolt).id, 2);
    ck_assert_int_eq(fixture_put(&f, &use).id, 1);
    for (int64_t found = 0; found < 4; found++) {
        acme.found = found;
        acme.fields[0].value = text(found % 2 ? "Acme" : "Acme Ltd");
        ck_assert_int_eq(fixture_put(&f, &acme).id, 1);
    }
    for (int64_t found = 0; found < 4; found++) { /* the versions of a fact are rows, too */
        use.found = found;
        use.fields[2].value = number(10 + found);
        ck_assert_int_eq(fixture_put(&f, &use).id, 2 + found);
    }
    ck_assert_int_eq(count_of("SELECT count(*) FROM accounts WHERE name='Bolt'"), 1);
    ck_assert_int_eq(count_of("SELECT count(*) FROM usage_samples WHERE fact=1"), 5);
    ck_assert_int_eq(count_of("SELECT count(*) FROM usage_samples WHERE closed_at IS NULL AND uses=13"), 1);
}
END_TEST

TESTS_WITH("model/put", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_was_found_before_is_believed_only_if_it_is_called_so);
    tcase_add_test(tcase, a_new_row_is_read_back);
    tcase_add_test(tcase, a_record_that_says_nothing_new_writes_nothing);
    tcase_add_test(tcase, an_older_record_is_kept_as_history_once);
    tcase_add_test(tcase, a_tombstone_removes_and_the_record_brings_it_back);
    tcase_add_test(tcase, known_time_is_never_later_than_now);
    tcase_add_test(tcase, new_rows_of_one_transaction_are_one_event);
    tcase_add_test(tcase, a_single_row_carries_its_account);
    tcase_add_test(tcase, a_rollback_leaves_no_row_and_no_event);
    tcase_add_test(tcase, a_savepoint_takes_its_events_back);
    tcase_add_test(tcase, a_row_that_is_not_there_cannot_be_changed);
    tcase_add_test(tcase, a_playbook_may_not_write_contracts);
    tcase_add_test(tcase, restricted_fields_are_null_for_a_person);
    tcase_add_test(tcase, a_reader_sees_what_is_committed);
    tcase_add_test(tcase, an_identity_leads_to_its_row_per_source);
})
