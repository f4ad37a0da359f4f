/* An import killed at each of its failpoints, as this program run again with TEND_KILL_AT; then the same import again, or the
 * engine's start, ends it: the store holds what an undisturbed import makes, and nothing twice. */
#include "sync_fixture.h"
#include <signal.h>
#include <sys/wait.h>

static sync_fixture s;

static void set_up(void)
{
    sync_fixture_open(&s);
}

static void tear_down(void)
{
    sync_fixture_close(&s);
}

static const char mapping[] =
    "[mapping]\nsource = demo\n"
    "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
    "[fields.accounts]\nname = name\nparent = parent -> account\nowner = owner -> user.name, else create\n"
    "[stream.contacts]\nfile = contacts.csv\nkind = contact\nkey = id\n"
    "[fields.contacts]\naccount = account -> account\nname = name\n";

/* Records that are known by their bytes when they come again. */
static const char plain[] = "[mapping]\nsource = demo\n"
                            "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                            "[fields.accounts]\nname = name\n";

#define ACCOUNTS 60
#define CONTACTS 90

static const char *account = "Account";

static void write_files(test_folder *folder, const char **ret_files)
{
    tend_buffer text = { 0 };

    tend_buffer_text(&text, "id,name,parent,owner\n");
    for (int i = 0; i < ACCOUNTS; i++) {
        if (i % 7 == 0)
            tend_buffer_print(&text, "A%d,%s %d,,Owner %d\n", i, account, i, i % 5);
        else
            tend_buffer_print(&text, "A%d,%s %d,A%d,Owner %d\n", i, account, i, i - i % 7, i % 5);
    }
    ret_files[0] = test_folder_write_text(folder, "accounts.csv", tend_buffer_string(&text));
    tend_buffer_reset(&text);
    tend_buffer_text(&text, "id,name,account\n");
    for (int i = 0; i < CONTACTS; i++)
        tend_buffer_print(&text, "C%d,Contact %d,A%d\n", i, i, i % ACCOUNTS);
    ret_files[1] = test_folder_write_text(folder, "contacts.csv", tend_buffer_string(&text));
    tend_buffer_clear(&text);
}

/* The child's work: the files stand in the folder already. A test of its own, because the fixture asserts. */
START_TEST(the_child_imports)
{
    const char *folder = getenv("TEND_TEST_FOLDER");
    const char *files[2];

    memset(&s, 0, sizeof s);
    s.f.now = at("2026-03-02");
    (void)snprintf(s.f.folder.path, sizeof s.f.folder.path, "%s", folder);
    s.f.arena = tend_arena_new();
    s.f.principal = tend_principal_administrator();
    fixture_schema(&s.f, NULL);
    fixture_open_again(&s.f);
    sync_fixture_plugins(&s);
    (void)snprintf(s.spool, sizeof s.spool, "%s/spool", folder);
    s.options =
        (tend_import_options){ .spool_folder = s.spool, .principal = &s.f.principal, .chunk = getenv("TEND_TEST_PLAIN") ? 20 : 40 };
    use_mapping_text(&s, getenv("TEND_TEST_PLAIN") ? plain : mapping);
    files[0] = test_folder_path(&s.f.folder, "accounts.csv");
    files[1] = test_folder_path(&s.f.folder, "contacts.csv");
    import_files(&s, files, getenv("TEND_TEST_PLAIN") ? 1 : 2);
}
END_TEST

static void killed_import(const char *failpoint, bool is_plain)
{
    int how = 0;
    pid_t child;

    fixture_close_store(&s.f);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)setenv("TEND_KILL_AT", failpoint, 1);
        if (is_plain)
            (void)setenv("TEND_TEST_PLAIN", "1", 1);
        (void)setenv("TEND_TEST_FOLDER", s.f.folder.path, 1);
        (void)execl("/proc/self/exe", "test_cut_off", "work", (char *)NULL);
        _exit(127);
    }
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_msg(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL, "%s: ended otherwise: %x", failpoint, how);
    fixture_open_again(&s.f);
}

static void check_store(void)
{
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), ACCOUNTS);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM users"), 5);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM contacts"), CONTACTS);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE parent IS NULL"), 9);
    ck_assert_int_eq(sql_number(&s,
                                "SELECT count(*) FROM accounts a JOIN accounts p ON p.id=a.parent WHERE a.name='Account 20' AND "
                                "p.name='Account 14'"),
                     1);
    ck_assert_int_eq(sql_number(&s,
                                "SELECT count(*) FROM contacts c JOIN accounts a ON a.id=c.account WHERE c.name='Contact 61' AND "
                                "a.name='Account 1'"),
                     1);
    ck_assert_int_eq(sql_number(&s, "SELECT sum(last - first + 1) FROM events WHERE topic='contact.created'"), CONTACTS);
    ck_assert_int_eq(access(s.spool, F_OK), 0);
}

/* Passed on the way: chunks of 40 out of 155 rows. */
static const char *const places[] = { "sync.spool.done",     "sync.chunk.before",  "sync.chunk.before:2",
                                      "sync.chunk.before:4", "sync.chunk.after",   "sync.chunk.after:3",
                                      "sync.chunk.after:4",  "sync.report.before", "store.commit.after:3" };
#define PLACES (int)(sizeof places / sizeof places[0])

START_TEST(the_same_import_goes_on_where_it_was_killed)
{
    const char *files[2];
    bool was_done = strcmp(places[_i], "sync.chunk.after:4") == 0 || strcmp(places[_i], "sync.report.before") == 0;

    use_mapping_text(&s, mapping);
    write_files(&s.f.folder, files);
    s.options.chunk = 40;
    s.options.reject_folder = NULL;
    killed_import(places[_i], false);
    import_files(&s, files, 2);
    check_store();
    ck_assert_int_eq(s.report->read, ACCOUNTS + CONTACTS);
    if (!was_done) /* otherwise the last chunk was in, and the second import found nothing new */
        ck_assert_int_eq(s.report->created, ACCOUNTS + CONTACTS);
    else
        ck_assert_int_eq(s.report->unchanged, ACCOUNTS + CONTACTS);
}
END_TEST

START_TEST(the_next_start_ends_what_was_killed)
{
    const char *files[2];

    if (strcmp(places[_i], "store.commit.after:3") == 0)
        return; /* before the spool is done: nothing to end */
    use_mapping_text(&s, mapping);
    write_files(&s.f.folder, files);
    killed_import(places[_i], false);
    s.options.chunk = 40;
    TEST_OK(&s.f, tend_import_finish(s.f.model, &s.options, s.f.arena, NULL, NULL, &s.f.error));
    check_store();
}
END_TEST

/* A power cut, or a restore, takes back what an import changed: then nothing is relied on that it touched. */
START_TEST(what_was_remembered_holds_for_nothing_behind_a_kill)
{
    static const char *const besides[] = { "a.db-wal", "a.db-shm" };
    const char *files[2];

    use_mapping_text(&s, plain);
    write_files(&s.f.folder, files);
    s.options.chunk = 20;
    import_files(&s, files, 1);
    write_files(&s.f.folder, files);
    import_files(&s, files, 1);
    ck_assert_int_eq(s.report->repeated, ACCOUNTS);
    TEST_OK(&s.f, tend_store_copy(s.f.store, test_folder_path(&s.f.folder, "before.db"), false, &s.f.error));
    account = "Changed";
    write_files(&s.f.folder, files);
    account = "Account";
    killed_import("sync.chunk.after", true);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name LIKE 'Changed%'"), 20);

    fixture_close_store(&s.f);
    for (size_t i = 0; i < sizeof besides / sizeof *besides; i++)
        (void)unlink(test_folder_path(&s.f.folder, besides[i]));
    ck_assert_int_eq(rename(test_folder_path(&s.f.folder, "before.db"), test_folder_path(&s.f.folder, "a.db")), 0);
    fixture_open_again(&s.f);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name LIKE 'Account%'"), ACCOUNTS);
    write_files(&s.f.folder, files);
    import_files(&s, files, 1);
    ck_assert_int_eq(s.report->repeated, 0);
    ck_assert_int_eq(s.report->unchanged, ACCOUNTS);
    write_files(&s.f.folder, files);
    import_files(&s, files, 1);
    ck_assert_int_eq(s.report->repeated, ACCOUNTS); /* learned anew */
}
END_TEST

int main(int argc, char **argv)
{
    Suite *suite;
    TCase *tcase;
    SRunner *runner;
    int failed;

    bool is_child = argc > 1 && strcmp(argv[1], "work") == 0;

    suite = suite_create("sync/cut_off");
    tcase = tcase_create("sync/cut_off");
    tcase_set_timeout(tcase, 60);
    if (is_child) {
        tcase_add_test(tcase, the_child_imports);
    } else {
        tcase_add_checked_fixture(tcase, set_up, tear_down);
        tcase_add_loop_test(tcase, the_same_import_goes_on_where_it_was_killed, 0, PLACES);
        tcase_add_loop_test(tcase, the_next_start_ends_what_was_killed, 0, PLACES);
        tcase_add_test(tcase, what_was_remembered_holds_for_nothing_behind_a_kill);
    }
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    if (is_child)
        srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, is_child ? CK_SILENT : CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
