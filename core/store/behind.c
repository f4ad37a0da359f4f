/* behind.c: an insert of many rows goes on in a thread of its own, while the caller makes the next rows ready.
 *
 * The connection belongs to one thread at a time: it is handed over with the insert, and whatever else is asked of the store waits
 * until it is back (tend_store_own). So nobody sees a store in which a part of the insert is done. */
#include "store/inside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct tend_behind {
    pthread_t thread;
    pthread_mutex_t mutex; /* of the two below */
    pthread_cond_t changed;
    bool has_work, is_ending;
    /* The caller's while has_work is false, and then the thread's: */
    tend_store *store; /* borrowed */
    tend_statement *insert;
    tend_status status;
    tend_error error;
    bool is_out; /* the caller's alone: something was handed over and not taken back */
};

static void *work(void *self)
{
    tend_behind *behind = self;

    (void)pthread_mutex_lock(&behind->mutex);
    for (;;) {
        while (!behind->has_work && !behind->is_ending)
            (void)pthread_cond_wait(&behind->changed, &behind->mutex);
        if (!behind->has_work)
            break;
        (void)pthread_mutex_unlock(&behind->mutex);
        behind->status = tend_statement_finish(behind->insert, &behind->error);
        (void)pthread_mutex_lock(&behind->mutex);
        behind->has_work = false;
        (void)pthread_cond_broadcast(&behind->changed);
    }
    (void)pthread_mutex_unlock(&behind->mutex);
    return NULL;
}

static void wait(tend_store *store)
{
    tend_behind *behind = store->behind;

    (void)pthread_mutex_lock(&behind->mutex);
    while (behind->has_work)
        (void)pthread_cond_wait(&behind->changed, &behind->mutex);
    (void)pthread_mutex_unlock(&behind->mutex);
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
        wait((tend_store *)(uintptr_t)store);
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

/* Signals stay with the caller's thread. */
static bool start(tend_behind *behind)
{
    sigset_t all, before;
    bool is_started;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    is_started = pthread_create(&behind->thread, NULL, work, behind) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
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
    if (start(behind))
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

bool tend_behind_take(tend_store *store, tend_statement *insert)
{
    tend_behind *behind = store->behind;

    if (!behind)
        return false;
    behind->insert = insert;
    behind->status = TEND_OK;
    behind->is_out = true;
    (void)pthread_mutex_lock(&behind->mutex);
    behind->has_work = true;
    (void)pthread_cond_broadcast(&behind->changed);
    (void)pthread_mutex_unlock(&behind->mutex);
    return true;
}
