/* How runs end before their time, lists of steps, bulk and calls. */
#include "playbook_fixture.h"

#define DAY INT64_C(86400000)
#define STATE "SELECT state || ' ' || coalesce(outcome, reason, '') FROM runs"

static int calls;
static char payload[1000], sent_to[100];

static tend_status keep_message(tend_model *model, const tend_origin *origin, const tend_outbox_draft *draft, int64_t *ret_id,
                                bool *ret_is_new, tend_error *reterr)
{
    calls++;
    (void)snprintf(payload, sizeof payload, "%s", draft->payload ? draft->payload : "");
    (void)snprintf(sent_to, sizeof sent_to, "%s", draft->to ? draft->to : "");
    return tend_outbox_add(model, origin, draft, ret_id, ret_is_new, reterr);
}

static void set_up(void)
{
    playbook_set_up();
    options.send = keep_message;
    calls = 0;
}

static void use(const char *rest, const char *ini)
{
    char script[3000];

    (void)snprintf(script, sizeof script,
                   "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'x', 'y', 'z' },"
                   " start_when = { event = 'contract.created' }, %s }",
                   rest);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks(ini);
}

static int64_t begin_with(const char *rest)
{
    int64_t contract;

    use(rest, "[playbook.test]\n");
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"), "-");
    contract = add_contract(today() + 100);
    work();
    return contract;
}

#define TASK_AND_WAIT                                                                                                        \
    "steps = function(run) run:task('plan', { title = 'Plan' }) run:ask('q', { question = 'Go?', choices = { 'yes', 'no' }," \
    " within = { days = 50 } }) return 'x' end"

START_TEST(a_condition_is_watched_all_the_time)
{
    int64_t contract = begin_with("stop_when = { where = 'seats < 10 or account.stage = leaving' }, " TASK_AND_WAIT);

    ck_assert_str_eq(word(STATE), "waiting ");
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", { .type = TEND_INT, .integer = 50 } } });
    work();
    ck_assert_str_eq(word(STATE), "waiting ");
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "stage", text("leaving") } });
    work();
    ck_assert_str_eq(word(STATE), "stopped stop_when: account.stage = leaving (it is leaving)");
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'stopped'"),
                     "stop_when: account.stage = leaving (it is leaving)");
    ck_assert_str_eq(word("SELECT arguments FROM steps WHERE verb = 'stop'"),
                     "{\"left_open\":[{\"id\":1,\"kind\":\"task\",\"step\":\"plan\",\"title\":\"Plan\"},{\"id\":2,\"kind\":"
                     "\"task\",\"step\":\"q\",\"title\":\"Go?\"}]}");
}
END_TEST

START_TEST(what_holds_already_keeps_a_run_from_doing_anything)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "stage", text("leaving") } });
    (void)begin_with("stop_when = { where = 'account.stage = leaving' }, " TASK_AND_WAIT);
    ck_assert_str_eq(word(STATE), "stopped stop_when: account.stage = leaving (it is leaving)");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 0);
}
END_TEST

START_TEST(what_is_left_open_is_closed_when_the_playbook_says_so)
{
    int64_t contract = begin_with("stop_when = { event = 'contract.cancelled' }, on_stop = 'close', " TASK_AND_WAIT);

    set_status(TEND_KIND_CONTRACT, contract, "cancelled");
    work();
    ck_assert_str_eq(word(STATE), "stopped contract.cancelled");
    ck_assert_str_eq(word("SELECT group_concat(status || ' ' || outcome) FROM tasks"),
                     "cancelled the run was stopped,cancelled the run was stopped");
}
END_TEST

#define LAST_WORD                                                                                                             \
    "stop_when = { event = 'contract.cancelled' }, on_stop = function(run, left) for _, one in ipairs(left) do run:close("    \
    "'close ' .. one.step, { step = one.step, outcome = 'gone with {account.name}' }) end run:notify('tell', { to = 'owner'," \
    " text = #left .. ' closed' }) end, "

START_TEST(on_stop_has_the_last_word_once_over_restarts)
{
    int64_t contract = begin_with(LAST_WORD TASK_AND_WAIT);

    set_status(TEND_KIND_CONTRACT, contract, "cancelled");
    for (int i = 0; i < 12; i++) {
        bool did;

        TEST_OK(&f, tend_playbooks_step(playbooks, &did, &f.error));
        close_playbooks();
        open_playbooks("[playbook.test]\n");
    }
    ck_assert_str_eq(word(STATE), "stopped contract.cancelled");
    ck_assert_str_eq(word("SELECT group_concat(status || ' ' || outcome) FROM tasks"),
                     "cancelled gone with Acme,cancelled gone with Acme");
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(count("SELECT count(*) FROM steps WHERE name LIKE 'on_stop: %'"), 3);
}
END_TEST

START_TEST(an_on_stop_that_fails_is_named_and_the_run_stays_stopped)
{
    int64_t contract = begin_with(
        "stop_when = { event = 'contract.cancelled' }, on_stop = function(run, left)"
        " run:notify('tell', { to = 'owner', text = #left > 1 and left[1].nothing.here or 'none' }) end, " TASK_AND_WAIT);

    set_status(TEND_KIND_CONTRACT, contract, "cancelled");
    work();
    ck_assert_ptr_nonnull(strstr(word(STATE), "stopped contract.cancelled; its on_stop failed: playbooks/test.lua:1:"));
    ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(on_stop_cannot_wait)
{
    use("on_stop = function(run) run:sleep('a while', { days = 1 }) end, " TASK_AND_WAIT, "[playbook.test]\n");
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"),
                     "playbooks/test.lua:1: run:sleep: on_stop cannot wait; the run is over");
}
END_TEST

/* ---- steps as a list -------------------------------------------------------------------------------------------------------- */

#define LIST                                                                                                                    \
    "steps = { { task = 'plan', title = 'Plan for {account.name}', to = 'owner' }, { wait = 'planned', done = 'plan', within =" \
    " { days = 5 }, if_timed_out = 'z' }, { ask = 'go', question = 'Go on?', choices = { 'yes', 'no' }, within = { days = 9 }," \
    " if_choice = { no = 'y' }, if_timed_out = 'z' }, { log = 'mark', text = 'on' }, { first = 'either', waits = {"             \
    " signed = { event = 'contract.signed', within = { days = 9 } }, pause = { sleep = { days = 2 } } }, if_which = { signed =" \
    " 'x' } }, { outcome = 'y' } }"

static const struct {
    int days_to_plan;
    const char *answer;
    bool is_signed;
    const char *state;
} lists[] = {
    { 8, NULL, false, "ended z" }, { 1, NULL, false, "ended z" },  { 1, "no", false, "ended y" },
    { 1, "yes", true, "ended x" }, { 1, "yes", false, "ended y" },
};

START_TEST(steps_can_be_a_list)
{
    int64_t contract = begin_with(LIST);

    f.now += lists[_i].days_to_plan * DAY;
    work();
    set_status(TEND_KIND_TASK, 1, "done");
    work();
    if (lists[_i].answer)
        (void)TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = 2,
                       .fields = { { "status", text("done") }, { "outcome", text(lists[_i].answer) } });
    work();
    close_playbooks();
    open_playbooks("[playbook.test]\n");
    if (lists[_i].is_signed)
        set_status(TEND_KIND_CONTRACT, contract, "signed");
    work();
    f.now += 20 * DAY;
    work();
    ck_assert_str_eq(word(STATE), lists[_i].state);
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Plan for Acme");
}
END_TEST

static const struct {
    const char *steps, *why;
} list_faults[] = {
    { "steps = { { tsk = 'plan', title = 'T' }, { outcome = 'x' } }",
      "playbooks/test.lua:1: steps: entry 1 names no verb; did you mean task = \"…\"?" },
    { "steps = { { log = 'a', text = 'T' }, { log = 'a', text = 'U' }, { outcome = 'x' } }",
      "playbooks/test.lua:1: step 'a' is used twice in one run; give each step its own name" },
    { "steps = {\n { log = 'a', text = 'T' },\n { task = 'plan', titel = 'T' },\n { outcome = 'x' } }",
      "playbooks/test.lua:3: task 'plan': 'titel' is no argument of it; did you mean title?" },
    { "steps = { { log = 'a', text = 'T' }, { outcome = 'won' } }",
      "playbooks/test.lua:1: steps can return 'won', which is none of the outcomes; return one of: x, y, z" },
};

START_TEST(a_list_with_a_fault_is_refused)
{
    use(list_faults[_i].steps, "[playbook.test]\n");
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"), list_faults[_i].why);
}
END_TEST

/* ---- bulk and calls --------------------------------------------------------------------------------------------------------- */

#define OTHER                                                                                                                  \
    "return playbook { name = 'other', summary = 's', api = 1, subject = 'account', outcomes = { 'x' }, steps = function(run)" \
    " run:task('t', { title = 'T' }) run:wait('w', { done = 't', within = { days = 5 } }) return 'x' end }"
#define BULK_INI "[segment.gold]\nwhere = tier = gold\n[playbook.test]\n[playbook.other]\n"

static void add_gold(int number)
{
    char name[40];

    for (int i = 0; i < number; i++) {
        (void)snprintf(name, sizeof name, "gold %d", i);
        (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text(name) }, { "tier", text("gold") } });
    }
}

static const struct {
    const char *options, *answer;
    int runs;
} bulks[] = {
    { "{ preview = true }", "{\"at_work\":0,\"left\":0,\"matched\":5,\"started\":5,\"timed_out\":false}", 0 },
    { "{ cap = 3 }", "{\"at_work\":0,\"left\":2,\"matched\":5,\"started\":3,\"timed_out\":false}", 3 },
    { "{}", "{\"at_work\":0,\"left\":0,\"matched\":5,\"started\":5,\"timed_out\":false}", 5 },
};

START_TEST(a_playbook_begins_on_the_accounts_of_a_segment)
{
    char rest[400];

    add_gold(5);
    (void)test_folder_write_text(&f.folder, "playbooks/other.lua", OTHER);
    (void)snprintf(rest, sizeof rest, "steps = function(run) local b = run:bulk('all gold', 'gold', 'other', %s) return 'x' end",
                   bulks[_i].options);
    use(rest, BULK_INI);
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"), "-");
    (void)add_contract(today() + 100);
    work();
    ck_assert_str_eq(word("SELECT answer FROM steps WHERE verb = 'bulk'"), bulks[_i].answer);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'other'"), bulks[_i].runs);
    ck_assert_int_eq(count("SELECT count(DISTINCT account) FROM runs WHERE playbook = 'other'"), bulks[_i].runs);
}
END_TEST

#define CALL                                                                                                                  \
    "steps = function(run) local said = run:call('close it', { action = 'case.close', fields = { state = 'won', seats = 3 }," \
    " within = { days = 4 } }) if said.timed_out then return 'z' end if said.done then return 'x' end return 'y' end"

static const struct {
    const char *becomes, *state;
} deliveries[] = { { "sent", "ended x" }, { "dead", "ended y" }, { "dropped", "ended y" }, { "waiting", "ended z" } };

START_TEST(an_action_of_a_connector_goes_out_once_and_answers)
{
    char sql[200];

    (void)begin_with(CALL);
    close_playbooks();
    open_playbooks("[playbook.test]\n");
    work();
    ck_assert_int_eq(calls, 1);
    ck_assert_str_eq(sent_to, "contract 1");
    ck_assert_str_eq(payload,
                     "{\"action\":\"case.close\",\"kind\":\"contract\",\"row\":1,\"external\":null,\"fields\":{\"seats\":3,"
                     "\"state\":\"won\"}}");
    ck_assert_str_eq(word(STATE), "waiting ");
    (void)snprintf(sql, sizeof sql, "UPDATE outbox SET state = '%s', last_error = 'no such case'", deliveries[_i].becomes);
    TEST_OK(&f, tend_store_begin(f.store, &f.error));
    TEST_OK(&f, tend_store_run(f.store, sql, &f.error));
    TEST_OK(&f, tend_store_commit(f.store, &f.error));
    work();
    f.now += 6 * DAY;
    work();
    ck_assert_str_eq(word(STATE), deliveries[_i].state);
    ck_assert_int_eq(calls, 1);
}
END_TEST

TESTS_WITH("playbook/stop", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, playbook_tear_down);
    tcase_add_test(tcase, a_condition_is_watched_all_the_time);
    tcase_add_test(tcase, what_holds_already_keeps_a_run_from_doing_anything);
    tcase_add_test(tcase, what_is_left_open_is_closed_when_the_playbook_says_so);
    tcase_add_test(tcase, on_stop_has_the_last_word_once_over_restarts);
    tcase_add_test(tcase, an_on_stop_that_fails_is_named_and_the_run_stays_stopped);
    tcase_add_test(tcase, on_stop_cannot_wait);
    tcase_add_loop_test(tcase, steps_can_be_a_list, 0, 5);
    tcase_add_loop_test(tcase, a_list_with_a_fault_is_refused, 0, 4);
    tcase_add_loop_test(tcase, a_playbook_begins_on_the_accounts_of_a_segment, 0, 3);
    tcase_add_loop_test(tcase, an_action_of_a_connector_goes_out_once_and_answers, 0, 4);
})
