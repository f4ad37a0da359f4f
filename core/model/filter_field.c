/* filter_field.c: what a condition could come to by one field alone, whatever the rest of the world says. */
#include "model/filter_internal.h"

#include "base/utf8.h"
#include <string.h>

/* What is asked: one field of one kind, and what it would have. */
typedef struct field_question {
    tend_kind kind;
    int field;
    const tend_value *value; /* NULL: anything */
    tend_arena *arena;
    bool is_read; /* some comparison looked at it */
} field_question;

static filter_truth of_sign(int64_t actual, int64_t wanted, filter_op op)
{
    return filter_ordered(actual < wanted ? -1 : actual > wanted, op);
}

static filter_truth compare_one(const field_question *question, const filter_literal *literal, filter_op op)
{
    const tend_value *value = question->value;
    const char *folded;
    size_t length;

    if (literal->kind == LITERAL_NUMBER && (value->type == TEND_INT || value->type == TEND_BOOL))
        return of_sign(value->integer, literal->value.integer, op);
    if (literal->kind != LITERAL_TEXT || value->type != TEND_TEXT ||
        tend_utf8_fold(question->arena, value->text, value->length, &folded, &length) < 0)
        return IS_UNKNOWN; /* dates, money, references: by more than the field */
    return filter_fits_text(folded, length, literal, op == OP_NE ? OP_EQ : op) == (op != OP_NE) ? IS_TRUE : IS_FALSE;
}

static filter_truth test_value(const field_question *question, const filter_test *test)
{
    filter_truth truth = IS_FALSE;

    switch (test->op) {
    case OP_EMPTY:
    case OP_NOT_EMPTY:
        return (question->value->type == TEND_NULL) == (test->op == OP_EMPTY) ? IS_TRUE : IS_FALSE;
    case OP_BETWEEN:
        return filter_least(compare_one(question, &test->literals[0], OP_GE), compare_one(question, &test->literals[1], OP_LE));
    case OP_IN:
    case OP_NOT_IN:
        for (size_t i = 0; i < test->count; i++)
            truth = filter_most(truth, compare_one(question, &test->literals[i], OP_EQ));
        return test->op == OP_IN ? truth : filter_opposite(truth);
    default:
        return compare_one(question, &test->literals[0], test->op);
    }
}

static filter_truth evaluate(field_question *question, const tend_filter *filter, const filter_node *node);

static filter_truth test_segments(field_question *question, const tend_filter *filter, const filter_test *test)
{
    filter_truth truth = IS_FALSE;

    for (size_t i = 0; i < test->count; i++) {
        const tend_filter *segment = filter->segments->segments[test->literals[i].value.integer].filter;

        truth = filter_most(truth, evaluate(question, segment, segment->root));
    }
    return test->op == OP_EQ || test->op == OP_IN ? truth : filter_opposite(truth);
}

static filter_truth test_one(field_question *question, const tend_filter *filter, const filter_test *test)
{
    const filter_path *path = &test->path;

    for (size_t i = 0; i < path->ref_count; i++)
        if (path->kinds[i]->kind == question->kind && path->refs[i] == question->field)
            question->is_read = true; /* another row is looked at */
    if (path->final == FINAL_SEGMENT)
        return test_segments(question, filter, test);
    if (path->final != FINAL_FIELD || path->kind->kind != question->kind || path->field != question->field)
        return IS_UNKNOWN;
    question->is_read = true;
    return question->value ? test_value(question, test) : IS_UNKNOWN;
}

static filter_truth evaluate(field_question *question, const tend_filter *filter, const filter_node *node)
{
    filter_truth truth = node->kind == NODE_OR ? IS_FALSE : IS_TRUE;

    if (node->kind == NODE_TEST)
        return test_one(question, filter, node->test);
    if (node->kind == NODE_NOT)
        return filter_opposite(evaluate(question, filter, node->children[0]));
    for (size_t i = 0; i < node->count; i++) {
        filter_truth one = evaluate(question, filter, node->children[i]);

        truth = node->kind == NODE_OR ? filter_most(truth, one) : filter_least(truth, one);
    }
    return truth;
}

void tend_filter_field(const tend_filter *filter, tend_kind kind, int field, const tend_value *value, tend_arena *arena,
                       bool *ret_reads, bool *ret_could)
{
    field_question question = { .kind = kind, .field = field, .value = value, .arena = arena };
    filter_truth truth = evaluate(&question, filter, filter->root);

    *ret_reads = question.is_read;
    *ret_could = truth != IS_FALSE;
}
