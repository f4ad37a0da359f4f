/* commands_account.c: handover, merge, unmerge: accounts change hands or become one. */
#include "cli/commands.h"
#include "cli/form.h"
#include "engine/handover.h"
#include "model/merge.h"

static tend_status need(const tend_session *session, const char *option, const char *what, tend_error *reterr)
{
    return tend_session_option(session, option)
               ? TEND_OK
               : tend_fail(reterr, TEND_EINVAL, "tend handover: --%s is missing; write --%s %s", option, option, what);
}

static tend_status read_plan(tend_session *session, tend_handover_plan *ret_plan, tend_error *reterr)
{
    const char *on = tend_session_option(session, "on"), *until = tend_session_option(session, "until"),
               *account = tend_session_option(session, "account");
    tend_status status = need(session, "from", "USER", reterr);

    *ret_plan = (tend_handover_plan){ .reason = tend_session_option(session, "reason") };
    if (status >= 0)
        status = need(session, "to", "USER", reterr);
    if (status >= 0)
        status = tend_session_row(session, TEND_KIND_USER, tend_session_option(session, "from"), &ret_plan->from, reterr);
    if (status >= 0)
        status = tend_session_row(session, TEND_KIND_USER, tend_session_option(session, "to"), &ret_plan->to, reterr);
    if (status >= 0 && ret_plan->from == ret_plan->to)
        status = tend_fail(reterr, TEND_EINVAL, "tend handover: --from and --to name the same colleague; name two");
    if (status >= 0)
        status = tend_session_date(session, on ? on : "today", &ret_plan->on, reterr);
    if (status >= 0 && until)
        status = tend_session_date(session, until, &ret_plan->until, reterr);
    if (status >= 0 && until && ret_plan->until <= ret_plan->on)
        status = tend_fail(reterr, TEND_EINVAL,
                           "tend handover: --until %s: is not after the first day; write the day on which the one "
                           "who gives is back",
                           until);
    if (status >= 0 && account)
        status = tend_session_row(session, TEND_KIND_ACCOUNT, account, &ret_plan->account, reterr);
    return status;
}

/* Of each kind how many: nobody counts the lines of a list. */
static tend_status show_counts(tend_session *session, const tend_handover_item *items, size_t count, tend_error *reterr)
{
    static const tend_heading headings[] = { { "kind", NULL, TEND_TEXT, false }, { "rows", NULL, TEND_INT, false } };
    tend_result *result = tend_session_result(session);
    tend_status status = result ? result->section(result, "by_kind", "How much", headings, 2, false, reterr)
                                : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    for (size_t i = 0, first = 0; status >= 0 && i < count; i++) { /* items come kind by kind */
        if (i + 1 < count && items[i + 1].kind == items[first].kind)
            continue;
        status = result->row(
            result,
            (tend_value[]){ tend_value_of(tend_schema_kind(tend_workspace_schema(session->workspace), items[first].kind)->name),
                            tend_value_int((int64_t)(i + 1 - first)) },
            reterr);
        first = i + 1;
    }
    return status;
}

static tend_status show_items(tend_session *session, const tend_handover_item *items, size_t count, tend_error *reterr)
{
    static const tend_heading headings[] = { { "account", NULL, TEND_TEXT, false },
                                             { "kind", NULL, TEND_TEXT, false },
                                             { "id", NULL, TEND_INT, false },
                                             { "name", NULL, TEND_TEXT, false } };
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    tend_result *result = session->result;
    tend_status status = result->section(result, "items", "What changes hands", headings, 4, false, reterr);

    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_kind_schema *kind = tend_schema_kind(tend_workspace_schema(session->workspace), items[i].kind);

        status = result->row(result,
                             (tend_value[]){ items[i].account ? tend_value_of(tend_row_name(&world, TEND_KIND_ACCOUNT,
                                                                                            items[i].account, session->arena))
                                                              : tend_value_none(),
                                             tend_value_of(kind->name), tend_value_int(items[i].row),
                                             tend_value_of(tend_row_name(&world, items[i].kind, items[i].row, session->arena)) },
                             reterr);
    }
    return status;
}

tend_status tend_cli_handover(tend_session *session, tend_error *reterr)
{
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    tend_handover_plan plan;
    const tend_handover_item *items;
    tend_origin origin;
    char date[TEND_DATE_ROOM], back[TEND_DATE_ROOM];
    size_t count;
    int64_t accounts;
    tend_status status = read_plan(session, &plan, reterr);

    if (status >= 0)
        status = tend_handover_items(&world, &plan, session->arena, &items, &count, reterr);
    if (status >= 0)
        status = show_counts(session, items, count, reterr);
    if (status >= 0)
        status = show_items(session, items, count, reterr);
    if (status < 0)
        return status;
    if (!tend_session_option(session, "yes")) {
        const char *note = tend_arena_print(session->arena, "Nothing was changed. Do it with --yes: %zu rows on %s.", count,
                                            tend_date_format(plan.on, date));

        return session->result->note(session->result, note, reterr);
    }
    status = tend_form_begin(session, "handover", "tend handover", &origin, reterr);
    if (status < 0)
        return status;
    status = tend_handover_write(tend_workspace_model(session->workspace), &origin, &plan, tend_session_today(session),
                                 session->arena, &accounts, reterr);
    if (status < 0) {
        tend_form_abandon(session);
        return status;
    }
    status = tend_form_end(session, &origin, reterr);
    if (status < 0)
        return status;
    return session->result->note(session->result,
                                 tend_arena_print(session->arena, "%lld accounts %s on %s%s%s %s", (long long)accounts,
                                                  plan.on <= tend_session_today(session) ? "handed over" : "will be handed over",
                                                  tend_date_format(plan.on, date), plan.until ? ", and go back on " : "",
                                                  plan.until ? tend_date_format(plan.until, back) : "",
                                                  tend_form_says(session, origin.batch)),
                                 reterr);
}

tend_status tend_cli_account_merge(tend_session *session, tend_error *reterr)
{
    tend_model *model = tend_workspace_model(session->workspace);
    const char *name = tend_session_option(session, "into");
    tend_origin origin = tend_session_origin(session);
    int64_t account, into;
    tend_status status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[0], &account, reterr);

    if (status >= 0 && !name)
        status = tend_fail(reterr, TEND_EINVAL, "tend account merge: --into is missing; write --into ACCOUNT");
    if (status >= 0)
        status = tend_session_row(session, TEND_KIND_ACCOUNT, name, &into, reterr);
    if (status >= 0)
        status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    status = tend_merge(model, &origin, account, into, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    status = tend_model_commit(model, reterr);
    if (status >= 0)
        fprintf(session->out, "account %lld is read as account %lld from now on; tend account unmerge '#%lld' takes it back\n",
                (long long)account, (long long)into, (long long)account);
    return status;
}

tend_status tend_cli_account_unmerge(tend_session *session, tend_error *reterr)
{
    tend_model *model = tend_workspace_model(session->workspace);
    tend_origin origin = tend_session_origin(session);
    int64_t account, stays;
    tend_status status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[0], &account, reterr);

    if (status >= 0)
        status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    status = tend_unmerge(model, &origin, account, &stays, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    status = tend_model_commit(model, reterr);
    if (status >= 0)
        fprintf(session->out,
                "account %lld stands for itself again; %lld rows added by hand in between stay where they were added\n",
                (long long)account, (long long)stays);
    return status;
}
