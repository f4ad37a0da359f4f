/* health.h: the health of the accounts of a view, and why it is what it is. */
#ifndef TEND_KPI_HEALTH_H
#define TEND_KPI_HEALTH_H

#include "kpi/compute.h"
#include "kpi/score.h"

typedef struct tend_health tend_health;

/* Reads every measure's values once. Borrows the view and the card. Owned. */
tend_status tend_health_open(tend_kpi_view *view, const tend_scorecard *card, tend_health **ret_health, tend_error *reterr);
void tend_health_close(tend_health *health); /* accepts NULL */

typedef struct tend_health_score {
    int64_t account;
    bool is_known;
    int64_t score;    /* 0 to 100, times 10^6 */
    int64_t coverage; /* part of the weight that has values, times 10^6 */
    const char *band; /* "unknown" when it is not known */
} tend_health_score;
/* The i-th account of the view, by id; false past the end. */
bool tend_health_at(tend_health *health, size_t i, tend_health_score *ret_score);

typedef struct tend_health_part {
    const char *measure, *group, *value; /* names, as the scorecard has them */
    bool has_points;
    bool has_value; /* a stale value is a value without points */
    int64_t micro;  /* the value times 10^6 */
    int64_t points; /* 0 to 100, times 10^6 */
    tend_score_part part;
    tend_time newest;
    const char *why; /* a sentence */
} tend_health_part;
/* One part per measure, in the scorecard's order; contributions add up to the score. From the arena. TEND_ENOTFOUND: the account
 * is not in the view. */
tend_status tend_health_explain(const tend_health *health, int64_t account, tend_arena *arena, tend_health_score *ret_score,
                                const tend_health_part **ret_parts, size_t *ret_count, tend_error *reterr);

#endif
