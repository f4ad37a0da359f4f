/* value.c: values as people and files read them; the writing half of parse.h. */
#include "model/parse.h"

#include "base/date.h"
#include <inttypes.h>
#include <string.h>

static const char *show_time(tend_time at, const tend_zone *zone, tend_arena *arena)
{
    tend_civil civil;

    if (zone)
        tend_zone_to_local(zone, at, &civil);
    else
        tend_time_split_utc(at, &civil);
    return tend_arena_print(arena, "%04d-%02d-%02d %02d:%02d", civil.year, civil.month, civil.day, civil.hour, civil.minute);
}

const char *tend_value_show(const tend_value *value, const tend_zone *zone, tend_arena *arena)
{
    char room[TEND_MONEY_ROOM];

    if (value->type == TEND_TIME)
        return show_time(value->integer, zone, arena);
    if (value->type == TEND_MONEY && value->currency[0] && tend_currency_exponent(value->currency) >= 0)
        return tend_arena_print(arena, "%s %s", tend_money_format(value->integer, value->currency, room), value->currency);
    return tend_value_text(value, arena);
}

const char *tend_value_text(const tend_value *value, tend_arena *arena)
{
    char number[TEND_DECIMAL_ROOM], date[TEND_DATE_ROOM], time[TEND_TIME_ROOM];
    int exponent;

    switch ((tend_type)value->type) {
    case TEND_NULL:
        break;
    case TEND_BOOL:
        return value->integer ? "yes" : "no";
    case TEND_INT:
        return tend_arena_print(arena, "%" PRId64, value->integer);
    case TEND_DECIMAL:
        return tend_arena_string(arena, tend_decimal_format(value->integer, value->scale, number));
    case TEND_MONEY:
        exponent = tend_currency_exponent(value->currency);
        return tend_arena_string(arena, tend_decimal_format(value->integer, exponent < 0 ? 0 : exponent, number));
    case TEND_DATE:
        return tend_arena_string(arena, tend_date_format((tend_date)value->integer, date));
    case TEND_TIME:
        return tend_arena_string(arena, tend_time_format(value->integer, time));
    case TEND_TEXT:
        return tend_arena_copy(arena, value->text, value->length);
    case TEND_REF:
        return tend_arena_print(arena, "#%" PRId64, value->integer);
    }
    return "";
}

/* Brings both mantissas to one scale; 128 bits hold 64 and 12 more digits. */
static bool equal_decimals(const tend_value *a, const tend_value *b)
{
    tend_int128 left = a->integer, right = b->integer;

    for (int scale = a->scale; scale < b->scale; scale++)
        left *= 10;
    for (int scale = b->scale; scale < a->scale; scale++)
        right *= 10;
    return left == right;
}

bool tend_value_equal(const tend_value *a, const tend_value *b)
{
    if (a->type != b->type)
        return false;
    switch ((tend_type)a->type) {
    case TEND_NULL:
        return true;
    case TEND_DECIMAL:
        return equal_decimals(a, b);
    case TEND_MONEY:
        return a->integer == b->integer && memcmp(a->currency, b->currency, 3) == 0;
    case TEND_TEXT:
        return a->length == b->length && (a->length == 0 || memcmp(a->text, b->text, a->length) == 0);
    default:
        return a->integer == b->integer;
    }
}
