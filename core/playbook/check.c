/* check.c: what can be said of a playbook before it works: its declaration, its condition, its verbs and their arguments.
 *
 * The script is run in the sandbox a few times with made-up answers: every wait is answered, every wait times out, and by turns. */
#include "base/near.h"
#include "playbook/inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WALK_MOVES 40
#define WALKS 4

typedef struct script_checker {
    const tend_schema *schema;
    tend_bundle *bundle;
    tend_arena *arena;
    void (*tell)(void *self, const char *line);
    void *self;
    int faults;
    const char *said[64]; /* so that the same line is not written for each walk */
    tend_journal_step journal[TEND_SANDBOX_JOURNAL_MAX];
    size_t count;
} script_checker;

static void say(script_checker *checker, const char *line)
{
    size_t i = 0;

    while (i < 64 && checker->said[i] && strcmp(checker->said[i], line) != 0)
        i++;
    if (i < 64 && checker->said[i])
        return;
    if (i < 64)
        checker->said[i] = tend_arena_string(checker->arena, line);
    checker->faults++;
    checker->tell(checker->self, line);
}

static void take_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    script_checker *checker = self;
    char line[1200];

    if (key || inner)
        (void)snprintf(line, sizeof line, "%s:%u: %s", checker->bundle->path,
                       tend_spec_line(checker->bundle->script.text, key, inner), sentence);
    else
        (void)snprintf(line, sizeof line, "%s", sentence);
    say(checker, line);
}

/* A value that a field could have. */
static tend_tree likely(const tend_field *field, tend_arena *arena)
{
    tend_value value = { .type = field->type, .integer = 1, .scale = field->scale };

    if (field->type == TEND_DATE)
        value.integer = 20600;
    else if (field->type == TEND_TIME)
        value.integer = INT64_C(20600) * 86400000;
    else if (field->type == TEND_TEXT) {
        size_t length = field->choices ? strcspn(field->choices, " ") : 4;

        value.text = tend_arena_copy(arena, field->choices ? field->choices : "text", length);
        value.length = length;
    }
    return tend_value_tree(&value, arena);
}

static tend_status answer_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr)
{
    script_checker *checker = self;
    tend_tree_map map = { 0 };
    tend_tree *kept = tend_arena_take(checker->arena, sizeof *kept);

    for (size_t i = 0; kept && request->fields[i]; i++) {
        const tend_field *field;
        const char *path;
        tend_status status;

        if (request->path[0] == '\0') {
            tend_tree_add(&map, request->fields[i], tend_tree_text("2026-03-02"));
            continue;
        }
        path = tend_arena_print(checker->arena, "%s.%s", request->path, request->fields[i]);
        status = path ? tend_subject_check(checker->schema, checker->bundle->spec.subject, path, &field, reterr) : TEND_ENOMEM;
        if (status < 0)
            return status;
        tend_tree_add(&map, request->fields[i], likely(field, checker->arena));
    }
    if (!kept || tend_tree_end(&map, checker->arena, ret_answer) < 0 || checker->count == TEND_SANDBOX_JOURNAL_MAX)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    *kept = *ret_answer;
    checker->journal[checker->count++] = (tend_journal_step){ request->name, request->verb, kept };
    return TEND_OK;
}

static tend_status take_request(void *self, const tend_request *request, tend_error *reterr)
{
    script_checker *checker = self;
    tend_error why = { 0 };
    char line[1200];

    if (tend_effect_check(checker->schema, checker->bundle->spec.subject, &checker->bundle->settings, request, &why) < 0) {
        (void)snprintf(line, sizeof line, "%s:%u: %s", checker->bundle->path, request->line, why.text);
        say(checker, line);
    }
    if (checker->count == TEND_SANDBOX_JOURNAL_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "playbook check: the journal is full");
    checker->journal[checker->count++] = (tend_journal_step){ request->name, request->verb, &tend_tree_nil };
    return TEND_OK;
}

static tend_status make_answer(script_checker *checker, bool has_timed_out, const tend_tree **ret_answer)
{
    tend_tree *answer = tend_arena_take(checker->arena, sizeof *answer);
    tend_tree_map map = { 0 };

    tend_tree_add(&map, "approved", tend_tree_bool(!has_timed_out));
    tend_tree_add(&map, "cancelled", tend_tree_bool(false));
    tend_tree_add(&map, "outcome", tend_tree_text("text"));
    tend_tree_add(&map, "timed_out", tend_tree_bool(has_timed_out));
    *ret_answer = answer;
    return answer ? tend_tree_end(&map, checker->arena, answer) : TEND_ENOMEM;
}

static void take_end(script_checker *checker, const tend_move_result *result)
{
    const tend_spec *spec = &checker->bundle->spec;
    char line[1200];

    if (result->end == TEND_MOVE_FAULT) {
        if (result->fault == TEND_FAULT_SCRIPT || result->fault == TEND_FAULT_TIME)
            say(checker, result->text);
        return;
    }
    if (tend_spec_has_outcome(spec, result->text) || (result->text[0] == '\0' && spec->outcome_count == 1))
        return;
    (void)snprintf(line, sizeof line, "%s:%u: steps can return '%s', which is none of the outcomes", checker->bundle->path,
                   tend_spec_line(checker->bundle->script.text, "steps", NULL), result->text);
    say(checker, line);
}

/* One way through the script. Walk 0 answers every wait, 1 lets every wait time out, 2 and 3 do so by turns. */
static tend_status walk(script_checker *checker, tend_sandbox *sandbox, uint32_t slot, int which, tend_error *reterr)
{
    tend_move_handler handler = { .request = take_request, .read = answer_read, .self = checker };
    tend_tree_map map = { 0 };
    tend_move_result result = { 0 };
    tend_tree event;
    tend_status status = TEND_OK;

    tend_tree_add(&map, "sequence", tend_tree_int(1));
    tend_tree_add(&map, "topic", tend_tree_text("check"));
    if (tend_tree_end(&map, checker->arena, &event) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    checker->count = 0;
    for (int moves = 0; moves < WALK_MOVES && status == TEND_OK; moves++) {
        bool has_timed_out = which == 1 || (which == 2 && moves % 2 == 0) || (which == 3 && moves % 2 == 1);
        tend_move move = { .slot = slot,
                           .run = 1,
                           .subject = checker->bundle->spec.subject->name,
                           .settings = &checker->bundle->settings,
                           .event = &event,
                           .journal = checker->journal,
                           .count = checker->count };

        status = tend_sandbox_move(sandbox, &move, &handler, checker->arena, &result, reterr);
        if (status < 0)
            break;
        if (result.end != TEND_MOVE_WAITING) {
            take_end(checker, &result);
            break;
        }
        status = make_answer(checker, has_timed_out, &checker->journal[checker->count - 1].answer);
    }
    return status;
}

/* Verbs that no walk came by. */
static void check_verbs(script_checker *checker)
{
    static const char *const verbs[] = { "account", "approve", "escalate", "log", "notify", "set", "sleep", "task", "wait", NULL };
    const char *text = checker->bundle->script.text;
    unsigned line = 1;

    for (const char *at = text; *at; at++) {
        char name[64], sentence[1200];
        size_t length, k = 0;

        line += *at == '\n';
        if (strncmp(at, "run:", 4) != 0 || (at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
            continue;
        length = strspn(at + 4, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        if (length == 0 || length >= sizeof name)
            continue;
        memcpy(name, at + 4, length);
        name[length] = '\0';
        while (verbs[k] && strcmp(verbs[k], name) != 0)
            k++;
        if (verbs[k])
            continue;
        (void)snprintf(sentence, sizeof sentence, "%s:%u: run has no '%s'%s%s%s", checker->bundle->path, line, name,
                       tend_near(name, verbs) ? "; did you mean " : "", tend_near(name, verbs) ? tend_near(name, verbs) : "",
                       tend_near(name, verbs) ? "?" : "");
        say(checker, sentence);
    }
}

static void check_where(script_checker *checker, const tend_segments *segments)
{
    const tend_spec *spec = &checker->bundle->spec;
    tend_filter *filter = NULL;
    tend_error why = { 0 };
    char place[600];

    if (!spec->where)
        return;
    (void)snprintf(place, sizeof place, "%s:%u: start_when.where", checker->bundle->path,
                   tend_spec_line(checker->bundle->script.text, "start_when", "where"));
    if (tend_filter_parse(checker->schema, segments, spec->subject->kind, spec->where, place, &filter, &why) < 0)
        say(checker, why.text);
    tend_filter_free(filter);
}

static void check_name(script_checker *checker, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    size_t length = strlen(checker->bundle->spec.name);
    char line[1200];

    if (strncmp(file, checker->bundle->spec.name, length) == 0 && strcmp(file + length, ".lua") == 0)
        return;
    (void)snprintf(line, sizeof line, "%s:%u: name is '%s'; it must be that of the file, %s", checker->bundle->path,
                   tend_spec_line(checker->bundle->script.text, "name", NULL), checker->bundle->spec.name, file);
    say(checker, line);
}

/* With the settings as they stand in the bundle. */
static tend_status walk_all(script_checker *checker, tend_sandbox *sandbox, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int which = 0; which < WALKS && status == TEND_OK; which++)
        if (tend_sandbox_has(sandbox, 1))
            status = walk(checker, sandbox, 1, which, reterr);
    return status;
}

/* TEND_EINVAL: it is so faulty that no more can be said. */
static tend_status check_declared(script_checker *checker, const char *path, const tend_segments *segments, tend_sandbox *sandbox,
                                  tend_error *reterr)
{
    tend_spec_faults faults = { .fault = take_fault, .self = checker };
    tend_error why = { 0 };
    tend_status status = tend_bundle_open(checker->bundle, 1, sandbox, checker->schema, NULL, NULL, &faults, &why);

    check_verbs(checker);
    if (status < 0)
        return status == TEND_EINVAL ? status : tend_fail(reterr, status, "%s", why.text);
    check_name(checker, path);
    check_where(checker, segments);
    return TEND_OK;
}

/* Reads the script and calls `check` over it. */
static tend_status check_script(script_checker *checker, const char *path, const char *scripts, const char *sandbox_path,
                                tend_status (*check)(script_checker *checker, const char *path, const void *context,
                                                     tend_sandbox *sandbox, tend_error *reterr),
                                const void *context, tend_error *reterr)
{
    tend_sandbox *sandbox = NULL;
    tend_status status;

    checker->arena = tend_arena_new();
    status = checker->arena ? tend_bundle_read(scripts, path, &checker->bundle, reterr)
                            : tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    if (status == TEND_OK)
        status = tend_sandbox_open(sandbox_path, NULL, &sandbox, reterr);
    if (status == TEND_OK)
        status = check(checker, path, context, sandbox, reterr);
    tend_sandbox_close(sandbox);
    tend_bundle_free(checker->bundle);
    tend_arena_free(checker->arena);
    return status;
}

static tend_status check_alone(script_checker *checker, const char *path, const void *context, tend_sandbox *sandbox,
                               tend_error *reterr)
{
    tend_status status = check_declared(checker, path, context, sandbox, reterr);

    return status < 0 ? status : walk_all(checker, sandbox, reterr);
}

static void write_line(void *self, const char *line)
{
    if (self)
        (void)fprintf(self, "%s\n", line);
}

tend_status tend_playbook_check(const char *path, const char *scripts, const tend_schema *schema, const tend_segments *segments,
                                const char *sandbox_path, FILE *out, int *ret_faults, tend_error *reterr)
{
    script_checker *checker = calloc(1, sizeof *checker);
    tend_status status;

    if (!checker)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    checker->schema = schema;
    checker->tell = write_line;
    checker->self = out;
    status = check_script(checker, path, scripts, sandbox_path, check_alone, segments, reterr);
    if (status == TEND_EINVAL && checker->faults > 0)
        status = TEND_OK; /* said already */
    if (status == TEND_OK)
        *ret_faults = checker->faults;
    free(checker);
    return status;
}

/* What a check of a section looks at beside the script. */
typedef struct section_check {
    tend_playbook_section section;
    const tend_segments *segments;
    const tend_playbook_faults *faults;
} section_check;

/* What follows from the settings as written, in a script that is well with its own defaults. */
static void take_given_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    script_checker *checker = self;
    char line[1200];

    (void)snprintf(line, sizeof line, "%s:%u: with the settings of its section, %s", checker->bundle->path,
                   tend_spec_line(checker->bundle->script.text, key, inner), sentence);
    say(checker, line);
}

static tend_status check_in_section(script_checker *checker, const char *path, const void *context, tend_sandbox *sandbox,
                                    tend_error *reterr)
{
    const section_check *checking = context;
    tend_playbook_section section = checking->section;
    tend_spec_faults faults = { .fault = take_given_fault, .self = checker };
    tend_error why = { 0 };
    tend_status status = check_declared(checker, path, checking->segments, sandbox, reterr);

    if (status < 0)
        return status;
    (void)tend_section_check(&section, &checker->bundle->spec, checking->faults->section, checking->faults->self);
    if (checker->faults == 0) {
        status = tend_bundle_open(checker->bundle, 1, sandbox, checker->schema, tend_section_written, &section, &faults, &why);
        if (status < 0)
            return status == TEND_EINVAL ? status : tend_fail(reterr, status, "%s", why.text);
        check_where(checker, checking->segments);
    }
    return walk_all(checker, sandbox, reterr);
}

tend_status tend_playbook_check_section(const tend_config *config, const char *name, const char *scripts, const tend_schema *schema,
                                        const tend_segments *segments, const char *sandbox_path, const tend_playbook_faults *faults,
                                        tend_error *reterr)
{
    const section_check checking = { { config, name }, segments, faults };
    script_checker *checker = calloc(1, sizeof *checker);
    tend_error why = { 0 };
    char path[4096], reason[200];
    tend_status status;

    if (!checker)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    checker->schema = schema;
    checker->tell = faults->script;
    checker->self = faults->self;
    if (tend_playbook_find(scripts, name, path, sizeof path, &why) < 0) {
        (void)snprintf(reason, sizeof reason, "there is no script %s.lua below playbooks/; write it, or take the section away",
                       name);
        faults->section(faults->self, "enabled", reason);
        status = TEND_OK;
    } else {
        status = check_script(checker, path, scripts, sandbox_path, check_in_section, &checking, &why);
        if (status < 0 && checker->faults == 0 && status != TEND_ENOMEM)
            faults->script(faults->self, why.text);
        status = status == TEND_ENOMEM ? tend_fail(reterr, status, "%s", why.text) : TEND_OK;
    }
    free(checker);
    return status;
}
