#include "plugin/ahead.h"
#include "base/belt.h"
#include "base/host_wire.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "plugin/items.h"

#include <stdlib.h>
#include <string.h>

struct tend_ahead {
    const tend_pull_sink *sink;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows but the blocks */
    pthread_cond_t changed;
    bool is_ending;
    const char *from[TEND_PULL_SLOTS];
    uint32_t most[TEND_PULL_SLOTS];
    uint64_t given, done, taken;
    tend_block blocks[TEND_PULL_SLOTS]; /* in turn; those between `done` and `given` are the thread's */
};

static bool make_room(void **list, size_t *room, size_t count, size_t item)
{
    size_t more = *room == 0 ? 1024 : *room * 2;
    void *bigger;

    while (more < count)
        more *= 2;
    if (count <= *room)
        return true;
    bigger = realloc(*list, more * item);
    if (!bigger)
        return false;
    *list = bigger;
    *room = more;
    return true;
}

/* The cells of a record behind those that are there. */
static bool read_cells(tend_block *block, tend_ready_record *record)
{
    const tend_raw_record *raw = &record->raw;
    tend_items items = { .at = raw->cells, .end = raw->cells + raw->length };

    record->are_texts = record->are_plain = true;
    for (uint32_t i = 0; i < raw->count; i++) {
        tend_cell *cell = &block->cells[block->cell_count++];

        *cell = tend_items_cell(&items);
        if (!cell->text || tend_utf8_is_plain(cell->text, cell->length))
            continue;
        record->are_plain = false;
        record->are_texts = record->are_texts && tend_items_is_text(cell);
    }
    return !items.has_lied && items.at == items.end;
}

/* A record whose cells would not fit into its bytes is a lie. */
static tend_status read_block(tend_block *block, uint32_t most)
{
    tend_items items = { .at = block->bytes, .end = block->bytes + block->length };
    size_t first = 0;

    block->count = block->cell_count = block->used = 0;
    block->has_lied = false;
    while (items.at < items.end && *items.at == TEND_ITEM_RECORD && !block->has_lied) {
        tend_ready_record record = { .cells = NULL };

        block->has_lied = !tend_items_record(&items, &record.raw) || record.raw.count > most ||
                          record.raw.count > record.raw.length / sizeof(uint32_t);
        if (block->has_lied)
            break;
        if (!make_room((void **)&block->records, &block->record_room, block->count + 1, sizeof *block->records) ||
            !make_room((void **)&block->cells, &block->cell_room, block->cell_count + record.raw.count, sizeof *block->cells))
            return TEND_ENOMEM;
        block->has_lied = !read_cells(block, &record);
        if (block->has_lied)
            break;
        block->records[block->count++] = record;
        block->used = (size_t)(items.at - block->bytes);
    }
    for (size_t i = 0; i < block->count; first += block->records[i++].raw.count)
        block->records[i].cells = block->cells + first;
    return TEND_OK;
}

static void *work(void *self)
{
    tend_ahead *ahead = self;

    (void)pthread_mutex_lock(&ahead->mutex);
    for (;;) {
        unsigned slot;
        tend_block *block;

        while (ahead->given == ahead->done && !ahead->is_ending)
            (void)pthread_cond_wait(&ahead->changed, &ahead->mutex);
        if (ahead->is_ending)
            break;
        slot = (unsigned)(ahead->done % TEND_PULL_SLOTS);
        (void)pthread_mutex_unlock(&ahead->mutex);
        block = &ahead->blocks[slot];
        memcpy(block->bytes, ahead->from[slot], block->length);
        block->status = read_block(block, ahead->most[slot]);
        if (block->status == TEND_OK)
            ahead->sink->prepare(ahead->sink->self, slot, block->records, block->count);
        (void)pthread_mutex_lock(&ahead->mutex);
        ahead->done++;
        (void)pthread_cond_broadcast(&ahead->changed);
    }
    (void)pthread_mutex_unlock(&ahead->mutex);
    return NULL;
}

static void destroy(tend_ahead *ahead)
{
    (void)pthread_cond_destroy(&ahead->changed);
    (void)pthread_mutex_destroy(&ahead->mutex);
    for (unsigned i = 0; i < TEND_PULL_SLOTS; i++) {
        free(ahead->blocks[i].bytes);
        free(ahead->blocks[i].records);
        free(ahead->blocks[i].cells);
    }
    free(ahead);
}

tend_ahead *tend_ahead_new(const tend_pull_sink *sink)
{
    tend_ahead *ahead = calloc(1, sizeof *ahead);
    bool has_room = ahead;

    if (!ahead)
        return NULL;
    ahead->sink = sink;
    (void)pthread_mutex_init(&ahead->mutex, NULL);
    (void)pthread_cond_init(&ahead->changed, NULL);
    for (unsigned i = 0; i < TEND_PULL_SLOTS; i++)
        has_room = (ahead->blocks[i].bytes = malloc(TEND_BELT_BLOCK)) && has_room;
    if (has_room && tend_thread_start(&ahead->thread, work, ahead))
        return ahead;
    destroy(ahead);
    return NULL;
}

void tend_ahead_free(tend_ahead *ahead)
{
    if (!ahead)
        return;
    (void)pthread_mutex_lock(&ahead->mutex);
    ahead->is_ending = true;
    (void)pthread_cond_broadcast(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->mutex);
    (void)pthread_join(ahead->thread, NULL);
    destroy(ahead);
}

void tend_ahead_give(tend_ahead *ahead, const char *from, size_t length, uint32_t most)
{
    unsigned slot;

    (void)pthread_mutex_lock(&ahead->mutex);
    slot = (unsigned)(ahead->given % TEND_PULL_SLOTS);
    ahead->from[slot] = from;
    ahead->most[slot] = most;
    ahead->blocks[slot].length = length;
    ahead->given++;
    (void)pthread_cond_broadcast(&ahead->changed);
    (void)pthread_mutex_unlock(&ahead->mutex);
}

unsigned tend_ahead_given(const tend_ahead *ahead)
{
    return (unsigned)(ahead->given - ahead->taken); /* both are the caller's to change */
}

static void wait_until(tend_ahead *ahead, uint64_t done)
{
    (void)pthread_mutex_lock(&ahead->mutex);
    while (ahead->done < done)
        (void)pthread_cond_wait(&ahead->changed, &ahead->mutex);
    (void)pthread_mutex_unlock(&ahead->mutex);
}

const tend_block *tend_ahead_take(tend_ahead *ahead, unsigned *ret_slot)
{
    wait_until(ahead, ahead->taken + 1);
    *ret_slot = (unsigned)(ahead->taken % TEND_PULL_SLOTS);
    return &ahead->blocks[*ret_slot];
}

void tend_ahead_drop(tend_ahead *ahead)
{
    ahead->taken++;
}

void tend_ahead_wait(tend_ahead *ahead)
{
    wait_until(ahead, ahead->given);
}
