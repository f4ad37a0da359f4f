/* commands_import.c: files into the model. */
#include "cli/commands.h"
#include "cli/ending.h"
#include "sync/files.h"
#include "sync/import.h"
#include "sync/owed.h"
#include "sync/source.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REASONS_SHOWN 20

/* Progress on a terminal only, on one line. */
static void progress(void *self, const char *doing, int64_t done, int64_t of)
{
    tend_session *session = self;

    if (of > 0)
        fprintf(session->err, "\r%s %lld of %lld   ", doing, (long long)done, (long long)of);
    else
        fprintf(session->err, "\r%s %lld   ", doing, (long long)done);
    if (of > 0 && done >= of)
        fputc('\n', session->err);
}

/* What was made of good records; none when nothing was stored. */
static tend_value outcome(const tend_import_report *report, int64_t count)
{
    return report->is_stored ? tend_value_int(count) : tend_value_none();
}

static tend_status show_parts(const tend_session *session, const tend_import_report *report, tend_result *result,
                              tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "file", NULL, TEND_TEXT, false },  { "stream", NULL, TEND_TEXT, false },  { "kind", NULL, TEND_TEXT, false },
        { "read", NULL, TEND_INT, false },   { "good", NULL, TEND_INT, false },     { "created", NULL, TEND_INT, true },
        { "updated", NULL, TEND_INT, true }, { "unchanged", NULL, TEND_INT, true }, { "rejected", NULL, TEND_INT, false },
    };
    tend_status status = result->section(result, "files", "By file", headings, sizeof headings / sizeof *headings, false, reterr);

    for (size_t i = 0; status >= 0 && i < report->part_count; i++) {
        const tend_import_part *part = &report->parts[i];

        status = result->row(result,
                             (tend_value[]){ tend_value_of(tend_session_short(session, part->file)), tend_value_of(part->stream),
                                             tend_value_of(part->kind), tend_value_int(part->read),
                                             tend_value_int(part->read - part->rejected), outcome(report, part->created),
                                             outcome(report, part->updated), outcome(report, part->unchanged),
                                             tend_value_int(part->rejected) },
                             reterr);
    }
    return status;
}

static tend_status show_notes(tend_session *session, const tend_import_report *report, bool is_reject, int64_t limit,
                              tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "file", NULL, TEND_TEXT, false }, { "line", NULL, TEND_INT, true },     { "column", NULL, TEND_TEXT, true },
        { "value", NULL, TEND_TEXT, true }, { "reason", NULL, TEND_TEXT, false },
    };
    int64_t shown = 0, all = 0;
    tend_status status =
        result->section(result, is_reject ? "rejects" : "remarks", is_reject ? "Rejected" : "Remarks", headings, 5, false, reterr);

    for (size_t i = 0; status >= 0 && i < report->note_count; i++) {
        const tend_import_note *note = &report->notes[i];

        if (note->is_reject != is_reject)
            continue;
        if (++all > limit)
            continue;
        shown++;
        status = result->row(result,
                             (tend_value[]){ tend_value_of(tend_session_short(session, report->parts[note->part].file)),
                                             note->line ? tend_value_int((int64_t)note->line) : tend_value_none(),
                                             tend_value_of(note->column), tend_value_of(note->value), tend_value_of(note->reason) },
                             reterr);
    }
    if (status >= 0 && all > shown) {
        char text[160];

        (void)snprintf(text, sizeof text, "%lld of %lld shown; --notes 0 shows all", (long long)shown, (long long)all);
        status = result->note(result, text, reterr);
    }
    return status;
}

/* For people: remarks of one reason in one line. */
static tend_status show_remarks(tend_session *session, const tend_import_report *report, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "file", NULL, TEND_TEXT, false },  { "remarks", NULL, TEND_INT, false },        { "lines", NULL, TEND_TEXT, true },
        { "column", NULL, TEND_TEXT, true }, { "value", "first value", TEND_TEXT, true }, { "reason", NULL, TEND_TEXT, false },
    };
    const tend_import_remark *remarks;
    size_t count;
    int64_t left = 0, all = 0;
    char text[160];
    tend_status status = tend_import_remarks(report, REASONS_SHOWN, session->arena, &remarks, &count, &left);

    if (status < 0)
        return tend_fail(reterr, status, "no memory for the remarks");
    status = result->section(result, "remarks", "Remarks", headings, sizeof headings / sizeof *headings, false, reterr);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        all += remarks[i].count;
        status = result->row(result,
                             (tend_value[]){ tend_value_of(tend_session_short(session, report->parts[remarks[i].part].file)),
                                             tend_value_int(remarks[i].count),
                                             *remarks[i].lines ? tend_value_of(remarks[i].lines) : tend_value_none(),
                                             tend_value_of(remarks[i].column), tend_value_of(remarks[i].value),
                                             tend_value_of(remarks[i].reason) },
                             reterr);
    }
    if (status < 0 || all + left == (int64_t)count)
        return status;
    (void)snprintf(text, sizeof text, "%lld remarks in all; --notes 0 shows them one by one", (long long)(all + left));
    return result->note(result, text, reterr);
}

static bool has_notes(const tend_import_report *report, bool is_reject)
{
    for (size_t i = 0; i < report->note_count; i++)
        if (report->notes[i].is_reject == is_reject)
            return true;
    return false;
}

/* What playbooks would have started had it not been the past: the events of the batch are decided now, and counted. */
static tend_status count_suppressed(tend_session *session, const tend_import_report *report, int64_t *ret_suppressed,
                                    tend_error *reterr)
{
    char sql[160];
    tend_playbooks *playbooks;
    const tend_rates *rates;
    bool more = true;
    tend_status status = tend_workspace_rates(session->workspace, &rates, reterr);

    if (status >= 0)
        status = tend_workspace_playbooks(session->workspace, &playbooks, reterr);
    while (status >= 0 && more)
        status = tend_playbooks_step(playbooks, &more, reterr);
    (void)snprintf(sql, sizeof sql, "SELECT sum(n) FROM decision_counts WHERE what = 'suppressed' AND batch = %lld",
                   (long long)report->batch);
    return status < 0 ? status : tend_store_number(tend_workspace_store(session->workspace), sql, 0, ret_suppressed, reterr);
}

static tend_status show_report(tend_session *session, const tend_import_report *report, tend_error *reterr)
{
    static const tend_heading totals[] = {
        { "mapping", NULL, TEND_TEXT, false },
        { "source", NULL, TEND_TEXT, false },
        { "read", NULL, TEND_INT, false },
        { "good", NULL, TEND_INT, false },
        { "created", NULL, TEND_INT, true },
        { "updated", NULL, TEND_INT, true },
        { "unchanged", NULL, TEND_INT, true },
        { "rejected", NULL, TEND_INT, false },
        { "stored", NULL, TEND_BOOL, false },
        { "resumed", NULL, TEND_BOOL, false },
        { "stubs", "rows made by name alone", TEND_INT, true },
        { "events", NULL, TEND_INT, false },
        { "batch", NULL, TEND_INT, false },
        { "suppressed", "triggers held back (history)", TEND_INT, false },
        { "dry_run", "dry run", TEND_BOOL, false },
    };
    tend_result *result = tend_session_result(session);
    bool is_history = tend_session_option(session, "history") != NULL && report->batch != 0;
    bool is_counted = session->output == TEND_OUTPUT_TEXT && !tend_session_option(session, "notes");
    int64_t limit, suppressed = 0;
    tend_status status = tend_session_number(session, "notes", session->output == TEND_OUTPUT_TEXT ? 20 : 0, &limit, reterr);

    if (status < 0 || !result)
        return status < 0 ? status : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (limit == 0)
        limit = INT64_MAX;
    if (is_history)
        status = count_suppressed(session, report, &suppressed, reterr);
    if (status < 0)
        return status;
    status = result->section(result, "",
                             session->is_dry_run                       ? "Tried on a private copy; nothing was stored"
                             : report->is_stored && report->batch == 0 ? "Nothing new: nothing was written"
                             : report->is_stored                       ? "Stored"
                                                                       : "Nothing was stored",
                             totals, sizeof totals / sizeof *totals, true, reterr);
    if (status >= 0)
        status = result->row(
            result,
            (tend_value[]){ tend_value_of(report->mapping), tend_value_of(report->source), tend_value_int(report->read),
                            tend_value_int(report->read - report->rejected), outcome(report, report->created),
                            outcome(report, report->updated), outcome(report, report->unchanged), tend_value_int(report->rejected),
                            tend_value_bool(report->is_stored && !session->is_dry_run),
                            report->is_resumed ? tend_value_bool(true) : tend_value_none(), outcome(report, report->stubs),
                            tend_value_int(report->events), report->batch ? tend_value_int(report->batch) : tend_value_none(),
                            is_history ? tend_value_int(suppressed) : tend_value_none(),
                            session->is_dry_run ? tend_value_bool(true) : tend_value_none() },
            reterr);
    if (status >= 0)
        status = show_parts(session, report, result, reterr);
    if (status >= 0 && has_notes(report, true))
        status = show_notes(session, report, true, limit, result, reterr);
    if (status >= 0 && has_notes(report, false))
        status =
            is_counted ? show_remarks(session, report, result, reterr) : show_notes(session, report, false, limit, result, reterr);
    for (size_t i = 0; status >= 0 && !session->is_dry_run && report->rejects && report->rejects[i]; i++)
        status = result->note(result,
                              tend_arena_print(session->arena,
                                               strstr(report->rejects[i], ".reasons")
                                                   ? "%s says why, line by line"
                                                   : "%s holds what was rejected: mend it and import it alone",
                                               tend_session_short(session, report->rejects[i])),
                              reterr);
    if (status >= 0 && !report->is_stored && report->rejected > 0)
        status = result->note(
            result, "Because of the rejected records nothing was stored; mend them, or write --keep-good to store the others.",
            reterr);
    session->exit_code = report->rejected > 0;
    return status;
}

static tend_status options_of(tend_session *session, tend_import_options *ret_options, tend_error *reterr)
{
    char *spool = tend_arena_take(session->arena, 4096), *rejects = tend_arena_take(session->arena, 4096);
    tend_status status;

    if (!spool || !rejects)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the import");
    status = tend_workspace_subfolder(session->workspace, "spool", spool, 4096, reterr);
    if (status >= 0 && !session->is_dry_run)
        status = tend_workspace_subfolder(session->workspace, "rejects", rejects, 4096, reterr);
    *ret_options = (tend_import_options){ .spool_folder = spool,
                                          .reject_folder = session->is_dry_run ? NULL : rejects,
                                          .principal = &session->principal,
                                          .keeps_good = tend_session_option(session, "keep-good") != NULL,
                                          .is_history = tend_session_option(session, "history") != NULL,
                                          .progress = session->out_is_terminal ? progress : NULL,
                                          .self = session,
                                          .attend = tend_workspace_attend,
                                          .attend_self = session->workspace };
    return status;
}

static void say_left(void *self, const char *path)
{
    const tend_session *session = self;

    fprintf(session->err, "%s: left aside; no stream of the mapping reads a file of this name\n", path);
}

/* Mended files of a source need not be told apart by hand: its rejects are known. NULL: they are of no source, or of several. */
static tend_status find_source(tend_session *session, const char *const *files, const char **ret_source, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(session->workspace);
    char rejects[4096], real[4096], folder[4096];
    const char *source = NULL;
    tend_status status = tend_workspace_subfolder(session->workspace, "rejects", rejects, sizeof rejects, reterr);

    *ret_source = NULL;
    if (status < 0 || !realpath(rejects, real))
        return status;
    for (int i = 0; i < session->word_count; i++) {
        const char *slash = strrchr(files[i], '/'), *one = NULL;
        char its[4096];

        if (!slash || (size_t)(slash - files[i]) >= sizeof folder)
            return TEND_OK;
        (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - files[i]), files[i]);
        if (!realpath(folder, its) || strcmp(its, real) != 0)
            return TEND_OK;
        status = tend_owed_source(tend_workspace_store(session->workspace), slash + 1, session->arena, &one, reterr);
        if (status < 0 || !one || !tend_sync_is_source(config, one) || (source && strcmp(source, one) != 0))
            return status;
        source = one;
    }
    *ret_source = source;
    return TEND_OK;
}

tend_status tend_cli_import(tend_session *session, tend_error *reterr)
{
    const char *name = tend_session_option(session, "mapping"), *source = tend_session_option(session, "source");
    const char **names = tend_arena_take(session->arena, (size_t)session->word_count * sizeof *names);
    const char *const *files = NULL;
    size_t file_count = 0;
    const tend_import_report *report;
    tend_import_options options;
    tend_mapping *mapping = NULL;
    tend_plugins *plugins;
    char path[4096];
    bool is_own; /* the mapping is that of the source */
    tend_status status;

    status = tend_session_may_open(session, reterr);
    if (status < 0)
        return status;
    if (source && !tend_sync_is_source(tend_workspace_config(session->workspace), source))
        return tend_fail(reterr, TEND_ENOTFOUND, "tend import: there is no section [source.%s]; tend status lists the sources",
                         source);
    if (!names)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the names of the files");
    for (int i = 0; i < session->word_count; i++)
        names[i] = tend_session_path(session, session->words[i]);
    if (!source) {
        status = find_source(session, names, &source, reterr);
        if (status < 0)
            return status;
        if (source)
            fprintf(session->err, "records that source %s owes: imported as --source %s\n", source, source);
    }
    is_own = source && !name;
    if (is_own)
        name = tend_sync_mapping(tend_workspace_config(session->workspace), source);
    if (!name)
        return tend_fail(reterr, TEND_EINVAL,
                         "tend import: --mapping is missing; name one, or make one with tend mapping new FILE");
    status = tend_workspace_mapping(session->workspace, name, is_own ? tend_workspace_folder(session->workspace) : session->cwd,
                                    path, sizeof path, reterr);
    if (status >= 0)
        status = tend_mapping_load(path, tend_workspace_schema(session->workspace), session->err, &mapping, reterr);
    if (status >= 0)
        status = tend_workspace_plugins(session->workspace, &plugins, reterr);
    if (status >= 0)
        status = options_of(session, &options, reterr);
    if (status >= 0)
        status = tend_import_files(mapping, names, (size_t)session->word_count, session->arena, say_left, session, &files,
                                   &file_count, reterr);
    if (status >= 0)
        options.source = source;
    if (status >= 0 && source)
        options.takes_last = tend_sync_takes_last(tend_workspace_config(session->workspace), source);
    if (status >= 0) {
        tend_ending_begin(session);
        status = tend_import(tend_workspace_model(session->workspace), plugins, mapping, files, file_count, &options,
                             session->arena, &report, reterr);
        tend_ending_end(session);
    }
    if (status >= 0)
        status = show_report(session, report, reterr);
    tend_mapping_free(mapping);
    return status;
}
