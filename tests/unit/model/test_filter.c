#include "model/filter.h"
#include "model/measure.h"
#include "store_fixture.h"
#include <inttypes.h>

#define PLACE "tend.ini:12: [segment.key] where"

static const tend_measure_name measures[] = {
    { "arr", true }, { "nrr", false }, { "nrr.with_reactivation", false }, { "health", false }, { NULL, false }
};
static fixture f;
static tend_rates *rates;
static tend_segments *segments;
static int64_t kim, lee, acme, seoul, empty, contract, task, line_then;

static void publish(const char *kpi, int64_t account, int64_t numerator, int64_t denominator, const char *currency,
                    const char *word)
{
    tend_measure measure = { .kpi = kpi, .account = account, .day = (tend_date)(f.now / 86400000), .text = word };
    bool differs = false;

    measure.numerator = numerator;
    measure.denominator = denominator;
    strcpy(measure.currency, currency);
    begin(&f);
    TEST_OK(&f, tend_measure_publish(f.model, &f.origin, &measure, &differs, &f.error));
    commit(&f);
}

static void add_rate(const char *from, const char *to, const char *on, int64_t rate)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_RATE,
                   .fields = { { "from_currency", text(from) },
                               { "to_currency", text(to) },
                               { "on_date", day(on) },
                               { "rate", { .type = TEND_DECIMAL, .scale = 9, .integer = rate } } });
}

static void add_rows(void)
{
    kim = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Kim") }, { "email", text("kim@example.test") } }).id;
    lee = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee O'Hara") }, { "manager", ref(kim) } }).id;
    acme = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                    .fields = { { "name", text("Acme") },
                                { "region", text("EMEA") },
                                { "tier", text("gold") },
                                { "seats", number(120) },
                                { "currency", text("USD") },
                                { "revenue", money(100000000, "USD") },
                                { "customer_since", day("2020-02-29") },
                                { "owner", ref(lee) } })
               .id;
    seoul = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT,
                     .fields = { { "name", text("한국상사") },
                                 { "region", text("apac") },
                                 { "city", text("서울") },
                                 { "tier", text("premier") },
                                 { "currency", text("KRW") },
                                 { "revenue", money(2000000000, "KRW") },
                                 { "parent", ref(acme) },
                                 { "owner", ref(kim) } })
                .id;
    empty = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Nothing known") } }).id;
    contract = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                        .fields = { { "account", ref(acme) },
                                    { "status", text("active") },
                                    { "ends_on", day("2026-05-31") },
                                    { "currency", text("EUR") },
                                    { "annual_amount", money(60000000, "EUR") },
                                    { "auto_renew", { .type = TEND_BOOL, .integer = 1 } } })
                   .id;
    task = TEST_PUT(&f, .kind = TEND_KIND_TASK,
                    .fields = { { "title", text("Write the plan") }, { "contract", ref(contract) }, { "assignee", ref(kim) } })
               .id;
    line_then = TEST_PUT(&f, .kind = TEND_KIND_ORDER_LINE,
                         .fields = { { "account", ref(acme) },
                                     { "ordered_at", { .type = TEND_TIME, .integer = at("2024-03-05") + 3600000 } },
                                     { "currency", text("EUR") },
                                     { "amount", money(10000, "EUR") } })
                    .id;
}

static void set_up(void)
{
    tend_world world;

    fixture_open(&f);
    add_rate("EUR", "USD", "2024-03-01", 2000000000);
    add_rate("EUR", "USD", "2026-03-01", 1100000000);
    add_rows();
    publish("arr", acme, 60000000, 1, "EUR", NULL);
    publish("nrr", acme, 9, 10, "", NULL);
    publish("nrr.with_reactivation", acme, 11, 10, "", NULL);
    publish("nrr", seoul, 0, 0, "", NULL);
    publish("health", acme, 42, 1, "", "red");
    world = tend_world_live(f.model);
    TEST_OK(&f, tend_rates_load(&world, &rates, &f.error));
    TEST_OK(&f, tend_filter_define(f.store, rates, &f.error));
    TEST_OK(&f, tend_segments_load(NULL, f.schema, measures, NULL, &segments, &f.error));
}

static void tear_down(void)
{
    tend_segments_free(segments);
    fixture_close(&f);
    tend_rates_free(rates);
}

static bool met_in_sql(const tend_filter *filter, tend_kind kind, int64_t row)
{
    tend_world world = tend_world_live(f.model);
    const char *source, *sql;
    tend_buffer query = { 0 };
    int64_t count = -1;

    TEST_OK(&f, tend_world_source(&world, kind, f.arena, &source, &f.error));
    TEST_OK(&f, tend_filter_sql(filter, &world, "r", f.arena, &sql, &f.error));
    tend_buffer_print(&query, "SELECT count(*) FROM %s AS r WHERE r.id = %" PRId64 " AND ", source, row);
    tend_buffer_text(&query, sql);
    ck_assert_msg(tend_store_number(f.store, tend_buffer_string(&query), -1, &count, &f.error) == TEND_OK, "%s\n%s", f.error.text,
                  tend_buffer_string(&query));
    tend_buffer_clear(&query);
    return count == 1;
}

/* Asks in C and in SQL; they must agree. */
static bool met(tend_kind kind, int64_t row, const char *where, const char **ret_decided_by)
{
    tend_world world = tend_world_live(f.model);
    tend_filter *filter = NULL;
    const char *by = NULL;
    bool is_met = false;

    ck_assert_msg(tend_filter_parse(f.schema, segments, kind, where, PLACE, &filter, &f.error) == TEND_OK, "%s", f.error.text);
    ck_assert_str_eq(tend_filter_text(filter), where);
    TEST_OK(&f, tend_filter_match(filter, &world, rates, row, &is_met, &by, &f.error));
    ck_assert_msg(met_in_sql(filter, kind, row) == is_met, "%s: C says %d, SQL does not", where, is_met);
    if (ret_decided_by)
        *ret_decided_by = tend_arena_string(f.arena, by);
    tend_filter_free(filter);
    return is_met;
}

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

START_TEST(the_first_comparison_that_decided_is_told)
{
    const char *by = NULL;

    (void)met(TEND_KIND_ACCOUNT, seoul, "tier = premier and account.region = EMEA and seats > 5", &by);
    ck_assert_str_eq(by, "account.region = EMEA (it is apac)");
    (void)met(TEND_KIND_ACCOUNT, acme, "tier = gold and region = EMEA", &by);
    ck_assert_str_eq(by, "tier = gold (it is gold)");
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
    ck_assert_str_eq(by, "nrr > 1 (it is 9/10)");
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

typedef struct refusal {
    tend_kind subject;
    const char *where, *sentence;
} refusal;

static const refusal refusals[] = {
    { TEND_KIND_ACCOUNT, "regoin = EMEA", "at 'regoin': accounts have no field regoin; did you mean region?" },
    { TEND_KIND_ACCOUNT, "zzzzzz = 1", "at 'zzzzzz': accounts have no field zzzzzz; `tend list` shows those it has" },
    { TEND_KIND_CONTRACT, "region = EMEA", "at 'region': contracts have no field region; did you mean account.region?" },
    { TEND_KIND_CONTRACT, "arr > 5 EUR", "at 'arr': contracts have no field arr; did you mean account.arr?" },
    { TEND_KIND_ACCOUNT, "region.name = x",
      "at 'region.name': region is not a reference, so nothing stands behind its point; write region" },
    { TEND_KIND_ACCOUNT, "parent.parent.parent.parent.name = x",
      "at 'parent.parent.parent.parent.name': follows more than 3 references; write a shorter way" },
    { TEND_KIND_ACCOUNT, "tier = goldd",
      "at 'goldd': is not one of platinum, gold, silver, bronze, premier, strategic, standard; did you mean gold?" },
    { TEND_KIND_ACCOUNT, "seats = many", "at 'many': seats is a number; write it like 1234.50 or 500k" },
    { TEND_KIND_ACCOUNT, "seats = 1.5", "at '1.5': has more digits after the point than seats keeps; write at most 0" },
    { TEND_KIND_ACCOUNT, "seats = 99999999999999999999", "at '99999999999999999999': too large; 64 bits are kept" },
    { TEND_KIND_ACCOUNT, "seats = 1,000",
      "at ',': the filter ends before it; write numbers without commas, and lists as in (a, b)" },
    { TEND_KIND_ACCOUNT, "revenue > 500k", "at '500k': revenue is an amount of money; write its currency too, as in 500k EUR" },
    { TEND_KIND_ACCOUNT, "revenue > 500k and seats > 5",
      "at '500k': revenue is an amount of money; write its currency too, as in 500k EUR" },
    { TEND_KIND_ACCOUNT, "arr > big", "at 'big': arr is an amount of money; write it like 500k EUR" },
    { TEND_KIND_ACCOUNT, "revenue > 5 EUX", "at 'EUX': not a currency; write a code of ISO 4217 such as EUR" },
    { TEND_KIND_ACCOUNT, "revenue > 5.555 EUR", "at '5.555': has more digits after the point than EUR keeps; write at most 2" },
    { TEND_KIND_ACCOUNT, "customer_since = 2026-02-29", "at '2026-02-29': customer_since is a date; write YYYY-MM-DD or today" },
    { TEND_KIND_ACCOUNT, "customer_since > today-30",
      "at 'today-30': customer_since is a date; write blanks, as in today - 30 days" },
    { TEND_KIND_ACCOUNT, "customer_since > today - 30", "at the end: here stands days, weeks, months or years; write 30 days" },
    { TEND_KIND_ACCOUNT, "customer_since within 99999 days", "at '99999': too far away; write at most 36500 days" },
    { TEND_KIND_ACCOUNT, "region within 3 days", "at 'within': region is not a date; within needs one" },
    { TEND_KIND_ACCOUNT, "region > EMEA", "at '>': region is a text and has no order; write =, !=, in or not in" },
    { TEND_KIND_ACCOUNT, "owner < kim", "at '<': owner is a reference and has no order; write =, !=, in or not in" },
    { TEND_KIND_ACCOUNT, "seats contains 5", "at 'contains': seats is not a text; contains and starts with need one" },
    { TEND_KIND_ACCOUNT, "health > red", "at '>': health is compared with a word here; write =, !=, in or not in" },
    { TEND_KIND_CONTRACT, "auto_renew = maybe", "at 'maybe': is neither yes nor no; write yes or no" },
    { TEND_KIND_CONTRACT, "auto_renew",
      "at the end: auto_renew is not compared with anything; write =, !=, <, <=, >, >=, in, not in, "
      "contains, starts with, between, within, is empty or is not empty after it" },
    { TEND_KIND_MENTION, "note = hello", "at 'hello': what note refers to has no name; write its number, as in #17" },
    { TEND_KIND_ACCOUNT, "region = #17", "at '#17': region is not a reference to a row; leave out the #" },
    { TEND_KIND_ACCOUNT, "region =", "at the end: region is compared with nothing; write a value" },
    { TEND_KIND_ACCOUNT, "region = and",
      "at 'and': a word of the filter language stands where a value should; write it in \"quotes\"" },
    { TEND_KIND_ACCOUNT, "region = \"\"", "at '\"\"': no field holds an empty text; write is empty" },
    { TEND_KIND_ACCOUNT, "name = Acme Korea",
      "at 'Korea': and, or or the end comes next; write texts of several words in \"quotes\"" },
    { TEND_KIND_ACCOUNT, "name = \"Acme", "at '\"Acme': the quote is never closed; write \" after the text" },
    { TEND_KIND_ACCOUNT, "name = \"a\\n\"", "at '\"a\\': a backslash in quotes stands before \" or \\ only; write \\\\" },
    { TEND_KIND_ACCOUNT, "name = “Acme”", "at '“': not a sign of the filter language; write texts in \"quotes\"" },
    { TEND_KIND_ACCOUNT, "email = a@b.test", "at '@': not a sign of the filter language; write texts in \"quotes\"" },
    { TEND_KIND_ACCOUNT, "", "at the end: the filter is empty; write a comparison such as region = EMEA" },
    { TEND_KIND_ACCOUNT, "(region = EMEA", "at '(': the parenthesis is never closed; write ) after what it holds" },
    { TEND_KIND_ACCOUNT, "region = EMEA)", "at ')': closes nothing; take it out" },
    { TEND_KIND_ACCOUNT, "region in EMEA", "at 'EMEA': after in stands a list; write in (a, b)" },
    { TEND_KIND_ACCOUNT, "region in (EMEA", "at the end: the list goes on with , or ends with ); write one of them" },
    { TEND_KIND_ACCOUNT, "region not EMEA",
      "at 'EMEA': after not stands in; write not before the whole comparison for anything else" },
    { TEND_KIND_ACCOUNT, "region is EMEA", "at 'EMEA': after is stands empty or not empty; write = for anything else" },
    { TEND_KIND_ACCOUNT, "seats between 1, 5", "at ',': between has two values; write between a and b" },
    { TEND_KIND_ACCOUNT, "and region = x", "at 'and': here stands a field; write a comparison such as region = EMEA" },
    { TEND_KIND_ACCOUNT, "segment = key", "at 'key': no such segment; describe it in [segment.key]" },
    { TEND_KIND_ACCOUNT, "segment > key", "at '>': an account is in segments or not; write =, !=, in or not in" },
    { TEND_KIND_ACCOUNT, "owner = #", "at '#': after # stands the number of a row; write #17" },
};

START_TEST(what_is_wrong_is_said_with_its_place)
{
    const refusal *wanted = &refusals[_i];
    tend_filter *filter = NULL;
    char sentence[1024];

    (void)snprintf(sentence, sizeof sentence, "%s: %s", PLACE, wanted->sentence);
    ck_assert_msg(tend_filter_parse(f.schema, segments, wanted->subject, wanted->where, PLACE, &filter, &f.error) == TEND_EINVAL,
                  "%s", wanted->where);
    ck_assert_str_eq(f.error.text, sentence);
    ck_assert_ptr_null(filter);
}
END_TEST

static const char *repeat(const char *head, const char *body, size_t times, const char *end, size_t end_times)
{
    tend_buffer out = { 0 };
    const char *copy;

    tend_buffer_text(&out, head);
    for (size_t i = 0; i < times; i++)
        tend_buffer_text(&out, body);
    for (size_t i = 0; i < end_times; i++)
        tend_buffer_text(&out, end);
    copy = tend_arena_string(f.arena, tend_buffer_string(&out));
    tend_buffer_clear(&out);
    return copy;
}

static void refuse_large(const char *where, const char *sentence)
{
    tend_filter *filter = NULL;

    ck_assert_int_eq(tend_filter_parse(f.schema, segments, TEND_KIND_ACCOUNT, where, PLACE, &filter, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, sentence);
}

START_TEST(large_and_deep_filters_are_refused)
{
    refuse_large(repeat("region = EMEA", " ", 9000, "", 0),
                 PLACE ": the filter has 9013 bytes; at most 8192 are read, so split it");
    refuse_large(repeat("", "(", 33, "", 0), PLACE ": at '(': more than 32 levels deep; take out parentheses");
    refuse_large(repeat("", "(", 8000, "", 0), PLACE ": at '(': more than 32 levels deep; take out parentheses");
    refuse_large(repeat("", "not ", 2000, "", 0), PLACE ": at 'not': more than 32 levels deep; take out parentheses");
    refuse_large(repeat("seats=1", " or seats=1", 600, "", 0),
                 PLACE ": at 'seats': the filter has more than 512 comparisons and values; split it into segments or files");
    refuse_large("region = \"a\tb\x01\"", PLACE ": byte 14 of the filter is a control character; take it out");
    refuse_large("region = \"\xFF\"", PLACE ": byte 11 of the filter is not UTF-8; save the text as UTF-8");
}
END_TEST

/* SQLite's parser has a stack of 100 places: the deepest filter that is allowed has to fit, in the world of a past day too. */
START_TEST(what_is_allowed_fits_into_sql)
{
    const char *where = repeat("", "(seats = 120 and (seats = 1 or ", 16, "", 0);
    tend_world world = tend_world_live(f.model);
    tend_filter *filter = NULL;
    const char *source, *sql;
    tend_buffer query = { 0 };
    int64_t count = -1;

    where = tend_arena_print(f.arena, "%sparent.owner.manager.email contains x%s", where, repeat("", "))", 16, "", 0));
    ck_assert(!met(TEND_KIND_ACCOUNT, acme, where, NULL));
    where = tend_arena_print(f.arena, "%s and name = Acme", repeat("region = EMEA", " and seats in (1, 120)", 127, "", 0));
    ck_assert(met(TEND_KIND_ACCOUNT, acme, where, NULL));

    where = repeat("", "not ", 31, "(arr > 5 USD or parent.owner.manager.email contains x and revenue > 5 EUR)", 1);
    begin(&f);
    TEST_OK(&f, tend_merge(f.model, &f.origin, empty, acme, &f.error));
    commit(&f);
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = seoul, .fields = { { "region", text("EMEA") }, { "owner", ref(lee) } });
    world.effective = f.now;
    world.known = f.now;
    TEST_OK(&f, tend_filter_parse(f.schema, segments, TEND_KIND_ACCOUNT, where, PLACE, &filter, &f.error));
    TEST_OK(&f, tend_world_source(&world, TEND_KIND_ACCOUNT, f.arena, &source, &f.error));
    TEST_OK(&f, tend_filter_sql(filter, &world, "r", f.arena, &sql, &f.error));
    tend_buffer_text(&query, "SELECT count(*) FROM (SELECT r.id FROM ");
    tend_buffer_text(&query, source);
    tend_buffer_text(&query, " AS r WHERE r.id IN (SELECT id FROM accounts) AND ");
    tend_buffer_text(&query, sql);
    tend_buffer_text(&query, ")");
    TEST_OK(&f, tend_store_number(f.store, tend_buffer_string(&query), -1, &count, &f.error));
    ck_assert_int_eq(count, 0);
    tend_buffer_clear(&query);
    tend_filter_free(filter);
}
END_TEST

static const tend_section *const segment_sections[] = { tend_segment_sections, NULL };

/* Loads segments from an INI text; the faults of all of them come as lines. */
static tend_status load(const char *ini, tend_config **ret_config, tend_segments **ret_segments, char **ret_faults)
{
    size_t length = 0;
    FILE *faults = open_memstream(ret_faults, &length);
    tend_status status;

    ck_assert_ptr_nonnull(faults);
    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), segment_sections, stderr, ret_config, &f.error));
    status = tend_segments_load(*ret_config, f.schema, measures, faults, ret_segments, &f.error);
    ck_assert_int_eq(fclose(faults), 0);
    return status;
}

START_TEST(segments_are_named_filters_and_may_name_each_other)
{
    static const char ini[] = "[segment.key]\nwhere = segment = europe and tier in (gold, premier)\nhelp = who matters most\n"
                              "[segment.europe]\nwhere = region = EMEA\n"
                              "[segment.rich]\nwhere = arr >= 1 EUR or revenue > 1 KRW\n";
    tend_segments *none = segments;
    tend_config *config = NULL;
    char *faults = NULL;
    const char *by = NULL;

    ck_assert_msg(load(ini, &config, &segments, &faults) == TEND_OK, "%s", faults);
    ck_assert_str_eq(faults, "");
    ck_assert_str_eq(tend_segments_name(segments, 0), "key");
    ck_assert_str_eq(tend_segments_name(segments, 2), "rich");
    ck_assert_ptr_null(tend_segments_name(segments, 3));
    ck_assert_str_eq(tend_segments_help(segments, "key"), "who matters most");
    ck_assert_ptr_null(tend_segments_filter(segments, "kex"));
    ck_assert_str_eq(tend_filter_text(tend_segments_filter(segments, "europe")), "region = EMEA");

    ck_assert(met(TEND_KIND_ACCOUNT, acme, "segment = key", NULL));
    ck_assert(!met(TEND_KIND_ACCOUNT, seoul, "segment = key", &by));
    ck_assert_str_eq(by, "segment = key (it is not)");
    ck_assert(met(TEND_KIND_ACCOUNT, seoul, "segment != key and parent.segment = key", NULL));
    ck_assert(met(TEND_KIND_ACCOUNT, seoul, "segment in (key, rich)", NULL));
    /* Where it is not known whether the condition holds, the account is not in the segment. */
    ck_assert(met(TEND_KIND_ACCOUNT, empty, "segment not in (key, europe, rich)", NULL));
    ck_assert(met(TEND_KIND_CONTRACT, contract, "status = active and account.segment in (key, rich)", NULL));
    ck_assert(!met(TEND_KIND_TASK, task, "account.segment = key or account.segment != key", &by));
    ck_assert_str_eq(by, "account.segment = key (there is no account)");
    ck_assert(met(TEND_KIND_TASK, task, "contract.account.segment = key", NULL));

    refuse_large("segment = kye", PLACE ": at 'kye': no such segment; did you mean key?");
    tend_segments_free(segments);
    tend_config_free(config);
    free(faults);
    segments = none;
}
END_TEST

static tend_principal reader;

/* All that decided, in words between bars. */
static const char *reasons_of(tend_kind kind, int64_t row, const char *where, bool is_met_expected)
{
    tend_world world = tend_world_live(f.model);
    tend_filter *filter = NULL;
    const tend_filter_reason *reasons = NULL;
    const char *all = "";
    size_t count = 0;
    bool is_met = !is_met_expected;

    TEST_OK(&f, tend_filter_parse(f.schema, segments, kind, where, PLACE, &filter, &f.error));
    TEST_OK(&f, tend_filter_explain(filter, &world, &reader, rates, row, f.arena, &is_met, &reasons, &count, &f.error));
    ck_assert_int_eq(is_met, is_met_expected);
    for (size_t i = 0; i < count; i++)
        all = tend_arena_print(f.arena, "%s%s%s", all, i ? " | " : "", tend_filter_reason_words(&reasons[i], f.arena));
    tend_filter_free(filter);
    return all;
}

START_TEST(every_comparison_that_decided_is_told)
{
    static const char ini[] = "[segment.key]\nwhere = tier = premier and region = EMEA\n[segment.big]\nwhere = seats > 100\n"
                              "[segment.west]\nwhere = region = EMEA\n";
    tend_segments *none = segments;
    tend_config *config = NULL;
    char *faults = NULL;
    int64_t profile;

    ck_assert_msg(load(ini, &config, &segments, &faults) == TEND_OK, "%s", faults);
    reader = tend_principal_administrator();
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = premier and region = EMEA and seats > 500", false),
                     "tier is gold, wanted = premier | seats is 120, wanted > 500");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = premier or region = EMEA", true), "region is EMEA, wanted = EMEA");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = premier or city = Seoul", false),
                     "tier is gold, wanted = premier | city is not known, wanted = Seoul");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, acme, "tier = gold and not account.region in (EMEA, APAC)", false),
                     "account.region is EMEA, wanted not in (EMEA, APAC)");
    ck_assert_str_eq(
        reasons_of(TEND_KIND_ACCOUNT, acme, "revenue >= 1 KRW", false),
        "revenue, wanted >= 1 KRW, cannot be compared: no rate from USD to KRW on 2026-03-02; import one with kind rate");
    ck_assert_str_eq(reasons_of(TEND_KIND_CONTRACT, contract, "status = active and account.segment in (key)", false),
                     "account.segment is big, west, wanted in (key) | segment key: tier is gold, wanted = premier");
    ck_assert_str_eq(reasons_of(TEND_KIND_ACCOUNT, empty, "segment != key", true), "segment is none, wanted != key");
    ck_assert_str_eq(reasons_of(TEND_KIND_TASK, task, "account.segment = key", false),
                     "account.segment is not known, wanted = key");
    profile = TEST_PUT(&f, .kind = TEND_KIND_PROFILE, .fields = { { "account", ref(acme) }, { "risk_tolerance", text("low") } }).id;
    ck_assert_str_eq(reasons_of(TEND_KIND_PROFILE, profile, "risk_tolerance = high", false),
                     "risk_tolerance is low, wanted = high");
    reader = tend_principal_named(TEND_PRINCIPAL_PERSON, "Kim");
    ck_assert_str_eq(reasons_of(TEND_KIND_PROFILE, profile, "risk_tolerance = high", false),
                     "risk_tolerance is hidden, wanted = high");
    tend_segments_free(segments);
    tend_config_free(config);
    free(faults);
    segments = none;
}
END_TEST

START_TEST(every_fault_of_the_segments_is_a_line)
{
    static const char ini[] = "[segment.a]\nwhere = segment = b\n"
                              "[segment.b]\nwhere = tier = gold and segment = c\n"
                              "[segment.c]\nwhere = not segment = a\n"
                              "[segment.bad]\nwhere = regoin = EMEA\n"
                              "[segment.self]\nwhere = segment = self\n";
    tend_segments *none = NULL;
    tend_config *config = NULL;
    char *faults = NULL;

    ck_assert_int_eq(load(ini, &config, &none, &faults), TEND_EINVAL);
    ck_assert_str_eq(faults,
                     "tend.ini:8: [segment.bad] where: at 'regoin': accounts have no field regoin; did you mean region?\n"
                     "tend.ini:6: [segment.c] where: the segments go round in a circle: a, b, c, a; take one of them out\n"
                     "tend.ini:10: [segment.self] where: the segments go round in a circle: self, self; take one of them out\n");
    ck_assert_str_eq(f.error.text,
                     "tend.ini:8: [segment.bad] where: at 'regoin': accounts have no field regoin; did you mean region?");
    ck_assert_ptr_null(none);
    tend_config_free(config);
    free(faults);
}
END_TEST

START_TEST(segments_that_grow_by_naming_each_other_are_refused)
{
    tend_segments *none = NULL;
    tend_config *config = NULL;
    tend_buffer ini = { 0 };
    char *faults = NULL;

    tend_buffer_text(&ini, "[segment.s0]\nwhere = seats = 1 or seats = 2\n");
    for (int i = 1; i <= 40; i++)
        tend_buffer_print(&ini, "[segment.s%d]\nwhere = segment = s%d or not segment = s%d\n", i, i - 1, i - 1);
    ck_assert_int_eq(load(tend_buffer_string(&ini), &config, &none, &faults), TEND_EINVAL);
    ck_assert_str_eq(f.error.text,
                     "tend.ini:10: [segment.s4] where: with the segments it names the filter nests too deep; take out parentheses");
    tend_buffer_clear(&ini);
    tend_config_free(config);
    free(faults);
}
END_TEST

/* Random filters over random rows. */

static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

#define PICK(list) ((list)[draw(sizeof(list) / sizeof *(list))])

static void write_random_test(tend_buffer *out, bool is_fact)
{
    static const char *const account_paths[] = { "", "account.", "parent.", "parent.parent." };
    static const char *const tests[] = {
        "region = EMEA",
        "region != EMEA",
        "region in (emea, apac)",
        "region not in (APAC)",
        "region contains a",
        "region starts with e",
        "region is empty",
        "region is not empty",
        "tier in (gold, silver)",
        "seats > 50",
        "seats <= 50",
        "seats between 20 and 80",
        "seats not in (1, 2, 50)",
        "revenue >= 500 USD",
        "revenue < 500 EUR",
        "revenue between 100 EUR and 900 USD",
        "revenue in (100 USD, 100 EUR, 100 KRW)",
        "revenue != 100 KRW",
        "customer_since within last 90 days",
        "customer_since < today - 2 months",
        "customer_since between 2026-01-01 and today",
        "owner = kim",
        "owner != kim",
        "owner not in (kim, #2)",
        "owner.manager = kim",
        "owner is empty",
        "nrr >= 0.9",
        "nrr < 0.9",
        "nrr is empty",
        "arr > 500 USD",
        "arr not in (5 EUR, 7 KRW)",
        "health = red",
        "health not in (red, green)",
        "health > 40",
    };
    static const char *const fact_tests[] = { "amount >= 150 USD",       "amount < 100 EUR",
                                              "ordered_at < 2024-03-01", "ordered_at within last 800 days",
                                              "quantity > 1.5",          "product is empty" };

    if (is_fact && draw(2) == 0) {
        tend_buffer_text(out, PICK(fact_tests));
        return;
    }
    tend_buffer_text(out, is_fact ? "account." : PICK(account_paths));
    tend_buffer_text(out, PICK(tests));
}

static void write_random(tend_buffer *out, bool is_fact, int depth)
{
    uint64_t what = depth == 0 ? 0 : draw(5);
    size_t count = 2 + draw(2);

    if (what <= 1) {
        write_random_test(out, is_fact);
        return;
    }
    if (what == 2) {
        tend_buffer_text(out, "not (");
        write_random(out, is_fact, depth - 1);
        tend_buffer_byte(out, ')');
        return;
    }
    for (size_t i = 0; i < count; i++) {
        tend_buffer_text(out, i == 0 ? "(" : what == 3 ? " and " : " or ");
        write_random(out, is_fact, depth - 1);
    }
    tend_buffer_byte(out, ')');
}

static int64_t add_random_account(int64_t parent)
{
    static const char *const regions[] = { "EMEA", "emea", "APAC", "Latam" }, *const tiers[] = { "gold", "silver", "bronze" };
    static const char *const currencies[] = { "USD", "EUR", "KRW" };
    static const char *const words[] = { "red", "green", "yellow" };
    fixture_record record = { .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("random") } } };
    int count = 1;
    int64_t id;

#define MAYBE(field_name, given)                      \
    do {                                              \
        tend_value maybe = (given);                   \
        if (draw(4) > 0) {                            \
            record.fields[count].name = (field_name); \
            record.fields[count++].value = maybe;     \
        }                                             \
    } while (0)
    MAYBE("region", text(PICK(regions)));
    MAYBE("tier", text(PICK(tiers)));
    MAYBE("seats", number((int64_t)draw(101)));
    MAYBE("owner", ref(draw(2) ? kim : lee));
    MAYBE("customer_since", ((tend_value){ .type = TEND_DATE, .integer = f.now / 86400000 - (int64_t)draw(200) }));
    if (parent)
        MAYBE("parent", ref(parent));
    if (draw(4) > 0) {
        const char *currency = PICK(currencies);

        record.fields[count].name = "currency";
        record.fields[count++].value = text(currency);
        record.fields[count].name = "revenue";
        record.fields[count++].value = money((int64_t)draw(100000), currency);
    }
#undef MAYBE
    id = fixture_put(&f, &record).id;
    if (draw(3) > 0)
        publish("nrr", id, (int64_t)draw(20), (int64_t)draw(12), "", NULL);
    if (draw(3) > 0)
        publish("arr", id, (int64_t)draw(100000), 1, PICK(currencies), NULL);
    if (draw(3) > 0)
        publish("health", id, (int64_t)draw(100), 1, "", draw(4) ? PICK(words) : NULL);
    return id;
}

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

TESTS_WITH("model/filter", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, a_filter_answers_alike_in_c_and_in_sql, 0, (int)(sizeof answers / sizeof *answers));
    tcase_add_test(tcase, references_lead_from_other_kinds_to_the_account);
    tcase_add_test(tcase, facts_convert_money_with_the_rate_of_their_day);
    tcase_add_test(tcase, the_first_comparison_that_decided_is_told);
    tcase_add_test(tcase, a_row_that_is_not_there_is_said);
    tcase_add_loop_test(tcase, what_is_wrong_is_said_with_its_place, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(tcase, large_and_deep_filters_are_refused);
    tcase_add_test(tcase, what_is_allowed_fits_into_sql);
    tcase_add_test(tcase, segments_are_named_filters_and_may_name_each_other);
    tcase_add_test(tcase, every_comparison_that_decided_is_told);
    tcase_add_test(tcase, every_fault_of_the_segments_is_a_line);
    tcase_add_test(tcase, segments_that_grow_by_naming_each_other_are_refused);
    tcase_add_loop_test(tcase, random_filters_answer_alike_in_c_and_in_sql, 0, 6);
})
