/* The shipped renewal: what it asks of the owner, and until when. */
#include "playbook_fixture.h"

static void set_up(void)
{
    playbook_set_up();
    use_script("commercial", "renewal");
    open_playbooks(SEGMENTS "[playbook.renewal]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

/* Monday, 2026-03-02. */
static int64_t add_named(const char *name, const char *ends_on, const char *notice_on, bool renews_itself)
{
    return TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                    .fields = { { "account", ref(account) },
                                { "status", text("active") },
                                { "name", name ? text(name) : nothing() },
                                { "ends_on", day(ends_on) },
                                { "notice_on", notice_on ? day(notice_on) : nothing() },
                                { "auto_renew", { .type = TEND_BOOL, .integer = renews_itself } } })
        .id;
}

#define DUE(step) "SELECT date(due_on * 86400, 'unixepoch') FROM tasks WHERE step = '" step "'"

static const struct {
    const char *ends_on, *due_on;
} plans[] = {
    { "2026-05-31", "2026-03-16" },                                 /* ten business days */
    { "2026-03-20", "2026-03-12" },                                 /* before the last call, a week before the end */
    { "2026-03-10", "2026-03-02" }, { "2026-03-09", "2026-03-09" }, /* no time for a last call: by the end */
    { "2026-03-03", "2026-03-03" }, { "2026-03-02", "2026-03-02" },
};

START_TEST(the_plan_is_due_before_the_contract_ends)
{
    (void)add_named("Gold", plans[_i].ends_on, NULL, false);
    work();
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Write the renewal plan for Acme, Gold");
    ck_assert_str_eq(word(DUE("plan")), plans[_i].due_on);
}
END_TEST

START_TEST(two_contracts_of_an_account_have_two_titles)
{
    (void)add_named("Gold", "2026-05-01", NULL, false);
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                   .fields = { { "account", ref(account) },
                               { "status", text("active") },
                               { "number", text("C-7") },
                               { "ends_on", day("2026-05-01") } });
    work();
    ck_assert_str_eq(word("SELECT title FROM tasks ORDER BY id"), "Write the renewal plan for Acme, Gold");
    ck_assert_str_eq(word("SELECT title FROM tasks ORDER BY id DESC"), "Write the renewal plan for Acme, C-7");
}
END_TEST

START_TEST(nothing_is_called_for_after_the_end)
{
    (void)add_named("Gold", "2026-03-20", NULL, false);
    work();
    f.now = at("2026-04-20"); /* the engine slept */
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE step = 'last call'"), 0);
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "not_renewed");
}
END_TEST

START_TEST(a_contract_that_ends_within_the_week_has_its_plan_and_no_more)
{
    (void)add_named("Gold", "2026-03-07", NULL, false);
    work();
    go_to("2026-03-06");
    go_to("2026-03-08");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "not_renewed");
}
END_TEST

START_TEST(the_last_call_counts_the_days_that_are_left)
{
    (void)add_named("Gold", "2026-04-10", NULL, false);
    work();
    set_status(TEND_KIND_TASK, 1, "done");
    go_to("2026-04-09"); /* the engine slept for six days */
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 'last call'"), "Acme, Gold has not signed; 1 day left");
    ck_assert_str_eq(word(DUE("last call")), "2026-04-10");
}
END_TEST

START_TEST(what_renews_itself_is_decided_by_the_day_of_notice)
{
    (void)add_named("Gold", "2026-05-20", "2026-04-10", true);
    work();
    ck_assert_str_eq(word("SELECT title FROM tasks"),
                     "Decide on Acme, Gold: it renews itself after 2026-05-20; last day to give notice 2026-04-10");
    set_status(TEND_KIND_TASK, 1, "done");
    go_to("2026-04-02");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    go_to("2026-04-03");
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 'last call'"),
                     "Acme, Gold renews itself after 2026-05-20; 7 days left to decide");
    go_to("2026-05-21");
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "renewed");
}
END_TEST

START_TEST(notice_that_can_no_longer_be_given_is_not_asked_for)
{
    (void)add_named(NULL, "2026-05-20", "2026-03-01", true);
    work();
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Decide on Acme: it renews itself after 2026-05-20");
    ck_assert_str_eq(word(DUE("plan")), "2026-03-16");
}
END_TEST

TESTS_WITH("playbook/renewal", {
    tcase_add_checked_fixture(tcase, set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, the_plan_is_due_before_the_contract_ends, 0, (int)(sizeof plans / sizeof *plans));
    tcase_add_test(tcase, two_contracts_of_an_account_have_two_titles);
    tcase_add_test(tcase, nothing_is_called_for_after_the_end);
    tcase_add_test(tcase, a_contract_that_ends_within_the_week_has_its_plan_and_no_more);
    tcase_add_test(tcase, the_last_call_counts_the_days_that_are_left);
    tcase_add_test(tcase, what_renews_itself_is_decided_by_the_day_of_notice);
    tcase_add_test(tcase, notice_that_can_no_longer_be_given_is_not_asked_for);
})
