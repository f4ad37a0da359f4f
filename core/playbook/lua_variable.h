/* lua_variable.h: what the variables of a Lua file are given, by name, wherever they stand: two of one name are one. Private to
 * this layer. */
#ifndef TEND_PLAYBOOK_LUA_VARIABLE_H
#define TEND_PLAYBOOK_LUA_VARIABLE_H

#include "playbook/lua_token.h"

/* NAME = value */
typedef struct tend_lua_given {
    struct tend_lua_given *next;
    const tend_lua_token *value; /* where its expression begins */
} tend_lua_given;

typedef struct tend_lua_variable {
    struct tend_lua_variable *next;
    const char *name;
    bool has_other; /* it also holds what no expression of its own says: a parameter, one of several, a row that is changed */
    tend_lua_given *given;
} tend_lua_variable;

/* All from the arena; borrows the tokens. False when memory is used up. */
bool tend_lua_variables(const tend_lua_token *tokens, tend_arena *arena, const tend_lua_variable **ret_variables);
/* NULL: there is none of that name, a global one. */
const tend_lua_variable *tend_lua_variable_find(const tend_lua_variable *variables, const char *name);

bool tend_lua_is_sign(const tend_lua_token *token, char sign);
/* "b" of "a.b" and "a:b"; "b" of "a .. b" is none. `first`: the beginning of the file. */
bool tend_lua_is_member(const tend_lua_token *first, const tend_lua_token *token);
/* At an "=" that gives a value, and is none of "==". */
bool tend_lua_is_assigned(const tend_lua_token *token);
/* Behind the bracket that stands at `at`; where the file ends first, its end. */
const tend_lua_token *tend_lua_behind_bracket(const tend_lua_token *at);

#endif
