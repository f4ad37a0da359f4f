#include "playbook/cycle.h"

#include <string.h>

/* How a write of one playbook starts another. */
typedef enum cycle_link { LINK_NONE = 0, LINK_EDGE, LINK_EVENT } cycle_link;

typedef struct cycle_way {
    cycle_link link;
    const tend_footprint_write *by;
} cycle_way;

typedef struct cycle_finder {
    const tend_schema *schema;
    const tend_cycle_node *nodes;
    size_t count;
    cycle_way *ways; /* from * count + to */
    size_t *path;    /* of the cycle that was found last */
    size_t length;
    tend_arena *arena;
} cycle_finder;

/* What the write does to the condition of `to`: whether it looks at the field, and whether it could hold then. */
static void ask(const cycle_finder *finder, const tend_cycle_node *to, const tend_footprint_write *write, bool *ret_reads,
                bool *ret_could)
{
    *ret_reads = *ret_could = true;
    if (to->where && write->field >= 0)
        tend_filter_field(to->where, write->kind->kind, write->field, write->value, finder->arena, ret_reads, ret_could);
}

static bool tells(const tend_footprint_write *write, const char *topic)
{
    const char *word = strchr(topic, '.') + 1;
    size_t length = strlen(write->kind->name);
    int status = write->kind->status_field;

    if (strncmp(topic, write->kind->name, length) != 0 || topic[length] != '.')
        return false;
    if (write->is_new)
        return strcmp(word, "created") == 0 || strcmp(word, "open") == 0;
    if (strcmp(word, "updated") == 0)
        return true;
    return status >= 0 && (write->field < 0 || write->field == status) &&
           (write->value ? write->value->type == TEND_TEXT && strcmp(write->value->text, word) == 0
                         : tend_field_allows(&write->kind->fields[status], word, strlen(word)));
}

static cycle_link link_of(const cycle_finder *finder, const tend_cycle_node *to, const tend_footprint_write *write)
{
    const tend_spec *spec = &to->bundle->spec;
    bool reads, could, is_edge = to->where && (!spec->start_event || strstr(spec->start_event, ".updated"));

    if (write->child)
        return strcmp(write->child, to->name) == 0 ? LINK_EVENT : LINK_NONE;
    if (!spec->has_start || spec->is_due || (spec->start_event && !tells(write, spec->start_event)))
        return LINK_NONE;
    if (write->is_new) /* each time another row */
        return spec->start_event || write->kind == spec->subject ? LINK_EVENT : LINK_NONE;
    ask(finder, to, write, &reads, &could);
    if (!could || (is_edge && !reads))
        return LINK_NONE;
    return is_edge ? LINK_EDGE : LINK_EVENT;
}

static cycle_way way_of(const cycle_finder *finder, const tend_cycle_node *from, const tend_cycle_node *to)
{
    cycle_way way = { 0 };

    for (size_t i = 0; i < from->footprint->count && way.link != LINK_EVENT; i++) {
        cycle_link link = link_of(finder, to, &from->footprint->writes[i]);

        if (link > way.link)
            way = (cycle_way){ link, &from->footprint->writes[i] };
    }
    return way;
}

/* Whether some write of the cycle, other than the one that starts it, can make the condition no longer hold. */
static bool can_end(const cycle_finder *finder, const tend_cycle_node *node, const tend_footprint_write *starts)
{
    for (size_t i = 0; i < finder->length; i++) {
        const tend_footprint *footprint = finder->nodes[finder->path[i]].footprint;

        for (size_t k = 0; k < footprint->count; k++) {
            const tend_footprint_write *write = &footprint->writes[k];
            bool reads, could;

            if (write->child || write->is_new || (write == starts && finder->length == 1))
                continue;
            ask(finder, node, write, &reads, &could);
            if (reads && (!write->value || !could))
                return true;
        }
    }
    return false;
}

static bool goes_on(const cycle_finder *finder)
{
    for (size_t i = 0; i < finder->length; i++) {
        size_t to = finder->path[(i + 1) % finder->length];
        const cycle_way *way = &finder->ways[finder->path[i] * finder->count + to];

        if (finder->nodes[to].is_meant || (way->link == LINK_EDGE && !can_end(finder, &finder->nodes[to], way->by)))
            return false;
    }
    return true;
}

/* The shortest way from `start` back to it. */
static tend_status find_path(cycle_finder *finder, size_t start, bool *ret_found, tend_error *reterr)
{
    size_t *queue = tend_arena_take(finder->arena, (finder->count + 1) * sizeof *queue);
    size_t *before = tend_arena_take(finder->arena, (finder->count + 1) * sizeof *before); /* 1 + the one before; 0: not met */
    size_t first = 0, last = 0, end = SIZE_MAX;

    *ret_found = false;
    if (!queue || !before)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    queue[last++] = start;
    while (first < last && end == SIZE_MAX) {
        size_t from = queue[first++];

        for (size_t to = 0; to < finder->count && end == SIZE_MAX; to++) {
            if (finder->ways[from * finder->count + to].link == LINK_NONE)
                continue;
            if (to == start) {
                end = from;
            } else if (before[to] == 0) {
                before[to] = 1 + from;
                queue[last++] = to;
            }
        }
    }
    if (end == SIZE_MAX)
        return TEND_OK;
    finder->length = 1;
    for (size_t at = end; at != start; at = before[at] - 1)
        finder->length++;
    for (size_t at = end, i = finder->length; i-- > 0; at = i > 0 ? before[at] - 1 : at)
        finder->path[i] = at;
    *ret_found = true;
    return TEND_OK;
}

static void say_way(tend_buffer *line, const cycle_finder *finder, size_t from, size_t to)
{
    const tend_footprint_write *by = finder->ways[from * finder->count + to].by;
    const tend_cycle_node *node = &finder->nodes[from];

    tend_buffer_print(line, "%s ", node->name);
    if (by->child)
        tend_buffer_text(line, "has it as a child:");
    else if (by->is_new)
        tend_buffer_print(line, "makes a %s, which starts", by->kind->name);
    else if (by->field < 0)
        tend_buffer_print(line, "writes computed fields of %s, which may start", by->kind->name);
    else if (by->shown)
        tend_buffer_print(line, "sets %s.%s = %s, which starts", by->kind->name, by->kind->fields[by->field].name, by->shown);
    else
        tend_buffer_print(line, "sets %s.%s, which may start", by->kind->name, by->kind->fields[by->field].name);
    tend_buffer_print(line, " %s (%s:%u)", finder->nodes[to].name, node->bundle->path, by->line);
}

static tend_status tell(const cycle_finder *finder, const tend_cycle_listener *listener, tend_error *reterr)
{
    const tend_cycle_node *first = &finder->nodes[finder->path[0]];
    tend_buffer line = { 0 }, chain = { 0 };
    tend_status status = TEND_OK;

    tend_buffer_print(&line, "%s:%u: %s: ", first->bundle->path,
                      finder->ways[finder->path[0] * finder->count + finder->path[1 % finder->length]].by->line,
                      finder->length == 1 ? "the playbook starts itself" : "playbooks start each other");
    for (size_t i = 0; i < finder->length; i++) {
        size_t to = finder->path[(i + 1) % finder->length];

        tend_buffer_text(&line, i > 0 ? "; " : "");
        say_way(&line, finder, finder->path[i], to);
        tend_buffer_print(&chain, "%s -> ", finder->nodes[finder->path[i]].name);
    }
    tend_buffer_text(&chain, first->name);
    tend_buffer_print(&line, "; end it in one of them, or write loops = yes into [playbook.%s] if it is meant", first->name);
    if (line.failed || chain.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    else
        listener->cycle(listener->self, tend_buffer_string(&chain), tend_buffer_string(&line));
    tend_buffer_clear(&line);
    tend_buffer_clear(&chain);
    return status;
}

/* A cycle is told at the first of its playbooks: the others are met as a part of it. */
static bool is_first(const cycle_finder *finder)
{
    for (size_t i = 1; i < finder->length; i++)
        if (strcmp(finder->nodes[finder->path[i]].name, finder->nodes[finder->path[0]].name) < 0)
            return false;
    return true;
}

tend_status tend_cycles_find(const tend_schema *schema, const tend_cycle_node *nodes, size_t count, const char *only,
                             const tend_cycle_listener *listener, tend_arena *arena, tend_error *reterr)
{
    cycle_finder finder = { .schema = schema, .nodes = nodes, .count = count, .arena = arena };
    tend_status status = TEND_OK;

    finder.ways = tend_arena_take(arena, (count * count + 1) * sizeof *finder.ways);
    finder.path = tend_arena_take(arena, (count + 1) * sizeof *finder.path);
    if (!finder.ways || !finder.path)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    for (size_t from = 0; from < count; from++)
        for (size_t to = 0; to < count; to++)
            finder.ways[from * count + to] = way_of(&finder, &nodes[from], &nodes[to]);
    finder.length = 1;
    for (size_t i = 0; i < count; i++) { /* what it does not go on with alone hides no longer way */
        finder.path[0] = i;
        if (!goes_on(&finder))
            finder.ways[i * count + i].link = LINK_NONE;
    }
    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        bool is_found = false;

        if (only && strcmp(nodes[i].name, only) != 0)
            continue;
        status = find_path(&finder, i, &is_found, reterr);
        if (status == TEND_OK && is_found && goes_on(&finder) && (only || is_first(&finder)))
            status = tell(&finder, listener, reterr);
    }
    return status;
}
