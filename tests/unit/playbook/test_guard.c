/* What keeps playbooks from doing more than was meant: depth, budget, effects in a while, and the starting line. */
#include "playbook/guard.h"
#include "playbook_fixture.h"

static void write_script(const char *name, const char *start, const char *steps)
{
    char path[128], script[2000];

    (void)snprintf(path, sizeof path, "playbooks/%s.lua", name);
    (void)snprintf(script, sizeof script,
                   "return playbook {\n  name = '%s', summary = 's', api = 1, subject = 'account', outcomes = { 'x' },\n"
                   "  start_when = { %s },\n  steps = function(run)\n    %s\n    return 'x'\n  end,\n}\n",
                   name, start, steps);
    (void)test_folder_write_text(&f.folder, path, script);
}

static void up_and_down(const char *ini)
{
    write_script("down", "where = 'tier = gold'", "run:set('s', { tier = 'silver' })");
    write_script("up", "where = 'tier = silver'", "run:set('s', { tier = 'gold' })");
    open_playbooks(ini);
    work();
}

static int64_t add_tiered(const char *name, const char *tier)
{
    return TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text(name) }, { "tier", text(tier) } }).id;
}

static void check_sums(void)
{
    int64_t delivered, decided;

    TEST_OK(&f, tend_playbook_reconcile(f.store, NULL, &delivered, &decided, &f.error));
    ck_assert_int_gt(delivered, 0);
    ck_assert_int_eq(delivered, decided);
}

static void add_accounts(int n)
{
    char name[16];

    for (int i = 0; i < n; i++) {
        (void)snprintf(name, sizeof name, "N%d", i);
        (void)add_tiered(name, "gold");
    }
}

START_TEST(a_chain_ends_at_its_depth_and_is_printed)
{
    const char *reason;
    char wanted[400];

    up_and_down("[playbooks]\ndepth = 3\n[playbook.down]\n[playbook.up]\n");
    (void)add_tiered("A", "gold");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'ended'"), 3);
    reason = word("SELECT reason FROM runs WHERE state = 'held'");
    (void)snprintf(
        wanted, sizeof wanted,
        "is the end of a chain of 3 causes that began with event %lld: account.created (event %lld) -> down -> up -> down -> "
        "up; look for playbooks that start each other",
        (long long)count("SELECT cause FROM runs WHERE id = 1"), (long long)count("SELECT cause FROM runs WHERE id = 1"));
    ck_assert_str_eq(reason, wanted);
    ck_assert_str_eq(word("SELECT tier FROM accounts WHERE name = 'A'"), "silver");
    check_sums();
}
END_TEST

/* By the rule of what a playbook did (playbook_effects): a count ends with its window; that of a cause is a month at least. */
START_TEST(what_a_cause_led_to_is_forgotten_when_its_window_is_over)
{
    write_script("many", "event = 'account.created'", "run:task('t', { title = 'x', to = 'owner' })");
    open_playbooks("[playbooks]\nbudget = 4\n[playbook.many]\n");
    (void)add_tiered("A", "gold");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 2); /* the account of the fixture too */
    go_to("2026-03-20");
    (void)add_tiered("B", "gold");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 3);
    go_to("2026-04-02"); /* 31 days: still within */
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 3);
    go_to("2026-04-03");
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 1);
    close_playbooks();
    open_playbooks("[playbooks]\nbudget = 4\neffects_within = 60 d\n[playbook.many]\n"); /* a longer window is theirs, too */
    go_to("2026-05-18");
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 1);
    go_to("2026-05-21");
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 0);
}
END_TEST

/* A run that waited longer than the window goes on charging its cause, and a second look on the same day, as that of an engine
 * called again after a kill, forgets nothing that the first kept. */
START_TEST(a_cause_counts_as_long_as_it_leads_to_something)
{
    write_script(
        "slow", "event = 'account.created'",
        "run:wait('rest', { event = 'ticket.created', within = { days = 40 } }) run:task('t', { title = 'x', to = 'owner' }) "
        "run:wait('more', { event = 'ticket.created', within = { days = 40 } })");
    open_playbooks("[playbooks]\nbudget = 4\n[playbook.slow]\n");
    work();
    go_to("2026-06-01");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 1);
    close_playbooks();
    open_playbooks("[playbooks]\nbudget = 4\n[playbook.slow]\n");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM cause_effects"), 1);
}
END_TEST

START_TEST(one_cause_leads_to_no_more_than_its_budget)
{
    write_script("many", "event = 'account.created'", "for n = 1, 5 do run:task('t ' .. n, { title = 'x', to = 'owner' }) end");
    open_playbooks("[playbooks]\nbudget = 4\n[playbook.many]\n");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 0);
    ck_assert_ptr_nonnull(strstr(word("SELECT reason FROM runs WHERE state = 'held'"),
                                 "one cause has led to 0 effects, and [playbooks] budget allows no more: account.created (event "));
    check_sums();
}
END_TEST

START_TEST(the_budget_is_for_each_row_of_an_event)
{
    tend_event event = { .topic = "custom.go", .kind = TEND_KIND_ACCOUNT };

    write_script("one", "event = 'custom.go'", "run:task('t', { title = 'x', to = 'owner' })");
    open_playbooks("[playbooks]\nbudget = 1\n[playbook.one]\n");
    add_accounts(5);
    event.first = count("SELECT id FROM accounts WHERE name = 'N0'");
    event.last = event.first + 4;
    TEST_OK(&f, tend_model_begin(f.model, &f.error));
    TEST_OK(&f, tend_bus_publish(f.bus, &event, false, NULL, &f.error));
    TEST_OK(&f, tend_model_commit(f.model, &f.error));
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 5);
}
END_TEST

static void flood(void)
{
    write_script("flood", "where = 'tier = gold'", "run:log('l', 'x')\n    run:task('t', { title = 'x', to = 'owner' })");
    open_playbooks("[playbooks]\nmost_effects = 3\neffects_within = 1 h\n[playbook.flood]\n");
    work();
    add_accounts(10);
    work();
}

START_TEST(what_is_too_much_waits_for_approval)
{
    flood();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 3);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'held'"), 7);
    ck_assert_str_eq(word("SELECT reason FROM runs WHERE state = 'held'"),
                     "waits for approval: flood reached its 3 effects within 1 h; tend playbook release flood lets it go on, tend "
                     "playbook drop flood ends it");
    check_sums();
}
END_TEST

START_TEST(time_alone_releases_nothing)
{
    flood();
    f.now += 2 * 3600000;
    (void)add_tiered("later", "gold");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 3);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'held'"), 8);
}
END_TEST

START_TEST(runs_are_released_in_batches_or_dropped)
{
    int64_t released, left;
    tend_dropped dropped;

    flood();
    TEST_OK(&f, tend_playbook_release_held(playbooks, "flood", 2, &released, &left, &f.error));
    ck_assert_int_eq(released, 2);
    ck_assert_int_eq(left, 5);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'held'"), 5);
    TEST_OK(&f, tend_playbook_drop(playbooks, "flood", 4, "too many", &dropped, &f.error));
    ck_assert_int_eq(dropped.runs, 4);
    ck_assert_int_eq(dropped.runs_left, 1);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'stopped' AND reason = 'too many'"), 4);
    TEST_OK(&f, tend_playbook_release_held(playbooks, "flood", 0, &released, &left, &f.error));
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 6);
    (void)add_tiered("anew", "gold"); /* somebody has looked: the count began anew */
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 7);
    check_sums();
}
END_TEST

START_TEST(a_playbook_may_have_a_limit_of_its_own)
{
    write_script("flood", "where = 'tier = gold'", "run:task('t', { title = 'x', to = 'owner' })");
    open_playbooks("[playbooks]\nmost_effects = 3\n[playbook.flood]\nmost_effects = 0\n");
    work();
    add_accounts(10);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 10);
}
END_TEST

/* A condition that is new meets what is there already. */
static void late_comer(void)
{
    write_script("other", "event = 'account.created'", "run:log('l', 'x')");
    open_playbooks("[playbook.other]\n");
    add_accounts(5);
    work();
    close_playbooks();
    write_script("late", "where = 'tier = gold'", "run:task('t', { title = 'x', to = 'owner' })");
    open_playbooks("[playbook.other]\n[playbook.late]\n");
    work();
}

START_TEST(a_new_condition_leaves_out_what_meets_it_until_it_is_released)
{
    tend_released released;

    late_comer();
    ck_assert_int_eq(count("SELECT count(*) FROM left_out"), 5);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'late'"), 0);
    TEST_OK(&f, tend_playbook_release(playbooks, "late", &(tend_release){ .limit = 2 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 2);
    ck_assert_int_eq(released.left, 3);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'late' AND state = 'ended'"), 2);
    TEST_OK(&f, tend_playbook_release(playbooks, "late", &(tend_release){ .limit = 0 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 3);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'late' AND state = 'ended'"), 5);
    check_sums();
}
END_TEST

START_TEST(what_ends_to_hold_is_left_out_no_more)
{
    tend_released released;

    late_comer();
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = count("SELECT id FROM accounts WHERE name = 'N0'"),
                   .fields = { { "tier", text("silver") } });
    work();
    TEST_OK(&f, tend_playbook_release(playbooks, "late", &(tend_release){ .limit = 0 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 4);
}
END_TEST

START_TEST(what_was_left_out_is_dropped_for_good)
{
    tend_dropped dropped;
    tend_released released;

    late_comer();
    TEST_OK(&f, tend_playbook_drop(playbooks, "late", 0, "no", &dropped, &f.error));
    ck_assert_int_eq(dropped.rows, 5);
    TEST_OK(&f, tend_playbook_release(playbooks, "late", &(tend_release){ .limit = 0 }, &released, &f.error));
    ck_assert_int_eq(released.rows, 0);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'late'"), 0);
}
END_TEST

START_TEST(a_changed_condition_leaves_out_what_it_newly_meets)
{
    late_comer();
    (void)add_tiered("S", "silver");
    (void)add_tiered("G", "gold");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'late'"), 1);
    close_playbooks();
    write_script("late", "where = 'tier in (gold, silver)'", "run:task('t', { title = 'x', to = 'owner' })");
    open_playbooks("[playbook.other]\n[playbook.late]\n");
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM left_out"), 6);
    ck_assert_int_eq(count("SELECT count(*) FROM left_out l JOIN accounts a ON a.id = l.row WHERE a.name = 'S'"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE playbook = 'late'"), 1);
}
END_TEST

TESTS_WITH("playbook/guard", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_test(tcase, a_chain_ends_at_its_depth_and_is_printed);
    tcase_add_test(tcase, what_a_cause_led_to_is_forgotten_when_its_window_is_over);
    tcase_add_test(tcase, a_cause_counts_as_long_as_it_leads_to_something);
    tcase_add_test(tcase, one_cause_leads_to_no_more_than_its_budget);
    tcase_add_test(tcase, the_budget_is_for_each_row_of_an_event);
    tcase_add_test(tcase, what_is_too_much_waits_for_approval);
    tcase_add_test(tcase, time_alone_releases_nothing);
    tcase_add_test(tcase, runs_are_released_in_batches_or_dropped);
    tcase_add_test(tcase, a_playbook_may_have_a_limit_of_its_own);
    tcase_add_test(tcase, a_new_condition_leaves_out_what_meets_it_until_it_is_released);
    tcase_add_test(tcase, what_ends_to_hold_is_left_out_no_more);
    tcase_add_test(tcase, what_was_left_out_is_dropped_for_good);
    tcase_add_test(tcase, a_changed_condition_leaves_out_what_it_newly_meets);
})
