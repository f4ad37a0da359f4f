/* sources.c: the configured sources of a workspace. */
#include "engine/sources.h"
#include "base/log.h"
#include <stdio.h>

enum { PATH_ROOM = 4096 };

/* Where this workspace keeps what an import needs. A simulated store writes no rejects. */
static tend_status folders(tend_workspace *workspace, tend_arena *arena, tend_import_options *options, tend_error *reterr)
{
    char *spool = tend_arena_take(arena, PATH_ROOM), *rejects = tend_arena_take(arena, PATH_ROOM);
    tend_status status;

    if (!spool || !rejects)
        return tend_fail(reterr, TEND_ENOMEM, "sync: no memory for the names of folders");
    status = tend_workspace_subfolder(workspace, "spool", spool, PATH_ROOM, reterr);
    options->spool_folder = spool;
    if (status >= 0 && !tend_store_is_simulated(tend_workspace_store(workspace))) {
        status = tend_workspace_subfolder(workspace, "rejects", rejects, PATH_ROOM, reterr);
        options->reject_folder = rejects;
    }
    return status;
}

tend_status tend_workspace_sync(tend_workspace *workspace, const char *name, const tend_principal *principal, bool is_anew,
                                tend_arena *arena, const tend_import_report **ret_report, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    tend_import_options options = {
        .principal = principal, .is_anew = is_anew, .attend = tend_workspace_attend, .attend_self = workspace
    };
    tend_mapping *mapping = NULL;
    tend_plugins *plugins;
    char path[PATH_ROOM];
    tend_status status;

    if (tend_workspace_has_own_clock(workspace))
        return tend_fail(reterr, TEND_EINVAL,
                         "[source.%s]: this workspace is simulated, so that no source is asked; import files by hand, or sync a "
                         "live workspace",
                         name);
    status = tend_workspace_mapping(workspace, tend_sync_mapping(config, name), tend_workspace_folder(workspace), path, sizeof path,
                                    reterr);
    if (status >= 0)
        status = tend_mapping_load(path, tend_workspace_schema(workspace), NULL, &mapping, reterr);
    if (status >= 0)
        status = tend_workspace_plugins(workspace, &plugins, reterr);
    if (status >= 0)
        status = folders(workspace, arena, &options, reterr);
    if (status >= 0)
        status = tend_sync(tend_workspace_model(workspace), plugins, config, name, mapping, &options, arena, ret_report, reterr);
    tend_mapping_free(mapping);
    return status;
}

tend_status tend_workspace_sync_next(tend_workspace *workspace, tend_time *ret_at, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    tend_store *store = tend_workspace_store(workspace);
    tend_time now = tend_clock_now(tend_workspace_clock(workspace));
    tend_status status = TEND_OK;
    const char *name;

    *ret_at = TEND_NO_TIME;
    for (size_t i = 0; status >= 0 && !tend_store_is_simulated(store) && !tend_workspace_has_own_clock(workspace) &&
                       (name = tend_sync_source(config, i));
         i++) {
        tend_time at = TEND_NO_TIME;

        status = tend_sync_next(store, config, name, now, &at, reterr);
        if (status >= 0 && at > now && (*ret_at == TEND_NO_TIME || at < *ret_at)) /* what is due already was tried just now */
            *ret_at = at;
    }
    return status;
}

tend_status tend_workspace_sync_due(tend_workspace *workspace, int64_t *ret_synced, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    tend_store *store = tend_workspace_store(workspace);
    tend_arena *arena = tend_arena_new();
    tend_status status = arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "sync: no memory");

    *ret_synced = 0;
    for (size_t i = 0; status >= 0 && !tend_store_is_simulated(store); i++) {
        const char *name = tend_sync_source(config, i);
        const tend_import_report *report;
        tend_principal principal;
        tend_error error = { 0 };
        char who[64];
        bool is_due = false, is_tried = true;

        if (!name)
            break;
        status = tend_sync_is_due(store, config, name, tend_clock_now(tend_workspace_clock(workspace)), &is_due, reterr);
        if (status < 0 || !is_due)
            continue;
        (void)snprintf(who, sizeof who, "source:%s", name);
        principal = tend_principal_named(TEND_PRINCIPAL_SOURCE, who);
        status = tend_workspace_sync(workspace, name, &principal, false, arena, &report, &error);
        if (status == TEND_ECLOSED) {
            tend_log(TEND_LOG_INFO, "sync", "broken off; it goes on when the engine is back", "source", name, NULL);
            break;
        }
        if (status < 0) {
            tend_log(TEND_LOG_ERROR, "sync", "a source could not be read", "source", name, "reason", error.text, NULL);
            /* What did not come as far as a try, such as a faulty mapping, is due as before: that is no work done. */
            status = tend_sync_is_due(store, config, name, tend_clock_now(tend_workspace_clock(workspace)), &is_due, reterr);
            is_tried = status < 0 || !is_due;
        } else if (report->rejected > 0)
            tend_log(TEND_LOG_WARN, "sync", "records were rejected; see tend rejects list", "source", name, "rejected",
                     tend_logf("%lld", (long long)report->rejected), "read", tend_logf("%lld", (long long)report->read), NULL);
        else
            tend_log(TEND_LOG_INFO, "sync", "done", "source", name, "read", tend_logf("%lld", (long long)report->read), "created",
                     tend_logf("%lld", (long long)report->created), "updated", tend_logf("%lld", (long long)report->updated),
                     "rejected", tend_logf("%lld", (long long)report->rejected), NULL);
        status = TEND_OK; /* the other sources are not to blame */
        *ret_synced += is_tried;
        tend_arena_reset(arena);
    }
    tend_arena_free(arena);
    return status == TEND_ECLOSED ? TEND_OK : status;
}

static void told(void *self, const tend_import_report *report)
{
    (void)self;
    tend_log(TEND_LOG_INFO, "sync", "an import that was cut off is ended", "source", report->source, "read",
             tend_logf("%lld", (long long)report->read), "created", tend_logf("%lld", (long long)report->created), NULL);
}

tend_status tend_workspace_finish_imports(tend_workspace *workspace, tend_error *reterr)
{
    tend_principal engine = tend_principal_administrator();
    tend_import_options options = { .principal = &engine, .attend = tend_workspace_attend, .attend_self = workspace };
    tend_arena *arena = tend_arena_new();
    tend_status status = arena ? folders(workspace, arena, &options, reterr) : tend_fail(reterr, TEND_ENOMEM, "sync: no memory");

    (void)snprintf(engine.name, sizeof engine.name, "engine");
    if (status >= 0 && !tend_store_is_simulated(tend_workspace_store(workspace)))
        status = tend_import_finish(tend_workspace_model(workspace), &options, arena, told, NULL, reterr);
    tend_arena_free(arena);
    return status;
}
