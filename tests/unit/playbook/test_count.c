/* run:count: how many rows there are, as it was when it was asked. */
#include "playbook_fixture.h"

#define DAY INT64_C(86400000)
#define SCRIPT                                                                                                                    \
    "return playbook { name = 'test', summary = 's', api = 1, subject = '%s', outcomes = { 'x' },\n"                              \
    " settings = { days = { type = 'integer', default = 10, help = 'h' }, word = { type = 'text', default = 'login', help = 'h' " \
    "} },\n"                                                                                                                      \
    " start_when = { event = '%s' }, steps = function(run)\n"
#define STATE "SELECT state || ' ' || coalesce(outcome, reason, '') FROM runs"

static int64_t other, rival;

static int64_t add_ticket(int64_t of, const char *title, const char *category, const char *status, int64_t days_ago)
{
    return TEST_PUT(&f, .kind = TEND_KIND_TICKET,
                    .fields = { { "account", ref(of) },
                                { "title", text(title) },
                                { "category", category ? text(category) : (tend_value){ 0 } },
                                { "status", text(status) },
                                { "opened_at", { .type = TEND_TIME, .integer = f.now - days_ago * DAY } } })
        .id;
}

static void set_up(void)
{
    playbook_set_up();
    TEST_OK(&f, tend_filter_define(f.store, NULL, &f.error));
    rival = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee") } }).id;
    other = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Beta") }, { "owner", ref(rival) } }).id;
    (void)add_ticket(account, "one", "login", "open", 1);
    (void)add_ticket(account, "two", "LOGIN", "solved", 20);
    (void)add_ticket(account, "three", NULL, "open", 2);
    (void)add_ticket(other, "four", "login", "open", 3);
    (void)add_ticket(other, "five", "a \"quoted\" \\ one) or status = open", "open", 30);
    open_playbooks("");
    work(); /* what stands there is no news */
    close_playbooks();
}

static void begin_about(const char *subject, const char *event, const char *steps)
{
    char script[4000];
    size_t length = (size_t)snprintf(script, sizeof script, SCRIPT, subject, event);

    (void)snprintf(script + length, sizeof script - length, "%s return 'x' end }", steps);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n" SEGMENTS);
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

/* In a run about a new ticket of Acme in the category "login". */
static void begin_with(const char *steps)
{
    begin_about("ticket", "ticket.created", steps);
    (void)add_ticket(account, "new", "login", "open", 0);
    work();
}

static int64_t counted(const char *step)
{
    char sql[200];

    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(json_extract(answer, '$.count'), -1) FROM steps WHERE verb = 'count' AND name = '%s'", step);
    return count(sql);
}

static const struct {
    const char *arguments;
    int64_t wanted;
} asked[] = {
    /* Acme has four with the new one, Beta two. */
    { "'ticket'", 4 },
    { "'tickets'", 4 },
    { "'ticket', { of = 'account' }", 4 },
    { "'ticket', { of = 'all' }", 6 },
    { "'ticket', { where = 'status = open' }", 3 },
    { "'ticket', { where = 'status = open', of = 'all' }", 5 },
    { "'ticket', { where = 'status = closed' }", 0 },
    { "'ticket', { where = 'opened_at within last {settings.days} days', of = 'all' }", 4 },
    { "'ticket', { where = 'category = {settings.word}', of = 'all' }", 4 },
    /* what the run knows: its row, its account, the row itself */
    { "'ticket', { where = 'category = {category}', of = 'all' }", 4 },
    { "'ticket', { where = 'category = {ticket.category} and ticket != {ticket}', of = 'all' }", 3 },
    { "'ticket', { where = 'opened_at < {opened_at}', of = 'all' }", 5 },
    { "'ticket', { where = 'account = {account}', of = 'all' }", 4 },
    { "'ticket', { where = 'account.owner = {account.owner}', of = 'all' }", 4 },
    { "'ticket', { where = 'account.segment = key', of = 'all' }", 4 },
    /* different ones: letters without their case, without those that are not known */
    { "'ticket', { distinct = 'account', of = 'all' }", 2 },
    { "'ticket', { distinct = 'category', of = 'all' }", 2 },
    { "'ticket', { distinct = 'category' }", 1 },
    { "'ticket', { distinct = 'account', of = 'all', where = 'category = nothing' }", 0 },
    /* kinds that belong to no account are counted all */
    { "'user'", 3 },
    { "'account', { where = 'owner is not empty' }", 2 },
};

START_TEST(rows_are_counted)
{
    char steps[400];

    (void)snprintf(steps, sizeof steps, "run:count('n', %s)", asked[_i].arguments);
    begin_with(steps);
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_int_eq(counted("n"), asked[_i].wanted);
    ck_assert_str_eq(word("SELECT json_extract(answer, '$.defined') FROM steps WHERE name = 'n'"), "1");
}
END_TEST

START_TEST(what_is_removed_or_merged_counts_as_lists_have_it)
{
    int64_t gone = add_ticket(account, "gone", "login", "open", 0);

    (void)TEST_PUT(&f, .kind = TEND_KIND_TICKET, .id = gone, .removed = true);
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    TEST_OK(&f, tend_merge(f.model, &f.origin, account, other, &f.error));
    TEST_OK(&f, tend_model_commit(f.model, &f.error));
    begin_with("run:count('here', 'ticket') run:count('accounts', 'ticket', { distinct = 'account', of = 'all' })");
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_int_eq(counted("here"), 6);
    ck_assert_int_eq(counted("accounts"), 1);
}
END_TEST

/* The text of a customer is a value and nothing else. */
START_TEST(a_text_of_a_row_is_no_condition)
{
    begin_about("ticket", "ticket.created", "run:count('n', 'ticket', { where = 'category = {category}', of = 'all' })");
    (void)add_ticket(account, "new", "a \"quoted\" \\ one) or status = open", "open", 0);
    work();
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_int_eq(counted("n"), 2);
}
END_TEST

START_TEST(what_is_not_known_leaves_it_undefined)
{
    begin_about("ticket", "ticket.created",
                "local n = run:count('n', 'ticket', { where = 'category = {category}', of = 'all' })"
                " run:log('said', tostring(n.defined) .. ' ' .. n.count)");
    (void)add_ticket(account, "new", NULL, "open", 0);
    work();
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_ptr_nonnull(strstr(word("SELECT arguments FROM steps WHERE name = 'said'"), "false 0"));
}
END_TEST

START_TEST(a_person_is_counted_for_over_all_accounts)
{
    begin_about("user", "user.updated", "run:count('n', 'ticket', { where = 'account.owner = {user}', of = 'all' })");
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = rival, .fields = { { "level", text("staff") } });
    work();
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_int_eq(counted("n"), 2);
}
END_TEST

START_TEST(a_row_without_an_account_has_none_of_its_account)
{
    begin_about("task", "task.created",
                "local n = run:count('n', 'ticket') run:log('said', tostring(n.defined) .. ' ' .. n.count)");
    (void)TEST_PUT(&f, .kind = TEND_KIND_TASK, .fields = { { "title", text("alone") }, { "status", text("open") } });
    work();
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_ptr_nonnull(strstr(word("SELECT arguments FROM steps WHERE name = 'said'"), "false 0"));
}
END_TEST

/* What was read stays so, whatever came since. */
START_TEST(a_count_is_replayed_as_it_was)
{
    begin_with(
        "local was = run:count('before', 'ticket') run:sleep('a week', { days = 7 }) local now = run:count('after', 'ticket')"
        " run:log('said', was.count .. ' then ' .. now.count)");
    ck_assert_int_eq(counted("before"), 4);
    (void)add_ticket(account, "later", "login", "open", 0);
    close_playbooks();
    open_playbooks("[playbook.test]\nenabled = no\n" SEGMENTS);
    f.now += 8 * DAY;
    close_playbooks();
    open_playbooks("[playbook.test]\n" SEGMENTS);
    work();
    ck_assert_str_eq(word(STATE " WHERE id = 1"), "ended x");
    ck_assert_ptr_nonnull(strstr(word("SELECT arguments FROM steps WHERE name = 'said' AND run = 1"), "4 then 5"));
    ck_assert_ptr_nonnull(strstr(word("SELECT arguments FROM steps WHERE name = 'before'"), "\"kind\":\"ticket\""));
}
END_TEST

/* What the check cannot know because it is computed holds the run, in words. */
static const struct {
    const char *steps, *said;
} held[] = {
    { "run:count('n', ('tiket'):gsub('ik', 'ikk', 1), { of = 'al' .. 'l' })",
      "count 'n': kind: there is no kind of row 'tikket'; did you mean ticket?" },
    { "local t = {} t.where = 'statsu = open' run:count('n', 'ticket', t)",
      "count 'n': where: at 'statsu': tickets have no field statsu; did you mean status?" },
    { "local t = 'status = open' run:count('n', 'ticket', t)",
      "run:count: behind the kind stands a table, { where = \"status = open\" }" },
};

START_TEST(what_cannot_be_counted_is_said_before_it_works)
{
    char script[4000], lines[2000] = "";
    size_t length = (size_t)snprintf(script, sizeof script, SCRIPT, "ticket", "ticket.created");
    const char *path;
    FILE *out = fmemopen(lines, sizeof lines, "w");
    int faults = 0;

    (void)snprintf(script + length, sizeof script - length, "%s return 'x' end }", held[_i].steps);
    path = test_folder_write_text(&f.folder, "test.lua", script);
    load_config(SEGMENTS);
    TEST_OK(&f, tend_playbook_check(NULL, path, f.folder.path, f.schema, segments, sandbox_path, out, &faults, &f.error));
    (void)fclose(out);
    ck_assert_int_ge(faults, 1);
    ck_assert_msg(strstr(lines, held[_i].said), "%s", lines);
}
END_TEST

/* What a script writes into its condition itself instead of naming it in braces. */
START_TEST(a_text_that_makes_no_condition_holds_the_run)
{
    begin_with("run:count('n', 'ticket', { where = 'category = ' .. run.ticket.title, of = 'all' })");
    (void)add_ticket(account, "no orders", "login", "open", 0);
    work();
    ck_assert_str_eq(word(STATE " WHERE id = 1"), "ended x");
    ck_assert_ptr_nonnull(strstr(word(STATE " WHERE id = 2"), "count 'n': where: at 'orders': "));
}
END_TEST

TESTS_WITH("playbook/count", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, rows_are_counted, 0, (int)(sizeof asked / sizeof *asked));
    tcase_add_test(tcase, what_is_removed_or_merged_counts_as_lists_have_it);
    tcase_add_test(tcase, a_text_of_a_row_is_no_condition);
    tcase_add_test(tcase, what_is_not_known_leaves_it_undefined);
    tcase_add_test(tcase, a_person_is_counted_for_over_all_accounts);
    tcase_add_test(tcase, a_row_without_an_account_has_none_of_its_account);
    tcase_add_test(tcase, a_count_is_replayed_as_it_was);
    tcase_add_loop_test(tcase, what_cannot_be_counted_is_said_before_it_works, 0, (int)(sizeof held / sizeof *held));
    tcase_add_test(tcase, a_text_that_makes_no_condition_holds_the_run);
})
