/* keys.h: which row a key belongs to, for the millions of keys of one import.
 *
 * Keys are known by a 128-bit keyed hash; the texts themselves stay in the spool. */
#ifndef TEND_SYNC_KEYS_H
#define TEND_SYNC_KEYS_H

#include "sync/shelf.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct tend_key {
    uint8_t hash[16];
} tend_key;

typedef struct tend_keys_slot {
    tend_key key;
    uint32_t row; /* plus one; 0: free */
    uint32_t again;
} tend_keys_slot;

/* A zeroed table is empty and ready; with a folder for its shelf it takes no memory of its own when it is large. */
typedef struct tend_keys {
    tend_shelf shelf;
    tend_keys_slot *slots; /* on the shelf */
    size_t room, count;
} tend_keys;

#define TEND_NO_ROW UINT32_MAX

/* The same (kind, field, text) gives the same key within this process. `field` is -1 for the external id. */
tend_key tend_key_of(int kind, int field, const char *text, size_t length);

void tend_keys_clear(tend_keys *keys); /* frees; leaves an empty, usable table */
/* The row of `key`, or TEND_NO_ROW. */
uint32_t tend_keys_find(const tend_keys *keys, const tend_key *key);
/* It will be looked for soon: its place comes into the processor's cache. */
void tend_keys_bring_near(const tend_keys *keys, const tend_key *key);
/* How many rows came with this key after the first. */
uint32_t tend_keys_repeats(const tend_keys *keys, const tend_key *key);
/* Adds it, or leaves the first row, counts the repeat and sets *ret_first to the row that has it (TEND_NO_ROW: it was new). */
tend_status tend_keys_add(tend_keys *keys, const tend_key *key, uint32_t row, uint32_t *ret_first);
/* Adds it, or gives the key this row instead of the one it had. */
tend_status tend_keys_set(tend_keys *keys, const tend_key *key, uint32_t row);

#endif
