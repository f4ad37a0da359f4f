/* check.c: what can be said of a playbook before it works: its declaration, its condition, its verbs and their arguments.
 *
 * Calls are read as they are written (literal.c). Then the script is run in the sandbox with made-up answers: every wait with each
 * of those that it can have, in every combination as far as a few hundred moves reach; once with one value for all that is read,
 * once with another. */
#include "base/near.h"
#include "playbook/inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WALK_WAITS 40   /* of one walk */
#define WALK_CHOICES 12 /* the first waits of a walk, whose answers are tried in every combination */
#define WALK_MOVES 400  /* of the combinations, for each way of reading */
#define SAID_MAX 128
#define CHANNELS_MAX 32

/* What the made-up answers to a wait are. */
typedef enum wait_sort { WAIT_SLEEP = 1, WAIT_EVENT, WAIT_TASK, WAIT_APPROVAL } wait_sort;
static const int answers_of[] = { [WAIT_SLEEP] = 1, [WAIT_EVENT] = 2, [WAIT_TASK] = 3, [WAIT_APPROVAL] = 3 };

typedef struct script_checker {
    const tend_schema *schema;
    tend_bundle *bundle;
    tend_arena *arena;
    tend_argument_context context;
    const char *channels[CHANNELS_MAX + 1];
    void (*tell)(void *self, const char *line);
    void *self;
    int faults;
    const char *said[SAID_MAX];    /* so that the same line is not written for each walk */
    const char *literal[SAID_MAX]; /* what is said of the calls as written, without place and step */
    tend_journal_step journal[TEND_SANDBOX_JOURNAL_MAX];
    size_t count;
    wait_sort waits_for; /* the last step that was asked for */
    bool reads_other, has_read;
} script_checker;

/* Whether it is there already; otherwise it is from now on. */
static bool is_kept(script_checker *checker, const char *kept[SAID_MAX], const char *text)
{
    size_t i = 0;

    while (i < SAID_MAX && kept[i] && strcmp(kept[i], text) != 0)
        i++;
    if (i < SAID_MAX && kept[i])
        return true;
    if (i < SAID_MAX)
        kept[i] = tend_arena_string(checker->arena, text);
    return false;
}

static void say(script_checker *checker, const char *line)
{
    if (is_kept(checker, checker->said, line))
        return;
    checker->faults++;
    checker->tell(checker->self, line);
}

/* "task 'plan': title: …" as "task: title: …", so that it is the same for every step. */
static void without_step(const char *sentence, char *buffer, size_t room)
{
    const char *from = strstr(sentence, " '"), *to = from ? strstr(from, "': ") : NULL;

    if (to && memchr(sentence, ':', (size_t)(from - sentence)) == NULL)
        (void)snprintf(buffer, room, "%.*s%s", (int)(from - sentence), sentence, to + 1);
    else
        (void)snprintf(buffer, room, "%s", sentence);
}

static void take_literal(void *self, const char *file, unsigned line, const char *sentence)
{
    script_checker *checker = self;
    char text[1200], reason[1000];

    without_step(sentence, reason, sizeof reason);
    (void)is_kept(checker, checker->literal, reason);
    (void)snprintf(text, sizeof text, "%s:%u: %s", file, line, sentence);
    say(checker, text);
}

/* What a walk came by: not again what the words of the call have said. */
static void say_of_request(script_checker *checker, const tend_request *request, const char *sentence)
{
    char text[1200], reason[1000];

    without_step(sentence, reason, sizeof reason);
    for (size_t i = 0; i < SAID_MAX && checker->literal[i]; i++)
        if (strcmp(checker->literal[i], reason) == 0)
            return;
    (void)snprintf(text, sizeof text, "%s:%u: %s", checker->bundle->path, request->line, sentence);
    say(checker, text);
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

/* A value that a field could have: the first of its choices, true and 1, or the last, false and many. */
static tend_tree likely(const tend_field *field, bool is_other, tend_arena *arena)
{
    tend_value value = { .type = field->type, .integer = 1, .scale = field->scale };

    if (field->type == TEND_DATE)
        value.integer = 20600;
    else if (field->type == TEND_TIME)
        value.integer = INT64_C(20600) * 86400000;
    else if (field->type == TEND_TEXT) {
        const char *word = field->choices ? field->choices : "text";

        if (is_other && strrchr(word, ' '))
            word = strrchr(word, ' ') + 1;
        value.length = strcspn(word, " ");
        value.text = tend_arena_copy(arena, word, value.length);
    } else if (is_other && field->type != TEND_REF) {
        value.integer = field->type == TEND_BOOL ? 0 : 1000000;
    }
    return tend_value_tree(&value, arena);
}

static tend_status answer_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr)
{
    script_checker *checker = self;
    tend_tree_map map = { 0 };
    tend_tree *kept = tend_arena_take(checker->arena, sizeof *kept);

    checker->has_read |= request->path[0] != '\0';
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
        tend_tree_add(&map, request->fields[i], likely(field, checker->reads_other, checker->arena));
    }
    if (!kept || tend_tree_end(&map, checker->arena, ret_answer) < 0 || checker->count == TEND_SANDBOX_JOURNAL_MAX)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    *kept = *ret_answer;
    checker->journal[checker->count++] = (tend_journal_step){ request->name, request->verb, kept };
    return TEND_OK;
}

static wait_sort sort_of(const tend_request *request)
{
    if (strcmp(request->verb, "approve") == 0)
        return WAIT_APPROVAL;
    if (strcmp(request->verb, "sleep") == 0)
        return WAIT_SLEEP;
    return tend_tree_string(&request->arguments, "done") ? WAIT_TASK : WAIT_EVENT;
}

/* done = "plan" needs a task of that name in this walk. */
static void check_done(script_checker *checker, const tend_request *request)
{
    const char *done = tend_tree_string(&request->arguments, "done"), *names[TEND_SANDBOX_JOURNAL_MAX + 1] = { NULL }, *near;
    char sentence[400];
    size_t count = 0;

    for (size_t i = 0; i < checker->count; i++)
        if (strcmp(checker->journal[i].verb, "task") == 0 || strcmp(checker->journal[i].verb, "escalate") == 0)
            names[count++] = checker->journal[i].name;
    for (size_t i = 0; done && i < count; i++)
        if (strcmp(names[i], done) == 0)
            return;
    near = done ? tend_near(done, names) : NULL;
    (void)snprintf(sentence, sizeof sentence, "%s '%.100s': done = '%.100s' names no task of this run%s%.100s%s", request->verb,
                   request->name, done, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    if (done)
        say_of_request(checker, request, sentence);
}

static void check_request(script_checker *checker, const tend_request *request)
{
    const tend_tree *map = &request->arguments;
    tend_error why = { 0 };
    char sentence[1000];

    if (tend_effect_check(checker->schema, checker->bundle->spec.subject, &checker->bundle->settings, request, &why) < 0) {
        say_of_request(checker, request, why.text);
        return;
    }
    for (size_t i = 0; tend_verb_known(request->verb) && map->tag == TEND_TREE_MAP && i < map->length; i++) {
        if (tend_argument_check(&checker->context, request->verb, map->keys[i], &map->items[i], &why) >= 0)
            continue;
        (void)snprintf(sentence, sizeof sentence, "%s '%.100s': %.800s", request->verb, request->name, why.text);
        say_of_request(checker, request, sentence);
    }
    if (strcmp(request->verb, "wait") == 0)
        check_done(checker, request);
}

static tend_status take_request(void *self, const tend_request *request, tend_error *reterr)
{
    script_checker *checker = self;

    check_request(checker, request);
    if (checker->count == TEND_SANDBOX_JOURNAL_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "playbook check: the journal is full");
    checker->waits_for = sort_of(request);
    checker->journal[checker->count++] = (tend_journal_step){ request->name, request->verb, &tend_tree_nil };
    return TEND_OK;
}

/* The answer number `which` of those that such a wait can have; the last is that nothing came in time. */
static tend_status make_answer(script_checker *checker, int which, const tend_tree **ret_answer)
{
    tend_tree *answer = tend_arena_take(checker->arena, sizeof *answer);
    wait_sort sort = checker->waits_for;
    bool is_late = sort != WAIT_SLEEP && which == answers_of[sort] - 1;
    tend_tree_map map = { 0 };

    if (sort == WAIT_APPROVAL)
        tend_tree_add(&map, "approved", tend_tree_bool(which == 0));
    if (sort == WAIT_TASK && !is_late)
        tend_tree_add(&map, "cancelled", tend_tree_bool(which == 1));
    if (sort == WAIT_APPROVAL && !is_late)
        tend_tree_add(&map, "comment", tend_tree_text("text"));
    if (sort == WAIT_EVENT && !is_late)
        tend_tree_add(&map, "event", tend_tree_text("check"));
    if (sort == WAIT_TASK && !is_late)
        tend_tree_add(&map, "outcome", tend_tree_text("text"));
    if (sort == WAIT_EVENT && !is_late)
        tend_tree_add(&map, "sequence", tend_tree_int(1));
    tend_tree_add(&map, "timed_out", tend_tree_bool(is_late));
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

/* Which answer each wait of a walk gets. */
typedef struct walk_plan {
    int pattern; /* 0: the first answer, 1: too late, 2 and 3: by turns; for the waits behind the choices */
    int taken[WALK_CHOICES], possible[WALK_CHOICES];
    int choices; /* how many of them count; 0: the pattern alone */
    int moves;   /* made so far */
} walk_plan;

static int next_answer(walk_plan *plan, int wait, int possible)
{
    bool is_late = plan->pattern == 1 || (plan->pattern == 2 && wait % 2 == 0) || (plan->pattern == 3 && wait % 2 == 1);

    if (wait < WALK_CHOICES && plan->choices >= 0) {
        if (wait >= plan->choices) {
            plan->taken[wait] = 0;
            plan->choices = wait + 1;
        }
        plan->possible[wait] = possible;
        return plan->taken[wait];
    }
    return is_late ? possible - 1 : 0;
}

/* The next combination; false when all have been tried. */
static bool next_combination(walk_plan *plan)
{
    while (plan->choices > 0 && plan->taken[plan->choices - 1] + 1 >= plan->possible[plan->choices - 1])
        plan->choices--;
    if (plan->choices == 0)
        return false;
    plan->taken[plan->choices - 1]++;
    return true;
}

/* One way through the script. */
static tend_status walk(script_checker *checker, tend_sandbox *sandbox, uint32_t slot, walk_plan *plan, tend_error *reterr)
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
    for (int wait = 0; wait < WALK_WAITS && status == TEND_OK; wait++) {
        tend_move move = { .slot = slot,
                           .run = 1,
                           .subject = checker->bundle->spec.subject->name,
                           .settings = &checker->bundle->settings,
                           .event = &event,
                           .journal = checker->journal,
                           .count = checker->count };

        plan->moves++;
        status = tend_sandbox_move(sandbox, &move, &handler, checker->arena, &result, reterr);
        if (status < 0)
            break;
        if (result.end != TEND_MOVE_WAITING) {
            take_end(checker, &result);
            break;
        }
        status = make_answer(checker, next_answer(plan, wait, answers_of[checker->waits_for]),
                             &checker->journal[checker->count - 1].answer);
    }
    return status;
}

/* A few patterns to the very end, then the combinations of answers to the first waits as far as the moves reach. */
static tend_status walk_all(script_checker *checker, tend_sandbox *sandbox, tend_error *reterr)
{
    walk_plan plan = { .pattern = 0 };
    tend_status status = TEND_OK;

    for (int which = 0; which < 4 && status == TEND_OK && tend_sandbox_has(sandbox, 1); which++) {
        plan = (walk_plan){ .pattern = which, .choices = -1 };
        status = walk(checker, sandbox, 1, &plan, reterr);
    }
    plan = (walk_plan){ .pattern = 1 };
    do
        if (status == TEND_OK && tend_sandbox_has(sandbox, 1))
            status = walk(checker, sandbox, 1, &plan, reterr);
    while (status == TEND_OK && tend_sandbox_has(sandbox, 1) && plan.moves < WALK_MOVES && next_combination(&plan));
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

/* With the settings as they stand in the bundle; what is read has one value, then another. */
static tend_status walk_both(script_checker *checker, tend_sandbox *sandbox, tend_error *reterr)
{
    tend_status status = walk_all(checker, sandbox, reterr);

    checker->reads_other = true;
    if (status == TEND_OK && checker->has_read)
        status = walk_all(checker, sandbox, reterr);
    return status;
}

static tend_status check_literals(script_checker *checker, tend_error *reterr)
{
    const tend_literal_check check = { &checker->context, checker->arena, take_literal, checker };

    return tend_literals_check(&check, &checker->bundle->script, checker->bundle->libraries, reterr);
}

/* Channels that messages can take in this workspace; mail is one always, for it is the default. */
static void read_channels(script_checker *checker, const tend_config *config)
{
    const char *name;
    size_t count = 0;

    if (!config)
        return;
    checker->channels[count++] = "mail";
    for (size_t i = 0; count < CHANNELS_MAX && (name = tend_config_instance(config, "sink", i)); i++)
        checker->channels[count++] = tend_config_text(config, "sink", name, "channel");
    checker->context.channels = checker->channels;
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
    checker->context.schema = checker->schema;
    checker->context.subject = checker->bundle->spec.subject;
    checker->context.settings = &checker->bundle->settings;
    return check_literals(checker, reterr);
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

    return status < 0 ? status : walk_both(checker, sandbox, reterr);
}

static void write_line(void *self, const char *line)
{
    if (self)
        (void)fprintf(self, "%s\n", line);
}

tend_status tend_playbook_check(const tend_config *config, const char *path, const char *scripts, const tend_schema *schema,
                                const tend_segments *segments, const char *sandbox_path, FILE *out, int *ret_faults,
                                tend_error *reterr)
{
    script_checker *checker = calloc(1, sizeof *checker);
    tend_status status;

    if (!checker)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    checker->schema = schema;
    read_channels(checker, config);
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
    return walk_both(checker, sandbox, reterr);
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
    read_channels(checker, config);
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
