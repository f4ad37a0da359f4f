/* ask.h: what is asked of people: decisions and questions. Inside playbook only. */
#ifndef TEND_PLAYBOOK_ASK_H
#define TEND_PLAYBOOK_ASK_H

#include "playbook/inside.h"

#define ASKED_MAX 16

/* Who decides: the roles of `by` or `to`; the owner's manager when the script names nobody. Returns how many, at most ASKED_MAX. */
size_t ask_roles(const tend_tree *arguments, const char *ret_roles[ASKED_MAX]);
/* How many of them have to say yes. */
int64_t ask_needed(const tend_tree *arguments);
/* Until when: within, expires, or by, where that is a day; NULL: no end. */
const tend_tree *ask_rule(const tend_tree *arguments);

/* Rows that ask. `step` may be STEP/PART. *ret_row: the approval, or the task that is the question. */
tend_status ask_approval(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                         const tend_step *step, const char *role, tend_date by, int64_t *ret_row, tend_error *reterr);
tend_status ask_question(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                         const tend_step *step, tend_date by, int64_t *ret_row, tend_error *reterr);
/* Nobody needs an answer any more: `status` and, for a question, why. */
tend_status ask_close(tend_playbooks *playbooks, const char *playbook, int64_t kind, int64_t row, const char *status,
                      const char *why, tend_error *reterr);

#endif
