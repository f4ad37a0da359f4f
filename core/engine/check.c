/* check.c: what the sections of tend.ini name has to be there. */
#include "engine/check.h"
#include "base/near.h"
#include "sync/source.h"

enum { PATH_ROOM = 4096, NAMES = 64 };

typedef struct tend_check {
    tend_workspace *workspace;
    const tend_config *config;
    FILE *faults;
    int count;
    tend_error first;
} tend_check;

/* At the place where the key is written, or where its section's first key is. */
TEND_PRINTF(5, 6)
static void fault(tend_check *check, const char *section, const char *instance, const char *key, const char *format, ...)
{
    const char *file = NULL, *any_key, *any_value;
    unsigned line = 0;
    char sentence[700];
    tend_error error;
    va_list arguments;

    tend_config_origin(check->config, section, instance, key, &file, &line);
    if (!file)
        (void)tend_config_key(check->config, section, instance, 0, &any_key, &any_value, &file, &line);
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    (void)tend_fail(&error, TEND_EINVAL, "%s:%u: [%s.%s] %s: %s", file ? file : "tend.ini", line, section, instance, key, sentence);
    if (check->faults)
        fprintf(check->faults, "%s\n", error.text);
    if (check->count++ == 0)
        check->first = error;
}

static void check_plugin(tend_check *check, const char *source, const tend_plugins *plugins)
{
    const char *wanted = tend_config_text(check->config, "source", source, "plugin"), *names[NAMES + 1], *near;
    const tend_plugin_info *info = tend_plugins_find(plugins, wanted);
    int count = 0;

    if (info && info->is_usable)
        return;
    if (info) {
        fault(check, "source", source, "plugin", "%s cannot be used: %s", wanted, info->why_not);
        return;
    }
    for (size_t i = 0; count < NAMES && (info = tend_plugins_info(plugins, i)); i++)
        if (info->name && (info->provides & TEND_PROVIDES_CONNECTOR))
            names[count++] = info->name;
    names[count] = NULL;
    near = tend_near(wanted, names);
    if (near)
        fault(check, "source", source, "plugin", "there is no plugin %s; did you mean %s?", wanted, near);
    else
        fault(check, "source", source, "plugin", "there is no plugin %s; tend plugin list shows what there is", wanted);
}

static void check_mapping(tend_check *check, const char *source)
{
    const char *wanted = tend_sync_mapping(check->config, source);
    char path[PATH_ROOM];
    tend_mapping *mapping = NULL;
    tend_error error = { 0 };

    if (tend_workspace_mapping(check->workspace, wanted, tend_workspace_folder(check->workspace), path, sizeof path, &error) < 0)
        fault(check, "source", source, "mapping", "there is no mapping %s; make one with tend mapping new FILE", wanted);
    else if (tend_mapping_load(path, tend_workspace_schema(check->workspace), NULL, &mapping, &error) < 0)
        fault(check, "source", source, "mapping", "%s", error.text);
    tend_mapping_free(mapping);
}

static void check_playbook(tend_check *check, const char *name, const char *scripts)
{
    char path[PATH_ROOM];
    tend_error error = { 0 };

    if (tend_config_bool(check->config, "playbook", name, "enabled") &&
        tend_playbook_find(scripts, name, path, sizeof path, &error) < 0)
        fault(check, "playbook", name, "enabled", "there is no script %s.lua below playbooks/; write it, or take the section away",
              name);
}

tend_status tend_workspace_check_parts(tend_workspace *workspace, FILE *faults, tend_error *reterr)
{
    tend_check check = { .workspace = workspace, .config = tend_workspace_config(workspace), .faults = faults };
    tend_plugins *plugins;
    char scripts[2 * PATH_ROOM];
    const char *name;
    tend_status status = tend_workspace_plugins(workspace, &plugins, reterr);

    if (status >= 0)
        status = tend_workspace_scripts(workspace, scripts, sizeof scripts, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; (name = tend_sync_source(check.config, i)); i++)
        if (tend_config_bool(check.config, "source", name, "enabled")) {
            check_plugin(&check, name, plugins);
            check_mapping(&check, name);
        }
    for (size_t i = 0; (name = tend_config_instance(check.config, "playbook", i)); i++)
        check_playbook(&check, name, scripts);
    if (check.count == 0)
        return TEND_OK;
    if (reterr)
        *reterr = check.first;
    return faults ? tend_fail(reterr, TEND_EINVAL, "%s: %d faults in what the configuration names, see above",
                              tend_workspace_folder(workspace), check.count)
                  : TEND_EINVAL;
}
