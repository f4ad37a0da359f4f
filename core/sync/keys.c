#include "sync/keys.h"
#include "base/hash.h"
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

static uint8_t secret[16];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A secret of this process: nobody can prepare a file whose keys collide. */
static void make_secret(void)
{
    if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        memset(secret, 0x5a, sizeof secret);
}

tend_key tend_key_of(int kind, int field, const char *text, size_t length)
{
    char room[512];
    tend_key key = { { 0 } };

    (void)pthread_once(&once, make_secret);
    if (length + 4 > sizeof room) {
        uint8_t digest[32];
        tend_sha256 sha;

        /* A long text is shortened to its digest first, so that no memory is needed. */
        tend_sha256_init(&sha);
        tend_sha256_add(&sha, text, length);
        tend_sha256_end(&sha, digest);
        memcpy(room + 4, digest, sizeof digest);
        length = sizeof digest;
        room[3] = 1;
    } else {
        if (length > 0)
            memcpy(room + 4, text, length);
        room[3] = 0;
    }
    room[0] = (char)kind;
    room[1] = (char)(field & 0xff);
    room[2] = (char)(field >> 8 & 0xff);
    tend_siphash128(secret, room, length + 4, key.hash);
    return key;
}

void tend_keys_clear(tend_keys *keys)
{
    tend_shelf shelf = keys->shelf;

    tend_shelf_clear(&shelf);
    *keys = (tend_keys){ .shelf = shelf };
}

static size_t first_place(const tend_key *key, size_t room)
{
    uint64_t number;

    memcpy(&number, key->hash, sizeof number);
    return (size_t)(number & (room - 1));
}

static tend_keys_slot *find_slot(tend_keys_slot *slots, size_t room, const tend_key *key)
{
    size_t i = first_place(key, room);

    while (slots[i].row != 0 && memcmp(&slots[i].key, key, sizeof *key) != 0)
        i = (i + 1) & (room - 1);
    return &slots[i];
}

uint32_t tend_keys_find(const tend_keys *keys, const tend_key *key)
{
    return keys->room == 0 ? TEND_NO_ROW : find_slot(keys->slots, keys->room, key)->row - 1u;
}

void tend_keys_bring_near(const tend_keys *keys, const tend_key *key)
{
    if (keys->room > 0)
        __builtin_prefetch(&keys->slots[first_place(key, keys->room)]);
}

uint32_t tend_keys_repeats(const tend_keys *keys, const tend_key *key)
{
    return keys->room == 0 ? 0 : find_slot(keys->slots, keys->room, key)->again;
}

static tend_status grow(tend_keys *keys)
{
    size_t room = keys->room == 0 ? 1024 : keys->room * 2;
    tend_shelf larger = { .folder = keys->shelf.folder };
    tend_status status = tend_shelf_grow(&larger, room * sizeof *keys->slots);
    tend_keys_slot *slots = larger.bytes;

    if (status < 0)
        return status;
    for (size_t i = 0; i < keys->room; i++) {
        if (keys->slots[i].row != 0)
            *find_slot(slots, room, &keys->slots[i].key) = keys->slots[i];
    }
    tend_shelf_clear(&keys->shelf);
    keys->shelf = larger;
    keys->slots = slots;
    keys->room = room;
    return TEND_OK;
}

tend_status tend_keys_add(tend_keys *keys, const tend_key *key, uint32_t row, uint32_t *ret_first)
{
    tend_keys_slot *slot;
    tend_status status = keys->count * 4 >= keys->room * 3 ? grow(keys) : TEND_OK;

    if (status < 0)
        return status;
    slot = find_slot(keys->slots, keys->room, key);
    if (slot->row != 0) {
        slot->again++;
        *ret_first = slot->row - 1;
        return TEND_OK;
    }
    *slot = (tend_keys_slot){ *key, row + 1, 0 };
    keys->count++;
    *ret_first = TEND_NO_ROW;
    return TEND_OK;
}

tend_status tend_keys_set(tend_keys *keys, const tend_key *key, uint32_t row)
{
    uint32_t first;
    tend_status status = tend_keys_add(keys, key, row, &first);

    if (status == TEND_OK && first != TEND_NO_ROW)
        find_slot(keys->slots, keys->room, key)->row = row + 1;
    return status;
}
