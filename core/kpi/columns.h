/* columns.h: the facts of accounts as columns, as calculators read them.
 *
 * Columns are built for one world, one period and one scope of accounts, from the rows of scan.h: sorted by account, effective
 * time and row id. A frame is what one calculator asked for; frames with the same inputs are built once. The arrays stand as
 * tend_batch wants them. Beside the schema's fields there are derived columns:
 *
 *   contract.active_until  the last day a contract is active: the earlier of ended_on and ends_on. An active contract that renews
 *                          itself (auto_renew) has no last day but ended_on. A contract that is ended or cancelled without any
 *                          day ended the day before the row last changed. */
#ifndef TEND_KPI_COLUMNS_H
#define TEND_KPI_COLUMNS_H

#include "kpi/members.h"
#include "plugin/plugins.h"
#include <tend/plugin.h>

/* Values at the start are as of the end of `from`, values at the end as of the end of `to`. */
typedef struct tend_period {
    tend_date from, to;
} tend_period;

typedef struct tend_columns tend_columns;

/* Borrows `world` and `cache`; `scope` and `cache` may be NULL. Money of rows and accounts that name no currency counts as
 * `currency`. Owned. */
tend_status tend_columns_new(const tend_world *world, tend_cache *cache, const tend_scope *scope, tend_period period,
                             const char currency[4], tend_columns **ret_columns, tend_error *reterr);
void tend_columns_free(tend_columns *columns); /* accepts NULL */
/* The accounts of the scope, sorted. Borrowed. */
const int64_t *tend_columns_accounts(const tend_columns *columns, size_t *ret_count);
tend_members *tend_columns_members(tend_columns *columns);

/* An entry is an account, or an account's part in one currency. All borrowed from the columns. */
typedef struct tend_frame {
    tend_batch batch;
    const int64_t *accounts;     /* by entry, sorted */
    const char (*currencies)[4]; /* by entry; NULL when not split */
    bool is_one_currency;        /* all of them are the one that was given for what names none */
    const tend_time *newest;     /* by entry: effective time of its newest row, TEND_NO_TIME when it has none */
    const tend_kind *kinds;      /* by input */
    const int64_t *const *rows;  /* by input: the row that each value comes from; 0: none */
    const tend_time *const *at;  /* by input: the effective time of that row */
    size_t facts, assumed;       /* rows read; those whose known time is assumed, counted when the world is one "as known then" */
} tend_frame;

tend_status tend_columns_frame(tend_columns *columns, const tend_input *inputs, bool is_money, const tend_frame **ret_frame,
                               tend_error *reterr);

/* The frame's batch in memory that hosts see, for any period; made when it is first asked for. Borrowed. */
tend_status tend_columns_sealed(const tend_frame *frame, const tend_sealed **ret_sealed, tend_error *reterr);

/* Memory to work in, of a view that ended where it is large enough, and so not zeroed; NULL: memory is used up. Owned until it is
 * given back. */
typedef struct tend_room {
    void *memory;
    size_t bytes;
} tend_room;
bool tend_columns_lend(tend_columns *columns, size_t bytes, tend_room *ret_room);
void tend_columns_give_back(tend_columns *columns, tend_room *room);

/* Whether every input is a field of an account's row or a derived column; the sentence names the first that is not. */
tend_status tend_columns_check(const tend_schema *schema, const tend_input *inputs, tend_error *reterr);

#endif
