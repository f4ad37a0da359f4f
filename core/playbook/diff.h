/* diff.h: how two versions of a playbook differ, and which journals a version fits. */
#ifndef TEND_PLAYBOOK_DIFF_H
#define TEND_PLAYBOOK_DIFF_H

#include "config/config.h"
#include "model/schema.h"
#include "playbook/script.h"
#include "store/store.h"

/* One version, read and opened. */
typedef struct tend_version tend_version;

/* The script at `path`, with the settings of its section (`config` NULL: its own). Owned. TEND_EINVAL when it is faulty. */
tend_status tend_version_read(const char *path, const char *folders, const tend_config *config, const tend_schema *schema,
                              const char *sandbox, tend_version **ret_version, tend_error *reterr);
/* One that the store has: "" the one at work, else the beginning of its hash. *ret_hash (may be NULL) is its hash. */
tend_status tend_version_stored(tend_store *store, const char *playbook, const char *hash, const tend_schema *schema,
                                const char *sandbox, tend_version **ret_version, tend_error *reterr);
void tend_version_close(tend_version *version); /* accepts NULL */
const char *tend_version_name(const tend_version *version);
const char *tend_version_hash(const tend_version *version); /* NULL: not from the store */

typedef struct tend_difference {
    const char *part; /* "start", "stop", "subject", "outcome", "setting", "step", "library" */
    const char *what; /* "added", "removed", "changed", "renamed", "moved" */
    const char *name; /* of the outcome, setting, step, library; NULL: none */
    const char *was, *now;
    unsigned line; /* of a step in the new one, or the old one when it was removed; 0: none */
} tend_difference;
/* Calls `tell` for each; *ret_count of them. Texts are borrowed during the call. */
tend_status tend_version_compare(const tend_version *was, const tend_version *now,
                                 tend_status (*tell)(void *self, const tend_difference *difference, tend_error *reterr), void *self,
                                 size_t *ret_count, tend_error *reterr);

/* Whether an active run of the store could go on with this version: it asks for the same steps, in the same order, up to where the
 * run stands. *ret_why NULL: it could; from the arena. Nothing is written. */
tend_status tend_version_fits(tend_version *version, tend_store *store, int64_t run, tend_arena *arena, const char **ret_why,
                              tend_error *reterr);

#endif
