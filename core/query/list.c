/* list.c: rows of a kind, filtered in SQL. */
#include "query/query.h"
#include <string.h>

enum { COLUMNS_MAX = 128 };

typedef struct selection {
    const tend_kind_schema *kind;
    int fields[COLUMNS_MAX];
    int count;
} selection;

static void select_default(const tend_query *query, selection *chosen)
{
    int taken = 0;

    for (int field = 0; field < chosen->kind->field_count && taken < 9; field++) {
        const tend_field *about = &chosen->kind->fields[field];

        if (!tend_access_field(query->principal, chosen->kind, field) || (about->flags & TEND_FIELD_RETIRED))
            continue;
        if (taken < 7 || field == chosen->kind->name_field || field == chosen->kind->status_field ||
            (about->flags & TEND_FIELD_REQUIRED)) {
            chosen->fields[chosen->count++] = field;
            taken++;
        }
    }
}

static tend_status select_named(const tend_query *query, const char *names, selection *chosen, tend_error *reterr)
{
    while (*names) {
        size_t length = strcspn(names, ",");
        char name[128];
        int field;

        (void)snprintf(name, sizeof name, "%.*s", (int)(length < 127 ? length : 127), names);
        field = tend_schema_field(chosen->kind, name);
        if (field < 0 || !tend_access_field(query->principal, chosen->kind, field))
            return tend_fail(reterr, TEND_EINVAL, "--fields: %s have no field %s; see tend list --help", chosen->kind->table, name);
        if (chosen->count >= COLUMNS_MAX)
            return tend_fail(reterr, TEND_EINVAL, "--fields: more than %d; name fewer", COLUMNS_MAX);
        chosen->fields[chosen->count++] = field;
        names += length + (names[length] == ',');
    }
    return TEND_OK;
}

static tend_status select_fields(const tend_query *query, const char *names, selection *chosen, tend_error *reterr)
{
    if (names && strcmp(names, "all") != 0)
        return select_named(query, names, chosen, reterr);
    if (!names) {
        select_default(query, chosen);
        return TEND_OK;
    }
    for (int field = 0; field < chosen->kind->field_count && chosen->count < COLUMNS_MAX; field++)
        if (tend_access_field(query->principal, chosen->kind, field))
            chosen->fields[chosen->count++] = field;
    return TEND_OK;
}

static tend_status order_by(const tend_query *query, const selection *chosen, const char *sort, const char **ret_sql,
                            tend_error *reterr)
{
    bool descends = sort && *sort == '-';
    const char *name = sort ? sort + descends : "id";
    int field = strcmp(name, "id") == 0 ? -1 : tend_schema_field(chosen->kind, name);

    if (strcmp(name, "id") != 0 && (field < 0 || !tend_access_field(query->principal, chosen->kind, field)))
        return tend_fail(reterr, TEND_EINVAL, "--sort: %s have no field %s; see tend list %s --fields all", chosen->kind->table,
                         name, chosen->kind->table);
    *ret_sql = tend_arena_print(query->arena, "t.\"%s\" %s, t.id", name, descends ? "DESC" : "ASC");
    return *ret_sql ? TEND_OK : TEND_ENOMEM;
}

static tend_status list_sql(const tend_query *query, const selection *chosen, const tend_list_options *options,
                            const char **ret_sql, tend_error *reterr)
{
    const char *source, *order, *condition = "1";
    tend_filter *filter = NULL;
    tend_status status = tend_world_source(&query->world, chosen->kind->kind, query->arena, &source, reterr);

    if (status >= 0)
        status = order_by(query, chosen, options->sort, &order, reterr);
    if (status >= 0 && options->where) {
        status =
            tend_filter_parse(query->world.schema, query->segments, chosen->kind->kind, options->where, "--where", &filter, reterr);
        if (status >= 0)
            status = tend_filter_may(filter, query->principal, "--where", reterr);
        if (status >= 0)
            status = tend_filter_sql(filter, &query->world, "t", query->arena, &condition, reterr);
    }
    if (status >= 0) {
        *ret_sql = tend_arena_print(query->arena, "SELECT %s FROM %s AS t WHERE (%s) AND (%s) ORDER BY %s LIMIT %lld OFFSET %lld",
                                    tend_row_columns(chosen->kind, "t", query->arena), source,
                                    tend_access_rows(query->principal, chosen->kind->kind), condition, order,
                                    options->limit > 0 ? (long long)options->limit : -1LL, (long long)options->offset);
        if (!*ret_sql)
            status = tend_fail(reterr, TEND_ENOMEM, "list: no memory for the query");
    }
    tend_filter_free(filter);
    return status;
}

/* References read as the name of what they point to. */
static tend_value named(const tend_query *query, const tend_field *field, tend_value value, tend_arena *arena)
{
    if (value.type != TEND_REF || value.integer == 0)
        return value;
    return tend_value_of(tend_row_name(&query->world, (tend_kind)field->target, value.integer, arena));
}

static tend_status list_rows(const tend_query *query, const selection *chosen, tend_statement *statement, tend_result *result,
                             tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    tend_value values[COLUMNS_MAX + 1];
    tend_status status = arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "list: no memory");
    bool has_row = true;

    while (status >= 0) {
        tend_row row;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        tend_arena_reset(arena);
        status = tend_row_from(&query->world, query->principal, statement, 0, chosen->kind, arena, &row, reterr);
        if (status < 0)
            break;
        values[0] = tend_value_int(row.id);
        for (int i = 0; i < chosen->count; i++)
            values[i + 1] = named(query, &chosen->kind->fields[chosen->fields[i]], row.values[chosen->fields[i]], arena);
        status = result->row(result, values, reterr);
    }
    tend_arena_free(arena);
    return status;
}

static uint8_t shown_type(const tend_field *field)
{
    return field->type == TEND_REF ? TEND_TEXT : field->type;
}

tend_status tend_query_list(const tend_query *query, tend_kind kind, const tend_list_options *options, tend_result *result,
                            tend_error *reterr)
{
    selection chosen = { .kind = tend_schema_kind(query->world.schema, kind) };
    tend_heading headings[COLUMNS_MAX + 1] = { { .key = "id", .type = TEND_INT } };
    tend_statement *statement = NULL;
    const char *sql;
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, kind, 0, reterr);

    if (status >= 0)
        status = select_fields(query, options->fields, &chosen, reterr);
    if (status >= 0)
        status = list_sql(query, &chosen, options, &sql, reterr);
    if (status >= 0)
        status = tend_store_prepare(query->world.store, sql, &statement, reterr);
    if (status < 0)
        goto out;
    for (int i = 0; i < chosen.count; i++) {
        const tend_field *field = &chosen.kind->fields[chosen.fields[i]];

        headings[i + 1] = (tend_heading){ .key = field->name, .type = shown_type(field), .is_optional = !options->fields };
    }
    status = result->section(result, chosen.kind->table, NULL, headings, chosen.count + 1, false, reterr);
    if (status >= 0)
        status = list_rows(query, &chosen, statement, result, reterr);
out:
    tend_statement_end(statement);
    return status;
}
