/* outline.h: the way through a script as it is written: its steps, branches, loops and ends, read without running it.
 *
 * A function of the script's own that is given `run` stands where it is called. What is computed is shown as it is written. */
#ifndef TEND_PLAYBOOK_OUTLINE_H
#define TEND_PLAYBOOK_OUTLINE_H

#include "playbook/sandbox.h"

typedef enum tend_outline_sort {
    TEND_OUTLINE_STEP = 1,
    TEND_OUTLINE_BRANCH, /* its children are the ways */
    TEND_OUTLINE_WAY,    /* text: the condition; NULL: else */
    TEND_OUTLINE_LOOP,   /* text: "for n = 1, 3" */
    TEND_OUTLINE_RETURN, /* text: what is returned; "" when nothing */
    TEND_OUTLINE_BREAK
} tend_outline_sort;

typedef struct tend_outline {
    tend_outline_sort sort;
    unsigned line;
    const char *verb, *name; /* of a step */
    bool is_computed;        /* the name is an expression */
    bool is_written;         /* a step's arguments are a table as it is written */
    bool has_end;            /* it names the day on which it ends: within, by or expires */
    const char *text;        /* as above; of a step: the arguments that say who, when and for what; NULL: none */
    struct tend_outline *first, *next;
} tend_outline;

/* The outline of `steps`; NULL when it has none. All of it from the arena; borrows the script. */
tend_status tend_outline_read(const tend_script *script, tend_arena *arena, const tend_outline **ret_outline, tend_error *reterr);
/* Each function of the script for itself: a WAY whose children are its body, with what it returns. */
tend_status tend_outline_functions(const tend_script *script, tend_arena *arena, const tend_outline **ret_bodies,
                                   tend_error *reterr);
bool tend_outline_is_wait(const tend_outline *step); /* it ends a move until it has an answer */
/* Nothing behind it is come by: it ends with a return or break, on every way. */
bool tend_outline_ends(const tend_outline *first);

#endif
