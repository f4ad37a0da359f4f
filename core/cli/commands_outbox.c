/* commands_outbox.c: messages that leave the house: looked at, tried again, dropped. */
#include "cli/commands.h"
#include <stdlib.h>
#include <string.h>

tend_status tend_cli_outbox_list(tend_session *session, tend_error *reterr)
{
    tend_result *result = tend_session_result(session);
    tend_query query;
    int64_t limit;
    tend_status status = tend_session_number(session, "limit", 50, &limit, reterr);

    if (status >= 0)
        status = tend_cli_query(session, &query, reterr);
    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status < 0 ? status : tend_query_outbox(&query, tend_session_option(session, "all") != NULL, limit, result, reterr);
}

/* An outbox without plugins: nothing is delivered here. */
static tend_status begin(tend_session *session, const char *written, tend_outbox **ret_outbox, int64_t *ret_id, tend_error *reterr)
{
    char *end;
    tend_status status;

    *ret_id = strtoll(written, &end, 10);
    if (end == written || *end || *ret_id <= 0)
        return tend_fail(reterr, TEND_EINVAL, "%s is not the number of a message; tend outbox list shows them", written);
    status = tend_access_may(&session->principal, TEND_VERB_ADMINISTER, TEND_KIND_NONE, 0, reterr);
    if (status >= 0)
        status = tend_outbox_prepare(tend_workspace_store(session->workspace), reterr);
    return status < 0 ? status
                      : tend_outbox_open(tend_workspace_model(session->workspace), NULL, tend_workspace_config(session->workspace),
                                         ret_outbox, reterr);
}

tend_status tend_cli_outbox_release(tend_session *session, tend_error *reterr)
{
    tend_result *result = tend_session_result(session);
    tend_status status = TEND_OK;

    for (int i = 0; status >= 0 && i < session->word_count; i++) {
        tend_outbox *outbox = NULL;
        int64_t id;

        status = begin(session, session->words[i], &outbox, &id, reterr);
        if (status >= 0)
            status = tend_outbox_release(outbox, id, reterr);
        tend_outbox_close(outbox);
        if (status >= 0 && result)
            status =
                result->note(result,
                             tend_arena_print(session->arena, "Message %lld waits again; the engine tries it with its next step.",
                                              (long long)id),
                             reterr);
    }
    return status < 0 || !result ? status : tend_cli_note_unsent(session, result, reterr);
}

tend_status tend_cli_outbox_drop(tend_session *session, tend_error *reterr)
{
    const char *why = tend_session_option(session, "why");
    tend_outbox *outbox = NULL;
    tend_result *result = tend_session_result(session);
    int64_t id;
    tend_status status = begin(session, session->words[0], &outbox, &id, reterr);

    if (status >= 0)
        status = tend_outbox_drop(outbox, id, why ? why : "dropped by hand", reterr);
    tend_outbox_close(outbox);
    if (status < 0 || !result)
        return status;
    return result->note(result, tend_arena_print(session->arena, "Message %lld will not leave.", (long long)id), reterr);
}

static bool has_sink(const tend_config *config, const char *channel)
{
    const char *name;

    for (size_t i = 0; (name = tend_config_instance(config, "sink", i)) != NULL; i++)
        if (strcmp(tend_config_text(config, "sink", name, "channel"), channel) == 0)
            return true;
    return false;
}

tend_status tend_cli_note_unsent(tend_session *session, tend_result *result, tend_error *reterr)
{
    tend_store *store = tend_workspace_store(session->workspace);
    tend_statement *statement = NULL;
    tend_status status = TEND_OK;
    bool has_row = false;

    if (tend_store_is_simulated(store) || !tend_store_has_table(store, "outbox"))
        return TEND_OK;
    status =
        tend_store_prepare(store, "SELECT channel, count(*) FROM outbox WHERE state = 'waiting' GROUP BY channel ORDER BY channel",
                           &statement, reterr);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *channel = tend_arena_string(session->arena, tend_statement_text(statement, 0, NULL)), *text;

        if (!channel || has_sink(tend_workspace_config(session->workspace), channel))
            continue;
        text = tend_arena_print(session->arena, "messages that wait: %lld, for no sink takes channel %s; see docs/outbox.md",
                                (long long)tend_statement_int(statement, 1), channel);
        status = text ? result->note(result, text, reterr) : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    }
    tend_statement_end(statement);
    return status;
}
