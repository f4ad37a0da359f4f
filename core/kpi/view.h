/* view.h: the inside of a view, for the files that compute and explain. */
#ifndef TEND_KPI_VIEW_H
#define TEND_KPI_VIEW_H

#include "kpi/compute.h"
#include "kpi/sum.h"

#define TEND_PREPARED_MAX 64

typedef struct tend_kept_value {
    tend_kpi_value value; /* first: a value leads to what is kept */
    const tend_frame *frame;
    const tend_ratio *ratios; /* by entry of the frame */
    struct tend_kept_value *next;
} tend_kept_value;

/* KPIs of one plugin over one frame, computed in one call; one that is another under a second name has its figures. */
typedef struct tend_prepared {
    tend_hosted *hosted;
    const tend_frame *frame;
    const tend_kpi *kpis[TEND_PREPARED_MAX];
    size_t computed[TEND_PREPARED_MAX];        /* by KPI: which of those that are computed it is */
    const tend_kpi *firsts[TEND_PREPARED_MAX]; /* those that are computed */
    size_t count, first_count;
    tend_many *many;                        /* owned; NULL: it could not be */
    tend_ratio_sum sums[TEND_PREPARED_MAX]; /* of those that are computed */
    bool has_ended, has_sums;
    struct tend_prepared *next;
} tend_prepared;

struct tend_kpi_view {
    tend_kpis *kpis;         /* borrowed */
    const tend_world *world; /* borrowed */
    tend_period period;
    char currency[4];
    tend_arena *arena;
    tend_columns *columns; /* owned */
    tend_rates *rates;     /* owned */
    tend_kept_value *values;
    tend_prepared *prepared;
};

/* prepare.c: the ratios of this KPI when it was prepared and went well; NULL otherwise. */
const tend_ratio *tend_prepared_find(tend_kpi_view *view, const tend_kpi *kpi);
/* Their sum, when it was prepared and went well. */
bool tend_prepared_sum(const tend_kpi_view *view, const tend_kpi *kpi, tend_ratio_sum *ret_sum);
void tend_prepared_clear(tend_kpi_view *view);

/* Nothing to convert and nothing to add up: every account is one entry. */
bool tend_kpi_view_is_plain(const tend_kpi_view *view, const tend_frame *frame);
/* Into the view's currency at the opening rate; divisors stay. Nothing to do for KPIs that are no money. */
tend_status tend_kpi_view_convert(const tend_kpi_view *view, const tend_kpi *kpi, const char currency[4], tend_ratio *ratio,
                                  tend_error *reterr);

#endif
