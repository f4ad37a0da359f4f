/* requests.c: what playbooks asked for since a moment: the runs that began or moved, and each thing they want done. A dry run shows
 * it. What a script reads, notes for itself or waits for is nothing that it asks for. */
#include "query/inside.h"

/* How far each run was, and what came since; gone with the connection. */
static const char no_runs[] = "CREATE TEMP TABLE IF NOT EXISTS runs_marked (run INTEGER PRIMARY KEY, state TEXT, position INTEGER)";
static const char marks[] =
    "INSERT OR REPLACE INTO runs_marked SELECT r.id, r.state, (SELECT max(position) FROM steps s WHERE s.run = r.id) FROM runs r";
static const char made[] =
    "CREATE TEMP VIEW IF NOT EXISTS requests_made AS SELECT s.*, r.playbook, r.account FROM steps s JOIN runs "
    "r ON r.id = s.run LEFT JOIN runs_marked b ON b.run = r.id WHERE s.verb NOT IN ('read', 'log', 'measure', 'count', "
    "'wait', 'sleep', 'all', 'first') AND s.position > coalesce(b.position, -1)";

tend_status tend_query_requests_mark(const tend_query *query, tend_error *reterr)
{
    tend_status status = tend_store_run(query->world.store, no_runs, reterr);

    if (status >= 0 && tend_store_has_table(query->world.store, "runs"))
        status = tend_store_run(query->world.store, marks, reterr);
    return status < 0 ? status : tend_store_run(query->world.store, made, reterr);
}

static tend_status show_playbooks(const tend_query *query, const char *playbook, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "playbook", NULL, TEND_TEXT, false },
        { "begun", "runs that began", TEND_INT, false },
        { "moved", "runs that moved on", TEND_INT, false },
        { "ended", "runs that ended", TEND_INT, false },
        { "held", NULL, TEND_INT, false },
        { "requests", NULL, TEND_INT, false },
        { "why", "why held, one of them", TEND_TEXT, true },
    };
    const query_section section = {
        "playbooks",
        "Playbooks at work",
        headings,
        QUERY_COUNT(headings),
        false,
        tend_arena_print(
            query->arena,
            "SELECT playbook, sum(is_new), sum(NOT is_new), sum(state = 'ended'), sum(state = 'held'), sum(requests), "
            "max(CASE state WHEN 'held' THEN reason END) FROM (SELECT r.playbook, r.state, r.reason, b.run IS NULL AS "
            "is_new, (SELECT count(*) FROM requests_made m WHERE m.run = r.id) AS requests FROM runs r LEFT JOIN "
            "runs_marked b ON b.run = r.id WHERE r.playbook = %s AND (b.run IS NULL OR b.state <> r.state OR "
            "b.position < (SELECT max(position) FROM steps s WHERE s.run = r.id))) GROUP BY playbook ORDER BY playbook",
            playbook)
    };

    return section.sql ? query_show(query, &section, NULL, 0, result, NULL, reterr)
                       : tend_fail(reterr, TEND_ENOMEM, "query: no memory");
}

static tend_status show_requests(const tend_query *query, const char *playbook, int64_t limit, tend_result *result,
                                 tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "run", NULL, TEND_INT, false },      { "playbook", NULL, TEND_TEXT, false }, { "account", NULL, TEND_TEXT, false },
        { "step", NULL, TEND_TEXT, false },    { "verb", NULL, TEND_TEXT, false },     { "what", NULL, TEND_TEXT, true },
        { "to", "for whom", TEND_TEXT, true }, { "due", NULL, TEND_DATE, true },
    };
    const char *count = tend_arena_print(query->arena, "SELECT count(*) FROM requests_made m WHERE m.playbook = %s", playbook);
    const query_section section = {
        "requests",
        "What they ask for",
        headings,
        QUERY_COUNT(headings),
        false,
        tend_arena_print(
            query->arena,
            "SELECT m.run, m.playbook, a.name, m.name, m.verb, coalesce(t.title, p.title, o.subject, m.arguments), "
            "coalesce(u.name, o.recipient, CASE WHEN m.kind IN (%d, %d) THEN 'nobody' END), coalesce(t.due_on, "
            "p.due_on) FROM requests_made m LEFT JOIN {account} a ON a.id = m.account LEFT JOIN {task} t ON m.kind = "
            "%d AND t.id = m.row LEFT JOIN {approval} p ON m.kind = %d AND p.id = m.row LEFT JOIN {user} u ON u.id = "
            "coalesce(t.assignee, p.asked_of) LEFT JOIN outbox o ON o.once_key = 'run ' || m.run || '/' || m.name WHERE "
            "m.playbook = %s ORDER BY m.run, m.position LIMIT ?1",
            TEND_KIND_TASK, TEND_KIND_APPROVAL, TEND_KIND_TASK, TEND_KIND_APPROVAL, playbook)
    };
    const int64_t most = limit > 0 ? limit : -1;
    int64_t all = 0, shown = 0;
    tend_status status;

    if (!section.sql || !count)
        return tend_fail(reterr, TEND_ENOMEM, "query: no memory");
    status = query_show(query, &section, &most, 1, result, &shown, reterr);
    if (status >= 0)
        status = tend_store_number(query->world.store, count, 0, &all, reterr);
    return status < 0 || shown == all ? status : query_shown_note(query, shown, all, result, reterr);
}

tend_status tend_query_requests(const tend_query *query, const char *playbook, int64_t limit, tend_result *result,
                                tend_error *reterr)
{
    const char *which = playbook ? query_quoted(query, playbook) : "playbook";
    tend_status status = query_begin(query, reterr);

    if (status < 0 || !tend_store_has_table(query->world.store, "runs"))
        return status;
    if (!which)
        return tend_fail(reterr, TEND_ENOMEM, "query: no memory");
    status = show_playbooks(query, playbook ? which : "r.playbook", result, reterr);
    return status < 0 ? status : show_requests(query, playbook ? which : "m.playbook", limit, result, reterr);
}
