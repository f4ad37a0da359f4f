/* bus.h: what happened, told to whoever asked.
 *
 * Events are rows. Publishing happens inside the caller's transaction; delivery happens after the commit, from persisted positions,
 * in the order of commits (so in order per account), and again when a subscriber failed. An event refers and does not copy: one
 * transaction's new rows of one kind are one event with a range of row ids, expanded by whoever reads it.
 * Events of an open batch (an import under way) are held back and get their sequence when the batch closes. */
#ifndef TEND_BUS_BUS_H
#define TEND_BUS_BUS_H

#include "store/store.h"

typedef struct tend_bus tend_bus;

#define TEND_TOPIC_ROOM 64
#define TEND_DEPTH_MAX \
    16 /* how long a chain of causes may get; a deeper event is not published and its publisher told TEND_ELIMIT */

typedef struct tend_event {
    int64_t sequence;            /* set by the bus */
    char topic[TEND_TOPIC_ROOM]; /* "<kind>.<what>": contract.created, contract.updated, contract.signed, due.renewal … */
    int32_t kind;                /* tend_kind of the rows, 0: none */
    int64_t first, last;         /* row ids, a closed range; both 0: none */
    int64_t account;             /* of a single row; 0 for ranges and rows without one */
    uint8_t shard;               /* tend_shard_of(account) */
    int64_t cause;               /* the sequence of the event that led to this one; 0: from outside */
    int64_t root;                /* the first of the chain; the event itself when cause is 0 */
    int32_t depth;               /* 0 from outside */
    int64_t batch;               /* 0: none */
    bool is_history;             /* imported past: starts no playbook */
    tend_time recorded_at;
} tend_event;

/* Borrows `store` until close. Makes its tables when the store can write. */
tend_status tend_bus_open(tend_store *store, tend_bus **ret_bus, tend_error *reterr);
void tend_bus_close(tend_bus *bus); /* accepts NULL */

/* Copies `event`; root and depth follow from cause. Needs an open transaction. When `is_held`, it waits for its batch. */
tend_status tend_bus_publish(tend_bus *bus, const tend_event *event, bool is_held, int64_t *ret_sequence, tend_error *reterr);
/* The same for many at once. When it fails, the transaction is to be rolled back. */
tend_status tend_bus_publish_many(tend_bus *bus, const tend_event *events, size_t count, bool is_held, tend_error *reterr);
/* Gives the held events of `batch` their sequence, in order. Needs an open transaction. */
tend_status tend_bus_release(tend_bus *bus, int64_t batch, int64_t *ret_events, tend_error *reterr);

/* The next events after the subscriber's position, at most `limit` (rows, not expanded), oldest first; *ret_count 0 when none. */
tend_status tend_bus_read(tend_bus *bus, const char *subscriber, tend_event *ret_events, size_t limit, size_t *ret_count,
                          tend_error *reterr);
/* All up to `sequence` are dealt with. Needs an open transaction: the work and the position commit together. */
tend_status tend_bus_advance(tend_bus *bus, const char *subscriber, int64_t sequence, tend_error *reterr);
/* A new subscriber starts at `sequence` (its starting line); no effect when it has a position. */
tend_status tend_bus_subscribe(tend_bus *bus, const char *subscriber, int64_t sequence, tend_error *reterr);
tend_status tend_bus_position(tend_bus *bus, const char *subscriber, int64_t *ret_sequence, tend_error *reterr);
tend_status tend_bus_last(tend_bus *bus, int64_t *ret_sequence, tend_error *reterr);
tend_status tend_bus_get(tend_bus *bus, int64_t sequence, tend_event *ret_event, tend_error *reterr); /* TEND_ENOTFOUND */
/* The sequence after the subscriber's position, expanded rows counted: what is still to be delivered. */
tend_status tend_bus_backlog(tend_bus *bus, const char *subscriber, int64_t *ret_rows, tend_error *reterr);
/* Events of `batch` that some subscriber has dealt with already. */
tend_status tend_bus_delivered(tend_bus *bus, int64_t batch, int64_t *ret_events, tend_error *reterr);
/* Rows in an event: last - first + 1, or 1 for an event without rows. */
int64_t tend_event_rows(const tend_event *event);
/* Whether its rows may be others than before: not by a figure that was published (measure.…), by what begins runs (due.…, met.…,
 * start.…), nor by what is told by hand (custom.…). */
bool tend_event_changes_rows(const tend_event *event);

#endif
