/* lua_token.h: the words of a Lua file, for what can be said of a script without running it. Private to this layer. */
#ifndef TEND_PLAYBOOK_LUA_TOKEN_H
#define TEND_PLAYBOOK_LUA_TOKEN_H

#include "base/arena.h"
#include <stdbool.h>

typedef enum tend_lua_sort {
    TEND_LUA_END = 0,
    TEND_LUA_NAME, /* keywords too */
    TEND_LUA_TEXT, /* its value, escapes resolved */
    TEND_LUA_INT,
    TEND_LUA_FLOAT,
    TEND_LUA_SIGN /* one character; of longer ones ("..", "==") each character is one */
} tend_lua_sort;

typedef struct tend_lua_token {
    tend_lua_sort sort;
    const char *text; /* NAME, TEXT; of a SIGN its character */
    int64_t integer;  /* INT */
    double number;    /* FLOAT */
    unsigned line;
    size_t from, to; /* its bytes in the text */
} tend_lua_token;

/* All tokens without comments, ended by one of sort END, from the arena; NULL when memory is used up. A file that Lua would not
 * read gives the tokens before the place where it breaks. */
const tend_lua_token *tend_lua_tokens(const char *text, tend_arena *arena);
bool tend_lua_is(const tend_lua_token *token, const char *word); /* a NAME or SIGN of this text */

#endif
