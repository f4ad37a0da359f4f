#include "base/process.h"

#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* After the fork only calls that are safe there; a failure goes to the parent as errno through `report`. */
static _Noreturn void become(const char *const *arguments, const char *const *environment, int channel, int report, pid_t parent)
{
    sigset_t none;
    int code, nothing, moved;

    (void)setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        goto failed;
    if (getppid() != parent)
        _exit(127); /* the parent ended before we asked to be told */
    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);

    /* Out of the way of 0 to 4 first, so that nothing is overwritten before it is copied. */
    moved = fcntl(report, F_DUPFD, 10);
    if (moved < 0)
        goto failed;
    report = moved;
    channel = fcntl(channel, F_DUPFD, 10);
    nothing = open("/dev/null", O_RDONLY | O_NOCTTY);
    if (channel < 0 || nothing < 0)
        goto failed;
    if (dup2(nothing, STDIN_FILENO) < 0 || dup2(channel, 3) < 0 || dup3(report, 4, O_CLOEXEC) < 0)
        goto failed;
    report = 4;
    if (syscall(SYS_close_range, 5u, ~0u, 0u) < 0)
        goto failed;
    (void)execve(arguments[0], (char *const *)arguments, (char *const *)environment);
failed:
    code = errno;
    while (write(report, &code, sizeof code) < 0 && errno == EINTR)
        ;
    _exit(127);
}

/* 0 once the child has become the program, else the errno of what failed. */
static int read_report(int report)
{
    int code = 0;
    ssize_t got;

    do
        got = read(report, &code, sizeof code);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return 0;
    return got == (ssize_t)sizeof code ? code : EIO;
}

static void reap(pid_t pid, int *ret_status)
{
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
        ;
}

static pid_t spawn(const char *const *arguments, const char *const *environment, int channel, int *ret_code)
{
    static const char *const no_environment[] = { NULL };
    pid_t parent = getpid(), pid;
    sigset_t all, before;
    int report[2], status;

    if (pipe2(report, O_CLOEXEC) < 0) {
        *ret_code = errno;
        return -1;
    }
    /* No handler of ours may run in the child. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        become(arguments, environment ? environment : no_environment, channel, report[1], parent);
    *ret_code = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)close(report[1]);
    if (pid > 0) {
        (void)setpgid(pid, pid);
        *ret_code = read_report(report[0]);
        if (*ret_code != 0) {
            reap(pid, &status);
            pid = -1;
        }
    }
    (void)close(report[0]);
    return pid;
}

tend_status tend_process_start(const char *const *arguments, const char *const *environment, tend_process *ret_process,
                               tend_error *reterr)
{
    const char *slash = strrchr(arguments[0], '/');
    tend_process process = { 0 };
    tend_status status;
    int ends[2], code;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be started: %s", arguments[0], strerrordesc_np(errno));
    process.pid = spawn(arguments, environment, ends[1], &code);
    (void)close(ends[1]);
    if (process.pid < 0) {
        (void)close(ends[0]);
        return tend_fail(reterr, code == ENOENT ? TEND_ENOTFOUND : TEND_ERROR, "%s: cannot be started: %s", arguments[0],
                         strerrordesc_np(code));
    }
    status = tend_wire_open(ends[0], slash ? slash + 1 : arguments[0], &process.wire, reterr);
    if (status < 0) {
        tend_process_stop(&process, 0, NULL, 0);
        return status;
    }
    *ret_process = process;
    return TEND_OK;
}

static void describe(int status, char *ret_how, size_t how_room)
{
    if (!ret_how || how_room == 0)
        return;
    if (WIFEXITED(status))
        (void)snprintf(ret_how, how_room, "exited %d", WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        (void)snprintf(ret_how, how_room, "killed by signal %d (%s)", WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
    else
        (void)snprintf(ret_how, how_room, "ended with status %d", status);
}

/* True when it has ended and was reaped. */
static bool has_ended(tend_process *process, int *ret_status)
{
    pid_t got;

    do
        got = waitpid(process->pid, ret_status, WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return false;
    if (got < 0)
        *ret_status = 0; /* somebody else reaped it: there is nothing to say about how */
    return true;
}

/* A pidfd becomes readable when the process ends. */
static void wait_for_end(pid_t pid, int grace_ms)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0u);
    struct pollfd entry = { .fd = fd, .events = POLLIN };

    if (fd < 0)
        return;
    while (poll(&entry, 1, grace_ms) < 0 && errno == EINTR)
        ;
    (void)close(fd);
}

void tend_process_stop(tend_process *process, int grace_ms, char *ret_how, size_t how_room)
{
    int status = 0;

    tend_wire_close(process->wire);
    process->wire = NULL;
    if (process->pid <= 0)
        return;
    if (grace_ms > 0)
        wait_for_end(process->pid, grace_ms);
    if (!has_ended(process, &status)) {
        (void)kill(-process->pid, SIGKILL); /* its children too */
        (void)kill(process->pid, SIGKILL);
        reap(process->pid, &status);
    }
    describe(status, ret_how, how_room);
    process->pid = 0;
}

bool tend_process_alive(tend_process *process, char *ret_how, size_t how_room)
{
    int status;

    if (process->pid <= 0)
        return false;
    if (!has_ended(process, &status))
        return true;
    describe(status, ret_how, how_room);
    process->pid = 0;
    return false;
}

tend_status tend_process_find_helper(const char *name, char *ret_path, size_t room, tend_error *reterr)
{
    static const char *const places[] = { "", "/../libexec/tend", "/../bin" }; /* the last is for tests in a build folder */
    char own[PATH_MAX], folder[PATH_MAX], path[PATH_MAX + NAME_MAX];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    tend_status status;

    if (length < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be looked for: /proc/self/exe: %s", name, strerrordesc_np(errno));
    own[length] = '\0';
    status = tend_path_folder(own, folder, sizeof folder, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int written = snprintf(path, sizeof path, "%s%s/%s", folder, places[i], name);

        if (written < 0 || (size_t)written >= room || access(path, X_OK) < 0)
            continue;
        memcpy(ret_path, path, (size_t)written + 1);
        return TEND_OK;
    }
    return tend_fail(reterr, TEND_ENOTFOUND, "%s: neither beside %s nor in ../libexec/tend; install it there", name, own);
}
