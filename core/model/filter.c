/* filter.c: a filter as a whole: its size with the segments it names, and its end. */
#include "model/filter_internal.h"

#include <stdlib.h>

#define SELF_STACK 12      /* places in the SQL parser's stack that a comparison takes */
#define SEGMENT_STACK 8    /* and those around a segment's condition */
#define WEIGHT_CAP 1000000 /* what is refused anyway is not counted further */

/* Places in the stack of the SQL parser. The deepest child is written first, so it costs one place, the others three. */
size_t filter_stack(const tend_filter *filter, const filter_node *node)
{
    size_t deepest = 0, next = 0;

    if (node->kind == NODE_TEST) {
        for (size_t i = 0; i < node->test->count; i++) {
            const filter_literal *literal = &node->test->literals[i];

            if (literal->kind == LITERAL_SEGMENT) {
                size_t inner = filter->segments->segments[literal->value.integer].filter->stack + SEGMENT_STACK;

                deepest = inner > deepest ? inner : deepest;
            }
        }
        return deepest > SELF_STACK ? deepest : SELF_STACK;
    }
    for (size_t i = 0; i < node->count; i++) {
        size_t stack = filter_stack(filter, node->children[i]);

        if (stack > deepest) {
            next = deepest;
            deepest = stack;
        } else if (stack > next) {
            next = stack;
        }
    }
    return deepest + 1 > next + 3 || node->count == 1 ? deepest + 1 : next + 3;
}

tend_status filter_weigh(tend_filter *filter, const char *place, tend_error *reterr)
{
    filter->weight = filter->nodes;
    for (size_t i = 0; i < filter->use_count; i++)
        filter->weight += filter->uses[i].times * filter->segments->segments[filter->uses[i].segment].filter->weight;
    if (filter->weight > WEIGHT_CAP)
        filter->weight = WEIGHT_CAP;
    filter->stack = filter_stack(filter, filter->root);
    if (filter->weight > FILTER_NODES_MAX)
        return tend_fail(
            reterr, TEND_EINVAL,
            "%s: with the segments it names the filter has %zu comparisons and values; at most %d are allowed, so name "
            "fewer segments",
            place, filter->weight, FILTER_NODES_MAX);
    if (filter->stack > FILTER_STACK_MAX)
        return tend_fail(reterr, TEND_EINVAL, "%s: with the segments it names the filter nests too deep; take out parentheses",
                         place);
    return TEND_OK;
}

tend_status tend_filter_parse(const tend_schema *schema, const tend_segments *segments, tend_kind subject, const char *text,
                              const char *place, tend_filter **ret_filter, tend_error *reterr)
{
    tend_filter *filter = NULL;
    tend_status status = filter_parse(schema, segments, subject, text, place, &filter, reterr);

    if (status == TEND_OK)
        status = filter_weigh(filter, place, reterr);
    if (status < 0) {
        tend_filter_free(filter);
        return status;
    }
    *ret_filter = filter;
    return TEND_OK;
}

static tend_status refuse_hidden(const filter_path *path, const tend_principal *principal, const char *place, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i <= path->ref_count && status >= 0; i++) {
        int field = i < path->ref_count ? path->refs[i] : path->final == FINAL_FIELD ? path->field : -1;

        status = tend_access_may(principal, TEND_VERB_READ, path->kinds[i]->kind, 0, reterr);
        if (status >= 0 && field >= 0 && !tend_access_field(principal, path->kinds[i], field))
            status = tend_fail(reterr, TEND_EDENIED, "%s: %s.%s: %s may not see it; leave it out", place, path->kinds[i]->name,
                               path->kinds[i]->fields[field].name, principal->name);
    }
    return status;
}

static tend_status refuse_node(const filter_node *node, const tend_principal *principal, const char *place, tend_error *reterr)
{
    tend_status status = node->kind == NODE_TEST ? refuse_hidden(&node->test->path, principal, place, reterr) : TEND_OK;

    for (size_t i = 0; node->kind != NODE_TEST && i < node->count && status >= 0; i++)
        status = refuse_node(node->children[i], principal, place, reterr);
    return status;
}

tend_status tend_filter_may(const tend_filter *filter, const tend_principal *principal, const char *place, tend_error *reterr)
{
    return refuse_node(filter->root, principal, place, reterr);
}

void tend_filter_free(tend_filter *filter)
{
    if (!filter)
        return;
    tend_arena_free(filter->rows);
    tend_arena_free(filter->arena);
    free(filter);
}

const char *tend_filter_text(const tend_filter *filter)
{
    return filter->text;
}
