/* effect.c: requests carried out: rows in the same transaction, messages through the outbox. */
#include "model/parse.h"
#include "playbook/draft.h"

#include <string.h>

/* The yearly money of a contract is what is at stake. */
static tend_status put_at_risk(draft_row *writer, const tend_subject *subject, tend_error *reterr)
{
    const tend_field *field;
    tend_value value;
    tend_status status;

    if (subject->kind->kind != TEND_KIND_CONTRACT)
        return TEND_OK;
    status = tend_subject_value(subject, "annual_amount", &value, &field, reterr);
    if (status == TEND_OK && value.type == TEND_MONEY && value.currency[0] != '\0') {
        draft_text(writer, "currency", tend_arena_string(subject->arena, value.currency));
        draft_value(writer, "at_risk", value);
    }
    return status;
}

typedef struct task_draft {
    const tend_tree *arguments, *settings;
    const char *title; /* its key in the arguments */
    const char *role, *reason, *priority, *type;
    const char *const *reasons; /* in English, in Korean; NULL: `reason`, or that of the arguments */
    const tend_tree *due;
} task_draft;

static const char *dedupe_key(const tend_subject *subject, const tend_run *run, const char *step)
{
    return tend_arena_print(subject->arena, "%s/%s %lld/%s", run->playbook, subject->kind->name, (long long)subject->row, step);
}

static tend_status make_task(const tend_subject *subject, const tend_run *run, const tend_origin *origin, const task_draft *draft,
                             tend_step *step, tend_error *reterr)
{
    draft_row writer = { .kind = tend_schema_kind(subject->world.schema, TEND_KIND_TASK) };
    const char *key = dedupe_key(subject, run, step->name), *title = NULL, *reason = NULL, *why = "", *language;
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
        status = tend_words_fill(subject, draft->settings, draft->arguments, draft->title, user, &title, reterr);
    if (status == TEND_OK && !draft->reason)
        status = tend_words_fill(subject, draft->settings, draft->arguments, "reason", user, &reason, reterr);
    if (status == TEND_OK && draft->reasons) {
        status = tend_words_language(subject, user, &language, reterr);
        reason = draft->reasons[status == TEND_OK && strcmp(language, "ko") == 0];
    }
    if (status == TEND_OK)
        status = put_at_risk(&writer, subject, reterr);
    if (status < 0)
        return status;
    draft_subject(&writer, subject);
    if (!reason)
        reason = draft->reason ? draft->reason : "";
    draft_text(&writer, "title", title);
    draft_text(&writer, "reason", tend_arena_print(subject->arena, "%s%s%s", reason, why[0] ? "; " : "", why));
    draft_text(&writer, "status", "open");
    draft_text(&writer, "role", draft->role);
    draft_text(&writer, "priority", draft->priority ? draft->priority : "normal");
    draft_text(&writer, "type", draft->type);
    draft_text(&writer, "playbook", run->playbook);
    draft_text(&writer, "step", step->name);
    draft_text(&writer, "dedupe_key", key);
    draft_number(&writer, "run", TEND_INT, run->id);
    if (user != 0)
        draft_number(&writer, "assignee", TEND_REF, user);
    if (date != TEND_NO_DATE)
        draft_number(&writer, "due_on", TEND_DATE, date);
    return draft_put(subject, origin, &writer, 0, &step->row, reterr);
}

static tend_status do_task(const tend_subject *subject, const tend_run *run, const tend_spec *spec, const tend_tree *settings,
                           const tend_origin *origin, tend_step *step, tend_error *reterr)
{
    const tend_tree *arguments = &step->arguments;
    task_draft draft = { .arguments = arguments,
                         .settings = settings,
                         .title = "title",
                         .role = tend_tree_string(arguments, "to"),
                         .reason = tend_tree_get(arguments, "reason") ? NULL : spec->summary,
                         .priority = tend_tree_string(arguments, "priority"),
                         .type = tend_tree_string(arguments, "type"),
                         .due = tend_tree_get(arguments, "due") };

    return make_task(subject, run, origin, &draft, step, reterr);
}

/* One message to one person or team. When nobody holds the role, the outbox shows it as not deliverable. */
static tend_status send_message(const tend_subject *subject, const tend_run *run, const tend_tree *settings,
                                const tend_origin *origin, const tend_step *step, tend_error *reterr)
{
    const tend_playbook_options *options = &subject->playbooks->options;
    const char *channel = tend_tree_string(&step->arguments, "channel");
    const char *why;
    tend_outbox_draft draft = { .channel = channel ? channel : "mail", .not_before = TEND_NO_TIME };
    int64_t id;
    bool is_new;
    tend_status status = tend_role_find(subject, tend_tree_string(&step->arguments, "to"), &draft.user, &why, reterr);

    if (status == TEND_OK)
        status = tend_words_language(subject, draft.user, &draft.language, reterr);
    if (status == TEND_OK)
        status = tend_words_fill(subject, settings, &step->arguments, "text", draft.user, &draft.text, reterr);
    if (status == TEND_OK)
        status = tend_words_fill(subject, settings, &step->arguments, "subject", draft.user, &draft.subject, reterr);
    if (status < 0)
        return status;
    if (draft.user == 0)
        draft.to = tend_tree_string(&step->arguments, "to");
    if (!draft.subject)
        draft.subject = draft.text;
    draft.account = subject->account;
    draft.run = run->id;
    draft.once_key = tend_arena_print(subject->arena, "run %lld/%s", (long long)run->id, step->name);
    return (options->send ? options->send : tend_outbox_add)(subject->playbooks->model, origin, &draft, &id, &is_new, reterr);
}

static tend_status do_message(const tend_subject *subject, const tend_run *run, const tend_tree *settings,
                              const tend_origin *origin, tend_step *step, tend_error *reterr)
{
    static const tend_tree one_day_key = { .tag = TEND_TREE_INT, .integer = 1 };
    static const char *const keys[] = { "business_days" }, *const escalated[] = { "escalated", "상위 보고" };
    static const tend_tree tomorrow = { .tag = TEND_TREE_MAP, .length = 1, .items = &one_day_key, .keys = keys };
    const tend_tree *due = tend_tree_get(&step->arguments, "due");
    tend_status status = send_message(subject, run, settings, origin, step, reterr);

    if (status == TEND_OK && strcmp(step->verb, "escalate") == 0) {
        task_draft draft = { .arguments = &step->arguments,
                             .settings = settings,
                             .title = "text",
                             .role = tend_tree_string(&step->arguments, "to"),
                             .reasons = escalated,
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
    draft_row writer = { .kind = subject->kind };
    const tend_tree *map = &step->arguments;
    tend_status status = TEND_OK;

    step->kind = subject->kind->kind;
    for (size_t i = 0; i < map->length && status == TEND_OK; i++) {
        int field = tend_schema_field(subject->kind, map->keys[i]);
        tend_value value;

        status = tend_effect_value(&subject->kind->fields[field], &map->items[i], subject->playbooks->zone, subject->arena, &value,
                                   reterr);
        if (status == TEND_OK)
            draft_value(&writer, map->keys[i], value);
    }
    return status < 0 ? status : draft_put(subject, origin, &writer, subject->row, &step->row, reterr);
}

/* What the run opened in a step is needed no more. */
static tend_status do_close(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_step *step,
                            tend_error *reterr)
{
    const char *outcome;
    int64_t closed;
    tend_status status = tend_words_fill(subject, settings, &step->arguments, "outcome", 0, &outcome, reterr);

    return status < 0 ? status
                      : tend_left_close(subject->playbooks, run->playbook, run->id, tend_tree_string(&step->arguments, "step"),
                                        outcome ? outcome : "no longer needed", &closed, reterr);
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
    if (strcmp(step->verb, "close") == 0)
        return do_close(subject, run, settings, step, reterr);
    return TEND_OK; /* log, account and reads are their own record */
}
