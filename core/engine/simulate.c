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

tend_status tend_simulate(tend_workspace *live, tend_date last, tend_simulation *ret_simulation, tend_error *reterr)
{
    tend_simulation simulation = { .began_at = tend_clock_now(tend_workspace_clock(live)) };
    tend_time end = tend_zone_midnight(tend_workspace_zone(live), last + 1) - 1;
    tend_status status;

    simulated_now = simulation.began_at;
    status = open_desk(live, &simulation, reterr);
    while (status >= 0 && simulation.stops < STOPS_MAX) {
        tend_engine_counts counts;
        tend_time next;

        status = tend_engine_once(simulation.workspace, &counts, reterr);
        if (status >= 0)
            status = tend_engine_next(simulation.workspace, &next, reterr);
        if (status < 0 || next == TEND_NO_TIME || next > end)
            break;
        simulated_now = next > simulated_now ? next : simulated_now + 1; /* what is due now but could not be done is met again */
        simulation.stops++;
    }
    if (status >= 0 && simulation.stops >= STOPS_MAX)
        status = tend_fail(reterr, TEND_ELIMIT, "simulate: more than %d instants were due; choose an earlier --until", STOPS_MAX);
    simulation.ended_at = end;
    if (status < 0) {
        tend_simulation_end(&simulation);
        return status;
    }
    *ret_simulation = simulation;
    return TEND_OK;
}

void tend_simulation_end(tend_simulation *simulation)
{
    tend_workspace_close(simulation->workspace);
    if (simulation->copy[0])
        tend_store_remove_copy(simulation->copy);
    *simulation = (tend_simulation){ 0 };
}
