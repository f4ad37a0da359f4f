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

#define MAGIC "tendagn2"
#define HEAD 4096
#define TAKEN UINT64_C(1)
#define ON_DISK_AFTER_S 120 /* by then the system has written what was changed: to ask for it costs little */
#define MOST_PLACES UINT64_C(0xffffffff)

typedef struct head {
    char magic[8];
    uint8_t validity[16];
    char seal[TEND_AGAIN_SEAL]; /* zeros: it holds for none */
    char boot[40];              /* of the system that wrote it last, whose memory has all of it */
    uint64_t is_on_disk;
    uint64_t places, count, common;
    uint64_t check; /* of what stands before it, but is_on_disk, and of `common` */
} head;

struct tend_again {
    char path[4096], part[4096]; /* part "": it stands under its name */
    int fd;
    head *head; /* the map */
    tend_again_slot *slots;
    size_t bytes;
};

static void read_boot(char ret_boot[static 40])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? 0 : read(fd, ret_boot, 39);

    if (fd >= 0)
        (void)close(fd);
    memset(ret_boot + (length > 0 ? length : 0), 0, (size_t)(40 - (length > 0 ? length : 0)));
}

static bool map(tend_again *again, size_t bytes)
{
    void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, again->fd, 0);

    if (mapped == MAP_FAILED)
        return false;
    (void)madvise((char *)mapped + HEAD, bytes - HEAD, MADV_RANDOM);
    again->head = mapped;
    again->slots = (tend_again_slot *)((char *)mapped + HEAD);
    again->bytes = bytes;
    return true;
}

void tend_again_close(tend_again *again)
{
    if (!again)
        return;
    if (again->head)
        (void)munmap(again->head, again->bytes);
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

tend_again *tend_again_open(const char *path, const uint8_t validity[16], const char *seal)
{
    tend_again *again = begin(path);
    struct stat about;

    if (!again)
        return NULL;
    again->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (again->fd >= 0 && fstat(again->fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= HEAD &&
        map(again, (size_t)about.st_size) && memcmp(again->head->magic, MAGIC, 8) == 0 &&
        again->head->check == check_of(again->head) && again->head->places > 0 && again->head->places <= MOST_PLACES &&
        again->head->count < again->head->places && HEAD + again->head->places * sizeof *again->slots == again->bytes &&
        memcmp(again->head->validity, validity, 16) == 0 && strlen(seal) == TEND_AGAIN_SEAL &&
        memcmp(again->head->seal, seal, TEND_AGAIN_SEAL) == 0 && is_whole(again, &about))
        return again;
    tend_again_close(again);
    return NULL;
}

/* A file for so many places, its blocks reserved: a write into the map cannot find the disk full. */
static bool make_file(tend_again *again, const uint8_t validity[16], uint64_t places)
{
    size_t bytes = HEAD + (size_t)places * sizeof *again->slots;

    (void)snprintf(again->part, sizeof again->part, "%.4000s.part", again->path);
    again->fd = places > MOST_PLACES ? -1 : open(again->part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (again->fd < 0) {
        again->part[0] = '\0';
        return false;
    }
    if (posix_fallocate(again->fd, 0, (off_t)bytes) != 0 || !map(again, bytes))
        return false;
    memcpy(again->head->magic, MAGIC, 8);
    memcpy(again->head->validity, validity, 16);
    again->head->places = places;
    again->head->common = UINT32_MAX;
    return true;
}

tend_again *tend_again_create(const char *path, const uint8_t validity[16], uint64_t count)
{
    tend_again *again = begin(path);

    if (again && make_file(again, validity, 64 + count + count / 4))
        return again;
    tend_again_close(again);
    return NULL;
}

uint64_t tend_again_home(const tend_again *again, const tend_again_hash *key)
{
    return (key->word[0] >> 32) * again->head->places >> 32;
}

void tend_again_fetch(const tend_again *again, const tend_again_hash *key)
{
    __builtin_prefetch(&again->slots[tend_again_home(again, key)]);
}

unsigned tend_again_common(const tend_again *again)
{
    return (unsigned)again->head->common;
}

uint64_t tend_again_places(const tend_again *again)
{
    return again->head->places;
}

const tend_again_slot *tend_again_at(const tend_again *again, uint64_t place)
{
    return &again->slots[place];
}

static bool is_same(const tend_again_slot *slot, const tend_again_hash *key)
{
    return ((slot->key.word[0] ^ key->word[0]) & ~TAKEN) == 0 && slot->key.word[1] == key->word[1];
}

/* Where the key stands, or the free slot where it belongs; a damaged file without a free slot has none. */
static uint64_t seek(const tend_again *again, const tend_again_hash *key)
{
    uint64_t places = again->head->places, place = tend_again_home(again, key);

    for (uint64_t i = 0; i < places; i++, place = place + 1 == places ? 0 : place + 1) {
        if (!(again->slots[place].key.word[0] & TAKEN) || is_same(&again->slots[place], key))
            return place;
    }
    return TEND_AGAIN_NONE;
}

uint64_t tend_again_find(const tend_again *again, const tend_again_hash *key)
{
    uint64_t place = seek(again, key);

    return place != TEND_AGAIN_NONE && again->slots[place].key.word[0] & TAKEN ? place : TEND_AGAIN_NONE;
}

void tend_again_put(tend_again *again, const tend_again_hash *key, const tend_again_hash *record, unsigned common)
{
    uint64_t place = seek(again, key);
    tend_again_slot *slot;

    if (place == TEND_AGAIN_NONE)
        return;
    slot = &again->slots[place];
    if (!(slot->key.word[0] & TAKEN)) {
        if (!record || again->head->count + 1 >= again->head->places)
            return;
        again->head->count++;
        again->head->common &= common;
    }
    slot->record = record ? *record : (tend_again_hash){ { 0, 0 } };
    slot->key = (tend_again_hash){ { key->word[0] | TAKEN, key->word[1] } };
}

bool tend_again_reserve(tend_again *again, uint64_t count)
{
    uint64_t wanted = again->head->count + count;
    tend_again larger = *again;

    if (wanted < again->head->places - again->head->places / 8)
        return true;
    larger.head = NULL;
    if (!make_file(&larger, again->head->validity, 64 + wanted + wanted / 4)) {
        if (larger.head)
            (void)munmap(larger.head, larger.bytes);
        if (larger.fd >= 0)
            (void)close(larger.fd);
        if (larger.part[0])
            (void)unlink(larger.part);
        return false;
    }
    for (uint64_t i = 0; i < again->head->places; i++) {
        tend_again_slot *from = &again->slots[i];

        if ((from->key.word[0] & TAKEN) && (from->record.word[0] | from->record.word[1]))
            tend_again_put(&larger, &from->key, &from->record, (unsigned)again->head->common);
    }
    (void)munmap(again->head, again->bytes);
    (void)close(again->fd);
    *again = larger;
    return true;
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
