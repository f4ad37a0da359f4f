/* trial.h: files of tests found, and run one by one, each test in a pretend world of its own.
 *
 * A file of tests is called NAME_test.lua and stands beside its playbook NAME.lua, or anywhere below the folder that holds
 * playbooks/. */
#ifndef TEND_ENGINE_TRIAL_H
#define TEND_ENGINE_TRIAL_H

#include "playbook/coverage.h"

typedef struct tend_trial_options {
    const char *const *paths; /* files and folders, absolute; NULL-terminated */
    const char *cwd;          /* files below it are shown from there */
    const char *filter;       /* only tests whose name has it; NULL: all */
    bool writes_traces;       /* golden traces are written, not compared */
    bool measures;            /* which branches were gone */
} tend_trial_options;

typedef struct tend_tried_test {
    const char *file;    /* as shown */
    const char *name;    /* NULL: the file as a whole, which could not be read */
    unsigned line;       /* of the test; of a failure where it is, when that is known */
    const char *why;     /* NULL: passed */
    const char *printed; /* lines from print; NULL: none */
    double seconds;
} tend_tried_test;

typedef struct tend_trial {
    tend_arena *arena;       /* owned: everything below */
    tend_coverage *coverage; /* owned; NULL: not measured */
    tend_tried_test *tests;
    size_t count, failed;
    size_t files;
} tend_trial;

/* `tell` (may be NULL) hears of every test when it is over. TEND_ENOTFOUND when there is no file of tests. */
tend_status tend_trial_run(const tend_trial_options *options, void (*tell)(void *self, const tend_tried_test *test), void *self,
                           tend_trial *ret_trial, tend_error *reterr);
void tend_trial_end(tend_trial *trial);

#endif
