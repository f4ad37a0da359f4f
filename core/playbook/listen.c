/* listen.c: which playbooks an event could start. They are grouped by the kind of their subject, and within by topic, and the
 * conditions of a group are decided together; so an event meets only those that listen to it. */
#include "playbook/inside.h"

#include <stdlib.h>
#include <string.h>

typedef struct builder {
    tend_playbooks *playbooks;
    tend_listeners *group;
    size_t topic_room, reach_room;
    tend_error *reterr;
} builder;

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

static uint64_t *new_set(const builder *build)
{
    return tend_arena_take(build->playbooks->listening, build->group->words * sizeof(uint64_t));
}

/* A condition that starts once while it holds: by itself, or looked at whenever the subject changes. */
static bool has_edge(const tend_playbook *playbook)
{
    const tend_spec *spec = &playbook->bundle->spec;

    return !spec->is_due && spec->where && (!spec->start_event || strstr(spec->start_event, ".updated"));
}

static bool is_condition(const tend_playbook *playbook)
{
    const tend_spec *spec = &playbook->bundle->spec;

    return !spec->is_due && !spec->start_event && spec->where;
}

TEND_PRINTF(3, 4) static tend_status listen(builder *build, size_t bit, const char *format, ...)
{
    tend_listeners *group = build->group;
    char topic[TEND_TOPIC_ROOM];
    va_list arguments;
    size_t i = 0;

    va_start(arguments, format);
    (void)vsnprintf(topic, sizeof topic, format, arguments);
    va_end(arguments);
    while (i < group->topic_count && strcmp(group->topics[i].topic, topic) != 0)
        i++;
    if (i == group->topic_count) {
        if (i == build->topic_room) {
            tend_listened *more = tend_arena_take(build->playbooks->listening, (build->topic_room = i * 2 + 8) * sizeof *more);

            if (!more)
                return out_of_memory(build->reterr);
            if (i > 0)
                memcpy(more, group->topics, i * sizeof *more);
            group->topics = more;
        }
        (void)snprintf(group->topics[i].topic, sizeof topic, "%s", topic);
        group->topics[i].set = new_set(build);
        if (!group->topics[i].set)
            return out_of_memory(build->reterr);
        group->topic_count++;
    }
    tend_bit_put(group->topics[i].set, bit);
    return TEND_OK;
}

static bool is_same_way(const tend_filter_way *a, const tend_filter_way *b)
{
    return a->ref_count == b->ref_count && memcmp(a->refs, b->refs, a->ref_count * sizeof *a->refs) == 0;
}

static tend_status reach(builder *build, size_t bit, const tend_filter_way *way, const char *topic)
{
    tend_listeners *group = build->group;
    size_t i = 0;

    while (i < group->reach_count && (strcmp(group->reaches[i].topic, topic) != 0 || !is_same_way(group->reaches[i].way, way)))
        i++;
    if (i == group->reach_count) {
        if (i == build->reach_room) {
            tend_reach *more = tend_arena_take(build->playbooks->listening, (build->reach_room = i * 2 + 8) * sizeof *more);

            if (!more)
                return out_of_memory(build->reterr);
            if (i > 0)
                memcpy(more, group->reaches, i * sizeof *more);
            group->reaches = more;
        }
        group->reaches[i] = (tend_reach){ .way = way, .set = new_set(build) };
        (void)snprintf(group->reaches[i].topic, sizeof group->reaches[i].topic, "%s", topic);
        if (!group->reaches[i].set)
            return out_of_memory(build->reterr);
        group->reach_count++;
    }
    tend_bit_put(group->reaches[i].set, bit);
    return TEND_OK;
}

/* What a condition reads elsewhere makes news of what happens there. */
static tend_status follow_ways(builder *build, const tend_filter *condition, size_t bit)
{
    static const char *const words[] = { "updated", "merged", "unmerged" };
    const tend_filter_way *ways = NULL;
    size_t count = 0;
    char topic[TEND_TOPIC_ROOM];
    tend_status status = tend_filter_ways(condition, build->playbooks->listening, &ways, &count, build->reterr);

    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        const tend_kind_schema *end = ways[i].kinds[ways[i].ref_count];
        size_t last = ways[i].measure || end->kind != TEND_KIND_ACCOUNT ? 1 : sizeof words / sizeof *words;

        if (ways[i].ref_count == 0) {
            status = listen(build, bit, "measure.%s", ways[i].measure);
            continue;
        }
        for (size_t k = 0; k < last && status == TEND_OK; k++) {
            (void)snprintf(topic, sizeof topic, "%s.%s", ways[i].measure ? "measure" : end->name,
                           ways[i].measure ? ways[i].measure : words[k]);
            status = reach(build, bit, &ways[i], topic);
        }
    }
    return status;
}

static tend_status add_playbook(builder *build, const tend_playbook *playbook, size_t bit)
{
    const tend_spec *spec = &playbook->bundle->spec;
    tend_status status = TEND_OK;

    if (has_edge(playbook))
        tend_bit_put(build->group->edges, bit);
    if (!playbook->where || spec->is_due)
        tend_bit_put(build->group->plain, bit);
    if (spec->is_due)
        return listen(build, bit, "due.%.50s", playbook->name);
    if (spec->start_event && has_edge(playbook)) /* what was left out and is released */
        status = listen(build, bit, "met.%.50s", playbook->name);
    if (status == TEND_OK && spec->start_event)
        status = listen(build, bit, "%s", spec->start_event);
    if (status < 0 || spec->start_event)
        return status;
    if (!is_condition(playbook))
        return TEND_OK;
    /* A new status is told as `updated` or `created` too: looking at the row twice would decide it twice. */
    status = listen(build, bit, "%s.created", spec->subject->name);
    if (status == TEND_OK)
        status = listen(build, bit, "%s.updated", spec->subject->name);
    if (status == TEND_OK)
        status = listen(build, bit, "met.%.50s", playbook->name);
    if (status == TEND_OK)
        status = follow_ways(build, playbook->where, bit);
    return status < 0 || !playbook->again ? status : follow_ways(build, playbook->again, bit);
}

static int compare_topics(const void *a, const void *b)
{
    const tend_listened *first = a, *second = b;

    return strcmp(first->topic, second->topic);
}

static tend_status open_group(tend_playbooks *playbooks, tend_listeners *group, tend_error *reterr)
{
    builder build = { .playbooks = playbooks, .group = group, .reterr = reterr };
    const tend_filter **filters = tend_arena_take(playbooks->listening, group->count * sizeof(const tend_filter *));
    uint64_t **const sets[] = { &group->plain, &group->edges, &group->live, &group->among, &group->met, &group->held };
    tend_status status = filters ? TEND_OK : out_of_memory(reterr);

    group->words = TEND_SIEVE_WORDS(group->count);
    for (size_t i = 0; i < sizeof sets / sizeof *sets && status == TEND_OK; i++) {
        *sets[i] = new_set(&build);
        status = *sets[i] ? TEND_OK : out_of_memory(reterr);
    }
    for (size_t i = 0; i < group->count && status == TEND_OK; i++) {
        tend_playbook *playbook = &playbooks->list[group->numbers[i]];

        playbook->listeners = group;
        playbook->bit = i;
        /* A date was asked when it fired. */
        filters[i] = playbook->bundle->spec.is_due ? NULL : playbook->where;
        status = add_playbook(&build, playbook, i);
    }
    if (status == TEND_OK && group->topic_count > 0)
        qsort(group->topics, group->topic_count, sizeof *group->topics, compare_topics);
    if (status == TEND_OK)
        status = tend_sieve_new(playbooks->schema, group->subject->kind, filters, group->count, &group->sieve, reterr);
    return status;
}

static tend_listeners *group_of(const tend_playbooks *playbooks, tend_kind kind)
{
    for (size_t i = 0; i < playbooks->listener_count; i++)
        if (playbooks->listeners[i].subject->kind == kind)
            return &playbooks->listeners[i];
    return NULL;
}

tend_status tend_listen_open(tend_playbooks *playbooks, tend_error *reterr)
{
    tend_status status = TEND_OK;

    tend_listen_close(playbooks);
    playbooks->listening = tend_arena_new();
    if (playbooks->listening)
        playbooks->listeners = tend_arena_take(playbooks->listening, (playbooks->count + 1) * sizeof *playbooks->listeners);
    if (!playbooks->listeners)
        return out_of_memory(reterr);
    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++) {
        const tend_spec *spec = &playbooks->list[i].bundle->spec;
        tend_listeners *group = spec->has_start ? group_of(playbooks, spec->subject->kind) : NULL;

        if (!spec->has_start)
            continue;
        if (!group) {
            group = &playbooks->listeners[playbooks->listener_count++];
            group->subject = spec->subject;
            group->numbers = tend_arena_take(playbooks->listening, playbooks->count * sizeof *group->numbers);
        }
        if (!group->numbers)
            return out_of_memory(reterr);
        group->numbers[group->count++] = i;
    }
    for (size_t i = 0; i < playbooks->listener_count && status == TEND_OK; i++)
        status = open_group(playbooks, &playbooks->listeners[i], reterr);
    return status;
}

void tend_listen_close(tend_playbooks *playbooks)
{
    for (size_t i = 0; i < playbooks->listener_count; i++)
        tend_sieve_free(playbooks->listeners[i].sieve);
    for (size_t i = 0; i < playbooks->count; i++)
        playbooks->list[i].listeners = NULL;
    tend_arena_free(playbooks->listening);
    playbooks->listening = NULL;
    playbooks->listeners = NULL;
    playbooks->listener_count = 0;
}

static int compare_topic(const void *topic, const void *listened)
{
    return strcmp(topic, ((const tend_listened *)listened)->topic);
}

tend_listeners *tend_listen_to(const tend_playbooks *playbooks, const tend_event *event, const uint64_t **ret_set)
{
    tend_listeners *group = event->first == 0 ? NULL : group_of(playbooks, (tend_kind)event->kind);
    const tend_listened *found = group && group->topic_count > 0 ? bsearch(event->topic, group->topics, group->topic_count,
                                                                           sizeof *group->topics, compare_topic)
                                                                 : NULL;

    if (!found)
        return NULL;
    *ret_set = found->set;
    return group;
}
