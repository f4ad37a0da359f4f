/* filter_sql.c: a filter as an SQL condition with the same three-valued answers as filter_match.c.
 *
 * SQLite's parser has a stack of 100 places, and each open parenthesis and unfinished operator holds one. So the deepest operand
 * stands first (one place a level), NOT is written as "= 0" after its operand, and references are followed by joins. filter_weigh
 * has refused what would not fit. */
#include "model/filter_internal.h"

#include "base/buffer.h"
#include "model/measure.h"
#include <inttypes.h>
#include <string.h>

typedef struct sql_writer {
    tend_buffer *out;
    tend_arena *arena;
    const tend_world *world;
    const tend_filter *filter;
    const char *alias; /* the row that is asked about */
    int *counter;      /* aliases given so far */
    tend_status status;
    tend_error *reterr;
} sql_writer;

static const char *const signs[] = { [OP_EQ] = "=", [OP_NE] = "<>", [OP_LT] = "<", [OP_LE] = "<=", [OP_GT] = ">", [OP_GE] = ">=" };

/* Texts are quoted by doubling the quote; the lexer let no control characters in. */
static void write_text(sql_writer *writer, const char *text, size_t length)
{
    tend_buffer_byte(writer->out, '\'');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\'')
            tend_buffer_byte(writer->out, '\'');
        tend_buffer_byte(writer->out, text[i]);
    }
    tend_buffer_byte(writer->out, '\'');
}

static const char *source_of(sql_writer *writer, tend_kind kind)
{
    const char *source = "";

    if (writer->status == TEND_OK)
        writer->status = tend_world_source(writer->world, kind, writer->arena, &source, writer->reterr);
    return source;
}

static const char *print(sql_writer *writer, const char *text)
{
    if (!text && writer->status == TEND_OK)
        writer->status = TEND_ENOMEM;
    return text ? text : "NULL";
}

/* `column` of the row that the first `steps` references of the path lead to. */
static const char *column_of(sql_writer *writer, const filter_path *path, size_t steps, const char *column)
{
    int first = *writer->counter + 1;
    const char *from;

    if (steps == 0)
        return print(writer, tend_arena_print(writer->arena, "%s.\"%s\"", writer->alias, column));
    *writer->counter += (int)steps;
    from = print(writer, tend_arena_print(writer->arena, "%s AS f%d", source_of(writer, path->kinds[1]->kind), first));
    for (size_t i = 1; i < steps; i++)
        from = print(writer, tend_arena_print(writer->arena, "%s JOIN %s AS f%d ON f%d.id = f%d.\"%s\"", from,
                                              source_of(writer, path->kinds[i + 1]->kind), first + (int)i, first + (int)i,
                                              first + (int)i - 1, path->kinds[i]->fields[path->refs[i]].name));
    return print(writer,
                 tend_arena_print(writer->arena, "(SELECT f%d.\"%s\" FROM %s WHERE f%d.id = %s.\"%s\")", first + (int)steps - 1,
                                  column, from, first, writer->alias, path->kinds[0]->fields[path->refs[0]].name));
}

static const char *value_of(sql_writer *writer, const filter_path *path)
{
    if (path->final == FINAL_FIELD)
        return column_of(writer, path, path->ref_count, path->kind->fields[path->field].name);
    return column_of(writer, path, path->ref_count, "id");
}

/* The day in UTC of milliseconds, rounded down also before 1970. */
static const char *day_of(sql_writer *writer, const char *milliseconds)
{
    return print(writer, tend_arena_print(writer->arena, "(%s / %" PRId64 " - (%s %% %" PRId64 " < 0))", milliseconds,
                                          FILTER_DAY_MS, milliseconds, FILTER_DAY_MS));
}

static const char *day_for_rate(sql_writer *writer, const filter_path *path)
{
    const tend_kind_schema *kind = path->kind;
    const char *day;

    if (!kind->is_fact)
        return print(writer, tend_arena_print(writer->arena, "%d", (int)filter_day_of(writer->world->now)));
    day = day_of(writer, column_of(writer, path, path->ref_count, "effective_at"));
    if (kind->effective_field < 0 || kind->fields[kind->effective_field].type != TEND_DATE)
        return day;
    return print(writer, tend_arena_print(writer->arena, "coalesce(%s, %s)",
                                          column_of(writer, path, path->ref_count, kind->fields[kind->effective_field].name), day));
}

static void write_money(sql_writer *writer, const filter_path *path, const filter_literal *literal, filter_op op)
{
    const char *currency = path->kind->currency_field < 0
                               ? "NULL"
                               : column_of(writer, path, path->ref_count, path->kind->fields[path->kind->currency_field].name);

    tend_buffer_print(writer->out, "tend_convert(%s, %s, '%s', %s) %s %" PRId64, value_of(writer, path), currency,
                      literal->value.currency, day_for_rate(writer, path), signs[op], literal->value.integer);
}

static const char *measure_column(sql_writer *writer, const filter_path *path, const char *column)
{
    const char *account = path->ref_count == 0
                              ? column_of(writer, path, 0, "id")
                              : column_of(writer, path, path->ref_count - 1,
                                          path->kinds[path->ref_count - 1]->fields[path->refs[path->ref_count - 1]].name);

    return print(writer, tend_measure_column(writer->world, column, path->measure, account, writer->arena));
}

static void write_measure(sql_writer *writer, const filter_path *path, const filter_literal *literal, filter_op op)
{
    if (literal->kind == LITERAL_TEXT) {
        tend_buffer_print(writer->out, "tend_fold(%s) %s ", measure_column(writer, path, "text"), signs[op]);
        write_text(writer, literal->value.text, literal->value.length);
        return;
    }
    tend_buffer_text(writer->out, "tend_ratio(");
    if (literal->kind == LITERAL_MONEY)
        tend_buffer_print(writer->out, "tend_convert(%s, %s, '%s', %s)", measure_column(writer, path, "numerator"),
                          measure_column(writer, path, "currency"), literal->value.currency, measure_column(writer, path, "day"));
    else
        tend_buffer_text(writer->out, measure_column(writer, path, "numerator"));
    tend_buffer_print(writer->out, ", %s, %" PRId64 ", %d) %s 0", measure_column(writer, path, "denominator"),
                      literal->value.integer, literal->value.scale, signs[op]);
}

/* text OP literal, for =, <>, contains and starts with. */
static void write_text_test(sql_writer *writer, const char *text, const filter_literal *literal, filter_op op)
{
    if (op == OP_CONTAINS) {
        tend_buffer_print(writer->out, "instr(tend_fold(%s), ", text);
        write_text(writer, literal->value.text, literal->value.length);
        tend_buffer_text(writer->out, ") > 0");
    } else if (op == OP_STARTS) {
        tend_buffer_print(writer->out, "substr(tend_fold(%s), 1, length(", text);
        write_text(writer, literal->value.text, literal->value.length);
        tend_buffer_text(writer->out, ")) = ");
        write_text(writer, literal->value.text, literal->value.length);
    } else {
        tend_buffer_print(writer->out, "tend_fold(%s) %s ", text, signs[op]);
        write_text(writer, literal->value.text, literal->value.length);
    }
}

/* A reference by the texts its row is called; unknown when it has none. */
static void write_names(sql_writer *writer, const filter_path *path, const filter_literal *literal, filter_op op)
{
    const tend_kind_schema *target =
        path->final == FINAL_SELF ? path->kind
                                  : tend_schema_kind(writer->world->schema, (tend_kind)path->kind->fields[path->field].target);
    int fields[FILTER_NAMING_MAX], alias = ++*writer->counter;
    size_t count = filter_naming_fields(target, fields);

    tend_buffer_text(writer->out, "(SELECT CASE WHEN ");
    for (size_t i = 0; i < count; i++) {
        char name[128];

        (void)snprintf(name, sizeof name, "f%d.\"%s\"", alias, target->fields[fields[i]].name);
        tend_buffer_text(writer->out, i == 0 ? "" : " OR ");
        write_text_test(writer, name, literal, op == OP_NE ? OP_EQ : op);
    }
    tend_buffer_print(writer->out, " THEN %d WHEN ", op == OP_NE ? 0 : 1);
    for (size_t i = 0; i < count; i++)
        tend_buffer_print(writer->out, "%sf%d.\"%s\" IS NULL", i == 0 ? "" : " AND ", alias, target->fields[fields[i]].name);
    tend_buffer_print(writer->out, " THEN NULL ELSE %d END FROM %s AS f%d WHERE f%d.id = %s)", op == OP_NE ? 1 : 0,
                      source_of(writer, target->kind), alias, alias, value_of(writer, path));
}

static void write_node(sql_writer *writer, const filter_node *node);

/* Whether the account is in the segment: 1 or 0, NULL where there is no account. */
static void write_segment(sql_writer *writer, const filter_path *path, const filter_literal *literal)
{
    int alias = ++*writer->counter;
    sql_writer inner = *writer;
    char name[16];

    (void)snprintf(name, sizeof name, "f%d", alias);
    inner.alias = name;
    inner.filter = writer->filter->segments->segments[literal->value.integer].filter;
    tend_buffer_text(writer->out, "(SELECT coalesce(");
    write_node(&inner, inner.filter->root);
    writer->status = inner.status;
    tend_buffer_print(writer->out, ", 0) FROM %s AS %s WHERE %s.id = %s)", source_of(writer, TEND_KIND_ACCOUNT), name, name,
                      value_of(writer, path));
}

static void write_compare(sql_writer *writer, const filter_path *path, const filter_literal *literal, filter_op op)
{
    bool is_time = filter_path_type(path) == TEND_TIME;

    if (path->final == FINAL_MEASURE) {
        write_measure(writer, path, literal, op);
        return;
    }
    switch (literal->kind) {
    case LITERAL_SEGMENT:
        write_segment(writer, path, literal);
        if (op == OP_NE)
            tend_buffer_text(writer->out, " = 0");
        break;
    case LITERAL_TEXT:
        if (filter_path_type(path) == TEND_REF)
            write_names(writer, path, literal, op);
        else
            write_text_test(writer, value_of(writer, path), literal, op);
        break;
    case LITERAL_MONEY:
        write_money(writer, path, literal, op);
        break;
    case LITERAL_DAY:
        tend_buffer_print(writer->out, "%s %s %" PRId64, is_time ? day_of(writer, value_of(writer, path)) : value_of(writer, path),
                          signs[op], filter_literal_integer(literal, writer->world));
        break;
    case LITERAL_NUMBER:
    case LITERAL_ID:
        tend_buffer_print(writer->out, "%s %s %" PRId64, value_of(writer, path), signs[op], literal->value.integer);
        break;
    }
}

/* Whether SQL's own IN does: plain values of one sort. */
static bool is_plain_list(const filter_test *test)
{
    tend_type type = filter_path_type(&test->path);

    if (test->path.final == FINAL_MEASURE || test->path.final == FINAL_SEGMENT || type == TEND_MONEY || type == TEND_TIME)
        return false;
    for (size_t i = 0; i < test->count; i++)
        if (type == TEND_REF && test->literals[i].kind != LITERAL_ID)
            return false;
    return true;
}

static void write_list(sql_writer *writer, const filter_test *test)
{
    const char *between = " IN (";

    if (!is_plain_list(test)) {
        for (size_t i = 0; i < test->count; i++) {
            tend_buffer_text(writer->out, i == 0 ? "(" : " OR ");
            write_compare(writer, &test->path, &test->literals[i], OP_EQ);
        }
        tend_buffer_text(writer->out, test->op == OP_IN ? ")" : ") = 0");
        return;
    }
    if (test->op == OP_NOT_IN)
        between = " NOT IN (";
    if (test->literals[0].kind == LITERAL_TEXT)
        tend_buffer_print(writer->out, "tend_fold(%s)", value_of(writer, &test->path));
    else
        tend_buffer_text(writer->out, value_of(writer, &test->path));
    for (size_t i = 0; i < test->count; i++) {
        tend_buffer_text(writer->out, i == 0 ? between : ", ");
        if (test->literals[i].kind == LITERAL_TEXT)
            write_text(writer, test->literals[i].value.text, test->literals[i].value.length);
        else
            tend_buffer_print(writer->out, "%" PRId64, filter_literal_integer(&test->literals[i], writer->world));
    }
    tend_buffer_byte(writer->out, ')');
}

static void write_empty(sql_writer *writer, const filter_path *path, bool is_empty)
{
    if (path->final == FINAL_MEASURE)
        tend_buffer_print(writer->out, "(coalesce(%s, 0) = 0 AND %s IS NULL) = %d", measure_column(writer, path, "denominator"),
                          measure_column(writer, path, "text"), is_empty ? 1 : 0);
    else if (filter_path_type(path) == TEND_TEXT)
        tend_buffer_print(writer->out, "coalesce(%s, '') %s ''", value_of(writer, path), is_empty ? "=" : "<>");
    else
        tend_buffer_print(writer->out, "%s IS %s", value_of(writer, path), is_empty ? "NULL" : "NOT NULL");
}

static void write_test(sql_writer *writer, const filter_test *test)
{
    tend_buffer_byte(writer->out, '(');
    switch (test->op) {
    case OP_EMPTY:
    case OP_NOT_EMPTY:
        write_empty(writer, &test->path, test->op == OP_EMPTY);
        break;
    case OP_IN:
    case OP_NOT_IN:
        write_list(writer, test);
        break;
    case OP_BETWEEN:
        write_compare(writer, &test->path, &test->literals[0], OP_GE);
        tend_buffer_text(writer->out, " AND ");
        write_compare(writer, &test->path, &test->literals[1], OP_LE);
        break;
    default:
        write_compare(writer, &test->path, &test->literals[0], test->op);
        break;
    }
    tend_buffer_byte(writer->out, ')');
}

/* Recurses as deep as the parser let it. */
static void write_node(sql_writer *writer, const filter_node *node)
{
    size_t deepest = 0, stack = 0;

    if (writer->status < 0)
        return;
    if (node->kind == NODE_TEST) {
        write_test(writer, node->test);
        return;
    }
    for (size_t i = 0; i < node->count; i++) {
        size_t one = filter_stack(writer->filter, node->children[i]);

        if (one > stack) {
            stack = one;
            deepest = i;
        }
    }
    tend_buffer_byte(writer->out, '(');
    write_node(writer, node->children[deepest]);
    for (size_t i = 0; i < node->count; i++) {
        if (i == deepest)
            continue;
        tend_buffer_text(writer->out, node->kind == NODE_AND ? " AND " : " OR ");
        write_node(writer, node->children[i]);
    }
    tend_buffer_text(writer->out, node->kind == NODE_NOT ? " = 0)" : ")");
}

tend_status tend_filter_sql(const tend_filter *filter, const tend_world *world, const char *alias, tend_arena *arena,
                            const char **ret_sql, tend_error *reterr)
{
    tend_buffer out = { 0 };
    int counter = 0;
    sql_writer writer = { .out = &out, .arena = arena, .world = world, .filter = filter, .alias = alias, .counter = &counter };
    const char *sql = NULL;
    tend_status status;

    writer.reterr = reterr;
    write_node(&writer, filter->root);
    status = writer.status;
    if (status == TEND_OK && !out.failed)
        sql = tend_arena_copy(arena, out.bytes, out.length);
    if (status == TEND_OK && !sql)
        status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory is left for its SQL", filter->text);
    tend_buffer_clear(&out);
    if (status == TEND_OK)
        *ret_sql = sql;
    return status;
}
