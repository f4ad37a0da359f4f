/* report.h: a query's sections as HTML: another sink of the same answers, so that a page cannot disagree with the command. */
#ifndef TEND_QUERY_REPORT_H
#define TEND_QUERY_REPORT_H

#include "query/inside.h"

/* Single sections become tiles, lists become tables; some get a chart by their key. Writes to `out` as sections end. */
tend_result *report_result(const tend_query *query, FILE *out);
/* The page around it. `title` is escaped. */
void report_begin(const tend_query *query, const char *title, FILE *out);
tend_status report_end(const tend_query *query, FILE *out, tend_error *reterr);

/* The section being shown, as a chart sees it. */
typedef struct report_section {
    const tend_query *query;
    FILE *out;
    const char *key, *title;
    const tend_heading *headings;
    const tend_value *const *rows;
    int count; /* of headings */
    size_t row_count;
    tend_arena *arena;
} report_section;
/* The column of this key; -1 when there is none. */
int report_column(const report_section *section, const char *key);
/* Draws the chart that belongs to the section's key, if one does. */
void report_chart(const report_section *section);

#endif
