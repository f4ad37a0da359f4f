/* driver.h: what a database has to do for the store.
 *
 * store.c and its neighbours hold what is the same for every database (transactions, the statement cache, ids, small settings,
 * dumps); a driver opens, prepares, steps and copies, and brings the few SQL texts that differ. One implementation per folder. */
#ifndef TEND_STORE_DRIVER_H
#define TEND_STORE_DRIVER_H

#include "store/store.h"

typedef struct tend_connection tend_connection; /* the driver's own */
typedef struct tend_prepared tend_prepared;     /* the driver's own */

/* What a cell holds, as the dump prints it. */
typedef enum tend_cell { TEND_CELL_NULL = 1, TEND_CELL_INT, TEND_CELL_REAL, TEND_CELL_TEXT, TEND_CELL_BYTES } tend_cell;

typedef struct tend_store_driver {
    const char *name;
    const char *tables_sql;     /* every table of ours by name: name */
    const char *columns_sql;    /* ?1 table: name, place in the primary key (0: not in it), by name */
    const char *has_table_sql;  /* ?1 table: a row when it exists */
    const char *has_column_sql; /* ?1 table, ?2 column: a row when it exists */

    /* Refuses what is not ours before it touches anything. A store that is made has the tables meta and sequences. */
    tend_status (*open)(const char *path, tend_store_mode mode, tend_connection **ret_connection, tend_error *reterr);
    void (*close)(tend_connection *connection);
    int64_t (*bytes)(const tend_connection *connection);
    /* Makes `path` of what is committed; the caller has checked nothing about `path`. */
    tend_status (*copy)(tend_connection *connection, const char *path, bool is_simulated, tend_error *reterr);
    void (*remove_copy)(const char *path);
    tend_status (*check)(tend_connection *connection, tend_error *reterr);
    /* *ret_waits false: until end_bulk commits do not wait, and settle has to follow it; `waits`: those behind it do again. */
    tend_status (*begin_bulk)(tend_connection *connection, bool *ret_waits, tend_error *reterr);
    tend_status (*end_bulk)(tend_connection *connection, bool waits, tend_error *reterr);
    /* Commits wait for the disk (true, as opened), or only for the log to be whole after power loss. */
    tend_status (*set_durable)(tend_connection *connection, bool is_durable, tend_error *reterr);
    /* The same for the transactions to come, and nothing else; what is committed goes to the disk. */
    tend_status (*set_waits)(tend_connection *connection, bool waits, tend_error *reterr);
    tend_status (*settle)(tend_connection *connection, tend_error *reterr);
    /* Nothing of what was overwritten or deleted stays in the files; *ret_whole false: somebody still reads an older state. */
    tend_status (*scrub)(tend_connection *connection, bool *ret_whole, tend_error *reterr);

    tend_status (*begin)(tend_connection *connection, bool is_writing, tend_error *reterr); /* the snapshot is taken here */
    void (*rollback)(tend_connection *connection);                                          /* works without memory, too */
    tend_status (*run)(tend_connection *connection, const char *sql, tend_error *reterr);
    bool (*in_transaction)(const tend_connection *connection); /* false once a failure has rolled it back by itself */
    int64_t (*changes)(const tend_connection *connection);
    int64_t (*all_changes)(const tend_connection *connection); /* since it was opened, those rolled back included */
    tend_status (*define)(tend_connection *connection, const char *name, int arity,
                          void (*call)(void *self, const tend_value *arguments, tend_value *ret_value), void *self,
                          tend_error *reterr);

    /* Rows that SQL may read as the table `rows_sql`, with the columns c0, c1 …: `count` rows of `width` values, borrowed until
     * they are taken away with NULL. At most TEND_ROWS_WIDTH columns. */
    const char *rows_sql;
    void (*give_rows)(tend_connection *connection, const tend_value *values, int width, size_t count);

    tend_status (*prepare)(tend_connection *connection, const char *sql, tend_prepared **ret_prepared, tend_error *reterr);
    void (*end)(tend_prepared *prepared);
    void (*reset)(tend_prepared *prepared);
    void (*unbind)(tend_prepared *prepared);
    /* False when there is no such parameter or no memory. Text and bytes are borrowed until the next bind or reset. */
    bool (*bind_null)(tend_prepared *prepared, int parameter);
    bool (*bind_int)(tend_prepared *prepared, int parameter, int64_t number);
    bool (*bind_text)(tend_prepared *prepared, int parameter, const char *text, size_t length);
    bool (*bind_bytes)(tend_prepared *prepared, int parameter, const void *bytes, size_t length);
    tend_status (*step)(tend_connection *connection, tend_prepared *prepared, bool *ret_has_row, tend_error *reterr);
    int (*columns)(tend_prepared *prepared);
    tend_cell (*cell)(tend_prepared *prepared, int column);
    int64_t (*get_int)(tend_prepared *prepared, int column);
    const char *(*get_text)(tend_prepared *prepared, int column, size_t *ret_length);
    const void *(*get_bytes)(tend_prepared *prepared, int column, size_t *ret_length);
} tend_store_driver;

extern const tend_store_driver tend_sqlite_driver;

#endif
