/* handover.h: accounts pass from one colleague to another on a day: roles, open tasks, contracts, opportunities, tickets,
 * approvals.
 *
 * A handover is a row per account. Those whose day has come are carried out at once; the others when the engine meets the day.
 * One that has a last day goes back by itself: exactly what changed hands then and is still with the one who took it.
 * Waits that name a role follow its holder by themselves. */
#ifndef TEND_ENGINE_HANDOVER_H
#define TEND_ENGINE_HANDOVER_H

#include "model/batch.h"

typedef struct tend_handover_plan {
    int64_t from, to;   /* rows of users */
    tend_date on;       /* first day of the new colleague */
    tend_date until;    /* first day on which the one who gives has it again; 0: for good */
    int64_t account;    /* 0: all of them */
    const char *reason; /* NULL: none */
} tend_handover_plan;

/* One row that changes hands. */
typedef struct tend_handover_item {
    tend_kind kind;
    int64_t row, account;
} tend_handover_item;

/* What would change hands, by account. From the arena. */
tend_status tend_handover_items(const tend_world *world, const tend_handover_plan *plan, tend_arena *arena,
                                const tend_handover_item **ret_items, size_t *ret_count, tend_error *reterr);
/* Writes the handover rows, in one batch, and carries out those whose day is today or earlier. TEND_EINVAL when one of the accounts
 * is to be handed over by the same colleague already. Needs an open transaction. */
tend_status tend_handover_write(tend_model *model, const tend_origin *origin, const tend_handover_plan *plan, tend_date today,
                                tend_arena *arena, int64_t *ret_accounts, tend_error *reterr);
/* Carries out accepted handovers whose day has come, and gives back those whose time is over. Opens its own transactions and batch.
 * *ret_done counts them. */
tend_status tend_handover_due(tend_model *model, tend_date today, int64_t *ret_done, tend_error *reterr);

#endif
