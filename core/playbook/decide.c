/* decide.c: every event row put before a playbook gets exactly one decision. */
#include "playbook/inside.h"
#include "playbook/tables.h"

#include "base/failpoint.h"
#include "base/hash.h"
#include <stdlib.h>
#include <string.h>

#define SUBSCRIBER "playbook"
#define EVENTS_AT_ONCE 512
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

/* One row that matched. */
static tend_status decide_match(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t row,
                                bool was_held, const char *by, tend_error *reterr)
{
    tend_entry entry = { .row = row, .why = by, .was_held = was_held };
    const char *why;
    int64_t run;
    tend_status status = TEND_OK;

    if (playbook->bundle->spec.is_due)
        status = tend_due_why(playbooks, playbook, row, &entry.why, reterr);
    return status < 0 ? status : tend_enter(playbooks, playbook, event, &entry, &run, &why, reterr);
}

/* Whose condition the row meets. Of a row that is gone nothing is known. */
static tend_status ask_row(tend_playbooks *playbooks, tend_listeners *group, int64_t row, tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    uint64_t asked = 0;
    tend_status status;

    for (size_t i = 0; i < group->words; i++) {
        group->met[i] = group->among[i] & group->plain[i];
        asked |= group->among[i] & ~group->plain[i];
    }
    if (asked == 0)
        return TEND_OK;
    status = tend_sieve_match(group->sieve, &world, playbooks->rates, playbooks->rows, row, group->among, group->met, reterr);
    return status == TEND_ENOTFOUND ? TEND_OK : status;
}

/* Conditions that hold now, or no longer, are noted; `held` is as it was before. */
static tend_status note_edges(tend_playbooks *playbooks, tend_listeners *group, int64_t row, tend_error *reterr)
{
    uint64_t asked = 0;
    tend_status status = TEND_OK;

    memset(group->held, 0, group->words * sizeof *group->held);
    for (size_t i = 0; i < group->words; i++)
        asked |= group->among[i] & group->edges[i];
    if (asked != 0)
        status = tend_edge_read(playbooks, group, row, group->held, reterr);
    for (size_t i = 0; i < group->count && asked != 0 && status == TEND_OK; i++)
        if (tend_bit_has(group->among, i) && tend_bit_has(group->edges, i) &&
            tend_bit_has(group->met, i) != tend_bit_has(group->held, i))
            status = tend_edge_turn(playbooks, &playbooks->list[group->numbers[i]], row, tend_bit_has(group->met, i), reterr);
    return status;
}

static tend_status decide_row(tend_playbooks *playbooks, tend_listeners *group, const tend_event *event, tend_tally *tally,
                              int64_t row, tend_error *reterr)
{
    tend_status status = ask_row(playbooks, group, row, reterr);

    if (status == TEND_OK)
        status = note_edges(playbooks, group, row, reterr);
    for (size_t i = 0; i < group->count && status == TEND_OK; i++) {
        const tend_playbook *playbook = &playbooks->list[group->numbers[i]];
        bool is_met = true;
        const char *by = NULL;

        if (!tend_bit_has(group->among, i))
            continue;
        if (!tend_bit_has(group->met, i)) {
            tally->filtered[group->numbers[i]]++;
        } else if (event->is_history) {
            tally->suppressed[group->numbers[i]]++;
        } else {
            if (!tend_bit_has(group->plain, i))
                status = tend_decide_met(playbooks, playbook, row, &is_met, &by, reterr);
            if (status == TEND_OK)
                status = decide_match(playbooks, playbook, event, row,
                                      tend_bit_has(group->edges, i) && tend_bit_has(group->held, i), by, reterr);
        }
    }
    return status;
}

/* An event that cannot start it: its dates may have moved, else the rows are filtered. */
static tend_status decide_others(tend_playbooks *playbooks, tend_playbook *playbook, const tend_event *event, int64_t *filtered,
                                 tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    int64_t rows = tend_event_rows(event), decided = 0;
    bool is_own = strncmp(event->topic, "due.", 4) == 0 || strncmp(event->topic, "start.", 6) == 0;
    bool looks = spec->is_due && !is_own && tend_hears_due(playbook, event);
    tend_status status = TEND_OK;

    for (int64_t row = event->first; looks && event->first != 0 && row <= event->last && status == TEND_OK; row++) {
        bool is_decided = false;

        if (event->kind == (int32_t)spec->subject->kind)
            status = tend_due_update(playbooks, playbook, event, row, &is_decided, reterr);
        else if (event->kind == TEND_KIND_ACCOUNT)
            status = tend_due_account(playbooks, playbook, row, reterr);
        else
            break;
        decided += is_decided;
    }
    *filtered += rows - decided;
    return status;
}

/* Runs at work on a row of the event end when their playbook says so. */
static tend_status stop_runs(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int64_t row = event->first; row <= event->last && status == TEND_OK; row++) {
        int64_t run = 0, account = 0;

        status = tend_sql_number(playbooks->store, 0, &run, reterr,
                                 "SELECT id FROM runs WHERE playbook = ?1 AND row = ?2 AND " TEND_RUN_AT_WORK, "si", playbook->name,
                                 row);
        if (status < 0 || run == 0)
            continue;
        status = tend_sql_number(playbooks->store, 0, &account, reterr, "SELECT account FROM runs WHERE id = ?1", "i", run);
        if (status == TEND_OK)
            status = tend_run_stop(playbooks, run, event->topic, event, reterr);
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

/* Those that worked already when the event came. */
static bool is_live(const tend_playbook *playbook, const tend_event *event)
{
    return event->sequence > playbook->starts_at;
}

static void set_live(tend_playbooks *playbooks, const tend_event *event)
{
    for (size_t i = 0; i < playbooks->listener_count; i++) {
        tend_listeners *group = &playbooks->listeners[i];

        memset(group->live, 0, group->words * sizeof *group->live);
        for (size_t k = 0; k < group->count; k++)
            if (is_live(&playbooks->list[group->numbers[k]], event))
                tend_bit_put(group->live, k);
    }
}

static tend_status decide_event(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr)
{
    const uint64_t *could_start = NULL;
    tend_listeners *group = tend_listen_to(playbooks, event, &could_start);
    tend_tally *tally = NULL;
    tend_status status = tend_tally_of(playbooks, event, &tally, reterr);

    tend_filter_rows_forget(playbooks->rows);
    playbooks->keeps_rows = true;
    set_live(playbooks, event);
    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++) {
        tend_playbook *playbook = &playbooks->list[i];

        if (!is_live(playbook, event))
            continue;
        tally->delivered[i] += tend_event_rows(event);
        if (ends_runs(playbook, event))
            status = stop_runs(playbooks, playbook, event, reterr);
        if (status == TEND_OK)
            status = tend_exit_event(playbooks, playbook, event, reterr);
        if (status == TEND_OK && !tend_start_is_for(playbook, event) &&
            !(group && playbook->listeners == group && tend_bit_has(could_start, playbook->bit)))
            status = decide_others(playbooks, playbook, event, &tally->filtered[i], reterr);
    }
    for (size_t i = 0; group && i < group->words; i++)
        group->among[i] = could_start[i] & group->live[i];
    for (int64_t row = event->first; group && row <= event->last && status == TEND_OK; row++)
        status = decide_row(playbooks, group, event, tally, row, reterr);
    if (status == TEND_OK)
        status = tend_edge_reach(playbooks, event, reterr);
    playbooks->keeps_rows = false;
    if (status == TEND_OK)
        status = tend_start_decide(playbooks, event, reterr);
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
    status = tend_model_begin_soft(playbooks->model, reterr);
    if (status < 0)
        return status;
    playbooks->tallies = NULL;
    for (size_t i = 0; i < count && status == TEND_OK && rows < ROWS_AT_ONCE; i++) {
        status = tend_roles_follow(playbooks, &events[i], reterr);
        if (status == TEND_OK)
            status = decide_event(playbooks, &events[i], reterr);
        rows += tend_event_rows(&events[i]);
        last = events[i].sequence;
    }
    if (status == TEND_OK)
        status = tend_tally_write(playbooks, reterr);
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
