/* platter.h: what is on a disk after so many entries of its log, and an image of it after a power cut.
 *
 * What was synced is there; of what was not, an image has any part. */
#ifndef TEND_TESTS_PLATTER_H
#define TEND_TESTS_PLATTER_H

#include "disk.h"

#define PLATTER_FILES 512
#define PLATTER_PENDING_NAMES 4096

/* What of the unsynced an image has. */
typedef enum platter_mode {
    PLATTER_LOST,    /* nothing */
    PLATTER_KEPT,    /* everything, as after kill -9 */
    PLATTER_ORDERED, /* up to some write, and a part of that one */
    PLATTER_WRITES,  /* each write or not */
    PLATTER_ONE_LOST,
    PLATTER_ONE_KEPT,
    PLATTER_SECTORS_512, /* each sector as it was at some point since the last sync */
    PLATTER_SECTORS_4096,
    PLATTER_MODES
} platter_mode;

const char *platter_mode_name(platter_mode mode);

typedef struct platter_bytes {
    unsigned char *at;
    size_t length, room;
} platter_bytes;

typedef struct platter_file {
    platter_bytes synced;
    uint64_t version;
    size_t *pending; /* entries of the log */
    size_t pending_count, pending_room;
} platter_file;

typedef struct platter {
    platter_file files[PLATTER_FILES];
    char names[PLATTER_FILES][DISK_NAME_ROOM]; /* as synced; "": none */
    size_t pending_names[PLATTER_PENDING_NAMES];
    size_t pending_name_count;
    size_t done; /* entries */
    platter_bytes scratch;
} platter;

/* How one image is made of the unsynced. */
typedef struct platter_choice {
    platter_mode mode;
    uint64_t random;
    size_t entry;     /* PLATTER_ORDERED, PLATTER_ONE_…: that one */
    unsigned percent; /* PLATTER_WRITES: kept */
    size_t names;     /* of the pending names, the first */
    uint64_t known;   /* a hash of all that was decided */
} platter_choice;

/* The next entry of disk_log(). Syncs of the file called `forgets` (may be NULL) are without effect. */
void platter_step(platter *disk, const char *forgets);
void platter_clear(platter *disk);
/* A way to treat what is unsynced now. */
platter_choice platter_choose(const platter *disk, uint64_t *random, platter_mode mode);
/* A hash of what the image will be. */
uint64_t platter_foresee(const platter *disk, const platter_choice *choice);
/* The image's files into `folder`, in place of those of the image before. */
void platter_write(platter *disk, const platter_choice *choice, const char *folder);
void platter_clean(const char *folder);

uint64_t platter_random(uint64_t *from);
size_t platter_below(uint64_t *from, size_t end);

#endif
