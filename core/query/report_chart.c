/* report_chart.c: which section gets which chart. */
#include "base/money.h"
#include "query/chart.h"
#include "query/report.h"
#include <string.h>

enum { POINTS_MAX = 24 };

static const char *text_at(const report_section *section, size_t row, int column)
{
    const tend_value *value = &section->rows[row][column];

    return value->type == TEND_TEXT ? tend_arena_copy(section->arena, value->text, value->length) : "";
}

static void draw_bands(const report_section *section)
{
    int band = report_column(section, "band"), accounts = report_column(section, "accounts");
    chart_point points[POINTS_MAX];
    size_t count = 0;

    for (size_t row = 0; row < section->row_count && count < POINTS_MAX; row++) {
        const char *name = text_at(section, row, band);

        points[count++] = (chart_point){ .label = query_say(section->query, name),
                                         .shown = tend_value_text(&section->rows[row][accounts], section->arena),
                                         .value = section->rows[row][accounts].integer,
                                         .color = chart_band_color(name) };
    }
    chart_stack(section->out, section->title, points, count);
}

/* "1.2M", "350k": short, for labels in a chart only; rounded once, halves up. */
static const char *shorten(const report_section *section, int64_t minor)
{
    int64_t unit = 1, tenths, thousands, ones = 0;

    for (int exponent = tend_currency_exponent(section->query->currency); exponent > 0; exponent--)
        unit *= 10;
    if (tend_muldiv(minor, 1, unit * 100000, &tenths) >= 0 && tenths >= 100) {
        (void)tend_muldiv(minor, 1, unit * 1000000, &ones);
        return tend_arena_print(section->arena, "%lldM", (long long)ones);
    }
    if (tend_muldiv(minor, 1, unit * 1000, &thousands) >= 0 && thousands >= 1000)
        return tend_arena_print(section->arena, "%lld.%lldM", (long long)(tenths / 10), (long long)(tenths % 10));
    if (tend_muldiv(minor, 1, unit, &ones) >= 0 && ones >= 1000)
        return tend_arena_print(section->arena, "%lldk", (long long)thousands);
    return tend_arena_print(section->arena, "%lld", (long long)ones);
}

/* Money that ends in each month. */
static void draw_renewals(const report_section *section)
{
    int ends = report_column(section, "ends_on"), amount = report_column(section, "annual_amount");
    chart_point points[POINTS_MAX];
    size_t count = 0;
    int last = 0;

    for (size_t row = 0; row < section->row_count; row++) {
        int year, month, day;

        tend_date_split((tend_date)section->rows[row][ends].integer, &year, &month, &day);
        if (count == 0 || last != year * 12 + month) {
            if (count == POINTS_MAX)
                break;
            last = year * 12 + month;
            points[count++] = (chart_point){ .label = tend_arena_print(section->arena, "%04d-%02d", year, month) };
        }
        if (section->rows[row][amount].type != TEND_NULL &&
            __builtin_add_overflow(points[count - 1].value, section->rows[row][amount].integer, &points[count - 1].value))
            points[count - 1].value = INT64_MAX;
    }
    for (size_t i = 0; i < count; i++)
        points[i].shown = shorten(section, points[i].value);
    chart_columns(section->out, section->title, points, count);
}

static void draw_history(const report_section *section)
{
    int day = report_column(section, "day"), score = report_column(section, "score"), band = report_column(section, "band");
    size_t first = section->row_count > POINTS_MAX ? section->row_count - POINTS_MAX : 0, count = 0;
    chart_point points[POINTS_MAX];

    for (size_t row = first; row < section->row_count; row++) {
        if (section->rows[row][score].type == TEND_NULL)
            continue;
        points[count++] =
            (chart_point){ .label = tend_value_text(&section->rows[row][day], section->arena),
                           .shown = tend_arena_print(section->arena, "%lld",
                                                     (long long)((section->rows[row][score].integer + 500000) / 1000000)),
                           .value = section->rows[row][score].integer,
                           .color = chart_band_color(text_at(section, row, band)) };
    }
    chart_line(section->out, section->title, points, count, 0, 100000000);
}

static void draw_usage(const report_section *section)
{
    int month = report_column(section, "month"), uses = report_column(section, "uses");
    chart_point points[POINTS_MAX];
    size_t count = 0;

    for (size_t row = 0; row < section->row_count && count < POINTS_MAX; row++)
        points[count++] = (chart_point){ .label = text_at(section, row, month),
                                         .shown = tend_value_text(&section->rows[row][uses], section->arena),
                                         .value = section->rows[row][uses].integer };
    chart_columns(section->out, section->title, points, count);
}

void report_chart(const report_section *section)
{
    static const struct {
        const char *key;
        void (*draw)(const report_section *section);
    } charts[] = {
        { "bands", draw_bands },
        { "renewals", draw_renewals },
        { "health_history", draw_history },
        { "usage", draw_usage },
    };

    for (int i = 0; i < QUERY_COUNT(charts); i++)
        if (strcmp(section->key, charts[i].key) == 0)
            charts[i].draw(section);
}
