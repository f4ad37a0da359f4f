/* check_answer.c: fields of answers as they are written, also where no walk comes by: local held = run:wait(…) if held.timed_ou …
 * Only what is certain: a variable that holds nothing but answers. */
#include "playbook/checker.h"

#include <string.h>

enum { PARTS_MAX = 32 };

typedef struct answer_reader {
    script_checker *checker;
    const tend_lua_token *tokens;
    bool is_out_of_memory;
} answer_reader;

/* ("name", { one = …, two = … }): the keys, in the order they are written; of account the texts; NULL: they are not all so. */
static const tend_tree *read_parts(answer_reader *reader, const tend_lua_token *bracket)
{
    const tend_lua_token *at = bracket + 3;
    const char **keys = tend_arena_take(reader->checker->arena, PARTS_MAX * sizeof *keys);
    tend_tree *items = tend_arena_take(reader->checker->arena, PARTS_MAX * sizeof *items);
    tend_tree *parts = tend_arena_take(reader->checker->arena, sizeof *parts);
    size_t count = 0;

    reader->is_out_of_memory |= !keys || !items || !parts;
    if (reader->is_out_of_memory || bracket[1].sort != TEND_LUA_TEXT || !tend_lua_is_sign(bracket + 2, ',') ||
        !tend_lua_is_sign(at++, '{'))
        return NULL;
    while (count < PARTS_MAX) {
        bool is_part = at->sort == TEND_LUA_NAME && tend_lua_is_assigned(at + 1) && tend_lua_is_sign(at + 2, '{');

        if (!is_part && at->sort != TEND_LUA_TEXT)
            break;
        items[count] = tend_tree_nil;
        keys[count++] = at->text;
        at = is_part ? tend_lua_behind_bracket(at + 2) : at + 1;
        at += tend_lua_is_sign(at, ',') || tend_lua_is_sign(at, ';');
    }
    *parts = (tend_tree){ .tag = TEND_TREE_MAP, .length = count, .items = items, .keys = keys };
    return tend_lua_is_sign(at, '}') && tend_lua_is_sign(at + 1, ')') ? parts : NULL;
}

/* What the answer has is written in the call. */
static bool has_parts(const char *verb)
{
    return strcmp(verb, "account") == 0 || strcmp(verb, "all") == 0 || strcmp(verb, "first") == 0;
}

/* At "RUN:VERB(", whatever run is called: the verb, when the value of the expression is its answer and nothing else. */
static const char *answer_of(const tend_lua_token *value)
{
    const tend_lua_token *behind;

    if (value->sort != TEND_LUA_NAME || !tend_lua_is_sign(value + 1, ':') || value[2].sort != TEND_LUA_NAME ||
        !tend_lua_is_sign(value + 3, '('))
        return NULL;
    if (!tend_answer_fields(value[2].text))
        return NULL;
    behind = tend_lua_behind_bracket(value + 3);
    if (behind->sort == TEND_LUA_SIGN && !tend_lua_is_sign(behind, ';') && !tend_lua_is_sign(behind, '}'))
        return NULL;
    return tend_lua_is(behind, "or") || tend_lua_is(behind, "and") ? NULL : value[2].text;
}

/* It holds answers, and nothing else. */
static bool holds_answers(const tend_lua_variable *variable)
{
    for (const tend_lua_given *given = variable->given; given; given = given->next)
        if (!answer_of(given->value))
            return false;
    return variable->given && !variable->has_other;
}

static void say(answer_reader *reader, const tend_lua_token *field, const char *sentence)
{
    char line[1200];

    (void)snprintf(line, sizeof line, "%s:%u: %s", reader->checker->bundle->script.file, field->line, sentence);
    checker_say(reader->checker, line);
}

/* At the NAME of NAME.FIELD, a variable that holds answers: no answer that it ever gets has such a field. */
static void check_field(answer_reader *reader, const tend_lua_variable *variable, const tend_lua_token *name)
{
    const tend_lua_token *field = name + 2;
    char sentence[1000];

    for (const tend_lua_given *given = variable->given; given; given = given->next) {
        const char *verb = answer_of(given->value);
        const tend_tree *parts = has_parts(verb) ? read_parts(reader, given->value + 3) : NULL;

        if (has_parts(verb) && !parts)
            return;
        if (tend_answer_lacks(verb, field->text, parts, sentence, sizeof sentence))
            continue;
        if (strcmp(verb, "account") != 0 && tend_tree_get(parts, field->text) && tend_lua_is_sign(field + 1, '.') &&
            field[2].sort == TEND_LUA_NAME && tend_answer_lacks("part", field[2].text, NULL, sentence, sizeof sentence))
            say(reader, field + 2, sentence);
        return;
    }
    say(reader, field, sentence);
}

tend_status checker_answers(script_checker *checker, tend_error *reterr)
{
    answer_reader reader = { .checker = checker, .tokens = checker->tokens };

    for (const tend_lua_token *token = reader.tokens; token->sort != TEND_LUA_END; token++) {
        const tend_lua_variable *variable;

        if (token->sort != TEND_LUA_NAME || !tend_lua_is_sign(token + 1, '.') || token[2].sort != TEND_LUA_NAME ||
            tend_lua_is_member(reader.tokens, token))
            continue;
        variable = tend_lua_variable_find(checker->variables, token->text);
        if (variable && holds_answers(variable))
            check_field(&reader, variable, token);
    }
    return reader.is_out_of_memory ? tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up") : TEND_OK;
}
