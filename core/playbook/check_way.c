/* check_way.c: what the way through a script says as it is written, whether or not a walk comes by: steps that nothing leads to,
 * and names that one run would use twice. */
#include "base/near.h"
#include "playbook/checker.h"
#include "playbook/outline.h"

#include <string.h>

enum { NAMES_MAX = 1000 };

/* ---- unreachable ------------------------------------------------------------------------------------------------------- */

static bool is_never(const char *condition)
{
    return condition && (strcmp(condition, "false") == 0 || strcmp(condition, "nil") == 0);
}

static void say_lost(script_checker *checker, const tend_outline *node, const char *why)
{
    for (; node; node = node->next) {
        if (node->sort == TEND_OUTLINE_STEP) {
            const char *title = node->is_computed ? tend_arena_print(checker->arena, "%s %s", node->verb, node->name)
                                                  : tend_arena_print(checker->arena, "%s '%s'", node->verb, node->name);

            checker_say_at(checker, node->line, "%s: no run comes here, %s", title ? title : node->verb, why);
        }
        say_lost(checker, node->first, why);
    }
}

/* A loop that goes on for ever unless it is left. */
static bool has_break(const tend_outline *node)
{
    for (; node; node = node->next)
        if (node->sort == TEND_OUTLINE_BREAK || (node->sort != TEND_OUTLINE_LOOP && has_break(node->first)))
            return true;
    return false;
}

static void check_reach(script_checker *checker, const tend_outline *first)
{
    for (const tend_outline *node = first; node; node = node->next) {
        tend_outline alone = *node;
        bool is_endless = node->sort == TEND_OUTLINE_LOOP && strcmp(node->text, "while true") == 0 && !has_break(node->first);

        if (node->sort == TEND_OUTLINE_WAY && is_never(node->text)) {
            say_lost(checker, node->first, "the condition before it never holds");
            continue;
        }
        check_reach(checker, node->first);
        alone.next = NULL;
        if (!node->next || node->sort == TEND_OUTLINE_WAY || !(is_endless || tend_outline_ends(&alone)))
            continue;
        say_lost(checker, node->next, is_endless ? "the loop before it is never left" : "every way before it has ended");
        return;
    }
}

/* ---- waits that do not end --------------------------------------------------------------------------------------------- */

static bool has_to_end(const char *verb)
{
    static const char *const verbs[] = { "approve", "ask", "call", "wait", NULL };

    return tend_is_among(verb, verbs);
}

static void check_ends(script_checker *checker, const tend_outline *node)
{
    for (; node; node = node->next) {
        if (node->sort == TEND_OUTLINE_STEP && has_to_end(node->verb) && node->is_written && !node->has_end) {
            char sentence[600];

            if (node->is_computed)
                (void)snprintf(sentence, sizeof sentence, "%s: waits without end; give it within or by", node->verb);
            else
                (void)snprintf(sentence, sizeof sentence, "%s '%.400s': waits without end; give it within or by", node->verb,
                               node->name);
            checker_say_of_call(checker, node->line, sentence);
        }
        check_ends(checker, node->first);
    }
}

/* ---- twice ------------------------------------------------------------------------------------------------------------- */

static bool is_verb(const char *verb)
{
    return tend_verb_known(verb) || strcmp(verb, "account") == 0 || strcmp(verb, "measure") == 0;
}

/* Steps that every run has made before it comes here. */
typedef struct made_steps {
    const char *names[NAMES_MAX];
    size_t count;
} made_steps;

static bool is_made(const made_steps *made, const char *name)
{
    for (size_t i = 0; i < made->count; i++)
        if (strcmp(made->names[i], name) == 0)
            return true;
    return false;
}

/* Only what is certain: a step behind one of its name, or one that every round of a loop makes. Which conditions exclude each other
 * is for the walks to find. `goes_round`: the list is the body of a loop. */
static void check_names(script_checker *checker, const tend_outline *first, bool goes_round, made_steps *made)
{
    size_t before = made->count;

    for (const tend_outline *node = first; node; node = node->next) {
        if (node->sort != TEND_OUTLINE_STEP || node->is_computed) {
            check_names(checker, node->first, node->sort == TEND_OUTLINE_LOOP, made);
            continue;
        }
        if (!is_verb(node->verb)) /* it makes no step, whatever its name */
            continue;
        if (is_made(made, node->name) || (goes_round && !tend_outline_ends(node->next)))
            checker_say_at(checker, node->line, "step '%s' is used twice in one run; give each step its own name", node->name);
        else if (made->count < NAMES_MAX)
            made->names[made->count++] = node->name;
    }
    made->count = before;
}

tend_status checker_ways(script_checker *checker, tend_error *reterr)
{
    const tend_outline *outline, *bodies = NULL;
    made_steps *made = tend_arena_take(checker->arena, sizeof *made);
    tend_status status = made ? tend_outline_read(&checker->bundle->script, checker->arena, &outline, reterr)
                              : tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");

    if (status == TEND_OK)
        status = tend_outline_functions(&checker->bundle->script, checker->arena, &bodies, reterr);
    if (status < 0)
        return status;
    check_reach(checker, outline);
    check_reach(checker, bodies);
    check_ends(checker, outline);
    check_ends(checker, bodies);
    check_names(checker, outline, false, made);
    return TEND_OK;
}
