/* Playbooks that are started by somebody and by other playbooks. */
#include "playbook_fixture.h"

#define PARENT                                                                                                               \
    "return playbook { name = 'parent', summary = 's', api = 1, subject = 'contract', outcomes = { 'won', 'lost', 'none' }," \
    " start_when = { event = 'contract.created' }, stop_when = { event = 'contract.cancelled' }, steps = function(run) "
#define CHILD                                                                                                         \
    "return playbook { name = 'child', summary = 's', api = 1, subject = 'account', outcomes = { 'yes', 'no' },"      \
    " steps = function(run) run:task('work', { title = run.args.title or 'Work' }) local said = run:wait('worked', {" \
    " done = 'work', within = { days = 5 } }) if said.timed_out then return 'no' end return 'yes' end }"
#define BOTH "[playbook.parent]\n[playbook.child]\n"

static void write_parent(const char *steps)
{
    char script[2000];

    (void)snprintf(script, sizeof script, PARENT "%s end }", steps);
    (void)test_folder_write_text(&f.folder, "playbooks/parent.lua", script);
    (void)test_folder_write_text(&f.folder, "playbooks/child.lua", CHILD);
}

static void parent(const char *steps)
{
    write_parent(steps);
    open_playbooks(BOTH);
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

static void check_sums(void)
{
    int64_t delivered, decided;

    TEST_OK(&f, tend_playbook_reconcile(f.store, NULL, &delivered, &decided, &f.error));
    ck_assert_int_gt(delivered, 0);
    ck_assert_int_eq(delivered, decided);
}

#define STATE(run) "SELECT state || ' ' || coalesce(outcome, reason, '') FROM runs WHERE playbook = '" run "' ORDER BY id DESC"

static void start_by_hand(const char *name, int64_t row)
{
    tend_principal kim = tend_principal_administrator();
    tend_origin origin = { .principal = &kim };
    int64_t sequence;

    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    TEST_OK(&f, tend_playbook_start(playbooks, &origin, name, row, "they asked", &sequence, &f.error));
    TEST_OK(&f, tend_model_commit(f.model, &f.error));
}

START_TEST(somebody_starts_a_playbook_that_nothing_else_would)
{
    parent("return 'none'");
    start_by_hand("child", account);
    work();
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Work");
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'ran' AND playbook = 'child'"),
                     "started by administrator: they asked");
    check_sums();
}
END_TEST

START_TEST(what_is_at_work_on_a_row_is_not_started_on_it_again)
{
    tend_origin origin = { .principal = &f.principal };
    int64_t sequence;

    parent("return 'none'");
    start_by_hand("child", account);
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    ck_assert_int_eq(tend_playbook_start(playbooks, &origin, "child", account, NULL, &sequence, &f.error), TEND_ECONFLICT);
    ck_assert_msg(strstr(f.error.text, "playbook child: is told already to begin on account 1, Acme (event ") != NULL, "%s",
                  f.error.text);
    tend_model_rollback(f.model);
    work();
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    ck_assert_int_eq(tend_playbook_start(playbooks, &origin, "child", account, NULL, &sequence, &f.error), TEND_ECONFLICT);
    ck_assert_str_eq(f.error.text,
                     "playbook child: run 1 is at work on account 1, Acme; let it end, or tend playbook cancel 1 first");
    tend_model_rollback(f.model);
    ck_assert_int_eq(count("SELECT count(*) FROM decisions WHERE what = 'deduplicated'"), 0);
    TEST_OK(&f, tend_run_cancel(playbooks, 1, "enough", &f.error));
    start_by_hand("child", account);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'child'"), 2);
}
END_TEST

START_TEST(what_is_not_at_work_cannot_be_started)
{
    tend_principal kim = tend_principal_administrator();
    tend_origin origin = { .principal = &kim };
    int64_t sequence;

    parent("return 'none'");
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    ck_assert_int_eq(tend_playbook_start(playbooks, &origin, "childd", account, NULL, &sequence, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "playbook childd: is not at work; did you mean child?");
    tend_model_rollback(f.model);
}
END_TEST

/* Its section is named, and the line that switches it off. */
START_TEST(what_is_switched_off_names_the_line_that_does_it)
{
    static const char wanted[] =
        "playbook child: is switched off at tend.ini:4: [playbook.child] enabled = no; write enabled = yes";
    tend_principal kim = tend_principal_administrator();
    tend_origin origin = { .principal = &kim };
    tend_released released;
    int64_t sequence;

    parent("return 'none'");
    close_playbooks();
    open_playbooks("[playbook.parent]\n[playbook.child]\n# for a while\nenabled = no\n");
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    ck_assert_int_eq(tend_playbook_start(playbooks, &origin, "child", account, NULL, &sequence, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, wanted);
    tend_model_rollback(f.model);
    ck_assert_int_eq(tend_playbook_release(playbooks, "child", &(tend_release){ .limit = 0 }, &released, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, wanted);
}
END_TEST

#define WAITS                                                                      \
    "local c = run:child('ask them', 'child', { args = { title = 'Call them' } })" \
    " if not c.started then return 'none' end if c.outcome == 'yes' then return 'won' end return 'lost'"

START_TEST(a_run_waits_for_its_child_over_restarts)
{
    parent(WAITS);
    (void)add_contract(today() + 400);
    for (int i = 0; i < 20; i++) { /* a restart after every round */
        bool did;

        TEST_OK(&f, tend_playbooks_step(playbooks, &did, &f.error));
        close_playbooks();
        open_playbooks(BOTH);
    }
    ck_assert_str_eq(word(STATE("parent")), "waiting ");
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Call them");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    set_status(TEND_KIND_TASK, count("SELECT id FROM tasks"), "done");
    work();
    ck_assert_str_eq(word(STATE("child")), "ended yes");
    ck_assert_str_eq(word(STATE("parent")), "ended won");
    ck_assert_str_eq(word("SELECT answer FROM steps WHERE verb = 'child'"),
                     "{\"outcome\":\"yes\",\"run\":2,\"started\":true,\"stopped\":false,\"timed_out\":false}");
    check_sums();
}
END_TEST

START_TEST(a_child_that_may_not_begin_says_so)
{
    parent(WAITS);
    start_by_hand("child", account);
    work();
    (void)add_contract(today() + 400);
    work();
    ck_assert_str_eq(word(STATE("parent")), "ended none");
    ck_assert_str_eq(word("SELECT answer FROM steps WHERE verb = 'child'"),
                     "{\"started\":false,\"stopped\":false,\"timed_out\":false,\"why\":\"run 1 is at work on it\"}");
    check_sums();
}
END_TEST

START_TEST(a_child_that_nobody_waits_for_goes_its_own_way)
{
    parent("run:child('ask them', 'child', { wait = false }) run:wait('signed', { event = 'contract.signed', within = {"
           " days = 60 } }) return 'none'");
    (void)add_contract(today() + 400);
    work();
    f.now += INT64_C(86400000) * 10;
    work();
    ck_assert_str_eq(word(STATE("child")), "ended no");
    ck_assert_str_eq(word(STATE("parent")), "waiting "); /* not woken by what it does not wait for */
    ck_assert_str_eq(word("SELECT state FROM steps WHERE name = 'signed'"), "waiting");
    f.now += INT64_C(86400000) * 60;
    work();
    ck_assert_str_eq(word(STATE("parent")), "ended none");
    check_sums();
}
END_TEST

static const struct {
    const char *options, *child;
} stops[] = {
    { "{}", "stopped run 1, whose child it is, was stopped" },
    { "{ if_stopped = 'leave' }", "waiting " },
    { "{ wait = false }", "waiting " },
    { "{ wait = false, if_stopped = 'cancel' }", "stopped run 1, whose child it is, was stopped" },
};

START_TEST(a_parent_that_is_stopped_takes_its_child_along_as_declared)
{
    char steps[400];
    int64_t contract;

    (void)snprintf(steps, sizeof steps,
                   "run:child('ask them', 'child', %s) run:wait('w', { event = 'contract.signed', within = { days = 90 } })"
                   " return 'none'",
                   stops[_i].options);
    parent(steps);
    contract = add_contract(today() + 400);
    work();
    ck_assert_str_eq(word(STATE("child")), "waiting ");
    set_status(TEND_KIND_CONTRACT, contract, "cancelled");
    work();
    ck_assert_str_eq(word(STATE("parent")), "stopped contract.cancelled");
    ck_assert_str_eq(word(STATE("child")), stops[_i].child);
    check_sums();
}
END_TEST

START_TEST(a_child_that_is_cancelled_answers_its_parent)
{
    parent("local c = run:child('ask them', 'child') if c.stopped and c.why == 'no use' then return 'lost' end return 'none'");
    (void)add_contract(today() + 400);
    work();
    TEST_OK(&f, tend_run_cancel(playbooks, 2, "no use", &f.error));
    work();
    ck_assert_str_eq(word(STATE("parent")), "ended lost");
}
END_TEST

START_TEST(a_wait_for_a_child_can_end_before_it)
{
    parent("local c = run:child('ask them', 'child', { within = { days = 2 }, if_stopped = 'leave' })"
           " if c.timed_out then return 'lost' end return 'none'");
    (void)add_contract(today() + 400);
    work();
    f.now += INT64_C(86400000) * 3;
    work();
    ck_assert_str_eq(word(STATE("parent")), "ended lost");
    ck_assert_str_eq(word(STATE("child")), "waiting ");
    f.now += INT64_C(86400000) * 10;
    work(); /* too late to be an answer */
    ck_assert_str_eq(word(STATE("child")), "ended no");
    ck_assert_str_eq(word(STATE("parent")), "ended lost");
}
END_TEST

START_TEST(a_child_whose_playbook_is_switched_off_holds_the_run_by_name)
{
    write_parent(WAITS);
    open_playbooks("[playbook.parent]\n[playbook.child]\nenabled = no\n");
    (void)add_contract(today() + 400);
    work();
    ck_assert_str_eq(word(STATE("parent")),
                     "held child 'ask them': playbook child is not at work; enable [playbook.child], then retry");
}
END_TEST

START_TEST(playbooks_that_start_each_other_are_stopped_by_the_length_of_their_chain)
{
    (void)test_folder_write_text(
        &f.folder, "playbooks/parent.lua",
        "return playbook { name = 'parent', summary = 's', api = 1, subject = 'account', outcomes = { 'x' }, steps ="
        " function(run) run:child('c', 'child', { wait = false }) return 'x' end }");
    (void)test_folder_write_text(
        &f.folder, "playbooks/child.lua",
        "return playbook { name = 'child', summary = 's', api = 1, subject = 'account', outcomes = { 'x' }, steps ="
        " function(run) run:child('p', 'parent', { wait = false }) return 'x' end }");
    open_playbooks(BOTH);
    start_by_hand("parent", account);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'held'"), 1);
    ck_assert_int_le(count("SELECT count(*) FROM runs"), TEND_DEPTH_MAX + 2);
    ck_assert_ptr_nonnull(strstr(word("SELECT reason FROM runs WHERE state = 'held'"), "is the end of a chain of 16 causes"));
    check_sums();
}
END_TEST

static const struct {
    const char *steps, *said;
} faults[] = {
    { "run:child('c')", "playbooks/parent.lua:1: needs playbook, a text, before its table" },
    { "run:child('c', 'child', { waits = true })",
      "playbooks/parent.lua:1: child 'c': 'waits' is no argument of it; did you mean wait?" },
    { "run:child('c', 'child', { if_stopped = 'kill' })",
      "playbooks/parent.lua:1: child 'c': if_stopped: must be cancel or leave" },
    { "run:child('c', 'childd')",
      "playbooks/parent.lua:1: child 'c': playbook: there is no [playbook.childd]; did you mean child?" },
    { "run:child('c', 'child', { wait = false, within = { days = 1 } })",
      "playbooks/parent.lua:1: child 'c': it is not waited for, so within and by mean nothing" },
};

START_TEST(what_is_wrong_with_a_child_is_found_by_the_check)
{
    char *said = NULL, steps[300];
    size_t length;
    FILE *out = open_memstream(&said, &length);
    int found = 0;

    (void)snprintf(steps, sizeof steps, "%s return 'none'", faults[_i].steps);
    write_parent(steps);
    load_config(BOTH);
    TEST_OK(&f, tend_playbook_check(config, test_folder_path(&f.folder, "playbooks/parent.lua"), f.folder.path, f.schema, segments,
                                    sandbox_path, out, &found, &f.error));
    (void)fclose(out);
    ck_assert_int_eq(found, 1);
    ck_assert_ptr_nonnull(strstr(said, faults[_i].said));
    free(said);
}
END_TEST

TESTS_WITH("playbook/start", {
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_test(tcase, somebody_starts_a_playbook_that_nothing_else_would);
    tcase_add_test(tcase, what_is_at_work_on_a_row_is_not_started_on_it_again);
    tcase_add_test(tcase, what_is_not_at_work_cannot_be_started);
    tcase_add_test(tcase, what_is_switched_off_names_the_line_that_does_it);
    tcase_add_test(tcase, a_run_waits_for_its_child_over_restarts);
    tcase_add_test(tcase, a_child_that_may_not_begin_says_so);
    tcase_add_test(tcase, a_child_that_nobody_waits_for_goes_its_own_way);
    tcase_add_loop_test(tcase, a_parent_that_is_stopped_takes_its_child_along_as_declared, 0, 4);
    tcase_add_test(tcase, a_child_that_is_cancelled_answers_its_parent);
    tcase_add_test(tcase, a_wait_for_a_child_can_end_before_it);
    tcase_add_test(tcase, a_child_whose_playbook_is_switched_off_holds_the_run_by_name);
    tcase_add_test(tcase, playbooks_that_start_each_other_are_stopped_by_the_length_of_their_chain);
    tcase_add_loop_test(tcase, what_is_wrong_with_a_child_is_found_by_the_check, 0, 5);
})
