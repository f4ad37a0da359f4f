/* What a filter answers, in C and in SQL alike. */
#include "filter_fixture.h"
#include "filter_random.h"

typedef struct answer {
    const char *where;
    bool acme, seoul, empty;
} answer;

static const answer answers[] = {
    { "region = EMEA", true, false, false },
    { "region = emea", true, false, false },
    { "region != EMEA", false, true, false },
    { "not region = EMEA", false, true, false },
    { "NOT (region = APAC)", true, false, false },
    { "region is empty", false, false, true },
    { "region is not empty", true, true, false },
    { "city = 서울", false, true, false },
    { "name = \"Nothing known\"", false, false, true },
    { "name contains CM", true, false, false },
    { "name contains 상", false, true, false },
    { "name starts with \"not\"", false, false, true },
    { "tier in (gold, premier)", true, true, false },
    { "tier not in (GOLD)", false, true, false },
    { "seats = 120", true, false, false },
    { "seats < 1k", true, false, false },
    { "seats between 120 and 130", true, false, false },
    { "seats in (1, 120)", true, false, false },
    { "seats > -5", true, false, false },
    { "revenue >= 1M USD", true, false, false },
    { "revenue > 1M usd", false, false, false },
    { "revenue >= 900k EUR", true, false, false }, /* 1,000,000 / 1.1 = 909,090.91 */
    { "revenue >= 910k EUR", false, false, false },
    { "revenue >= 1 KRW", false, true, false }, /* no rate from USD to KRW */
    { "not revenue >= 1 KRW", false, false, false },
    { "revenue in (2000M KRW, 1M USD)", true, true, false },
    { "revenue is empty", false, false, true },
    { "customer_since = 2020-02-29", true, false, false },
    { "customer_since < today - 6 years", true, false, false },
    { "customer_since <= today - 73 months", false, false, false }, /* 2020-02-02 */
    { "customer_since <= today - 72 months", true, false, false },
    { "owner = kim", false, true, false },
    { "owner = \"KIM@example.test\"", false, true, false },
    { "owner = \"Lee O'Hara\"", true, false, false },
    { "owner != kim", true, false, false },
    { "owner contains hara", true, false, false },
    { "owner in (#1, #2)", true, true, false },
    { "owner in (kim, #9999)", false, true, false },
    { "owner is empty", false, false, true },
    { "owner.manager = kim", true, false, false },
    { "owner.manager.name starts with ki", true, false, false },
    { "parent.owner.manager.email contains example", false, true, false },
    { "parent.region = EMEA", false, true, false },
    { "parent.region is empty", true, false, true },
    { "account.region = EMEA", true, false, false },
    { "account = acme", true, false, false },
    { "account in (#9999, \"한국상사\")", false, true, false },
    { "arr >= 600k EUR", true, false, false },
    { "arr > 600k EUR", false, false, false },
    { "arr >= 660k USD", true, false, false },
    { "arr >= 1 KRW", false, false, false },
    { "arr is empty", false, true, true },
    { "nrr = 0.9", true, false, false },
    { "nrr < 0.899999999", false, false, false },
    { "nrr between 0.9 and 1", true, false, false },
    { "nrr is empty", false, true, true },
    { "nrr.with_reactivation > 1", true, false, false },
    { "account.nrr.with_reactivation > 1", true, false, false },
    { "parent.nrr < 1", false, true, false },
    { "health = RED", true, false, false },
    { "health in (green, yellow)", false, false, false },
    { "health <= 42", true, false, false },
    { "health is not empty", true, false, false },
    { "region = EMEA or region = APAC and tier = gold", true, false, false },
    { "(region = EMEA or region = APAC) and tier = premier", false, true, false },
    { "region = EMEA or not seats > 5", true, false, false },
    { "region = x or region is empty", false, false, true },
    { "name = \"a \\\"b\\\" \\\\c'; DROP TABLE accounts; --\"", false, false, false },
};

START_TEST(a_filter_answers_alike_in_c_and_in_sql)
{
    const answer *wanted = &answers[_i];

    ck_assert_msg(met(TEND_KIND_ACCOUNT, acme, wanted->where, NULL) == wanted->acme, "acme: %s", wanted->where);
    ck_assert_msg(met(TEND_KIND_ACCOUNT, seoul, wanted->where, NULL) == wanted->seoul, "seoul: %s", wanted->where);
    ck_assert_msg(met(TEND_KIND_ACCOUNT, empty, wanted->where, NULL) == wanted->empty, "empty: %s", wanted->where);
}
END_TEST

START_TEST(references_lead_from_other_kinds_to_the_account)
{
    ck_assert(met(TEND_KIND_CONTRACT, contract, "contract.status = active and account.region = emea", NULL));
    ck_assert(met(TEND_KIND_CONTRACT, contract, "ends_on within 90 days", NULL));
    ck_assert(met(TEND_KIND_CONTRACT, contract, "ends_on within 3 months", NULL));
    ck_assert(!met(TEND_KIND_CONTRACT, contract, "ends_on within 89 days", NULL));
    ck_assert(!met(TEND_KIND_CONTRACT, contract, "ends_on within last 90 days", NULL));
    ck_assert(met(TEND_KIND_CONTRACT, contract, "ends_on between today and today + 13 weeks", NULL));
    ck_assert(met(TEND_KIND_CONTRACT, contract, "auto_renew = yes and auto_renew != false", NULL));
    ck_assert(met(TEND_KIND_CONTRACT, contract, "annual_amount >= 660k USD and account.owner.manager = Kim", NULL));
    ck_assert(met(TEND_KIND_TASK, task, "contract.account.region = EMEA and contract.status = active", NULL));
    ck_assert(met(TEND_KIND_TASK, task, "contract.account.owner starts with lee and contract = #1", NULL));
    ck_assert(met(TEND_KIND_TASK, task, "account is empty and contract.account.arr >= 1 EUR", NULL));
    ck_assert(!met(TEND_KIND_TASK, task, "account.region = EMEA", NULL));
}
END_TEST

START_TEST(facts_convert_money_with_the_rate_of_their_day)
{
    ck_assert(met(TEND_KIND_ORDER_LINE, line_then, "amount = 200 USD", NULL));
    ck_assert(met(TEND_KIND_ORDER_LINE, line_then, "ordered_at = 2024-03-05", NULL));
    ck_assert(met(TEND_KIND_ORDER_LINE, line_then, "ordered_at = \"2024-03-05T01:00:00Z\"", NULL));
    ck_assert(met(TEND_KIND_ORDER_LINE, line_then, "ordered_at in (2024-03-06, \"2024-03-05T01:00:00Z\")", NULL));
    ck_assert(!met(TEND_KIND_ORDER_LINE, line_then, "ordered_at > 2024-03-05", NULL));
    ck_assert(met(TEND_KIND_ORDER_LINE, line_then, "ordered_at < 2024-03-06 and order_line.account = acme", NULL));
}
END_TEST

START_TEST(what_decided_is_told)
{
    const char *by = NULL;

    (void)met(TEND_KIND_ACCOUNT, seoul, "tier = premier and account.region = EMEA and seats > 5", &by);
    ck_assert_str_eq(by, "account.region = EMEA (it is apac)");
    (void)met(TEND_KIND_ACCOUNT, acme, "tier = gold and region = EMEA", &by);
    ck_assert_str_eq(by, "tier = gold (it is gold) and region = EMEA (it is EMEA)");
    (void)met(TEND_KIND_ACCOUNT, acme, "tier = silver or seats > 5", &by);
    ck_assert_str_eq(by, "seats > 5 (it is 120)");
    (void)met(TEND_KIND_ACCOUNT, empty, "name starts with n and region = EMEA", &by);
    ck_assert_str_eq(by, "region = EMEA (it is not known)");
    (void)met(TEND_KIND_ACCOUNT, acme, "revenue >= 1 KRW", &by);
    ck_assert_str_eq(by, "revenue >= 1 KRW (no rate from USD to KRW on 2026-03-02; import one with kind rate)");
    (void)met(TEND_KIND_ACCOUNT, acme, "owner  =  kim", &by);
    ck_assert_str_eq(by, "owner  =  kim (it is Lee O'Hara)");
    (void)met(TEND_KIND_ACCOUNT, acme, "revenue > 2M USD", &by);
    ck_assert_str_eq(by, "revenue > 2M USD (it is 1,000,000.00 USD)");
    (void)met(TEND_KIND_ACCOUNT, acme, "nrr > 1", &by);
    ck_assert_str_eq(by, "nrr > 1 (it is 0.900)");
    publish("health", acme, 30429825, 1000000, "", "red");
    (void)met(TEND_KIND_ACCOUNT, acme, "health > 50", &by);
    ck_assert_str_eq(by, "health > 50 (it is 30.4, red)");
    publish("health", acme, 42, 1, "", "red");
    (void)met(TEND_KIND_ACCOUNT, acme, "health = green", &by);
    ck_assert_str_eq(by, "health = green (it is 42, red)");
}
END_TEST

START_TEST(a_row_that_is_not_there_is_said)
{
    tend_world world = tend_world_live(f.model);
    tend_filter *filter = NULL;
    bool is_met = true;

    TEST_OK(&f, tend_filter_parse(f.schema, NULL, TEND_KIND_CONTRACT, "status = active", PLACE, &filter, &f.error));
    ck_assert_int_eq(tend_filter_match(filter, &world, NULL, 999, &is_met, NULL, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "there is no contract 999; look at `tend list contracts`");
    tend_filter_free(filter);
}
END_TEST

START_TEST(random_filters_answer_alike_in_c_and_in_sql)
{
    enum { ROWS = 8, FILTERS = 60 };
    static const char *const days[] = { "2023-01-01", "2024-02-29", "2024-03-05", "2026-02-01" };
    int64_t rows[ROWS];
    bool is_fact = _i % 2 == 1;
    int met_count = 0;

    state = UINT64_C(0x9E3779B97F4A7C15) * (uint64_t)(_i + 1);
    for (int i = 0; i < ROWS; i++) {
        const char *currency = draw(2) ? "EUR" : "USD";
        int64_t account = add_random_account(i > 0 && !is_fact ? rows[draw((uint64_t)i)] : acme);

        rows[i] = account;
        if (is_fact)
            rows[i] =
                TEST_PUT(&f, .kind = TEND_KIND_ORDER_LINE,
                         .fields = { { "ordered_at", { .type = TEND_TIME, .integer = at(PICK(days)) + (int64_t)draw(86400000) } },
                                     { "currency", text(currency) },
                                     { "amount", money((int64_t)draw(40000), currency) },
                                     { "quantity", { .type = TEND_DECIMAL, .scale = 6, .integer = (int64_t)draw(4000000) } },
                                     { "account", draw(5) ? ref(account) : nothing() } })
                    .id;
    }
    for (int i = 0; i < FILTERS; i++) {
        tend_buffer where = { 0 };

        write_random(&where, is_fact, 4);
        for (int row = 0; row < ROWS; row++)
            met_count += met(is_fact ? TEND_KIND_ORDER_LINE : TEND_KIND_ACCOUNT, rows[row], tend_buffer_string(&where), NULL);
        tend_buffer_clear(&where);
        tend_arena_reset(f.arena);
    }
    /* A test in which nothing is met, or all is, would say little. */
    ck_assert_int_gt(met_count, ROWS * FILTERS / 10);
    ck_assert_int_lt(met_count, ROWS * FILTERS * 9 / 10);
}
END_TEST

START_TEST(rows_that_several_filters_share_answer_alike_until_they_are_forgotten)
{
    tend_filter_rows *rows = tend_filter_rows_new();
    tend_world world = tend_world_live(f.model);
    tend_filter *filter = NULL;
    bool is_met = false;

    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const int64_t ids[] = { acme, seoul, empty };
        const bool expected[] = { answers[i].acme, answers[i].seoul, answers[i].empty };

        TEST_OK(&f, tend_filter_parse(f.schema, segments, TEND_KIND_ACCOUNT, answers[i].where, PLACE, &filter, &f.error));
        for (int k = 0; k < 3; k++) {
            TEST_OK(&f, tend_filter_match_rows(filter, &world, rates, rows, ids[k], &is_met, NULL, &f.error));
            ck_assert_msg(is_met == expected[k], "%s", answers[i].where);
        }
        tend_filter_free(filter);
    }
    TEST_OK(&f, tend_filter_parse(f.schema, segments, TEND_KIND_ACCOUNT, "region = Latam", PLACE, &filter, &f.error));
    TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = acme, .fields = { { "region", text("Latam") } });
    tend_filter_rows_forget(rows);
    TEST_OK(&f, tend_filter_match_rows(filter, &world, rates, rows, acme, &is_met, NULL, &f.error));
    ck_assert(is_met);
    ck_assert_int_eq(tend_filter_match_rows(filter, &world, rates, rows, 999999, &is_met, NULL, &f.error), TEND_ENOTFOUND);
    tend_filter_free(filter);
    tend_filter_rows_free(rows);
}
END_TEST

TESTS_WITH("model/filter", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, rows_that_several_filters_share_answer_alike_until_they_are_forgotten);
    tcase_add_loop_test(tcase, a_filter_answers_alike_in_c_and_in_sql, 0, (int)(sizeof answers / sizeof *answers));
    tcase_add_test(tcase, references_lead_from_other_kinds_to_the_account);
    tcase_add_test(tcase, facts_convert_money_with_the_rate_of_their_day);
    tcase_add_test(tcase, what_decided_is_told);
    tcase_add_test(tcase, a_row_that_is_not_there_is_said);
    tcase_add_loop_test(tcase, random_filters_answer_alike_in_c_and_in_sql, 0, 6);
})
