/* effect.c: requests carried out: rows in the same transaction, messages through the outbox. */
#include "model/parse.h"
#include "playbook/inside.h"

#include <string.h>

/* A row that is being written. */
typedef struct row_writer {
    const tend_kind_schema *kind;
    tend_assignment fields[40];
    int count;
} row_writer;

static void put_value(row_writer *writer, const char *name, tend_value value)
{
    int field = tend_schema_field(writer->kind, name);

    if (field >= 0 && writer->count < 40)
        writer->fields[writer->count++] = (tend_assignment){ .field = field, .value = value };
}

static void put_text(row_writer *writer, const char *name, const char *text)
{
    if (text)
        put_value(writer, name, (tend_value){ .type = TEND_TEXT, .text = text, .length = strlen(text) });
}

static void put_number(row_writer *writer, const char *name, uint8_t type, int64_t number)
{
    put_value(writer, name, (tend_value){ .type = type, .integer = number });
}

static tend_status put_row(const tend_subject *subject, const tend_origin *origin, row_writer *writer, int64_t id, int64_t *ret_id,
                           tend_error *reterr)
{
    tend_put put = { .kind = writer->kind->kind,
                     .id = id,
                     .fields = writer->fields,
                     .field_count = writer->count,
                     .effective_at = TEND_NO_TIME,
                     .known_at = TEND_NO_TIME };
    tend_put_result result;
    tend_status status = tend_model_put(subject->playbooks->model, origin, &put, &result, reterr);

    if (status >= 0)
        *ret_id = result.id;
    return status;
}

/* The subject's reference in a task or approval: tasks name contracts, opportunities and tickets. */
static void put_subject(row_writer *writer, const tend_subject *subject)
{
    if (subject->account != 0)
        put_number(writer, "account", TEND_REF, subject->account);
    if (subject->kind->kind != TEND_KIND_ACCOUNT && tend_schema_field(writer->kind, subject->kind->name) >= 0)
        put_number(writer, subject->kind->name, TEND_REF, subject->row);
}

/* The yearly money of a contract is what is at stake. */
static tend_status put_at_risk(row_writer *writer, const tend_subject *subject, tend_error *reterr)
{
    const tend_field *field;
    tend_value value;
    tend_status status;

    if (subject->kind->kind != TEND_KIND_CONTRACT)
        return TEND_OK;
    status = tend_subject_value(subject, "annual_amount", &value, &field, reterr);
    if (status == TEND_OK && value.type == TEND_MONEY && value.currency[0] != '\0') {
        put_text(writer, "currency", tend_arena_string(subject->arena, value.currency));
        put_value(writer, "at_risk", value);
    }
    return status;
}

typedef struct task_draft {
    const char *title, *role, *reason, *priority, *type;
    const tend_tree *due;
} task_draft;

static const char *dedupe_key(const tend_subject *subject, const tend_run *run, const char *step)
{
    return tend_arena_print(subject->arena, "%s/%s %lld/%s", run->playbook, subject->kind->name, (long long)subject->row, step);
}

static tend_status make_task(const tend_subject *subject, const tend_run *run, const tend_origin *origin, const task_draft *draft,
                             tend_step *step, tend_error *reterr)
{
    row_writer writer = { .kind = tend_schema_kind(subject->world.schema, TEND_KIND_TASK) };
    const char *key = dedupe_key(subject, run, step->name), *why = "";
    int64_t user = 0;
    tend_date date = TEND_NO_DATE;
    tend_time at;
    bool follows;
    tend_status status =
        tend_sql_number(subject->world.store, 0, &step->row, reterr,
                        "SELECT id FROM tasks WHERE dedupe_key = ?1 AND status = 'open' AND removed_at IS NULL", "s", key);

    step->kind = TEND_KIND_TASK;
    if (status < 0 || step->row != 0)
        return status;
    if (draft->role)
        status = tend_role_find(subject, draft->role, &user, &why, reterr);
    if (status == TEND_OK && draft->due) {
        tend_subject theirs = *subject;

        theirs.user = user; /* days are those of whoever gets it */
        status = tend_rule_find(&theirs, draft->due, TEND_RULE_DUE, subject->world.now, &date, &at, &follows, reterr);
    }
    if (status == TEND_OK)
        status = put_at_risk(&writer, subject, reterr);
    if (status < 0)
        return status;
    put_subject(&writer, subject);
    put_text(&writer, "title", draft->title);
    put_text(&writer, "reason", tend_arena_print(subject->arena, "%s%s%s", draft->reason, why[0] ? "; " : "", why));
    put_text(&writer, "status", "open");
    put_text(&writer, "role", draft->role);
    put_text(&writer, "priority", draft->priority ? draft->priority : "normal");
    put_text(&writer, "type", draft->type);
    put_text(&writer, "playbook", run->playbook);
    put_text(&writer, "step", step->name);
    put_text(&writer, "dedupe_key", key);
    put_number(&writer, "run", TEND_INT, run->id);
    if (user != 0)
        put_number(&writer, "assignee", TEND_REF, user);
    if (date != TEND_NO_DATE)
        put_number(&writer, "due_on", TEND_DATE, date);
    return put_row(subject, origin, &writer, 0, &step->row, reterr);
}

static tend_status do_task(const tend_subject *subject, const tend_run *run, const tend_spec *spec, const tend_tree *settings,
                           const tend_origin *origin, tend_step *step, tend_error *reterr)
{
    const tend_tree *arguments = &step->arguments;
    task_draft draft = { .role = tend_tree_string(arguments, "to"),
                         .reason = spec->summary,
                         .priority = tend_tree_string(arguments, "priority"),
                         .type = tend_tree_string(arguments, "type"),
                         .due = tend_tree_get(arguments, "due") };
    tend_status status = tend_subject_fill(subject, settings, tend_tree_string(arguments, "title"), &draft.title, reterr);

    if (status == TEND_OK && tend_tree_string(arguments, "reason"))
        status = tend_subject_fill(subject, settings, tend_tree_string(arguments, "reason"), &draft.reason, reterr);
    return status < 0 ? status : make_task(subject, run, origin, &draft, step, reterr);
}

/* One message to one person or team. When nobody holds the role, the outbox shows it as not deliverable. */
static tend_status send_message(const tend_subject *subject, const tend_run *run, const tend_tree *settings,
                                const tend_origin *origin, const tend_step *step, const char *text, tend_error *reterr)
{
    const tend_playbook_options *options = &subject->playbooks->options;
    const char *title = tend_tree_string(&step->arguments, "subject"), *channel = tend_tree_string(&step->arguments, "channel");
    const char *why;
    tend_outbox_draft draft = { .channel = channel ? channel : "mail", .text = text, .not_before = TEND_NO_TIME };
    int64_t id;
    bool is_new;
    tend_status status = tend_role_find(subject, tend_tree_string(&step->arguments, "to"), &draft.user, &why, reterr);

    if (status == TEND_OK && title)
        status = tend_subject_fill(subject, settings, title, &draft.subject, reterr);
    if (status < 0)
        return status;
    if (draft.user == 0)
        draft.to = tend_tree_string(&step->arguments, "to");
    if (!title)
        draft.subject = text;
    draft.account = subject->account;
    draft.run = run->id;
    draft.once_key = tend_arena_print(subject->arena, "run %lld/%s", (long long)run->id, step->name);
    return (options->send ? options->send : tend_outbox_add)(subject->playbooks->model, origin, &draft, &id, &is_new, reterr);
}

static tend_status do_message(const tend_subject *subject, const tend_run *run, const tend_tree *settings,
                              const tend_origin *origin, tend_step *step, tend_error *reterr)
{
    static const tend_tree one_day_key = { .tag = TEND_TREE_INT, .integer = 1 };
    static const char *const keys[] = { "business_days" };
    static const tend_tree tomorrow = { .tag = TEND_TREE_MAP, .length = 1, .items = &one_day_key, .keys = keys };
    const tend_tree *due = tend_tree_get(&step->arguments, "due");
    const char *text;
    tend_status status = tend_subject_fill(subject, settings, tend_tree_string(&step->arguments, "text"), &text, reterr);

    if (status == TEND_OK)
        status = send_message(subject, run, settings, origin, step, text, reterr);
    if (status == TEND_OK && strcmp(step->verb, "escalate") == 0) {
        task_draft draft = { .title = text,
                             .role = tend_tree_string(&step->arguments, "to"),
                             .reason = "escalated",
                             .priority = tend_tree_string(&step->arguments, "priority"),
                             .type = "escalation",
                             .due = due ? due : &tomorrow };

        if (!draft.priority)
            draft.priority = "high";
        status = make_task(subject, run, origin, &draft, step, reterr);
    }
    return status;
}

tend_status tend_effect_value(const tend_field *field, const tend_tree *tree, const tend_zone *zone, tend_arena *arena,
                              tend_value *ret_value, tend_error *reterr)
{
    const char *text = tree->tag == TEND_TREE_TEXT ? tree->text : NULL;
    tend_format format = { .zone = zone };
    static const char no_currency[4] = "";

    *ret_value = (tend_value){ 0 };
    if (tree->tag == TEND_TREE_TRUE || tree->tag == TEND_TREE_FALSE) {
        if (field->type != TEND_BOOL)
            return tend_fail(reterr, TEND_EINVAL, "%s: a boolean does not fit", field->name);
        *ret_value = (tend_value){ .type = TEND_BOOL, .integer = tree->tag == TEND_TREE_TRUE };
        return TEND_OK;
    }
    if (tree->tag == TEND_TREE_INT && (field->type == TEND_INT || field->type == TEND_REF)) {
        *ret_value = (tend_value){ .type = field->type, .integer = tree->integer };
        return TEND_OK;
    }
    if (tree->tag == TEND_TREE_INT)
        text = tend_arena_print(arena, "%lld", (long long)tree->integer);
    else if (tree->tag == TEND_TREE_NUMBER)
        text = tend_arena_print(arena, "%.6f", tree->number);
    if (!text || field->type == TEND_REF)
        return tend_fail(reterr, TEND_EINVAL, "%s: this cannot be written into it", field->name);
    return tend_field_parse(field, text, strlen(text), no_currency, &format, arena, ret_value, reterr);
}

static tend_status do_set(const tend_subject *subject, const tend_origin *origin, tend_step *step, tend_error *reterr)
{
    row_writer writer = { .kind = subject->kind };
    const tend_tree *map = &step->arguments;
    tend_status status = TEND_OK;

    step->kind = subject->kind->kind;
    for (size_t i = 0; i < map->length && status == TEND_OK; i++) {
        int field = tend_schema_field(subject->kind, map->keys[i]);
        tend_value value;

        status = tend_effect_value(&subject->kind->fields[field], &map->items[i], subject->playbooks->zone, subject->arena, &value,
                                   reterr);
        if (status == TEND_OK)
            put_value(&writer, map->keys[i], value);
    }
    return status < 0 ? status : put_row(subject, origin, &writer, subject->row, &step->row, reterr);
}

tend_status tend_effect_make(const tend_subject *subject, const tend_run *run, const tend_spec *spec, const tend_tree *settings,
                             const tend_origin *origin, tend_step *step, tend_error *reterr)
{
    if (strcmp(step->verb, "task") == 0)
        return do_task(subject, run, spec, settings, origin, step, reterr);
    if (strcmp(step->verb, "set") == 0)
        return do_set(subject, origin, step, reterr);
    if (strcmp(step->verb, "notify") == 0 || strcmp(step->verb, "escalate") == 0)
        return do_message(subject, run, settings, origin, step, reterr);
    return TEND_OK; /* log, account and reads are their own record */
}

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

/* Who decides, when the script names nobody. */
static const char *asked_role(const tend_step *step)
{
    const char *role = tend_tree_string(&step->arguments, "to");

    return role ? role : "owner.manager";
}

static tend_status ask_approval(const tend_subject *subject, const tend_run *run, const tend_tree *settings,
                                const tend_origin *origin, tend_step *step, wait_draft *draft, tend_date by, tend_error *reterr)
{
    row_writer writer = { .kind = tend_schema_kind(subject->world.schema, TEND_KIND_APPROVAL) };
    const char *reason = tend_tree_string(&step->arguments, "reason");
    const char *title, *why = "";
    int64_t user = 0;
    tend_status status = tend_subject_fill(subject, settings, tend_tree_string(&step->arguments, "title"), &title, reterr);

    if (status == TEND_OK && reason)
        status = tend_subject_fill(subject, settings, reason, &reason, reterr);
    if (status == TEND_OK)
        status = tend_role_find(subject, asked_role(step), &user, &why, reterr);
    if (status < 0)
        return status;
    put_subject(&writer, subject);
    put_text(&writer, "title", title);
    put_text(&writer, "reason", tend_arena_print(subject->arena, "%s%s%s", reason ? reason : "", reason ? "; " : "", why));
    put_text(&writer, "status", "open");
    put_text(&writer, "step", step->name);
    put_number(&writer, "run", TEND_INT, run->id);
    if (user != 0)
        put_number(&writer, "asked_of", TEND_REF, user);
    if (by != TEND_NO_DATE)
        put_number(&writer, "due_on", TEND_DATE, by);
    status = put_row(subject, origin, &writer, 0, &step->row, reterr);
    step->kind = draft->kind = TEND_KIND_APPROVAL;
    draft->row = step->row;
    return status;
}

/* An event that came since the run began and that no earlier wait of it took. */
static tend_status look_back(const tend_subject *subject, const tend_run *run, const wait_draft *draft, int64_t *ret_event,
                             tend_error *reterr)
{
    return tend_sql_number(
        subject->world.store, 0, ret_event, reterr,
        "SELECT sequence FROM events WHERE topic = ?1 AND sequence > max(?2, coalesce((SELECT max(event) FROM steps"
        " WHERE run = ?3 AND topic = ?1), 0)) AND is_history = 0"
        " AND sequence <= (SELECT sequence FROM positions WHERE subscriber = 'playbook')"
        " AND ((?4 <> 0 AND kind = ?6 AND first <= ?4 AND last >= ?4) OR (?4 = 0 AND account = ?5)"
        " OR (?4 <> 0 AND ?5 <> 0 AND kind = ?7 AND first <= ?5 AND last >= ?5)) ORDER BY sequence LIMIT 1",
        "siiiiii", draft->topic, run->cause, run->id, draft->row, draft->account, draft->kind, (int64_t)TEND_KIND_ACCOUNT);
}

tend_status tend_effect_wait(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                             tend_step *step, bool *ret_answered, tend_error *reterr)
{
    const char *event = tend_tree_string(&step->arguments, "event"), *done = tend_tree_string(&step->arguments, "done");
    const tend_tree *rule = tend_tree_get(&step->arguments, "within");
    bool is_sleep = strcmp(step->verb, "sleep") == 0;
    wait_draft draft = { .topic = "", .due_at = TEND_NO_TIME };
    tend_subject theirs = *subject; /* working days are those of whoever has the task, or decides */
    const char *why;
    tend_buffer packed = { 0 };
    tend_date date = TEND_NO_DATE;
    int64_t sequence = 0;
    tend_status status = TEND_OK;

    *ret_answered = false;
    if (strcmp(step->verb, "child") == 0)
        status = tend_child_ask(subject, run, step, ret_answered, reterr);
    if (status < 0 || *ret_answered)
        return status;
    if (is_sleep)
        rule = &step->arguments;
    else if (!rule)
        rule = tend_tree_get(&step->arguments, "by");
    if (done)
        status = find_task(subject, run, done, &draft, reterr);
    if (status == TEND_OK && done)
        status = tend_work_holder(subject, TEND_KIND_TASK, draft.row, &theirs.user, reterr);
    else if (status == TEND_OK && strcmp(step->verb, "approve") == 0)
        status = tend_role_find(subject, asked_role(step), &theirs.user, &why, reterr);
    if (status == TEND_OK && rule)
        status = tend_rule_find(&theirs, rule, is_sleep ? TEND_RULE_WAKE : TEND_RULE_DEADLINE, subject->world.now, &date,
                                &draft.due_at, &draft.follows, reterr);
    if (status == TEND_OK && event) {
        bool is_custom = tend_topic_is_custom(event);

        draft.topic = event;
        draft.kind = is_custom ? subject->kind->kind : tend_topic_kind(subject->world.schema, event)->kind;
        if (draft.kind == (int64_t)subject->kind->kind)
            draft.row = subject->row;
        else if (draft.kind == TEND_KIND_ACCOUNT)
            draft.row = subject->account;
        else
            draft.account = subject->account;
        if (is_custom && draft.kind != TEND_KIND_ACCOUNT)
            draft.account = subject->account; /* told about either of them */
    } else if (status == TEND_OK && strcmp(step->verb, "approve") == 0) {
        status = ask_approval(subject, run, settings, origin, step, &draft, date, reterr);
    }
    if (status == TEND_OK && event)
        status = look_back(subject, run, &draft, &sequence, reterr);
    if (status < 0)
        return status;
    if (draft.follows)
        tend_tree_pack(&step->arguments, &packed);
    status = tend_sql_run(subject->world.store, reterr,
                          "INSERT OR REPLACE INTO waits (run, step, topic, kind, row, account, due_at, rule)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                          "issiiitb", run->id, step->name, draft.topic, draft.kind, draft.row, draft.account, draft.due_at,
                          draft.follows ? &packed : NULL);
    tend_buffer_clear(&packed);
    if (status == TEND_OK && sequence != 0) {
        status = tend_wait_tell(subject->playbooks, run->id, step->name, draft.topic, sequence, reterr);
        *ret_answered = status == TEND_OK;
    } else if (status == TEND_OK && draft.topic[0] == '\0' && draft.row != 0) {
        status = tend_wait_row(subject->playbooks, run->id, step->name, draft.kind, draft.row, 0, ret_answered, reterr);
    }
    return status;
}
