/* status.c: how the engine is doing: queues, the oldest that is due, sources, and what needs somebody. */
#include "query/inside.h"

static tend_status number(const tend_query *query, const char *sql, int64_t *ret_number, tend_error *reterr)
{
    return tend_store_number(query->world.store, sql, 0, ret_number, reterr);
}

static tend_status show_need(void *self, const tend_need *need, tend_error *reterr)
{
    tend_result *result = self;

    return result->row(result, (tend_value[]){ tend_value_of(need->what), tend_value_int(need->count), tend_value_of(need->see) },
                       reterr);
}

static tend_status show_needs(const tend_query *query, tend_result *result, int64_t *ret_needs, tend_error *reterr)
{
    static const tend_heading headings[] = { { "what", NULL, TEND_TEXT, false },
                                             { "count", NULL, TEND_INT, false },
                                             { "see", NULL, TEND_TEXT, false } };
    tend_status status =
        query_announce(query, &(query_section){ "needs_somebody", "Needs somebody", headings, 3, false, NULL }, result, reterr);

    return status < 0 ? status : tend_query_needs(query, show_need, result, ret_needs, reterr);
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
    const char *configured = query_configured(query, "source", "source");
    const query_section synced = {
        "sources",
        "Sources",
        sources,
        QUERY_COUNT(sources),
        false,
        tend_arena_print(
            query->arena,
            "SELECT source, good_at, started_at, read, created, updated, rejected, why FROM syncs WHERE %s ORDER BY source",
            configured ? configured : "0")
    };
    int64_t accounts = 0, customers = 0, last = 0, due = 0;
    tend_status status =
        configured && synced.sql ? query_begin(query, reterr) : tend_fail(reterr, TEND_ENOMEM, "status: no memory for the answer");

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
    return status < 0 ? status : show_needs(query, result, ret_faults, reterr);
}
