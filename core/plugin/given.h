/* given.h: settings checked against a plugin's own table and brought into the form that <tend/plugin.h> promises. Private to this
 * layer. */
#ifndef TEND_PLUGIN_GIVEN_H
#define TEND_PLUGIN_GIVEN_H

#include "base/arena.h"
#include "plugin/plugins.h"

/* `options` ends with a NULL key. *ret_ready has the values to hand over, defaults included; from the arena. */
tend_status tend_given_check(const char *plugin, const tend_option *options, const tend_given *given, size_t count,
                             tend_arena *arena, tend_given **ret_ready, size_t *ret_count, tend_error *reterr);

#endif
