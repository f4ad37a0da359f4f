/* answer.c: what the answers of verbs hold. */
#include "base/near.h"
#include "playbook/inside.h"

#include <string.h>

enum { KNOWN_MOST = 128 };

/* Of `part`, which is an answer within that of all and first, whatever it waits for; the others by their verb. */
static const char *const answers[][10] = {
    { "account", NULL }, /* what was asked for */
    { "all", "timed_out", NULL },
    { "approve", "approvals", "approved", "comment", "timed_out", NULL },
    { "ask", "cancelled", "choice", "outcome", "timed_out", NULL },
    { "bulk", "at_work", "left", "matched", "started", "timed_out", NULL },
    { "call", "done", "error", "timed_out", NULL },
    { "child", "event", "outcome", "run", "sequence", "started", "stopped", "timed_out", "why", NULL },
    { "count", "count", "defined", NULL },
    { "first", "timed_out", "which", NULL },
    { "left", "id", "kind", "step", "title", NULL },
    { "measure", "currency", "day", "defined", "denominator", "numerator", "text", "value", NULL },
    { "part", "cancelled", "closed", "event", "outcome", "sequence", "timed_out", NULL },
    { "sleep", "timed_out", NULL },
    { "wait", "cancelled", "event", "outcome", "sequence", "timed_out", NULL },
};

const char *const *tend_answer_fields(const char *verb)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(answers[i][0], verb) == 0)
            return answers[i] + 1;
    return NULL;
}

static bool is_known(const char *const *known, size_t count, const char *field)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(known[i], field) == 0)
            return true;
    return false;
}

bool tend_answer_lacks(const char *verb, const char *field, const tend_tree *more, char *ret_sentence, size_t room)
{
    const char *const *own = tend_answer_fields(verb), *known[KNOWN_MOST + 1], *near;
    size_t count = 0, length;

    for (; own && own[count]; count++)
        known[count] = own[count];
    for (size_t i = 0; more && more->tag == TEND_TREE_MAP && i < more->length && count < KNOWN_MOST; i++)
        if (!is_known(known, count, more->keys[i]))
            known[count++] = more->keys[i];
    known[count] = NULL;
    if (is_known(known, count, field))
        return false;
    near = tend_near(field, known);
    length = (size_t)snprintf(ret_sentence, room, "%s%s has no '%s'; %s%s%s",
                              strcmp(verb, "part") == 0   ? "a part of the answer of run:all and run:first"
                              : strcmp(verb, "left") == 0 ? "what a stopped run left open"
                                                          : "the answer of run:",
                              strcmp(verb, "part") == 0 || strcmp(verb, "left") == 0 ? "" : verb, field,
                              near ? "did you mean " : "it has ", near ? near : "", near ? "?" : "");
    for (size_t i = 0; !near && i < count && length < room; i++)
        length += (size_t)snprintf(ret_sentence + length, room - length, "%s%s",
                                   i == 0          ? ""
                                   : i + 1 < count ? ", "
                                                   : " and ",
                                   known[i]);
    return true;
}
