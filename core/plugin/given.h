/* given.h: settings checked against a plugin's own table and brought into the form that <tend/plugin.h> promises. Private to this
 * layer. */
#ifndef TEND_PLUGIN_GIVEN_H
#define TEND_PLUGIN_GIVEN_H

#include "base/arena.h"
#include "plugin/plugins.h"

/* Every fault: the key, and what is wrong with it; without a place, which the caller knows. */
typedef struct tend_given_faults {
    void (*fault)(void *self, const char *key, const char *reason);
    void *self;
    int count;
} tend_given_faults;

/* `options` ends with a NULL key. *ret_ready has the values to hand over, defaults included; from the arena. A fault is TEND_EINVAL
 * and the end, unless there are `faults`, which take them all. */
tend_status tend_given_check(const char *plugin, const tend_option *options, const tend_given *given, size_t count,
                             tend_given_faults *faults, tend_arena *arena, tend_given **ret_ready, size_t *ret_count,
                             tend_error *reterr);

#endif
