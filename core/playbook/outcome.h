/* outcome.h: what became of accounts, as it is known in the end: what a backtest holds a playbook against. */
#ifndef TEND_PLAYBOOK_OUTCOME_H
#define TEND_PLAYBOOK_OUTCOME_H

#include "model/filter.h"
#include "playbook/backtest.h"

typedef struct tend_outcomes {
    tend_outcome *list; /* sorted; from the arena */
    size_t count;
    const char *what;               /* how it is told, in words: "the day after the last contract …" */
    int64_t by_contract, by_source; /* churned: found by contracts; by what sources say of accounts without any */
} tend_outcomes;

/* `wanted` is one of
 *   churned      the day after the last day of recurring money, as the retention KPIs count it, with no contract that goes on; of
 * an account that never had such a contract the days of its rows of the kind churn, else its field churned_on KIND.WORD    rows of
 * the kind that came (KIND.created) or came to have the status, on the day it was true a filter     over accounts: each day on
 * which an account came to meet it on the days from `from` to `until`, in the world as it is known in `world`, whose other instants
 * are set here. Accounts that were merged are one. */
tend_status tend_outcomes_find(const tend_world *world, const tend_segments *segments, const tend_rates *rates, const char *wanted,
                               const tend_zone *zone, tend_date from, tend_date until, tend_arena *arena,
                               tend_outcomes *ret_outcomes, tend_error *reterr);

#endif
