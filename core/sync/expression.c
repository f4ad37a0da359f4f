/* expression.c: an expression as it is written, into a tree. */
#include "base/date.h"
#include "sync/expression_node.h"
#include <ctype.h>
#include <string.h>

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

size_t tend_expression_column(const tend_expression *expression)
{
    if (expression->kind == COLUMN)
        return expression->column;
    if (expression->kind == CONSTANT)
        return TEND_NO_COLUMN;
    size_t left = tend_expression_column(expression->left), right = tend_expression_column(expression->right);
    return left == TEND_NO_COLUMN ? right : left;
}

bool tend_expression_is_column(const tend_expression *expression)
{
    return expression->kind == COLUMN;
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
