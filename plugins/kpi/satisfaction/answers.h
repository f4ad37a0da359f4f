/* answers.h: the answers of one survey within a period, on the survey's own scale.
 *
 * An answer counts when its UTC day lies after `from` and not after `to`, its scale is the survey's and its score lies on the
 * scale. A source that names no scale means the survey's own: nps 0 to 10, csat 1 to 5, ces 1 to 7. A direction of high_is_bad
 * turns the score round. */
#ifndef SATISFACTION_ANSWERS_H
#define SATISFACTION_ANSWERS_H

#include <tend/plugin.h>

typedef struct asked_survey {
    const char *name; /* as answer.survey says */
    int64_t lowest, highest;
} asked_survey;

extern const asked_survey survey_nps, survey_csat, survey_ces;
extern const tend_input answers_inputs[]; /* ended by a NULL column */

/* The columns of a batch by name; borrowed from it. */
typedef struct asked_answers {
    const asked_survey *survey;
    int64_t word, high_is_bad; /* the numbers of these words, or -1 */
    const uint32_t *starts;
    const int64_t *surveys, *score, *scale_min, *scale_max, *direction, *answered_at;
    tend_date from, to;
} asked_answers;

tend_status answers_of(const tend_batch *batch, const asked_survey *survey, asked_answers *ret_answers, tend_error *reterr);

#define ANSWERS_WHY_ROOM 96
/* True, and the score with high meaning good, when the answer counts. Otherwise `why` says why it was left out; it is empty for
 * answers of other surveys and other days. */
bool answer_counts(const asked_answers *answers, uint32_t row, int64_t *ret_score, char why[static ANSWERS_WHY_ROOM]);

#endif
