#include "cli/here.h"
#include <stdlib.h>

tend_status tend_here_open(tend_session *session, bool is_forgiving, tend_here *ret_here, tend_error *reterr)
{
    const char *variable = getenv("TEND_WORKSPACE");
    bool is_named = session->workspace_wanted || (variable && *variable);
    tend_here *here = ret_here;
    tend_error why = { 0 };
    tend_status status = TEND_OK;

    *here = (tend_here){ .config = NULL };
    if (tend_workspace_find(session->workspace_wanted, session->cwd, here->workspace, sizeof here->workspace, &why) >= 0)
        status = is_forgiving
                     ? tend_config_load_rest(here->workspace, tend_all_sections, session->err, &here->faults, &here->config, reterr)
                     : tend_config_load_folder(here->workspace, tend_all_sections, session->err, &here->config, reterr);
    else if (is_named)
        status = tend_fail(reterr, why.status, "%s", why.text);
    if (status >= 0 && here->config && !session->language)
        session->language = tend_arena_string(session->arena, tend_config_text(here->config, "tend", NULL, "language"));
    return status < 0 ? status : tend_schema_new(here->config, &here->schema, reterr);
}

void tend_here_close(tend_here *here)
{
    tend_schema_free(here->schema);
    tend_config_free(here->config);
}
