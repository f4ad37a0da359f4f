#include "config/inside.h"

#include "base/hash.h"
#include "base/near.h"
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 256

static size_t bucket_of(const void *first, size_t first_length, const char *second)
{
    const uint64_t hash = tend_hash64(first, first_length) * 31 + (second ? tend_hash64(second, strlen(second)) : 7);

    return (size_t)(hash % TEND_CONFIG_BUCKETS);
}

static bool is_same(const char *one, const char *other)
{
    return one && other ? strcmp(one, other) == 0 : one == other;
}

const tend_section *tend_config_find_section(const tend_config *config, const char *name, bool is_named)
{
    for (const tend_section *const *list = config->sections; *list; list++) {
        for (const tend_section *section = *list; section->name; section++) {
            if (section->is_named == is_named && strcmp(section->name, name) == 0)
                return section;
        }
    }
    return NULL;
}

const tend_setting *tend_config_find_setting(const tend_section *section, const char *key)
{
    const tend_setting *any = NULL;

    for (const tend_setting *setting = section->settings; setting->key; setting++) {
        if (strcmp(setting->key, key) == 0)
            return setting;
        if (strcmp(setting->key, "*") == 0)
            any = setting;
    }
    return any;
}

tend_place *tend_config_find_place(const tend_config *config, const char *section, const char *instance)
{
    tend_place *place = config->places[bucket_of(section, strlen(section), instance)];

    while (place && (strcmp(place->section->name, section) != 0 || !is_same(place->instance, instance)))
        place = place->following;
    return place;
}

tend_entry *tend_config_find_entry(const tend_config *config, const tend_place *place, const char *key)
{
    tend_entry *entry = config->entries[bucket_of(&place, sizeof place, key)];

    while (entry && (entry->place != place || strcmp(entry->key, key) != 0))
        entry = entry->following;
    return entry;
}

/* The name among `names` that was meant: in other letter case, or near. */
static const char *meant(const char *written, const char *const *names)
{
    for (size_t i = 0; names[i]; i++) {
        if (strcasecmp(names[i], written) == 0)
            return names[i];
    }
    return tend_near(written, names);
}

/* Where a person finds what may be written. */
static const char *listed_in(const tend_section *section)
{
    while (section->name)
        section++;
    return section->summary ? section->summary : "tend config template";
}

static void no_such_section(const tend_config *config, const char *name, const char *base, const char *instance, const char *file,
                            unsigned line, tend_faults *faults)
{
    const char *names[NAMES_MAX] = { 0 };
    const char *near;
    size_t count = 0;

    if (instance && tend_config_find_section(config, base, false)) {
        tend_config_fault(faults, "%s:%u: [%s]: this section takes no name; write [%s]", file, line, name, base);
        return;
    }
    if (!instance && tend_config_find_section(config, base, true)) {
        tend_config_fault(faults, "%s:%u: [%s]: this section needs a name; write [%s.NAME]", file, line, name, base);
        return;
    }
    for (const tend_section *const *list = config->sections; *list; list++) {
        for (const tend_section *section = *list; section->name && count < NAMES_MAX - 1; section++)
            names[count++] = section->name;
    }
    near = meant(base, names);
    if (near)
        tend_config_fault(faults, "%s:%u: [%s]: no such section; did you mean %s%s%s?", file, line, name, near, instance ? "." : "",
                          instance ? instance : "");
    else
        tend_config_fault(faults, "%s:%u: [%s]: no such section; %s lists them all", file, line, name,
                          config->sections[0] ? listed_in(config->sections[0]) : "tend config template");
}

/* An instance that differs from an earlier one by letter case alone is a slip, in whatever file. */
static const tend_place *twin_of(const tend_config *config, const tend_section *section, const char *instance)
{
    for (const tend_place *place = config->first; place; place = place->later) {
        if (place->section == section && instance && strcasecmp(place->instance, instance) == 0)
            return place;
    }
    return NULL;
}

tend_place *tend_config_place(tend_config *config, const char *name, const char *file, unsigned line, tend_faults *faults)
{
    const char *dot = strchr(name, '.');
    const char *instance = dot && dot[1] ? dot + 1 : NULL;
    char base[64];
    const tend_section *section;
    const tend_place *twin;
    tend_place *place;
    size_t bucket;

    (void)snprintf(base, sizeof base, "%.*s", dot ? (int)(dot - name) : 63, name);
    section = tend_config_find_section(config, base, instance != NULL);
    if (!section || (dot && !instance)) {
        no_such_section(config, name, base, instance, file, line, faults);
        return NULL;
    }
    place = tend_config_find_place(config, base, instance);
    if (place)
        return place;
    twin = twin_of(config, section, instance);
    if (twin) {
        tend_config_fault(faults, "%s:%u: [%s]: differs from [%s.%s] (%s:%u) in letter case alone; write both alike", file, line,
                          name, base, twin->instance, twin->file, twin->line);
        return NULL;
    }
    place = tend_arena_take(config->arena, sizeof *place);
    if (!place)
        return NULL;
    place->section = section;
    place->instance = tend_arena_string(config->arena, instance);
    place->file = file;
    place->line = line;
    bucket = bucket_of(base, strlen(base), instance);
    place->following = config->places[bucket];
    config->places[bucket] = place;
    if (config->last)
        config->last->later = place;
    else
        config->first = place;
    config->last = place;
    return place;
}

static void no_such_setting(const tend_place *place, const char *key, const char *file, unsigned line, tend_faults *faults)
{
    const char *names[NAMES_MAX] = { 0 };
    char where[TEND_PLACE_ROOM];
    const char *near;
    size_t count = 0;

    for (const tend_setting *setting = place->section->settings; setting->key && count < NAMES_MAX - 1; setting++)
        names[count++] = setting->key;
    near = meant(key, names);
    if (near)
        tend_config_fault(faults, "%s:%u: %s %.80s: no such setting; did you mean %s?", file, line, tend_place_name(place, where),
                          key, near);
    else
        tend_config_fault(faults, "%s:%u: %s %.80s: no such setting; %s lists them all", file, line, tend_place_name(place, where),
                          key, listed_in(place->section));
}

static tend_entry *add_entry(tend_config *config, tend_place *place, const char *key)
{
    tend_entry *entry = tend_arena_take(config->arena, sizeof *entry);
    const size_t bucket = bucket_of(&place, sizeof place, key);

    if (place->count == place->room) {
        const size_t room = place->room ? place->room * 2 : 8;
        tend_entry **more = realloc(place->entries, room * sizeof(tend_entry *));

        if (!more)
            return NULL;
        place->entries = more;
        place->room = room;
    }
    if (!entry)
        return NULL;
    entry->place = place;
    entry->key = tend_arena_string(config->arena, key);
    entry->following = config->entries[bucket];
    config->entries[bucket] = entry;
    place->entries[place->count++] = entry;
    return entry;
}

/* The entry that was added last counts as not written. */
static void take_back(tend_config *config, tend_place *place, const tend_entry *entry)
{
    config->entries[bucket_of(&place, sizeof place, entry->key)] = entry->following;
    place->count--;
}

void tend_config_put(tend_config *config, tend_place *place, const char *key, const char *value, const char *file, unsigned line,
                     const char *folder, tend_faults *faults)
{
    const tend_setting *setting = tend_config_find_setting(place->section, key);
    char where[TEND_PLACE_ROOM], reason[TEND_CONFIG_REASON];
    tend_entry *entry = tend_config_find_entry(config, place, key);

    tend_entry before;

    if (!setting) {
        no_such_setting(place, key, file, line, faults);
        return;
    }
    if (entry && entry->load == config->loads) {
        tend_config_fault(faults, "%s:%u: %s %.80s: is written twice, first in line %u; keep one", file, line,
                          tend_place_name(place, where), key, entry->line);
        return;
    }
    before = entry ? *entry : (tend_entry){ .setting = NULL };
    if (!entry)
        entry = add_entry(config, place, key);
    if (entry) {
        entry->setting = setting;
        entry->value = tend_arena_string(config->arena, value);
        entry->file = file;
        entry->line = line;
        entry->load = config->loads;
    }
    if (!entry || !entry->key || !entry->value)
        tend_config_fault(faults, "%s:%u: memory is used up", file, line);
    else if (!tend_config_check(setting, value, folder, config->arena, &entry->checked, reason)) {
        tend_config_fault(faults, "%s:%u: %s %.80s: %s", file, line, tend_place_name(place, where), key, reason);
        place->is_broken = true;
        if (faults->are_dropped && before.setting)
            *entry = before;
        else if (faults->are_dropped)
            take_back(config, place, entry);
    }
}

bool tend_config_is_broken(const tend_config *config, const char *section, const char *instance)
{
    const tend_place *place = tend_config_find_place(config, section, instance);

    return place && place->is_broken;
}

uint64_t tend_setting_hash(const tend_setting *setting)
{
    return tend_hash64(&setting, sizeof setting) % TEND_CONFIG_BUCKETS;
}
