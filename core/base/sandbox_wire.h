/* sandbox_wire.h: what tend and tend-sandbox say to each other, as frames of base/wire on the sandbox's fd 3.
 *
 * tend asks, one thing at a time, and reads frames until the one that ends the answer; of moves it may ask several, which are made
 * and answered in order (an ANSWER is for the move that is being made, whatever MOVE came before it). The sandbox holds nothing
 * between two moves but compiled scripts and what it was asked; killing it loses nothing.
 *
 *   CONFIGURE  i64 bytes of memory for each slot, u32 milliseconds for each LOAD and MOVE                    no answer
 *   LOAD       u32 slot, text file (for messages), text script, u32 count × { text name, text library }      LOADED or FAULT
 *   MOVE       u32 slot, i64 run, text subject, tree settings, tree event,
 *              u32 count × { text name, text verb, u8 has_answer, [tree answer] }: the journal, in order     … ENDED, WAITING or
 * FAULT DROP       u32 slot                                                                                      no answer ANSWER
 * u8 is_refused, then text why | tree                                                           to READ
 *
 *   WATCH      every script that is loaded from now on has probes in it (playbook/coverage.h)                 no answer
 *   TESTS      as LOAD: a file of tests                                                                      LISTED or FAULT
 *   TEST       u32 slot, u32 which: one test of it                                                          … ENDED or FAULT
 *   STRICT     what a script is given tells from now on when it is asked for what it does not have: MISSED   no answer
 *
 *   LOADED     tree: the table given to `playbook`, functions as FUNCTION
 *   FAULT      u8 class, text: one line, at most TEND_SANDBOX_FAULT_MAX bytes
 *   REQUEST    text verb, text name, u32 line, tree arguments: a step that the journal does not have
 *   READ       text name, text verb, u32 line, text path, u32 count × text field: as REQUEST, and waits for its ANSWER
 *   WAITING    text name: the step that has no answer yet
 *   ENDED      text outcome: "" when the script returned none
 *   LOG        u32 line, text: from print
 *   COVERED    u32 probe: it was met, for the first time since the slot was loaded
 *   MISSED     text verb, text name, text part, text file, u32 line, text field: the step's answer, or a part of it, lacks it
 *   LISTED     u32 count × { text name, u32 line }: the tests of the file, in order
 *   CALL       text verb, u32 line, u32 count × tree: what a test asks of its world; waits for its ANSWER
 *
 * A tree is u8 tag, then: INT i64, NUMBER i64 (the bits of a double), TEXT text, LIST u32 count × tree, MAP u32 count × { text,
 * tree } with keys in byte order, the others nothing. At most TEND_TREE_DEPTH deep and TEND_TREE_NODES nodes. */
#ifndef TEND_BASE_SANDBOX_WIRE_H
#define TEND_BASE_SANDBOX_WIRE_H

enum {
    TEND_SANDBOX_CONFIGURE = 1,
    TEND_SANDBOX_LOAD,
    TEND_SANDBOX_MOVE,
    TEND_SANDBOX_DROP,
    TEND_SANDBOX_ANSWER,
    TEND_SANDBOX_WATCH = 33,
    TEND_SANDBOX_TESTS,
    TEND_SANDBOX_TEST,
    TEND_SANDBOX_STRICT,

    TEND_SANDBOX_LOADED = 65,
    TEND_SANDBOX_FAULT,
    TEND_SANDBOX_REQUEST,
    TEND_SANDBOX_READ,
    TEND_SANDBOX_WAITING,
    TEND_SANDBOX_ENDED,
    TEND_SANDBOX_LOG,
    TEND_SANDBOX_COVERED = 97,
    TEND_SANDBOX_LISTED,
    TEND_SANDBOX_CALL,
    TEND_SANDBOX_MISSED
};

enum {
    TEND_TREE_NIL = 0,
    TEND_TREE_FALSE,
    TEND_TREE_TRUE,
    TEND_TREE_INT,
    TEND_TREE_NUMBER,
    TEND_TREE_TEXT,
    TEND_TREE_LIST,
    TEND_TREE_MAP,
    TEND_TREE_FUNCTION
};

typedef enum tend_fault_class {
    TEND_FAULT_SCRIPT = 1, /* the script's own mistake */
    TEND_FAULT_TIME,       /* ran longer than it may */
    TEND_FAULT_MEMORY,     /* used more memory than it may */
    TEND_FAULT_DIED        /* said by tend itself: the sandbox ended or had to be killed */
} tend_fault_class;

#define TEND_SANDBOX_FAULT_MAX 500
#define TEND_SANDBOX_STEPS_MAX 1000
#define TEND_SANDBOX_JOURNAL_MAX 8000 /* steps and reads together */
#define TEND_SANDBOX_LOGS_MAX 100     /* in one LOAD or MOVE */
#define TEND_TREE_DEPTH 16
#define TEND_TREE_NODES 4096
#define TEND_TREE_TEXT_MAX 65536
#define TEND_STEP_NAME_MAX 100
#define TEND_SANDBOX_TESTS_MAX 1000 /* in one file */
#define TEND_SANDBOX_PROBES_MAX 65536

#endif
