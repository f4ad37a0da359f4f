/* row.c: one row, with its values and its name. */
#include "base/buffer.h"
#include "model/inside.h"
#include <string.h>

const char *tend_row_columns(const tend_kind_schema *kind, const char *alias, tend_arena *arena)
{
    tend_buffer sql = { 0 };
    const char *columns;

    tend_buffer_print(&sql, "%s.id, %s.effective_at, %s.known_at, %s.known_assumed, %s.recorded_at", alias, alias, alias, alias,
                      alias);
    for (int i = 0; i < kind->field_count; i++)
        tend_buffer_print(&sql, ", %s.\"%s\"", alias, kind->fields[i].name);
    columns = sql.failed ? NULL : tend_arena_copy(arena, sql.bytes, sql.length);
    tend_buffer_clear(&sql);
    return columns;
}

tend_status tend_row_from(const tend_world *world, const tend_principal *principal, tend_statement *statement, int column,
                          const tend_kind_schema *kind, tend_arena *arena, tend_row *ret_row, tend_error *reterr)
{
    tend_value *values = tend_arena_take(arena, (size_t)kind->field_count * sizeof *values);
    tend_status status = values ? TEND_OK : TEND_ENOMEM;

    (void)world;
    for (int i = 0; i < kind->field_count && status >= 0; i++) {
        tend_value value;

        if (!tend_access_field(principal, kind, i))
            continue;
        tend_stored_read(statement, column + TEND_ROW_FIELDS + i, &kind->fields[i], &value);
        status = tend_arena_value(arena, &value, &values[i]);
    }
    if (status < 0)
        return tend_fail(reterr, TEND_ENOMEM, "world: memory is used up");
    tend_row_currency(kind, values);
    *ret_row = (tend_row){ .kind = kind,
                           .id = tend_statement_int(statement, column + TEND_ROW_ID),
                           .effective_at = tend_statement_int(statement, column + TEND_ROW_EFFECTIVE),
                           .known_at = tend_statement_int(statement, column + TEND_ROW_KNOWN),
                           .recorded_at = tend_statement_int(statement, column + TEND_ROW_RECORDED),
                           .known_assumed = tend_statement_int(statement, column + TEND_ROW_ASSUMED) != 0,
                           .values = values };
    return TEND_OK;
}

static tend_status one_number(const tend_world *world, const char *sql, int64_t parameter, int64_t *number, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(world->store, sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, parameter);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row && !tend_statement_is_null(statement, 0))
        *number = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

static tend_status write_read(const tend_world *world, const tend_kind_schema *kind, tend_buffer *sql, tend_error *reterr)
{
    const char *source = NULL;
    const char *columns = tend_schema_sql_of(world->schema, kind->kind)->columns;
    tend_arena *arena = tend_arena_new();
    tend_status status = arena ? tend_world_source(world, kind->kind, arena, &source, reterr)
                               : tend_fail(reterr, TEND_ENOMEM, "world: memory is used up");

    if (status >= 0) {
        tend_buffer_text(sql, "SELECT ");
        tend_buffer_text(sql, columns);
        tend_buffer_text(sql, " FROM ");
        tend_buffer_text(sql, source);
        tend_buffer_text(sql, " r WHERE r.id=?1");
        if (kind->is_fact) {
            tend_buffer_text(sql, " UNION ALL SELECT ");
            tend_buffer_text(sql, columns);
            tend_buffer_text(sql, " FROM ");
            tend_buffer_text(sql, source);
            tend_buffer_text(sql, " r WHERE r.fact=?1 AND r.fact<>r.id");
        }
        if (sql->failed)
            status = tend_fail(reterr, TEND_ENOMEM, "world: memory is used up");
    }
    tend_arena_free(arena);
    return status;
}

/* Not there, or not any more: then it is said since when. */
static tend_status tell_missing(const tend_world *world, const tend_kind_schema *kind, int64_t id, int64_t key, tend_error *reterr)
{
    char sql[120], day[TEND_DATE_ROOM];
    int64_t removed_at = TEND_NO_TIME;
    tend_status status = TEND_OK;

    (void)snprintf(sql, sizeof sql, "SELECT removed_at FROM \"%s\" WHERE id=?1 AND removed_at IS NOT NULL", kind->table);
    if (!kind->is_fact && tend_world_is_live(world))
        status = one_number(world, sql, key, &removed_at, reterr);
    if (status < 0)
        return status;
    if (removed_at != TEND_NO_TIME)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s %lld: was removed on %s; with --as-of and a day before it is shown as it was",
                         kind->name, (long long)id, tend_date_format((tend_date)(removed_at / 86400000), day));
    return tend_fail(reterr, TEND_ENOTFOUND, "%s %lld: no such row%s; `tend list %s` shows those that exist", kind->name,
                     (long long)id, tend_world_is_live(world) ? "" : " at that time", kind->table);
}

tend_status tend_read(const tend_world *world, const tend_principal *principal, tend_kind number, int64_t id, tend_arena *arena,
                      tend_row *ret_row, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(world->schema, number);
    tend_statement *statement = NULL;
    tend_buffer sql = { 0 };
    bool has_row = false;
    int64_t key = id;
    tend_status status = tend_access_may(principal, TEND_VERB_READ, number, id, reterr);

    if (status >= 0 && kind->is_fact) {
        char fact[120];

        (void)snprintf(fact, sizeof fact, "SELECT fact FROM \"%s\" WHERE id=?1", kind->table);
        status = one_number(world, fact, id, &key, reterr);
    } else if (status >= 0 && number == TEND_KIND_ACCOUNT) {
        status = tend_merge_resolve(world, id, &key, reterr);
    }
    if (status >= 0)
        status = write_read(world, kind, &sql, reterr);
    if (status >= 0)
        status = tend_store_prepare(world->store, tend_buffer_string(&sql), &statement, reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, key);
        status = tend_statement_step(statement, &has_row, reterr);
    }
    if (status >= 0 && !has_row)
        status = tell_missing(world, kind, id, key, reterr);
    if (status >= 0)
        status = tend_row_from(world, principal, statement, 0, kind, arena, ret_row, reterr);
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    return status;
}

const char *tend_row_name(const tend_world *world, tend_kind number, int64_t id, tend_arena *arena)
{
    const tend_kind_schema *kind = tend_schema_kind(world->schema, number);
    const char *name = NULL;
    tend_statement *statement = NULL;
    char sql[200];
    bool has_row = false;

    if (kind->name_field >= 0) {
        (void)snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE id=?1", kind->fields[kind->name_field].name, kind->table);
        if (tend_store_prepare(world->store, sql, &statement, NULL) >= 0) {
            tend_statement_bind_int(statement, 1, id);
            if (tend_statement_step(statement, &has_row, NULL) >= 0 && has_row)
                name = tend_arena_string(arena, tend_statement_text(statement, 0, NULL));
        }
        tend_statement_end(statement);
    }
    if (!name)
        name = tend_arena_print(arena, "%s %lld", kind->name, (long long)id);
    return name ? name : kind->name;
}
