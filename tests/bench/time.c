/* time.c: runs a command and writes down what it took, its children included.
 *
 *   bench_time FILE [--times N] COMMAND [ARGUMENT…]
 *
 * FILE gets one line: milliseconds by the clock, milliseconds of processor time, and the largest resident memory in KiB of one
 * process. With --times both are the mean of N runs, whose output is thrown away. The exit status is the command's last. */
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

static int run(char **command, bool is_quiet, struct rusage *ret_used)
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
    if (child < 0 || wait4(child, &status, 0, ret_used) != child) {
        perror("bench_time");
        exit(2);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    bool is_often = argc > 4 && strcmp(argv[2], "--times") == 0;
    int times = is_often ? atoi(argv[3]) : 1, status = 0;
    double begun, processor = 0;
    long largest = 0;
    FILE *file;

    if (argc < 3 || times < 1) {
        (void)fprintf(stderr, "usage: bench_time FILE [--times N] COMMAND [ARGUMENT…]\n");
        return 2;
    }
    begun = now();
    for (int i = 0; i < times && status == 0; i++) {
        struct rusage used;

        status = run(argv + (is_often ? 4 : 2), is_often, &used);
        processor += milliseconds(used.ru_utime) + milliseconds(used.ru_stime);
        largest = used.ru_maxrss > largest ? used.ru_maxrss : largest;
    }
    file = fopen(argv[1], "w");
    if (!file) {
        perror(argv[1]);
        return 2;
    }
    (void)fprintf(file, "%.3f %.3f %ld\n", (now() - begun) / times, processor / times, largest);
    (void)fclose(file);
    return status;
}
