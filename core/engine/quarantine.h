/* quarantine.h: the crashes of plugins, kept in the store so that the next start knows of them. */
#ifndef TEND_ENGINE_QUARANTINE_H
#define TEND_ENGINE_QUARANTINE_H

#include "engine/workspace.h"

/* What the list does not know yet, from the store. */
tend_status tend_quarantine_recall(tend_store *store, tend_plugins *plugins, tend_error *reterr);
/* What the list has learned, into the store, in a transaction of its own; nothing where nothing can be written now. */
tend_status tend_quarantine_keep(tend_store *store, tend_plugins *plugins, tend_error *reterr);
/* tend plugin release: into the store as well. */
tend_status tend_quarantine_release(tend_workspace *workspace, const char *name, tend_error *reterr);

#endif
