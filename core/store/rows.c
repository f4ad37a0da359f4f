/* rows.c: many rows by one statement. */
#include "store/inside.h"

#include "base/buffer.h"
#include <string.h>

/* Columns that are null in every row are left out. */
static void find_used(const tend_value *values, int width, size_t count, bool *ret_used)
{
    for (int c = 0; c < width; c++) {
        ret_used[c] = false;
        for (size_t r = 0; r < count && !ret_used[c]; r++)
            ret_used[c] = values[r * (size_t)width + (size_t)c].type != TEND_NULL;
    }
}

static void write_columns(tend_buffer *sql, const char *const *columns, int width, const bool *used)
{
    const char *comma = "";

    for (int c = 0; c < width; c++) {
        if (!used[c])
            continue;
        if (columns)
            tend_buffer_print(sql, "%s\"%s\"", comma, columns[c]);
        else
            tend_buffer_print(sql, "%sc%d", comma, c);
        comma = ", ";
    }
}

/* In a load a row that cannot be takes the transaction with it, so that nothing of the statement has to be taken back alone: SQLite
 * would write a copy of every page that it touches. */
static tend_status write_insert(const tend_store *store, const char *table, const char *const *columns, int width, const bool *used,
                                tend_buffer *sql, tend_error *reterr)
{
    tend_buffer_print(sql, "INSERT %sINTO \"%s\" (", store->behind ? "OR ROLLBACK " : "", table);
    write_columns(sql, columns, width, used);
    tend_buffer_text(sql, ") SELECT ");
    write_columns(sql, NULL, width, used);
    tend_buffer_print(sql, " FROM %s", store->driver->rows_sql);
    return sql->failed ? tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path) : TEND_OK;
}

/* What was handed over before is waited for. */
static tend_status prepare(tend_store *store, const tend_buffer *sql, tend_statement **ret_insert, tend_error *reterr)
{
    tend_status status = tend_store_usable(store, reterr);

    return status < 0 ? status : tend_store_prepare(store, tend_buffer_string(sql), ret_insert, reterr);
}

static tend_status measure(const tend_store *store, const char *table, int width, const tend_value *values, size_t count,
                           bool *ret_used, tend_error *reterr)
{
    if (width > TEND_ROWS_WIDTH)
        return tend_fail(reterr, TEND_ELIMIT, "%s: %s: more than %d columns at once", store->path, table, TEND_ROWS_WIDTH);
    find_used(values, width, count, ret_used);
    return TEND_OK;
}

tend_status tend_store_insert(tend_store *store, const char *table, const char *const *columns, int width, const tend_value *values,
                              size_t count, tend_error *reterr)
{
    bool used[TEND_ROWS_WIDTH];
    tend_statement *insert = NULL;
    tend_buffer sql = { 0 };
    tend_status status = count == 0 ? TEND_OK : measure(store, table, width, values, count, used, reterr);

    if (status >= 0 && count > 0)
        status = write_insert(store, table, columns, width, used, &sql, reterr);
    if (status >= 0 && count > 0)
        status = prepare(store, &sql, &insert, reterr);
    tend_buffer_clear(&sql);
    if (!insert)
        return status;
    store->driver->give_rows(tend_store_own(store), values, width, count);
    status = tend_statement_run(insert, reterr);
    store->driver->give_rows(tend_store_own(store), NULL, 0, 0);
    tend_statement_end(insert);
    return status;
}

void tend_inserts_end(tend_inserts *inserts)
{
    tend_statement_end(inserts->insert);
    tend_statement_end(inserts->append);
    tend_statement_end(inserts->highest);
    *inserts = (tend_inserts){ .insert = NULL };
}

/* Where the first column is the row's id, also what does without saying it, and what tells whether that may be. */
static tend_status prepare_all(tend_store *store, const char *table, const char *const *columns, int width, bool *used,
                               tend_buffer *sql, tend_inserts *ret_inserts, tend_error *reterr)
{
    tend_status status = prepare(store, sql, &ret_inserts->insert, reterr);

    if (status < 0 || width < 2 || strcmp(columns[0], "id") != 0)
        return status;
    used[0] = false;
    tend_buffer_reset(sql);
    status = write_insert(store, table, columns, width, used, sql, reterr);
    if (status >= 0)
        status = prepare(store, sql, &ret_inserts->append, reterr);
    tend_buffer_reset(sql);
    tend_buffer_print(sql, "SELECT coalesce(max(id), 0) FROM \"%s\"", table);
    if (status >= 0)
        status = sql->failed ? tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path)
                             : prepare(store, sql, &ret_inserts->highest, reterr);
    return status;
}

tend_status tend_store_insert_behind(tend_store *store, const char *table, const char *const *columns, int width,
                                     const tend_value *values, size_t count, tend_error *reterr)
{
    bool used[TEND_ROWS_WIDTH];
    tend_inserts inserts = { .insert = NULL };
    tend_buffer sql = { 0 };
    tend_status status;
    bool fits;

    if (!store->behind || count == 0)
        return tend_store_insert(store, table, columns, width, values, count, reterr);
    status = measure(store, table, width, values, count, used, reterr);
    if (status >= 0)
        status = write_insert(store, table, columns, width, used, &sql, reterr);
    fits = status >= 0 && tend_behind_fits(store, tend_buffer_string(&sql));
    if (status >= 0 && !fits)
        status = prepare_all(store, table, columns, width, used, &sql, &inserts, reterr);
    tend_buffer_clear(&sql);
    if (status >= 0)
        tend_behind_give(store, fits ? NULL : &inserts, values, width, count);
    else
        tend_inserts_end(&inserts);
    return status;
}

void tend_store_wait(tend_store *store)
{
    (void)tend_store_own(store);
}
