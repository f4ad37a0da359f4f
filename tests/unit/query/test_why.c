/* What `playbook why` says: what became of an account on any day, and which field decided. */
#include "model/measure.h"
#include "playbook_fixture.h"
#include "query/query.h"

static char *answer;

static void tear_down(void)
{
    free(answer);
    answer = NULL;
    playbook_tear_down();
}

/* As CSV: the first section, a line for each row of the account. */
static const char *why(const char *playbook, const char *day_text, tend_result *(*make)(FILE *out))
{
    tend_world world = tend_world_live(f.model);
    tend_date date = day_text ? (tend_date)day(day_text).integer : TEND_NO_DATE;
    tend_rates *rates = NULL;
    tend_query query = { .model = f.model,
                         .world = world,
                         .principal = &f.principal,
                         .segments = segments,
                         .currency = "EUR",
                         .today = today(),
                         .arena = f.arena };
    size_t length;
    FILE *out;
    tend_result *result;

    TEST_OK(&f, tend_rates_load(&world, &rates, &f.error));
    query.rates = rates;
    free(answer);
    out = open_memstream(&answer, &length);
    result = make(out);
    TEST_OK(&f, tend_query_why(&query, playbook, account, date, 0, result, &f.error));
    TEST_OK(&f, result->end(result, &f.error));
    result->free(result);
    ck_assert_int_eq(fclose(out), 0);
    tend_rates_free(rates);
    return answer;
}

#define HAS(part) ck_assert_msg(strstr(answer, (part)) != NULL, "no %s in %s", (part), answer)
#define HAS_NOT(part) ck_assert_msg(strstr(answer, (part)) == NULL, "%s in %s", (part), answer)
/* One row, one answer. */
#define SAYS(playbook, day_text, part)                      \
    do {                                                    \
        (void)why((playbook), (day_text), tend_result_csv); \
        HAS(part);                                          \
    } while (0)

static void renewal(void)
{
    use_script("commercial", "renewal");
    open_playbooks(SEGMENTS "[segment.small]\nwhere = seats < 10\n[playbook.renewal]\n");
}

static void account_becomes(const char *field, tend_value value)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { field, value } });
}

START_TEST(a_due_date_ahead_is_named_with_its_date_and_field)
{
    renewal();
    (void)add_contract((tend_date)day("2027-03-01").integer);
    work();
    SAYS("renewal", NULL, ",waiting,\"due on 2026-12-01, 90 days before contract.ends_on 2027-03-01\",");
    (void)why("renewal", NULL, tend_result_json);
    HAS("The rows are contracts of account 1, Acme; tend playbook start takes their numbers.");
    account_becomes("name", text("Bravo"));
    account_becomes("seats", number(5));
    work();
    SAYS("renewal", NULL,
         "due on 2026-12-01, 90 days before contract.ends_on 2027-03-01; as things stand it would not start: account.segment is "
         "small, wanted in (key, growth); segment key: name is Bravo, wanted = Acme; segment growth: seats is 5, wanted > 1000");
}
END_TEST

START_TEST(a_due_date_that_came_unmet_names_the_field_as_it_was_then)
{
    int64_t contract;

    account_becomes("name", text("Bravo"));
    renewal();
    contract = add_contract(today() + 100);
    f.now += INT64_C(86400000) * 20;
    work();
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "status", text("signed") } });
    account_becomes("name", text("Acme"));
    SAYS("renewal", "2026-03-21",
         ",unmet,\"due since 2026-03-12, 90 days before contract.ends_on 2026-06-10; account.segment is none, wanted in (key, "
         "growth); segment key: name is Bravo, wanted = Acme; segment growth: seats is not known, wanted > 1000\",");
    SAYS("renewal", NULL, "; contract.status is signed, wanted = active\",");
    SAYS("renewal", "2026-03-05", ",waiting,\"due on 2026-03-12, ");
}
END_TEST

START_TEST(a_run_and_a_late_row_keep_their_recorded_reason)
{
    renewal();
    (void)add_contract(today() + 60);
    (void)add_contract(today() - 5);
    work();
    (void)why("renewal", NULL, tend_result_csv);
    HAS(",ran,\"90 days before ends_on, 2026-05-01; 30 days late\",");
    HAS(",late,\"ends_on is 2026-02-25; the start, 90 days before it, was 95 days ago; left out\",");
    SAYS("renewal", "2026-03-02", ",ran,");
}
END_TEST

START_TEST(a_row_without_its_date_says_so)
{
    renewal();
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "status", text("active") } });
    work();
    SAYS("renewal", NULL, ",no_date,contract.ends_on is not known,");
}
END_TEST

#define SCRIPT(start)                                                                                        \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'done' }, " \
    "start_when = { " start " }, steps = function(run) return 'done' end }"

static void use_test(const char *script)
{
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks(SEGMENTS "[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

START_TEST(a_filtered_event_names_every_field_that_kept_it_out_as_known_then)
{
    int64_t contract;

    use_test(SCRIPT("event = 'contract.signed', where = 'seats > 100 and account.region in (EMEA, APAC)'"));
    account_becomes("region", text("AMER"));
    contract = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                        .fields = { { "account", ref(account) }, { "status", text("signed") }, { "seats", number(10) } })
                   .id;
    work();
    f.now = at("2026-03-09");
    account_becomes("region", text("EMEA"));
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", number(500) } });
    work();
    SAYS("test", "2026-03-02",
         ",filtered,\"seats is 10, wanted > 100; account.region is AMER, wanted in (EMEA, APAC)\",2026-03-02T");
    SAYS("test", "2026-03-09", ",no_event,no contract.signed happened to it on 2026-03-09,");
    (void)why("test", "2026-03-02", tend_result_json);
    HAS("\"field\": \"account.region\",\n      \"value\": \"AMER\",\n      \"wanted\": \"in (EMEA, APAC)\"");
    HAS("\"decision\": \"filtered\",\n      \"topic\": \"contract.signed\"");
    HAS("\"condition\": \"seats > 100 and account.region in (EMEA, APAC)\"");
}
END_TEST

START_TEST(an_event_delivered_later_is_explained_by_what_the_engine_saw)
{
    int64_t contract;

    use_test(SCRIPT("event = 'contract.signed', where = 'seats > 100'"));
    contract = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                        .fields = { { "account", ref(account) }, { "status", text("signed") }, { "seats", number(500) } })
                   .id;
    SAYS("test", NULL, ",undelivered,no engine has looked at it yet; run tend once,");
    f.now += 3600000;
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", number(50) } });
    f.now += 3600000;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    SAYS("test", NULL, ",filtered,\"when it was delivered, seats is 50, wanted > 100\",");
}
END_TEST

START_TEST(history_is_said_to_start_nothing)
{
    use_test(SCRIPT("event = 'contract.signed', where = 'seats > 100'"));
    f.origin.is_history = true;
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                   .fields = { { "account", ref(account) }, { "status", text("signed") }, { "seats", number(500) } });
    work();
    SAYS("test", NULL, ",suppressed,\"it came as history, which starts nothing\",");
}
END_TEST

START_TEST(a_condition_says_since_when_it_holds_or_what_keeps_it)
{
    int64_t contract;

    use_test(SCRIPT("where = 'seats > 100'"));
    contract = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(50) } }).id;
    work();
    SAYS("test", "2026-03-02", ",filtered,\"seats is 50, wanted > 100\",");
    go_to("2026-03-05");
    SAYS("test", "2026-03-05", ",unmet,\"seats is 50, wanted > 100\",");
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", number(200) } });
    work();
    SAYS("test", "2026-03-05", ",ran,seats > 100 (it is 200),");
    go_to("2026-03-08");
    SAYS("test", "2026-03-08", ",met_before,\"the condition has been met since 2026-03-05: seats is 200, wanted > 100\",");
    SAYS("test", "2026-03-04", ",unmet,\"seats is 50, wanted > 100\",");
}
END_TEST

static const tend_measure_name published[] = { { .name = "health", .choices = "green yellow red" }, { .name = NULL } };

static void use_health(const char *start)
{
    char script[600];

    (void)snprintf(script, sizeof script,
                   "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'done' }, "
                   "start_when = { %s }, steps = function(run) return 'done' end }",
                   start);
    measure_names = published;
    use_test(script);
    measure_names = NULL;
}

static void publish(int64_t score, const char *band)
{
    const tend_measure measure = {
        .kpi = "health", .account = account, .day = today(), .numerator = score, .denominator = 1, .text = band
    };
    bool differs;

    begin(&f);
    TEST_OK(&f, tend_measure_publish(f.model, &f.origin, &measure, &differs, &f.error));
    commit(&f);
}

START_TEST(a_condition_on_a_measure_is_answered_with_the_measure_as_it_is)
{
    use_health("where = 'stage = active and health < 50', again_when = 'health > 60'");
    account_becomes("stage", text("active"));
    work();
    SAYS("test", NULL, ",unmet,\"health, wanted < 50, cannot be compared: it was not computed yet\",");
    f.now = at("2026-03-09");
    publish(92, "green");
    work();
    SAYS("test", NULL, ",unmet,\"health is 92, green, wanted < 50\",");
    HAS_NOT("not known");
    (void)why("test", NULL, tend_result_json);
    HAS("\"decision\": \"filtered\",\n      \"topic\": \"measure.health\"");
    HAS("\"topic\": \"measure.health\",\n      \"decision\": \"filtered\",\n      \"events\": 1");
    HAS("\"at\": \"2026-03-09T00:00:00Z\",\n      \"decision\": \"filtered\",\n      \"topic\": \"measure.health\"");
    HAS("\"why\": \"health is 92, green, wanted < 50\"");
    HAS("\"why\": \"health, wanted < 50, cannot be compared: it was not computed yet\"");
    HAS("\"field\": \"health\",\n      \"value\": \"92, green\",\n      \"wanted\": \"< 50\"");
}
END_TEST

START_TEST(a_run_that_a_measure_started_names_its_value)
{
    use_health("where = 'stage = active and health < 50', again_when = 'health > 60'");
    account_becomes("stage", text("active"));
    publish(55, "yellow");
    work();
    f.now = at("2026-03-09");
    publish(41, "red");
    work();
    SAYS("test", "2026-03-09", ",ran,\"stage = active (it is active) and health < 50 (it is 41, red)\",");
}
END_TEST

START_TEST(a_measure_that_has_changed_since_is_not_said_to_be_unknown)
{
    use_health("where = 'health < 50'");
    publish(55, "yellow");
    work();
    f.now = at("2026-03-09");
    publish(92, "green");
    work();
    /* Without calculators nobody can tell what it was; that it was is known. */
    SAYS("test", "2026-03-02", ",filtered,\"health, wanted < 50, cannot be compared: what it was then is not kept\",");
    SAYS("test", "2026-03-09", ",filtered,\"health is 92, green, wanted < 50\",");
}
END_TEST

START_TEST(a_simulation_says_why_nothing_began)
{
    tend_query query = { .model = f.model,
                         .world = tend_world_live(f.model),
                         .principal = &f.principal,
                         .currency = "EUR",
                         .today = today(),
                         .arena = f.arena };
    size_t length;
    FILE *out;
    tend_result *result;

    measure_names = published;
    use_test("return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'done' }, start_when = { "
             "where = 'health < 50' }, steps = function(run) run:sleep('rest', { days = 9 }) return 'done' end }");
    measure_names = NULL;
    work();
    for (int score = 45; score > 40; score--) {
        publish(score, "red");
        work();
    }
    out = open_memstream(&answer, &length);
    result = tend_result_json(out);
    TEST_OK(&f, tend_query_simulation(&query, at("2026-03-02"), f.now, 0, result, &f.error));
    TEST_OK(&f, result->end(result, &f.error));
    result->free(result);
    ck_assert_int_eq(fclose(out), 0);
    HAS("\"decision\": \"deduplicated\",\n      \"events\": 4,\n      \"why\": \"a run was at work on the row already\"");
    HAS("\"decision\": \"ran\",\n      \"events\": 1,\n      \"why\": null");
}
END_TEST

START_TEST(each_day_is_judged_by_the_condition_that_was_in_force)
{
    use_test(SCRIPT("event = 'contract.signed', where = 'seats > 100'"));
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                   .fields = { { "account", ref(account) }, { "status", text("signed") }, { "seats", number(50) } });
    work();
    f.now = at("2026-03-10");
    close_playbooks();
    use_test(SCRIPT("event = 'contract.signed', where = 'seats > 10'"));
    f.now = at("2026-03-20");
    close_playbooks();
    open_playbooks(SEGMENTS);
    SAYS("test", "2026-03-02", ",filtered,\"seats is 50, wanted > 100\",");
    (void)why("test", "2026-03-15", tend_result_json);
    HAS("\"condition\": \"seats > 10\"");
    (void)why("test", "2026-03-21", tend_result_json);
    HAS("\"state\": \"off\"");
    HAS("Playbook test was switched off on 2026-03-20; nothing was put before it on 2026-03-21.");
    (void)why("test", "2026-03-01", tend_result_json);
    HAS("\"state\": \"absent\"");
    HAS("There was no playbook test on 2026-03-01; it came on 2026-03-02.");
}
END_TEST

START_TEST(a_merged_account_answers_with_the_rows_of_both)
{
    int64_t other = add_account(&f, "Akme"), into = account;

    renewal();
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                   .fields = { { "account", ref(other) }, { "status", text("active") }, { "ends_on", day("2026-04-01") } });
    work();
    SAYS("renewal", NULL, "row,name,what,why,"); /* Acme has none yet, and Akme's is in no segment */
    HAS_NOT("contract 1");
    begin(&f);
    TEST_OK(&f, tend_merge(f.model, &f.origin, other, account, &f.error));
    commit(&f);
    work();
    SAYS("renewal", NULL, ",ran,\"90 days before ends_on, 2026-04-01; 60 days late\",");
    account = other;
    SAYS("renewal", NULL, ",ran,\"90 days before ends_on, 2026-04-01; 60 days late\",");
    account = into;
}
END_TEST

START_TEST(an_account_without_a_row_of_the_subject_is_told_so)
{
    renewal();
    work();
    (void)why("renewal", "2026-03-02", tend_result_json);
    HAS("The account had no contract on 2026-03-02, so nothing could start.");
}
END_TEST

START_TEST(an_unknown_playbook_is_refused_with_the_nearest_name)
{
    tend_query query = { .model = f.model, .world = tend_world_live(f.model), .principal = &f.principal, .arena = f.arena };

    renewal();
    ck_assert_int_eq(tend_query_why(&query, "renewla", account, TEND_NO_DATE, 0, NULL, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "playbook 'renewla': there is none; did you mean renewal?");
    ck_assert_int_eq(tend_query_why(&query, "nosuchplaybook", account, TEND_NO_DATE, 0, NULL, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "playbook 'nosuchplaybook': there is none; see tend playbook list");
}
END_TEST

TESTS_WITH("query/why", {
    tcase_add_checked_fixture(tcase, playbook_set_up, tear_down);
    tcase_add_test(tcase, a_due_date_ahead_is_named_with_its_date_and_field);
    tcase_add_test(tcase, a_due_date_that_came_unmet_names_the_field_as_it_was_then);
    tcase_add_test(tcase, a_run_and_a_late_row_keep_their_recorded_reason);
    tcase_add_test(tcase, a_row_without_its_date_says_so);
    tcase_add_test(tcase, a_filtered_event_names_every_field_that_kept_it_out_as_known_then);
    tcase_add_test(tcase, an_event_delivered_later_is_explained_by_what_the_engine_saw);
    tcase_add_test(tcase, history_is_said_to_start_nothing);
    tcase_add_test(tcase, a_condition_says_since_when_it_holds_or_what_keeps_it);
    tcase_add_test(tcase, a_condition_on_a_measure_is_answered_with_the_measure_as_it_is);
    tcase_add_test(tcase, a_run_that_a_measure_started_names_its_value);
    tcase_add_test(tcase, a_measure_that_has_changed_since_is_not_said_to_be_unknown);
    tcase_add_test(tcase, a_simulation_says_why_nothing_began);
    tcase_add_test(tcase, each_day_is_judged_by_the_condition_that_was_in_force);
    tcase_add_test(tcase, a_merged_account_answers_with_the_rows_of_both);
    tcase_add_test(tcase, an_account_without_a_row_of_the_subject_is_told_so);
    tcase_add_test(tcase, an_unknown_playbook_is_refused_with_the_nearest_name);
})
