/* edge.c: conditions that start once while they hold: for which rows they are known to, and what makes them come to. */
#include "playbook/guard.h"
#include "playbook/inside.h"

#include "base/log.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { REACHED_AT_ONCE = 256 };

static tend_status set_edge(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool holds, tend_error *reterr)
{
    return tend_sql_run(playbooks->store, reterr,
                        holds ? "INSERT OR IGNORE INTO edges (playbook, kind, row) VALUES (?1, ?2, ?3)"
                              : "DELETE FROM edges WHERE playbook = ?1 AND kind = ?2 AND row = ?3",
                        "sii", playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row);
}

/* What held, and does so no longer, may start again; unless it has to go further than that first. */
static tend_status end_edge(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    bool is_met = true;
    tend_status status = TEND_OK;

    if (playbook->again)
        status = tend_filter_match_rows(playbook->again, &world, playbooks->rates, playbooks->keeps_rows ? playbooks->rows : NULL,
                                        row, &is_met, NULL, reterr);
    if (status == TEND_ENOTFOUND) /* the row is gone */
        is_met = true;
    else if (status < 0)
        return status;
    if (is_met)
        status = set_edge(playbooks, playbook, row, false, reterr);
    return is_met && status == TEND_OK ? tend_left_out_forget(playbooks, playbook, row, reterr) : status;
}

tend_status tend_edge_turn(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool is_met, tend_error *reterr)
{
    return is_met ? set_edge(playbooks, playbook, row, true, reterr) : end_edge(playbooks, playbook, row, reterr);
}

tend_status tend_edge_read(tend_playbooks *playbooks, const tend_listeners *group, int64_t row, uint64_t *ret_held,
                           tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = true;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr, "SELECT playbook FROM edges WHERE kind = ?1 AND row = ?2", "ii",
                     (int64_t)group->subject->kind, row);

    memset(ret_held, 0, group->words * sizeof *ret_held);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *name = tend_statement_text(statement, 0, NULL);

        for (size_t i = 0; i < group->count; i++)
            if (strcmp(playbooks->list[group->numbers[i]].name, name) == 0)
                tend_bit_put(ret_held, i);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_edge_scan(tend_playbooks *playbooks, tend_playbook *playbook, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    bool has_edge = playbook->where && !spec->is_due && (!spec->start_event || strstr(spec->start_event, ".updated"));
    char sql[256];
    int64_t id = 0, count = 0, left_out = 0;
    tend_status status = TEND_OK;

    (void)snprintf(sql, sizeof sql, "SELECT id FROM \"%s\" WHERE id > ?1 AND %s IS NULL ORDER BY id LIMIT 1", spec->subject->table,
                   spec->subject->is_fact ? "closed_at" : "removed_at");
    while (status == TEND_OK && has_edge) {
        bool is_met = false;
        const char *by;
        int64_t last = id;

        status = tend_sql_number(playbooks->store, 0, &id, reterr, sql, "i", last);
        if (status < 0 || id == 0)
            break;
        status = tend_decide_met(playbooks, playbook, id, &is_met, &by, reterr);
        if (status == TEND_OK)
            status = tend_edge_turn(playbooks, playbook, id, is_met, reterr);
        if (status == TEND_OK && is_met && tend_store_changes(playbooks->store) > 0) { /* news to the condition, not to the world */
            status = tend_left_out_note(playbooks, playbook, id, reterr);
            left_out++;
        }
        if (++count % 1000 == 0)
            tend_arena_reset(playbooks->arena);
    }
    if (status == TEND_OK && left_out > 0)
        tend_log(TEND_LOG_WARN, "playbooks", "rows that meet the condition already are left out; tend playbook release starts them",
                 "playbook", playbook->name, "rows", tend_logf("%" PRId64, left_out), NULL);
    return status;
}

/* ---- what happens elsewhere ------------------------------------------------------------------------------------------------ */

static tend_status tell_met(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *cause, int64_t row,
                            tend_error *reterr)
{
    const tend_kind_schema *kind = playbook->bundle->spec.subject;
    tend_subject subject = tend_subject_of(playbooks, &playbook->principal, kind, row, playbooks->arena);
    tend_event event = { .kind = (int32_t)kind->kind, .first = row, .last = row, .cause = cause->sequence, .batch = cause->batch };
    tend_status status = tend_subject_account(&subject, reterr);

    if (status < 0)
        return status;
    (void)snprintf(event.topic, sizeof event.topic, "met.%.50s", playbook->name);
    event.account = subject.account;
    event.recorded_at = tend_playbooks_now(playbooks);
    status = tend_bus_publish(tend_model_bus(playbooks->model), &event, false, NULL, reterr);
    if (status != TEND_ELIMIT)
        return status;
    tend_log(TEND_LOG_WARN, "playbooks", "a condition came to hold, but the chain of causes is too long", "playbook",
             playbook->name, kind->name, tend_logf("%" PRId64, row), NULL);
    return TEND_OK;
}

/* One subject whose conditions may have changed. The run begins when the news is delivered, which is when the edge is noted. */
static tend_status look_again(tend_playbooks *playbooks, tend_listeners *group, const tend_event *event, int64_t row,
                              tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    tend_status status =
        tend_sieve_match(group->sieve, &world, playbooks->rates, playbooks->rows, row, group->among, group->met, reterr);

    if (status == TEND_ENOTFOUND)
        return TEND_OK;
    if (status == TEND_OK)
        status = tend_edge_read(playbooks, group, row, group->held, reterr);
    for (size_t i = 0; i < group->count && status == TEND_OK; i++) {
        const tend_playbook *playbook = &playbooks->list[group->numbers[i]];
        bool is_met = tend_bit_has(group->met, i);

        if (!tend_bit_has(group->among, i) || is_met == tend_bit_has(group->held, i))
            continue;
        if (is_met && !event->is_history)
            status = tell_met(playbooks, playbook, event, row, reterr);
        else
            status = tend_edge_turn(playbooks, playbook, row, is_met, reterr);
    }
    return status;
}

/* At most ?4 subjects after ?3 from which the way leads to the rows from ?1 to ?2. */
static tend_status write_reached(tend_playbooks *playbooks, const tend_filter_way *way, const char **ret_sql, tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    tend_buffer sql = { 0 };
    size_t last = way->ref_count - 1;
    const char *source = "";
    tend_status status = TEND_OK;

    tend_buffer_text(&sql, "SELECT DISTINCT t0.id FROM ");
    for (size_t i = 0; i <= last && status == TEND_OK; i++) {
        status = tend_world_source(&world, way->kinds[i]->kind, playbooks->arena, &source, reterr);
        tend_buffer_text(&sql, i == 0 ? "" : " JOIN ");
        tend_buffer_text(&sql, source);
        tend_buffer_print(&sql, " t%zu", i);
        if (i > 0)
            tend_buffer_print(&sql, " ON t%zu.id = t%zu.\"%s\"", i, i - 1, way->kinds[i - 1]->fields[way->refs[i - 1]].name);
    }
    tend_buffer_print(&sql, " WHERE t%zu.\"%s\" BETWEEN ?1 AND ?2 AND t0.id > ?3 ORDER BY t0.id LIMIT ?4", last,
                      way->kinds[last]->fields[way->refs[last]].name);
    if (status == TEND_OK) {
        *ret_sql = sql.failed ? NULL : tend_arena_string(playbooks->arena, tend_buffer_string(&sql));
        status = *ret_sql ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    }
    tend_buffer_clear(&sql);
    return status;
}

static tend_status read_reached(tend_playbooks *playbooks, const char *sql, int64_t first, int64_t last, int64_t after,
                                int64_t *ret_rows, size_t *ret_count, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = true;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr, sql, "iiii", first, last, after, (int64_t)REACHED_AT_ONCE);

    *ret_count = 0;
    while (status >= 0 && *ret_count < REACHED_AT_ONCE && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 &&
           has_row)
        ret_rows[(*ret_count)++] = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status reach(tend_playbooks *playbooks, tend_listeners *group, const tend_reach *way, const tend_event *event,
                         tend_error *reterr)
{
    /* What was merged is found below the account that it became a part of. */
    bool is_merge = strcmp(way->topic, "account.merged") == 0;
    int64_t rows[REACHED_AT_ONCE], after = 0;
    uint64_t any = 0;
    size_t count = REACHED_AT_ONCE;
    const char *sql = NULL;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < group->words; i++)
        any |= group->among[i] = way->set[i] & group->live[i];
    if (any != 0)
        status = write_reached(playbooks, way->way, &sql, reterr);
    while (any != 0 && count == REACHED_AT_ONCE && status == TEND_OK) {
        status = read_reached(playbooks, sql, is_merge ? event->account : event->first, is_merge ? event->account : event->last,
                              after, rows, &count, reterr);
        for (size_t i = 0; i < count && status == TEND_OK; i++)
            status = look_again(playbooks, group, event, after = rows[i], reterr);
    }
    return status;
}

tend_status tend_edge_reach(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < playbooks->listener_count && event->first != 0; i++) {
        tend_listeners *group = &playbooks->listeners[i];

        for (size_t k = 0; k < group->reach_count && status == TEND_OK; k++)
            if (strcmp(group->reaches[k].topic, event->topic) == 0)
                status = reach(playbooks, group, &group->reaches[k], event, reterr);
    }
    return status;
}
