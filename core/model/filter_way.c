/* filter_way.c: what a filter looks at beyond the fields of its subject. */
#include "model/filter_internal.h"

#include <string.h>

typedef struct way_list {
    tend_arena *arena;
    tend_filter_way *ways;
    size_t count, room;
    tend_status status;
} way_list;

static bool is_same(const tend_filter_way *a, const tend_filter_way *b)
{
    if (a->ref_count != b->ref_count || memcmp(a->refs, b->refs, a->ref_count * sizeof *a->refs) != 0)
        return false;
    return a->measure && b->measure ? strcmp(a->measure, b->measure) == 0 : a->measure == b->measure;
}

static void add(way_list *list, const tend_filter_way *way)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_same(&list->ways[i], way))
            return;
    if (list->count == list->room) {
        tend_filter_way *more = tend_arena_take(list->arena, (list->room = list->room * 2 + 8) * sizeof *more);

        if (!more) {
            list->status = TEND_ENOMEM;
            return;
        }
        if (list->count > 0)
            memcpy(more, list->ways, list->count * sizeof *more);
        list->ways = more;
    }
    list->ways[list->count++] = *way;
}

/* One reference further; false where the way would get too long. */
static bool go_on(tend_filter_way *way, int ref, const tend_kind_schema *to)
{
    if (way->ref_count == TEND_WAY_STEPS)
        return false;
    way->refs[way->ref_count++] = ref;
    way->kinds[way->ref_count] = to;
    return true;
}

static void walk(way_list *list, const tend_filter *filter, const filter_node *node, const tend_filter_way *from);

static void walk_segments(way_list *list, const tend_filter *filter, const filter_test *test, const tend_filter_way *account)
{
    for (size_t i = 0; i < test->count; i++) {
        const tend_filter *segment = filter->segments->segments[test->literals[i].value.integer].filter;

        walk(list, segment, segment->root, account);
    }
}

/* A reference that is compared with a name looks at the row that has it. */
static bool looks_at_name(const filter_test *test)
{
    if (test->path.final != FINAL_FIELD || filter_path_type(&test->path) != TEND_REF)
        return false;
    for (size_t i = 0; i < test->count; i++)
        if (test->literals[i].kind == LITERAL_TEXT)
            return true;
    return false;
}

static void walk_test(way_list *list, const tend_filter *filter, const filter_test *test, const tend_filter_way *from)
{
    const filter_path *path = &test->path;
    tend_filter_way way = *from;

    for (size_t i = 0; i < path->ref_count; i++) {
        if (!go_on(&way, path->refs[i], path->kinds[i + 1]))
            return;
        /* A measure is found by the account's id: the account's own row is not looked at. */
        if (path->final != FINAL_MEASURE || i + 1 < path->ref_count)
            add(list, &way);
    }
    if (path->final == FINAL_MEASURE) {
        way.measure = path->measure;
        add(list, &way);
    } else if (path->final == FINAL_SEGMENT) {
        walk_segments(list, filter, test, &way);
    } else if (looks_at_name(test) &&
               go_on(&way, path->field, tend_schema_kind(filter->schema, (tend_kind)path->kind->fields[path->field].target))) {
        add(list, &way);
    }
}

/* Segments name no segment that names them: it ends. */
static void walk(way_list *list, const tend_filter *filter, const filter_node *node, const tend_filter_way *from)
{
    if (node->kind == NODE_TEST)
        walk_test(list, filter, node->test, from);
    for (size_t i = 0; node->kind != NODE_TEST && i < node->count; i++)
        walk(list, filter, node->children[i], from);
}

tend_status tend_filter_ways(const tend_filter *filter, tend_arena *arena, const tend_filter_way **ret_ways, size_t *ret_count,
                             tend_error *reterr)
{
    way_list list = { .arena = arena };
    tend_filter_way from = { .kinds = { tend_schema_kind(filter->schema, filter->subject) } };

    walk(&list, filter, filter->root, &from);
    if (list.status < 0)
        return tend_fail(reterr, list.status, "filter: memory is used up");
    *ret_ways = list.ways;
    *ret_count = list.count;
    return TEND_OK;
}

static bool hangs_on_day(const filter_test *test)
{
    for (size_t i = 0; i < test->count; i++)
        if (test->literals[i].is_relative || test->literals[i].kind == LITERAL_MONEY)
            return true;
    return false;
}

static bool hears(const tend_filter *filter, const filter_node *node, const char *measure);

static bool segments_hear(const tend_filter *filter, const filter_test *test, const char *measure)
{
    for (size_t i = 0; i < test->count; i++)
        if (tend_filter_hears(filter->segments->segments[test->literals[i].value.integer].filter, measure))
            return true;
    return false;
}

static bool hears(const tend_filter *filter, const filter_node *node, const char *measure)
{
    if (node->kind == NODE_TEST) {
        const filter_path *path = &node->test->path;

        if (path->final == FINAL_SEGMENT)
            return segments_hear(filter, node->test, measure);
        return (path->final == FINAL_MEASURE && strcmp(path->measure, measure) == 0) || hangs_on_day(node->test);
    }
    for (size_t i = 0; i < node->count; i++)
        if (hears(filter, node->children[i], measure))
            return true;
    return false;
}

bool tend_filter_hears(const tend_filter *filter, const char *measure)
{
    return filter && hears(filter, filter->root, measure);
}
