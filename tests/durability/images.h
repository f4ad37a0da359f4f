/* images.h: what a power cut could leave of a log of the disk, and whether the store keeps its promises on it.
 *
 * A cut comes between any two entries. What was synced is there; of what was not, an image has any part: lost, kept, torn at
 * sectors, reordered. Each image is opened by the store as it ships, with SQLite's own VFS: its integrity is checked, and what it
 * says must be what the store said after one of the last acknowledged transaction or those in flight. */
#ifndef TEND_TESTS_IMAGES_H
#define TEND_TESTS_IMAGES_H

#include "disk.h"
#include "store/store.h"

/* What was promised: before entry `asked` the commit began, at entry `told` it was acknowledged, and this is what the store said.
 */
typedef struct image_promise {
    size_t asked, told;
    uint64_t says;
} image_promise;

typedef struct images_options {
    const char *store; /* name in the watched folder */
    const char *copy;  /* name of a copy made meanwhile; NULL: none */
    image_promise copied;
    long count;  /* images */
    int workers; /* processes */
    uint64_t seed;
    bool tells_too_soon; /* a removed check: acknowledged before the commit */
    bool skips_database; /* a removed sync: the disk forgets those of the database file */
    const image_promise *promises;
    size_t promise_count;
} images_options;

typedef struct images_report {
    long images;     /* no two the same */
    long lost;       /* an acknowledged transaction is not there */
    long twice;      /* half done, done twice: no transaction ended so */
    long corrupt;    /* cannot be opened, or fails its check, or cannot be written any more */
    char first[400]; /* the first of them, in words */
} images_report;

/* Of disk_log(). Call disk_uninstall before. */
images_report images_check(const images_options *options);

/* A hash of every row of every table of the store at `path`, which is opened for reading; 0 when it cannot be read, with the
 * reason. */
uint64_t image_says(const char *path, tend_error *reterr);

#endif
