/* ready.h: what can be said of a record from its cells and the mapping alone is said ahead, in the thread that takes the blocks of
 * a connector apart (tend_pull_sink): its cells by column, the values of its plain fields, the hash of its bytes. Whatever wants a
 * remark, a refusal or a look at other records is left to the way that a record goes without it. Inside sync only. */
#ifndef TEND_SYNC_READY_H
#define TEND_SYNC_READY_H

#include "plugin/plugins.h"
#include "sync/again.h"
#include "sync/keys.h"
#include "sync/mapping.h"

typedef enum tend_readiness { TEND_READY_NOT = 0, TEND_READY_VALUE, TEND_READY_UNNAMED } tend_readiness;

typedef struct tend_ready_field {
    tend_value value; /* borrowed from the slot */
    tend_readiness is;
    bool fits; /* tend_field_fits */
} tend_ready_field;

typedef struct tend_ready {
    bool is_good, has_hash;
    tend_again_hash hash;
    tend_readiness effective;
    tend_time effective_at;
    tend_cell *cells;         /* by column number */
    tend_ready_field *fields; /* by number in the stream */
} tend_ready;

/* What a reference of a record will be looked up by; where the next record says the same, once. */
typedef struct tend_sought {
    size_t record;
    tend_key key;
} tend_sought;

typedef struct tend_ready_slot {
    tend_arena *arena; /* owned: texts */
    tend_ready *records;
    tend_cell *cells;
    tend_ready_field *fields;
    tend_sought *sought;
    size_t record_room, cell_room, field_room, sought_room;
    size_t count, sought_count;
    size_t slots_near, rows_near; /* of `sought`: their places in the table, and their rows, are on the way into the caches */
    uint64_t columns;             /* tend_readies.columns, as it was then */
} tend_ready_slot;

typedef struct tend_readies {
    tend_ready_slot slots[TEND_PULL_SLOTS];
    const tend_mapping_stream *stream; /* of the part that is read */
    uint64_t columns;                  /* how often columns were told */
} tend_readies;

void tend_readies_clear(tend_readies *readies);
/* As tend_pull_sink has them; `intake` is a tend_intake. */
bool tend_ready_prepares(void *intake);
void tend_ready_prepare(void *intake, unsigned slot, const tend_ready_record *records, size_t count);
void tend_ready_take(void *intake, unsigned slot, size_t i);

#endif
