/* compute.h: the values of KPIs over one world, period and scope.
 *
 * A view keeps the columns and the exchange rates that several KPIs share. A figure over accounts is the sum of numerators over
 * the sum of denominators. Money is computed in its own currency and converted once per account and currency, at the rate of the
 * period's opening day, so that accounts add up to the portfolio to the last unit. An account whose currency has no rate is left
 * out and a note says so. */
#ifndef TEND_KPI_COMPUTE_H
#define TEND_KPI_COMPUTE_H

#include "kpi/catalogue.h"
#include "model/rate.h"

typedef struct tend_kpi_view tend_kpi_view;

/* `period` NULL: of [kpi] period, up to the world's day. `scope` NULL: all accounts. Borrows everything until close. Owned. */
tend_status tend_kpi_view_open(tend_kpis *kpis, const tend_world *world, const tend_period *period, const tend_scope *scope,
                               tend_kpi_view **ret_view, tend_error *reterr);
void tend_kpi_view_close(tend_kpi_view *view); /* accepts NULL */
tend_period tend_kpi_view_period(const tend_kpi_view *view);
const char *tend_kpi_view_currency(const tend_kpi_view *view); /* what money is reported in */
tend_columns *tend_kpi_view_columns(tend_kpi_view *view);
const tend_rates *tend_kpi_view_rates(const tend_kpi_view *view);

/* One account, its currencies added up. */
typedef struct tend_kpi_account {
    int64_t account;
    int64_t numerator, denominator; /* denominator 0: not defined */
    tend_time newest;               /* effective time of the newest fact behind it, TEND_NO_TIME */
    bool is_left_out;               /* no rate for a currency of its */
} tend_kpi_account;

typedef struct tend_kpi_value {
    const tend_kpi *kpi;
    tend_period period;
    char currency[4]; /* "" unless money stands in the numerator (TEND_UNIT_MONEY) */
    int64_t numerator, denominator;
    const tend_kpi_account *accounts; /* every account of the scope, by id; NULL until tend_kpi_view_value was asked */
    size_t account_count;
    size_t defined; /* how many of them have a value */
    bool has_interval;
    int64_t low, high;        /* 95 %, in the value's own unit times 10^6 */
    const char *const *notes; /* sentences for people; NULL-terminated */
} tend_kpi_value;

/* Has the named KPIs computed in one call for each plugin, all plugins at the same time; who asks for a value waits for it. What
 * cannot be computed so is computed when it is asked for, and what fails then says so then. */
tend_status tend_kpi_view_prepare(tend_kpi_view *view, const char *const *ids, size_t count, tend_error *reterr);
/* The figure over all accounts; one account's part by tend_kpi_view_at. Borrowed from the view until it is closed; computed once.
 */
tend_status tend_kpi_view_figure(tend_kpi_view *view, const char *id, const tend_kpi_value **ret_value, tend_error *reterr);
tend_kpi_account tend_kpi_view_at(const tend_kpi_view *view, const tend_kpi_value *value, size_t i);
/* The same, and the parts of all accounts in `accounts`. */
tend_status tend_kpi_view_value(tend_kpi_view *view, const char *id, const tend_kpi_value **ret_value, tend_error *reterr);

/* numerator / denominator * 10^6, half away from zero, money in major units. TEND_ENOTFOUND when it is not defined. */
tend_status tend_kpi_micro(const tend_kpi_value *value, int64_t numerator, int64_t denominator, int64_t *ret_micro);
/* The denominator is a plain divisor, the same for one account and for all. */
bool tend_unit_has_divisor(tend_unit unit);

#endif
