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

static const struct {
    tend_kind kind;
    const char *field, *text, *sentence;
} texts[] = {
    { TEND_KIND_ACCOUNT, "email", "kim", "account.email: 'kim' is not an e-mail address; write name@domain" },
    { TEND_KIND_ACCOUNT, "email", "a@b@c.de", "account.email: 'a@b@c.de' is not an e-mail address; write name@domain" },
    { TEND_KIND_ACCOUNT, "email", "kim lee@acme.com",
      "account.email: 'kim lee@acme.com' is not an e-mail address; write name@domain" },
    { TEND_KIND_ACCOUNT, "email", "kim@acme", "account.email: 'kim@acme' is not an e-mail address; write name@domain" },
    { TEND_KIND_ACCOUNT, "email", "kim@localhost", NULL },
    { TEND_KIND_ACCOUNT, "email", "kim.lee+crm@acme.co.kr", NULL },
    { TEND_KIND_ACCOUNT, "stage", "sleeping",
      "account.stage: 'sleeping' is not one of its words; write one of: prospect onboarding active leaving former archived" },
    { TEND_KIND_ACCOUNT, "stage", "act",
      "account.stage: 'act' is not one of its words; write one of: prospect onboarding active leaving former archived" },
    { TEND_KIND_ACCOUNT, "stage", "active", NULL },
    { TEND_KIND_ACCOUNT, "stage", "archived", NULL },
    { TEND_KIND_ACCOUNT, "stage", "active leaving",
      "account.stage: 'active leaving' is not one of its words; write one of: prospect onboarding active leaving former archived" },
    { TEND_KIND_ACCOUNT, "stage", "archivedx",
      "account.stage: 'archivedx' is not one of its words; write one of: prospect onboarding active leaving former archived" },
    { TEND_KIND_ACCOUNT, "currency", "XXQ", "account.currency: 'XXQ' is not a currency; write an ISO 4217 code such as EUR" },
    { TEND_KIND_ACCOUNT, "zone", "Asia/Nowhere",
      "account.zone: 'Asia/Nowhere' is not a time zone; write an IANA name such as Asia/Seoul" },
    { TEND_KIND_ACCOUNT, "zone", "Asia/Seoul", NULL },
    { TEND_KIND_ACCOUNT, "city", "S\xffoul", "account.city: not UTF-8 at byte 1; say which encoding the file has" },
};

START_TEST(a_text_is_what_its_field_allows)
{
    fixture_record record = { .kind = texts[_i].kind,
                              .fields = { { "name", text("Acme") }, { texts[_i].field, text(texts[_i].text) } } };
    tend_put_result result;
    tend_status status = fixture_try(&f, &record, &result);

    if (!texts[_i].sentence) {
        ck_assert_msg(status >= 0, "%s", f.error.text);
        return;
    }
    ck_assert_int_eq(status, TEND_EINVAL);
    ck_assert_str_eq(f.error.text, texts[_i].sentence);
    ck_assert_int_eq(result.bad_field, field_of(&f, texts[_i].kind, texts[_i].field));
}
END_TEST

START_TEST(a_refused_record_writes_nothing_and_the_transaction_goes_on)
{
    fixture_record bad = { .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "city", text("Seoul") } } };
    tend_put_result result;

    begin(&f);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "name", text("Acme") } });
    ck_assert_int_eq(fixture_try(&f, &bad, &result), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "account.name: empty, but required; give it a value");
    ck_assert_int_eq(result.bad_field, field_of(&f, TEND_KIND_ACCOUNT, "name"));
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true, .fields = { { "name", text("Ajax") } });
    commit(&f);
    ck_assert_int_eq(rows_then(&f, 0, 0, TEND_KIND_ACCOUNT), 2);
    ck_assert_str_eq(told(&f), "account.created 1-2");
}
END_TEST

START_TEST(a_required_field_is_not_emptied)
{
    int64_t id = add_account(&f, "Acme");

    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "name", nothing() } }),
                     "account.name: empty, but required; give it a value");
}
END_TEST

START_TEST(text_is_kept_in_nfc)
{
    int64_t id = add_account(&f, "Cafe\xcc\x81");

    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "name"), "Caf\xc3\xa9");
    ck_assert_int_eq(TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "name", text("Cafe\xcc\x81") } }).outcome,
                     TEND_PUT_UNCHANGED);
}
END_TEST

START_TEST(a_term_does_not_run_backwards)
{
    int64_t account = add_account(&f, "Acme");
    int64_t contract =
        TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                 .fields = { { "account", ref(account) }, { "starts_on", day("2025-01-01") }, { "ends_on", day("2025-01-01") } })
            .id;

    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "starts_on", day("2025-05-01") } }),
                     "contract.ends_on: 2025-01-01 is before starts_on 2025-05-01; correct one of them");
}
END_TEST

START_TEST(a_reference_must_exist)
{
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_CONTACT, .fields = { { "name", text("Kim") }, { "account", ref(9) } }),
                     "contact.account: there is no account 9; import or add it first");
}
END_TEST

START_TEST(a_row_has_one_currency)
{
    int64_t account = add_account(&f, "Acme");
    int64_t contract =
        TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "annual_amount", money(100, "EUR") } })
            .id;

    ck_assert_str_eq(
        TEST_REFUSE(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "one_off_amount", money(5, "USD") } }),
        "contract.one_off_amount: an amount in USD in a row whose currency is EUR; a row has one currency");
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "currency", text("USD") } }),
                     "contract.currency: changes from EUR while annual_amount stays; give annual_amount in the new currency too");
    ck_assert_int_eq(TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract,
                              .fields = { { "currency", text("USD") }, { "annual_amount", money(110, "USD") } })
                         .changed_count,
                     2);
}
END_TEST

START_TEST(a_decimal_keeps_its_digits_or_is_refused)
{
    tend_value fits = { .type = TEND_DECIMAL, .integer = 25, .scale = 1 },
               too_fine = { .type = TEND_DECIMAL, .integer = 1, .scale = 7 };
    int64_t id = TEST_PUT(&f, .kind = TEND_KIND_PRODUCT, .fields = { { "name", text("GTX") }, { "list_price", fits } }).id;

    ck_assert_int_eq(number_then(&f, 0, 0, TEND_KIND_PRODUCT, id, "list_price"), 2500000);
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_PRODUCT, .id = id, .fields = { { "list_price", too_fine } }),
                     "product.list_price: more digits than it keeps (6 after the point); round it");
}
END_TEST

START_TEST(a_number_stands_on_its_scale)
{
    int64_t account = add_account(&f, "Acme");

    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_OPPORTUNITY, .fields = { { "tier", number(5) } }),
                     "opportunity.tier: 5 is outside 1 to 4; correct it");
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ANSWER,
                                 .fields = { { "account", ref(account) },
                                             { "survey", text("nps") },
                                             { "score", number(11) },
                                             { "scale_min", number(0) },
                                             { "scale_max", number(10) },
                                             { "answered_at", { .type = TEND_TIME, .integer = 0 } } }),
                     "answer.score: 11 is not on the scale 0 to 10; correct the answer or the scale");
}
END_TEST

START_TEST(what_is_counted_is_not_below_nothing_and_a_fraction_not_above_the_whole)
{
    int64_t account = add_account(&f, "Acme");
    const tend_value percent = { .type = TEND_DECIMAL, .integer = 425, .scale = 2 },
                     whole = { .type = TEND_DECIMAL, .integer = -1, .scale = 0 };

    ck_assert_str_eq(
        TEST_REFUSE(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(-5) } }),
        "contract.seats: -5 is below 0; correct it");
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "employees", number(-1) } }),
                     "account.employees: -1 is below 0; correct it");
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "uplift", percent } }),
                     "contract.uplift: 4.250000 is more than the whole, which is 1; write 0.042500 for 4.250000 per cent");
    TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
             .fields = { { "account", ref(account) }, { "uplift", whole }, { "seats", number(0) } });
}
END_TEST

START_TEST(a_tree_has_no_cycle)
{
    int64_t world = add_account(&f, "World"), korea = add_account(&f, "Korea"), seoul = add_account(&f, "Seoul");

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = korea, .fields = { { "parent", ref(world) } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = seoul, .fields = { { "parent", ref(korea) } });
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = world, .fields = { { "parent", ref(world) } }),
                     "account.parent: it cannot be its own; choose another one");
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = world, .fields = { { "parent", ref(seoul) } }),
                     "account.parent: it would stand above itself: World > Seoul > Korea > World; choose another one");
}
END_TEST

START_TEST(a_long_chain_is_walked_without_recursion)
{
    int64_t above = add_account(&f, "Top"), first = above, id = 0;

    begin(&f);
    for (int i = 0; i < 5000; i++) {
        id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .in_transaction = true,
                      .fields = { { "name", text("Link") }, { "parent", ref(above) } })
                 .id;
        above = id;
    }
    commit(&f);
    ck_assert_ptr_nonnull(strstr(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = first, .fields = { { "parent", ref(id) } }),
                                 "account.parent: it would stand above itself: Top > Link > "));
}
END_TEST

START_TEST(an_account_has_one_single_point_of_contact_at_a_time)
{
    int64_t account = add_account(&f, "Acme"), other = add_account(&f, "Ajax");
    int64_t kim = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Kim") } }).id;
    int64_t lee = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee") } }).id;

    TEST_PUT(&f, .kind = TEND_KIND_OWNER,
             .fields = {
                 { "account", ref(account) }, { "user", ref(kim) }, { "role", text("spoc") }, { "starts_on", day("2025-01-01") } });
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_OWNER,
                                 .fields = { { "account", ref(account) },
                                             { "user", ref(lee) },
                                             { "role", text("spoc") },
                                             { "starts_on", day("2025-06-01") } }),
                     "owner.role: Kim is spoc of Acme from 2025-01-01 until further notice; end that first or choose other days");
    TEST_PUT(&f, .kind = TEND_KIND_OWNER,
             .fields = {
                 { "account", ref(other) }, { "user", ref(lee) }, { "role", text("spoc") }, { "starts_on", day("2025-06-01") } });
    TEST_PUT(&f, .kind = TEND_KIND_OWNER,
             .fields = {
                 { "account", ref(account) }, { "user", ref(lee) }, { "role", text("csm") }, { "starts_on", day("2025-06-01") } });
    TEST_PUT(&f, .kind = TEND_KIND_OWNER, .id = 1, .fields = { { "ends_on", day("2025-05-31") } });
    TEST_PUT(&f, .kind = TEND_KIND_OWNER,
             .fields = {
                 { "account", ref(account) }, { "user", ref(lee) }, { "role", text("spoc") }, { "starts_on", day("2025-06-01") } });
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_OWNER, .id = 1, .fields = { { "ends_on", day("2025-06-01") } }),
                     "owner.role: Lee is spoc of Acme from 2025-06-01 until further notice; end that first or choose other days");
}
END_TEST

START_TEST(a_dry_look_checks_one_record_alone)
{
    tend_assignment assignment = { .field = field_of(&f, TEND_KIND_CONTACT, "email"), .value = text("kim") };
    tend_put put = { .kind = TEND_KIND_CONTACT, .fields = &assignment, .field_count = 1 };
    tend_put_result result;

    ck_assert_int_eq(tend_model_check(f.model, &put, false, &result, &f.error), TEND_EINVAL);
    ck_assert_int_eq(result.bad_field, assignment.field);
    assignment.value = text("kim@acme.com");
    ck_assert_int_eq(tend_model_check(f.model, &put, false, &result, &f.error), TEND_OK);
    ck_assert_int_eq(tend_model_check(f.model, &put, true, &result, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "contact.account: empty, but required; give it a value");
}
END_TEST

TESTS_WITH("model/check", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_text_is_what_its_field_allows, 0, (int)(sizeof texts / sizeof *texts));
    tcase_add_test(tcase, a_refused_record_writes_nothing_and_the_transaction_goes_on);
    tcase_add_test(tcase, a_required_field_is_not_emptied);
    tcase_add_test(tcase, text_is_kept_in_nfc);
    tcase_add_test(tcase, a_term_does_not_run_backwards);
    tcase_add_test(tcase, a_reference_must_exist);
    tcase_add_test(tcase, a_row_has_one_currency);
    tcase_add_test(tcase, a_decimal_keeps_its_digits_or_is_refused);
    tcase_add_test(tcase, a_number_stands_on_its_scale);
    tcase_add_test(tcase, what_is_counted_is_not_below_nothing_and_a_fraction_not_above_the_whole);
    tcase_add_test(tcase, a_tree_has_no_cycle);
    tcase_add_test(tcase, a_long_chain_is_walked_without_recursion);
    tcase_add_test(tcase, an_account_has_one_single_point_of_contact_at_a_time);
    tcase_add_test(tcase, a_dry_look_checks_one_record_alone);
})
