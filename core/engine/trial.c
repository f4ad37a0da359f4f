#include "engine/trial.h"

#include "base/file.h"
#include "base/log.h"
#include "engine/data.h"
#include "engine/pretend.h"
#include "playbook/playbooks.h"
#include "playbook/script.h"
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { FILES_MAX = 4096, DEPTH_MAX = 12, TEXT_MAX = 1 << 20 };

static const char suffix[] = "_test.lua";

typedef struct file_list {
    const char *paths[FILES_MAX];
    size_t count;
} file_list;

typedef struct trial_runner {
    const tend_trial_options *options;
    void (*tell)(void *self, const tend_tried_test *test);
    void *self;
    tend_trial *trial;
    size_t room;
    tend_pretend_house *house;
    tend_sandbox *sandbox;
    file_list tests, scripts;
} trial_runner;

static tend_status no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbook test: memory is used up");
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), last = strlen(end);

    return length >= last && strcmp(text + length - last, end) == 0;
}

static bool is_folder(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* ---- finding ----------------------------------------------------------------------------------------------------------- */

static tend_status keep(trial_runner *runner, file_list *list, const char *path, tend_error *reterr)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->paths[i], path) == 0)
            return TEND_OK;
    if (list->count == FILES_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "%s: with it there are more than %d files; name fewer at once", path, FILES_MAX);
    list->paths[list->count] = tend_arena_string(runner->trial->arena, path);
    return list->paths[list->count++] ? TEND_OK : no_memory(reterr);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Tests, and the scripts that may be measured: not annotations for editors. */
static tend_status walk(trial_runner *runner, const char *folder, int depth, tend_error *reterr)
{
    struct dirent **entries = NULL;
    int count = depth < DEPTH_MAX ? scandir(folder, &entries, is_visible, alphasort) : 0;
    tend_status status = TEND_OK;

    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];

        if (status >= 0 && snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < (int)sizeof path) {
            if (is_folder(path) && strcmp(entries[i]->d_name, "types") != 0)
                status = walk(runner, path, depth + 1, reterr);
            else if (ends_with(path, suffix))
                status = keep(runner, &runner->tests, path, reterr);
            else if (ends_with(path, ".lua"))
                status = keep(runner, &runner->scripts, path, reterr);
        }
        free(entries[i]);
    }
    free(entries);
    return status;
}

/* The nearest folder upward that holds playbooks/, else the file's own. */
static void find_scripts(const char *file, char ret_folder[PATH_MAX])
{
    char folder[PATH_MAX], path[PATH_MAX + 16];

    (void)snprintf(folder, sizeof folder, "%s", file);
    (void)snprintf(ret_folder, PATH_MAX, "%s", file);
    *strrchr(ret_folder, '/') = '\0';
    for (char *slash; (slash = strrchr(folder, '/')) && slash > folder;) {
        *slash = '\0';
        (void)snprintf(path, sizeof path, "%s/playbooks", folder);
        if (is_folder(path)) {
            (void)snprintf(ret_folder, PATH_MAX, "%s", folder);
            return;
        }
    }
}

/* NAME of NAME_test.lua where there is such a playbook; "" otherwise. *ret_script is its path. */
static void find_playbook(const char *file, const char *scripts, char ret_name[64], char ret_script[PATH_MAX])
{
    const char *base = strrchr(file, '/') + 1;
    size_t length = strlen(base) - strlen(suffix);
    char folders[PATH_MAX * 2], shipped[PATH_MAX] = "";

    ret_name[0] = '\0';
    if (length == 0 || length >= 64)
        return;
    (void)snprintf(ret_name, 64, "%.*s", (int)length, base);
    (void)snprintf(ret_script, PATH_MAX, "%.*s/%s.lua", (int)(base - file - 1), file, ret_name);
    (void)tend_data_path(".", shipped, sizeof shipped, NULL);
    (void)snprintf(folders, sizeof folders, "%s:%s", scripts, shipped);
    if (!tend_file_exists(ret_script) && tend_playbook_find(folders, ret_name, ret_script, PATH_MAX, NULL) < 0)
        ret_name[0] = '\0';
}

static tend_status find_files(trial_runner *runner, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; runner->options->paths[i] && status >= 0; i++) {
        const char *path = runner->options->paths[i];
        char scripts[PATH_MAX], name[64], script[PATH_MAX];

        if (is_folder(path)) {
            status = walk(runner, path, 0, reterr);
        } else if (!tend_file_exists(path)) {
            status = tend_fail(reterr, TEND_ENOTFOUND, "%s: no such file or folder", path);
        } else if (!ends_with(path, suffix)) {
            status = tend_fail(reterr, TEND_EINVAL, "%s: a file of tests is called NAME_test.lua", path);
        } else {
            status = keep(runner, &runner->tests, path, reterr);
            find_scripts(path, scripts);
            find_playbook(path, scripts, name, script);
            if (status >= 0 && name[0])
                status = keep(runner, &runner->scripts, script, reterr);
        }
    }
    if (status >= 0 && runner->tests.count == 0)
        status = tend_fail(reterr, TEND_ENOTFOUND,
                           "there are no tests (NAME_test.lua) in %s; tend playbook new NAME writes a playbook with its test",
                           runner->options->paths[0]);
    return status;
}

static const char *shown(const trial_runner *runner, const char *path)
{
    size_t length = strlen(runner->options->cwd);

    return strncmp(path, runner->options->cwd, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static tend_status measure_files(trial_runner *runner, tend_error *reterr)
{
    tend_status status = tend_coverage_new(&runner->trial->coverage, reterr);

    for (size_t i = 0; i < runner->scripts.count && status >= 0; i++) {
        char *text = NULL;
        size_t length;

        status = tend_file_read(runner->scripts.paths[i], TEXT_MAX, &text, &length, reterr);
        if (status >= 0)
            status = tend_coverage_add(runner->trial->coverage, shown(runner, runner->scripts.paths[i]), text, length, reterr);
        free(text);
    }
    return status;
}

/* ---- running ----------------------------------------------------------------------------------------------------------- */

typedef struct one_test {
    trial_runner *runner;
    tend_pretend *pretend;
    tend_buffer printed;
} one_test;

static tend_status take_call(void *self, const tend_world_call *call, tend_arena *arena, tend_tree *ret_answer, tend_error *reterr)
{
    const one_test *test = self;

    return tend_pretend_call(test->pretend, call, arena, ret_answer, reterr);
}

static void take_line(void *self, uint32_t line, const char *text)
{
    one_test *test = self;

    tend_buffer_print(&test->printed, "%sline %u: %s", test->printed.length > 0 ? "\n" : "", line, text);
}

static tend_status note(trial_runner *runner, const tend_tried_test *test, tend_error *reterr)
{
    tend_trial *trial = runner->trial;

    if (trial->count == runner->room) {
        size_t room = runner->room ? runner->room * 2 : 64;
        tend_tried_test *larger = tend_arena_take(trial->arena, room * sizeof *larger);

        if (!larger)
            return no_memory(reterr);
        if (trial->count > 0)
            memcpy(larger, trial->tests, trial->count * sizeof *larger);
        trial->tests = larger;
        runner->room = room;
    }
    trial->tests[trial->count++] = *test;
    trial->failed += test->why != NULL;
    if (runner->tell)
        runner->tell(runner->self, test);
    return TEND_OK;
}

/* "folder/renewal_test.lua:12: what is wrong" in its two parts, when it is of this file. */
static const char *take_place(const char *text, const char *file, unsigned *ret_line)
{
    size_t length = strlen(file);
    char *end;
    unsigned long line;

    if (strncmp(text, file, length) != 0 || text[length] != ':')
        return text;
    line = strtoul(text + length + 1, &end, 10);
    if (end == text + length + 1 || strncmp(end, ": ", 2) != 0)
        return text;
    *ret_line = (unsigned)line;
    return end + 2;
}

static tend_status judge(trial_runner *runner, one_test *test, const char *file, const tend_move_result *result,
                         tend_tried_test *tried, tend_error *reterr)
{
    tend_arena *arena = runner->trial->arena;
    uint32_t line = 0;
    const char *why =
        result->end == TEND_MOVE_ENDED ? tend_pretend_fault(test->pretend, &line) : tend_pretend_failure(test->pretend, &line);

    if (line > 0)
        tried->line = line;
    if (!why && result->end != TEND_MOVE_ENDED)
        why = take_place(result->text, file, &tried->line);
    tried->why = tend_arena_string(arena, why);
    if (test->printed.length > 0)
        tried->printed = tend_arena_string(arena, tend_buffer_string(&test->printed));
    return (why && !tried->why) || test->printed.failed ? no_memory(reterr) : TEND_OK;
}

static double seconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A file of tests as it is read. */
typedef struct test_file {
    const char *shown;
    const tend_script *script, *libraries;
    const tend_listed_test *tests;
    size_t count;
    tend_pretend_options options;
} test_file;

static tend_status load_file(trial_runner *runner, test_file *file, tend_move_result *ret_result, tend_error *reterr)
{
    return tend_sandbox_tests(runner->sandbox, 0, file->script, file->libraries, runner->trial->arena, &file->tests, &file->count,
                              ret_result, reterr);
}

static tend_status run_test(trial_runner *runner, test_file *file, size_t which, tend_error *reterr)
{
    tend_tried_test tried = { .file = file->shown, .name = file->tests[which].name, .line = file->tests[which].line };
    one_test test = { .runner = runner };
    const tend_test_handler handler = { .call = take_call, .log = take_line, .self = &test };
    tend_move_result result = { 0 }, again;
    tend_arena *scratch = tend_arena_new();
    double begun = seconds_now();
    tend_status status = scratch ? tend_pretend_open(runner->house, &file->options, &test.pretend, reterr) : no_memory(reterr);

    if (status >= 0)
        status = tend_sandbox_test(runner->sandbox, 0, (uint32_t)which, &handler, scratch, &result, reterr);
    if (status >= 0)
        status = judge(runner, &test, file->script->file, &result, &tried, reterr);
    tend_pretend_close(test.pretend);
    tend_buffer_clear(&test.printed);
    tried.seconds = seconds_now() - begun;
    if (status >= 0)
        status = note(runner, &tried, reterr);
    if (status >= 0 && result.end == TEND_MOVE_FAULT && result.fault != TEND_FAULT_SCRIPT) /* its process may be gone */
        status = load_file(runner, file, &again, reterr);
    tend_arena_free(scratch);
    return status;
}

static tend_status note_unread(trial_runner *runner, const test_file *file, const char *text, tend_error *reterr)
{
    tend_tried_test tried = { .file = file->shown, .line = 1 };

    tried.why = tend_arena_string(runner->trial->arena, take_place(text, file->script ? file->script->file : "", &tried.line));
    return tried.why ? note(runner, &tried, reterr) : no_memory(reterr);
}

static tend_status run_loaded(trial_runner *runner, test_file *file, tend_error *reterr)
{
    tend_move_result result;
    tend_status status = load_file(runner, file, &result, reterr);

    if (status >= 0 && result.end == TEND_MOVE_FAULT)
        return note_unread(runner, file, result.text, reterr);
    if (status >= 0 && file->count == 0)
        return note_unread(runner, file, "it has no tests; write test(\"what it claims\", function(world) … end)", reterr);
    for (size_t i = 0; i < file->count && status >= 0; i++)
        if (!runner->options->filter || strstr(file->tests[i].name, runner->options->filter))
            status = run_test(runner, file, i, reterr);
    return status;
}

static tend_status run_file(trial_runner *runner, const char *path, tend_error *reterr)
{
    char scripts[PATH_MAX], folders[PATH_MAX * 2], shipped[PATH_MAX] = "", beside[PATH_MAX], name[64], script[PATH_MAX];
    test_file file = { .shown = shown(runner, path) };
    tend_bundle *bundle = NULL;
    tend_error why = { 0 };
    tend_status status;

    find_scripts(path, scripts);
    find_playbook(path, scripts, name, script);
    (void)snprintf(beside, sizeof beside, "%.*s", (int)(strrchr(path, '/') - path), path);
    (void)tend_data_path(".", shipped, sizeof shipped, NULL);
    (void)snprintf(folders, sizeof folders, "%s:%s", scripts, shipped);
    file.options = (tend_pretend_options){ .scripts = scripts,
                                           .playbook = name[0] ? name : NULL,
                                           .beside = beside,
                                           .writes_traces = runner->options->writes_traces,
                                           .coverage = runner->trial->coverage };
    status = tend_bundle_read(folders, path, &bundle, &why);
    if (status < 0)
        return status == TEND_ENOMEM ? no_memory(reterr) : note_unread(runner, &file, why.text, reterr);
    file.script = tend_bundle_script(bundle);
    file.libraries = tend_bundle_libraries(bundle);
    status = run_loaded(runner, &file, reterr);
    tend_bundle_free(bundle);
    return status;
}

/* What the engine would log is what a test expects, or fails for. */
static void leave_out(void *self, const char *line)
{
    (void)self;
    (void)line;
}

tend_status tend_trial_run(const tend_trial_options *options, void (*tell)(void *self, const tend_tried_test *test), void *self,
                           tend_trial *ret_trial, tend_error *reterr)
{
    static const tend_sandbox_options limits = { .deadline_ms = 2000, .grace_ms = 20000 };
    trial_runner *runner = calloc(1, sizeof *runner);
    tend_trial trial = { .arena = tend_arena_new() };
    tend_status status = runner && trial.arena ? TEND_OK : no_memory(reterr);

    if (status >= 0) {
        runner->options = options;
        runner->tell = tell;
        runner->self = self;
        runner->trial = &trial;
        status = find_files(runner, reterr);
    }
    if (status >= 0 && options->measures)
        status = measure_files(runner, reterr);
    if (status >= 0)
        status = tend_pretend_house_open(&runner->house, reterr);
    if (status >= 0)
        status = tend_sandbox_open(NULL, &limits, &runner->sandbox, reterr);
    if (status >= 0 && options->measures) /* libraries that a test calls itself */
        tend_sandbox_watch(runner->sandbox, trial.coverage);
    tend_log_capture(leave_out, NULL);
    for (size_t i = 0; status >= 0 && i < runner->tests.count; i++) {
        status = run_file(runner, runner->tests.paths[i], reterr);
        trial.files++;
    }
    tend_log_capture(NULL, NULL);
    if (runner) {
        tend_sandbox_close(runner->sandbox);
        tend_pretend_house_close(runner->house);
    }
    free(runner);
    if (status < 0) {
        tend_trial_end(&trial);
        return status;
    }
    *ret_trial = trial;
    return TEND_OK;
}

void tend_trial_end(tend_trial *trial)
{
    tend_coverage_free(trial->coverage);
    tend_arena_free(trial->arena);
    *trial = (tend_trial){ 0 };
}
