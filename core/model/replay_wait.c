/* replay_wait.c: what became known before something that it refers to. */
#include "model/replay_inside.h"
#include <stdlib.h>
#include <string.h>

tend_status tend_waits_init(tend_waits *waits)
{
    *waits = (tend_waits){ .arena = tend_arena_new(), .buckets = calloc(TEND_WAITING_BUCKETS, sizeof *waits->buckets) };
    waits->ready_end = &waits->ready;
    return waits->arena && waits->buckets ? TEND_OK : TEND_ENOMEM;
}

void tend_waits_clear(tend_waits *waits)
{
    tend_arena_free(waits->arena);
    free(waits->buckets);
    for (int i = 0; i < TEND_KIND_COUNT; i++)
        free(waits->there[i]);
    *waits = (tend_waits){ 0 };
}

bool tend_waits_has(const tend_waits *waits, tend_kind kind, int64_t id)
{
    size_t word = (size_t)id / 64;

    return id > 0 && word < waits->words[kind] && (waits->there[kind][word] >> ((size_t)id % 64) & 1);
}

static tend_waiting **bucket_of(const tend_waits *waits, tend_kind kind, int64_t id)
{
    uint64_t hash = ((uint64_t)id * 64 + (uint64_t)kind) * 0x9e3779b97f4a7c15u;

    return &waits->buckets[(hash >> 40) % TEND_WAITING_BUCKETS];
}

tend_status tend_waits_came(tend_waits *waits, tend_kind kind, int64_t id)
{
    size_t word = (size_t)id / 64;

    if (word >= waits->words[kind]) {
        size_t words = waits->words[kind] ? waits->words[kind] : 64;
        uint64_t *larger;

        while (words <= word)
            words *= 2;
        larger = realloc(waits->there[kind], words * sizeof *larger);
        if (!larger)
            return TEND_ENOMEM;
        memset(larger + waits->words[kind], 0, (words - waits->words[kind]) * sizeof *larger);
        waits->there[kind] = larger;
        waits->words[kind] = words;
    }
    waits->there[kind][word] |= UINT64_C(1) << ((size_t)id % 64);
    if (waits->count == 0)
        return TEND_OK;
    for (tend_waiting **at = bucket_of(waits, kind, id); *at;) {
        tend_waiting *one = *at;

        if (one->for_kind != kind || one->for_id != id) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        one->next = NULL;
        *waits->ready_end = one;
        waits->ready_end = &one->next;
        waits->count--;
    }
    return TEND_OK;
}

tend_status tend_waits_add(tend_waits *waits, const tend_waiting *waiting)
{
    tend_waiting **end = bucket_of(waits, waiting->for_kind, waiting->for_id), *added = waits->spare;

    if (added)
        waits->spare = added->next;
    else
        added = tend_arena_take(waits->arena, sizeof *added);
    if (!added)
        return TEND_ENOMEM;
    while (*end) /* in the order in which they came */
        end = &(*end)->next;
    *added = *waiting;
    added->next = NULL;
    *end = added;
    waits->count++;
    return TEND_OK;
}

bool tend_waits_take(tend_waits *waits, bool only_rows, tend_waiting *ret_waiting)
{
    for (tend_waiting **at = &waits->ready; *at; at = &(*at)->next) {
        tend_waiting *taken = *at;

        if (only_rows != (taken->what == TEND_WAITING_ROW))
            continue;
        *at = taken->next;
        if (!*at)
            waits->ready_end = at;
        *ret_waiting = *taken;
        taken->next = waits->spare;
        waits->spare = taken;
        return true;
    }
    return false;
}
