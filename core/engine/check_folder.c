/* check_folder.c: a folder's whole configuration, with all its faults in one go: what is understood is looked into, also where
 * something beside it is not. */
#include "base/remarks.h"
#include "engine/check.h"
#include "engine/workspace_inside.h"
#include <stdlib.h>
#include <string.h>

typedef struct folder_check {
    tend_workspace *workspace;
    FILE *faults;
    unsigned count, which; /* how many were told; what is looked into */
    tend_error first;
} folder_check;

/* Its faults were told by whoever read it. */
static void take(folder_check *check, tend_status status, const tend_error *why)
{
    if (status >= 0)
        return;
    if (check->count++ == 0)
        check->first = *why;
}

/* Fields of the workspace's own; without them there are those that came with tend, and nothing that could name them is looked into.
 */
static tend_status read_schema(folder_check *check, tend_error *reterr)
{
    tend_workspace *workspace = check->workspace;
    tend_error why = { 0 };
    tend_status status = tend_schema_new(workspace->config, &workspace->schema, &why);

    if (status == TEND_OK)
        return TEND_OK;
    if (status != TEND_EINVAL)
        return tend_fail(reterr, status, "%s", why.text);
    if (check->faults)
        fprintf(check->faults, "%s\n", why.text);
    take(check, status, &why);
    check->which &= TEND_CHECK_NAMES | TEND_CHECK_SINKS;
    return tend_schema_new(NULL, &workspace->schema, reterr);
}

static bool has_broken(const tend_config *config, const char *section)
{
    const char *name;

    for (size_t i = 0; (name = tend_config_instance(config, section, i)); i++)
        if (tend_config_is_broken(config, section, name))
            return true;
    return false;
}

/* As when a workspace is opened, but each part whatever became of the others. */
static tend_status settle(folder_check *check, tend_error *reterr)
{
    tend_workspace *workspace = check->workspace;
    const tend_config *config = workspace->config;
    tend_error why = { 0 };
    tend_status status = tend_zone_find(tend_config_text(config, "tend", NULL, "zone"), &workspace->zone, reterr);

    if (status >= 0)
        status = read_schema(check, reterr);
    if (status < 0)
        return status;
    take(check, workspace_calendars(workspace, check->faults, &why), &why);
    if (check->which & TEND_CHECK_PLAYBOOKS)
        take(check, tend_workspace_segments_of(config, workspace->schema, check->faults, &workspace->segments, &why), &why);
    if (!workspace->segments)
        status = workspace_segment_names(workspace, reterr);
    if (!has_broken(config, "measure") && !has_broken(config, "band"))
        take(check, tend_scorecard_load(config, check->faults, &workspace->card, &why), &why);
    return status;
}

static tend_status check_all(const char *folder, tend_clock clock, FILE *faults, tend_error *reterr)
{
    tend_workspace *workspace = calloc(1, sizeof *workspace);
    folder_check check = { .workspace = workspace, .faults = faults, .which = TEND_CHECK_ALL | TEND_CHECK_PEOPLE };
    tend_error why = { 0 };
    tend_status status;

    if (!workspace)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to open the workspace", folder);
    workspace->clock = clock;
    workspace->own_now = TEND_NO_TIME;
    (void)snprintf(workspace->folder, sizeof workspace->folder, "%s", folder);
    status = tend_config_load_rest(folder, tend_all_sections, faults, &check.count, &workspace->config, &check.first);
    why = check.first;
    if (status >= 0)
        status = settle(&check, &why);
    if (status >= 0)
        status = tend_workspace_check_parts(workspace, check.which, faults, &why);
    if (check.count > 0 && (status >= 0 || status == TEND_EINVAL))
        status = faults ? workspace_not_understood(workspace, &why) : tend_fail(&why, TEND_EINVAL, "%s", check.first.text);
    tend_workspace_close(workspace);
    return status < 0 ? tend_fail(reterr, status, "%s", why.text) : TEND_OK;
}

static void write_line(void *self, const char *line)
{
    fprintf(self, "%s\n", line);
}

/* By file and line, whoever came by them first. False: there is no memory for that. */
static bool write_in_order(char *lines, FILE *faults)
{
    tend_remarks *remarks = tend_remarks_new();
    bool is_all = remarks != NULL;
    char *left = NULL;

    for (char *line = strtok_r(lines, "\n", &left); line && remarks; line = strtok_r(NULL, "\n", &left))
        tend_remarks_add(remarks, line);
    if (remarks)
        is_all = tend_remarks_tell(remarks, write_line, faults);
    tend_remarks_free(remarks);
    return is_all;
}

tend_status tend_workspace_check(const char *folder, tend_clock clock, FILE *faults, tend_error *reterr)
{
    char *lines = NULL;
    size_t length = 0;
    FILE *gathered = faults ? open_memstream(&lines, &length) : NULL;
    tend_status status;

    if (faults && !gathered)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to check the configuration", folder);
    status = check_all(folder, clock, gathered, reterr);
    if (gathered && (fclose(gathered) != 0 || !write_in_order(lines, faults)))
        status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory to check the configuration", folder);
    free(lines);
    return status;
}
