/* row.c: one row with everything known about it: fields, what sources call it, how it came to be so. */
#include "query/query.h"
#include <string.h>

enum { COLUMNS_MAX = 160 };

/* As it was called on the day that is looked at. */
static const char *name_then(const tend_query *query, const tend_row *row)
{
    int field = row->kind->name_field;

    return field >= 0 && tend_access_field(query->principal, row->kind, field) && row->values[field].type == TEND_TEXT
               ? row->values[field].text
               : tend_row_name(&query->world, row->kind->kind, row->id, query->arena);
}

static tend_status show_fields(const tend_query *query, const tend_row *row, tend_result *result, tend_error *reterr)
{
    tend_heading headings[COLUMNS_MAX];
    tend_value values[COLUMNS_MAX];
    int count = 0;
    tend_status status;

    headings[count] = (tend_heading){ .key = "id", .type = TEND_INT };
    values[count++] = tend_value_int(row->id);
    for (int i = 0; i < row->kind->field_count && count < COLUMNS_MAX - 5; i++) {
        const tend_field *field = &row->kind->fields[i];

        if (!tend_access_field(query->principal, row->kind, i))
            continue;
        headings[count] = (tend_heading){ .key = field->name, .type = field->type };
        values[count++] = row->values[i];
        if (field->type == TEND_REF) {
            headings[count] = (tend_heading){ .key = tend_arena_print(query->arena, "%s_name", field->name), .type = TEND_TEXT };
            values[count++] =
                row->values[i].type == TEND_NULL
                    ? tend_value_none()
                    : tend_value_of(tend_row_name(&query->world, (tend_kind)field->target, row->values[i].integer, query->arena));
        }
    }
    headings[count] = (tend_heading){ .key = "effective_at", .title = "true since", .type = TEND_TIME };
    values[count++] = tend_value_time(row->effective_at);
    headings[count] = (tend_heading){ .key = "known_at", .title = "known since", .type = TEND_TIME };
    values[count++] = tend_value_time(row->known_at);
    headings[count] = (tend_heading){ .key = "known_assumed", .title = "known since is assumed", .type = TEND_BOOL };
    values[count++] = tend_value_bool(row->known_assumed);
    headings[count] = (tend_heading){ .key = "recorded_at", .title = "recorded", .type = TEND_TIME };
    values[count++] = tend_value_time(row->recorded_at);
    status = result->section(result, row->kind->name, name_then(query, row), headings, count, true, reterr);
    return status < 0 ? status : result->row(result, values, reterr);
}

static tend_status show_identities(const tend_query *query, const tend_row *row, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = { { "source", NULL, TEND_TEXT, false },
                                             { "external_id", "its id there", TEND_TEXT, false } };
    tend_statement *statement = NULL;
    const char *sql = tend_arena_print(query->arena,
                                       "SELECT s.name, i.external FROM %s i JOIN sources s ON s.id = i.source WHERE i.row = ?1 "
                                       "ORDER BY s.name, i.external",
                                       tend_schema_names_of(query->world.schema, row->kind->kind));
    tend_status status = sql ? tend_store_prepare(query->world.store, sql, &statement, reterr)
                             : tend_fail(reterr, TEND_ENOMEM, "show: memory is used up");

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, row->id);
    status = result->section(result, "identities", "Known elsewhere as", headings, 2, false, reterr);
    while (status >= 0) {
        bool has_row;
        tend_value values[2];

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        values[0] = tend_value_of(tend_statement_text(statement, 0, NULL));
        values[1] = tend_value_of(tend_statement_text(statement, 1, NULL));
        status = result->row(result, values, reterr);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status show_changes(const tend_query *query, const tend_row *row, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "field", NULL, TEND_TEXT, false },
        { "before", NULL, TEND_TEXT, false },
        { "after", NULL, TEND_TEXT, false },
        { "effective_at", "true since", TEND_TIME, false },
        { "known_at", "known since", TEND_TIME, true },
        { "known_assumed", "known since is assumed", TEND_BOOL, true },
        { "recorded_at", "recorded", TEND_TIME, true },
        { "by", NULL, TEND_TEXT, false },
        { "source", NULL, TEND_TEXT, false },
        { "batch", NULL, TEND_INT, true },
    };
    const tend_change *changes;
    size_t count;
    tend_status status =
        tend_history(&query->world, query->principal, row->kind->kind, row->id, query->arena, &changes, &count, reterr);

    if (status >= 0)
        status = result->section(result, "changes", "Changes, newest first", headings, sizeof headings / sizeof *headings, false,
                                 reterr);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_change *change = &changes[i];
        tend_value values[] = {
            tend_value_of(change->field < 0 ? "(the row)" : row->kind->fields[change->field].name),
            change->before,
            change->after,
            tend_value_time(change->effective_at),
            tend_value_time(change->known_at),
            change->known_assumed ? tend_value_bool(true) : tend_value_none(),
            tend_value_time(change->recorded_at),
            tend_value_of(change->by),
            tend_value_of(change->source),
            change->batch ? tend_value_int(change->batch) : tend_value_none(),
        };

        status = result->row(result, values, reterr);
    }
    return status;
}

tend_status tend_query_row(const tend_query *query, tend_kind kind, int64_t id, tend_result *result, tend_error *reterr)
{
    tend_row row;
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, kind, id, reterr);

    if (status >= 0)
        status = tend_read(&query->world, query->principal, kind, id, query->arena, &row, reterr);
    if (status >= 0)
        status = show_fields(query, &row, result, reterr);
    if (status >= 0)
        status = show_identities(query, &row, result, reterr);
    if (status >= 0)
        status = show_changes(query, &row, result, reterr);
    return status;
}
