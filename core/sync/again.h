/* again.h: what the records of one kind said when their rows were last found to hold just that. Inside sync only.
 *
 * A table in a mapped file: the hash of a record's key leads to the hash of all it said, both of 128 bits under a key of the store.
 * Records stand in the order in which they came first, beside a small index by key: files that come again mostly stand in an order
 * that has to do with that one, so that one record's place is near that of the one before.
 * It is a cache. Whoever deletes it, or leaves it behind, loses time and no answer; it counts only for the validity and the seal
 * (model.h) that stand in its head. */
#ifndef TEND_SYNC_AGAIN_H
#define TEND_SYNC_AGAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tend/status.h>

#define TEND_AGAIN_SEAL 32 /* bytes; a text without its NUL */

typedef struct tend_again_hash {
    uint64_t word[2];
} tend_again_hash;

static inline bool tend_again_same(const tend_again_hash *one, const tend_again_hash *two)
{
    return one->word[0] == two->word[0] && one->word[1] == two->word[1];
}

typedef struct tend_again_slot {
    tend_again_hash key;
    tend_again_hash record; /* zero: what it says is not known */
} tend_again_slot;

typedef struct tend_again tend_again;

/* NULL when there is none that holds for this validity and seal. Owned. */
tend_again *tend_again_open(const char *path, const uint8_t validity[16], const char *seal);
/* An empty one beside `path`, with room for `count`; what is put into it is seen by others after tend_again_keep. NULL when there
 * is no room for it. */
tend_again *tend_again_create(const char *path, const uint8_t validity[16], uint64_t count);
/* Makes room for `count` more; false when there is none. */
bool tend_again_reserve(tend_again *again, uint64_t count);
/* Before anything is put: it holds for nothing until it is kept, on the disk neither, so that a store whose last commits a power
 * cut or a restore took back never meets what they said. */
bool tend_again_doubt(tend_again *again);
/* From now on it holds for `seal`. */
bool tend_again_keep(tend_again *again, const char *seal);
void tend_again_close(tend_again *again); /* accepts NULL; what was created and not kept is removed */

#define TEND_AGAIN_NONE UINT64_MAX
uint64_t tend_again_slots(const tend_again *again); /* numbers of slots are below */
const tend_again_slot *tend_again_at(const tend_again *again, uint64_t number);
/* The number of the key's slot, or TEND_AGAIN_NONE. */
uint64_t tend_again_find(const tend_again *again, const tend_again_hash *key);
/* Keeps a copy of the index in large pages, for who looks for very many while nothing is put: a page is missed more often than the
 * processor's cache. Only of an index of 2 to 32 MiB. */
void tend_again_warm(tend_again *again);
void tend_again_cool(tend_again *again);
/* The same in steps, for who looks for many: what the one before asked for is at hand when it is done. */
void tend_again_fetch(const tend_again *again, const tend_again_hash *key);
uint64_t tend_again_guess(const tend_again *again, const tend_again_hash *key); /* looks at the index alone */
uint64_t tend_again_confirm(const tend_again *again, const tend_again_hash *key, uint64_t guess);
/* What all keys of the table have in common, and'ed: whatever bits the caller gave them. */
unsigned tend_again_common(const tend_again *again);
/* `record` NULL: what the record says is not known any more. A key that is not there is added while there is room. */
void tend_again_put(tend_again *again, const tend_again_hash *key, const tend_again_hash *record, unsigned common);

#endif
