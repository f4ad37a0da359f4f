#include "engine/absent.h"

#include "base/arena.h"
#include <stdlib.h>
#include <string.h>

typedef struct look_around {
    tend_workspace *workspace;
    const tend_config *config;
    tend_store *store;
    tend_plugins *plugins;
    tend_arena *arena;
    tend_status (*found)(void *self, const tend_absent *absent, tend_error *reterr);
    void *self;
    tend_error *reterr;
} look_around;

static tend_status say(const look_around *look, const char *kind, const char *name, const char *state, const char *why)
{
    const tend_absent absent = { kind, name, state, why };

    if (!state || !why)
        return tend_fail(look->reterr, TEND_ENOMEM, "status: memory is used up");
    return look->found(look->self, &absent, look->reterr);
}

static tend_status look_at_plugins(const look_around *look)
{
    const tend_plugin_info *info;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && (info = tend_plugins_info(look->plugins, i)); i++)
        if (!info->is_usable && info->state != TEND_PLUGIN_SHADOWED) /* that one is there, only not this copy of it */
            status = say(look, "plugin", info->name, tend_plugin_state_name(info->state), info->why_not);
    return status;
}

/* Its own switch, then its plugin. *ret_is_absent: it was told. */
static tend_status look_at_section(const look_around *look, const char *kind, const char *name, bool has_switch,
                                   bool *ret_is_absent)
{
    const char *plugin = tend_config_text(look->config, kind, name, "plugin");
    const tend_plugin_info *info = plugin ? tend_plugins_find(look->plugins, plugin) : NULL;

    *ret_is_absent = true;
    if (has_switch && !tend_config_bool(look->config, kind, name, "enabled"))
        return say(look, kind, name, "switched_off", tend_arena_print(look->arena, "[%s.%s] enabled = no", kind, name));
    if (!info)
        return say(look, kind, name, "plugin_missing",
                   tend_arena_print(look->arena, "its plugin %s is not installed; tend plugin list shows those that are",
                                    plugin ? plugin : ""));
    if (!info->is_usable)
        return say(look, kind, name, tend_arena_print(look->arena, "plugin_%s", tend_plugin_state_name(info->state)),
                   tend_arena_print(look->arena, "plugin %s: %s", plugin, info->why_not));
    *ret_is_absent = false;
    return TEND_OK;
}

/* The first column of the row of `name`; NULL: there is none. */
static tend_status ask(const look_around *look, const char *table, const char *sql, const char *name, const char **ret_text)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    *ret_text = NULL;
    if (!tend_store_has_table(look->store, table))
        return TEND_OK;
    status = tend_store_prepare(look->store, sql, &statement, look->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, name);
    status = tend_statement_step(statement, &has_row, look->reterr);
    if (status >= 0 && has_row) {
        *ret_text = tend_arena_string(look->arena, tend_statement_text(statement, 0, NULL));
        if (!*ret_text)
            status = tend_fail(look->reterr, TEND_ENOMEM, "status: memory is used up");
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status look_at_sources(const look_around *look)
{
    const char *name;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && (name = tend_config_instance(look->config, "source", i)); i++) {
        const char *why = NULL;
        bool is_absent;

        status = look_at_section(look, "source", name, true, &is_absent);
        if (status < 0 || is_absent)
            continue;
        status = ask(look, "syncs",
                     "SELECT CASE WHEN is_good THEN '' ELSE coalesce(why, 'no reason was given') END FROM syncs WHERE source = ?1",
                     name, &why);
        if (status >= 0 && !why)
            status = say(look, "source", name, "not_read_yet",
                         tend_arena_print(look->arena, "nobody has read it yet; tend sync %s does", name));
        else if (status >= 0 && *why)
            status = say(look, "source", name, "failed", why);
    }
    return status;
}

static tend_status look_at_sinks(const look_around *look)
{
    const char *name;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && (name = tend_config_instance(look->config, "sink", i)); i++) {
        const char *why = NULL;
        bool is_absent;

        status = look_at_section(look, "sink", name, false, &is_absent);
        if (status < 0 || is_absent)
            continue;
        status = ask(look, "sinks_stopped", "SELECT why FROM sinks_stopped WHERE sink = ?1", name, &why);
        if (status >= 0 && why)
            status = say(look, "sink", name, "stopped", why);
    }
    return status;
}

static tend_status look_at_prices(const look_around *look)
{
    const char *name;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && (name = tend_config_instance(look->config, "price", i)); i++) {
        bool is_absent;

        status = look_at_section(look, "price", name, true, &is_absent);
    }
    return status;
}

static tend_status look_at_playbooks(const look_around *look)
{
    const char *name;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && (name = tend_config_instance(look->config, "playbook", i)); i++) {
        const char *fault = NULL, *known = NULL;

        if (!tend_config_bool(look->config, "playbook", name, "enabled")) {
            status = say(look, "playbook", name, "switched_off", tend_arena_print(look->arena, "[playbook.%s] enabled = no", name));
            continue;
        }
        status = ask(look, "playbook_faults", "SELECT is_left_out || why FROM playbook_faults WHERE name = ?1", name, &fault);
        if (status >= 0 && fault)
            status = say(look, "playbook", name, *fault == '1' ? "left_out" : "works_on", fault + 1);
        if (status >= 0 && !fault)
            status = ask(look, "playbooks", "SELECT name FROM playbooks WHERE name = ?1", name, &known);
        if (status >= 0 && !fault && !known)
            status = say(look, "playbook", name, "not_read_yet", "the engine has not read it yet; tend once or tend serve does");
    }
    return status;
}

tend_status tend_workspace_absent(tend_workspace *workspace,
                                  tend_status (*found)(void *self, const tend_absent *absent, tend_error *reterr), void *self,
                                  tend_error *reterr)
{
    static tend_status (*const looks[])(const look_around *look) = { look_at_plugins, look_at_sources, look_at_sinks,
                                                                     look_at_prices, look_at_playbooks };
    look_around look = { .workspace = workspace,
                         .config = tend_workspace_config(workspace),
                         .store = tend_workspace_store(workspace),
                         .arena = tend_arena_new(),
                         .found = found,
                         .self = self,
                         .reterr = reterr };
    tend_status status = look.arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "status: memory is used up");

    if (status >= 0)
        status = tend_workspace_plugins(workspace, &look.plugins, reterr);
    for (size_t i = 0; status >= 0 && i < sizeof looks / sizeof *looks; i++)
        status = looks[i](&look);
    tend_arena_free(look.arena);
    return status;
}
