/* commands_admin.c: init, config, backup, restore, man page, completion: what administrators do. */
#include "base/buffer.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "engine/backup.h"
#include "engine/init.h"
#include <stdlib.h>
#include <string.h>

/* As it can be typed at a shell. */
static const char *in_quotes(tend_session *session, const char *path)
{
    tend_buffer text = { 0 };
    const char *copy;

    if (path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._+-")] == '\0')
        return path;
    tend_buffer_byte(&text, '\'');
    for (; *path; path++)
        if (*path == '\'')
            tend_buffer_text(&text, "'\\''");
        else
            tend_buffer_byte(&text, *path);
    tend_buffer_byte(&text, '\'');
    copy = text.failed ? NULL : tend_arena_string(session->arena, tend_buffer_string(&text));
    tend_buffer_clear(&text);
    return copy ? copy : "FOLDER";
}

tend_status tend_cli_init(tend_session *session, tend_error *reterr)
{
    tend_init_options options = { .name = tend_session_option(session, "name"),
                                  .zone = tend_session_option(session, "zone"),
                                  .currency = tend_session_option(session, "currency"),
                                  .with_sample = tend_session_option(session, "sample") != NULL,
                                  .is_simulated = tend_session_option(session, "simulated") != NULL,
                                  .starts_on = TEND_NO_DATE };
    const char *anchor = tend_session_option(session, "anchor");
    const char *wanted = session->workspace_wanted ? session->workspace_wanted : getenv("TEND_WORKSPACE");
    const char *folder = wanted && *wanted ? tend_session_path(session, wanted) : session->cwd;
    const char *typed = in_quotes(session, folder);
    bool had_settings = false;
    tend_status status = tend_session_date(session, anchor ? anchor : "today", &options.anchor, reterr);

    if (status >= 0 && anchor)
        options.starts_on = options.anchor;
    if (status >= 0)
        status = tend_init(folder, &options, session->clock, session->err, &had_settings, reterr);
    if (status < 0)
        return status;
    if (options.is_simulated)
        fprintf(session->out,
                "%s: a simulated workspace, with an empty store and a clock of its own; tend simulate --until DATE moves it, and "
                "nothing ever leaves\n",
                folder);
    else
        fprintf(session->out, "%s: %s\n", folder,
                had_settings ? "an empty store, for the tend.ini that is there" : "a workspace, with an empty store");
    if (options.with_sample)
        fprintf(session->out,
                "  the files of the sample company are in %s/sample; next: tend -C %s import --mapping sample %s/sample\n", folder,
                typed, typed);
    else
        fprintf(session->out, "  next: tend -C %s mapping new FILE.csv, or tend -C %s import --mapping NAME FILE.csv\n", typed,
                typed);
    return TEND_OK;
}

tend_status tend_cli_config_check(tend_session *session, tend_error *reterr)
{
    tend_config *config = NULL;
    tend_error ignored;
    char folder[4096];
    tend_status status = tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, reterr);

    if (status >= 0)
        status = tend_workspace_check(folder, session->clock, session->err, reterr);
    if (status >= 0 && !session->language && tend_config_load_folder(folder, tend_all_sections, NULL, &config, &ignored) >= 0)
        session->language = tend_arena_string(session->arena, tend_config_text(config, "tend", NULL, "language"));
    tend_config_free(config);
    if (status >= 0)
        tend_cli_tell(session, "%s: the configuration is understood", folder);
    return status;
}

tend_status tend_cli_config_show(tend_session *session, tend_error *reterr)
{
    tend_config *config = NULL;
    char folder[4096];
    tend_status status = tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, reterr);

    if (status >= 0)
        status = tend_config_load_folder(folder, tend_all_sections, session->err, &config, reterr);
    if (status >= 0)
        tend_config_show(config, session->out);
    tend_config_free(config);
    return status;
}

tend_status tend_cli_config_template(tend_session *session, tend_error *reterr)
{
    (void)reterr;
    tend_config_template(tend_all_sections, session->out);
    return TEND_OK;
}

tend_status tend_cli_help(tend_session *session, tend_error *reterr)
{
    const tend_command *command;
    int used = 0;

    if (session->word_count == 0) {
        tend_help(session->out);
        return TEND_OK;
    }
    command = tend_command_find(session->words, session->word_count, &used);
    if (command)
        tend_help_command(session->out, command);
    else if (!tend_help_group(session->words[0], session->out))
        return tend_fail(reterr, TEND_EINVAL, "tend help: '%s' is not a command; see tend help", session->words[0]);
    return TEND_OK;
}

tend_status tend_cli_version(tend_session *session, tend_error *reterr)
{
    (void)reterr;
    fprintf(session->out, "tend %s\n", TEND_VERSION);
    return TEND_OK;
}

tend_status tend_cli_man(tend_session *session, tend_error *reterr)
{
    (void)reterr;
    tend_help_man(session->out);
    return TEND_OK;
}

tend_status tend_cli_completion(tend_session *session, tend_error *reterr)
{
    return tend_help_completion(session->out, session->words[0], reterr);
}

static tend_status tell_copy(tend_session *session, const char *path, const tend_backup_report *report, tend_error *reterr)
{
    static const tend_heading headings[] = { { "file", NULL, TEND_TEXT, false },
                                             { "tables", NULL, TEND_INT, false },
                                             { "rows", NULL, TEND_INT, false },
                                             { "bytes", NULL, TEND_INT, false },
                                             { "integrity", NULL, TEND_TEXT, false } };
    tend_result *result = tend_session_result(session);
    tend_status status;

    if (!result)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    status = result->section(result, "", "Copied and checked", headings, 5, true, reterr);
    return status < 0
               ? status
               : result->row(result,
                             (tend_value[]){ tend_value_of(path), tend_value_int(report->tables), tend_value_int(report->rows),
                                             tend_value_int(report->bytes), tend_value_of("ok") },
                             reterr);
}

tend_status tend_cli_backup(tend_session *session, tend_error *reterr)
{
    const char *path = tend_session_path(session, session->words[0]);
    tend_backup_report report;
    tend_store *store = NULL;
    char folder[4096];
    unsigned faults = 0;
    tend_status status = tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, reterr);

    if (status >= 0)
        status = tend_backup_open(folder, session->err, &faults, &store, reterr);
    if (status >= 0 && faults > 0)
        fprintf(session->err, "%s: the configuration has %u fault%s, and %s is backed up all the same; see tend config check\n",
                folder, faults, faults == 1 ? "" : "s", tend_store_path(store));
    if (status >= 0)
        status = tend_backup(store, path, &report, reterr);
    tend_store_close(store);
    return status < 0 ? status : tell_copy(session, path, &report, reterr);
}

/* What a restore needs is less than what `tend init` makes: a tend.ini, and no store. */
static tend_status find_empty(tend_session *session, char *ret_folder, size_t room, tend_error *reterr)
{
    const char *wanted = session->workspace_wanted ? session->workspace_wanted : getenv("TEND_WORKSPACE");
    const char *folder = wanted && *wanted ? wanted : ".";
    tend_status status = tend_workspace_find(session->workspace_wanted, session->cwd, ret_folder, room, reterr);

    if (status != TEND_ENOTFOUND)
        return status;
    return tend_fail(reterr, status,
                     "%s: no tend.ini here, and a restore needs just that: copy the one of the old workspace, or write a new one; "
                     "mkdir -p %s && tend config template > %s/tend.ini && tend -C %s restore %s",
                     folder, folder, folder, folder, session->words[0]);
}

tend_status tend_cli_restore(tend_session *session, tend_error *reterr)
{
    tend_config *config = NULL;
    tend_backup_report report;
    char folder[4096];
    const char *store;
    tend_status status = find_empty(session, folder, sizeof folder, reterr);

    if (status >= 0)
        status = tend_config_load_folder(folder, tend_all_sections, session->err, &config, reterr);
    if (status < 0)
        return status;
    store = tend_config_path(config, "store", NULL, "path");
    status = tend_restore(tend_session_path(session, session->words[0]), store, &report, reterr);
    if (status >= 0)
        status = tell_copy(session, store, &report, reterr);
    tend_config_free(config);
    return status;
}
