/* sqlite.h: what the files of the SQLite driver share. */
#ifndef TEND_STORE_SQLITE_SQLITE_H
#define TEND_STORE_SQLITE_SQLITE_H

#include "store/driver.h"
#include <sqlite3.h>

#define TEND_SQLITE_APPLICATION 0x74656e64 /* "tend" */
#define TEND_SQLITE_LAYOUT 1               /* user_version: the layout of the tables below store/ */

/* What tend_sqlite_give_rows was given last. */
typedef struct tend_sqlite_rows {
    const tend_value *values; /* borrowed */
    int width;
    size_t count;
} tend_sqlite_rows;

typedef struct tend_writeback tend_writeback;
typedef struct tend_sqlite_block tend_sqlite_block;

struct tend_connection {
    sqlite3 *db; /* owned */
    char *path;  /* owned; as the caller wrote it, for messages */
    char *file;  /* owned; the real file behind it */
    int lock_fd; /* owned; -1 for readers */
    bool is_writing;
    sqlite3_stmt *rollback; /* owned; there from the first transaction on, so that going back needs no memory */
    tend_sqlite_rows rows;
    tend_writeback *back;     /* owned; NULL: no load is on, or commits wait as ever */
    tend_sqlite_block *block; /* owned; the log's, while a load is on; may be NULL then, too */
};

/* fault.c: SQLite's code as one of ours, with a sentence. `db` may be NULL; `sql` may be NULL. */
tend_status tend_sqlite_fail(const char *path, sqlite3 *db, int code, const char *sql, tend_error *reterr);

/* file.c */
/* A path that names a plain file, as the real file it leads to: *ret_file is owned. Refuses what SQLite would take as something
 * else. The file need not exist, its folder must. */
tend_status tend_sqlite_file_find(const char *path, char **ret_file, tend_error *reterr);
/* flock on "<file>.lock"; close the descriptor to give it back. */
tend_status tend_sqlite_file_lock(const char *path, const char *file, int *ret_fd, tend_error *reterr);
/* Renames a finished file into place; when `may_replace` is false an existing `to` is TEND_EEXISTS. Returns after the fsyncs. */
tend_status tend_sqlite_file_finish(const char *path, const char *from, const char *to, bool may_replace, tend_error *reterr);
/* Makes an empty private file; removes what a crash left under that name, with SQLite's files beside it. */
tend_status tend_sqlite_file_start(const char *path, const char *file, tend_error *reterr);
void tend_sqlite_file_remove(const char *file); /* and SQLite's files beside it */
bool tend_sqlite_file_has(const char *file, const char *suffix);

/* open.c */
tend_status tend_sqlite_open(const char *path, tend_store_mode mode, tend_connection **ret_connection, tend_error *reterr);
void tend_sqlite_close(tend_connection *connection);
tend_status tend_sqlite_pragma_int(const char *path, sqlite3 *db, const char *sql, int64_t *ret_number, tend_error *reterr);

/* copy.c */
tend_status tend_sqlite_copy(tend_connection *connection, const char *path, bool is_simulated, tend_error *reterr);
void tend_sqlite_remove_copy(const char *path); /* its lock too */
tend_status tend_sqlite_check(tend_connection *connection, tend_error *reterr);

/* rows.c */
#define TEND_SQLITE_ROWS "tend_rows"
tend_status tend_sqlite_rows_define(tend_connection *connection, tend_error *reterr);
void tend_sqlite_give_rows(tend_connection *connection, const tend_value *values, int width, size_t count);

/* block.c */
/* From now on what is written to the file one behind the other is gathered. NULL: it is not, which is no failure. */
tend_sqlite_block *tend_sqlite_block_begin(sqlite3_file *file, bool is_log);
/* As it was; what had to be written and could not be is SQLite's code. Accepts NULL. */
int tend_sqlite_block_end(tend_sqlite_block *block);

/* writeback.c */
/* From now on commits that do not wait are brought to the disk by a thread; false: there is none. */
bool tend_sqlite_writeback_begin(tend_connection *connection);
/* The thread is gone; the code of a sync that failed, or SQLITE_OK. What was committed last may not be on the disk. */
int tend_sqlite_writeback_end(tend_connection *connection);

/* scrub.c */
tend_status tend_sqlite_scrub(tend_connection *connection, bool *ret_whole, tend_error *reterr);

#endif
