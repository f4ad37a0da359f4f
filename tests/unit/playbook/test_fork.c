/* A run tried again from one of its steps: with another answer, with the script as it is now. */
#include "playbook_fixture.h"

#define SCRIPT                                                                                                     \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'x', 'y', 'z' }," \
    " start_when = { event = 'contract.created' }, stop_when = { event = 'contract.cancelled' }, steps = function(run) %s end }"
#define ASKS                                                                                                         \
    "run:task('before', { title = 'before', to = 'owner' }) "                                                        \
    "local a = run:ask('go', { question = 'Go?', choices = { 'yes', 'no' }, of = 'owner', within = { days = 9 } }) " \
    "if a.choice == 'yes' then return 'x' end run:task('talk', { title = 'Talk: ' .. tostring(a.choice), to = 'owner' }) return "
#define STATE "SELECT state || ' ' || coalesce(outcome, reason, '') FROM runs"

static void write_script(const char *steps)
{
    char script[2000];

    (void)snprintf(script, sizeof script, SCRIPT, steps);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
}

/* A run that asked, was answered with yes and ended. */
static int64_t ended_run(void)
{
    write_script(ASKS "'y'");
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
    (void)add_contract(today() + 100);
    work();
    (void)TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = count("SELECT id FROM tasks WHERE step = 'go'"),
                   .fields = { { "status", text("done") }, { "outcome", text("yes") } });
    work();
    ck_assert_str_eq(word(STATE), "ended x");
    return count("SELECT id FROM runs");
}

static tend_status fork_at(int64_t run, const tend_fork *fork)
{
    tend_status status = tend_run_fork(playbooks, run, fork, &f.error);

    if (status == TEND_OK)
        work();
    return status;
}

START_TEST(another_answer_leads_elsewhere)
{
    int64_t run = ended_run();

    ck_assert_int_eq(fork_at(run, &(tend_fork){ .step = "go", .answer = "choice=no" }), TEND_OK);
    ck_assert_str_eq(word(STATE), "ended y");
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 'talk'"), "Talk: no");
    ck_assert_int_eq(count("SELECT count(*) FROM steps WHERE name = 'before'"), 1); /* what came before is not done again */
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE step = 'before'"), 1);
}
END_TEST

#define DECIDES                                                                                                          \
    "local a = run:approve('ok', { title = 'Go?', to = 'owner', within = { days = 9 } }) if a.approved then return 'x' " \
    "end run:task('talk', { title = tostring(a.comment), to = 'owner' }) return 'y'"

START_TEST(a_decision_is_yes_or_no_and_a_comment_holds_commas)
{
    write_script(DECIDES);
    open_playbooks("[playbook.test]\n");
    (void)add_contract(today() + 100);
    work();
    set_status(TEND_KIND_APPROVAL, 1, "approved");
    work();
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_int_eq(fork_at(1, &(tend_fork){ .step = "ok", .answer = "approved=nope" }), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "--answer: approved=nope: write approved=yes or approved=no");
    ck_assert_int_eq(fork_at(1, &(tend_fork){ .step = "ok", .answer = "approved = no, comment = no, not now" }), TEND_OK);
    ck_assert_str_eq(word(STATE), "ended y");
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 'talk'"), "no, not now");
}
END_TEST

START_TEST(without_an_answer_it_asks_again)
{
    int64_t run = ended_run();

    ck_assert_int_eq(fork_at(run, &(tend_fork){ .step = "go" }), TEND_OK);
    ck_assert_str_eq(word("SELECT state FROM runs"), "waiting");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE step = 'go' AND status = 'open'"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM waits"), 1);
}
END_TEST

START_TEST(the_script_as_it_is_now_is_taken_where_it_fits)
{
    int64_t run = ended_run();

    close_playbooks();
    write_script(ASKS "'z'");
    open_playbooks("[playbook.test]\n");
    ck_assert_int_eq(fork_at(run, &(tend_fork){ .step = "go", .answer = "timed_out=yes, choice=", .takes_current = true }),
                     TEND_OK);
    ck_assert_str_eq(word(STATE), "ended z");
    close_playbooks();
    write_script("run:task('other', { title = 'other', to = 'owner' }) return 'z'");
    open_playbooks("[playbook.test]\n");
    ck_assert_int_eq(fork_at(run, &(tend_fork){ .step = "go", .takes_current = true }), TEND_EINVAL);
    ck_assert_ptr_nonnull(strstr(f.error.text, "what it did before 'go' does not fit the script as it is now: "));
}
END_TEST

static const struct {
    tend_fork fork;
    const char *says;
} wrong[] = {
    { { .step = "goo" }, "run 1: has done no step 'goo'; did you mean go; see tend playbook show 1" },
    { { .step = "go", .answer = "no" }, "--answer: 'no': write KEY=VALUE, such as choice=yes or approved=no" },
    { { .step = "go", .answer = "choise=no" }, "--answer: the answer of ask has no 'choise'; did you mean choice?" },
    { { .step = "go", .answer = "approved=no" }, "--answer: the answer of ask has no 'approved'" },
    { { .step = "go", .answer = "choice=perhaps" }, "--answer: choice=perhaps: 'go' is answered with one of yes | no" },
    { { .step = "go", .answer = "choice=yess" },
      "--answer: choice=yess: 'go' is answered with one of yes | no; did you mean yes?" },
    { { .step = "go", .answer = "cancelled=perhaps" }, "--answer: cancelled=perhaps: write cancelled=yes or cancelled=no" },
    { { .step = "before", .answer = "outcome=no" }, "--answer: a step of the verb task has none; name one that waits" },
};

START_TEST(what_is_wrong_is_said_and_changes_nothing)
{
    int64_t run = ended_run();

    ck_assert_int_lt(fork_at(run, &wrong[_i].fork), 0);
    ck_assert_str_eq(f.error.text, wrong[_i].says);
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_int_eq(fork_at(run + 1, &(tend_fork){ .step = "go" }), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "run 2: there is none; see tend playbook runs");
}
END_TEST

TESTS_WITH("playbook/fork", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_test(tcase, another_answer_leads_elsewhere);
    tcase_add_test(tcase, a_decision_is_yes_or_no_and_a_comment_holds_commas);
    tcase_add_test(tcase, without_an_answer_it_asks_again);
    tcase_add_test(tcase, the_script_as_it_is_now_is_taken_where_it_fits);
    tcase_add_loop_test(tcase, what_is_wrong_is_said_and_changes_nothing, 0, (int)(sizeof wrong / sizeof *wrong));
})
