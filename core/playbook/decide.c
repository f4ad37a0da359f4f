/* decide.c: every event row put before a playbook gets exactly one decision. */
#include "playbook/inside.h"

#include "base/failpoint.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

#define SUBSCRIBER "playbook"
#define EVENTS_AT_ONCE 64
#define ROWS_AT_ONCE 5000

tend_status tend_decide_note(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t row,
                             int64_t account, const char *what, const char *why, int64_t run, tend_error *reterr)
{
    int64_t id;
    tend_status status = tend_store_ids(playbooks->store, "decisions", 1, &id, reterr);

    if (status < 0)
        return status;
    return tend_sql_run(playbooks->store, reterr,
                        "INSERT INTO decisions (id, playbook, event, topic, kind, row, account, what, why, at, run)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                        "isisiiissii", id, playbook->name, event->sequence, event->topic, (int64_t)event->kind, row, account, what,
                        why ? why : "", tend_playbooks_now(playbooks), run);
}

tend_status tend_decide_count(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, const char *what,
                              int64_t n, tend_error *reterr)
{
    if (n == 0)
        return TEND_OK;
    return tend_sql_run(playbooks->store, reterr,
                        "INSERT INTO decision_counts (playbook, topic, batch, what, n) VALUES (?1, ?2, ?3, ?4, ?5)"
                        " ON CONFLICT (playbook, topic, batch, what) DO UPDATE SET n = n + excluded.n",
                        "ssisi", playbook->name, event->topic, event->batch, what, n);
}

tend_status tend_decide_met(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool *ret_met,
                            const char **ret_by, tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    tend_status status;

    *ret_met = true;
    *ret_by = NULL;
    if (!playbook->where)
        return TEND_OK;
    status = tend_filter_match_rows(playbook->where, &world, playbooks->rates, playbooks->keeps_rows ? playbooks->rows : NULL, row,
                                    ret_met, ret_by, reterr);
    if (status == TEND_ENOTFOUND) {
        *ret_met = false; /* the row is gone */
        return TEND_OK;
    }
    return status;
}

/* Whether the event could start the playbook, before its rows are looked at. */
static bool could_start(const tend_playbook *playbook, const tend_event *event)
{
    const tend_spec *spec = &playbook->bundle->spec;

    if (!spec->has_start || event->first == 0)
        return false;
    if (spec->is_due)
        return strncmp(event->topic, "due.", 4) == 0 && strcmp(event->topic + 4, playbook->name) == 0;
    if (spec->start_event)
        return event->kind == (int32_t)spec->subject->kind && strcmp(event->topic, spec->start_event) == 0;
    /* A new status is told as `updated` or `created` too: looking at the row twice would decide it twice. */
    return event->kind == (int32_t)spec->subject->kind && (strstr(event->topic, ".created") || strstr(event->topic, ".updated"));
}

/* A condition that stays true starts one run: true when it held already. */
static tend_status held_before(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool is_met, bool *ret_held,
                               tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    int64_t kind = spec->subject->kind, held = 0;
    tend_status status;

    *ret_held = false;
    if (spec->is_due || !spec->where || (spec->start_event && !strstr(spec->start_event, ".updated")))
        return TEND_OK;
    status =
        tend_sql_number(playbooks->store, 0, &held, reterr, "SELECT 1 FROM edges WHERE playbook = ?1 AND kind = ?2 AND row = ?3",
                        "sii", playbook->name, kind, row);
    if (status < 0 || (held != 0) == is_met) {
        *ret_held = held != 0;
        return status;
    }
    return tend_sql_run(playbooks->store, reterr,
                        is_met ? "INSERT INTO edges (playbook, kind, row) VALUES (?1, ?2, ?3)"
                               : "DELETE FROM edges WHERE playbook = ?1 AND kind = ?2 AND row = ?3",
                        "sii", playbook->name, kind, row);
}

tend_status tend_edge_scan(tend_playbooks *playbooks, tend_playbook *playbook, tend_error *reterr)
{
    char sql[256];
    int64_t id = 0, count = 0;
    tend_status status = TEND_OK;

    (void)snprintf(sql, sizeof sql, "SELECT id FROM \"%s\" WHERE id > ?1 AND removed_at IS NULL ORDER BY id LIMIT 1",
                   playbook->bundle->spec.subject->table);
    while (status == TEND_OK && playbook->where) {
        bool is_met = false, was_held;
        const char *by;
        int64_t last = id;

        status = tend_sql_number(playbooks->store, 0, &id, reterr, sql, "i", last);
        if (status < 0 || id == 0)
            break;
        status = tend_decide_met(playbooks, playbook, id, &is_met, &by, reterr);
        if (status == TEND_OK)
            status = held_before(playbooks, playbook, id, is_met, &was_held, reterr);
        if (++count % 1000 == 0)
            tend_arena_reset(playbooks->arena);
    }
    return status;
}

static tend_status start_run(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t row,
                             int64_t account, int64_t *ret_run, tend_error *reterr)
{
    tend_status status = tend_store_ids(playbooks->store, "runs", 1, ret_run, reterr);

    if (status < 0)
        return status;
    return tend_sql_run(
        playbooks->store, reterr,
        "INSERT INTO runs (id, playbook, bundle, kind, row, account, shard, state, cause, moved_by, version, started_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, ?8, 0, ?9)",
        "isiiiiiii", *ret_run, playbook->name, playbook->bundle->id, (int64_t)playbook->bundle->spec.subject->kind, row, account,
        (int64_t)tend_shard_of(account), event->sequence, tend_playbooks_now(playbooks));
}

/* One row that matched: re-entry, then a run. */
static tend_status decide_match(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t row,
                                bool was_held, const char *by, tend_error *reterr)
{
    tend_subject subject = tend_subject_of(playbooks, &playbook->principal, playbook->bundle->spec.subject, row, playbooks->arena);
    int64_t active = 0, run = 0;
    const char *why = by;
    tend_status status = tend_subject_account(&subject, reterr);

    if (status == TEND_ENOTFOUND)
        return tend_decide_note(playbooks, playbook, event, row, 0, "failed", "the row is gone", 0, reterr);
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &active, reterr,
                                 "SELECT id FROM runs WHERE playbook = ?1 AND row = ?2 AND state IN ('running', 'waiting', 'held')",
                                 "si", playbook->name, row);
    if (status == TEND_OK && playbook->bundle->spec.is_due)
        status = tend_due_why(playbooks, playbook, row, &why, reterr);
    if (status < 0)
        return status;
    if (active != 0)
        return tend_decide_note(playbooks, playbook, event, row, subject.account, "deduplicated",
                                tend_arena_print(playbooks->arena, "run %lld is at work on it", (long long)active), active, reterr);
    if (was_held)
        return tend_decide_note(playbooks, playbook, event, row, subject.account, "deduplicated",
                                tend_arena_print(playbooks->arena, "the condition held already%s%s", by ? ": " : "", by ? by : ""),
                                0, reterr);
    status = start_run(playbooks, playbook, event, row, subject.account, &run, reterr);
    if (status < 0)
        return status;
    return tend_decide_note(playbooks, playbook, event, row, subject.account, "ran", why ? why : event->topic, run, reterr);
}

static tend_status decide_rows(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event,
                               tend_error *reterr)
{
    int64_t filtered = 0, suppressed = 0;
    tend_status status = TEND_OK;

    for (int64_t row = event->first; row <= event->last && status == TEND_OK; row++) {
        bool is_met = true, was_held = false;
        const char *by = NULL;

        if (!playbook->bundle->spec.is_due)
            status = tend_decide_met(playbooks, playbook, row, &is_met, &by, reterr);
        if (status == TEND_OK)
            status = held_before(playbooks, playbook, row, is_met, &was_held, reterr);
        if (status < 0)
            break;
        if (!is_met)
            filtered++;
        else if (event->is_history)
            suppressed++;
        else
            status = decide_match(playbooks, playbook, event, row, was_held, by, reterr);
    }
    if (status == TEND_OK)
        status = tend_decide_count(playbooks, playbook, event, "filtered", filtered, reterr);
    return status < 0 ? status : tend_decide_count(playbooks, playbook, event, "suppressed", suppressed, reterr);
}

/* An event that cannot start it: its dates may have moved, else the rows are filtered. */
static tend_status decide_others(tend_playbooks *playbooks, tend_playbook *playbook, const tend_event *event, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    int64_t rows = tend_event_rows(event), decided = 0;
    bool is_own = strncmp(event->topic, "due.", 4) == 0;
    tend_status status = TEND_OK;

    for (int64_t row = event->first; !is_own && spec->is_due && event->first != 0 && row <= event->last && status == TEND_OK;
         row++) {
        bool is_decided = false;

        if (event->kind == (int32_t)spec->subject->kind)
            status = tend_due_update(playbooks, playbook, event, row, &is_decided, reterr);
        else if (event->kind == TEND_KIND_ACCOUNT)
            status = tend_due_account(playbooks, playbook, row, reterr);
        else
            break;
        decided += is_decided;
    }
    return status < 0 ? status : tend_decide_count(playbooks, playbook, event, "filtered", rows - decided, reterr);
}

/* Runs at work on a row of the event end when their playbook says so. */
static tend_status stop_runs(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int64_t row = event->first; row <= event->last && status == TEND_OK; row++) {
        int64_t run = 0, account = 0;

        status = tend_sql_number(playbooks->store, 0, &run, reterr,
                                 "SELECT id FROM runs WHERE playbook = ?1 AND row = ?2 AND state IN ('running', 'waiting', 'held')",
                                 "si", playbook->name, row);
        if (status < 0 || run == 0)
            continue;
        status = tend_sql_number(playbooks->store, 0, &account, reterr, "SELECT account FROM runs WHERE id = ?1", "i", run);
        if (status == TEND_OK)
            status = tend_sql_run(playbooks->store, reterr, "DELETE FROM waits WHERE run = ?1", "i", run);
        if (status == TEND_OK)
            status =
                tend_sql_run(playbooks->store, reterr,
                             "UPDATE runs SET state = 'stopped', reason = ?2, ended_at = ?3, version = version + 1 WHERE id = ?1",
                             "isi", run, event->topic, tend_playbooks_now(playbooks));
        if (status == TEND_OK)
            status = tend_decide_note(playbooks, playbook, event, row, account, "stopped", event->topic, run, reterr);
    }
    return status;
}

/* A row that is removed ends what is at work on it. */
static bool ends_runs(const tend_playbook *playbook, const tend_event *event)
{
    const tend_spec *spec = &playbook->bundle->spec;
    const char *what = strchr(event->topic, '.');

    if (event->is_history || event->first == 0 || event->kind != (int32_t)spec->subject->kind)
        return false;
    return (spec->stop_event && strcmp(spec->stop_event, event->topic) == 0) || (what && strcmp(what, ".removed") == 0);
}

static tend_status reload_rates(tend_playbooks *playbooks, tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    tend_rates *rates;
    tend_status status = tend_rates_load(&world, &rates, reterr);

    if (status < 0)
        return status;
    tend_rates_free(playbooks->rates);
    playbooks->rates = rates;
    return TEND_OK;
}

static tend_status decide_event(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr)
{
    tend_status status = TEND_OK;

    tend_filter_rows_forget(playbooks->rows);
    playbooks->keeps_rows = true;
    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++) {
        tend_playbook *playbook = &playbooks->list[i];

        if (event->sequence <= playbook->starts_at)
            continue;
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET delivered = delivered + ?2 WHERE name = ?1", "si",
                              playbook->name, tend_event_rows(event));
        if (status == TEND_OK && ends_runs(playbook, event))
            status = stop_runs(playbooks, playbook, event, reterr);
        if (status == TEND_OK)
            status = could_start(playbook, event) ? decide_rows(playbooks, playbook, event, reterr)
                                                  : decide_others(playbooks, playbook, event, reterr);
    }
    playbooks->keeps_rows = false;
    if (status == TEND_OK && event->first != 0)
        status = tend_wait_event(playbooks, event, reterr);
    if (status == TEND_OK && event->kind == TEND_KIND_RATE)
        status = reload_rates(playbooks, reterr);
    return status;
}

tend_status tend_decide_events(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    tend_bus *bus = tend_model_bus(playbooks->model);
    tend_event events[EVENTS_AT_ONCE];
    size_t count = 0;
    int64_t rows = 0, last = 0;
    tend_status status = tend_bus_read(bus, SUBSCRIBER, events, EVENTS_AT_ONCE, &count, reterr);

    if (status < 0 || count == 0)
        return status < 0 ? status : TEND_OK;
    *ret_did = true;
    tend_failpoint("bus.deliver.before");
    status = tend_model_begin(playbooks->model, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < count && status == TEND_OK && rows < ROWS_AT_ONCE; i++) {
        status = tend_roles_follow(playbooks, &events[i], reterr);
        if (status == TEND_OK)
            status = decide_event(playbooks, &events[i], reterr);
        rows += tend_event_rows(&events[i]);
        last = events[i].sequence;
    }
    if (status == TEND_OK)
        status = tend_bus_advance(bus, SUBSCRIBER, last, reterr);
    if (status < 0) {
        tend_model_rollback(playbooks->model);
        return status;
    }
    status = tend_model_commit(playbooks->model, reterr);
    tend_failpoint("bus.deliver.after");
    return status;
}

tend_status tend_playbook_reconcile(tend_store *store, const char *playbook, int64_t *ret_delivered, int64_t *ret_decided,
                                    tend_error *reterr)
{
    tend_status status = tend_sql_number(store, 0, ret_delivered, reterr,
                                         "SELECT sum(delivered) FROM playbooks WHERE ?1 IS NULL OR name = ?1", "s", playbook);

    if (status < 0)
        return status;
    return tend_sql_number(store, 0, ret_decided, reterr,
                           "SELECT coalesce((SELECT sum(n) FROM decision_counts WHERE ?1 IS NULL OR playbook = ?1), 0)"
                           " + (SELECT count(*) FROM decisions WHERE what <> 'stopped' AND (?1 IS NULL OR playbook = ?1))",
                           "s", playbook);
}
