#include "base/together.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#define HANDS_MAX 16

typedef struct shared_work {
    void (*work)(void *self, size_t part);
    void *self;
    size_t parts;
    atomic_size_t next;
} shared_work;

static void *take_parts(void *self)
{
    shared_work *shared = self;
    size_t part;

    while ((part = atomic_fetch_add(&shared->next, 1)) < shared->parts)
        shared->work(shared->self, part);
    return NULL;
}

size_t tend_together_hands(void)
{
    cpu_set_t usable;
    int count = 1;

    if (sched_getaffinity(0, sizeof usable, &usable) == 0)
        count = CPU_COUNT(&usable);
    return count < 1 ? 1 : count > HANDS_MAX ? HANDS_MAX : (size_t)count;
}

void tend_together(size_t parts, void (*work)(void *self, size_t part), void *self)
{
    shared_work shared = { .work = work, .self = self, .parts = parts };
    const size_t most = tend_together_hands(), hands = parts < most ? parts : most;
    pthread_t threads[HANDS_MAX];
    size_t count = 0;
    sigset_t all, before;

    /* Signals stay with the thread that knows what to do with them. */
    (void)sigfillset(&all);
    if (hands > 1 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0) {
        while (count + 1 < hands && pthread_create(&threads[count], NULL, take_parts, &shared) == 0)
            count++;
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    (void)take_parts(&shared);
    for (size_t i = 0; i < count; i++)
        (void)pthread_join(threads[i], NULL);
}
