#include "base/failpoint.h"
#include "tests.h"
#include <sys/wait.h>
#include <unistd.h>

/* Runs ourselves again with the wish; exit status is the number of passes that were survived. */
static int run_with(const char *wish)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        if (wish)
            setenv("TEND_KILL_AT", wish, 1);
        else
            unsetenv("TEND_KILL_AT");
        setenv("FAILPOINT_CHILD", "1", 1);
        execl("/proc/self/exe", "test_failpoint", (char *)NULL);
        _exit(99);
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void act_as_child(void)
{
    if (!getenv("FAILPOINT_CHILD"))
        return;
    unsetenv("FAILPOINT_CHILD");
    for (int i = 0; i < 3; i++) {
        tend_failpoint("store.commit.before");
        tend_failpoint("store.commit.after");
    }
    _exit(3);
}

START_TEST(the_process_dies_only_at_the_pass_that_was_named)
{
    ck_assert_int_eq(run_with(NULL), 3);
    ck_assert_int_eq(run_with(""), 3);
    ck_assert_int_eq(run_with("store.commit.before"), -9);
    ck_assert_int_eq(run_with("store.commit.before:3"), -9);
    ck_assert_int_eq(run_with("store.commit.before:4"), 3);
    ck_assert_int_eq(run_with("store.commit"), 3);
    ck_assert_int_eq(run_with("sync.chunk.before"), 3);
}
END_TEST

START_TEST(names_are_listed_once)
{
    const char *const *names = tend_failpoint_names();

    ck_assert_ptr_nonnull(names[0]);
    for (size_t i = 0; names[i]; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(names[i], names[j]);
}
END_TEST

TESTS_WITH("base/failpoint", {
    act_as_child();
    tcase_add_test(tcase, the_process_dies_only_at_the_pass_that_was_named);
    tcase_add_test(tcase, names_are_listed_once);
})
