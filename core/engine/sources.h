/* sources.h: the configured sources of a workspace, synced by command or when they are due. */
#ifndef TEND_ENGINE_SOURCES_H
#define TEND_ENGINE_SOURCES_H

#include "engine/workspace.h"
#include "sync/source.h"

/* Syncs one source with its mapping, `is_anew` from its beginning; spool and rejects go to the workspace's folders. The report is
 * from `arena`. Refused in a workspace with a clock of its own. */
tend_status tend_workspace_sync(tend_workspace *workspace, const char *name, const tend_principal *principal, bool is_anew,
                                tend_arena *arena, const tend_import_report **ret_report, tend_error *reterr);
/* When the next source is due; TEND_NO_TIME: none is configured, or the store is simulated. */
tend_status tend_workspace_sync_next(tend_workspace *workspace, tend_time *ret_at, tend_error *reterr);
/* Syncs every source that is due; one that fails does not stop the others. On a simulated store does nothing. */
tend_status tend_workspace_sync_due(tend_workspace *workspace, int64_t *ret_synced, tend_error *reterr);
/* Ends imports that were cut off with a whole spool. */
tend_status tend_workspace_finish_imports(tend_workspace *workspace, tend_error *reterr);

#endif
