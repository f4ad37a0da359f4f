/* health.c: an account's health as it was published, and what it is made of. */
#include "kpi/health.h"
#include "kpi/explain.h"
#include "model/measure.h"
#include "query/inside.h"

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
                                             tend_value_of(parts[i].why) },
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
