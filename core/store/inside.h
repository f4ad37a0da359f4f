/* inside.h: what the files of this folder share and nobody else sees. */
#ifndef TEND_STORE_INSIDE_H
#define TEND_STORE_INSIDE_H

#include "store/driver.h"
#include <stdint.h>
#include <sys/queue.h>

#define TEND_STATEMENT_BUCKETS 256

struct tend_statement {
    tend_store *store;       /* borrowed */
    tend_prepared *prepared; /* owned */
    char *sql;               /* owned */
    uint64_t hash;
    int bad_parameter; /* the first bind that failed; 0: none */
    bool is_out;
    TAILQ_ENTRY(tend_statement) all;    /* every statement */
    TAILQ_ENTRY(tend_statement) idle;   /* given back, least recently used first */
    TAILQ_ENTRY(tend_statement) bucket; /* given back, by text */
};
TAILQ_HEAD(tend_statement_list, tend_statement);

typedef struct tend_statement_cache {
    struct tend_statement_list all, idle, buckets[TEND_STATEMENT_BUCKETS];
    int idle_count;
} tend_statement_cache;

/* Ids of one sequence that are reserved and not yet given out. */
typedef struct tend_id_block {
    struct tend_id_block *following;
    int64_t next, end; /* next == end: nothing reserved */
    int64_t highest;   /* no id below was ever to be given out again */
    int64_t size;      /* of the next block */
    int level;         /* 0: reserved by a committed transaction, 1: by this one, 2 …: inside savepoint level - 1 */
    char name[];
} tend_id_block;

/* A function that SQL may call. */
typedef struct tend_definition {
    struct tend_definition *next;
    int arity;
    void (*call)(void *self, const tend_value *arguments, tend_value *ret_value);
    void *self; /* borrowed */
    char name[];
} tend_definition;

typedef struct tend_behind tend_behind;

struct tend_store {
    const tend_store_driver *driver;
    tend_connection *connection; /* owned; asked for by tend_store_own */
    tend_behind *behind;         /* owned; NULL: no load is on */
    char *path;                  /* owned */
    tend_store_mode mode;
    bool is_simulated;
    bool in_transaction;
    bool is_held;           /* a snapshot is, outside a transaction */
    bool is_soft;           /* the open transaction does not wait for the disk, or the next could not be told to yet */
    bool is_behind;         /* a load is on, whose commits are brought to the disk behind it */
    bool is_unsettled;      /* one of them may not be there yet */
    bool is_loose;          /* none waits: tend_store_set_durable */
    int64_t changes_before; /* the open transaction */
    tend_status lost;       /* why the open transaction is gone already; TEND_OK: it is not */
    int64_t transaction;
    int savepoints;
    tend_statement_cache cache;
    tend_id_block *blocks;        /* owned, a list */
    tend_definition *definitions; /* owned, a list */
};

void tend_statements_init(tend_store *store);
void tend_statements_clear(tend_store *store);
/* TEND_OK while the transaction still stands. */
tend_status tend_store_usable(const tend_store *store, tend_error *reterr);
/* After a failure: a database may have rolled back by itself, and what follows must not be committed on its own. */
tend_status tend_store_failed(tend_store *store, tend_status status);

/* The connection, when no insert has it any more. */
tend_connection *tend_store_own(const tend_store *store);
/* Steps to the end, by whichever thread has the connection. */
tend_status tend_statement_finish(tend_statement *statement, tend_error *reterr);

/* behind.c */
void tend_behind_open(tend_store *store); /* without it, or without a thread, inserts are done at once */
void tend_behind_close(tend_store *store);
/* rows.c: what the rows that were handed over last had in their columns, and in what table. */
typedef struct tend_rows_shape {
    char table[64];
    int width;
    uint8_t columns[TEND_ROWS_WIDTH];
} tend_rows_shape;
/* Gives the statement what all rows have in a column. */
tend_status tend_rows_bind(tend_statement *insert, const uint8_t *shape, const tend_value *values, int width, tend_error *reterr);
tend_rows_shape *tend_behind_shape(const tend_store *store); /* the caller's */
/* What inserts rows of one table; `append` and `highest` NULL: none. */
typedef struct tend_inserts {
    uint8_t shape[TEND_ROWS_WIDTH];
    tend_statement *insert;
    tend_statement *append;  /* without the id, which SQLite makes then: one more than the highest, and not looked for */
    tend_statement *highest; /* id of the table */
} tend_inserts;
void tend_inserts_end(tend_inserts *inserts);
/* Something is on its way by an `insert` of this text. */
bool tend_behind_fits(const tend_store *store, const char *sql);
/* The thread has the connection now, and these rows behind those that it has; `inserts` go back to the cache with it. NULL:
 * those that are on their way. Where there is an `append`, the first column is the id. */
void tend_behind_give(tend_store *store, const tend_inserts *inserts, const tend_value *values, int width, size_t count);
/* Why the last insert failed; TEND_OK: it did not. */
tend_status tend_behind_failed(const tend_store *store, tend_error *reterr);
void tend_behind_forget(const tend_store *store); /* the transaction is over */

void tend_ids_committed(tend_store *store);
void tend_ids_rolled_back(tend_store *store, int level); /* blocks reserved at `level` or deeper are dropped */
void tend_ids_released(tend_store *store, int level);    /* they now belong to the level above */
void tend_ids_clear(tend_store *store);

#endif
