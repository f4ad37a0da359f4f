/* workspace_parts.c: what a workspace has, opened when it is first asked for. */
#include "base/file.h"
#include "engine/data.h"
#include "engine/quarantine.h"
#include "engine/workspace_inside.h"
#include <string.h>

void tend_workspace_set_attend(tend_workspace *workspace, bool (*attend)(void *self, bool is_busy), void *self)
{
    workspace->attend = attend;
    workspace->attend_self = self;
}

bool tend_workspace_attend(void *self, bool is_busy)
{
    tend_workspace *workspace = self;

    return workspace->attend && workspace->attend(workspace->attend_self, is_busy);
}

static tend_status count_rates(tend_workspace *workspace, int64_t *ret_seen, tend_error *reterr)
{
    return tend_store_number(workspace->store, "SELECT coalesce(max(id), 0) FROM rates", 0, ret_seen, reterr);
}

tend_status tend_workspace_rates(tend_workspace *workspace, const tend_rates **ret_rates, tend_error *reterr)
{
    tend_world world = tend_world_live(workspace->model);
    tend_rates *rates = NULL;
    int64_t seen;
    tend_status status = count_rates(workspace, &seen, reterr);

    if (status >= 0 && (!workspace->rates || seen != workspace->rates_seen)) {
        status = tend_rates_load(&world, &rates, reterr);
        if (status >= 0)
            status = tend_filter_define(workspace->store, rates, reterr);
        if (status >= 0) {
            tend_rates_free(workspace->rates);
            workspace->rates = rates;
            workspace->rates_seen = seen;
            rates = NULL;
        }
        tend_rates_free(rates);
    }
    if (status >= 0)
        *ret_rates = workspace->rates;
    return status;
}

bool tend_workspace_is_safe(const tend_workspace *workspace)
{
    return workspace->is_safe;
}

tend_status tend_workspace_plugins(tend_workspace *workspace, tend_plugins **ret_plugins, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (!workspace->plugins) {
        status = tend_plugins_open(tend_workspace_config(workspace), workspace->clock, &workspace->plugins, reterr);
        if (status >= 0 && workspace->store)
            status = tend_quarantine_recall(workspace->store, workspace->plugins, reterr);
        if (status >= 0 && workspace->is_safe)
            tend_plugins_hold(workspace->plugins);
    }
    if (status >= 0)
        *ret_plugins = workspace->plugins;
    return status;
}

static tend_status keep_columns(tend_workspace *workspace, tend_error *reterr)
{
    char folder[PATH_MAX];
    tend_status status = tend_path_join(workspace->folder, TEND_COLUMNS_FOLDER, folder, sizeof folder, reterr);

    if (status >= 0 && tend_config_bool(tend_workspace_config(workspace), "kpi", NULL, "keep_columns"))
        return tend_kpis_keep_columns(workspace->kpis, folder, TEND_COLUMNS_LEAST, reterr);
    if (status >= 0)
        tend_cache_remove(folder);
    return status;
}

tend_status tend_workspace_kpis(tend_workspace *workspace, tend_kpis **ret_kpis, tend_error *reterr)
{
    tend_plugins *plugins;
    tend_status status = tend_workspace_plugins(workspace, &plugins, reterr);

    if (status >= 0 && !workspace->kpis) {
        status = tend_kpis_open(tend_workspace_config(workspace), plugins, workspace->schema, &workspace->kpis, reterr);
        if (status >= 0 && !workspace->lent_config) /* a private copy has no files of its own */
            status = keep_columns(workspace, reterr);
    }
    if (status >= 0 && !tend_config_has(tend_workspace_config(workspace), "kpi", NULL, "report_currency"))
        tend_kpis_set_currency(workspace->kpis, tend_config_text(tend_workspace_config(workspace), "tend", NULL, "currency"));
    if (status >= 0)
        *ret_kpis = workspace->kpis;
    return status;
}

static void write_line(void *self, const char *line)
{
    (void)fprintf(self, "%s\n", line);
}

tend_status tend_workspace_pricing(tend_workspace *workspace, FILE *faults, tend_pricing **ret_pricing, tend_error *reterr)
{
    tend_plugins *plugins;
    tend_status status = tend_workspace_plugins(workspace, &plugins, reterr);

    if (status >= 0 && !workspace->pricing)
        status = tend_pricing_open(tend_workspace_config(workspace), plugins, workspace->schema, workspace->segments,
                                   faults ? write_line : NULL, faults, &workspace->pricing, reterr);
    if (status == TEND_EINVAL && faults)
        status = workspace_not_understood(workspace, reterr);
    if (status >= 0)
        *ret_pricing = workspace->pricing;
    return status;
}

tend_status tend_workspace_scripts(const tend_workspace *workspace, char *ret_folders, size_t room, tend_error *reterr)
{
    char shipped[PATH_MAX];
    tend_status status = tend_data_path(".", shipped, sizeof shipped, reterr);

    if (status >= 0 && snprintf(ret_folders, room, "%s:%s", workspace->folder, shipped) >= (int)room)
        status = tend_fail(reterr, TEND_EINVAL, "%s: the path is too long", workspace->folder);
    return status;
}

tend_status tend_workspace_playbooks(tend_workspace *workspace, tend_playbooks **ret_playbooks, tend_error *reterr)
{
    char scripts[PATH_MAX * 2];
    tend_playbook_options options = { .scripts = scripts, .zone = workspace->zone, .send = tend_outbox_add };
    const tend_config *config = tend_workspace_config(workspace);
    const tend_rates *rates;
    tend_status status = TEND_OK;

    options.language = tend_config_text(config, "tend", NULL, "language");
    if (!workspace->playbooks)
        status = tend_workspace_scripts(workspace, scripts, sizeof scripts, reterr);
    if (status >= 0 && !workspace->playbooks) /* conditions in what scripts count are asked in SQL */
        status = tend_workspace_rates(workspace, &rates, reterr);
    if (status >= 0 && !workspace->playbooks)
        status = tend_playbooks_open(config, workspace->model, workspace->segments, &options, NULL, &workspace->playbooks, reterr);
    if (status >= 0)
        *ret_playbooks = workspace->playbooks;
    return status;
}

tend_status tend_workspace_outbox(tend_workspace *workspace, tend_outbox **ret_outbox, tend_error *reterr)
{
    tend_plugins *plugins;
    tend_status status = tend_workspace_plugins(workspace, &plugins, reterr);

    if (status >= 0 && !workspace->outbox)
        status = tend_outbox_open(workspace->model, plugins, tend_workspace_config(workspace), &workspace->outbox, reterr);
    if (status >= 0)
        *ret_outbox = workspace->outbox;
    return status;
}

const tend_scorecard *tend_workspace_scorecard(const tend_workspace *workspace)
{
    return workspace->card;
}

tend_status tend_workspace_mapping(const tend_workspace *workspace, const char *name, const char *from, char *ret_path, size_t room,
                                   tend_error *reterr)
{
    char path[PATH_MAX + NAME_MAX];

    if (strchr(name, '/') || strstr(name, ".ini")) {
        (void)snprintf(ret_path, room, "%s%s%s", *name == '/' ? "" : from, *name == '/' ? "" : "/", name);
        return tend_file_exists(ret_path) ? TEND_OK : tend_fail(reterr, TEND_ENOTFOUND, "%s: no such mapping file", ret_path);
    }
    (void)snprintf(path, sizeof path, "%s/mappings/%s.ini", workspace->folder, name);
    if (tend_file_exists(path)) {
        (void)snprintf(ret_path, room, "%s", path);
        return TEND_OK;
    }
    (void)snprintf(path, sizeof path, "mappings/%s.ini", name);
    if (tend_data_path(path, ret_path, room, NULL) == TEND_OK)
        return TEND_OK;
    return tend_fail(reterr, TEND_ENOTFOUND,
                     "--mapping: there is no mapping '%s' in %s/mappings nor among those that came with tend; make "
                     "one with tend mapping new FILE",
                     name, workspace->folder);
}
