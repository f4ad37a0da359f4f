/* day.c: what a reader should know of the day that was asked about: that it is still to come, or that little is known near it. */
#include "query/inside.h"

enum { STALE_DAYS = 365 };

/* A day of slack: it may be tomorrow already where the reader is. */
static bool is_to_come(const tend_query *query)
{
    return query->world.effective != TEND_NO_TIME && query->today > (tend_date)(tend_model_now(query->model) / 86400000) + 1;
}

tend_status tend_query_day_note(const tend_query *query, tend_result *result, tend_error *reterr)
{
    if (!is_to_come(query))
        return TEND_OK;
    return result->note(result,
                        query_fill(query,
                                   "{date} is a day to come: this is what is known now, as if nothing happened until then; tend "
                                   "simulate shows what playbooks would do",
                                   "date", query_date(query, query->today), NULL),
                        reterr);
}

/* The day of the newest fact up to the query's day, rates left out; TEND_NO_DATE when there is none. */
static tend_status newest_fact(const tend_query *query, tend_date *ret_day, tend_error *reterr)
{
    int64_t newest = TEND_NO_TIME;
    tend_status status = TEND_OK;

    for (tend_kind kind = 1; status >= 0 && kind < TEND_KIND_COUNT; kind++) {
        const tend_kind_schema *schema = tend_schema_kind(query->world.schema, kind);
        tend_statement *statement = NULL;
        bool has_row = false;
        const char *sql;

        if (!schema || !schema->is_fact || kind == TEND_KIND_RATE)
            continue;
        sql =
            tend_arena_print(query->arena, "SELECT max(t.effective_at) FROM {%s} AS t WHERE t.effective_at <= {now}", schema->name);
        status = sql ? query_prepare(query, sql, &statement, reterr) : tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
        if (status >= 0)
            status = tend_statement_step(statement, &has_row, reterr);
        if (status >= 0 && has_row && query_int(statement, 0, TEND_NO_TIME) > newest)
            newest = query_int(statement, 0, TEND_NO_TIME);
        tend_statement_end(statement);
    }
    *ret_day = newest == TEND_NO_TIME ? TEND_NO_DATE : (tend_date)(newest / 86400000 - (newest % 86400000 < 0));
    return status;
}

tend_status query_stale_note(const tend_query *query, tend_result *result, tend_error *reterr)
{
    char room[TEND_DATE_ROOM];
    tend_date day = TEND_NO_DATE;
    tend_status status = TEND_OK;

    if (is_to_come(query)) /* said already */
        return TEND_OK;
    status = query_begin(query, reterr);
    if (status >= 0)
        status = newest_fact(query, &day, reterr);
    if (status < 0 || day == TEND_NO_DATE || query->today - day <= STALE_DAYS)
        return status;
    return result->note(result,
                        query_fill(query,
                                   "the newest fact is of {date}, {n} days before the day asked about: these figures say little "
                                   "about it; see --as-of {date}, or import what happened since",
                                   "date", tend_date_format(day, room), "n", query_number(query, (int64_t)query->today - day),
                                   NULL),
                        reterr);
}
