#include "store_fixture.h"

static fixture f;
static int64_t crm, billing;

static void set_up(void)
{
    fixture_open(&f);
    begin(&f);
    TEST_OK(&f, tend_model_source(f.model, "crm", &crm, &f.error));
    TEST_OK(&f, tend_model_source(f.model, "billing", &billing, &f.error));
    commit(&f);
}

static void tear_down(void)
{
    fixture_close(&f);
}

/* The account "A" of a source: its city and, when not negative, its seats. */
static tend_put_result says(int64_t source, const char *city, int64_t seats)
{
    fixture_record record = { .kind = TEND_KIND_ACCOUNT,
                              .external = "A",
                              .fields = { { "name", text("Acme") }, { "city", city ? text(city) : nothing() } } };
    tend_put_result result;

    if (seats >= 0) {
        record.fields[2].name = "seats";
        record.fields[2].value = number(seats);
    }
    f.now += 60000;
    f.origin.source = source;
    result = fixture_put(&f, &record);
    f.origin.source = 0;
    return result;
}

/* The same with the time at which the source changed it. */
static tend_put_result says_at(int64_t source, const char *city, const char *modified)
{
    tend_put_result result;

    f.now += 60000;
    f.origin.source = source;
    result = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "A", .effective = at(modified), .known = at(modified),
                      .fields = { { "name", text("Acme") }, { "city", text(city) } });
    f.origin.source = 0;
    return result;
}

static void by_hand(int64_t id, const char *field, tend_value value)
{
    f.now += 60000;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { field, value } });
}

static const char *city(int64_t id)
{
    return text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "city");
}

static int64_t open_batch(int64_t source)
{
    int64_t batch = 0;

    begin(&f);
    f.origin.source = source;
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "import", "by a test", NULL, &batch, NULL, &f.error));
    f.origin.source = 0;
    commit(&f);
    f.origin.batch = batch;
    return batch;
}

static void close_batch(void)
{
    begin(&f);
    TEST_OK(&f, tend_batch_close(f.model, f.origin.batch, NULL, &f.error));
    commit(&f);
    f.origin.batch = 0;
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

START_TEST(a_source_that_repeats_itself_leaves_a_hand_made_value_alone)
{
    int64_t id = says(crm, "Soul", -1).id;
    tend_buffer before, after;
    tend_put_result result;

    by_hand(id, "city", text("Seoul"));
    before = dump(&f);
    result = says(crm, "Soul", -1);
    ck_assert_int_eq(result.outcome, TEND_PUT_UNCHANGED);
    ck_assert(!result.has_written);
    ck_assert_str_eq(city(id), "Seoul");
    after = dump(&f);
    ck_assert_str_eq(tend_buffer_string(&after), tend_buffer_string(&before));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

START_TEST(what_the_source_really_changes_is_applied_and_the_rest_stays)
{
    int64_t id = says(crm, "Soul", 5).id;
    tend_put_result result;

    by_hand(id, "city", text("Seoul"));
    result = says(crm, "Soul", 9);
    ck_assert_int_eq(result.outcome, TEND_PUT_UPDATED);
    ck_assert_int_eq(result.changed_count, 1);
    ck_assert_str_eq(city(id), "Seoul");
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), 9);
    ck_assert_int_eq(says(crm, "Busan", 9).outcome, TEND_PUT_UPDATED);
    ck_assert_str_eq(city(id), "Busan");
    /* And back to its first word: that is new too. */
    says(crm, "Soul", 9);
    ck_assert_str_eq(city(id), "Soul");
}
END_TEST

START_TEST(a_source_that_agreed_in_between_is_held_to_its_last_word)
{
    int64_t id = says(crm, "Soul", -1).id;

    by_hand(id, "city", text("Seoul"));
    ck_assert_int_eq(says(crm, "Seoul", -1).outcome, TEND_PUT_UNCHANGED);
    by_hand(id, "city", text("Incheon"));
    says(crm, "Seoul", -1);
    ck_assert_str_eq(city(id), "Incheon");
    says(crm, "Soul", -1); /* its first word, after another one: said anew */
    ck_assert_str_eq(city(id), "Soul");
}
END_TEST

START_TEST(a_value_emptied_by_hand_stays_empty)
{
    int64_t id = says(crm, "Soul", -1).id;

    by_hand(id, "city", nothing());
    says(crm, "Soul", -1);
    ck_assert_str_eq(city(id), "-");
    says(crm, NULL, -1);
    says(crm, "Soul", -1);
    ck_assert_str_eq(city(id), "Soul");
}
END_TEST

START_TEST(two_sources_of_one_row_are_each_held_to_their_own_word)
{
    int64_t id = says(crm, "Soul", -1).id;

    begin(&f);
    TEST_OK(&f, tend_identity_bind(f.model, billing, TEND_KIND_ACCOUNT, "A", 1, id, &f.error));
    commit(&f);
    ck_assert_int_eq(says(billing, "Soul", -1).id, id);
    by_hand(id, "city", text("Seoul"));
    says(crm, "Soul", -1);
    says(billing, "Soul", -1);
    ck_assert_str_eq(city(id), "Seoul");
    says(billing, "Busan", -1);
    ck_assert_str_eq(city(id), "Busan");
    says(crm, "Soul", -1); /* overruled by billing, and says nothing new */
    ck_assert_str_eq(city(id), "Busan");
    says(crm, "Daegu", -1);
    ck_assert_str_eq(city(id), "Daegu");
    says(billing, "Busan", -1);
    ck_assert_str_eq(city(id), "Daegu");
}
END_TEST

START_TEST(after_an_undo_the_same_file_applies_again)
{
    int64_t id = says(crm, "Soul", -1).id, batch = open_batch(crm), made;
    tend_undo_report report;

    says(crm, "Busan", 7);
    f.origin.source = crm;
    made = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "B", .fields = { { "name", text("Bold") } }).id;
    f.origin.source = 0;
    close_batch();
    report = undo(batch);
    ck_assert_int_eq(report.restored, 3);
    ck_assert_str_eq(city(id), "Soul");
    ck_assert_int_eq(says(crm, "Busan", 7).changed_count, 2);
    ck_assert_str_eq(city(id), "Busan");
    f.origin.source = crm;
    ck_assert_int_eq(TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "B", .fields = { { "name", text("Bold") } }).outcome,
                     TEND_PUT_UPDATED);
    f.origin.source = 0;
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, made, "name"), "Bold");
}
END_TEST

START_TEST(an_undone_undo_forgets_no_more_than_the_source_itself_said)
{
    int64_t id = says(crm, "Soul", -1).id, batch = open_batch(crm);

    says(crm, "Busan", -1);
    close_batch();
    undo(undo(batch).batch);
    ck_assert_str_eq(city(id), "Busan");
    says(crm, "Soul", -1); /* its word was Busan: Soul is new */
    ck_assert_str_eq(city(id), "Soul");
}
END_TEST

START_TEST(what_undo_left_alone_is_left_alone_by_the_next_import_too)
{
    int64_t id = says(crm, "Soul", -1).id, batch = open_batch(crm);
    tend_undo_report report;

    says(crm, "Busan", -1);
    close_batch();
    by_hand(id, "city", text("Seoul"));
    report = undo(batch);
    ck_assert_uint_eq(report.left_count, 1);
    says(crm, "Busan", -1);
    ck_assert_str_eq(city(id), "Seoul");
}
END_TEST

START_TEST(undoing_what_a_person_wrote_lets_the_source_stand)
{
    int64_t id = says(crm, "Soul", -1).id, batch = open_batch(0);
    int64_t left = 0;

    by_hand(id, "city", text("Seoul"));
    close_batch();
    undo(batch);
    ck_assert_str_eq(city(id), "Soul");
    TEST_OK(&f, tend_store_number(f.store, "SELECT count(*) FROM identities WHERE said IS NOT NULL", -1, &left, &f.error));
    ck_assert_int_eq(left, 0);
    ck_assert_int_eq(says(crm, "Soul", -1).outcome, TEND_PUT_UNCHANGED);
    ck_assert_int_eq(says(crm, "Busan", -1).outcome, TEND_PUT_UPDATED);
}
END_TEST

START_TEST(a_merge_and_its_end_change_no_word_of_a_source)
{
    int64_t id = says(crm, "Soul", -1).id, other = add_account(&f, "Other"), stays;

    by_hand(id, "city", text("Seoul"));
    begin(&f);
    TEST_OK(&f, tend_merge(f.model, &f.origin, id, other, &f.error));
    commit(&f);
    ck_assert_int_eq(says(crm, "Soul", -1).outcome, TEND_PUT_UNCHANGED);
    begin(&f);
    TEST_OK(&f, tend_unmerge(f.model, &f.origin, id, &stays, &f.error));
    commit(&f);
    ck_assert_int_eq(says(crm, "Soul", -1).outcome, TEND_PUT_UNCHANGED);
    ck_assert_str_eq(city(id), "Seoul");
}
END_TEST

START_TEST(a_later_modified_time_alone_makes_an_old_value_no_news)
{
    int64_t id = says_at(crm, "Soul", "2026-01-10").id;

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2026-02-01"), .fields = { { "city", text("Seoul") } });
    says_at(crm, "Soul", "2026-02-20"); /* something else of the record was changed then */
    ck_assert_str_eq(city(id), "Seoul");
    says_at(crm, "Busan", "2026-02-21");
    ck_assert_str_eq(city(id), "Busan");
}
END_TEST

START_TEST(an_older_word_goes_into_history_and_is_no_news_later)
{
    int64_t id = says_at(crm, "Soul", "2026-01-10").id;

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .effective = at("2026-02-10"), .fields = { { "city", text("Seoul") } });
    ck_assert_int_eq(says_at(crm, "Busan", "2026-02-01").outcome, TEND_PUT_OLDER);
    ck_assert_str_eq(text_then(&f, at("2026-02-02"), 0, TEND_KIND_ACCOUNT, id, "city"), "Busan");
    ck_assert_str_eq(city(id), "Seoul");
    says_at(crm, "Busan", "2026-02-25");
    ck_assert_str_eq(city(id), "Seoul");
    says_at(crm, "Soul", "2026-02-26");
    ck_assert_str_eq(city(id), "Soul");
}
END_TEST

START_TEST(a_second_source_that_was_outvoted_is_no_news_later)
{
    int64_t id = says_at(crm, "Soul", "2026-02-10").id;

    begin(&f);
    TEST_OK(&f, tend_identity_bind(f.model, billing, TEND_KIND_ACCOUNT, "A", 1, id, &f.error));
    commit(&f);
    ck_assert_int_eq(says_at(billing, "Busan", "2026-01-01").outcome, TEND_PUT_OLDER);
    says_at(billing, "Busan", "2026-02-20");
    ck_assert_str_eq(city(id), "Soul");
    says_at(billing, "Daegu", "2026-02-21");
    ck_assert_str_eq(city(id), "Daegu");
}
END_TEST

START_TEST(the_past_imported_later_is_not_the_last_word)
{
    int64_t id = says_at(crm, "Soul", "2026-02-01").id;

    f.origin.is_history = true;
    ck_assert_int_eq(says_at(crm, "Daegu", "2026-01-01").outcome, TEND_PUT_OLDER);
    f.origin.is_history = false;
    ck_assert_str_eq(text_then(&f, at("2026-01-15"), 0, TEND_KIND_ACCOUNT, id, "city"), "gone"); /* the row came later */
    by_hand(id, "city", text("Seoul"));
    f.origin.is_history = true;
    says_at(crm, "Busan", "2026-02-15");
    f.origin.is_history = false;
    ck_assert_str_eq(city(id), "Seoul");
    says(crm, "Soul", -1);
    ck_assert_str_eq(city(id), "Seoul");
    says(crm, "Busan", -1);
    ck_assert_str_eq(city(id), "Busan");
}
END_TEST

START_TEST(a_rejected_record_has_said_nothing)
{
    int64_t id = says(crm, "Soul", 5).id;

    by_hand(id, "city", text("Seoul"));
    f.origin.source = crm;
    TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .external = "A", .fields = { { "name", nothing() }, { "city", text("Busan") } });
    f.origin.source = 0;
    ck_assert_str_eq(city(id), "Seoul");
    says(crm, "Soul", 5);
    ck_assert_str_eq(city(id), "Seoul");
    says(crm, "Busan", 5);
    ck_assert_str_eq(city(id), "Busan");
}
END_TEST

START_TEST(a_column_that_is_dropped_and_comes_back_says_nothing_new)
{
    int64_t id = says(crm, "Soul", 5).id;

    by_hand(id, "seats", number(6));
    says(crm, "Soul", -1);
    says(crm, "Soul", 5);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), 6);
}
END_TEST

START_TEST(a_column_that_is_added_is_new)
{
    int64_t id = says(crm, "Soul", -1).id;

    by_hand(id, "seats", number(6));
    says(crm, "Soul", 5);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "seats"), 5);
}
END_TEST

START_TEST(a_row_removed_by_hand_is_not_brought_back_by_a_repeat)
{
    int64_t id = says(crm, "Soul", -1).id;

    f.now += 60000;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .removed = true);
    ck_assert_int_eq(says(crm, "Soul", -1).outcome, TEND_PUT_UNCHANGED);
    ck_assert_str_eq(city(id), "gone");
    ck_assert_int_eq(says(crm, "Seoul", -1).outcome, TEND_PUT_UPDATED); /* of this row it has something to say */
    ck_assert_str_eq(city(id), "Seoul");
}
END_TEST

START_TEST(a_source_brings_back_what_it_removed_itself)
{
    int64_t id = says(crm, "Soul", -1).id;

    f.now += 60000;
    f.origin.source = crm;
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .external = "A", .removed = true);
    f.origin.source = 0;
    ck_assert_str_eq(city(id), "gone");
    ck_assert_int_eq(says(crm, "Soul", -1).outcome, TEND_PUT_UPDATED);
    ck_assert_str_eq(city(id), "Soul");
}
END_TEST

/* A contract of 100 in a currency. */
static tend_put_result contract(int64_t source, int64_t id, int64_t account, int64_t amount, const char *code)
{
    tend_put_result result;

    f.now += 60000;
    f.origin.source = source;
    result = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = id, .external = source ? "C" : NULL,
                      .fields = { { "name", text("Plan") },
                                  { "account", ref(account) },
                                  { "currency", text(code) },
                                  { "annual_amount", money(amount, code) } });
    f.origin.source = 0;
    return result;
}

START_TEST(an_amount_and_its_currency_are_one_word)
{
    int64_t account = add_account(&f, "Acme"), id = contract(crm, 0, account, 10000, "EUR").id;

    contract(0, id, account, 11000, "USD");
    contract(crm, 0, account, 10000, "EUR");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_CONTRACT, id, "currency"), "USD");
    contract(crm, 0, account, 12000, "EUR");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_CONTRACT, id, "currency"), "EUR");
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_CONTRACT, id, "annual_amount"), 12000);
}
END_TEST

static tend_put_result used(int64_t source, int64_t fact, int64_t uses, bool is_removed)
{
    tend_put_result result;

    f.now += 60000;
    f.origin.source = source;
    result = TEST_PUT(&f, .kind = TEND_KIND_USAGE, .id = fact, .external = source ? "U" : NULL, .removed = is_removed,
                      .fields = { { "used_on", day("2026-01-01") }, { "uses", number(uses) } });
    f.origin.source = 0;
    return result;
}

START_TEST(a_fact_corrected_by_hand_is_not_taken_back_by_a_repeat)
{
    int64_t fact = used(crm, 0, 10, false).id, versions = 0, batch;
    tend_put_result result;

    used(0, fact, 12, false);
    result = used(crm, 0, 10, false);
    ck_assert_int_eq(result.outcome, TEND_PUT_UNCHANGED);
    ck_assert(!result.has_written);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, fact, "uses"), 12);
    batch = open_batch(crm);
    ck_assert_int_eq(used(crm, 0, 11, false).outcome, TEND_PUT_UPDATED);
    close_batch();
    undo(batch);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, fact, "uses"), 12);
    used(crm, 0, 11, false);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, fact, "uses"), 11);
    TEST_OK(&f, tend_store_number(f.store, "SELECT count(*) FROM usage_samples", -1, &versions, &f.error));
    ck_assert_int_eq(versions, 5);
}
END_TEST

START_TEST(a_fact_removed_by_hand_stays_removed_until_its_source_says_more)
{
    int64_t fact = used(crm, 0, 10, false).id;

    used(0, fact, 10, true);
    ck_assert_int_eq(used(crm, 0, 10, false).outcome, TEND_PUT_UNCHANGED);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, fact, "uses"), -2);
    ck_assert_int_eq(used(crm, 0, 11, false).outcome, TEND_PUT_UPDATED);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, fact, "uses"), 11);
    used(crm, 0, 11, true);
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_USAGE, fact, "uses"), -2);
    ck_assert_int_eq(used(crm, 0, 11, false).outcome, TEND_PUT_UPDATED);
}
END_TEST

START_TEST(most_identities_carry_nothing)
{
    int64_t count = -1;

    says(crm, "Soul", 5);
    says(crm, "Seoul", 6);
    TEST_OK(&f, tend_store_number(f.store, "SELECT count(*) FROM identities WHERE said IS NOT NULL", -1, &count, &f.error));
    ck_assert_int_eq(count, 0);
}
END_TEST

START_TEST(a_store_of_before_gets_the_columns_and_keeps_its_rows)
{
    char before[1000];
    int64_t id = says(crm, "Soul", -1).id;

    by_hand(id, "seats", number(3));
    fixture_close_store(&f);
    TEST_OK(&f, tend_store_open(test_folder_path(&f.folder, "a.db"), TEND_STORE_WRITE, &f.store, &f.error));
    TEST_OK(&f, tend_store_begin(f.store, &f.error));
    (void)snprintf(before, sizeof before,
                   "DROP VIEW identities; DROP INDEX aliases_row; ALTER TABLE aliases DROP COLUMN said;"
                   "ALTER TABLE aliases RENAME TO identities; CREATE INDEX identities_row ON identities (kind, row);"
                   "INSERT INTO identities SELECT source, %d, external, id FROM accounts WHERE external IS NOT NULL;"
                   "DROP INDEX \"accounts.external\"; ALTER TABLE accounts DROP COLUMN source;"
                   "ALTER TABLE accounts DROP COLUMN external; DROP INDEX changes_assumed;"
                   "ALTER TABLE changes DROP COLUMN known_assumed",
                   TEND_KIND_ACCOUNT);
    TEST_OK(&f, tend_store_run(f.store, before, &f.error));
    TEST_OK(&f, tend_store_commit(f.store, &f.error));
    tend_store_close(f.store);
    fixture_open_again(&f);
    ck_assert_int_eq(says(crm, "Soul", -1).outcome, TEND_PUT_UNCHANGED);
    by_hand(id, "city", text("Seoul"));
    says(crm, "Soul", -1);
    ck_assert_str_eq(city(id), "Seoul");
}
END_TEST

TESTS_WITH("model/said", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_source_that_repeats_itself_leaves_a_hand_made_value_alone);
    tcase_add_test(tcase, what_the_source_really_changes_is_applied_and_the_rest_stays);
    tcase_add_test(tcase, a_source_that_agreed_in_between_is_held_to_its_last_word);
    tcase_add_test(tcase, a_value_emptied_by_hand_stays_empty);
    tcase_add_test(tcase, two_sources_of_one_row_are_each_held_to_their_own_word);
    tcase_add_test(tcase, after_an_undo_the_same_file_applies_again);
    tcase_add_test(tcase, an_undone_undo_forgets_no_more_than_the_source_itself_said);
    tcase_add_test(tcase, what_undo_left_alone_is_left_alone_by_the_next_import_too);
    tcase_add_test(tcase, undoing_what_a_person_wrote_lets_the_source_stand);
    tcase_add_test(tcase, a_merge_and_its_end_change_no_word_of_a_source);
    tcase_add_test(tcase, a_later_modified_time_alone_makes_an_old_value_no_news);
    tcase_add_test(tcase, an_older_word_goes_into_history_and_is_no_news_later);
    tcase_add_test(tcase, a_second_source_that_was_outvoted_is_no_news_later);
    tcase_add_test(tcase, the_past_imported_later_is_not_the_last_word);
    tcase_add_test(tcase, a_rejected_record_has_said_nothing);
    tcase_add_test(tcase, a_column_that_is_dropped_and_comes_back_says_nothing_new);
    tcase_add_test(tcase, a_column_that_is_added_is_new);
    tcase_add_test(tcase, a_row_removed_by_hand_is_not_brought_back_by_a_repeat);
    tcase_add_test(tcase, a_source_brings_back_what_it_removed_itself);
    tcase_add_test(tcase, an_amount_and_its_currency_are_one_word);
    tcase_add_test(tcase, a_fact_corrected_by_hand_is_not_taken_back_by_a_repeat);
    tcase_add_test(tcase, a_fact_removed_by_hand_stays_removed_until_its_source_says_more);
    tcase_add_test(tcase, most_identities_carry_nothing);
    tcase_add_test(tcase, a_store_of_before_gets_the_columns_and_keeps_its_rows);
})
