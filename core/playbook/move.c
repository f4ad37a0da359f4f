/* move.c: runs taken from their recorded steps to their next wait or their end. The sandbox computes while no transaction is open;
 * then all steps of a move are committed together with their effects, if the run has not moved since. */
#include "playbook/guard.h"
#include "playbook/verbatim.h"

#include "base/failpoint.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define MOVES_AT_ONCE 100

tend_principal tend_principal_of(const tend_playbooks *playbooks, const char *playbook)
{
    const char *written = playbooks->config ? tend_config_text(playbooks->config, "playbook", playbook, "principal") : NULL;
    char name[64];

    if (written && written[0])
        return tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, written);
    (void)snprintf(name, sizeof name, "playbook:%.50s", playbook);
    return tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, name);
}

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

/* on_stop begins anew: what stands in the journal is not replayed, only counted. */
static tend_status skip_journal(moving_run *moving, tend_error *reterr)
{
    return tend_sql_number(moving->playbooks->store, 0, &moving->recorded, reterr,
                           "SELECT coalesce(max(position) + 1, 0) FROM steps WHERE run = ?1", "i", moving->run.id);
}

tend_status moving_append(moving_run *moving, const tend_request *request, tend_step **ret_step, tend_error *reterr)
{
    new_step *added = tend_arena_take(moving->playbooks->arena, sizeof *added);

    if (!added)
        return out_of_memory(reterr);
    added->step =
        (tend_step){ .name = moving->is_stopping ? tend_arena_print(moving->playbooks->arena, "on_stop: %s", request->name)
                                                 : request->name,
                     .verb = request->verb,
                     .state = "done",
                     .arguments = request->arguments };
    *moving->end = added;
    moving->end = &added->next;
    *ret_step = &added->step;
    return TEND_OK;
}

/* What is wrong with a request becomes the run's fault when the move is over. */
static tend_status take_request(void *self, const tend_request *request, tend_error *reterr)
{
    moving_run *moving = self;
    tend_request kept = *request;
    tend_error why = { 0 };
    tend_step *step;
    tend_status status = moving_keep_verbatim(moving, kept.verb, &kept.arguments, reterr);

    if (status < 0)
        return status;
    if (moving->fault[0] == '\0' &&
        tend_effect_check(moving->playbooks->schema, moving->kind, &moving->bundle->settings, &kept, &why) < 0)
        (void)snprintf(moving->fault, sizeof moving->fault, "%s:%u: %.600s", moving->bundle->path,
                       tend_bundle_line(moving->bundle, &kept), why.text);
    return moving_append(moving, &kept, &step, reterr);
}

static void take_log(void *self, uint32_t line, const char *text)
{
    const moving_run *moving = self;

    tend_log(TEND_LOG_INFO, "playbooks", text, "playbook", moving->run.playbook, "run",
             tend_logf("%lld", (long long)moving->run.id), "line", tend_logf("%u", line), NULL);
}

/* run.event, with what the run was given, and at its end with what it leaves open. */
static tend_status event_tree(moving_run *moving, tend_tree *ret_tree, tend_error *reterr)
{
    tend_arena *arena = moving->playbooks->arena;
    tend_tree args = tend_tree_nil, left = tend_tree_nil;
    tend_tree_map map = { 0 };
    tend_event event;
    tend_status status = tend_bus_get(tend_model_bus(moving->playbooks->model), moving->run.cause, &event, reterr);
    bool is_there = status == TEND_OK;

    if (is_there)
        status = tend_start_args(moving->playbooks, &event, &args, reterr);
    else if (status == TEND_ENOTFOUND)
        status = TEND_OK;
    if (status == TEND_OK && moving->is_stopping)
        status = tend_left_tree(moving->playbooks, moving->run.id, &left, reterr);
    if (status < 0)
        return status;
    tend_tree_add(&map, "args", args);
    tend_tree_add(&map, "left", left);
    if (is_there)
        tend_tree_add(&map, "sequence", tend_tree_int(event.sequence));
    if (moving->is_stopping)
        tend_tree_add(&map, "stop", tend_tree_bool(true));
    if (is_there)
        tend_tree_add(&map, "topic", tend_tree_text(tend_arena_string(arena, event.topic)));
    return tend_tree_end(&map, arena, ret_tree) < 0 ? out_of_memory(reterr) : TEND_OK;
}

static void set_fault(moving_run *moving, const char *text)
{
    (void)snprintf(moving->fault, sizeof moving->fault, "%.650s", text);
}

/* Gives the move to the sandbox; what the script did wrong ends up in `fault`. */
static tend_status begin(moving_run *moving, tend_error *reterr)
{
    tend_playbooks *playbooks = moving->playbooks;
    tend_tree *event = tend_arena_take(playbooks->arena, sizeof *event);
    tend_status status = event ? tend_bundle_of_run(playbooks, moving->run.bundle, &moving->bundle, reterr) : out_of_memory(reterr);

    if (status == TEND_EINVAL) {
        set_fault(moving, reterr->text);
        return TEND_OK;
    }
    if (status == TEND_OK && moving->is_stopping && !moving->bundle->spec.has_on_stop) {
        moving->result.end = TEND_MOVE_ENDED; /* nothing to run */
        return skip_journal(moving, reterr);
    }
    if (status == TEND_OK)
        status = moving->is_stopping ? skip_journal(moving, reterr) : moving_read_journal(moving, reterr);
    if (status == TEND_OK)
        status = event_tree(moving, event, reterr);
    if (status < 0)
        return status;
    moving->event = event;
    moving->move = (tend_move){ .slot = (uint32_t)moving->run.bundle,
                                .run = moving->run.id,
                                .subject = moving->kind->name,
                                .settings = &moving->bundle->settings,
                                .event = event,
                                .journal = moving->journal,
                                .count = moving->is_stopping ? 0 : (size_t)moving->recorded };
    moving->flight = (tend_flight){ .handler = { .request = take_request, .read = moving_read, .log = take_log, .self = moving },
                                    .arena = playbooks->arena };
    moving->is_handed = true;
    return tend_sandbox_hand(playbooks->sandbox, &moving->move, &moving->flight, reterr);
}

/* The sandbox was lost while it had several moves: as if this one had not begun, and with nothing beside it. */
static tend_status begin_again(moving_run *moving, tend_error *reterr)
{
    tend_playbooks *playbooks = moving->playbooks;
    tend_status status = tend_bundle_of_run(playbooks, moving->run.bundle, &moving->bundle, reterr);

    moving->first = NULL;
    moving->end = &moving->first;
    moving->fault[0] = '\0';
    if (status == TEND_EINVAL) {
        moving->is_handed = false;
        set_fault(moving, reterr->text);
        return TEND_OK;
    }
    if (status == TEND_OK)
        status = tend_sandbox_hand(playbooks->sandbox, &moving->move, &moving->flight, reterr);
    return status < 0 ? status : tend_sandbox_land(playbooks->sandbox, reterr);
}

/* What the move came to. */
static tend_status end(moving_run *moving, tend_error *reterr)
{
    tend_status status = moving->is_handed && moving->flight.result.end == 0 ? begin_again(moving, reterr) : TEND_OK;

    moving->event = NULL;
    if (status < 0 || !moving->is_handed)
        return status;
    moving->result = moving->flight.result;
    if (moving->result.end == TEND_MOVE_FAULT)
        set_fault(moving, moving->result.text);
    if (moving->is_stopping)
        return TEND_OK;
    if (moving->result.end == TEND_MOVE_ENDED && moving->result.text[0] == '\0' && moving->bundle->spec.outcome_count == 1)
        moving->result.text = moving->bundle->spec.outcomes[0];
    if (moving->result.end == TEND_MOVE_ENDED && moving->fault[0] == '\0' &&
        !tend_spec_has_outcome(&moving->bundle->spec, moving->result.text))
        (void)snprintf(moving->fault, sizeof moving->fault,
                       "%s: steps returned '%.100s', which is none of the outcomes it declares", moving->bundle->path,
                       moving->result.text);
    return TEND_OK;
}

/* While this statement stands on its row all others read the same state of the store, which is locked once and not for each. */
static tend_status hold_still(tend_playbooks *playbooks, tend_statement **ret_standing, tend_error *reterr)
{
    bool has_row;
    tend_status status = tend_sql_ask(playbooks->store, ret_standing, reterr, "SELECT id FROM runs LIMIT 1", "");

    return status < 0 ? status : tend_statement_step(*ret_standing, &has_row, reterr);
}

static tend_status compute(tend_playbooks *playbooks, moving_run *moves, size_t count, tend_error *reterr)
{
    tend_statement *standing = NULL;
    tend_status status = hold_still(playbooks, &standing, reterr), landed;

    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = begin(&moves[i], reterr);
    landed = tend_sandbox_land(playbooks->sandbox, status == TEND_OK ? reterr : NULL); /* nothing of `moves` is out when we leave */
    status = status < 0 ? status : landed;
    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = end(&moves[i], reterr);
    tend_statement_end(standing);
    return status;
}

static tend_status hold(moving_run *moving, const char *why, tend_error *reterr)
{
    if (!moving->is_told_held) /* once, although it may be made again */
        tend_log(TEND_LOG_WARN, "playbooks", moving->is_stopping ? "on_stop failed" : "run held", "playbook", moving->run.playbook,
                 "run", tend_logf("%lld", (long long)moving->run.id), "why", why, NULL);
    moving->is_told_held = true;
    if (moving->is_stopping)
        return tend_sql_run(moving->playbooks->store, reterr,
                            "UPDATE runs SET state = 'stopped', reason = reason || '; its on_stop failed: ' || ?2,"
                            " version = version + 1 WHERE id = ?1 AND version = ?3",
                            "isi", moving->run.id, why, moving->run.version);
    return tend_sql_run(moving->playbooks->store, reterr,
                        "UPDATE runs SET state = 'held', reason = ?2, version = version + 1 WHERE id = ?1 AND version = ?3", "isi",
                        moving->run.id, why, moving->run.version);
}

static tend_status insert_step(moving_run *moving, const tend_step *step, int64_t position, tend_error *reterr)
{
    tend_arena *arena = moving->playbooks->arena;
    const char *arguments = step->arguments.tag == TEND_TREE_MAP ? tend_tree_show(&step->arguments, arena) : NULL;
    const char *answer = step->has_answer ? tend_tree_show(&step->answer, arena) : NULL;
    tend_time now = tend_playbooks_now(moving->playbooks);
    tend_buffer packed = { 0 };
    tend_status status;

    if (step->has_answer)
        tend_tree_pack(&step->answer, &packed);
    status =
        tend_sql_run(moving->playbooks->store, reterr,
                     "INSERT INTO steps (run, position, name, verb, state, arguments, answer, packed, kind, row, at, topic)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                     "iisssssbiiis", moving->run.id, position, step->name, step->verb, step->state, arguments, answer,
                     step->has_answer ? &packed : NULL, step->kind, step->row, now, tend_tree_string(&step->arguments, "event"));
    tend_buffer_clear(&packed);
    return status;
}

static bool is_wait(const char *verb)
{
    static const char *const waits[] = { "all", "approve", "ask", "bulk", "call", "child", "first", "sleep", "wait" };

    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (strcmp(waits[i], verb) == 0)
            return true;
    return false;
}

static tend_status make_wait(moving_run *moving, const tend_origin *origin, tend_step *step, int64_t position, tend_error *reterr)
{
    tend_status status;

    step->state = "waiting";
    status = insert_step(moving, step, position, reterr);
    if (status == TEND_OK)
        status = tend_sql_run(moving->playbooks->store, reterr, "UPDATE runs SET state = 'waiting', reason = NULL WHERE id = ?1",
                              "i", moving->run.id);
    if (status == TEND_OK)
        status = tend_effect_wait(&moving->subject, &moving->run, &moving->bundle->settings, origin, step, reterr);
    if (status == TEND_OK && step->row != 0)
        status =
            tend_sql_run(moving->playbooks->store, reterr, "UPDATE steps SET kind = ?3, row = ?4 WHERE run = ?1 AND position = ?2",
                         "iiii", moving->run.id, position, step->kind, step->row);
    return status;
}

static int64_t count_effects(const moving_run *moving)
{
    int64_t count = 0;

    for (const new_step *added = moving->first; added; added = added->next)
        count += tend_guard_counts(added->step.verb);
    return count;
}

static tend_status make_steps(moving_run *moving, const tend_origin *origin, tend_error *reterr)
{
    int64_t position = moving->recorded;
    tend_status status = TEND_OK;

    for (new_step *added = moving->first; added && status == TEND_OK; added = added->next, position++) {
        if (is_wait(added->step.verb)) {
            status = make_wait(moving, origin, &added->step, position, reterr);
            continue;
        }
        status = tend_effect_make(&moving->subject, &moving->run, &moving->bundle->spec, &moving->bundle->settings, origin,
                                  &added->step, reterr);
        if (status == TEND_OK)
            status = insert_step(moving, &added->step, position, reterr);
    }
    return status;
}

static tend_status end_run(const moving_run *moving, tend_error *reterr)
{
    tend_status status = tend_sql_run(
        moving->playbooks->store, reterr,
        "UPDATE runs SET state = 'ended', outcome = ?2, reason = NULL, ended_at = ?3, version = version + 1 WHERE id = ?1", "isi",
        moving->run.id, moving->result.text, tend_playbooks_now(moving->playbooks));

    return status < 0 ? status
                      : tend_child_over(moving->playbooks, moving->run.id, moving->run.cause, "ended", moving->result.text,
                                        moving->run.moved_by, reterr);
}

/* The last word of a run that is stopped: its on_stop, then what its playbook wants closed. */
static tend_status end_stopping(moving_run *moving, const tend_origin *origin, tend_error *reterr)
{
    int64_t closed;
    tend_status status = make_steps(moving, origin, reterr);

    if (status == TEND_OK && moving->bundle->spec.closes_left)
        status =
            tend_left_close(moving->playbooks, moving->run.playbook, moving->run.id, NULL, "the run was stopped", &closed, reterr);
    return status < 0 ? status
                      : tend_sql_run(moving->playbooks->store, reterr, "UPDATE runs SET state = 'stopped' WHERE id = ?1", "i",
                                     moving->run.id);
}

/* Exit criteria that hold by now: the move is not made. */
static tend_status look_for_exit(const moving_run *moving, const char **ret_why, tend_error *reterr)
{
    const tend_playbook *playbook = tend_playbook_at_work(moving->playbooks, moving->run.playbook);

    *ret_why = NULL;
    return playbook ? tend_exit_met(moving->playbooks, playbook, moving->run.row, ret_why, reterr) : TEND_OK;
}

/* The steps and effects of one move. TEND_ECONFLICT when the run has moved meanwhile. */
static tend_status apply(moving_run *moving, tend_error *reterr)
{
    tend_playbooks *playbooks = moving->playbooks;
    tend_origin origin = { .principal = &moving->principal, .cause = moving->run.moved_by };
    const char *why = NULL;
    int64_t version = -1;
    tend_status status =
        tend_sql_number(playbooks->store, -1, &version, reterr, "SELECT version FROM runs WHERE id = ?1 AND state = ?2", "is",
                        moving->run.id, moving->is_stopping ? "stopping" : "running");

    if (status == TEND_OK && version != moving->run.version)
        return tend_fail(reterr, TEND_ECONFLICT, "run %lld: has moved meanwhile", (long long)moving->run.id);
    if (status == TEND_OK && !moving->is_stopping)
        status = look_for_exit(moving, &why, reterr);
    if (status == TEND_OK && why)
        return tend_run_stop(playbooks, moving->run.id, why, NULL, reterr);
    if (status < 0 || moving->fault[0] != '\0')
        return status < 0 ? status : hold(moving, moving->fault, reterr);
    if (!moving->is_stopping) /* the last word of a run is heard */
        status = tend_guard_ask(playbooks, &moving->run, count_effects(moving), &why, reterr);
    if (status < 0 || why)
        return status < 0 ? status : hold(moving, why, reterr);
    if (!moving->is_stopping && moving->result.end == TEND_MOVE_ENDED) {
        status = make_steps(moving, &origin, reterr);
        return status < 0 ? status : end_run(moving, reterr);
    }
    status = tend_sql_run(playbooks->store, reterr, "UPDATE runs SET version = version + 1 WHERE id = ?1", "i", moving->run.id);
    if (status < 0)
        return status;
    return moving->is_stopping ? end_stopping(moving, &origin, reterr) : make_steps(moving, &origin, reterr);
}

static bool is_of_run(tend_status status)
{
    return status == TEND_EINVAL || status == TEND_EDENIED || status == TEND_ELIMIT || status == TEND_ENOTFOUND ||
           status == TEND_EEXISTS;
}

/* One move inside the transaction: what it does wrong undoes it alone and holds its run. */
static tend_status apply_alone(moving_run *moving, tend_error *reterr)
{
    tend_error why = { 0 };
    tend_status status = tend_model_savepoint(moving->playbooks->model, reterr);

    if (status < 0)
        return status;
    status = apply(moving, &why);
    if (status >= 0)
        return tend_model_release(moving->playbooks->model, reterr);
    tend_model_rollback_savepoint(moving->playbooks->model);
    if (status == TEND_ECONFLICT)
        return TEND_OK;
    return is_of_run(status) ? hold(moving, why.text, reterr) : tend_fail(reterr, status, "%s", why.text);
}

/* How the moves of a transaction are made. */
typedef enum commit_way {
    COMMIT_TOGETHER = 1, /* what one does wrong undoes them all */
    COMMIT_APART,        /* what one does wrong undoes it alone */
    COMMIT_HOLD          /* they are not made: their runs are held */
} commit_way;

/* As before it was made; what it was told of rows is gone with them. */
static void unmake(const moving_run *moving)
{
    for (new_step *added = moving->first; added; added = added->next) {
        added->step.state = "done";
        added->step.kind = added->step.row = 0;
    }
}

static tend_status make(moving_run *moving, commit_way way, const char *why, tend_error *reterr)
{
    tend_status status;

    unmake(moving);
    status = way == COMMIT_HOLD    ? hold(moving, why, reterr)
             : way == COMMIT_APART ? apply_alone(moving, reterr)
                                   : apply(moving, reterr);
    return status < 0 ? status : TEND_OK;
}

/* *ret_made: how many were made; when they are fewer, the next one failed and nothing of them is left. */
static tend_status commit(tend_playbooks *playbooks, moving_run *moves, size_t count, commit_way way, const char *why,
                          size_t *ret_made, tend_error *reterr)
{
    tend_status status = tend_model_begin_soft(playbooks->model, reterr);

    *ret_made = 0;
    while (status == TEND_OK && *ret_made < count) {
        status = make(&moves[*ret_made], way, why, reterr);
        *ret_made += status == TEND_OK;
    }
    if (status < 0) {
        tend_model_rollback(playbooks->model);
        return status;
    }
    tend_failpoint("run.move.before");
    status = tend_model_commit(playbooks->model, reterr);
    tend_failpoint("run.move.after");
    return status;
}

/* Mostly nothing goes wrong, and a place to go back to before each move costs more than the move: only when one failed they are
 * made again with such places. What can only be seen at the commit (a chain of causes that is too long) is tried again one by one.
 */
static tend_status commit_moves(tend_playbooks *playbooks, moving_run *moves, size_t count, tend_error *reterr)
{
    size_t made;
    tend_status status = commit(playbooks, moves, count, COMMIT_TOGETHER, NULL, &made, reterr);

    if (status < 0 && made < count)
        status = commit(playbooks, moves, count, COMMIT_APART, NULL, &made, reterr);
    for (size_t i = 0; status == TEND_ELIMIT && i < count; i++) {
        tend_error why = { 0 };
        tend_status alone = commit(playbooks, &moves[i], 1, COMMIT_APART, NULL, &made, &why);

        if (alone == TEND_ELIMIT)
            alone = commit(playbooks, &moves[i], 1, COMMIT_HOLD, why.text, &made, &why);
        if (alone < 0)
            return tend_fail(reterr, alone, "%s", why.text);
        if (i + 1 == count)
            status = TEND_OK;
    }
    return status;
}

#define RUN_COLUMNS "SELECT id, bundle, kind, row, account, cause, moved_by, version, playbook, state FROM runs WHERE "

static void take_run(tend_playbooks *playbooks, tend_statement *statement, moving_run *moving)
{
    moving->playbooks = playbooks;
    moving->run = (tend_run){ .id = tend_statement_int(statement, 0),
                              .bundle = tend_statement_int(statement, 1),
                              .kind = tend_statement_int(statement, 2),
                              .row = tend_statement_int(statement, 3),
                              .account = tend_statement_int(statement, 4),
                              .cause = tend_statement_int(statement, 5),
                              .moved_by = tend_statement_int(statement, 6),
                              .version = tend_statement_int(statement, 7) };
    (void)snprintf(moving->run.playbook, sizeof moving->run.playbook, "%s", tend_statement_text(statement, 8, NULL));
    moving->is_stopping = strcmp(tend_statement_text(statement, 9, NULL), "stopping") == 0;
    moving->end = &moving->first;
    moving->principal = tend_principal_of(playbooks, moving->run.playbook);
    moving->kind = tend_schema_kind(playbooks->schema, (tend_kind)moving->run.kind);
    moving->subject = tend_subject_of(playbooks, &moving->principal, moving->kind, moving->run.row, playbooks->arena);
    moving->subject.account = moving->run.account;
}

static tend_status read_runs_of(tend_playbooks *playbooks, const char *sql, moving_run *moves, size_t *ret_count,
                                tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr, sql, "i", (int64_t)MOVES_AT_ONCE - (int64_t)*ret_count);

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        take_run(playbooks, statement, &moves[(*ret_count)++]);
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* Those that move on, and those that have their last word. */
static tend_status read_runs(tend_playbooks *playbooks, moving_run *moves, size_t *ret_count, tend_error *reterr)
{
    tend_status status = read_runs_of(playbooks, RUN_COLUMNS "state = 'running' ORDER BY id LIMIT ?1", moves, ret_count, reterr);

    return status < 0 ? status
                      : read_runs_of(playbooks, RUN_COLUMNS "state = 'stopping' ORDER BY id LIMIT ?1", moves, ret_count, reterr);
}

tend_status tend_move_runs(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    moving_run *moves = calloc(MOVES_AT_ONCE, sizeof *moves);
    size_t count = 0;
    tend_status status = moves ? read_runs(playbooks, moves, &count, reterr) : out_of_memory(reterr);

    if (status == TEND_OK && count > 0)
        status = compute(playbooks, moves, count, reterr);
    if (status == TEND_OK && count > 0) {
        *ret_did = true;
        status = commit_moves(playbooks, moves, count, reterr);
    }
    free(moves);
    return status;
}

tend_status tend_move_try(tend_playbooks *playbooks, int64_t run, int64_t bundle, const char **ret_fault, tend_error *reterr)
{
    tend_statement *statement;
    moving_run *moving = tend_arena_take(playbooks->arena, sizeof *moving);
    bool has_row = false;
    tend_status status =
        moving ? tend_sql_ask(playbooks->store, &statement, reterr, RUN_COLUMNS "id = ?1", "i", run) : out_of_memory(reterr);

    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        take_run(playbooks, statement, moving);
    tend_statement_end(statement);
    if (status >= 0 && !has_row)
        status = tend_fail(reterr, TEND_ENOTFOUND, "run %lld: there is none; see tend playbook runs", (long long)run);
    if (status < 0)
        return status;
    moving->run.bundle = bundle;
    status = compute(playbooks, moving, 1, reterr);
    *ret_fault = moving->fault[0] ? moving->fault : NULL;
    return status;
}
