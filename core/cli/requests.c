/* requests.c: what a command to a playbook would come to. On the private copy of a dry run the playbooks work until they rest. */
#include "cli/commands.h"

tend_status tend_cli_requests_mark(tend_session *session, tend_error *reterr)
{
    tend_query query;
    tend_result *result;
    tend_status status = session->is_dry_run ? tend_cli_begin(session, &query, &result, reterr) : TEND_OK;

    return status < 0 || !session->is_dry_run ? status : tend_query_requests_mark(&query, reterr);
}

tend_status tend_cli_requests_show(tend_session *session, const char *playbook, tend_error *reterr)
{
    tend_playbooks *playbooks;
    tend_query query;
    tend_result *result;
    bool did = true;
    tend_status status = session->is_dry_run ? tend_workspace_playbooks(session->workspace, &playbooks, reterr) : TEND_OK;

    if (status < 0 || !session->is_dry_run)
        return status;
    while (status >= 0 && did)
        status = tend_playbooks_step(playbooks, &did, reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_requests(&query, playbook, 0, result, reterr);
}
