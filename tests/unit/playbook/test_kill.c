/* Power cuts around every commit of a run: the program starts itself again as the engine and lets a failpoint kill it. */
#include "model/filter.h"
#include "playbook/playbooks.h"
#include "store_fixture.h"
#include <sys/wait.h>

#define FOLDER "TEND_TEST_FOLDER"
#define DAY INT64_C(86400000)

static fixture f;

static void open_at(const char *folder)
{
    char path[sizeof f.folder.path];

    (void)snprintf(path, sizeof path, "%s", folder);
    memset(&f, 0, sizeof f);
    memcpy(f.folder.path, path, sizeof path);
    f.now = at("2026-03-02");
    f.arena = tend_arena_new();
    f.principal = tend_principal_administrator();
    f.origin.principal = &f.principal;
    fixture_schema(&f, NULL);
    fixture_open_again(&f);
}

static void close_all(void)
{
    fixture_close_store(&f);
    tend_schema_free(f.schema);
    tend_arena_free(f.arena);
}

/* Not a test of its own: the engine at a quarter of a year of renewals, in a process that may be killed. */
START_TEST(the_engine)
{
    static const tend_section *const sections[] = { tend_playbook_sections, tend_segment_sections, NULL };
    static const char ini[] = "[segment.key]\nwhere = name = Acme\n[segment.growth]\nwhere = seats > 1\n[playbook.renewal]\n";
    char sandbox[4096], scripts[4096];
    tend_playbook_options options = { .scripts = scripts, .sandbox = sandbox, .limits = { .grace_ms = 20000 } };
    tend_playbooks *playbooks;
    tend_segments *segments;
    tend_config *config;
    bool did;

    (void)snprintf(sandbox, sizeof sandbox, "%s/bin/tend-sandbox", getenv("TEND_BUILD"));
    /* one that reads no clock, for the engine begins anew on the first day */
    (void)snprintf(scripts, sizeof scripts, "%s/tests/data", getenv("TEND_SOURCE"));
    open_at(getenv(FOLDER));
    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &config, &f.error));
    TEST_OK(&f, tend_segments_load(config, f.schema, NULL, stderr, &segments, &f.error));
    TEST_OK(&f, tend_playbooks_open(config, f.model, segments, &options, stderr, &playbooks, &f.error));
    for (int month = 0; month < 4; month++, f.now += 30 * DAY) {
        do
            TEST_OK(&f, tend_playbooks_step(playbooks, &did, &f.error));
        while (did);
    }
    tend_playbooks_close(playbooks);
    tend_segments_free(segments);
    tend_config_free(config);
    close_all();
}
END_TEST

/* Starts this program as the engine; true when it was killed. */
static bool run_engine(const char *kill_at)
{
    int status;
    pid_t pid = fork();

    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        (void)setenv(FOLDER, f.folder.path, 1);
        if (kill_at)
            (void)setenv("TEND_KILL_AT", kill_at, 1);
        (void)execl("/proc/self/exe", "engine", (char *)NULL);
        _exit(126);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return true;
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the engine ended with %d", status);
    return false;
}

static void make_workspace(void)
{
    int64_t account;

    fixture_open(&f);
    account = add_account(&f, "Acme");
    for (int i = 0; i < 3; i++)
        (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                       .fields = { { "account", ref(account) },
                                   { "status", text("active") },
                                   { "ends_on", { .type = TEND_DATE, .integer = f.now / DAY + 60 + 20 * i } } });
    close_all();
}

/* What must be equal whenever the power went: effects, steps, outcomes, decisions. */
static char *summary(void)
{
    static const char *const questions[] = {
        ("SELECT group_concat(x, '; ') FROM (SELECT title || ' ' || contract || ' ' || count(*) AS x FROM tasks "
         "GROUP BY title, contract ORDER BY title, contract)"),
        "SELECT group_concat(x, '; ') FROM (SELECT r.row || ' ' || s.name || ' ' || s.state || ' ' || count(*) AS x FROM steps s "
        "JOIN runs r"
        " ON r.id = s.run GROUP BY r.row, s.name, s.state ORDER BY r.row, s.name)",
        "SELECT group_concat(x, '; ') FROM (SELECT row || ' ' || state || ' ' || coalesce(outcome, '-') AS x FROM runs ORDER BY "
        "row)",
        "SELECT group_concat(x, '; ') FROM (SELECT row || ' ' || what AS x FROM decisions ORDER BY row, what)",
        "SELECT count(*) || ' events of tasks' FROM events WHERE topic LIKE 'task.%'",
    };
    tend_buffer lines = { 0 };
    int64_t delivered, decided;

    open_at(f.folder.path);
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        tend_statement *statement;
        bool has_row;

        TEST_OK(&f, tend_store_prepare(f.store, questions[i], &statement, &f.error));
        TEST_OK(&f, tend_statement_step(statement, &has_row, &f.error));
        tend_buffer_print(&lines, "%s\n",
                          has_row && !tend_statement_is_null(statement, 0) ? tend_statement_text(statement, 0, NULL) : "-");
        tend_statement_end(statement);
    }
    TEST_OK(&f, tend_playbook_reconcile(f.store, NULL, &delivered, &decided, &f.error));
    ck_assert_int_eq(delivered, decided);
    close_all();
    return lines.bytes;
}

static const char *const points[] = { "run.move.before",   "run.move.after",      "bus.deliver.before",
                                      "bus.deliver.after", "store.commit.before", "store.commit.after" };

START_TEST(a_power_cut_leaves_every_effect_exactly_once)
{
    char *undisturbed, *disturbed;
    int kills = 0;

    make_workspace();
    ck_assert(!run_engine(NULL));
    undisturbed = summary();
    ck_assert_ptr_nonnull(strstr(undisturbed, "not_renewed"));
    test_folder_remove(&f.folder);
    for (int pass = 1; pass <= 4; pass += 3) {
        make_workspace();
        kills += run_engine(tend_arena_print((f.arena = tend_arena_new()), "%s:%d", points[_i], pass));
        tend_arena_free(f.arena);
        ck_assert(!run_engine(NULL));
        disturbed = summary();
        ck_assert_str_eq(disturbed, undisturbed);
        free(disturbed);
        test_folder_remove(&f.folder);
    }
    ck_assert_int_ge(kills, 1);
    free(undisturbed);
}
END_TEST

int main(void)
{
    bool is_engine = getenv(FOLDER) != NULL;
    TCase *tcase = tcase_create("kill");
    Suite *suite = suite_create("playbook/kill");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 110);
    if (is_engine)
        tcase_add_test(tcase, the_engine);
    else
        tcase_add_loop_test(tcase, a_power_cut_leaves_every_effect_exactly_once, 0, (int)(sizeof points / sizeof *points));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    if (is_engine)
        srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, is_engine ? CK_MINIMAL : CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
