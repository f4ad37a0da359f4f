/* section.c: what [playbook.NAME] says beside what its script declares. */
#include "base/near.h"
#include "playbook/inside.h"

#include <string.h>

static const char *written_of(const tend_playbook_section *section, const char *key)
{
    return tend_config_has(section->config, "playbook", section->name, key)
               ? tend_config_text(section->config, "playbook", section->name, key)
               : NULL;
}

const char *tend_section_written(void *self, const char *key)
{
    return written_of(self, key);
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

/* The name that a setting holds is there. */
static void check_named(const tend_section_names *names, const tend_spec *spec, const tend_spec_setting *setting, const char *text,
                        char *reason, size_t room)
{
    const char *type = setting->type;
    tend_error why = { 0 };

    if (strcmp(type, "team") == 0) {
        (void)tend_people_lack_team(names->people, text, reason, room);
    } else if (strcmp(type, "person") == 0) {
        (void)tend_people_lack_person(names->people, text, reason, room);
    } else if (strcmp(type, "segment") == 0) {
        if (tend_argument_check_segment(names->segments, text, &why) < 0)
            (void)snprintf(reason, room, "%s", why.text + strlen("segment: "));
    } else if (strcmp(type, "role") == 0) {
        if (names->schema && spec->subject && tend_role_check_word(names->schema, spec->subject, text, &why) < 0)
            (void)snprintf(reason, room, "%s", why.text + (strncmp(why.text, "to: ", 4) == 0 ? 4 : 0));
        else
            (void)tend_people_lack_role(names->people, text, reason, room);
    }
}

static tend_tree in_force(const tend_playbook_section *section, const tend_spec_setting *setting)
{
    const char *written = written_of(section, setting->name);
    tend_tree value;
    char ignored[900];

    return written && tend_spec_parse(setting->type, written, &value) &&
                   !tend_setting_refuses(setting, &value, ignored, sizeof ignored)
               ? value
               : setting->fallback;
}

/* A bound that is another setting: said of the one that is written; of two, of the one that has the bound. */
static int check_other(const tend_playbook_section *section, const tend_spec *spec, const tend_spec_setting *setting, bool is_max,
                       void (*fault)(void *self, const char *key, const char *reason), void *self)
{
    const char *name = is_max ? setting->max_of : setting->min_of;
    const tend_spec_setting *other = name ? find_setting(spec, name) : NULL;
    bool is_own_written = written_of(section, setting->name) != NULL;
    const tend_spec_setting *blamed = is_own_written ? setting : other;
    tend_tree value, bound;
    char reason[400], said[64], limit[64];

    if (!other)
        return 0;
    value = in_force(section, setting);
    bound = in_force(section, other);
    if (!tend_setting_is_beyond(&value, &bound, is_max) || !written_of(section, blamed->name))
        return 0;
    tend_setting_print(is_own_written ? &value : &bound, said, sizeof said);
    tend_setting_print(is_own_written ? &bound : &value, limit, sizeof limit);
    (void)snprintf(reason, sizeof reason, "%s is %s than %s, which is %s; write at %s %s, or set %s as well", said,
                   is_max == is_own_written ? "more" : "less", is_own_written ? other->name : setting->name, limit,
                   is_max == is_own_written ? "most" : "least", limit, is_own_written ? other->name : setting->name);
    fault(self, blamed->name, reason);
    return 1;
}

/* A default that gives work to nobody. */
static bool is_default_lacking(const tend_section_names *names, const tend_spec *spec, const tend_spec_setting *setting,
                               char *reason, size_t room)
{
    bool is_people =
        strcmp(setting->type, "role") == 0 || strcmp(setting->type, "team") == 0 || strcmp(setting->type, "person") == 0;
    char what[400] = "", *advice;

    if (!is_people || !names->people)
        return false;
    check_named(names, spec, setting, setting->fallback.text, what, sizeof what);
    advice = strchr(what, ';');
    if (advice)
        (void)snprintf(reason, room, "%.*s, as the script has it while nothing is written%s", (int)(advice - what), what, advice);
    return advice != NULL;
}

int tend_section_check(const tend_playbook_section *section, const tend_spec *spec, const tend_section_names *names,
                       void (*fault)(void *self, const char *key, const char *reason), void *self)
{
    const char *key, *value, *file;
    unsigned line;
    int count = 0;

    for (size_t i = 0; tend_config_key(section->config, "playbook", section->name, i, &key, &value, &file, &line); i++) {
        const tend_spec_setting *setting = find_setting(spec, key);
        char reason[900] = "";
        tend_tree parsed;

        if (strcmp(key, "principal") == 0)
            (void)check_principal(section, value, reason, sizeof reason);
        else if (!setting && !is_own(key))
            no_such_setting(spec, key, reason, sizeof reason);
        else if (setting && !tend_spec_parse(setting->type, value, &parsed))
            does_not_fit(setting, value, reason, sizeof reason);
        else if (setting && !tend_setting_refuses(setting, &parsed, reason, sizeof reason))
            check_named(names, spec, setting, value, reason, sizeof reason);
        if (!reason[0])
            continue;
        count++;
        fault(self, key, reason);
    }
    for (size_t i = 0; i < spec->setting_count; i++) {
        const tend_spec_setting *setting = &spec->settings[i];
        char reason[500];

        count += check_other(section, spec, setting, false, fault, self) + check_other(section, spec, setting, true, fault, self);
        if (written_of(section, setting->name) || !is_default_lacking(names, spec, setting, reason, sizeof reason))
            continue;
        count++;
        fault(self, setting->name, reason);
    }
    return count;
}

const char *tend_stored_written(void *self, const char *key)
{
    tend_stored_settings *stored = self;
    const tend_tree *value = tend_tree_get(stored->settings, key);

    return value ? tend_setting_say(value, stored->arena) : NULL;
}
