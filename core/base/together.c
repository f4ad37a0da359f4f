#include "base/together.h"
#include "base/thread.h"
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#define HANDS_MAX 16

typedef struct shared_work {
    void (*work)(void *self, size_t part);
    void *self;
    size_t parts;
    atomic_size_t next;
    size_t helpers, most; /* under the crew's lock: threads that are at it, and how many may be */
} shared_work;

/* Threads that stay: whoever was just on a processor is there again sooner than one that is made. They wait for work, and whoever
 * brings it never waits for one that has not come. One piece of work at a time; a child of fork has none of them, and makes its
 * own. */
static struct crew {
    pthread_mutex_t lock;
    pthread_cond_t has_work, is_left; /* is_left: a helper has ended its part of the work */
    shared_work *work;                /* NULL: none, or nobody is wanted any more */
    size_t size;
    bool is_busy, knows_forks;
} crew = { .lock = PTHREAD_MUTEX_INITIALIZER, .has_work = PTHREAD_COND_INITIALIZER, .is_left = PTHREAD_COND_INITIALIZER };

static void take_parts(shared_work *shared)
{
    size_t part;

    while ((part = atomic_fetch_add(&shared->next, 1)) < shared->parts)
        shared->work(shared->self, part);
}

static void *help(void *unused)
{
    (void)unused;
    (void)pthread_mutex_lock(&crew.lock);
    for (;;) {
        shared_work *shared = crew.work;

        if (!shared) {
            (void)pthread_cond_wait(&crew.has_work, &crew.lock);
            continue;
        }
        shared->helpers++;
        if (shared->helpers == shared->most)
            crew.work = NULL;
        (void)pthread_mutex_unlock(&crew.lock);
        take_parts(shared);
        (void)pthread_mutex_lock(&crew.lock);
        if (crew.work == shared) /* nothing of it is left to take */
            crew.work = NULL;
        shared->helpers--;
        (void)pthread_cond_signal(&crew.is_left);
    }
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

/* A child of fork has one thread, and it may have been made while others held the lock: it works alone. */
static void stand_alone(void)
{
    (void)pthread_mutex_init(&crew.lock, NULL);
    crew.is_busy = true;
}

/* With the lock. A thread that cannot be had is done without. */
static void hire(size_t wanted)
{
    pthread_t thread;

    if (!crew.knows_forks && pthread_atfork(NULL, NULL, stand_alone) != 0)
        return;
    crew.knows_forks = true;
    while (crew.size < wanted && tend_thread_start(&thread, help, NULL)) {
        (void)pthread_detach(thread);
        crew.size++;
    }
}

void tend_together(size_t parts, void (*work)(void *self, size_t part), void *self)
{
    shared_work shared = { .work = work, .self = self, .parts = parts };
    const size_t most = tend_together_hands(), hands = parts < most ? parts : most;
    bool has_crew = false;

    if (hands > 1) {
        (void)pthread_mutex_lock(&crew.lock);
        has_crew = !crew.is_busy;
        if (has_crew) {
            hire(hands - 1);
            shared.most = hands - 1;
            crew.is_busy = true;
            crew.work = &shared;
            (void)pthread_cond_broadcast(&crew.has_work);
        }
        (void)pthread_mutex_unlock(&crew.lock);
    }
    take_parts(&shared);
    if (!has_crew)
        return;
    (void)pthread_mutex_lock(&crew.lock);
    crew.work = NULL; /* whoever comes now comes too late */
    while (shared.helpers > 0)
        (void)pthread_cond_wait(&crew.is_left, &crew.lock);
    crew.is_busy = false;
    (void)pthread_mutex_unlock(&crew.lock);
}
