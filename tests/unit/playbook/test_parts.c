/* Steps that wait for several things, and what is asked of people. */
#include "model/batch.h"
#include "playbook_fixture.h"

#include "model/measure.h"

#define DAY INT64_C(86400000)
#define SCRIPT                                                                                                     \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'x', 'y', 'z' }," \
    " start_when = { event = 'contract.created' }, stop_when = { event = 'contract.cancelled' }, steps = function(run) "
#define STATE "SELECT state || ' ' || coalesce(outcome, reason, '') FROM runs"

static void write_steps(const char *steps)
{
    char script[2000];

    (void)snprintf(script, sizeof script, SCRIPT "%s end }", steps);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
}

static int64_t begin_with(const char *steps)
{
    int64_t contract;

    write_steps(steps);
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
    contract = add_contract(today() + 100);
    work();
    return contract;
}

static void restart(void)
{
    close_playbooks();
    open_playbooks("[playbook.test]\n");
    work();
}

#define FIRST                                                                                                                    \
    "local got = run:first('either', { signed = { event = 'contract.signed' }, lost = { event = 'contract.ended', within = {"    \
    " days = 20 } }, pause = { sleep = { days = 10 } } }) run:log('said', tostring(got.which) .. ' ' .. tostring(got.timed_out)" \
    " .. ' ' .. tostring(got.signed.closed))"                                                                                    \
    " if got.which == 'signed' then return 'x' elseif got.which == 'pause' then return 'y' end return 'z'"

START_TEST(the_first_of_several_waits_wins_and_the_others_are_closed)
{
    int64_t contract = begin_with(FIRST);

    ck_assert_int_eq(count("SELECT count(*) FROM waits"), 3);
    restart();
    set_status(TEND_KIND_CONTRACT, contract, "signed");
    work();
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_int_eq(count("SELECT count(*) FROM waits"), 0);
    ck_assert_str_eq(word("SELECT group_concat(part || ' ' || state) FROM (SELECT * FROM parts ORDER BY part)"),
                     "lost closed,pause closed,signed answered");
    ck_assert_ptr_nonnull(
        strstr(word("SELECT answer FROM steps WHERE verb = 'first'"),
               "\"lost\":{\"closed\":true},\"pause\":{\"closed\":true},\"signed\":{\"event\":\"contract.signed\""));
    ck_assert_ptr_nonnull(strstr(word("SELECT arguments FROM steps WHERE verb = 'log'"), "signed false nil"));
}
END_TEST

START_TEST(a_pause_can_be_the_first)
{
    (void)begin_with(FIRST);
    f.now += 11 * DAY;
    work();
    ck_assert_str_eq(word(STATE), "ended y");
    ck_assert_str_eq(word("SELECT group_concat(part || ' ' || state) FROM (SELECT * FROM parts ORDER BY part)"),
                     "lost closed,pause answered,signed closed");
}
END_TEST

START_TEST(a_part_that_is_too_late_does_not_win)
{
    int64_t contract =
        begin_with("local got = run:first('either', { signed = { event = 'contract.signed', within = { days = 40 } },"
                   " lost = { event = 'contract.ended', within = { days = 20 } } })"
                   " if got.timed_out then return 'z' end if got.which == 'signed' then return 'x' end return 'y'");

    f.now += 30 * DAY;
    work();
    ck_assert_str_eq(word(STATE), "waiting ");
    ck_assert_str_eq(word("SELECT state FROM parts WHERE part = 'lost'"), "timed_out");
    set_status(TEND_KIND_CONTRACT, contract, "signed");
    work();
    ck_assert_str_eq(word(STATE), "ended x");
}
END_TEST

START_TEST(when_nothing_came_at_all_it_is_too_late)
{
    (void)begin_with(
        "local got = run:first('either', { signed = { event = 'contract.signed', within = { days = 40 } },"
        " lost = { event = 'contract.ended', within = { days = 20 } } }) if got.timed_out and not got.which then return"
        " 'z' end return 'y'");
    f.now += 60 * DAY;
    work();
    ck_assert_str_eq(word(STATE), "ended z");
    ck_assert_str_eq(word("SELECT state FROM steps WHERE verb = 'first'"), "timed_out");
}
END_TEST

#define ALL                                                                                                                     \
    "run:task('plan', { title = 'P' }) run:task('call', { title = 'C' }) local got = run:all('both', { plan = { done = 'plan'," \
    " within = { days = 10 } }, call = { done = 'call', within = { days = 10 } } }) if got.timed_out then return 'z' end"       \
    " if got.plan.outcome == 'fine' then return 'x' end return 'y'"

START_TEST(all_of_them_are_waited_for_over_restarts)
{
    (void)begin_with(ALL);
    (void)TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = 1, .fields = { { "status", text("done") }, { "outcome", text("fine") } });
    work();
    ck_assert_str_eq(word(STATE), "waiting ");
    ck_assert_str_eq(word("SELECT state FROM parts WHERE part = 'plan'"), "answered");
    restart();
    set_status(TEND_KIND_TASK, 2, "done");
    work();
    ck_assert_str_eq(word(STATE), "ended x");
}
END_TEST

START_TEST(one_that_is_missing_makes_it_late)
{
    (void)begin_with(ALL);
    set_status(TEND_KIND_TASK, 1, "done");
    work();
    f.now += 12 * DAY;
    work();
    ck_assert_str_eq(word(STATE), "ended z");
    ck_assert_str_eq(word("SELECT group_concat(part || ' ' || state) FROM (SELECT * FROM parts ORDER BY part)"),
                     "call timed_out,plan answered");
}
END_TEST

START_TEST(parts_move_with_their_date)
{
    int64_t contract =
        begin_with("local got = run:first('either', { signed = { event = 'contract.signed', by = { days = 7, before ="
                   " 'contract.ends_on' } }, pause = { sleep = { on = 'contract.ends_on' } } }) return 'x'");
    int64_t before = count("SELECT sum(due_at) FROM waits");

    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract,
                   .fields = { { "ends_on", { .type = TEND_DATE, .integer = today() + 130 } } });
    work();
    ck_assert_int_eq(count("SELECT sum(due_at) FROM waits"), before + 2 * 30 * DAY);
}
END_TEST

START_TEST(a_run_that_is_stopped_leaves_no_part_waiting)
{
    int64_t contract = begin_with(FIRST);

    set_status(TEND_KIND_CONTRACT, contract, "cancelled");
    work();
    ck_assert_str_eq(word(STATE), "stopped contract.cancelled");
    ck_assert_int_eq(count("SELECT count(*) FROM waits"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM parts WHERE state = 'waiting'"), 0);
}
END_TEST

/* ---- questions -------------------------------------------------------------------------------------------------------------- */

#define ASK                                                                                                                    \
    "local said = run:ask('budget', { question = 'Is there a budget at {account.name}?', choices = { 'yes', 'not yet' }, of =" \
    " 'owner', within = { days = 5 } }) if said.timed_out then return 'z' end if said.choice == 'yes' then return 'x' end"     \
    " return 'y'"

START_TEST(a_question_is_answered_by_a_person)
{
    (void)begin_with(ASK);
    ck_assert_str_eq(word("SELECT title || '; ' || reason || '; ' || choices FROM tasks"),
                     "Is there a budget at Acme?; answer with one of yes | not yet; to the owner; yes | not yet");
    restart();
    (void)TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = 1, .fields = { { "status", text("done") }, { "outcome", text("not yet") } });
    work();
    ck_assert_str_eq(word(STATE), "ended y");
}
END_TEST

static tend_status keeps(void *self, tend_kind kind, int64_t row, tend_arena *arena, const char **ret_why, tend_error *reterr)
{
    return tend_answer_taken(self, kind, row, arena, ret_why, reterr);
}

/* The answer, in a batch of its own, after which the run works or not; then undone. */
static tend_undo_report answer_and_undo(bool is_taken)
{
    const tend_undo_keeper keeper = { .keeps = keeps, .self = f.store };
    tend_origin before = f.origin;
    tend_undo_report report;
    int64_t batch;

    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, "answer", "answer", NULL, &batch, NULL, &f.error));
    f.origin.batch = batch;
    commit(&f);
    (void)TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = 1, .fields = { { "status", text("done") }, { "outcome", text("not yet") } });
    begin(&f);
    TEST_OK(&f, tend_batch_close(f.model, batch, NULL, &f.error));
    commit(&f);
    f.origin = before;
    if (is_taken)
        work();
    f.now += 60000;
    begin(&f);
    TEST_OK(&f, tend_batch_undo_but(f.model, &f.origin, batch, &keeper, f.arena, &report, &f.error));
    commit(&f);
    work();
    return report;
}

START_TEST(an_answer_that_a_run_has_taken_is_not_taken_back)
{
    tend_undo_report report;

    (void)begin_with(ASK);
    report = answer_and_undo(true);
    ck_assert_uint_eq(report.left_count, 1);
    ck_assert_str_eq(report.left[0].why,
                     "run 1 has taken this answer (not yet); tend playbook cancel 1 stops the run, tend playbook "
                     "start begins it anew");
    ck_assert_str_eq(word("SELECT status FROM tasks"), "done");
    ck_assert_str_eq(word(STATE), "ended y");
}
END_TEST

START_TEST(an_answer_that_is_taken_back_in_time_can_be_given_anew)
{
    (void)begin_with(ASK);
    ck_assert_uint_eq(answer_and_undo(false).left_count, 0);
    ck_assert_str_eq(word("SELECT status FROM tasks"), "open");
    ck_assert_str_eq(word(STATE), "waiting ");
    (void)TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = 1, .fields = { { "status", text("done") }, { "outcome", text("yes") } });
    work();
    ck_assert_str_eq(word(STATE), "ended x");
}
END_TEST

START_TEST(a_question_takes_none_but_its_choices)
{
    tend_assignment fields[2];
    tend_principal someone = tend_principal_administrator();
    tend_origin origin = { .principal = &someone };
    const tend_kind_schema *kind = tend_schema_kind(f.schema, TEND_KIND_TASK);
    tend_put put = {
        .kind = TEND_KIND_TASK, .id = 1, .fields = fields, .field_count = 2, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME
    };
    tend_put_result result;

    (void)begin_with(ASK);
    fields[0] = (tend_assignment){ tend_schema_field(kind, "status"), text("done") };
    fields[1] = (tend_assignment){ tend_schema_field(kind, "outcome"), text("perhaps") };
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    ck_assert_int_eq(tend_model_put(f.model, &origin, &put, &result, &f.error), TEND_EINVAL);
    tend_model_rollback(f.model);
    ck_assert_ptr_nonnull(strstr(f.error.text, "is a question; answer it with one of yes | not yet: tend task answer 1 CHOICE"));
    work();
    ck_assert_str_eq(word(STATE), "waiting ");
}
END_TEST

START_TEST(a_question_that_nobody_answers_is_closed)
{
    (void)begin_with(ASK);
    f.now += 8 * DAY;
    work();
    ck_assert_str_eq(word(STATE), "ended z");
    ck_assert_str_eq(word("SELECT status || ' ' || outcome FROM tasks"), "cancelled nobody answered in time");
}
END_TEST

/* ---- decisions of several --------------------------------------------------------------------------------------------------- */

#define TWO_OF_THREE                                                                                                            \
    "local said = run:approve('rebate', { title = 'A rebate', by = { 'owner', 'owner.manager', 'user:Lee' }, n_of = 2, expires" \
    " = { days = 10 } }) run:log('yes', tostring(said.approvals) .. ' ' .. tostring(said.comment)) if said.timed_out then"      \
    " return 'z' end if said.approved then return 'x' end return 'y'"

static void decide(int64_t approval, const char *what)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_APPROVAL, .id = approval,
                   .fields = { { "status", text(what) }, { "comment", text("because") } });
    work();
}

static void two_of_three(void)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee") } });
    (void)begin_with(TWO_OF_THREE);
    ck_assert_int_eq(count("SELECT count(DISTINCT asked_of) FROM approvals WHERE step = 'rebate'"), 3);
}

START_TEST(two_of_three_agree)
{
    two_of_three();
    decide(1, "approved");
    ck_assert_str_eq(word(STATE), "waiting ");
    restart();
    decide(3, "approved");
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_str_eq(word("SELECT status FROM approvals WHERE id = 2"), "withdrawn");
    ck_assert_ptr_nonnull(strstr(word("SELECT arguments FROM steps WHERE verb = 'log'"), "2 because"));
}
END_TEST

START_TEST(two_of_three_decline)
{
    two_of_three();
    decide(1, "declined");
    ck_assert_str_eq(word(STATE), "waiting ");
    decide(2, "declined");
    ck_assert_str_eq(word(STATE), "ended y");
    ck_assert_str_eq(word("SELECT status FROM approvals WHERE id = 3"), "withdrawn");
}
END_TEST

START_TEST(what_is_not_decided_in_time_expires)
{
    two_of_three();
    decide(1, "approved");
    f.now += 12 * DAY;
    work();
    ck_assert_str_eq(word(STATE), "ended z");
    ck_assert_str_eq(word("SELECT group_concat(status) FROM (SELECT status FROM approvals ORDER BY id)"),
                     "approved,expired,expired");
}
END_TEST

START_TEST(one_person_with_two_roles_cannot_agree_with_themselves)
{
    (void)begin_with(
        "run:approve('rebate', { title = 'A rebate', by = { 'owner', 'user:Kim' }, expires = { days = 10 } }) return 'x'");
    ck_assert_str_eq(word(STATE), "held approve 'rebate': needs 2 to agree, and the roles it names are held by 1");
}
END_TEST

/* ---- KPIs ------------------------------------------------------------------------------------------------------------------- */

static void publish(const char *kpi, int64_t numerator, int64_t denominator)
{
    tend_principal someone = tend_principal_administrator();
    tend_origin origin = { .principal = &someone };
    tend_measure measure = {
        .kpi = kpi, .account = account, .day = today(), .numerator = numerator, .denominator = denominator, .published_at = f.now
    };
    bool differs;

    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    TEST_OK(&f, tend_measure_publish(f.model, &origin, &measure, &differs, &f.error));
    TEST_OK(&f, tend_model_commit(f.model, &f.error));
    if (playbooks)
        work();
}

START_TEST(a_number_is_read_as_it_was_and_recorded)
{
    publish("health", 3, 4);
    (void)begin_with(
        "local was = run:measure('before', 'health') run:sleep('a week', { days = 7 }) local now = run:measure('after',"
        " 'health') if not run:measure('other', 'nrr').defined and was.value == 0.75 and now.numerator == 1 then return"
        " 'x' end return 'y'");
    publish("health", 1, 4);
    f.now += 8 * DAY;
    restart();
    ck_assert_str_eq(word(STATE), "ended x");
    ck_assert_ptr_nonnull(strstr(word("SELECT answer FROM steps WHERE name = 'before'"), "\"numerator\":3"));
}
END_TEST

START_TEST(a_number_that_changes_starts_and_answers)
{
    (void)test_folder_write_text(
        &f.folder, "playbooks/test.lua",
        "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'x', 'y' }, start_when = {"
        " event = 'measure.health' }, steps = function(run) local said = run:wait('nrr', { event = 'measure.nrr', within = {"
        " days = 9 } }) if said.timed_out then return 'y' end return 'x' end }");
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
    publish("health", 3, 4);
    ck_assert_str_eq(word(STATE), "waiting ");
    publish("nrr", 9, 10);
    ck_assert_str_eq(word(STATE), "ended x");
}
END_TEST

static const struct {
    const char *steps, *said;
} faults[] = {
    { "run:first('f', { a = { event = 'contract.signed' }, b = { event = 'contract.ended' } })",
      "first 'f': waits without end; give one of them within or by" },
    { "run:all('f', { a = { event = 'contract.signed' }, b = { sleep = { days = 1 } } })",
      "all 'f': waits without end; give each of them within or by" },
    { "run:first('f', { a = { sleep = { days = 1 } } })", "first 'f': name 2 to 16 waits, NAME = { event = … }" },
    { "run:first('f', { a = { evnt = 'x' }, b = { sleep = { days = 1 } } })", "'evnt' is no argument of it; did you mean event?" },
    { "run:first('f', { a = { done = 'x' }, b = { sleep = { days = 1 } } })", "done = 'x' names no task of this" },
    { "run:ask('q', { question = 'Q', choices = { 'a' }, within = { days = 1 } })",
      "ask 'q': choices: name 2 to 20 texts without bars, { \"yes\", \"no\" }" },
    { "run:ask('q', { question = 'Q', choices = { 'a', 'b' } })", "ask 'q': waits without end; give it within or by" },
    { "run:approve('a', { title = 'T', by = { 'owner', 'ownr' }, expires = { days = 1 } })",
      "to: 'ownr' is no role; did you mean owner?" },
    { "run:approve('a', { title = 'T', by = { 'owner' }, n_of = 2, expires = { days = 1 } })",
      "n_of: must be a whole number from 1 to 1, of those that it asks" },
};

START_TEST(what_is_wrong_is_found_by_the_check)
{
    char *said = NULL, steps[400];
    size_t length;
    FILE *out = open_memstream(&said, &length);
    int found = 0;

    (void)snprintf(steps, sizeof steps, "%s return 'x'", faults[_i].steps);
    write_steps(steps);
    load_config("[playbook.test]\n");
    TEST_OK(&f, tend_playbook_check(config, test_folder_path(&f.folder, "playbooks/test.lua"), f.folder.path, f.schema, segments,
                                    sandbox_path, out, &found, &f.error));
    (void)fclose(out);
    ck_assert_int_ge(found, 1);
    ck_assert_msg(strstr(said, faults[_i].said) != NULL, "%s", said);
    free(said);
}
END_TEST

TESTS_WITH("playbook/parts", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_test(tcase, the_first_of_several_waits_wins_and_the_others_are_closed);
    tcase_add_test(tcase, a_pause_can_be_the_first);
    tcase_add_test(tcase, a_part_that_is_too_late_does_not_win);
    tcase_add_test(tcase, when_nothing_came_at_all_it_is_too_late);
    tcase_add_test(tcase, all_of_them_are_waited_for_over_restarts);
    tcase_add_test(tcase, one_that_is_missing_makes_it_late);
    tcase_add_test(tcase, parts_move_with_their_date);
    tcase_add_test(tcase, a_run_that_is_stopped_leaves_no_part_waiting);
    tcase_add_test(tcase, a_question_is_answered_by_a_person);
    tcase_add_test(tcase, an_answer_that_a_run_has_taken_is_not_taken_back);
    tcase_add_test(tcase, an_answer_that_is_taken_back_in_time_can_be_given_anew);
    tcase_add_test(tcase, a_question_takes_none_but_its_choices);
    tcase_add_test(tcase, a_question_that_nobody_answers_is_closed);
    tcase_add_test(tcase, two_of_three_agree);
    tcase_add_test(tcase, two_of_three_decline);
    tcase_add_test(tcase, what_is_not_decided_in_time_expires);
    tcase_add_test(tcase, one_person_with_two_roles_cannot_agree_with_themselves);
    tcase_add_test(tcase, a_number_is_read_as_it_was_and_recorded);
    tcase_add_test(tcase, a_number_that_changes_starts_and_answers);
    tcase_add_loop_test(tcase, what_is_wrong_is_found_by_the_check, 0, (int)(sizeof faults / sizeof *faults));
})
