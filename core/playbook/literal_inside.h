/* literal_inside.h: what literal.c, literal_names.c and literal_value.c share: values as they are written in a script. */
#ifndef TEND_PLAYBOOK_LITERAL_INSIDE_H
#define TEND_PLAYBOOK_LITERAL_INSIDE_H

#include "playbook/inside.h"
#include "playbook/lua_token.h"

enum { TASKS_MAX = 128 };

typedef struct literal {
    bool is_known; /* its value is `tree`; of a table: all that is in it */
    bool is_table;
    bool has_computed_key; /* [name] = … */
    unsigned line;
    const char *setting; /* whose value it is; NULL: it is written there */
    tend_tree tree;
    struct literal_entry *entries; /* of a table: those with names */
} literal;

typedef struct literal_entry {
    struct literal_entry *next;
    const char *key;
    unsigned line;
    literal value;
} literal_entry;

typedef struct literal_reader {
    const tend_literal_check *check;
    const tend_lua_token *at;
    const char *file, *run, *settings; /* the name of the parameter of steps, and of a variable that holds run.settings */
    const char *tasks[TASKS_MAX + 1];
    size_t task_count;
    const char *opened[TASKS_MAX + 1]; /* steps that open something */
    size_t opened_count;
    bool has_computed_opened;
    unsigned call; /* the line on which the call begins that is looked at */
    bool has_computed_task;
    int64_t budget; /* tokens that may still be gone through: what is nested is met several times */
    bool is_out_of_memory;
} literal_reader;

static inline bool literal_is_sign(const tend_lua_token *token, const char *sign)
{
    return token->sort == TEND_LUA_SIGN && token->text[0] == sign[0];
}

/* literal_names.c: the parameter of steps. */
const char *literal_find_run(const tend_lua_token *tokens);
/* The variable that holds run.settings; NULL: none does. */
const char *literal_find_settings(const tend_lua_token *tokens, const char *run);
/* What a file makes and opens, into the reader. */
void literal_find_names(literal_reader *reader, const tend_lua_token *tokens);
/* Whether `done` names no task, and `step` of close nothing that is opened: then why, without the verb. */
bool literal_lacks_task(const literal_reader *reader, const literal_entry *entry, char *ret_reason, size_t room);
bool literal_lacks_opened(const literal_reader *reader, const literal_entry *entry, char *ret_reason, size_t room);
/* literal_value.c. The expression at hand; the reader stands behind it. `depth`: of tables around it. */
void literal_take_value(literal_reader *reader, int depth, literal *ret_literal);
/* At the end of a list of entries; NULL when memory is used up. */
literal_entry *literal_add_entry(literal_reader *reader, literal_entry ***end, const char *key, unsigned line);
/* The table as the engine would get it, keys in byte order; entries that are not known are left out. */
void literal_end_table(literal_reader *reader, literal *table);

#endif
