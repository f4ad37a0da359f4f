/* What others wrote is no template: a ticket's title, a comment, in texts that a script puts together. */
#include "playbook_fixture.h"

#include "playbook/inside.h"

#define SCRIPT                                                                                         \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'ticket', outcomes = { 'x' }," \
    " start_when = { event = 'ticket.created' }, stop_when = { event = 'ticket.closed' }, steps = function(run) "

/* A ticket with this title, to which the playbook has done its steps. */
static void begin_with(const char *steps, const char *title)
{
    char script[2000];

    (void)snprintf(script, sizeof script, SCRIPT "%s return 'x' end }", steps);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
    (void)TEST_PUT(&f, .kind = TEND_KIND_TICKET, .fields = { { "account", ref(account) }, { "title", text(title) } });
    work();
}

#define JOINED "run:task('t', { title = run.account.name .. ': ' .. run.ticket.title, to = 'owner' })"

static const struct {
    const char *steps, *title, *becomes;
} texts[] = {
    { JOINED, "{config}", "Acme: {config}" },
    { JOINED, "{ }", "Acme: { }" },
    { JOINED, "json {\"a\":1}", "Acme: json {\"a\":1}" },
    { JOINED, "a } b { c", "Acme: a } b { c" },
    { JOINED, "{{twice}}", "Acme: {{twice}}" },
    { JOINED, "{account.owner.name}", "Acme: {account.owner.name}" },
    { JOINED, "설정 {계정} 오류", "Acme: 설정 {계정} 오류" },
    { "run:task('t', { title = '{account.name}: ' .. run.ticket.title, to = 'owner' })", "{account.name}!",
      "Acme: {account.name}!" },
    { "run:task('t', { title = '{account.name}: ' .. run.ticket.title:upper():sub(1, 12), to = 'owner' })",
      "see {account.owner.name}", "Acme: SEE {ACCOUNT" },
    { "run:task('t', { title = '{account.name}: {title}', to = 'owner' })", "{config}", "Acme: {config}" },
    { "run:task('t', { title = { en = 'A ' .. run.ticket.title, ko = '가 ' .. run.ticket.title }, to = 'owner' })", "{config}",
      "A {config}" },
    { "run:task('t', { title = 'write {{title}} for ' .. run.account.name, to = 'owner' })", "x", "write {title}} for Acme" },
};

START_TEST(what_a_ticket_says_is_not_filled_in)
{
    begin_with(texts[_i].steps, texts[_i].title);
    ck_assert_str_eq(word("SELECT state || ' ' || coalesce(reason, '') FROM runs"), "ended ");
    ck_assert_str_eq(word("SELECT title FROM tasks"), texts[_i].becomes);
}
END_TEST

START_TEST(what_a_ticket_says_is_written_back_and_logged_as_it_is)
{
    begin_with("run:log('l', run.ticket.title) run:task('t', { title = 'x', to = 'owner', reason = run.ticket.title })",
               "{config}");
    ck_assert_str_eq(word("SELECT reason FROM tasks"), "{config}; to the owner");
    ck_assert_ptr_nonnull(strstr(word("SELECT arguments FROM steps WHERE verb = 'log'"), "\"{config}\""));
}
END_TEST

START_TEST(a_comment_is_not_filled_in_after_a_restart_either)
{
    begin_with("local ok = run:approve('ok', { title = 'May we?', to = 'owner', within = { days = 9 } }) run:task('t', { title = "
               "'said ' .. (ok.comment or"
               " ''), to = 'owner' })",
               "x");
    (void)TEST_PUT(&f, .kind = TEND_KIND_APPROVAL, .id = count("SELECT id FROM approvals"),
                   .fields = { { "status", text("approved") }, { "comment", text("see {this}") } });
    close_playbooks();
    open_playbooks("[playbook.test]\n");
    work();
    ck_assert_str_eq(word("SELECT state || ' ' || coalesce(reason, '') FROM runs"), "ended ");
    ck_assert_str_eq(word("SELECT title FROM tasks"), "said see {this}");
}
END_TEST

TESTS_WITH("playbook/verbatim", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, what_a_ticket_says_is_not_filled_in, 0, (int)(sizeof texts / sizeof *texts));
    tcase_add_test(tcase, what_a_ticket_says_is_written_back_and_logged_as_it_is);
    tcase_add_test(tcase, a_comment_is_not_filled_in_after_a_restart_either);
})
