/* cache_build.c: the chunk of one kind from the store, one pass, in memory for one group. */
#include "base/buffer.h"
#include "kpi/cache.h"
#include <tend/plugin.h>

static void write_account(const tend_kind_schema *kind, char *ret_column, size_t room)
{
    if (kind->kind == TEND_KIND_ACCOUNT)
        (void)snprintf(ret_column, room, "s.id");
    else
        (void)snprintf(ret_column, room, "s.\"%s\"", kind->fields[kind->account_field].name);
}

/* account, id, effective_at, then what is wanted. */
static tend_status write_select(const tend_world *world, const tend_kind_schema *kind, const tend_wanted *wanted, size_t count,
                                tend_arena *arena, tend_buffer *sql, tend_error *reterr)
{
    const char *source;
    char account[80];
    const tend_status status = tend_world_source(world, kind->kind, arena, &source, reterr);

    if (status < 0)
        return status;
    write_account(kind, account, sizeof account);
    tend_buffer_print(sql, "SELECT %s, s.id, s.effective_at", account);
    for (size_t i = 0; i < count; i++) {
        if (wanted[i].found.sql)
            tend_buffer_print(sql, ", %s", wanted[i].found.sql);
        else
            tend_buffer_print(sql, ", s.\"%s\"", kind->fields[wanted[i].found.field].name);
    }
    tend_buffer_print(sql, " FROM %s s WHERE %s IS NOT NULL ORDER BY 1, 3, 2", source, account);
    return sql->failed ? tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up") : TEND_OK;
}

static tend_status put_row(tend_statement *statement, const tend_wanted *wanted, size_t count, tend_chunk_writer *writer,
                           tend_error *reterr)
{
    int64_t values[TEND_CHUNK_COLUMNS_MAX];
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < count; i++) {
        const int column = 3 + (int)i;
        size_t length;

        values[i] = TEND_UNKNOWN;
        if (tend_statement_is_null(statement, column))
            continue;
        if (wanted[i].found.type == TEND_TEXT) {
            const char *text = tend_statement_text(statement, column, &length);

            status = tend_chunk_word(writer, i, text, length, &values[i], reterr);
        } else {
            values[i] = tend_statement_int(statement, column);
        }
    }
    return status < 0 ? status
                      : tend_chunk_put(writer, tend_statement_int(statement, 0), tend_statement_int(statement, 1),
                                       tend_statement_int(statement, 2), values, reterr);
}

tend_status tend_cache_build(const tend_world *world, const tend_kind_schema *kind, const tend_wanted *wanted, size_t count,
                             const char *path, tend_error *reterr)
{
    tend_chunk_column columns[TEND_CHUNK_COLUMNS_MAX] = { 0 };
    tend_chunk_writer *writer = NULL;
    tend_arena *arena = tend_arena_new();
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = arena ? write_select(world, kind, wanted, count, arena, &sql, reterr)
                               : tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");

    for (size_t i = 0; i < count; i++) {
        columns[i].is_text = wanted[i].found.type == TEND_TEXT;
        (void)snprintf(columns[i].name, sizeof columns[i].name, "%s", wanted[i].name);
    }
    if (status >= 0)
        status = tend_store_prepare(world->store, tend_buffer_string(&sql), &statement, reterr);
    if (status >= 0)
        status = tend_chunk_create(path, columns, count, &writer, reterr);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = put_row(statement, wanted, count, writer, reterr);
    tend_statement_end(statement);
    if (status >= 0)
        status = tend_chunk_finish(writer, reterr);
    else
        tend_chunk_discard(writer);
    tend_buffer_clear(&sql);
    tend_arena_free(arena);
    return status;
}
