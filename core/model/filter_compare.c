/* filter_compare.c: one comparison of a filter against one row. */
#include "model/filter_internal.h"

#include "base/utf8.h"
#include "model/parse.h"
#include <string.h>

static const tend_value no_value = { .type = TEND_NULL };

tend_date filter_day_of(tend_time at)
{
    return (tend_date)(at / FILTER_DAY_MS - (at % FILTER_DAY_MS < 0 ? 1 : 0));
}

int64_t filter_literal_integer(const filter_literal *literal, const tend_world *world)
{
    if (!literal->is_relative)
        return literal->value.integer;
    return tend_date_add_months(filter_day_of(world->now), literal->months) + literal->days;
}

tend_status filter_read_row(filter_run *run, tend_kind kind, int64_t id, const tend_row **ret_row)
{
    filter_row **rows = run->kept ? &run->kept->rows : &run->rows, *row = *rows;
    tend_arena *arena = run->kept ? run->kept->arena : run->arena;
    tend_status status;

    while (row && (row->kind != kind || row->id != id))
        row = row->next;
    if (!row) {
        row = tend_arena_take(arena, sizeof *row);
        if (!row)
            return TEND_ENOMEM;
        status = tend_read(run->world, &run->reader, kind, id, arena, &row->row, run->reterr);
        if (status < 0 && status != TEND_ENOTFOUND)
            return status;
        row->is_there = status == TEND_OK;
        row->kind = kind;
        row->id = id;
        row->next = *rows;
        *rows = row;
        if (run->kept)
            run->kept->count++;
    }
    *ret_row = row->is_there ? &row->row : NULL;
    return TEND_OK;
}

/* Follows the references; *ret_row NULL when one of them is empty or leads to no row. *ret_id is the last row's id, 0 when empty.
 */
static tend_status follow(filter_run *run, const filter_path *path, const tend_row *row, const tend_row **ret_row, int64_t *ret_id)
{
    tend_status status = TEND_OK;

    *ret_id = row->id;
    for (size_t i = 0; i < path->ref_count && row; i++) {
        const tend_value *ref = &row->values[path->refs[i]];

        *ret_id = ref->type == TEND_NULL ? 0 : ref->integer;
        row = NULL;
        if (*ret_id == 0)
            break;
        /* A measure is found by the account's id alone. */
        if (path->final == FINAL_MEASURE && i + 1 == path->ref_count)
            break;
        status = filter_read_row(run, path->kinds[i + 1]->kind, *ret_id, &row);
        if (status < 0)
            return status;
        if (!row)
            *ret_id = 0;
    }
    *ret_row = row;
    return TEND_OK;
}

static tend_status look(filter_run *run, const filter_path *path, const tend_row *subject, filter_actual *ret_actual)
{
    filter_actual actual = { 0 };
    int64_t id = 0;
    tend_status status = follow(run, path, subject, &actual.row, &id);

    if (status < 0)
        return status;
    if (path->final == FINAL_MEASURE && id != 0) {
        status = tend_measure_get(run->world, path->measure, id, run->arena, &actual.measure, run->reterr);
        actual.has_measure = status == TEND_OK;
        if (status < 0 && status != TEND_ENOTFOUND)
            return status;
    }
    if (path->final == FINAL_FIELD && actual.row)
        actual.value = actual.row->values[path->field];
    else if (path->final == FINAL_SELF || path->final == FINAL_SEGMENT)
        actual.value = actual.row ? (tend_value){ .type = TEND_REF, .integer = id } : no_value;
    *ret_actual = actual;
    return TEND_OK;
}

static filter_truth truth(bool is_true)
{
    return is_true ? IS_TRUE : IS_FALSE;
}

/* By the sign of (actual - wanted). */
filter_truth filter_ordered(int sign, filter_op op)
{
    switch (op) {
    case OP_NE:
        return truth(sign != 0);
    case OP_LT:
        return truth(sign < 0);
    case OP_LE:
        return truth(sign <= 0);
    case OP_GT:
        return truth(sign > 0);
    case OP_GE:
        return truth(sign >= 0);
    default:
        return truth(sign == 0);
    }
}

static int sign_of(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

bool filter_fits_text(const char *text, size_t length, const filter_literal *literal, filter_op op)
{
    const char *wanted = literal->value.text;
    size_t bytes = literal->value.length;

    if (op == OP_CONTAINS)
        return memmem(text, length, wanted, bytes) != NULL;
    if (op == OP_STARTS)
        return length >= bytes && memcmp(text, wanted, bytes) == 0;
    return length == bytes && memcmp(text, wanted, bytes) == 0;
}

static tend_status compare_text(filter_run *run, const char *text, size_t length, const filter_literal *literal, filter_op op,
                                filter_truth *ret_truth)
{
    const char *folded;
    size_t folded_length;
    tend_status status = tend_utf8_fold(run->arena, text, length, &folded, &folded_length);

    if (status == TEND_OK)
        *ret_truth = truth(filter_fits_text(folded, folded_length, literal, op) == (op != OP_NE));
    return status;
}

/* A reference by the texts its row is called: any of them may fit. Unknown when it has none. */
static tend_status compare_names(filter_run *run, const filter_path *path, const filter_actual *actual,
                                 const filter_literal *literal, filter_op op, filter_truth *ret_truth)
{
    const tend_kind_schema *target = path->final == FINAL_SELF
                                         ? path->kind
                                         : tend_schema_kind(run->world->schema, (tend_kind)path->kind->fields[path->field].target);
    int fields[FILTER_NAMING_MAX];
    size_t count = filter_naming_fields(target, fields);
    const tend_row *row = NULL;
    bool is_named = false, fits = false;
    tend_status status = filter_read_row(run, target->kind, actual->value.integer, &row);

    for (size_t i = 0; status == TEND_OK && row && i < count; i++) {
        const tend_value *name = &row->values[fields[i]];
        filter_truth one = IS_FALSE;

        if (name->type == TEND_NULL)
            continue;
        is_named = true;
        status = compare_text(run, name->text, name->length, literal, op == OP_NE ? OP_EQ : op, &one);
        fits = fits || one == IS_TRUE;
    }
    *ret_truth = is_named ? truth(fits == (op != OP_NE)) : IS_UNKNOWN;
    return status;
}

/* Into the literal's currency, with the rate of today, of a fact's own day, or of a measure's day. */
static bool convert(filter_run *run, int64_t minor, const char *currency, tend_date day, const filter_literal *literal,
                    filter_actual *actual, int64_t *ret_minor)
{
    tend_error error = { 0 };

    if (currency[0] == '\0') {
        actual->why = "its row names no currency";
        return false;
    }
    if (tend_rates_convert(run->rates, minor, currency, literal->value.currency, day, ret_minor, &error) == TEND_OK)
        return true;
    actual->why = tend_arena_string(run->arena, error.text);
    return false;
}

tend_date filter_day_for_rate(const tend_world *world, const filter_path *path, const tend_row *row)
{
    const tend_value *effective;

    if (!path->kind->is_fact)
        return filter_day_of(world->now);
    effective = path->kind->effective_field >= 0 ? &row->values[path->kind->effective_field] : &no_value;
    if (effective->type == TEND_DATE)
        return (tend_date)effective->integer;
    return filter_day_of(row->effective_at);
}

static tend_status compare_measure(filter_run *run, const filter_literal *literal, filter_op op, filter_actual *actual,
                                   filter_truth *ret_truth)
{
    const tend_measure *measure = &actual->measure;
    int64_t numerator = measure->numerator;

    if (!actual->has_measure)
        return TEND_OK;
    if (literal->kind == LITERAL_TEXT)
        return measure->text ? compare_text(run, measure->text, strlen(measure->text), literal, op, ret_truth) : TEND_OK;
    if (measure->denominator == 0)
        return TEND_OK;
    if (literal->kind == LITERAL_MONEY && !convert(run, numerator, measure->currency, measure->day, literal, actual, &numerator))
        return TEND_OK;
    *ret_truth =
        filter_ordered(filter_compare_ratio(numerator, measure->denominator, literal->value.integer, literal->value.scale), op);
    return TEND_OK;
}

/* One value against one literal. What is not known leaves *ret_truth unknown. */
static tend_status compare(filter_run *run, const tend_filter *filter, const filter_path *path, const filter_literal *literal,
                           filter_op op, filter_actual *actual, filter_truth *ret_truth)
{
    const tend_value *value = &actual->value;
    int64_t minor;

    *ret_truth = IS_UNKNOWN;
    if (path->final == FINAL_MEASURE)
        return compare_measure(run, literal, op, actual, ret_truth);
    if (value->type == TEND_NULL)
        return TEND_OK;
    switch (literal->kind) {
    case LITERAL_SEGMENT:
        return filter_in_segment(run, filter, value->integer, (int)literal->value.integer, ret_truth);
    case LITERAL_TEXT:
        if (value->type == TEND_REF)
            return compare_names(run, path, actual, literal, op, ret_truth);
        return compare_text(run, value->text, value->length, literal, op, ret_truth);
    case LITERAL_MONEY:
        if (convert(run, value->integer, value->currency, filter_day_for_rate(run->world, path, actual->row), literal, actual,
                    &minor))
            *ret_truth = filter_ordered(sign_of(minor, literal->value.integer), op);
        return TEND_OK;
    case LITERAL_DAY:
        *ret_truth = filter_ordered(sign_of(value->type == TEND_TIME ? filter_day_of(value->integer) : value->integer,
                                            filter_literal_integer(literal, run->world)),
                                    op);
        return TEND_OK;
    case LITERAL_NUMBER:
    case LITERAL_ID:
        *ret_truth = filter_ordered(sign_of(value->integer, literal->value.integer), op);
        return TEND_OK;
    }
    return TEND_OK;
}

static filter_truth is_empty(const filter_path *path, const filter_actual *actual)
{
    if (path->final == FINAL_MEASURE)
        return truth(!actual->has_measure || (actual->measure.denominator == 0 && !actual->measure.text));
    return truth(actual->value.type == TEND_NULL || (actual->value.type == TEND_TEXT && actual->value.length == 0));
}

filter_truth filter_opposite(filter_truth one)
{
    return (filter_truth)(IS_TRUE - one);
}

filter_truth filter_least(filter_truth a, filter_truth b)
{
    return a < b ? a : b;
}

filter_truth filter_most(filter_truth a, filter_truth b)
{
    return a > b ? a : b;
}

tend_status filter_test_row(filter_run *run, const tend_filter *filter, const filter_test *test, const tend_row *subject,
                            filter_actual *actual, filter_truth *ret_truth)
{
    const filter_path *path = &test->path;
    filter_truth first = IS_UNKNOWN, second = IS_UNKNOWN;
    tend_status status = look(run, path, subject, actual);

    if (status < 0)
        return status;
    switch (test->op) {
    case OP_EMPTY:
    case OP_NOT_EMPTY:
        *ret_truth = test->op == OP_EMPTY ? is_empty(path, actual) : filter_opposite(is_empty(path, actual));
        return TEND_OK;
    case OP_BETWEEN:
        status = compare(run, filter, path, &test->literals[0], OP_GE, actual, &first);
        if (status == TEND_OK)
            status = compare(run, filter, path, &test->literals[1], OP_LE, actual, &second);
        *ret_truth = filter_least(first, second);
        return status;
    case OP_IN:
    case OP_NOT_IN:
        first = IS_FALSE;
        for (size_t i = 0; status == TEND_OK && i < test->count && first != IS_TRUE; i++) {
            status = compare(run, filter, path, &test->literals[i], OP_EQ, actual, &second);
            first = filter_most(first, second);
        }
        *ret_truth = test->op == OP_IN ? first : filter_opposite(first);
        return status;
    case OP_NE:
        if (path->final == FINAL_SEGMENT) {
            status = compare(run, filter, path, &test->literals[0], OP_EQ, actual, &first);
            *ret_truth = filter_opposite(first);
            return status;
        }
        return compare(run, filter, path, &test->literals[0], OP_NE, actual, ret_truth);
    default:
        return compare(run, filter, path, &test->literals[0], test->op, actual, ret_truth);
    }
}
