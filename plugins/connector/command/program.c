#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_MS 200
#define GRACE_MS 1000 /* for what a program that has ended leaves behind */
#define MESSAGE_MAX ((size_t)1000)
#define READ_STEP ((size_t)64 << 10)

static int64_t clock_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void limit_self(const program_start *start)
{
    const rlim_t seconds = (rlim_t)(start->timeout_ms / 1000 + 1), memory = (rlim_t)start->memory_bytes;

    (void)setrlimit(RLIMIT_CPU, &(struct rlimit){ seconds, seconds + 1 });
    if (memory > 0)
        (void)setrlimit(RLIMIT_AS, &(struct rlimit){ memory, memory });
}

/* After the fork only calls that are safe there; a failure goes to the parent as errno through `report`. */
static _Noreturn void become(const program_start *start, int output, int messages, int report)
{
    sigset_t none;
    int code, nothing = open("/dev/null", O_RDONLY);

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(messages, 2) < 0)
        goto failed;
    (void)syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
    if (start->bookmark_fd >= 0 && fcntl(start->bookmark_fd, F_SETFD, 0) < 0)
        goto failed;
    if (chdir(start->directory ? start->directory : "/") < 0)
        goto failed;
    limit_self(start);
    (void)execve(start->path, (char *const *)(uintptr_t)start->arguments, (char *const *)(uintptr_t)start->environment);
failed:
    code = errno;
    (void)!write(report, &code, sizeof code);
    _exit(127);
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            (void)close(pair[i]);
}

tend_status program_begin(program_run *program, const tend_host *host, const program_start *start, tend_error *reterr)
{
    int output[2] = { -1, -1 }, messages[2] = { -1, -1 }, report[2] = { -1, -1 }, code = 0;
    tend_status status = TEND_OK;

    memset(program, 0, sizeof *program);
    program->host = host;
    program->path = start->path;
    program->output = program->messages = -1;
    program->timeout_ms = start->timeout_ms;
    program->deadline_ms = clock_ms() + start->timeout_ms;
    if (pipe2(output, O_CLOEXEC) < 0 || pipe2(messages, O_CLOEXEC) < 0 || pipe2(report, O_CLOEXEC) < 0) {
        status = tend_fail(reterr, TEND_EIO, "program %s cannot be started: %s", start->path, strerror(errno));
        goto out;
    }
    program->pid = fork();
    if (program->pid == 0)
        become(start, output[1], messages[1], report[1]);
    if (program->pid < 0) {
        program->pid = 0;
        status = tend_fail(reterr, TEND_EIO, "program %s cannot be started: %s", start->path, strerror(errno));
        goto out;
    }
    (void)close(report[1]);
    report[1] = -1;
    if (read(report[0], &code, sizeof code) == (ssize_t)sizeof code) {
        (void)waitpid(program->pid, NULL, 0);
        program->pid = 0;
        status = tend_fail(reterr, code == ENOENT ? TEND_ENOTFOUND : TEND_EINVAL, "program %s cannot be started: %s", start->path,
                           strerror(code));
        goto out;
    }
    program->output = output[0];
    program->messages = messages[0];
    output[0] = messages[0] = -1;
    (void)fcntl(program->output, F_SETFL, O_NONBLOCK);
    (void)fcntl(program->messages, F_SETFL, O_NONBLOCK);
out:
    close_pair(output);
    close_pair(messages);
    close_pair(report);
    return status;
}

/* Keeps at most `most` bytes of a line. */
static bool extend(program_line *line, const char *bytes, size_t length, size_t most)
{
    if (line->is_too_long || line->length + length > most) {
        line->is_too_long = true;
        length = line->length < most ? most - line->length : 0;
    }
    if (line->length + length + 1 > line->room) {
        size_t room = line->room ? line->room : 4096;
        char *larger;

        while (room < line->length + length + 1)
            room *= 2;
        larger = realloc(line->bytes, room);
        if (!larger)
            return false;
        line->bytes = larger;
        line->room = room;
    }
    memcpy(line->bytes + line->length, bytes, length);
    line->length += length;
    line->bytes[line->length] = '\0';
    return true;
}

typedef tend_status (*take_line)(void *self, const char *line, size_t length, bool is_too_long);

static tend_status finish_line(program_line *line, take_line take, void *self)
{
    tend_status status = take(self, line->bytes ? line->bytes : "", line->length, line->is_too_long);

    line->length = 0;
    line->is_too_long = false;
    return status;
}

/* What is there now of one pipe, cut into lines. Closes it at its end. */
static tend_status read_pipe(int *fd, program_line *line, size_t most, take_line take, void *self)
{
    char bytes[READ_STEP];
    ssize_t got = read(*fd, bytes, sizeof bytes);
    tend_status status = TEND_OK;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return TEND_OK;
    if (got <= 0) {
        (void)close(*fd);
        *fd = -1;
        return line->length > 0 || line->is_too_long ? finish_line(line, take, self) : TEND_OK;
    }
    for (const char *at = bytes, *end = bytes + got; at < end && status >= 0;) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));

        if (!extend(line, at, (size_t)((feed ? feed : end) - at), most))
            return TEND_ENOMEM;
        if (feed)
            status = finish_line(line, take, self);
        at = feed ? feed + 1 : end;
    }
    return status;
}

static tend_status log_line(void *self, const char *line, size_t length, bool is_too_long)
{
    program_run *program = self;

    (void)is_too_long;
    if (length > 0)
        program->host->log(program->host, TEND_LEVEL_WARN, line);
    return TEND_OK;
}

/* Not reaped yet: its group keeps its number until we have ended the rest of it. */
static void look_whether_it_ended(program_run *program)
{
    siginfo_t about = { 0 };

    if (!program->has_ended && waitid(P_PID, (id_t)program->pid, &about, WEXITED | WNOHANG | WNOWAIT) == 0 && about.si_pid != 0) {
        program->has_ended = true;
        program->ended_ms = clock_ms();
    }
}

tend_status program_read(program_run *program, take_line take, void *self, tend_error *reterr)
{
    while (program->output >= 0) {
        struct pollfd pipes[2] = { { program->output, POLLIN, 0 }, { program->messages, POLLIN, 0 } };
        tend_status status = TEND_OK;
        int64_t now;

        (void)poll(pipes, 2, LOOK_EVERY_MS);
        if (program->messages >= 0 && pipes[1].revents)
            status = read_pipe(&program->messages, &program->message, MESSAGE_MAX, log_line, program);
        if (status == TEND_OK && pipes[0].revents)
            status = read_pipe(&program->output, &program->line, PROGRAM_LINE_MAX, take, self);
        if (status == TEND_ENOMEM)
            return tend_fail(reterr, TEND_ENOMEM, "program %s: no memory for a line of its output", program->path);
        if (status < 0)
            return status;
        if (program->host->is_cancelled(program->host))
            return tend_fail(reterr, TEND_ELIMIT, "program %s was told to stop", program->path);
        look_whether_it_ended(program);
        now = clock_ms();
        if (now >= program->deadline_ms)
            return tend_fail(reterr, TEND_ELIMIT, "program %s did not end within %lld s; it was stopped", program->path,
                             (long long)(program->timeout_ms / 1000));
        if (program->has_ended && !pipes[0].revents && now - program->ended_ms > GRACE_MS)
            break; /* something it started still holds the pipe */
    }
    return TEND_OK;
}

/* What it has said so far on its way out. */
static void drain_messages(program_run *program)
{
    for (int i = 0; program->messages >= 0 && i < 16; i++) {
        struct pollfd pipe = { program->messages, POLLIN, 0 };

        if (poll(&pipe, 1, 0) <= 0 || read_pipe(&program->messages, &program->message, MESSAGE_MAX, log_line, program) < 0)
            break;
    }
}

tend_status program_end(program_run *program, uint64_t records, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (program->pid > 0) {
        /* With its output closed a program has a moment to leave by itself. */
        for (int i = 0; program->output < 0 && !program->has_ended && i < GRACE_MS / 10; i++) {
            look_whether_it_ended(program);
            if (!program->has_ended)
                (void)usleep(10000);
        }
        (void)kill(-program->pid, SIGKILL);
        while (waitpid(program->pid, &program->status, 0) < 0 && errno == EINTR)
            ;
        drain_messages(program);
        if (WIFSIGNALED(program->status))
            status = tend_fail(reterr, TEND_ERROR, "program %s was killed by signal %d (%s) after %llu records", program->path,
                               WTERMSIG(program->status), strsignal(WTERMSIG(program->status)), (unsigned long long)records);
        else if (WEXITSTATUS(program->status) != 0)
            status =
                tend_fail(reterr, TEND_ERROR, "program %s ended with exit status %d after %llu records; see its messages above",
                          program->path, WEXITSTATUS(program->status), (unsigned long long)records);
    }
    if (program->output >= 0)
        (void)close(program->output);
    if (program->messages >= 0)
        (void)close(program->messages);
    free(program->line.bytes);
    free(program->message.bytes);
    program->pid = 0;
    return status;
}
