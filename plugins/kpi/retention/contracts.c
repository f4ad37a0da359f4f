#include "contracts.h"
#include <string.h>

enum { STARTS_ON, ACTIVE_UNTIL, ANNUAL_AMOUNT, IS_TRIAL, STATUS, INPUT_COUNT };

const tend_input contracts_inputs[] = {
    [STARTS_ON] = { "contract.starts_on", TEND_ALL },
    [ACTIVE_UNTIL] = { "contract.active_until", TEND_ALL },
    [ANNUAL_AMOUNT] = { "contract.annual_amount", TEND_ALL },
    [IS_TRIAL] = { "contract.is_trial", TEND_ALL },
    [STATUS] = { "contract.status", TEND_ALL },
    { NULL, TEND_ALL },
};

static int64_t number_of(const tend_column *column, const char *word)
{
    for (uint32_t i = 0; i < column->word_count; i++)
        if (strcmp(column->words[i], word) == 0)
            return i;
    return -1;
}

tend_status contracts_of(const tend_batch *batch, retention_contracts *ret_contracts, tend_error *reterr)
{
    if (batch->inputs != INPUT_COUNT)
        return tend_fail(reterr, TEND_EINVAL, "kpi retention: a batch with %u inputs; it takes %d", batch->inputs, INPUT_COUNT);
    if (batch->from > batch->to)
        return tend_fail(reterr, TEND_EINVAL, "kpi retention: the period ends before it begins; turn its days round");
    *ret_contracts = (retention_contracts){
        .starts = tend_column_starts(batch, STARTS_ON),
        .starts_on = tend_column_int(batch, STARTS_ON),
        .active_until = tend_column_int(batch, ACTIVE_UNTIL),
        .annual_amount = tend_column_int(batch, ANNUAL_AMOUNT),
        .is_trial = tend_column_int(batch, IS_TRIAL),
        .status = tend_column_int(batch, STATUS),
        .offered = number_of(&batch->columns[STATUS], "offered"),
        .agreed = number_of(&batch->columns[STATUS], "agreed"),
        .from = batch->from,
        .to = batch->to,
    };
    return TEND_OK;
}

const char *contract_left_out(const retention_contracts *contracts, uint32_t row)
{
    const int64_t status = contracts->status[row];

    if (contracts->is_trial[row] == 1)
        return "left out: a trial";
    if (status != TEND_UNKNOWN && status == contracts->offered)
        return "left out: only offered";
    if (status != TEND_UNKNOWN && status == contracts->agreed)
        return "left out: agreed, not signed";
    if (contracts->starts_on[row] == TEND_UNKNOWN)
        return "left out: no first day";
    if (contracts->annual_amount[row] == TEND_UNKNOWN)
        return "left out: no yearly amount";
    return NULL;
}

static bool is_active(const retention_contracts *contracts, uint32_t row, tend_date day)
{
    const int64_t until = contracts->active_until[row];

    return contracts->starts_on[row] <= day && (until == TEND_UNKNOWN || until >= day);
}

int64_t contract_amount_on(const retention_contracts *contracts, uint32_t row, tend_date day)
{
    return is_active(contracts, row, day) ? contracts->annual_amount[row] : 0;
}

/* The same as contract_left_out, without the reason. `offered` and `agreed` are -1 where no contract is. */
static inline bool is_counted(const retention_contracts *contracts, uint32_t row)
{
    const int64_t status = contracts->status[row];

    return contracts->is_trial[row] != 1 &&
           (status == TEND_UNKNOWN || (status != contracts->offered && status != contracts->agreed)) &&
           contracts->starts_on[row] != TEND_UNKNOWN && contracts->annual_amount[row] != TEND_UNKNOWN;
}

static tend_status past_64_bits(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ELIMIT,
                     "kpi retention: the contracts of an account add up to more than 64 bits hold; look for a wrong amount");
}

tend_status movement_of(const retention_contracts *contracts, uint32_t account, retention_movement *ret_movement,
                        tend_error *reterr)
{
    retention_movement sum = { 0 };

    for (uint32_t row = contracts->starts[account]; row < contracts->starts[account + 1]; row++) {
        if (!is_counted(contracts, row))
            continue;
        const int64_t start = contract_amount_on(contracts, row, contracts->from);
        const int64_t end = contract_amount_on(contracts, row, contracts->to);

        if (__builtin_add_overflow(sum.start, start, &sum.start) || __builtin_add_overflow(sum.end, end, &sum.end))
            return past_64_bits(reterr);
        sum.paid_at_start |= start > 0;
        sum.paid_at_end |= end > 0;
        sum.paid_before |= contracts->annual_amount[row] > 0 && contracts->starts_on[row] <= contracts->from;
    }
    sum.start = sum.start > 0 ? sum.start : 0;
    sum.end = sum.end > 0 ? sum.end : 0;
    *ret_movement = sum;
    return TEND_OK;
}

/* ---- many accounts ----------------------------------------------------------------------------------------------------- */

#define ROWS_AT_ONCE 1024u

/* What rows bring, whoever's they are: a loop without branches, over numbers that follow each other. */
typedef struct row_money {
    int64_t start[ROWS_AT_ONCE], end[ROWS_AT_ONCE], before[ROWS_AT_ONCE]; /* before: 1 when it began by the end of `from` */
} row_money;

RETENTION_WIDE
static void read_rows(const retention_contracts *contracts, uint32_t first, uint32_t count, row_money *money)
{
    const int64_t *starts_on = contracts->starts_on + first, *until = contracts->active_until + first;
    const int64_t *amount = contracts->annual_amount + first, *is_trial = contracts->is_trial + first;
    const int64_t *status = contracts->status + first;
    const int64_t offered = contracts->offered, agreed = contracts->agreed, from = contracts->from, to = contracts->to;

    for (uint32_t i = 0; i < count; i++) {
        const int64_t is_counted = (is_trial[i] != 1) & (status[i] != offered) & (status[i] != agreed) &
                                   (starts_on[i] != TEND_UNKNOWN) & (amount[i] != TEND_UNKNOWN);
        const int64_t money_of = is_counted ? amount[i] : 0;
        const int64_t goes_on = until[i] == TEND_UNKNOWN;

        money->start[i] = (starts_on[i] <= from) & (goes_on | (until[i] >= from)) ? money_of : 0;
        money->end[i] = (starts_on[i] <= to) & (goes_on | (until[i] >= to)) ? money_of : 0;
        money->before[i] = (money_of > 0) & (starts_on[i] <= from);
    }
}

static void put(const retention_movement *movement, uint32_t at, retention_movements *movements)
{
    movements->start[at] = movement->start;
    movements->end[at] = movement->end;
    movements->paid_at_start[at] = movement->paid_at_start;
    movements->paid_at_end[at] = movement->paid_at_end;
    movements->paid_before[at] = movement->paid_before;
}

/* `count` accounts from `first` on, which come to stand from `at` on. */
static tend_status sum_rows(const retention_contracts *contracts, uint32_t first, uint32_t count, uint32_t at,
                            retention_movements *ret_movements, tend_error *reterr)
{
    const uint32_t row = contracts->starts[first], rows = contracts->starts[first + count] - row;
    row_money money;
    bool is_too_much = false;

    if (rows > ROWS_AT_ONCE) {
        const uint32_t half = count / 2;
        retention_movement movement;
        tend_status status = count == 1 ? movement_of(contracts, first, &movement, reterr)
                                        : sum_rows(contracts, first, half, at, ret_movements, reterr);

        if (status >= 0 && count > 1)
            return sum_rows(contracts, first + half, count - half, at + half, ret_movements, reterr);
        if (status >= 0)
            put(&movement, at, ret_movements);
        return status;
    }
    read_rows(contracts, row, rows, &money);
    for (uint32_t i = 0; i < count; i++) {
        retention_movement sum = { 0 };

        for (uint32_t k = contracts->starts[first + i] - row; k < contracts->starts[first + i + 1] - row; k++) {
            is_too_much |= __builtin_add_overflow(sum.start, money.start[k], &sum.start);
            is_too_much |= __builtin_add_overflow(sum.end, money.end[k], &sum.end);
            sum.paid_at_start |= money.start[k] > 0;
            sum.paid_at_end |= money.end[k] > 0;
            sum.paid_before |= money.before[k];
        }
        sum.start = sum.start > 0 ? sum.start : 0;
        sum.end = sum.end > 0 ? sum.end : 0;
        put(&sum, at + i, ret_movements);
    }
    return is_too_much ? past_64_bits(reterr) : TEND_OK;
}

tend_status movements_of(const retention_contracts *contracts, uint32_t first, uint32_t count, retention_movements *ret_movements,
                         tend_error *reterr)
{
    return sum_rows(contracts, first, count, 0, ret_movements, reterr);
}
