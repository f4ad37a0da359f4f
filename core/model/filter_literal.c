/* filter_literal.c: the values a filter compares with, each read as its field's type asks. */
#include "model/filter_internal.h"

#include "base/date.h"
#include "base/money.h"
#include "base/near.h"
#include "base/utf8.h"
#include "model/parse.h"
#include <string.h>

#define DECIMAL_SCALE 9 /* numbers that measures are compared with */

static tend_status fail_at(filter_parser *parser, const filter_token *token, const char *sentence)
{
    return filter_fail(&parser->lexer, token, parser->reterr, "%s", sentence);
}

static bool starts_number(const filter_parser *parser)
{
    return (parser->now.kind == TOKEN_WORD && parser->now.text[0] >= '0' && parser->now.text[0] <= '9') ||
           parser->now.sign == SIGN_MINUS;
}

/* "-1.5M" with the suffix worked in, as mantissa / 10^scale. `keeper` keeps that many digits. Takes the tokens. */
static tend_status read_number(filter_parser *parser, int scale, const char *keeper, int64_t *ret_mantissa)
{
    filter_token token = parser->now;
    bool is_negative = token.sign == SIGN_MINUS, has_more = false;
    int64_t mantissa = 0;
    char text[64];
    size_t digits;
    int shift = 0;
    tend_status status = is_negative ? filter_take(parser) : TEND_OK;

    if (status < 0)
        return status;
    if (parser->now.kind != TOKEN_WORD || parser->now.text[0] < '0' || parser->now.text[0] > '9')
        return filter_fail(&parser->lexer, &parser->now, parser->reterr, "%s is a number; write it like 1234.50 or 500k", keeper);
    token.end = parser->now.end;
    digits = parser->now.length;
    if (parser->now.text[digits - 1] == 'k' || parser->now.text[digits - 1] == 'M') {
        shift = parser->now.text[digits - 1] == 'k' ? 3 : 6;
        digits--;
    }
    /* 1.5M is 1.5 read with six more digits after the point: exact, and refused where it does not come out even. */
    status = TEND_EINVAL;
    if (digits + 2 <= sizeof text && scale + shift <= 18) {
        (void)snprintf(text, sizeof text, "%s%.*s", is_negative ? "-" : "", (int)digits, parser->now.text);
        status = tend_decimal_parse_rounded(text, strlen(text), &tend_number_plain, scale + shift, &mantissa, &has_more);
    }
    if (status == TEND_ELIMIT)
        return filter_fail(&parser->lexer, &token, parser->reterr, "too large; 64 bits are kept");
    if (status < 0)
        return filter_fail(&parser->lexer, &token, parser->reterr, "%s is a number; write it like 1234.50 or 500k", keeper);
    if (has_more)
        return filter_fail(&parser->lexer, &token, parser->reterr,
                           "has more digits after the point than %s keeps; write at most %d", keeper, scale);
    *ret_mantissa = mantissa;
    return filter_take(parser);
}

static tend_status read_money(filter_parser *parser, const char *name, filter_literal *literal)
{
    filter_token first = parser->now, number;
    filter_lexer ahead = parser->lexer;
    filter_token code = parser->now;
    char currency[4] = "";
    tend_status status = TEND_OK;
    int exponent;

    /* The currency says how many digits the number has, so it is looked at first. */
    if (!starts_number(parser))
        return filter_fail(&parser->lexer, &first, parser->reterr, "%s is an amount of money; write it like 500k EUR", name);
    if (first.sign == SIGN_MINUS)
        status = filter_lex(&ahead, &code, parser->reterr);
    number = code;
    if (status == TEND_OK)
        status = filter_lex(&ahead, &code, parser->reterr);
    if (status < 0)
        return status;
    first.end = number.end;
    if (code.kind != TOKEN_WORD || code.length != 3 || filter_token_is(&code, "and"))
        return filter_fail(&parser->lexer, &first, parser->reterr,
                           "%s is an amount of money; write its currency too, as in %.*s EUR", name, (int)(first.end - first.at),
                           parser->lexer.text + first.at);
    for (size_t i = 0; i < 3; i++)
        currency[i] = (char)(code.text[i] >= 'a' && code.text[i] <= 'z' ? code.text[i] - 'a' + 'A' : code.text[i]);
    exponent = tend_currency_exponent(currency);
    if (exponent < 0)
        return filter_fail(&parser->lexer, &code, parser->reterr, "not a currency; write a code of ISO 4217 such as EUR");
    literal->kind = LITERAL_MONEY;
    literal->value.type = TEND_MONEY;
    memcpy(literal->value.currency, currency, sizeof currency);
    status = read_number(parser, exponent, currency, &literal->value.integer);
    return status == TEND_OK ? filter_take(parser) : status;
}

tend_status filter_span_read(filter_parser *parser, int *ret_months, int *ret_days)
{
    static const struct {
        const char *one, *many;
        int months, days;
    } units[] = { { "day", "days", 0, 1 }, { "week", "weeks", 0, 7 }, { "month", "months", 1, 0 }, { "year", "years", 12, 0 } };
    filter_token token = parser->now;
    int64_t number = 0;
    tend_status status;

    if (token.kind != TOKEN_WORD || tend_decimal_parse(token.text, token.length, &tend_number_plain, 0, &number) < 0 ||
        memchr(token.text, '.', token.length))
        return fail_at(parser, &token, "here stands a whole number of days, weeks, months or years; write 90 days");
    if (number > FILTER_SPAN_MAX)
        return filter_fail(&parser->lexer, &token, parser->reterr, "too far away; write at most %d days", FILTER_SPAN_MAX);
    status = filter_take(parser);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!filter_token_is(&parser->now, units[i].one) && !filter_token_is(&parser->now, units[i].many))
            continue;
        if (number * units[i].days > FILTER_SPAN_MAX || number * units[i].months > FILTER_SPAN_MAX / 30)
            return filter_fail(&parser->lexer, &token, parser->reterr, "too far away; write at most %d days", FILTER_SPAN_MAX);
        *ret_months = (int)number * units[i].months;
        *ret_days = (int)number * units[i].days;
        return filter_take(parser);
    }
    return filter_fail(&parser->lexer, &parser->now, parser->reterr, "here stands days, weeks, months or years; write %.*s days",
                       (int)token.length, token.text);
}

static tend_status read_day(filter_parser *parser, const char *name, tend_type type, filter_literal *literal)
{
    filter_token token = parser->now;
    tend_date date = 0;
    tend_civil civil;
    bool has_zone = false;
    tend_status status;

    literal->kind = LITERAL_DAY;
    literal->value.type = TEND_DATE;
    if (filter_token_is(&token, "today")) {
        filter_sign sign;

        literal->is_relative = true;
        status = filter_take(parser);
        sign = status == TEND_OK ? parser->now.sign : SIGN_NONE;
        if (sign != SIGN_PLUS && sign != SIGN_MINUS)
            return status;
        status = filter_take(parser);
        if (status == TEND_OK)
            status = filter_span_read(parser, &literal->months, &literal->days);
        if (sign == SIGN_MINUS) {
            literal->months = -literal->months;
            literal->days = -literal->days;
        }
        return status;
    }
    if (token.kind != TOKEN_WORD && token.kind != TOKEN_QUOTED)
        return filter_fail(&parser->lexer, &token, parser->reterr, "%s is a date; write YYYY-MM-DD or today", name);
    if (tend_date_parse(token.text, token.length, &date) == TEND_OK) {
        literal->value.integer = date;
        return filter_take(parser);
    }
    if (type == TEND_TIME && tend_civil_parse(token.text, token.length, &civil, &has_zone) == TEND_OK && has_zone) {
        literal->kind = LITERAL_NUMBER;
        literal->value.type = TEND_TIME;
        literal->value.integer = tend_time_of_utc(&civil);
        return filter_take(parser);
    }
    if (token.length > 5 && strncasecmp(token.text, "today", 5) == 0)
        return filter_fail(&parser->lexer, &token, parser->reterr, "%s is a date; write blanks, as in today - 30 days", name);
    if (type == TEND_TIME)
        return filter_fail(&parser->lexer, &token, parser->reterr,
                           "%s is a time; write YYYY-MM-DD, today or \"YYYY-MM-DDTHH:MM:SSZ\"", name);
    return filter_fail(&parser->lexer, &token, parser->reterr, "%s is a date; write YYYY-MM-DD or today", name);
}

static tend_status read_words(filter_parser *parser, const tend_field *field, filter_literal *literal)
{
    filter_token token = parser->now;
    tend_error error = { 0 };
    tend_status status =
        tend_field_parse(field, token.text, token.length, NULL, NULL, parser->filter->arena, &literal->value, &error);

    if (status == TEND_EINVAL) {
        /* The sentence begins with what was read, and so does ours. */
        const char *rest = strstr(error.text, "' ");

        return filter_fail(&parser->lexer, &token, parser->reterr, "%s", rest ? rest + 2 : error.text);
    }
    return status == TEND_OK ? filter_take(parser) : status;
}

static tend_status read_text(filter_parser *parser, const tend_field *field, filter_op op, filter_literal *literal)
{
    filter_token token = parser->now;
    bool is_whole = op != OP_CONTAINS && op != OP_STARTS;
    const char *folded;
    size_t length;
    tend_status status;

    if (token.length == 0 && is_whole)
        return fail_at(parser, &token, "no field holds an empty text; write is empty");
    if (is_whole && field && field->type == TEND_TEXT && field->choices) {
        status = read_words(parser, field, literal);
        if (status < 0)
            return status;
        token.text = literal->value.text;
        token.length = literal->value.length;
    } else {
        status = filter_take(parser);
    }
    if (status == TEND_OK)
        status = tend_utf8_fold(parser->filter->arena, token.text, token.length, &folded, &length);
    if (status < 0)
        return status;
    literal->kind = LITERAL_TEXT;
    literal->value.type = TEND_TEXT;
    literal->value.text = tend_arena_copy(parser->filter->arena, folded, length);
    literal->value.length = length;
    return literal->value.text ? TEND_OK : TEND_ENOMEM;
}

/* The parser's `uses` has room for every segment there is. */
static void note_use(filter_parser *parser, int segment)
{
    for (size_t i = 0; i < parser->use_count; i++) {
        if (parser->uses[i].segment == segment) {
            parser->uses[i].times++;
            return;
        }
    }
    parser->uses[parser->use_count++] = (filter_use){ .segment = segment, .times = 1 };
}

static tend_status read_segment(filter_parser *parser, filter_literal *literal)
{
    const tend_segments *segments = parser->filter->segments;
    filter_token token = parser->now;
    const char **names, *near, *written = tend_arena_copy(parser->filter->arena, token.text, token.length);
    int index = filter_segment_find(segments, token.text, token.length);

    if (!written)
        return TEND_ENOMEM;
    if (index >= 0) {
        literal->kind = LITERAL_SEGMENT;
        literal->value.integer = index;
        note_use(parser, index);
        return filter_take(parser);
    }
    names = tend_arena_take(parser->filter->arena, ((segments ? segments->count : 0) + 1) * sizeof *names);
    if (!names)
        return TEND_ENOMEM;
    for (size_t i = 0; segments && i < segments->count; i++)
        names[i] = segments->segments[i].name;
    near = tend_near(written, names);
    if (near)
        return filter_fail(&parser->lexer, &token, parser->reterr, "no such segment; did you mean %s?", near);
    return filter_fail(&parser->lexer, &token, parser->reterr, "no such segment; describe it in [segment.%s]", written);
}

static tend_status read_id(filter_parser *parser, const filter_path *path, filter_op op, filter_literal *literal)
{
    if (filter_path_type(path) != TEND_REF)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr, "%s is not a reference to a row; leave out the #",
                           path->name);
    if (op == OP_CONTAINS || op == OP_STARTS)
        return fail_at(parser, &parser->now, "contains and starts with need a text; write = before a row's number");
    literal->kind = LITERAL_ID;
    literal->value.type = TEND_REF;
    for (size_t i = 0; i < parser->now.length; i++)
        literal->value.integer = literal->value.integer * 10 + (parser->now.text[i] - '0');
    return filter_take(parser);
}

/* Words of the grammar are not taken for texts: the rest of the sentence would be misread. */
static bool is_reserved(const filter_token *token)
{
    static const char *const words[] = { "and", "or", "not", "in", "is", "between", "contains" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (filter_token_is(token, words[i]))
            return true;
    return false;
}

static bool has_names(const filter_parser *parser, const filter_path *path)
{
    int fields[FILTER_NAMING_MAX];
    tend_kind kind = path->final == FINAL_SELF ? path->kind->kind : (tend_kind)path->kind->fields[path->field].target;

    return filter_naming_fields(tend_schema_kind(parser->filter->schema, kind), fields) > 0;
}

static tend_status read_typed(filter_parser *parser, const filter_path *path, filter_op op, filter_literal *literal)
{
    const tend_field *field = path->final == FINAL_FIELD ? &path->kind->fields[path->field] : NULL;

    switch (filter_path_type(path)) {
    case TEND_INT:
    case TEND_DECIMAL:
        literal->kind = LITERAL_NUMBER;
        literal->value.type = field->type;
        literal->value.scale = field->type == TEND_DECIMAL ? field->scale : 0;
        return read_number(parser, literal->value.scale, path->name, &literal->value.integer);
    case TEND_MONEY:
        return read_money(parser, path->name, literal);
    case TEND_DATE:
    case TEND_TIME:
        return read_day(parser, path->name, filter_path_type(path), literal);
    case TEND_BOOL:
        if (parser->now.kind == TOKEN_SIGN)
            return filter_fail(&parser->lexer, &parser->now, parser->reterr, "%s is yes or no; write one of them", path->name);
        literal->kind = LITERAL_NUMBER;
        return read_words(parser, field, literal);
    default:
        break;
    }
    if (path->final == FINAL_MEASURE && path->is_money)
        return read_money(parser, path->name, literal);
    if (path->final == FINAL_MEASURE && starts_number(parser)) {
        literal->kind = LITERAL_NUMBER;
        literal->value.type = TEND_DECIMAL;
        literal->value.scale = DECIMAL_SCALE;
        return read_number(parser, DECIMAL_SCALE, path->name, &literal->value.integer);
    }
    if (parser->now.kind != TOKEN_WORD && parser->now.kind != TOKEN_QUOTED)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                           "here stands a text; write a word or a text in \"quotes\"");
    if (path->final == FINAL_SEGMENT)
        return read_segment(parser, literal);
    if (filter_path_type(path) == TEND_REF && !has_names(parser, path))
        return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                           "what %s refers to has no name; write its number, as in #17", path->name);
    if (path->final == FINAL_MEASURE && path->choices) {
        const tend_field words = { .name = path->name, .type = TEND_TEXT, .choices = path->choices };

        return read_text(parser, &words, op, literal);
    }
    return read_text(parser, field, op, literal);
}

tend_status filter_literal_read(filter_parser *parser, const filter_path *path, filter_op op, filter_literal *ret_literal)
{
    filter_literal literal = { 0 };
    tend_status status;

    if (parser->now.kind == TOKEN_END)
        status =
            filter_fail(&parser->lexer, &parser->now, parser->reterr, "%s is compared with nothing; write a value", path->name);
    else if (is_reserved(&parser->now))
        status = fail_at(parser, &parser->now, "a word of the filter language stands where a value should; write it in \"quotes\"");
    else if (parser->now.kind == TOKEN_ID)
        status = read_id(parser, path, op, &literal);
    else
        status = read_typed(parser, path, op, &literal);
    if (status == TEND_OK)
        *ret_literal = literal;
    return status;
}
