/* check_compare.c: comparisons in a script that never hold, because one side never has the value of the other: said.choice ==
 * "maybe" where the question offers yes and no. */
#include "base/near.h"
#include "playbook/checker.h"
#include "playbook/domain.h"

#include <string.h>

enum { SHOWN_MAX = 120 };

/* The text between two tokens, on one line. */
static const char *source(const script_checker *checker, const tend_lua_token *from, const tend_lua_token *end)
{
    char *text = tend_arena_copy(checker->arena, checker->bundle->script.text + from->from, end[-1].to - from->from), *out = text;

    for (const char *in = text; in && *in; in++) {
        bool is_blank = *in == ' ' || *in == '\t' || *in == '\n' || *in == '\r';

        if (!is_blank || (out > text && out[-1] != ' '))
            *out++ = is_blank ? ' ' : *in;
    }
    if (out)
        *out = '\0';
    return text && strlen(text) <= SHOWN_MAX ? text : "this";
}

/* What stands before an operand: nothing of it. */
static bool is_before_operand(const tend_lua_token *token)
{
    static const char *const words[] = { "and", "do",     "else",   "elseif", "end",   "if",    "in", "local",
                                         "or",  "repeat", "return", "then",   "until", "while", NULL };

    if (token->sort == TEND_LUA_NAME)
        return tend_is_among(token->text, words);
    return token->sort == TEND_LUA_SIGN && strchr("({[,;=", token->text[0]) != NULL;
}

/* Where the operand begins that ends before `end`; NULL: it cannot be told, or is itself a comparison. */
static const tend_lua_token *begin_of_operand(const tend_lua_token *tokens, const tend_lua_token *end)
{
    const tend_lua_token *at = end;
    int depth = 0;

    for (; at > tokens; at--) {
        const tend_lua_token *before = at - 1;
        bool closes = before->sort == TEND_LUA_SIGN && strchr(")}]", before->text[0]) != NULL;
        bool opens = before->sort == TEND_LUA_SIGN && strchr("({[", before->text[0]) != NULL;

        if (depth == 0 && is_before_operand(before))
            break;
        if (depth == 0 && before->sort == TEND_LUA_SIGN && strchr("<>", before->text[0]))
            return NULL;
        depth += closes;
        depth -= opens;
    }
    if (at == end || at == tokens || tend_lua_is(at - 1, "end"))
        return NULL;
    if (tend_lua_is_sign(at - 1, '=') && at - 1 > tokens && at[-2].sort == TEND_LUA_SIGN && strchr("=~<>", at[-2].text[0]))
        return NULL;
    return at;
}

/* "maybe", 3 or true as it is written; NULL: it is none of these alone. */
static const char *constant(const script_checker *checker, const tend_lua_token *from, const tend_lua_token *end)
{
    bool is_one = from + 1 == end && (from->sort == TEND_LUA_INT || from->sort == TEND_LUA_FLOAT || tend_lua_is(from, "true") ||
                                      tend_lua_is(from, "false"));

    if (from->sort == TEND_LUA_TEXT && from + 1 == end)
        return tend_arena_print(checker->arena, "'%.60s'", from->text);
    return is_one ? source(checker, from, end) : NULL;
}

/* "it is yes or no", "did you mean active?" */
static void say_instead(const domain *values, const char *written, char *buffer, size_t room)
{
    const char *names[DOMAIN_WORDS + 3], *near = written && !values->has_text ? tend_near(written, values->words) : NULL;
    size_t count = 0, length;

    for (size_t i = 0; i < values->word_count; i++)
        names[count++] = values->words[i];
    if (values->has_text)
        names[count++] = "a text";
    if (values->has_number)
        names[count++] = "a number";
    if (values->has_true)
        names[count++] = "true";
    if (values->has_false)
        names[count++] = "false";
    if (values->shape_count > 0)
        names[count++] = "a table";
    length = (size_t)snprintf(buffer, room, "%s%s%s", near ? "did you mean " : "it is ", near ? near : "", near ? "?" : "");
    for (size_t i = 0; !near && i < count && length < room; i++)
        length += (size_t)snprintf(buffer + length, room - length, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", names[i]);
}

typedef struct comparison {
    const tend_lua_token *left, *operator, * right, *end; /* its sides; where each begins, and behind the second */
} comparison;

static void say_never(script_checker *checker, const comparison *at, bool is_left, const char *value, const domain *of)
{
    const tend_lua_token *from = is_left ? at->left : at->right, *end = is_left ? at->operator: at->end;
    const tend_lua_token *literal = is_left ? at->right : at->left;
    char instead[500];

    if (tend_lua_is(from, "not")) {
        checker_say_at(checker, at->operator->line, "%s is never %s; it is true or false, for not comes before ==: write %s ~= %s",
                       source(checker, from, end), value, source(checker, from + 1, end), value);
        return;
    }
    say_instead(of, literal->sort == TEND_LUA_TEXT ? literal->text : NULL, instead, sizeof instead);
    checker_say_at(checker, at->operator->line, "%s is never %s; %s", source(checker, from, end), value, instead);
}

/* At "==" or "~=". */
static void look_at(script_checker *checker, domain_reader *reader, const tend_lua_token *operator)
{
    comparison at = { .operator= operator, .left = begin_of_operand(checker->tokens, operator), .right = operator+ 2 };
    domain left = { .is_any = false }, right = { .is_any = false };
    const char *value;

    if (!at.left)
        return;
    reader->budget = 0;
    reader->at = at.left;
    domain_read_operand(reader, &left);
    if (reader->at != operator)
        return;
    reader->at = at.right;
    domain_read_operand(reader, &right);
    at.end = reader->at;
    if (at.end <= at.right || domain_meets(&left, &right))
        return;
    if ((value = constant(checker, at.right, at.end)) != NULL && domain_has_value(&left))
        say_never(checker, &at, true, value, &left);
    else if ((value = constant(checker, at.left, operator)) != NULL && domain_has_value(&right))
        say_never(checker, &at, false, value, &right);
}

static const char *const *outcomes_of(void *self, const char *playbook)
{
    return checker_outcomes(self, playbook);
}

void checker_comparisons(script_checker *checker)
{
    domain_reader reader = { .tokens = checker->tokens,
                             .variables = checker->variables,
                             .schema = checker->schema,
                             .spec = &checker->bundle->spec,
                             .arena = checker->arena,
                             .outcomes = outcomes_of,
                             .self = checker };

    for (const tend_lua_token *token = checker->tokens; token->sort != TEND_LUA_END; token++) {
        bool is_equal = tend_lua_is_sign(token, '=') && token > checker->tokens && !strchr("=<>~", token[-1].text[0]);

        if ((is_equal || tend_lua_is_sign(token, '~')) && tend_lua_is_sign(token + 1, '='))
            look_at(checker, &reader, token);
    }
}
