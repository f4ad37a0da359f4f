/* registry.h: what hosted.c needs of the list of plugins. Private to this layer. */
#ifndef TEND_PLUGIN_REGISTRY_H
#define TEND_PLUGIN_REGISTRY_H

#include "plugin/plugins.h"

typedef struct tend_plugin_use {
    const tend_plugin_info *info; /* borrowed from the list */
    int deadline_ms;
    int64_t memory;  /* bytes */
    bool sends_each; /* every item of a pull in a message of its own */
} tend_plugin_use;

/* TEND_ENOTFOUND, or TEND_EDENIED with the reason why it is not usable. */
tend_status tend_plugins_use(const tend_plugins *plugins, const char *name, tend_plugin_use *ret_use, tend_error *reterr);
/* The same for a plugin that lacks nothing but rights. */
tend_status tend_plugins_use_to_describe(const tend_plugins *plugins, const char *name, tend_plugin_use *ret_use,
                                         tend_error *reterr);
tend_time tend_plugins_now(const tend_plugins *plugins);

#endif
