/* filter_define.c: the SQL functions that filters call. */
#include "model/filter_internal.h"

#include "base/money.h"
#include "base/utf8.h"
#include <string.h>
#include <threads.h>

/* Folded texts live until the same thread folds the next one; the store copies them at once. */
static tss_t folding;
static once_flag folding_once = ONCE_FLAG_INIT;
static bool has_folding;

static void drop_arena(void *arena)
{
    tend_arena_free(arena);
}

static void make_folding(void)
{
    has_folding = tss_create(&folding, drop_arena) == thrd_success;
}

static tend_arena *folding_arena(void)
{
    tend_arena *arena;

    call_once(&folding_once, make_folding);
    if (!has_folding)
        return NULL;
    arena = tss_get(folding);
    if (!arena) {
        arena = tend_arena_new();
        if (arena && tss_set(folding, arena) != thrd_success) {
            tend_arena_free(arena);
            arena = NULL;
        }
    } else {
        tend_arena_reset(arena);
    }
    return arena;
}

static void fold(void *self, const tend_value *arguments, tend_value *ret_value)
{
    const char *text = NULL;
    size_t length = 0;
    tend_arena *arena;

    (void)self;
    if (arguments[0].type != TEND_TEXT)
        return;
    arena = folding_arena();
    if (!arena || tend_utf8_fold(arena, arguments[0].text, arguments[0].length, &text, &length) < 0)
        return;
    *ret_value = (tend_value){ .type = TEND_TEXT, .text = text, .length = length };
}

static bool take_currency(const tend_value *argument, char code[static 4])
{
    if (argument->type != TEND_TEXT || argument->length != 3)
        return false;
    memcpy(code, argument->text, 3);
    code[3] = '\0';
    return true;
}

/* (minor, from, to, day) */
static void convert(void *self, const tend_value *arguments, tend_value *ret_value)
{
    const tend_rates *rates = self;
    char from[4], to[4];
    int64_t minor = 0;

    if (arguments[0].type != TEND_INT || !take_currency(&arguments[1], from) || !take_currency(&arguments[2], to) ||
        arguments[3].type != TEND_INT)
        return;
    if (tend_rates_convert(rates, arguments[0].integer, from, to, (tend_date)arguments[3].integer, &minor, NULL) == TEND_OK)
        *ret_value = (tend_value){ .type = TEND_INT, .integer = minor };
}

int filter_compare_ratio(int64_t numerator, int64_t denominator, int64_t mantissa, int scale)
{
    tend_int128 left = numerator, right = (tend_int128)mantissa * denominator;

    for (; scale > 0; scale--)
        left *= 10;
    if (denominator < 0) {
        left = -left;
        right = -right;
    }
    return left < right ? -1 : left > right;
}

/* (numerator, denominator, mantissa, scale) */
static void ratio(void *self, const tend_value *arguments, tend_value *ret_value)
{
    (void)self;
    for (size_t i = 0; i < 4; i++)
        if (arguments[i].type != TEND_INT)
            return;
    if (arguments[1].integer == 0 || arguments[3].integer < 0 || arguments[3].integer > 12)
        return;
    *ret_value = (tend_value){ .type = TEND_INT,
                               .integer = filter_compare_ratio(arguments[0].integer, arguments[1].integer, arguments[2].integer,
                                                               (int)arguments[3].integer) };
}

tend_status tend_filter_define(tend_store *store, const tend_rates *rates, tend_error *reterr)
{
    void *self = NULL;
    tend_status status;

    /* The store hands back what it was given; `convert` only reads it. */
    memcpy(&self, &rates, sizeof self);
    status = tend_store_define(store, "tend_fold", 1, fold, NULL, reterr);
    if (status == TEND_OK)
        status = tend_store_define(store, "tend_convert", 4, convert, self, reterr);
    if (status == TEND_OK)
        status = tend_store_define(store, "tend_ratio", 4, ratio, NULL, reterr);
    return status;
}
