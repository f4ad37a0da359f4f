#include "playbook/spec_reader.h"

#include "base/near.h"
#include <ctype.h>
#include <string.h>

static void read_outcomes(spec_reader *reader, const tend_tree *tree)
{
    const tend_tree *outcomes = tend_tree_get(tree, "outcomes");

    if (!outcomes || outcomes->tag != TEND_TREE_LIST || outcomes->length > TEND_SPEC_OUTCOMES) {
        spec_fault(reader, "outcomes", NULL, "outcomes: name what the playbook can come to, 1 to %d texts", TEND_SPEC_OUTCOMES);
        return;
    }
    for (size_t i = 0; i < outcomes->length; i++) {
        if (outcomes->items[i].tag != TEND_TREE_TEXT || outcomes->items[i].length == 0)
            spec_fault(reader, "outcomes", NULL, "outcomes: entry %zu is not a text", i + 1);
        else
            reader->spec->outcomes[reader->spec->outcome_count++] = outcomes->items[i].text;
    }
}

static void read_on_stop(spec_reader *reader, const tend_tree *on_stop)
{
    const char *word = on_stop && on_stop->tag == TEND_TREE_TEXT ? on_stop->text : NULL;

    reader->spec->has_on_stop = on_stop && on_stop->tag == TEND_TREE_FUNCTION;
    reader->spec->closes_left = word && strcmp(word, "close") == 0;
    if (on_stop && !reader->spec->has_on_stop && !reader->spec->closes_left && !(word && strcmp(word, "leave") == 0))
        spec_fault(reader, "on_stop", NULL, "on_stop: must be a function(run, left), or \"close\" or \"leave\"");
}

static const char *const verbs[] = { "all",   "approve", "ask",    "bulk", "call",  "child", "close", "escalate",
                                     "first", "log",     "notify", "set",  "sleep", "task",  "wait",  NULL };

const char *tend_spec_verb(const tend_tree *step, const char **ret_name)
{
    for (size_t i = 0; verbs[i]; i++)
        if ((*ret_name = tend_tree_string(step, verbs[i])) != NULL)
            return verbs[i];
    return NULL;
}

/* The key that may have been meant for a verb, and the verb. */
static const char *near_verb(const tend_tree *step, const char **ret_near)
{
    for (size_t i = 0; step->tag == TEND_TREE_MAP && i < step->length; i++)
        if (step->items[i].tag == TEND_TREE_TEXT && (*ret_near = tend_near(step->keys[i], verbs)) != NULL)
            return step->keys[i];
    *ret_near = NULL;
    return step->tag == TEND_TREE_MAP && step->length > 0 ? step->keys[0] : NULL;
}

/* What each entry says for itself; arguments are looked at when the list is walked through. */
static void read_steps(spec_reader *reader, const tend_tree *steps)
{
    const char *name, *near, *key;

    for (size_t i = 0; i < steps->length; i++) {
        const tend_tree *step = &steps->items[i];

        if (step->tag != TEND_TREE_MAP || (!tend_spec_verb(step, &name) && !tend_tree_string(step, "outcome"))) {
            key = near_verb(step, &near);
            if (near)
                spec_fault(reader, "steps", key, "steps: entry %zu names no verb; did you mean %s = \"…\"?", i + 1, near);
            else
                spec_fault(reader, "steps", key,
                           "steps: entry %zu names no verb; write { task = \"NAME\", … } or { outcome = \"…\" }", i + 1);
        }
    }
}

tend_status tend_spec_read(const tend_tree *tree, const tend_schema *schema, const char *(*written)(void *self, const char *name),
                           void *self, tend_spec_faults *faults, tend_arena *arena, tend_spec *ret_spec)
{
    static const char *const keys[] = { "name",       "summary",   "api",      "subject", "outcomes", "settings",
                                        "start_when", "stop_when", "re_entry", "on_stop", "steps",    NULL };
    static const char *const stop_keys[] = { "event", "where", NULL };
    spec_reader reader = { .schema = schema, .faults = faults, .arena = arena, .spec = ret_spec };
    const tend_tree *start = tend_tree_get(tree, "start_when"), *stop = tend_tree_get(tree, "stop_when");
    const tend_tree *steps = tend_tree_get(tree, "steps");
    const char *subject = tend_tree_string(tree, "subject");
    int before = faults->count;

    *ret_spec = (tend_spec){ .name = tend_tree_string(tree, "name"), .summary = tend_tree_string(tree, "summary") };
    spec_refuse_others(&reader, tree, NULL, keys);
    if (!ret_spec->name)
        spec_fault(&reader, "name", NULL, "name: is missing");
    if (!ret_spec->summary || ret_spec->summary[0] == '\0')
        spec_fault(&reader, "summary", NULL, "summary: is missing; say in one line what the playbook does");
    ret_spec->api = tend_tree_number(tree, "api", 0);
    if (ret_spec->api != 1)
        spec_fault(&reader, "api", NULL, "api: must be 1, the level of verbs that this tend has");
    ret_spec->subject = subject ? tend_schema_find(schema, subject) : NULL;
    if (!ret_spec->subject || strcmp(ret_spec->subject->name, subject) != 0) {
        const char *near = subject ? tend_near(subject, tend_schema_names(schema)) : NULL;

        spec_fault(&reader, "subject", NULL, "subject: '%s' is no kind of row%s%s%s", subject ? subject : "",
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        ret_spec->subject = NULL;
    }
    read_outcomes(&reader, tree);
    spec_read_settings(&reader, tend_tree_get(tree, "settings"), written, self);
    if (start)
        spec_read_start(&reader, start);
    if (tend_tree_get(tree, "re_entry"))
        spec_read_re_entry(&reader, tend_tree_get(tree, "re_entry"));
    if (stop) {
        ret_spec->stop_event = tend_tree_string(stop, "event");
        spec_refuse_others(&reader, stop, "stop_when", stop_keys);
        if (ret_spec->stop_event)
            spec_check_topic(&reader, ret_spec->stop_event, "stop_when");
        if (tend_tree_string(stop, "where"))
            ret_spec->stop_where = spec_fill_condition(&reader, "where", tend_tree_string(stop, "where"));
        if (!ret_spec->stop_event && !ret_spec->stop_where)
            spec_fault(&reader, "stop_when", NULL, "stop_when: names neither an event nor a condition");
    }
    read_on_stop(&reader, tend_tree_get(tree, "on_stop"));
    ret_spec->is_list = steps && steps->tag == TEND_TREE_LIST;
    ret_spec->steps = ret_spec->is_list ? steps : NULL;
    if (ret_spec->is_list)
        read_steps(&reader, steps);
    else if (!steps || steps->tag != TEND_TREE_FUNCTION)
        spec_fault(&reader, "steps", NULL, "steps: must be a function(run) or a list of tables");
    return faults->count > before ? TEND_EINVAL : TEND_OK;
}

tend_status tend_spec_settings(const tend_spec *spec, tend_arena *arena, tend_tree *ret_tree)
{
    tend_tree_map map = { 0 };

    for (size_t i = 0; i < spec->setting_count; i++)
        tend_tree_add(&map, spec->settings[i].name, spec->settings[i].value);
    return tend_tree_end(&map, arena, ret_tree);
}

bool tend_spec_has_outcome(const tend_spec *spec, const char *outcome)
{
    for (size_t i = 0; i < spec->outcome_count; i++)
        if (strcmp(spec->outcomes[i], outcome) == 0)
            return true;
    return false;
}

/* The next place where `key` stands as a word before an equals sign. */
static const char *find_key(const char *at, const char *key)
{
    size_t length = strlen(key);

    for (const char *found = strstr(at, key); found; found = strstr(found + 1, key)) {
        const char *after = found + length;

        if (found > at && (isalnum((unsigned char)found[-1]) || found[-1] == '_' || found[-1] == '.'))
            continue;
        while (*after == ' ' || *after == '\t' || *after == '"' || *after == '\'' || *after == ']')
            after++;
        if (*after == '=' && after[1] != '=')
            return found;
    }
    return NULL;
}

unsigned tend_spec_line(const char *script, const char *key, const char *inner)
{
    const char *found = key ? find_key(script, key) : script;
    const char *deeper = inner ? find_key(found ? found : script, inner) : NULL;
    unsigned line = 1;

    if (deeper)
        found = deeper;
    for (const char *at = script; found && at < found; at++)
        line += *at == '\n';
    return line;
}
