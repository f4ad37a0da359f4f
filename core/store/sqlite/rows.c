/* rows.c: rows in memory as a table that SQL can read, so that one statement inserts thousands of them. */
#include "store/sqlite/sqlite.h"

#include <stdlib.h>

typedef struct table {
    sqlite3_vtab base; /* first: SQLite knows only this */
    const tend_sqlite_rows *rows;
} table;

typedef struct cursor {
    sqlite3_vtab_cursor base; /* first */
    const tend_sqlite_rows *rows;
    size_t at;
} cursor;

static int connect(sqlite3 *db, void *self, int argc, const char *const *argv, sqlite3_vtab **ret_table, char **ret_error)
{
    char *sql = sqlite3_mprintf("CREATE TABLE t (c0");
    table *made = calloc(1, sizeof *made);
    int code = SQLITE_NOMEM;

    (void)argc, (void)argv, (void)ret_error;
    for (int i = 1; i < TEND_ROWS_WIDTH && sql; i++)
        sql = sqlite3_mprintf("%z, c%d", sql, i);
    if (sql)
        sql = sqlite3_mprintf("%z)", sql);
    if (sql && made)
        code = sqlite3_declare_vtab(db, sql);
    sqlite3_free(sql);
    if (code != SQLITE_OK) {
        free(made);
        return code;
    }
    made->rows = self;
    *ret_table = &made->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base)
{
    free(base);
    return SQLITE_OK;
}

/* All rows, in their order. */
static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    const table *of = (const table *)(void *)base;

    info->estimatedRows = (sqlite3_int64)of->rows->count;
    info->estimatedCost = (double)of->rows->count;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
    cursor *made = calloc(1, sizeof *made);

    if (!made)
        return SQLITE_NOMEM;
    made->rows = ((const table *)(void *)base)->rows;
    *ret_cursor = &made->base;
    return SQLITE_OK;
}

static cursor *of(sqlite3_vtab_cursor *base)
{
    return (cursor *)(void *)base;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    free(of(base));
    return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc, sqlite3_value **argv)
{
    (void)number, (void)text, (void)argc, (void)argv;
    of(base)->at = 0;
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
    of(base)->at++;
    return SQLITE_OK;
}

static int is_at_end(sqlite3_vtab_cursor *base)
{
    return of(base)->at >= of(base)->rows->count;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
    const tend_sqlite_rows *rows = of(base)->rows;
    const tend_value *value;

    if (number >= rows->width)
        return SQLITE_OK; /* NULL */
    value = &rows->values[of(base)->at * (size_t)rows->width + (size_t)number];
    if (value->type == TEND_TEXT)
        sqlite3_result_text(context, value->text, (int)value->length, SQLITE_STATIC);
    else if (value->type != TEND_NULL)
        sqlite3_result_int64(context, value->integer);
    return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_rowid)
{
    *ret_rowid = (sqlite3_int64)of(base)->at;
    return SQLITE_OK;
}

/* There is no xCreate: the table is there without being made, and nothing of it is in the file. */
static const sqlite3_module module = {
    .xConnect = connect,
    .xDisconnect = disconnect,
    .xBestIndex = best_index,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = filter,
    .xNext = next,
    .xEof = is_at_end,
    .xColumn = column,
    .xRowid = rowid,
};

tend_status tend_sqlite_rows_define(tend_connection *connection, tend_error *reterr)
{
    int code = sqlite3_create_module(connection->db, TEND_SQLITE_ROWS, &module, &connection->rows);

    return code == SQLITE_OK ? TEND_OK : tend_sqlite_fail(connection->path, connection->db, code, NULL, reterr);
}

void tend_sqlite_give_rows(tend_connection *connection, const tend_value *values, int width, size_t count)
{
    connection->rows = (tend_sqlite_rows){ .values = values, .width = width, .count = values ? count : 0 };
}
