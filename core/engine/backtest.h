/* backtest.h: a playbook over stored history as it was known then: the real triggers, sandbox and journal, on a private store that
 * knows at each instant what the company knew (model/replay.h). Nothing it does can reach the live store, a sink or a source. */
#ifndef TEND_ENGINE_BACKTEST_H
#define TEND_ENGINE_BACKTEST_H

#include "engine/workspace.h"
#include "model/replay.h"
#include "playbook/outcome.h"

typedef struct tend_backtest_options {
    const char *playbook; /* its name: whose section gives the settings, and whose past answers count */
    tend_date from, to;
    tend_assumption assumption;
} tend_backtest_options;

/* Which script: at most one is set; neither: as it stands. */
typedef struct tend_backtest_version {
    const char *script; /* a path */
    int64_t bundle;     /* row of the live store's bundles */
} tend_backtest_version;

/* `history` is a private copy that nobody writes to (tend_backtest_open). Faults of the script go to `faults` (may be NULL). */
tend_status tend_backtest_run(tend_workspace *history, const tend_backtest_options *options, const tend_backtest_version *version,
                              FILE *faults, tend_arena *arena, tend_backtest *ret_backtest, tend_error *reterr);

/* The copy that all versions are tried on, and what becomes of it. */
tend_status tend_backtest_open(tend_workspace *live, tend_workspace **ret_history, tend_error *reterr);
void tend_backtest_close(tend_workspace *history); /* accepts NULL; removes the copy */
/* The last day of which anything is known, today at the latest; TEND_ENOTFOUND when nothing is. */
tend_status tend_backtest_until(tend_workspace *history, tend_date *ret_day, tend_error *reterr);
/* A stored version by the first figures of its hash, at least 4: TEND_ENOTFOUND lists those there are. */
tend_status tend_backtest_find_version(tend_workspace *history, const char *playbook, const char *hash, int64_t *ret_bundle,
                                       tend_error *reterr);

#endif
