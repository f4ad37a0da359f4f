#include "engine/quarantine.h"

#include "base/arena.h"
#include <stdio.h>

enum { NAME_ROOM = 120 };

/* A small setting of the store for each plugin that ever crashed. */
static const char *setting_of(const char *plugin, char buffer[static NAME_ROOM])
{
    (void)snprintf(buffer, NAME_ROOM, "plugin.crashes.%.60s", plugin);
    return buffer;
}

tend_status tend_quarantine_recall(tend_store *store, tend_plugins *plugins, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    const tend_plugin_info *info;
    char name[NAME_ROOM];
    tend_status status = arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for their crashes");

    for (size_t i = 0; status >= 0 && (info = tend_plugins_info(plugins, i)); i++) {
        const char *record = NULL;

        status = tend_store_meta_get(store, arena, setting_of(info->name, name), &record, reterr);
        if (status >= 0 && record)
            tend_plugins_recall(plugins, info->name, record);
        if (status == TEND_ENOTFOUND) /* it never crashed */
            status = TEND_OK;
    }
    tend_arena_free(arena);
    return status;
}

tend_status tend_quarantine_keep(tend_store *store, tend_plugins *plugins, tend_error *reterr)
{
    char record[TEND_PLUGIN_RECORD_ROOM], name[NAME_ROOM];
    bool has_begun = false;
    tend_status status = TEND_OK;

    if (!tend_store_can_write(store) || tend_store_in_transaction(store))
        return TEND_OK;
    for (size_t i = 0; status >= 0 && tend_plugins_info(plugins, i); i++) {
        if (!tend_plugins_record(plugins, i, record))
            continue;
        if (!has_begun)
            status = tend_store_begin(store, reterr);
        has_begun = status >= 0;
        if (status >= 0)
            status = tend_store_meta_set(store, setting_of(tend_plugins_info(plugins, i)->name, name), record, reterr);
    }
    if (has_begun && status >= 0)
        return tend_store_commit(store, reterr);
    if (has_begun)
        tend_store_rollback(store);
    return status;
}

tend_status tend_quarantine_release(tend_workspace *workspace, const char *name, tend_error *reterr)
{
    tend_plugins *plugins;
    tend_status status = tend_workspace_plugins(workspace, &plugins, reterr);

    if (status >= 0)
        status = tend_plugins_release(plugins, name, reterr);
    return status < 0 ? status : tend_quarantine_keep(tend_workspace_store(workspace), plugins, reterr);
}
