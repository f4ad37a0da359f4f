/* held.h: events of batches under way, which nobody is told yet. Inside bus only; needs an open transaction where it writes. */
#ifndef TEND_BUS_HELD_H
#define TEND_BUS_HELD_H

#include "bus/bus.h"

/* Makes its table, and takes over what a store of an older tend holds back. Not inside a transaction. */
tend_status tend_held_open(tend_store *store, tend_error *reterr);
/* They wait, in this order, behind those that wait already. Each has its batch. */
tend_status tend_held_add(tend_store *store, const tend_event *events, size_t count, tend_error *reterr);
tend_status tend_held_count(tend_store *store, int64_t batch, int64_t *ret_count, tend_error *reterr);
/* Takes those of `batch` out, in order, by `take`, many at a time; its failure ends it. */
tend_status tend_held_take(tend_store *store, int64_t batch,
                           tend_status (*take)(void *self, tend_event *events, size_t count, tend_error *reterr), void *self,
                           tend_error *reterr);

#endif
