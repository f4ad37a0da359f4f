#include "base/process.h"
#include "tests.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static tend_error error;
static char how[96];

/* A shell whose script talks over its fd 3. */
static tend_process start_script(const char *script, const char *const *environment)
{
    const char *arguments[] = { "/bin/sh", "-c", script, NULL };
    tend_process process;

    ck_assert_msg(tend_process_start(arguments, environment, &process, &error) == TEND_OK, "%s", error.text);
    return process;
}

/* All that the child writes until it closes its end. */
static void read_all(tend_process *process, char *text, size_t room)
{
    size_t length = 0;
    ssize_t got;

    while ((got = recv(tend_wire_fd(process->wire), text + length, room - 1 - length, 0)) > 0)
        length += (size_t)got;
    text[length] = '\0';
}

START_TEST(the_child_has_four_files_and_no_more)
{
    /* Open ones that the child must not see, without close-on-exec. */
    int leak = open("/dev/null", O_RDONLY), high = fcntl(leak, F_DUPFD, 200);
    const char *arguments[] = { "/bin/sh", "-c", "readlink /proc/self/fd/0 >&3; exec ls /proc/self/fd >&3", NULL };
    const char *environment[] = { "PATH=/usr/bin:/bin", NULL };
    tend_process process;
    char text[256];

    ck_assert_int_eq(tend_process_start(arguments, environment, &process, &error), TEND_OK);
    read_all(&process, text, sizeof text);
    ck_assert_str_eq(text, "/dev/null\n0\n1\n2\n3\n4\n"); /* 4 is the folder that ls reads */
    tend_process_stop(&process, 1000, how, sizeof how);
    ck_assert_str_eq(how, "exited 0");
    ck_assert_int_eq(process.pid, 0);
    close(leak);
    close(high);
}
END_TEST

START_TEST(the_environment_is_only_what_was_given)
{
    const char *environment[] = { "TEND_A=1", "TEND_B=two words", NULL };
    tend_process process;
    char text[512];

    setenv("SECRET", "must not be seen", 1);
    process = start_script("/bin/cat /proc/$$/environ | /usr/bin/tr '\\0' '\\n' >&3", NULL);
    read_all(&process, text, sizeof text);
    tend_process_stop(&process, 1000, NULL, 0);
    ck_assert_str_eq(text, "");
    process = start_script("/bin/cat /proc/$$/environ | /usr/bin/tr '\\0' '\\n' >&3", environment);
    read_all(&process, text, sizeof text);
    tend_process_stop(&process, 1000, NULL, 0);
    ck_assert_str_eq(text, "TEND_A=1\nTEND_B=two words\n");
}
END_TEST

START_TEST(frames_travel_both_ways)
{
    const char *arguments[] = { "/bin/sh", "-c", "exec /bin/cat <&3 >&3", NULL };
    tend_process process;
    uint16_t type;

    ck_assert_int_eq(tend_process_start(arguments, NULL, &process, &error), TEND_OK);
    tend_wire_start(process.wire, 12);
    tend_wire_put_string(process.wire, "echo");
    ck_assert_int_eq(tend_wire_send(process.wire, -1, &error), TEND_OK);
    ck_assert_int_eq(tend_wire_receive(process.wire, 5000, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, 12);
    ck_assert_str_eq(tend_wire_get_text(process.wire, NULL), "echo");
    ck_assert(tend_process_alive(&process, how, sizeof how));
    tend_process_stop(&process, 5000, how, sizeof how);
    ck_assert_str_eq(how, "exited 0");
}
END_TEST

START_TEST(how_it_ended_is_said_in_words)
{
    static const struct {
        const char *script, *how;
    } ends[] = {
        { "exit 7", "exited 7" },
        { "kill -SEGV $$", "killed by signal 11 (Segmentation fault)" },
        { "kill -9 $$", "killed by signal 9 (Killed)" },
    };
    tend_process process = start_script(ends[_i].script, NULL);
    uint16_t type;

    ck_assert_int_eq(tend_wire_receive(process.wire, 5000, &type, NULL, &error), TEND_ECLOSED);
    ck_assert_str_eq(error.text, "sh: it has ended");
    tend_process_stop(&process, 5000, how, sizeof how);
    ck_assert_str_eq(how, ends[_i].how);
    ck_assert(!tend_process_alive(&process, how, sizeof how));
}
END_TEST

START_TEST(one_that_will_not_leave_is_killed_with_its_children)
{
    tend_process process =
        start_script("trap '' TERM HUP; (trap '' TERM HUP; while :; do sleep 100; done) & echo $! >&3; wait; sleep 100", NULL);
    char text[32] = { 0 };
    pid_t child;

    ck_assert_int_gt(recv(tend_wire_fd(process.wire), text, sizeof text - 1, 0), 0);
    child = (pid_t)atoi(text);
    ck_assert_int_gt(child, 1);
    tend_process_stop(&process, 10, how, sizeof how);
    ck_assert_str_eq(how, "killed by signal 9 (Killed)");
    for (int i = 0; i < 2000 && kill(child, 0) == 0; i++) {
        char path[64], state[256] = { 0 };
        int fd;

        /* Dead, though perhaps not yet reaped by whoever inherited it. */
        snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
        fd = open(path, O_RDONLY);
        if (fd < 0)
            return;
        ck_assert_int_ge(read(fd, state, sizeof state - 1), 0);
        close(fd);
        if (strstr(state, ") Z"))
            return;
        usleep(1000);
    }
    ck_assert_int_eq(kill(child, 0), -1);
}
END_TEST

START_TEST(a_program_that_cannot_start_is_told_at_once)
{
    const char *missing[] = { "/nowhere/tend-host", NULL }, *text[] = { "/etc/passwd", NULL };
    tend_process process = { 0 };

    ck_assert_int_eq(tend_process_start(missing, NULL, &process, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text, "/nowhere/tend-host: cannot be started: No such file or directory");
    ck_assert_int_eq(tend_process_start(text, NULL, &process, &error), TEND_ERROR);
    ck_assert_str_eq(error.text, "/etc/passwd: cannot be started: Permission denied");
    ck_assert_int_eq(process.pid, 0);
}
END_TEST

START_TEST(alive_reaps_what_has_ended)
{
    tend_process process = start_script("exit 3", NULL);
    uint16_t type;

    ck_assert_int_eq(tend_wire_receive(process.wire, 5000, &type, NULL, &error), TEND_ECLOSED);
    while (tend_process_alive(&process, how, sizeof how))
        usleep(1000);
    ck_assert_str_eq(how, "exited 3");
    tend_process_stop(&process, 0, NULL, 0);
}
END_TEST

START_TEST(a_helper_is_found_beside_us_or_named)
{
    char path[4096];

    ck_assert_int_eq(tend_process_find_helper("unit_base_test_process", path, sizeof path, &error), TEND_OK);
    ck_assert_int_eq(access(path, X_OK), 0);
    ck_assert_int_eq(tend_process_find_helper("tend-nobody", path, sizeof path, &error), TEND_ENOTFOUND);
    ck_assert_ptr_nonnull(strstr(error.text, "tend-nobody: neither beside /"));
    ck_assert_ptr_nonnull(strstr(error.text, " nor in ../libexec/tend; install it there"));
}
END_TEST

TESTS_WITH("base/process", {
    tcase_add_test(tcase, the_child_has_four_files_and_no_more);
    tcase_add_test(tcase, the_environment_is_only_what_was_given);
    tcase_add_test(tcase, frames_travel_both_ways);
    tcase_add_loop_test(tcase, how_it_ended_is_said_in_words, 0, 3);
    tcase_add_test(tcase, one_that_will_not_leave_is_killed_with_its_children);
    tcase_add_test(tcase, a_program_that_cannot_start_is_told_at_once);
    tcase_add_test(tcase, alive_reaps_what_has_ended);
    tcase_add_test(tcase, a_helper_is_found_beside_us_or_named);
})
