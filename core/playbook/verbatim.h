/* verbatim.h: texts of others in what a script writes. Inside playbook only. */
#ifndef TEND_PLAYBOOK_VERBATIM_H
#define TEND_PLAYBOOK_VERBATIM_H

#include "playbook/moving.h"

/* Doubles each { of a text that came from what the run was told (fields, answers, comments, its event), so that it is not filled
 * in. The arguments get new texts from the arena. */
tend_status moving_keep_verbatim(const moving_run *moving, const char *verb, tend_tree *arguments, tend_error *reterr);

#endif
