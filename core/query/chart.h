/* chart.h: charts as inline SVG: no scripts, nothing from outside. Texts are escaped; each chart has a title that is read aloud. */
#ifndef TEND_QUERY_CHART_H
#define TEND_QUERY_CHART_H

#include <stdio.h>
#include <tend/value.h>

typedef struct chart_point {
    const char *label; /* below a column, in a legend; borrowed */
    const char *shown; /* the value as people read it; NULL: not shown */
    int64_t value;     /* negative counts as 0 in bars */
    const char *color; /* "#2c7a4b"; NULL: the accent */
} chart_point;

const char *chart_band_color(const char *band);
/* One bar from left to right in parts, with a legend. Nothing when all values are 0. */
void chart_stack(FILE *out, const char *title, const chart_point *points, size_t count);
/* Columns side by side. */
void chart_columns(FILE *out, const char *title, const chart_point *points, size_t count);
/* A line over `count` points, lowest to highest of the values or `low` to `high` when those differ. */
void chart_line(FILE *out, const char *title, const chart_point *points, size_t count, int64_t low, int64_t high);
/* A small bar inside a table's cell: `value` of `most`. */
void chart_inline(FILE *out, int64_t value, int64_t most, const char *color);

#endif
