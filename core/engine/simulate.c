/* simulate.c: a clock of its own, moved from due date to due date. */
#include "engine/simulate.h"
#include <stdlib.h>
#include <unistd.h>

enum { STOPS_MAX = 1000000 };

/* The simulation's clock: one at a time in a process. */
static tend_time simulated_now;

static tend_status open_desk(tend_workspace *live, tend_simulation *simulation, tend_error *reterr)
{
    char folder[4000];
    tend_status status = tend_workspace_subfolder(live, "spool", folder, sizeof folder, reterr);

    if (status < 0)
        return status;
    (void)snprintf(simulation->copy, sizeof simulation->copy, "%s/simulate-%ld.db", folder, (long)getpid());
    tend_store_remove_copy(simulation->copy);
    return tend_workspace_open_copy(live, simulation->copy, tend_clock_by_hand(&simulated_now), &simulation->workspace, reterr);
}

static tend_status move_clock(tend_simulation *simulation, tend_time at, tend_error *reterr)
{
    if (!simulation->copy[0])
        return tend_workspace_move_clock(simulation->workspace, at, reterr);
    simulated_now = at;
    return TEND_OK;
}

/* What is due now, then what is due next, until nothing is due before the end. */
static tend_status run(tend_simulation *simulation, tend_error *reterr)
{
    tend_status status = TEND_OK;

    while (status >= 0 && simulation->stops < STOPS_MAX) {
        tend_time next, now = tend_clock_now(tend_workspace_clock(simulation->workspace));
        tend_engine_counts counts;

        status = tend_engine_once(simulation->workspace, &counts, reterr);
        if (status >= 0)
            status = tend_engine_next(simulation->workspace, &next, reterr);
        if (status < 0 || next == TEND_NO_TIME || next > simulation->ended_at)
            return status;
        /* What is due now but could not be done is met again. */
        status = move_clock(simulation, next > now ? next : now + 1, reterr);
        simulation->stops++;
    }
    return status < 0
               ? status
               : tend_fail(reterr, TEND_ELIMIT, "simulate: more than %d instants were due; choose an earlier --until", STOPS_MAX);
}

/* The first instant is a new one, so that what is done from here on can be told from what was there. */
static tend_status run_in_place(tend_simulation *simulation, tend_error *reterr)
{
    tend_store *store = tend_workspace_store(simulation->workspace);
    tend_status status, durable;

    simulation->began_at++;
    status = move_clock(simulation, simulation->began_at, reterr);
    if (status >= 0)
        status = tend_store_set_durable(store, false, reterr);
    if (status < 0)
        return status;
    status = run(simulation, reterr);
    if (status >= 0 && tend_clock_now(tend_workspace_clock(simulation->workspace)) < simulation->ended_at)
        status = move_clock(simulation, simulation->ended_at, reterr);
    durable = tend_store_set_durable(store, true, status < 0 ? NULL : reterr);
    return status < 0 ? status : durable;
}

tend_status tend_simulate(tend_workspace *workspace, tend_date last, tend_simulation *ret_simulation, tend_error *reterr)
{
    tend_simulation simulation = { .began_at = tend_clock_now(tend_workspace_clock(workspace)),
                                   .ended_at = tend_zone_midnight(tend_workspace_zone(workspace), last + 1) - 1 };
    tend_status status;

    if (tend_workspace_has_own_clock(workspace)) {
        simulation.workspace = workspace;
        status = run_in_place(&simulation, reterr);
    } else {
        simulated_now = simulation.began_at;
        status = open_desk(workspace, &simulation, reterr);
        if (status >= 0) /* nobody needs the copy after power loss */
            status = tend_store_set_durable(tend_workspace_store(simulation.workspace), false, reterr);
        if (status >= 0)
            status = run(&simulation, reterr);
    }
    if (status < 0) {
        tend_simulation_end(&simulation);
        return status;
    }
    *ret_simulation = simulation;
    return TEND_OK;
}

void tend_simulation_end(tend_simulation *simulation)
{
    if (simulation->copy[0]) {
        tend_workspace_close(simulation->workspace);
        tend_store_remove_copy(simulation->copy);
    }
    *simulation = (tend_simulation){ 0 };
}
