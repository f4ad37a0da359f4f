/* disk.h: a disk that remembers what reached it, and that fails when told to.
 *
 * A SQLite VFS over the usual one, and in front of the few calls that the store makes itself (open, fsync, renameat2, unlink). In
 * the watched folder every write, truncation, sync, new name, rename and removal is written down in order; images.h makes of it
 * what a power cut could leave. Nothing waits for the real disk. One thread, and that in which the store writes its log back. */
#ifndef TEND_TESTS_DISK_H
#define TEND_TESTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_NAME_ROOM 64

typedef enum disk_what {
    DISK_WRITE = 1,
    DISK_TRUNCATE, /* offset: the new size */
    DISK_SYNC,     /* of one file */
    DISK_CREATE,   /* an empty file */
    DISK_REMOVE,
    DISK_RENAME,     /* name: the new one */
    DISK_SYNC_FOLDER /* the names */
} disk_what;

typedef struct disk_entry {
    disk_what what;
    int file; /* number of the file, whatever it is called */
    int64_t offset;
    size_t length;
    unsigned char *bytes;      /* owned */
    char name[DISK_NAME_ROOM]; /* what the file was called then */
} disk_entry;

/* Makes it the default VFS. Call before anything of SQLite is used; once. */
void disk_install(void);
/* Lets SQLite write by its own VFS again: for looking at images. */
void disk_uninstall(void);

/* Everything that happens to files directly in `folder` (a real path) is counted from now on, and written down if it `remembers`;
 * then the folder must be empty. */
void disk_watch(const char *folder, bool remembers);
void disk_forget(void); /* the log, and the folder */
size_t disk_length(void);
const disk_entry *disk_log(void);

/* Every connection that SQLite opens: pages of its log after which it is written into the database. */
void disk_checkpoint_after(int pages);
/* As with synchronous = off on every connection, that of the thread behind a load too: no sync comes to the disk any more. */
void disk_stop_syncing(void);

typedef enum disk_call {
    DISK_ON_OPEN = 1,
    DISK_ON_READ = 2,
    DISK_ON_WRITE = 4,
    DISK_ON_SYNC = 8,
    DISK_ON_TRUNCATE = 16,
    DISK_ON_REMOVE = 32,
    DISK_ON_RENAME = 64,
    DISK_ON_MAP = 128, /* the index beside the log, shared by mapping it */
    DISK_ON_ANY = 255
} disk_call;

/* The `at`-th of these calls in the watched folder fails with `error` (EIO, ENOSPC); for ENOSPC a write first does half of its
 * work. `at` 0: none fails, they are counted. */
void disk_fail(unsigned calls, long at, bool for_good, int error);
void disk_mend(void);
long disk_calls(void); /* counted since disk_fail */
long disk_failures(void);

#endif
