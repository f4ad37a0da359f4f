/* effect_check.c: whether a request can be carried out at all, before anything is done. */
#include "base/near.h"
#include "playbook/inside.h"

#include <string.h>

/* The keys of each verb's arguments; "*": the fields of the subject. */
static const struct {
    const char *verb;
    const char *const keys[12];
    const char *const before[2]; /* those that stand before the table, in order */
} known[] = {
    { .verb = "task", .keys = { "title", "to", "due", "reason", "priority", "type", NULL } },
    { .verb = "notify", .keys = { "to", "text", "subject", "channel", NULL } },
    { .verb = "escalate", .keys = { "to", "text", "subject", "due", "priority", NULL } },
    { .verb = "log", .keys = { "text", NULL } },
    { .verb = "wait", .keys = { "done", "event", "within", "by", NULL } },
    { .verb = "approve", .keys = { "title", "to", "reason", "within", "by", NULL } },
    { .verb = "sleep",
      .keys = { "minutes", "hours", "days", "business_days", "business_hours", "of", "before", "after", "on", NULL } },
    { .verb = "set", .keys = { "*", NULL } },
    { .verb = "child",
      .keys = { "playbook", "args", "wait", "within", "by", "if_stopped", "row", NULL },
      .before = { "playbook", NULL } },
};

static const char *const *keys_of(const char *verb)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].verb, verb) == 0)
            return known[i].keys;
    return NULL;
}

const char *tend_verb_before(const char *verb, size_t i)
{
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(known[k].verb, verb) == 0)
            return i < 2 ? known[k].before[i] : NULL;
    return NULL;
}

bool tend_verb_known(const char *verb)
{
    return keys_of(verb) != NULL;
}

tend_status tend_verb_check_key(const char *verb, const char *key, tend_error *reterr)
{
    const char *const *keys = keys_of(verb), *near;

    if (!keys || keys[0][0] == '*')
        return TEND_OK;
    for (size_t k = 0; keys[k]; k++)
        if (strcmp(keys[k], key) == 0)
            return TEND_OK;
    near = tend_near(key, keys);
    return tend_fail(reterr, TEND_EINVAL, "'%s' is no argument of it%s%s%s", key, near ? "; did you mean " : "", near ? near : "",
                     near ? "?" : "");
}

static tend_status check_keys(const tend_request *request, tend_error *reterr)
{
    const tend_tree *map = &request->arguments;
    tend_error why;

    if (map->tag != TEND_TREE_MAP)
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': its arguments must be a table with names", request->verb, request->name);
    for (size_t i = 0; i < map->length; i++)
        if (tend_verb_check_key(request->verb, map->keys[i], &why) < 0)
            return tend_fail(reterr, TEND_EINVAL, "%s '%s': %s", request->verb, request->name, why.text);
    return TEND_OK;
}

static tend_status check_set(const tend_kind_schema *subject, const tend_request *request, tend_error *reterr)
{
    const tend_tree *map = &request->arguments;

    for (size_t i = 0; map->tag == TEND_TREE_MAP && i < map->length; i++)
        if (tend_schema_field(subject, map->keys[i]) < 0)
            return tend_fail(reterr, TEND_EINVAL, "set '%s': %s has no field '%s'", request->name, subject->name, map->keys[i]);
    return TEND_OK;
}

static tend_status need_text(const tend_request *request, const char *key, tend_error *reterr)
{
    const char *text = tend_tree_string(&request->arguments, key);

    if (text && text[0] != '\0')
        return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL, "%s '%s': needs %s, a text", request->verb, request->name, key);
}

static tend_status check_texts(const tend_schema *schema, const tend_kind_schema *subject, const tend_tree *settings,
                               const tend_request *request, tend_error *reterr)
{
    static const char *const texts[] = { "title", "text", "subject", "reason" };
    tend_status status = TEND_OK;

    for (size_t i = 0; status == TEND_OK && i < sizeof texts / sizeof *texts; i++) {
        const char *text = tend_tree_string(&request->arguments, texts[i]);

        if (text)
            status = tend_subject_check_text(schema, subject, settings, text, reterr);
    }
    if (status == TEND_OK && tend_tree_string(&request->arguments, "to"))
        status = tend_role_check(tend_tree_string(&request->arguments, "to"), reterr);
    return status;
}

static tend_status check_times(const tend_schema *schema, const tend_kind_schema *subject, const tend_request *request,
                               tend_error *reterr)
{
    static const char *const rules[] = { "due", "within", "by" };
    tend_status status = TEND_OK;

    for (size_t i = 0; status == TEND_OK && i < sizeof rules / sizeof *rules; i++) {
        const tend_tree *rule = tend_tree_get(&request->arguments, rules[i]);

        if (rule)
            status = tend_rule_check(schema, subject, rule, rules[i], reterr);
    }
    if (status == TEND_OK && strcmp(request->verb, "sleep") == 0)
        status = tend_rule_check(schema, subject, &request->arguments, "sleep", reterr);
    return status;
}

static tend_status check_wait(const tend_schema *schema, const tend_request *request, tend_error *reterr)
{
    const char *event = tend_tree_string(&request->arguments, "event"), *done = tend_tree_string(&request->arguments, "done");

    if ((event == NULL) == (done == NULL))
        return tend_fail(reterr, TEND_EINVAL, "wait '%s': needs one of event and done", request->name);
    if (event && !tend_topic_known(schema, event))
        return tend_fail(reterr, TEND_EINVAL, "wait '%s': the event '%s' never happens", request->name, event);
    if (!tend_tree_get(&request->arguments, "within") && !tend_tree_get(&request->arguments, "by"))
        return tend_fail(reterr, TEND_EINVAL, "wait '%s': waits without end; give it within or by", request->name);
    return TEND_OK;
}

static tend_status check_child(const tend_request *request, tend_error *reterr)
{
    const tend_tree *wait = tend_tree_get(&request->arguments, "wait"), *args = tend_tree_get(&request->arguments, "args");
    const char *if_stopped = tend_tree_string(&request->arguments, "if_stopped");

    if (need_text(request, "playbook", reterr) < 0)
        return TEND_EINVAL;
    if (wait && wait->tag != TEND_TREE_TRUE && wait->tag != TEND_TREE_FALSE)
        return tend_fail(reterr, TEND_EINVAL, "child '%s': wait: must be true or false", request->name);
    if (args && args->tag != TEND_TREE_MAP)
        return tend_fail(reterr, TEND_EINVAL, "child '%s': args: must be a table with names", request->name);
    if (if_stopped ? strcmp(if_stopped, "cancel") != 0 && strcmp(if_stopped, "leave") != 0
                   : tend_tree_get(&request->arguments, "if_stopped") != NULL)
        return tend_fail(reterr, TEND_EINVAL, "child '%s': if_stopped: must be cancel or leave", request->name);
    if (wait && wait->tag == TEND_TREE_FALSE &&
        (tend_tree_get(&request->arguments, "within") || tend_tree_get(&request->arguments, "by")))
        return tend_fail(reterr, TEND_EINVAL, "child '%s': it is not waited for, so within and by mean nothing", request->name);
    return TEND_OK;
}

tend_status tend_effect_check(const tend_schema *schema, const tend_kind_schema *subject, const tend_tree *settings,
                              const tend_request *request, tend_error *reterr)
{
    tend_status status = TEND_OK;
    tend_error why = { 0 };

    if (keys_of(request->verb) && strcmp(request->verb, "set") != 0)
        status = check_keys(request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "set") == 0)
        status = check_set(subject, request, reterr);
    if (status == TEND_OK && (strcmp(request->verb, "task") == 0 || strcmp(request->verb, "approve") == 0))
        status = need_text(request, "title", reterr);
    if (status == TEND_OK && (strcmp(request->verb, "notify") == 0 || strcmp(request->verb, "escalate") == 0)) {
        status = need_text(request, "to", reterr);
        if (status == TEND_OK)
            status = need_text(request, "text", reterr);
    }
    if (status == TEND_OK && strcmp(request->verb, "wait") == 0)
        status = check_wait(schema, request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "child") == 0)
        status = check_child(request, reterr);
    if (status < 0)
        return status;
    status = strcmp(request->verb, "set") == 0 ? TEND_OK : check_texts(schema, subject, settings, request, &why);
    if (status == TEND_OK && strcmp(request->verb, "set") != 0)
        status = check_times(schema, subject, request, &why);
    return status < 0 ? tend_fail(reterr, status, "%s '%s': %s", request->verb, request->name, why.text) : TEND_OK;
}
