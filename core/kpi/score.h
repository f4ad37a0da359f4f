/* score.h: one account's health from its points, in whole numbers.
 *
 * Missing points: the measure's weight is spread over its group, the weight of an empty group over the other groups. When less
 * than the minimum of the weight has points, the score is unknown. Contributions add up to the score exactly: what rounding
 * leaves over goes to the largest remainders. */
#ifndef TEND_KPI_SCORE_H
#define TEND_KPI_SCORE_H

#include "kpi/scorecard.h"

#define TEND_NO_POINTS INT64_MIN
#define TEND_WHOLE_WEIGHT INT64_C(1000000000000) /* weights as parts of 10^12 */

typedef struct tend_score_part {
    int64_t weight;       /* as written, of TEND_WHOLE_WEIGHT */
    int64_t used;         /* after spreading; all of them add up to TEND_WHOLE_WEIGHT */
    int64_t upper, lower; /* `used` in two halves of six digits */
    int64_t contribution; /* times 10^6; all of them add up to the score */
} tend_score_part;

typedef struct tend_score {
    int64_t coverage; /* times 10^6, rounded down */
    bool is_known;    /* enough has points */
    int64_t score;    /* 0 to 100, times 10^6; also when it is not known but something has points */
    size_t band;      /* index; when is_known */
    tend_score_part parts[TEND_MEASURES_MAX];
} tend_score;

/* In two steps, for many accounts: weights and coverage depend only on which measures have points (false: none has) … */
bool tend_score_weigh(const tend_scorecard *card, const int64_t *points, tend_score *ret_score);
/* … and with them the score and its band follow from the points; contributions are not computed. */
int64_t tend_score_sum(const tend_scorecard *card, const tend_score *weighed, const int64_t *points, size_t *ret_band);
/* `points`: 0 to 100 times 10^6 per measure, or TEND_NO_POINTS. */
void tend_score_of(const tend_scorecard *card, const int64_t *points, tend_score *ret_score);
/* A value's points on the measure's line, kept between 0 and 100, half away from zero. */
int64_t tend_score_points(const tend_score_measure *measure, int64_t value);
/* The same of many, quicker; a value of TEND_NO_POINTS has none. */
void tend_score_points_of(const tend_score_measure *measure, const int64_t *values, size_t count, int64_t *ret_points);

#endif
