/* engine.h: everything that is due: sources, events, runs, measures, messages, digests, handovers. */
#ifndef TEND_ENGINE_ENGINE_H
#define TEND_ENGINE_ENGINE_H

#include "engine/workspace.h"

typedef struct tend_engine_counts {
    int64_t rounds;            /* until nothing was due */
    int64_t sources;           /* synced */
    int64_t accounts;          /* computed anew */
    int64_t delivered, failed; /* messages */
    int64_t digests, handovers;
} tend_engine_counts;

/* One round: each part does a bounded piece of what is due. *ret_more says that another round would find something to do at once.
 * A part that fails is logged and does not keep the others from their work; the first failure is returned at the end. */
tend_status tend_engine_step(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_more, tend_error *reterr);
/* Rounds until nothing is due. */
tend_status tend_engine_once(tend_workspace *workspace, tend_engine_counts *ret_counts, tend_error *reterr);
/* When the next thing is due: at the latest the coming day (UTC), of which numbers are published. */
tend_status tend_engine_next(tend_workspace *workspace, tend_time *ret_at, tend_error *reterr);

#endif
