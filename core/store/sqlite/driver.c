#include "store/sqlite/sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ARGUMENTS_MAX 16

typedef struct scalar {
    void (*call)(void *self, const tend_value *arguments, tend_value *ret_value);
    void *self;
} scalar;

static sqlite3_stmt *as_stmt(tend_prepared *prepared)
{
    return (sqlite3_stmt *)(void *)prepared;
}

static int64_t size_of(const char *file, const char *suffix)
{
    char *name;
    struct stat found;
    int64_t size = 0;

    if (asprintf(&name, "%s%s", file, suffix) < 0)
        return 0;
    if (stat(name, &found) == 0)
        size = (int64_t)found.st_size;
    free(name);
    return size;
}

static int64_t bytes(const tend_connection *connection)
{
    return size_of(connection->file, "") + size_of(connection->file, "-wal");
}

static tend_status run(tend_connection *connection, const char *sql, tend_error *reterr)
{
    const int code = sqlite3_exec(connection->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? TEND_OK : tend_sqlite_fail(connection->path, connection->db, code, sql, reterr);
}

static void rollback(tend_connection *connection)
{
    if (sqlite3_get_autocommit(connection->db))
        return;
    (void)sqlite3_step(connection->rollback);
    (void)sqlite3_reset(connection->rollback);
}

/* These three are asked for between transactions; one that could not be taken back when it failed ends first. */
static tend_status set_durable(tend_connection *connection, bool is_durable, tend_error *reterr)
{
    rollback(connection);
    /* Pages that many commits in a row change are written back once. */
    return run(connection,
               is_durable ? "PRAGMA synchronous = full; PRAGMA wal_autocheckpoint = 1000; PRAGMA wal_checkpoint(full)"
                          : "PRAGMA synchronous = normal; PRAGMA wal_autocheckpoint = 16000",
               reterr);
}

static tend_status set_waits(tend_connection *connection, bool waits, tend_error *reterr)
{
    rollback(connection);
    return run(connection, waits && !connection->back ? "PRAGMA synchronous = full" : "PRAGMA synchronous = normal", reterr);
}

/* What SQLite does at the end of a commit that waits. */
static tend_status settle(tend_connection *connection, tend_error *reterr)
{
    sqlite3_file *log = NULL;
    int code = sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

    if (code == SQLITE_OK && log && log->pMethods)
        code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    return code == SQLITE_OK ? TEND_OK : tend_sqlite_fail(connection->path, connection->db, code, NULL, reterr);
}

/* In memory SQLite takes a piece for each entry that it sorts, and never puts any of them aside. What it sorts at once is as large
 * as the cache; of what is more, one piece is sorted while the next is read. Without a thread that writes the log back this is done
 * when it has half of the 64 MiB that it keeps, not after each 8. */
static tend_status begin_bulk(tend_connection *connection, bool *ret_waits, tend_error *reterr)
{
    sqlite3_file *log = NULL;
    tend_status status;

    rollback(connection);
    /* The log is there by its name, too: the thread would not see to that. */
    status = settle(connection, reterr);
    if (status >= 0)
        status = run(connection,
                     "PRAGMA temp_store = file; PRAGMA cache_size = -131072; PRAGMA threads = 1; PRAGMA wal_autocheckpoint = 4000;"
                     "PRAGMA journal_size_limit = 268435456", /* what writeback.c lets it grow to: not cut and grown again */
                     reterr);
    if (status < 0)
        return status;
    *ret_waits = !tend_sqlite_writeback_begin(connection);
    status = *ret_waits ? TEND_OK : set_waits(connection, false, reterr);
    if (status < 0)
        (void)tend_sqlite_writeback_end(connection);
    else if (sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && !connection->block)
        connection->block = tend_sqlite_block_begin(log, true);
    return status;
}

static tend_status end_bulk(tend_connection *connection, bool waits, tend_error *reterr)
{
    tend_status status, set;
    int code;

    rollback(connection);
    (void)tend_sqlite_block_end(connection->block); /* what is committed is written */
    connection->block = NULL;
    code = tend_sqlite_writeback_end(connection);
    status = code == SQLITE_OK ? TEND_OK : tend_sqlite_fail(connection->path, NULL, code, "a commit of the load", reterr);
    set =
        run(connection,
            waits ? "PRAGMA synchronous = full; PRAGMA temp_store = memory; PRAGMA cache_size = -65536; PRAGMA threads = 0;"
                    "PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864"
                  : "PRAGMA temp_store = memory; PRAGMA cache_size = -65536; PRAGMA threads = 0; PRAGMA wal_autocheckpoint = 1000;"
                    "PRAGMA journal_size_limit = 67108864",
            status < 0 ? NULL : reterr);
    return status < 0 ? status : set;
}

static tend_status begin(tend_connection *connection, bool is_writing, tend_error *reterr)
{
    tend_status status;
    int code = SQLITE_OK;

    if (!connection->rollback)
        code = sqlite3_prepare_v3(connection->db, "ROLLBACK", -1, SQLITE_PREPARE_PERSISTENT, &connection->rollback, NULL);
    if (code != SQLITE_OK)
        return tend_sqlite_fail(connection->path, connection->db, code, "ROLLBACK", reterr);
    rollback(connection); /* what could not be taken back when it failed */
    status = run(connection, is_writing ? "BEGIN IMMEDIATE" : "BEGIN; SELECT 1 FROM meta LIMIT 1", reterr);
    if (status < 0)
        rollback(connection);
    return status;
}

static bool in_transaction(const tend_connection *connection)
{
    return !sqlite3_get_autocommit(connection->db);
}

static int64_t changes(const tend_connection *connection)
{
    return sqlite3_changes64(connection->db);
}

static int64_t all_changes(const tend_connection *connection)
{
    return sqlite3_total_changes64(connection->db);
}

static void call_definition(sqlite3_context *context, int count, sqlite3_value **cells)
{
    const scalar *definition = sqlite3_user_data(context);
    tend_value arguments[ARGUMENTS_MAX] = { 0 };
    tend_value result = { 0 };

    for (int i = 0; i < count; i++) {
        switch (sqlite3_value_type(cells[i])) {
        case SQLITE_INTEGER:
            arguments[i].type = TEND_INT;
            arguments[i].integer = sqlite3_value_int64(cells[i]);
            break;
        case SQLITE_TEXT:
            arguments[i].type = TEND_TEXT;
            arguments[i].text = (const char *)sqlite3_value_text(cells[i]);
            arguments[i].length = (size_t)sqlite3_value_bytes(cells[i]);
            break;
        default:
            break;
        }
    }
    definition->call(definition->self, arguments, &result);
    if (result.type == TEND_NULL)
        sqlite3_result_null(context);
    else if (result.type == TEND_TEXT)
        sqlite3_result_text64(context, result.text, result.length, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_result_int64(context, result.integer);
}

static tend_status define(tend_connection *connection, const char *name, int arity,
                          void (*call)(void *self, const tend_value *arguments, tend_value *ret_value), void *self,
                          tend_error *reterr)
{
    scalar *definition;
    int code;

    if (arity < 0 || arity > ARGUMENTS_MAX)
        return tend_fail(reterr, TEND_ERROR, "%s: function %s: takes %d arguments, 0 to %d are possible", connection->path, name,
                         arity, ARGUMENTS_MAX);
    definition = malloc(sizeof *definition);
    if (!definition)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", connection->path);
    definition->call = call;
    definition->self = self;
    /* SQLite frees the definition, also when this fails. */
    code = sqlite3_create_function_v2(connection->db, name, arity, SQLITE_UTF8 | SQLITE_DETERMINISTIC, definition, call_definition,
                                      NULL, NULL, free);
    return code == SQLITE_OK ? TEND_OK : tend_sqlite_fail(connection->path, connection->db, code, NULL, reterr);
}

static tend_status prepare(tend_connection *connection, const char *sql, tend_prepared **ret_prepared, tend_error *reterr)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    const int code = sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, &rest);

    if (code != SQLITE_OK)
        return tend_sqlite_fail(connection->path, connection->db, code, sql, reterr);
    if (!statement || rest[strspn(rest, " \n\t;")] != '\0') {
        (void)sqlite3_finalize(statement);
        return tend_fail(reterr, TEND_ERROR, "%s: not exactly one statement: %s", connection->path, sql);
    }
    *ret_prepared = (tend_prepared *)(void *)statement;
    return TEND_OK;
}

static void end(tend_prepared *prepared)
{
    (void)sqlite3_finalize(as_stmt(prepared));
}

static void reset(tend_prepared *prepared)
{
    (void)sqlite3_reset(as_stmt(prepared));
}

static void unbind(tend_prepared *prepared)
{
    (void)sqlite3_clear_bindings(as_stmt(prepared));
}

static bool bind_null(tend_prepared *prepared, int parameter)
{
    return sqlite3_bind_null(as_stmt(prepared), parameter) == SQLITE_OK;
}

static bool bind_int(tend_prepared *prepared, int parameter, int64_t number)
{
    return sqlite3_bind_int64(as_stmt(prepared), parameter, number) == SQLITE_OK;
}

static bool bind_text(tend_prepared *prepared, int parameter, const char *text, size_t length)
{
    return sqlite3_bind_text64(as_stmt(prepared), parameter, text, length, SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
}

static bool bind_bytes(tend_prepared *prepared, int parameter, const void *data, size_t length)
{
    return sqlite3_bind_blob64(as_stmt(prepared), parameter, data, length, SQLITE_STATIC) == SQLITE_OK;
}

static tend_status step(tend_connection *connection, tend_prepared *prepared, bool *ret_has_row, tend_error *reterr)
{
    const int code = sqlite3_step(as_stmt(prepared));
    tend_status status;

    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        *ret_has_row = code == SQLITE_ROW;
        return TEND_OK;
    }
    status = tend_sqlite_fail(connection->path, connection->db, code, sqlite3_sql(as_stmt(prepared)), reterr);
    (void)sqlite3_reset(as_stmt(prepared));
    return status;
}

static int columns(tend_prepared *prepared)
{
    return sqlite3_column_count(as_stmt(prepared));
}

static tend_cell cell(tend_prepared *prepared, int column)
{
    switch (sqlite3_column_type(as_stmt(prepared), column)) {
    case SQLITE_INTEGER:
        return TEND_CELL_INT;
    case SQLITE_FLOAT:
        return TEND_CELL_REAL;
    case SQLITE_TEXT:
        return TEND_CELL_TEXT;
    case SQLITE_BLOB:
        return TEND_CELL_BYTES;
    default:
        return TEND_CELL_NULL;
    }
}

static int64_t get_int(tend_prepared *prepared, int column)
{
    return sqlite3_column_int64(as_stmt(prepared), column);
}

static const char *get_text(tend_prepared *prepared, int column, size_t *ret_length)
{
    const char *text = (const char *)sqlite3_column_text(as_stmt(prepared), column);

    *ret_length = (size_t)sqlite3_column_bytes(as_stmt(prepared), column);
    return text;
}

static const void *get_bytes(tend_prepared *prepared, int column, size_t *ret_length)
{
    const void *data = sqlite3_column_blob(as_stmt(prepared), column);

    *ret_length = (size_t)sqlite3_column_bytes(as_stmt(prepared), column);
    return data;
}

const tend_store_driver tend_sqlite_driver = {
    .name = "sqlite",
    .tables_sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    .columns_sql = "SELECT name, pk FROM pragma_table_info(?1) ORDER BY name",
    .has_table_sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
    .has_column_sql = "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2",
    .open = tend_sqlite_open,
    .close = tend_sqlite_close,
    .bytes = bytes,
    .copy = tend_sqlite_copy,
    .remove_copy = tend_sqlite_remove_copy,
    .check = tend_sqlite_check,
    .scrub = tend_sqlite_scrub,
    .begin = begin,
    .begin_bulk = begin_bulk,
    .end_bulk = end_bulk,
    .set_durable = set_durable,
    .set_waits = set_waits,
    .settle = settle,
    .rollback = rollback,
    .run = run,
    .in_transaction = in_transaction,
    .changes = changes,
    .all_changes = all_changes,
    .define = define,
    .rows_sql = TEND_SQLITE_ROWS,
    .give_rows = tend_sqlite_give_rows,
    .prepare = prepare,
    .end = end,
    .reset = reset,
    .unbind = unbind,
    .bind_null = bind_null,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_bytes = bind_bytes,
    .step = step,
    .columns = columns,
    .cell = cell,
    .get_int = get_int,
    .get_text = get_text,
    .get_bytes = get_bytes,
};
