/* workspace_clock.c: the clock that a simulated workspace keeps in its store. */
#include "engine/workspace_inside.h"
#include <string.h>

#define OWN_CLOCK "simulated.now" /* a small setting of the store */

tend_status workspace_take_own_clock(tend_workspace *workspace, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    const char *text = NULL;
    tend_civil civil;
    bool has_zone;
    tend_status status = arena ? tend_store_meta_get(workspace->store, arena, OWN_CLOCK, &text, reterr)
                               : tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read the clock", workspace->folder);

    workspace->own_now = TEND_NO_TIME;
    if (status == TEND_ENOTFOUND)
        status = TEND_OK;
    else if (status >= 0 && tend_civil_parse(text, strlen(text), &civil, &has_zone) >= 0)
        workspace->own_now = tend_time_of_utc(&civil);
    else if (status >= 0)
        status = tend_fail(reterr, TEND_ECORRUPT, "%s: the clock of this simulated workspace reads '%s'; restore a backup",
                           workspace->folder, text);
    if (workspace->own_now != TEND_NO_TIME)
        workspace->clock = tend_clock_by_hand(&workspace->own_now);
    tend_arena_free(arena);
    return status;
}

bool tend_workspace_has_own_clock(const tend_workspace *workspace)
{
    return workspace->own_now != TEND_NO_TIME;
}

static tend_status keep_clock(tend_workspace *workspace, tend_time at, tend_error *reterr)
{
    char text[TEND_TIME_ROOM];
    tend_status status = tend_store_begin(workspace->store, reterr);

    if (status < 0)
        return status;
    status = tend_store_meta_set(workspace->store, OWN_CLOCK, tend_time_format(at, text), reterr);
    if (status >= 0 && !tend_store_is_simulated(workspace->store))
        status = tend_store_mark_simulated(workspace->store, reterr);
    if (status >= 0)
        status = tend_store_commit(workspace->store, reterr);
    else
        tend_store_rollback(workspace->store);
    return status;
}

tend_status tend_workspace_make_simulated(tend_workspace *workspace, tend_time at, tend_error *reterr)
{
    tend_status status = keep_clock(workspace, at, reterr);

    if (status >= 0) {
        workspace->own_now = at;
        workspace->clock = tend_clock_by_hand(&workspace->own_now);
    }
    return status;
}

tend_status tend_workspace_move_clock(tend_workspace *workspace, tend_time at, tend_error *reterr)
{
    tend_status status;

    if (!tend_workspace_has_own_clock(workspace))
        return tend_fail(reterr, TEND_EINVAL,
                         "%s: this workspace is live, and nobody moves its clock; tend init --simulated makes "
                         "one with a clock of its own",
                         workspace->folder);
    if (at < workspace->own_now)
        return tend_fail(reterr, TEND_EINVAL, "%s: the clock of a simulated workspace does not go back; name a later day",
                         workspace->folder);
    status = keep_clock(workspace, at, reterr);
    if (status >= 0)
        workspace->own_now = at;
    return status;
}
