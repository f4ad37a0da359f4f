/* check.h: what the sections of tend.ini name has to be there: plugins and mappings of sources, scripts of playbooks. */
#ifndef TEND_ENGINE_CHECK_H
#define TEND_ENGINE_CHECK_H

#include "engine/workspace.h"

/* Every fault as a line "file:line: [section] key: what is wrong; what to do" to `faults` (may be NULL). TEND_EINVAL when there was
 * one. Needs the configuration and the schema only, no store. */
tend_status tend_workspace_check_parts(tend_workspace *workspace, FILE *faults, tend_error *reterr);

#endif
