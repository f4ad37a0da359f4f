/* outline_inside.h: what outline.c, outline_step.c and outline_list.c share. */
#ifndef TEND_PLAYBOOK_OUTLINE_INSIDE_H
#define TEND_PLAYBOOK_OUTLINE_INSIDE_H

#include "playbook/lua_token.h"
#include "playbook/outline.h"
#include <string.h>

enum { NESTED_MAX = 60, FUNCTIONS_MAX = 64, NAMES_MAX = 16, CALLS_MAX = 4, NODES_MAX = 5000, DETAIL_MAX = 160 };

/* A function of the script's own. */
typedef struct own_function {
    const char *name, *run; /* its first parameter */
    const tend_lua_token *body;
} own_function;

typedef struct outline_reader {
    const tend_script *script;
    tend_arena *arena;
    const tend_lua_token *tokens, *at; /* all, and where we are */
    own_function functions[FUNCTIONS_MAX];
    size_t function_count;
    const char *runs[NAMES_MAX]; /* what `run` is called where we are, innermost last */
    size_t run_count;
    size_t calls, nodes;
    int depth;
    struct outline_list *bodies; /* where each function stands alone; NULL: where it is called */
    bool is_out_of_memory;
} outline_reader;

/* A list that grows at its end. */
typedef struct outline_list {
    tend_outline *first, **end;
} outline_list;

static inline bool outline_is_sign(const tend_lua_token *token, char sign)
{
    return token->sort == TEND_LUA_SIGN && token->text[0] == sign;
}

static inline bool outline_is_word(const tend_lua_token *token, const char *word)
{
    return token->sort == TEND_LUA_NAME && strcmp(token->text, word) == 0;
}

/* The text between two places, on one line. */
const char *outline_source(outline_reader *reader, size_t from, size_t to);
/* NULL when there are too many, or memory is used up. */
tend_outline *outline_add(outline_reader *reader, outline_list *list, tend_outline_sort sort, unsigned line);
/* Whether it is what `run` is called here. */
bool outline_is_run(const outline_reader *reader, const tend_lua_token *token);
/* At "run:VERB(": the step, behind its bracket. */
void outline_read_step(outline_reader *reader, outline_list *list);
/* The end of an argument that begins here: its comma or the bracket behind it. Functions may stand in it. */
const tend_lua_token *outline_end_of_argument(const tend_lua_token *token);
/* Arguments that a reader of the outline wants to know: "to = owner, due = { days = 3 }". `at` is behind the "{". */
void outline_read_details(outline_reader *reader, const tend_lua_token *at, tend_outline *step);
/* At the "{" of steps = { … }. An entry that is computed is not looked at. */
void outline_read_list(outline_reader *reader, outline_list *list);

#endif
