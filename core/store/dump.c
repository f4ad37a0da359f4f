#include "store/inside.h"

#include "base/buffer.h"
#include <string.h>

/* One table's columns, by name, and its order. */
typedef struct table_plan {
    tend_buffer columns; /* "a", "b" */
    tend_buffer order;   /* the primary key in its order; every column when there is none */
    tend_buffer names;   /* a NUL b NUL */
    int count;
} table_plan;

typedef struct dump_state {
    tend_store *store;
    tend_status (*line)(void *self, const char *text, size_t length);
    void *self;
    tend_buffer text;
} dump_state;

static void quote_name(tend_buffer *buffer, const char *name)
{
    if (buffer->length)
        tend_buffer_text(buffer, ", ");
    tend_buffer_byte(buffer, '"');
    for (; *name; name++) {
        if (*name == '"')
            tend_buffer_byte(buffer, '"');
        tend_buffer_byte(buffer, *name);
    }
    tend_buffer_byte(buffer, '"');
}

static void plan_clear(table_plan *plan)
{
    tend_buffer_clear(&plan->columns);
    tend_buffer_clear(&plan->order);
    tend_buffer_clear(&plan->names);
}

/* The column that is `place`-th in the primary key joins the order; false when there is none. */
static tend_status order_by(tend_store *store, const char *table, int64_t place, table_plan *plan, bool *ret_found,
                            tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = true;
    tend_status status = tend_store_prepare(store, store->driver->columns_sql, &statement, reterr);

    *ret_found = false;
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, table);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        if (tend_statement_int(statement, 1) != place)
            continue;
        quote_name(&plan->order, tend_statement_text(statement, 0, NULL));
        *ret_found = true;
    }
    tend_statement_end(statement);
    return status;
}

static tend_status make_plan(tend_store *store, const char *table, table_plan *plan, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = true, is_found = true;
    tend_status status = tend_store_prepare(store, store->driver->columns_sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, table);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *name = tend_statement_text(statement, 0, NULL);

        quote_name(&plan->columns, name);
        tend_buffer_append(&plan->names, name, strlen(name) + 1);
        plan->count++;
    }
    tend_statement_end(statement);
    for (int64_t place = 1; status >= 0 && is_found; place++)
        status = order_by(store, table, place, plan, &is_found, reterr);
    if (status >= 0 && plan->order.length == 0)
        tend_buffer_append(&plan->order, tend_buffer_string(&plan->columns), plan->columns.length);
    return status;
}

static void put_text(tend_buffer *buffer, const char *text, size_t length)
{
    tend_buffer_byte(buffer, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\') {
            tend_buffer_byte(buffer, '\\');
            tend_buffer_byte(buffer, text[i]);
        } else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
            tend_buffer_print(buffer, "\\x%02x", (unsigned)(unsigned char)text[i]);
        } else {
            tend_buffer_byte(buffer, text[i]);
        }
    }
    tend_buffer_byte(buffer, '"');
}

static void put_cell(tend_buffer *buffer, tend_store *store, tend_statement *statement, int column)
{
    size_t length;
    const unsigned char *bytes;
    const char *text;

    (void)tend_store_own(store);
    switch (store->driver->cell(statement->prepared, column)) {
    case TEND_CELL_NULL:
        tend_buffer_text(buffer, "null");
        break;
    case TEND_CELL_INT:
        tend_buffer_print(buffer, "%lld", (long long)tend_statement_int(statement, column));
        break;
    case TEND_CELL_REAL:
        text = tend_statement_text(statement, column, &length);
        tend_buffer_append(buffer, text, length);
        break;
    case TEND_CELL_TEXT:
        text = tend_statement_text(statement, column, &length);
        put_text(buffer, text, length);
        break;
    case TEND_CELL_BYTES:
        bytes = tend_statement_bytes(statement, column, &length);
        tend_buffer_text(buffer, "x'");
        for (size_t i = 0; i < length; i++)
            tend_buffer_print(buffer, "%02x", bytes[i]);
        tend_buffer_byte(buffer, '\'');
        break;
    }
}

static tend_status dump_row(dump_state *dumping, const char *table, const table_plan *plan, tend_statement *statement,
                            tend_error *reterr)
{
    tend_buffer *text = &dumping->text;
    const char *name = tend_buffer_string(&plan->names);
    tend_status status;

    tend_buffer_reset(text);
    tend_buffer_text(text, table);
    for (int i = 0; i < plan->count; i++) {
        tend_buffer_byte(text, ' ');
        tend_buffer_text(text, name);
        tend_buffer_byte(text, '=');
        put_cell(text, dumping->store, statement, i);
        name += strlen(name) + 1;
    }
    if (text->failed)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", dumping->store->path);
    status = dumping->line(dumping->self, tend_buffer_string(text), text->length);
    return status < 0 ? tend_fail(reterr, status, "%s: the dump was stopped by its reader", dumping->store->path) : status;
}

static tend_status dump_table(dump_state *dumping, const char *table, tend_error *reterr)
{
    table_plan plan = { 0 };
    tend_buffer sql = { 0 };
    tend_buffer quoted = { 0 };
    tend_statement *statement = NULL;
    bool has_row = true;
    tend_status status = make_plan(dumping->store, table, &plan, reterr);

    if (status < 0)
        goto out;
    quote_name(&quoted, table);
    tend_buffer_print(&sql, "SELECT %s FROM %s ORDER BY %s", tend_buffer_string(&plan.columns), tend_buffer_string(&quoted),
                      tend_buffer_string(&plan.order));
    if (plan.columns.failed || plan.order.failed || plan.names.failed || sql.failed || quoted.failed) {
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", dumping->store->path);
        goto out;
    }
    status = tend_store_prepare(dumping->store, tend_buffer_string(&sql), &statement, reterr);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = dump_row(dumping, table, &plan, statement, reterr);
out:
    tend_statement_end(statement);
    tend_buffer_clear(&quoted);
    tend_buffer_clear(&sql);
    plan_clear(&plan);
    return status;
}

static bool is_left_out(const char *const *except, const char *table)
{
    for (; except && *except; except++) {
        if (strcmp(*except, table) == 0)
            return true;
    }
    return false;
}

tend_status tend_store_tables(tend_store *store, tend_statement **ret_statement, tend_error *reterr)
{
    return tend_store_prepare(store, store->driver->tables_sql, ret_statement, reterr);
}

tend_status tend_store_dump(tend_store *store, const char *const *except,
                            tend_status (*line)(void *self, const char *text, size_t length), void *self, tend_error *reterr)
{
    dump_state dumping = { .store = store, .line = line, .self = self };
    tend_statement *statement = NULL;
    bool has_row = true;
    tend_status status = tend_store_tables(store, &statement, reterr);

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *table = tend_statement_text(statement, 0, NULL);

        if (!is_left_out(except, table))
            status = dump_table(&dumping, table, reterr);
    }
    tend_statement_end(statement);
    tend_buffer_clear(&dumping.text);
    return status;
}
