/* requests.c: what a command to a playbook would come to. On the private copy of a dry run the playbooks work until they rest. */
#include "cli/commands.h"

/* What is due already, whatever the command does: it is not of its doing. */
tend_status tend_cli_requests_settle(tend_session *session, tend_error *reterr)
{
    tend_playbooks *playbooks;
    bool did = true;
    tend_status status = session->is_dry_run ? tend_workspace_playbooks(session->workspace, &playbooks, reterr) : TEND_OK;

    while (session->is_dry_run && status >= 0 && did)
        status = tend_playbooks_step(playbooks, &did, reterr);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_cli_requests_mark(tend_session *session, tend_error *reterr)
{
    tend_query query;
    tend_result *result;
    tend_status status = session->is_dry_run ? tend_cli_begin(session, &query, &result, reterr) : TEND_OK;

    return status < 0 || !session->is_dry_run ? status : tend_query_requests_mark(&query, reterr);
}

tend_status tend_cli_requests_show(tend_session *session, const char *playbook, tend_error *reterr)
{
    tend_query query;
    tend_result *result;
    tend_status status = tend_cli_requests_settle(session, reterr);

    if (status < 0 || !session->is_dry_run)
        return status;
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_requests(&query, playbook, 0, result, reterr);
}
