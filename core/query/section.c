/* section.c: a section that one statement fills, and the small texts that go into rows. */
#include "query/inside.h"
#include "query/words.h"
#include <assert.h>
#include <stdarg.h>
#include <string.h>

tend_status query_announce(const tend_query *query, const query_section *section, tend_result *result, tend_error *reterr)
{
    tend_heading headings[QUERY_COLUMNS];

    assert(section->count <= QUERY_COLUMNS);
    for (int i = 0; i < section->count; i++) {
        headings[i] = section->headings[i];
        if (headings[i].title)
            headings[i].title = query_say(query, headings[i].title);
        else if (query->language && strcmp(query->language, "en") != 0)
            headings[i].title = query_say(query, headings[i].key);
    }
    return result->section(result, section->key, section->title ? query_say(query, section->title) : NULL, headings, section->count,
                           section->is_single, reterr);
}

/* Moves *column past what the heading takes. Texts are borrowed from the statement. */
static tend_value cell(tend_statement *statement, const tend_heading *heading, int *column)
{
    int at = (*column)++;
    bool is_null = tend_statement_is_null(statement, at);
    size_t length = 0;
    const char *text;

    if (heading->type == TEND_MONEY || heading->type == TEND_DECIMAL)
        (*column)++;
    if (is_null)
        return tend_value_none();
    switch ((tend_type)heading->type) {
    case TEND_TEXT:
        text = tend_statement_text(statement, at, &length);
        return (tend_value){ .type = TEND_TEXT, .text = text, .length = length };
    case TEND_MONEY:
        return tend_value_money(tend_statement_int(statement, at), tend_statement_text(statement, at + 1, NULL));
    case TEND_DECIMAL:
        return tend_value_ratio(tend_statement_int(statement, at), tend_statement_int(statement, at + 1));
    default:
        return (tend_value){ .type = heading->type, .integer = tend_statement_int(statement, at) };
    }
}

tend_status query_show(const tend_query *query, const query_section *section, const int64_t *numbers, int number_count,
                       tend_result *result, int64_t *ret_rows, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = query_prepare(query, section->sql, &statement, reterr);
    int64_t rows = 0;

    if (status < 0)
        return status;
    for (int i = 0; i < number_count; i++)
        tend_statement_bind_int(statement, i + 1, numbers[i]);
    status = query_announce(query, section, result, reterr);
    while (status >= 0) {
        tend_value values[QUERY_COLUMNS];
        bool has_row = false;
        int column = 0;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        for (int i = 0; i < section->count; i++)
            values[i] = cell(statement, &section->headings[i], &column);
        status = result->row(result, values, reterr);
        rows++;
    }
    tend_statement_end(statement);
    if (ret_rows)
        *ret_rows = rows;
    return status;
}

tend_status query_shown_note(const tend_query *query, int64_t shown, int64_t all, tend_result *result, tend_error *reterr)
{
    return result->note(result,
                        query_fill(query, "{shown} of {all} shown; --limit shows more.", "shown", query_number(query, shown), "all",
                                   query_number(query, all), NULL),
                        reterr);
}

const char *query_say(const tend_query *query, const char *english)
{
    return tend_say(query->language, english);
}

const char *query_fill(const tend_query *query, const char *english, ...)
{
    va_list pairs;
    const char *text;

    va_start(pairs, english);
    text = tend_say_with(query->arena, query->language, english, pairs);
    va_end(pairs);
    return text;
}

const char *query_quoted(const tend_query *query, const char *text)
{
    tend_buffer buffer = { 0 };
    const char *copy;

    tend_buffer_byte(&buffer, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            tend_buffer_byte(&buffer, '\'');
        tend_buffer_byte(&buffer, *text);
    }
    tend_buffer_byte(&buffer, '\'');
    copy = buffer.failed ? NULL : tend_arena_string(query->arena, buffer.bytes);
    tend_buffer_clear(&buffer);
    return copy;
}

const char *query_date(const tend_query *query, tend_date date)
{
    char room[TEND_DATE_ROOM];

    return tend_arena_string(query->arena, tend_date_format(date, room));
}

const char *query_money(const tend_query *query, int64_t minor, const char *currency)
{
    tend_value value = tend_value_money(minor, currency);

    return tend_value_show(&value, query->zone, query->arena);
}

const char *query_number(const tend_query *query, int64_t number)
{
    return tend_arena_print(query->arena, "%lld", (long long)number);
}

const char *query_text(const tend_query *query, tend_statement *statement, int column)
{
    size_t length = 0;
    const char *text = tend_statement_text(statement, column, &length);

    return text ? tend_arena_copy(query->arena, text, length) : NULL;
}

int64_t query_int(tend_statement *statement, int column, int64_t otherwise)
{
    return tend_statement_is_null(statement, column) ? otherwise : tend_statement_int(statement, column);
}
