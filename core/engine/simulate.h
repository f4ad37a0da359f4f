/* simulate.h: a clock of its own, moved from due date to due date.
 *
 * Works on a private copy of the store, or in place where the workspace was made with `init --simulated`: what it does stays
 * there, and the workspace's clock with it. Sinks and connectors are not called: a simulated store delivers nothing, so a
 * simulation cannot act. */
#ifndef TEND_ENGINE_SIMULATE_H
#define TEND_ENGINE_SIMULATE_H

#include "engine/engine.h"

typedef struct tend_simulation {
    tend_workspace *workspace; /* the copy, owned; or the simulated workspace itself, borrowed */
    char copy[4096];           /* the copy's path, removed by end; "": in place */
    tend_time began_at, ended_at;
    int64_t stops; /* instants at which something was due */
} tend_simulation;

/* From now to the end of `last` in the workspace's zone. `workspace` may be opened for reading, unless it has a clock of its own. A
 * simulation in place that is broken off goes on from where its clock stands. */
tend_status tend_simulate(tend_workspace *workspace, tend_date last, tend_simulation *ret_simulation, tend_error *reterr);
void tend_simulation_end(tend_simulation *simulation);

#endif
