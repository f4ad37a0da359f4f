/* tell.c: when what is said goes out. What is said in a row goes out together; but tend waits for each message anew and takes a
 * long silence for a hang, so that a move that takes its time says something now and then, and a busy machine ends no honest
 * script. */
#include "sandbox/sandbox.h"

#include <time.h>

enum { QUIET_MS = 50 };

static int64_t told_ms; /* when something went out last, or was asked */

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sandbox_asked(void)
{
    told_ms = now_ms();
}

static tend_status tell(tend_wire *wire, bool may_wait, tend_error *reterr)
{
    int64_t now = now_ms();

    if (may_wait && now - told_ms < QUIET_MS)
        return tend_wire_hold(wire, reterr);
    told_ms = now;
    return tend_wire_send(wire, -1, reterr);
}

tend_status sandbox_tell_soon(tend_wire *wire, tend_error *reterr)
{
    return tell(wire, true, reterr);
}

tend_status sandbox_tell_end(tend_wire *wire, tend_error *reterr)
{
    return tell(wire, tend_wire_has_frame(wire), reterr);
}
