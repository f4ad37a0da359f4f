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

/* Before a function of plain loops: made for the processor that it runs on. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define RETENTION_WIDE __attribute__((optimize("O3"), target_clones("avx2", "default")))
#else
#define RETENTION_WIDE
#endif

/* One account over the period; money per year in minor units. The last three are 1 or 0. */
typedef struct retention_movement {
    int64_t start, end;                 /* at the end of `from` and of `to` */
    int64_t paid_at_start, paid_at_end; /* at least one contract with money in it */
    int64_t paid_before;                /* had one that began by the end of `from` */
} retention_movement;

#define RETENTION_ACCOUNTS 512u
/* Many of them, each number a row of its own. */
typedef struct retention_movements {
    int64_t start[RETENTION_ACCOUNTS], end[RETENTION_ACCOUNTS], paid_at_start[RETENTION_ACCOUNTS], paid_at_end[RETENTION_ACCOUNTS],
        paid_before[RETENTION_ACCOUNTS];
} retention_movements;

tend_status movement_of(const retention_contracts *contracts, uint32_t account, retention_movement *ret_movement,
                        tend_error *reterr);

/* The movements of `count` accounts from `first` on, at most RETENTION_ACCOUNTS: the same, quicker. */
tend_status movements_of(const retention_contracts *contracts, uint32_t first, uint32_t count, retention_movements *ret_movements,
                         tend_error *reterr);

/* Why a contract counts for nothing whatever the day; NULL when it counts. */
const char *contract_left_out(const retention_contracts *contracts, uint32_t row);
/* What a contract that counts brings a year on that day; 0 when it is not active then. */
int64_t contract_amount_on(const retention_contracts *contracts, uint32_t row, tend_date day);

#endif
