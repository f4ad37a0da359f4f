/* Open tasks of a role and its holder. */
#include "model/filter.h"
#include "playbook/playbooks.h"
#include "store_fixture.h"

static fixture f;
static tend_config *config;
static tend_segments *segments;
static tend_playbooks *playbooks;
static int64_t account, kim, lee, han, task;

static int64_t add_user(const char *name)
{
    return TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text(name) } }).id;
}

static int64_t add_task(int64_t of, const char *role, int64_t assignee)
{
    return TEST_PUT(&f, .kind = TEND_KIND_TASK,
                    .fields = { { "account", ref(of) },
                                { "title", text("Call") },
                                { "reason", text("Renewal; to owner") },
                                { "status", text("open") },
                                { "role", text(role) },
                                { "assignee", ref(assignee) } })
        .id;
}

static void set_up(void)
{
    static const tend_section *const sections[] = { tend_playbook_sections, tend_segment_sections, NULL };
    static char sandbox[4096];
    tend_playbook_options options = { .scripts = NULL, .sandbox = sandbox, .limits = { .grace_ms = 20000 } };

    fixture_open(&f);
    (void)snprintf(sandbox, sizeof sandbox, "%s/bin/tend-sandbox", getenv("TEND_BUILD"));
    options.scripts = f.folder.path;
    TEST_OK(&f, tend_config_load_text("tend.ini", "", 0, sections, stderr, &config, &f.error));
    TEST_OK(&f, tend_segments_load(config, f.schema, NULL, stderr, &segments, &f.error));
    TEST_OK(&f, tend_playbooks_open(config, f.model, segments, &options, stderr, &playbooks, &f.error));
    kim = add_user("Kim");
    lee = add_user("Lee");
    han = add_user("Han");
    account = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Acme") }, { "owner", ref(kim) } }).id;
    task = add_task(account, "owner", kim);
}

static void tear_down(void)
{
    tend_playbooks_close(playbooks);
    tend_segments_free(segments);
    tend_config_free(config);
    fixture_close(&f);
}

static void work(void)
{
    bool did = true;

    for (int rounds = 0; did; rounds++) {
        ck_assert_int_lt(rounds, 1000);
        TEST_OK(&f, tend_playbooks_step(playbooks, &did, &f.error));
    }
}

static int64_t assignee(int64_t id)
{
    return number_then(&f, 0, 0, TEND_KIND_TASK, id, "assignee");
}

static void set_ref(tend_kind kind, int64_t id, const char *field, int64_t to)
{
    f.now += 60000;
    TEST_PUT(&f, .kind = kind, .id = id, .fields = { { field, ref(to) } });
}

static int64_t open_batch(const char *what)
{
    int64_t batch = 0;

    begin(&f);
    TEST_OK(&f, tend_batch_open(f.model, &f.origin, what, "by a test", NULL, &batch, NULL, &f.error));
    commit(&f);
    f.origin.batch = batch;
    return batch;
}

static void close_batch(void)
{
    begin(&f);
    TEST_OK(&f, tend_batch_close(f.model, f.origin.batch, NULL, &f.error));
    commit(&f);
    f.origin.batch = 0;
}

static int64_t add_owner(int64_t of, const char *role, int64_t user, const char *from)
{
    f.now += 60000;
    return TEST_PUT(&f, .kind = TEND_KIND_OWNER,
                    .fields = { { "account", ref(of) },
                                { "user", ref(user) },
                                { "role", text(role) },
                                { "starts_on", from ? day(from) : nothing() } })
        .id;
}

START_TEST(a_task_follows_the_owner_of_the_account_and_says_why)
{
    work();
    ck_assert_int_eq(assignee(task), kim);
    set_ref(TEND_KIND_ACCOUNT, account, "owner", lee);
    work();
    ck_assert_int_eq(assignee(task), lee);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_TASK, task, "role"), "owner");
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_TASK, task, "reason"),
                     "Renewal; to owner; moved from Kim: Lee is the owner now");
    set_ref(TEND_KIND_ACCOUNT, account, "owner", han);
    work();
    ck_assert_int_eq(assignee(task), han);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_TASK, task, "reason"),
                     "Renewal; to owner; moved from Lee: Han is the owner now");
}
END_TEST

START_TEST(a_task_follows_a_dated_role_that_came_in_a_file)
{
    int64_t mine = add_task(account, "csm", kim);

    work();
    f.origin.source = 1;
    open_batch("import");
    f.origin.is_history = true;
    add_owner(account, "csm", lee, NULL);
    f.origin.is_history = false;
    close_batch();
    work();
    ck_assert_int_eq(assignee(mine), lee);
    ck_assert_int_eq(assignee(task), kim);
}
END_TEST

START_TEST(a_task_follows_on_the_day_that_a_role_begins)
{
    int64_t mine = add_task(account, "csm", kim);

    add_owner(account, "csm", lee, "2026-03-10");
    work();
    ck_assert_int_eq(assignee(mine), kim);
    f.now = at("2026-03-09");
    work();
    ck_assert_int_eq(assignee(mine), kim);
    f.now = at("2026-03-10");
    work();
    ck_assert_int_eq(assignee(mine), lee);
}
END_TEST

START_TEST(a_task_follows_the_owner_of_the_account_into_which_its_own_was_merged)
{
    int64_t other = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Acme Inc") }, { "owner", ref(lee) } }).id;
    int64_t stays;

    work();
    f.now += 60000;
    begin(&f);
    TEST_OK(&f, tend_merge(f.model, &f.origin, account, other, &f.error));
    commit(&f);
    work();
    ck_assert_int_eq(assignee(task), lee);
    f.now += 60000;
    begin(&f);
    TEST_OK(&f, tend_unmerge(f.model, &f.origin, account, &stays, &f.error));
    commit(&f);
    work();
    ck_assert_int_eq(assignee(task), kim);
}
END_TEST

START_TEST(a_task_that_a_person_was_given_by_hand_stays)
{
    int64_t plain = TEST_PUT(&f, .kind = TEND_KIND_TASK,
                             .fields = { { "account", ref(account) },
                                         { "title", text("Write") },
                                         { "status", text("open") },
                                         { "assignee", ref(kim) } })
                        .id;

    open_batch("set");
    set_ref(TEND_KIND_TASK, task, "assignee", han);
    close_batch();
    set_ref(TEND_KIND_ACCOUNT, account, "owner", lee);
    work();
    ck_assert_int_eq(assignee(task), han);
    ck_assert_int_eq(assignee(plain), kim);
}
END_TEST

START_TEST(undoing_the_change_of_a_role_brings_its_tasks_back)
{
    tend_undo_report report;
    int64_t batch = open_batch("set");

    set_ref(TEND_KIND_ACCOUNT, account, "owner", lee);
    close_batch();
    work();
    ck_assert_int_eq(assignee(task), lee);
    f.now += 60000;
    begin(&f);
    TEST_OK(&f, tend_batch_undo(f.model, &f.origin, batch, f.arena, &report, &f.error));
    commit(&f);
    work();
    ck_assert_int_eq(assignee(task), kim);
}
END_TEST

START_TEST(a_done_task_and_one_that_a_deputy_does_stay)
{
    int64_t done = add_task(account, "owner", kim), deputys;

    TEST_PUT(&f, .kind = TEND_KIND_TASK, .id = done, .fields = { { "status", text("done") } });
    set_ref(TEND_KIND_USER, lee, "deputy", han);
    deputys = add_task(account, "owner", han);
    set_ref(TEND_KIND_ACCOUNT, account, "owner", lee);
    work();
    ck_assert_int_eq(assignee(done), kim);
    ck_assert_int_eq(assignee(deputys), han);
    ck_assert_int_eq(assignee(task), lee);
}
END_TEST

START_TEST(a_new_manager_of_the_holder_gets_what_was_for_the_manager)
{
    int64_t mine = add_task(account, "owner.manager", han);

    set_ref(TEND_KIND_USER, kim, "manager", lee);
    work();
    ck_assert_int_eq(assignee(mine), lee);
    ck_assert_str_eq(text_then(&f, 0, 0, TEND_KIND_TASK, mine, "reason"),
                     "Renewal; to owner; moved from Han: Lee is the owner's manager now");
}
END_TEST

TESTS_WITH("playbook/follow", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_task_follows_the_owner_of_the_account_and_says_why);
    tcase_add_test(tcase, a_task_follows_a_dated_role_that_came_in_a_file);
    tcase_add_test(tcase, a_task_follows_on_the_day_that_a_role_begins);
    tcase_add_test(tcase, a_task_follows_the_owner_of_the_account_into_which_its_own_was_merged);
    tcase_add_test(tcase, a_task_that_a_person_was_given_by_hand_stays);
    tcase_add_test(tcase, undoing_the_change_of_a_role_brings_its_tasks_back);
    tcase_add_test(tcase, a_done_task_and_one_that_a_deputy_does_stay);
    tcase_add_test(tcase, a_new_manager_of_the_holder_gets_what_was_for_the_manager);
})
