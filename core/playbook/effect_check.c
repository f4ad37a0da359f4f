/* effect_check.c: whether a request can be carried out at all, before anything is done. */
#include "base/near.h"
#include "playbook/ask.h"

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
    { .verb = "approve", .keys = { "title", "to", "reason", "within", "by", "n_of", "expires", NULL } },
    { .verb = "ask", .keys = { "question", "choices", "of", "within", "by", NULL } },
    { .verb = "bulk", .keys = { "segment", "playbook", "cap", "preview", "args", NULL }, .before = { "segment", "playbook" } },
    { .verb = "call", .keys = { "action", "channel", "fields", "within", "by", NULL } },
    { .verb = "count", .keys = { "kind", "where", "distinct", "of", NULL }, .before = { "kind" } },
    { .verb = "close", .keys = { "step", "outcome", NULL } },
    { .verb = "all", .keys = { "*", NULL } },
    { .verb = "first", .keys = { "*", NULL } },
    { .verb = "part", .keys = { "done", "event", "within", "by", "sleep", NULL } }, /* one of those of all and first */
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

/* A text, or one for each language. */
static tend_status need_words(const tend_schema *schema, const tend_request *request, const char *key, tend_error *reterr)
{
    const tend_tree *words = tend_tree_get(&request->arguments, key);
    tend_error why = { 0 };

    if (!words || (words->tag == TEND_TREE_TEXT && words->text[0] == '\0') ||
        (words->tag != TEND_TREE_TEXT && words->tag != TEND_TREE_MAP))
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': needs %s, a text", request->verb, request->name, key);
    return tend_words_check(schema, words, key, &why) < 0
               ? tend_fail(reterr, TEND_EINVAL, "%s '%s': %s", request->verb, request->name, why.text)
               : TEND_OK;
}

/* All that stands in braces, in every language. */
static tend_status check_words(const tend_schema *schema, const tend_kind_schema *subject, const tend_tree *settings,
                               const tend_tree *words, const char *key, tend_error *reterr)
{
    tend_status status = words->tag == TEND_TREE_MAP ? tend_words_check(schema, words, key, reterr) : TEND_OK;

    if (words->tag == TEND_TREE_TEXT)
        return tend_subject_check_text(schema, subject, settings, words->text, reterr);
    for (size_t i = 0; words->tag == TEND_TREE_MAP && i < words->length && status == TEND_OK; i++)
        status = tend_subject_check_text(schema, subject, settings, words->items[i].text, reterr);
    return status;
}

static tend_status check_role(const tend_schema *schema, const tend_kind_schema *subject, const char *role, tend_error *reterr)
{
    tend_status status = tend_role_check(role, reterr);

    return status < 0 ? status : tend_role_check_path(schema, subject, role, reterr);
}

static tend_status check_texts(const tend_schema *schema, const tend_kind_schema *subject, const tend_tree *settings,
                               const tend_request *request, tend_error *reterr)
{
    const tend_tree *map = &request->arguments;
    const char *roles[ASKED_MAX];
    size_t count = strcmp(request->verb, "approve") == 0 ? ask_roles(&request->arguments, roles) : 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; status == TEND_OK && map->tag == TEND_TREE_MAP && i < map->length; i++)
        if (tend_subject_fills(request->verb, map->keys[i]))
            status = check_words(schema, subject, settings, &map->items[i], map->keys[i], reterr);
    if (status == TEND_OK && tend_tree_string(&request->arguments, "to"))
        status = check_role(schema, subject, tend_tree_string(&request->arguments, "to"), reterr);
    if (status == TEND_OK && tend_tree_string(&request->arguments, "of") && strcmp(request->verb, "ask") == 0)
        status = check_role(schema, subject, tend_tree_string(&request->arguments, "of"), reterr);
    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = check_role(schema, subject, roles[i], reterr);
    return status;
}

static tend_status check_times(const tend_schema *schema, const tend_kind_schema *subject, const tend_request *request,
                               tend_error *reterr)
{
    static const char *const rules[] = { "due", "within", "by", "expires" };
    tend_status status = TEND_OK;

    for (size_t i = 0; status == TEND_OK && i < sizeof rules / sizeof *rules; i++) {
        const tend_tree *rule = tend_tree_get(&request->arguments, rules[i]);

        bool is_people = strcmp(request->verb, "approve") == 0 && strcmp(rules[i], "by") == 0 && rule &&
                         (rule->tag == TEND_TREE_TEXT || rule->tag == TEND_TREE_LIST);

        if (rule && !is_people)
            status = tend_rule_check(schema, subject, rule, rules[i], reterr);
    }
    if (status == TEND_OK && strcmp(request->verb, "sleep") == 0)
        status = tend_rule_check(schema, subject, &request->arguments, "sleep", reterr);
    return status;
}

static tend_status check_event(const tend_schema *schema, const char *event, tend_error *reterr)
{
    char advice[400];

    if (!event || tend_topic_known(schema, event))
        return TEND_OK;
    tend_topic_instead(schema, event, advice, sizeof advice);
    return tend_fail(reterr, TEND_EINVAL, "the event '%s' never happens; %s", event, advice);
}

static tend_status check_wait(const tend_schema *schema, const tend_request *request, tend_error *reterr)
{
    const char *event = tend_tree_string(&request->arguments, "event"), *done = tend_tree_string(&request->arguments, "done");
    tend_error why;

    if ((event == NULL) == (done == NULL))
        return tend_fail(reterr, TEND_EINVAL, "wait '%s': needs one of event and done", request->name);
    if (check_event(schema, event, &why) < 0)
        return tend_fail(reterr, TEND_EINVAL, "wait '%s': %s", request->name, why.text);
    if (!tend_tree_get(&request->arguments, "within") && !tend_tree_get(&request->arguments, "by"))
        return tend_fail(reterr, TEND_EINVAL, "wait '%s': waits without end; give it within or by", request->name);
    return TEND_OK;
}

/* One part of run:all or run:first. *ret_ends: it does not wait for ever. */
static tend_status check_part(const tend_schema *schema, const tend_kind_schema *subject, const tend_request *request,
                              const char *name, const tend_tree *part, bool *ret_ends, tend_error *reterr)
{
    const char *event = tend_tree_string(part, "event"), *done = tend_tree_string(part, "done");
    const tend_tree *sleep = tend_tree_get(part, "sleep"), *within = tend_tree_get(part, "within"), *by = tend_tree_get(part, "by");
    tend_error why;
    tend_status status = TEND_OK;

    *ret_ends = sleep || within || by;
    if (part->tag != TEND_TREE_MAP)
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': %s: must be a table, as { event = … } or { done = … }", request->verb,
                         request->name, name);
    if (strcmp(name, "which") == 0 || strcmp(name, "timed_out") == 0 || strchr(name, '/') || strlen(name) > 60 || name[0] == '\0')
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': %s: a part cannot be called so", request->verb, request->name, name);
    for (size_t i = 0; i < part->length; i++)
        if (tend_verb_check_key("part", part->keys[i], &why) < 0)
            return tend_fail(reterr, TEND_EINVAL, "%s '%s': %s: %s", request->verb, request->name, name, why.text);
    if ((event != NULL) + (done != NULL) + (sleep != NULL) != 1)
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': %s: needs one of event, done and sleep", request->verb, request->name,
                         name);
    if (check_event(schema, event, &why) < 0)
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': %s: %s", request->verb, request->name, name, why.text);
    if (sleep)
        status = tend_rule_check(schema, subject, sleep, "sleep", &why);
    if (status == TEND_OK && within)
        status = tend_rule_check(schema, subject, within, "within", &why);
    if (status == TEND_OK && by)
        status = tend_rule_check(schema, subject, by, "by", &why);
    return status < 0 ? tend_fail(reterr, status, "%s '%s': %s: %s", request->verb, request->name, name, why.text) : TEND_OK;
}

/* All of them have to end; of first, one of them. */
static tend_status check_parts(const tend_schema *schema, const tend_kind_schema *subject, const tend_request *request,
                               tend_error *reterr)
{
    const tend_tree *map = &request->arguments;
    bool is_first = strcmp(request->verb, "first") == 0;
    size_t ending = 0;

    if (map->tag != TEND_TREE_MAP || map->length < 2 || map->length > ASKED_MAX)
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': name 2 to %d waits, NAME = { event = … }", request->verb, request->name,
                         ASKED_MAX);
    for (size_t i = 0; i < map->length; i++) {
        bool ends;
        tend_status status = check_part(schema, subject, request, map->keys[i], &map->items[i], &ends, reterr);

        if (status < 0)
            return status;
        ending += ends;
    }
    if (ending < (is_first ? 1 : map->length))
        return tend_fail(reterr, TEND_EINVAL, "%s '%s': waits without end; give %s of them within or by", request->verb,
                         request->name, is_first ? "one" : "each");
    return TEND_OK;
}

static tend_status check_approve(const tend_request *request, tend_error *reterr)
{
    const tend_tree *map = &request->arguments, *by = tend_tree_get(map, "by"), *to = tend_tree_get(map, "to");
    const tend_tree *n_of = tend_tree_get(map, "n_of"), *people = by && by->tag != TEND_TREE_MAP ? by : to;
    const char *roles[ASKED_MAX];
    size_t count = ask_roles(map, roles);
    int ends = (tend_tree_get(map, "within") != NULL) + (tend_tree_get(map, "expires") != NULL) + (by && by->tag == TEND_TREE_MAP);

    if (by && to && by->tag != TEND_TREE_MAP)
        return tend_fail(reterr, TEND_EINVAL, "approve '%s': by and to both name people; write one of them", request->name);
    if (people && people->tag == TEND_TREE_LIST && (people->length == 0 || people->length != count))
        return tend_fail(reterr, TEND_EINVAL, "approve '%s': name 1 to %d roles, each a text", request->name, ASKED_MAX);
    if (people && people->tag != TEND_TREE_LIST && people->tag != TEND_TREE_TEXT)
        return tend_fail(reterr, TEND_EINVAL, "approve '%s': to: must be a role, or a list of roles", request->name);
    if (n_of && (n_of->tag != TEND_TREE_INT || n_of->integer < 1 || n_of->integer > (int64_t)count))
        return tend_fail(reterr, TEND_EINVAL, "approve '%s': n_of: must be a whole number from 1 to %zu, of those that it asks",
                         request->name, count);
    if (ends > 1)
        return tend_fail(reterr, TEND_EINVAL, "approve '%s': within, expires and by say the same; write one of them",
                         request->name);
    return TEND_OK;
}

/* Some texts that can be told apart where they are joined. */
static bool are_choices(const tend_tree *value)
{
    bool is_well = value->tag == TEND_TREE_LIST && value->length >= 2 && value->length <= 20;

    for (size_t i = 0; is_well && i < value->length; i++)
        is_well = value->items[i].tag == TEND_TREE_TEXT && value->items[i].length > 0 && value->items[i].length <= 80 &&
                  !strchr(value->items[i].text, '|');
    return is_well;
}

static bool is_yes_or_no(const tend_tree *value)
{
    return value->tag == TEND_TREE_TRUE || value->tag == TEND_TREE_FALSE;
}

static bool is_word_of(const tend_tree *value, const char *first, const char *second)
{
    return value->tag == TEND_TREE_TEXT && (strcmp(value->text, first) == 0 || strcmp(value->text, second) == 0);
}

tend_status tend_verb_check_value(const char *verb, const char *key, const tend_tree *value, tend_error *reterr)
{
    bool is_bulk = strcmp(verb, "bulk") == 0, is_child = strcmp(verb, "child") == 0;
    bool is_table = (is_child && strcmp(key, "args") == 0) || (strcmp(verb, "call") == 0 && strcmp(key, "fields") == 0);
    bool is_text = strcmp(verb, "count") == 0;
    bool is_bool = (is_bulk && strcmp(key, "preview") == 0) || (is_child && strcmp(key, "wait") == 0);

    if (is_bulk && strcmp(key, "cap") == 0 &&
        (value->tag != TEND_TREE_INT || value->integer < 1 || value->integer > tend_bulk_most()))
        return tend_fail(reterr, TEND_EINVAL, "cap: must be a whole number from 1 to %lld", (long long)tend_bulk_most());
    if (strcmp(verb, "ask") == 0 && strcmp(key, "choices") == 0 && !are_choices(value))
        return tend_fail(reterr, TEND_EINVAL, "choices: name 2 to 20 texts without bars, { \"yes\", \"no\" }");
    if (is_text && value->tag != TEND_TREE_TEXT)
        return tend_fail(reterr, TEND_EINVAL, "%s: must be a text", key);
    if (is_bool && !is_yes_or_no(value))
        return tend_fail(reterr, TEND_EINVAL, "%s: must be true or false", key);
    if (is_table && value->tag != TEND_TREE_MAP)
        return tend_fail(reterr, TEND_EINVAL, "%s: must be a table with names", key);
    if (is_child && strcmp(key, "if_stopped") == 0 && !is_word_of(value, "cancel", "leave"))
        return tend_fail(reterr, TEND_EINVAL, "if_stopped: must be cancel or leave");
    return TEND_OK;
}

/* Those that are looked at one by one. */
static tend_status check_values(const tend_request *request, tend_error *reterr)
{
    const tend_tree *map = &request->arguments;
    tend_error why;

    for (size_t i = 0; map->tag == TEND_TREE_MAP && i < map->length; i++)
        if (tend_verb_check_value(request->verb, map->keys[i], &map->items[i], &why) < 0)
            return tend_fail(reterr, TEND_EINVAL, "%s '%s': %s", request->verb, request->name, why.text);
    return TEND_OK;
}

static bool has_end(const tend_request *request)
{
    return tend_tree_get(&request->arguments, "within") || tend_tree_get(&request->arguments, "by");
}

static tend_status check_ask(const tend_schema *schema, const tend_request *request, tend_error *reterr)
{
    if (need_words(schema, request, "question", reterr) < 0)
        return TEND_EINVAL;
    if (!tend_tree_get(&request->arguments, "choices"))
        return tend_fail(reterr, TEND_EINVAL, "ask '%s': choices: name 2 to 20 texts without bars, { \"yes\", \"no\" }",
                         request->name);
    if (!has_end(request))
        return tend_fail(reterr, TEND_EINVAL, "ask '%s': waits without end; give it within or by", request->name);
    return TEND_OK;
}

static tend_status check_bulk(const tend_request *request, tend_error *reterr)
{
    return need_text(request, "segment", reterr) < 0 || need_text(request, "playbook", reterr) < 0 ? TEND_EINVAL : TEND_OK;
}

static tend_status check_call(const tend_request *request, tend_error *reterr)
{
    if (need_text(request, "action", reterr) < 0)
        return TEND_EINVAL;
    if (!has_end(request))
        return tend_fail(reterr, TEND_EINVAL, "call '%s': waits without end; give it within or by", request->name);
    return TEND_OK;
}

static tend_status check_child(const tend_request *request, tend_error *reterr)
{
    const tend_tree *wait = tend_tree_get(&request->arguments, "wait");

    if (need_text(request, "playbook", reterr) < 0)
        return TEND_EINVAL;
    if (wait && wait->tag == TEND_TREE_FALSE && has_end(request))
        return tend_fail(reterr, TEND_EINVAL, "child '%s': it is not waited for, so within and by mean nothing", request->name);
    return TEND_OK;
}

tend_status tend_effect_check(const tend_schema *schema, const tend_kind_schema *subject, const tend_tree *settings,
                              const tend_request *request, tend_error *reterr)
{
    tend_status status = TEND_OK;
    tend_error why = { 0 };

    if (strcmp(request->verb, "all") == 0 || strcmp(request->verb, "first") == 0)
        return check_parts(schema, subject, request, reterr);
    if (keys_of(request->verb) && strcmp(request->verb, "set") != 0)
        status = check_keys(request, reterr);
    if (status == TEND_OK)
        status = check_values(request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "approve") == 0)
        status = check_approve(request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "ask") == 0)
        status = check_ask(schema, request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "set") == 0)
        status = check_set(subject, request, reterr);
    if (status == TEND_OK && (strcmp(request->verb, "task") == 0 || strcmp(request->verb, "approve") == 0))
        status = need_words(schema, request, "title", reterr);
    if (status == TEND_OK && (strcmp(request->verb, "notify") == 0 || strcmp(request->verb, "escalate") == 0)) {
        status = need_text(request, "to", reterr);
        if (status == TEND_OK)
            status = need_words(schema, request, "text", reterr);
    }
    if (status == TEND_OK && strcmp(request->verb, "wait") == 0)
        status = check_wait(schema, request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "child") == 0)
        status = check_child(request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "bulk") == 0)
        status = check_bulk(request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "call") == 0)
        status = check_call(request, reterr);
    if (status == TEND_OK && strcmp(request->verb, "close") == 0)
        status = need_text(request, "step", reterr);
    if (status < 0)
        return status;
    status = strcmp(request->verb, "set") == 0 ? TEND_OK : check_texts(schema, subject, settings, request, &why);
    if (status == TEND_OK && strcmp(request->verb, "set") != 0)
        status = check_times(schema, subject, request, &why);
    return status < 0 ? tend_fail(reterr, status, "%s '%s': %s", request->verb, request->name, why.text) : TEND_OK;
}
