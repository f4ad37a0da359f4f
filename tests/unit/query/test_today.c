#include "playbook/tables.h"
#include "query/today.h"
#include "query_fixture.h"

static int64_t user;
static const tend_today_item *items;
static size_t count, all;

static void look(int64_t whose)
{
    tend_query query = query_of(0);

    TEST_OK(&f, tend_today_items(&query, whose, 0, &items, &count, &all, &f.error));
}

static const tend_today_item *item_of(const char *kind)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].kind, kind) == 0)
            return &items[i];
    return NULL;
}

static int64_t add_task(const char *title, int64_t whose, const char *due)
{
    return TEST_PUT(&f, .kind = TEND_KIND_TASK,
                    .fields = { { "title", text(title) },
                                { "status", text("open") },
                                { "assignee", ref(whose) },
                                { "due_on", day(due) } })
        .id;
}

START_TEST(a_contract_that_ends_is_a_renewal_with_its_numbers)
{
    user = add_user("kim");
    add_contract(add_owned("Acme", user), "Pro", "2026-02-28", 12000000, "USD");
    look(user);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(items[0].what, "Renewal of Pro");
    ck_assert_str_eq(items[0].reason, "contract ends 2026-02-28, in 12 days; 120,000.00 USD a year; no renewal task");
    ck_assert_str_eq(items[0].name, "Acme");
    ck_assert_int_eq(items[0].due, date_value("2026-02-28").integer);
    ck_assert_int_eq(items[0].at_risk, 12000000);
    ck_assert_int_eq(items[0].urgency, 82); /* 90 - 12 * 2/3 */
}
END_TEST

START_TEST(a_renewal_with_an_open_task_is_left_to_the_task)
{
    int64_t contract;

    user = add_user("kim");
    contract = add_contract(add_owned("Acme", user), "Pro", "2026-02-28", 12000000, "USD");
    TEST_PUT(&f, .kind = TEND_KIND_TASK,
             .fields = { { "title", text("Write the plan") },
                         { "status", text("open") },
                         { "assignee", ref(user) },
                         { "contract", ref(contract) },
                         { "reason", text("renewal ahead") },
                         { "due_on", day("2026-02-13") } });
    look(user);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(items[0].kind, "task");
    ck_assert_str_eq(items[0].reason, "due 2026-02-13, 3 days overdue; renewal ahead; 120,000.00 USD at stake");
    ck_assert_int_eq(items[0].urgency, 66);
}
END_TEST

START_TEST(a_contract_that_was_renewed_or_ends_late_is_no_renewal)
{
    int64_t account, contract;

    user = add_user("kim");
    account = add_owned("Acme", user);
    contract = add_contract(account, "Old", "2026-02-28", 100, "USD");
    TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
             .fields = { { "account", ref(account) }, { "status", text("signed") }, { "predecessor", ref(contract) } });
    add_contract(account, "Late", "2026-05-18", 100, "USD"); /* in 91 days */
    look(user);
    ck_assert_uint_eq(count, 0);
    add_contract(account, "Near", "2026-05-17", 100, "USD");
    look(user);
    ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(money_at_risk_is_converted_and_ranks)
{
    int64_t small, large;

    user = add_user("kim");
    TEST_PUT(&f, .kind = TEND_KIND_RATE,
             .fields = { { "from_currency", text("EUR") },
                         { "to_currency", text("USD") },
                         { "on_date", day("2026-01-01") },
                         { "rate", { .type = TEND_DECIMAL, .scale = 9, .integer = 1100000000 } } });
    small = add_contract(add_owned("Small", user), "S", "2026-03-01", 100000, "USD");
    large = add_contract(add_owned("Large", user), "L", "2026-03-01", 1000000, "EUR");
    look(user);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(items[0].id, large);
    ck_assert_int_eq(items[0].at_risk, 1100000);
    ck_assert_int_eq(items[1].id, small);
}
END_TEST

START_TEST(without_a_rate_no_amount_is_made_up)
{
    user = add_user("kim");
    add_contract(add_owned("Acme", user), "Pro", "2026-02-28", 5000, "KWD");
    look(user);
    ck_assert(!items[0].has_risk);
    ck_assert_str_eq(items[0].reason, "contract ends 2026-02-28, in 12 days; no yearly amount known; no renewal task");
}
END_TEST

START_TEST(snoozed_and_others_tasks_are_out_of_sight)
{
    int64_t other, task;

    user = add_user("kim");
    other = add_user("lee");
    task = add_task("Mine", user, "2026-02-16");
    add_task("His", other, "2026-02-16");
    look(user);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(items[0].reason, "due today");
    TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = task, .fields = { { "snoozed_until", day("2026-02-17") } });
    look(user);
    ck_assert_uint_eq(count, 0);
    look(0);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(items[0].who, "lee");
}
END_TEST

START_TEST(a_deputy_sees_the_tasks_of_the_absent)
{
    int64_t absent;

    user = add_user("kim");
    absent = TEST_PUT(&f, .kind = TEND_KIND_USER,
                      .fields = { { "name", text("lee") },
                                  { "deputy", ref(user) },
                                  { "absent_from", day("2026-02-16") },
                                  { "absent_to", day("2026-02-20") } })
                 .id;
    add_task("His", absent, "2026-02-16");
    look(user);
    ck_assert_uint_eq(count, 1);
    f.now = at("2026-02-21");
    look(user);
    ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(overdue_touches_and_red_flags_come_with_reasons)
{
    int64_t account;

    user = add_user("kim");
    account = add_owned("Acme", user);
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "touch_days", number(30) } });
    TEST_PUT(&f, .kind = TEND_KIND_INTERACTION,
             .fields = { { "account", ref(account) }, { "kind", text("call") }, { "happened_at", time_value("2026-01-02") } });
    TEST_PUT(&f, .kind = TEND_KIND_TICKET,
             .fields = { { "account", ref(account) },
                         { "title", text("Line stands still") },
                         { "status", text("open") },
                         { "priority", text("urgent") },
                         { "opened_at", time_value("2026-02-13") } });
    publish_health(account, 31, "red");
    look(user);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(item_of("ticket")->reason, "urgent ticket open for 3 days");
    for (size_t i = 0; i < count; i++)
        if (items[i].urgency == 70)
            ck_assert_str_eq(items[i].reason, "health is red: 31.0 of 100 on 2026-02-16");
    ck_assert_str_eq(items[2].reason, "last touch 45 days ago; agreed is every 30 days");
}
END_TEST

START_TEST(approvals_mentions_profiles_and_overdue_invoices_are_there)
{
    int64_t account, note;

    user = add_user("kim");
    account = add_owned("Acme", user);
    TEST_PUT(&f, .kind = TEND_KIND_APPROVAL,
             .fields = { { "title", text("20 % off") }, { "status", text("open") }, { "asked_of", ref(user) } });
    note = TEST_PUT(&f, .kind = TEND_KIND_NOTE, .fields = { { "account", ref(account) }, { "text", text("@kim look") } }).id;
    TEST_PUT(&f, .kind = TEND_KIND_MENTION, .fields = { { "note", ref(note) }, { "user", ref(user) } });
    TEST_PUT(&f, .kind = TEND_KIND_PROFILE,
             .fields = { { "account", ref(account) }, { "kind", text("kyc") }, { "expires_on", day("2026-03-01") } });
    TEST_PUT(&f, .kind = TEND_KIND_INVOICE,
             .fields = { { "account", ref(account) },
                         { "status", text("open") },
                         { "due_on", day("2026-02-06") },
                         { "currency", text("USD") },
                         { "amount", money(50000, "USD") } });
    look(user);
    ck_assert_uint_eq(count, 4);
    ck_assert_str_eq(item_of("approval")->what, "Decide: 20 % off");
    ck_assert_str_eq(item_of("mention")->reason, "a colleague mentions you: @kim look");
    ck_assert_str_eq(item_of("profile")->reason, "profile expires 2026-03-01, in 13 days");
    ck_assert_str_eq(item_of("account")->reason, "1 invoice overdue, 500.00 USD, since 2026-02-06 (10 days)");
}
END_TEST

START_TEST(the_contacts_of_an_account_are_one_line)
{
    int64_t account;
    static const char *const days[] = { "2025-12-01", "2025-11-01", "2026-02-01" };

    user = add_user("kim");
    account = add_owned("Acme", user);
    for (int i = 0; i < 3; i++) {
        int64_t contact = TEST_PUT(&f, .kind = TEND_KIND_CONTACT,
                                   .fields = { { "account", ref(account) },
                                               { "name", text(i == 1 ? "Park" : "Other") },
                                               { "touch_days", number(30) } })
                              .id;

        TEST_PUT(&f, .kind = TEND_KIND_INTERACTION,
                 .fields = { { "account", ref(account) }, { "contact", ref(contact) }, { "happened_at", time_value(days[i]) } });
    }
    look(user);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(items[0].what, "Get in touch with Park");
    ck_assert_str_eq(items[0].reason, "last touch 107 days ago; agreed is every 30 days; 1 more person waits");
}
END_TEST

START_TEST(reasons_are_said_in_korean)
{
    tend_query query;

    user = add_user("kim");
    add_contract(add_owned("한빛", user), "Pro", "2026-02-28", 12000000, "USD");
    query = query_of(0);
    query.language = "ko";
    TEST_OK(&f, tend_today_items(&query, user, 0, &items, &count, &all, &f.error));
    ck_assert_str_eq(items[0].reason, "계약 종료 2026-02-28, 12일 남음; 연간 120,000.00 USD; 갱신 할 일 없음");
}
END_TEST

static tend_status ask_today(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_today(query, user, false, 1, result, reterr);
}

START_TEST(what_has_no_rate_is_said_with_what_to_do)
{
    tend_query query;

    user = add_user("kim");
    add_contract(add_owned("Acme", user), "Pro", "2026-02-28", 5000, "KWD");
    query = query_of(0);
    HAS(query_answer(&query, tend_result_json, ask_today),
        "\"Contracts without a rate to USD: 1 (KWD); what hangs on them counts as nothing. Add one: tend add rate "
        "from_currency=KWD to_currency=USD on_date=today rate=…\"");
    query.language = "ko";
    HAS(query_answer(&query, tend_result_json, ask_today), "USD 환율을 모르는 계약 1건(KWD)");
    TEST_PUT(&f, .kind = TEND_KIND_RATE,
             .fields = { { "from_currency", text("KWD") },
                         { "to_currency", text("USD") },
                         { "on_date", day("2026-01-01") },
                         { "rate", { .type = TEND_DECIMAL, .scale = 9, .integer = 3250000000 } } });
    query = query_of(0);
    ck_assert_ptr_null(strstr(query_answer(&query, tend_result_json, ask_today), "without a rate"));
}
END_TEST

START_TEST(a_limit_says_how_many_there_are)
{
    tend_query query;

    user = add_user("kim");
    add_task("One", user, "2026-02-10");
    add_task("Two", user, "2026-02-20");
    query = query_of(0);
    HAS(query_answer(&query, tend_result_json, ask_today), "\"notes\":[\"1 of 2 shown; --limit shows more.\",");
    HAS(answer, "\"rank\":1,\"what\":\"One\"");
}
END_TEST

static bool is_team;

static tend_status ask_team(const tend_query *query, tend_result *result, tend_error *reterr)
{
    return tend_query_today(query, user, is_team, 1, result, reterr);
}

START_TEST(a_manager_sees_the_list_of_all_who_report_directly_or_not)
{
    int64_t lee, kim, other;
    tend_query query;

    user = add_user("boss");
    lee = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("lee") }, { "manager", ref(user) } }).id;
    kim = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("kim") }, { "manager", ref(lee) } }).id;
    other = add_user("other");
    add_task("Of kim", kim, "2026-02-16");
    add_task("Of lee", lee, "2026-02-17");
    add_task("Of other", other, "2026-02-16");
    query = query_of(0);
    is_team = false;
    query_answer(&query, tend_result_json, ask_team);
    HAS(answer, "\"today\":[]");
    is_team = true;
    query_answer(&query, tend_result_json, ask_team);
    HAS(answer, "\"what\":\"Of kim\"");
    HAS(answer, "\"who\":\"kim\"");
    HAS(answer, "\"1 of 2 shown; --limit shows more.\"");
}
END_TEST

/* Two contracts of 1,000 and 3,000 a year: a tenth of their mean is 200. */
START_TEST(the_list_says_how_it_is_ranked_and_what_the_floor_is)
{
    tend_query query;

    user = add_user("kim");
    add_contract(add_owned("Acme", user), "Pro", "2026-03-01", 100000, "USD");
    add_contract(add_owned("Beta", user), "Pro", "2026-12-31", 300000, "USD");
    query = query_of(0);
    query_answer(&query, tend_result_json, ask_team);
    HAS(answer, "\"rank = (money at stake + 200.00 USD) × urgency; docs/today.md says what counts how\"");
}
END_TEST

START_TEST(a_renewal_that_a_playbook_is_at_work_on_says_so)
{
    int64_t account, contract;
    char sql[256];

    user = add_user("kim");
    account = add_owned("Acme", user);
    contract = add_contract(account, "Pro", "2026-02-28", 12000000, "USD");
    begin(&f);
    TEST_OK(&f, tend_playbook_tables(f.store, &f.error));
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO runs(id, playbook, bundle, kind, row, account, shard, state, cause, moved_by, version, started_at) "
                   "VALUES(7, 'renewal', 1, %d, %lld, %lld, 0, 'waiting', 0, 0, 1, 0)",
                   TEND_KIND_CONTRACT, (long long)contract, (long long)account);
    TEST_OK(&f, tend_store_run(f.store, sql, &f.error));
    commit(&f);
    look(user);
    ck_assert_str_eq(
        item_of("contract")->reason,
        "contract ends 2026-02-28, in 12 days; 120,000.00 USD a year; no open task; run 7 of renewal is at work on it");
    TEST_PUT(&f, .kind = TEND_KIND_TASK,
             .fields = { { "account", ref(account) },
                         { "title", text("Write the plan") },
                         { "status", text("open") },
                         { "assignee", ref(user) },
                         { "run", number(7) } });
    look(user);
    ck_assert_ptr_null(item_of("contract"));
    begin(&f);
    TEST_OK(&f, tend_store_run(f.store, "UPDATE runs SET state = 'ended'; UPDATE tasks SET status = 'done'", &f.error));
    commit(&f);
    look(user);
    ck_assert_ptr_nonnull(strstr(item_of("contract")->reason, "; no renewal task"));
}
END_TEST

START_TEST(a_profile_that_a_playbook_has_a_task_for_is_left_to_the_task)
{
    int64_t account, profile;
    char sql[256];

    user = add_user("kim");
    account = add_owned("Acme", user);
    profile = TEST_PUT(&f, .kind = TEND_KIND_PROFILE,
                       .fields = { { "account", ref(account) }, { "kind", text("kyc") }, { "expires_on", day("2026-03-01") } })
                  .id;
    begin(&f);
    TEST_OK(&f, tend_playbook_tables(f.store, &f.error));
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO runs(id, playbook, bundle, kind, row, account, shard, state, cause, moved_by, version, started_at) "
                   "VALUES(7, 'profile_expiry', 1, %d, %lld, %lld, 0, 'waiting', 0, 0, 1, 0)",
                   TEND_KIND_PROFILE, (long long)profile, (long long)account);
    TEST_OK(&f, tend_store_run(f.store, sql, &f.error));
    commit(&f);
    look(user);
    ck_assert_ptr_nonnull(item_of("profile"));
    TEST_PUT(&f, .kind = TEND_KIND_TASK,
             .fields = { { "account", ref(account) },
                         { "title", text("Renew the kyc profile") },
                         { "status", text("open") },
                         { "assignee", ref(user) },
                         { "run", number(7) } });
    look(user);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(items[0].kind, "task");
}
END_TEST

TESTS_WITH("query/today", {
    tcase_add_checked_fixture(tcase, query_setup, query_teardown);
    tcase_add_test(tcase, a_contract_that_ends_is_a_renewal_with_its_numbers);
    tcase_add_test(tcase, a_renewal_with_an_open_task_is_left_to_the_task);
    tcase_add_test(tcase, a_contract_that_was_renewed_or_ends_late_is_no_renewal);
    tcase_add_test(tcase, money_at_risk_is_converted_and_ranks);
    tcase_add_test(tcase, without_a_rate_no_amount_is_made_up);
    tcase_add_test(tcase, snoozed_and_others_tasks_are_out_of_sight);
    tcase_add_test(tcase, a_deputy_sees_the_tasks_of_the_absent);
    tcase_add_test(tcase, overdue_touches_and_red_flags_come_with_reasons);
    tcase_add_test(tcase, approvals_mentions_profiles_and_overdue_invoices_are_there);
    tcase_add_test(tcase, the_contacts_of_an_account_are_one_line);
    tcase_add_test(tcase, reasons_are_said_in_korean);
    tcase_add_test(tcase, what_has_no_rate_is_said_with_what_to_do);
    tcase_add_test(tcase, a_limit_says_how_many_there_are);
    tcase_add_test(tcase, a_manager_sees_the_list_of_all_who_report_directly_or_not);
    tcase_add_test(tcase, the_list_says_how_it_is_ranked_and_what_the_floor_is);
    tcase_add_test(tcase, a_renewal_that_a_playbook_is_at_work_on_says_so);
    tcase_add_test(tcase, a_profile_that_a_playbook_has_a_task_for_is_left_to_the_task);
})
