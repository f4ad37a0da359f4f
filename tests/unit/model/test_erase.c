#include "model/erase.h"
#include "store_fixture.h"

static fixture f;
static int64_t crm, batch;

static void set_up(void)
{
    fixture_open(&f);
    begin(&f);
    TEST_OK(&f, tend_model_source(f.model, "crm", &crm, &f.error));
    commit(&f);
}

static void tear_down(void)
{
    fixture_close(&f);
}

/* What the source says of the contact it calls "Jane Doe". */
static tend_put_result says(int64_t account, const char *email, const char *unit)
{
    tend_put_result result;

    f.now += 60000;
    f.origin.source = crm;
    result = TEST_PUT(
        &f, .kind = TEND_KIND_CONTACT, .external = "Jane Doe",
        .fields = { { "account", ref(account) }, { "name", text("Jane Doe") }, { "email", text(email) }, { "unit", text(unit) } });
    f.origin.source = 0;
    return result;
}

static int64_t erase(tend_kind kind, int64_t row, const char *const *fields)
{
    int64_t values = 0, names = 0;

    f.now += 60000;
    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "erase", "by a test", NULL, &batch, NULL, &f.error));
    f.origin.batch = batch;
    for (; *fields; fields++)
        TEST_OK(&f, tend_erase_field(f.model, &f.origin, kind, row, field_of(&f, kind, *fields), &values, &f.error));
    TEST_OK(&f, tend_erase_names(f.model, kind, row, &names, &f.error));
    TEST_OK(&f, tend_batch_close(f.model, batch, NULL, &f.error));
    f.origin.batch = 0;
    commit(&f);
    return values;
}

static bool stands_anywhere(const char *word)
{
    tend_buffer lines = dump(&f);
    bool is_there = strstr(tend_buffer_string(&lines), word) != NULL;

    tend_buffer_clear(&lines);
    return is_there;
}

static const char *const about_a_person[] = { "name", "email", NULL };

START_TEST(what_is_erased_is_gone_from_the_row_its_history_and_its_names)
{
    int64_t account = add_account(&f, "Acme"), contact = says(account, "jane@a.example", "Sales").id;

    says(account, "doe@a.example", "Sales");
    ck_assert(stands_anywhere("jane@a.example"));
    ck_assert_int_eq(erase(TEND_KIND_CONTACT, contact, about_a_person), 3); /* the name, the address and the one before */
    ck_assert(!stands_anywhere("Jane"));
    ck_assert(!stands_anywhere("a.example"));
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_CONTACT, contact, "name"), TEND_ERASED);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_CONTACT, contact, "unit"), "Sales");
    ck_assert_int_eq(erase(TEND_KIND_CONTACT, contact, about_a_person), 0);
}
END_TEST

START_TEST(its_source_finds_the_row_again_and_says_everything_but_what_was_erased)
{
    int64_t account = add_account(&f, "Acme"), contact = says(account, "jane@a.example", "Sales").id;
    tend_put_result again;

    erase(TEND_KIND_CONTACT, contact, about_a_person);
    again = says(account, "new@a.example", "Finance");
    ck_assert_int_eq(again.id, contact);
    ck_assert_int_eq(again.erased_count, 2);
    ck_assert_int_eq(again.outcome, TEND_PUT_UPDATED);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_CONTACT, contact, "unit"), "Finance");
    ck_assert(!stands_anywhere("a.example"));
    ck_assert(!stands_anywhere("Jane"));
    again = says(account, "new@a.example", "Finance");
    ck_assert_int_eq(again.outcome, TEND_PUT_UNCHANGED);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_CONTACT), 1);
}
END_TEST

START_TEST(the_next_process_knows_what_was_erased)
{
    int64_t account = add_account(&f, "Acme"), contact = says(account, "jane@a.example", "Sales").id;

    erase(TEND_KIND_CONTACT, contact, about_a_person);
    fixture_close_store(&f);
    fixture_open_again(&f);
    ck_assert_int_eq(says(account, "jane@a.example", "Sales").id, contact);
    ck_assert(!stands_anywhere("jane@a.example"));
}
END_TEST

START_TEST(other_people_of_the_source_are_not_mistaken_for_the_erased_one)
{
    int64_t account = add_account(&f, "Acme"), contact = says(account, "jane@a.example", "Sales").id;
    tend_put_result other;

    erase(TEND_KIND_CONTACT, contact, about_a_person);
    f.origin.source = crm;
    other = TEST_PUT(&f, .kind = TEND_KIND_CONTACT, .external = "Janet Doe",
                     .fields = { { "account", ref(account) }, { "name", text("Janet Doe") } });
    f.origin.source = 0;
    ck_assert_int_eq(other.outcome, TEND_PUT_CREATED);
    ck_assert_int_ne(other.id, contact);
    ck_assert_int_eq(other.erased_count, 0);
}
END_TEST

START_TEST(a_correction_of_another_field_is_still_held_against_the_source)
{
    int64_t account = add_account(&f, "Acme"), contact = says(account, "jane@a.example", "Sales").id;

    f.now += 60000;
    TEST_PUT(&f, .kind = TEND_KIND_CONTACT, .id = contact,
             .fields = { { "unit", text("Board") }, { "email", text("j@a.example") } });
    erase(TEND_KIND_CONTACT, contact, about_a_person);
    says(account, "jane@a.example", "Sales");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_CONTACT, contact, "unit"), "Board");
}
END_TEST

START_TEST(every_version_of_a_fact_loses_the_field)
{
    static const char *const words[] = { "comment", NULL };
    int64_t account = add_account(&f, "Acme");
    tend_put_result first, second;

    f.origin.source = crm;
    first = TEST_PUT(&f, .kind = TEND_KIND_ANSWER, .external = "S1",
                     .fields = { { "account", ref(account) },
                                 { "survey", text("nps") },
                                 { "score", number(3) },
                                 { "answered_at", { .type = TEND_TIME, .integer = f.now } },
                                 { "comment", text("too slow") } });
    f.now += 60000;
    second = TEST_PUT(
        &f, .kind = TEND_KIND_ANSWER, .external = "S1",
        .fields = { { "account", ref(account) }, { "survey", text("nps") }, { "score", number(4) }, { "comment", text("slow") } });
    f.origin.source = 0;
    ck_assert_int_ne(first.id, second.id);
    ck_assert_int_eq(erase(TEND_KIND_ANSWER, first.id, words), 2);
    ck_assert(!stands_anywhere("slow"));
    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_ANSWER, second.id, "score"), 4);
}
END_TEST

START_TEST(an_erasure_cannot_be_undone)
{
    int64_t account = add_account(&f, "Acme"), contact = says(account, "jane@a.example", "Sales").id;
    tend_undo_report report;
    char wanted[100];

    erase(TEND_KIND_CONTACT, contact, about_a_person);
    begin(&f);
    ck_assert_int_eq(tend_batch_undo(f.model, &f.origin, batch, f.arena, &report, &f.error), TEND_EINVAL);
    tend_model_rollback(f.model);
    (void)snprintf(wanted, sizeof wanted, "batch %lld: erased personal data for good; it cannot be undone", (long long)batch);
    ck_assert_str_eq(f.error.text, wanted);
}
END_TEST

TESTS_WITH("model/erase", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_is_erased_is_gone_from_the_row_its_history_and_its_names);
    tcase_add_test(tcase, its_source_finds_the_row_again_and_says_everything_but_what_was_erased);
    tcase_add_test(tcase, the_next_process_knows_what_was_erased);
    tcase_add_test(tcase, other_people_of_the_source_are_not_mistaken_for_the_erased_one);
    tcase_add_test(tcase, a_correction_of_another_field_is_still_held_against_the_source);
    tcase_add_test(tcase, every_version_of_a_fact_loses_the_field);
    tcase_add_test(tcase, an_erasure_cannot_be_undone);
})
