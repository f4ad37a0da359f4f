#include "plugin_load.h"
#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef const tend_plugin *(*plugin_entry)(void);

const tend_plugin *plugin_load(const char *name)
{
    const char *build = getenv("TEND_BUILD");
    char path[4096];
    plugin_entry entry;

    ck_assert_msg(build, "TEND_BUILD names the build folder");
    (void)snprintf(path, sizeof path, "%s/lib/tend/plugins/%s.so", build, name);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    ck_assert_msg(library, "%s", dlerror());
    void *symbol = dlsym(library, "tend_plugin_entry");

    ck_assert_msg(symbol, "%s has no tend_plugin_entry", path);
    memcpy(&entry, &symbol, sizeof entry);
    ck_assert_uint_eq(entry()->abi, TEND_ABI);
    return entry();
}

const tend_kpi_ops *plugin_kpi(const tend_plugin *plugin, const char *name)
{
    for (const tend_capability *capability = plugin->capabilities; capability->kind; capability++)
        if (capability->kind == TEND_KPI && strcmp(capability->name, name) == 0)
            return capability->ops;
    ck_abort_msg("plugin %s has no kpi %s", plugin->name, name);
    return NULL;
}

tend_status plugin_parts_put(void *self, const tend_part *part)
{
    plugin_parts *parts = self;
    const size_t length = strlen(parts->text);

    (void)snprintf(parts->text + length, sizeof parts->text - length, "%lld/%lld %d %s\n", (long long)part->numerator,
                   (long long)part->denominator, part->row == UINT32_MAX ? -1 : (int)part->row, part->why);
    parts->numerator += part->numerator;
    parts->denominator += part->denominator;
    parts->count++;
    return TEND_OK;
}
