/* result_csv.c: the first section as CSV (RFC 4180, UTF-8, LF), safe to open in a spreadsheet. */
#include "query/result.h"
#include <stdlib.h>
#include <string.h>

typedef struct csv_result {
    tend_result result;
    FILE *out;
    tend_arena *arena;
    int sections, count;
    tend_heading *headings;
    tend_arena *row_arena;
    bool names_currency;
} csv_result;

/* Whether a spreadsheet might run the cell: = + - @ TAB CR LF, or the full-width forms of the first four, at its start. */
static bool starts_a_formula(const char *text)
{
    static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0" };

    if (*text && strchr("=+-@\t\r\n", *text))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (strncmp(text, wide[i], 3) == 0)
            return true;
    return false;
}

static void write_cell(FILE *out, const char *text, bool is_text)
{
    bool is_formula = is_text && starts_a_formula(text);

    if (!is_formula && !strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputs(is_formula ? "\"'" : "\"", out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static tend_status csv_section(tend_result *result, const char *key, const char *title, const tend_heading *headings, int count,
                               bool is_single, tend_error *reterr)
{
    csv_result *self = (csv_result *)result;

    (void)key, (void)title, (void)is_single;
    if (self->sections++ > 0)
        return TEND_OK;
    self->headings = tend_arena_take(self->arena, (size_t)count * sizeof *headings);
    if (!self->headings && count > 0)
        return tend_fail(reterr, TEND_ENOMEM, "result: no memory for %d columns", count);
    self->count = count;
    for (int i = 0; i < count; i++) {
        self->headings[i] = headings[i];
        self->names_currency = self->names_currency || strcmp(headings[i].key, "currency") == 0;
    }
    for (int i = 0; i < count; i++) {
        if (i > 0)
            fputc(',', self->out);
        write_cell(self->out, headings[i].key, false);
        if (headings[i].type == TEND_MONEY && !self->names_currency)
            fprintf(self->out, ",%s_currency", headings[i].key);
    }
    fputc('\n', self->out);
    return TEND_OK;
}

static tend_status csv_row(tend_result *result, const tend_value *values, tend_error *reterr)
{
    csv_result *self = (csv_result *)result;

    (void)reterr;
    if (self->sections != 1)
        return TEND_OK;
    tend_arena_reset(self->row_arena);
    for (int i = 0; i < self->count; i++) {
        const char *text = tend_value_text(&values[i], self->row_arena);

        if (i > 0)
            fputc(',', self->out);
        write_cell(self->out, text ? text : "", values[i].type == TEND_TEXT);
        if (self->headings[i].type == TEND_MONEY && !self->names_currency)
            fprintf(self->out, ",%s", values[i].type == TEND_MONEY ? values[i].currency : "");
    }
    fputc('\n', self->out);
    return TEND_OK;
}

static tend_status csv_note(tend_result *result, const char *text, tend_error *reterr)
{
    (void)result, (void)text, (void)reterr;
    return TEND_OK;
}

static tend_status csv_end(tend_result *result, tend_error *reterr)
{
    csv_result *self = (csv_result *)result;

    if (fflush(self->out) != 0 || ferror(self->out))
        return tend_fail(reterr, TEND_EIO, "standard output: cannot write the result; check the disk and the pipe");
    return TEND_OK;
}

static void csv_free(tend_result *result)
{
    csv_result *self = (csv_result *)result;

    tend_arena_free(self->arena);
    tend_arena_free(self->row_arena);
    free(self);
}

tend_result *tend_result_csv(FILE *out)
{
    csv_result *self = calloc(1, sizeof *self);

    if (!self)
        return NULL;
    self->result = (tend_result){ csv_section, csv_row, csv_note, csv_end, csv_free };
    self->out = out;
    self->arena = tend_arena_new();
    self->row_arena = tend_arena_new();
    if (!self->arena || !self->row_arena) {
        csv_free(&self->result);
        return NULL;
    }
    return &self->result;
}
