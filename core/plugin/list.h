/* list.h: the list of plugins as plugins.c and quarantine.c see it. Private to them. */
#ifndef TEND_PLUGIN_LIST_H
#define TEND_PLUGIN_LIST_H

#include "base/arena.h"
#include "plugin/crashes.h"
#include "plugin/plugins.h"

typedef struct plugin_entry {
    tend_plugin_info info;
    int deadline_ms;
    int64_t memory;
    bool sends_each; /* it is being tried out: its crashes are nobody's concern */
    tend_crashes crashes;
    bool has_new_record;
    char sha256[65]; /* of the file that was found to be signed; "": of none */
} plugin_entry;

struct tend_plugins {
    const tend_config *config; /* borrowed; NULL: defaults */
    tend_clock clock;
    tend_arena *arena;
    plugin_entry *entries; /* owned; sorted by name while open is done */
    size_t count, room;
    bool needs_signatures; /* only signed ones are started */
    bool has_looked;       /* at the signatures */
};

/* signed.c: with [plugins] require_signature, whatever is not signed with a trusted key is refused. TEND_EINVAL when the
 * configuration names no key that can be read. */
tend_status tend_plugins_require_signatures(tend_plugins *plugins, tend_error *reterr);

/* `why_not` NULL: memory is used up, which its caller looks for. */
static inline void tend_plugin_refuse(tend_plugin_info *info, tend_plugin_state state, const char *why_not)
{
    info->is_usable = false;
    info->state = state;
    info->why_not = why_not;
}

#endif
