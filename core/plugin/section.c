/* section.c: what a section of the configuration hands to its plugin. */
#include "plugin/plugins.h"

#include "base/near.h"
#include <string.h>

enum { NAMES = 64 };

const tend_setting *tend_section_setting(const tend_section *table, const char *key)
{
    for (const tend_setting *setting = table->settings; setting->key; setting++)
        if (strcmp(setting->key, "*") != 0 && strcmp(setting->key, key) == 0)
            return setting;
    return NULL;
}

const char *tend_section_near(const tend_section *table, const char *key)
{
    const char *names[NAMES + 1];
    size_t count = 0;

    for (const tend_setting *setting = table->settings; setting->key && count < NAMES; setting++)
        if (strcmp(setting->key, "*") != 0)
            names[count++] = setting->key;
    names[count] = NULL;
    return tend_near(key, names);
}

tend_status tend_section_given_read(const tend_config *config, const tend_section *table, const char *instance,
                                    void (*unread)(void *self, const char *key, tend_status status, const char *why), void *self,
                                    tend_section_given *ret_given, tend_error *reterr)
{
    const char *key, *value, *file;
    unsigned line;
    tend_status status = TEND_OK;

    *ret_given = (tend_section_given){ .count = 0 };
    for (size_t i = 0; status == TEND_OK && tend_config_key(config, table->name, instance, i, &key, &value, &file, &line); i++) {
        const tend_setting *own = tend_section_setting(table, key);
        bool is_secret = own ? own->type == TEND_SETTING_SECRET : tend_secret_is_named(value);
        tend_error why = { 0 };
        char *secret = NULL;

        if (own && !is_secret)
            continue;
        if (ret_given->count == TEND_SECTION_GIVEN)
            return tend_fail(reterr, TEND_ELIMIT, "%s:%u: [%s.%s] %s: more than %d settings", file, line, table->name, instance,
                             key, TEND_SECTION_GIVEN);
        if (is_secret) {
            status = own ? tend_config_secret(config, table->name, instance, key, &secret, &why)
                         : tend_secret_read(value, tend_config_folder(config), &secret, &why);
            if (status < 0 && !unread)
                return tend_fail(reterr, status, "%s:%u: [%s.%s] %s: %s", file, line, table->name, instance, key, why.text);
            if (status < 0)
                unread(self, key, status, why.text);
            else
                ret_given->secrets[ret_given->secret_count++] = secret;
            status = TEND_OK;
            value = secret ? secret : "";
        }
        ret_given->given[ret_given->count++] = (tend_given){
            .key = key, .value = value, .is_secret = is_secret, .is_written = true, .folder = tend_config_folder(config)
        };
    }
    return status;
}

void tend_section_given_clear(tend_section_given *given)
{
    for (size_t i = 0; i < given->secret_count; i++)
        tend_secret_free(given->secrets[i]);
    given->count = given->secret_count = 0;
}
