/* propose.h: a mapping for files that nobody has described yet: `tend mapping new FILE…`. */
#ifndef TEND_SYNC_PROPOSE_H
#define TEND_SYNC_PROPOSE_H

#include "plugin/plugins.h"

/* Reads the head of each file and writes a commented mapping: each choice with its reason and up to three alternatives. The text
 * loads as it is. `source` names the identities; NULL: made from the first file's name.
 * `currency` is that of amounts without one; NULL: not known. From the arena. */
tend_status tend_mapping_propose(const tend_schema *schema, tend_plugins *plugins, const char *const *files, size_t count,
                                 const char *source, const char *currency, tend_arena *arena, const char **ret_text,
                                 tend_error *reterr);

#endif
