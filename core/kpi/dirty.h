/* dirty.h: the accounts that events have touched. Private to this layer. */
#ifndef TEND_KPI_DIRTY_H
#define TEND_KPI_DIRTY_H

#include "model/world.h"

typedef struct tend_dirty_account {
    int64_t account;
    int64_t cause;   /* the newest event that touched it */
    bool is_history; /* nothing but imported past touched it */
} tend_dirty_account;

typedef struct tend_dirty {
    tend_dirty_account *accounts; /* owned; sorted and single after tend_dirty_sort */
    size_t count, room;
    int64_t events;
    bool is_all;       /* something touches every account */
    bool has_accounts; /* an account itself changed, and may have come or gone */
    bool has_roots;    /* some account is or was merged */
} tend_dirty;

void tend_dirty_clear(tend_dirty *dirty);
/* Expands the event to accounts, merged ones resolved. Events of published measures touch nothing. */
tend_status tend_dirty_add(tend_dirty *dirty, const tend_world *world, const tend_event *event, tend_error *reterr);
void tend_dirty_sort(tend_dirty *dirty);
const tend_dirty_account *tend_dirty_find(const tend_dirty *dirty, int64_t account); /* after sorting; NULL: not touched */

#endif
