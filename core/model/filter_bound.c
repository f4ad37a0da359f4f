/* filter_bound.c: comparisons with numbers that a field cannot have. */
#include "model/filter_internal.h"

enum { SCORE_MOST = 100 };

/* A measure with words of its own is a score, the health. */
static bool is_score(const filter_path *path)
{
    return path->final == FINAL_MEASURE && path->choices != NULL;
}

static bool is_outside(const filter_literal *literal)
{
    int64_t most = SCORE_MOST;

    if (literal->kind != LITERAL_NUMBER)
        return false;
    for (int i = 0; i < literal->value.scale; i++)
        if (__builtin_mul_overflow(most, 10, &most))
            return false;
    return literal->value.integer < 0 || literal->value.integer > most;
}

static const char *find(const filter_node *node, tend_arena *arena)
{
    const char *found = NULL;

    for (size_t i = 0; node->kind == NODE_TEST && is_score(&node->test->path) && i < node->test->count; i++)
        if (is_outside(&node->test->literals[i]))
            return tend_arena_print(arena, "'%.150s': %s is a number from 0 to %d; compare it with one of these", node->test->text,
                                    node->test->path.measure, SCORE_MOST);
    for (size_t i = 0; node->kind != NODE_TEST && i < node->count && !found; i++)
        found = find(node->children[i], arena);
    return found;
}

const char *tend_filter_beyond(const tend_filter *filter, tend_arena *arena)
{
    return find(filter->root, arena);
}
