/* argument.c: what can be said of one argument of a verb by its words alone: for the check, which is stricter than a run. A run of
 * a bundle that was taken years ago must go on; there an unknown role falls to the owner. */
#include "base/near.h"
#include "playbook/inside.h"

#include <string.h>

enum { WORDS = 64, WORDS_ROOM = 512, NAMES = 256 };

/* A word list "low normal high" as an array in `room`; NULL-terminated. */
static void split(const char *choices, char room[WORDS_ROOM], const char *words[WORDS + 1])
{
    char *left, *word;
    size_t count = 0;

    (void)snprintf(room, WORDS_ROOM, "%s", choices);
    for (word = strtok_r(room, " ", &left); word && count < WORDS; word = strtok_r(NULL, " ", &left))
        words[count++] = word;
    words[count] = NULL;
}

static tend_status is_none(const char *key, const char *written, const char *const *words, const char *kind, tend_error *reterr)
{
    const char *near = tend_near(written, words);
    char all[WORDS_ROOM] = "";
    size_t length = 0;

    if (near)
        return tend_fail(reterr, TEND_EINVAL, "%s: '%s' is no %s; did you mean %s?", key, written, kind, near);
    for (size_t i = 0; words[i] && length < sizeof all; i++)
        length += (size_t)snprintf(all + length, sizeof all - length, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    return tend_fail(reterr, TEND_EINVAL, "%s: '%s' is no %s; write %s", key, written, kind, all);
}

tend_status tend_role_check_word(const tend_schema *schema, const tend_kind_schema *subject, const char *role, tend_error *reterr)
{
    const tend_kind_schema *owners = tend_schema_kind(schema, TEND_KIND_OWNER);
    size_t length = strcspn(role, ".");
    char room[WORDS_ROOM], word[64];
    const char *words[WORDS + 1];
    tend_status status = tend_role_check(role, reterr);

    if (status == TEND_OK && role[0] == '{')
        return tend_role_check_path(schema, subject, role, reterr);
    if (role[0] == '{' || tend_choice_is(role) || strncmp(role, "user:", 5) == 0 || strncmp(role, "team:", 5) == 0 || length == 0 ||
        length >= sizeof word)
        return status;
    split(owners->fields[tend_schema_field(owners, "role")].choices, room, words);
    (void)snprintf(word, sizeof word, "%.*s", (int)length, role);
    if (strcmp(word, "manager") == 0)
        return tend_fail(reterr, TEND_EINVAL, "to: 'manager' is no role; did you mean owner.manager?");
    if (!tend_is_among(word, words))
        return is_none("to", word, words, "role", reterr);
    return status < 0
               ? tend_fail(reterr, status, "to: '%s' is nobody; all that may follow a role is .manager: %s.manager", role, word)
               : TEND_OK;
}

static tend_status check_choice(const tend_kind_schema *kind, const char *field, const char *key, const char *written,
                                const char *what, tend_error *reterr)
{
    int at = tend_schema_field(kind, field);
    char room[WORDS_ROOM];
    const char *words[WORDS + 1];

    if (at < 0 || !kind->fields[at].choices || tend_field_allows(&kind->fields[at], written, strlen(written)))
        return TEND_OK;
    split(kind->fields[at].choices, room, words);
    return is_none(key, written, words, what, reterr);
}

static tend_status check_channel(const char *written, const char *const *channels, tend_error *reterr)
{
    const char *near;

    if (!channels || tend_is_among(written, channels))
        return TEND_OK;
    near = tend_near(written, channels);
    if (near)
        return tend_fail(reterr, TEND_EINVAL, "channel: no sink takes '%s'; did you mean %s?", written, near);
    return tend_fail(reterr, TEND_EINVAL, "channel: no sink takes '%s'; give one [sink.NAME] channel = %s", written, written);
}

static tend_status check_playbook(const char *written, const char *const *playbooks, tend_error *reterr)
{
    const char *near;

    if (!playbooks || tend_is_among(written, playbooks))
        return TEND_OK;
    near = tend_near(written, playbooks);
    return tend_fail(reterr, TEND_EINVAL, "playbook: there is no [playbook.%s]%s%s%s", written,
                     near ? "; did you mean " : "; write the section, or name another one", near ? near : "", near ? "?" : "");
}

/* All names that `name_at` gives, NULL-terminated; there is room for `most`. */
static void list_names(const tend_segments *segments, const char *(*name_at)(const tend_segments *segments, size_t i),
                       const char *names[NAMES + 1])
{
    size_t count = 0;

    for (size_t i = 0; count < NAMES && (names[count] = name_at(segments, i)) != NULL; i++)
        count++;
    names[count] = NULL;
}

tend_status tend_argument_check_segment(const tend_segments *segments, const char *written, tend_error *reterr)
{
    const char *names[NAMES + 1], *near;

    if (!segments)
        return TEND_OK;
    list_names(segments, tend_segments_name, names);
    if (tend_is_among(written, names))
        return TEND_OK;
    near = tend_near(written, names);
    return tend_fail(reterr, TEND_EINVAL, "segment: there is no [segment.%s]%s%s%s", written, near ? "; did you mean " : "",
                     near ? near : "; write it, or name another one", near ? "?" : "");
}

tend_status tend_argument_check_measure(const tend_argument_context *context, const char *kpi, tend_error *reterr)
{
    const char *names[NAMES + 1], *near;

    if (!context->segments)
        return TEND_OK;
    list_names(context->segments, tend_segments_measure, names);
    if (!names[0] || tend_is_among(kpi, names)) /* none at all: nobody said which there are */
        return TEND_OK;
    near = tend_near(kpi, names);
    return tend_fail(reterr, TEND_EINVAL, "[kpi] publish names no KPI %s; %s%s%s", kpi, near ? "did you mean " : "",
                     near ? near : "write it there, or name another one; see tend kpi list", near ? "?" : "");
}

tend_status tend_argument_check_topic(const tend_argument_context *context, const char *topic, tend_error *reterr)
{
    tend_error why = { 0 };
    char advice[400];

    if (!tend_topic_known(context->schema, topic)) {
        tend_topic_instead(context->schema, topic, advice, sizeof advice);
        return tend_fail(reterr, TEND_EINVAL, "the event '%s' never happens; %s", topic, advice);
    }
    if (tend_topic_is_measure(topic) && tend_argument_check_measure(context, topic + strlen("measure."), &why) < 0)
        return tend_fail(reterr, TEND_EINVAL, "the event '%s' never happens: %s", topic, why.text);
    return TEND_OK;
}

static tend_status check_field(const tend_kind_schema *subject, const char *key, const tend_tree *value, tend_error *reterr)
{
    const char *names[256] = { NULL };
    const char *near;

    if (tend_schema_field(subject, key) >= 0)
        return value && value->tag == TEND_TREE_TEXT ? check_choice(subject, key, key, value->text, "value of it", reterr)
                                                     : TEND_OK;
    for (int i = 0; i < subject->field_count && i < 255; i++)
        names[i] = subject->fields[i].name;
    near = tend_near(key, names);
    return tend_fail(reterr, TEND_EINVAL, "%s has no field '%s'%s%s%s", subject->name, key, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

tend_status tend_argument_check_value(const tend_argument_context *context, const char *key, const tend_tree *value,
                                      tend_error *reterr)
{
    int field = tend_schema_field(context->subject, key);
    tend_arena *arena;
    tend_value parsed;
    tend_error why = { 0 };
    tend_status status;

    if (field < 0 || !value)
        return TEND_OK;
    arena = tend_arena_new();
    status = arena ? tend_effect_value(&context->subject->fields[field], value, NULL, arena, &parsed, &why) : TEND_OK;
    tend_arena_free(arena);
    if (status != TEND_EINVAL)
        return TEND_OK;
    return strncmp(why.text, key, strlen(key)) == 0 && why.text[strlen(key)] == ':'
               ? tend_fail(reterr, status, "%s", why.text)
               : tend_fail(reterr, status, "%s: %s", key, why.text);
}

/* A role or several of them. */
static bool is_people(const char *verb, const char *key, const tend_tree *value)
{
    if (strcmp(verb, "ask") == 0)
        return strcmp(key, "of") == 0;
    return strcmp(verb, "approve") == 0 && (strcmp(key, "by") == 0 || strcmp(key, "to") == 0) &&
           (value->tag == TEND_TREE_LIST || value->tag == TEND_TREE_TEXT);
}

static tend_status check_role(const tend_argument_context *context, const char *role, tend_error *reterr)
{
    char reason[400];
    tend_status status = tend_role_check_word(context->schema, context->subject, role, reterr);

    return status == TEND_OK && tend_people_lack_role(context->people, role, reason, sizeof reason)
               ? tend_fail(reterr, TEND_EINVAL, "to: %s", reason)
               : status;
}

static tend_status check_people(const tend_argument_context *context, const tend_tree *value, tend_error *reterr)
{
    if (value->tag == TEND_TREE_TEXT)
        return check_role(context, value->text, reterr);
    for (size_t i = 0; value->tag == TEND_TREE_LIST && i < value->length; i++) {
        tend_status status = value->items[i].tag == TEND_TREE_TEXT ? check_role(context, value->items[i].text, reterr) : TEND_OK;

        if (status < 0)
            return status;
    }
    return TEND_OK;
}

/* One for each language. */
static tend_status check_languages(const tend_argument_context *context, const char *key, const tend_tree *words,
                                   tend_error *reterr)
{
    tend_status status = tend_words_check(context->schema, words, key, reterr);

    for (size_t i = 0; i < words->length && status == TEND_OK; i++)
        status = tend_subject_check_text(context->schema, context->subject, context->settings, words->items[i].text, reterr);
    return status;
}

tend_status tend_argument_check(const tend_argument_context *context, const char *verb, const char *key, const tend_tree *value,
                                tend_error *reterr)
{
    static const char *const rules[] = { "due", "within", "by", "expires", "sleep", NULL };
    const char *text = value && value->tag == TEND_TREE_TEXT ? value->text : NULL;
    tend_status status = tend_verb_check_key(verb, key, reterr);

    if (strcmp(verb, "set") == 0)
        return check_field(context->subject, key, value, reterr);
    if (strcmp(verb, "all") == 0 || strcmp(verb, "first") == 0)
        return TEND_OK;
    if (value && is_people(verb, key, value))
        return check_people(context, value, reterr);
    if (status < 0 || !value || strcmp(verb, "sleep") == 0)
        return status;
    if (tend_is_among(key, rules))
        return tend_rule_check(context->schema, context->subject, value, key, reterr);
    if (text && tend_subject_fills(verb, key))
        return tend_subject_check_text(context->schema, context->subject, context->settings, text, reterr);
    if (value->tag == TEND_TREE_MAP && value->length > 0 && tend_subject_fills(verb, key))
        return check_languages(context, key, value, reterr);
    if (text && strcmp(key, "to") == 0)
        return check_role(context, text, reterr);
    if (text && strcmp(key, "priority") == 0)
        return check_choice(tend_schema_kind(context->schema, TEND_KIND_TASK), "priority", key, text, "priority", reterr);
    if (text && strcmp(key, "channel") == 0)
        return check_channel(text, context->channels, reterr);
    if (text && strcmp(key, "playbook") == 0)
        return check_playbook(text, context->playbooks, reterr);
    if (text && strcmp(key, "segment") == 0)
        return tend_argument_check_segment(context->segments, text, reterr);
    if (text && strcmp(key, "event") == 0)
        return tend_argument_check_topic(context, text, reterr);
    if (!text && (tend_subject_fills(verb, key) || strcmp(key, "to") == 0 || strcmp(key, "priority") == 0 ||
                  strcmp(key, "channel") == 0 || strcmp(key, "event") == 0 || strcmp(key, "done") == 0 ||
                  strcmp(key, "playbook") == 0 || strcmp(key, "segment") == 0 || strcmp(key, "type") == 0))
        return tend_fail(reterr, TEND_EINVAL, "%s: must be a text", key);
    return tend_verb_check_value(verb, key, value, reterr);
}
