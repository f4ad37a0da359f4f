/* Playbooks at work on a temporary store, through the real sandbox. */
#include "base/log.h"
#include "playbook_fixture.h"
#include <unistd.h>

static int sent;

static tend_status count_message(tend_model *model, const tend_origin *origin, const tend_outbox_draft *draft, int64_t *ret_id,
                                 bool *ret_is_new, tend_error *reterr)
{
    (void)model;
    (void)origin;
    (void)reterr;
    ck_assert_ptr_nonnull(draft->once_key);
    *ret_id = ++sent;
    *ret_is_new = true;
    return TEND_OK;
}

static void set_up(void)
{
    playbook_set_up();
    options.send = count_message;
    sent = 0;
}

static void check_sums(void)
{
    int64_t delivered, decided;

    TEST_OK(&f, tend_playbook_reconcile(f.store, NULL, &delivered, &decided, &f.error));
    ck_assert_int_gt(delivered, 0);
    ck_assert_int_eq(delivered, decided);
    ck_assert_int_eq(delivered, count("SELECT sum(CASE WHEN first = 0 THEN 1 ELSE last - first + 1 END) FROM events"));
}

static void renewal(void)
{
    use_script("commercial", "renewal");
    open_playbooks(SEGMENTS "[playbook.renewal]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

static void set_end(int64_t contract, tend_date ends_on)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract,
                   .fields = { { "ends_on", { .type = TEND_DATE, .integer = ends_on } } });
}

/* Days before the end at which the contract comes in; the first day on which there is a run. */
static const struct {
    int days, first_day;
} entries[] = { { 120, 30 }, { 90, 0 }, { 89, 0 }, { 60, 0 }, { 1, 0 } };

START_TEST(a_contract_starts_one_renewal_at_its_day_or_late)
{
    renewal();
    (void)add_contract(today() + entries[_i].days);
    for (int day_after = 0; day_after < entries[_i].first_day; day_after++) {
        work();
        ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
        f.now += 86400000;
    }
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE type IS NULL"), "Write the renewal plan for Acme");
    f.now += INT64_C(86400000) * 400;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    check_sums();
}
END_TEST

START_TEST(a_contract_that_ended_before_it_came_is_recorded_as_late)
{
    renewal();
    (void)add_contract(today() - 5);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'late'"),
                     "ends_on is 2026-02-25; the start, 90 days before it, was 95 days ago; left out");
    check_sums();
}
END_TEST

START_TEST(one_day_is_said_as_one)
{
    (void)test_folder_write_text(
        &f.folder, "playbooks/test.lua",
        "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'x' },"
        " start_when = { days = 1, before = 'contract.ends_on' }, steps = function(run) return 'x' end }");
    open_playbooks("[playbook.test]\n");
    (void)add_contract(today());
    (void)add_contract(today() + 1);
    work();
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'late' AND row = 1"),
                     "ends_on is 2026-03-02; the start, 1 day before it, was 1 day ago; left out");
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'late' AND row = 2"),
                     "ends_on is 2026-03-03; the start, 1 day before it, was today; left out");
}
END_TEST

START_TEST(the_engine_may_sleep_over_the_day)
{
    renewal();
    (void)add_contract(today() + 120);
    work();
    f.now += INT64_C(86400000) * 75;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'ran'"), "90 days before ends_on, 2026-06-30; 45 days late");
    check_sums();
}
END_TEST

START_TEST(the_day_moves_with_the_date_either_way)
{
    int64_t contract, next;

    renewal();
    contract = add_contract(today() + 120);
    work();
    set_end(contract, today() + 200);
    f.now += INT64_C(86400000) * 40;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    TEST_OK(&f, tend_playbooks_next_due(playbooks, &next, &f.error));
    ck_assert_int_eq(next, at("2026-03-02") + INT64_C(86400000) * 110);
    set_end(contract, today() + 60);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    set_end(contract, today() + 100);
    work();
    f.now += INT64_C(86400000) * 11;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'deduplicated'"), "run 1 is at work on it");
    check_sums();
}
END_TEST

START_TEST(the_task_says_whose_it_is_and_what_is_at_stake)
{
    int64_t contract;

    renewal();
    contract = add_contract(today() + 60);
    work();
    ck_assert_int_eq(count("SELECT assignee FROM tasks"), owner);
    ck_assert_int_eq(count("SELECT at_risk FROM tasks"), 1200000);
    ck_assert_int_eq(count("SELECT contract FROM tasks"), contract);
    ck_assert_int_eq(count("SELECT due_on FROM tasks"), today() + 14); /* ten business days from a Monday */
    ck_assert_str_eq(word("SELECT reason FROM tasks"), "Prepare a renewal 90 days before a contract ends; to the owner");
    ck_assert_str_eq(word("SELECT state FROM runs"), "waiting");
    ck_assert_str_eq(word("SELECT name FROM steps WHERE state = 'waiting'"), "plan written");
}
END_TEST

START_TEST(a_done_task_and_an_event_answer_their_waits)
{
    int64_t contract;

    renewal();
    contract = add_contract(today() + 60);
    work();
    set_status(TEND_KIND_TASK, count("SELECT id FROM tasks"), "done");
    work();
    ck_assert_str_eq(word("SELECT name FROM steps WHERE state = 'waiting'"), "renewed");
    set_status(TEND_KIND_CONTRACT, contract, "renewed");
    work();
    ck_assert_str_eq(word("SELECT state FROM runs"), "ended");
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "renewed");
    ck_assert_int_eq(count("SELECT count(*) FROM waits"), 0);
    check_sums();
}
END_TEST

START_TEST(an_event_that_came_while_waiting_for_something_else_counts)
{
    int64_t contract;

    renewal();
    contract = add_contract(today() + 60);
    work();
    set_status(TEND_KIND_CONTRACT, contract, "renewed");
    work();
    ck_assert_str_eq(word("SELECT name FROM steps WHERE state = 'waiting'"), "plan written");
    set_status(TEND_KIND_TASK, count("SELECT id FROM tasks"), "done");
    work();
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "renewed");
}
END_TEST

START_TEST(silence_escalates_reminds_and_ends)
{
    renewal();
    (void)add_contract(today() + 90);
    work();
    go_to("2026-03-23"); /* fifteen business days from 2 March end on the 23rd */
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    go_to("2026-03-24");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE type = 'escalation'"), 1);
    ck_assert_int_eq(count("SELECT assignee FROM tasks WHERE type = 'escalation'"), manager);
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE type = 'escalation'"), "Acme: no renewal plan yet");
    ck_assert_int_eq(sent, 1);
    go_to("2026-05-23");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 2);
    go_to("2026-05-24"); /* seven days before 31 May */
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 'last call'"), "Acme has not signed; 7 days left");
    go_to("2026-05-31");
    ck_assert_str_eq(word("SELECT state FROM runs"), "waiting");
    go_to("2026-06-01");
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "not_renewed");
    check_sums();
}
END_TEST

START_TEST(a_wait_follows_its_date)
{
    int64_t contract;

    renewal();
    contract = add_contract(today() + 60);
    work();
    set_status(TEND_KIND_TASK, count("SELECT id FROM tasks"), "done");
    work();
    ck_assert_int_eq(count("SELECT due_at FROM waits"), at("2026-04-24"));
    set_end(contract, today() + 70);
    work();
    ck_assert_int_eq(count("SELECT due_at FROM waits"), at("2026-05-04"));
    set_end(contract, today() + 10);
    work();
    ck_assert_int_eq(count("SELECT due_at FROM waits"), at("2026-03-05"));
}
END_TEST

START_TEST(a_cancelled_contract_stops_its_run)
{
    int64_t contract;

    renewal();
    contract = add_contract(today() + 60);
    work();
    set_status(TEND_KIND_CONTRACT, contract, "cancelled");
    work();
    ck_assert_str_eq(word("SELECT state FROM runs"), "stopped");
    ck_assert_str_eq(word("SELECT reason FROM runs"), "contract.cancelled");
    ck_assert_int_eq(count("SELECT count(*) FROM waits"), 0);
    check_sums();
}
END_TEST

START_TEST(a_removed_contract_stops_its_run)
{
    int64_t contract;

    renewal();
    contract = add_contract(today() + 60);
    work();
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .removed = true);
    work();
    ck_assert_str_eq(word("SELECT reason FROM runs"), "contract.removed");
    ck_assert_int_eq(count("SELECT count(*) FROM waits"), 0);
    check_sums();
}
END_TEST

START_TEST(a_message_without_another_way_goes_to_the_outbox)
{
    options.send = NULL;
    renewal();
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = manager, .fields = { { "email", text("han@example.com") } });
    (void)add_contract(today() + 60);
    work();
    go_to("2026-03-24");
    ck_assert_str_eq(word("SELECT recipient FROM outbox"), "han@example.com");
    ck_assert_str_eq(word("SELECT once_key FROM outbox"), "run 1/plan late");
    ck_assert_str_eq(word("SELECT text FROM outbox"), "Acme: no renewal plan yet");
}
END_TEST

START_TEST(history_starts_nothing_and_says_what_it_held_back)
{
    renewal();
    f.origin.is_history = true;
    (void)add_contract(today() + 60);
    (void)add_contract(today() + 120);
    f.origin.is_history = false;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    ck_assert_int_eq(count("SELECT sum(n) FROM decision_counts WHERE what = 'suppressed'"), 1);
    check_sums();
    f.now += INT64_C(86400000) * 30;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1); /* its day came later, and that is not history */
}
END_TEST

START_TEST(a_condition_that_becomes_true_late_starts_late)
{
    int64_t contract;

    renewal();
    contract = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                        .fields = { { "account", ref(account) },
                                    { "status", text("offered") },
                                    { "ends_on", { .type = TEND_DATE, .integer = today() + 100 } } })
                   .id;
    f.now += INT64_C(86400000) * 20;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    set_status(TEND_KIND_CONTRACT, contract, "active");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    check_sums();
}
END_TEST

START_TEST(a_playbook_that_is_added_later_leaves_old_dates_alone)
{
    int64_t contract;

    open_playbooks("[segment.key]\nwhere = name = Acme\n");
    contract = add_contract(today() + 60);
    (void)add_contract(today() + 100);
    work();
    close_playbooks();
    renewal();
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM dues WHERE state = 'late'"), 1);
    f.now += INT64_C(86400000) * 10;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_int_ne(count("SELECT row FROM runs"), contract);
}
END_TEST

START_TEST(a_run_keeps_its_script_when_the_file_changes)
{
    renewal();
    (void)add_contract(today() + 60);
    work();
    close_playbooks();
    (void)test_folder_write_text(&f.folder, "playbooks/renewal.lua",
                                 "return playbook { name = 'renewal', summary = 'other', api = 1, subject = 'contract',"
                                 " outcomes = { 'x' }, start_when = { event = 'contract.signed' },"
                                 " steps = function(run) return 'x' end }");
    open_playbooks(SEGMENTS "[playbook.renewal]\n");
    set_status(TEND_KIND_TASK, count("SELECT id FROM tasks"), "done");
    work();
    ck_assert_str_eq(word("SELECT name FROM steps WHERE state = 'waiting'"), "renewed");
    ck_assert_int_eq(count("SELECT count(*) FROM bundles"), 2);
}
END_TEST

START_TEST(settings_of_the_configuration_win_and_are_checked)
{
    use_script("commercial", "renewal");
    open_playbooks(SEGMENTS "[playbook.renewal]\nlead_days = 30\n");
    (void)add_contract(today() + 60);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    close_playbooks();
    open_playbooks(SEGMENTS "[playbook.renewal]\nlead_day = 30\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 1);
}
END_TEST

static char logged[8192];

static void keep_log(void *self, const char *line)
{
    (void)self;
    (void)snprintf(logged + strlen(logged), sizeof logged - strlen(logged), "%s", line);
}

static void break_renewal(void)
{
    (void)test_folder_write_text(&f.folder, "playbooks/renewal.lua", "return playbook { name = 'renewal',\n summary = }");
}

START_TEST(a_broken_script_leaves_the_last_good_one_at_work)
{
    use_script("commercial", "renewal");
    open_playbooks(SEGMENTS "[playbook.renewal]\nlead_days = 30\nprincipal = desk\n");
    (void)add_contract(today() + 30);
    (void)add_contract(today() + 60); /* with the default of 90 days it would start at once */
    work();
    close_playbooks();
    break_renewal();
    open_playbooks(SEGMENTS "[playbook.renewal]\nlead_days = 30\nprincipal = desk\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 1);
    ck_assert_str_eq(tend_playbooks_name(playbooks, 0), "renewal");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    set_status(TEND_KIND_TASK, count("SELECT id FROM tasks"), "done"); /* its run goes on */
    work();
    ck_assert_str_eq(word("SELECT name FROM steps WHERE state = 'waiting'"), "renewed");
    go_to("2026-04-01"); /* its triggers stay, with the settings they had */
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 2);
    ck_assert_int_eq(count("SELECT count(*) FROM bundles"), 1);
    check_sums();
}
END_TEST

START_TEST(a_setting_that_does_not_fit_leaves_the_last_good_ones_at_work)
{
    static const struct {
        const char *ini, *why;
    } faulty[] = {
        { "lead_days = soon", "tend.ini:6: [playbook.renewal] lead_days: 'soon' is not a whole number; write digits, like 90" },
        { "lead_days = 99999999999999999999",
          "tend.ini:6: [playbook.renewal] lead_days: '99999999999999999999' is too large; write a whole number like 90" },
        { "lead_day = 30", "tend.ini:6: [playbook.renewal] lead_day: no such setting; did you mean lead_days?" },
        { "lead_days = -1", "tend.ini:6: [playbook.renewal] lead_days: -1 is less than 1; write 1 to 1095 days" },
    };

    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++) {
        if (playbooks)
            close_playbooks();
        use_script("commercial", "renewal");
        open_playbooks(SEGMENTS "[playbook.renewal]\nlead_days = 30\n");
        ck_assert_int_eq(count("SELECT count(*) FROM playbook_faults"), 0);
        close_playbooks();
        open_playbooks(tend_arena_print(f.arena, SEGMENTS "[playbook.renewal]\n%s\n", faulty[i].ini));
        ck_assert_str_eq(word("SELECT why FROM playbook_faults WHERE name = 'renewal' AND is_left_out = 0"), faulty[i].why);
    }
    (void)add_contract(today() + 31);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    go_to("2026-03-04");
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
}
END_TEST

START_TEST(a_script_that_never_worked_is_left_out_and_said_once)
{
    const char *line;

    break_renewal();
    logged[0] = '\0';
    tend_log_capture(keep_log, NULL);
    for (int opened = 0; opened < 2; opened++) {
        open_playbooks(SEGMENTS "[playbook.renewal]\n");
        ck_assert_ptr_null(tend_playbooks_name(playbooks, 0));
        ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 1);
        close_playbooks();
    }
    tend_log_capture(NULL, NULL);
    line = strstr(logged, "left out");
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_null(strstr(line + 1, "left out"));
    ck_assert_int_eq(count("SELECT is_left_out FROM playbook_faults WHERE name = 'renewal'"), 1);
    use_script("commercial", "renewal");
    open_playbooks(SEGMENTS "[playbook.renewal]\n");
    ck_assert_str_eq(tend_playbooks_name(playbooks, 0), "renewal");
    ck_assert_int_eq(count("SELECT count(*) FROM playbook_faults"), 0);
}
END_TEST

START_TEST(a_script_that_is_taken_away_works_on_until_its_section_goes)
{
    char path[4096];

    renewal();
    close_playbooks();
    (void)snprintf(path, sizeof path, "%s/playbooks/renewal.lua", f.folder.path);
    ck_assert_int_eq(unlink(path), 0);
    open_playbooks(SEGMENTS "[playbook.renewal]\n");
    ck_assert_str_eq(tend_playbooks_name(playbooks, 0), "renewal");
    close_playbooks();
    open_playbooks(SEGMENTS "[playbook.renewal]\nenabled = no\n");
    ck_assert_ptr_null(tend_playbooks_name(playbooks, 0));
    ck_assert_int_eq(count("SELECT count(*) FROM playbook_faults"), 0);
}
END_TEST

#define SCRIPT(start, steps)                                                                                       \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'done' }, " start \
    " steps = function(run) " steps " return 'done' end }"

static void use_text(const char *script)
{
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

START_TEST(a_condition_that_stays_true_acts_once)
{
    int64_t contract;

    use_text(SCRIPT("start_when = { where = 'seats > 10' },", "run:task('t', { title = 'Look at {seats} seats', to = 'owner' })"));
    contract = add_contract(today() + 60);
    for (int seats = 8; seats < 15; seats++) {
        (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", number(seats) } });
        work();
    }
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Look at 11 seats");
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", number(3) } });
    set_status(TEND_KIND_TASK, count("SELECT id FROM tasks"), "done");
    work();
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", number(30) } });
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 2);
    check_sums();
}
END_TEST

START_TEST(a_new_row_in_its_status_is_decided_once)
{
    use_text(SCRIPT("start_when = { where = 'status = active' },", "run:log('l', 'x')"));
    (void)add_contract(today() + 60);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM decisions"), 1);
    check_sums();
}
END_TEST

START_TEST(a_fault_holds_the_run_alone_and_names_it)
{
    use_text(SCRIPT("start_when = { event = 'contract.created' },",
                    "run:task('t', { title = 'one' }) if run.contract.seats == 7 then error('seven') end"));
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(7) } });
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(8) } });
    work();
    ck_assert_str_eq(word("SELECT state FROM runs WHERE id = 1"), "held");
    ck_assert_str_eq(word("SELECT reason FROM runs WHERE id = 1"), "playbooks/test.lua:1: seven");
    ck_assert_int_eq(count("SELECT count(*) FROM steps WHERE run = 1"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    ck_assert_str_eq(word("SELECT state FROM runs WHERE id = 2"), "ended");
}
END_TEST

START_TEST(what_is_refused_at_the_end_undoes_its_run_alone)
{
    use_text(SCRIPT("start_when = { event = 'contract.created' },",
                    "run:task('t', { title = 'one' }) if run.contract.seats == 4 then run:set('s', { seats = 5 }) end"
                    " run:ask('q', { question = 'Well?', choices = { 'yes', 'no' }, within = { days = 9 } })"));
    for (int seats = 1; seats <= 6; seats++)
        (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(seats) } });
    work();
    ck_assert_str_eq(word("SELECT group_concat(id) FROM runs WHERE state = 'held'"), "4");
    ck_assert_str_eq(word("SELECT reason FROM runs WHERE id = 4"), "playbook:test: may not change contracts; ask an administrator");
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'waiting'"), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 10); /* of each a task and a question */
    ck_assert_int_eq(count("SELECT count(*) FROM tasks t JOIN steps s ON s.row = t.id AND s.verb IN ('task', 'ask')"), 10);
    ck_assert_int_eq(count("SELECT count(*) FROM steps WHERE run = 4"), 0);
    check_sums();
}
END_TEST

START_TEST(what_hangs_is_named_and_the_runs_beside_it_are_made_once)
{
    options.limits.grace_ms = 2000;
    use_text(SCRIPT("start_when = { event = 'contract.created' },",
                    "run:task('t', { title = 'one' }) run:log('l', tostring(run.contract.seats))"
                    " if run.contract.seats == 4 then local s = ('a'):rep(100000) return s:find(('.-'):rep(60) .. 'b') end"));
    for (int seats = 1; seats <= 8; seats++)
        (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(seats) } });
    work();
    ck_assert_str_eq(word("SELECT group_concat(id) FROM runs WHERE state = 'held'"), "4");
    ck_assert_str_eq(word("SELECT reason FROM runs WHERE id = 4"),
                     "ran longer than 1000 ms and could not be interrupted; its sandbox was ended");
    ck_assert_int_eq(count("SELECT count(*) FROM steps WHERE run = 4"), 0);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'ended'"), 7);
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 7);
    ck_assert_str_eq(word("SELECT group_concat(json_extract(arguments, '$.text')) FROM steps WHERE verb = 'log'"), "1,2,3,5,6,7,8");
    /* the task, the seats, the line, the seats again, for a step was made since */
    ck_assert_int_eq(count("SELECT max(n) FROM (SELECT count(*) AS n FROM steps GROUP BY run)"), 4);
}
END_TEST

static const struct {
    const char *steps, *sentence;
} wrong[] = {
    { "run:task('t', { [('titel')] = 'x' })", "playbooks/test.lua:1: task 't': 'titel' is no argument of it; did you mean title?" },
    { "run:task('t', { title = ('{acount.name}') })",
      "playbooks/test.lua:1: task 't': contract has no field 'acount'; did you mean account?" },
    { "run:wait('w', { event = ('contract.renewd'), within = { days = 1 } })",
      "playbooks/test.lua:1: wait 'w': the event 'contract.renewd' never happens; did you mean contract.renewed?" },
    { "local w = { event = 'contract.renewed' } run:wait('w', w)",
      "playbooks/test.lua:1: wait 'w': waits without end; give it within or by" },
    { "local w = { done = 'x', within = { days = 1 } } run:wait('w', w)", "done = 'x' names no task of this run" },
    { "run:set('s', { seats = 4 })", "playbook:test: may not change contracts; ask an administrator" },
    { "return 'other'", "playbooks/test.lua: steps returned 'other', which is none of the outcomes it declares" },
};

START_TEST(what_a_script_asks_wrongly_is_one_sentence)
{
    (void)test_folder_write_text(
        &f.folder, "playbooks/test.lua",
        tend_arena_print(f.arena,
                         SCRIPT("start_when = { event = 'contract.created' },", "if run.account.name == 'Acme' then %s end"),
                         wrong[_i].steps));
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0); /* what is computed for Acme alone is met when it comes */
    (void)add_contract(today() + 60);
    work();
    ck_assert_str_eq(word("SELECT reason FROM runs"), wrong[_i].sentence);
    ck_assert_str_eq(word("SELECT state FROM runs"), "held");
    ck_assert_int_eq(count("SELECT count(*) FROM steps"), 0);
}
END_TEST

START_TEST(a_fault_that_only_the_checker_finds_leaves_the_last_good_script_at_work)
{
    const char *line;

    use_text(SCRIPT(
        "start_when = { event = 'contract.created' },",
        "run:task('t', { title = 'one' }) if run.contract.seats == 7 then run:escalate('e', { to = 'owner', text = 'x' }) end"));
    close_playbooks();
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua",
                                 SCRIPT("start_when = { event = 'contract.created' },",
                                        "run:task('t', { title = 'two' }) if run.contract.seats == 7 then run:escalat('e', { to = "
                                        "'owner', text = 'x' }) end"));
    logged[0] = '\0';
    tend_log_capture(keep_log, NULL);
    for (int opened = 0; opened < 2; opened++) {
        open_playbooks("[playbook.test]\n");
        ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 1);
        if (opened == 0)
            close_playbooks();
    }
    tend_log_capture(NULL, NULL);
    line = strstr(logged, "works on with its last good script");
    ck_assert_ptr_nonnull(line);
    ck_assert_ptr_null(strstr(line + 1, "works on with"));
    ck_assert_str_eq(word("SELECT why FROM playbook_faults WHERE name = 'test' AND is_left_out = 0"),
                     "playbooks/test.lua:1: run has no 'escalat'; did you mean escalate?");
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(7) } });
    work();
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 't'"), "one");
    ck_assert_str_eq(word("SELECT state FROM runs"), "ended");
    ck_assert_int_eq(count("SELECT count(*) FROM bundles"), 1);
}
END_TEST

START_TEST(an_endless_script_is_found_once_and_never_taken)
{
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua",
                                 SCRIPT("start_when = { event = 'contract.created' },", "\nwhile run.id do end\n"));
    options.limits.deadline_ms = 50;
    open_playbooks("[playbook.test]\n");
    ck_assert_str_eq(word("SELECT why FROM playbook_faults WHERE name = 'test' AND is_left_out = 1"),
                     "playbooks/test.lua:2: ran longer than 50 ms");
}
END_TEST

/* The first script fails for Acme behind its task; what the second does instead. */
#define HELD_AT(steps) \
    SCRIPT("start_when = { event = 'contract.created' },", "run:task('t', { title = 'one' }) run:sleep('n', { days = 1 }) " steps)
static const struct {
    const char *script, *refusal;
} mended[] = {
    { HELD_AT("run:log('l', run.account.name)"), NULL },
    { HELD_AT("if run.account.name == 'Acme' then error('again') end"),
      "run 1: cannot go on with the script as it is now and stays held: playbooks/test.lua:1: again" },
    { SCRIPT("start_when = { event = 'contract.created' },", "run:task('u', { title = 'one' })"),
      "run 1: cannot go on with the script as it is now and stays held: playbooks/test.lua:1: task 'u' is asked for where the "
      "journal has task 't'; a script must decide only by what run gives it" },
    { "return playbook {", "run 1: the script as it is now cannot be used: playbooks/test.lua:1: unexpected symbol near <eof>" },
    { HELD_AT("if run.account.name == 'Acme' then error('seven') end"),
      "run 1: has the script and settings as they are now already; mend playbooks/test.lua, or try it again without "
      "--with-current-script" },
};

START_TEST(a_held_run_goes_on_with_the_mended_script)
{
    tend_retried retried;

    use_text(HELD_AT("if run.account.name == 'Acme' then error('seven') end"));
    (void)add_contract(today() + 60);
    work();
    go_to("2026-03-03");
    ck_assert_str_eq(word("SELECT state FROM runs"), "held");
    close_playbooks();
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", mended[_i].script);
    open_playbooks("[playbook.test]\n");
    TEST_OK(&f, tend_run_retry(playbooks, 1, false, &retried, &f.error)); /* with its own it is held again */
    ck_assert_str_eq(retried.script, "playbooks/test.lua");
    ck_assert_int_eq(retried.stored_at, at("2026-03-02"));
    ck_assert_int_eq(retried.is_current, _i >= 3);
    work();
    ck_assert_str_eq(word("SELECT reason FROM runs WHERE state = 'held'"), "playbooks/test.lua:1: seven");
    if (mended[_i].refusal) {
        ck_assert_int_eq(tend_run_retry(playbooks, 1, true, &retried, &f.error), TEND_EINVAL);
        ck_assert_str_eq(f.error.text, mended[_i].refusal);
        ck_assert_str_eq(word("SELECT state FROM runs"), "held");
        return;
    }
    TEST_OK(&f, tend_run_retry(playbooks, 1, true, &retried, &f.error));
    ck_assert(retried.is_current);
    ck_assert_int_eq(retried.stored_at, at("2026-03-03"));
    work();
    ck_assert_str_eq(word("SELECT state FROM runs"), "ended");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    ck_assert_int_eq(tend_run_retry(playbooks, 1, true, &retried, &f.error), TEND_ENOTFOUND);
}
END_TEST

START_TEST(what_a_new_playbook_left_out_is_released_in_batches)
{
    tend_released released;

    open_playbooks("");
    for (int i = 0; i < 3; i++)
        (void)add_contract(today() + 60 - i);
    (void)add_contract(today() - 1);
    work();
    close_playbooks();
    (void)test_folder_write_text(
        &f.folder, "playbooks/test.lua",
        SCRIPT("start_when = { days = 90, before = 'contract.ends_on' },", "run:task('t', { title = 'one' })"));
    open_playbooks("[playbook.test]\n");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ .limit = 1 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 1);
    ck_assert_int_eq(released.left, 2);
    work();
    ck_assert_int_eq(count("SELECT row FROM runs"), 3); /* the one that ends first */
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ .limit = 0 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 2);
    ck_assert_int_eq(released.left, 0);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 3);
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ .limit = 0 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 0);
    ck_assert_int_eq(tend_playbook_release(playbooks, "tset", &(tend_release){ .limit = 0 }, &released, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "playbook tset: is not at work; did you mean test?");
}
END_TEST

static void work_by_date(const char *start)
{
    char script[512];

    (void)snprintf(script, sizeof script, SCRIPT("start_when = { %s },", "run:task('t', { title = 'one' })"), start);
    work();
    close_playbooks();
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
}

START_TEST(what_is_nearly_over_is_released_only_when_it_is_asked_for)
{
    tend_released released;

    open_playbooks("");
    for (int i = 0; i < 5; i++) /* in 5, 30, 55, 80 days; the fifth ended 5 days ago */
        (void)add_contract(today() + (i < 4 ? 5 + 25 * i : -5));
    work_by_date("days = 90, before = 'contract.ends_on'");
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ .limit = 1 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 1);
    ck_assert_int_eq(released.left, 1);
    ck_assert_int_eq(released.late, 2);
    work();
    ck_assert_int_eq(count("SELECT row FROM runs"), 3);
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ 0 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 1);
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ .takes_late = true }, &released, &f.error));
    ck_assert_int_eq(released.rows, 2);
    ck_assert_int_eq(released.left + released.late, 0);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 4);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE row = 5"), 0);
}
END_TEST

START_TEST(what_was_due_behind_a_date_is_released_while_it_is_young)
{
    tend_released released;

    open_playbooks("");
    (void)add_contract(today() - 40);
    (void)add_contract(today() - 70);
    work_by_date("days = 30, after = 'contract.ends_on'");
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ .takes_late = true }, &released, &f.error));
    ck_assert_int_eq(released.rows, 1);
    ck_assert_int_eq(released.left + released.late, 0);
    work();
    ck_assert_int_eq(count("SELECT row FROM runs"), 1);
}
END_TEST

START_TEST(what_a_date_left_out_is_dropped_until_it_moves)
{
    tend_released released;
    tend_dropped dropped;

    open_playbooks("");
    for (int i = 0; i < 3; i++)
        (void)add_contract(today() + 20 + 20 * i);
    work_by_date("days = 90, before = 'contract.ends_on', if_late = 'start'");
    TEST_OK(&f, tend_playbook_drop(playbooks, "test", 1, "no", &dropped, &f.error));
    ck_assert_int_eq(dropped.rows, 1);
    ck_assert_int_eq(dropped.rows_left, 2);
    ck_assert(dropped.is_by_date);
    ck_assert_str_eq(word("SELECT state FROM dues WHERE row = 1"), "dropped");
    TEST_OK(&f, tend_playbook_drop(playbooks, "test", 0, "no", &dropped, &f.error));
    ck_assert_int_eq(dropped.rows, 2);
    TEST_OK(&f, tend_playbook_release(playbooks, "test", &(tend_release){ .takes_late = true }, &released, &f.error));
    ck_assert_int_eq(released.rows, 0);
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = 1, .fields = { { "name", text("another") } });
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = 1,
                   .fields = { { "ends_on", { .type = TEND_DATE, .integer = today() + 60 } } });
    work();
    ck_assert_int_eq(count("SELECT row FROM runs"), 1);
}
END_TEST

START_TEST(an_approval_is_asked_and_its_answer_heard)
{
    int64_t approval;

    use_text(SCRIPT("start_when = { event = 'contract.created' },",
                    "local a = run:approve('ok', { title = 'May we?', to = 'owner.manager', within = { days = 3 } })"
                    " run:log('l', tostring(a.approved))"));
    (void)add_contract(today() + 60);
    work();
    approval = count("SELECT id FROM approvals");
    ck_assert_int_eq(count("SELECT asked_of FROM approvals"), manager);
    set_status(TEND_KIND_APPROVAL, approval, "approved");
    work();
    ck_assert_str_eq(word("SELECT arguments FROM steps WHERE verb = 'log'"), "{\"text\":\"true\"}");
    ck_assert_str_eq(word("SELECT state FROM runs"), "ended");
}
END_TEST

START_TEST(what_was_read_before_a_wait_stays_as_it_was)
{
    int64_t contract;

    use_text(SCRIPT("start_when = { event = 'contract.created' },",
                    "local before = run.contract.seats run:sleep('night', { days = 1 })"
                    " run:log('l', before .. ' ' .. run.contract.seats .. ' ' .. run.today)"));
    contract = TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "seats", number(5) } }).id;
    work();
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .id = contract, .fields = { { "seats", number(6) } });
    go_to("2026-03-03");
    ck_assert_str_eq(word("SELECT arguments FROM steps WHERE verb = 'log'"), "{\"text\":\"5 6 2026-03-03\"}");
}
END_TEST

TESTS_WITH("playbook/playbooks", {
    tcase_add_checked_fixture(tcase, set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, a_contract_starts_one_renewal_at_its_day_or_late, 0, (int)(sizeof entries / sizeof *entries));
    tcase_add_test(tcase, a_contract_that_ended_before_it_came_is_recorded_as_late);
    tcase_add_test(tcase, one_day_is_said_as_one);
    tcase_add_test(tcase, the_engine_may_sleep_over_the_day);
    tcase_add_test(tcase, the_day_moves_with_the_date_either_way);
    tcase_add_test(tcase, the_task_says_whose_it_is_and_what_is_at_stake);
    tcase_add_test(tcase, a_done_task_and_an_event_answer_their_waits);
    tcase_add_test(tcase, an_event_that_came_while_waiting_for_something_else_counts);
    tcase_add_test(tcase, silence_escalates_reminds_and_ends);
    tcase_add_test(tcase, a_wait_follows_its_date);
    tcase_add_test(tcase, a_cancelled_contract_stops_its_run);
    tcase_add_test(tcase, a_removed_contract_stops_its_run);
    tcase_add_test(tcase, a_message_without_another_way_goes_to_the_outbox);
    tcase_add_test(tcase, history_starts_nothing_and_says_what_it_held_back);
    tcase_add_test(tcase, a_condition_that_becomes_true_late_starts_late);
    tcase_add_test(tcase, a_playbook_that_is_added_later_leaves_old_dates_alone);
    tcase_add_test(tcase, a_run_keeps_its_script_when_the_file_changes);
    tcase_add_test(tcase, settings_of_the_configuration_win_and_are_checked);
    tcase_add_test(tcase, a_broken_script_leaves_the_last_good_one_at_work);
    tcase_add_test(tcase, a_setting_that_does_not_fit_leaves_the_last_good_ones_at_work);
    tcase_add_test(tcase, a_script_that_never_worked_is_left_out_and_said_once);
    tcase_add_test(tcase, a_script_that_is_taken_away_works_on_until_its_section_goes);
    tcase_add_test(tcase, a_condition_that_stays_true_acts_once);
    tcase_add_test(tcase, a_new_row_in_its_status_is_decided_once);
    tcase_add_test(tcase, a_fault_holds_the_run_alone_and_names_it);
    tcase_add_test(tcase, what_is_refused_at_the_end_undoes_its_run_alone);
    tcase_add_test(tcase, what_hangs_is_named_and_the_runs_beside_it_are_made_once);
    tcase_add_loop_test(tcase, what_a_script_asks_wrongly_is_one_sentence, 0, (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tcase, a_fault_that_only_the_checker_finds_leaves_the_last_good_script_at_work);
    tcase_add_test(tcase, an_endless_script_is_found_once_and_never_taken);
    tcase_add_loop_test(tcase, a_held_run_goes_on_with_the_mended_script, 0, (int)(sizeof mended / sizeof *mended));
    tcase_add_test(tcase, what_a_new_playbook_left_out_is_released_in_batches);
    tcase_add_test(tcase, what_is_nearly_over_is_released_only_when_it_is_asked_for);
    tcase_add_test(tcase, what_was_due_behind_a_date_is_released_while_it_is_young);
    tcase_add_test(tcase, what_a_date_left_out_is_dropped_until_it_moves);
    tcase_add_test(tcase, an_approval_is_asked_and_its_answer_heard);
    tcase_add_test(tcase, what_was_read_before_a_wait_stays_as_it_was);
})
