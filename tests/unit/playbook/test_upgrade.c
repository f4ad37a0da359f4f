/* Runs that take another version of their script, where what they have done fits it. */
#include "playbook_fixture.h"

#define SCRIPT                                                                                                               \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'x', 'y' }, start_when = {" \
    " event = 'contract.created' }, steps = function(run) %s end }"
#define OLD "run:task('plan', { title = 'P' }) run:wait('planned', { done = 'plan', within = { days = 5 } }) return 'x'"
#define LONGER                                                                                                                 \
    "run:task('plan', { title = 'P' }) run:wait('planned', { done = 'plan', within = { days = 5 } }) run:task('more', { title" \
    " = 'M' }) return 'y'"
#define RENAMED "run:task('the plan', { title = 'P' }) run:wait('planned', { done = 'the plan', within = { days = 5 } }) return 'y'"

static void use(const char *steps)
{
    char script[1000];

    (void)snprintf(script, sizeof script, SCRIPT, steps);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

static const struct {
    const char *steps, *why, *end;
    bool fits;
} versions[] = {
    { LONGER, "", "ended y", true },
    { RENAMED,
      "playbooks/test.lua:1: task 'the plan' is asked for where the journal has task 'plan'; a script must decide only by what run "
      "gives it",
      "ended x", false },
};

START_TEST(a_waiting_run_takes_a_version_that_its_journal_fits)
{
    tend_upgraded upgraded;
    int64_t runs[10];
    size_t found;

    use(OLD);
    (void)add_contract(today() + 100);
    work();
    close_playbooks();
    use(versions[_i].steps);
    work();
    TEST_OK(&f, tend_runs_waiting(playbooks, "test", runs, 10, &found, &f.error));
    ck_assert_uint_eq(found, 1);
    TEST_OK(&f, tend_run_upgrade(playbooks, 1, NULL, false, &upgraded, &f.error));
    ck_assert_int_eq(upgraded.fits, versions[_i].fits);
    ck_assert_int_eq(count("SELECT bundle FROM runs"), 1); /* it was only tried */
    TEST_OK(&f, tend_run_upgrade(playbooks, 1, NULL, true, &upgraded, &f.error));
    ck_assert_int_eq(upgraded.fits, versions[_i].fits);
    ck_assert_str_eq(upgraded.why, versions[_i].why);
    ck_assert_str_ne(upgraded.from, upgraded.to);
    ck_assert_str_eq(word("SELECT state FROM runs"), "waiting");
    set_status(TEND_KIND_TASK, 1, "done");
    work();
    ck_assert_str_eq(word("SELECT state || ' ' || outcome FROM runs"), versions[_i].end);
}
END_TEST

START_TEST(a_version_is_named_by_its_hash_and_can_be_the_older_one)
{
    tend_upgraded upgraded;
    char first[16];

    use(OLD);
    (void)snprintf(first, sizeof first, "%s", word("SELECT substr(hash, 1, 8) FROM bundles"));
    close_playbooks();
    use(LONGER);
    (void)add_contract(today() + 100);
    work();
    TEST_OK(&f, tend_run_upgrade(playbooks, 1, first, true, &upgraded, &f.error));
    ck_assert(upgraded.fits);
    ck_assert_int_eq(strncmp(upgraded.to, first, 8), 0);
    set_status(TEND_KIND_TASK, 1, "done");
    work();
    ck_assert_str_eq(word("SELECT state || ' ' || outcome FROM runs"), "ended x");
    ck_assert_int_eq(tend_run_upgrade(playbooks, 1, first, true, &upgraded, &f.error), TEND_EINVAL);
    ck_assert_str_eq(f.error.text, "run 1: is ended; only a run that waits or is held takes another version");
}
END_TEST

START_TEST(a_version_that_is_not_there_is_refused)
{
    tend_upgraded upgraded;

    use(OLD);
    (void)add_contract(today() + 100);
    work();
    ck_assert_int_eq(tend_run_upgrade(playbooks, 1, "zzz", true, &upgraded, &f.error), TEND_ENOTFOUND);
    ck_assert_str_eq(f.error.text, "--to: 'zzz' is no version of playbook test; tend playbook show RUN has the hashes");
}
END_TEST

/* A store of an earlier version has one wait for a run. */
START_TEST(waits_of_an_earlier_store_are_kept)
{
    use(OLD);
    (void)add_contract(today() + 100);
    work();
    close_playbooks();
    TEST_OK(&f, tend_store_begin(f.store, &f.error));
    TEST_OK(&f, tend_store_run(f.store,
                               "CREATE TABLE narrow (run INTEGER PRIMARY KEY, step TEXT NOT NULL, topic TEXT NOT NULL, kind INTEGER"
                               " NOT NULL, row INTEGER NOT NULL, account INTEGER NOT NULL, due_at INTEGER, rule BLOB) STRICT;"
                               "INSERT INTO narrow SELECT run, step, topic, kind, row, account, due_at, rule FROM waits;"
                               "DROP TABLE waits; DROP TABLE parts; DROP TABLE starts; ALTER TABLE narrow RENAME TO waits;"
                               "CREATE INDEX waits_row ON waits (kind, row);"
                               "CREATE INDEX waits_due ON waits (due_at) WHERE due_at IS NOT NULL;"
                               "CREATE INDEX waits_account ON waits (topic, account) WHERE account <> 0;",
                               &f.error));
    TEST_OK(&f, tend_store_commit(f.store, &f.error));
    use(OLD);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM waits WHERE is_part = 0"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name LIKE 'waits_%'"), 3);
    set_status(TEND_KIND_TASK, 1, "done");
    work();
    ck_assert_str_eq(word("SELECT state || ' ' || outcome FROM runs"), "ended x");
}
END_TEST

TESTS_WITH("playbook/upgrade", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, a_waiting_run_takes_a_version_that_its_journal_fits, 0, 2);
    tcase_add_test(tcase, a_version_is_named_by_its_hash_and_can_be_the_older_one);
    tcase_add_test(tcase, a_version_that_is_not_there_is_refused);
    tcase_add_test(tcase, waits_of_an_earlier_store_are_kept);
})
