/* writeback.c: what a load commits goes to the disk behind it.
 *
 * Commits of a load leave their pages in the log and do not wait. A thread with a connection of its own syncs the log and writes it
 * back into the database while the next rows are inserted. Where the log has grown to USUAL pages the load waits until all of it is
 * written back, so that it begins anew; where one commit has a good part of that by itself (it changes rows all over the store)
 * after a few of them, so that one is written back beside the next. */
#include "base/thread.h"
#include "store/sqlite/sqlite.h"

#include <errno.h>
#include <stdlib.h>

#define STEP 500   /* pages in the log between two times of writing it back, 4 MiB: so little is left when somebody waits for all */
#define USUAL 8000 /* the 64 MiB that the log keeps */
#define MOST 32000 /* 256 MiB */
#define COMMITS 4

struct tend_writeback {
    sqlite3 *db;       /* owned; the thread's */
    sqlite3_file *log; /* borrowed from it */
    int next_wait;     /* pages at which the caller waits; this and the next two are the caller's alone */
    int before;        /* pages at the commit before this one; -1: there was none */
    int largest;       /* pages of one commit, so far */
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    bool is_ending;
    int pages; /* in the log, at the last commit */
    int64_t commits, written,
        wanted; /* how many there were, when the log was last written back, and when somebody waits for that */
    int code;   /* the first sync that failed: nothing behind it is trusted */
};

/* What somebody reads in an older state stays in the log until the next time; that is no failure. */
static void write_back(tend_writeback *back, int *ret_pages)
{
    sqlite3_file *file = NULL;
    tend_sqlite_block *block = NULL;
    int in_log = 0, done = 0;

    if (sqlite3_file_control(back->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK)
        block = tend_sqlite_block_begin(file, false);
    if (sqlite3_wal_checkpoint_v2(back->db, "main", SQLITE_CHECKPOINT_PASSIVE, &in_log, &done) == SQLITE_OK)
        *ret_pages = done; /* all of it was synced, so nothing is left in the block */
    (void)tend_sqlite_block_end(block);
}

/* The thread's file alone knows what the system said. */
static int sync_log(tend_writeback *back)
{
    int system_error = 0, code = back->log->pMethods->xSync(back->log, SQLITE_SYNC_NORMAL);

    if (code == SQLITE_OK)
        return SQLITE_OK;
    (void)back->log->pMethods->xFileControl(back->log, SQLITE_FCNTL_LAST_ERRNO, &system_error);
    return system_error == ENOSPC || system_error == EDQUOT ? SQLITE_FULL : code;
}

static void *work(void *self)
{
    tend_writeback *back = self;
    int64_t synced = 0;
    int done = 0; /* pages of the log that are written back */

    (void)pthread_mutex_lock(&back->mutex);
    for (;;) {
        int64_t commits;
        bool writes;
        int code;

        while (back->commits == synced && back->wanted <= back->written && !back->is_ending)
            (void)pthread_cond_wait(&back->changed, &back->mutex);
        if (back->is_ending)
            break;
        commits = back->commits;
        done = back->pages < done ? 0 : done; /* it began anew */
        writes = back->wanted > back->written || back->pages >= done + STEP;
        (void)pthread_mutex_unlock(&back->mutex);
        code = sync_log(back);
        if (code == SQLITE_OK && writes)
            write_back(back, &done);
        (void)pthread_mutex_lock(&back->mutex);
        synced = commits;
        back->written = writes ? commits : back->written;
        back->code = back->code != SQLITE_OK ? back->code : code;
        (void)pthread_cond_broadcast(&back->changed);
    }
    (void)pthread_mutex_unlock(&back->mutex);
    return NULL;
}

/* Pages in the log at which the caller waits. */
static int most(const tend_writeback *back)
{
    return back->largest <= USUAL / COMMITS ? USUAL : back->largest >= MOST / COMMITS ? MOST : COMMITS * back->largest;
}

/* After each commit. A sync that failed is the failure of this one. */
static int committed(void *self, sqlite3 *db, const char *schema, int pages)
{
    tend_writeback *back = self;
    const int new = back->before < 0 ? 0 : pages > back->before ? pages - back->before : pages;
    int code;

    (void)db, (void)schema;
    back->before = pages;
    back->largest = new > back->largest ? new : back->largest;
    (void)pthread_mutex_lock(&back->mutex);
    back->commits++;
    back->pages = pages;
    if (pages < most(back)) {
        back->next_wait = most(back);
    } else if (pages >= back->next_wait) {
        back->wanted = back->commits;
        back->next_wait = pages + STEP; /* somebody may read an older state for long */
    }
    (void)pthread_cond_broadcast(&back->changed);
    while (back->written < back->wanted && back->code == SQLITE_OK)
        (void)pthread_cond_wait(&back->changed, &back->mutex);
    code = back->code;
    (void)pthread_mutex_unlock(&back->mutex);
    return code;
}

static bool open_log(tend_writeback *back, const char *file)
{
    if (sqlite3_open_v2(file, &back->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return false;
    (void)sqlite3_db_config(back->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return sqlite3_exec(back->db, "PRAGMA synchronous = full; SELECT 1 FROM meta LIMIT 1", NULL, NULL, NULL) == SQLITE_OK &&
           sqlite3_file_control(back->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &back->log) == SQLITE_OK && back->log &&
           back->log->pMethods;
}

bool tend_sqlite_writeback_begin(tend_connection *connection)
{
    tend_writeback *back = connection->back ? NULL : calloc(1, sizeof *back);

    if (!back)
        return connection->back != NULL;
    (void)pthread_mutex_init(&back->mutex, NULL);
    (void)pthread_cond_init(&back->changed, NULL);
    back->next_wait = USUAL;
    back->before = -1;
    if (open_log(back, connection->file) && tend_thread_start(&back->thread, work, back)) {
        connection->back = back;
        (void)sqlite3_wal_hook(connection->db, committed, back);
        return true;
    }
    (void)sqlite3_close(back->db);
    (void)pthread_cond_destroy(&back->changed);
    (void)pthread_mutex_destroy(&back->mutex);
    free(back);
    return false;
}

int tend_sqlite_writeback_end(tend_connection *connection)
{
    tend_writeback *back = connection->back;
    int code;

    if (!back)
        return SQLITE_OK;
    (void)sqlite3_wal_hook(connection->db, NULL, NULL);
    (void)pthread_mutex_lock(&back->mutex);
    back->is_ending = true;
    (void)pthread_cond_broadcast(&back->changed);
    (void)pthread_mutex_unlock(&back->mutex);
    (void)pthread_join(back->thread, NULL);
    code = back->code;
    (void)sqlite3_close(back->db);
    (void)pthread_cond_destroy(&back->changed);
    (void)pthread_mutex_destroy(&back->mutex);
    free(back);
    connection->back = NULL;
    return code;
}
