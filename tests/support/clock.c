/* clock.c: preloaded into a program, it makes the world's time stand still at $TEND_TEST_TIME (seconds since 1970, UTC). What a
 * test compares is then the same to the last timestamp, and a day passes when the test says so. Monotonic time, which timeouts use,
 * goes on. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *ret_time)
{
    static int (*real)(clockid_t, struct timespec *);
    const char *wanted = id == CLOCK_REALTIME ? getenv("TEND_TEST_TIME") : NULL;
    void *found;

    if (wanted) {
        *ret_time = (struct timespec){ .tv_sec = (time_t)strtoll(wanted, NULL, 10) };
        return 0;
    }
    if (!real) {
        found = dlsym(RTLD_NEXT, "clock_gettime");
        memcpy(&real, &found, sizeof real);
    }
    return real(id, ret_time);
}
