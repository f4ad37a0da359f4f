/* absent.h: what is configured and not at work, each with the reason as a word and as a sentence. */
#ifndef TEND_ENGINE_ABSENT_H
#define TEND_ENGINE_ABSENT_H

#include "engine/workspace.h"

/* kind   name       state, of these
 * plugin its name   those of tend_plugin_state_name
 * source [source.X] switched_off, plugin_STATE, failed, not_read_yet
 * sink   [sink.X]   plugin_STATE, stopped
 * price  [price.X]  switched_off, plugin_STATE
 * playbook          switched_off, left_out, works_on (with its last good script), not_read_yet */
typedef struct tend_absent {
    const char *kind, *name, *state, *why; /* borrowed for the call */
} tend_absent;

/* Whatever is absent, in that order. Starts no plugin. KPIs have their own reasons (kpi/catalogue.h), because whoever asks for them
 * has to start their plugins. */
tend_status tend_workspace_absent(tend_workspace *workspace,
                                  tend_status (*found)(void *self, const tend_absent *absent, tend_error *reterr), void *self,
                                  tend_error *reterr);

#endif
