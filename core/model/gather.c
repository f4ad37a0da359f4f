/* gather.c: what a transaction did, kept in arrays until the commit tells the bus. */
#include "base/hash.h"
#include "model/inside.h"
#include <stdlib.h>
#include <string.h>

void tend_gather_clear(tend_gather *gather)
{
    free(gather->events);
    free(gather->made);
    free(gather->told);
    *gather = (tend_gather){ 0 };
}

static void forget_ranges(tend_gather *gather)
{
    memset(gather->last_created, 0, sizeof gather->last_created);
    memset(gather->last_word, 0, sizeof gather->last_word);
    memset(gather->last_made, 0, sizeof gather->last_made);
}

void tend_gather_reset(tend_gather *gather)
{
    gather->count = 0;
    gather->made_count = 0;
    if (gather->told_count > 0)
        memset(gather->told, 0, gather->told_room * sizeof *gather->told);
    gather->told_count = 0;
    forget_ranges(gather);
    memset(gather->first_new, 0, sizeof gather->first_new);
}

tend_gather_mark tend_gather_here(tend_gather *gather)
{
    tend_gather_mark mark = { .count = gather->count, .made_count = gather->made_count };

    memcpy(mark.first_new, gather->first_new, sizeof mark.first_new);
    forget_ranges(gather);
    return mark;
}

static uint64_t mix(tend_kind kind, int64_t id)
{
    uint64_t hash = (uint64_t)id * 0x9e3779b97f4a7c15u + (uint64_t)kind;

    return hash ^ (hash >> 29);
}

/* Puts the event into the hash; true when the row was told already. */
static bool tell_once(tend_gather *gather, size_t event)
{
    const tend_gathered *added = &gather->events[event];
    size_t at = (size_t)mix(added->kind, added->first) & (gather->told_room - 1);

    while (gather->told[at]) {
        const tend_gathered *other = &gather->events[gather->told[at] - 1];

        if (other->kind == added->kind && other->first == added->first && other->batch == added->batch)
            return true;
        at = (at + 1) & (gather->told_room - 1);
    }
    gather->told[at] = event + 1;
    gather->told_count++;
    return false;
}

static bool is_updated(const tend_gathered *event)
{
    return !strcmp(event->what, "updated");
}

static tend_status grow_told(tend_gather *gather)
{
    size_t room = gather->told_room ? gather->told_room * 2 : 256;
    size_t *told = calloc(room, sizeof *told);

    if (!told)
        return TEND_ENOMEM;
    free(gather->told);
    gather->told = told;
    gather->told_room = room;
    gather->told_count = 0;
    for (size_t i = 0; i < gather->count; i++) {
        if (is_updated(&gather->events[i]))
            (void)tell_once(gather, i);
    }
    return TEND_OK;
}

void tend_gather_back(tend_gather *gather, const tend_gather_mark *mark)
{
    gather->count = mark->count;
    gather->made_count = mark->made_count;
    memcpy(gather->first_new, mark->first_new, sizeof gather->first_new);
    forget_ranges(gather);
    if (gather->told_count == 0)
        return;
    memset(gather->told, 0, gather->told_room * sizeof *gather->told);
    gather->told_count = 0;
    for (size_t i = 0; i < gather->count; i++) {
        if (is_updated(&gather->events[i]))
            (void)tell_once(gather, i);
    }
}

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "model: memory is used up for what is to be told");
}

tend_status tend_gather_made(tend_gather *gather, tend_kind kind, int64_t id, int64_t batch, tend_error *reterr)
{
    tend_made *last = gather->last_made[kind] ? &gather->made[gather->last_made[kind] - 1] : NULL;

    if (!gather->first_new[kind])
        gather->first_new[kind] = id;
    if (batch == 0)
        return TEND_OK;
    if (last && last->last + 1 == id && last->batch == batch) {
        last->last = id;
        return TEND_OK;
    }
    if (gather->made_count == gather->made_room) {
        size_t room = gather->made_room ? gather->made_room * 2 : 64;
        tend_made *made = realloc(gather->made, room * sizeof *made);

        if (!made)
            return out_of_memory(reterr);
        gather->made = made;
        gather->made_room = room;
    }
    gather->made[gather->made_count++] = (tend_made){ .kind = kind, .first = id, .last = id, .batch = batch };
    gather->last_made[kind] = gather->made_count;
    return TEND_OK;
}

static tend_status push(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                        const char *what, size_t length, tend_error *reterr)
{
    tend_gathered *event;

    if (gather->count == gather->room) {
        size_t room = gather->room ? gather->room * 2 : 64;
        tend_gathered *events = realloc(gather->events, room * sizeof *events);

        if (!events)
            return out_of_memory(reterr);
        gather->events = events;
        gather->room = room;
    }
    event = &gather->events[gather->count++];
    *event = (tend_gathered){ .kind = kind,
                              .first = id,
                              .last = id,
                              .account = account,
                              .batch = origin->batch,
                              .cause = origin->cause,
                              .is_history = origin->is_history,
                              .is_held = origin->is_held };
    memcpy(event->what, what, length);
    return TEND_OK;
}

/* Grows the range at `*last` by one row, if it is of the same sort. */
static bool grow(tend_gather *gather, size_t last, const tend_origin *origin, int64_t id, const char *what, size_t length)
{
    tend_gathered *event = last ? &gather->events[last - 1] : NULL;

    if (!event || event->last + 1 != id || event->batch != origin->batch || event->cause != origin->cause ||
        event->is_history != origin->is_history || event->is_held != origin->is_held || strlen(event->what) != length ||
        memcmp(event->what, what, length) != 0)
        return false;
    event->last = id;
    event->account = 0;
    return true;
}

tend_status tend_gather_created(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                                tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (grow(gather, gather->last_created[kind], origin, id, "created", 7))
        return TEND_OK;
    status = push(gather, origin, kind, id, account, "created", 7, reterr);
    if (status == TEND_OK)
        gather->last_created[kind] = gather->count;
    return status;
}

tend_status tend_gather_updated(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                                tend_error *reterr)
{
    tend_status status;

    if (gather->first_new[kind] && id >= gather->first_new[kind])
        return TEND_OK; /* made in this transaction: the created event says it all */
    if (gather->told_count * 2 >= gather->told_room && grow_told(gather) < 0)
        return out_of_memory(reterr);
    status = push(gather, origin, kind, id, account, "updated", 7, reterr);
    if (status == TEND_OK && tell_once(gather, gather->count - 1))
        gather->count--;
    return status;
}

/* Words that can stand in a topic; others are told by `updated` alone. */
static bool word_is_good(const char *word, size_t length)
{
    if (length == 0 || length >= 32)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", word[i]) || !word[i])
            return false;
    }
    return true;
}

tend_status tend_gather_word(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                             const char *word, size_t length, tend_error *reterr)
{
    tend_status status;

    if (grow(gather, gather->last_word[kind], origin, id, word, length) || !word_is_good(word, length))
        return TEND_OK;
    status = push(gather, origin, kind, id, account, word, length, reterr);
    if (status == TEND_OK)
        gather->last_word[kind] = gather->count;
    return status;
}

tend_status tend_gather_event(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                              const char *what, tend_error *reterr)
{
    return push(gather, origin, kind, id, account, what, strlen(what), reterr);
}

static tend_event event_of(const tend_model *model, const tend_gathered *gathered)
{
    tend_event event = {
        .kind = (int32_t)gathered->kind,
        .first = gathered->first,
        .last = gathered->last,
        .account = gathered->account,
        .shard = tend_shard_of(gathered->account),
        .cause = gathered->cause,
        .batch = gathered->batch,
        .is_history = gathered->is_history,
        .recorded_at = tend_model_now(model),
    };
    char *end = stpcpy(event.topic, tend_schema_kind(model->schema, gathered->kind)->name);

    *end++ = '.';
    (void)stpncpy(end, gathered->what, (size_t)(event.topic + sizeof event.topic - 1 - end));
    return event;
}

/* Events that follow each other and wait for their batch, or do not, go to the bus together. */
static tend_status publish(tend_model *model, tend_error *reterr)
{
    const tend_gather *gather = &model->gather;
    tend_event events[256];
    tend_status status = TEND_OK;

    for (size_t i = 0; i < gather->count && status >= 0;) {
        bool is_held = gather->events[i].is_held;
        size_t count = 0;

        while (i < gather->count && count < sizeof events / sizeof *events && gather->events[i].is_held == is_held)
            events[count++] = event_of(model, &gather->events[i++]);
        status = tend_bus_publish_many(model->bus, events, count, is_held, reterr);
    }
    return status;
}

tend_status tend_gather_flush(tend_model *model, tend_error *reterr)
{
    tend_gather *gather = &model->gather;
    tend_statement *insert = NULL;
    tend_status status = tend_model_load_flush(model, reterr);

    if (status >= 0 && model->bus)
        status = publish(model, reterr);
    if (status >= 0 && gather->made_count > 0)
        status = tend_store_prepare(model->store, "INSERT INTO batch_rows (batch, kind, first, last) VALUES (?1, ?2, ?3, ?4)",
                                    &insert, reterr);
    for (size_t i = 0; i < gather->made_count && status >= 0; i++) {
        tend_statement_bind_int(insert, 1, gather->made[i].batch);
        tend_statement_bind_int(insert, 2, gather->made[i].kind);
        tend_statement_bind_int(insert, 3, gather->made[i].first);
        tend_statement_bind_int(insert, 4, gather->made[i].last);
        status = tend_statement_run(insert, reterr);
    }
    tend_statement_end(insert);
    if (status >= 0) {
        int64_t first_new[TEND_KIND_COUNT];

        memcpy(first_new, gather->first_new, sizeof first_new);
        tend_gather_reset(gather);
        memcpy(gather->first_new, first_new, sizeof first_new);
    }
    return status;
}
