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

static int64_t look(const char *words)
{
    int64_t id = 0;

    TEST_OK(&f, tend_model_lookup(f.model, TEND_KIND_ACCOUNT, field_of(&f, TEND_KIND_ACCOUNT, "name"), words, strlen(words), &id,
                                  &f.error));
    return id;
}

static const char *refused(const char *words, tend_status expected)
{
    int64_t id = 0;

    ck_assert_int_eq(
        tend_model_lookup(f.model, TEND_KIND_ACCOUNT, field_of(&f, TEND_KIND_ACCOUNT, "name"), words, strlen(words), &id, &f.error),
        expected);
    return f.error.text;
}

START_TEST(a_row_is_found_by_name_however_it_is_written)
{
    int64_t id = add_account(&f, "Müller GmbH"), korean = add_account(&f, "한국전력");

    ck_assert_int_eq(look("Müller GmbH"), id);
    ck_assert_int_eq(look("MÜLLER gmbh"), id);
    ck_assert_int_eq(look("한국전력"), korean);
    ck_assert_int_eq(look("#2"), korean);
}
END_TEST

START_TEST(a_new_name_is_found_and_an_old_one_is_not)
{
    int64_t id = add_account(&f, "Acme");

    ck_assert_int_eq(look("ACME"), id);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "name", text("Ajax") } });
    ck_assert_int_eq(look("AJAX"), id);
    ck_assert_str_eq(refused("ACME", TEND_ENOTFOUND), "ACME: no account is called so; `tend list accounts` shows those that exist");
}
END_TEST

START_TEST(a_name_that_was_rolled_back_is_not_found)
{
    begin(&f);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "name", text("Acme") } });
    ck_assert_int_eq(look("ACME"), 1);
    tend_model_rollback(f.model);
    (void)refused("ACME", TEND_ENOTFOUND);
}
END_TEST

START_TEST(a_name_of_several_is_refused_with_their_ids)
{
    for (int i = 0; i < 7; i++)
        add_account(&f, "Acme");
    ck_assert_str_eq(refused("acme", TEND_EINVAL),
                     "acme: several accounts are called so: #1 Acme, #2 Acme, #3 Acme, #4 Acme, #5 Acme, …; "
                     "name one by its #id");
}
END_TEST

START_TEST(an_id_must_exist_and_be_a_number)
{
    ck_assert_str_eq(refused("#12", TEND_ENOTFOUND), "#12: there is no such account; `tend list accounts` shows those that exist");
    (void)refused("#1x", TEND_ENOTFOUND);
    (void)refused("#99999999999999999999", TEND_ENOTFOUND);
}
END_TEST

START_TEST(any_source_may_name_a_row)
{
    int64_t sf, erp, id = 0;
    fixture_record record = { .kind = TEND_KIND_ACCOUNT, .external = "A-1", .fields = { { "name", text("Acme") } } };

    begin(&f);
    TEST_OK(&f, tend_model_source(f.model, "sf", &sf, &f.error));
    TEST_OK(&f, tend_model_source(f.model, "erp", &erp, &f.error));
    commit(&f);
    f.origin.source = sf;
    fixture_put(&f, &record);
    TEST_OK(&f, tend_identity_any(f.model, TEND_KIND_ACCOUNT, "A-1", 3, &id, &f.error));
    ck_assert_int_eq(id, 1);
    ck_assert_int_eq(tend_identity_any(f.model, TEND_KIND_ACCOUNT, "A-2", 3, &id, &f.error), TEND_ENOTFOUND);
    f.origin.source = erp;
    fixture_put(&f, &record);
    ck_assert_int_eq(tend_identity_any(f.model, TEND_KIND_ACCOUNT, "A-1", 3, &id, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "A-1: sources mean different rows by this id (account 1 and 2); name the source");
}
END_TEST

TESTS_WITH("model/lookup", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_row_is_found_by_name_however_it_is_written);
    tcase_add_test(tcase, a_new_name_is_found_and_an_old_one_is_not);
    tcase_add_test(tcase, a_name_that_was_rolled_back_is_not_found);
    tcase_add_test(tcase, a_name_of_several_is_refused_with_their_ids);
    tcase_add_test(tcase, an_id_must_exist_and_be_a_number);
    tcase_add_test(tcase, any_source_may_name_a_row);
})
