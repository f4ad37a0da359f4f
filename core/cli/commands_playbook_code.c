/* commands_playbook_code.c: what authors of playbooks do with their files: check, graph, diff, new. */
#include "base/file.h"
#include "base/near.h"
#include "cli/commands.h"
#include "cli/here.h"
#include "engine/data.h"
#include "engine/playbook_new.h"
#include "playbook/diff.h"
#include "playbook/graph.h"
#include "playbook/settings.h"
#include "playbook/types.h"
#include "query/words.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* What a script needs to be read, with a workspace around it or without. */
typedef struct script_house {
    tend_here here;
    char folders[PATH_MAX * 2 + 4];
    char folder[PATH_MAX]; /* the workspace, or where we are when playbooks/ stands here; empty: neither */
} script_house;

static void close_house(script_house *house)
{
    tend_here_close(&house->here);
}

static bool has_playbooks(const char *folder)
{
    char path[PATH_MAX + 16];

    (void)snprintf(path, sizeof path, "%s/playbooks", folder);
    return tend_file_exists(path);
}

/* To look at a script, the configuration need not be understood (`is_forgiving`). */
static tend_status open_house(tend_session *session, bool is_forgiving, script_house *house, tend_error *reterr)
{
    char shipped[PATH_MAX] = "";
    tend_status status;

    *house = (script_house){ .folder = "" };
    status = tend_here_open(session, is_forgiving, &house->here, reterr);
    (void)snprintf(house->folder, sizeof house->folder, "%s", house->here.workspace[0] ? house->here.workspace : session->cwd);
    if (!house->here.workspace[0] && !has_playbooks(house->folder))
        house->folder[0] = '\0';
    (void)tend_data_path(".", shipped, sizeof shipped, NULL);
    (void)snprintf(house->folders, sizeof house->folders, "%s%s%s", house->folder, house->folder[0] && shipped[0] ? ":" : "",
                   shipped);
    return status;
}

static bool is_file(const char *word)
{
    size_t length = strlen(word);

    return strchr(word, '/') || (length > 4 && strcmp(word + length - 4, ".lua") == 0);
}

/* A file, or the name of a playbook of the workspace or of those that came with tend. */
static tend_status find_script(tend_session *session, script_house *house, const char *word, char ret_path[PATH_MAX],
                               tend_error *reterr)
{
    const char *path = tend_session_path(session, word);

    if (is_file(word)) {
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

/* ---- check ------------------------------------------------------------------------------------------------------------- */

static void write_line(void *self, const char *line)
{
    fprintf(self, "%s\n", line);
}

static tend_status check_one(tend_session *session, const script_house *house, const tend_segments *segments, const char *word,
                             int *ret_faults, tend_error *reterr)
{
    script_house around = *house; /* its own lib/ stands first */
    char path[PATH_MAX];
    tend_status status = find_script(session, &around, word, path, reterr);
    const char *script = is_file(word) ? word : tend_session_short(session, path);

    if (status >= 0)
        status = tend_playbook_check(house->here.config, script, around.folders, house->here.schema, segments, NULL, session->out,
                                     ret_faults, reterr);
    if (status >= 0 && *ret_faults == 0)
        status = tend_playbook_check_cycles(house->here.config, script, around.folders, house->here.schema, segments, NULL,
                                            write_line, session->out, ret_faults, reterr);
    if (status >= 0 && *ret_faults == 0)
        fprintf(session->out, "%s: no fault\n", word);
    return status;
}

/* Those of the workspace; where one cannot be understood, any name is taken for one. */
static void read_segments(tend_session *session, script_house *house, tend_segments **ret_segments)
{
    tend_error why = { 0 };

    if (tend_workspace_segments_of(house->here.config, house->here.schema, session->err, ret_segments, &why) < 0)
        house->here.faults++;
}

tend_status tend_cli_playbook_check(tend_session *session, tend_error *reterr)
{
    script_house house;
    tend_segments *segments = NULL;
    int faults = 0, all = 0;
    tend_status status = open_house(session, true, &house, reterr);

    if (status >= 0 && house.here.config)
        read_segments(session, &house, &segments);
    if (status >= 0 && !segments)
        status = tend_workspace_no_segments(house.here.schema, &segments, reterr);
    for (int i = 0; status >= 0 && i < session->word_count; i++) {
        status = check_one(session, &house, segments, session->words[i], &faults, reterr);
        all += faults;
    }
    if (status >= 0 && !house.here.config)
        fprintf(session->out,
                "there is no workspace here: what only a workspace has (segments, channels, other playbooks, KPIs that "
                "are read) was not looked for\n");
    if (status >= 0 && (all > 0 || house.here.faults > 0))
        session->exit_code = 1;
    tend_segments_free(segments);
    close_house(&house);
    return status;
}

/* ---- settings ---------------------------------------------------------------------------------------------------------- */

/* What every playbook has stands in the table of the program. NULL: it is not said in Korean. */
static const char *korean_help(tend_session *session, const tend_listed_setting *setting)
{
    const char *said = setting->help_ko ? setting->help_ko : tend_say_found(session->arena, "ko", setting->help);

    return strcmp(said, setting->help) != 0 ? said : NULL;
}

tend_status tend_cli_playbook_settings(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = { { "setting", NULL, TEND_TEXT, false },
                                             { "type", NULL, TEND_TEXT, false },
                                             { "unit", NULL, TEND_TEXT, true },
                                             { "default", NULL, TEND_TEXT, false },
                                             { "in_force", "in force", TEND_TEXT, false },
                                             { "allowed", NULL, TEND_TEXT, true },
                                             { "written", "written in", TEND_TEXT, true },
                                             { "meaning", NULL, TEND_TEXT, false },
                                             { "meaning_ko", NULL, TEND_TEXT, true } }; /* people read one of the two */
    bool is_for_people = session->output == TEND_OUTPUT_TEXT;
    tend_result *result = NULL;
    tend_listed_setting *settings = NULL;
    const char *name = NULL;
    size_t count = 0;
    script_house house;
    char path[PATH_MAX];
    tend_status status = open_house(session, true, &house, reterr);

    if (status >= 0 && !(result = tend_session_result(session)))
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (status >= 0)
        status = find_script(session, &house, session->words[0], path, reterr);
    if (status >= 0)
        status = tend_settings_list(path, house.folders, house.here.schema, house.here.config, NULL, session->arena, &name,
                                    &settings, &count, reterr);
    if (status >= 0)
        status = tend_cli_section(session, "settings", tend_arena_print(session->arena, "Settings of [playbook.%s]", name),
                                  headings, is_for_people ? 8 : 9, false, reterr);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_listed_setting *setting = &settings[i];
        const char *korean = korean_help(session, setting), *language = tend_session_language(session);
        bool is_read_in_korean = korean && is_for_people && language && strcmp(language, "ko") == 0;

        status = result->row(
            result,
            (tend_value[]){ tend_value_of(setting->name), tend_value_of(setting->type),
                            *setting->unit ? tend_value_of(setting->unit) : tend_value_none(), tend_value_of(setting->fallback),
                            tend_value_of(setting->in_force),
                            *setting->allowed ? tend_value_of(setting->allowed) : tend_value_none(),
                            setting->file ? tend_value_of(tend_arena_print(
                                                session->arena, "%s:%u", tend_session_short(session, setting->file), setting->line))
                                          : tend_value_none(),
                            tend_value_of(is_read_in_korean ? korean : setting->help), tend_value_of(korean) },
            reterr);
    }
    close_house(&house);
    return status;
}

/* ---- graph ------------------------------------------------------------------------------------------------------------- */

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

static const char *say_found(void *self, const char *english)
{
    tend_session *session = self;

    return tend_say_found(session->arena, tend_session_language(session), english);
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
    status = open_house(session, true, &house, reterr);
    if (status >= 0)
        status = find_script(session, &house, session->words[0], path, reterr);
    if (status >= 0)
        status = tend_graph_read(path, house.folders, house.here.schema, NULL, session->arena, &graph, reterr);
    if (status >= 0 && session->language && strcmp(session->language, "en") != 0) {
        graph.say = say_found;
        graph.self = session;
    }
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
    tend_status status = open_house(session, false, &house, reterr);

    folder = house.folder;
    if (status >= 0 && !house.folder[0])
        status = tend_fail(
            reterr, TEND_ENOTFOUND,
            "playbook new: there is no workspace here or above, and no folder playbooks; make one with tend init, or name "
            "one with -C FOLDER");
    if (status >= 0 && !house.here.workspace[0])
        (void)snprintf(house.folders, sizeof house.folders, "%s", folder);
    if (status >= 0)
        status = tend_playbook_new(folder, house.here.workspace[0] != '\0', pack ? pack : "own", name, house.folders, tell_file,
                                   session, reterr);
    lead = tend_session_short(session, folder);
    lead = strcmp(lead, folder) == 0 && strcmp(folder, session->cwd) == 0 ? "." : lead;
    if (status >= 0)
        fprintf(session->out,
                "%s: a playbook of your own; it works as it is\n"
                "  next: tend playbook test %s%splaybooks/%s/%s_test.lua\n"
                "  then: change the two files, docs/playbooks.md says what they can do; tend playbook check and graph look at a "
                "script\n",
                name, strcmp(lead, ".") == 0 ? "" : lead, strcmp(lead, ".") == 0 ? "" : "/", pack ? pack : "own", name);
    if (status >= 0 && house.here.workspace[0])
        fprintf(session->out,
                "  at last: enabled = yes in tend.d/playbook-%s.ini, and tend once --dry-run shows what it would do\n", name);
    close_house(&house);
    return status;
}

/* ---- diff -------------------------------------------------------------------------------------------------------------- */

static tend_status show_difference(void *self, const tend_difference *difference, tend_error *reterr)
{
    tend_session *session = self;

    return session->result->row(session->result,
                                (tend_value[]){ tend_value_of(difference->part), tend_value_of(difference->what),
                                                tend_value_of(difference->name), tend_value_of(difference->was),
                                                tend_value_of(difference->now),
                                                difference->line > 0 ? tend_value_int(difference->line) : tend_value_none() },
                                reterr);
}

/* The runs at work, and which of them could go on with `now`. */
static tend_status show_runs(tend_session *session, tend_workspace *workspace, tend_version *now, tend_error *reterr)
{
    static const tend_heading headings[] = { { "run", NULL, TEND_INT, false },      { "about", NULL, TEND_TEXT, false },
                                             { "state", NULL, TEND_TEXT, false },   { "waits_for", "waits for", TEND_TEXT, true },
                                             { "version", NULL, TEND_TEXT, false }, { "fits", NULL, TEND_BOOL, false },
                                             { "why", "why not", TEND_TEXT, true } };
    tend_world world = tend_world_live(tend_workspace_model(workspace));
    tend_store *store = tend_workspace_store(workspace);
    tend_result *result = session->result;
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_cli_section(session, "runs", "Runs at work", headings, 7, false, reterr);

    if (status >= 0)
        status = tend_store_prepare(
            store,
            "SELECT r.id, r.kind, r.row, r.state, w.step, substr(b.hash, 1, 12) FROM runs r LEFT JOIN waits w ON "
            "w.run = r.id LEFT JOIN bundles b ON b.id = r.bundle WHERE r.playbook = ?1 AND r.state IN "
            "('running', 'waiting', 'held') ORDER BY r.id",
            &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, tend_version_name(now));
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        int64_t run = tend_statement_int(statement, 0);
        const char *why = NULL;

        status = tend_version_fits(now, store, run, session->arena, &why, reterr);
        if (status >= 0)
            status = result->row(result,
                                 (tend_value[]){ tend_value_int(run),
                                                 tend_value_of(tend_row_name(&world, (tend_kind)tend_statement_int(statement, 1),
                                                                             tend_statement_int(statement, 2), session->arena)),
                                                 tend_value_of(tend_statement_text(statement, 3, NULL)),
                                                 tend_value_of(tend_statement_text(statement, 4, NULL)),
                                                 tend_value_of(tend_statement_text(statement, 5, NULL)), tend_value_bool(!why),
                                                 tend_value_of(why) },
                                 reterr);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* The two that are compared: files, or a playbook's file and what the store has. */
static tend_status read_versions(tend_session *session, script_house *house, tend_workspace *workspace, tend_version **ret_was,
                                 tend_version **ret_now, tend_error *reterr)
{
    const char *against = tend_session_option(session, "against");
    const char *last = session->words[session->word_count - 1];
    char path[PATH_MAX];
    tend_status status = find_script(session, house, last, path, reterr);

    if (status >= 0)
        status = tend_version_read(path, house->folders, house->here.config, house->here.schema, NULL, ret_now, reterr);
    if (status < 0)
        return status;
    if (session->word_count == 2) {
        status = find_script(session, house, session->words[0], path, reterr);
        return status < 0 ? status
                          : tend_version_read(path, house->folders, house->here.config, house->here.schema, NULL, ret_was, reterr);
    }
    if (!workspace)
        return tend_fail(reterr, TEND_ENOTFOUND,
                         "playbook diff: there is no workspace here or above to compare with; name two files");
    return tend_version_stored(tend_workspace_store(workspace), tend_version_name(*ret_now), against ? against : "",
                               house->here.schema, NULL, ret_was, reterr);
}

tend_status tend_cli_playbook_diff(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = { { "part", NULL, TEND_TEXT, false }, { "what", NULL, TEND_TEXT, false },
                                             { "name", NULL, TEND_TEXT, true },  { "was", NULL, TEND_TEXT, true },
                                             { "now", NULL, TEND_TEXT, true },   { "line", NULL, TEND_INT, true } };
    tend_result *result = NULL;
    tend_version *was = NULL, *now = NULL;
    tend_workspace *workspace = NULL;
    script_house house;
    size_t count = 0;
    tend_status status = open_house(session, false, &house, reterr);

    if (status >= 0 && !(result = tend_session_result(session)))
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (status >= 0 && session->word_count == 2 && tend_session_option(session, "against"))
        status = tend_fail(reterr, TEND_EINVAL, "--against: is for one playbook; of two files the first is what was");
    if (status >= 0 && house.here.workspace[0]) {
        status = tend_workspace_open(house.here.workspace, TEND_STORE_READ, session->clock, session->err, &workspace, reterr);
        if (status < 0 && session->word_count == 2) /* two files need no store */
            status = TEND_OK;
    }
    if (status >= 0)
        status = read_versions(session, &house, workspace, &was, &now, reterr);
    if (status >= 0)
        status = tend_cli_section(session, "differences", "Differences", headings, 6, false, reterr);
    if (status >= 0)
        status = tend_version_compare(was, now, show_difference, session, &count, reterr);
    if (status >= 0 && count == 0)
        status = result->note(result, "nothing that a run would meet has changed", reterr);
    if (status >= 0 && workspace && tend_store_has_table(tend_workspace_store(workspace), "runs"))
        status = show_runs(session, workspace, now, reterr);
    if (status >= 0 && count > 0)
        session->exit_code = 1;
    tend_version_close(was);
    tend_version_close(now);
    tend_workspace_close(workspace);
    close_house(&house);
    return status;
}

tend_status tend_cli_playbook_types(tend_session *session, tend_error *reterr)
{
    script_house house;
    tend_status status = open_house(session, false, &house, reterr);

    if (status >= 0)
        tend_types_write(house.here.schema, session->out);
    close_house(&house);
    return status;
}
