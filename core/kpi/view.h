/* view.h: the inside of a view, for the files that compute and explain. */
#ifndef TEND_KPI_VIEW_H
#define TEND_KPI_VIEW_H

#include "kpi/compute.h"

typedef struct tend_kept_value {
    tend_kpi_value value;
    struct tend_kept_value *next;
} tend_kept_value;

struct tend_kpi_view {
    tend_kpis *kpis;         /* borrowed */
    const tend_world *world; /* borrowed */
    tend_period period;
    char currency[4];
    tend_arena *arena;
    tend_columns *columns; /* owned */
    tend_rates *rates;     /* owned */
    tend_kept_value *values;
};

/* Into the view's currency at the opening rate; divisors stay. Nothing to do for KPIs that are no money. */
tend_status tend_kpi_view_convert(const tend_kpi_view *view, const tend_kpi *kpi, const char currency[4], tend_ratio *ratio,
                                  tend_error *reterr);

#endif
