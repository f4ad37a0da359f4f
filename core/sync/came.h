/* came.h: which slots of a table of known records (again.h) were met in this import, and by which record. Inside sync only.
 *
 * Of millions only a few are ever asked for by name: so there is a bit for each slot, which stays in the processor's cache, and a
 * list of who came, written from front to back. The first who asks where a record stood makes the table by slot. */
#ifndef TEND_SYNC_CAME_H
#define TEND_SYNC_CAME_H

#include "sync/shelf.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct tend_came_span {
    size_t from; /* in the list */
    uint32_t part;
    uint64_t high; /* of the lines */
} tend_came_span;

typedef struct tend_came {
    tend_shelf bits; /* by slot */
    tend_shelf list; /* uint64_t: slot, and the lower bits of the line */
    size_t count;
    uint64_t *last; /* owned; `last_count` that belong at its end */
    size_t last_count;
    tend_came_span *spans; /* owned */
    size_t span_count, span_room;
    tend_shelf table; /* uint64_t by slot: part plus one, and the line; 0: nobody, or not known who. Empty: not made yet */
    uint64_t slots;
} tend_came;

/* `folder` is borrowed and may be NULL. What could not be opened is as if cleared. */
tend_status tend_came_open(tend_came *came, const char *folder, uint64_t slots);
void tend_came_clear(tend_came *came);
bool tend_came_has(const tend_came *came, uint64_t slot);
/* That record met the slot; false: it cannot be kept, and nothing has changed. */
bool tend_came_add(tend_came *came, uint64_t slot, uint32_t part, uint64_t line);
/* One that nobody will ask for by this slot. */
void tend_came_add_other(tend_came *came, uint64_t slot);
/* *ret_is_known: it was met by a record that was added; then the rest is filled. */
tend_status tend_came_who(tend_came *came, uint64_t slot, bool *ret_is_known, uint32_t *ret_part, uint64_t *ret_line);

#endif
