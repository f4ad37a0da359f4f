/* batches.c: what was written together, newest first. */
#include "query/inside.h"

static const tend_heading headings[] = {
    { "id", NULL, TEND_INT, false },
    { "what", NULL, TEND_TEXT, false },
    { "label", NULL, TEND_TEXT, false },
    { "by", NULL, TEND_TEXT, false },
    { "source", NULL, TEND_TEXT, true },
    { "opened_at", "when", TEND_TIME, false },
    { "created", "rows made", TEND_INT, false },
    { "changed", "fields changed", TEND_INT, false },
    { "removed", "rows removed", TEND_INT, true },
    { "returned", "rows brought back", TEND_INT, true },
    { "state", NULL, TEND_TEXT, false },
    { "undoes", NULL, TEND_INT, true },
};
static const query_section section = {
    "batches",
    "Batches",
    headings,
    QUERY_COUNT(headings),
    false,
    "SELECT b.id, b.what, b.label, b.principal || CASE WHEN b.acting_for <> '' THEN ' (' || b.acting_for || ')' ELSE '' END, "
    "s.name, b.opened_at, (SELECT coalesce(sum(r.last - r.first + 1), 0) FROM batch_rows AS r WHERE r.batch = b.id), (SELECT "
    "count(*) FROM changes AS c WHERE c.batch = b.id AND c.batch <> 0 AND c.field <> ''), "
    "(SELECT nullif(count(*), 0) FROM changes AS c WHERE c.batch = b.id AND c.batch <> 0 AND c.field = '' AND c.after IS NOT "
    "NULL), "
    "(SELECT nullif(count(*), 0) FROM changes AS c WHERE c.batch = b.id AND c.batch <> 0 AND c.field = '' AND c.before IS NOT "
    "NULL), "
    "CASE WHEN b.closed_at IS NULL THEN "
    "'open' "
    "WHEN EXISTS (SELECT 1 FROM batches AS n WHERE n.undoes = b.id AND n.closed_at IS NOT NULL) THEN 'undone' ELSE 'done' END, "
    "b.undoes FROM batches AS b LEFT JOIN sources AS s ON s.id = b.source ORDER BY b.id DESC LIMIT ?1"
};

tend_status tend_query_batches(const tend_query *query, int64_t limit, tend_result *result, tend_error *reterr)
{
    int64_t rows = limit > 0 ? limit : -1;

    return query_show(query, &section, &rows, 1, result, NULL, reterr);
}
