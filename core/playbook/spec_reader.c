#include "playbook/spec_reader.h"

#include "base/near.h"
#include <string.h>

void spec_fault(spec_reader *reader, const char *key, const char *inner, const char *format, ...)
{
    char sentence[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    reader->faults->count++;
    if (reader->faults->fault)
        reader->faults->fault(reader->faults->self, key, inner, sentence);
}

/* Names every key of `map` that is not in `known`. */
void spec_refuse_others(spec_reader *reader, const tend_tree *map, const char *place, const char *const *known)
{
    for (size_t i = 0; map->tag == TEND_TREE_MAP && i < map->length; i++) {
        const char *near;
        size_t k = 0;

        while (known[k] && strcmp(known[k], map->keys[i]) != 0)
            k++;
        if (known[k])
            continue;
        near = tend_near(map->keys[i], known);
        spec_fault(reader, place, map->keys[i], "%s%s%s: no such key%s%s%s", place ? place : "", place ? "." : "", map->keys[i],
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
}

void spec_check_topic(spec_reader *reader, const char *topic, const char *place)
{
    const tend_kind_schema *kind = tend_topic_kind(reader->schema, topic);

    char advice[400];

    tend_topic_instead(reader->schema, topic, advice, sizeof advice);
    if (!tend_topic_known(reader->schema, topic))
        spec_fault(reader, place, "event", "%s.event: '%s' never happens; %s", place, topic, advice);
    else if (reader->spec->subject && kind && kind != reader->spec->subject)
        spec_fault(reader, place, "event", "%s.event: '%s' is not about the subject, %s", place, topic,
                   reader->spec->subject->name);
}

const tend_spec_setting *spec_find_setting(const tend_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->setting_count; i++)
        if (strcmp(spec->settings[i].name, name) == 0)
            return &spec->settings[i];
    return NULL;
}

static void spec_no_setting(spec_reader *reader, const char *place, const char *key, const char *name)
{
    const char *names[TEND_SPEC_SETTINGS + 1] = { NULL }, *near;

    for (size_t i = 0; i < reader->spec->setting_count; i++)
        names[i] = reader->spec->settings[i].name;
    near = tend_near(name, names);
    spec_fault(reader, place, key, "%s.%s: there is no setting '%s'; %s%s%s", place, key, name,
               near ? "did you mean " : "declare it in settings, or name another one", near ? near : "", near ? "?" : "");
}

/* A whole number up to `most`, or { setting = NAME } of type integer. */
int64_t spec_read_count(spec_reader *reader, const char *place, const char *key, const tend_tree *value, int64_t least,
                        int64_t most)
{
    const char *name = tend_tree_string(value, "setting");
    const tend_spec_setting *setting = name ? spec_find_setting(reader->spec, name) : NULL;
    const char *unit = strstr(key, "days") ? " of days" : "";

    if (setting && setting->is_broken) /* a fault of its own */
        return least;
    if (setting && setting->value.tag == TEND_TREE_INT)
        value = &setting->value;
    if (value->tag == TEND_TREE_INT && value->integer >= least && value->integer <= most)
        return value->integer;
    if (name && !setting)
        spec_no_setting(reader, place, key, name);
    else if (setting && setting->value.tag == TEND_TREE_INT)
        spec_fault(reader, place, key, "%s.%s: setting %s is %lld; it must be a number%s from %lld to %lld", place, key, name,
                   (long long)setting->value.integer, unit, (long long)least, (long long)most);
    else
        spec_fault(reader, place, key, "%s.%s: must be a whole number%s from %lld to %lld, or setting \"NAME\"", place, key, unit,
                   (long long)least, (long long)most);
    return least;
}

/* 0.05 and not 0.050000: people read conditions. */
static void put_number(tend_buffer *buffer, double number)
{
    char room[400];
    int length = snprintf(room, sizeof room, "%.6f", number);

    while (length > 0 && room[length - 1] == '0')
        length--;
    if (length > 0 && room[length - 1] == '.')
        length--;
    tend_buffer_append(buffer, room, (size_t)length);
}

/* "{lead_days}" in a condition is the value of that setting. */
const char *spec_fill_condition(spec_reader *reader, const char *key, const char *where)
{
    tend_buffer buffer = { 0 };
    int faults = reader->faults->count;
    const char *text;

    while (*where) {
        const char *end = *where == '{' ? strchr(where, '}') : NULL;
        const tend_spec_setting *setting;
        char name[64] = "";

        if (!end || (size_t)(end - where) > sizeof name) {
            tend_buffer_byte(&buffer, *where++);
            continue;
        }
        memcpy(name, where + 1, (size_t)(end - where) - 1);
        setting = spec_find_setting(reader->spec, name);
        if (!setting)
            spec_no_setting(reader, "start_when", key, name);
        else if (setting->value.tag == TEND_TREE_TEXT)
            tend_buffer_text(&buffer, setting->value.text);
        else if (setting->value.tag == TEND_TREE_NUMBER)
            put_number(&buffer, setting->value.number);
        else
            tend_buffer_print(&buffer, "%lld", (long long)setting->value.integer);
        where = end + 1;
    }
    text = reader->faults->count > faults ? NULL : tend_arena_string(reader->arena, tend_buffer_string(&buffer));
    tend_buffer_clear(&buffer);
    return text;
}
