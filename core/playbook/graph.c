#include "playbook/graph.h"

#include "playbook/inside.h"

#include <stdarg.h>
#include <string.h>

static const char *say_rhythm(const tend_rhythm *rhythm, tend_arena *arena)
{
    int64_t number = rhythm->months ? rhythm->months : rhythm->weeks;

    return tend_arena_print(arena, "every %lld %s%s%s%s", (long long)number, rhythm->months ? "month" : "week",
                            number == 1 ? "" : "s", rhythm->segment ? " for " : "", rhythm->segment ? rhythm->segment : "");
}

static void say_date(const tend_spec *spec, tend_arena *arena, tend_buffer *out)
{
    for (size_t i = 0; spec->is_cadence && i < spec->rhythm_count; i++)
        tend_buffer_print(out, "%s%s", i > 0 ? ", " : "", say_rhythm(&spec->rhythms[i], arena));
    if (spec->is_cadence)
        return;
    if (spec->due.tag == TEND_TREE_MAP)
        tend_buffer_print(out, "%lld business days %s %s", (long long)tend_tree_number(&spec->due, "business_days", 0),
                          tend_tree_get(&spec->due, "after") ? "after" : "before", spec->path);
    else if (spec->days == 0)
        tend_buffer_print(out, "on %s", spec->path);
    else
        tend_buffer_print(out, "%lld days %s %s", (long long)(spec->days < 0 ? -spec->days : spec->days),
                          spec->days < 0 ? "after" : "before", spec->path);
}

const char *tend_spec_say_start(const tend_spec *spec, tend_arena *arena)
{
    tend_buffer out = { 0 };
    const char *said;

    if (!spec->has_start)
        tend_buffer_text(&out, "by hand or by another playbook");
    else if (spec->start_event)
        tend_buffer_print(&out, "at %s", spec->start_event);
    else if (spec->is_due)
        say_date(spec, arena, &out);
    if (spec->where)
        tend_buffer_print(&out, "%s %s", out.length == 0 ? "once" : ", where", spec->where);
    if (spec->where && out.bytes && strncmp(out.bytes, "once", 4) == 0)
        tend_buffer_text(&out, " begins to hold");
    if (spec->again)
        tend_buffer_print(&out, ", again after %s", spec->again);
    if (spec->is_due && spec->starts_late)
        tend_buffer_text(&out, "; what comes late starts at once");
    said = tend_arena_string(arena, tend_buffer_string(&out));
    tend_buffer_clear(&out);
    return said;
}

const char *tend_outline_title(const tend_outline *step, tend_arena *arena)
{
    return tend_arena_print(arena, step->is_computed ? "%s %s" : "%s '%s'", step->verb, step->name);
}

tend_status tend_graph_read(const char *path, const char *scripts, const tend_schema *schema, const char *sandbox_path,
                            tend_arena *arena, tend_graph *ret_graph, tend_error *reterr)
{
    tend_spec_faults faults = { 0 };
    tend_sandbox *sandbox = NULL;
    tend_bundle *bundle = NULL;
    tend_status status = tend_bundle_read(scripts, path, &bundle, reterr);

    if (status >= 0)
        status = tend_sandbox_open(sandbox_path, NULL, &sandbox, reterr);
    if (status >= 0)
        status = tend_bundle_open(bundle, 1, sandbox, schema, NULL, NULL, &faults, reterr);
    if (status >= 0) {
        *ret_graph = (tend_graph){ .name = tend_arena_string(arena, bundle->spec.name),
                                   .summary = tend_arena_string(arena, bundle->spec.summary),
                                   .starts = tend_spec_say_start(&bundle->spec, arena),
                                   .stops = tend_arena_string(arena, bundle->spec.stop_event),
                                   .arena = arena };
        status = tend_outline_read(&bundle->script, arena, &ret_graph->outline, reterr);
    }
    tend_sandbox_close(sandbox);
    tend_bundle_free(bundle);
    return status;
}

const char *tend_graph_say(const tend_graph *graph, const char *english)
{
    return graph->say && english ? graph->say(graph->self, english) : english;
}

TEND_PRINTF(2, 3) static const char *say(const tend_graph *graph, const char *format, ...)
{
    char english[4000];
    const char *text;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(english, sizeof english, format, arguments);
    va_end(arguments);
    text = tend_arena_string(graph->arena, english);
    return text ? tend_graph_say(graph, text) : "";
}

/* ---- text -------------------------------------------------------------------------------------------------------------- */

static void write_outline(const tend_graph *graph, const tend_outline *node, int indent, FILE *out)
{
    for (; node; node = node->next) {
        switch (node->sort) {
        case TEND_OUTLINE_STEP:
            (void)fprintf(out, "%4u  %*s%s%s%s\n", node->line, indent, "", tend_outline_title(node, graph->arena),
                          node->text ? ": " : "", node->text ? node->text : "");
            break;
        case TEND_OUTLINE_BRANCH:
            for (const tend_outline *way = node->first; way; way = way->next) {
                (void)fprintf(out, "%4u  %*s%s\n", way->line, indent, "",
                              way->text ? say(graph, "%s%s", way == node->first ? "if " : "else if ", way->text)
                                        : say(graph, "else"));
                write_outline(graph, way->first, indent + 2, out);
            }
            break;
        case TEND_OUTLINE_LOOP:
            (void)fprintf(out, "%4u  %*s%s\n", node->line, indent, "", node->text);
            write_outline(graph, node->first, indent + 2, out);
            break;
        case TEND_OUTLINE_RETURN:
            (void)fprintf(out, "%4u  %*s%s\n", node->line, indent, "",
                          say(graph, "ends%s%s", node->text[0] ? ": " : "", node->text));
            break;
        case TEND_OUTLINE_BREAK:
            (void)fprintf(out, "%4u  %*s%s\n", node->line, indent, "", say(graph, "leaves the loop"));
            break;
        case TEND_OUTLINE_WAY:
            break;
        }
    }
}

static void write_text(const tend_graph *graph, FILE *out)
{
    (void)fprintf(out, "%s: %s\n%s\n", graph->name, graph->summary, say(graph, "starts %s", graph->starts));
    if (graph->stops)
        (void)fprintf(out, "%s\n", say(graph, "stops at %s", graph->stops));
    write_outline(graph, graph->outline, 0, out);
}

/* ---- Mermaid ----------------------------------------------------------------------------------------------------------- */

enum { EXITS_MAX = 256 };

/* Where a way through the picture is left: a node, and what stands at the arrow from there. */
typedef struct exits {
    struct {
        int node;
        const char *label; /* NULL: none */
    } from[EXITS_MAX];
    size_t count;
} exits;

typedef struct mermaid {
    const tend_graph *graph;
    FILE *out;
    int nodes;
    exits *breaks; /* of the loop we are in */
} mermaid;

/* Quotes and what Mermaid takes for its own become entities. */
static void write_label(FILE *out, const char *text)
{
    for (; *text; text++)
        if (strchr("\"#<>&;{}[]()|`", *text))
            (void)fprintf(out, "#%d;", *text);
        else
            (void)fputc(*text, out);
}

static int write_node(mermaid *drawing, const char *open, const char *title, const char *details, const char *close)
{
    int node = drawing->nodes++;

    (void)fprintf(drawing->out, "  n%d%s\"", node, open);
    write_label(drawing->out, title);
    if (details) {
        (void)fputs("<br/>", drawing->out);
        write_label(drawing->out, details);
    }
    (void)fprintf(drawing->out, "\"%s\n", close);
    return node;
}

static void leave(exits *list, int node, const char *label)
{
    if (list->count == EXITS_MAX)
        return;
    list->from[list->count].node = node;
    list->from[list->count++].label = label;
}

static void arrive(const mermaid *drawing, exits *from, int node)
{
    for (size_t i = 0; i < from->count; i++) {
        if (from->from[i].label) {
            (void)fprintf(drawing->out, "  n%d -->|\"", from->from[i].node);
            write_label(drawing->out, from->from[i].label);
            (void)fprintf(drawing->out, "\"| n%d\n", node);
        } else {
            (void)fprintf(drawing->out, "  n%d --> n%d\n", from->from[i].node, node);
        }
    }
    from->count = 0;
}

static void draw(mermaid *drawing, const tend_outline *node, exits *from);

/* Each condition is a question of its own; its no leads to the next. */
static void draw_branch(mermaid *drawing, const tend_outline *branch, exits *from)
{
    exits out = { .count = 0 };

    for (const tend_outline *way = branch->first; way; way = way->next) {
        if (way->text) {
            int question = write_node(drawing, "{", way->text, NULL, "}");
            exits yes = { .count = 0 };

            arrive(drawing, from, question);
            leave(&yes, question, tend_graph_say(drawing->graph, "yes"));
            draw(drawing, way->first, &yes);
            for (size_t i = 0; i < yes.count; i++)
                leave(&out, yes.from[i].node, yes.from[i].label);
            leave(from, question, tend_graph_say(drawing->graph, "no"));
        } else {
            draw(drawing, way->first, from);
        }
    }
    for (size_t i = 0; i < out.count; i++)
        leave(from, out.from[i].node, out.from[i].label);
}

static void draw_loop(mermaid *drawing, const tend_outline *loop, exits *from)
{
    int head = write_node(drawing, "{{", loop->text, NULL, "}}");
    exits inside = { .count = 0 }, breaks = { .count = 0 }, *outer = drawing->breaks;

    arrive(drawing, from, head);
    drawing->breaks = &breaks;
    leave(&inside, head, tend_graph_say(drawing->graph, "each"));
    draw(drawing, loop->first, &inside);
    arrive(drawing, &inside, head);
    drawing->breaks = outer;
    leave(from, head, tend_graph_say(drawing->graph, "over"));
    for (size_t i = 0; i < breaks.count; i++)
        leave(from, breaks.from[i].node, breaks.from[i].label);
}

static void draw(mermaid *drawing, const tend_outline *node, exits *from)
{
    for (; node; node = node->next) {
        bool is_wait = node->sort == TEND_OUTLINE_STEP &&
                       (strcmp(node->verb, "wait") == 0 || strcmp(node->verb, "sleep") == 0 || strcmp(node->verb, "approve") == 0);
        int drawn;

        if (node->sort == TEND_OUTLINE_STEP) {
            drawn = write_node(drawing, is_wait ? "([" : "[", tend_outline_title(node, drawing->graph->arena), node->text,
                               is_wait ? "])" : "]");
            arrive(drawing, from, drawn);
            leave(from, drawn, NULL);
        } else if (node->sort == TEND_OUTLINE_RETURN) {
            drawn = write_node(drawing, "((", node->text[0] ? node->text : tend_graph_say(drawing->graph, "end"), NULL, "))");
            arrive(drawing, from, drawn);
        } else if (node->sort == TEND_OUTLINE_BRANCH) {
            draw_branch(drawing, node, from);
        } else if (node->sort == TEND_OUTLINE_LOOP) {
            draw_loop(drawing, node, from);
        } else if (node->sort == TEND_OUTLINE_BREAK && drawing->breaks) {
            for (size_t i = 0; i < from->count; i++)
                leave(drawing->breaks, from->from[i].node, from->from[i].label);
            from->count = 0;
        }
    }
}

static void write_mermaid(const tend_graph *graph, FILE *out)
{
    mermaid drawing = { .graph = graph, .out = out };
    exits from = { .count = 0 };
    int end;

    (void)fputs("flowchart TD\n", out);
    leave(&from, write_node(&drawing, "[/", graph->name, graph->say ? say(graph, "starts %s", graph->starts) : graph->starts, "/]"),
          NULL);
    draw(&drawing, graph->outline, &from);
    if (from.count > 0) {
        end = write_node(&drawing, "((", tend_graph_say(graph, "end"), NULL, "))");
        arrive(&drawing, &from, end);
    }
}

tend_status tend_graph_write(const tend_graph *graph, tend_graph_form form, FILE *out, tend_error *reterr)
{
    if (form == TEND_GRAPH_SVG)
        return tend_graph_svg(graph, out, reterr);
    if (form == TEND_GRAPH_TEXT)
        write_text(graph, out);
    else
        write_mermaid(graph, out);
    return TEND_OK;
}
