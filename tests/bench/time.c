/* time.c: runs a command and writes down what it took, its children included.
 *
 *   bench_time FILE [--times N | --anonymous] COMMAND [ARGUMENT…]
 *
 * FILE gets one line: milliseconds by the clock, milliseconds of processor time, the largest resident memory in KiB of one process,
 * and with --anonymous the most anonymous memory of all its processes together, looked at every 20 ms. With --times both times are
 * the mean of N runs, whose output is thrown away. The exit status is the command's last. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static double milliseconds(struct timeval time)
{
    return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

/* The anonymous memory of a process and of those that it started, in KiB. */
static long anonymous(pid_t process)
{
    char path[64], line[256];
    long sum = 0, one;
    FILE *file;
    int child;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "RssAnon: %ld", &one) == 1)
            sum = one;
    }
    if (file)
        (void)fclose(file);
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)process, (int)process);
    file = fopen(path, "r");
    while (file && fscanf(file, "%d", &child) == 1)
        sum += anonymous((pid_t)child);
    if (file)
        (void)fclose(file);
    return sum;
}

/* Looks every 20 ms until it has ended; `ret_most` NULL: only waits. */
static bool wait_for(pid_t child, int *ret_status, struct rusage *ret_used, long *ret_most)
{
    const struct timespec step = { .tv_nsec = 20000000 };
    pid_t ended;

    while ((ended = wait4(child, ret_status, ret_most ? WNOHANG : 0, ret_used)) == 0) {
        long memory = anonymous(child);

        *ret_most = memory > *ret_most ? memory : *ret_most;
        (void)nanosleep(&step, NULL);
    }
    return ended == child;
}

static int run(char **command, bool is_quiet, struct rusage *ret_used, long *ret_most)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        if (is_quiet && !freopen("/dev/null", "w", stdout))
            _exit(127);
        (void)execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    if (child < 0 || !wait_for(child, &status, ret_used, ret_most)) {
        perror("bench_time");
        exit(2);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    bool is_often = argc > 4 && strcmp(argv[2], "--times") == 0, is_watched = argc > 3 && strcmp(argv[2], "--anonymous") == 0;
    int times = is_often ? atoi(argv[3]) : 1, status = 0;
    double begun, processor = 0;
    long largest = 0, most = 0;
    FILE *file;

    if (argc < 3 || times < 1) {
        (void)fprintf(stderr, "usage: bench_time FILE [--times N | --anonymous] COMMAND [ARGUMENT…]\n");
        return 2;
    }
    begun = now();
    for (int i = 0; i < times && status == 0; i++) {
        struct rusage used;

        status = run(argv + (is_often ? 4 : is_watched ? 3 : 2), is_often, &used, is_watched ? &most : NULL);
        processor += milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
        largest = used.ru_maxrss > largest ? used.ru_maxrss : largest;
    }
    file = fopen(argv[1], "w");
    if (!file) {
        perror(argv[1]);
        return 2;
    }
    (void)fprintf(file, "%.3f %.3f %ld %ld\n", (now() - begun) / times, processor / times, largest, most);
    (void)fclose(file);
    return status;
}
