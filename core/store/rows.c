/* rows.c: many rows by one statement. */
#include "store/inside.h"

#include "base/buffer.h"
#include <stdio.h>
#include <string.h>

/* What the rows of one statement have in a column. What all of them have is said once and not asked for with each row. */
enum { ABSENT, SAME, VARIES };
#define SAME_FROM 16 /* fewer rows are alike by chance, and each shape is a statement of its own */

static bool is_alike(const tend_value *a, const tend_value *b)
{
    return a->type == b->type && a->type != TEND_TEXT && (a->type == TEND_NULL || a->integer == b->integer);
}

/* The first column may be the id, which no two rows share. */
static void find_shape(const tend_value *values, int width, size_t count, uint8_t *ret_shape)
{
    for (int c = 0; c < width; c++) {
        const tend_value *first = &values[c];
        size_t r = 1;

        while (r < count && is_alike(&values[r * (size_t)width + (size_t)c], first))
            r++;
        if (r < count || first->type == TEND_TEXT)
            ret_shape[c] = VARIES;
        else if (first->type == TEND_NULL)
            ret_shape[c] = ABSENT;
        else
            ret_shape[c] = c > 0 && count >= SAME_FROM ? SAME : VARIES;
    }
}

/* What has varied once in the rows of a load goes on doing so: its statement also inserts what is the same by chance. */
static void widen(tend_rows_shape *last, const char *table, int width, uint8_t *shape)
{
    const bool is_same_table = last->width == width && strncmp(last->table, table, sizeof last->table - 1) == 0;

    for (int c = 0; c < width && is_same_table; c++) {
        if (shape[c] == SAME && last->columns[c] == VARIES)
            shape[c] = VARIES;
    }
    last->width = width;
    (void)snprintf(last->table, sizeof last->table, "%s", table);
    memcpy(last->columns, shape, (size_t)width);
}

static void write_columns(tend_buffer *sql, const char *const *columns, int width, const uint8_t *shape)
{
    const char *comma = "";

    for (int c = 0; c < width; c++) {
        if (shape[c] == ABSENT)
            continue;
        if (columns)
            tend_buffer_print(sql, "%s\"%s\"", comma, columns[c]);
        else
            tend_buffer_print(sql, shape[c] == SAME ? "%s?%d" : "%sc%d", comma, shape[c] == SAME ? c + 1 : c);
        comma = ", ";
    }
}

tend_status tend_rows_bind(tend_statement *insert, const uint8_t *shape, const tend_value *values, int width, tend_error *reterr)
{
    const tend_store_driver *driver = insert->store->driver;

    driver->reset(insert->prepared); /* it may have run before */
    for (int c = 0; c < width; c++) {
        if (shape[c] == SAME && !driver->bind_int(insert->prepared, c + 1, values[c].integer))
            return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", insert->store->path);
    }
    return TEND_OK;
}

/* In a load a row that cannot be takes the transaction with it, so that nothing of the statement has to be taken back alone: SQLite
 * would write a copy of every page that it touches. */
static tend_status write_insert(const tend_store *store, const char *table, const char *const *columns, int width,
                                const uint8_t *shape, tend_buffer *sql, tend_error *reterr)
{
    tend_buffer_print(sql, "INSERT %sINTO \"%s\" (", store->behind ? "OR ROLLBACK " : "", table);
    write_columns(sql, columns, width, shape);
    tend_buffer_text(sql, ") SELECT ");
    write_columns(sql, NULL, width, shape);
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
                           uint8_t *ret_shape, tend_error *reterr)
{
    if (width > TEND_ROWS_WIDTH)
        return tend_fail(reterr, TEND_ELIMIT, "%s: %s: more than %d columns at once", store->path, table, TEND_ROWS_WIDTH);
    find_shape(values, width, count, ret_shape);
    return TEND_OK;
}

tend_status tend_store_insert(tend_store *store, const char *table, const char *const *columns, int width, const tend_value *values,
                              size_t count, tend_error *reterr)
{
    uint8_t shape[TEND_ROWS_WIDTH];
    tend_statement *insert = NULL;
    tend_buffer sql = { 0 };
    tend_status status = count == 0 ? TEND_OK : measure(store, table, width, values, count, shape, reterr);

    if (status >= 0 && count > 0)
        status = write_insert(store, table, columns, width, shape, &sql, reterr);
    if (status >= 0 && count > 0)
        status = prepare(store, &sql, &insert, reterr);
    tend_buffer_clear(&sql);
    if (!insert)
        return status;
    store->driver->give_rows(tend_store_own(store), values, width, count);
    status = tend_rows_bind(insert, shape, values, width, reterr);
    if (status >= 0)
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
    inserts->insert = inserts->append = inserts->highest = NULL;
}

/* Where the first column is the row's id, also what does without saying it, and what tells whether that may be. */
static tend_status prepare_all(tend_store *store, const char *table, const char *const *columns, int width, uint8_t *shape,
                               tend_buffer *sql, tend_inserts *ret_inserts, tend_error *reterr)
{
    tend_status status = prepare(store, sql, &ret_inserts->insert, reterr);

    memcpy(ret_inserts->shape, shape, (size_t)width);
    if (status < 0 || width < 2 || strcmp(columns[0], "id") != 0)
        return status;
    shape[0] = ABSENT;
    tend_buffer_reset(sql);
    status = write_insert(store, table, columns, width, shape, sql, reterr);
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
    uint8_t shape[TEND_ROWS_WIDTH];
    tend_inserts inserts = { .insert = NULL };
    tend_buffer sql = { 0 };
    tend_status status;
    bool fits;

    if (!store->behind || count == 0)
        return tend_store_insert(store, table, columns, width, values, count, reterr);
    status = measure(store, table, width, values, count, shape, reterr);
    if (status >= 0) {
        widen(tend_behind_shape(store), table, width, shape);
        status = write_insert(store, table, columns, width, shape, &sql, reterr);
    }
    fits = status >= 0 && tend_behind_fits(store, tend_buffer_string(&sql));
    if (status >= 0 && !fits)
        status = prepare_all(store, table, columns, width, shape, &sql, &inserts, reterr);
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
