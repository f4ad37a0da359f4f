/* scorecard.h: how health is scored, as [health], [measure.NAME] and [band.NAME] say. */
#ifndef TEND_KPI_SCORECARD_H
#define TEND_KPI_SCORECARD_H

#include "config/config.h"

#define TEND_MICRO INT64_C(1000000) /* points, weights and values are whole numbers of millionths */
#define TEND_MEASURES_MAX 64

/* One measure: `value` grows from `low` (0 points) to `high` (100 points) in a straight line; low may be above high. */
typedef struct tend_score_measure {
    const char *name, *group;
    const char *value; /* a KPI id, a derived source (source.h) or account.FIELD */
    int64_t weight;    /* > 0, times 10^6 */
    int64_t low, high; /* times 10^6 */
    int64_t stale_ms;  /* a value whose newest fact is older counts as missing; 0: never */
} tend_score_measure;

/* Scores in (the band below's up_to, up_to]; the first band begins at 0 and holds it. */
typedef struct tend_score_band {
    const char *name;
    int64_t up_to; /* times 10^6 */
} tend_score_band;

typedef struct tend_scorecard {
    int64_t minimum_coverage; /* part of the whole weight that must have values, times 10^6 */
    size_t measure_count, band_count;
    tend_score_measure measures[TEND_MEASURES_MAX]; /* in the order written */
    tend_score_band bands[16];                      /* rising; the last is 100 */
    bool is_default;                                /* nothing is written: the scorecard that comes with tend */
    tend_config *own;                               /* of the default */
} tend_scorecard;

extern const tend_section tend_health_sections[];

/* `config` may be NULL. All faults go to `faults` (may be NULL), the first into reterr. Texts are borrowed from `config`. */
tend_status tend_scorecard_load(const tend_config *config, FILE *faults, tend_scorecard **ret_card, tend_error *reterr);
void tend_scorecard_free(tend_scorecard *card); /* accepts NULL */

#endif
