/* runs.c: playbooks at work: runs, the steps of one, and what a simulation did. */
#include "playbook/playbooks.h"
#include "query/inside.h"
#include <string.h>

static tend_status show(const tend_query *query, query_section section, const char *sql, tend_result *result, tend_error *reterr)
{
    section.sql = sql;
    return sql ? query_show(query, &section, NULL, 0, result, NULL, reterr) : tend_fail(reterr, TEND_ENOMEM, "query: no memory");
}

/* What a run is about, beside its account: the contract, the ticket and so on, by name or number. */
static const char *subject_name(const tend_query *query)
{
    return tend_arena_print(
        query->arena,
        "CASE r.kind WHEN %d THEN (SELECT coalesce(c.name, c.number, 'contract #' || c.id) FROM {contract} c WHERE "
        "c.id = r.row) WHEN %d THEN (SELECT coalesce(o.name, 'opportunity #' || o.id) FROM {opportunity} o WHERE "
        "o.id = r.row) WHEN %d THEN (SELECT coalesce(k.number, k.title, 'ticket #' || k.id) FROM {ticket} k WHERE "
        "k.id = r.row) WHEN %d THEN (SELECT e.name FROM {environment} e WHERE e.id = r.row) WHEN %d THEN (SELECT "
        "m.name FROM {media} m WHERE m.id = r.row) END",
        TEND_KIND_CONTRACT, TEND_KIND_OPPORTUNITY, TEND_KIND_TICKET, TEND_KIND_ENVIRONMENT, TEND_KIND_MEDIA);
}

tend_status tend_query_runs(const tend_query *query, const char *playbook, int64_t account, const char *state, int64_t limit,
                            tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "run", NULL, TEND_INT, false },         { "playbook", NULL, TEND_TEXT, false },
        { "account", NULL, TEND_TEXT, false },    { "about", NULL, TEND_TEXT, true },
        { "state", NULL, TEND_TEXT, false },      { "step", "waits at", TEND_TEXT, true },
        { "until", NULL, TEND_TIME, true },       { "outcome", NULL, TEND_TEXT, true },
        { "reason", NULL, TEND_TEXT, true },      { "started_at", "started", TEND_TIME, false },
        { "ended_at", "ended", TEND_TIME, true },
    };
    query_section section = { "runs", "Runs, newest first", headings, QUERY_COUNT(headings), false, NULL };
    const char *by_playbook = playbook ? query_quoted(query, playbook) : "r.playbook",
               *by_state = state ? query_quoted(query, state) : "r.state";
    const char *about = subject_name(query);
    tend_status status = about ? query_begin(query, reterr) : tend_fail(reterr, TEND_ENOMEM, "query: no memory");

    return status < 0
               ? status
               : show(query, section,
                      tend_arena_print(
                          query->arena,
                          "SELECT r.id, r.playbook, a.name, %s, r.state, w.step, w.due_at, r.outcome, r.reason, r.started_at, "
                          "r.ended_at FROM runs r LEFT JOIN {account} a ON a.id = r.account LEFT JOIN waits w ON w.run = "
                          "r.id AND w.step = (SELECT min(step) FROM waits WHERE run = r.id) WHERE r.playbook = %s AND r.state = %s "
                          "AND (%lld = 0 OR r.account = %lld) ORDER BY r.id DESC "
                          "LIMIT %lld",
                          about, by_playbook, by_state, (long long)account, (long long)account,
                          limit > 0 ? (long long)limit : -1LL),
                      result, reterr);
}

/* The steps of run ?1, those that wait for several with each part below. */
static const char *journal_sql(const tend_query *query)
{
    if (!tend_store_has_table(query->world.store, "parts")) /* nothing has worked here since there are parts */
        return tend_arena_print(
            query->arena,
            "SELECT position, name, verb, state, CASE kind WHEN %d THEN 'task ' || row WHEN %d THEN 'approval ' "
            "|| row END, arguments, answer, at, answered_at FROM steps WHERE run = ?1 ORDER BY position",
            TEND_KIND_TASK, TEND_KIND_APPROVAL);
    return tend_arena_print(
        query->arena,
        "SELECT position, name, verb, state, CASE WHEN kind = %d THEN 'task ' || row WHEN kind = %d THEN 'approval ' || row "
        "WHEN verb = 'child' THEN (SELECT 'run ' || s.run FROM starts s WHERE s.parent = ?1 AND s.step = name AND s.run <> 0) "
        "END, arguments, answer, at, answered_at FROM (SELECT position, name, verb, state, kind, row, arguments, answer, at, "
        "answered_at, '' AS part FROM steps WHERE run = ?1 UNION ALL SELECT s.position, p.step || '/' || p.part, p.sort, p.state, "
        "p.kind, p.row, NULL, p.answer, s.at, p.answered_at, p.part FROM parts p JOIN steps s ON s.run = p.run AND s.name = "
        "p.step WHERE p.run = ?1) ORDER BY position, part",
        TEND_KIND_TASK, TEND_KIND_APPROVAL);
}

tend_status tend_query_run(const tend_query *query, int64_t run, tend_result *result, tend_error *reterr)
{
    static const tend_heading about[] = {
        { "run", NULL, TEND_INT, false },          { "playbook", NULL, TEND_TEXT, false },
        { "account", NULL, TEND_TEXT, false },     { "about", NULL, TEND_TEXT, true },
        { "state", NULL, TEND_TEXT, false },       { "outcome", NULL, TEND_TEXT, true },
        { "reason", NULL, TEND_TEXT, true },       { "bundle", "script and settings, by content", TEND_TEXT, false },
        { "script", NULL, TEND_TEXT, false },      { "started_at", "started", TEND_TIME, false },
        { "ended_at", "ended", TEND_TIME, false }, { "cause", "event", TEND_INT, false },
    };
    static const tend_heading steps[] = {
        { "position", NULL, TEND_INT, false }, { "step", NULL, TEND_TEXT, false }, { "verb", NULL, TEND_TEXT, false },
        { "state", NULL, TEND_TEXT, false },   { "made", NULL, TEND_TEXT, true },  { "arguments", NULL, TEND_TEXT, true },
        { "answer", NULL, TEND_TEXT, true },   { "at", NULL, TEND_TIME, false },   { "answered_at", "answered", TEND_TIME, true },
    };
    const char *subject = subject_name(query);
    const query_section section = {
        "",
        "Run",
        about,
        QUERY_COUNT(about),
        true,
        tend_arena_print(
            query->arena,
            "SELECT r.id, r.playbook, a.name, %s, r.state, r.outcome, r.reason, b.hash, b.path, r.started_at, r.ended_at, "
            "r.cause FROM runs r LEFT JOIN {account} a ON a.id = r.account LEFT JOIN bundles b ON b.id = r.bundle "
            "WHERE r.id = ?1",
            subject ? subject : "NULL")
    };
    const query_section journal = { "steps", "Steps", steps, QUERY_COUNT(steps), false, journal_sql(query) };
    int64_t found = 0;
    tend_status status = query_begin(query, reterr);

    if (status >= 0 && (!section.sql || !journal.sql))
        status = tend_fail(reterr, TEND_ENOMEM, "query: no memory");
    if (status >= 0)
        status = query_show(query, &section, &run, 1, result, &found, reterr);
    if (status >= 0 && found == 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "run %lld: there is none; see tend playbook runs", (long long)run);
    return status < 0 ? status : query_show(query, &journal, &run, 1, result, NULL, reterr);
}

tend_status tend_query_came_of(const tend_query *query, int64_t batch, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "run", NULL, TEND_INT, true },     { "playbook", NULL, TEND_TEXT, true }, { "account", NULL, TEND_TEXT, true },
        { "state", NULL, TEND_TEXT, true },  { "task", NULL, TEND_INT, true },      { "title", NULL, TEND_TEXT, true },
        { "status", NULL, TEND_TEXT, true },
    };
    const query_section section = {
        "came_of_it",
        "Runs that it moved, and what they did next: it stays; tend playbook cancel RUN, tend task done ID",
        headings,
        QUERY_COUNT(headings),
        false,
        tend_arena_print(
            query->arena,
            "WITH told AS MATERIALIZED (SELECT sequence FROM events WHERE batch = ?1), moved AS MATERIALIZED (SELECT run, "
            "min(position) AS position FROM (SELECT run, position FROM steps WHERE event IN told UNION ALL SELECT id, -1 "
            "FROM runs WHERE cause IN told) GROUP BY run) SELECT r.id, r.playbook, a.name, r.state, t.id, t.title, t.status "
            "FROM moved v JOIN runs r ON r.id = v.run LEFT JOIN {account} a ON a.id = r.account LEFT JOIN steps s ON s.run "
            "= v.run AND s.position > v.position AND s.kind = %d LEFT JOIN {task} t ON t.id = s.row ORDER BY r.id, "
            "s.position",
            TEND_KIND_TASK)
    };
    tend_status status = section.sql ? query_begin(query, reterr) : tend_fail(reterr, TEND_ENOMEM, "query: no memory");

    return status < 0 ? status : query_show(query, &section, &batch, 1, result, NULL, reterr);
}

/* Why nothing began, without the numbers and days of each case. */
#define DECIDED_WHY                                                                                                                \
    "CASE WHEN what NOT IN ('deduplicated', 'late') THEN NULL WHEN why LIKE 'run % is at work on it%' THEN 'a run was at work on " \
    "the "                                                                                                                         \
    "row already' WHEN why LIKE 'the condition was met already%' OR why LIKE 'the condition held already%' THEN 'the condition "   \
    "was met already' WHEN why LIKE 'the last run on "                                                                             \
    "it "                                                                                                                          \
    "ended on %' THEN 'too soon after the last run on the row (cool_down_days)' WHEN why LIKE '% it may not oftener' THEN 'it "    \
    "began "                                                                                                                       \
    "as often on the row as it may (at_most)' WHEN what = 'late' THEN 'its day to start had passed' ELSE why END"

tend_status tend_query_simulation(const tend_query *query, tend_time began_at, tend_time ended_at, int64_t limit,
                                  tend_result *result, tend_error *reterr)
{
    static const tend_heading period[] = { { "began_at", "from", TEND_TIME, false },
                                           { "ended_at", "to", TEND_TIME, false },
                                           { "runs_started", "runs started", TEND_INT, false },
                                           { "runs_ended", "runs ended", TEND_INT, false },
                                           { "tasks_opened", "tasks opened", TEND_INT, false },
                                           { "messages_written", "messages that would have gone out", TEND_INT, false } };
    static const tend_heading people[] = { { "person", NULL, TEND_TEXT, false },
                                           { "tasks", NULL, TEND_INT, false },
                                           { "at_risk", "at risk", TEND_MONEY, false } };
    static const tend_heading decided[] = { { "playbook", NULL, TEND_TEXT, false },
                                            { "decision", NULL, TEND_TEXT, false },
                                            { "events", NULL, TEND_INT, false },
                                            { "why", NULL, TEND_TEXT, true } };
    static const tend_heading tasks[] = { { "opened_at", "opened", TEND_TIME, false }, { "task", NULL, TEND_TEXT, false },
                                          { "account", NULL, TEND_TEXT, false },       { "person", NULL, TEND_TEXT, false },
                                          { "due_on", "due", TEND_DATE, false },       { "playbook", NULL, TEND_TEXT, false } };
    const int64_t whole[] = { began_at, ended_at }, listed[] = { began_at, limit > 0 ? limit : -1 };
    const query_section sections[] = {
        { "", "Simulated", period, QUERY_COUNT(period), true,
          "SELECT ?1, ?2, (SELECT count(*) FROM runs WHERE started_at >= ?1), (SELECT count(*) FROM runs WHERE ended_at >= ?1), "
          "(SELECT count(*) "
          "FROM tasks WHERE recorded_at >= ?1 AND run IS NOT NULL), (SELECT count(*) FROM outbox WHERE created_at >= ?1)" },
        { "tasks_by_person", "Tasks opened, and for whom", people, QUERY_COUNT(people), false,
          "SELECT u.name, count(*), sum({money t.at_risk t}), {company} FROM {task} t LEFT JOIN {user} u ON u.id = t.assignee "
          "WHERE "
          "t.recorded_at >= ?1 AND t.run IS NOT NULL GROUP BY u.id ORDER BY 2 DESC, 1" },
        { "decisions", "Decisions", decided, QUERY_COUNT(decided), false,
          "SELECT playbook, what, sum(n), why FROM (SELECT playbook, what, count(*) AS n, " DECIDED_WHY
          " AS why FROM decisions WHERE at >= ?1 GROUP BY 1, 2, 4 UNION ALL SELECT playbook, what, n, CASE what WHEN 'filtered' "
          "THEN "
          "'it did not meet the condition' WHEN 'suppressed' THEN 'imported history starts nothing' END FROM decision_counts WHERE "
          "batch IN (SELECT id FROM batches WHERE opened_at >= ?1)) GROUP BY 1, 2, 4 ORDER BY 1, 2, 3 DESC, 4" },
        { "tasks", "Tasks", tasks, QUERY_COUNT(tasks), false,
          "SELECT t.recorded_at, t.title, a.name, u.name, t.due_on, t.playbook FROM {task} t LEFT JOIN {account} a ON a.id = "
          "t.account LEFT JOIN "
          "{user} u ON u.id = t.assignee WHERE t.recorded_at >= ?1 AND t.run IS NOT NULL ORDER BY t.recorded_at, t.id LIMIT ?2" },
    };
    int64_t shown = 0, all = 0;
    tend_status status = query_begin(query, reterr);

    if (status >= 0)
        status = query_show(query, &sections[0], whole, 2, result, NULL, reterr);
    for (int i = 1; status >= 0 && i < 3; i++)
        status = query_show(query, &sections[i], &began_at, 1, result, NULL, reterr);
    if (status >= 0)
        status = query_show(query, &sections[3], listed, 2, result, &shown, reterr);
    if (status >= 0 && limit > 0 && shown == limit)
        status = tend_store_number(
            query->world.store,
            tend_arena_print(query->arena,
                             "SELECT count(*) FROM tasks WHERE recorded_at >= %lld AND run IS NOT NULL AND removed_at IS NULL",
                             (long long)began_at),
            0, &all, reterr);
    return status >= 0 && shown < all ? query_shown_note(query, shown, all, result, reterr) : status;
}

tend_status tend_query_playbooks(const tend_query *query, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "playbook", NULL, TEND_TEXT, false },      { "active", NULL, TEND_BOOL, false },
        { "since", NULL, TEND_TIME, false },         { "running", NULL, TEND_INT, false },
        { "waiting", NULL, TEND_INT, false },        { "held", NULL, TEND_INT, false },
        { "ended", NULL, TEND_INT, false },          { "events", "events decided", TEND_INT, false },
        { "left_out", "left out", TEND_INT, false }, { "script", NULL, TEND_TEXT, false },
        { "fault", NULL, TEND_TEXT, true },
    };
    /* A script that was left out and never worked has no row but in playbook_faults. */
    bool has_faults = tend_store_has_table(query->world.store, "playbook_faults");
    bool has_left_out = tend_store_has_table(query->world.store, "left_out");
    query_section section = { "playbooks", NULL, headings, QUERY_COUNT(headings), false, NULL };
    const char *sql = tend_arena_print(
        query->arena,
        "SELECT n.name, coalesce(p.is_active, 0), p.since, (SELECT count(*) FROM runs r WHERE r.playbook = n.name AND r.state = "
        "'running'), (SELECT count(*) FROM runs r WHERE r.playbook = n.name AND r.state = 'waiting'), (SELECT count(*) FROM runs r "
        "WHERE r.playbook = n.name AND r.state = 'held'), (SELECT count(*) FROM runs r WHERE r.playbook = n.name AND r.state IN "
        "('ended', 'stopped')), coalesce(p.delivered, 0), (SELECT count(*) FROM dues d WHERE d.playbook = n.name AND d.state = "
        "'late' AND " TEND_DUE_OPEN("%lld") ") + %s, b.path, %s FROM (SELECT name FROM playbooks %s) n LEFT JOIN playbooks p "
                                            "ON "
                                            "p.name = n.name LEFT JOIN bundles b ON b.id = p.bundle ORDER BY n.name",
        (long long)query->today, (long long)query->today,
        has_left_out ? "(SELECT count(*) FROM left_out l WHERE l.playbook = n.name)" : "0",
        has_faults ? "(SELECT CASE WHEN is_left_out THEN 'left out: ' ELSE 'its last good script works on: ' END || why FROM "
                     "playbook_faults f WHERE f.name = n.name)"
                   : "NULL",
        has_faults ? "UNION SELECT name FROM playbook_faults" : "");
    tend_status status = query_begin(query, reterr);

    return status < 0 ? status : show(query, section, sql, result, reterr);
}
