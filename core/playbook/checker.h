/* checker.h: one script under check: what was said of it, and where a walk through it stands. Inside playbook only. */
#ifndef TEND_PLAYBOOK_CHECKER_H
#define TEND_PLAYBOOK_CHECKER_H

#include "playbook/inside.h"
#include "playbook/lua_variable.h"

#define SAID_MAX 128
#define CHANNELS_MAX 32
#define PLAYBOOKS_MAX 256

/* What the made-up answers to a wait are. */
typedef enum wait_sort {
    WAIT_SLEEP = 1,
    WAIT_EVENT,
    WAIT_TASK,
    WAIT_APPROVAL,
    WAIT_CHILD,
    WAIT_ASK,
    WAIT_FIRST,
    WAIT_ALL,
    WAIT_CALL,
    WAIT_BULK
} wait_sort;

/* What a playbook that the script has begun can come to. */
typedef struct checker_child {
    struct checker_child *next;
    const char *playbook;
    const char *const *outcomes; /* NULL: not known */
} checker_child;

typedef struct script_checker {
    const char *scripts; /* folders of playbooks and libraries, between colons; NULL: not known */
    const char *shown;   /* what the file is called in messages; NULL: by its folder and its name */
    checker_child *children;
    const tend_schema *schema;
    tend_bundle *bundle;
    tend_arena *arena;
    const tend_lua_token *tokens; /* of the script, once it is looked at as it is written; and its variables */
    const tend_lua_variable *variables;
    tend_argument_context context;
    const char *channels[CHANNELS_MAX + 1], *playbooks[PLAYBOOKS_MAX + 1];
    void (*tell)(void *self, const char *line);
    void *self;
    struct section_check *given; /* whose settings are in force; NULL: the script's own */
    int faults;
    const char *said[SAID_MAX];    /* so that the same line is not written for each walk */
    const char *literal[SAID_MAX]; /* what is said of the calls as written, with the line of the call, without the step */
    tend_journal_step journal[TEND_SANDBOX_JOURNAL_MAX];
    size_t count;
    wait_sort waits_for; /* the last step that was asked for */
    tend_tree asked;     /* its arguments */
    bool reads_other, has_read;
    bool reads_korean, has_language; /* run.language */
    bool is_unfit;                   /* to be walked through: what a walk needs is declared wrongly */
    bool is_endless;                 /* a walk took all its time: further ones would, too */
} script_checker;

/* Reads the script and calls `check` over it. */
tend_status checker_read(script_checker *checker, const char *path, const char *scripts, const char *sandbox_path,
                         tend_status (*check)(script_checker *checker, const char *path, const void *context, tend_sandbox *sandbox,
                                              tend_error *reterr),
                         const void *context, tend_error *reterr);
/* Channels that messages can take in this workspace; mail is one always, for it is the default. And the playbooks there are. */
void checker_channels(script_checker *checker, const tend_config *config);
/* Its declaration, with its own defaults. TEND_EINVAL: it is so faulty that no more can be said; with lesser faults it is TEND_OK.
 */
tend_status checker_open(script_checker *checker, const char *path, tend_sandbox *sandbox, tend_error *reterr);
/* As if nothing had been looked at and said. */
void checker_begin_again(script_checker *checker);
/* What the rest is checked against, once the bundle is open. */
void checker_look_into(script_checker *checker, const tend_segments *segments);
void checker_conditions(script_checker *checker, const tend_segments *segments);
/* All that is said as it is written: calls, ways, lists, answers. */
tend_status checker_written(script_checker *checker, tend_error *reterr);

/* A fault in one line; the same line is said once. */
void checker_say(script_checker *checker, const char *line);
/* Whether a line has this in it. */
bool checker_has_said(const script_checker *checker, const char *part);
/* At a line of the script. */
TEND_PRINTF(3, 4) void checker_say_at(script_checker *checker, unsigned line, const char *format, ...);
/* What the words of a call say; `call`: its line. */
void checker_say_of_call(script_checker *checker, unsigned call, const char *sentence);
/* What a walk came by: not again what the words of the call have said. */
void checker_say_of_request(script_checker *checker, const tend_request *request, const char *sentence);
/* check_way.c: steps that nothing leads to, and names that every run would use twice. */
tend_status checker_ways(script_checker *checker, tend_error *reterr);
/* check_answer.c: fields that no answer of the verb has. */
tend_status checker_answers(script_checker *checker, tend_error *reterr);
/* check_brace.c: settings in the braces of texts that the script does not declare; and whether such a sentence was said already. */
void checker_braces(script_checker *checker);
bool checker_said_brace(const script_checker *checker, const char *sentence);
/* check_compare.c: comparisons that never hold. */
void checker_comparisons(script_checker *checker);
/* check_child.c: what the playbook can come to, NULL-terminated; NULL: there is none of that name, or it does not say so. */
const char *const *checker_outcomes(script_checker *checker, const char *playbook);
/* check_list.c: what the entries of a list of steps say of the answers. */
tend_status checker_list(script_checker *checker, tend_error *reterr);
/* walk.c: what is wrong with a step, at the place in the journal where it is asked for. */
void checker_request(script_checker *checker, const tend_request *asked);
/* walk_answer.c */
/* How many sorts of answer the step can have: of a question each choice, that it was closed, and none; of the first of several
 * each; of a child each of its outcomes. */
int checker_answer_count(script_checker *checker);
/* The answer number `which` of those that such a wait can have; the last is that nothing came in time. */
tend_status checker_answer(script_checker *checker, int which, const tend_tree **ret_answer);
/* Runs the script with the settings of its bundle and made-up answers, and says what goes wrong. */
tend_status checker_walk(script_checker *checker, tend_sandbox *sandbox, tend_error *reterr);

#endif
