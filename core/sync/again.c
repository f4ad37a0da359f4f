#include "sync/again.h"
#include "base/hash.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC "tendagn4"
#define HEAD 4096
#define ON_DISK_AFTER_S 120 /* by then the system has written what was changed: to ask for it costs little */
#define MOST UINT64_C(0x7ffffffe)
#define WARM_MOST ((size_t)32 << 20) /* bytes of an index that is copied */
#define HUGE_PAGE ((size_t)2 << 20)

typedef struct head {
    char magic[8];
    uint8_t validity[16];
    char seal[TEND_AGAIN_SEAL]; /* zeros: it holds for none */
    char boot[40];              /* of the system that wrote it last, whose memory has all of it */
    uint64_t is_on_disk;
    uint64_t places, room, count, common;
    uint64_t check; /* of what stands before it, but is_on_disk, and of `common` */
} head;

struct tend_again {
    char path[4096], part[4096]; /* part "": it stands under its name */
    int fd;
    head *head;      /* the map */
    uint32_t *index; /* `places` of them, by the key's hash: the slot's number plus one, above it bits of the hash; 0: free */
    uint32_t *warm;  /* a copy of it; NULL: there is none */
    tend_again_slot *slots; /* `room` of them, `count` are taken, in the order in which records came first */
    unsigned bits;          /* of an entry for the slot's number */
    size_t bytes;
};

/* What stands behind it begins where a slot may. */
static size_t index_bytes(uint64_t places)
{
    return ((size_t)places * sizeof(uint32_t) + 31) & ~(size_t)31;
}

static size_t bytes_of(uint64_t places, uint64_t room)
{
    return HEAD + index_bytes(places) + (size_t)room * sizeof(tend_again_slot);
}

static void read_boot(char ret_boot[static 40])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, ret_boot, 39);

    if (fd >= 0)
        (void)close(fd);
    memset(ret_boot + (length > 0 ? length : 0), 0, (size_t)(40 - (length > 0 ? length : 0)));
}

static void unmap(tend_again *again)
{
    if (again->head)
        (void)munmap(again->head, again->bytes);
    again->head = NULL;
}

static bool map(tend_again *again, size_t bytes)
{
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, again->fd, 0);

    if (mapped == MAP_FAILED)
        return false;
    again->head = mapped;
    again->bytes = bytes;
    return true;
}

/* Where the parts of the map are: the head says it. */
static void divide(tend_again *again)
{
    char *at = (char *)again->head + HEAD;
    size_t bytes = index_bytes(again->head->places);

    again->bits = 64 - (unsigned)__builtin_clzll(again->head->room);
    again->index = (uint32_t *)(void *)at;
    again->slots = (tend_again_slot *)(void *)(at + bytes);
    (void)madvise(at, bytes & ~(size_t)(HEAD - 1), MADV_RANDOM);
}

void tend_again_close(tend_again *again)
{
    if (!again)
        return;
    tend_again_cool(again);
    unmap(again);
    if (again->fd >= 0)
        (void)close(again->fd);
    if (again->part[0])
        (void)unlink(again->part);
    free(again);
}

static tend_again *begin(const char *path)
{
    tend_again *again = calloc(1, sizeof *again);

    if (again && strlen(path) + 6 < sizeof again->path) {
        (void)strcpy(again->path, path);
        again->fd = -1;
        return again;
    }
    free(again);
    return NULL;
}

static uint64_t check_of(const head *of)
{
    head copy = *of;
    uint64_t hash[2];

    copy.is_on_disk = copy.check = 0;
    tend_siphash128(of->validity, &copy, sizeof copy, (uint8_t *)hash);
    return hash[0];
}

/* After a power cut the head may be on the disk and a slot that was written before it may not. */
static bool is_whole(tend_again *again, const struct stat *about)
{
    char boot[40];

    if (again->head->is_on_disk == 1)
        return true;
    read_boot(boot);
    if (!boot[0] || memcmp(boot, again->head->boot, sizeof boot) != 0)
        return false;
    if (time(NULL) - about->st_mtim.tv_sec > ON_DISK_AFTER_S && fdatasync(again->fd) == 0)
        again->head->is_on_disk = 1;
    return true;
}

static bool is_sound(const tend_again *again)
{
    const head *at = again->head;

    return memcmp(at->magic, MAGIC, 8) == 0 && at->check == check_of(at) && at->room > 0 && at->room <= MOST &&
           at->places > at->room && at->places <= MOST && at->count <= at->room && bytes_of(at->places, at->room) == again->bytes;
}

tend_again *tend_again_open(const char *path, const uint8_t validity[16], const char *seal)
{
    tend_again *again = begin(path);
    struct stat about;

    if (!again)
        return NULL;
    again->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (again->fd >= 0 && fstat(again->fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= HEAD &&
        map(again, (size_t)about.st_size) && is_sound(again) && memcmp(again->head->validity, validity, 16) == 0 &&
        strlen(seal) == TEND_AGAIN_SEAL && memcmp(again->head->seal, seal, TEND_AGAIN_SEAL) == 0 && is_whole(again, &about)) {
        divide(again);
        return again;
    }
    tend_again_close(again);
    return NULL;
}

/* A file with room for so many, its blocks reserved: a write into the map cannot find the disk full. */
static bool make_file(tend_again *again, const uint8_t validity[16], uint64_t count)
{
    uint64_t room = 64 + count + count / 16, places = room + 64 + room / 4;

    (void)snprintf(again->part, sizeof again->part, "%.4000s.part", again->path);
    again->fd = places > MOST ? -1 : open(again->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (again->fd < 0) {
        again->part[0] = '\0';
        return false;
    }
    if (posix_fallocate(again->fd, 0, (off_t)bytes_of(places, room)) != 0 || !map(again, bytes_of(places, room)))
        return false;
    memcpy(again->head->magic, MAGIC, 8);
    memcpy(again->head->validity, validity, 16);
    again->head->places = places;
    again->head->room = room;
    again->head->common = UINT32_MAX;
    divide(again);
    return true;
}

tend_again *tend_again_create(const char *path, const uint8_t validity[16], uint64_t count)
{
    tend_again *again = begin(path);

    if (again && make_file(again, validity, count))
        return again;
    tend_again_close(again);
    return NULL;
}

unsigned tend_again_common(const tend_again *again)
{
    return (unsigned)again->head->common;
}

uint64_t tend_again_slots(const tend_again *again)
{
    return again->head->room;
}

const tend_again_slot *tend_again_at(const tend_again *again, uint64_t number)
{
    return &again->slots[number];
}

void tend_again_warm(tend_again *again)
{
    const size_t bytes = index_bytes(again->head->places);
    size_t room = (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);

    if (again->warm || bytes < HUGE_PAGE || bytes > WARM_MOST)
        return;
    again->warm = aligned_alloc(HUGE_PAGE, room);
    if (!again->warm)
        return;
    (void)madvise(again->warm, room, MADV_HUGEPAGE);
    if (pread(again->fd, again->warm, bytes, HEAD) != (ssize_t)bytes) /* without a fault for each page of the map */
        memcpy(again->warm, again->index, bytes);
}

void tend_again_cool(tend_again *again)
{
    free(again->warm);
    again->warm = NULL;
}

/* ---- looking for a key ---------------------------------------------------------------------------------------------------- */

static uint64_t home(const tend_again *again, const tend_again_hash *key)
{
    return (key->word[0] >> 32) * again->head->places >> 32;
}

void tend_again_fetch(const tend_again *again, const tend_again_hash *key)
{
    __builtin_prefetch(&(again->warm ? again->warm : again->index)[home(again, key)]);
}

static uint32_t entry_of(const tend_again *again, const tend_again_hash *key, uint64_t number)
{
    return (uint32_t)(key->word[1] >> 32 >> again->bits << again->bits | (number + 1));
}

static bool is_like(const tend_again *again, uint32_t entry, const tend_again_hash *key)
{
    return (entry ^ (uint32_t)(key->word[1] >> 32)) >> again->bits == 0;
}

/* The slot of an entry; a damaged file may name one that there is not. */
static uint64_t slot_of(const tend_again *again, uint32_t entry)
{
    uint64_t number = (entry & ((UINT32_C(1) << again->bits) - 1)) - UINT64_C(1);

    return number < again->head->count ? number : TEND_AGAIN_NONE;
}

/* The slot of the key, or none and the free place where it belongs; a damaged file without one has neither. */
static uint64_t seek(const tend_again *again, const tend_again_hash *key, uint64_t *ret_place)
{
    uint64_t places = again->head->places, place = home(again, key);

    *ret_place = TEND_AGAIN_NONE;
    for (uint64_t i = 0; i < places; i++, place = place + 1 == places ? 0 : place + 1) {
        uint64_t number;

        if (again->index[place] == 0) {
            *ret_place = place;
            return TEND_AGAIN_NONE;
        }
        number = is_like(again, again->index[place], key) ? slot_of(again, again->index[place]) : TEND_AGAIN_NONE;
        if (number != TEND_AGAIN_NONE && tend_again_same(&again->slots[number].key, key))
            return number;
    }
    return TEND_AGAIN_NONE;
}

uint64_t tend_again_find(const tend_again *again, const tend_again_hash *key)
{
    uint64_t place;

    return seek(again, key, &place);
}

uint64_t tend_again_guess(const tend_again *again, const tend_again_hash *key)
{
    const uint32_t *index = again->warm ? again->warm : again->index;
    uint64_t places = again->head->places, place = home(again, key);
    uint32_t entry;

    for (int i = 0; i < 64 && (entry = index[place]) != 0; i++, place = place + 1 == places ? 0 : place + 1) {
        if (is_like(again, entry, key))
            return slot_of(again, entry);
    }
    return TEND_AGAIN_NONE;
}

uint64_t tend_again_confirm(const tend_again *again, const tend_again_hash *key, uint64_t guess)
{
    return guess != TEND_AGAIN_NONE && tend_again_same(&again->slots[guess].key, key) ? guess : tend_again_find(again, key);
}

void tend_again_put(tend_again *again, const tend_again_hash *key, const tend_again_hash *record, unsigned common)
{
    uint64_t place, number = seek(again, key, &place);

    if (number == TEND_AGAIN_NONE) {
        if (place == TEND_AGAIN_NONE || !record || again->head->count == again->head->room)
            return;
        number = again->head->count++;
        again->head->common &= common;
        again->index[place] = entry_of(again, key, number);
        again->slots[number].key = *key;
    }
    again->slots[number].record = record ? *record : (tend_again_hash){ { 0, 0 } };
}

bool tend_again_reserve(tend_again *again, uint64_t count)
{
    uint64_t wanted = again->head->count + count;
    tend_again larger = *again;

    if (wanted <= again->head->room)
        return true;
    larger.head = NULL;
    if (!make_file(&larger, again->head->validity, wanted + wanted / 8)) {
        unmap(&larger);
        if (larger.fd >= 0)
            (void)close(larger.fd);
        if (larger.part[0])
            (void)unlink(larger.part);
        return false;
    }
    for (uint64_t i = 0; i < again->head->count; i++) {
        const tend_again_slot *from = &again->slots[i];

        if (from->record.word[0] | from->record.word[1])
            tend_again_put(&larger, &from->key, &from->record, (unsigned)again->head->common);
    }
    unmap(again);
    (void)close(again->fd);
    *again = larger;
    return true;
}

/* Where the disk does not vouch for it, a power cut ends it in any case. */
bool tend_again_doubt(tend_again *again)
{
    const bool was_on_disk = again->head->is_on_disk != 0;

    if (again->head->seal[0] == '\0')
        return true;
    memset(again->head->seal, 0, sizeof again->head->seal);
    again->head->is_on_disk = 0;
    again->head->check = check_of(again->head);
    return !was_on_disk || fdatasync(again->fd) == 0;
}

bool tend_again_keep(tend_again *again, const char *seal)
{
    if (strlen(seal) != TEND_AGAIN_SEAL)
        return false;
    memset(again->head->boot, 0, sizeof again->head->boot);
    again->head->is_on_disk = 0;
    read_boot(again->head->boot);
    memcpy(again->head->seal, seal, TEND_AGAIN_SEAL);
    again->head->check = check_of(again->head);
    if (again->part[0] && rename(again->part, again->path) < 0)
        return false;
    again->part[0] = '\0';
    return true;
}
