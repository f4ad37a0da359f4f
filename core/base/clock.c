#include "base/clock.h"

#include <time.h>

static tend_time read_system(void *self)
{
    struct timespec now;

    (void)self;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (tend_time)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

tend_clock tend_clock_system(void)
{
    return (tend_clock){ .now = read_system };
}

static tend_time read_by_hand(void *self)
{
    return *(const tend_time *)self;
}

tend_clock tend_clock_by_hand(const tend_time *at)
{
    /* read_by_hand only reads through it; the owner is the one who moves it. */
    return (tend_clock){ .now = read_by_hand, .self = (void *)(uintptr_t)at };
}

tend_time tend_clock_now(const tend_clock *clock)
{
    return clock->now(clock->self);
}
