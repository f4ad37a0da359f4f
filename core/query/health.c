/* health.c: an account's health as it was published. */
#include "model/measure.h"
#include "query/inside.h"

tend_status query_health(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "score", NULL, TEND_DECIMAL, false },
        { "band", NULL, TEND_TEXT, false },
        { "day", "as of", TEND_DATE, false },
        { "published_at", "published", TEND_TIME, true },
    };
    const query_section section = { "health", "Health", headings, QUERY_COUNT(headings), true, NULL };
    tend_measure health;
    tend_error none;
    tend_status status = query_announce(query, &section, result, reterr);
    tend_status found;

    if (status < 0)
        return status;
    found = tend_measure_get(&query->world, "health", account, query->arena, &health, &none);
    if (found == TEND_ENOTFOUND)
        return TEND_OK;
    if (found < 0)
        return tend_fail(reterr, found, "%s", none.text);
    return result->row(result,
                       (tend_value[]){ tend_value_ratio(health.numerator, health.denominator), tend_value_of(health.text),
                                       tend_value_date(health.day), tend_value_time(health.published_at) },
                       reterr);
}
