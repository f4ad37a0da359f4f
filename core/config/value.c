/* Values as they are asked for. */
#include "config/inside.h"

#include "base/money.h"
#include <assert.h>
#include <string.h>

const char *tend_config_instance(const tend_config *config, const char *section, size_t i)
{
    for (const tend_place *place = config->first; place; place = place->later) {
        if (place->instance && strcmp(place->section->name, section) == 0 && i-- == 0)
            return place->instance;
    }
    return NULL;
}

/* What was written; NULL when nothing was. Asserts that the table knows the key. */
static const tend_entry *written(const tend_config *config, const char *section, const char *instance, const char *key,
                                 const tend_setting **ret_setting)
{
    const tend_section *table = tend_config_find_section(config, section, instance != NULL);
    const tend_setting *setting = table ? tend_config_find_setting(table, key) : NULL;
    const tend_place *place = tend_config_find_place(config, section, instance);

    assert(setting);
    *ret_setting = setting;
    return place ? tend_config_find_entry(config, place, key) : NULL;
}

/* Written or default; NULL when there is neither. */
static const tend_entry *value_of(const tend_config *config, const char *section, const char *instance, const char *key)
{
    const tend_setting *setting;
    const tend_entry *entry = written(config, section, instance, key, &setting);

    if (entry)
        return entry;
    for (entry = config->defaults[tend_setting_hash(setting)]; entry; entry = entry->following) {
        if (entry->setting == setting)
            return entry;
    }
    return NULL;
}

bool tend_config_has(const tend_config *config, const char *section, const char *instance, const char *key)
{
    const tend_setting *setting;

    return written(config, section, instance, key, &setting) != NULL;
}

const char *tend_config_text(const tend_config *config, const char *section, const char *instance, const char *key)
{
    const tend_entry *entry = value_of(config, section, instance, key);

    return entry ? entry->value : NULL;
}

int64_t tend_config_int(const tend_config *config, const char *section, const char *instance, const char *key)
{
    const tend_entry *entry = value_of(config, section, instance, key);

    assert(!entry || entry->setting->type == TEND_SETTING_INT || entry->setting->type == TEND_SETTING_DURATION ||
           entry->setting->type == TEND_SETTING_SIZE || entry->setting->type == TEND_SETTING_DATE ||
           entry->setting->type == TEND_SETTING_TIME_OF_DAY);
    return entry ? entry->checked.number : 0;
}

bool tend_config_bool(const tend_config *config, const char *section, const char *instance, const char *key)
{
    const tend_entry *entry = value_of(config, section, instance, key);

    assert(!entry || entry->setting->type == TEND_SETTING_BOOL);
    return entry && entry->checked.number != 0;
}

const char *tend_config_entry(const tend_config *config, const char *section, const char *instance, const char *key, size_t i)
{
    const tend_entry *entry = value_of(config, section, instance, key);

    assert(!entry || entry->setting->type == TEND_SETTING_LIST || entry->setting->type == TEND_SETTING_PATHS);
    return entry && i < entry->checked.list_length ? entry->checked.list[i] : NULL;
}

tend_status tend_config_decimal(const tend_config *config, const char *section, const char *instance, const char *key, int scale,
                                int64_t *ret_mantissa)
{
    const tend_entry *entry = value_of(config, section, instance, key);

    assert(!entry || entry->setting->type == TEND_SETTING_DECIMAL);
    return entry ? tend_decimal_parse(entry->value, strlen(entry->value), &tend_number_plain, scale, ret_mantissa) : TEND_ENOTFOUND;
}

const char *tend_config_path(const tend_config *config, const char *section, const char *instance, const char *key)
{
    const tend_entry *entry = value_of(config, section, instance, key);

    assert(!entry || entry->setting->type == TEND_SETTING_PATH || entry->setting->type == TEND_SETTING_SECRET);
    return entry ? entry->checked.path : NULL;
}

const char *tend_config_folder(const tend_config *config)
{
    return config->folder;
}

bool tend_config_key(const tend_config *config, const char *section, const char *instance, size_t i, const char **ret_key,
                     const char **ret_value, const char **ret_file, unsigned *ret_line)
{
    const tend_place *place = tend_config_find_place(config, section, instance);
    const tend_entry *entry = place && i < place->count ? place->entries[i] : NULL;

    if (!entry)
        return false;
    if (ret_key)
        *ret_key = entry->key;
    if (ret_value)
        *ret_value = entry->value;
    if (ret_file)
        *ret_file = entry->file;
    if (ret_line)
        *ret_line = entry->line;
    return true;
}

void tend_config_origin(const tend_config *config, const char *section, const char *instance, const char *key,
                        const char **ret_file, unsigned *ret_line)
{
    const tend_setting *setting;
    const tend_entry *entry = written(config, section, instance, key, &setting);

    *ret_file = entry ? entry->file : NULL;
    *ret_line = entry ? entry->line : 0;
}

void tend_config_where(const tend_config *config, const char *section, const char *instance, const char **ret_file,
                       unsigned *ret_line)
{
    const tend_place *place = tend_config_find_place(config, section, instance);

    *ret_file = place ? place->file : NULL;
    *ret_line = place ? place->line : 0;
}
