/* guard.h: what keeps playbooks from doing more than was meant. Inside playbook only. */
#ifndef TEND_PLAYBOOK_GUARD_H
#define TEND_PLAYBOOK_GUARD_H

#include "playbook/inside.h"

tend_status tend_guard_tables(tend_store *store, tend_error *reterr);

/* cycle_check.c: which of those at work start each other, kept in playbook_cycles and logged when it is news. In a transaction. */
tend_status tend_cycles_keep(tend_playbooks *playbooks, tend_error *reterr);

#endif
