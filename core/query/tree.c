/* tree.c: the accounts above and below one, with their money and health. */
#include "query/inside.h"

static const tend_heading headings[] = {
    { "id", NULL, TEND_INT, false },
    { "name", NULL, TEND_TEXT, false },
    { "level", NULL, TEND_INT, false },
    { "kind", NULL, TEND_TEXT, true },
    { "stage", NULL, TEND_TEXT, true },
    { "owner", NULL, TEND_TEXT, true },
    { "health", NULL, TEND_TEXT, true },
    { "arr", "recurring a year", TEND_MONEY, false },
    { "arr_below", "with all below", TEND_MONEY, false },
};
/* From the root down, depth first; level 0 is the root. A tree has no cycles, the model refuses them; 64 levels are a guard. */
static const query_section section = {
    "tree",
    "Tree",
    headings,
    QUERY_COUNT(headings),
    false,
    "WITH RECURSIVE above(id, parent, n) AS (SELECT a.id, a.parent, 0 FROM {account} AS a WHERE a.id = ?1 UNION ALL SELECT a.id, "
    "a.parent, n + 1 FROM {account} AS a JOIN above AS b ON a.id = b.parent WHERE n < 64), "
    "tree(id, level, path) AS (SELECT id, 0, '' FROM (SELECT id FROM above ORDER BY n DESC LIMIT 1) UNION ALL SELECT a.id, level + "
    "1, path || char(1) || a.name || char(2) || a.id FROM {account} AS a JOIN tree AS t ON a.parent = t.id WHERE level < 64), "
    "yearly(id, path, money) AS (SELECT t.id, t.path, coalesce((SELECT sum({money c.annual_amount c}) FROM {contract} AS c WHERE "
    "c.account = t.id AND {active c}), 0) FROM tree AS t) "
    "SELECT a.id, a.name, t.level, a.kind, a.stage, u.name, {measure text health a.id}, y.money, {company}, (SELECT sum(z.money) "
    "FROM yearly AS z WHERE z.id = y.id OR substr(z.path, 1, length(y.path) + 1) = y.path || char(1)), {company} FROM tree AS t "
    "JOIN {account} AS a ON a.id = t.id JOIN yearly AS y ON y.id = t.id LEFT JOIN {user} AS u ON u.id = a.owner ORDER BY t.path"
};

tend_status tend_query_tree(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr)
{
    tend_status status = query_begin_account(query, &account, reterr);

    return status < 0 ? status : query_show(query, &section, &account, 1, result, NULL, reterr);
}
