#include "engine/safe.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/log.h"
#include "engine/workspace_inside.h"
#include <stdlib.h>
#include <string.h>

/* Small settings of the store. */
static const char starts_setting[] = "engine.starts"; /* "1772446504131 1772446509000": of those that have not ended well */
static const char safe_setting[] = "engine.safe";     /* why, as a sentence: core/query/needs.c reads it, too; "": no safe mode */

enum { STARTS_KEPT = 100, STARTS_ROOM = STARTS_KEPT * 21 + 1 };

typedef struct unclean_starts {
    tend_time at[STARTS_KEPT]; /* the newest last */
    unsigned count;
} unclean_starts;

/* Owned by the arena; "" when it was never set. */
static tend_status read_setting(tend_store *store, tend_arena *arena, const char *name, const char **ret_text, tend_error *reterr)
{
    tend_status status = tend_store_meta_get(store, arena, name, ret_text, reterr);

    if (status == TEND_ENOTFOUND || (status >= 0 && !*ret_text)) {
        *ret_text = "";
        status = TEND_OK;
    }
    return status;
}

static tend_status write_setting(tend_store *store, const char *name, const char *text, tend_error *reterr)
{
    tend_status status = tend_store_begin(store, reterr);

    if (status < 0)
        return status;
    status = tend_store_meta_set(store, name, text, reterr);
    if (status >= 0)
        return tend_store_commit(store, reterr);
    tend_store_rollback(store);
    return status;
}

/* Those within the window, and room for one more. */
static void read_starts(const char *text, tend_time after, unclean_starts *ret_starts)
{
    unclean_starts found = { .count = 0 };

    for (const char *at = text; *at;) {
        char *end;
        const tend_time start = strtoll(at, &end, 10);

        if (end == at)
            break;
        at = end;
        if (start < after)
            continue;
        if (found.count == STARTS_KEPT - 1)
            memmove(found.at, found.at + 1, --found.count * sizeof *found.at);
        found.at[found.count++] = start;
    }
    *ret_starts = found;
}

static tend_status write_starts(tend_store *store, const unclean_starts *starts, tend_error *reterr)
{
    char text[STARTS_ROOM] = "";
    size_t length = 0;

    for (unsigned i = 0; i < starts->count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s%lld", i > 0 ? " " : "", (long long)starts->at[i]);
    return write_setting(store, starts_setting, text, reterr);
}

static void enter(tend_workspace *workspace, const char *why)
{
    workspace->is_safe = true;
    tend_log(TEND_LOG_ERROR, "serve", "safe mode", "why", why, "then",
             "let it read its configuration again (SIGHUP) or start it with tend serve --normal", NULL);
}

tend_status tend_safe_begin(tend_workspace *workspace, bool is_normal, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    const int64_t limit = tend_config_int(config, "daemon", NULL, "safe_after");
    const int64_t within = tend_config_int(config, "daemon", NULL, "safe_within");
    const tend_time now = tend_clock_now(&workspace->clock);
    tend_arena *arena = tend_arena_new();
    const char *safe = "", *noted = "";
    char since[TEND_TIME_ROOM], why[300];
    unclean_starts starts;
    tend_status status = arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "safe mode: no memory to look at it");

    if (status >= 0 && is_normal)
        status = tend_safe_leave(workspace, reterr);
    if (status >= 0)
        status = read_setting(workspace->store, arena, safe_setting, &safe, reterr);
    if (status >= 0)
        status = read_setting(workspace->store, arena, starts_setting, &noted, reterr);
    if (status < 0)
        goto out;
    if (*safe) { /* already; what it does now is not what crashed */
        enter(workspace, safe);
        goto out;
    }
    read_starts(noted, now - within, &starts);
    if (limit > 0 && starts.count >= limit) {
        (void)snprintf(why, sizeof why,
                       "safe mode since %s: the engine started %u times within %lld min and never ended as it should, so it starts "
                       "no plugin and no playbook and leaves what is due",
                       tend_time_format(now, since), starts.count, (long long)(within + 59999) / 60000);
        status = write_setting(workspace->store, safe_setting, why, reterr);
        if (status >= 0)
            enter(workspace, why);
    } else {
        starts.at[starts.count++] = now;
        status = write_starts(workspace->store, &starts, reterr);
    }
out:
    tend_arena_free(arena);
    return status;
}

tend_status tend_safe_end(tend_workspace *workspace, tend_error *reterr)
{
    return workspace->is_safe ? TEND_OK : write_setting(workspace->store, starts_setting, "", reterr);
}

tend_status tend_safe_leave(tend_workspace *workspace, tend_error *reterr)
{
    tend_status status = write_setting(workspace->store, safe_setting, "", reterr);

    if (status >= 0)
        status = write_setting(workspace->store, starts_setting, "", reterr);
    if (status < 0)
        return status;
    if (workspace->is_safe)
        tend_log(TEND_LOG_INFO, "serve", "safe mode has ended", NULL);
    workspace->is_safe = false;
    return TEND_OK;
}

tend_status tend_safe_resume(tend_workspace *workspace, tend_error *reterr)
{
    tend_status status = tend_safe_leave(workspace, reterr);

    return status < 0 ? status : tend_safe_begin(workspace, false, reterr);
}
