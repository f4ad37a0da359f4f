/* status.c: how the engine is doing: queues, the oldest that is due, sources, and what needs somebody. */
#include "query/inside.h"

static tend_status number(const tend_query *query, const char *sql, int64_t *ret_number, tend_error *reterr)
{
    return tend_store_number(query->world.store, sql, 0, ret_number, reterr);
}

/* One row: something that needs somebody, how many, and the command that shows it. */
static tend_status need(tend_result *result, int64_t *needs, const char *what, int64_t count, const char *see, tend_error *reterr)
{
    (*needs)++;
    return result->row(result, (tend_value[]){ tend_value_of(what), tend_value_int(count), tend_value_of(see) }, reterr);
}

/* Rows of "what", count, "see", computed by SQL; nothing without the table. */
static tend_status needs_of(const tend_query *query, const char *table, const char *sql, tend_result *result, int64_t *needs,
                            tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status;

    if (!tend_store_has_table(query->world.store, table))
        return TEND_OK;
    status = tend_store_prepare(query->world.store, sql, &statement, reterr);
    if (status < 0)
        return status;
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        status = need(result, needs, query_text(query, statement, 0), tend_statement_int(statement, 1),
                      query_text(query, statement, 2), reterr);
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status show_faults(const tend_query *query, tend_result *result, int64_t *ret_faults, tend_error *reterr)
{
    static const tend_heading headings[] = { { "what", NULL, TEND_TEXT, false },
                                             { "count", NULL, TEND_INT, false },
                                             { "see", NULL, TEND_TEXT, false } };
    static const struct {
        const char *what, *see, *table, *sql;
    } faults[] = {
        { "runs are held", "tend playbook runs --state held", "runs", "SELECT count(*) FROM runs WHERE state = 'held'" },
        { "messages could not be delivered", "tend outbox list", "outbox", "SELECT count(*) FROM outbox WHERE state = 'dead'" },
        { "sources ended badly", "the section sources above", "syncs", "SELECT count(*) FROM syncs WHERE is_good = 0" },
        { "batches were cut off", "tend batches; start the same import again", "batches",
          "SELECT count(*) FROM batches WHERE closed_at IS NULL" },
    };
    tend_status status =
        query_announce(query, &(query_section){ "needs_somebody", "Needs somebody", headings, 3, false, NULL }, result, reterr);

    *ret_faults = 0;
    for (int i = 0; status >= 0 && i < QUERY_COUNT(faults); i++) {
        int64_t count;

        if (!tend_store_has_table(query->world.store, faults[i].table))
            continue;
        status = number(query, faults[i].sql, &count, reterr);
        if (status < 0 || count == 0)
            continue;
        status = need(result, ret_faults, faults[i].what, count, faults[i].see, reterr);
    }
    if (status >= 0)
        status =
            needs_of(query, "owed_records",
                     "SELECT 'records of source ' || source || ' were rejected', count(*), 'tend rejects list ' || source FROM "
                     "owed_records GROUP BY source ORDER BY source",
                     result, ret_faults, reterr);
    if (status >= 0) /* scripts or settings that cannot be used as they stand */
        status = needs_of(query, "playbook_faults",
                          "SELECT 'playbook ' || name || CASE WHEN is_left_out THEN ' is left out' ELSE ' works on with its last "
                          "good script' END, 1, why FROM playbook_faults ORDER BY name",
                          result, ret_faults, reterr);
    return status;
}

tend_status tend_query_status(const tend_query *query, tend_result *result, int64_t *ret_faults, tend_error *reterr)
{
    static const tend_heading about[] = {
        { "store", NULL, TEND_TEXT, false },
        { "bytes", NULL, TEND_INT, false },
        { "simulated", NULL, TEND_BOOL, false },
        { "now", "its clock", TEND_TIME, false },
        { "accounts", "accounts in all", TEND_INT, false },
        { "customers", "of them looked after", TEND_INT, false },
        { "last_event", "last event", TEND_INT, false },
        { "oldest_due", "oldest that is due", TEND_TIME, false },
    };
    static const tend_heading queues[] = { { "queue", NULL, TEND_TEXT, false },
                                           { "length", NULL, TEND_INT, false },
                                           { "next_at", "next", TEND_TIME, true } };
    static const tend_heading sources[] = {
        { "source", NULL, TEND_TEXT, false },         { "good_at", "last good sync", TEND_TIME, false },
        { "tried_at", "last try", TEND_TIME, false }, { "read", NULL, TEND_INT, false },
        { "created", NULL, TEND_INT, false },         { "updated", NULL, TEND_INT, false },
        { "rejected", NULL, TEND_INT, false },        { "why", "what went wrong", TEND_TEXT, true },
    };
    const query_section lengths = {
        "queues",
        "Queues",
        queues,
        QUERY_COUNT(queues),
        false,
        "SELECT 'events for ' || p.subscriber, (SELECT coalesce(sum(e.last - e.first + 1), 0) FROM events e WHERE e.sequence "
        "> p.sequence), NULL FROM positions p UNION ALL SELECT 'runs to move', count(*), NULL FROM runs WHERE state = "
        "'running' UNION ALL SELECT 'runs that wait', count(*), (SELECT min(due_at) FROM waits) FROM runs WHERE state = "
        "'waiting' UNION ALL SELECT 'due dates', count(*), min(at) FROM dues WHERE state = 'waiting' UNION ALL SELECT "
        "'messages', count(*), min(next_at) FROM outbox WHERE state IN ('waiting', 'sending')"
    };
    const query_section synced = {
        "sources", "Sources",
        sources,   QUERY_COUNT(sources),
        false,     "SELECT source, good_at, started_at, read, created, updated, rejected, why FROM syncs ORDER BY source"
    };
    int64_t accounts = 0, customers = 0, last = 0, due = 0;
    tend_status status = query_begin(query, reterr);

    if (status >= 0)
        status = number(query, "SELECT count(*) FROM accounts WHERE removed_at IS NULL", &accounts, reterr);
    if (status >= 0)
        status = number(query,
                        "SELECT count(*) FROM accounts WHERE removed_at IS NULL AND coalesce(stage, 'active') NOT IN ('prospect', "
                        "'former', 'archived')",
                        &customers, reterr);
    if (status >= 0)
        status = number(query, "SELECT max(sequence) FROM events", &last, reterr);
    if (status >= 0)
        status = number(
            query,
            "SELECT min(at) FROM (SELECT min(at) AS at FROM dues WHERE state = 'waiting' UNION ALL SELECT min(due_at) FROM waits "
            "UNION ALL SELECT min(next_at) FROM outbox WHERE state = 'waiting' AND NOT EXISTS (SELECT 1 FROM meta WHERE name = "
            "'simulated'))",
            &due, reterr);
    if (status >= 0)
        status = query_announce(query, &(query_section){ "", "Status", about, QUERY_COUNT(about), true, NULL }, result, reterr);
    if (status >= 0)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(tend_store_path(query->world.store)),
                                             tend_value_int(tend_store_bytes(query->world.store)),
                                             tend_value_bool(tend_store_is_simulated(query->world.store)),
                                             tend_value_time(query->world.now), tend_value_int(accounts), tend_value_int(customers),
                                             tend_value_int(last), due ? tend_value_time(due) : tend_value_none() },
                             reterr);
    if (status >= 0)
        status = query_show(query, &lengths, NULL, 0, result, NULL, reterr);
    if (status >= 0 && tend_store_has_table(query->world.store, "syncs"))
        status = query_show(query, &synced, NULL, 0, result, NULL, reterr);
    return status < 0 ? status : show_faults(query, result, ret_faults, reterr);
}
