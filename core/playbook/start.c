/* start.c: playbooks that are started: by somebody, by a run of another playbook as its child, or row by row for many. What is
 * asked for is told on the bus as start.PLAYBOOK about the row, so that it has a decision like everything else that happens. */
#include "base/near.h"
#include "playbook/inside.h"
#include "playbook/tables.h"

#include <string.h>

#define CHILDREN_MAX 256

tend_playbook *tend_playbook_at_work(const tend_playbooks *playbooks, const char *name)
{
    for (size_t i = 0; i < playbooks->count; i++)
        if (strcmp(playbooks->list[i].name, name) == 0)
            return &playbooks->list[i];
    return NULL;
}

const char *tend_playbook_near(const tend_playbooks *playbooks, const char *name, tend_arena *arena)
{
    const char **names = tend_arena_take(arena, (playbooks->count + 1) * sizeof *names);

    for (size_t i = 0; names && i < playbooks->count; i++)
        names[i] = playbooks->list[i].name;
    return names ? tend_near(name, names) : NULL;
}

static const char *topic_name(const char *topic)
{
    return strncmp(topic, "start.", 6) == 0 ? topic + 6 : NULL;
}

bool tend_start_is_for(const tend_playbook *playbook, const tend_event *event)
{
    const char *name = topic_name(event->topic);

    return name && strcmp(name, playbook->name) == 0;
}

tend_status tend_start_tell(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_start *start,
                            int64_t *ret_sequence, tend_error *reterr)
{
    const tend_kind_schema *kind = playbook->bundle->spec.subject;
    tend_subject subject = tend_subject_of(playbooks, &playbook->principal, kind, start->row, playbooks->arena);
    tend_event event = { .kind = (int32_t)kind->kind, .first = start->row, .last = start->row, .cause = start->cause };
    tend_buffer packed = { 0 };
    tend_status status = tend_subject_account(&subject, reterr);

    if (status < 0)
        return status;
    (void)snprintf(event.topic, sizeof event.topic, "start.%.50s", playbook->name);
    event.account = subject.account;
    event.shard = tend_shard_of(subject.account);
    event.recorded_at = tend_playbooks_now(playbooks);
    status = tend_bus_publish(tend_model_bus(playbooks->model), &event, false, ret_sequence, reterr);
    if (status < 0)
        return status;
    if (start->args)
        tend_tree_pack(start->args, &packed);
    status = tend_sql_run(playbooks->store, reterr,
                          "INSERT INTO starts (sequence, playbook, parent, step, args, if_stopped, why, run)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
                          "isisbss", *ret_sequence, playbook->name, start->parent, start->step, start->args ? &packed : NULL,
                          start->leaves ? "leave" : "cancel", start->why);
    tend_buffer_clear(&packed);
    return status;
}

/* What was asked for by the event; `parent` 0: by nobody that waits. */
typedef struct asked {
    int64_t parent;
    bool is_over, leaves; /* the parent is not at work any more */
    const char *step, *why;
} asked;

static tend_status read_asked(tend_playbooks *playbooks, int64_t sequence, asked *ret_asked, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(
        playbooks->store, &statement, reterr,
        "SELECT s.parent, s.step, s.why, s.if_stopped = 'leave', r.id IS NOT NULL AND r.state NOT IN ('running', 'waiting',"
        " 'held') FROM starts s LEFT JOIN runs r ON r.id = s.parent WHERE s.sequence = ?1",
        "i", sequence);

    *ret_asked = (asked){ .parent = 0 };
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        const char *step = tend_statement_text(statement, 1, NULL), *why = tend_statement_text(statement, 2, NULL);

        *ret_asked = (asked){ .parent = tend_statement_int(statement, 0),
                              .step = step ? tend_arena_string(playbooks->arena, step) : NULL,
                              .why = why ? tend_arena_string(playbooks->arena, why) : NULL,
                              .leaves = tend_statement_int(statement, 3) != 0,
                              .is_over = tend_statement_int(statement, 4) != 0 };
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* The run that waits for its child hears what became of it. */
static tend_status tell_parent(tend_playbooks *playbooks, int64_t parent, const char *step, const char *word, const char *text,
                               int64_t run, int64_t moved_by, tend_error *reterr)
{
    tend_tree_map map = { 0 };
    tend_tree answer;
    bool is_ended = strcmp(word, "ended") == 0;

    if (is_ended)
        tend_tree_add(&map, "outcome", tend_tree_text(text));
    if (run != 0)
        tend_tree_add(&map, "run", tend_tree_int(run));
    tend_tree_add(&map, "started", tend_tree_bool(strcmp(word, "refused") != 0));
    tend_tree_add(&map, "stopped", tend_tree_bool(strcmp(word, "stopped") == 0));
    tend_tree_add(&map, "timed_out", tend_tree_bool(false));
    if (!is_ended)
        tend_tree_add(&map, "why", tend_tree_text(text));
    if (tend_tree_end(&map, playbooks->arena, &answer) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return tend_wait_answer(playbooks, parent, step, "answered", &answer, moved_by, reterr);
}

static tend_status decide(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t *ret_run,
                          tend_error *reterr)
{
    tend_entry entry = { .row = event->first };
    asked asked_by;
    const char *why;
    tend_status status = read_asked(playbooks, event->sequence, &asked_by, reterr);

    if (status < 0)
        return status;
    entry.why = asked_by.why;
    entry.is_by_hand = asked_by.parent == 0;
    if (asked_by.is_over && !asked_by.leaves)
        entry.refused =
            tend_arena_print(playbooks->arena, "run %lld, which asked for it, is at work no more", (long long)asked_by.parent);
    status = tend_enter(playbooks, playbook, event, &entry, ret_run, &why, reterr);
    if (status == TEND_OK && *ret_run != 0)
        return tend_sql_run(playbooks->store, reterr, "UPDATE starts SET run = ?2 WHERE sequence = ?1", "ii", event->sequence,
                            *ret_run);
    if (status == TEND_OK && asked_by.parent != 0)
        status = tell_parent(playbooks, asked_by.parent, asked_by.step, "refused", why ? why : "", 0, event->sequence, reterr);
    return status;
}

tend_status tend_start_decide(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr)
{
    const char *name = topic_name(event->topic);
    const tend_playbook *playbook = name ? tend_playbook_at_work(playbooks, name) : NULL;
    asked asked_by;
    int64_t run;
    tend_status status;

    if (!name)
        return TEND_OK;
    if (playbook && event->sequence > playbook->starts_at)
        return decide(playbooks, playbook, event, &run, reterr);
    status = read_asked(playbooks, event->sequence, &asked_by, reterr);
    if (status < 0 || asked_by.parent == 0)
        return status;
    return tell_parent(playbooks, asked_by.parent, asked_by.step, "refused",
                       tend_arena_print(playbooks->arena, "playbook %s is not at work any more", name), 0, event->sequence, reterr);
}

tend_status tend_start_args(tend_playbooks *playbooks, const tend_event *event, tend_tree *ret_args, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    size_t length;
    tend_status status;

    *ret_args = tend_tree_nil;
    if (!topic_name(event->topic))
        return TEND_OK;
    status =
        tend_sql_ask(playbooks->store, &statement, reterr, "SELECT args FROM starts WHERE sequence = ?1", "i", event->sequence);
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        const void *bytes = tend_statement_bytes(statement, 0, &length);

        if (bytes)
            status = tend_tree_unpack(bytes, length, playbooks->arena, ret_args, reterr);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_child_over(tend_playbooks *playbooks, int64_t run, int64_t cause, const char *word, const char *text,
                            int64_t moved_by, tend_error *reterr)
{
    asked asked_by;
    tend_status status = read_asked(playbooks, cause, &asked_by, reterr);

    if (status < 0 || asked_by.parent == 0 || asked_by.is_over)
        return status;
    return tell_parent(playbooks, asked_by.parent, asked_by.step, word, text ? text : "", run, moved_by, reterr);
}

tend_status tend_children_stop(tend_playbooks *playbooks, int64_t parent, const tend_event *event, tend_error *reterr)
{
    int64_t runs[CHILDREN_MAX];
    tend_statement *statement;
    size_t count = 0;
    bool has_row = true;
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr,
                                      "SELECT r.id FROM starts s JOIN runs r ON r.id = s.run WHERE s.parent = ?1 AND s.if_stopped"
                                      " = 'cancel' AND r.state IN ('running', 'waiting', 'held') ORDER BY r.id",
                                      "i", parent);

    while (status >= 0 && count < CHILDREN_MAX && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        runs[count++] = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    for (size_t i = 0; i < count && status >= 0; i++)
        status = tend_run_stop(playbooks, runs[i],
                               tend_arena_print(playbooks->arena, "run %lld, whose child it is, was stopped", (long long)parent),
                               event, reterr);
    return status < 0 ? status : TEND_OK;
}

/* ---- by hand ---------------------------------------------------------------------------------------------------------------- */

tend_status tend_playbook_refuse(const tend_playbooks *playbooks, const char *name, tend_error *reterr)
{
    const char *near = tend_playbook_near(playbooks, name, playbooks->arena), *file = NULL;
    unsigned line = 0;

    tend_config_origin(playbooks->config, "playbook", name, "enabled", &file, &line);
    if (file && !tend_config_bool(playbooks->config, "playbook", name, "enabled"))
        return tend_fail(reterr, TEND_ENOTFOUND,
                         "playbook %s: is switched off at %s:%u: [playbook.%s] enabled = no; write enabled = yes", name, file, line,
                         name);
    return tend_fail(reterr, TEND_ENOTFOUND, "playbook %s: is not at work%s%s%s", name,
                     near ? "; did you mean " : "; see tend playbook list", near ? near : "", near ? "?" : "");
}

tend_status tend_playbook_subject(const tend_playbooks *playbooks, const char *name, const tend_kind_schema **ret_kind,
                                  tend_error *reterr)
{
    const tend_playbook *playbook = tend_playbook_at_work(playbooks, name);

    if (!playbook)
        return tend_playbook_refuse(playbooks, name, reterr);
    *ret_kind = playbook->bundle->spec.subject;
    return TEND_OK;
}

/* Nothing would come of it: a run is at work on the row, or is about to be. */
static tend_status refuse_again(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr)
{
    const tend_kind_schema *kind = playbook->bundle->spec.subject;
    tend_world world = tend_world_live(playbooks->model);
    const char *name = tend_row_name(&world, kind->kind, row, playbooks->arena);
    int64_t run = 0, told = 0;
    tend_status status =
        tend_sql_number(playbooks->store, 0, &run, reterr,
                        "SELECT id FROM runs WHERE playbook = ?1 AND row = ?2 AND " TEND_RUN_AT_WORK, "si", playbook->name, row);

    if (status == TEND_OK && run != 0)
        return tend_fail(reterr, TEND_ECONFLICT,
                         "playbook %s: run %lld is at work on %s %lld, %s; let it end, or tend playbook cancel %lld first",
                         playbook->name, (long long)run, kind->name, (long long)row, name ? name : "", (long long)run);
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &told, reterr,
                                 "SELECT max(e.sequence) FROM starts s JOIN events e ON e.sequence = s.sequence WHERE s.playbook ="
                                 " ?1 AND e.first = ?2 AND s.run = 0 AND e.sequence > (SELECT coalesce(max(p.sequence), 0) FROM"
                                 " positions p WHERE p.subscriber = 'playbook')",
                                 "si", playbook->name, row);
    if (status == TEND_OK && told != 0)
        return tend_fail(reterr, TEND_ECONFLICT,
                         "playbook %s: is told already to begin on %s %lld, %s (event %lld); it does when the engine works next",
                         playbook->name, kind->name, (long long)row, name ? name : "", (long long)told);
    return status;
}

tend_status tend_playbook_start(tend_playbooks *playbooks, const tend_origin *origin, const char *name, int64_t row,
                                const char *reason, int64_t *ret_sequence, tend_error *reterr)
{
    const tend_playbook *playbook = tend_playbook_at_work(playbooks, name);
    const tend_kind_schema *kind;
    tend_start start = { .row = row };
    tend_status status = tend_playbook_subject(playbooks, name, &kind, reterr);

    if (status == TEND_OK)
        status = tend_access_may(origin->principal, TEND_VERB_UPDATE, kind->kind, row, reterr);
    if (status == TEND_OK)
        status = refuse_again(playbooks, playbook, row, reterr);
    if (status < 0)
        return status;
    start.why =
        tend_arena_print(playbooks->arena, "started by %s%s%s", origin->principal->name, reason ? ": " : "", reason ? reason : "");
    status = tend_start_tell(playbooks, playbook, &start, ret_sequence, reterr);
    if (status < 0)
        return status;
    return tend_sql_run(
        playbooks->store, reterr, "INSERT INTO events_told (sequence, teller, acting_for, reason) VALUES (?1, ?2, ?3, ?4)", "isss",
        *ret_sequence, origin->principal->name, origin->principal->acting_for[0] ? origin->principal->acting_for : NULL, reason);
}
