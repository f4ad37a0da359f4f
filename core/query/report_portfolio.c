/* report_portfolio.c: the book as one page. */
#include "query/report.h"

tend_status tend_report_portfolio(const tend_query *query, int days, int64_t owner, FILE *out, tend_error *reterr)
{
    tend_result *result = report_result(query, out);
    tend_status status;

    if (!result)
        return tend_fail(reterr, TEND_ENOMEM, "report: memory is used up");
    report_begin(query, query_say(query, "Portfolio"), out);
    status = tend_query_portfolio(query, days, owner, result, reterr);
    if (status >= 0)
        status = tend_query_day_note(query, result, reterr);
    if (status >= 0)
        status = result->end(result, reterr);
    result->free(result);
    return status < 0 ? status : report_end(query, out, reterr);
}
