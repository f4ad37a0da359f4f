/* await.c: waits as they begin: what they hang on, until when, and what has come already. */
#include "playbook/ask.h"

#include <string.h>

/* What a wait hangs on. */
typedef struct wait_draft {
    const char *topic;
    int64_t kind, row, account;
    tend_time due_at;
    bool follows;
} wait_draft;

/* done = "plan": the task that this run made under that name. */
static tend_status find_task(const tend_subject *subject, const tend_run *run, const char *name, wait_draft *draft,
                             tend_error *reterr)
{
    tend_status status = tend_sql_number(subject->world.store, 0, &draft->row, reterr,
                                         "SELECT row FROM steps WHERE run = ?1 AND name = ?2 AND kind = ?3", "isi", run->id, name,
                                         (int64_t)TEND_KIND_TASK);

    draft->kind = TEND_KIND_TASK;
    if (status == TEND_OK && draft->row == 0)
        return tend_fail(reterr, TEND_EINVAL, "done = '%s' names no task of this run", name);
    return status;
}

tend_status tend_work_holder(const tend_subject *subject, int64_t kind, int64_t row, int64_t *ret_user, tend_error *reterr)
{
    return tend_sql_number(subject->world.store, 0, ret_user, reterr,
                           kind == TEND_KIND_APPROVAL ? "SELECT coalesce(asked_of, 0) FROM approvals WHERE id = ?1"
                                                      : "SELECT coalesce(assignee, 0) FROM tasks WHERE id = ?1",
                           "i", row);
}

const tend_tree *tend_wait_rule(const char *verb, const tend_tree *arguments)
{
    return strcmp(verb, "sleep") == 0 ? arguments : ask_rule(arguments);
}

/* An event that came since the run began and that no earlier wait of it took. */
static tend_status look_back(const tend_subject *subject, const tend_run *run, const wait_draft *draft, int64_t *ret_event,
                             tend_error *reterr)
{
    return tend_sql_number(
        subject->world.store, 0, ret_event, reterr,
        "SELECT sequence FROM events WHERE topic = ?1 AND sequence > max(?2, coalesce((SELECT max(event) FROM steps"
        " WHERE run = ?3 AND topic = ?1), 0), coalesce((SELECT max(event) FROM parts WHERE run = ?3 AND topic = ?1), 0))"
        " AND is_history = 0 AND sequence <= (SELECT sequence FROM positions WHERE subscriber = 'playbook')"
        " AND ((?4 <> 0 AND kind = ?6 AND first <= ?4 AND last >= ?4) OR (?4 = 0 AND account = ?5)"
        " OR (?4 <> 0 AND ?5 <> 0 AND kind = ?7 AND first <= ?5 AND last >= ?5)) ORDER BY sequence LIMIT 1",
        "siiiiii", draft->topic, run->cause, run->id, draft->row, draft->account, draft->kind, (int64_t)TEND_KIND_ACCOUNT);
}

/* About which row an event has to be. */
static void aim_at_event(const tend_subject *subject, const char *event, wait_draft *draft)
{
    bool is_custom = tend_topic_is_custom(event);

    draft->topic = event;
    draft->kind = is_custom ? subject->kind->kind : tend_topic_kind(subject->world.schema, event)->kind;
    if (draft->kind == (int64_t)subject->kind->kind)
        draft->row = subject->row;
    else if (draft->kind == TEND_KIND_ACCOUNT)
        draft->row = subject->account;
    else
        draft->account = subject->account;
    if (is_custom && draft->kind != TEND_KIND_ACCOUNT)
        draft->account = subject->account; /* told about either of them */
}

/* Working days are those of whoever has the task, decides or answers. */
static tend_status find_holder(const tend_subject *subject, const tend_run *run, const tend_step *step, const char *role,
                               wait_draft *draft, int64_t *ret_user, tend_error *reterr)
{
    const char *done = strcmp(step->verb, "wait") == 0 ? tend_tree_string(&step->arguments, "done") : NULL, *why;
    tend_status status = TEND_OK;

    if (done)
        status = find_task(subject, run, done, draft, reterr);
    if (status == TEND_OK && done)
        return tend_work_holder(subject, TEND_KIND_TASK, draft->row, ret_user, reterr);
    if (status == TEND_OK && role)
        return tend_role_find(subject, role, ret_user, &why, reterr);
    return status;
}

static tend_status write_wait(const tend_subject *subject, const tend_run *run, const tend_step *step, const wait_draft *draft,
                              tend_error *reterr)
{
    tend_buffer packed = { 0 };
    tend_status status;

    if (draft->follows)
        tend_tree_pack(&step->arguments, &packed);
    status = tend_sql_run(subject->world.store, reterr,
                          "INSERT OR REPLACE INTO waits (run, step, topic, kind, row, account, due_at, rule, is_part)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                          "issiiitbi", run->id, step->name, draft->topic, draft->kind, draft->row, draft->account, draft->due_at,
                          draft->follows ? &packed : NULL, (int64_t)(strchr(step->name, '/') != NULL));
    tend_buffer_clear(&packed);
    return status;
}

tend_status tend_wait_begin(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                            tend_step *step, const char *role, tend_error *reterr)
{
    const char *event = strcmp(step->verb, "wait") == 0 ? tend_tree_string(&step->arguments, "event") : NULL;
    const tend_tree *rule = tend_wait_rule(step->verb, &step->arguments);
    wait_draft draft = { .topic = "", .due_at = TEND_NO_TIME };
    tend_subject theirs = *subject;
    tend_date date = TEND_NO_DATE;
    int64_t sequence = 0;
    bool is_answered;
    tend_status status = find_holder(subject, run, step, role, &draft, &theirs.user, reterr);

    if (status == TEND_OK && rule)
        status = tend_rule_find(&theirs, rule, strcmp(step->verb, "sleep") == 0 ? TEND_RULE_WAKE : TEND_RULE_DEADLINE,
                                subject->world.now, &date, &draft.due_at, &draft.follows, reterr);
    if (status == TEND_OK && event)
        aim_at_event(subject, event, &draft);
    if (status == TEND_OK && strcmp(step->verb, "approve") == 0) {
        status = ask_approval(subject, run, settings, origin, step, role, date, &draft.row, reterr);
        step->kind = draft.kind = TEND_KIND_APPROVAL;
        step->row = draft.row;
    } else if (status == TEND_OK && strcmp(step->verb, "ask") == 0) {
        status = ask_question(subject, run, settings, origin, step, date, &draft.row, reterr);
        step->kind = draft.kind = TEND_KIND_TASK;
        step->row = draft.row;
    }
    if (status == TEND_OK && strcmp(step->verb, "call") == 0) {
        status = tend_call_ask(subject, run, origin, step, &draft.row, reterr);
        draft.kind = tend_call_kind();
    }
    if (status == TEND_OK && event)
        status = look_back(subject, run, &draft, &sequence, reterr);
    if (status == TEND_OK)
        status = write_wait(subject, run, step, &draft, reterr);
    if (status < 0)
        return status;
    if (sequence != 0)
        return tend_wait_tell(subject->playbooks, run->id, step->name, draft.topic, sequence, reterr);
    if (draft.topic[0] == '\0' && draft.row != 0 && draft.kind > 0)
        return tend_wait_row(subject->playbooks, run->id, step->name, draft.kind, draft.row, 0, &is_answered, reterr);
    return TEND_OK;
}

tend_status tend_effect_wait(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                             tend_step *step, tend_error *reterr)
{
    const char *roles[ASKED_MAX] = { NULL };
    bool is_approval = strcmp(step->verb, "approve") == 0, is_over = false;
    tend_status status = TEND_OK;

    if (strcmp(step->verb, "bulk") == 0)
        return tend_bulk_ask(subject, run, step, reterr);
    if (strcmp(step->verb, "child") == 0)
        status = tend_child_ask(subject, run, step, &is_over, reterr);
    if (status < 0 || is_over)
        return status;
    if (strcmp(step->verb, "all") == 0 || strcmp(step->verb, "first") == 0 ||
        (is_approval && ask_roles(&step->arguments, roles) > 1))
        return tend_parts_begin(subject, run, settings, origin, step, reterr);
    if (strcmp(step->verb, "ask") == 0)
        roles[0] = tend_tree_string(&step->arguments, "of") ? tend_tree_string(&step->arguments, "of") : "owner";
    return tend_wait_begin(subject, run, settings, origin, step, roles[0], reterr);
}
