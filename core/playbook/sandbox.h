/* sandbox.h: tend's end of tend-sandbox: load a script, move a run.
 *
 * The process is started when it is first needed and again after it died. What a script does wrong is a fault, not an error: the
 * call returns TEND_OK and says so in its result. */
#ifndef TEND_PLAYBOOK_SANDBOX_H
#define TEND_PLAYBOOK_SANDBOX_H

#include "playbook/tree.h"
#include <sys/queue.h>

typedef struct tend_sandbox tend_sandbox;
typedef struct tend_coverage tend_coverage; /* playbook/coverage.h */

typedef struct tend_sandbox_options {
    int64_t memory_bytes; /* for each slot; 0: 32 MiB */
    int deadline_ms;      /* for each load or move; 0: 1000 */
    int grace_ms;         /* after the deadline until SIGKILL; 0: 1000 */
} tend_sandbox_options;

/* `path` of the program; NULL finds it beside the running one. Starts nothing yet. */
tend_status tend_sandbox_open(const char *path, const tend_sandbox_options *options, tend_sandbox **ret_sandbox,
                              tend_error *reterr);
void tend_sandbox_close(tend_sandbox *sandbox); /* accepts NULL */

typedef struct tend_script {
    const char *file; /* as messages show it */
    const char *text;
    size_t length;
} tend_script;

typedef enum tend_move_end { TEND_MOVE_FAULT = 1, TEND_MOVE_WAITING, TEND_MOVE_ENDED } tend_move_end;

typedef struct tend_move_result {
    tend_move_end end;
    const char *text; /* the fault, the step that waits, or the outcome; from the arena */
    tend_fault_class fault;
} tend_move_result;

/* LOAD. `libraries` end with a NULL file, which is the library's name. On a fault ret_result->end is TEND_MOVE_FAULT. */
tend_status tend_sandbox_load(tend_sandbox *sandbox, uint32_t slot, const tend_script *script, const tend_script *libraries,
                              tend_arena *arena, tend_tree *ret_spec, tend_move_result *ret_result, tend_error *reterr);
bool tend_sandbox_has(const tend_sandbox *sandbox, uint32_t slot); /* loaded and alive */

typedef struct tend_journal_step {
    const char *name, *verb;
    const tend_tree *answer; /* NULL: none yet */
} tend_journal_step;

typedef struct tend_request {
    const char *verb, *name;
    uint32_t line;
    tend_tree arguments;       /* of reads: count alone has some */
    const char *path;          /* reads: "account", the subject's kind, "" for run itself, "measure", "count" */
    const char *const *fields; /* reads: NULL-terminated */
} tend_request;

/* A field that a script asked an answer for, and that was not in it. */
typedef struct tend_missed {
    const char *verb, *name; /* of the step; "settings" and "left" are no steps */
    const char *part;        /* of an answer that has several; "" for the answer itself */
    const char *file, *field;
    uint32_t line;
} tend_missed;

/* What a move meets on its way; all borrowed during the call. */
typedef struct tend_move_handler {
    tend_status (*request)(void *self, const tend_request *request, tend_error *reterr);
    /* Fills ret_answer, a map of the fields; a refusal is TEND_EINVAL or TEND_EDENIED and goes to the script as an error. */
    tend_status (*read)(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr);
    void (*log)(void *self, uint32_t line, const char *text);
    void (*missed)(void *self, const tend_missed *missed); /* of a strict sandbox */
    void *self;
} tend_move_handler;

typedef struct tend_move {
    uint32_t slot;
    int64_t run;
    const char *subject;
    const tend_tree *settings, *event;
    const tend_journal_step *journal;
    size_t count;
} tend_move;

/* A move that is under way; it stays where it is until it has landed. */
typedef struct tend_flight {
    tend_move_handler handler;
    tend_arena *arena;
    tend_move_result result; /* end 0: not yet, or the sandbox was lost while it had several: it is to be made again, alone */
    size_t bytes;            /* this and the next are the sandbox's */
    STAILQ_ENTRY(tend_flight) next;
} tend_flight;

/* MOVE, of several runs in order: handed over one by one, and landed before anything else is asked of them. What the handlers are
 * told of a move that is to be made again is void. A failure of a handler's request ends the process of the sandbox and is
 * returned. */
tend_status tend_sandbox_hand(tend_sandbox *sandbox, const tend_move *move, tend_flight *flight, tend_error *reterr);
tend_status tend_sandbox_land(tend_sandbox *sandbox, tend_error *reterr);

/* MOVE. A failure of a handler's request ends the process of the sandbox and is returned. Texts of requests live in `arena`. */
tend_status tend_sandbox_move(tend_sandbox *sandbox, const tend_move *move, const tend_move_handler *handler, tend_arena *arena,
                              tend_move_result *ret_result, tend_error *reterr);

/* For tests of playbooks. Scripts that are loaded from now on tell which of their branches were gone; borrowed. */
void tend_sandbox_watch(tend_sandbox *sandbox, tend_coverage *coverage);
/* Scripts that are loaded from now on tell when they ask an answer for what it does not have. */
void tend_sandbox_set_strict(tend_sandbox *sandbox);
/* After every move the script's state is thrown away, as a restart would. */
void tend_sandbox_set_forgetful(tend_sandbox *sandbox);

typedef struct tend_listed_test {
    const char *name;
    uint32_t line;
} tend_listed_test;
/* TESTS: a file of tests, without probes. On a fault ret_result->end is TEND_MOVE_FAULT. */
tend_status tend_sandbox_tests(tend_sandbox *sandbox, uint32_t slot, const tend_script *script, const tend_script *libraries,
                               tend_arena *arena, const tend_listed_test **ret_tests, size_t *ret_count,
                               tend_move_result *ret_result, tend_error *reterr);

/* What a test asks of its world: world:VERB(…). */
typedef struct tend_world_call {
    const char *verb;
    uint32_t line;
    const tend_tree *arguments;
    size_t count;
} tend_world_call;
typedef struct tend_test_handler {
    /* A failure is told to the test as an error, except TEND_ENOMEM and TEND_ERROR, which end all. */
    tend_status (*call)(void *self, const tend_world_call *call, tend_arena *arena, tend_tree *ret_answer, tend_error *reterr);
    void (*log)(void *self, uint32_t line, const char *text);
    void *self;
} tend_test_handler;
/* TEST number `which`. ret_result->end is TEND_MOVE_ENDED, or TEND_MOVE_FAULT with what was raised. */
tend_status tend_sandbox_test(tend_sandbox *sandbox, uint32_t slot, uint32_t which, const tend_test_handler *handler,
                              tend_arena *arena, tend_move_result *ret_result, tend_error *reterr);

#endif
