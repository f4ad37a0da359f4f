/* packed.h: many events in few bytes, for as long as they are held back. Inside bus only. */
#ifndef TEND_BUS_PACKED_H
#define TEND_BUS_PACKED_H

#include "base/buffer.h"
#include "bus/bus.h"

#define TEND_PACK_TOPICS 64

/* What stands in a pack, by topic: an event is written as what differs from the one before it of the same topic. */
typedef struct tend_pack {
    tend_event before[TEND_PACK_TOPICS];
    size_t topic_count, recent;
} tend_pack;

/* Appends the event to `bytes`; its sequence, shard and batch are not kept. A zeroed pack is empty; one whose topics are used up
 * takes no more of another topic: false, and nothing is written. Memory that is used up stands in `bytes`. */
bool tend_pack_add(tend_pack *pack, tend_buffer *bytes, const tend_event *event);

/* The next event of a pack that was emptied or zeroed before the first, from `*at`, which moves on. TEND_ECORRUPT: these bytes are
 * no events. */
tend_status tend_pack_next(tend_pack *pack, const uint8_t **at, const uint8_t *end, tend_event *ret_event);

#endif
