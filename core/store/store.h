/* store.h: rows, kept through power loss.
 *
 * One process writes: opening for writing takes an flock on "<path>.lock". Readers are read-only connections that hold a snapshot
 * for seconds. WAL, synchronous=FULL, foreign keys on, application_id and user_version checked before anything is touched: a
 * newer or foreign file is refused untouched. SQL goes through a driver (store/driver.h); this header is all that others see.
 * One thread per handle. */
#ifndef TEND_STORE_STORE_H
#define TEND_STORE_STORE_H

#include "base/arena.h"
#include <stdbool.h>
#include <tend/status.h>
#include <tend/value.h>

typedef struct tend_store tend_store;
typedef struct tend_statement tend_statement;

typedef enum tend_store_mode {
    TEND_STORE_READ = 1, /* must exist; never writes */
    TEND_STORE_WRITE,    /* must exist; takes the lock (TEND_EBUSY names the holder's pid) */
    TEND_STORE_CREATE    /* as WRITE, made when missing */
} tend_store_mode;

/* `path` is copied. The refusals are sentences: locked, read-only folder, foreign file, file from the future, full disk. */
tend_status tend_store_open(const char *path, tend_store_mode mode, tend_store **ret_store, tend_error *reterr);
void tend_store_close(tend_store *store); /* accepts NULL; rolls back what is open; checkpoints when writing */
const char *tend_store_path(const tend_store *store);
bool tend_store_can_write(const tend_store *store);

/* A private copy for dry runs and simulations, made with the driver's own backup while others write: `path` must not exist.
 * The copy is marked (see tend_store_is_simulated) before it can be opened; the mark is permanent. */
tend_status tend_store_copy(tend_store *from, const char *path, bool is_simulated, tend_error *reterr);
/* Removes a copy and all that stands beside it; it must be closed. No fault when it is not there. */
void tend_store_remove_copy(const char *path);
bool tend_store_is_simulated(const tend_store *store);
tend_status tend_store_mark_simulated(tend_store *store, tend_error *reterr);

/* For work that can be done again, such as a simulation: commits no longer wait for the disk. After power loss the store is whole
 * but may lack the last of them. `true` takes it back; everything is on the disk when it returns. Not inside a transaction. */
tend_status tend_store_set_durable(tend_store *store, bool is_durable, tend_error *reterr);

/* For a load of many rows: what has to be sorted for an index lies in one piece, and in a file when it is much; commits do not wait
 * for the disk, they are brought there behind whoever makes the next rows. With `false` all of them are there, or it fails. Not
 * inside a transaction. */
tend_status tend_store_set_bulk(tend_store *store, bool is_bulk, tend_error *reterr);

/* Transactions do not nest; savepoints do. Readers use begin/rollback to hold one snapshot. */
tend_status tend_store_begin(tend_store *store, tend_error *reterr);
tend_status tend_store_commit(tend_store *store, tend_error *reterr); /* returns after the fsync; on failure rolled back */
void tend_store_rollback(tend_store *store);
/* Begins a transaction for work that follows from what is stored, that nobody waits for, and that is done again where it is
 * missing: its commit does not wait for the disk. Commits keep their order: it is on the disk with the next one that waits, or with
 * tend_store_settle. Until then a power cut may take it back, whole and with all that came after it. */
tend_status tend_store_begin_soft(tend_store *store, tend_error *reterr);
/* All that was committed is on the disk when it returns. Not inside a transaction; costs nothing when it is there already. */
tend_status tend_store_settle(tend_store *store, tend_error *reterr);
bool tend_store_in_transaction(const tend_store *store);
/* For who reads much outside a transaction and writes nothing meanwhile: what is read from now on is one snapshot, so that each
 * read takes no lock of its own. It lasts until it is let go or a transaction begins; within one, or where no snapshot can be had,
 * nothing is held and reading goes on as before. Both may be called at any time. */
void tend_store_hold(tend_store *store);
void tend_store_let_go(tend_store *store);
/* A number that no other transaction of this handle has; 0 when none is open. */
int64_t tend_store_transaction(const tend_store *store);
tend_status tend_store_savepoint(tend_store *store, tend_error *reterr); /* a stack */
tend_status tend_store_release(tend_store *store, tend_error *reterr);
void tend_store_rollback_savepoint(tend_store *store);

/* Statements are cached by their text (which is copied). A statement belongs to the caller until tend_statement_end gives it
 * back; the same text asked for twice at once gives two. Parameters are ?1, ?2 …, columns count from 0. */
tend_status tend_store_prepare(tend_store *store, const char *sql, tend_statement **ret_statement, tend_error *reterr);
void tend_statement_end(tend_statement *statement); /* accepts NULL; resets, unbinds */
void tend_statement_bind_int(tend_statement *statement, int parameter, int64_t number);
void tend_statement_bind_text(tend_statement *statement, int parameter, const char *text,
                              size_t length); /* NULL binds null; borrowed until end/next bind */
void tend_statement_bind_string(tend_statement *statement, int parameter, const char *text);
void tend_statement_bind_bytes(tend_statement *statement, int parameter, const void *bytes, size_t length);
void tend_statement_bind_null(tend_statement *statement, int parameter);
/* INT, BOOL, DECIMAL (mantissa), MONEY (minor units), DATE, TIME, REF as integers, TEXT as text. */
void tend_statement_bind_value(tend_statement *statement, int parameter, const tend_value *value);
/* A failed bind is reported by the next step. */
tend_status tend_statement_step(tend_statement *statement, bool *ret_has_row, tend_error *reterr);
tend_status tend_statement_run(tend_statement *statement, tend_error *reterr); /* steps to the end, resets, keeps bindings */
void tend_statement_reset(tend_statement *statement);                          /* for running it again with new bindings */
bool tend_statement_is_null(tend_statement *statement, int column);
int64_t tend_statement_int(tend_statement *statement, int column);
const char *tend_statement_text(tend_statement *statement, int column,
                                size_t *ret_length); /* borrowed until step/reset; NULL for null */
const void *tend_statement_bytes(tend_statement *statement, int column, size_t *ret_length);
int tend_statement_columns(tend_statement *statement);

#define TEND_ROWS_WIDTH 256
/* `count` rows of `width` values each (at most TEND_ROWS_WIDTH), into the named columns, by one statement. Columns that are null in
 * all rows are left to their default. While a load is on (tend_store_set_bulk) a failure takes the transaction with it. */
tend_status tend_store_insert(tend_store *store, const char *table, const char *const *columns, int width, const tend_value *values,
                              size_t count, tend_error *reterr);

/* The same behind the caller, while a load is on (tend_store_set_bulk): whatever is asked of the store next waits for it, and hears
 * of its failure. `values` and their texts stay as they are until then, or until TEND_STORE_BEHIND more were handed over. */
#define TEND_STORE_BEHIND 7
tend_status tend_store_insert_behind(tend_store *store, const char *table, const char *const *columns, int width,
                                     const tend_value *values, size_t count, tend_error *reterr);
void tend_store_wait(tend_store *store); /* nothing goes on behind the caller any more */

/* Statements without results, one or several between semicolons. */
tend_status tend_store_run(tend_store *store, const char *sql, tend_error *reterr);
/* One integer from one row; `otherwise` when there is no row or it is null. */
tend_status tend_store_number(tend_store *store, const char *sql, int64_t otherwise, int64_t *ret_number, tend_error *reterr);
int64_t tend_store_changes(tend_store *store); /* rows changed by the last statement */
/* Whether a table, or with `column` one of its columns, is there. A look that fails (memory, a disk) is no answer: what is missing
 * then must not be made. */
tend_status tend_store_look_for(tend_store *store, const char *table, const char *column, bool *ret_is_there, tend_error *reterr);
/* The same for those who only read: false, too, where the look fails; what they read next fails alike. */
bool tend_store_has_table(tend_store *store, const char *table);

/* A scalar SQL function for filters: `call` gets its arguments as INT, TEXT or NULL values. Deterministic. */
tend_status tend_store_define(tend_store *store, const char *name, int arity,
                              void (*call)(void *self, const tend_value *arguments, tend_value *ret_value), void *self,
                              tend_error *reterr);

/* `count` ids of the sequence `name`, from *ret_first; reserved in blocks that grow from 1 to 1024, so ids are unique, growing, and
 * may have gaps. Needs an open write transaction the first time in each block. */
tend_status tend_store_ids(tend_store *store, const char *name, int64_t count, int64_t *ret_first, tend_error *reterr);
/* So many will be asked for one after another: the next block has them all, since to reserve is to wait for what goes on behind. */
tend_status tend_store_ids_expect(tend_store *store, const char *name, int64_t count, tend_error *reterr);

/* Small settings of the store itself ("key" the 16 secret bytes of fingerprints, "created" …). Texts are copied into `arena`. */

tend_status tend_store_meta_get(tend_store *store, tend_arena *arena, const char *name, const char **ret_text, tend_error *reterr);
tend_status tend_store_meta_set(tend_store *store, const char *name, const char *text, tend_error *reterr);

/* Integrity of the whole file; TEND_ECORRUPT with the first thing found. */
tend_status tend_store_check(tend_store *store, tend_error *reterr);
/* A statement whose rows are the names of our tables, sorted. Owned by the caller. */
tend_status tend_store_tables(tend_store *store, tend_statement **ret_statement, tend_error *reterr);
/* Every row of every table as sorted text lines through `line`: equal contents give equal dumps, whatever the page layout.
 * Tables whose name is in `except` (NULL-terminated, may be NULL) are left out. */
tend_status tend_store_dump(tend_store *store, const char *const *except,
                            tend_status (*line)(void *self, const char *text, size_t length), void *self, tend_error *reterr);
/* Writes the store anew, so that nothing of what was overwritten or deleted is left in its files: for data that had to be erased.
 * Not inside a transaction. *ret_whole is false when a reader still holds an older state; then the log goes with the next one. */
tend_status tend_store_scrub(tend_store *store, bool *ret_whole, tend_error *reterr);
int64_t tend_store_bytes(const tend_store *store); /* database and WAL on disk */

#endif
