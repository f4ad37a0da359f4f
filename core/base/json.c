#include "base/json.h"

#include "base/date.h"
#include "base/money.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST 60
#define FLUSH_AT ((size_t)64 << 10)

void tend_json_init(tend_json *json, tend_buffer *out, FILE *flush_to, bool is_pretty)
{
    *json = (tend_json){ .out = out, .flush_to = flush_to, .is_pretty = is_pretty };
}

static void break_line(tend_json *json)
{
    if (!json->is_pretty)
        return;
    tend_buffer_byte(json->out, '\n');
    for (int i = 0; i < json->depth; i++)
        tend_buffer_text(json->out, "  ");
}

static void write_out(tend_json *json)
{
    if (!json->flush_to || json->out->failed || json->out->length == 0)
        return;
    if (fwrite(json->out->bytes, 1, json->out->length, json->flush_to) == json->out->length)
        tend_buffer_reset(json->out);
}

/* Comma and line break before the next item of an array or object. */
static void next_item(tend_json *json)
{
    uint64_t bit = UINT64_C(1) << json->depth;

    if (json->after_key) {
        json->after_key = false;
        return;
    }
    if (json->has_item & bit)
        tend_buffer_byte(json->out, json->depth > 0 ? ',' : '\n'); /* at the top: JSON Lines */
    if (json->depth > 0)
        break_line(json);
    json->has_item |= bit;
    if (json->out->length >= FLUSH_AT)
        write_out(json);
}

static void enter(tend_json *json, char bracket)
{
    next_item(json);
    tend_buffer_byte(json->out, bracket);
    assert(json->depth < DEEPEST);
    json->depth++;
    json->has_item &= ~(UINT64_C(1) << json->depth);
}

static void leave(tend_json *json, char bracket)
{
    bool had_item = json->has_item >> json->depth & 1;

    assert(json->depth > 0 && !json->after_key);
    json->depth--;
    if (had_item)
        break_line(json);
    tend_buffer_byte(json->out, bracket);
}

void tend_json_object(tend_json *json)
{
    enter(json, '{');
}

void tend_json_object_end(tend_json *json)
{
    leave(json, '}');
}

void tend_json_array(tend_json *json)
{
    enter(json, '[');
}

void tend_json_array_end(tend_json *json)
{
    leave(json, ']');
}

static void put_quoted(tend_buffer *out, const char *text, size_t length)
{
    size_t done = 0;

    tend_buffer_byte(out, '"');
    for (size_t at = 0; at < length; at++) {
        unsigned char c = (unsigned char)text[at];

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        tend_buffer_append(out, text + done, at - done);
        done = at + 1;
        switch (c) {
        case '"':
            tend_buffer_text(out, "\\\"");
            break;
        case '\\':
            tend_buffer_text(out, "\\\\");
            break;
        case '\n':
            tend_buffer_text(out, "\\n");
            break;
        case '\r':
            tend_buffer_text(out, "\\r");
            break;
        case '\t':
            tend_buffer_text(out, "\\t");
            break;
        default:
            tend_buffer_print(out, "\\u%04x", c);
            break;
        }
    }
    tend_buffer_append(out, text + done, length - done);
    tend_buffer_byte(out, '"');
}

void tend_json_key(tend_json *json, const char *key)
{
    assert(json->depth > 0 && !json->after_key);
    next_item(json);
    put_quoted(json->out, key, strlen(key));
    tend_buffer_text(json->out, json->is_pretty ? ": " : ":");
    json->after_key = true;
}

void tend_json_null(tend_json *json)
{
    next_item(json);
    tend_buffer_text(json->out, "null");
}

void tend_json_bool(tend_json *json, bool is_true)
{
    next_item(json);
    tend_buffer_text(json->out, is_true ? "true" : "false");
}

void tend_json_int(tend_json *json, int64_t number)
{
    next_item(json);
    tend_buffer_print(json->out, "%lld", (long long)number);
}

void tend_json_double(tend_json *json, double number)
{
    char text[40];

    if (!isfinite(number)) {
        tend_json_null(json);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    next_item(json);
    tend_buffer_text(json->out, text);
}

void tend_json_text(tend_json *json, const char *text, size_t length)
{
    next_item(json);
    put_quoted(json->out, text, length);
}

void tend_json_string(tend_json *json, const char *text)
{
    if (text)
        tend_json_text(json, text, strlen(text));
    else
        tend_json_null(json);
}

void tend_json_decimal(tend_json *json, int64_t mantissa, int scale)
{
    char text[TEND_DECIMAL_ROOM];

    next_item(json);
    tend_buffer_text(json->out, tend_decimal_format(mantissa, scale, text));
}

void tend_json_value(tend_json *json, const tend_value *value)
{
    char text[TEND_TIME_ROOM];

    switch ((tend_type)value->type) {
    case TEND_BOOL:
        tend_json_bool(json, value->integer != 0);
        return;
    case TEND_INT:
    case TEND_REF:
        tend_json_int(json, value->integer);
        return;
    case TEND_DECIMAL:
        tend_json_decimal(json, value->integer, value->scale);
        return;
    case TEND_MONEY: {
        int exponent = tend_currency_exponent(value->currency);

        tend_json_decimal(json, value->integer, exponent < 0 ? 0 : exponent);
        return;
    }
    case TEND_DATE:
        tend_json_string(json, tend_date_format((tend_date)value->integer, text));
        return;
    case TEND_TIME:
        tend_json_string(json, tend_time_format(value->integer, text));
        return;
    case TEND_TEXT:
        tend_json_text(json, value->text, value->length);
        return;
    case TEND_NULL:
        break;
    }
    tend_json_null(json);
}

tend_status tend_json_flush(tend_json *json)
{
    if (json->out->failed)
        return TEND_ENOMEM;
    if (!json->flush_to)
        return TEND_OK;
    if (json->is_pretty && json->depth == 0 && json->has_item)
        tend_buffer_byte(json->out, '\n');
    write_out(json);
    if (json->out->length > 0 || ferror(json->flush_to) || fflush(json->flush_to) != 0)
        return TEND_EIO;
    return json->out->failed ? TEND_ENOMEM : TEND_OK;
}
