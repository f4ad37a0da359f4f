/* section.c: what [playbook.NAME] says beside what its script declares. */
#include "base/near.h"
#include "playbook/inside.h"

#include <string.h>

const char *tend_section_written(void *self, const char *key)
{
    const tend_playbook_section *section = self;

    if (!tend_config_has(section->config, "playbook", section->name, key))
        return NULL;
    return tend_config_text(section->config, "playbook", section->name, key);
}

static bool is_own(const char *key)
{
    for (const tend_setting *setting = tend_playbook_sections[0].settings; setting->key; setting++)
        if (strcmp(setting->key, key) == 0)
            return true;
    return false;
}

static const tend_spec_setting *find_setting(const tend_spec *spec, const char *key)
{
    for (size_t i = 0; i < spec->setting_count; i++)
        if (strcmp(spec->settings[i].name, key) == 0)
            return &spec->settings[i];
    return NULL;
}

/* "lead_days and plan_days" */
static void list_settings(const tend_spec *spec, char *buffer, size_t room)
{
    size_t length = 0;

    buffer[0] = '\0';
    for (size_t i = 0; i < spec->setting_count && length < room; i++)
        length += (size_t)snprintf(buffer + length, room - length, "%s%s",
                                   i == 0                         ? ""
                                   : i + 1 == spec->setting_count ? " and "
                                                                  : ", ",
                                   spec->settings[i].name);
}

static void no_such_setting(const tend_spec *spec, const char *key, char *reason, size_t room)
{
    const char *names[TEND_SPEC_SETTINGS + 3] = { "enabled", "principal" };
    const char *near;
    char all[300];

    for (size_t i = 0; i < spec->setting_count; i++)
        names[2 + i] = spec->settings[i].name;
    near = tend_near(key, names);
    list_settings(spec, all, sizeof all);
    if (near)
        (void)snprintf(reason, room, "no such setting; did you mean %s?", near);
    else if (all[0] == '\0')
        (void)snprintf(reason, room, "no such setting; the script declares none");
    else
        (void)snprintf(reason, room, "no such setting; the script declares %s", all);
}

static void does_not_fit(const tend_spec_setting *setting, const char *text, char *reason, size_t room)
{
    size_t sign = text[0] == '-' || text[0] == '+';
    bool is_digits = text[sign] != '\0' && text[sign + strspn(text + sign, "0123456789")] == '\0';

    if (strcmp(setting->type, "integer") == 0 && is_digits)
        (void)snprintf(reason, room, "'%.60s' is too %s; write a whole number like 90", text, text[0] == '-' ? "small" : "large");
    else if (strcmp(setting->type, "integer") == 0)
        (void)snprintf(reason, room, "'%.60s' is not a whole number; write digits, like 90", text);
    else if (strcmp(setting->type, "number") == 0)
        (void)snprintf(reason, room, "'%.60s' is not a number; write it like 12.5", text);
    else
        (void)snprintf(reason, room, "'%.60s' is neither yes nor no; write yes or no", text);
}

/* An account has no row of its own: what can be known is that it is no other sort of principal, and whose playbook it names. */
static bool check_principal(const tend_playbook_section *section, const char *written, char *reason, size_t room)
{
    const char *names[64] = { NULL }, *name = written + strlen("playbook:"), *near, *other;
    size_t count = 0;

    if (strlen(written) > 63) {
        (void)snprintf(reason, room, "is longer than 63 bytes; write a shorter name");
    } else if (strncmp(written, "user:", 5) == 0 || strncmp(written, "source:", 7) == 0) {
        (void)snprintf(reason, room, "a playbook acts under an account of its own, not as %s; write a name such as playbook:%s",
                       written, section->name);
    } else if (strpbrk(written, " \t")) {
        (void)snprintf(reason, room, "a name has no blank in it; write one such as playbook:%s", section->name);
    } else if (strncmp(written, "playbook:", 9) == 0) {
        for (size_t i = 0; count < 63 && (other = tend_config_instance(section->config, "playbook", i)); i++) {
            if (strcmp(other, name) == 0)
                return true;
            names[count++] = other;
        }
        near = tend_near(name, names);
        (void)snprintf(reason, room, "there is no [playbook.%s]; did you mean playbook:%s?", name, near ? near : section->name);
    }
    return reason[0] == '\0';
}

int tend_section_check(const tend_playbook_section *section, const tend_spec *spec,
                       void (*fault)(void *self, const char *key, const char *reason), void *self)
{
    const char *key, *value, *file;
    unsigned line;
    int count = 0;

    for (size_t i = 0; tend_config_key(section->config, "playbook", section->name, i, &key, &value, &file, &line); i++) {
        const tend_spec_setting *setting = find_setting(spec, key);
        char reason[400] = "";
        tend_tree ignored;

        if (strcmp(key, "principal") == 0)
            (void)check_principal(section, value, reason, sizeof reason);
        else if (!setting && !is_own(key))
            no_such_setting(spec, key, reason, sizeof reason);
        else if (setting && !tend_spec_parse(setting->type, value, &ignored))
            does_not_fit(setting, value, reason, sizeof reason);
        if (!reason[0])
            continue;
        count++;
        fault(self, key, reason);
    }
    return count;
}

static const char *print_stored(tend_stored_settings *stored, const tend_tree *value)
{
    switch (value->tag) {
    case TEND_TREE_TRUE:
        return "yes";
    case TEND_TREE_FALSE:
        return "no";
    case TEND_TREE_INT:
        return tend_arena_print(stored->arena, "%lld", (long long)value->integer);
    case TEND_TREE_NUMBER:
        return tend_arena_print(stored->arena, "%.17g", value->number);
    default:
        return value->text;
    }
}

const char *tend_stored_written(void *self, const char *key)
{
    tend_stored_settings *stored = self;
    const tend_tree *value = tend_tree_get(stored->settings, key);

    return value ? print_stored(stored, value) : NULL;
}
