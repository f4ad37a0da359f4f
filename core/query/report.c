/* report.c: sections as tiles and tables. */
#include "query/report.h"
#include "query/chart.h"
#include "query/html.h"
#include <stdlib.h>
#include <string.h>

typedef struct report_row {
    struct report_row *next;
    tend_value *values;
} report_row;

typedef struct page {
    tend_result result;
    const tend_query *query;
    FILE *out;
    tend_arena *arena; /* of the section */
    report_section section;
    bool is_single, is_open;
    report_row *first, **last;
} page;

int report_column(const report_section *section, const char *key)
{
    for (int i = 0; i < section->count; i++)
        if (strcmp(section->headings[i].key, key) == 0)
            return i;
    return -1;
}

/* Columns whose words belong to the program and not to the data. */
static bool is_word(const char *key)
{
    static const char *const keys[] = { "band", "priority", "kind", "stage", "status", "role", "power", "stance", "source" };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* "80.0", "25 %". */
static const char *show_decimal(const report_section *section, const char *key, const tend_value *value)
{
    bool is_share = strcmp(key, "share") == 0;
    tend_int128 number = value->integer;
    char room[TEND_DECIMAL_ROOM];

    for (int scale = value->scale; scale < 6; scale++)
        number *= 10;
    number = number * (is_share ? 100 : 1);
    number = (number + (number < 0 ? -50000 : 50000)) / 100000;
    tend_decimal_format((int64_t)number, 1, room);
    return tend_arena_print(section->arena, is_share ? "%s %%" : "%s", room);
}

static const char *show_value(const report_section *section, int column, const tend_value *value)
{
    const char *key = section->headings[column].key;

    if (value->type == TEND_NULL)
        return "";
    if (value->type == TEND_DECIMAL)
        return show_decimal(section, key, value);
    if (value->type == TEND_BOOL)
        return query_say(section->query, value->integer ? "yes" : "no");
    if (value->type == TEND_TEXT && is_word(key)) {
        char *word = tend_arena_copy(section->arena, value->text, value->length);
        const char *said = word ? query_say(section->query, word) : "";

        if (said != word)
            return said;
        for (char *at = word; *at; at++)
            *at = *at == '_' ? ' ' : *at;
        return word;
    }
    return tend_value_show(value, section->query->zone, section->arena);
}

static void write_value(const report_section *section, int column, const tend_value *value)
{
    const char *text = show_value(section, column, value);

    if (value->type == TEND_TEXT && strcmp(section->headings[column].key, "band") == 0) {
        const char *band = tend_arena_copy(section->arena, value->text, value->length);
        bool is_known = band && (strcmp(band, "green") == 0 || strcmp(band, "yellow") == 0 || strcmp(band, "red") == 0);

        fprintf(section->out, "<span class=\"band %s\">", is_known ? band : "");
        html_text(section->out, text);
        fputs("</span>", section->out);
    } else {
        html_text(section->out, text);
    }
}

static const char *title_of(const tend_heading *heading)
{
    return heading->title ? heading->title : heading->key;
}

static void write_tiles(const report_section *section)
{
    fputs("<div class=\"tiles\">\n", section->out);
    for (int i = 0; section->row_count > 0 && i < section->count; i++) {
        if (section->rows[0][i].type == TEND_NULL || strcmp(section->headings[i].key, "id") == 0 ||
            strcmp(section->headings[i].key, "name") == 0)
            continue;
        fputs("<div><span>", section->out);
        html_text(section->out, title_of(&section->headings[i]));
        fputs("</span><b>", section->out);
        write_value(section, i, &section->rows[0][i]);
        fputs("</b></div>\n", section->out);
    }
    fputs("</div>\n", section->out);
}

static const char *class_of(const tend_heading *heading)
{
    if (strcmp(heading->key, "source") == 0 || strcmp(heading->key, "age_days") == 0)
        return heading->type == TEND_INT ? "n q" : "q";
    switch (heading->type) {
    case TEND_INT:
    case TEND_DECIMAL:
    case TEND_MONEY:
        return "n";
    case TEND_DATE:
    case TEND_TIME:
        return "d";
    default:
        return "";
    }
}

/* Ids are for commands; a page has none. */
static bool is_shown(const report_section *section, int column)
{
    const tend_heading *heading = &section->headings[column];
    size_t length = strlen(heading->key);

    if (strcmp(heading->key, "id") == 0 || strcmp(heading->key, "row") == 0 ||
        (length > 3 && strcmp(heading->key + length - 3, "_id") == 0))
        return false;
    for (size_t row = 0; row < section->row_count; row++)
        if (section->rows[row][column].type != TEND_NULL)
            return true;
    return false;
}

static int64_t most_of(const report_section *section, int column)
{
    int64_t most = 0;

    for (size_t row = 0; row < section->row_count; row++)
        if (section->rows[row][column].type != TEND_NULL && section->rows[row][column].integer > most)
            most = section->rows[row][column].integer;
    return most;
}

/* Which column of which section carries small bars. */
static bool has_bar(const char *section, const char *column)
{
    static const char *const bars[][2] = {
        { "at_risk", "at_risk" },
        { "tasks_by_person", "open" },
        { "arr_by_currency", "arr_company" },
        { "arr_by_segment", "arr" },
    };

    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
        if (strcmp(section, bars[i][0]) == 0 && strcmp(column, bars[i][1]) == 0)
            return true;
    return false;
}

static void write_table(const report_section *section)
{
    FILE *out = section->out;

    fputs("<table>\n<thead><tr>", out);
    for (int i = 0; i < section->count; i++) {
        if (!is_shown(section, i))
            continue;
        fprintf(out, "<th class=\"%s\">", class_of(&section->headings[i]));
        html_text(out, title_of(&section->headings[i]));
        fputs("</th>", out);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t row = 0; row < section->row_count; row++) {
        fputs("<tr>", out);
        for (int i = 0; i < section->count; i++) {
            if (!is_shown(section, i))
                continue;
            fprintf(out, "<td class=\"%s\">", class_of(&section->headings[i]));
            write_value(section, i, &section->rows[row][i]);
            if (has_bar(section->key, section->headings[i].key) && section->rows[row][i].type != TEND_NULL)
                chart_inline(out, section->rows[row][i].integer, most_of(section, i), NULL);
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n</table>\n", out);
}

static void end_section(page *self)
{
    report_section *section = &self->section;
    const tend_value **rows;
    size_t at = 0;

    if (!self->is_open)
        return;
    self->is_open = false;
    rows = tend_arena_take(self->arena, (section->row_count + 1) * sizeof *rows);
    for (const report_row *row = self->first; rows && row; row = row->next)
        rows[at++] = row->values;
    section->rows = rows;
    section->row_count = at;
    /* What there is nothing of is left out, but for what one would miss. */
    if (section->row_count == 0 && strcmp(section->key, "tasks") != 0 && strcmp(section->key, "renewals") != 0 &&
        strcmp(section->key, "at_risk") != 0 && strcmp(section->key, "health") != 0)
        return;
    fprintf(self->out, "<section%s>\n", section->row_count > 12 ? " class=\"long\"" : "");
    if (section->title) {
        fputs("<h2>", self->out);
        html_text(self->out, section->title);
        fputs("</h2>\n", self->out);
    }
    if (section->row_count == 0) {
        fputs("<p class=\"none\">", self->out);
        html_text(self->out, query_say(section->query, "none"));
        fputs("</p>\n", self->out);
    } else {
        report_chart(section);
        if (self->is_single)
            write_tiles(section);
        else
            write_table(section);
    }
    fputs("</section>\n", self->out);
}

static tend_status page_section(tend_result *result, const char *key, const char *title, const tend_heading *headings, int count,
                                bool is_single, tend_error *reterr)
{
    page *self = (page *)result;
    tend_heading *copies;

    end_section(self);
    tend_arena_reset(self->arena);
    copies = tend_arena_take(self->arena, (size_t)(count + 1) * sizeof *copies);
    for (int i = 0; copies && i < count; i++) {
        copies[i] = headings[i];
        copies[i].key = tend_arena_string(self->arena, headings[i].key);
        copies[i].title = tend_arena_string(self->arena, headings[i].title);
    }
    self->section = (report_section){ .query = self->query,
                                      .out = self->out,
                                      .key = tend_arena_string(self->arena, key),
                                      .title = tend_arena_string(self->arena, title),
                                      .headings = copies,
                                      .count = count,
                                      .arena = self->arena };
    if (!copies || !self->section.key)
        return tend_fail(reterr, TEND_ENOMEM, "report: memory is used up");
    self->first = NULL;
    self->last = &self->first;
    self->is_single = is_single;
    self->is_open = true;
    return TEND_OK;
}

static tend_status page_row(tend_result *result, const tend_value *values, tend_error *reterr)
{
    page *self = (page *)result;
    report_row *row = tend_arena_take(self->arena, sizeof *row);
    tend_value *copies = tend_arena_take(self->arena, (size_t)(self->section.count + 1) * sizeof *copies);
    tend_status status = row && copies ? TEND_OK : TEND_ENOMEM;

    for (int i = 0; status >= 0 && i < self->section.count; i++)
        status = tend_arena_value(self->arena, &values[i], &copies[i]);
    if (status < 0)
        return tend_fail(reterr, TEND_ENOMEM, "report: memory is used up");
    row->values = copies;
    *self->last = row;
    self->last = &row->next;
    self->section.row_count++;
    return TEND_OK;
}

static tend_status page_note(tend_result *result, const char *text, tend_error *reterr)
{
    page *self = (page *)result;

    (void)reterr;
    end_section(self);
    fputs("<p class=\"none\">", self->out);
    html_text(self->out, text);
    fputs("</p>\n", self->out);
    return TEND_OK;
}

static tend_status page_end(tend_result *result, tend_error *reterr)
{
    (void)reterr;
    end_section((page *)result);
    return TEND_OK;
}

static void page_free(tend_result *result)
{
    page *self = (page *)result;

    tend_arena_free(self->arena);
    free(self);
}

tend_result *report_result(const tend_query *query, FILE *out)
{
    page *self = calloc(1, sizeof *self);

    if (!self)
        return NULL;
    self->result = (tend_result){ page_section, page_row, page_note, page_end, page_free };
    self->query = query;
    self->out = out;
    self->arena = tend_arena_new();
    if (!self->arena) {
        free(self);
        return NULL;
    }
    return &self->result;
}

void report_begin(const tend_query *query, const char *title, FILE *out)
{
    const tend_value made = { .type = TEND_TIME, .integer = query->world.now };
    const char *below = query_fill(query, "As of {date}; made {time}", "date", query_date(query, query->today), "time",
                                   tend_value_show(&made, query->zone, query->arena), NULL);

    html_begin(out, query->language, title, query->company, below);
}

tend_status report_end(const tend_query *query, FILE *out, tend_error *reterr)
{
    html_end(out,
             query_say(query, "Money is in the company's currency by the rates of the day; what no rate is known for is left out "
                              "of sums."));
    if (fflush(out) != 0 || ferror(out))
        return tend_fail(reterr, TEND_EIO, "report: cannot be written; check the disk");
    return TEND_OK;
}
