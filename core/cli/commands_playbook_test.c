/* commands_playbook_test.c: tend playbook test, for people, for TAP and for JUnit. */
#include "base/near.h"
#include "cli/commands.h"
#include "engine/data.h"
#include "engine/trial.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct test_writer {
    tend_session *session;
    const char *file; /* the last that was written */
    size_t count;
} test_writer;

static const char *name_of(const tend_tried_test *test)
{
    return test->name ? test->name : "the file can be read";
}

/* Lines one below the other, each behind `lead`. */
static void write_lines(FILE *out, const char *lead, const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");

        (void)fprintf(out, "%s%.*s\n", lead, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void tell_text(void *self, const tend_tried_test *test)
{
    test_writer *writer = self;
    FILE *out = writer->session->out;

    if (!writer->file || strcmp(writer->file, test->file) != 0)
        (void)fprintf(out, "%s\n", test->file);
    writer->file = test->file;
    (void)fprintf(out, "  %s  %s\n", test->why ? "FAIL" : "ok  ", name_of(test));
    if (test->printed)
        write_lines(out, "        ", test->printed);
    if (test->why)
        (void)fprintf(out, "        %s:%u: %s\n", test->file, test->line, test->why);
    (void)fflush(out);
}

/* '#' begins a directive, so it is kept from doing so. */
static void write_tap_name(FILE *out, const char *text)
{
    for (; *text; text++)
        (void)fprintf(out, "%s%c", *text == '#' || *text == '\\' ? "\\" : "", *text);
}

static void tell_tap(void *self, const tend_tried_test *test)
{
    test_writer *writer = self;
    FILE *out = writer->session->out;

    (void)fprintf(out, "%s %zu - ", test->why ? "not ok" : "ok", ++writer->count);
    write_tap_name(out, test->file);
    (void)fputs(": ", out);
    write_tap_name(out, name_of(test));
    (void)fputc('\n', out);
    if (test->printed)
        write_lines(out, "# ", test->printed);
    if (test->why)
        (void)fprintf(out, "# %s:%u: %s\n", test->file, test->line, test->why);
    (void)fflush(out);
}

/* Characters that XML has no place for become blanks. */
static void write_xml(FILE *out, const char *text)
{
    for (; *text; text++) {
        const char *entity = *text == '&'    ? "&amp;"
                             : *text == '<'  ? "&lt;"
                             : *text == '>'  ? "&gt;"
                             : *text == '"'  ? "&quot;"
                             : *text == '\n' ? "&#10;"
                                             : NULL;

        if (entity)
            (void)fputs(entity, out);
        else
            (void)fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
}

static void write_case(FILE *out, const tend_tried_test *test)
{
    (void)fputs("    <testcase classname=\"", out);
    write_xml(out, test->file);
    (void)fputs("\" name=\"", out);
    write_xml(out, name_of(test));
    (void)fprintf(out, "\" file=\"");
    write_xml(out, test->file);
    (void)fprintf(out, "\" line=\"%u\" time=\"%.3f\"", test->line, test->seconds);
    if (!test->why && !test->printed) {
        (void)fputs("/>\n", out);
        return;
    }
    (void)fputs(">\n", out);
    if (test->why) {
        (void)fputs("      <failure message=\"", out);
        write_xml(out, test->why);
        (void)fputs("\">", out);
        write_xml(out, test->file);
        (void)fprintf(out, ":%u: ", test->line);
        write_xml(out, test->why);
        (void)fputs("</failure>\n", out);
    }
    if (test->printed) {
        (void)fputs("      <system-out>", out);
        write_xml(out, test->printed);
        (void)fputs("</system-out>\n", out);
    }
    (void)fputs("    </testcase>\n", out);
}

/* One suite for each file. */
static void write_junit(FILE *out, const tend_trial *trial)
{
    (void)fprintf(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tend playbook test\" tests=\"%zu\" failures=\"%zu\">\n",
        trial->count, trial->failed);
    for (size_t first = 0, next; first < trial->count; first = next) {
        size_t failed = 0;
        double seconds = 0;

        for (next = first; next < trial->count && strcmp(trial->tests[next].file, trial->tests[first].file) == 0; next++) {
            failed += trial->tests[next].why != NULL;
            seconds += trial->tests[next].seconds;
        }
        (void)fputs("  <testsuite name=\"", out);
        write_xml(out, trial->tests[first].file);
        (void)fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"%.3f\">\n", next - first, failed,
                      seconds);
        for (size_t i = first; i < next; i++)
            write_case(out, &trial->tests[i]);
        (void)fputs("  </testsuite>\n", out);
    }
    (void)fputs("</testsuites>\n", out);
}

/* ---- coverage ---------------------------------------------------------------------------------------------------------- */

/* The share in whole percent, down: 100 only when all were gone. */
static int64_t percent(size_t met, size_t count)
{
    return count == 0 ? 100 : (int64_t)(met * 100 / count);
}

static void write_covered(FILE *out, const char *lead, const tend_covered_file *file)
{
    (void)fprintf(out, "%s%s  %zu of %zu branches, %lld %%\n", lead, file->shown, file->met, file->count,
                  (long long)percent(file->met, file->count));
    for (unsigned line = 0, next; line < UINT_MAX; line = next) {
        next = UINT_MAX;
        for (size_t i = 0; i < file->count; i++)
            if (!file->branches[i].is_met && file->branches[i].line > line && file->branches[i].line < next)
                next = file->branches[i].line;
        for (size_t i = 0; i < file->count; i++)
            if (!file->branches[i].is_met && file->branches[i].line == next)
                (void)fprintf(out, "%s  %s:%u: %s\n", lead, file->shown, next, file->branches[i].what);
    }
}

/* Every file, and those that have less than is asked for; false when there is one. */
static bool write_coverage(tend_session *session, const tend_trial *trial, FILE *out, const char *lead, int64_t least)
{
    bool is_enough = true;

    for (size_t i = 0; i < tend_coverage_count(trial->coverage); i++) {
        tend_covered_file file = tend_coverage_file(trial->coverage, i);

        write_covered(out, lead, &file);
        if (percent(file.met, file.count) >= least)
            continue;
        is_enough = false;
        (void)fprintf(session->err, "%s: %lld %% of its branches were gone, less than %lld\n", file.shown,
                      (long long)percent(file.met, file.count), (long long)least);
    }
    return is_enough;
}

/* ---- the command ------------------------------------------------------------------------------------------------------- */

/* "renewal": the tests beside the playbook of that name, of the workspace, of this folder, or of those that came with tend. */
static tend_status find_named(tend_session *session, const char *name, const char **ret_path, tend_error *reterr)
{
    char here[PATH_MAX], shipped[PATH_MAX] = "", folders[2 * PATH_MAX], script[PATH_MAX], tests[PATH_MAX], wanted[128];
    bool has_workspace = tend_workspace_find(session->workspace_wanted, session->cwd, here, sizeof here, NULL) >= 0;

    (void)tend_data_path(".", shipped, sizeof shipped, NULL);
    (void)snprintf(folders, sizeof folders, "%s:%s", has_workspace ? here : session->cwd, shipped);
    (void)snprintf(wanted, sizeof wanted, "%.100s_test", name);
    if (tend_playbook_find(folders, wanted, tests, sizeof tests, NULL) >= 0) {
        *ret_path = tend_arena_string(session->arena, tests);
        return TEND_OK;
    }
    if (tend_playbook_find(folders, name, script, sizeof script, NULL) >= 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: has no tests; write them to %.*s_test.lua", name,
                         (int)(strlen(script) - strlen(".lua")), script);
    return tend_fail(reterr, TEND_ENOTFOUND, "%s: neither a file or folder nor a playbook; see tend playbook list", name);
}

/* The words, or what the workspace has, or the folder we are in. */
static tend_status take_paths(tend_session *session, const char **paths, tend_error *reterr)
{
    char folder[PATH_MAX];
    int count = 0;

    for (; count < session->word_count; count++) {
        char resolved[PATH_MAX];
        const char *word = session->words[count], *path = tend_session_path(session, word);
        bool is_there = path && realpath(path, resolved);
        tend_status status = is_there || strpbrk(word, "/.") ? TEND_OK : find_named(session, word, &path, reterr);

        if (status < 0)
            return status;
        paths[count] = tend_arena_string(session->arena, is_there ? resolved : path);
        if (!paths[count])
            return tend_fail(reterr, TEND_ENOMEM, "playbook test: memory is used up");
    }
    if (count == 0)
        paths[count++] = tend_workspace_find(session->workspace_wanted, session->cwd, folder, sizeof folder, NULL) >= 0
                             ? tend_arena_string(session->arena, folder)
                             : session->cwd;
    paths[count] = NULL;
    return paths[0] ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbook test: memory is used up");
}

static tend_status check_format(const char *format, tend_error *reterr)
{
    static const char *const formats[] = { "text", "tap", "junit", NULL };
    const char *near = tend_near(format, formats);

    for (size_t i = 0; formats[i]; i++)
        if (strcmp(formats[i], format) == 0)
            return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL, "--format: '%s' is not one; %s%s%s", format,
                     near ? "did you mean " : "write text, tap or junit", near ? near : "", near ? "?" : "");
}

static void write_end(tend_session *session, const tend_trial *trial, const char *format)
{
    size_t passed = trial->count - trial->failed;

    if (strcmp(format, "junit") == 0)
        write_junit(session->out, trial);
    else if (strcmp(format, "tap") == 0)
        (void)fprintf(session->out, "1..%zu\n", trial->count);
    else
        (void)fprintf(session->out, "%zu test%s in %zu file%s, %zu passed, %zu failed\n", trial->count,
                      trial->count == 1 ? "" : "s", trial->files, trial->files == 1 ? "" : "s", passed, trial->failed);
}

tend_status tend_cli_playbook_test(tend_session *session, tend_error *reterr)
{
    const char *format = tend_session_option(session, "format") ? tend_session_option(session, "format") : "text";
    const char **paths = tend_arena_take(session->arena, ((size_t)session->word_count + 2) * sizeof *paths);
    bool is_text = strcmp(format, "text") == 0, is_tap = strcmp(format, "tap") == 0, is_enough = true;
    test_writer writer = { .session = session };
    tend_trial_options options = { .paths = paths, .cwd = session->cwd, .filter = tend_session_option(session, "filter") };
    tend_trial trial;
    int64_t least;
    tend_status status = tend_session_number(session, "coverage-at-least", -1, &least, reterr);

    if (status >= 0 && least > 100)
        status = tend_fail(reterr, TEND_EINVAL, "--coverage-at-least: is a percentage, at most 100");
    if (status >= 0)
        status = check_format(format, reterr);
    if (status >= 0)
        status = paths ? take_paths(session, paths, reterr) : tend_fail(reterr, TEND_ENOMEM, "playbook test: memory is used up");
    if (status < 0)
        return status;
    options.measures = least >= 0 || tend_session_option(session, "coverage");
    options.writes_traces = tend_session_option(session, "update") != NULL;
    if (is_tap)
        (void)fputs("TAP version 13\n", session->out);
    status = tend_trial_run(&options, is_text ? tell_text : is_tap ? tell_tap : NULL, &writer, &trial, reterr);
    if (status < 0)
        return status;
    write_end(session, &trial, format);
    if (trial.count == 0)
        (void)fprintf(session->err, "no test has '%s' in its name\n", options.filter);
    if (options.measures) /* beside XML it would be none */
        is_enough = write_coverage(session, &trial, is_text || is_tap ? session->out : session->err, is_tap ? "# " : "", least);
    if (trial.failed > 0 || trial.count == 0 || !is_enough)
        session->exit_code = 1;
    tend_trial_end(&trial);
    return TEND_OK;
}
