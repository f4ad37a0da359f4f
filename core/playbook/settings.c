#include "playbook/settings.h"

#include "playbook/inside.h"

#include "base/near.h"
#include <string.h>

enum { OWN_MAX = 16 };

tend_status tend_settings_check_name(const tend_tree *settings, const char *place, const char *name, tend_error *reterr)
{
    const char *names[TEND_SPEC_SETTINGS + 1] = { NULL }, *near;
    char all[300] = "none";
    size_t count = 0, length = 0;

    if (tend_tree_get(settings, name))
        return TEND_OK;
    for (size_t i = 0; settings->tag == TEND_TREE_MAP && i < settings->length && i < TEND_SPEC_SETTINGS; i++)
        names[count++] = settings->keys[i];
    near = tend_near(name, names);
    for (size_t i = 0; i < count && length < sizeof all; i++)
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s",
                                   i == 0          ? ""
                                   : i + 1 < count ? ", "
                                                   : " and ",
                                   names[i]);
    return tend_fail(reterr, TEND_EINVAL, "%s: the script declares no such setting; %s%s%s", place,
                     near ? "did you mean " : "it declares ", near ? near : all, near ? "?" : "");
}

static void find_written(const tend_config *config, const char *name, tend_listed_setting *setting)
{
    if (config && tend_config_has(config, "playbook", name, setting->name))
        tend_config_origin(config, "playbook", name, setting->name, &setting->file, &setting->line);
}

static void take_own(const tend_spec *spec, const tend_config *config, size_t i, tend_arena *arena,
                     tend_listed_setting *ret_setting)
{
    const tend_spec_setting *setting = &spec->settings[i];
    tend_tree value = setting->fallback;
    const char *written;
    char ignored[900];

    *ret_setting = (tend_listed_setting){ .name = tend_arena_string(arena, setting->name),
                                          .type = tend_arena_string(arena, setting->type),
                                          .unit = tend_arena_string(arena, tend_setting_unit(setting)),
                                          .fallback = tend_setting_say(&setting->fallback, arena),
                                          .allowed = tend_setting_allowed(setting, arena),
                                          .help = tend_arena_string(arena, setting->help ? setting->help : ""),
                                          .help_ko = setting->help_ko ? tend_arena_string(arena, setting->help_ko) : NULL };
    find_written(config, spec->name, ret_setting);
    written = ret_setting->file ? tend_config_text(config, "playbook", spec->name, setting->name) : NULL;
    if (!written || !tend_spec_parse(setting->type, written, &value) ||
        tend_setting_refuses(setting, &value, ignored, sizeof ignored))
        value = setting->fallback;
    ret_setting->in_force = tend_setting_say(&value, arena);
}

/* enabled, principal …: every playbook has them. */
static void take_common(const tend_setting *setting, const char *name, const tend_config *config, tend_arena *arena,
                        tend_listed_setting *ret_setting)
{
    static const char *const types[] = { [TEND_SETTING_TEXT] = "text",
                                         [TEND_SETTING_INT] = "integer",
                                         [TEND_SETTING_BOOL] = "boolean",
                                         [TEND_SETTING_DURATION] = "duration" };

    *ret_setting = (tend_listed_setting){ .name = setting->key,
                                          .type = types[setting->type],
                                          .unit = "",
                                          .allowed = setting->type == TEND_SETTING_BOOL ? "yes or no" : "",
                                          .fallback = setting->fallback ? setting->fallback : "",
                                          .help = setting->help };
    find_written(config, name, ret_setting);
    ret_setting->in_force = ret_setting->fallback;
    if (ret_setting->file)
        ret_setting->in_force = tend_config_text(config, "playbook", name, setting->key);
    else if (strcmp(setting->key, "principal") == 0)
        ret_setting->in_force = tend_arena_print(arena, "playbook:%s", name);
    else if (config && !setting->fallback) /* what holds for all playbooks */
        ret_setting->in_force = tend_config_text(config, "playbooks", NULL, setting->key);
    if (!ret_setting->in_force)
        ret_setting->in_force = "";
}

tend_status tend_settings_list(const char *path, const char *scripts, const tend_schema *schema, const tend_config *config,
                               const char *sandbox_path, tend_arena *arena, const char **ret_name,
                               tend_listed_setting **ret_settings, size_t *ret_count, tend_error *reterr)
{
    tend_listed_setting *list = tend_arena_take(arena, (TEND_SPEC_SETTINGS + OWN_MAX) * sizeof *list);
    const tend_setting *common = tend_playbook_sections[0].settings;
    tend_spec_faults faults = { 0 };
    tend_sandbox *sandbox = NULL;
    tend_bundle *bundle = NULL;
    size_t count = 0;
    tend_status status = list ? tend_bundle_read(scripts, path, &bundle, reterr)
                              : tend_fail(reterr, TEND_ENOMEM, "playbook settings: memory is used up");

    if (status == TEND_OK)
        status = tend_sandbox_open(sandbox_path, NULL, &sandbox, reterr);
    if (status == TEND_OK)
        status = tend_bundle_open(bundle, 1, sandbox, schema, NULL, NULL, &faults, reterr);
    if (status == TEND_OK) {
        const char *name = tend_arena_string(arena, bundle->spec.name);

        for (size_t i = 0; i < bundle->spec.setting_count; i++)
            take_own(&bundle->spec, config, i, arena, &list[count++]);
        for (; common->key && strcmp(common->key, "*") != 0 && count < TEND_SPEC_SETTINGS + OWN_MAX; common++)
            take_common(common, name, config, arena, &list[count++]);
        *ret_name = name;
        *ret_settings = list;
        *ret_count = count;
    }
    tend_sandbox_close(sandbox);
    tend_bundle_free(bundle);
    return status;
}
