/* expression_say.c: what an expression says of one record. */
#include "base/date.h"
#include "sync/expression_node.h"
#include <ctype.h>
#include <string.h>

typedef struct speaker {
    const tend_cell *cells;
    const tend_number_format *format;
    tend_arena *scratch;
    tend_error *reterr;
} speaker;

static tend_status say(const speaker *s, const node *n, tend_expressed *ret_said);

static bool is_blank(const tend_expressed *said)
{
    for (size_t i = 0; i < said->length; i++) {
        if (said->text[i] != ' ' && said->text[i] != '\t')
            return false;
    }
    return true;
}

static const tend_expressed nothing = { "", 0, true, true };

static tend_status to_decimal(const speaker *s, const tend_expressed *said, int64_t *ret_mantissa, int *ret_scale)
{
    const tend_number_format *format = said->is_plain ? &tend_number_plain : s->format;
    const char *text = said->text;
    size_t length = said->length;
    const char *point;
    int scale = 0;

    while (length > 0 && *text == ' ')
        text++, length--;
    while (length > 0 && text[length - 1] == ' ')
        length--;
    point = memchr(text, format->decimal, length);
    if (point)
        scale = (int)(length - (size_t)(point - text) - 1);
    if (scale > 12)
        scale = 12;
    if (tend_decimal_parse(text, length, format, scale, ret_mantissa) < 0)
        return tend_fail(s->reterr, TEND_EINVAL, "'%.*s' is not a number to reckon with",
                         (int)(said->length > 80 ? 80 : said->length), said->text);
    *ret_scale = scale;
    return TEND_OK;
}

static tend_status from_decimal(const speaker *s, tend_int128 mantissa, int scale, tend_expressed *ret_said)
{
    char room[TEND_DECIMAL_ROOM];

    while (scale > 0 && mantissa % 10 == 0)
        mantissa /= 10, scale--;
    while (scale > 12)
        mantissa = (mantissa + (mantissa < 0 ? -5 : 5)) / 10, scale--; /* half away from zero, past any currency's digits */
    if (mantissa > INT64_MAX || mantissa < INT64_MIN)
        return tend_fail(s->reterr, TEND_EINVAL, "the product is too large");
    (void)tend_decimal_format((int64_t)mantissa, scale, room);
    *ret_said = (tend_expressed){ tend_arena_string(s->scratch, room), strlen(room), true, true };
    return ret_said->text ? TEND_OK : TEND_ENOMEM;
}

static tend_status reckon(const speaker *s, const node *n, tend_expressed *ret_said)
{
    tend_expressed a, b;
    int64_t x, y;
    int scale_x, scale_y;
    tend_status status = say(s, n->left, &a);

    if (status == TEND_OK)
        status = say(s, n->right, &b);
    if (status < 0)
        return status;
    if (!a.is_named || !b.is_named || is_blank(&a) || is_blank(&b)) {
        *ret_said = nothing;
        ret_said->is_named = a.is_named && b.is_named;
        return TEND_OK;
    }
    status = to_decimal(s, &a, &x, &scale_x);
    if (status == TEND_OK)
        status = to_decimal(s, &b, &y, &scale_y);
    if (status < 0)
        return status;
    if (n->kind == TIMES)
        return from_decimal(s, (tend_int128)x * y, scale_x + scale_y, ret_said);
    tend_int128 left = x, right = y;
    for (; scale_x < scale_y; scale_x++)
        left *= 10;
    for (; scale_y < scale_x; scale_y++)
        right *= 10;
    return from_decimal(s, left - right, scale_x, ret_said);
}

static tend_status join(const speaker *s, const node *n, tend_expressed *ret_said)
{
    tend_expressed a, b;
    tend_status status = say(s, n->left, &a);
    char *text;

    if (status == TEND_OK)
        status = say(s, n->right, &b);
    if (status < 0)
        return status;
    text = tend_arena_take(s->scratch, a.length + b.length + 1);
    if (!text)
        return TEND_ENOMEM;
    memcpy(text, a.text, a.length);
    memcpy(text + a.length, b.text, b.length);
    *ret_said = (tend_expressed){ text, a.length + b.length, a.is_named && b.is_named, a.is_plain && b.is_plain };
    return TEND_OK;
}

static tend_status say_without(const speaker *s, const node *n, tend_expressed *ret_said)
{
    tend_expressed end;
    tend_status status = say(s, n->left, ret_said);

    if (status == TEND_OK)
        status = say(s, n->right, &end);
    if (status < 0)
        return status;
    if (end.length <= ret_said->length && memcmp(ret_said->text + ret_said->length - end.length, end.text, end.length) == 0) {
        ret_said->length -= end.length;
        ret_said->text = tend_arena_copy(s->scratch, ret_said->text, ret_said->length);
    }
    return ret_said->text ? TEND_OK : TEND_ENOMEM;
}

static tend_status say_months_before(const speaker *s, const node *n, tend_expressed *ret_said)
{
    tend_expressed day, months;
    tend_date date;
    int64_t count;
    int scale;
    char room[TEND_DATE_ROOM];
    tend_status status = say(s, n->left, &day);

    if (status == TEND_OK)
        status = say(s, n->right, &months);
    if (status < 0)
        return status;
    if (!day.is_named || !months.is_named || is_blank(&day) || is_blank(&months)) {
        *ret_said = nothing;
        ret_said->is_named = day.is_named && months.is_named;
        return TEND_OK;
    }
    if (tend_date_parse(day.text, day.length, &date) < 0)
        return tend_fail(s->reterr, TEND_EINVAL, "'%.*s' is not a day; write YYYY-MM-DD", (int)(day.length > 80 ? 80 : day.length),
                         day.text);
    status = to_decimal(s, &months, &count, &scale);
    if (status < 0)
        return status;
    if (scale != 0 || count < -12000 || count > 12000)
        return tend_fail(s->reterr, TEND_EINVAL, "'%.*s' is not a whole number of months",
                         (int)(months.length > 80 ? 80 : months.length), months.text);
    (void)tend_date_format(tend_date_add_months(date, -(int)count), room);
    *ret_said = (tend_expressed){ tend_arena_string(s->scratch, room), strlen(room), true, true };
    return ret_said->text ? TEND_OK : TEND_ENOMEM;
}

static tend_status say(const speaker *s, const node *n, tend_expressed *ret_said)
{
    switch (n->kind) {
    case COLUMN: {
        const tend_cell *cell = &s->cells[n->column];

        *ret_said = (tend_expressed){ cell->text ? cell->text : "", cell->text ? cell->length : 0, cell->text != NULL, false };
        return TEND_OK;
    }
    case CONSTANT:
        *ret_said = (tend_expressed){ n->text, n->length, true, true };
        return TEND_OK;
    case OR: {
        tend_expressed first;
        tend_status status = say(s, n->left, &first);

        if (status < 0)
            return status;
        if (!is_blank(&first)) {
            *ret_said = first;
            return TEND_OK;
        }
        status = say(s, n->right, ret_said);
        if (status >= 0)
            ret_said->is_named = ret_said->is_named || first.is_named;
        return status;
    }
    case JOIN:
        return join(s, n, ret_said);
    case WITHOUT:
        return say_without(s, n, ret_said);
    case MONTHS_BEFORE:
        return say_months_before(s, n, ret_said);
    case MINUS:
    case TIMES:
        return reckon(s, n, ret_said);
    }
    return TEND_ERROR;
}

tend_status tend_expression_say(const tend_expression *expression, const tend_cell *cells, const tend_number_format *format,
                                tend_arena *scratch, tend_expressed *ret_said, tend_error *reterr)
{
    speaker s = { cells, format, scratch, reterr };
    tend_status status = say(&s, expression, ret_said);

    return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "memory is used up") : status;
}
