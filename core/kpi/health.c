#include "kpi/health.h"
#include "base/date.h"
#include "base/money.h"
#include "base/together.h"
#include "base/wide.h"
#include "kpi/source.h"
#include "kpi/view.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHED_MAX 128
#define HANDS_MAX 16
#define ACCOUNTS_AT_ONCE 4096 /* that one of several hands takes */

/* Weights by which measures have points: there are few such sets. */
typedef struct weighed {
    uint64_t set; /* bits: measures that have points */
    tend_score score;
    bool is_there, has_points;
} weighed;

/* What an account comes to, in short. */
typedef struct brief {
    int64_t score, coverage;
    uint32_t band;
    bool is_known;
} brief;

struct tend_health {
    tend_kpi_view *view;        /* borrowed */
    const tend_scorecard *card; /* borrowed */
    const int64_t *accounts;    /* borrowed from the view's columns */
    size_t account_count;
    tend_room room;                                /* lent by the view's columns: values and briefs */
    const tend_kpi_value *kpis[TEND_MEASURES_MAX]; /* by measure; NULL: a source */
    tend_source_value *values[TEND_MEASURES_MAX];  /* by measure, then account */
    brief *briefs;                                 /* by account */
};

/* What some accounts have of a KPI. */
static void fill_values(const tend_health *health, size_t measure, size_t first, size_t end)
{
    const tend_kpi_value *value = health->kpis[measure];
    tend_source_value *values = health->values[measure];

    for (size_t i = first; i < end; i++) {
        const tend_kpi_account account = tend_kpi_view_at(health->view, value, i);

        values[i].newest = account.newest;
        if (account.is_left_out || tend_kpi_micro(value, account.numerator, account.denominator, &values[i].micro) < 0)
            values[i].micro = TEND_NO_VALUE;
    }
}

static tend_status read_measure(tend_health *health, size_t place, tend_error *reterr)
{
    const tend_score_measure *measure = &health->card->measures[place];
    const tend_kpi *kpi;
    tend_error error;

    if (tend_kpis_find(health->view->kpis, measure->value, &kpi, &error) >= 0)
        return tend_kpi_view_figure(health->view, measure->value, &health->kpis[place], reterr);
    if (!tend_source_exists(health->view->world->schema, measure->value))
        return tend_fail(reterr, TEND_ENOTFOUND,
                         "[measure.%s] value: %s is neither a KPI nor a source of health; see `tend kpi list`", measure->name,
                         measure->value);
    return tend_source_read(tend_columns_members(health->view->columns), measure->value, health->view->period.to,
                            health->values[place], reterr);
}

/* ---- every account's score --------------------------------------------------------------------------------------------- */

#define SCORED_AT_ONCE 64u

/* The values of some accounts that count: those that are stale do not. */
static void read_values(const tend_health *health, size_t measure, size_t first, size_t count, int64_t *ret_values)
{
    const tend_source_value *values = health->values[measure] + first;
    const int64_t stale_ms = health->card->measures[measure].stale_ms;
    const tend_time oldest = ((tend_time)health->view->period.to + 1) * INT64_C(86400000) - stale_ms;

    tend_ahead((const char *)values + TEND_AHEAD, SCORED_AT_ONCE * sizeof *values);
    for (size_t i = 0; i < count; i++)
        ret_values[i] =
            stale_ms > 0 && values[i].newest != TEND_NO_TIME && values[i].newest < oldest ? TEND_NO_VALUE : values[i].micro;
}

static void find_points(const tend_health *health, size_t account, int64_t points[TEND_MEASURES_MAX])
{
    for (size_t i = 0; i < health->card->measure_count; i++) {
        int64_t value;

        read_values(health, i, account, 1, &value);
        points[i] = value != TEND_NO_VALUE ? tend_score_points(&health->card->measures[i], value) : TEND_NO_POINTS;
    }
}

static const weighed *weigh(const tend_scorecard *card, weighed *kept, uint64_t set, const int64_t *points)
{
    kept += (set ^ set >> 7) % WEIGHED_MAX;
    if (!kept->is_there || kept->set != set) {
        kept->has_points = tend_score_weigh(card, points, &kept->score);
        kept->set = set;
        kept->is_there = true;
    }
    return kept;
}

/* Measure by measure, then account by account. */
static void score_in_short(const tend_health *health, weighed *kept, size_t first, size_t count)
{
    const size_t measures = health->card->measure_count;
    int64_t values[SCORED_AT_ONCE], of_measure[SCORED_AT_ONCE], points[SCORED_AT_ONCE][TEND_MEASURES_MAX];
    uint64_t sets[SCORED_AT_ONCE] = { 0 };

    for (size_t m = 0; m < measures; m++) {
        read_values(health, m, first, count, values);
        tend_score_points_of(&health->card->measures[m], values, count, of_measure);
        for (size_t i = 0; i < count; i++) {
            points[i][m] = of_measure[i];
            sets[i] |= (uint64_t)(of_measure[i] != TEND_NO_POINTS) << m;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const weighed *weights = weigh(health->card, kept, sets[i], points[i]);
        brief *found = &health->briefs[first + i];
        size_t band = 0;

        found->score = weights->has_points ? tend_score_sum(health->card, &weights->score, points[i], &band) : 0;
        found->coverage = weights->score.coverage;
        found->is_known = weights->score.is_known;
        found->band = (uint32_t)band;
    }
}

typedef struct scoring {
    const tend_health *health;
    weighed *kept[HANDS_MAX]; /* owned; by hand */
    atomic_size_t next;
} scoring;

static void score_some(void *self, size_t hand)
{
    scoring *s = self;
    const size_t count = s->health->account_count;
    size_t first;

    while ((first = atomic_fetch_add(&s->next, ACCOUNTS_AT_ONCE)) < count) {
        const size_t end = count - first < ACCOUNTS_AT_ONCE ? count : first + ACCOUNTS_AT_ONCE;

        for (size_t measure = 0; measure < s->health->card->measure_count; measure++)
            if (s->health->kpis[measure])
                fill_values(s->health, measure, first, end);
        for (; first < end; first += SCORED_AT_ONCE)
            score_in_short(s->health, s->kept[hand], first, end - first < SCORED_AT_ONCE ? end - first : SCORED_AT_ONCE);
    }
}

static tend_status score_all(tend_health *health, tend_error *reterr)
{
    scoring s = { .health = health };
    size_t hands = (health->account_count + ACCOUNTS_AT_ONCE - 1) / ACCOUNTS_AT_ONCE;
    bool is_there = true;

    hands = hands < tend_together_hands() ? hands : tend_together_hands();
    hands = hands < HANDS_MAX ? hands : HANDS_MAX;
    for (size_t i = 0; i < hands; i++) {
        s.kept[i] = calloc(WEIGHED_MAX, sizeof *s.kept[i]);
        is_there &= s.kept[i] != NULL;
    }
    if (is_there)
        tend_together(hands, score_some, &s);
    for (size_t i = 0; i < hands; i++)
        free(s.kept[i]);
    return is_there ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "health: memory is used up");
}

static tend_status take_room(tend_health *health, tend_error *reterr)
{
    const size_t accounts = health->account_count, measures = health->card->measure_count;
    tend_source_value *values;

    if (!tend_columns_lend(health->view->columns, accounts * (measures * sizeof *values + sizeof *health->briefs), &health->room))
        return tend_fail(reterr, TEND_ENOMEM, "health: memory is used up");
    values = health->room.memory;
    for (size_t i = 0; i < measures; i++)
        health->values[i] = values + i * accounts;
    health->briefs = (brief *)(void *)(values + measures * accounts);
    return TEND_OK;
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
    if (status >= 0)
        status = take_room(health, reterr);
    for (size_t i = 0; status >= 0 && i < card->measure_count; i++)
        status = read_measure(health, i, reterr);
    if (status >= 0)
        status = score_all(health, reterr);
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
    tend_columns_give_back(health->view->columns, &health->room);
    free(health);
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

bool tend_health_at(tend_health *health, size_t i, tend_health_score *ret_score)
{
    if (i >= health->account_count)
        return false;

    const brief *found = &health->briefs[i];

    *ret_score = (tend_health_score){ .account = health->accounts[i],
                                      .is_known = found->is_known,
                                      .score = found->score,
                                      .coverage = found->coverage,
                                      .band = found->is_known ? health->card->bands[found->band].name : "unknown" };
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
    if (value->micro == TEND_NO_VALUE)
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
                                       .has_value = value->micro != TEND_NO_VALUE,
                                       .micro = value->micro != TEND_NO_VALUE ? value->micro : 0,
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
