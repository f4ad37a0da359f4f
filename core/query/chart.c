/* chart.c: stacked bar, columns, line, and the small bar of a cell. Coordinates are whole tenths of a unit. */
#include "query/chart.h"
#include "base/money.h"
#include "query/html.h"
#include <string.h>

#define ACCENT "#245c8a"
enum { WIDTH = 1000 };

const char *chart_band_color(const char *band)
{
    static const char *const colors[][2] = { { "green", "#2c7a4b" }, { "yellow", "#d29a1b" }, { "red", "#b3261e" } };

    for (size_t i = 0; band && i < sizeof colors / sizeof *colors; i++)
        if (strcmp(band, colors[i][0]) == 0)
            return colors[i][1];
    return "#9aa5b1";
}

static const char *color_of(const chart_point *point)
{
    return point->color ? point->color : ACCENT;
}

/* value / most of `room`, 0 for nothing; exact whatever the sizes are. */
static int part_of(int64_t value, tend_int128 most, int room)
{
    if (value <= 0 || most <= 0)
        return 0;
    return (int)((tend_int128)value * room / most);
}

static void begin(FILE *out, const char *title, int width, int height)
{
    fprintf(out, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\"><title>", width, height, width, height);
    html_text(out, title);
    fputs("</title>\n", out);
}

static void write_label(FILE *out, int x, int y, int size, const char *anchor, const char *class, const char *text)
{
    fprintf(out, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" text-anchor=\"%s\" class=\"%s\">", x, y, size, anchor, class);
    html_text(out, text);
    fputs("</text>\n", out);
}

void chart_stack(FILE *out, const char *title, const chart_point *points, size_t count)
{
    tend_int128 sum = 0, before = 0;
    int legend = 0;

    for (size_t i = 0; i < count; i++)
        sum += points[i].value > 0 ? points[i].value : 0;
    if (sum == 0)
        return;
    begin(out, title, WIDTH, 70);
    for (size_t i = 0; i < count; i++) {
        int from = (int)(before * WIDTH / sum), to;

        before += points[i].value > 0 ? points[i].value : 0;
        to = (int)(before * WIDTH / sum);
        if (to <= from)
            continue;
        fprintf(out, "<rect x=\"%d\" y=\"0\" width=\"%d\" height=\"34\" fill=\"%s\"/>\n", from, to - from - (to < WIDTH ? 2 : 0),
                color_of(&points[i]));
        if (points[i].shown && to - from > 10 + 9 * (int)strlen(points[i].shown))
            write_label(out, (from + to) / 2, 22, 15, "middle", "w", points[i].shown);
    }
    for (size_t i = 0; i < count && legend < WIDTH - 100; i++) {
        fprintf(out, "<rect x=\"%d\" y=\"48\" width=\"12\" height=\"12\" rx=\"2\" fill=\"%s\"/>\n", legend, color_of(&points[i]));
        write_label(out, legend + 18, 59, 13, "start", "q", points[i].label);
        legend += (int)WIDTH / (int)(count > 4 ? count : 5);
    }
    fputs("</svg>\n", out);
}

void chart_columns(FILE *out, const char *title, const chart_point *points, size_t count)
{
    enum { TOP = 22, DEEP = 120, BOTTOM = 22 };
    int64_t most = 0;
    int step = count > 0 ? WIDTH / (int)count : WIDTH, wide;

    for (size_t i = 0; i < count; i++)
        most = points[i].value > most ? points[i].value : most;
    if (most == 0)
        return;
    if (step > 140)
        step = 140;
    wide = step * 6 / 10;
    begin(out, title, step * (int)count > 200 ? step * (int)count : 200, TOP + DEEP + BOTTOM);
    fprintf(out, "<line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#dfe4ea\"/>\n", TOP + DEEP, step * (int)count, TOP + DEEP);
    for (size_t i = 0; i < count; i++) {
        int high = part_of(points[i].value, most, DEEP), x = (int)i * step + (step - wide) / 2;

        if (high == 0 && points[i].value > 0)
            high = 1;
        fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"2\" fill=\"%s\"/>\n", x, TOP + DEEP - high, wide,
                high, color_of(&points[i]));
        if (points[i].shown && points[i].value > 0)
            write_label(out, x + wide / 2, TOP + DEEP - high - 6, 12, "middle", "q", points[i].shown);
        write_label(out, x + wide / 2, TOP + DEEP + 16, 12, "middle", "q", points[i].label);
    }
    fputs("</svg>\n", out);
}

void chart_line(FILE *out, const char *title, const chart_point *points, size_t count, int64_t low, int64_t high)
{
    enum { TOP = 18, DEEP = 90, LEFT = 8, RIGHT = 60, LONG = 500 };

    if (count < 2)
        return;
    if (low == high) {
        low = high = points[0].value;
        for (size_t i = 1; i < count; i++) {
            low = points[i].value < low ? points[i].value : low;
            high = points[i].value > high ? points[i].value : high;
        }
        high = high == low ? low + 1 : high;
    }
    begin(out, title, LEFT + LONG + RIGHT, TOP + DEEP + 22);
    fprintf(out,
            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#dfe4ea\"/>\n<polyline fill=\"none\" stroke=\"%s\" "
            "stroke-width=\"2\" points=\"",
            LEFT, TOP + DEEP, LEFT + LONG, TOP + DEEP, ACCENT);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%d,%d ", LEFT + (int)(i * LONG / (count - 1)),
                TOP + DEEP - part_of(points[i].value - low, (tend_int128)high - low, DEEP));
    fputs("\"/>\n", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"3\" fill=\"%s\"/>\n", LEFT + (int)(i * LONG / (count - 1)),
                TOP + DEEP - part_of(points[i].value - low, (tend_int128)high - low, DEEP), color_of(&points[i]));
    write_label(out, LEFT, TOP + DEEP + 16, 12, "start", "q", points[0].label);
    write_label(out, LEFT + LONG, TOP + DEEP + 16, 12, "end", "q", points[count - 1].label);
    write_label(out, LEFT + LONG + 8, TOP + DEEP + 4 - part_of(points[count - 1].value - low, (tend_int128)high - low, DEEP), 13,
                "start", "", points[count - 1].shown);
    fputs("</svg>\n", out);
}

void chart_inline(FILE *out, int64_t value, int64_t most, const char *color)
{
    int wide = part_of(value, most, 80);

    if (wide == 0)
        return;
    fprintf(out,
            "<svg viewBox=\"0 0 80 6\" width=\"80\" height=\"6\" aria-hidden=\"true\"><rect width=\"80\" height=\"6\" rx=\"3\" "
            "fill=\"#e8ecf0\"/><rect width=\"%d\" height=\"6\" rx=\"3\" fill=\"%s\"/></svg>",
            wide, color ? color : ACCENT);
}
