/* pretend.h: a world that a test of a playbook plays in.
 *
 * It is a workspace like any other, in a folder of its own that goes when it is closed, with a clock that the test moves: the real
 * model, triggers, journal, sandbox and effects. It has no sources, sinks or plugins, so nothing in it can reach outside. After
 * every move the state of the scripts is thrown away, as a restart would. What a test can ask for is listed in docs/playbooks.md;
 * the calls are told apart in pretend.c. */
#ifndef TEND_ENGINE_PRETEND_H
#define TEND_ENGINE_PRETEND_H

#include "playbook/coverage.h"

/* What the worlds of one run of tests share: a folder, and empty stores to begin with. */
typedef struct tend_pretend_house tend_pretend_house;
tend_status tend_pretend_house_open(tend_pretend_house **ret_house, tend_error *reterr);
void tend_pretend_house_close(tend_pretend_house *house); /* accepts NULL; removes the folder */

typedef struct tend_pretend_options {
    const char *scripts;  /* the folder that holds playbooks/ and lib/, or the playbooks themselves */
    const char *playbook; /* at work unless the test names others besides; NULL: none */
    const char *beside;   /* the folder of the test, for golden traces */
    bool writes_traces;   /* they are written and not compared */
    tend_coverage *coverage;
} tend_pretend_options;

typedef struct tend_pretend tend_pretend;

/* Nothing is made until the test asks for something. Borrows all of it. */
tend_status tend_pretend_open(tend_pretend_house *house, const tend_pretend_options *options, tend_pretend **ret_pretend,
                              tend_error *reterr);
void tend_pretend_close(tend_pretend *pretend); /* accepts NULL */
/* For tend_test_handler. */
tend_status tend_pretend_call(void *pretend, const tend_world_call *call, tend_arena *arena, tend_tree *ret_answer,
                              tend_error *reterr);
/* What a test that came to its end still fails for: a run that is held, unless it was expected, or an expectation that was not met
 * and whose error the test caught. NULL: nothing; *ret_line 0: of no line. Borrowed. */
const char *tend_pretend_fault(tend_pretend *pretend, uint32_t *ret_line);
/* The sentence of the call that failed, whole; NULL when none did. */
const char *tend_pretend_failure(const tend_pretend *pretend, uint32_t *ret_line);

#endif
