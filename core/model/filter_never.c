/* filter_never.c: conditions that no row can meet, by what is written alone: two clauses on one field that exclude each other. */
#include "model/filter_internal.h"

#include <string.h>

enum { CLAUSES_MAX = 128 };

/* What of a field's values a clause lets pass: a range, where its literals have an order. */
typedef struct span {
    bool has_low, has_high, low_is_open, high_is_open;
    int64_t low, high;
} span;

static bool is_same_path(const filter_path *a, const filter_path *b)
{
    if (a->final != b->final || a->ref_count != b->ref_count || a->kinds[0] != b->kinds[0])
        return false;
    for (size_t i = 0; i < a->ref_count; i++)
        if (a->refs[i] != b->refs[i])
            return false;
    if (a->final == FINAL_MEASURE)
        return strcmp(a->measure, b->measure) == 0;
    return a->final == FINAL_SELF || (a->final == FINAL_FIELD && a->field == b->field);
}

/* Literals that can be compared by their whole number alone; days that move together keep their distance. */
static bool have_one_order(const filter_literal *a, const filter_literal *b)
{
    if (a->kind != b->kind || a->is_relative != b->is_relative || a->months != b->months)
        return false;
    switch (a->kind) {
    case LITERAL_NUMBER:
    case LITERAL_ID:
        return a->value.scale == b->value.scale && a->value.type == b->value.type;
    case LITERAL_MONEY:
        return memcmp(a->value.currency, b->value.currency, sizeof a->value.currency) == 0;
    case LITERAL_DAY:
        return true;
    case LITERAL_TEXT:
    case LITERAL_SEGMENT:
        break;
    }
    return false;
}

static int64_t place_of(const filter_literal *literal)
{
    return literal->kind == LITERAL_DAY && literal->is_relative ? literal->days : literal->value.integer;
}

static bool is_equal(const filter_literal *a, const filter_literal *b)
{
    if (a->kind == LITERAL_TEXT && b->kind == LITERAL_TEXT)
        return a->value.length == b->value.length && memcmp(a->value.text, b->value.text, a->value.length) == 0;
    return have_one_order(a, b) && place_of(a) == place_of(b);
}

/* Whether two literals are known to be different values. */
static bool is_other(const filter_literal *a, const filter_literal *b)
{
    return ((a->kind == LITERAL_TEXT && b->kind == LITERAL_TEXT) || have_one_order(a, b)) && !is_equal(a, b);
}

static bool names_values(const filter_test *test)
{
    return test->op == OP_EQ || test->op == OP_IN;
}

static bool needs_value(const filter_test *test)
{
    return test->op != OP_EMPTY && test->op != OP_NE && test->op != OP_NOT_IN;
}

/* A day stands for all its instants, so that its border is not sharp on a field of time. */
static bool is_blurred(const filter_test *test)
{
    const filter_path *path = &test->path;

    return path->final == FINAL_FIELD && path->kind->fields[path->field].type == TEND_TIME && test->literals[0].kind == LITERAL_DAY;
}

static bool take_span(const filter_test *test, span *ret_span)
{
    bool is_sharp;

    if (test->count == 0 || test->literals[0].kind == LITERAL_TEXT || test->literals[0].kind == LITERAL_SEGMENT)
        return false;
    is_sharp = !is_blurred(test);
    *ret_span = (span){ .low = place_of(&test->literals[0]), .high = place_of(&test->literals[0]) };
    switch (test->op) {
    case OP_EQ:
        ret_span->has_low = ret_span->has_high = true;
        return true;
    case OP_LT:
    case OP_LE:
        ret_span->has_high = true;
        ret_span->high_is_open = test->op == OP_LT && is_sharp;
        return true;
    case OP_GT:
    case OP_GE:
        ret_span->has_low = true;
        ret_span->low_is_open = test->op == OP_GT && is_sharp;
        return true;
    case OP_BETWEEN:
        ret_span->has_low = ret_span->has_high = true;
        ret_span->high = place_of(&test->literals[1]);
        return have_one_order(&test->literals[0], &test->literals[1]);
    default:
        return false;
    }
}

/* `a` ends before `b` begins. */
static bool ends_before(const span *a, const span *b)
{
    return a->has_high && b->has_low && (a->high < b->low || (a->high == b->low && (a->high_is_open || b->low_is_open)));
}

/* Every value that `a` names is known to be none that `b` names. */
static bool shares_no_value(const filter_test *a, const filter_test *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (!is_other(&a->literals[i], &b->literals[k]))
                return false;
    return true;
}

/* Every value that `a` names is one that `b` leaves out. */
static bool is_left_out(const filter_test *a, const filter_test *b)
{
    for (size_t i = 0; i < a->count; i++) {
        size_t k = 0;

        while (k < b->count && !is_equal(&a->literals[i], &b->literals[k]))
            k++;
        if (k == b->count)
            return false;
    }
    return true;
}

static bool exclude(const filter_test *a, const filter_test *b)
{
    span of_a, of_b;

    if (!is_same_path(&a->path, &b->path))
        return false;
    if ((a->op == OP_EMPTY && needs_value(b)) || (b->op == OP_EMPTY && needs_value(a)))
        return true;
    if (names_values(a) && names_values(b))
        return shares_no_value(a, b);
    if (names_values(a) && (b->op == OP_NE || b->op == OP_NOT_IN))
        return is_left_out(a, b);
    if (names_values(b) && (a->op == OP_NE || a->op == OP_NOT_IN))
        return is_left_out(b, a);
    return take_span(a, &of_a) && take_span(b, &of_b) && have_one_order(&a->literals[0], &b->literals[0]) &&
           (ends_before(&of_a, &of_b) || ends_before(&of_b, &of_a));
}

static const char *find(const filter_node *node, tend_arena *arena);

/* Clauses that have to hold together, those of nested ands among them. */
static void gather(const filter_node *node, const filter_test **tests, size_t *count)
{
    if (node->kind == NODE_TEST && *count < CLAUSES_MAX)
        tests[(*count)++] = node->test;
    for (size_t i = 0; node->kind == NODE_AND && i < node->count; i++)
        gather(node->children[i], tests, count);
}

static const char *find_together(const filter_node *node, tend_arena *arena)
{
    const filter_test *tests[CLAUSES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < node->count; i++) {
        const char *never = find(node->children[i], arena);

        if (never)
            return never;
    }
    gather(node, tests, &count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (exclude(tests[i], tests[k]))
                return tend_arena_print(arena, "'%.150s' and '%.150s' exclude each other", tests[i]->text, tests[k]->text);
    return NULL;
}

static const char *find(const filter_node *node, tend_arena *arena)
{
    const char *never = NULL;
    span range;

    switch (node->kind) {
    case NODE_TEST:
        if (node->test->op == OP_BETWEEN && take_span(node->test, &range) && range.low > range.high)
            return tend_arena_print(arena, "'%.150s' begins behind its end", node->test->text);
        return NULL;
    case NODE_AND:
        return find_together(node, arena);
    case NODE_OR:
        for (size_t i = 0; i < node->count; i++) {
            const char *one = find(node->children[i], arena);

            if (!one)
                return NULL;
            never = never ? never : one;
        }
        return never;
    case NODE_NOT:
        return NULL;
    }
    return NULL;
}

const char *tend_filter_never(const tend_filter *filter, tend_arena *arena)
{
    return find(filter->root, arena);
}
