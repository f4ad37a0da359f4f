/* What is no filter, and how large one may be. */
#include "filter_fixture.h"

typedef struct refusal {
    tend_kind subject;
    const char *where, *sentence;
} refusal;

static const refusal refusals[] = {
    { TEND_KIND_ACCOUNT, "regoin = EMEA", "at 'regoin': accounts have no field regoin; did you mean region?" },
    { TEND_KIND_ACCOUNT, "zzzzzz = 1",
      "at 'zzzzzz': accounts have no field zzzzzz, and [kpi] publish names no KPI zzzzzz; `tend list` shows the fields, `tend kpi "
      "list` "
      "the KPIs" },
    { TEND_KIND_CONTRACT, "region = EMEA", "at 'region': contracts have no field region; did you mean account.region?" },
    { TEND_KIND_CONTRACT, "arr > 5 EUR", "at 'arr': contracts have no field arr; did you mean account.arr?" },
    { TEND_KIND_ACCOUNT, "region.name = x",
      "at 'region.name': region is not a reference, so nothing stands behind its point; write region" },
    { TEND_KIND_ACCOUNT, "parent.parent.parent.parent.name = x",
      "at 'parent.parent.parent.parent.name': follows more than 3 references; write a shorter way" },
    { TEND_KIND_ACCOUNT, "tier = goldd",
      "at 'goldd': is not one of platinum, gold, silver, bronze, premier, strategic, standard; did you mean gold?" },
    { TEND_KIND_ACCOUNT, "health = rot", "at 'rot': is not one of red, yellow, green; write one of them" },
    { TEND_KIND_CONTRACT, "account.health in (red, amber)", "at 'amber': is not one of red, yellow, green; write one of them" },
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
    { TEND_KIND_ACCOUNT, "tier == gold", "at '==': two signs where one compares; write = once" },
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

START_TEST(nobody_learns_by_asking_what_he_may_not_read)
{
    tend_principal person = tend_principal_named(TEND_PRINCIPAL_PERSON, "kim");
    tend_filter *filter = NULL;

    TEST_OK(&f, tend_filter_parse(f.schema, NULL, TEND_KIND_PROFILE,
                                  "status = valid and not (account.region = EMEA or"
                                  " risk_tolerance = high)",
                                  "--where", &filter, &f.error));
    ck_assert_int_eq(tend_filter_may(filter, &person, "--where", &f.error), TEND_EDENIED);
    ck_assert_str_eq(f.error.text, "--where: profile.risk_tolerance: kim may not see it; leave it out");
    TEST_OK(&f, tend_filter_may(filter, &f.principal, "--where", &f.error));
    tend_filter_free(filter);
    TEST_OK(&f, tend_filter_parse(f.schema, NULL, TEND_KIND_PROFILE, "account.region = EMEA", "--where", &filter, &f.error));
    TEST_OK(&f, tend_filter_may(filter, &person, "--where", &f.error));
    tend_filter_free(filter);
}
END_TEST

TESTS_WITH("model/filter_faults", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, what_is_wrong_is_said_with_its_place, 0, (int)(sizeof refusals / sizeof *refusals));
    tcase_add_test(tcase, large_and_deep_filters_are_refused);
    tcase_add_test(tcase, what_is_allowed_fits_into_sql);
    tcase_add_test(tcase, nobody_learns_by_asking_what_he_may_not_read);
})
