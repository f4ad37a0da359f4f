#include "kpi/score.h"
#include "base/money.h"
#include <string.h>

/* Gives `left` units, one each, to the largest remainders; the earlier first when equal. */
static void give_rest(int64_t left, size_t count, tend_int128 *remainders, int64_t *const *units)
{
    for (; left > 0; left--) {
        size_t best = count;

        for (size_t i = 0; i < count; i++)
            if (units[i] && remainders[i] >= 0 && (best == count || remainders[i] > remainders[best]))
                best = i;
        if (best == count)
            return;
        (*units[best])++;
        remainders[best] = -1;
    }
}

typedef struct weights {
    tend_int128 all;                                 /* of every measure */
    tend_int128 present;                             /* of those with points */
    tend_int128 groups;                              /* of groups that have points at all, missing measures included */
    tend_int128 group[TEND_MEASURES_MAX];            /* by measure: its group's whole weight … */
    tend_int128 present_in_group[TEND_MEASURES_MAX]; /* … and what of it has points */
} weights;

static void sum_weights(const tend_scorecard *card, const int64_t *points, weights *sum)
{
    memset(sum, 0, sizeof *sum);
    for (size_t i = 0; i < card->measure_count; i++) {
        sum->all += card->measures[i].weight;
        if (points[i] != TEND_NO_POINTS)
            sum->present += card->measures[i].weight;
        for (size_t j = 0; j < card->measure_count; j++) {
            if (strcmp(card->measures[i].group, card->measures[j].group) != 0)
                continue;
            sum->group[i] += card->measures[j].weight;
            if (points[j] != TEND_NO_POINTS)
                sum->present_in_group[i] += card->measures[j].weight;
        }
    }
    for (size_t i = 0; i < card->measure_count; i++)
        if (sum->present_in_group[i] > 0)
            sum->groups += card->measures[i].weight;
}

/* Parts of the whole weight, before (every measure) or after spreading (those with points). */
static void share_weights(const tend_scorecard *card, const int64_t *points, const weights *sum, bool is_spread, tend_score *score)
{
    tend_int128 remainders[TEND_MEASURES_MAX];
    int64_t *units[TEND_MEASURES_MAX];
    int64_t left = TEND_WHOLE_WEIGHT;

    for (size_t i = 0; i < card->measure_count; i++) {
        tend_int128 above = (tend_int128)card->measures[i].weight * TEND_WHOLE_WEIGHT, below = sum->all;

        units[i] = is_spread ? &score->parts[i].used : &score->parts[i].weight;
        remainders[i] = -1;
        if (is_spread && points[i] == TEND_NO_POINTS) {
            units[i] = NULL;
            continue;
        }
        if (is_spread) {
            above = (tend_int128)card->measures[i].weight * sum->group[i];
            below = sum->groups * sum->present_in_group[i];
            /* above / below in parts of the whole, in two steps so that it stays within 128 bits. */
            const tend_int128 whole = above * TEND_MICRO / below, rest = above * TEND_MICRO % below;

            *units[i] = (int64_t)(whole * TEND_MICRO + rest * TEND_MICRO / below);
            remainders[i] = rest * TEND_MICRO % below * TEND_MICRO / below;
        } else {
            *units[i] = (int64_t)(above / below);
            remainders[i] = above % below * TEND_MICRO / below;
        }
        left -= *units[i];
    }
    give_rest(left, card->measure_count, remainders, units);
}

static void share_score(const tend_scorecard *card, const int64_t *points, tend_score *score)
{
    tend_int128 remainders[TEND_MEASURES_MAX];
    int64_t *units[TEND_MEASURES_MAX];
    int64_t left = score->score;

    for (size_t i = 0; i < card->measure_count; i++) {
        const tend_int128 part = points[i] == TEND_NO_POINTS ? 0 : (tend_int128)score->parts[i].used * points[i];

        units[i] = points[i] == TEND_NO_POINTS ? NULL : &score->parts[i].contribution;
        remainders[i] = part % TEND_WHOLE_WEIGHT;
        score->parts[i].contribution = (int64_t)(part / TEND_WHOLE_WEIGHT);
        left -= score->parts[i].contribution;
    }
    give_rest(left, card->measure_count, remainders, units);
}

bool tend_score_weigh(const tend_scorecard *card, const int64_t *points, tend_score *ret_score)
{
    weights sum;

    memset(ret_score, 0, sizeof *ret_score);
    sum_weights(card, points, &sum);
    if (sum.all == 0)
        return false;
    share_weights(card, points, &sum, false, ret_score);
    if (sum.present == 0)
        return false;
    ret_score->coverage = (int64_t)(sum.present * TEND_MICRO / sum.all);
    ret_score->is_known = sum.present * TEND_MICRO >= sum.all * card->minimum_coverage;
    share_weights(card, points, &sum, true, ret_score);
    for (size_t i = 0; i < card->measure_count; i++) {
        ret_score->parts[i].upper = ret_score->parts[i].used / TEND_MICRO;
        ret_score->parts[i].lower = ret_score->parts[i].used % TEND_MICRO;
    }
    return true;
}

/* Half up: the sum of used * points, of which used is at most 10^12 in all, divided by 10^12. In two halves of six digits each, so
 * that 64 bits hold everything; what the lower half leaves over is below one unit of the upper and cannot turn the rounding. */
int64_t tend_score_sum(const tend_scorecard *card, const tend_score *weighed, const int64_t *points, size_t *ret_band)
{
    int64_t upper = 0, lower = 0, score;
    size_t band = 0;
    bool is_above = true;

    for (size_t i = 0; i < card->measure_count; i++) {
        const int64_t counted = points[i] == TEND_NO_POINTS ? 0 : points[i];

        upper += weighed->parts[i].upper * counted;
        lower += weighed->parts[i].lower * counted;
    }
    score = (upper + lower / TEND_MICRO + TEND_MICRO / 2) / TEND_MICRO;
    for (size_t i = 0; i + 1 < card->band_count; i++) { /* few, and where a score stands nobody can foretell: no branch */
        is_above &= score > card->bands[i].up_to;
        band += is_above;
    }
    *ret_band = band;
    return score;
}

void tend_score_of(const tend_scorecard *card, const int64_t *points, tend_score *ret_score)
{
    if (!tend_score_weigh(card, points, ret_score))
        return;
    ret_score->score = tend_score_sum(card, ret_score, points, &ret_score->band);
    share_score(card, points, ret_score);
}

/* Numbers this small leave room for `most` times their distance in 64 bits. */
#define POINTS_MOST (100 * TEND_MICRO)
#define SMALL_MOST (INT64_MAX / POINTS_MOST / 4)

static bool is_small(int64_t number)
{
    return number >= -SMALL_MOST && number <= SMALL_MOST;
}

int64_t tend_score_points(const tend_score_measure *measure, int64_t value)
{
    tend_int128 above = (tend_int128)value - measure->low, below = (tend_int128)measure->high - measure->low;

    if (below < 0) {
        above = -above;
        below = -below;
    }
    if (above <= 0)
        return 0;
    if (above >= below)
        return POINTS_MOST;
    above = (above * POINTS_MOST + below / 2) / below;
    return (int64_t)(above > POINTS_MOST ? POINTS_MOST : above);
}

void tend_score_points_of(const tend_score_measure *measure, const int64_t *values, size_t count, int64_t *ret_points)
{
    const bool falls = measure->high < measure->low, is_short = is_small(measure->low) && is_small(measure->high);
    const int64_t low = measure->low, span = !is_short ? 0 : falls ? low - measure->high : measure->high - low;
    /* The 64 bits behind the point of 1 / span: what is below 2^63, times this, is the quotient or one less. */
    const uint64_t inverse = span > 1 ? UINT64_MAX / (uint64_t)span : 0;

    for (size_t i = 0; i < count; i++) {
        const int64_t value = values[i];

        if (value == TEND_NO_POINTS) {
            ret_points[i] = TEND_NO_POINTS;
        } else if (span > 1 && is_small(value)) { /* nearly always; the ends come out exactly, so there is no branch for them */
            const int64_t over = falls ? low - value : value - low;
            const int64_t within = over < 0 ? 0 : over > span ? span : over;

            const uint64_t above = (uint64_t)(within * POINTS_MOST + span / 2);
            const uint64_t quotient = (uint64_t)((tend_int128)above * inverse >> 64);

            ret_points[i] = (int64_t)(quotient + (above - quotient * (uint64_t)span >= (uint64_t)span));
        } else {
            ret_points[i] = tend_score_points(measure, value);
        }
    }
}
