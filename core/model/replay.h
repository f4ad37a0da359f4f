/* replay.h: what a store knows, put into another one again in the order in which it became known.
 *
 * Between two calls the other store is what the company knew at that instant: whatever reads it needs no care to see nothing of
 * what came later, for it is not there. Rows keep their ids. A row that became known before something it cannot be without (a
 * usage sample before its account) waits for it; a reference that it can be without is filled in when its target comes. */
#ifndef TEND_MODEL_REPLAY_H
#define TEND_MODEL_REPLAY_H

#include "model/batch.h"

typedef struct tend_replay tend_replay;

typedef struct tend_replay_counts {
    int64_t rows;     /* rows, versions of facts, changes, removals, merges: put so far */
    int64_t assumed;  /* of them with a known time that is assumed */
    int64_t waiting;  /* what still waits for something that never became known */
    int64_t refused;  /* what today's rules do not let in */
    int64_t left_out; /* made by the playbook that is left out */
    char why[600];    /* of the first that was refused */
} tend_replay_counts;

/* Borrows both until close; nobody writes to `from` meanwhile. `into` is empty, its clock stands where its owner puts it. What the
 * playbook `without` (may be NULL) made in `from` under the name of `principal` stays out: its tasks, its approvals, the values it
 * set. Rows that are made in `into` by others get ids that no row of `from` has. */
tend_status tend_replay_open(tend_store *from, tend_model *into, const char *without, const char *principal,
                             tend_replay **ret_replay, tend_error *reterr);
void tend_replay_close(tend_replay *replay); /* accepts NULL */
/* When the next thing became known; TEND_NO_TIME: there is none. */
tend_time tend_replay_next(const tend_replay *replay);
/* Puts all that was known by `until`. The clock of `into` must stand there. `in_bulk`: nobody looks in between, so rows of several
 * instants share a commit. Needs no open transaction. */
tend_status tend_replay_to(tend_replay *replay, tend_time until, bool in_bulk, tend_error *reterr);
const tend_replay_counts *tend_replay_counted(const tend_replay *replay);
/* The last instant, by `until`, at which anything became known; TEND_NO_TIME when there is nothing. */
tend_status tend_replay_last(tend_store *from, const tend_schema *schema, tend_time until, tend_time *ret_at, tend_error *reterr);

#endif
