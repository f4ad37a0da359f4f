/* conform_seen.h: what a pull brought, written down so that two pulls can be compared. */
#ifndef TEND_ENGINE_CONFORM_SEEN_H
#define TEND_ENGINE_CONFORM_SEEN_H

#include "engine/conform_inside.h"

enum { SEEN_MOST = 20000, SEEN_MARKS_MOST = 20000 };

typedef struct seen_mark {
    size_t items; /* that came before the checkpoint */
    const char *bookmark;
} seen_mark;

typedef struct seen {
    conform *trial;
    /* What the pull is to be like. */
    size_t stop_at;    /* after so many messages of any kind; 0: never */
    bool kills;        /* by killing the host, and not by saying that it is enough */
    unsigned slow_for; /* so many first messages are taken slowly */
    /* What came: records and tombstones as texts, "record id=3, name=Crane"; from the arena. */
    const char **items;
    size_t count, room;
    size_t records, tombstones, rejects, messages;
    const char **keys, **removed; /* "id=3", of records and of removals; from the arena */
    size_t key_room, removed_room, keys_kept, removed_kept;
    seen_mark *marks;
    size_t mark_count, mark_room;
    bool is_stopped, is_too_much;
    /* The columns as they are by now. */
    const char **names, **key;
    uint32_t name_count, key_count;
    bool has_columns;
    unsigned columns_calls;
    /* The first breach of each rule; NULL: none. */
    const char *bad_columns, *bad_text, *bad_tombstone, *bad_record;
    tend_error error;
} seen;

/* Pulls the stream; `bookmark` NULL: from the start. Returns how the call ended; TEND_OK when it was stopped as wanted. */
tend_status seen_pull(seen *list, const char *stream, const char *bookmark, uint64_t limit);
/* The items before the last checkpoint: what a crash leaves. */
size_t seen_committed(const seen *list, const char **ret_bookmark);
/* How many removals name a record of the same pull by its key. */
size_t seen_removals_known(const seen *list);
/* Whether a[0 … a_count-1] and b[0 … b_count-1] together are the items of `whole` from `first` on, each as often. NULL: they are;
 * else a sentence that names the first that was lost or came twice. */
const char *seen_differ(conform *trial, const seen *whole, size_t first, const char *const *a, size_t a_count, const char *const *b,
                        size_t b_count);

#endif
