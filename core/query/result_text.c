/* result_text.c: tables and "key: value" lists for people. */
#include "base/money.h"
#include "base/utf8.h"
#include "query/result.h"
#include "query/words.h"
#include <stdlib.h>
#include <string.h>

typedef struct text_row {
    struct text_row *next;
    const char **cells;
} text_row;

typedef struct text_result {
    tend_result result;
    FILE *out;
    const tend_zone *zone;
    const char *language;
    int width;
    tend_arena *arena; /* of the section */
    const char *title;
    tend_heading *headings;
    int count, sections;
    bool is_single, is_open;
    text_row *first, **last;
    int rows;
} text_result;

static size_t columns_of(const char *text)
{
    return tend_utf8_columns(text, strlen(text));
}

static void pad(FILE *out, size_t count)
{
    while (count-- > 0)
        fputc(' ', out);
}

/* At most `room` columns of `text`, an ellipsis in place of what is cut. Returns the columns written. */
static size_t write_cut(FILE *out, const char *text, size_t room)
{
    size_t length = strlen(text), used = 0, at = 0;

    if (columns_of(text) <= room) {
        fputs(text, out);
        return columns_of(text);
    }
    while (at < length) {
        uint32_t code;
        size_t bytes = tend_utf8_next(text + at, length - at, &code);
        size_t wide = tend_utf8_columns(text + at, bytes);

        if (bytes == 0 || used + wide + 1 > room)
            break;
        fwrite(text + at, 1, bytes, out);
        used += wide;
        at += bytes;
    }
    fputs("…", out);
    return used + 1;
}

enum { FOLD_COLUMNS = 48 };

/* Packed values are read to their end: such a column is folded, not cut. */
static bool is_packed(const char *cell)
{
    return (*cell == '{' && cell[1] == '"') || (*cell == '[' && (cell[1] == '"' || cell[1] == '{'));
}

/* Bytes of `text` that stand on one line of `room` columns: up to a comma, a colon or a blank in its second half, else all that
 * fits. */
static size_t fold_at(const char *text, size_t room)
{
    size_t length = strlen(text), at = 0, used = 0, good = 0;

    while (at < length) {
        uint32_t code;
        size_t bytes = tend_utf8_next(text + at, length - at, &code);
        size_t wide = tend_utf8_columns(text + at, bytes);

        if (bytes == 0 || used + wide > room)
            break;
        used += wide;
        at += bytes;
        if ((code == ',' || code == ' ' || code == ':') && used * 2 >= room)
            good = at;
    }
    return at >= length || good == 0 ? at : good;
}

static bool is_number(uint8_t type)
{
    return type == TEND_INT || type == TEND_DECIMAL || type == TEND_MONEY;
}

static const char *zone_name(const text_result *self)
{
    return self->zone ? tend_zone_name(self->zone) : "UTC";
}

/* A time is read on a clock, so its column says on whose. */
static const char *title_with_zone(const text_result *self, const tend_heading *heading)
{
    const char *title = heading->title ? heading->title : heading->key;

    if (heading->type != TEND_TIME)
        return tend_arena_string(self->arena, title);
    return tend_arena_print(self->arena, "%s (%s)", title, zone_name(self));
}

static const char *title_of(const tend_heading *heading)
{
    return heading->title ? heading->title : heading->key;
}

static void write_single(text_result *self)
{
    size_t widest = 0;

    for (int i = 0; i < self->count; i++)
        if (self->first && *self->first->cells[i] && columns_of(title_of(&self->headings[i])) > widest)
            widest = columns_of(title_of(&self->headings[i]));
    for (int i = 0; self->first && i < self->count; i++) {
        const char *title = title_of(&self->headings[i]);

        if (!*self->first->cells[i])
            continue;
        fprintf(self->out, "  %s", title);
        pad(self->out, widest - columns_of(title) + 2);
        fprintf(self->out, "%s\n", self->first->cells[i]);
    }
}

/* A row, or the headings (`row` NULL); what is folded goes on in lines of its own. */
static void write_line(text_result *self, const size_t *widths, const bool *folds, text_row *row, int shown)
{
    bool is_first = true, has_more = true;

    while (has_more) {
        int left = shown;
        size_t blanks = 2; /* before the next text of a line that goes on */

        has_more = false;
        pad(self->out, is_first ? blanks : 0);
        for (int i = 0; i < self->count; i++) {
            const char *text = !row ? title_of(&self->headings[i]) : is_first || folds[i] ? row->cells[i] : "";
            size_t room, fits = strlen(text);

            if (widths[i] == 0)
                continue;
            left--;
            if (row && folds[i]) {
                fits = fold_at(text, widths[i]);
                row->cells[i] = text + fits + strspn(text + fits, " ");
                has_more = has_more || *row->cells[i];
                text = tend_arena_copy(self->arena, text, fits);
            }
            if (!is_first) {
                if (text && *text) {
                    pad(self->out, blanks);
                    blanks = 0;
                }
                blanks += widths[i] + 2 - write_cut(self->out, text ? text : "", widths[i]);
                continue;
            }
            if (text && is_number(self->headings[i].type) && columns_of(text) < widths[i])
                pad(self->out, widths[i] - columns_of(text));
            room = write_cut(self->out, text ? text : "", widths[i]);
            if (!is_number(self->headings[i].type) && left > 0)
                pad(self->out, widths[i] - room);
            if (left > 0)
                fputs("  ", self->out);
        }
        fputc('\n', self->out);
        is_first = false;
    }
}

static void write_table(text_result *self)
{
    size_t *widths = tend_arena_take(self->arena, (size_t)self->count * sizeof *widths);
    bool *folds = tend_arena_take(self->arena, (size_t)self->count * sizeof *folds);
    size_t total = 0;
    int shown = 0, flexible = -1;

    if (!widths || !folds)
        return;
    for (int i = 0; i < self->count; i++) {
        bool has_value = false;

        for (const text_row *row = self->first; row; row = row->next) {
            size_t wide = columns_of(row->cells[i]);

            has_value = has_value || wide > 0;
            folds[i] = folds[i] || is_packed(row->cells[i]);
            if (wide > widths[i])
                widths[i] = wide;
        }
        if (folds[i] && widths[i] > FOLD_COLUMNS)
            widths[i] = FOLD_COLUMNS;
        if (!has_value && self->headings[i].is_optional) {
            widths[i] = 0;
            continue;
        }
        if (columns_of(title_of(&self->headings[i])) > widths[i])
            widths[i] = columns_of(title_of(&self->headings[i]));
        if (self->headings[i].type == TEND_TEXT && (flexible < 0 || widths[i] > widths[flexible]))
            flexible = i;
        total += widths[i] + 2;
        shown++;
    }
    while (self->width > 0 && total > (size_t)self->width && flexible >= 0 && widths[flexible] > 12) {
        size_t over = total - (size_t)self->width;
        size_t cut = widths[flexible] - 12 < over ? widths[flexible] - 12 : over;

        widths[flexible] -= cut;
        total -= cut;
        flexible = -1;
        for (int i = 0; i < self->count; i++)
            if (self->headings[i].type == TEND_TEXT && widths[i] > 12 && (flexible < 0 || widths[i] > widths[flexible]))
                flexible = i;
    }
    write_line(self, widths, folds, NULL, shown);
    for (text_row *row = self->first; row; row = row->next)
        write_line(self, widths, folds, row, shown);
}

/* No row, and nothing in it that has to be there. */
static bool is_left_out(const text_result *self)
{
    for (int i = 0; i < self->count; i++)
        if (!self->headings[i].is_optional)
            return false;
    return self->rows == 0;
}

static void end_section(text_result *self)
{
    if (!self->is_open)
        return;
    self->is_open = false;
    if (is_left_out(self)) {
        self->sections--;
        return;
    }
    if (self->title && *self->title)
        fprintf(self->out, "%s%s\n", self->sections > 1 ? "\n" : "", self->title);
    if (self->is_single)
        write_single(self);
    else if (self->rows == 0)
        fprintf(self->out, "  %s\n", tend_say(self->language, "none"));
    else
        write_table(self);
}

static tend_status text_section(tend_result *result, const char *key, const char *title, const tend_heading *headings, int count,
                                bool is_single, tend_error *reterr)
{
    text_result *self = (text_result *)result;

    (void)key;
    end_section(self);
    tend_arena_reset(self->arena);
    self->headings = tend_arena_take(self->arena, (size_t)count * sizeof *headings);
    if (!self->headings && count > 0)
        return tend_fail(reterr, TEND_ENOMEM, "result: no memory for %d columns", count);
    for (int i = 0; i < count; i++) {
        self->headings[i] = headings[i];
        self->headings[i].key = tend_arena_string(self->arena, headings[i].key);
        self->headings[i].title = title_with_zone(self, &headings[i]);
    }
    self->title = tend_arena_string(self->arena, title);
    self->count = count;
    self->is_single = is_single;
    self->is_open = true;
    self->first = NULL;
    self->last = &self->first;
    self->rows = 0;
    self->sections++;
    return TEND_OK;
}

static bool is_among(const char *key, const char *const *keys)
{
    while (*keys && strcmp(*keys, key) != 0)
        keys++;
    return *keys != NULL;
}

/* Columns whose words, or sentences, belong to the program and not to the data. */
static const char *say_cell(text_result *self, const tend_heading *heading, const char *text)
{
    static const char *const words[] = { "state", "decision", "topic", "subject", NULL };
    static const char *const sentences[] = { "why", "queue", "starts", "type", "unit", "allowed", "meaning", NULL };
    bool is_decision = strcmp(heading->key, "what") == 0 && strcmp(heading->title, tend_say(self->language, "decision")) == 0;

    if (is_decision || is_among(heading->key, words))
        return tend_say(self->language, text);
    return is_among(heading->key, sentences) ? tend_say_found(self->arena, self->language, text) : text;
}

/* Ratios and scores carry six digits for machines; people read four, without trailing zeros. */
static const char *show_cell(text_result *self, const tend_heading *heading, const tend_value *value)
{
    enum { DIGITS = 4 };
    tend_value rounded = *value;

    if (value->type == TEND_BOOL)
        return tend_say(self->language, value->integer ? "yes" : "no");
    if (value->type == TEND_TEXT)
        return say_cell(self, heading, tend_value_show(value, self->zone, self->arena));
    if (value->type == TEND_TIME && heading->type != TEND_TIME)
        return tend_arena_print(self->arena, "%s %s", tend_value_show(value, self->zone, self->arena), zone_name(self));
    if (value->type != TEND_DECIMAL || value->scale <= DIGITS)
        return tend_value_show(value, self->zone, self->arena);
    for (int64_t divisor = 10; rounded.scale > DIGITS; rounded.scale--)
        if (rounded.scale == DIGITS + 1)
            (void)tend_muldiv(value->integer, 1, divisor, &rounded.integer); /* one rounding */
        else
            divisor *= 10;
    while (rounded.scale > 0 && rounded.integer % 10 == 0) {
        rounded.integer /= 10;
        rounded.scale--;
    }
    return tend_value_show(&rounded, self->zone, self->arena);
}

/* One line, whatever the value holds: control characters become blanks. */
static const char *one_line(tend_arena *arena, const char *text)
{
    char *copy = tend_arena_string(arena, text);

    for (char *at = copy; at && *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = ' ';
    return copy ? copy : "";
}

static tend_status text_row_add(tend_result *result, const tend_value *values, tend_error *reterr)
{
    text_result *self = (text_result *)result;
    text_row *row = tend_arena_take(self->arena, sizeof *row);
    const char **cells = tend_arena_take(self->arena, (size_t)(self->count + 1) * sizeof *cells);

    if (!row || !cells)
        return tend_fail(reterr, TEND_ENOMEM, "result: no memory for one more row; use --limit, --csv or --json");
    for (int i = 0; i < self->count; i++)
        cells[i] = values[i].type == TEND_NULL ? "" : one_line(self->arena, show_cell(self, &self->headings[i], &values[i]));
    row->cells = cells;
    *self->last = row;
    self->last = &row->next;
    self->rows++;
    return TEND_OK;
}

static tend_status text_note(tend_result *result, const char *text, tend_error *reterr)
{
    text_result *self = (text_result *)result;

    (void)reterr;
    end_section(self);
    fprintf(self->out, "%s%s\n", self->sections > 0 ? "  " : "", tend_say_found(self->arena, self->language, text));
    return TEND_OK;
}

static tend_status text_end(tend_result *result, tend_error *reterr)
{
    text_result *self = (text_result *)result;

    end_section(self);
    if (fflush(self->out) != 0 || ferror(self->out))
        return tend_fail(reterr, TEND_EIO, "standard output: cannot write the result; check the disk and the pipe");
    return TEND_OK;
}

static void text_free(tend_result *result)
{
    text_result *self = (text_result *)result;

    tend_arena_free(self->arena);
    free(self);
}

tend_result *tend_result_text(FILE *out, const tend_zone *zone, const char *language, int width)
{
    text_result *self = calloc(1, sizeof *self);

    if (!self)
        return NULL;
    self->result = (tend_result){ text_section, text_row_add, text_note, text_end, text_free };
    self->out = out;
    self->zone = zone;
    self->language = language;
    self->width = width;
    self->arena = tend_arena_new();
    if (!self->arena) {
        free(self);
        return NULL;
    }
    return &self->result;
}
