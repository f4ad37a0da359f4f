/* spec_setting.c: what a script declares of its settings: type, default, what they may be, what they mean. */
#include "playbook/spec_reader.h"

#include "playbook/inside.h"

#include <string.h>

enum { CHOICES_MAX = 64 };

static bool is_number(const tend_tree *value)
{
    return value->tag == TEND_TREE_INT || value->tag == TEND_TREE_NUMBER;
}

static bool setting_fits(const char *type, const tend_tree *value)
{
    if (strcmp(type, "integer") == 0)
        return value->tag == TEND_TREE_INT;
    if (strcmp(type, "number") == 0)
        return is_number(value);
    if (strcmp(type, "boolean") == 0)
        return value->tag == TEND_TREE_TRUE || value->tag == TEND_TREE_FALSE;
    return value->tag == TEND_TREE_TEXT;
}

/* min or max: a number, or setting "NAME". */
static void read_bound(spec_reader *reader, const tend_spec_setting *setting, const tend_tree *declared, const char *key,
                       tend_tree *ret_bound, const char **ret_of)
{
    const tend_tree *bound = tend_tree_get(declared, key);

    if (!bound)
        return;
    *ret_of = tend_tree_string(bound, "setting");
    if (strcmp(setting->type, "integer") != 0 && strcmp(setting->type, "number") != 0) {
        spec_fault(reader, "settings", setting->name, "settings.%s: %s is for numbers; it is of type %s", setting->name, key,
                   setting->type);
        *ret_of = NULL;
    } else if (!*ret_of && !setting_fits(setting->type, bound)) {
        spec_fault(reader, "settings", setting->name, "settings.%s: its %s must be of type %s, or setting \"NAME\"", setting->name,
                   key, setting->type);
    } else if (!*ret_of) {
        *ret_bound = *bound;
    }
}

static void read_choices(spec_reader *reader, tend_spec_setting *setting, const tend_tree *declared)
{
    const tend_tree *choices = tend_tree_get(declared, "choices");
    bool is_well;

    if (!choices)
        return;
    is_well = choices->tag == TEND_TREE_LIST && choices->length > 0 && choices->length <= CHOICES_MAX;
    for (size_t i = 0; is_well && i < choices->length; i++)
        is_well = choices->items[i].tag == TEND_TREE_TEXT && choices->items[i].length > 0;
    if (!is_well)
        spec_fault(reader, "settings", setting->name, "settings.%s: its choices must be a list of 1 to %d texts", setting->name,
                   CHOICES_MAX);
    else if (strcmp(setting->type, "text") != 0)
        spec_fault(reader, "settings", setting->name, "settings.%s: choices are for texts; it is of type %s", setting->name,
                   setting->type);
    else
        setting->choices = choices;
}

static void read_allowed(spec_reader *reader, tend_spec_setting *setting, const tend_tree *declared)
{
    char reason[900];

    read_bound(reader, setting, declared, "min", &setting->min, &setting->min_of);
    read_bound(reader, setting, declared, "max", &setting->max, &setting->max_of);
    read_choices(reader, setting, declared);
    if (setting->max.tag != TEND_TREE_NIL && tend_setting_is_beyond(&setting->max, &setting->min, false))
        spec_fault(reader, "settings", setting->name, "settings.%s: its max is less than its min", setting->name);
    else if (tend_setting_refuses(setting, &setting->fallback, reason, sizeof reason))
        spec_fault(reader, "settings", setting->name, "settings.%s: its default: %.400s", setting->name, reason);
}

/* One text in English, or one for each language. English has to be among them: it stands where a language has none, and says the
 * unit where nothing else does. */
static void read_help(spec_reader *reader, tend_spec_setting *setting, const tend_tree *declared)
{
    const tend_tree *help = tend_tree_get(declared, "help");
    bool is_one = help && help->tag == TEND_TREE_TEXT;
    tend_error why = { 0 };

    if (!help || (is_one && help->text[0] == '\0'))
        spec_fault(reader, "settings", setting->name, "settings.%s: it has no help; say in one line what it is", setting->name);
    else if (!is_one && (help->tag != TEND_TREE_MAP || help->length == 0))
        spec_fault(reader, "settings", setting->name,
                   "settings.%s: its help must be a text, or one for each language: { en = \"…\", ko = \"…\" }", setting->name);
    else if (tend_words_check(reader->schema, help, "its help", &why) < 0)
        spec_fault(reader, "settings", setting->name, "settings.%s: %s", setting->name, why.text);
    else if (!is_one && !tend_tree_get(help, "en"))
        spec_fault(reader, "settings", setting->name,
                   "settings.%s: its help has no en; say it in English too, which is read where a language is lacking",
                   setting->name);
    if (!help)
        return;
    setting->help = is_one ? help->text : tend_tree_string(help, "en");
    setting->help_ko = is_one ? NULL : tend_tree_string(help, "ko");
}

/* So that what is made of it is no second fault. */
static void break_setting(tend_spec_setting *setting, const tend_tree *fallback)
{
    bool is_known = setting->type != NULL;

    setting->is_broken = true;
    if (!is_known)
        setting->type = "text";
    if (!is_known && fallback)
        setting->value = *fallback;
    else if (strcmp(setting->type, "integer") == 0 || strcmp(setting->type, "number") == 0)
        setting->value = tend_tree_int(1);
    else if (strcmp(setting->type, "boolean") == 0)
        setting->value = tend_tree_bool(true);
    else
        setting->value = tend_tree_text("text");
    setting->fallback = setting->value;
}

static void read_setting(spec_reader *reader, const char *name, const tend_tree *declared, const char *written)
{
    static const char *const keys[] = { "type", "default", "help", "unit", "min", "max", "choices", NULL };
    static const char *const types[] = { "integer", "number", "text", "boolean", "role", "segment", "team", "person", NULL };
    tend_spec_setting *setting = &reader->spec->settings[reader->spec->setting_count];
    const tend_tree *fallback = tend_tree_get(declared, "default");
    char ignored[900];
    size_t i = 0;

    *setting = (tend_spec_setting){ .name = name,
                                    .type = tend_tree_string(declared, "type"),
                                    .unit = tend_tree_string(declared, "unit"),
                                    .min = tend_tree_nil,
                                    .max = tend_tree_nil };
    spec_refuse_others(reader, declared, name, keys);
    reader->spec->setting_count++; /* with a fault, too: who names it makes none */
    while (setting->type && types[i] && strcmp(types[i], setting->type) != 0)
        i++;
    if (!setting->type || !types[i]) {
        spec_fault(reader, "settings", name,
                   "settings.%s: its type must be integer, number, text, boolean, role, segment, team or person", name);
        setting->type = NULL;
        break_setting(setting, fallback);
        return;
    }
    if (!fallback || !setting_fits(setting->type, fallback)) {
        spec_fault(reader, "settings", name, "settings.%s: its default must be there and be of type %s", name,
                   strcmp(setting->type, "integer") == 0 || strcmp(setting->type, "number") == 0 ||
                           strcmp(setting->type, "boolean") == 0
                       ? setting->type
                       : "text");
        break_setting(setting, fallback);
        return;
    }
    setting->fallback = *fallback;
    if (tend_tree_get(declared, "unit") && !setting->unit)
        spec_fault(reader, "settings", name, "settings.%s: its unit must be a text, such as \"business days\"", name);
    read_help(reader, setting, declared);
    read_allowed(reader, setting, declared);
    if (!written || !tend_spec_parse(setting->type, written, &setting->value) ||
        tend_setting_refuses(setting, &setting->value, ignored, sizeof ignored))
        setting->value = *fallback;
}

/* A bound that is another setting: it is there, a number, and the defaults keep to it. */
static void check_other(spec_reader *reader, const tend_spec_setting *setting, const char *key, const char *of)
{
    const tend_spec_setting *other = of ? spec_find_setting(reader->spec, of) : NULL;

    if (!of || setting->is_broken || (other && other->is_broken))
        return;
    if (!other || !is_number(&other->fallback))
        spec_fault(reader, "settings", setting->name, "settings.%s: its %s: there is no setting '%s' that is a number",
                   setting->name, key, of);
    else if (tend_setting_is_beyond(&setting->fallback, &other->fallback, strcmp(key, "max") == 0))
        spec_fault(reader, "settings", setting->name, "settings.%s: its default is %s than that of %s, its %s", setting->name,
                   strcmp(key, "max") == 0 ? "more" : "less", of, key);
}

void spec_read_settings(spec_reader *reader, const tend_tree *settings, const char *(*written)(void *self, const char *name),
                        void *self)
{
    if (!settings)
        return;
    if (settings->tag != TEND_TREE_MAP || settings->length > TEND_SPEC_SETTINGS) {
        spec_fault(reader, "settings", NULL, "settings: must be a table of at most %d named settings", TEND_SPEC_SETTINGS);
        return;
    }
    for (size_t i = 0; i < settings->length; i++)
        read_setting(reader, settings->keys[i], &settings->items[i], written ? written(self, settings->keys[i]) : NULL);
    for (size_t i = 0; i < reader->spec->setting_count; i++) {
        check_other(reader, &reader->spec->settings[i], "min", reader->spec->settings[i].min_of);
        check_other(reader, &reader->spec->settings[i], "max", reader->spec->settings[i].max_of);
    }
}
