/* time.c: runs a command and writes down what it took, its children included.
 *
 *   bench_time FILE COMMAND [ARGUMENT…]
 *
 * FILE gets one line: milliseconds by the clock, milliseconds of processor time, and the largest resident memory in KiB of one
 * process. The exit status is the command's. */
#include <stdio.h>
#include <stdlib.h>
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

int main(int argc, char **argv)
{
    struct rusage used;
    int status = 0;
    double begun;
    FILE *file;
    pid_t child;

    if (argc < 3) {
        (void)fprintf(stderr, "usage: bench_time FILE COMMAND [ARGUMENT…]\n");
        return 2;
    }
    begun = now();
    child = fork();
    if (child == 0) {
        (void)execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child || !(file = fopen(argv[1], "w"))) {
        perror("bench_time");
        return 2;
    }
    (void)fprintf(file, "%.3f %.3f %ld\n", now() - begun, milliseconds(used.ru_utime) + milliseconds(used.ru_stime),
                  used.ru_maxrss);
    (void)fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
