#include "playbook/lua_variable.h"

#include <string.h>

enum { NESTED_MAX = 256 };

typedef struct variable_reader {
    const tend_lua_token *tokens, *at;
    tend_arena *arena;
    tend_lua_variable *variables;
    char open[NESTED_MAX]; /* brackets and blocks that are not closed: '{', '(', '[' or 'b' */
    size_t depth;
    bool is_out_of_memory;
} variable_reader;

bool tend_lua_is_sign(const tend_lua_token *token, char sign)
{
    return token->sort == TEND_LUA_SIGN && token->text[0] == sign;
}

bool tend_lua_is_assigned(const tend_lua_token *token)
{
    return tend_lua_is_sign(token, '=') && !tend_lua_is_sign(token + 1, '=');
}

bool tend_lua_is_member(const tend_lua_token *first, const tend_lua_token *token)
{
    if (token == first || !(tend_lua_is_sign(token - 1, '.') || tend_lua_is_sign(token - 1, ':')))
        return false;
    return !(token - 1 > first && tend_lua_is_sign(token - 1, '.') && tend_lua_is_sign(token - 2, '.'));
}

static bool opens_bracket(const tend_lua_token *token)
{
    return tend_lua_is_sign(token, '(') || tend_lua_is_sign(token, '{') || tend_lua_is_sign(token, '[');
}

static bool closes_bracket(const tend_lua_token *token)
{
    return tend_lua_is_sign(token, ')') || tend_lua_is_sign(token, '}') || tend_lua_is_sign(token, ']');
}

const tend_lua_token *tend_lua_behind_bracket(const tend_lua_token *at)
{
    size_t depth = 0;

    for (; at->sort != TEND_LUA_END; at++) {
        if (opens_bracket(at))
            depth++;
        else if (closes_bracket(at) && --depth == 0)
            return at + 1;
    }
    return at;
}

/* Keeps account of what is open before `token` is looked at. */
static void enter(variable_reader *reader, const tend_lua_token *token)
{
    bool opens_block =
        tend_lua_is(token, "function") || tend_lua_is(token, "if") || tend_lua_is(token, "do") || tend_lua_is(token, "repeat");

    if (tend_lua_is_member(reader->tokens, token))
        return;
    if (opens_bracket(token) || opens_block) {
        if (reader->depth < NESTED_MAX)
            reader->open[reader->depth] = opens_block ? 'b' : token->text[0];
        reader->depth++;
    } else if (closes_bracket(token) || tend_lua_is(token, "end") || tend_lua_is(token, "until")) {
        reader->depth -= reader->depth > 0;
    }
}

static bool is_in_table(const variable_reader *reader)
{
    return reader->depth > 0 && reader->depth <= NESTED_MAX && reader->open[reader->depth - 1] == '{';
}

static tend_lua_variable *take_variable(variable_reader *reader, const char *name)
{
    tend_lua_variable *variable = reader->variables;

    while (variable && strcmp(variable->name, name) != 0)
        variable = variable->next;
    if (variable)
        return variable;
    variable = tend_arena_take(reader->arena, sizeof *variable);
    if (!variable) {
        reader->is_out_of_memory = true;
        return NULL;
    }
    *variable = (tend_lua_variable){ .next = reader->variables, .name = name };
    reader->variables = variable;
    return variable;
}

static void hold_other(variable_reader *reader, const char *name)
{
    tend_lua_variable *variable = take_variable(reader, name);

    if (variable)
        variable->has_other = true;
}

/* At the name of NAME = … */
static void take_assignment(variable_reader *reader, const tend_lua_token *name)
{
    tend_lua_variable *variable = take_variable(reader, name->text);
    tend_lua_given *given = tend_arena_take(reader->arena, sizeof *given);

    reader->is_out_of_memory |= !given;
    if (!variable || !given)
        return;
    *given = (tend_lua_given){ .next = variable->given, .value = name + 2 };
    variable->given = given;
}

/* At the last name of NAME, NAME = …: which gets what is not looked at. */
static void take_several(variable_reader *reader, const tend_lua_token *last)
{
    for (const tend_lua_token *at = last; at->sort == TEND_LUA_NAME; at -= 2) {
        hold_other(reader, at->text);
        if (at - reader->tokens < 2 || !tend_lua_is_sign(at - 1, ','))
            return;
    }
}

/* function NAME(NAME, …), for NAME, … in: whatever they are given. Goes on to the bracket or word behind them. */
static void take_names(variable_reader *reader, const char *up_to)
{
    const tend_lua_token *at = reader->at + 1;

    for (; at->sort != TEND_LUA_END && !tend_lua_is(at, up_to) && !tend_lua_is_sign(at, '='); at++)
        if (at->sort == TEND_LUA_NAME && !tend_lua_is_member(reader->tokens, at))
            hold_other(reader, at->text);
    reader->at = at;
}

/* local NAME, local NAME <const>, local NAME, NAME: what they are given stands behind an "=" of their own, if at all. */
static bool is_only_declared(const variable_reader *reader, const tend_lua_token *name)
{
    return name > reader->tokens && tend_lua_is(name - 1, "local") && !tend_lua_is_assigned(name + 1) &&
           !tend_lua_is_sign(name + 1, ',') && !tend_lua_is_sign(name + 1, '<');
}

/* NAME.field = …, NAME[1].field = …: it gets fields of the script's own. */
static bool is_changed(const tend_lua_token *name)
{
    const tend_lua_token *at = name + 1;

    while ((tend_lua_is_sign(at, '.') && at[1].sort == TEND_LUA_NAME) || tend_lua_is_sign(at, '['))
        at = tend_lua_is_sign(at, '.') ? at + 2 : tend_lua_behind_bracket(at);
    return at > name + 1 && tend_lua_is_assigned(at);
}

static void look_at(variable_reader *reader, const tend_lua_token *token)
{
    bool is_declared = token > reader->tokens && tend_lua_is(token - 1, "local");

    if (is_changed(token))
        hold_other(reader, token->text);
    else if (tend_lua_is_assigned(token + 1) && !is_in_table(reader) && token > reader->tokens && tend_lua_is_sign(token - 1, ','))
        take_several(reader, token);
    else if (tend_lua_is_assigned(token + 1) && !is_in_table(reader))
        take_assignment(reader, token);
    else if (is_declared && !is_only_declared(reader, token))
        hold_other(reader, token->text);
}

bool tend_lua_variables(const tend_lua_token *tokens, tend_arena *arena, const tend_lua_variable **ret_variables)
{
    variable_reader reader = { .tokens = tokens, .at = tokens, .arena = arena };

    for (; reader.at->sort != TEND_LUA_END; reader.at += reader.at->sort != TEND_LUA_END) {
        const tend_lua_token *token = reader.at;
        bool is_word = token->sort == TEND_LUA_NAME && !tend_lua_is_member(tokens, token);

        enter(&reader, token);
        if (is_word && tend_lua_is(token, "function"))
            take_names(&reader, ")");
        else if (is_word && tend_lua_is(token, "for"))
            take_names(&reader, "in");
        else if (is_word)
            look_at(&reader, token);
    }
    *ret_variables = reader.variables;
    return !reader.is_out_of_memory;
}

const tend_lua_variable *tend_lua_variable_find(const tend_lua_variable *variables, const char *name)
{
    while (variables && strcmp(variables->name, name) != 0)
        variables = variables->next;
    return variables;
}
