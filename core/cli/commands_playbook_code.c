/* commands_playbook_code.c: what authors of playbooks do with their files: graph, diff, new. */
#include "base/file.h"
#include "base/near.h"
#include "cli/commands.h"
#include "engine/data.h"
#include "engine/playbook_new.h"
#include "playbook/graph.h"
#include <limits.h>
#include <string.h>

/* What a script needs to be read, with a workspace around it or without. */
typedef struct script_house {
    tend_config *config; /* owned; NULL: there is no workspace */
    tend_schema *schema; /* owned */
    char folders[PATH_MAX * 2 + 4];
    char workspace[PATH_MAX];
} script_house;

static void close_house(script_house *house)
{
    tend_schema_free(house->schema);
    tend_config_free(house->config);
}

static tend_status open_house(tend_session *session, script_house *house, tend_error *reterr)
{
    char shipped[PATH_MAX] = "";
    tend_status status = TEND_OK;

    *house = (script_house){ .config = NULL };
    if (tend_workspace_find(session->workspace_wanted, session->cwd, house->workspace, sizeof house->workspace, NULL) >= 0)
        status = tend_config_load_folder(house->workspace, tend_all_sections, session->err, &house->config, reterr);
    if (status >= 0)
        status = tend_schema_new(house->config, &house->schema, reterr);
    (void)tend_data_path(".", shipped, sizeof shipped, NULL);
    (void)snprintf(house->folders, sizeof house->folders, "%s%s%s", house->workspace, house->workspace[0] && shipped[0] ? ":" : "",
                   shipped);
    return status;
}

/* A file, or the name of a playbook of the workspace or of those that came with tend. */
static tend_status find_script(tend_session *session, script_house *house, const char *word, char ret_path[PATH_MAX],
                               tend_error *reterr)
{
    const char *path = tend_session_path(session, word);
    size_t length = strlen(word);

    if (strchr(word, '/') || (length > 4 && strcmp(word + length - 4, ".lua") == 0)) {
        char folder[PATH_MAX];

        if (!path || !tend_file_exists(path) || snprintf(ret_path, PATH_MAX, "%s", path) >= PATH_MAX)
            return tend_fail(reterr, TEND_ENOTFOUND, "%s: no such file", word);
        for (char *slash = strrchr(strcpy(folder, ret_path), '/'); slash; slash = strrchr(folder, '/')) { /* its own lib/ first */
            char library[PATH_MAX + 8], folders[sizeof house->folders];

            *slash = '\0';
            (void)snprintf(library, sizeof library, "%s/lib", folder);
            if (!tend_file_exists(library))
                continue;
            (void)snprintf(folders, sizeof folders, "%.4000s:%.4000s", folder, house->folders);
            (void)snprintf(house->folders, sizeof house->folders, "%s", folders);
            break;
        }
        return TEND_OK;
    }
    if (tend_playbook_find(house->folders, word, ret_path, PATH_MAX, NULL) >= 0)
        return TEND_OK;
    return tend_fail(reterr, TEND_ENOTFOUND, "%s: no playbook is called so; name its file, or see tend playbook list", word);
}

static tend_status graph_form(const char *word, tend_graph_form *ret_form, tend_error *reterr)
{
    static const char *const forms[] = { "text", "mermaid", "svg", NULL };
    const char *near = word ? tend_near(word, forms) : NULL;

    *ret_form = TEND_GRAPH_TEXT;
    for (int i = 0; word && forms[i]; i++)
        if (strcmp(forms[i], word) == 0) {
            *ret_form = (tend_graph_form)(TEND_GRAPH_TEXT + i);
            return TEND_OK;
        }
    return !word ? TEND_OK
                 : tend_fail(reterr, TEND_EINVAL, "--format: '%s' is not one; %s%s%s", word,
                             near ? "did you mean " : "write text, mermaid or svg", near ? near : "", near ? "?" : "");
}

tend_status tend_cli_playbook_graph(tend_session *session, tend_error *reterr)
{
    script_house house;
    char path[PATH_MAX];
    tend_graph_form form;
    tend_graph graph;
    tend_status status = graph_form(tend_session_option(session, "format"), &form, reterr);

    if (status < 0)
        return status;
    status = open_house(session, &house, reterr);
    if (status >= 0)
        status = find_script(session, &house, session->words[0], path, reterr);
    if (status >= 0)
        status = tend_graph_read(path, house.folders, house.schema, NULL, session->arena, &graph, reterr);
    if (status >= 0)
        status = tend_graph_write(&graph, form, session->out, reterr);
    close_house(&house);
    return status;
}

static void tell_file(void *self, const char *file)
{
    const tend_session *session = self;

    fprintf(session->out, "  %s\n", file);
}

/* Into the workspace, or into a folder of scripts that stands in git without one. */
tend_status tend_cli_playbook_new(tend_session *session, tend_error *reterr)
{
    const char *name = session->words[0], *pack = tend_session_option(session, "pack");
    const char *folder, *lead;
    script_house house;
    char path[PATH_MAX];
    tend_status status = open_house(session, &house, reterr);

    folder = house.workspace[0] ? house.workspace : session->cwd;
    (void)snprintf(path, sizeof path, "%.4000s/playbooks", folder);
    if (status >= 0 && !house.workspace[0] && !tend_file_exists(path))
        status = tend_fail(
            reterr, TEND_ENOTFOUND,
            "playbook new: there is no workspace here or above, and no folder playbooks; make one with tend init, or name "
            "one with -C FOLDER");
    if (status >= 0 && !house.workspace[0])
        (void)snprintf(house.folders, sizeof house.folders, "%s", folder);
    if (status >= 0)
        status = tend_playbook_new(folder, house.workspace[0] != '\0', pack ? pack : "own", name, house.folders, tell_file, session,
                                   reterr);
    lead = tend_session_short(session, folder);
    lead = strcmp(lead, folder) == 0 && strcmp(folder, session->cwd) == 0 ? "." : lead;
    if (status >= 0)
        fprintf(session->out,
                "%s: a playbook of your own; it works as it is\n"
                "  next: tend playbook test %s%splaybooks/%s/%s_test.lua\n"
                "  then: change the two files, docs/playbooks.md says what they can do; tend playbook check and graph look at a "
                "script\n",
                name, strcmp(lead, ".") == 0 ? "" : lead, strcmp(lead, ".") == 0 ? "" : "/", pack ? pack : "own", name);
    if (status >= 0 && house.workspace[0])
        fprintf(session->out,
                "  at last: enabled = yes in tend.d/playbook-%s.ini, and tend once --dry-run shows what it would do\n", name);
    close_house(&house);
    return status;
}
