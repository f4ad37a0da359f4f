#include "query_fixture.h"

/* Names as the adversarial file C044 has them. */
static const char *const names[] = {
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",       "'; DROP TABLE accounts; --",
    "{{7*7}} ${7*7} <%= 7*7 %>", "</title></style><svg onload=alert(1)>", "{account.name} {task} {company}",
    "javascript:alert(1)",
};

static int64_t account;

static tend_status ask_portfolio(const tend_query *query, FILE *out)
{
    return tend_report_portfolio(query, 90, 0, out, &f.error);
}

static tend_status ask_account(const tend_query *query, FILE *out)
{
    return tend_report_account(query, account, out, &f.error);
}

static const char *page_of(const tend_query *query, tend_status (*ask)(const tend_query *query, FILE *out))
{
    size_t length = 0;
    FILE *out;

    free(answer);
    out = open_memstream(&answer, &length);
    ck_assert_ptr_nonnull(out);
    TEST_OK(&f, ask(query, out));
    ck_assert_int_eq(fclose(out), 0);
    return answer;
}

/* Everything that can be a name is called `name`. */
static void populate(const char *name)
{
    int64_t user = add_user(name);

    account = add_owned(name, user);
    add_contract(account, name, "2026-03-31", 500000, "USD");
    TEST_PUT(&f, .kind = TEND_KIND_TASK,
             .fields = { { "title", text(name) },
                         { "reason", text(name) },
                         { "account", ref(account) },
                         { "status", text("open") },
                         { "assignee", ref(user) } });
    TEST_PUT(&f, .kind = TEND_KIND_CONTACT,
             .fields = { { "account", ref(account) }, { "name", text(name) }, { "title", text(name) } });
    TEST_PUT(&f, .kind = TEND_KIND_DOCUMENT,
             .fields = { { "account", ref(account) }, { "title", text(name) }, { "link", text(name) } });
    publish_health(account, 20, "red");
}

static size_t count_of(const char *page, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(page, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void check_safe(const char *page)
{
    HAS_NOT(page, "<script");
    HAS_NOT(page, "<img");
    HAS_NOT(page, "<a ");
    HAS_NOT(page, "href");
    HAS_NOT(page, "src=x onerror=alert(1)>");
    HAS_NOT(page, "<svg onload");
    ck_assert_uint_eq(count_of(page, "<title>"), count_of(page, "</title>"));
    ck_assert_uint_eq(count_of(page, "<style>"), 1);
    ck_assert_uint_eq(count_of(page, "</style>"), 1);
    ck_assert_uint_eq(count_of(page, " style="), 0);
    HAS(page, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
}

START_TEST(no_text_leaves_its_place_on_a_page)
{
    tend_query query;

    populate(names[_i]);
    query = query_of(0);
    query.company = names[_i];
    check_safe(page_of(&query, ask_account));
    check_safe(page_of(&query, ask_portfolio));
    if (_i == 0)
        HAS(answer, "&lt;script&gt;alert(1)&lt;/script&gt;");
    if (_i == 5)
        HAS(answer, "{account.name} {task} {company}");
}
END_TEST

START_TEST(a_page_speaks_the_companys_language)
{
    tend_query query;

    populate("한빛");
    query = query_of(0);
    query.language = "ko";
    page_of(&query, ask_portfolio);
    HAS(answer, "<html lang=\"ko\">");
    HAS(answer, "<h1>포트폴리오</h1>");
    HAS(answer, "<span class=\"band red\">위험</span>");
    HAS(answer, "계약 종료 2026-03-31, 43일 남음");
}
END_TEST

START_TEST(charts_show_what_the_tables_say)
{
    tend_query query;

    populate("Acme");
    query = query_of(0);
    page_of(&query, ask_portfolio);
    /* One account, red: the whole bar. */
    HAS(answer, "<rect x=\"0\" y=\"0\" width=\"1000\" height=\"34\" fill=\"#b3261e\"/>");
    HAS(answer, ">2026-03</text>");
    HAS(answer, ">5k</text>");
    HAS(answer, "5,000.00 USD");
}
END_TEST

/* 788,920 is 789k and not 788k. */
START_TEST(labels_of_a_chart_are_rounded_once_and_not_cut)
{
    static const struct {
        int64_t minor;
        const char *shown;
    } labels[] = { { 78892000, ">789k</text>" },  { 99949999, ">999k</text>" },  { 99950000, ">1.0M</text>" },
                   { 124999999, ">1.2M</text>" }, { 125000000, ">1.3M</text>" }, { 994999999, ">9.9M</text>" },
                   { 995000000, ">10M</text>" },  { 1044999999, ">10M</text>" }, { 1050000000, ">11M</text>" },
                   { 99949, ">999</text>" },      { 99950, ">1k</text>" } };
    tend_query query;

    add_contract(add_owned("Acme", add_user("kim")), "Pro", "2026-03-31", labels[_i].minor, "USD");
    query = query_of(0);
    page_of(&query, ask_portfolio);
    HAS(answer, labels[_i].shown);
}
END_TEST

START_TEST(the_policy_names_the_hash_of_the_sheet)
{
    tend_query query;
    const char *sheet, *end;
    char command[600], wanted[64] = "";
    const char *path;
    FILE *pipe;

    populate("Acme");
    query = query_of(0);
    page_of(&query, ask_portfolio);
    sheet = strstr(answer, "<style>") + 7;
    end = strstr(sheet, "</style>");
    path = test_folder_write(&f.folder, "sheet.css", sheet, (size_t)(end - sheet));
    (void)snprintf(command, sizeof command, "sha256sum '%s' | cut -c1-64 | tr a-f A-F | basenc -d --base16 | base64", path);
    pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    ck_assert_ptr_nonnull(fgets(wanted, sizeof wanted, pipe));
    (void)pclose(pipe);
    wanted[strcspn(wanted, "\n")] = '\0';
    ck_assert_uint_eq(strlen(wanted), 44);
    HAS(answer, wanted);
}
END_TEST

TESTS_WITH("query/report", {
    tcase_add_checked_fixture(tcase, query_setup, query_teardown);
    tcase_add_loop_test(tcase, no_text_leaves_its_place_on_a_page, 0, sizeof names / sizeof *names);
    tcase_add_test(tcase, a_page_speaks_the_companys_language);
    tcase_add_loop_test(tcase, labels_of_a_chart_are_rounded_once_and_not_cut, 0, 11);
    tcase_add_test(tcase, charts_show_what_the_tables_say);
    tcase_add_test(tcase, the_policy_names_the_hash_of_the_sheet);
})
