/* list.c: rows of a kind, filtered in SQL. */
#include "base/money.h"
#include "model/measure.h"
#include "query/inside.h"
#include <string.h>

enum { COLUMNS_MAX = 128, MEASURE_COLUMNS = 4, MEASURES_FROM = 1000 };

typedef struct selection {
    const tend_kind_schema *kind;
    int fields[COLUMNS_MAX]; /* MEASURES_FROM and more: the place in `measures` */
    int count;
    const char *measures[COLUMNS_MAX]; /* published numbers of accounts, by name */
    int measure_count;
} selection;

/* Whether a condition may name it as a number of accounts: arr, health, nrr … */
static bool is_measure(const tend_query *query, const tend_kind_schema *kind, const char *name)
{
    char text[160];
    tend_filter *filter = NULL;
    bool is_one;

    if (kind->kind != TEND_KIND_ACCOUNT || !*name || strlen(name) > 100 ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._")])
        return false;
    (void)snprintf(text, sizeof text, "%s is not empty", name);
    is_one = strchr(name, '.') != name && strcmp(name, "segment") != 0 && tend_schema_field(kind, name) < 0 &&
             tend_filter_parse(query->world.schema, query->segments, kind->kind, text, "--fields", &filter, NULL) >= 0 &&
             tend_filter_may(filter, query->principal, "--fields", NULL) >= 0;
    if (is_one && strchr(name, '.')) { /* owner.name is a field of another row */
        char head[101];

        (void)snprintf(head, sizeof head, "%.*s", (int)strcspn(name, "."), name);
        is_one = tend_schema_field(kind, head) < 0 && strcmp(head, "account") != 0;
    }
    tend_filter_free(filter);
    return is_one;
}

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
        names += length + (names[length] == ',');
        if (strcmp(name, "id") == 0) /* it stands before all of them */
            continue;
        field = tend_schema_field(chosen->kind, name);
        if (chosen->count >= COLUMNS_MAX)
            return tend_fail(reterr, TEND_EINVAL, "--fields: more than %d; name fewer", COLUMNS_MAX);
        if (field < 0 && is_measure(query, chosen->kind, name)) {
            chosen->measures[chosen->measure_count] = tend_arena_string(query->arena, name);
            field = MEASURES_FROM + chosen->measure_count++;
        } else if (field < 0 || !tend_access_field(query->principal, chosen->kind, field)) {
            return tend_fail(reterr, TEND_EINVAL, "--fields: %s have no field %s; see tend list %s --fields all",
                             chosen->kind->table, name, chosen->kind->table);
        }
        chosen->fields[chosen->count++] = field;
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

    if (field < 0 && is_measure(query, chosen->kind, name)) {
        const char *above = tend_measure_column(&query->world, "numerator", name, "t.id", query->arena);
        const char *below = tend_measure_column(&query->world, "denominator", name, "t.id", query->arena);
        const char *word = tend_measure_column(&query->world, "text", name, "t.id", query->arena);

        *ret_sql = above && below && word ? tend_arena_print(query->arena, "%s IS NULL, %s * 1.0 / nullif(%s, 0) %s, %s, t.id",
                                                             above, above, below, descends ? "DESC" : "ASC", word)
                                          : NULL;
        return *ret_sql ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "list: no memory for the query");
    }
    if (strcmp(name, "id") != 0 && (field < 0 || !tend_access_field(query->principal, chosen->kind, field)))
        return tend_fail(reterr, TEND_EINVAL, "--sort: %s have no field %s; see tend list %s --fields all", chosen->kind->table,
                         name, chosen->kind->table);
    *ret_sql = tend_arena_print(query->arena, "t.\"%s\" %s, t.id", name, descends ? "DESC" : "ASC");
    return *ret_sql ? TEND_OK : TEND_ENOMEM;
}

/* What stands behind the row's own columns: each measure's numerator, denominator, currency and word. */
static const char *measure_columns(const tend_query *query, const selection *chosen)
{
    static const char *const columns[MEASURE_COLUMNS] = { "numerator", "denominator", "currency", "text" };
    const char *sql = "";

    for (int i = 0; sql && i < chosen->measure_count * MEASURE_COLUMNS; i++) {
        const char *one = tend_measure_column(&query->world, columns[i % MEASURE_COLUMNS], chosen->measures[i / MEASURE_COLUMNS],
                                              "t.id", query->arena);

        sql = one ? tend_arena_print(query->arena, "%s, %s", sql, one) : NULL;
    }
    return sql;
}

static tend_status list_sql(const tend_query *query, const selection *chosen, const tend_list_options *options,
                            const char **ret_sql, tend_error *reterr)
{
    const char *source, *order, *condition = "1", *measures = measure_columns(query, chosen);
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
    if (status >= 0 && !measures)
        status = tend_fail(reterr, TEND_ENOMEM, "list: no memory for the query");
    if (status >= 0) {
        *ret_sql = tend_arena_print(query->arena, "SELECT %s%s FROM %s AS t WHERE (%s) AND (%s) ORDER BY %s LIMIT %lld OFFSET %lld",
                                    tend_row_columns(chosen->kind, "t", query->arena), measures, source,
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

static bool is_money(const char *measure)
{
    return strncmp(measure, "arr", 3) == 0 || strncmp(measure, "mrr", 3) == 0;
}

/* A number, an amount, or the word where there is no number. */
static tend_value measured(tend_statement *statement, int first, const char *measure, tend_arena *arena)
{
    size_t length = 0;
    const char *word;

    if (!tend_statement_is_null(statement, first) && query_int(statement, first + 1, 0) != 0 && is_money(measure)) {
        int64_t minor = 0;
        const char *currency = tend_statement_text(statement, first + 2, NULL);

        if (tend_muldiv(tend_statement_int(statement, first), 1, tend_statement_int(statement, first + 1), &minor) < 0)
            return tend_value_none();
        return tend_value_money(minor, currency ? tend_arena_string(arena, currency) : "");
    }
    if (!tend_statement_is_null(statement, first) && query_int(statement, first + 1, 0) != 0)
        return tend_value_ratio(tend_statement_int(statement, first), tend_statement_int(statement, first + 1));
    word = tend_statement_text(statement, first + 3, &length);
    return word ? tend_value_of(tend_arena_copy(arena, word, length)) : tend_value_none();
}

static tend_status list_rows(const tend_query *query, const selection *chosen, tend_statement *statement, tend_result *result,
                             int64_t *ret_shown, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    tend_value values[COLUMNS_MAX + 1];
    const int first = tend_statement_columns(statement) - chosen->measure_count * MEASURE_COLUMNS;
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
        for (int i = 0; i < chosen->count; i++) {
            int field = chosen->fields[i], place = field - MEASURES_FROM;

            values[i + 1] = place >= 0 ? measured(statement, first + place * MEASURE_COLUMNS, chosen->measures[place], arena)
                                       : named(query, &chosen->kind->fields[field], row.values[field], arena);
        }
        status = result->row(result, values, reterr);
        (*ret_shown)++;
    }
    tend_arena_free(arena);
    return status;
}

/* How many there are, when the limit left some out. */
static tend_status note_more(const tend_query *query, const selection *chosen, const tend_list_options *options, int64_t shown,
                             tend_result *result, tend_error *reterr)
{
    tend_list_options all = { .where = options->where };
    tend_statement *statement = NULL;
    const char *sql;
    int64_t count = 0;
    bool has_row = false;
    tend_status status = list_sql(query, chosen, &all, &sql, reterr);

    sql = status >= 0 ? tend_arena_print(query->arena, "SELECT count(*) FROM (%s)", sql) : NULL;
    if (status >= 0)
        status = sql ? tend_store_prepare(query->world.store, sql, &statement, reterr)
                     : tend_fail(reterr, TEND_ENOMEM, "list: no memory for the query");
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        count = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status < 0 || count <= shown + options->offset ? status : query_shown_note(query, shown, count, result, reterr);
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
    int64_t shown = 0;
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
        const tend_field *field;

        if (chosen.fields[i] >= MEASURES_FROM) {
            const char *measure = chosen.measures[chosen.fields[i] - MEASURES_FROM];

            headings[i + 1] = (tend_heading){ .key = measure, .type = is_money(measure) ? TEND_MONEY : TEND_DECIMAL };
            continue;
        }
        field = &chosen.kind->fields[chosen.fields[i]];
        headings[i + 1] = (tend_heading){ .key = field->name, .type = shown_type(field), .is_optional = !options->fields };
    }
    status = result->section(result, chosen.kind->table, NULL, headings, chosen.count + 1, false, reterr);
    if (status >= 0)
        status = list_rows(query, &chosen, statement, result, &shown, reterr);
    if (status >= 0 && options->limit > 0 && shown == options->limit)
        status = note_more(query, &chosen, options, shown, result, reterr);
out:
    tend_statement_end(statement);
    return status;
}
