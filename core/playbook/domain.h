/* domain.h: what values an expression of a script can have, as far as that is certain without running it: the choices of a
 * question, the words of a field, yes and no of an approval. Inside playbook only. */
#ifndef TEND_PLAYBOOK_DOMAIN_H
#define TEND_PLAYBOOK_DOMAIN_H

#include "playbook/inside.h"
#include "playbook/lua_variable.h"

enum { DOMAIN_WORDS = 48, DOMAIN_SHAPES = 4 };

/* A table whose fields are known. */
typedef enum domain_sort { DOMAIN_RUN = 1, DOMAIN_SETTINGS, DOMAIN_ROW, DOMAIN_ANSWER, DOMAIN_PART } domain_sort;

typedef struct domain_shape {
    domain_sort sort;
    const tend_kind_schema *kind; /* of ROW */
    const char *verb;             /* of ANSWER */
    const tend_lua_token *call;   /* of ANSWER: its bracket */
} domain_shape;

/* Every value that it can have is among these. */
typedef struct domain {
    bool is_any; /* nothing is known of it */
    bool has_nil, has_false, has_true, has_number, has_text;
    const char *words[DOMAIN_WORDS + 1]; /* texts; with has_text any other, too */
    size_t word_count;
    domain_shape shapes[DOMAIN_SHAPES];
    size_t shape_count;
} domain;

typedef struct domain_reader {
    const tend_lua_token *tokens, *at;
    const tend_lua_variable *variables;
    const tend_schema *schema;
    const tend_spec *spec;
    tend_arena *arena;
    /* What a child can come to, NULL-terminated; NULL: not known. */
    const char *const *(*outcomes)(void *self, const char *playbook);
    void *self;
    int depth, budget;
} domain_reader;

/* Without and, or and comparisons: what stands on one side of "==". The reader stands behind it. */
void domain_read_operand(domain_reader *reader, domain *ret_domain);
/* The whole expression. */
void domain_read(domain_reader *reader, domain *ret_domain);
/* domain_field.c: what `name` of one of those can be. */
void domain_field(domain_reader *reader, const domain *of, const char *name, domain *ret_domain);

void domain_add_word(domain *values, const char *word);
void domain_add_shape(domain *values, domain_shape shape);
bool domain_has_value(const domain *values); /* beside nil */
/* Whether both can have the same value. */
bool domain_meets(const domain *a, const domain *b);

#endif
