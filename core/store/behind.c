/* behind.c: inserts of many rows go on in a thread of its own, while the caller makes the next rows ready.
 *
 * The connection belongs to one thread at a time: it is handed over with the first insert, a few more may queue up behind it, and
 * whatever else is asked of the store waits until it is back (tend_store_own). So nobody sees a store in which a part of an insert
 * is done. */
#include "base/thread.h"
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

typedef struct job {
    const tend_value *values;
    int width;
    size_t count;
} job;

struct tend_behind {
    pthread_t thread;
    pthread_mutex_t mutex; /* of the next five */
    pthread_cond_t changed;
    bool is_ending;
    job jobs[TEND_STORE_BEHIND]; /* a ring; those between `done` and `given` are the thread's */
    uint64_t given, done;
    /* The caller's while nothing is out, and then the thread's: */
    tend_store *store;  /* borrowed */
    tend_status status; /* of the first that failed; nothing after it is done */
    tend_error error;
    /* The caller's alone: */
    bool is_out;            /* something was handed over and not taken back */
    tend_statement *insert; /* of all that is out; it goes back to the cache with the connection */
};

static tend_status run(const tend_behind *behind, const job *next, tend_error *reterr)
{
    tend_store *store = behind->store;

    store->driver->give_rows(store->connection, next->values, next->width, next->count);
    return tend_statement_finish(behind->insert, reterr);
}

static void *work(void *self)
{
    tend_behind *behind = self;

    (void)pthread_mutex_lock(&behind->mutex);
    for (;;) {
        job next;

        while (behind->given == behind->done && !behind->is_ending)
            (void)pthread_cond_wait(&behind->changed, &behind->mutex);
        if (behind->given == behind->done)
            break;
        next = behind->jobs[behind->done % TEND_STORE_BEHIND];
        (void)pthread_mutex_unlock(&behind->mutex);
        if (behind->status >= 0)
            behind->status = run(behind, &next, &behind->error);
        (void)pthread_mutex_lock(&behind->mutex);
        behind->done++;
        (void)pthread_cond_broadcast(&behind->changed);
    }
    (void)pthread_mutex_unlock(&behind->mutex);
    return NULL;
}

/* Until no more than `most` are not done. */
static void wait_for(tend_behind *behind, uint64_t most)
{
    (void)pthread_mutex_lock(&behind->mutex);
    while (behind->given - behind->done > most)
        (void)pthread_cond_wait(&behind->changed, &behind->mutex);
    (void)pthread_mutex_unlock(&behind->mutex);
}

static void take_back(tend_store *store)
{
    tend_behind *behind = store->behind;

    wait_for(behind, 0);
    behind->is_out = false;
    store->driver->give_rows(store->connection, NULL, 0, 0);
    tend_statement_end(behind->insert);
    behind->insert = NULL;
    if (behind->status < 0) /* what was to be in the transaction is not */
        store->lost = behind->status;
}

tend_connection *tend_store_own(const tend_store *store)
{
    if (store->behind && store->behind->is_out)
        take_back((tend_store *)(uintptr_t)store);
    return store->connection;
}

tend_status tend_behind_failed(const tend_store *store, tend_error *reterr)
{
    tend_behind *behind = store->behind;

    if (!behind || behind->is_out || behind->status >= 0)
        return TEND_OK;
    return tend_fail(reterr, behind->status, "%s", behind->error.text);
}

void tend_behind_forget(const tend_store *store)
{
    if (store->behind && !store->behind->is_out)
        store->behind->status = TEND_OK;
}

void tend_behind_open(tend_store *store)
{
    tend_behind *behind = store->behind ? NULL : calloc(1, sizeof *behind);

    if (!behind)
        return;
    behind->store = store;
    (void)pthread_mutex_init(&behind->mutex, NULL);
    (void)pthread_cond_init(&behind->changed, NULL);
    store->behind = behind;
    if (tend_thread_start(&behind->thread, work, behind))
        return;
    store->behind = NULL;
    (void)pthread_cond_destroy(&behind->changed);
    (void)pthread_mutex_destroy(&behind->mutex);
    free(behind);
}

void tend_behind_close(tend_store *store)
{
    tend_behind *behind = store->behind;

    if (!behind)
        return;
    (void)tend_store_own(store);
    (void)pthread_mutex_lock(&behind->mutex);
    behind->is_ending = true;
    (void)pthread_cond_broadcast(&behind->changed);
    (void)pthread_mutex_unlock(&behind->mutex);
    (void)pthread_join(behind->thread, NULL);
    (void)pthread_cond_destroy(&behind->changed);
    (void)pthread_mutex_destroy(&behind->mutex);
    store->behind = NULL;
    free(behind);
}

bool tend_behind_fits(const tend_store *store, const char *sql)
{
    const tend_behind *behind = store->behind;

    return behind->is_out && strcmp(behind->insert->sql, sql) == 0;
}

void tend_behind_give(tend_store *store, tend_statement *insert, const tend_value *values, int width, size_t count)
{
    tend_behind *behind = store->behind;

    if (insert) {
        (void)tend_store_own(store);
        behind->insert = insert;
        behind->status = TEND_OK;
        behind->is_out = true;
    }
    wait_for(behind, TEND_STORE_BEHIND - 1);
    (void)pthread_mutex_lock(&behind->mutex);
    behind->jobs[behind->given++ % TEND_STORE_BEHIND] = (job){ .values = values, .width = width, .count = count };
    (void)pthread_cond_broadcast(&behind->changed);
    (void)pthread_mutex_unlock(&behind->mutex);
}
