/* commands_sync.c: the configured sources, and mappings for files that have none yet. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/ending.h"
#include "engine/data.h"
#include "engine/sources.h"
#include "sync/owed.h"
#include "sync/propose.h"
#include "sync/source.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTES_SHOWN 20

static tend_status folders_of(tend_session *session, tend_import_options *ret_options, tend_error *reterr)
{
    char *spool = tend_arena_take(session->arena, 4096), *rejects = tend_arena_take(session->arena, 4096);
    tend_status status;

    if (!spool || !rejects)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the names of folders");
    status = tend_workspace_subfolder(session->workspace, "spool", spool, 4096, reterr);
    if (status >= 0 && !session->is_dry_run)
        status = tend_workspace_subfolder(session->workspace, "rejects", rejects, 4096, reterr);
    *ret_options = (tend_import_options){ .spool_folder = spool,
                                          .reject_folder = session->is_dry_run ? NULL : rejects,
                                          .principal = &session->principal };
    return status;
}

/* What is to be done about it; NULL: nothing. */
static const char *what_to_do(tend_session *session, const char *name, const tend_import_report *report)
{
    tend_sync_state state;
    tend_error ignored;

    if (report->faults == 0)
        return report->rejected > 0 ? tend_arena_print(session->arena, "see tend rejects list %s", name) : NULL;
    return tend_sync_state_get(tend_workspace_store(session->workspace), name, session->arena, &state, &ignored) < 0 ? NULL
                                                                                                                     : state.why;
}

/* One source: what came of it. */
typedef struct synced {
    const char *name;
    const tend_import_report *report; /* NULL: nothing was stored */
    const char *why;
    bool is_good;
} synced;

static tend_status sync_one(tend_session *session, synced *one, tend_error *reterr)
{
    tend_error error = { 0 };
    tend_status status = tend_workspace_sync(session->workspace, one->name, &session->principal,
                                             tend_session_option(session, "anew") != NULL, session->arena, &one->report, &error);

    one->is_good = status >= 0 && one->report->is_stored && one->report->rejected == 0;
    one->why = status < 0 ? tend_arena_string(session->arena, error.text) : what_to_do(session, one->name, one->report);
    return status == TEND_ENOMEM ? tend_fail(reterr, status, "%s", error.text) : TEND_OK;
}

static tend_status show_source(const synced *one, tend_result *result, tend_error *reterr)
{
    static const tend_import_report none = { 0 };
    const tend_import_report *report = one->report ? one->report : &none;

    return result->row(result,
                       (tend_value[]){ tend_value_of(one->name), tend_value_int(report->read), tend_value_int(report->created),
                                       tend_value_int(report->updated - report->removed), tend_value_int(report->removed),
                                       tend_value_int(report->unchanged), tend_value_int(report->rejected),
                                       tend_value_bool(report->is_stored), tend_value_of(one->why) },
                       reterr);
}

static const char *stream_of(const tend_import_report *report, const tend_import_note *note)
{
    return report->parts[note->part].file;
}

static tend_status show_rejects(tend_session *session, const synced *all, size_t count, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "source", NULL, TEND_TEXT, false }, { "stream", NULL, TEND_TEXT, false }, { "line", NULL, TEND_INT, true },
        { "column", NULL, TEND_TEXT, true },  { "value", NULL, TEND_TEXT, true },   { "reason", NULL, TEND_TEXT, false },
    };
    size_t most = session->output == TEND_OUTPUT_TEXT ? NOTES_SHOWN : SIZE_MAX, seen = 0;
    tend_status status = TEND_OK;

    for (size_t s = 0; status >= 0 && s < count; s++) {
        const tend_import_report *report = all[s].report;

        for (size_t i = 0; status >= 0 && report && i < report->note_count; i++) {
            const tend_import_note *note = &report->notes[i];

            if (!note->is_reject)
                continue;
            if (seen == 0)
                status =
                    result->section(result, "rejects", "Rejected", headings, sizeof headings / sizeof *headings, false, reterr);
            if (seen++ < most && status >= 0)
                status = result->row(result,
                                     (tend_value[]){ tend_value_of(all[s].name), tend_value_of(stream_of(report, note)),
                                                     note->line ? tend_value_int((int64_t)note->line) : tend_value_none(),
                                                     tend_value_of(note->column), tend_value_of(note->value),
                                                     tend_value_of(note->reason) },
                                     reterr);
        }
        for (size_t i = 0; status >= 0 && report && !session->is_dry_run && report->rejects && report->rejects[i]; i++)
            status = result->note(result,
                                  tend_arena_print(session->arena,
                                                   strstr(report->rejects[i], ".reasons")
                                                       ? "%s says why, line by line"
                                                       : "%s holds what was rejected: mend it and import it alone",
                                                   tend_session_short(session, report->rejects[i])),
                                  reterr);
    }
    if (status >= 0 && seen > most)
        status = result->note(result, tend_arena_print(session->arena, "%zu of %zu shown", most, seen), reterr);
    return status;
}

/* Remarks of one reason in one line. */
static tend_status show_remarks(tend_session *session, const synced *all, size_t count, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "source", NULL, TEND_TEXT, false }, { "stream", NULL, TEND_TEXT, false }, { "remarks", NULL, TEND_INT, false },
        { "lines", NULL, TEND_TEXT, true },   { "column", NULL, TEND_TEXT, true },  { "value", "first value", TEND_TEXT, true },
        { "reason", NULL, TEND_TEXT, false },
    };
    bool has_section = false;
    tend_status status = TEND_OK;

    for (size_t s = 0; status >= 0 && s < count; s++) {
        const tend_import_remark *remarks = NULL;
        size_t remark_count = 0;
        int64_t left = 0;

        if (all[s].report && tend_import_remarks(all[s].report, NOTES_SHOWN, session->arena, &remarks, &remark_count, &left) < 0)
            return tend_fail(reterr, TEND_ENOMEM, "no memory for the remarks");
        if (remark_count > 0 && !has_section)
            status = result->section(result, "remarks", "Remarks", headings, sizeof headings / sizeof *headings, false, reterr);
        has_section = has_section || remark_count > 0;
        for (size_t i = 0; status >= 0 && i < remark_count; i++)
            status =
                result->row(result,
                            (tend_value[]){ tend_value_of(all[s].name), tend_value_of(all[s].report->parts[remarks[i].part].file),
                                            tend_value_int(remarks[i].count),
                                            *remarks[i].lines ? tend_value_of(remarks[i].lines) : tend_value_none(),
                                            tend_value_of(remarks[i].column), tend_value_of(remarks[i].value),
                                            tend_value_of(remarks[i].reason) },
                            reterr);
        if (status >= 0 && left > 0)
            status = result->note(result, tend_arena_print(session->arena, "%lld more remarks", (long long)left), reterr);
    }
    return status;
}

static tend_status show_sources(tend_session *session, const synced *all, size_t count, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "source", NULL, TEND_TEXT, false },  { "read", NULL, TEND_INT, false },    { "created", NULL, TEND_INT, false },
        { "updated", NULL, TEND_INT, false },  { "removed", NULL, TEND_INT, false }, { "unchanged", NULL, TEND_INT, false },
        { "rejected", NULL, TEND_INT, false }, { "stored", NULL, TEND_BOOL, false }, { "why", NULL, TEND_TEXT, true },
    };
    tend_result *result = tend_session_result(session);
    tend_status status =
        result ? result->section(result, "sources", "Sources", headings, sizeof headings / sizeof *headings, false, reterr)
               : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    for (size_t i = 0; status >= 0 && i < count; i++) {
        session->exit_code = session->exit_code || !all[i].is_good;
        status = show_source(&all[i], result, reterr);
    }
    for (size_t i = 0; status >= 0 && i < count; i++)
        if (all[i].report && all[i].report->is_resumed)
            status = result->note(result,
                                  tend_arena_print(session->arena,
                                                   "%s: what an earlier pull had read before it was cut off is counted, too",
                                                   all[i].name),
                                  reterr);
    if (status >= 0)
        status = show_rejects(session, all, count, result, reterr);
    return status < 0 ? status : show_remarks(session, all, count, result, reterr);
}

/* All enabled sources, or those that are named; one that fails does not stop the others. */
tend_status tend_cli_sync(tend_session *session, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(session->workspace);
    size_t count = 0, asked = 0, room = (size_t)session->word_count;
    synced *all;
    const char *name;
    tend_status status = TEND_OK;

    for (int i = 0; i < session->word_count; i++)
        if (!tend_sync_is_source(config, session->words[i]))
            return tend_fail(reterr, TEND_ENOTFOUND, "source %s: is not configured; add a section [source.%s]", session->words[i],
                             session->words[i]);
    if (session->word_count == 0 && !tend_sync_source(config, 0))
        return tend_fail(reterr, TEND_ENOTFOUND, "tend sync: no source is configured; add a section [source.NAME] to tend.ini");
    if (session->word_count == 0 && tend_session_option(session, "anew"))
        return tend_fail(reterr, TEND_EINVAL, "tend sync: --anew reads sources from their beginning; name them");
    while (session->word_count == 0 && tend_sync_source(config, room))
        room++;
    all = tend_arena_take(session->arena, (room + 1) * sizeof *all);
    if (!all)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    for (int i = 0; i < session->word_count; i++)
        all[count++] = (synced){ .name = session->words[i] };
    for (size_t i = 0; session->word_count == 0 && (name = tend_sync_source(config, i)); i++)
        if (tend_config_bool(config, "source", name, "enabled"))
            all[count++] = (synced){ .name = name };
    tend_ending_begin(session);
    for (size_t i = 0; status >= 0 && i < count && (i == 0 || !tend_ending_is_asked()); i++) {
        status = sync_one(session, &all[i], reterr);
        asked = i + 1;
    }
    tend_ending_end(session);
    if (asked < count)
        fprintf(session->err, "tend sync: told to end; %s and what comes behind it was not read\n", all[asked].name);
    count = asked;
    return status < 0 ? status : show_sources(session, all, count, reterr);
}

tend_status tend_cli_rejects_list(tend_session *session, tend_error *reterr)
{
    tend_result *result = tend_session_result(session);
    const char *source = session->word_count > 0 ? session->words[0] : NULL;
    tend_query query;
    int64_t limit;
    tend_status status = tend_session_number(session, "limit", 50, &limit, reterr);

    if (status >= 0)
        status = tend_cli_query(session, &query, reterr);
    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status < 0 ? status : tend_query_rejects(&query, source, limit, result, reterr);
}

tend_status tend_cli_rejects_drop(tend_session *session, tend_error *reterr)
{
    tend_result *result = tend_session_result(session);
    int64_t dropped = 0;
    tend_status status = tend_access_may(&session->principal, TEND_VERB_ADMINISTER, TEND_KIND_NONE, 0, reterr);

    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    for (int i = session->word_count > 1 ? 1 : 0; status >= 0 && i < session->word_count; i++) {
        int64_t count = 0;

        status = tend_owed_drop(tend_workspace_model(session->workspace), session->words[0], i > 0 ? session->words[i] : NULL,
                                &count, reterr);
        dropped += count;
    }
    if (status < 0)
        return status;
    return result->note(result,
                        tend_arena_print(session->arena, "%lld rejected %s of %s will not be asked for any more.",
                                         (long long)dropped, dropped == 1 ? "record" : "records", session->words[0]),
                        reterr);
}

static int is_mapping(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".ini") == 0;
}

/* One that cannot be read is in the list, too, with its first fault. */
static tend_status list_one(tend_session *session, const char *path, const char *where, tend_result *result, tend_error *reterr)
{
    tend_buffer streams = { 0 };
    tend_mapping *mapping = NULL;
    tend_error fault = { 0 };
    const char *name = strrchr(path, '/') + 1;
    tend_status status = tend_mapping_load(path, tend_workspace_schema(session->workspace), NULL, &mapping, &fault);

    for (size_t i = 0; status >= 0 && i < mapping->stream_count; i++) {
        const tend_mapping_stream *stream = &mapping->streams[i];

        tend_buffer_print(&streams, "%s%s", i > 0 ? ", " : "", stream->name);
    }
    name = tend_arena_copy(session->arena, name, strlen(name) - 4);
    status = result->row(
        result,
        (tend_value[]){ tend_value_of(name), tend_value_of(mapping ? tend_arena_string(session->arena, mapping->source) : NULL),
                        tend_value_of(where),
                        tend_value_of(mapping ? tend_arena_string(session->arena, tend_buffer_string(&streams)) : NULL),
                        tend_value_of(status < 0 ? tend_arena_string(session->arena, fault.text) : NULL) },
        reterr);
    tend_buffer_clear(&streams);
    tend_mapping_free(mapping);
    return status;
}

static tend_status list_folder(tend_session *session, const char *folder, const char *where, tend_result *result,
                               tend_error *reterr)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_mapping, alphasort);
    tend_status status = TEND_OK;

    for (int i = 0; i < count; i++) {
        const char *path = tend_arena_print(session->arena, "%s/%s", folder, entries[i]->d_name);

        if (status >= 0)
            status =
                path ? list_one(session, path, where, result, reterr) : tend_fail(reterr, TEND_ENOMEM, "no memory for the list");
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* In the order in which `--mapping NAME` looks for them. */
tend_status tend_cli_mapping_list(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "name", NULL, TEND_TEXT, false },   { "source", NULL, TEND_TEXT, true }, { "from", NULL, TEND_TEXT, false },
        { "streams", NULL, TEND_TEXT, true }, { "fault", NULL, TEND_TEXT, true },
    };
    tend_result *result = tend_session_result(session);
    char folder[4096];
    tend_status status;

    if (!result)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    status = result->section(result, "mappings", "Mappings", headings, sizeof headings / sizeof *headings, false, reterr);
    if (status >= 0)
        status = tend_path_join(tend_workspace_folder(session->workspace), "mappings", folder, sizeof folder, reterr);
    if (status >= 0)
        status = list_folder(session, folder, "workspace", result, reterr);
    if (status >= 0 && tend_data_path("mappings", folder, sizeof folder, NULL) == TEND_OK)
        status = list_folder(session, folder, "tend", result, reterr);
    return status;
}

/* The proposal tried on a private copy; what came of it goes to standard error, for the mapping itself goes to standard output. */
static tend_status try_mapping(tend_session *session, const char *text, const char *const *files, tend_error *reterr)
{
    static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };
    const tend_import_report *report;
    tend_import_options options;
    tend_workspace *copy = NULL;
    tend_mapping *mapping = NULL;
    tend_plugins *plugins;
    char path[4200];
    tend_status status = folders_of(session, &options, reterr);

    if (status < 0)
        return status;
    options.reject_folder = NULL;
    (void)snprintf(path, sizeof path, "%s/dry-run-%ld-mapping.db", options.spool_folder, (long)getpid());
    status = tend_workspace_open_copy(session->workspace, path, session->clock, &copy, reterr);
    if (status >= 0)
        status = tend_mapping_load_text("proposed mapping", text, strlen(text), tend_workspace_schema(copy), session->err, &mapping,
                                        reterr);
    if (status >= 0)
        status = tend_workspace_plugins(copy, &plugins, reterr);
    if (status >= 0)
        status = tend_import(tend_workspace_model(copy), plugins, mapping, files, (size_t)session->word_count, &options,
                             session->arena, &report, reterr);
    if (status >= 0) {
        fprintf(session->err, "\ntried on a private copy:\n\n");
        status = tend_import_report_text(report, session->arena, session->err);
    }
    tend_mapping_free(mapping);
    tend_workspace_close(copy);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char name[4300];

        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    return status;
}

tend_status tend_cli_mapping_new(tend_session *session, tend_error *reterr)
{
    const char **files = tend_arena_take(session->arena, (size_t)session->word_count * sizeof *files);
    const char *text = NULL;
    tend_plugins *plugins;
    tend_status status;

    if (!files)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the names of the files");
    for (int i = 0; i < session->word_count; i++)
        files[i] = tend_session_path(session, session->words[i]);
    status = tend_workspace_plugins(session->workspace, &plugins, reterr);
    if (status >= 0)
        status = tend_mapping_propose(tend_workspace_schema(session->workspace), plugins, files, (size_t)session->word_count,
                                      tend_session_option(session, "source"),
                                      tend_config_text(tend_workspace_config(session->workspace), "tend", NULL, "currency"),
                                      session->arena, &text, reterr);
    if (status < 0)
        return status;
    fputs(text, session->out);
    return try_mapping(session, text, files, reterr);
}
