/* source.h: the sources of tend.ini, read again and again.
 *
 * A source is a connector, its settings and a mapping. It is spooled and applied like an import; the connector's bookmarks are
 * kept with the last chunk, so that the next sync goes on where this one ended. Its external ids stand under the source's own
 * name: two sources may share a mapping. */
#ifndef TEND_SYNC_SOURCE_H
#define TEND_SYNC_SOURCE_H

#include "sync/import.h"
#include "sync/state.h"

/* [source.NAME] plugin, capability, mapping, every, enabled, keep_good, history; further keys are settings of the plugin. */
extern const tend_section tend_sync_sections[];

/* The i-th configured source, NULL past the end. */
const char *tend_sync_source(const tend_config *config, size_t i);
bool tend_sync_is_source(const tend_config *config, const char *name);
/* The name or path of its mapping, as written; the caller finds and loads it. */
const char *tend_sync_mapping(const tend_config *config, const char *name);
/* Whether its streams may bring a record several times: those of a connector do, the records of a file all come at once. */
bool tend_sync_takes_last(const tend_config *config, const char *name);
/* Enabled, and its `every` has passed since the last try began (or it was never synced). */
tend_status tend_sync_is_due(tend_store *store, const tend_config *config, const char *name, tend_time now, bool *ret_is_due,
                             tend_error *reterr);

/* When it is due; TEND_NO_TIME: never, for it is not enabled. */
tend_status tend_sync_next(tend_store *store, const tend_config *config, const char *name, tend_time now, tend_time *ret_at,
                           tend_error *reterr);

/* Reads what is new and stores it. How it ended, well or not, is kept in the table syncs. `options` as for an import; keeps_good
 * and is_history come from the source's section. */
tend_status tend_sync(tend_model *model, tend_plugins *plugins, const tend_config *config, const char *name,
                      const tend_mapping *mapping, const tend_import_options *options, tend_arena *arena,
                      const tend_import_report **ret_report, tend_error *reterr);

#endif
