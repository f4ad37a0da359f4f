/* pretend.c: a pretend world: its configuration, its workspace, and which call does what. */
#include "engine/pretend_inside.h"

#include "base/file.h"
#include "base/near.h"
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 10000 };

/* Monday, 2026-03-02, 09:00 UTC. */
static const tend_time usual_start = INT64_C(20514) * 86400000 + 9 * 3600000;

static tend_status add_line(tend_pretend *pretend, const char *section, const char *key, const char *value, tend_error *reterr)
{
    pretend_line *line = tend_arena_take(pretend->arena, sizeof *line);

    if (!line || !value)
        return pretend_no_memory(reterr);
    if (strpbrk(section, "[]\r\n") || strpbrk(key, "=:\r\n[]") || strpbrk(value, "\r\n"))
        return tend_fail(reterr, TEND_EINVAL, "[%s] %s: a value is one line of text", section, key);
    *line = (pretend_line){ .next = pretend->lines,
                            .section = tend_arena_string(pretend->arena, section),
                            .key = tend_arena_string(pretend->arena, key),
                            .value = tend_arena_string(pretend->arena, value) };
    pretend->lines = line;
    return line->section && line->key && line->value ? TEND_OK : pretend_no_memory(reterr);
}

static bool has_section(const tend_pretend *pretend, const char *section)
{
    for (const pretend_line *line = pretend->lines; line; line = line->next)
        if (strcmp(line->section, section) == 0)
            return true;
    return false;
}

tend_status tend_pretend_open(tend_pretend_house *house, const tend_pretend_options *options, tend_pretend **ret_pretend,
                              tend_error *reterr)
{
    tend_pretend *pretend = calloc(1, sizeof *pretend);
    char section[80];
    tend_status status = TEND_OK;

    if (pretend)
        pretend->arena = tend_arena_new();
    if (!pretend || !pretend->arena) {
        free(pretend);
        return pretend_no_memory(reterr);
    }
    pretend->house = house;
    pretend->options = *options;
    pretend->now = usual_start;
    pretend->principal = tend_principal_named(TEND_PRINCIPAL_ADMINISTRATOR, "test");
    if (options->playbook) {
        (void)snprintf(section, sizeof section, "playbook.%.60s", options->playbook);
        status = add_line(pretend, section, "enabled", "yes", reterr);
    }
    if (status < 0) {
        tend_pretend_close(pretend);
        return status;
    }
    *ret_pretend = pretend;
    return TEND_OK;
}

void tend_pretend_close(tend_pretend *pretend)
{
    if (!pretend)
        return;
    tend_workspace_close(pretend->workspace);
    if (pretend->folder[0])
        pretend_house_clear(pretend->folder);
    tend_arena_free(pretend->arena);
    free(pretend);
}

/* ---- the configuration ------------------------------------------------------------------------------------------------- */

/* Of lines that say the same key the one that was said last counts; the list has it first. */
static bool is_overruled(const tend_pretend *pretend, const pretend_line *line)
{
    for (const pretend_line *later = pretend->lines; later != line; later = later->next)
        if (strcmp(later->section, line->section) == 0 && strcmp(later->key, line->key) == 0)
            return true;
    return false;
}

static bool is_begun(const tend_pretend *pretend, const pretend_line *line)
{
    for (const pretend_line *other = pretend->lines; other != line; other = other->next)
        if (strcmp(other->section, line->section) == 0)
            return true;
    return false;
}

static void write_ini(const tend_pretend *pretend, tend_buffer *out)
{
    for (const pretend_line *first = pretend->lines; first; first = first->next) {
        if (is_begun(pretend, first))
            continue;
        tend_buffer_print(out, "[%s]\n", first->section);
        for (const pretend_line *line = first; line; line = line->next)
            if (strcmp(line->section, first->section) == 0 && !is_overruled(pretend, line))
                tend_buffer_print(out, "%s = %s\n", line->key, line->value);
    }
    tend_buffer_text(out, "[store]\npath = tend.db\n");
}

tend_status pretend_reconsider(tend_pretend *pretend, const tend_world_call *call, tend_error *reterr)
{
    if (pretend->is_lived_in)
        return tend_fail(reterr, TEND_EINVAL, "world:%s: comes too late; say it before the first row", call->verb);
    tend_workspace_close(pretend->workspace);
    pretend->workspace = NULL;
    if (pretend->folder[0])
        pretend_house_clear(pretend->folder);
    pretend->folder[0] = '\0';
    return TEND_OK;
}

static const char *text_of_value(tend_pretend *pretend, const tend_tree *value)
{
    switch (value->tag) {
    case TEND_TREE_TEXT:
        return value->text;
    case TEND_TREE_INT:
        return tend_arena_print(pretend->arena, "%lld", (long long)value->integer);
    case TEND_TREE_NUMBER:
        return tend_arena_print(pretend->arena, "%.15g", value->number);
    case TEND_TREE_TRUE:
    case TEND_TREE_FALSE:
        return value->tag == TEND_TREE_TRUE ? "yes" : "no";
    default:
        return NULL;
    }
}

static tend_status take_section(tend_pretend *pretend, const char *section, const tend_tree *map, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; map->tag == TEND_TREE_MAP && i < map->length && status >= 0; i++) {
        const char *value = text_of_value(pretend, &map->items[i]);

        status = value ? add_line(pretend, section, map->keys[i], value, reterr)
                       : tend_fail(reterr, TEND_EINVAL, "[%s] %s: a value is a text, a number or a boolean", section, map->keys[i]);
    }
    return status;
}

/* world:configure{ ["segment.key"] = { where = "tier = gold" } } */
static tend_status configure(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    static const char *const allowed[] = { "tend",     "playbook", "playbooks", "segment", "calendar",
                                           "holidays", "field",    "kpi",       "band",    NULL };
    const tend_tree *map = call->count > 0 ? &call->arguments[0] : &tend_tree_nil;
    tend_status status = pretend_reconsider(pretend, call, reterr);

    (void)ret_answer;
    if (status >= 0 && map->tag != TEND_TREE_MAP)
        status = tend_fail(reterr, TEND_EINVAL, "world:configure: write { [\"segment.key\"] = { where = \"…\" } }, as in tend.ini");
    for (size_t i = 0; status >= 0 && i < map->length; i++) {
        size_t length = strcspn(map->keys[i], "."), k = 0;

        while (allowed[k] && (strlen(allowed[k]) != length || strncmp(map->keys[i], allowed[k], length) != 0))
            k++;
        if (!allowed[k])
            status = tend_fail(
                reterr, TEND_EINVAL,
                "world:configure: [%s] is not for a pretend world; it has tend, playbook, playbooks, segment, calendar, holidays, "
                "field, kpi and band",
                map->keys[i]);
        else
            status = take_section(pretend, map->keys[i], &map->items[i], reterr);
    }
    return status;
}

/* world:playbook("renewal", { lead_days = 60 }) */
static tend_status use_playbook(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    char section[80];
    tend_status status = pretend_reconsider(pretend, call, reterr);

    (void)ret_answer;
    if (status >= 0 && (call->count == 0 || call->arguments[0].tag != TEND_TREE_TEXT))
        status = tend_fail(reterr, TEND_EINVAL, "world:playbook: write its name, and its settings behind");
    if (status < 0)
        return status;
    (void)snprintf(section, sizeof section, "playbook.%.60s", call->arguments[0].text);
    status = add_line(pretend, section, "enabled", "yes", reterr);
    return status >= 0 && call->count > 1 ? take_section(pretend, section, &call->arguments[1], reterr) : status;
}

/* world:settings{ lead_days = 60 }: of the playbook under test. */
static tend_status use_settings(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    char section[80];
    tend_status status = pretend_reconsider(pretend, call, reterr);

    (void)ret_answer;
    if (status >= 0 && !pretend->options.playbook)
        status = tend_fail(reterr, TEND_EINVAL,
                           "world:settings: the test's file is not named for a playbook (NAME_test.lua); write "
                           "world:playbook(\"NAME\", { … })");
    if (status >= 0 && (call->count == 0 || call->arguments[0].tag != TEND_TREE_MAP))
        status = tend_fail(reterr, TEND_EINVAL, "world:settings: write { setting = value }");
    if (status < 0)
        return status;
    (void)snprintf(section, sizeof section, "playbook.%.60s", pretend->options.playbook);
    return take_section(pretend, section, &call->arguments[0], reterr);
}

/* world:segment("key", "tier = gold") */
static tend_status use_segment(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    char section[80];
    tend_status status = pretend_reconsider(pretend, call, reterr);

    (void)ret_answer;
    if (status >= 0 && (call->count < 2 || call->arguments[0].tag != TEND_TREE_TEXT || call->arguments[1].tag != TEND_TREE_TEXT))
        status = tend_fail(reterr, TEND_EINVAL,
                           "world:segment: write its name and its condition, world:segment(\"key\", \"tier = "
                           "gold\")");
    if (status < 0)
        return status;
    (void)snprintf(section, sizeof section, "segment.%.60s", call->arguments[0].text);
    return add_line(pretend, section, "where", call->arguments[1].text, reterr);
}

/* ---- the workspace ----------------------------------------------------------------------------------------------------- */

static tend_status write_settings(tend_pretend *pretend, char **ret_ini, tend_error *reterr)
{
    tend_buffer out = { 0 };
    char path[PATH_MAX + 16];
    FILE *file;
    tend_status status = TEND_OK;

    if (!has_section(pretend, "tend"))
        status = add_line(pretend, "tend", "name", "pretend", reterr);
    if (status < 0)
        return status;
    write_ini(pretend, &out);
    *ret_ini = out.failed ? NULL : tend_arena_string(pretend->arena, tend_buffer_string(&out));
    tend_buffer_clear(&out);
    if (!*ret_ini)
        return pretend_no_memory(reterr);
    (void)snprintf(path, sizeof path, "%s/tend.ini", pretend->folder);
    file = fopen(path, "we");
    if (!file || fputs(*ret_ini, file) < 0)
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be written", path);
    if (file && fclose(file) != 0 && status >= 0)
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be written", path);
    return status;
}

/* A script that cannot be used is the test's failure. */
static tend_status check_playbooks(tend_pretend *pretend, const tend_playbooks *playbooks, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = TEND_OK;

    if (tend_playbooks_faulty(playbooks) == 0)
        return TEND_OK;
    status = tend_store_prepare(tend_workspace_store(pretend->workspace), "SELECT name, why FROM playbook_faults ORDER BY name",
                                &statement, reterr);
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        status = tend_fail(reterr, TEND_EINVAL, "playbook %s cannot work: %s", tend_statement_text(statement, 0, NULL),
                           tend_statement_text(statement, 1, NULL));
    tend_statement_end(statement);
    return status;
}

static tend_status open_workspace(tend_pretend *pretend, tend_error *reterr)
{
    const tend_clock clock = tend_clock_by_hand(&pretend->now);
    tend_playbooks *playbooks;
    tend_sandbox *sandbox;
    char *ini = NULL;
    tend_status status = pretend_house_room(pretend->house, pretend->options.scripts, pretend->folder, reterr);

    if (status >= 0)
        status = write_settings(pretend, &ini, reterr);
    if (status >= 0)
        status = pretend_house_store(pretend->house, pretend->folder, ini, clock, pretend->now, reterr);
    if (status >= 0)
        status = tend_workspace_open(pretend->folder, TEND_STORE_WRITE, clock, NULL, &pretend->workspace, reterr);
    if (status >= 0)
        status = tend_store_set_durable(tend_workspace_store(pretend->workspace), false, reterr);
    if (status >= 0)
        status = tend_workspace_playbooks(pretend->workspace, &playbooks, reterr);
    if (status >= 0)
        status = check_playbooks(pretend, playbooks, reterr);
    if (status < 0)
        return status;
    sandbox = tend_playbooks_sandbox(playbooks);
    tend_sandbox_set_forgetful(sandbox);
    if (pretend->options.coverage)
        tend_sandbox_watch(sandbox, pretend->options.coverage);
    return TEND_OK;
}

tend_status pretend_begin(tend_pretend *pretend, tend_error *reterr)
{
    if (pretend->workspace)
        return TEND_OK;
    if (pretend->folder[0])
        return tend_fail(reterr, TEND_EINVAL, "the world could not be made; see the first failure");
    return open_workspace(pretend, reterr);
}

tend_status pretend_settle(tend_pretend *pretend, tend_error *reterr)
{
    tend_playbooks *playbooks;
    const tend_rates *rates;
    tend_status status = pretend_begin(pretend, reterr);
    bool did = true;

    if (status >= 0)
        status = tend_workspace_rates(pretend->workspace, &rates, reterr);
    if (status >= 0)
        status = tend_workspace_playbooks(pretend->workspace, &playbooks, reterr);
    for (int rounds = 0; status >= 0 && did; rounds++) {
        if (rounds == ROUNDS_MAX)
            return tend_fail(reterr, TEND_EINVAL, "the playbooks come to no rest at one instant: %d rounds of work", ROUNDS_MAX);
        status = tend_playbooks_step(playbooks, &did, reterr);
    }
    return status;
}

/* ---- calls ------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    pretend_verb *run;
} verbs[] = {
    { "advance", pretend_advance }, { "all", pretend_all },       { "answer", pretend_answer },
    { "configure", configure },     { "day", pretend_day },       { "event", pretend_event },
    { "measure", pretend_measure }, { "playbook", use_playbook }, { "read", pretend_read },
    { "remove", pretend_remove },   { "segment", use_segment },   { "set", pretend_set },
    { "settings", use_settings },   { "start", pretend_start },   { "starts", pretend_starts },
    { "stop", pretend_stop },       { "today", pretend_today },   { "expect_trace", pretend_trace },
};

#define VERBS (sizeof verbs / sizeof *verbs)

static tend_status fail_unknown(const tend_pretend *pretend, const char *verb, tend_error *reterr)
{
    const char *names[VERBS + TEND_KIND_COUNT + 1];
    const char *const *kinds = tend_schema_names(tend_workspace_schema(pretend->workspace));
    size_t count = 0;
    const char *near;

    for (size_t i = 0; i < VERBS; i++)
        names[count++] = verbs[i].name;
    for (size_t i = 0; kinds[i] && count < VERBS + TEND_KIND_COUNT; i++)
        names[count++] = kinds[i];
    names[count] = NULL;
    near = tend_near(verb, names);
    return tend_fail(reterr, TEND_EINVAL, "world has no '%s'%s%s%s", verb,
                     near ? "; did you mean "
                          : "; it has the kinds of rows (world:contract{ … }), and what docs/playbooks.md lists",
                     near ? near : "", near ? "?" : "");
}

static tend_status dispatch(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const tend_kind_schema *kind;
    tend_status status;

    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, call->verb) == 0)
            return verbs[i].run(pretend, call, ret_answer, reterr);
    if (strncmp(call->verb, "expect_", 7) == 0)
        return pretend_expect(pretend, call->verb + 7, call, ret_answer, reterr);
    status = pretend_begin(pretend, reterr);
    if (status < 0)
        return status;
    kind = tend_schema_find(tend_workspace_schema(pretend->workspace), call->verb);
    if (!kind || strcmp(kind->name, call->verb) != 0)
        return fail_unknown(pretend, call->verb, reterr);
    return pretend_add(pretend, kind, call, ret_answer, reterr);
}

/* "run 1 of held is held: why", the first of them; NULL when there is none. */
static const char *held_run(tend_pretend *pretend, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    const char *said = NULL;
    tend_status status =
        tend_store_prepare(tend_workspace_store(pretend->workspace),
                           "SELECT id, playbook, reason FROM runs WHERE state = 'held' ORDER BY id", &statement, reterr);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        said = tend_arena_print(pretend->arena, "run %lld of %s is held: %s", (long long)tend_statement_int(statement, 0),
                                tend_statement_text(statement, 1, NULL), tend_statement_text(statement, 2, NULL));
    tend_statement_end(statement);
    return said;
}

/* What a test is told of its first failure. An expectation that is not met mostly has its cause in a run that is held: it stands
 * beside it. */
static const char *failure_of(tend_pretend *pretend, const tend_world_call *call, const char *why)
{
    tend_error error = { 0 };
    const char *held = NULL;

    if (pretend->workspace && !pretend->expects_held && strncmp(call->verb, "expect_", 7) == 0)
        held = held_run(pretend, &error);
    return held ? tend_arena_print(pretend->arena, "%s; %s", why, held) : tend_arena_string(pretend->arena, why);
}

tend_status tend_pretend_call(void *self, const tend_world_call *call, tend_arena *arena, tend_tree *ret_answer, tend_error *reterr)
{
    tend_pretend *pretend = self;
    tend_error why = { 0 };
    tend_status status;

    pretend->scratch = arena;
    status = dispatch(pretend, call, ret_answer, &why);
    if (status >= 0)
        return TEND_OK;
    if (!pretend->failure) {
        pretend->failure = failure_of(pretend, call, why.text);
        pretend->failure_line = call->line;
    }
    /* Whatever it is, it is the test's failure; only what no test could go on after ends all. */
    return tend_fail(reterr, status == TEND_ENOMEM ? TEND_ENOMEM : TEND_EINVAL, "%s", why.text);
}

const char *tend_pretend_failure(const tend_pretend *pretend, uint32_t *ret_line)
{
    *ret_line = pretend->failure_line;
    return pretend->failure;
}

const char *tend_pretend_fault(tend_pretend *pretend, uint32_t *ret_line)
{
    tend_error error = { 0 };
    const char *held = NULL, *fault = NULL;
    tend_status status;

    *ret_line = pretend->failure_line;
    if (pretend->failure)
        return pretend->failure;
    *ret_line = 0;
    if (!pretend->workspace) /* it asked for nothing of the world */
        return NULL;
    pretend->scratch = pretend->arena;
    status = pretend_settle(pretend, &error);
    if (status < 0)
        return tend_arena_string(pretend->arena, error.text);
    error.text[0] = '\0'; /* of something that was tried and done without */
    if (!pretend->expects_held)
        held = held_run(pretend, &error);
    if (held)
        fault = tend_arena_print(pretend->arena, "%s; a test that wants it so says world:expect_run{ state = 'held' }", held);
    return error.text[0] ? tend_arena_string(pretend->arena, error.text) : fault;
}
