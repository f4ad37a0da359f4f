/* contracts.h: what one account pays a year at both ends of a period.
 *
 * A contract counts on a day when its first day is not later and its last active day not earlier (unknown: it goes on). Trials,
 * offers and agreements that nobody signed count for nothing; so does a contract without a first day or an amount. An account
 * whose contracts add up to less than nothing counts as nothing. */
#ifndef RETENTION_CONTRACTS_H
#define RETENTION_CONTRACTS_H

#include <tend/plugin.h>

/* The columns of a batch by name; borrowed from it. */
typedef struct retention_contracts {
    const uint32_t *starts;
    const int64_t *starts_on, *active_until, *annual_amount, *is_trial, *status;
    int64_t offered, agreed; /* the numbers of these words, or -1 */
    tend_date from, to;
} retention_contracts;

extern const tend_input contracts_inputs[]; /* ended by a NULL column */

tend_status contracts_of(const tend_batch *batch, retention_contracts *ret_contracts, tend_error *reterr);

/* One account over the period; money per year in minor units. */
typedef struct retention_movement {
    int64_t start, end;              /* at the end of `from` and of `to` */
    bool paid_at_start, paid_at_end; /* at least one contract with money in it */
    bool paid_before;                /* had one that began by the end of `from` */
} retention_movement;

tend_status movement_of(const retention_contracts *contracts, uint32_t account, retention_movement *ret_movement,
                        tend_error *reterr);

/* The movements of `count` accounts from `first` on: the same, quicker. */
tend_status movements_of(const retention_contracts *contracts, uint32_t first, uint32_t count, retention_movement *ret_movements,
                         tend_error *reterr);

/* Why a contract counts for nothing whatever the day; NULL when it counts. */
const char *contract_left_out(const retention_contracts *contracts, uint32_t row);
/* What a contract that counts brings a year on that day; 0 when it is not active then. */
int64_t contract_amount_on(const retention_contracts *contracts, uint32_t row, tend_date day);

#endif
