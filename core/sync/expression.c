#include "sync/expression.h"
#include "base/date.h"
#include <ctype.h>
#include <string.h>

typedef enum node_kind { COLUMN = 1, CONSTANT, OR, JOIN, MINUS, TIMES, WITHOUT, MONTHS_BEFORE } node_kind;

struct tend_expression {
    node_kind kind;
    size_t column;
    const char *text;
    size_t length;
    const struct tend_expression *left, *right;
};
typedef tend_expression node;

#define DEPTH_MAX 32

size_t tend_columns_add(tend_columns *columns, const char *name, size_t length, tend_arena *arena)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (strlen(columns->names[i]) == length && memcmp(columns->names[i], name, length) == 0)
            return i;
    }
    if (columns->count == columns->room) {
        size_t room = columns->room == 0 ? 16 : columns->room * 2;
        const char **names = tend_arena_take(arena, room * sizeof *names);

        if (!names)
            return TEND_NO_COLUMN;
        if (columns->count > 0)
            memcpy(names, columns->names, columns->count * sizeof *names);
        columns->names = names;
        columns->room = room;
    }
    columns->names[columns->count] = tend_arena_copy(arena, name, length);
    return columns->names[columns->count] ? columns->count++ : TEND_NO_COLUMN;
}

/* ---- parsing ----------------------------------------------------------------------------------------------------------- */

typedef struct parser {
    const char *at;
    tend_columns *columns;
    tend_arena *arena;
    tend_error *reterr;
    tend_status status;
    char before[64]; /* what was read last, for messages */
    int depth;
} parser;

static const node *parse_or(parser *p);

static void skip_blanks(parser *p)
{
    while (*p->at == ' ' || *p->at == '\t')
        p->at++;
}

TEND_PRINTF(2, 3) static const node *fail(parser *p, const char *format, ...)
{
    if (p->status == TEND_OK) {
        va_list arguments;

        va_start(arguments, format);
        p->status = tend_vfail(p->reterr, TEND_EINVAL, format, arguments);
        va_end(arguments);
    }
    return NULL;
}

static node *make(parser *p, node_kind kind, const node *left, const node *right)
{
    node *made = p->status == TEND_OK ? tend_arena_take(p->arena, sizeof *made) : NULL;

    if (!made) {
        if (p->status == TEND_OK)
            p->status = TEND_ENOMEM;
        return NULL;
    }
    made->kind = kind;
    made->left = left;
    made->right = right;
    return made;
}

static const node *make_column(parser *p, const char *name, size_t length)
{
    node *made = make(p, COLUMN, NULL, NULL);

    if (made) {
        made->column = tend_columns_add(p->columns, name, length, p->arena);
        if (made->column == TEND_NO_COLUMN)
            p->status = TEND_ENOMEM;
    }
    return made;
}

static const node *make_constant(parser *p, const char *text, size_t length)
{
    node *made = make(p, CONSTANT, NULL, NULL);

    if (made) {
        made->text = tend_arena_copy(p->arena, text, length);
        made->length = length;
        if (!made->text)
            p->status = TEND_ENOMEM;
    }
    return made;
}

static const node *parse_quoted(parser *p)
{
    const char *begin = ++p->at;
    char *text = tend_arena_take(p->arena, strlen(begin) + 1);
    size_t length = 0;

    if (!text) {
        p->status = TEND_ENOMEM;
        return NULL;
    }
    for (;; p->at++) {
        if (*p->at == '\0')
            return fail(p, "the constant \"%s has no closing quote", begin);
        if (*p->at == '"') {
            if (p->at[1] != '"')
                break;
            p->at++;
        }
        text[length++] = *p->at;
    }
    p->at++;
    return make_constant(p, text, length);
}

static bool is_number(const char *text, size_t length)
{
    bool has_digit = false;
    int points = 0;

    for (size_t i = text[0] == '-' ? 1 : 0; i < length; i++) {
        if (text[i] == '.')
            points++;
        else if (!isdigit((unsigned char)text[i]))
            return false;
        else
            has_digit = true;
    }
    return has_digit && points <= 1;
}

/* A word alone between blanks: " or ", " - ". */
static bool stands_alone(const char *at, const char *word)
{
    size_t length = strlen(word);

    return (at[0] == ' ' || at[0] == '\t') && strncmp(at + 1, word, length) == 0 &&
           (at[1 + length] == ' ' || at[1 + length] == '\t');
}

static const node *parse_call(parser *p, node_kind kind, const char *name)
{
    const node *first, *second;

    p->at++;
    first = parse_or(p);
    skip_blanks(p);
    if (p->status == TEND_OK && *p->at != ',')
        return fail(p, "%s(…) takes two values with a comma between", name);
    p->at += p->status == TEND_OK;
    second = parse_or(p);
    skip_blanks(p);
    if (p->status == TEND_OK && *p->at != ')')
        return fail(p, "%s(…) has no closing parenthesis", name);
    p->at += p->status == TEND_OK;
    return make(p, kind, first, second);
}

static const node *parse_bare(parser *p)
{
    const char *begin = p->at;
    size_t length;

    while (*p->at && !strchr("+*(),\"", *p->at) && strncmp(p->at, "->", 2) != 0 && !stands_alone(p->at, "or") &&
           !stands_alone(p->at, "-"))
        p->at++;
    length = (size_t)(p->at - begin);
    if (*p->at == '(' && length > 0) {
        if (length == 7 && memcmp(begin, "without", 7) == 0)
            return parse_call(p, WITHOUT, "without");
        if (length == 13 && memcmp(begin, "months_before", 13) == 0)
            return parse_call(p, MONTHS_BEFORE, "months_before");
        return fail(p, "'%.*s(' is no function; write a column with signs in its name as [%.*s(…)]", (int)length, begin,
                    (int)length, begin);
    }
    while (length > 0 && (begin[length - 1] == ' ' || begin[length - 1] == '\t'))
        length--;
    if (length == 0)
        return fail(p, "a column or a \"constant\" is missing %s%s%s", p->before[0] ? "after '" : "here", p->before,
                    p->before[0] ? "'" : "");
    return is_number(begin, length) ? make_constant(p, begin, length) : make_column(p, begin, length);
}

static const node *parse_factor(parser *p)
{
    const node *inside;

    skip_blanks(p);
    if (*p->at == '"')
        return parse_quoted(p);
    if (*p->at == '[') {
        const char *end = strchr(p->at, ']');
        const char *begin = p->at + 1;

        if (!end || end == begin)
            return fail(p, "the column name %s has no end; write [name]", p->at);
        p->at = end + 1;
        return make_column(p, begin, (size_t)(end - begin));
    }
    if (*p->at != '(')
        return parse_bare(p);
    if (++p->depth > DEPTH_MAX)
        return fail(p, "parentheses are more than %d deep", DEPTH_MAX);
    p->at++;
    inside = parse_or(p);
    skip_blanks(p);
    if (p->status == TEND_OK && *p->at != ')')
        return fail(p, "a closing parenthesis is missing");
    p->at += p->status == TEND_OK;
    p->depth--;
    return inside;
}

static const node *parse_times(parser *p)
{
    const node *left = parse_factor(p);

    for (skip_blanks(p); p->status == TEND_OK && *p->at == '*'; skip_blanks(p)) {
        p->at++;
        memcpy(p->before, "*", 2);
        left = make(p, TIMES, left, parse_factor(p));
    }
    return left;
}

static const node *parse_minus(parser *p)
{
    const node *left = parse_times(p);

    while (p->status == TEND_OK && p->at[0] == '-' && p->at[1] != '>') {
        p->at++;
        memcpy(p->before, "-", 2);
        left = make(p, MINUS, left, parse_times(p));
        skip_blanks(p);
    }
    return left;
}

static const node *parse_join(parser *p)
{
    const node *left = parse_minus(p);

    for (skip_blanks(p); p->status == TEND_OK && *p->at == '+'; skip_blanks(p)) {
        p->at++;
        memcpy(p->before, "+", 2);
        left = make(p, JOIN, left, parse_minus(p));
    }
    return left;
}

static const node *parse_or(parser *p)
{
    const node *left = parse_join(p);

    for (skip_blanks(p);
         p->status == TEND_OK && strncmp(p->at, "or", 2) == 0 && (p->at[2] == ' ' || p->at[2] == '(' || p->at[2] == '"');
         skip_blanks(p)) {
        p->at += 2;
        memcpy(p->before, "or", 3);
        left = make(p, OR, left, parse_join(p));
    }
    return left;
}

tend_status tend_expression_parse(const char *text, tend_columns *columns, tend_arena *arena,
                                  const tend_expression **ret_expression, const char **ret_rest, tend_error *reterr)
{
    parser p = { .at = text, .columns = columns, .arena = arena, .reterr = reterr };
    const node *root = parse_or(&p);

    skip_blanks(&p);
    if (p.status == TEND_OK && *p.at != '\0' && *p.at != ',' && strncmp(p.at, "->", 2) != 0)
        (void)fail(&p, "'%s' is not understood here", p.at);
    if (p.status == TEND_ENOMEM)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    if (p.status < 0)
        return p.status;
    *ret_expression = root;
    *ret_rest = p.at;
    return TEND_OK;
}

/* ---- saying ------------------------------------------------------------------------------------------------------------ */

typedef struct speaker {
    const tend_cell *cells;
    const tend_number_format *format;
    tend_arena *scratch;
    tend_error *reterr;
} speaker;

static tend_status say(const speaker *s, const node *n, tend_said *ret_said);

static bool is_blank(const tend_said *said)
{
    for (size_t i = 0; i < said->length; i++) {
        if (said->text[i] != ' ' && said->text[i] != '\t')
            return false;
    }
    return true;
}

static const tend_said nothing = { "", 0, true, true };

static tend_status to_decimal(const speaker *s, const tend_said *said, int64_t *ret_mantissa, int *ret_scale)
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

static tend_status from_decimal(const speaker *s, tend_int128 mantissa, int scale, tend_said *ret_said)
{
    char room[TEND_DECIMAL_ROOM];

    while (scale > 0 && mantissa % 10 == 0)
        mantissa /= 10, scale--;
    while (scale > 12)
        mantissa = (mantissa + (mantissa < 0 ? -5 : 5)) / 10, scale--; /* half away from zero, past any currency's digits */
    if (mantissa > INT64_MAX || mantissa < INT64_MIN)
        return tend_fail(s->reterr, TEND_EINVAL, "the product is too large");
    (void)tend_decimal_format((int64_t)mantissa, scale, room);
    *ret_said = (tend_said){ tend_arena_string(s->scratch, room), strlen(room), true, true };
    return ret_said->text ? TEND_OK : TEND_ENOMEM;
}

static tend_status reckon(const speaker *s, const node *n, tend_said *ret_said)
{
    tend_said a, b;
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

static tend_status join(const speaker *s, const node *n, tend_said *ret_said)
{
    tend_said a, b;
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
    *ret_said = (tend_said){ text, a.length + b.length, a.is_named && b.is_named, a.is_plain && b.is_plain };
    return TEND_OK;
}

static tend_status say_without(const speaker *s, const node *n, tend_said *ret_said)
{
    tend_said end;
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

static tend_status say_months_before(const speaker *s, const node *n, tend_said *ret_said)
{
    tend_said day, months;
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
    *ret_said = (tend_said){ tend_arena_string(s->scratch, room), strlen(room), true, true };
    return ret_said->text ? TEND_OK : TEND_ENOMEM;
}

static tend_status say(const speaker *s, const node *n, tend_said *ret_said)
{
    switch (n->kind) {
    case COLUMN: {
        const tend_cell *cell = &s->cells[n->column];

        *ret_said = (tend_said){ cell->text ? cell->text : "", cell->text ? cell->length : 0, cell->text != NULL, false };
        return TEND_OK;
    }
    case CONSTANT:
        *ret_said = (tend_said){ n->text, n->length, true, true };
        return TEND_OK;
    case OR: {
        tend_said first;
        tend_status status = say(s, n->left, &first);

        if (status < 0)
            return status;
        if (!is_blank(&first)) {
            *ret_said = first;
            return TEND_OK;
        }
        status = say(s, n->right, ret_said);
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
                                tend_arena *scratch, tend_said *ret_said, tend_error *reterr)
{
    speaker s = { cells, format, scratch, reterr };
    tend_status status = say(&s, expression, ret_said);

    return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "memory is used up") : status;
}

size_t tend_expression_column(const tend_expression *expression)
{
    if (expression->kind == COLUMN)
        return expression->column;
    if (expression->kind == CONSTANT)
        return TEND_NO_COLUMN;
    size_t left = tend_expression_column(expression->left), right = tend_expression_column(expression->right);
    return left == TEND_NO_COLUMN ? right : left;
}

bool tend_expression_can(const tend_expression *expression, const bool *is_there, size_t *ret_missing)
{
    if (expression->kind == CONSTANT)
        return true;
    if (expression->kind == COLUMN) {
        if (!is_there[expression->column])
            *ret_missing = expression->column;
        return is_there[expression->column];
    }
    if (expression->kind == OR)
        return tend_expression_can(expression->left, is_there, ret_missing) ||
               tend_expression_can(expression->right, is_there, ret_missing);
    return tend_expression_can(expression->left, is_there, ret_missing) &&
           tend_expression_can(expression->right, is_there, ret_missing);
}
