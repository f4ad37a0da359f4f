/* safe.h: safe mode: an engine that ended badly again and again starts without plugins and playbooks.
 *
 * Each start of serve is noted in the store, and a clean stop wipes the notes. When there are [daemon] safe_after of them within
 * safe_within, the next start is in safe mode: people are served, rows are written and told to the bus, but no plugin and no
 * playbook is started, and nothing that is due is done; it is done later. It stays so over restarts, until somebody who has looked
 * lets the engine read its configuration again (SIGHUP) or starts it with serve --normal. */
#ifndef TEND_ENGINE_SAFE_H
#define TEND_ENGINE_SAFE_H

#include "engine/workspace.h"

/* Before serve does anything else. */
tend_status tend_safe_begin(tend_workspace *workspace, bool is_normal, tend_error *reterr);
/* A stop that was asked for, or a start that was refused with a sentence: neither is a crash. */
tend_status tend_safe_end(tend_workspace *workspace, tend_error *reterr);
/* Somebody has looked. */
tend_status tend_safe_leave(tend_workspace *workspace, tend_error *reterr);

/* The same in a running engine, which is noted as started now: what it does next may crash it again. */
tend_status tend_safe_resume(tend_workspace *workspace, tend_error *reterr);

#endif
