/* failing.h: what the engine does, done again and again while the n-th call for memory or to the disk fails, for n = 1, 2, … until
 * it runs through.
 *
 * Each time: no crash; a status and one sentence of the kind that fits; no transaction left open; the store is as before, or as
 * after, or, where the work is several transactions, such that the same work called again ends as if undisturbed. */
#ifndef TEND_TESTS_FAILING_H
#define TEND_TESTS_FAILING_H

#include "company.h"

typedef struct failing_kind {
    const char *name;
    void (*break_it)(long at); /* from now on: the at-th call; 0: none, they are counted */
    long (*calls)(void);
    void (*mend_it)(void);
    long (*failures)(void);
    bool (*is_clear)(const tend_error *error); /* this is how one says it */
} failing_kind;

/* The i-th piece of work; NULL past the end. */
const char *failing_work(int i);
/* How many times it failed in all. Prints one line. */
long failing_try(int i, const failing_kind *kind);

#endif
