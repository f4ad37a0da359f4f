/* behind.c: inserts of many rows go on in a thread of its own, while the caller makes the next rows ready.
 *
 * The connection belongs to one thread at a time: it is handed over with the first insert, a few more may queue up behind it, and
 * whatever else is asked of the store waits until it is back (tend_store_own). So nobody sees a store in which a part of an insert
 * is done. */
#include "base/thread.h"
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

/* Where it is full, half of it is done before the caller goes on: to wake a thread costs more than to insert a few rows, and the
 * other half is there for the thread meanwhile. */
#define HALF (TEND_STORE_BEHIND / 2)
#define NONE UINT64_MAX

typedef struct job {
    const tend_value *values;
    int width;
    size_t count;
    bool is_in_turn; /* each id is one more than that of the row before */
} job;

struct tend_behind {
    pthread_t thread;
    pthread_mutex_t mutex;      /* of the next seven */
    pthread_cond_t came, slept; /* a job, for the thread; enough was done, for the caller */
    bool is_ending;
    job jobs[TEND_STORE_BEHIND]; /* a ring; those between `done` and `given` are the thread's */
    uint64_t given, done;
    uint64_t enough; /* the caller sleeps until no more than this are not done; NONE: it does not */
    /* The caller's while nothing is out, and then the thread's: */
    tend_store *store;  /* borrowed */
    tend_status status; /* of the first that failed; nothing after it is done */
    tend_error error;
    /* The caller's alone: */
    bool is_out;          /* something was handed over and not taken back */
    tend_rows_shape last; /* what was handed over last */
    tend_inserts inserts; /* of all that is out; they go back to the cache with the connection */
};

/* Whether the rows get their own ids when nobody says them: they come in turn behind the highest. */
static tend_status ask_is_next(const tend_behind *behind, const job *next, bool *ret_is_next, tend_error *reterr)
{
    const tend_store_driver *driver = behind->store->driver;
    tend_statement *highest = behind->inserts.highest;
    bool has_row = false;
    tend_status status = TEND_OK;

    *ret_is_next = false;
    if (!next->is_in_turn || !behind->inserts.append)
        return status;
    status = driver->step(behind->store->connection, highest->prepared, &has_row, reterr);
    *ret_is_next = status >= 0 && has_row && driver->get_int(highest->prepared, 0) + 1 == next->values[0].integer;
    driver->reset(highest->prepared);
    return status;
}

static tend_status run(const tend_behind *behind, const job *next, tend_error *reterr)
{
    tend_store *store = behind->store;
    tend_statement *insert;
    bool is_next;
    tend_status status = ask_is_next(behind, next, &is_next, reterr);

    if (status < 0)
        return status;
    insert = is_next ? behind->inserts.append : behind->inserts.insert;
    status = tend_rows_bind(insert, behind->inserts.shape, next->values, next->width, reterr);
    if (status < 0)
        return status;
    store->driver->give_rows(store->connection, next->values, next->width, next->count);
    return tend_statement_finish(insert, reterr);
}

static void *work(void *self)
{
    tend_behind *behind = self;

    (void)pthread_mutex_lock(&behind->mutex);
    for (;;) {
        job next;

        while (behind->given == behind->done && !behind->is_ending)
            (void)pthread_cond_wait(&behind->came, &behind->mutex);
        if (behind->given == behind->done)
            break;
        next = behind->jobs[behind->done % TEND_STORE_BEHIND];
        (void)pthread_mutex_unlock(&behind->mutex);
        if (behind->status >= 0)
            behind->status = run(behind, &next, &behind->error);
        (void)pthread_mutex_lock(&behind->mutex);
        behind->done++;
        if (behind->enough != NONE && behind->given - behind->done <= behind->enough)
            (void)pthread_cond_signal(&behind->slept);
    }
    (void)pthread_mutex_unlock(&behind->mutex);
    return NULL;
}

/* Until no more than `most` are not done; the mutex is held. */
static void wait_for(tend_behind *behind, uint64_t most)
{
    behind->enough = most;
    while (behind->given - behind->done > most)
        (void)pthread_cond_wait(&behind->slept, &behind->mutex);
    behind->enough = NONE;
}

static void take_back(tend_store *store)
{
    tend_behind *behind = store->behind;

    (void)pthread_mutex_lock(&behind->mutex);
    wait_for(behind, 0);
    (void)pthread_mutex_unlock(&behind->mutex);
    behind->is_out = false;
    store->driver->give_rows(store->connection, NULL, 0, 0);
    tend_inserts_end(&behind->inserts);
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
    (void)pthread_cond_init(&behind->came, NULL);
    (void)pthread_cond_init(&behind->slept, NULL);
    behind->enough = NONE;
    store->behind = behind;
    if (tend_thread_start(&behind->thread, work, behind))
        return;
    store->behind = NULL;
    (void)pthread_cond_destroy(&behind->came);
    (void)pthread_cond_destroy(&behind->slept);
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
    (void)pthread_cond_signal(&behind->came);
    (void)pthread_mutex_unlock(&behind->mutex);
    (void)pthread_join(behind->thread, NULL);
    (void)pthread_cond_destroy(&behind->came);
    (void)pthread_cond_destroy(&behind->slept);
    (void)pthread_mutex_destroy(&behind->mutex);
    store->behind = NULL;
    free(behind);
}

bool tend_behind_fits(const tend_store *store, const char *sql)
{
    const tend_behind *behind = store->behind;

    return behind->is_out && strcmp(behind->inserts.insert->sql, sql) == 0;
}

tend_rows_shape *tend_behind_shape(const tend_store *store)
{
    return &store->behind->last;
}

/* Ids that follow each other. */
static bool is_in_turn(const tend_value *values, int width, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i * (size_t)width].type == TEND_NULL || values[i * (size_t)width].integer != values[0].integer + (int64_t)i)
            return false;
    }
    return true;
}

void tend_behind_give(tend_store *store, const tend_inserts *inserts, const tend_value *values, int width, size_t count)
{
    tend_behind *behind = store->behind;
    const job next = { .values = values, .width = width, .count = count, .is_in_turn = is_in_turn(values, width, count) };

    if (inserts) {
        (void)tend_store_own(store);
        behind->inserts = *inserts;
        behind->status = TEND_OK;
        behind->is_out = true;
    }
    (void)pthread_mutex_lock(&behind->mutex);
    if (behind->given - behind->done == TEND_STORE_BEHIND)
        wait_for(behind, HALF);
    behind->jobs[behind->given++ % TEND_STORE_BEHIND] = next;
    if (behind->given - behind->done == 1)
        (void)pthread_cond_signal(&behind->came);
    (void)pthread_mutex_unlock(&behind->mutex);
}
