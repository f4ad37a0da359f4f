/* filter_match.c: a filter against one row, and which comparison decided. */
#include "model/filter_internal.h"

#include "model/parse.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_MAX 32 /* rows that are looked through one by one */

/* 30.4, 1.038: what people read; nothing is computed from it. */
static const char *show_ratio(filter_run *run, int64_t numerator, int64_t denominator)
{
    __extension__ typedef __int128 wide;
    wide top = denominator < 0 ? -(wide)numerator : (wide)numerator,
         below = denominator < 0 ? -(wide)denominator : (wide)denominator;
    wide size = top < 0 ? -top : top;
    int places = size >= 10 * below ? 1 : 3, unit = places == 1 ? 10 : 1000;
    wide rounded = (size * unit * 2 + below) / (below * 2);

    return tend_arena_print(run->arena, "%s%" PRId64 ".%0*d", top < 0 && rounded != 0 ? "-" : "", (int64_t)(rounded / unit), places,
                            (int)(rounded % unit));
}

static const char *show_measure(filter_run *run, const tend_measure *measure)
{
    tend_value money = { .type = TEND_MONEY, .integer = measure->numerator };
    const char *number;

    if (measure->denominator == 0)
        return measure->text ? measure->text : NULL;
    memcpy(money.currency, measure->currency, sizeof money.currency);
    if (measure->currency[0] && measure->denominator == 1)
        number = tend_value_show(&money, NULL, run->arena);
    else if (measure->denominator == 1)
        number = tend_arena_print(run->arena, "%" PRId64, measure->numerator);
    else
        number = show_ratio(run, measure->numerator, measure->denominator);
    return measure->text && number ? tend_arena_print(run->arena, "%s, %s", number, measure->text) : number;
}

const char *filter_actual_words(filter_run *run, const filter_test *test, const filter_actual *actual)
{
    const filter_path *path = &test->path;
    const tend_value *value = &actual->value;

    if (path->final == FINAL_MEASURE)
        return actual->has_measure ? show_measure(run, &actual->measure) : NULL;
    if (value->type == TEND_REF)
        return tend_row_name(run->world,
                             path->final == FINAL_SELF ? path->kind->kind : (tend_kind)path->kind->fields[path->field].target,
                             value->integer, run->arena);
    return value->type == TEND_NULL ? NULL : tend_value_show(value, NULL, run->arena);
}

/* "account.region = EMEA (it is APAC)" */
static const char *explain(filter_run *run, const filter_test *test, const filter_actual *actual, filter_truth result)
{
    const char *is;

    if (test->path.final == FINAL_SEGMENT)
        return actual->value.type == TEND_NULL
                   ? tend_arena_print(run->arena, "%s (there is no account)", test->text)
                   : tend_arena_print(run->arena, "%s (it is%s)", test->text, result == IS_TRUE ? "" : " not");
    if (actual->why && result == IS_UNKNOWN)
        return tend_arena_print(run->arena, "%s (%s)", test->text, actual->why);
    is = filter_actual_words(run, test, actual);
    return is ? tend_arena_print(run->arena, "%s (it is %s)", test->text, is)
              : tend_arena_print(run->arena, "%s (it is not known)", test->text);
}

/* The first child that is as the whole is decides; of `and` that holds they all do. */
tend_status filter_evaluate(filter_run *run, const tend_filter *filter, const filter_node *node, const tend_row *subject,
                            filter_truth *ret_truth, const char **ret_decided_by)
{
    filter_actual actual = { 0 };
    filter_truth result;
    tend_status status = TEND_OK;

    if (node->kind == NODE_TEST) {
        status = filter_test_row(run, filter, node->test, subject, &actual, ret_truth);
        if (status == TEND_OK && ret_decided_by)
            *ret_decided_by = explain(run, node->test, &actual, *ret_truth);
        return status;
    }
    if (node->kind == NODE_NOT) {
        status = filter_evaluate(run, filter, node->children[0], subject, ret_truth, ret_decided_by);
        *ret_truth = filter_opposite(*ret_truth);
        return status;
    }
    result = node->kind == NODE_AND ? IS_TRUE : IS_FALSE;
    for (size_t i = 0; status == TEND_OK && i < node->count; i++) {
        filter_truth one = IS_UNKNOWN;
        const char *by = NULL;

        status = filter_evaluate(run, filter, node->children[i], subject, &one, ret_decided_by ? &by : NULL);
        if (ret_decided_by && i > 0 && node->kind == NODE_AND && one == IS_TRUE && result == IS_TRUE)
            *ret_decided_by = tend_arena_print(run->arena, "%s and %s", *ret_decided_by, by);
        else if (ret_decided_by && (i == 0 || (node->kind == NODE_AND ? one < result : one > result)))
            *ret_decided_by = by;
        result = node->kind == NODE_AND ? filter_least(result, one) : filter_most(result, one);
        if (result == (node->kind == NODE_AND ? IS_FALSE : IS_TRUE))
            break;
    }
    *ret_truth = result;
    return status;
}

tend_status filter_in_segment(filter_run *run, const tend_filter *filter, int64_t account, int segment, filter_truth *ret_truth)
{
    const tend_filter *inner = filter->segments->segments[segment].filter;
    const tend_row *row = NULL;
    tend_status status = filter_read_row(run, TEND_KIND_ACCOUNT, account, &row);

    if (status < 0 || !row)
        return status;
    status = filter_evaluate(run, inner, inner->root, row, ret_truth, NULL);
    /* A condition that is unknown is not met: the account is not in the segment. */
    if (*ret_truth == IS_UNKNOWN)
        *ret_truth = IS_FALSE;
    return status;
}

tend_status filter_begin(const tend_filter *filter, const tend_world *world, const tend_rates *rates, tend_filter_rows *rows,
                         int64_t row, filter_run *ret_run, const tend_row **ret_subject, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(filter->schema, filter->subject);
    tend_status status;

    *ret_run = (filter_run){ .arena = filter->rows,
                             .world = world,
                             .rates = rates,
                             .kept = rows,
                             .reader = tend_principal_administrator(),
                             .reterr = reterr };
    if (rows)
        filter_rows_limit(rows);
    *ret_subject = NULL;
    tend_arena_reset(ret_run->arena);
    status = filter_read_row(ret_run, filter->subject, row, ret_subject);
    if (status == TEND_OK && !*ret_subject)
        return tend_fail(reterr, TEND_ENOTFOUND, "there is no %s %" PRId64 "; look at `tend list %s`", kind->name, row,
                         kind->table);
    return status;
}

tend_status tend_filter_match(const tend_filter *filter, const tend_world *world, const tend_rates *rates, int64_t row,
                              bool *ret_met, const char **ret_decided_by, tend_error *reterr)
{
    return tend_filter_match_rows(filter, world, rates, NULL, row, ret_met, ret_decided_by, reterr);
}

tend_status tend_filter_match_rows(const tend_filter *filter, const tend_world *world, const tend_rates *rates,
                                   tend_filter_rows *rows, int64_t row, bool *ret_met, const char **ret_decided_by,
                                   tend_error *reterr)
{
    filter_truth result = IS_UNKNOWN;
    const tend_row *subject;
    filter_run run;
    tend_status status = filter_begin(filter, world, rates, rows, row, &run, &subject, reterr);

    if (status == TEND_OK)
        status = filter_evaluate(&run, filter, filter->root, subject, &result, ret_decided_by);
    if (status == TEND_OK)
        *ret_met = result == IS_TRUE;
    return status;
}

/* ---- rows that are kept ---------------------------------------------------------------------------------------------------- */

tend_filter_rows *tend_filter_rows_new(void)
{
    tend_filter_rows *rows = calloc(1, sizeof *rows);

    if (rows)
        rows->arena = tend_arena_new();
    if (rows && rows->arena)
        return rows;
    free(rows);
    return NULL;
}

void tend_filter_rows_free(tend_filter_rows *rows)
{
    if (!rows)
        return;
    tend_arena_free(rows->arena);
    free(rows);
}

void tend_filter_rows_forget(tend_filter_rows *rows)
{
    tend_arena_reset(rows->arena);
    rows->rows = NULL;
    rows->count = 0;
}

void filter_rows_limit(tend_filter_rows *rows)
{
    if (rows->count > KEPT_MAX)
        tend_filter_rows_forget(rows);
}
