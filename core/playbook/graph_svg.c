/* graph_svg.c: the picture as SVG. Steps stand below each other, the ways of a branch side by side, a loop in a frame. First the
 * room that everything takes is found, from the inside out, then it is drawn. */
#include "playbook/graph.h"

enum {
    CHAR = 7,    /* a narrow character of the text */
    LINE = 17,   /* from one line of text to the next */
    GAP = 24,    /* between two that stand below each other */
    BESIDE = 28, /* between two ways */
    MARGIN = 24,
    LINES_MAX = 5,
    WRAP = 44, /* characters in a line */
};

/* Something with its room. A branch has its `yes` and `no`, a loop its inside in `yes`. */
typedef struct block {
    const tend_outline *node;
    const char *lines[LINES_MAX + 1]; /* NULL-terminated */
    int width, height;                /* with all that belongs to it */
    int own_width, own_height;        /* of the box with the text */
    struct block *yes, *no, *next;
    bool ends;
} block;

typedef struct svg {
    const tend_graph *graph;
    tend_arena *arena;
    FILE *out;
    bool is_out_of_memory;
} svg;

static int columns_of(const char *text)
{
    int columns = 0;

    for (; *text; text++)
        if (((unsigned char)*text & 0xC0) != 0x80)
            columns += (unsigned char)*text >= 0xE1 ? 2 : 1;
    return columns;
}

static int max(int a, int b)
{
    return a > b ? a : b;
}

/* Breaks a text at blanks into lines; what is too long for the last one ends in "…". */
static void add_lines(svg *drawing, block *box, int count, const char *text)
{
    while (text && *text && count < LINES_MAX) {
        const char *at = text, *best = NULL;
        int columns = 0;
        bool is_last = count + 1 == LINES_MAX;

        for (; *at && columns < WRAP; at++) {
            columns += ((unsigned char)*at & 0xC0) != 0x80;
            best = *at == ' ' ? at : best;
        }
        while (((unsigned char)*at & 0xC0) == 0x80)
            at++;
        if (*at && best && !is_last)
            at = best;
        box->lines[count] = tend_arena_print(drawing->arena, "%.*s%s", (int)(at - text), text, *at && is_last ? "…" : "");
        drawing->is_out_of_memory |= !box->lines[count++];
        text = *at == ' ' ? at + 1 : at;
    }
    for (int i = 0; i < count; i++) {
        box->own_width = max(box->own_width, box->lines[i] ? columns_of(box->lines[i]) * CHAR + 28 : 0);
        box->own_height = (i + 1) * LINE + 14;
    }
}

static int width_of(const block *list)
{
    int width = 40;

    for (; list; list = list->next)
        width = max(width, list->width);
    return width;
}

static int height_of(const block *list)
{
    int height = 0;

    for (; list; list = list->next)
        height += list->height + (list->next ? GAP : 0);
    return height;
}

static bool list_ends(const block *list)
{
    for (; list; list = list->next)
        if (list->ends)
            return true;
    return false;
}

static block *measure(svg *drawing, const tend_outline *node);

static block *new_block(svg *drawing, const tend_outline *node)
{
    block *box = tend_arena_take(drawing->arena, sizeof *box);

    drawing->is_out_of_memory |= !box;
    if (box)
        box->node = node;
    return box;
}

/* A way with those behind it: "elseif" is a branch in the no of the one before. */
static block *measure_way(svg *drawing, const tend_outline *way)
{
    block *box;

    if (!way->text) /* else */
        return measure(drawing, way->first);
    box = new_block(drawing, way);
    if (!box)
        return NULL;
    add_lines(drawing, box, 0, tend_arena_print(drawing->arena, "%s?", way->text));
    box->own_width += 24;
    box->yes = measure(drawing, way->first);
    box->no = way->next ? measure_way(drawing, way->next) : NULL;
    box->width = max(box->own_width, width_of(box->yes) + BESIDE + width_of(box->no));
    box->height = box->own_height + GAP + 14 + max(height_of(box->yes), height_of(box->no)) + 16;
    box->ends = list_ends(box->yes) && box->no && list_ends(box->no);
    return box;
}

static block *measure_one(svg *drawing, const tend_outline *node)
{
    block *box;

    if (node->sort == TEND_OUTLINE_BRANCH)
        return measure_way(drawing, node->first);
    box = new_block(drawing, node);
    if (!box)
        return NULL;
    if (node->sort == TEND_OUTLINE_STEP) {
        box->lines[0] = tend_outline_title(node, drawing->arena);
        add_lines(drawing, box, 1, node->text);
    } else if (node->sort == TEND_OUTLINE_RETURN) {
        add_lines(drawing, box, 0, node->text[0] ? node->text : tend_graph_say(drawing->graph, "end"));
        box->ends = true;
    } else if (node->sort == TEND_OUTLINE_BREAK) {
        add_lines(drawing, box, 0, tend_graph_say(drawing->graph, "leaves the loop"));
        box->ends = true;
    } else {
        add_lines(drawing, box, 0, node->text);
    }
    box->width = box->own_width;
    box->height = box->own_height;
    if (node->sort == TEND_OUTLINE_LOOP) {
        box->yes = measure(drawing, node->first);
        box->width = max(box->own_width, width_of(box->yes)) + 36;
        box->height = box->own_height + GAP + height_of(box->yes) + 18;
    }
    return box;
}

static block *measure(svg *drawing, const tend_outline *node)
{
    block *first = NULL, **end = &first;

    for (; node; node = node->next) {
        *end = measure_one(drawing, node);
        if (!*end)
            break;
        end = &(*end)->next;
        if (list_ends(first)) /* nothing behind it is come by */
            break;
    }
    return first;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------------- */

static void write_text(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '&')
            (void)fputs("&amp;", out);
        else if (*text == '<')
            (void)fputs("&lt;", out);
        else if (*text == '>')
            (void)fputs("&gt;", out);
        else
            (void)fputc(*text, out);
}

static void draw_lines(const svg *drawing, const block *box, int x, int y)
{
    for (int i = 0; box->lines[i]; i++) {
        (void)fprintf(drawing->out, "<text x=\"%d\" y=\"%d\"%s>", x, y + 20 + i * LINE,
                      i == 0 && box->lines[1] && box->node && box->node->sort == TEND_OUTLINE_STEP ? " class=\"title\"" : "");
        write_text(drawing->out, box->lines[i]);
        (void)fputs("</text>\n", drawing->out);
    }
}

static void draw_box(const svg *drawing, const block *box, int x, int y, const char *class, int round)
{
    (void)fprintf(drawing->out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>\n", class,
                  x - box->own_width / 2, y, box->own_width, box->own_height, round);
    draw_lines(drawing, box, x, y);
}

static void draw_arrow(const svg *drawing, int x, int from, int to)
{
    (void)fprintf(drawing->out, "<path class=\"arrow\" d=\"M%d %dV%d\"/>\n", x, from, to - 1);
}

static void draw_list(const svg *drawing, const block *list, int x, int y);

/* One way of a branch: from the side of the question to where the ways meet, at `end`. */
static void draw_way(const svg *drawing, const block *list, int from, int middle, int x, int y, int end, const char *label)
{
    bool goes_on = !list_ends(list);
    int top = y + GAP + 14;

    (void)fprintf(drawing->out, "<text class=\"label\" x=\"%d\" y=\"%d\">%s</text>\n", x + (x < from ? 16 : -14), y + 6, label);
    (void)fprintf(drawing->out, "<path class=\"%s\" d=\"M%d %dH%dV%d\"/>\n", list ? "arrow" : "line", from, y - 8, x,
                  list ? top - 1 : end);
    if (list)
        draw_list(drawing, list, x, top);
    if (list && goes_on)
        (void)fprintf(drawing->out, "<path class=\"line\" d=\"M%d %dV%d\"/>\n", x, top + height_of(list), end);
    if (goes_on)
        (void)fprintf(drawing->out, "<path class=\"line\" d=\"M%d %dH%d\"/>\n", x, end, middle);
}

static void draw_branch(const svg *drawing, const block *box, int x, int y)
{
    int half = box->own_width / 2, bottom = y + box->own_height, middle = y + box->own_height / 2, end = y + box->height;
    int yes = x - box->width / 2 + width_of(box->yes) / 2, no = x + box->width / 2 - width_of(box->no) / 2;

    (void)fprintf(drawing->out, "<path class=\"question\" d=\"M%d %dL%d %dH%dL%d %dL%d %dH%dZ\"/>\n", x - half, middle,
                  x - half + 14, y, x + half - 14, x + half, middle, x + half - 14, bottom, x - half + 14);
    draw_lines(drawing, box, x, y);
    draw_way(drawing, box->yes, x - half / 2, x, yes, bottom + 8, end, tend_graph_say(drawing->graph, "yes"));
    draw_way(drawing, box->no, x + half / 2, x, no, bottom + 8, end, tend_graph_say(drawing->graph, "no"));
}

static void draw_loop(const svg *drawing, const block *box, int x, int y)
{
    int inside = y + box->own_height + GAP;

    (void)fprintf(drawing->out, "<rect class=\"loop\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n",
                  x - box->width / 2, y + box->own_height / 2, box->width, box->height - box->own_height / 2);
    draw_box(drawing, box, x, y, "head", 4);
    draw_arrow(drawing, x, y + box->own_height, inside);
    draw_list(drawing, box->yes, x, inside);
}

static void draw_one(const svg *drawing, const block *box, int x, int y)
{
    const tend_outline *node = box->node;

    if (node->sort == TEND_OUTLINE_WAY)
        draw_branch(drawing, box, x, y);
    else if (node->sort == TEND_OUTLINE_LOOP)
        draw_loop(drawing, box, x, y);
    else if (node->sort == TEND_OUTLINE_RETURN || node->sort == TEND_OUTLINE_BREAK)
        draw_box(drawing, box, x, y, "end", box->own_height / 2);
    else if (tend_outline_is_wait(node))
        draw_box(drawing, box, x, y, "wait", 15);
    else
        draw_box(drawing, box, x, y, "step", 3);
}

static void draw_list(const svg *drawing, const block *list, int x, int y)
{
    for (; list; list = list->next) {
        draw_one(drawing, list, x, y);
        y += list->height;
        if (list->next)
            draw_arrow(drawing, x, y, y + GAP);
        y += GAP;
    }
}

static const char style[] =
    "<style>text{font:12px 'DejaVu Sans',Verdana,sans-serif;fill:#1c2733;text-anchor:middle}"
    ".title{font-weight:bold}.label{fill:#5b6b7b;font-size:11px}.name{font-size:16px;font-weight:bold}"
    ".step{fill:#e8f1fb;stroke:#3b6ea5}.wait{fill:#fff6dd;stroke:#b38a1d}.end{fill:#e9f6ea;stroke:#3d8b47}"
    ".question,.head{fill:#f3eefa;stroke:#76549a}.loop{fill:none;stroke:#76549a;stroke-dasharray:5 4}"
    ".start{fill:#fff;stroke:#1c2733}.line,.arrow{fill:none;stroke:#5b6b7b}.arrow{marker-end:url(#tip)}</style>\n"
    "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
    "<path d=\"M0 0L8 4L0 8Z\" fill=\"#5b6b7b\"/></marker></defs>\n";

tend_status tend_graph_svg(const tend_graph *graph, FILE *out, tend_error *reterr)
{
    static const tend_outline last = { .sort = TEND_OUTLINE_RETURN, .text = "" };
    svg drawing = { .graph = graph, .arena = graph->arena, .out = out };
    block start = { .node = NULL };
    block *list = measure(&drawing, graph->outline), *end = list;
    int width, height, x, y = MARGIN + 26;

    add_lines(&drawing, &start, 0, tend_graph_say(graph, tend_arena_print(graph->arena, "starts %s", graph->starts)));
    if (!list_ends(list)) {
        while (end && end->next)
            end = end->next;
        *(end ? &end->next : &list) = measure_one(&drawing, &last);
    }
    if (drawing.is_out_of_memory)
        return tend_fail(reterr, TEND_ENOMEM, "playbook graph: memory is used up");
    width = max(max(width_of(list), start.own_width), columns_of(graph->name) * 10) + 2 * MARGIN;
    height = y + start.own_height + GAP + height_of(list) + MARGIN;
    x = width / 2;
    (void)fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n<title>",
                  width, height, width, height);
    write_text(out, graph->summary);
    (void)fprintf(out, "</title>\n%s<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<text class=\"name\" x=\"%d\" y=\"%d\">",
                  style, width, height, x, MARGIN + 6);
    write_text(out, graph->name);
    (void)fputs("</text>\n", out);
    draw_box(&drawing, &start, x, y, "start", 3);
    draw_arrow(&drawing, x, y + start.own_height, y + start.own_height + GAP);
    draw_list(&drawing, list, x, y + start.own_height + GAP);
    (void)fputs("</svg>\n", out);
    return TEND_OK;
}
