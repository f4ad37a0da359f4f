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

static void reopen_with(const char *ini)
{
    fixture_close_store(&f);
    fixture_schema(&f, ini);
    fixture_open_again(&f);
}

START_TEST(what_the_store_lacks_is_named_until_it_is_applied)
{
    char what[TEND_SCHEMA_LACKS];

    ck_assert(!tend_schema_lacks(f.schema, f.store, what));
    fixture_schema(&f, "[field.account.x_code]\ntype = text\n");
    ck_assert(tend_schema_lacks(f.schema, f.store, what));
    ck_assert_str_eq(what, "account.x_code");
    TEST_OK(&f, tend_schema_apply(f.schema, f.store, &f.error));
    ck_assert(!tend_schema_lacks(f.schema, f.store, what));
}
END_TEST

START_TEST(every_field_has_a_meaning_and_every_kind_a_table)
{
    const char *const *names = tend_schema_names(f.schema);

    for (int i = 0; names[i]; i++) {
        const tend_kind_schema *kind = tend_schema_find(f.schema, names[i]);

        ck_assert_ptr_eq(kind, tend_schema_find(f.schema, kind->table));
        ck_assert_ptr_eq(kind, tend_schema_kind(f.schema, kind->kind));
        ck_assert(tend_store_has_table(f.store, kind->table));
        ck_assert(kind->is_fact == (kind->effective_field >= 0));
        for (int field = 0; field < kind->field_count; field++) {
            bool is_there = false;

            ck_assert_msg(kind->fields[field].help && *kind->fields[field].help, "%s.%s", kind->name, kind->fields[field].name);
            TEST_OK(&f, tend_store_look_for(f.store, kind->table, kind->fields[field].name, &is_there, &f.error));
            ck_assert(is_there);
            ck_assert_msg(kind->fields[field].type != TEND_REF || kind->fields[field].target != TEND_KIND_NONE, "%s.%s", kind->name,
                          kind->fields[field].name);
            ck_assert_msg(kind->fields[field].type != TEND_MONEY || kind->currency_field >= 0, "%s.%s", kind->name,
                          kind->fields[field].name);
            ck_assert_int_eq(tend_schema_field(kind, kind->fields[field].name), field);
        }
    }
    ck_assert_ptr_null(tend_schema_find(f.schema, "acount"));
}
END_TEST

START_TEST(a_custom_field_is_added_retired_and_kept)
{
    bool is_kept = false;
    static const char added[] = "[field.account.x_code]\ntype = text\nchoices = red, green\nindexed = yes\nhelp = colour\n"
                                "[field.account.x_head]\ntype = ref\ntarget = user\n"
                                "[field.contract.x_rate]\ntype = decimal\nscale = 3\n";
    static const char retired[] = "[field.account.x_code]\ntype = text\nretired = yes\n";
    int64_t old = add_account(&f, "Acme"), id;

    reopen_with(added);
    id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Ajax") }, { "x_code", text("red") } }).id;
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "x_code"), "red");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, old, "x_code"), "-");
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "x_code", text("blue") } }),
                     "account.x_code: 'blue' is not one of its words; write one of: red green");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "x_code", text("green") } });
    reopen_with(retired);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "x_code"), "green");
    ck_assert_str_eq(TEST_REFUSE(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "x_code", text("red") } }),
                     "account.x_code: retired by the administrator; leave it out");
    reopen_with(NULL);
    TEST_OK(&f, tend_store_look_for(f.store, "accounts", "x_code", &is_kept, &f.error));
    ck_assert(is_kept);
    reopen_with(added);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_ACCOUNT, id, "x_code"), "green");
}
END_TEST

static const struct {
    const char *ini, *sentence;
} faults[] = {
    { "[field.acount.x_code]\ntype = text\n",
      "tend.ini:2: [field.acount.x_code] type: no kind is called acount; did you mean account?" },
    { "[field.account.code]\ntype = text\n",
      "tend.ini:2: [field.account.code] type: the field's name must be x_ and then small letters, "
      "digits or _ (at most 60); rename it" },
    { "[field.contact.x_pay]\ntype = money\n",
      "tend.ini:2: [field.contact.x_pay] type: rows of this kind have no currency; use decimal" },
    { "[field.account.x_head]\ntype = ref\n",
      "tend.ini:2: [field.account.x_head] target: missing; name the kind that the reference "
      "points to" },
    { "[field.account.x_head]\ntype = ref\ntarget = usr\n", "tend.ini:3: [field.account.x_head] target: no such kind; `tend list` "
                                                            "names them" },
    { "[field.account.x_n]\ntype = int\nchoices = a\n",
      "tend.ini:3: [field.account.x_n] choices: only texts have choices; set type = "
      "text or drop it" },
};

START_TEST(a_bad_custom_field_is_refused_with_file_and_line)
{
    static const tend_section *const sections[] = { tend_schema_sections, NULL };
    tend_config *config = NULL;
    tend_schema *schema = NULL;

    TEST_OK(&f, tend_config_load_text("tend.ini", faults[_i].ini, strlen(faults[_i].ini), sections, stderr, &config, &f.error));
    ck_assert_int_eq(tend_schema_new(config, &schema, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, faults[_i].sentence);
    tend_config_free(config);
}
END_TEST

START_TEST(opening_again_changes_nothing)
{
    tend_buffer before, after;

    add_account(&f, "Acme");
    before = dump(&f);
    fixture_close_store(&f);
    fixture_open_again(&f);
    after = dump(&f);
    ck_assert_str_eq(tend_buffer_string(&before), tend_buffer_string(&after));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

TESTS_WITH("model/schema", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, every_field_has_a_meaning_and_every_kind_a_table);
    tcase_add_test(tcase, what_the_store_lacks_is_named_until_it_is_applied);
    tcase_add_test(tcase, a_custom_field_is_added_retired_and_kept);
    tcase_add_loop_test(tcase, a_bad_custom_field_is_refused_with_file_and_line, 0, (int)(sizeof faults / sizeof *faults));
    tcase_add_test(tcase, opening_again_changes_nothing);
})
