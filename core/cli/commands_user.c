/* commands_user.c: user list, add, set, retire: colleagues, by the same path as every other row. */
#include "cli/commands.h"
#include "cli/form.h"
#include "engine/handover.h"
#include <string.h>

tend_status tend_cli_user_list(tend_session *session, tend_error *reterr)
{
    tend_list_options options = { .where = tend_session_option(session, "all") ? NULL : "active is empty or active = yes",
                                  .sort = "name",
                                  .fields = "name,email,job,team,zone,language,digest_hour,deputy,absent_from,absent_to,active" };
    tend_query query;
    tend_result *result = tend_session_result(session);
    tend_status status = tend_cli_query(session, &query, reterr);

    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status < 0 ? status : tend_query_list(&query, TEND_KIND_USER, &options, result, reterr);
}

/* Two of one name cannot be told apart by it. */
static tend_status warn_of_others(tend_session *session, const char *name, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status =
        tend_store_prepare(tend_workspace_store(session->workspace),
                           "SELECT id FROM users WHERE name = ?1 AND removed_at IS NULL ORDER BY id", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, name);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        fprintf(session->err, "user #%lld is called %s, too: in commands name both by e-mail address or #ID\n",
                (long long)tend_statement_int(statement, 0), name);
    tend_statement_end(statement);
    return status;
}

tend_status tend_cli_user_add(tend_session *session, tend_error *reterr)
{
    const char *name = tend_arena_print(session->arena, "name=%s", session->words[0]);
    tend_form form;
    tend_status status;

    if (!name)
        return tend_fail(reterr, TEND_ENOMEM, "no memory");
    if (strchr(session->words[0], '='))
        return tend_fail(reterr, TEND_EINVAL, "tend user add: the name comes first; write tend user add \"Ann Lee\" %s",
                         session->words[0]);
    status = warn_of_others(session, session->words[0], reterr);
    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_USER);
    status = tend_form_word(&form, session, 0, name, reterr);
    if (status >= 0)
        status = tend_form_words(&form, session, 0, session->words + 1, session->word_count - 1, reterr);
    return status < 0 ? status : tend_form_write(&form, session, "add", 0, NULL, reterr);
}

tend_status tend_cli_user_set(tend_session *session, tend_error *reterr)
{
    tend_form form;
    int64_t user;
    tend_status status = tend_session_row(session, TEND_KIND_USER, session->words[0], &user, reterr);

    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_USER);
    status = tend_form_words(&form, session, user, session->words + 1, session->word_count - 1, reterr);
    return status < 0 ? status : tend_form_write(&form, session, "set", user, NULL, reterr);
}

/* What is left with a person, by kind. */
static tend_status show_left(tend_session *session, const tend_handover_item *items, size_t count, tend_error *reterr)
{
    static const tend_heading headings[] = { { "kind", NULL, TEND_TEXT, false },
                                             { "id", NULL, TEND_INT, false },
                                             { "name", NULL, TEND_TEXT, false },
                                             { "account", NULL, TEND_TEXT, true } };
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    tend_result *result = tend_session_result(session);
    tend_status status = result ? result->section(result, "left", "Still in their name", headings, 4, false, reterr)
                                : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_kind_schema *kind = tend_schema_kind(tend_workspace_schema(session->workspace), items[i].kind);
        const char *account = items[i].account ? tend_row_name(&world, TEND_KIND_ACCOUNT, items[i].account, session->arena) : NULL;

        status = result->row(result,
                             (tend_value[]){ tend_value_of(kind->name), tend_value_int(items[i].row),
                                             tend_value_of(tend_row_name(&world, items[i].kind, items[i].row, session->arena)),
                                             tend_value_of(account) },
                             reterr);
    }
    return status;
}

tend_status tend_cli_user_retire(tend_session *session, tend_error *reterr)
{
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    tend_handover_plan plan = { .on = tend_session_today(session) };
    const tend_handover_item *items = NULL;
    const char *name, *note;
    size_t count = 0;
    tend_form form;
    tend_put_result put = { 0 };
    tend_origin origin;
    tend_status status = tend_session_row(session, TEND_KIND_USER, session->words[0], &plan.from, reterr);

    if (status >= 0)
        status = tend_form_begin(session, "set", "tend user retire", &origin, reterr);
    if (status < 0)
        return status;
    tend_form_init(&form, session, TEND_KIND_USER);
    tend_form_set(&form, "active", tend_value_bool(false));
    status = tend_form_put(&form, session, &origin, plan.from, &put, reterr);
    if (status < 0) {
        tend_form_abandon(session);
        return status;
    }
    status = tend_form_end(session, &origin, reterr);
    if (status >= 0)
        status = tend_handover_items(&world, &plan, session->arena, &items, &count, reterr);
    if (status >= 0)
        status = show_left(session, items, count, reterr);
    if (status < 0)
        return status;
    name = tend_row_name(&world, TEND_KIND_USER, plan.from, session->arena);
    note = session->is_dry_run ? "Tried on a private copy; nothing was changed."
           : put.outcome == TEND_PUT_UNCHANGED
               ? tend_arena_print(session->arena, "%s was retired already.", name)
               : tend_arena_print(session->arena, "%s is retired %s", name, tend_form_says(session, origin.batch));
    session->exit_code = count > 0;
    status = session->result->note(session->result, note, reterr);
    if (status >= 0 && count > 0)
        status = session->result->note(
            session->result,
            tend_arena_print(session->arena,
                             "%zu rows wait for a colleague: tend handover --from '#%lld' --to COLLEAGUE --on today --yes", count,
                             (long long)plan.from),
            reterr);
    return status;
}
