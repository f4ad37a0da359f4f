/* rejects.c: records of sources that were rejected and have not come well since. */
#include "query/inside.h"

static const tend_heading headings[] = {
    { "source", NULL, TEND_TEXT, false }, { "stream", NULL, TEND_TEXT, false },        { "key", NULL, TEND_TEXT, false },
    { "line", NULL, TEND_INT, true },     { "column", NULL, TEND_TEXT, true },         { "why", NULL, TEND_TEXT, false },
    { "since", NULL, TEND_TIME, false },  { "file", "file to mend", TEND_TEXT, true },
};

/* Files to mend of one source, each with the command that imports it. */
static tend_status show_files(const tend_query *query, const char *condition, tend_result *result, tend_error *reterr)
{
    const char *sql = tend_arena_print(query->arena,
                                       "SELECT source, file, count(*) FROM owed_records WHERE file IS NOT NULL AND %s GROUP BY "
                                       "source, file ORDER BY source, file",
                                       condition);
    tend_statement *statement;
    bool has_row = false;
    tend_status status = sql ? tend_store_prepare(query->world.store, sql, &statement, reterr)
                             : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    if (status < 0)
        return status;
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *source = query_text(query, statement, 0), *file = query_text(query, statement, 1);

        status = result->note(result,
                              query_fill(query, "Mend rejects/{file} ({count}), then: tend import --source {source} rejects/{file}",
                                         "file", file, "count", query_number(query, tend_statement_int(statement, 2)), "source",
                                         source, NULL),
                              reterr);
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_query_rejects(const tend_query *query, const char *source, int64_t limit, tend_result *result, tend_error *reterr)
{
    query_section section = { "rejects", "Rejected", headings, QUERY_COUNT(headings), false, NULL };
    const char *quoted = source ? query_quoted(query, source) : NULL;
    const char *condition = source ? tend_arena_print(query->arena, "source = %s", quoted ? quoted : "''") : "1";
    int64_t all = 0, shown = 0;
    tend_status status = tend_access_may(query->principal, TEND_VERB_ADMINISTER, TEND_KIND_NONE, 0, reterr);

    if (status < 0)
        return status;
    if (!tend_store_has_table(query->world.store, "owed_records"))
        return query_announce(query, &section, result, reterr);
    section.sql = tend_arena_print(query->arena,
                                   "SELECT source, stream, key, nullif(line, 0), field, reason, at, 'rejects/' || file FROM "
                                   "owed_records WHERE %s ORDER BY at DESC, source, stream, line LIMIT ?1",
                                   condition);
    if (!section.sql || !condition)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    status = query_show(query, &section, (const int64_t[]){ limit > 0 ? limit : -1 }, 1, result, &shown, reterr);
    if (status >= 0)
        status = tend_store_number(query->world.store,
                                   tend_arena_print(query->arena, "SELECT count(*) FROM owed_records WHERE %s", condition), 0, &all,
                                   reterr);
    if (status >= 0 && shown < all)
        status = query_shown_note(query, shown, all, result, reterr);
    return status < 0 ? status : show_files(query, condition, result, reterr);
}
