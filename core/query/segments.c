/* segments.c: each segment with its accounts and their recurring money. */
#include "query/book.h"
#include <string.h>

static const tend_heading headings[] = {
    { "name", NULL, TEND_TEXT, false },
    { "help", "what it is", TEND_TEXT, true },
    { "accounts", NULL, TEND_INT, false },
    { "arr", "recurring a year", TEND_MONEY, false },
};

static tend_status segment_sum(const tend_query *query, const char *among, int64_t who, const char *condition,
                               int64_t *ret_accounts, int64_t *ret_arr, tend_error *reterr)
{
    const char *sql = tend_arena_print(
        query->arena, "SELECT count(*), coalesce(sum(" BOOK_ARR "), 0) FROM {account} AS a WHERE %s AND ({where})", among);
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = sql ? query_prepare_where(query, sql, condition, &statement, reterr)
                             : tend_fail(reterr, TEND_ENOMEM, "segments: no memory for the question");

    if (status >= 0 && strstr(among, "?2"))
        tend_statement_bind_int(statement, 2, who);
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0) {
        *ret_accounts = tend_statement_int(statement, 0);
        *ret_arr = tend_statement_int(statement, 1);
    }
    tend_statement_end(statement);
    return status;
}

tend_status query_segments(const tend_query *query, const char *key, const char *among, int64_t who, tend_result *result,
                           tend_error *reterr)
{
    const query_section section = { key, "Segments", headings, QUERY_COUNT(headings), false, NULL };
    tend_status status = query_announce(query, &section, result, reterr);

    for (size_t i = 0; status >= 0 && query->segments && tend_segments_name(query->segments, i); i++) {
        const char *name = tend_segments_name(query->segments, i), *condition;
        int64_t accounts, arr;

        status = tend_filter_sql(tend_segments_filter(query->segments, name), &query->world, "a", query->arena, &condition, reterr);
        if (status >= 0)
            status = segment_sum(query, among, who, condition, &accounts, &arr, reterr);
        if (status >= 0)
            status = result->row(result,
                                 (tend_value[]){ tend_value_of(name), tend_value_of(tend_segments_help(query->segments, name)),
                                                 tend_value_int(accounts), tend_value_money(arr, query->currency) },
                                 reterr);
    }
    return status;
}

tend_status tend_query_segments(const tend_query *query, tend_result *result, tend_error *reterr)
{
    tend_status status = query_begin(query, reterr);

    return status < 0 ? status : query_segments(query, "segments", "coalesce(a.stage, '') <> 'archived'", 0, result, reterr);
}
