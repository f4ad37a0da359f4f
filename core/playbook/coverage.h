/* coverage.h: which branches of scripts were gone.
 *
 * A branch is: each way of an `if` (also the one past it, where there is no else), the body of a loop, the right side of `and` and
 * `or`, and a function. Before a script is loaded, calls that say so are put into its text, on the lines where they belong, so that
 * messages keep their lines. */
#ifndef TEND_PLAYBOOK_COVERAGE_H
#define TEND_PLAYBOOK_COVERAGE_H

#include "playbook/sandbox.h"

tend_status tend_coverage_new(tend_coverage **ret_coverage, tend_error *reterr);
void tend_coverage_free(tend_coverage *coverage); /* accepts NULL */

/* A file that is measured, under the name by which it is shown; scripts with another text are loaded as they are. Copied. */
tend_status tend_coverage_add(tend_coverage *coverage, const char *shown, const char *text, size_t length, tend_error *reterr);
/* The same script with probes, or as it is. Borrowed. */
tend_script tend_coverage_probe(const tend_coverage *coverage, const tend_script *script);
void tend_coverage_meet(tend_coverage *coverage, uint32_t probe);

typedef struct tend_branch {
    unsigned line;
    const char *what; /* when it was not gone: "if: its condition never held" */
    bool is_met;
} tend_branch;
typedef struct tend_covered_file {
    const char *shown;
    const tend_branch *branches;
    size_t count, met;
} tend_covered_file;
size_t tend_coverage_count(const tend_coverage *coverage);
tend_covered_file tend_coverage_file(const tend_coverage *coverage, size_t i);

#endif
