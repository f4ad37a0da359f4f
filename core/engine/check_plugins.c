/* check_plugins.c: [plugin.NAME]: that there is such a plugin, and that somebody reads its keys. */
#include "base/near.h"
#include "engine/checking.h"

enum { NAMES = 64 };

static void tell_missing(tend_check *check, const tend_plugins *plugins)
{
    const char *names[NAMES + 1], *near;
    const tend_plugin_info *info;
    size_t count = 0;

    for (size_t i = 0; count < NAMES && (info = tend_plugins_info(plugins, i)); i++)
        if (info->state != TEND_PLUGIN_MISSING)
            names[count++] = info->name;
    names[count] = NULL;
    near = tend_near(check->instance, names);
    if (near)
        tend_check_fault(check, NULL, "there is no plugin %s; did you mean [plugin.%s]?", check->instance, near);
    else
        tend_check_fault(check, NULL, "there is no plugin %s; tend plugin list shows what there is", check->instance);
}

/* Of a plugin that gets no settings there. */
static void check_keys(tend_check *check)
{
    const char *key, *value, *file, *near;
    unsigned line;

    for (size_t i = 0; tend_config_key(check->config, "plugin", check->instance, i, &key, &value, &file, &line); i++) {
        if (tend_section_setting(check->table, key))
            continue;
        near = tend_section_near(check->table, key);
        if (near)
            tend_check_fault(check, key, "no such setting; did you mean %s?", near);
        else
            tend_check_fault(check, key, "%s", TEND_PLUGIN_STRANGE_KEY);
    }
}

static tend_status check_one(tend_check *check, tend_plugins *plugins, tend_error *reterr)
{
    const tend_plugin_info *info = tend_plugins_find(plugins, check->instance);

    if (!info || info->state == TEND_PLUGIN_MISSING) {
        tell_missing(check, plugins);
        return TEND_OK;
    }
    if (!(info->provides & TEND_PROVIDES_KPI))
        check_keys(check);
    else if (info->is_usable && !tend_config_is_broken(check->config, "plugin", check->instance))
        return tend_check_given(check, plugins, info->name, check->table, TEND_KPI, NULL, reterr);
    return TEND_OK;
}

tend_status tend_check_plugins(tend_check *check, tend_plugins *plugins, tend_error *reterr)
{
    tend_error why = { 0 };
    tend_status status = TEND_OK;

    check->section = "plugin";
    check->table = &tend_plugins_sections[1];
    for (size_t i = 0; status >= 0 && (check->instance = tend_config_instance(check->config, "plugin", i)); i++)
        status = tend_check_go_on(check, check_one(check, plugins, &why), &why, reterr);
    return status;
}
