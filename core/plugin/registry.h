/* registry.h: what hosted.c needs of the list of plugins. Private to this layer. */
#ifndef TEND_PLUGIN_REGISTRY_H
#define TEND_PLUGIN_REGISTRY_H

#include "plugin/plugins.h"

typedef struct tend_plugin_use {
    const tend_plugin_info *info; /* borrowed from the list */
    int deadline_ms;
    int64_t memory;     /* bytes */
    bool sends_each;    /* every item of a pull in a message of its own */
    const char *sha256; /* of what was signed; NULL: signatures are not required. Borrowed from the list */
} tend_plugin_use;

/* TEND_ENOTFOUND, or TEND_EDENIED with the reason why it is not usable. */
tend_status tend_plugins_use(const tend_plugins *plugins, const char *name, tend_plugin_use *ret_use, tend_error *reterr);
/* The same for a plugin that lacks nothing but rights. */
tend_status tend_plugins_use_to_describe(const tend_plugins *plugins, const char *name, tend_plugin_use *ret_use,
                                         tend_error *reterr);
/* Whether it may be called now: TEND_EDENIED when a new process is needed and it is not usable (any more), TEND_EBUSY when it has
 * to wait, also where this process is a fresh one: another of the plugin's hung a moment ago. */
tend_status tend_plugins_may_call(const tend_plugins *plugins, const char *name, bool is_running, tend_error *reterr);
/* Its process ended as it should not: `how`, "killed by signal 11 (…) during the pull of x". */
void tend_plugins_crashed(tend_plugins *plugins, const char *name, int hung_ms, const char *how);
/* signed.c: the bytes that were signed, in a memfd that nobody can change any more, or TEND_EVERSION when the file is another by
 * now. *ret_fd is owned; -1 where signatures are not required. */
tend_status tend_plugins_sealed(const tend_plugin_use *use, int *ret_fd, tend_error *reterr);
tend_time tend_plugins_now(const tend_plugins *plugins);

#endif
