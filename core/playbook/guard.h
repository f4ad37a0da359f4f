/* guard.h: what keeps playbooks from doing more than was meant. Inside playbook only. */
#ifndef TEND_PLAYBOOK_GUARD_H
#define TEND_PLAYBOOK_GUARD_H

#include "playbook/inside.h"

tend_status tend_guard_tables(tend_store *store, tend_error *reterr);
extern const tend_setting tend_guard_settings[]; /* [playbooks] */

/* Whether a step of this verb does something: rows and messages, not reads and waits. */
bool tend_guard_counts(const char *verb);
/* Whether a move with so many effects may be made; they are counted. *ret_why: the run is to be held, for this reason; NULL: it may
 * go on. In a transaction, as all that follow. */
tend_status tend_guard_ask(tend_playbooks *playbooks, const tend_run *run, int64_t effects, const char **ret_why,
                           tend_error *reterr);
/* Counts of causes that have led to nothing for a window are dropped, once a day. Needs no open transaction. */
tend_status tend_guard_day(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);
/* "account.created (event 1) -> down -> up -> down": what led to the run's last move. From the arena. */
tend_status tend_guard_chain(tend_playbooks *playbooks, const tend_run *run, const char **ret_chain, tend_error *reterr);

/* left_out.c: the starting line of conditions. The row met the condition when it was new, and was left out. */
tend_status tend_left_out_note(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr);
/* The condition holds no longer: it is left out no more. */
tend_status tend_left_out_forget(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr);

/* cycle_check.c: which of those at work start each other, kept in playbook_cycles and logged when it is news. In a transaction. */
tend_status tend_cycles_keep(tend_playbooks *playbooks, tend_error *reterr);
/* Those start at the next step, at most `limit` (0: all), whose condition still holds. */
tend_status tend_left_out_release(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t limit, int64_t *ret_released,
                                  int64_t *ret_left, tend_error *reterr);
/* late.c: the same for a date. */
tend_status tend_late_release(tend_playbooks *playbooks, const char *name, const tend_release *release, tend_released *ret_released,
                              tend_error *reterr);
tend_status tend_late_drop(tend_playbooks *playbooks, const char *name, int64_t limit, tend_dropped *ret_dropped,
                           tend_error *reterr);

#endif
