/* ahead.h: blocks of a belt are taken apart in a thread of its own, one ahead of the block whose records are being used. Private to
 * this layer. */
#ifndef TEND_PLUGIN_AHEAD_H
#define TEND_PLUGIN_AHEAD_H

#include "plugin/plugins.h"

/* A block, copied: its records up to the first item that is none. */
typedef struct tend_block {
    char *bytes; /* owned */
    size_t length;
    size_t used;                /* where the records end */
    tend_ready_record *records; /* owned */
    size_t count, record_room;
    tend_cell *cells; /* owned; of all records, one behind the other */
    size_t cell_count, cell_room;
    bool has_lied;
    tend_status status; /* TEND_ENOMEM */
} tend_block;

typedef struct tend_ahead tend_ahead;

/* NULL: no memory, or no thread is to be had. `sink` and what it points to outlive it. */
tend_ahead *tend_ahead_new(const tend_pull_sink *sink);
void tend_ahead_free(tend_ahead *ahead); /* accepts NULL; what was given is forgotten */
/* The block at `from` is copied and taken apart; a record has at most `most` cells. At most TEND_PULL_SLOTS are given and not
 * taken. */
void tend_ahead_give(tend_ahead *ahead, const char *from, size_t length, uint32_t most);
unsigned tend_ahead_given(const tend_ahead *ahead); /* blocks not yet taken */
/* The one that was given first, when it is ready; its slot is *ret_slot. It stays until tend_ahead_drop. */
const tend_block *tend_ahead_take(tend_ahead *ahead, unsigned *ret_slot);
void tend_ahead_drop(tend_ahead *ahead);
/* Nothing goes on in the thread any more. */
void tend_ahead_wait(tend_ahead *ahead);

#endif
