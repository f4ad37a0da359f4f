#include "csv.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FIELDS 65536u
#define MOST_RECORD ((size_t)7 << 20)

static tend_status no_memory(const csv_parser *parser, tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read it", parser->input->path);
}

static void fault(csv_parser *parser, const char *what)
{
    if (!parser->fault) {
        parser->fault = what;
        parser->fault_field = parser->count;
    }
}

static bool add_cell(csv_parser *parser, const char *text, size_t length)
{
    if (parser->count == parser->room) {
        uint32_t room = parser->room ? parser->room * 2 : 64;
        tend_cell *larger;

        if (parser->count >= MOST_FIELDS) {
            fault(parser, "more than 65536 fields");
            return true;
        }
        larger = realloc(parser->cells, room * sizeof *larger);
        if (!larger)
            return false;
        parser->cells = larger;
        parser->room = room;
    }
    parser->cells[parser->count].text = text;
    parser->cells[parser->count++].length = length;
    return true;
}

/* A line without quotes: cut in place, each delimiter becoming the NUL of the text before it. */
static bool cut(csv_parser *parser, char *at, char *end)
{
    *end = '\0';
    for (;;) {
        char *next = memchr(at, parser->delimiter, (size_t)(end - at));
        char *stop = next ? next : end;

        if ((size_t)(stop - at) > parser->max_field)
            fault(parser, "longer than max_field allows");
        *stop = '\0';
        if (!add_cell(parser, at, (size_t)(stop - at)))
            return false;
        if (!next)
            return true;
        at = next + 1;
    }
}

/* The next `byte` before `end`, which is often near. */
static char *find_near(char *at, char *end, char byte)
{
    while (end - at >= 8) {
        uint64_t word, hit, same = UINT64_C(0x0101010101010101) * (unsigned char)byte;

        memcpy(&word, at, sizeof word);
        word = le64toh(word);
        word ^= same;
        hit = (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
        if (hit) /* the lowest is a true one */
            return at + __builtin_ctzll(hit) / 8;
        at += 8;
    }
    for (; at < end; at++)
        if (*at == byte)
            return at;
    return NULL;
}

/* A line whose fields stand between quotes that are closed before its end: cut in place, too. False, and nothing is changed but the
 * cells, when it is not as simple. */
static bool cut_quoted(csv_parser *parser, char *at, char *end)
{
    const char delimiter = parser->delimiter, quote = parser->quote;

    for (;;) {
        char *text = at, *stop, *next;

        if (at < end && *at == quote) {
            text = at + 1;
            stop = find_near(text, end, quote);
            if (!stop)
                return false; /* it goes on in the next line */
            next = stop + 1;
            if (next < end && *next != delimiter)
                return false; /* a doubled quote, or text behind it */
        } else {
            next = stop = find_near(at, end, delimiter);
            if (!stop)
                next = stop = end;
        }
        if ((size_t)(stop - text) > parser->max_field || parser->count == parser->room)
            return false;
        parser->cells[parser->count].text = text;
        parser->cells[parser->count++].length = (size_t)(stop - text);
        if (next == end)
            break;
        at = next + 1;
    }
    for (uint32_t i = 0; i < parser->count; i++)
        ((char *)(uintptr_t)parser->cells[i].text)[parser->cells[i].length] = '\0';
    return true;
}

/* ---- records with quotes, or longer than the window: put together piece by piece ------------------------------------------- */

typedef enum csv_place { FIELD_START, PLAIN, QUOTED, QUOTE_SEEN, AFTER_QUOTE } csv_place;

static bool append(csv_parser *parser, const char *bytes, size_t length, size_t field_start)
{
    if (memchr(bytes, '\0', length))
        fault(parser, "holds a NUL byte");
    if (parser->text_length - field_start + length > parser->max_field) {
        fault(parser, "longer than max_field allows");
        return true;
    }
    if (parser->text_length + length > MOST_RECORD) {
        fault(parser, "the record is longer than 7 MiB");
        return true;
    }
    if (parser->text_length + length + 1 > parser->text_room) {
        size_t room = parser->text_room ? parser->text_room : 4096;
        char *larger;

        while (room < parser->text_length + length + 1)
            room *= 2;
        larger = realloc(parser->text, room);
        if (!larger)
            return false;
        parser->text = larger;
        parser->text_room = room;
    }
    memcpy(parser->text + parser->text_length, bytes, length);
    parser->text_length += length;
    return true;
}

/* The texts move while they grow, so cells hold offsets until the record is whole. */
static bool end_field(csv_parser *parser, size_t *field_start)
{
    size_t length = parser->text_length - *field_start;

    if (!add_cell(parser, NULL, length) || !append(parser, "", 0, *field_start))
        return false;
    if (parser->text_length + 1 > parser->text_room) { /* the first field is empty: nothing was taken yet */
        parser->text = realloc(parser->text, 4096);
        if (!parser->text)
            return false;
        parser->text_room = 4096;
    }
    parser->text[parser->text_length++] = '\0';
    *field_start = parser->text_length;
    return true;
}

static void place_cells(csv_parser *parser)
{
    size_t at = 0;

    for (uint32_t i = 0; i < parser->count; i++) {
        parser->cells[i].text = parser->text + at;
        at += parser->cells[i].length + 1;
    }
}

static uint64_t count_lines(const char *at, const char *end)
{
    uint64_t lines = 0;

    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        lines++;
        at++;
    }
    return lines;
}

/* Where the next byte that matters in a plain field stands. */
static const char *find_stop(const csv_parser *parser, const char *at, const char *end)
{
    while (at < end && *at != parser->delimiter && *at != '\n')
        at++;
    return at;
}

typedef struct csv_assembly {
    csv_place place;
    size_t field_start;
    uint64_t quote_line;
    bool is_complete;
} csv_assembly;

/* Takes in what can be taken of the window; false when memory is used up. */
static bool assemble(csv_parser *parser, csv_assembly *assembly)
{
    csv_input *input = parser->input;
    const char *at = input->bytes + input->start, *end = input->bytes + input->end;
    bool is_fine = true;

    while (at < end && is_fine && !assembly->is_complete) {
        const char *stop;

        switch (assembly->place) {
        case QUOTED:
            stop = memchr(at, parser->quote, (size_t)(end - at));
            parser->line += count_lines(at, stop ? stop : end);
            is_fine = append(parser, at, (size_t)((stop ? stop : end) - at), assembly->field_start);
            assembly->place = stop ? QUOTE_SEEN : QUOTED;
            at = stop ? stop + 1 : end;
            continue;
        case FIELD_START:
            if (parser->has_quote && *at == parser->quote) {
                assembly->place = QUOTED;
                assembly->quote_line = parser->line;
                at++;
                continue;
            }
            break;
        case QUOTE_SEEN:
            if (*at == parser->quote) { /* doubled: one of them is meant */
                is_fine = append(parser, at++, 1, assembly->field_start);
                assembly->place = QUOTED;
                continue;
            }
            break;
        default:
            break;
        }
        stop = find_stop(parser, at, end);
        if (assembly->place == QUOTE_SEEN || assembly->place == AFTER_QUOTE) {
            for (; at < stop; at++)
                if (*at != '\r' || (at + 1 < end && at[1] != '\n'))
                    fault(parser, "text stands after the closing quote");
            assembly->place = AFTER_QUOTE;
        } else {
            is_fine = append(parser, at, (size_t)(stop - at), assembly->field_start);
            assembly->place = PLAIN;
        }
        at = stop;
        if (at == end)
            continue;
        if (*at == '\n' && assembly->place == PLAIN && parser->text_length > assembly->field_start &&
            parser->text[parser->text_length - 1] == '\r')
            parser->text_length--;
        is_fine = is_fine && end_field(parser, &assembly->field_start);
        assembly->place = FIELD_START;
        assembly->is_complete = *at == '\n';
        parser->line += assembly->is_complete;
        at++;
    }
    input->start = (size_t)(at - input->bytes);
    return is_fine;
}

static tend_status assemble_record(csv_parser *parser, tend_error *reterr)
{
    csv_input *input = parser->input;
    csv_assembly assembly = { .place = FIELD_START };
    tend_status status;

    parser->text_length = 0;
    for (;;) {
        if (!assemble(parser, &assembly))
            return no_memory(parser, reterr);
        if (assembly.is_complete)
            break;
        status = csv_input_fill(input, reterr);
        if (status < 0)
            return status;
        if (!input->at_end)
            continue;
        if (assembly.place == QUOTED)
            return tend_fail(
                reterr, TEND_EINVAL,
                "%s:%llu: the quote that opens here is never closed; close it, or fetch the file again if its end is missing",
                input->path, (unsigned long long)assembly.quote_line);
        if (assembly.place == PLAIN && parser->text_length > assembly.field_start && parser->text[parser->text_length - 1] == '\r')
            parser->text_length--;
        if (!end_field(parser, &assembly.field_start))
            return no_memory(parser, reterr);
        parser->line++;
        break;
    }
    place_cells(parser);
    return TEND_OK;
}

/* ---- ------------------------------------------------------------------------------------------------------------------- */

/* The window from `start` to the next line feed; *ret_end is NULL when the line is longer than the window. */
static tend_status find_line(csv_parser *parser, char **ret_end, bool *ret_is_last, tend_error *reterr)
{
    csv_input *input = parser->input;
    size_t looked = 0;
    tend_status status;

    *ret_is_last = false;
    for (;;) {
        char *start = input->bytes + input->start;

        *ret_end = memchr(start + looked, '\n', input->end - input->start - looked);
        if (*ret_end)
            return TEND_OK;
        looked = input->end - input->start;
        if (looked > CSV_WINDOW - 8) /* a character may need that much */
            return TEND_OK;
        if (input->at_end)
            break;
        status = csv_input_fill(input, reterr);
        if (status < 0)
            return status;
    }
    *ret_is_last = true;
    *ret_end = input->bytes + input->end;
    return TEND_OK;
}

tend_status csv_parser_next(csv_parser *parser, bool *ret_has_record, tend_error *reterr)
{
    csv_input *input = parser->input;

    parser->count = 0;
    parser->fault = NULL;
    if (csv_cut(parser)) {
        parser->record_line = parser->line++;
        *ret_has_record = true;
        return TEND_OK;
    }
    parser->count = 0;
    parser->is_ascii = false;
    for (;;) {
        char *start, *end, *stop;
        bool is_last;
        tend_status status = find_line(parser, &end, &is_last, reterr);

        if (status < 0)
            return status;
        start = input->bytes + input->start;
        *ret_has_record = !(is_last && end == start);
        if (!*ret_has_record)
            return TEND_OK;
        parser->record_line = parser->line;
        stop = end && end > start && end[-1] == '\r' ? end - 1 : end;
        if (!end || (parser->has_quote && memchr(start, parser->quote, (size_t)(end - start)))) {
            if (!end || memchr(start, '\0', (size_t)(stop - start)) || !cut_quoted(parser, start, stop)) {
                parser->count = 0;
                return assemble_record(parser, reterr);
            }
            input->start = (size_t)(end - input->bytes) + (is_last ? 0 : 1);
            parser->line++;
            return TEND_OK;
        }
        input->start = (size_t)(end - input->bytes) + (is_last ? 0 : 1);
        parser->line++;
        if (stop == start)
            continue;
        if (memchr(start, '\0', (size_t)(stop - start)))
            fault(parser, "holds a NUL byte");
        return cut(parser, start, stop) ? TEND_OK : no_memory(parser, reterr);
    }
}

tend_status csv_parser_skip_line(csv_parser *parser, tend_error *reterr)
{
    csv_input *input = parser->input;
    char *end;
    bool is_last;
    tend_status status;

    do {
        status = find_line(parser, &end, &is_last, reterr);
        if (status < 0)
            return status;
        input->start = end && !is_last ? (size_t)(end - input->bytes) + 1 : input->end;
    } while (!end);
    parser->line++;
    return TEND_OK;
}

void csv_parser_clear(csv_parser *parser)
{
    free(parser->cells);
    free(parser->text);
    *parser = (csv_parser){ 0 };
}
