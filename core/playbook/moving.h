/* moving.h: a run on its way from its recorded steps to its next wait or its end. Inside playbook only. */
#ifndef TEND_PLAYBOOK_MOVING_H
#define TEND_PLAYBOOK_MOVING_H

#include "playbook/inside.h"

typedef struct new_step {
    struct new_step *next;
    tend_step step;
} new_step;

typedef struct moving_run {
    tend_run run;
    tend_playbooks *playbooks;
    tend_principal principal;
    tend_bundle *bundle;
    const tend_kind_schema *kind;
    tend_subject subject;
    bool is_stopping;                 /* what is run is its on_stop */
    int64_t recorded;                 /* steps in the journal */
    const tend_journal_step *journal; /* NULL: of an on_stop, which begins anew */
    const tend_tree *event;           /* NULL: it has ended */
    tend_move move;
    tend_flight flight;
    new_step *first, **end;
    tend_move_result result; /* of the move, when it has landed */
    bool is_handed;          /* and has not been looked at since it landed */
    bool is_told_held;       /* that it is held */
    char fault[TEND_SANDBOX_FAULT_MAX + 200];
} moving_run;

/* journal.c: its steps in order, into `journal` and `recorded`. */
tend_status moving_read_journal(moving_run *moving, tend_error *reterr);
/* A step that the journal does not have yet. */
tend_status moving_append(moving_run *moving, const tend_request *request, tend_step **ret_step, tend_error *reterr);
/* What the script reads: fields, and KPIs. `self` is the moving_run. */
tend_status moving_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr);

#endif
