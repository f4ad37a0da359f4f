/* topic.c: what events can be called. */
#include "playbook/spec.h"

#include "base/near.h"
#include <string.h>

bool tend_topic_is_measure(const char *topic)
{
    size_t length = strncmp(topic, "measure.", 8) == 0 ? strspn(topic + 8, "abcdefghijklmnopqrstuvwxyz0123456789_.") : 0;

    return length > 0 && length <= 50 && topic[8 + length] == '\0';
}

const tend_kind_schema *tend_topic_kind(const tend_schema *schema, const char *topic)
{
    const char *dot = strchr(topic, '.');
    char name[64];

    if (tend_topic_is_measure(topic))
        return tend_schema_kind(schema, TEND_KIND_ACCOUNT);

    if (!dot || (size_t)(dot - topic) >= sizeof name)
        return NULL;
    memcpy(name, topic, (size_t)(dot - topic));
    name[dot - topic] = '\0';
    return tend_schema_find(schema, name);
}

bool tend_topic_is_custom(const char *topic)
{
    size_t length;

    if (strncmp(topic, "custom.", 7) != 0)
        return false;
    length = strspn(topic + 7, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && length <= 40 && topic[7 + length] == '\0';
}

static const char *const always[] = { "created", "updated", "removed", "merged", "unmerged", "erased" };

bool tend_topic_known(const tend_schema *schema, const char *topic)
{
    const tend_kind_schema *kind = tend_topic_kind(schema, topic);
    const char *word;

    if (!kind)
        return tend_topic_is_custom(topic);
    if (tend_topic_is_measure(topic))
        return true;
    word = strchr(topic, '.') + 1;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (strcmp(word, always[i]) == 0)
            return true;
    return kind->status_field >= 0 && kind->fields[kind->status_field].choices &&
           tend_field_allows(&kind->fields[kind->status_field], word, strlen(word));
}

enum { WORDS_MAX = 64, WORDS_ROOM = 600 };

/* What happens to rows of the kind. */
static void list_words(const tend_kind_schema *kind, char room[WORDS_ROOM], const char *words[WORDS_MAX + 1])
{
    const char *choices = kind->status_field >= 0 ? kind->fields[kind->status_field].choices : NULL;
    char *left, *word;
    size_t count = sizeof always / sizeof *always;

    memcpy(words, always, sizeof always);
    (void)snprintf(room, WORDS_ROOM, "%s", choices ? choices : "");
    for (word = strtok_r(room, " ", &left); word && count < WORDS_MAX; word = strtok_r(NULL, " ", &left))
        words[count++] = word;
    words[count] = NULL;
}

void tend_topic_instead(const tend_schema *schema, const char *topic, char *ret_advice, size_t room)
{
    const tend_kind_schema *kind = tend_topic_kind(schema, topic);
    const char *dot = strchr(topic, '.'), *words[WORDS_MAX + 1], *near = NULL;
    char of_kind[WORDS_ROOM], name[64];
    size_t length;

    (void)snprintf(name, sizeof name, "%.*s", dot ? (int)(dot - topic) : 60, topic);
    if (!kind)
        near = tend_near(name, tend_schema_names(schema));
    if (near)
        kind = tend_schema_find(schema, near);
    if (!kind || !dot) {
        (void)snprintf(ret_advice, room, "write KIND.created, KIND.updated, KIND.removed, KIND.STATUS, measure.KPI or custom.NAME");
        return;
    }
    list_words(kind, of_kind, words);
    near = tend_near(dot + 1, words);
    length = near ? (size_t)snprintf(ret_advice, room, "did you mean %s.%s?", kind->name, near)
                  : (size_t)snprintf(ret_advice, room, "what happens to %s is ", kind->table);
    for (size_t i = 0; !near && words[i] && length < room; i++)
        length += (size_t)snprintf(ret_advice + length, room - length, "%s%s",
                                   i == 0         ? ""
                                   : words[i + 1] ? ", "
                                                  : " or ",
                                   words[i]);
}
