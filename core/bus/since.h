/* since.h: what has been told since a place in the row of events, for those who keep something that follows the store.
 *
 * Reads the store alone, so that a reader without a bus of its own may ask. */
#ifndef TEND_BUS_SINCE_H
#define TEND_BUS_SINCE_H

#include "bus/bus.h"

/* Every event after `sequence`, oldest first; topics that begin with `except` (may be NULL) are left out. `visit` must not write;
 * its failure ends it. */
tend_status tend_events_since(tend_store *store, int64_t sequence, const char *except,
                              tend_status (*visit)(void *self, const tend_event *event), void *self, tend_error *reterr);
/* The newest sequence; 0 when there is none. */
tend_status tend_events_last(tend_store *store, int64_t *ret_sequence, tend_error *reterr);
/* Rows of a batch under way are there, and their events are not told yet. */
tend_status tend_events_held(tend_store *store, bool *ret_held, tend_error *reterr);
/* A number that another history of the same store would not have at this place; 0 when there is no such event. */
tend_status tend_events_mark(tend_store *store, int64_t sequence, uint64_t *ret_mark, tend_error *reterr);

#endif
