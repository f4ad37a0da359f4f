/* The process is ended by SIGKILL at each failpoint of the store, as this program run again with TEND_KILL_AT; then the store
 * is opened here: what was acknowledged is there, what was not is whole or absent. */
#include "folder.h"
#include "store/store.h"
#include "tests.h"
#include <fcntl.h>
#include <sys/wait.h>

static test_folder folder;
static tend_error error;

static void set_up(void)
{
    test_folder_make(&folder);
}

static void tear_down(void)
{
    test_folder_remove(&folder);
}

#define WORK_ENDLESS 1000000

/* Commits pairs of rows and writes each acknowledged number to standard output; then a copy. */
static int work(const char *path, int transactions)
{
    tend_store *store = NULL;
    char sql[128], copy[600];

    if (tend_store_open(path, TEND_STORE_CREATE, &store, &error) < 0)
        return 1;
    if (tend_store_run(store, "CREATE TABLE IF NOT EXISTS t (n INTEGER)", &error) < 0)
        return 2;
    for (int i = 1; i <= transactions; i++) {
        (void)snprintf(sql, sizeof sql, "INSERT INTO t VALUES (%d); INSERT INTO t VALUES (%d)", i, i);
        if (tend_store_begin(store, &error) < 0 || tend_store_run(store, sql, &error) < 0 || tend_store_commit(store, &error) < 0)
            return 3;
        if (write(STDOUT_FILENO, &i, sizeof i) != (ssize_t)sizeof i)
            return 4;
    }
    (void)snprintf(copy, sizeof copy, "%s.copy", path);
    if (tend_store_copy(store, copy, true, &error) < 0)
        return 5;
    tend_store_close(store);
    return 0;
}

/* Runs the work in another process, killed at `failpoint` (or after kill_us when NULL); the last number it acknowledged. */
static int killed_work(const char *path, const char *failpoint, unsigned kill_us)
{
    char transactions[16];
    int pipe_fds[2], last = 0, how = 0;
    pid_t child;

    (void)snprintf(transactions, sizeof transactions, "%d", failpoint ? 5 : WORK_ENDLESS);
    ck_assert_int_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (failpoint)
            (void)setenv("TEND_KILL_AT", failpoint, 1);
        (void)dup2(pipe_fds[1], STDOUT_FILENO);
        (void)execl("/proc/self/exe", "test_crash", path, transactions, (char *)NULL);
        _exit(127);
    }
    (void)close(pipe_fds[1]);
    if (!failpoint) {
        ck_assert_int_eq(read(pipe_fds[0], &last, sizeof last), sizeof last); /* it is at work */
        (void)usleep(kill_us);
        (void)kill(child, SIGKILL);
    }
    for (int number; read(pipe_fds[0], &number, sizeof number) == (ssize_t)sizeof number;)
        last = number;
    (void)close(pipe_fds[0]);
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_msg(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL, "%s: ended otherwise: %x", failpoint ? failpoint : "-", how);
    return last;
}

static int64_t number(const char *path, const char *sql)
{
    tend_store *store = NULL;
    int64_t value = -1;

    ck_assert_msg(tend_store_open(path, TEND_STORE_WRITE, &store, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_check(store, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_number(store, sql, 0, &value, &error) >= 0, "%s", error.text);
    tend_store_close(store);
    return value;
}

START_TEST(before_a_commit_nothing_of_it_is_kept)
{
    const char *path = test_folder_path(&folder, "a.db");

    ck_assert_int_eq(killed_work(path, "store.commit.before:3", 0), 2);
    ck_assert_int_eq(number(path, "SELECT count(*) FROM t"), 4);
}
END_TEST

START_TEST(after_a_commit_all_of_it_is_kept)
{
    const char *path = test_folder_path(&folder, "a.db");

    ck_assert_int_eq(killed_work(path, "store.commit.after:3", 0), 2);
    ck_assert_int_eq(number(path, "SELECT count(*) FROM t"), 6);
}
END_TEST

START_TEST(a_copy_that_was_not_finished_does_not_exist)
{
    const char *path = test_folder_path(&folder, "a.db"), *copy = test_folder_path(&folder, "a.db.copy");
    tend_store *store = NULL;

    ck_assert_int_eq(killed_work(path, "backup.copied", 0), 5);
    ck_assert_int_ne(access(copy, F_OK), 0);
    ck_assert_int_eq(number(path, "SELECT count(*) FROM t"), 10);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_READ, &store, &error), 0);
    ck_assert_msg(tend_store_copy(store, copy, true, &error) >= 0, "%s", error.text);
    tend_store_close(store);
    ck_assert_int_eq(number(copy, "SELECT count(*) FROM t"), 10);
}
END_TEST

START_TEST(killed_at_any_time_what_was_acknowledged_is_there_and_nothing_is_half)
{
    const char *path = test_folder_path(&folder, "a.db");
    const int acknowledged = killed_work(path, NULL, 1000 + 7919u * (unsigned)_i % 20000);

    ck_assert_int_ge(acknowledged, 1);
    ck_assert_int_ge(number(path, "SELECT max(n) FROM t"), acknowledged);
    ck_assert_int_le(number(path, "SELECT max(n) FROM t"), acknowledged + 1);
    ck_assert_int_eq(number(path, "SELECT count(*) FROM (SELECT n FROM t GROUP BY n HAVING count(*) <> 2)"), 0);
    ck_assert_int_eq(number(path, "SELECT count(*) - 2 * max(n) FROM t"), 0);
}
END_TEST

static Suite *tests(void)
{
    Suite *suite = suite_create("store/crash");
    TCase *tcase = tcase_create("store/crash");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, before_a_commit_nothing_of_it_is_kept);
    tcase_add_test(tcase, after_a_commit_all_of_it_is_kept);
    tcase_add_test(tcase, a_copy_that_was_not_finished_does_not_exist);
    tcase_add_loop_test(tcase, killed_at_any_time_what_was_acknowledged_is_there_and_nothing_is_half, 0, 20);
    suite_add_tcase(suite, tcase);
    return suite;
}

/* With two arguments this is the process that killed_work ends. */
int main(int count, char **arguments)
{
    SRunner *runner;
    int failed;

    if (count == 3)
        return work(arguments[1], atoi(arguments[2]));
    runner = srunner_create(tests());
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
