/* check.h: what the sections of tend.ini name and hand on: plugins, their settings and mappings, scripts of playbooks and theirs.
 */
#ifndef TEND_ENGINE_CHECK_H
#define TEND_ENGINE_CHECK_H

#include "engine/workspace.h"

/* Which sections are looked at; or'ed. */
#define TEND_CHECK_SOURCES 1u
#define TEND_CHECK_SINKS 2u
#define TEND_CHECK_PLAYBOOKS 4u
#define TEND_CHECK_PRICES 8u
#define TEND_CHECK_FIGURES 16u /* what [kpi] publishes and measures read */
#define TEND_CHECK_NAMES 32u   /* the store's folder, logins, [plugin.NAME] */
#define TEND_CHECK_ALL 63u
/* Of these, what is put beside the configuration later, or by somebody else: files of secrets and variables of the environment,
 * files that sources read. For the doctor. */
#define TEND_CHECK_AROUND 64u
/* And whether people and teams that sections and scripts name are in the store: for whoever asks, not for an engine that starts, as
 * people leave. */
#define TEND_CHECK_PEOPLE 128u

/* Every fault as a line "file:line: [section] key: what is wrong; what to do", or "script:line: what is wrong", to `faults` (may be
 * NULL). TEND_EINVAL when there was one. Starts a host for each source, sink and price, those of KPIs, and a sandbox for each
 * playbook; needs the configuration and the schema only. Where there is a store, it is asked who is in which team. */
tend_status tend_workspace_check_parts(tend_workspace *workspace, unsigned which, FILE *faults, tend_error *reterr);
/* The same for one playbook's section: each fault as a line to `tell`; *ret_count says how many. */
tend_status tend_workspace_check_playbook(tend_workspace *workspace, const char *name, void (*tell)(void *self, const char *line),
                                          void *self, int *ret_count, tend_error *reterr);

#endif
