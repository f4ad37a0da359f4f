/* health.c: an account's health as it was published, and what it is made of. */
#include "kpi/health.h"
#include "kpi/explain.h"
#include "model/measure.h"
#include "query/inside.h"
#include <string.h>

static const tend_heading health_headings[] = {
    { "score", NULL, TEND_DECIMAL, false },
    { "band", NULL, TEND_TEXT, false },
    { "day", "as of", TEND_DATE, false },
    { "published_at", "published", TEND_TIME, true },
};
static const tend_heading reason_headings[] = {
    { "measure", NULL, TEND_TEXT, false },
    { "value", NULL, TEND_DECIMAL, true },
    { "points", "points of 100", TEND_DECIMAL, true },
    { "weight", NULL, TEND_DECIMAL, true },
    { "contribution", "part of the score", TEND_DECIMAL, true },
    { "newest", "newest fact", TEND_TIME, true },
    { "why", NULL, TEND_TEXT, false },
};
static const query_section health_section = { "health", "Health", health_headings, QUERY_COUNT(health_headings), true, NULL };
static const query_section reason_section = {
    "health_reasons", "Why health is so", reason_headings, QUERY_COUNT(reason_headings), false, NULL
};

static tend_value micro(bool is_known, int64_t number)
{
    return is_known ? tend_value_decimal(number, 6) : tend_value_none();
}

/* What the scorecard says of the account now. The texts stay in the query's arena. TEND_ENOTFOUND: health does not score it. */
static tend_status explain(const tend_query *query, int64_t account, tend_health_score *ret_score,
                           const tend_health_part **ret_parts, size_t *ret_count, tend_error *reterr)
{
    const tend_scope only = { .accounts = &account, .count = 1 };
    tend_kpi_view *view = NULL;
    tend_health *health = NULL;
    tend_status status = tend_kpi_view_open(query->kpis, &query->world, NULL, &only, &view, reterr);

    if (status >= 0)
        status = tend_health_open(view, query->card, &health, reterr);
    if (status >= 0)
        status = tend_health_explain(health, account, query->arena, ret_score, ret_parts, ret_count, reterr);
    tend_health_close(health);
    tend_kpi_view_close(view);
    return status;
}

/* The published value; the one computed now where none is published. */
static tend_status show_health(const tend_query *query, int64_t account, const tend_health_score *now, tend_result *result,
                               tend_error *reterr)
{
    tend_measure health;
    tend_error why = { 0 };
    tend_status status = tend_measure_get(&query->world, "health", account, query->arena, &health, &why);

    if (status == TEND_ENOTFOUND && !now)
        return TEND_OK;
    if (status == TEND_ENOTFOUND)
        return result->row(result,
                           (tend_value[]){ micro(now->is_known, now->score), tend_value_of(now->band),
                                           tend_value_date(query->today), tend_value_none() },
                           reterr);
    if (status < 0)
        return tend_fail(reterr, status, "%s", why.text);
    return result->row(result,
                       (tend_value[]){ tend_value_ratio(health.numerator, health.denominator), tend_value_of(health.text),
                                       tend_value_date(health.day), tend_value_time(health.published_at) },
                       reterr);
}

static const char *score_text(const tend_query *query, int64_t micro_units)
{
    char room[TEND_DECIMAL_ROOM];
    size_t length = strlen(tend_decimal_format(micro_units, 6, room));

    while (length > 0 && room[length - 1] == '0') /* always behind a point */
        room[--length] = '\0';
    if (length > 0 && room[length - 1] == '.')
        room[--length] = '\0';
    return tend_arena_string(query->arena, room);
}

const char *query_health_why(const tend_query *query, const tend_scorecard *card, const tend_health_part *parts, size_t count,
                             size_t which)
{
    const tend_health_part *part = &parts[which];
    const tend_score_measure *measure = NULL;
    bool is_alone = true;
    const char *where;

    if (!query->language || strcmp(query->language, "en") == 0)
        return part->why;
    for (size_t i = 0; card && i < card->measure_count; i++)
        if (strcmp(card->measures[i].name, part->measure) == 0)
            measure = &card->measures[i];
    if (!measure)
        return part->why;
    if (part->has_points)
        return query_fill(query, "{value} is {number}, between {low} (0 points) and {high} (100 points)", "value", part->value,
                          "number", score_text(query, part->micro), "low", score_text(query, measure->low), "high",
                          score_text(query, measure->high), NULL);
    for (size_t i = 0; i < count; i++)
        is_alone = is_alone && !(parts[i].has_points && strcmp(parts[i].group, part->group) == 0);
    where = query_fill(query,
                       is_alone ? "the other groups, as for group {group} nothing is known" : "the other measures of group {group}",
                       "group", part->group, NULL);
    if (!part->has_value)
        return query_fill(query, "{value} is not known; its weight goes to {where}", "value", part->value, "where", where, NULL);
    return query_fill(query, "{value} is stale, its newest fact is of {date}; its weight goes to {where}", "value", part->value,
                      "date", query_date(query, (tend_date)(part->newest / 86400000)), "where", where, NULL);
}

static tend_status show_reasons(const tend_query *query, bool is_known, const tend_health_part *parts, size_t count,
                                tend_result *result, tend_error *reterr)
{
    tend_status status = query_announce(query, &reason_section, result, reterr);

    for (size_t i = 0; status >= 0 && i < count; i++)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(parts[i].measure), micro(parts[i].has_value, parts[i].micro),
                                             micro(parts[i].has_points, parts[i].points),
                                             tend_value_decimal(parts[i].part.weight / TEND_MICRO, 6),
                                             micro(is_known, parts[i].part.contribution), tend_value_time(parts[i].newest),
                                             tend_value_of(query_health_why(query, query->card, parts, count, i)) },
                             reterr);
    return status;
}

const char *query_no_score(const tend_query *query, const tend_scorecard *card, int64_t coverage)
{
    return query_fill(
        query, "no score: only {known} % of the weight has values, and {least} % is the least ([health] minimum_coverage)", "known",
        query_number(query, coverage / 10000), "least", query_number(query, card->minimum_coverage / 10000), NULL);
}

tend_status query_health(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr)
{
    const tend_health_part *parts = NULL;
    tend_health_score score = { 0 };
    tend_error why = { 0 };
    size_t count = 0;
    bool is_explained = false;
    tend_status status = query_announce(query, &health_section, result, reterr);

    if (status >= 0 && query->kpis && query->card)
        is_explained = explain(query, account, &score, &parts, &count, &why) >= 0;
    if (status >= 0)
        status = show_health(query, account, is_explained ? &score : NULL, result, reterr);
    if (status >= 0 && is_explained)
        status = show_reasons(query, score.is_known, parts, count, result, reterr);
    if (status >= 0 && is_explained && !score.is_known)
        status = result->note(result, query_no_score(query, query->card, score.coverage), reterr);
    /* A calculator that fails costs its reasons, not the page. */
    if (status >= 0 && !is_explained && why.text[0] && why.status != TEND_ENOTFOUND)
        status = result->note(result, why.text, reterr);
    return status;
}
