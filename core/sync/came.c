#include "sync/came.h"
#include <stdlib.h>

#define LAST_ROOM 4096

#define LOW_BITS 33  /* of a line, in the list */
#define LINE_BITS 40 /* in the table */
#define LOW (((uint64_t)1 << LOW_BITS) - 1)
#define SLOTS_MAX ((uint64_t)1 << (64 - LOW_BITS))
#define PARTS_MAX (((uint32_t)1 << (64 - LINE_BITS)) - 2)

tend_status tend_came_open(tend_came *came, const char *folder, uint64_t slots)
{
    tend_status status = slots < SLOTS_MAX ? TEND_OK : TEND_ELIMIT;

    *came = (tend_came){ .bits.folder = folder, .list.folder = folder, .table.folder = folder, .slots = slots };
    if (status == TEND_OK)
        status = tend_shelf_grow(&came->bits, (size_t)(slots / 8 + 1));
    if (status == TEND_OK)
        came->last = malloc(LAST_ROOM * sizeof *came->last);
    if (status == TEND_OK && !came->last)
        status = TEND_ENOMEM;
    if (status < 0)
        tend_came_clear(came);
    return status;
}

void tend_came_clear(tend_came *came)
{
    tend_shelf_clear(&came->bits);
    tend_shelf_clear(&came->list);
    tend_shelf_clear(&came->table);
    free(came->spans);
    free(came->last);
    *came = (tend_came){ 0 };
}

bool tend_came_has(const tend_came *came, uint64_t slot)
{
    return ((const uint8_t *)came->bits.bytes)[slot / 8] >> slot % 8 & 1;
}

void tend_came_add_other(tend_came *came, uint64_t slot)
{
    ((uint8_t *)came->bits.bytes)[slot / 8] |= (uint8_t)(1u << slot % 8);
}

/* What is added now belongs to this part and these lines. */
static bool begin_span(tend_came *came, uint32_t part, uint64_t high)
{
    const tend_came_span *last = came->span_count > 0 ? &came->spans[came->span_count - 1] : NULL;

    if (last && last->part == part && last->high == high)
        return true;
    if (came->span_count == came->span_room) {
        size_t room = came->span_room == 0 ? 16 : 2 * came->span_room;
        tend_came_span *spans = realloc(came->spans, room * sizeof *spans);

        if (!spans)
            return false;
        came->spans = spans;
        came->span_room = room;
    }
    came->spans[came->span_count++] = (tend_came_span){ .from = came->count, .part = part, .high = high };
    return true;
}

static void put_last(tend_came *came)
{
    if (came->last_count > 0)
        tend_shelf_put(&came->list, (came->count - came->last_count) * sizeof(uint64_t), came->last,
                       came->last_count * sizeof(uint64_t));
    came->last_count = 0;
}

static uint64_t in_table(uint32_t part, uint64_t line)
{
    return (uint64_t)(part + 1) << LINE_BITS | line;
}

bool tend_came_add(tend_came *came, uint64_t slot, uint32_t part, uint64_t line)
{
    if (line >> LINE_BITS || part > PARTS_MAX)
        return false;
    if (came->table.bytes) {
        ((uint64_t *)came->table.bytes)[slot] = in_table(part, line);
    } else {
        if (!begin_span(came, part, line >> LOW_BITS) || tend_shelf_room_for(&came->list, came->count, sizeof(uint64_t)) < 0)
            return false;
        came->last[came->last_count++] = slot << LOW_BITS | (line & LOW);
        came->count++;
        if (came->last_count == LAST_ROOM)
            put_last(came);
    }
    tend_came_add_other(came, slot);
    return true;
}

static tend_status make_table(tend_came *came)
{
    const uint64_t *list;
    tend_status status = tend_shelf_grow(&came->table, (size_t)(came->slots + 1) * sizeof(uint64_t));
    uint64_t *table = came->table.bytes;

    if (status < 0)
        return status;
    put_last(came);
    list = came->list.bytes;
    for (size_t i = 0, span = 0; i < came->count; i++) {
        while (span + 1 < came->span_count && came->spans[span + 1].from <= i)
            span++;
        table[list[i] >> LOW_BITS] = in_table(came->spans[span].part, came->spans[span].high << LOW_BITS | (list[i] & LOW));
    }
    tend_shelf_clear(&came->list);
    return TEND_OK;
}

tend_status tend_came_who(tend_came *came, uint64_t slot, bool *ret_is_known, uint32_t *ret_part, uint64_t *ret_line)
{
    uint64_t who;
    tend_status status = TEND_OK;

    *ret_is_known = false;
    if (!tend_came_has(came, slot))
        return TEND_OK;
    if (!came->table.bytes)
        status = make_table(came);
    if (status < 0)
        return status;
    who = ((const uint64_t *)came->table.bytes)[slot];
    if (who == 0)
        return TEND_OK;
    *ret_is_known = true;
    *ret_part = (uint32_t)(who >> LINE_BITS) - 1;
    *ret_line = who & (((uint64_t)1 << LINE_BITS) - 1);
    return TEND_OK;
}
