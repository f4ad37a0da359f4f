/* refresh.h: published values kept up to date.
 *
 * The bus subscriber "kpi": events since the last refresh say which accounts have changed; their values are computed again and
 * published where they differ. On a new day, after a change of configuration and when rates change every account is computed,
 * for time alone moves values. The portfolio (account 0) is summed again from what is published. When a month has ended its
 * values are closed as first reported. */
#ifndef TEND_KPI_REFRESH_H
#define TEND_KPI_REFRESH_H

#include "kpi/compute.h"
#include "kpi/scorecard.h"

typedef struct tend_refresh_report {
    int64_t events;    /* rows of the bus that were looked at, our own left out */
    int64_t accounts;  /* computed */
    int64_t published; /* values that differ from before, the portfolio's included */
    int64_t closed;    /* values of months that ended */
    int64_t failed;    /* KPIs that could not be computed; the log says why, their values stay */
    bool is_all;       /* every account was computed */
} tend_refresh_report;

/* Brings everything up to date. `everything`: as on a new day. Needs a model that can write and no open transaction. May be
 * broken off at any point and called again: nothing is published twice. */
tend_status tend_kpi_refresh(tend_model *model, tend_kpis *kpis, const tend_scorecard *card, bool everything,
                             tend_refresh_report *ret_report, tend_error *reterr);

#endif
