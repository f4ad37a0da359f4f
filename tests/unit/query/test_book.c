#include "kpi/scorecard.h"
#include "query_fixture.h"

static tend_plugins *plugins;
static tend_kpis *kpis;
static tend_config *config;
static tend_scorecard *card;
static int64_t acme, beta;

/* Health is the seats: red to 50, yellow to 75. */
static void setup(void)
{
    static const char ini[] = "[measure.seats]\nvalue = account.seats\nlow = 0\nhigh = 100\n";
    static const tend_section *const sections[] = { tend_kpi_sections, tend_health_sections, NULL };

    query_setup();
    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &config, &f.error));
    TEST_OK(&f, tend_plugins_open(NULL, tend_clock_by_hand(&f.now), &plugins, &f.error));
    TEST_OK(&f, tend_kpis_open(config, plugins, f.schema, &kpis, &f.error));
    TEST_OK(&f, tend_scorecard_load(config, stderr, &card, &f.error));
}

static void teardown(void)
{
    tend_scorecard_free(card);
    tend_kpis_close(kpis);
    tend_plugins_close(plugins);
    tend_config_free(config);
    query_teardown();
}

static int64_t add_with_seats(const char *name, int64_t owner, int64_t seats)
{
    return TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                    .fields = { { "name", text(name) },
                                { "stage", text("active") },
                                { "owner", ref(owner) },
                                { "seats", number(seats) } })
        .id;
}

static void populate(void)
{
    f.now = at("2026-01-10");
    acme = add_with_seats("Acme", add_user("kim"), 60);
    beta = add_with_seats("Beta", add_user("lee"), 20);
    add_contract(acme, "Pro", "2026-12-31", 1000000, "USD");
    add_contract(beta, "Basic", "2026-12-31", 200000, "USD");
    f.now = at("2026-02-16");
    publish_health(acme, 90, "green");
    publish_health(beta, 95, "green");
}

static tend_query book_query(tend_time as_of)
{
    tend_query query = query_of(as_of);

    query.kpis = kpis;
    query.card = card;
    return query;
}

static int64_t owner, account;

static tend_status ask_portfolio(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_portfolio(query, 90, owner, result, reterr);
}

static tend_status ask_account(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_account(query, account, result, reterr);
}

START_TEST(health_of_a_day_that_none_was_published_for_is_computed_as_on_the_accounts_page)
{
    tend_query query;

    populate();
    query = book_query(at("2026-02-01"));
    account = acme;
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"health\":{\"score\":60.000000,\"band\":\"yellow\"");
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"bands\":[{\"band\":\"yellow\",\"accounts\":1,\"arr\":10000.00,\"arr_currency\":\"USD\"},{\"band\":\"red\","
                "\"accounts\":1,\"arr\":2000.00,\"arr_currency\":\"USD\"}]");
    HAS(answer, "\"reasons\":\"health yellow: 60.0 of 100\"");
    query = book_query(0);
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"bands\":[{\"band\":\"green\",\"accounts\":2,\"arr\":12000.00,\"arr_currency\":\"USD\"}]");
}
END_TEST

START_TEST(money_at_risk_is_the_same_in_the_book_and_on_the_accounts_page)
{
    tend_query query;

    populate();
    query = book_query(at("2026-02-01"));
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"at_risk\":3000.00,\"at_risk_currency\":\"USD\",\"owner\":\"kim\""); /* 30 points of 10,000 */
    HAS(answer, "\"at_risk\":1200.00,\"at_risk_currency\":\"USD\",\"owner\":\"lee\""); /* 60 points of 2,000 */
    account = acme;
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"at_risk\":3000.00,\"at_risk_currency\":\"USD\",\"at_risk_why\":\"health yellow: 60.0 of 100\"");
    account = beta;
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"at_risk\":1200.00,\"at_risk_currency\":\"USD\",\"at_risk_why\":\"health red: 20.0 of 100\"");
}
END_TEST

START_TEST(every_sum_of_the_portfolio_is_over_the_accounts_looked_after)
{
    tend_query query;
    int64_t gone;

    populate();
    gone = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Gone") }, { "stage", text("former") } }).id;
    add_contract(gone, "Left over", "2026-03-31", 500000, "EUR");
    query = book_query(0);
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"accounts\":2,\"arr\":12000.00,\"arr_currency\":\"USD\",\"contracts\":2,");
    HAS(answer, "\"bands\":[{\"band\":\"green\",\"accounts\":2,\"arr\":12000.00,");
    HAS(answer, "\"renewals\":[],");
    HAS(answer, "\"arr_by_currency\":[{\"currency_code\":\"USD\",\"contracts\":2,");
    HAS_NOT(answer, "\"currency_code\":\"EUR\"");
    HAS(answer, "\"1 contract of those accounts still runs, 0.00 USD a year, not counted here\"");
}
END_TEST

START_TEST(the_portfolio_of_one_person_is_over_the_accounts_of_that_person)
{
    tend_query query;

    populate();
    query = book_query(0);
    owner = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("cho") } }).id;
    TEST_PUT(&f, .kind = TEND_KIND_OWNER, .fields = { { "account", ref(beta) }, { "user", ref(owner) }, { "role", text("csm") } });
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"accounts\":1,\"arr\":2000.00,");
    HAS(answer, "\"bands\":[{\"band\":\"green\",\"accounts\":1,\"arr\":2000.00,");
    owner = 0;
}
END_TEST

START_TEST(the_portfolio_says_which_days_rates_it_and_the_kpis_take)
{
    tend_query query;

    populate();
    query = book_query(0);
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer,
        "\"money is converted by the rates of 2026-02-16; KPIs (tend kpi show arr) by those of 2025-02-16, the first day of "
        "their period, and over all accounts\"");
}
END_TEST

static const char *asked;

static tend_status ask_kpi(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_kpi_explain(query, asked, NULL, account, result, reterr);
}

static tend_status ask_why(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_health_explain(query, card, account, result, reterr);
}

static void put_rate(const char *on, int64_t rate)
{
    TEST_PUT(&f, .kind = TEND_KIND_RATE,
             .fields = { { "from_currency", text("EUR") },
                         { "to_currency", text("USD") },
                         { "on_date", day(on) },
                         { "rate", { .type = TEND_DECIMAL, .scale = 9, .integer = rate } } });
}

/* The same contract: 1.5 on the first day of the period, 2 on its last. */
START_TEST(a_kpi_of_money_says_which_days_rates_it_takes)
{
    tend_query query;

    put_rate("2025-02-16", 1500000000);
    put_rate("2026-02-16", 2000000000);
    account = 0;
    tend_kpis_set_currency(kpis, "USD");
    add_contract(add_owned("Acme", add_user("kim")), "Pro", "2026-12-31", 1000000, "EUR");
    query = book_query(0);
    asked = "arr";
    query_answer(&query, tend_result_json, ask_kpi);
    HAS(answer, "\"value\":15000.000000,\"percent\":null,\"currency\":\"USD\",\"rate_day\":\"2025-02-16\"");
    HAS(answer, "\"money of other currencies is converted by the rates of 2025-02-16, the first day of the period, so that no rate "
                "moves it; report portfolio and account show take those of 2026-02-16\"");
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"arr\":20000.00,\"arr_currency\":\"USD\",\"contracts\":1,");
    asked = "nrr";
    query_answer(&query, tend_result_json, ask_kpi);
    HAS(answer, "\"value\":1.000000,\"percent\":100.000000,");
    HAS(answer, "\"the facts of an account: tend kpi explain nrr --account ACCOUNT\"");
}
END_TEST

START_TEST(an_account_without_a_score_has_no_parts_of_one_and_is_told_why)
{
    tend_query query;

    account = add_owned("Acme", add_user("kim"));
    query = book_query(0);
    query_answer(&query, tend_result_json, ask_why);
    HAS(answer, "\"score\":null,\"band\":\"unknown\"");
    HAS(answer, "\"contribution\":null,\"why\":\"account.seats is not known; its weight goes to the other groups, as for group all "
                "nothing is known\"");
    HAS(answer, "\"no score: only 0 % of the weight has values, and 50 % is the least ([health] minimum_coverage)\"");
    query_answer(&query, tend_result_json, ask_account);
    HAS(answer, "\"no score: only 0 % of the weight has values, and 50 % is the least ([health] minimum_coverage)\"");
}
END_TEST

static tend_status ask_day(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_day_note(query, result, reterr);
}

START_TEST(a_day_to_come_is_called_so)
{
    tend_query query;

    populate();
    query = book_query(at("2026-03-16"));
    query_answer(&query, tend_result_json, ask_day);
    HAS(answer,
        "\"2026-03-16 is a day to come: this is what is known now, as if nothing happened until then; tend simulate shows what "
        "playbooks would do\"");
    query = book_query(at("2026-02-15"));
    query_answer(&query, tend_result_json, ask_day);
    HAS_NOT(answer, "notes");
    query = book_query(0);
    query_answer(&query, tend_result_json, ask_day);
    HAS_NOT(answer, "notes");
}
END_TEST

START_TEST(facts_older_than_a_year_are_said_with_the_figures)
{
    tend_query query;

    populate();
    account = 0;
    TEST_PUT(&f, .kind = TEND_KIND_INTERACTION,
             .fields = { { "account", ref(acme) }, { "kind", text("call") }, { "happened_at", time_value("2025-02-15") } });
    query = book_query(0); /* 366 days */
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS(answer, "\"the newest fact is of 2025-02-15, 366 days before the day asked about: these figures say little about it; see "
                "--as-of 2025-02-15, or import what happened since\"");
    asked = "nrr";
    query_answer(&query, tend_result_json, ask_kpi);
    HAS(answer, "the newest fact is of 2025-02-15");
    TEST_PUT(&f, .kind = TEND_KIND_INTERACTION,
             .fields = { { "account", ref(acme) }, { "kind", text("call") }, { "happened_at", time_value("2025-02-16") } });
    query_answer(&query, tend_result_json, ask_portfolio);
    HAS_NOT(answer, "the newest fact");
}
END_TEST

TESTS_WITH("query/book", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, health_of_a_day_that_none_was_published_for_is_computed_as_on_the_accounts_page);
    tcase_add_test(tcase, money_at_risk_is_the_same_in_the_book_and_on_the_accounts_page);
    tcase_add_test(tcase, every_sum_of_the_portfolio_is_over_the_accounts_looked_after);
    tcase_add_test(tcase, the_portfolio_of_one_person_is_over_the_accounts_of_that_person);
    tcase_add_test(tcase, a_kpi_of_money_says_which_days_rates_it_takes);
    tcase_add_test(tcase, an_account_without_a_score_has_no_parts_of_one_and_is_told_why);
    tcase_add_test(tcase, a_day_to_come_is_called_so);
    tcase_add_test(tcase, facts_older_than_a_year_are_said_with_the_figures);
    tcase_add_test(tcase, the_portfolio_says_which_days_rates_it_and_the_kpis_take);
})
