/* call.c: run:call: an action of a connector, such as closing a case in the CRM. It leaves by the outbox under a once-key, like
 * every message, and is over when the sink has taken it or will not. */
#include "playbook/inside.h"

#include <string.h>

#define CALL_KIND INT64_C(-1) /* in waits: a row of the outbox */

/* What the row is called where it came from; NULL when it was made here. */
static tend_status find_external(const tend_subject *subject, const char **ret_external, tend_error *reterr)
{
    const char *sql =
        tend_arena_print(subject->arena, "SELECT external FROM \"%s\" WHERE id = ?1 AND external <> ''", subject->kind->table);
    tend_statement *statement;
    bool has_row = false;
    tend_status status = sql ? tend_sql_ask(subject->world.store, &statement, reterr, sql, "i", subject->row)
                             : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");

    *ret_external = NULL;
    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_external = tend_arena_string(subject->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* { "action": …, "kind": …, "row": …, "external": …, "fields": { … } }: what the sink of a connector reads. */
static void write_payload(const tend_subject *subject, const tend_step *step, const char *external, tend_buffer *buffer)
{
    const tend_tree *fields = tend_tree_get(&step->arguments, "fields");
    tend_json json;

    tend_json_init(&json, buffer, NULL, false);
    tend_json_object(&json);
    tend_json_key(&json, "action");
    tend_json_string(&json, tend_tree_string(&step->arguments, "action"));
    tend_json_key(&json, "kind");
    tend_json_string(&json, subject->kind->name);
    tend_json_key(&json, "row");
    tend_json_int(&json, subject->row);
    tend_json_key(&json, "external");
    tend_json_string(&json, external);
    tend_json_key(&json, "fields");
    if (fields) {
        tend_tree_json(fields, &json);
    } else {
        tend_json_object(&json);
        tend_json_object_end(&json);
    }
    tend_json_object_end(&json);
}

tend_status tend_call_ask(const tend_subject *subject, const tend_run *run, const tend_origin *origin, const tend_step *step,
                          int64_t *ret_message, tend_error *reterr)
{
    const tend_playbook_options *options = &subject->playbooks->options;
    const char *channel = tend_tree_string(&step->arguments, "channel"), *action = tend_tree_string(&step->arguments, "action");
    const char *external = NULL;
    tend_buffer payload = { 0 };
    tend_outbox_draft draft = { .channel = channel ? channel : "record",
                                .subject = action,
                                .text = action,
                                .account = subject->account,
                                .run = run->id,
                                .not_before = TEND_NO_TIME };
    bool is_new;
    tend_status status = find_external(subject, &external, reterr);

    if (status < 0)
        return status;
    write_payload(subject, step, external, &payload);
    draft.payload = tend_buffer_string(&payload);
    draft.to = external ? external : tend_arena_print(subject->arena, "%s %lld", subject->kind->name, (long long)subject->row);
    draft.once_key = tend_arena_print(subject->arena, "run %lld/%s", (long long)run->id, step->name);
    status = payload.failed ? tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up")
                            : (options->send ? options->send : tend_outbox_add)(subject->playbooks->model, origin, &draft,
                                                                                ret_message, &is_new, reterr);
    tend_buffer_clear(&payload);
    return status;
}

int64_t tend_call_kind(void)
{
    return CALL_KIND;
}

/* A call that is over: taken by its sink, or given up. */
typedef struct over {
    int64_t run;
    const char *step, *error;
    bool is_done;
} over;

static tend_status answer_call(tend_playbooks *playbooks, const over *call, tend_error *reterr)
{
    tend_tree_map map = { 0 };
    tend_tree answer;

    tend_tree_add(&map, "done", tend_tree_bool(call->is_done));
    if (!call->is_done)
        tend_tree_add(&map, "error", tend_tree_text(call->error ? call->error : "it was dropped"));
    tend_tree_add(&map, "timed_out", tend_tree_bool(false));
    if (tend_tree_end(&map, playbooks->arena, &answer) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return tend_wait_answer(playbooks, call->run, call->step, "answered", &answer, 0, reterr);
}

tend_status tend_wait_calls(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    over calls[64];
    tend_statement *statement;
    size_t count = 0;
    bool has_row = true;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr,
                     "SELECT w.run, w.step, o.state = 'sent', o.last_error FROM waits w JOIN outbox o ON o.id = w.row"
                     " WHERE w.kind = ?1 AND o.state IN ('sent', 'dead', 'dropped') LIMIT 64",
                     "i", CALL_KIND);

    while (status >= 0 && count < 64 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *error = tend_statement_text(statement, 3, NULL);

        calls[count++] = (over){ .run = tend_statement_int(statement, 0),
                                 .step = tend_arena_string(playbooks->arena, tend_statement_text(statement, 1, NULL)),
                                 .is_done = tend_statement_int(statement, 2) != 0,
                                 .error = error ? tend_arena_string(playbooks->arena, error) : NULL };
    }
    tend_statement_end(statement);
    if (status < 0 || count == 0)
        return status < 0 ? status : TEND_OK;
    *ret_did = true;
    status = tend_model_begin_soft(playbooks->model, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = answer_call(playbooks, &calls[i], reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}
