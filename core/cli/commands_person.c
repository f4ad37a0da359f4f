/* commands_person.c: account export, account erase: what is kept about an account or a contact, handed over or gone for good. */
#include "base/file.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "engine/erase.h"
#include <stdlib.h>
#include <string.h>

/* "Acme", or "contact 'Jane Doe'". */
static tend_status find_subject(tend_session *session, tend_kind *ret_kind, int64_t *ret_row, tend_error *reterr)
{
    const char *word = session->words[0];

    *ret_kind = TEND_KIND_ACCOUNT;
    if (session->word_count == 2) {
        if (strcmp(word, "account") != 0 && strcmp(word, "contact") != 0)
            return tend_fail(reterr, TEND_EINVAL, "tend %s: '%s' is neither account nor contact; write tend %s contact %s",
                             session->command->name, word, session->command->name, session->words[1]);
        *ret_kind = strcmp(word, "contact") == 0 ? TEND_KIND_CONTACT : TEND_KIND_ACCOUNT;
    }
    return tend_session_row(session, *ret_kind, session->words[session->word_count - 1], ret_row, reterr);
}

tend_status tend_cli_account_export(tend_session *session, tend_error *reterr)
{
    const char *written = tend_session_option(session, "out");
    char *text = NULL;
    size_t length = 0;
    FILE *out = written ? open_memstream(&text, &length) : session->out;
    tend_result *result = out ? tend_result_json(out) : NULL;
    tend_kind kind;
    int64_t row;
    tend_query query;
    tend_status status = result ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    if (status >= 0 && session->output == TEND_OUTPUT_CSV)
        status = tend_fail(reterr, TEND_EINVAL, "tend account export: is JSON, for it has many tables; leave out --csv");
    if (status >= 0 && written)
        status = tend_session_may_open(session, reterr);
    if (status >= 0 && written && tend_file_exists(tend_session_path(session, written)))
        status = tend_fail(reterr, TEND_EEXISTS, "%s: is there already and is left alone; name another file", written);
    if (status >= 0)
        status = find_subject(session, &kind, &row, reterr);
    if (status >= 0)
        status = tend_cli_query(session, &query, reterr);
    if (status >= 0)
        status = tend_query_export(&query, kind, row, tend_session_option(session, "internal") != NULL, result, reterr);
    if (status >= 0)
        status = result->end(result, reterr);
    if (result)
        result->free(result);
    if (written && out && fclose(out) != 0 && status >= 0)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the export");
    if (status >= 0 && written) {
        status = tend_file_write_atomic(tend_session_path(session, written), text, length, 0600, reterr);
        if (status >= 0 && session->output == TEND_OUTPUT_TEXT)
            fprintf(session->out, "%s: %zu bytes; it is personal data, pass it on with care\n", tend_session_path(session, written),
                    length);
    }
    free(text);
    return status;
}

static tend_status show_lines(tend_session *session, const tend_erase_report *report, bool is_meant, tend_error *reterr)
{
    static const tend_heading headings[] = { { "where", NULL, TEND_TEXT, false },
                                             { "what", NULL, TEND_TEXT, true },
                                             { "values", NULL, TEND_INT, false } };
    tend_result *result = tend_session_result(session);
    tend_status status =
        result ? result->section(result, "erased", is_meant ? "Erased" : "Would be erased", headings, 3, false, reterr)
               : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    for (size_t i = 0; status >= 0 && i < report->count; i++)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(report->lines[i].where), tend_value_of(report->lines[i].what),
                                             tend_value_int(report->lines[i].values) },
                             reterr);
    return status;
}

tend_status tend_cli_account_erase(tend_session *session, tend_error *reterr)
{
    bool is_meant = tend_session_option(session, "yes") != NULL;
    tend_origin origin = tend_session_origin(session);
    tend_erase_report report;
    tend_kind kind;
    int64_t row;
    const char *note;
    tend_status status = find_subject(session, &kind, &row, reterr);

    if (status >= 0)
        status = tend_erase(session->workspace, &origin, kind, row, is_meant, session->arena, &report, reterr);
    if (status >= 0)
        status = show_lines(session, &report, is_meant && !session->is_dry_run, reterr);
    if (status < 0)
        return status;
    if (session->is_dry_run)
        note = "Tried on a private copy; nothing was erased.";
    else if (!is_meant)
        note = "Nothing was erased. Do it with --yes; it cannot be undone.";
    else
        note =
            tend_arena_print(session->arena, "Erased for good (batch %lld); figures, ties and runs stay.", (long long)report.batch);
    status = session->result->note(session->result, note, reterr);
    if (status >= 0 && !report.is_whole)
        status =
            session->result->note(session->result,
                                  "Somebody still reads an older state of the store; its log goes when they are done and the next "
                                  "command writes.",
                                  reterr);
    return status < 0
               ? status
               : session->result->note(session->result,
                                       "Out of tend's reach: backups, files that were imported, reports and exports that were "
                                       "written, mail that was sent, and the sources themselves.",
                                       reterr);
}
