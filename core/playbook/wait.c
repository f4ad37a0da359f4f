/* wait.c: answers for runs that wait: events, rows that are done, and instants that have passed. */
#include "playbook/ask.h"

#include <string.h>

#define DUE_AT_ONCE 500

tend_status tend_wait_answer(tend_playbooks *playbooks, int64_t run, const char *step, const char *state, const tend_tree *answer,
                             int64_t moved_by, tend_error *reterr)
{
    tend_time now = tend_playbooks_now(playbooks);
    tend_buffer packed = { 0 };
    const char *shown = tend_tree_show(answer, playbooks->arena);
    tend_status status;

    if (strchr(step, '/'))
        return tend_part_answer(playbooks, run, step, state, answer, moved_by, reterr);
    tend_tree_pack(answer, &packed);
    status = tend_sql_run(playbooks->store, reterr,
                          "UPDATE steps SET state = ?3, answer = ?4, packed = ?5, answered_at = ?6, event = ?7"
                          " WHERE run = ?1 AND position = (SELECT s.position FROM steps s WHERE s.run = ?1 AND s.name = ?2"
                          " AND s.state = 'waiting' ORDER BY s.position DESC LIMIT 1)", /* it is the last, or near it */
                          "isssbii", run, step, state, shown, &packed, now, moved_by);
    tend_buffer_clear(&packed);
    if (status == TEND_OK && tend_store_changes(playbooks->store) == 0)
        return TEND_OK; /* it has its answer already, or nobody waits for one */
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM waits WHERE run = ?1", "i", run);
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr,
                              "UPDATE runs SET state = 'running', version = version + 1,"
                              " moved_by = CASE WHEN ?2 <> 0 THEN ?2 ELSE moved_by END WHERE id = ?1 AND state = 'waiting'",
                              "ii", run, moved_by);
    return status;
}

/* A task or an approval that may be over: its status is the answer. */
tend_status tend_wait_row(tend_playbooks *playbooks, int64_t run, const char *step, int64_t kind, int64_t row, int64_t moved_by,
                          bool *ret_answered, tend_error *reterr)
{
    tend_principal administrator = tend_principal_administrator();
    tend_world world = tend_world_live(playbooks->model);
    const tend_kind_schema *schema = tend_schema_kind(playbooks->schema, (tend_kind)kind);
    bool is_task = kind == TEND_KIND_TASK;
    tend_tree_map map = { 0 };
    const char *word = "removed";
    const tend_value *comment = NULL;
    tend_tree answer;
    tend_row found;
    tend_status status = tend_read(&world, &administrator, (tend_kind)kind, row, playbooks->arena, &found, reterr);

    *ret_answered = false;
    if (status < 0 && status != TEND_ENOTFOUND)
        return status;
    if (status == TEND_OK) {
        const tend_value *value = &found.values[schema->status_field];

        word = value->type == TEND_TEXT ? value->text : "open";
        comment = &found.values[tend_schema_field(schema, is_task ? "outcome" : "comment")];
    }
    if (strcmp(word, "open") == 0)
        return TEND_OK;
    if (!is_task) {
        tend_tree_add(&map, "approved", tend_tree_bool(strcmp(word, "approved") == 0));
        if (comment && comment->type == TEND_TEXT)
            tend_tree_add(&map, "comment", tend_tree_text(comment->text));
    } else {
        bool has_choices = status == TEND_OK && found.values[tend_schema_field(schema, "choices")].type == TEND_TEXT;

        tend_tree_add(&map, "cancelled", tend_tree_bool(strcmp(word, "done") != 0));
        if (has_choices && comment && comment->type == TEND_TEXT && strcmp(word, "done") == 0)
            tend_tree_add(&map, "choice", tend_tree_text(comment->text));
        if (comment && comment->type == TEND_TEXT)
            tend_tree_add(&map, "outcome", tend_tree_text(comment->text));
    }
    tend_tree_add(&map, "timed_out", tend_tree_bool(false));
    if (tend_tree_end(&map, playbooks->arena, &answer) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    *ret_answered = true;
    return tend_wait_answer(playbooks, run, step, "answered", &answer, moved_by, reterr);
}

/* A wait as it was found; the rows are gathered before any is changed. */
typedef struct found_wait {
    struct found_wait *next;
    int64_t run, kind, row, account;
    const char *step, *topic, *verb, *playbook;
    tend_tree rule;
} found_wait;

/* Columns: run, step, topic, kind, row, rule; for rules also the run's playbook. Ends the statement. */
static tend_status gather(tend_playbooks *playbooks, tend_statement *statement, found_wait **ret_list, tend_error *reterr)
{
    found_wait **end = ret_list;
    bool has_row = false;
    tend_status status = TEND_OK;

    while (*end)
        end = &(*end)->next;
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        found_wait *found = tend_arena_take(playbooks->arena, sizeof *found);
        size_t length;
        const void *bytes = tend_statement_bytes(statement, 5, &length);

        if (!found) {
            status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
            break;
        }
        *found = (found_wait){ .run = tend_statement_int(statement, 0),
                               .step = tend_arena_string(playbooks->arena, tend_statement_text(statement, 1, NULL)),
                               .topic = tend_arena_string(playbooks->arena, tend_statement_text(statement, 2, NULL)),
                               .kind = tend_statement_int(statement, 3),
                               .row = tend_statement_int(statement, 4),
                               .verb = tend_arena_string(playbooks->arena, tend_statement_text(statement, 6, NULL)),
                               .playbook = tend_arena_string(playbooks->arena, tend_statement_text(statement, 7, NULL)),
                               .account = tend_statement_int(statement, 8) };
        if (bytes)
            status = tend_tree_unpack(bytes, length, playbooks->arena, &found->rule, reterr);
        if (status < 0)
            break;
        *end = found;
        end = &found->next;
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

#define FOUND                                                                                                                     \
    "SELECT w.run, w.step, w.topic, w.kind, w.row, w.rule, CASE w.is_part WHEN 0 THEN (SELECT verb FROM steps s WHERE s.run ="    \
    " w.run AND s.name = w.step ORDER BY s.position DESC LIMIT 1) ELSE (SELECT sort FROM parts p WHERE p.run = w.run AND p.step " \
    "|| '/' || p.part = w.step) END,"                                                                                             \
    " r.playbook, r.account, r.kind, r.row FROM waits w JOIN runs r ON r.id = w.run WHERE "

/* Those that wait for a row of another kind of the account. */
static tend_status gather_of_account(tend_playbooks *playbooks, const tend_event *event, found_wait **list, tend_error *reterr)
{
    const tend_kind_schema *kind = event->kind ? tend_schema_kind(playbooks->schema, (tend_kind)event->kind) : NULL;
    tend_statement *statement;
    const char *sql;
    tend_status status;

    if (tend_topic_is_custom(event->topic) && event->kind == TEND_KIND_ACCOUNT) {
        status = tend_sql_ask(playbooks->store, &statement, reterr, FOUND "w.topic = ?1 AND w.account BETWEEN ?2 AND ?3", "sii",
                              event->topic, event->first, event->last);
        return status < 0 ? status : gather(playbooks, statement, list, reterr);
    }
    if (!kind || kind->account_field < 0 || tend_topic_is_custom(event->topic))
        return TEND_OK;
    sql = tend_arena_print(
        playbooks->arena,
        FOUND "w.topic = ?1 AND w.account <> 0 AND w.account IN (SELECT \"%s\" FROM \"%s\" WHERE id BETWEEN ?2 AND ?3)",
        kind->fields[kind->account_field].name, kind->table);
    if (!sql)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    status = tend_sql_ask(playbooks->store, &statement, reterr, sql, "sii", event->topic, event->first, event->last);
    return status < 0 ? status : gather(playbooks, statement, list, reterr);
}

tend_status tend_wait_tell(tend_playbooks *playbooks, int64_t run, const char *step, const char *topic, int64_t sequence,
                           tend_error *reterr)
{
    tend_tree_map map = { 0 };
    tend_tree answer;

    tend_tree_add(&map, "event", tend_tree_text(tend_arena_string(playbooks->arena, topic)));
    tend_tree_add(&map, "sequence", tend_tree_int(sequence));
    tend_tree_add(&map, "timed_out", tend_tree_bool(false));
    if (tend_tree_end(&map, playbooks->arena, &answer) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return tend_wait_answer(playbooks, run, step, "answered", &answer, sequence, reterr);
}

/* The end of a wait that follows a field, found again. */
static tend_status follow(tend_playbooks *playbooks, const found_wait *found, tend_error *reterr)
{
    tend_principal principal = tend_principal_of(playbooks, found->playbook);
    bool is_sleep = found->verb && strcmp(found->verb, "sleep") == 0;
    const tend_tree *rule = tend_wait_rule(found->verb ? found->verb : "", &found->rule);
    tend_subject subject;
    tend_date date;
    tend_time at;
    bool follows;
    tend_status status;
    int64_t kind = 0, row = 0, began_at = 0;

    status = tend_sql_number(playbooks->store, 0, &began_at, reterr, "SELECT at FROM steps WHERE run = ?1 AND name = ?2", "is",
                             found->run, tend_arena_copy(playbooks->arena, found->step, strcspn(found->step, "/")));
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &kind, reterr, "SELECT kind FROM runs WHERE id = ?1", "i", found->run);
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &row, reterr, "SELECT row FROM runs WHERE id = ?1", "i", found->run);
    if (status < 0 || !rule || kind == 0)
        return status;
    subject = tend_subject_of(playbooks, &principal, tend_schema_kind(playbooks->schema, (tend_kind)kind), row, playbooks->arena);
    subject.account = found->account;
    if (found->kind == TEND_KIND_TASK || found->kind == TEND_KIND_APPROVAL)
        status = tend_work_holder(&subject, found->kind, found->row, &subject.user, reterr);
    if (status == TEND_OK) /* what is counted is counted from the day on which the wait began */
        status =
            tend_rule_find(&subject, rule, is_sleep ? TEND_RULE_WAKE : TEND_RULE_DEADLINE, began_at, &date, &at, &follows, reterr);
    if (status < 0)
        return status;
    return tend_sql_run(playbooks->store, reterr, "UPDATE waits SET due_at = ?2 WHERE run = ?1 AND step = ?3 AND due_at IS NOT ?2",
                        "its", found->run, at, found->step);
}

static tend_status follow_dates(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr)
{
    tend_statement *statement;
    found_wait *list = NULL;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr,
                     FOUND "w.rule IS NOT NULL AND r.kind = ?1 AND r.row BETWEEN ?2 AND ?3 AND r.state = 'waiting'", "iii",
                     (int64_t)event->kind, event->first, event->last);

    if (status == TEND_OK)
        status = gather(playbooks, statement, &list, reterr);
    if (status == TEND_OK && event->kind == TEND_KIND_ACCOUNT) {
        status = tend_sql_ask(playbooks->store, &statement, reterr,
                              FOUND "w.rule IS NOT NULL AND r.account BETWEEN ?1 AND ?2 AND r.state = 'waiting'", "ii",
                              event->first, event->last);
        if (status == TEND_OK)
            status = gather(playbooks, statement, &list, reterr);
    }
    for (; status == TEND_OK && list; list = list->next)
        status = follow(playbooks, list, reterr);
    return status;
}

tend_status tend_wait_event(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr)
{
    tend_statement *statement;
    found_wait *list = NULL;
    bool is_answered;
    tend_status status;

    if (event->kind == TEND_KIND_NONE)
        return TEND_OK;
    status = tend_sql_ask(playbooks->store, &statement, reterr,
                          FOUND "w.kind = ?1 AND w.row BETWEEN ?2 AND ?3 AND (w.topic = ?4 OR w.topic = '')", "iiis",
                          (int64_t)event->kind, event->first, event->last, event->topic);
    if (status == TEND_OK)
        status = gather(playbooks, statement, &list, reterr);
    if (status == TEND_OK)
        status = gather_of_account(playbooks, event, &list, reterr);
    for (; status == TEND_OK && list; list = list->next) {
        if (list->topic[0] == '\0')
            status = tend_wait_row(playbooks, list->run, list->step, list->kind, list->row, event->sequence, &is_answered, reterr);
        else
            status = tend_wait_tell(playbooks, list->run, list->step, event->topic, event->sequence, reterr);
    }
    return status < 0 || !tend_event_changes_rows(event) ? status : follow_dates(playbooks, event, reterr);
}

static tend_status end_wait(tend_playbooks *playbooks, const found_wait *found, tend_error *reterr)
{
    bool is_sleep = found->verb && strcmp(found->verb, "sleep") == 0;
    tend_tree_map map = { 0 };
    tend_tree answer;
    int64_t is_there = 0;
    tend_status status = tend_sql_number(playbooks->store, 0, &is_there, reterr,
                                         "SELECT count(*) FROM waits WHERE run = ?1 AND step = ?2", "is", found->run, found->step);

    if (status < 0 || is_there == 0) /* it was closed by what came of another part */
        return status;

    if (found->verb && strcmp(found->verb, "approve") == 0) {
        tend_tree_add(&map, "approved", tend_tree_bool(false));
        status = ask_close(playbooks, found->playbook, TEND_KIND_APPROVAL, found->row, "expired", NULL, reterr);
    } else if (found->verb && strcmp(found->verb, "ask") == 0) {
        tend_tree_add(&map, "cancelled", tend_tree_bool(false));
        status = ask_close(playbooks, found->playbook, TEND_KIND_TASK, found->row, "cancelled", "nobody answered in time", reterr);
    }
    tend_tree_add(&map, "timed_out", tend_tree_bool(!is_sleep));
    if (status == TEND_OK && tend_tree_end(&map, playbooks->arena, &answer) < 0)
        status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    if (status < 0)
        return status;
    return tend_wait_answer(playbooks, found->run, found->step, is_sleep ? "answered" : "timed_out", &answer, 0, reterr);
}

tend_status tend_wait_due(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    tend_statement *statement;
    found_wait *list = NULL;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr,
                     FOUND "w.due_at IS NOT NULL AND w.due_at <= ?1 AND r.state = 'waiting' ORDER BY w.due_at, w.run LIMIT ?2",
                     "ii", tend_playbooks_now(playbooks), (int64_t)DUE_AT_ONCE);

    if (status == TEND_OK)
        status = gather(playbooks, statement, &list, reterr);
    if (status < 0 || !list)
        return status;
    *ret_did = true;
    status = tend_model_begin_soft(playbooks->model, reterr);
    if (status < 0)
        return status;
    for (; status == TEND_OK && list; list = list->next)
        status = end_wait(playbooks, list, reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}
