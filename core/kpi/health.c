#include "kpi/health.h"
#include "base/date.h"
#include "base/money.h"
#include "kpi/source.h"
#include "kpi/view.h"
#include <stdlib.h>
#include <string.h>

#define WEIGHED_MAX 128

typedef struct weighed {
    uint64_t set; /* bits: measures that have points */
    tend_score score;
    bool is_there, has_points;
} weighed;

struct tend_health {
    tend_kpi_view *view;        /* borrowed */
    const tend_scorecard *card; /* borrowed */
    const int64_t *accounts;    /* borrowed from the view's columns */
    size_t account_count;
    tend_source_value *values[TEND_MEASURES_MAX]; /* owned; by measure, then account */
    weighed weighed[WEIGHED_MAX];
};

static tend_status read_kpi(tend_health *health, const char *id, tend_source_value *values, tend_error *reterr)
{
    const tend_kpi_value *value;
    const tend_status status = tend_kpi_view_figure(health->view, id, &value, reterr);

    for (size_t i = 0; status >= 0 && i < value->account_count; i++) {
        const tend_kpi_account account = tend_kpi_view_at(health->view, value, i);

        values[i].newest = account.newest;
        values[i].has_value =
            !account.is_left_out && tend_kpi_micro(value, account.numerator, account.denominator, &values[i].micro) >= 0;
    }
    return status;
}

static tend_status read_measure(tend_health *health, const tend_score_measure *measure, tend_source_value *values,
                                tend_error *reterr)
{
    const tend_kpi *kpi;
    tend_error error;

    if (tend_kpis_find(health->view->kpis, measure->value, &kpi, &error) >= 0)
        return read_kpi(health, measure->value, values, reterr);
    if (!tend_source_exists(health->view->world->schema, measure->value))
        return tend_fail(reterr, TEND_ENOTFOUND,
                         "[measure.%s] value: %s is neither a KPI nor a source of health; see `tend kpi list`", measure->name,
                         measure->value);
    return tend_source_read(tend_columns_members(health->view->columns), measure->value, health->view->period.to, values, reterr);
}

tend_status tend_health_open(tend_kpi_view *view, const tend_scorecard *card, tend_health **ret_health, tend_error *reterr)
{
    tend_health *health = calloc(1, sizeof *health);
    tend_status status = health ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "health: memory is used up");

    if (status >= 0) {
        health->view = view;
        health->card = card;
        health->accounts = tend_columns_accounts(view->columns, &health->account_count);
    }
    for (size_t i = 0; status >= 0 && i < card->measure_count; i++) {
        health->values[i] = calloc(health->account_count + 1, sizeof *health->values[i]);
        status = health->values[i] ? read_measure(health, &card->measures[i], health->values[i], reterr)
                                   : tend_fail(reterr, TEND_ENOMEM, "health: memory is used up");
    }
    if (status < 0) {
        tend_health_close(health);
        return status;
    }
    *ret_health = health;
    return TEND_OK;
}

void tend_health_close(tend_health *health)
{
    if (!health)
        return;
    for (size_t i = 0; i < TEND_MEASURES_MAX; i++)
        free(health->values[i]);
    free(health);
}

static bool is_stale(const tend_health *health, const tend_score_measure *measure, const tend_source_value *value)
{
    const tend_time end = ((tend_time)health->view->period.to + 1) * INT64_C(86400000);

    return measure->stale_ms > 0 && value->newest != TEND_NO_TIME && value->newest < end - measure->stale_ms;
}

static void find_points(const tend_health *health, size_t account, int64_t points[TEND_MEASURES_MAX])
{
    for (size_t i = 0; i < health->card->measure_count; i++) {
        const tend_source_value *value = &health->values[i][account];

        points[i] = value->has_value && !is_stale(health, &health->card->measures[i], value)
                        ? tend_score_points(&health->card->measures[i], value->micro)
                        : TEND_NO_POINTS;
    }
}

static void score_account(const tend_health *health, size_t account, int64_t points[TEND_MEASURES_MAX], tend_score *ret_score)
{
    find_points(health, account, points);
    tend_score_of(health->card, points, ret_score);
}

static tend_health_score in_short(const tend_health *health, size_t account, const tend_score *score)
{
    return (tend_health_score){ .account = health->accounts[account],
                                .is_known = score->is_known,
                                .score = score->score,
                                .coverage = score->coverage,
                                .band = score->is_known ? health->card->bands[score->band].name : "unknown" };
}

/* Weights by which measures have points: there are few such sets. */
static const weighed *weigh(tend_health *health, const int64_t *points)
{
    uint64_t set = 0;
    weighed *kept;

    for (size_t i = 0; i < health->card->measure_count; i++)
        set |= (uint64_t)(points[i] != TEND_NO_POINTS) << i;
    kept = &health->weighed[(set ^ set >> 7) % WEIGHED_MAX];
    if (!kept->is_there || kept->set != set) {
        kept->has_points = tend_score_weigh(health->card, points, &kept->score);
        kept->set = set;
        kept->is_there = true;
    }
    return kept;
}

bool tend_health_at(tend_health *health, size_t i, tend_health_score *ret_score)
{
    int64_t points[TEND_MEASURES_MAX];
    const weighed *kept;
    tend_score score;

    if (i >= health->account_count)
        return false;
    find_points(health, i, points);
    kept = weigh(health, points);
    score.is_known = kept->score.is_known;
    score.coverage = kept->score.coverage;
    score.band = 0;
    score.score = kept->has_points ? tend_score_sum(health->card, &kept->score, points, &score.band) : 0;
    *ret_score = in_short(health, i, &score);
    return true;
}

/* ---- why --------------------------------------------------------------------------------------------------------------- */

static const char *write_number(int64_t micro, char buffer[static TEND_DECIMAL_ROOM])
{
    size_t length = strlen(tend_decimal_format(micro, 6, buffer));

    while (length > 0 && buffer[length - 1] == '0')
        buffer[--length] = '\0';
    if (length > 0 && buffer[length - 1] == '.')
        buffer[--length] = '\0';
    return buffer;
}

static bool has_others(const tend_health *health, size_t measure, const int64_t *points)
{
    const tend_scorecard *card = health->card;

    for (size_t i = 0; i < card->measure_count; i++)
        if (points[i] != TEND_NO_POINTS && strcmp(card->measures[i].group, card->measures[measure].group) == 0)
            return true;
    return false;
}

static const char *write_why(const tend_health *health, size_t measure, size_t account, const int64_t *points, tend_arena *arena)
{
    const tend_score_measure *asked = &health->card->measures[measure];
    const tend_source_value *value = &health->values[measure][account];
    char number[TEND_DECIMAL_ROOM], low[TEND_DECIMAL_ROOM], high[TEND_DECIMAL_ROOM], date[TEND_DATE_ROOM] = "";
    const bool is_alone = !has_others(health, measure, points);
    const char *where = is_alone ? "the other groups, as for group" : "the other measures of group";
    const char *end = is_alone ? " nothing is known" : "";

    if (points[measure] != TEND_NO_POINTS)
        return tend_arena_print(arena, "%s is %s, between %s (0 points) and %s (100 points)", asked->value,
                                write_number(value->micro, number), write_number(asked->low, low), write_number(asked->high, high));
    if (!value->has_value)
        return tend_arena_print(arena, "%s is not known; its weight goes to %s %s%s", asked->value, where, asked->group, end);
    tend_date_format((tend_date)(value->newest / 86400000 - (value->newest % 86400000 < 0)), date);
    return tend_arena_print(arena, "%s is stale, its newest fact is of %s; its weight goes to %s %s%s", asked->value, date, where,
                            asked->group, end);
}

static int compare_accounts(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

tend_status tend_health_explain(const tend_health *health, int64_t account, tend_arena *arena, tend_health_score *ret_score,
                                const tend_health_part **ret_parts, size_t *ret_count, tend_error *reterr)
{
    const tend_scorecard *card = health->card;
    int64_t points[TEND_MEASURES_MAX];
    tend_score score;
    tend_health_part *parts = tend_arena_take(arena, card->measure_count * sizeof *parts + 1);
    const int64_t *found = health->account_count > 0 ? bsearch(&account, health->accounts, health->account_count,
                                                               sizeof *health->accounts, compare_accounts)
                                                     : NULL;

    if (!found)
        return tend_fail(reterr, TEND_ENOTFOUND, "health: account %lld is not among those computed; name another one",
                         (long long)account);
    const size_t at = (size_t)(found - health->accounts);

    score_account(health, at, points, &score);
    for (size_t i = 0; parts && i < card->measure_count; i++) {
        const tend_source_value *value = &health->values[i][at];

        parts[i] = (tend_health_part){ .measure = card->measures[i].name,
                                       .group = card->measures[i].group,
                                       .value = card->measures[i].value,
                                       .has_points = points[i] != TEND_NO_POINTS,
                                       .has_value = value->has_value,
                                       .micro = value->micro,
                                       .points = points[i] != TEND_NO_POINTS ? points[i] : 0,
                                       .part = score.parts[i],
                                       .newest = value->newest,
                                       .why = write_why(health, i, at, points, arena) };
        if (!parts[i].why)
            parts = NULL;
    }
    if (!parts)
        return tend_fail(reterr, TEND_ENOMEM, "health: memory is used up");
    *ret_score = in_short(health, at, &score);
    *ret_parts = parts;
    *ret_count = card->measure_count;
    return TEND_OK;
}
