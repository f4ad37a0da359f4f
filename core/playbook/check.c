/* check.c: what can be said of a playbook before it works: its declaration, its condition, its verbs and their arguments. Calls are
 * read as they are written (literal.c), then the script is walked through (walk.c). */
#include "base/near.h"
#include "base/remarks.h"
#include "playbook/checker.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

void checker_say(script_checker *checker, const char *line)
{
    size_t own = checker->shown ? strlen(checker->bundle->script.file) : 0;
    const char *named = NULL;

    if (own > 0 && strncmp(line, checker->bundle->script.file, own) == 0 && line[own] == ':')
        named = tend_arena_print(checker->arena, "%s%s", checker->shown, line + own);
    line = named ? named : line;
    for (size_t i = 0; i < SAID_MAX && checker->said[i]; i++) /* said with what to do */
        if (strncmp(checker->said[i], line, strlen(line)) == 0 && checker->said[i][strlen(line)] == ';')
            return;
    if (is_kept(checker, checker->said, line))
        return;
    checker->faults++;
    checker->tell(checker->self, line);
}

bool checker_has_said(const script_checker *checker, const char *part)
{
    for (size_t i = 0; i < SAID_MAX && checker->said[i]; i++)
        if (strstr(checker->said[i], part))
            return true;
    return false;
}

/* "task 'plan': title: …" as "12 task: title: …", so that it is the same whatever the step is called in this round. */
static void without_step(unsigned call, const char *sentence, char *buffer, size_t room)
{
    const char *from = strstr(sentence, " '"), *to = from ? strstr(from, "': ") : NULL;

    if (to && memchr(sentence, ':', (size_t)(from - sentence)) == NULL)
        (void)snprintf(buffer, room, "%u %.*s%s", call, (int)(from - sentence), sentence, to + 1);
    else
        (void)snprintf(buffer, room, "%u %s", call, sentence);
}

static void take_literal(void *self, const char *file, unsigned line, unsigned call, const char *sentence)
{
    script_checker *checker = self;
    char text[1200], reason[1000];

    without_step(call, sentence, reason, sizeof reason);
    (void)is_kept(checker, checker->literal, reason);
    (void)snprintf(text, sizeof text, "%s:%u: %s", file, line, sentence);
    checker_say(checker, text);
}

void checker_say_at(script_checker *checker, unsigned line, const char *format, ...)
{
    char sentence[900], text[1200];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    (void)snprintf(text, sizeof text, "%s:%u: %s", checker->bundle->path, line, sentence);
    checker_say(checker, text);
}

void checker_say_of_call(script_checker *checker, unsigned call, const char *sentence)
{
    take_literal(checker, checker->bundle->path, call, call, sentence);
}

/* What a walk came by: not again what the words of the call have said. */
void checker_say_of_request(script_checker *checker, const tend_request *request, const char *sentence)
{
    unsigned line = tend_bundle_line(checker->bundle, request);
    char text[1200], reason[1000];

    if (checker_said_brace(checker, sentence))
        return;
    without_step(line, sentence, reason, sizeof reason);
    for (size_t i = 0; i < SAID_MAX && checker->literal[i]; i++)
        if (strncmp(checker->literal[i], reason, strlen(reason)) == 0 &&
            (checker->literal[i][strlen(reason)] == '\0' || checker->literal[i][strlen(reason)] == ';' || /* "; did you mean" */
             strncmp(checker->literal[i] + strlen(reason), " (setting ", 10) == 0))
            return;
    (void)is_kept(checker, checker->literal, reason); /* nor for each round of a loop */
    (void)snprintf(text, sizeof text, "%s:%u: %s", checker->bundle->path, line, sentence);
    checker_say(checker, text);
}

static void take_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    static const char *const walked[] = { "api", "outcomes", "settings", "steps", "subject", NULL };
    script_checker *checker = self;
    char line[1200];

    checker->is_unfit |= !key || tend_is_among(key, walked);
    if (key || inner)
        (void)snprintf(line, sizeof line, "%s:%u: %s", checker->bundle->path,
                       tend_spec_line(checker->bundle->script.text, key, inner), sentence);
    else
        (void)snprintf(line, sizeof line, "%s", sentence);
    checker_say(checker, line);
}

/* Verbs that no walk came by. */
static void check_verbs(script_checker *checker)
{
    static const char *const verbs[] = { "account", "all",   "approve",  "ask",   "bulk", "call",    "child",
                                         "close",   "count", "escalate", "first", "log",  "measure", "notify",
                                         "set",     "sleep", "task",     "wait",  NULL };
    const char *text = checker->bundle->script.text;
    unsigned line = 1;

    for (const char *at = text; *at; at++) {
        char name[64], sentence[600];
        const char *near;
        size_t length, used;

        line += *at == '\n';
        if (strncmp(at, "run:", 4) != 0 || (at > text && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
            continue;
        length = strspn(at + 4, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        if (length == 0 || length >= sizeof name)
            continue;
        memcpy(name, at + 4, length);
        name[length] = '\0';
        if (tend_is_among(name, verbs))
            continue;
        near = tend_near(name, verbs);
        used = (size_t)snprintf(sentence, sizeof sentence, "run has no '%s'; %s%s%s", name,
                                near ? "did you mean " : "its verbs are ", near ? near : "", near ? "?" : "");
        for (size_t k = 0; !near && verbs[k] && used < sizeof sentence; k++)
            used += (size_t)snprintf(sentence + used, sizeof sentence - used, "%s%s",
                                     k == 0         ? ""
                                     : verbs[k + 1] ? ", "
                                                    : " and ",
                                     verbs[k]);
        checker_say_at(checker, line, "%s", sentence);
    }
}

/* A condition, and whether it can hold at all. */
static void check_condition(script_checker *checker, const tend_segments *segments, const char *key, const char *text)
{
    const tend_bundle *bundle = checker->bundle;
    tend_principal principal = tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, "playbook");
    bool is_stop = strncmp(key, "stop_when.", 10) == 0;
    tend_filter *filter = NULL;
    const char *never = NULL, *beyond = NULL;
    tend_error why = { 0 };
    char line[1200];

    if (tend_condition_read(bundle, checker->schema, segments, &principal, key, text, &filter, &why) < 0) {
        checker_say(checker, why.text);
    } else if (filter) {
        never = tend_filter_never(filter, checker->arena);
        beyond = never ? NULL : tend_filter_beyond(filter, checker->arena);
    }
    (void)snprintf(line, sizeof line, "%s:%u: %s%s: %s%s", bundle->path,
                   tend_spec_line(bundle->script.text, is_stop ? "stop_when" : "start_when", is_stop ? key + 10 : key),
                   is_stop ? "" : "start_when.", key, never ? "can never hold: " : "",
                   never    ? never
                   : beyond ? beyond
                            : "");
    if (never || beyond)
        checker_say(checker, line);
    tend_filter_free(filter);
}

/* The topic of an event that stands in the declaration; what never happens at all is said when it is read. */
static void check_topic(script_checker *checker, const char *key, const char *topic)
{
    tend_error why = { 0 };
    char line[1200];

    if (!topic || !tend_topic_known(checker->schema, topic) || tend_argument_check_topic(&checker->context, topic, &why) == TEND_OK)
        return;
    (void)snprintf(line, sizeof line, "%s:%u: %s.event: %.900s", checker->bundle->path,
                   tend_spec_line(checker->bundle->script.text, key, "event"), key, why.text);
    checker_say(checker, line);
}

void checker_conditions(script_checker *checker, const tend_segments *segments)
{
    const tend_spec *spec = &checker->bundle->spec;
    char text[200];

    check_condition(checker, segments, "where", spec->where);
    check_condition(checker, segments, "again_when", spec->again);
    check_condition(checker, segments, "stop_when.where", spec->stop_where);
    for (size_t i = 0; i < spec->rhythm_count; i++) {
        if (!spec->rhythms[i].segment)
            continue;
        tend_condition_of_rhythm(spec, i, text);
        check_condition(checker, segments, "per_segment", text);
    }
    check_topic(checker, "start_when", spec->start_event);
    check_topic(checker, "stop_when", spec->stop_event);
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
    checker_say(checker, line);
}

static tend_status check_literals(script_checker *checker, tend_error *reterr)
{
    const tend_literal_check check = { &checker->context, checker->arena, take_literal, checker, NULL };

    return tend_literals_check(&check, &checker->bundle->script, checker->bundle->libraries, reterr);
}

void checker_channels(script_checker *checker, const tend_config *config)
{
    const char *name;
    size_t count = 0;

    if (!config)
        return;
    checker->channels[count++] = "mail";
    for (size_t i = 0; count < CHANNELS_MAX && (name = tend_config_instance(config, "sink", i)); i++)
        checker->channels[count++] = tend_config_text(config, "sink", name, "channel");
    checker->context.channels = checker->channels;
    for (size_t i = 0; i < PLAYBOOKS_MAX && (name = tend_config_instance(config, "playbook", i)); i++)
        checker->playbooks[i] = name;
    checker->context.playbooks = checker->playbooks;
}

tend_status checker_open(script_checker *checker, const char *path, tend_sandbox *sandbox, tend_error *reterr)
{
    tend_spec_faults faults = { .fault = take_fault, .self = checker };
    tend_error why = { 0 };
    tend_status status = tend_bundle_open(checker->bundle, 1, sandbox, checker->schema, NULL, NULL, &faults, &why);

    check_verbs(checker);
    if (status < 0 && (status != TEND_EINVAL || !checker->bundle->spec.subject))
        return status == TEND_EINVAL ? status : tend_fail(reterr, status, "%s", why.text);
    if (checker->bundle->spec.name)
        check_name(checker, path);
    return TEND_OK;
}

void checker_begin_again(script_checker *checker)
{
    memset(checker->said, 0, sizeof checker->said);
    memset(checker->literal, 0, sizeof checker->literal);
    checker->count = 0;
    checker->reads_other = checker->has_read = checker->reads_korean = checker->has_language = checker->is_endless = false;
}

void checker_look_into(script_checker *checker, const tend_segments *segments)
{
    checker->context.schema = checker->schema;
    checker->context.subject = checker->bundle->spec.subject;
    checker->context.settings = &checker->bundle->settings;
    checker->context.segments = tend_segments_is_any(segments) ? NULL : segments;
    checker->context.conditions = segments;
}

tend_status checker_written(script_checker *checker, tend_error *reterr)
{
    tend_status status;

    checker->tokens = tend_lua_tokens(checker->bundle->script.text, checker->arena);
    if (!checker->tokens || !tend_lua_variables(checker->tokens, checker->arena, &checker->variables))
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    status = check_literals(checker, reterr);
    if (status == TEND_OK)
        status = checker_ways(checker, reterr);
    if (status == TEND_OK)
        status = checker_list(checker, reterr);
    if (status == TEND_OK)
        status = checker_answers(checker, reterr);
    if (status == TEND_OK) {
        checker_comparisons(checker);
        checker_braces(checker);
    }
    return status;
}

tend_status checker_read(script_checker *checker, const char *path, const char *scripts, const char *sandbox_path,
                         tend_status (*check)(script_checker *checker, const char *path, const void *context, tend_sandbox *sandbox,
                                              tend_error *reterr),
                         const void *context, tend_error *reterr)
{
    tend_sandbox *sandbox = NULL;
    tend_status status;

    checker->scripts = scripts;
    checker->arena = tend_arena_new();
    status = checker->arena ? tend_bundle_read(scripts, path, &checker->bundle, reterr)
                            : tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    if (status == TEND_OK)
        status = tend_sandbox_open(sandbox_path, NULL, &sandbox, reterr);
    if (status == TEND_OK) {
        tend_sandbox_set_strict(sandbox);
        status = check(checker, path, context, sandbox, reterr);
    }
    tend_sandbox_close(sandbox);
    tend_bundle_free(checker->bundle);
    tend_arena_free(checker->arena);
    return status;
}

static tend_status check_alone(script_checker *checker, const char *path, const void *context, tend_sandbox *sandbox,
                               tend_error *reterr)
{
    tend_status status = checker_open(checker, path, sandbox, reterr);

    if (status < 0)
        return status;
    checker_look_into(checker, context);
    checker_conditions(checker, context);
    status = checker_written(checker, reterr);
    return status < 0 || checker->is_unfit ? status : checker_walk(checker, sandbox, reterr);
}

tend_status tend_bundle_check(const tend_playbooks *playbooks, tend_bundle *bundle, void (*tell)(void *self, const char *line),
                              void *self, int *ret_faults, tend_error *reterr)
{
    script_checker *checker = calloc(1, sizeof *checker);
    tend_sandbox *sandbox = NULL;
    tend_move_result result;
    tend_tree tree;
    tend_status status;

    if (!checker)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    *checker = (script_checker){ .scripts = playbooks->scripts,
                                 .schema = playbooks->schema,
                                 .bundle = bundle,
                                 .arena = tend_arena_new(),
                                 .tell = tell,
                                 .self = self };
    checker_look_into(checker, playbooks->segments);
    checker_channels(checker, playbooks->config);
    status = checker->arena ? tend_sandbox_open(playbooks->options.sandbox, &playbooks->options.limits, &sandbox, reterr)
                            : tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    if (status == TEND_OK) {
        tend_sandbox_set_strict(sandbox);
        status = tend_sandbox_load(sandbox, 1, &bundle->script, bundle->libraries, checker->arena, &tree, &result, reterr);
    }
    if (status == TEND_OK) {
        check_verbs(checker);
        status = checker_written(checker, reterr);
    }
    if (status == TEND_OK)
        status = checker_walk(checker, sandbox, reterr);
    if (status == TEND_OK)
        *ret_faults = checker->faults;
    tend_sandbox_close(sandbox);
    tend_arena_free(checker->arena);
    free(checker);
    return status;
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
    tend_remarks *remarks = tend_remarks_new();
    tend_status status = TEND_OK;

    if (!checker || !remarks)
        status = tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    if (status == TEND_OK) {
        checker->schema = schema;
        checker_channels(checker, config);
        checker->shown = path;
        checker->tell = tend_remarks_add;
        checker->self = remarks;
        status = checker_read(checker, path, scripts, sandbox_path, check_alone, segments, reterr);
        if (status == TEND_EINVAL && checker->faults > 0)
            status = TEND_OK; /* it will be said */
        if (!tend_remarks_tell(remarks, write_line, out) && status == TEND_OK)
            status = tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    }
    if (status == TEND_OK)
        *ret_faults = checker->faults;
    tend_remarks_free(remarks);
    free(checker);
    return status;
}
