/* commands_outbox.c: messages that leave the house: looked at, tried again, dropped. */
#include "cli/commands.h"
#include <stdlib.h>

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

tend_status tend_cli_outbox_retry(tend_session *session, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int i = 0; status >= 0 && i < session->word_count; i++) {
        tend_outbox *outbox = NULL;
        int64_t id;

        status = begin(session, session->words[i], &outbox, &id, reterr);
        if (status >= 0)
            status = tend_outbox_release(outbox, id, reterr);
        tend_outbox_close(outbox);
    }
    return status;
}

tend_status tend_cli_outbox_drop(tend_session *session, tend_error *reterr)
{
    const char *why = tend_session_option(session, "why");
    tend_outbox *outbox = NULL;
    int64_t id;
    tend_status status = begin(session, session->words[0], &outbox, &id, reterr);

    if (status >= 0)
        status = tend_outbox_drop(outbox, id, why ? why : "dropped by hand", reterr);
    tend_outbox_close(outbox);
    return status;
}
