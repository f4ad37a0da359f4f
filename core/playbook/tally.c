/* tally.c: decisions that are merely counted. All of one transaction are gathered and written once: what an event costs does not
 * grow with the playbooks that it does not concern. */
#include "playbook/inside.h"

#include <string.h>

tend_status tend_tally_of(tend_playbooks *playbooks, const tend_event *event, tend_tally **ret_tally, tend_error *reterr)
{
    tend_tally *tally = playbooks->tallies;
    size_t bytes = playbooks->count * sizeof(int64_t);

    while (tally && (tally->batch != event->batch || strcmp(tally->topic, event->topic) != 0))
        tally = tally->next;
    if (!tally) {
        tally = tend_arena_take(playbooks->arena, sizeof *tally);
        if (tally)
            *tally = (tend_tally){ .next = playbooks->tallies,
                                   .topic = tend_arena_string(playbooks->arena, event->topic),
                                   .batch = event->batch,
                                   .delivered = tend_arena_take(playbooks->arena, bytes),
                                   .filtered = tend_arena_take(playbooks->arena, bytes),
                                   .suppressed = tend_arena_take(playbooks->arena, bytes) };
        if (!tally || !tally->topic || !tally->delivered || !tally->filtered || !tally->suppressed)
            return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
        playbooks->tallies = tally;
    }
    *ret_tally = tally;
    return TEND_OK;
}

static tend_status write_delivered(tend_playbooks *playbooks, size_t number, tend_error *reterr)
{
    int64_t delivered = 0;

    for (const tend_tally *tally = playbooks->tallies; tally; tally = tally->next)
        delivered += tally->delivered[number];
    if (delivered == 0)
        return TEND_OK;
    return tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET delivered = delivered + ?2 WHERE name = ?1", "si",
                        playbooks->list[number].name, delivered);
}

tend_status tend_tally_write(tend_playbooks *playbooks, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++)
        status = write_delivered(playbooks, i, reterr);
    for (const tend_tally *tally = playbooks->tallies; tally && status == TEND_OK; tally = tally->next) {
        tend_event event = { .batch = tally->batch };

        (void)snprintf(event.topic, sizeof event.topic, "%s", tally->topic);
        for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++) {
            status = tend_decide_count(playbooks, &playbooks->list[i], &event, "filtered", tally->filtered[i], reterr);
            if (status == TEND_OK)
                status = tend_decide_count(playbooks, &playbooks->list[i], &event, "suppressed", tally->suppressed[i], reterr);
        }
    }
    playbooks->tallies = NULL;
    return status;
}
