#include "base/spin.h"

#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#define MOST_US 50

static atomic_int processors; /* 0: not asked yet */

void tend_spin_prepare(void)
{
    cpu_set_t set;

    if (atomic_load_explicit(&processors, memory_order_relaxed) == 0)
        atomic_store_explicit(&processors, sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1, memory_order_relaxed);
}

bool tend_spin_again(tend_spin *spin)
{
    struct timespec now;
    int64_t now_us;

    if (atomic_load_explicit(&processors, memory_order_relaxed) < 2)
        return false;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (spin->until_us == 0)
        spin->until_us = now_us + MOST_US;
    if (now_us >= spin->until_us)
        return false;
    (void)sched_yield();
    return true;
}
