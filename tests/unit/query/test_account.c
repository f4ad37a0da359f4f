#include "query_fixture.h"

static int64_t account, contract;

static void populate(void)
{
    int64_t user = add_user("kim"), contact;

    account = add_owned("Acme", user);
    contract = add_contract(account, "Pro", "2026-04-30", 12000000, "USD");
    contact = TEST_PUT(&f, .kind = TEND_KIND_CONTACT,
                       .fields = { { "account", ref(account) },
                                   { "name", text("Park Min") },
                                   { "power", text("high") },
                                   { "stance", text("champion") } })
                  .id;
    TEST_PUT(&f, .kind = TEND_KIND_INTERACTION,
             .fields = { { "account", ref(account) },
                         { "contact", ref(contact) },
                         { "user", ref(user) },
                         { "kind", text("call") },
                         { "subject", text("Rollout plan") },
                         { "happened_at", time_value("2026-02-06") } });
    for (int day_of = 3; day_of <= 4; day_of++)
        TEST_PUT(&f, .kind = TEND_KIND_USAGE,
                 .fields = { { "account", ref(account) },
                             { "used_on", { .type = TEND_DATE, .integer = day("2026-01-01").integer + day_of } },
                             { "uses", number(10) } });
    TEST_PUT(&f, .kind = TEND_KIND_TASK,
             .fields = { { "account", ref(account) },
                         { "title", text("Send minutes") },
                         { "status", text("open") },
                         { "assignee", ref(user) },
                         { "due_on", day("2026-02-20") } });
    publish_health(account, 80, "green");
}

static tend_status ask_account(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_account(query, account, result, reterr);
}

static tend_status ask_timeline(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_timeline(query, account, 0, result, reterr);
}

static tend_status ask_tree(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_tree(query, account, result, reterr);
}

static tend_status ask_portfolio(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_portfolio(query, 90, 0, result, reterr);
}

START_TEST(an_account_shows_stage_owner_health_money_people_and_work)
{
    tend_query query;

    populate();
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"account\":{\"id\":");
    HAS(answer, "\"name\":\"Acme\"");
    HAS(answer, "\"owner\":\"kim\"");
    HAS(answer, "\"health\":{\"score\":80.000000,\"band\":\"green\",\"day\":\"2026-02-16\"");
    HAS(answer, "\"arr\":120000.00,\"arr_currency\":\"USD\",\"contracts\":1,\"at_risk\":24000.00"); /* 20 points: it ends */
    HAS(answer, "\"name\":\"Park Min\"");
    HAS(answer, "\"touch_days_since\":10");
    HAS(answer, "\"ends_on\":\"2026-04-30\",\"notice_on\":null,\"days_left\":73");
    HAS(answer, "\"title\":\"Send minutes\",\"due_on\":\"2026-02-20\",\"assignee\":\"kim\"");
    HAS(answer, "\"source\":\"by hand\",\"age_days\":0");
}
END_TEST

/* touch.days of the health: from the 6th to the 16th is ten days, whatever the hours. */
START_TEST(days_since_a_touch_are_calendar_days_as_in_the_health)
{
    tend_query query;
    int64_t one;

    one = add_owned("Late Caller", add_user("lee"));
    TEST_PUT(&f, .kind = TEND_KIND_INTERACTION,
             .fields = { { "account", ref(one) },
                         { "kind", text("call") },
                         { "happened_at", { .type = TEND_TIME, .integer = at("2026-02-06") + 84600000 } } });
    account = one;
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"touch_days_since\":10");
}
END_TEST

START_TEST(the_timeline_tells_facts_months_of_usage_tasks_and_changes)
{
    tend_query query;

    populate();
    f.now = at("2026-02-18");
    TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "ends_on", day("2026-05-31") } });
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "stage", text("leaving") } });
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_timeline);
    HAS(answer, "\"kind\":\"call\",\"what\":\"Rollout plan\",\"amount\":null,\"amount_currency\":null,\"who\":\"kim / Park Min\"");
    HAS(answer, "\"kind\":\"usage\",\"what\":\"2026-01: 20 uses, 2 days\"");
    HAS(answer, "\"kind\":\"task opened\",\"what\":\"Send minutes\"");
    HAS(answer, "\"kind\":\"change\",\"what\":\"contract Pro: ends_on 2026-04-30 → 2026-05-31\"");
    HAS(answer, "\"kind\":\"change\",\"what\":\"stage active → leaving\"");
    ck_assert(strstr(answer, "stage active") < strstr(answer, "Rollout plan")); /* newest first */
}
END_TEST

START_TEST(as_of_a_day_the_later_change_is_not_there)
{
    tend_query query;

    populate();
    f.now = at("2026-02-20");
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "stage", text("leaving") } });
    TEST_PUT(&f, .kind = TEND_KIND_TASK,
             .fields = { { "account", ref(account) }, { "title", text("Win back") }, { "status", text("open") } });
    query = query_of(at("2026-02-19"));
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"stage\":\"active\"");
    HAS_NOT(answer, "Win back");
    HAS_NOT(answer, "leaving");
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"stage\":\"leaving\"");
    HAS(answer, "Win back");
}
END_TEST

START_TEST(a_tree_adds_up_what_is_below)
{
    tend_query query;
    int64_t child;

    populate();
    child = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Acme Korea") }, { "parent", ref(account) } }).id;
    add_contract(child, "Basic", "2026-12-31", 100000, "USD");
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_tree);
    HAS(answer, "\"name\":\"Acme\",\"level\":0");
    HAS(answer, "\"arr\":120000.00,\"arr_currency\":\"USD\",\"arr_below\":121000.00");
    HAS(answer, "\"name\":\"Acme Korea\",\"level\":1");
    HAS(answer, "\"arr\":1000.00,\"arr_currency\":\"USD\",\"arr_below\":1000.00");
}
END_TEST

START_TEST(the_portfolio_counts_bands_and_names_the_riskiest_with_reasons)
{
    tend_query query;
    int64_t red;

    populate();
    red = add_owned("Beta", add_user("lee"));
    add_contract(red, "Basic", "2026-03-10", 1000000, "USD");
    publish_health(red, 20, "red");
    add_account(&f, "Gamma");
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"portfolio\":{\"day\":\"2026-02-16\",\"accounts\":3,\"arr\":130000.00");
    HAS(answer, "{\"band\":\"green\",\"accounts\":1,\"arr\":120000.00,\"arr_currency\":\"USD\"},{\"band\":\"red\",\"accounts\":1,"
                "\"arr\":10000.00,\"arr_currency\":\"USD\"},{\"band\":\"unknown\",\"accounts\":1,\"arr\":0.00");
    /* Acme: 20 points of 120,000; Beta: 60 + 30 of 10,000. */
    HAS(answer, "\"rank\":1,\"account_id\":");
    HAS(answer, "\"arr\":120000.00,\"arr_currency\":\"USD\",\"at_risk\":24000.00");
    HAS(answer,
        "\"at_risk\":9000.00,\"at_risk_currency\":\"USD\",\"owner\":\"lee\",\"reasons\":\"health red: 20.0 of 100; contract "
        "ends 2026-03-10, in 22 days\"");
    HAS(answer, "{\"person\":\"kim\",\"open\":1,\"overdue\":0");
    HAS(answer, "{\"currency_code\":\"USD\",\"contracts\":2,\"arr\":130000.00");
}
END_TEST

START_TEST(an_account_that_does_not_exist_is_said)
{
    tend_query query = query_of(0);
    FILE *out = fopen("/dev/null", "w");
    tend_result *result = tend_result_json(out);

    ck_assert_int_eq(tend_query_account(&query, 77, result, &f.error), TEND_ENOTFOUND);
    result->free(result);
    (void)fclose(out);
}
END_TEST

TESTS_WITH("query/account", {
    tcase_add_checked_fixture(tcase, query_setup, query_teardown);
    tcase_add_test(tcase, an_account_shows_stage_owner_health_money_people_and_work);
    tcase_add_test(tcase, days_since_a_touch_are_calendar_days_as_in_the_health);
    tcase_add_test(tcase, the_timeline_tells_facts_months_of_usage_tasks_and_changes);
    tcase_add_test(tcase, as_of_a_day_the_later_change_is_not_there);
    tcase_add_test(tcase, a_tree_adds_up_what_is_below);
    tcase_add_test(tcase, the_portfolio_counts_bands_and_names_the_riskiest_with_reasons);
    tcase_add_test(tcase, an_account_that_does_not_exist_is_said);
})
