/* dirty.h: the accounts that events have touched. Private to this layer. */
#ifndef TEND_KPI_DIRTY_H
#define TEND_KPI_DIRTY_H

#include "model/world.h"

typedef struct tend_dirty_account {
    int64_t account;
    int64_t cause;   /* the newest event that touched it */
    bool is_history; /* nothing but imported past touched it */
    uint64_t kinds;  /* bits: its rows of these may be others; TEND_KIND_ACCOUNT is the account's own row */
} tend_dirty_account;

typedef struct tend_dirty {
    tend_dirty_account *accounts; /* owned; sorted and single after tend_dirty_sort */
    size_t count, room;
    int64_t events;
    uint64_t unread;   /* bits, set by the owner: kinds whose rows nobody reads; their events are only counted */
    bool is_all;       /* something touches every account */
    bool has_accounts; /* an account itself changed, and may have come or gone */
    bool has_roots;    /* some account is or was merged */
} tend_dirty;

void tend_dirty_clear(tend_dirty *dirty); /* but for `unread` */
/* The kinds, as bits, of which rows may be others after the event. An account that only changed still has its rows. */
uint64_t tend_dirty_kinds(const tend_event *event);
/* Expands the event to accounts, merged ones resolved. Events of published measures touch nothing. */
tend_status tend_dirty_add(tend_dirty *dirty, const tend_world *world, const tend_event *event, tend_error *reterr);
/* An account that is known to be touched. */
tend_status tend_dirty_put(tend_dirty *dirty, int64_t account, uint64_t kinds, tend_error *reterr);
void tend_dirty_sort(tend_dirty *dirty);
const tend_dirty_account *tend_dirty_find(const tend_dirty *dirty, int64_t account); /* after sorting; NULL: not touched */

#endif
