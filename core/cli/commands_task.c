/* commands_task.c: tasks and approvals: done, snoozed, given away, decided. */
#include "cli/commands.h"
#include "cli/form.h"
#include <string.h>

tend_status tend_cli_task_add(tend_session *session, tend_error *reterr)
{
    int64_t account;
    tend_form form;
    tend_status status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[0], &account, reterr);

    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_TASK);
    tend_form_set(&form, "account", tend_value_int(account));
    tend_form_set(&form, "title", tend_value_of(session->words[1]));
    tend_form_set(&form, "status", tend_value_of("open"));
    tend_form_set(&form, "reason", tend_value_of(tend_arena_print(session->arena, "added by %s", session->principal.name)));
    status = tend_form_words(&form, session, 0, session->words + 2, session->word_count - 2, reterr);
    if (status >= 0 && !tend_form_has(&form, "assignee") && session->principal.user)
        tend_form_set(&form, "assignee", tend_value_int(session->principal.user));
    return status < 0 ? status : tend_form_write(&form, session, "task", 0, NULL, reterr);
}

/* "done" by whom and when, of a task or an approval that is closed; "" when it says nothing of it. */
static const char *closed_by(tend_session *session, const tend_row *row, const char *by, const char *at)
{
    const tend_value *who = &row->values[tend_schema_field(row->kind, by)];
    const tend_value *when = &row->values[tend_schema_field(row->kind, at)];
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    char date[TEND_DATE_ROOM];

    return tend_arena_print(session->arena, "%s%s%s%s", who->type == TEND_REF ? " by " : "",
                            who->type == TEND_REF ? tend_row_name(&world, TEND_KIND_USER, who->integer, session->arena) : "",
                            when->type == TEND_TIME ? " on " : "",
                            when->type == TEND_TIME
                                ? tend_date_format(tend_zone_date(tend_workspace_zone(session->workspace), when->integer), date)
                                : "");
}

/* The open row that a command is about, or a sentence that says why it cannot be. */
static tend_status open_row(tend_session *session, tend_kind kind, const char *word, int64_t *ret_row, tend_error *reterr)
{
    const tend_kind_schema *schema = tend_schema_kind(tend_workspace_schema(session->workspace), kind);
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    tend_row row;
    tend_status status = tend_session_row(session, kind, word, ret_row, reterr);

    if (status >= 0)
        status = tend_read(&world, &session->principal, kind, *ret_row, session->arena, &row, reterr);
    if (status < 0)
        return status;
    if (row.values[schema->status_field].type == TEND_TEXT && strcmp(row.values[schema->status_field].text, "open") != 0)
        return tend_fail(reterr, TEND_ECONFLICT, "%s %lld is %s already; see tend show %s %lld", schema->name, (long long)*ret_row,
                         row.values[schema->status_field].text, schema->name, (long long)*ret_row);
    return TEND_OK;
}

tend_status tend_cli_task_done(tend_session *session, tend_error *reterr)
{
    const char *outcome = tend_session_option(session, "outcome");
    tend_status status = TEND_OK;

    for (int i = 0; status >= 0 && i < session->word_count; i++) {
        tend_form form;
        int64_t row;

        status = open_row(session, TEND_KIND_TASK, session->words[i], &row, reterr);
        if (status < 0)
            break;
        tend_form_init(&form, session, TEND_KIND_TASK);
        tend_form_set(&form, "status", tend_value_of("done"));
        tend_form_set(&form, "done_at", tend_value_time(tend_clock_now(&session->clock)));
        if (session->principal.user)
            tend_form_set(&form, "done_by", tend_value_int(session->principal.user));
        if (outcome)
            tend_form_set(&form, "outcome", tend_value_of(outcome));
        status = tend_form_write(&form, session, "task", row, NULL, reterr);
    }
    return status;
}

/* A question that is closed: what became of it, and that this changed nothing. */
static tend_status refuse_closed(tend_session *session, int64_t task, const tend_row *row, tend_error *reterr)
{
    const tend_value *status = &row->values[row->kind->status_field];
    const tend_value *outcome = &row->values[tend_schema_field(row->kind, "outcome")];

    if (strcmp(status->text, "done") == 0)
        return tend_fail(reterr, TEND_ECONFLICT, "question %lld: was answered already%s: %s; nothing was changed", (long long)task,
                         closed_by(session, row, "done_by", "done_at"), outcome->type == TEND_TEXT ? outcome->text : "");
    return tend_fail(reterr, TEND_ECONFLICT, "question %lld: is closed: %s; nothing was changed", (long long)task,
                     outcome->type == TEND_TEXT ? outcome->text : "it is needed no more");
}

tend_status tend_cli_task_answer(tend_session *session, tend_error *reterr)
{
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    const tend_value *status_now;
    tend_form form;
    tend_row row;
    int64_t task;
    tend_status status = tend_session_row(session, TEND_KIND_TASK, session->words[0], &task, reterr);

    if (status >= 0)
        status = tend_read(&world, &session->principal, TEND_KIND_TASK, task, session->arena, &row, reterr);
    if (status < 0)
        return status;
    if (row.values[tend_schema_field(row.kind, "choices")].type != TEND_TEXT)
        return tend_fail(reterr, TEND_EINVAL, "task %lld: is no question; tend task done %lld --outcome TEXT closes it",
                         (long long)task, (long long)task);
    status_now = &row.values[row.kind->status_field];
    if (status_now->type == TEND_TEXT && strcmp(status_now->text, "open") != 0)
        return refuse_closed(session, task, &row, reterr);
    tend_form_init(&form, session, TEND_KIND_TASK);
    tend_form_set(&form, "status", tend_value_of("done"));
    tend_form_set(&form, "done_at", tend_value_time(tend_clock_now(&session->clock)));
    if (session->principal.user)
        tend_form_set(&form, "done_by", tend_value_int(session->principal.user));
    tend_form_set(&form, "outcome", tend_value_of(session->words[1]));
    return tend_form_write(&form, session, "task", task, NULL, reterr);
}

tend_status tend_cli_task_snooze(tend_session *session, tend_error *reterr)
{
    const char *until = tend_session_option(session, "until");
    tend_form form;
    tend_date date;
    int64_t row;
    tend_status status = open_row(session, TEND_KIND_TASK, session->words[0], &row, reterr);

    if (status >= 0 && !until)
        status = tend_fail(reterr, TEND_EINVAL, "tend task snooze: until when? write --until DATE (today, +3d, 2026-03-01)");
    if (status >= 0)
        status = tend_session_date(session, until, &date, reterr);
    if (status >= 0 && date <= tend_session_today(session))
        status = tend_fail(reterr, TEND_EINVAL, "--until: %s is not after today; write a later day", until);
    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_TASK);
    tend_form_set(&form, "snoozed_until", tend_value_date(date));
    return tend_form_write(&form, session, "task", row, NULL, reterr);
}

static const char *user_name(const tend_session *session, int64_t user)
{
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));

    return tend_row_name(&world, TEND_KIND_USER, user, session->arena);
}

tend_status tend_cli_task_assign(tend_session *session, tend_error *reterr)
{
    tend_form form;
    int64_t row, user;
    tend_status status = open_row(session, TEND_KIND_TASK, session->words[0], &row, reterr);

    if (status >= 0)
        status = tend_session_row(session, TEND_KIND_USER, session->words[1], &user, reterr);
    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_TASK);
    tend_form_set(&form, "assignee", tend_value_int(user));
    form.says = tend_arena_print(session->arena, "it is with %s now", user_name(session, user));
    tend_form_set(&form, "role", tend_value_none()); /* given to a person: it no longer follows a role */
    return tend_form_write(&form, session, "task", row, NULL, reterr);
}

static tend_status decide(tend_session *session, const char *decision, tend_error *reterr)
{
    const char *comment = tend_session_option(session, "comment");
    tend_form form;
    int64_t row;
    tend_status status = open_row(session, TEND_KIND_APPROVAL, session->words[0], &row, reterr);

    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_APPROVAL);
    tend_form_set(&form, "status", tend_value_of(decision));
    tend_form_set(&form, "decided_at", tend_value_time(tend_clock_now(&session->clock)));
    if (session->principal.user)
        tend_form_set(&form, "decided_by", tend_value_int(session->principal.user));
    if (comment)
        tend_form_set(&form, "comment", tend_value_of(comment));
    return tend_form_write(&form, session, "approval", row, NULL, reterr);
}

tend_status tend_cli_approve(tend_session *session, tend_error *reterr)
{
    return decide(session, "approved", reterr);
}

tend_status tend_cli_decline(tend_session *session, tend_error *reterr)
{
    return decide(session, "declined", reterr);
}

tend_status tend_cli_delegate(tend_session *session, tend_error *reterr)
{
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    const tend_value *reason, *before;
    tend_form form;
    tend_row found;
    int64_t row, user;
    tend_status status = open_row(session, TEND_KIND_APPROVAL, session->words[0], &row, reterr);

    if (status >= 0)
        status = tend_session_row(session, TEND_KIND_USER, session->words[1], &user, reterr);
    if (status >= 0)
        status = tend_read(&world, &session->principal, TEND_KIND_APPROVAL, row, session->arena, &found, reterr);
    if (status < 0)
        return status;
    reason = &found.values[tend_schema_field(found.kind, "reason")];
    tend_form_init(&form, session, TEND_KIND_APPROVAL);
    tend_form_set(&form, "asked_of", tend_value_int(user));
    before = &found.values[tend_schema_field(found.kind, "asked_of")];
    form.says = before->type == TEND_REF && before->integer != user
                    ? tend_arena_print(session->arena, "%s decides now, in place of %s", user_name(session, user),
                                       user_name(session, before->integer))
                    : tend_arena_print(session->arena, "%s decides now", user_name(session, user));
    tend_form_set(
        &form, "reason",
        tend_value_of(tend_arena_print(session->arena, "%s%sdelegated by %s", reason->type == TEND_TEXT ? reason->text : "",
                                       reason->type == TEND_TEXT ? "; " : "", session->principal.name)));
    return tend_form_write(&form, session, "approval", row, NULL, reterr);
}
