/* topic.c: what events can be called. */
#include "playbook/spec.h"

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

bool tend_topic_known(const tend_schema *schema, const char *topic)
{
    static const char *const always[] = { "created", "updated", "removed", "merged", "unmerged", "erased" };
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
