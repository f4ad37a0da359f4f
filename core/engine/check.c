/* check.c: what the sections of tend.ini name has to be there, and what they hand on has to be understood. */
#include "engine/check.h"
#include "base/near.h"
#include "engine/checking.h"
#include "sync/source.h"
#include <string.h>

enum { PATH_ROOM = 4096, NAMES = 64 };

void tend_check_tell(tend_check *check, const char *line)
{
    if (check->tell)
        check->tell(check->self, line);
    if (check->count++ == 0)
        (void)tend_fail(&check->first, TEND_EINVAL, "%s", line);
}

void tend_check_fault(tend_check *check, const char *key, const char *format, ...)
{
    const char *file = NULL;
    unsigned line = 0;
    char sentence[700];
    va_list arguments;
    tend_error error;

    if (key)
        tend_config_origin(check->config, check->section, check->instance, key, &file, &line);
    if (!file)
        tend_config_where(check->config, check->section, check->instance, &file, &line);
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    (void)tend_fail(&error, TEND_EINVAL, "%s:%u: [%s%s%s]%s%s: %s", file ? file : "tend.ini", line, check->section,
                    check->instance ? "." : "", check->instance ? check->instance : "", key ? " " : "", key ? key : "", sentence);
    tend_check_tell(check, error.text);
}

static const char *wanted_plugin(const tend_check *check)
{
    return tend_config_text(check->config, check->section, check->instance, "plugin");
}

/* Whether there is a plugin that can be asked. */
static bool check_plugin(tend_check *check, const tend_plugins *plugins, uint32_t provides)
{
    const char *wanted = wanted_plugin(check), *names[NAMES + 1], *near;
    const tend_plugin_info *info = tend_plugins_find(plugins, wanted);
    int count = 0;

    if (info && info->is_usable)
        return true;
    if (info) {
        tend_check_fault(check, "plugin", "%s cannot be used: %s", wanted, info->why_not);
        return false;
    }
    for (size_t i = 0; count < NAMES && (info = tend_plugins_info(plugins, i)); i++)
        if (info->name && (info->provides & provides))
            names[count++] = info->name;
    names[count] = NULL;
    near = tend_near(wanted, names);
    if (near)
        tend_check_fault(check, "plugin", "there is no plugin %s; did you mean %s?", wanted, near);
    else
        tend_check_fault(check, "plugin", "there is no plugin %s; tend plugin list shows what there is", wanted);
    return false;
}

/* A key that the plugin does not know may be one of the section's own. */
static void take_setting_fault(void *self, const char *key, const char *reason)
{
    tend_check *check = self;
    bool is_unknown = strncmp(reason, "no such setting", strlen("no such setting")) == 0;
    const char *near = is_unknown && !strstr(reason, "did you mean") ? tend_section_near(check->table, key) : NULL;

    if (near)
        tend_check_fault(check, key, "no such setting; did you mean %s?", near);
    else
        tend_check_fault(check, key, "%s", reason);
}

static void take_capability_fault(void *self, const char *plugin)
{
    tend_check *check = self;
    bool is_source = strcmp(check->section, "source") == 0;
    const char *capability = is_source ? tend_config_text(check->config, "source", check->instance, "capability") : NULL;

    if (capability)
        tend_check_fault(check, "capability", "plugin %s has no connector %s; leave the key out for the one of its name", plugin,
                         capability);
    else
        tend_check_fault(check, "plugin", "%s is no %s; tend plugin list shows those that are", plugin,
                         is_source ? "connector" : "sink");
}

static void take_plugin_fault(void *self, const char *reason)
{
    tend_check *check = self;

    tend_check_fault(check, strcmp(check->section, "plugin") == 0 ? NULL : "plugin", "%s", reason);
}

/* A secret that is put there later, that only the service may read, or that stands in its environment alone, is none of the
 * configuration's; what is there and can be no secret is a fault. */
typedef struct unread_secrets {
    tend_check *check;
    bool is_any;
} unread_secrets;

static void take_unread(void *self, const char *key, tend_status status, const char *why)
{
    unread_secrets *unread = self;
    tend_check *check = unread->check;
    const char *written = tend_config_text(check->config, check->section, check->instance, key);

    bool is_file = strncmp(written, "@file:", 6) == 0;

    unread->is_any = true;
    if (status == TEND_EINVAL || (status == TEND_ENOTFOUND && !is_file && check->looks_around))
        tend_check_fault(check, key, "%s", why);
    else if (status == TEND_ENOTFOUND && check->looks_around)
        tend_check_fault(check, key, "%s; put it there, or name another place", why);
}

tend_status tend_check_given(tend_check *check, tend_plugins *plugins, const char *plugin, const tend_section *table, int32_t kind,
                             const char *capability, tend_error *reterr)
{
    unread_secrets unread = { .check = check };
    const tend_try_faults faults = { take_setting_fault, take_capability_fault, take_plugin_fault, check };
    tend_section_given given;
    tend_status status;

    check->table = table;
    status = tend_section_given_read(check->config, table, check->instance, take_unread, &unread, &given, reterr);

    if (status >= 0)
        status = tend_hosted_try(plugins, plugin, kind, capability, given.given, given.count, !unread.is_any, &faults, reterr);
    if (status >= 0 && (check->looks_around || kind == TEND_SINK))
        status = tend_check_paths(check, plugins, plugin, &given, reterr);
    tend_section_given_clear(&given);
    return status;
}

static void check_mapping(tend_check *check)
{
    const char *wanted = tend_sync_mapping(check->config, check->instance);
    char path[PATH_ROOM];
    tend_mapping *mapping = NULL;
    tend_error error = { 0 };

    if (tend_workspace_mapping(check->workspace, wanted, tend_workspace_folder(check->workspace), path, sizeof path, &error) < 0)
        tend_check_fault(check, "mapping", "there is no mapping %s; make one with tend mapping new FILE", wanted);
    else if (tend_mapping_load(path, tend_workspace_schema(check->workspace), NULL, &mapping, &error) < 0)
        tend_check_fault(check, "mapping", "%s", error.text);
    tend_mapping_free(mapping);
}

/* What is wrong with its lines was said when they were read; a plugin that is not granted what it is meant to have would say more
 * than is true. */
static bool is_broken(const tend_check *check)
{
    return tend_config_is_broken(check->config, check->section, check->instance) ||
           tend_config_is_broken(check->config, "plugin", wanted_plugin(check));
}

tend_status tend_check_go_on(tend_check *check, tend_status status, const tend_error *why, tend_error *reterr)
{
    if (status >= 0)
        return TEND_OK;
    if (status == TEND_ENOMEM)
        return tend_fail(reterr, status, "%s", why->text);
    tend_check_fault(check, NULL, "%s", why->text);
    return TEND_OK;
}

static tend_status check_sources(tend_check *check, tend_plugins *plugins, tend_error *reterr)
{
    tend_error why = { 0 };
    tend_status status = TEND_OK;

    check->section = "source";
    for (size_t i = 0; status >= 0 && (check->instance = tend_sync_source(check->config, i)); i++) {
        const char *capability = tend_config_text(check->config, "source", check->instance, "capability");

        if (!wanted_plugin(check) || !tend_config_bool(check->config, "source", check->instance, "enabled"))
            continue;
        if (check_plugin(check, plugins, TEND_PROVIDES_CONNECTOR) && !is_broken(check))
            status = tend_check_go_on(check,
                                      tend_check_given(check, plugins, wanted_plugin(check), tend_sync_sections, TEND_CONNECTOR,
                                                       capability ? capability : wanted_plugin(check), &why),
                                      &why, reterr);
        if (tend_sync_mapping(check->config, check->instance))
            check_mapping(check);
    }
    return status;
}

static tend_status check_sinks(tend_check *check, tend_plugins *plugins, tend_error *reterr)
{
    tend_status status = TEND_OK;

    tend_outbox_window window;
    tend_error why = { 0 };

    check->section = "sink";
    for (size_t i = 0; status >= 0 && (check->instance = tend_config_instance(check->config, "sink", i)); i++) {
        if (!wanted_plugin(check))
            continue;
        if (check_plugin(check, plugins, TEND_PROVIDES_SINK) && !is_broken(check))
            status = tend_check_go_on(
                check, tend_check_given(check, plugins, wanted_plugin(check), tend_outbox_sections, TEND_SINK, NULL, &why), &why,
                reterr);
        tend_check_channel(check);
        if (tend_outbox_window_read(check->config, check->instance, &window, &why) < 0)
            tend_check_tell(check, why.text);
    }
    return status;
}

static void take_section_fault(void *self, const char *key, const char *reason)
{
    tend_check_fault(self, key, "%s", reason);
}

static void take_script_fault(void *self, const char *line)
{
    tend_check_tell(self, line);
}

static tend_status check_playbook(tend_check *check, const char *name, tend_error *reterr)
{
    const tend_playbook_faults faults = { take_section_fault, take_script_fault, check };
    char scripts[2 * PATH_ROOM];
    tend_status status = tend_workspace_scripts(check->workspace, scripts, sizeof scripts, reterr);

    check->section = "playbook";
    check->instance = name;
    return status < 0 ? status
                      : tend_playbook_check_section(check->config, name, scripts, tend_workspace_schema(check->workspace),
                                                    tend_workspace_segments(check->workspace), tend_check_people(check), NULL,
                                                    &faults, reterr);
}

/* Scripts that are well one by one may start each other. */
static tend_status check_cycles(tend_check *check, tend_error *reterr)
{
    char scripts[2 * PATH_ROOM];
    int count;
    tend_status status = tend_workspace_scripts(check->workspace, scripts, sizeof scripts, reterr);

    return status < 0 ? status
                      : tend_playbook_check_cycles(check->config, NULL, scripts, tend_workspace_schema(check->workspace),
                                                   tend_workspace_segments(check->workspace), NULL, take_script_fault, check,
                                                   &count, reterr);
}

static tend_status check_playbooks(tend_check *check, tend_error *reterr)
{
    const char *name;
    tend_status status = TEND_OK;

    tend_error why = { 0 };

    for (size_t i = 0; status >= 0 && (name = tend_config_instance(check->config, "playbook", i)); i++)
        if (tend_config_bool(check->config, "playbook", name, "enabled"))
            status = tend_check_go_on(check, check_playbook(check, name, &why), &why, reterr);
    return status < 0 ? status : check_cycles(check, reterr);
}

/* Rules hang together: where one is broken, what would be said of the others need not be so. */
static bool has_broken(const tend_check *check, const char *section)
{
    const char *name;

    for (size_t i = 0; (name = tend_config_instance(check->config, section, i)); i++)
        if (tend_config_is_broken(check->config, section, name))
            return true;
    return false;
}

static tend_status check_prices(tend_check *check, tend_plugins *plugins, tend_error *reterr)
{
    tend_pricing *pricing = NULL;
    tend_status status = TEND_OK;

    if (has_broken(check, "price") || has_broken(check, "rule") || has_broken(check, "plugin") ||
        tend_config_is_broken(check->config, "pricing", NULL))
        return TEND_OK;
    if (tend_config_instance(check->config, "price", 0) || tend_config_instance(check->config, "rule", 0) ||
        tend_config_entry(check->config, "pricing", NULL, "order", 0))
        status = tend_pricing_open(check->config, plugins, tend_workspace_schema(check->workspace),
                                   tend_workspace_segments(check->workspace), take_script_fault, check, &pricing, reterr);
    tend_pricing_close(pricing);
    return status == TEND_EINVAL ? TEND_OK : status;
}

tend_status tend_workspace_check_playbook(tend_workspace *workspace, const char *name,
                                          void (*tell_line)(void *self, const char *line), void *self, int *ret_count,
                                          tend_error *reterr)
{
    tend_check check = { .workspace = workspace, .config = tend_workspace_config(workspace), .tell = tell_line, .self = self };
    tend_status status;

    tend_check_read_people(&check);
    status = check_playbook(&check, name, reterr);
    tend_arena_free(check.arena);
    if (status >= 0)
        *ret_count = check.count;
    return status;
}

static void write_line(void *self, const char *line)
{
    fprintf(self, "%s\n", line);
}

tend_status tend_workspace_check_parts(tend_workspace *workspace, unsigned which, FILE *faults, tend_error *reterr)
{
    tend_check check = { .workspace = workspace,
                         .config = tend_workspace_config(workspace),
                         .tell = faults ? write_line : NULL,
                         .self = faults,
                         .looks_around = (which & TEND_CHECK_AROUND) != 0 };
    tend_plugins *plugins;
    tend_error why = { 0 };
    tend_status status = tend_workspace_plugins(workspace, &plugins, reterr);

    if (which & TEND_CHECK_PEOPLE)
        tend_check_read_people(&check);
    if (status >= 0 && (which & TEND_CHECK_NAMES)) {
        tend_check_store(&check);
        tend_check_logins(&check);
        tend_check_teams(&check);
        status = tend_check_plugins(&check, plugins, reterr);
    }
    if (status >= 0 && (which & TEND_CHECK_FIGURES)) {
        check.section = "kpi";
        check.instance = NULL;
        status = tend_check_go_on(&check, tend_check_figures(&check, &why), &why, reterr);
    }
    if (status >= 0 && (which & TEND_CHECK_SOURCES))
        status = check_sources(&check, plugins, reterr);
    if (status >= 0 && (which & TEND_CHECK_SINKS))
        status = check_sinks(&check, plugins, reterr);
    if (status >= 0 && (which & TEND_CHECK_PLAYBOOKS))
        status = check_playbooks(&check, reterr);
    if (status >= 0 && (which & TEND_CHECK_PRICES))
        status = check_prices(&check, plugins, reterr);
    tend_arena_free(check.arena);
    if (status < 0 || check.count == 0)
        return status;
    if (!faults)
        return tend_fail(reterr, TEND_EINVAL, "%s", check.first.text);
    return tend_fail(reterr, TEND_EINVAL, "%s: %d fault%s in what the configuration names, see above",
                     tend_workspace_folder(workspace), check.count, check.count == 1 ? "" : "s");
}
