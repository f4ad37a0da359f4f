/* outbox.c: messages that leave the house, and what became of them. */
#include "query/inside.h"

static const tend_heading headings[] = {
    { "id", NULL, TEND_INT, false },
    { "channel", NULL, TEND_TEXT, false },
    { "to", NULL, TEND_TEXT, false },
    { "subject", NULL, TEND_TEXT, false },
    { "state", NULL, TEND_TEXT, false },
    { "attempts", "tries", TEND_INT, false },
    { "created_at", "made", TEND_TIME, false },
    { "next_at", "next try", TEND_TIME, true },
    { "account", NULL, TEND_TEXT, true },
    { "sink", NULL, TEND_TEXT, true },
    { "last_error", "why", TEND_TEXT, true },
    { "once_key", "once-key", TEND_TEXT, false },
};
static const query_section section = {
    "messages",
    "Messages",
    headings,
    QUERY_COUNT(headings),
    false,
    "SELECT m.id, m.channel, m.recipient, m.subject, m.state, m.attempts, m.created_at, CASE m.state WHEN 'waiting' THEN m.next_at "
    "END, a.name, m.sink, m.last_error, m.once_key FROM outbox AS m LEFT JOIN {account} AS a ON a.id = m.account WHERE ?1 = 0 OR "
    "m.state <> 'sent' ORDER BY m.id DESC LIMIT ?2"
};

tend_status tend_query_outbox(const tend_query *query, bool all, int64_t limit, tend_result *result, tend_error *reterr)
{
    const int64_t numbers[] = { !all, limit > 0 ? limit : -1 };
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, 0, reterr);

    if (status >= 0 && !tend_store_has_table(query->world.store, "outbox"))
        return query_announce(query, &section, result, reterr);
    return status < 0 ? status : query_show(query, &section, numbers, 2, result, NULL, reterr);
}
