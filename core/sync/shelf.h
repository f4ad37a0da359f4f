/* shelf.h: room for millions of equal items. What is small stands in memory; what grows stands in a file without a name beside the
 * spool, mapped, so that the system may put it out of memory and it is gone with the process. Inside sync only. */
#ifndef TEND_SYNC_SHELF_H
#define TEND_SYNC_SHELF_H

#include <stddef.h>
#include <tend/status.h>

/* A zeroed shelf is empty and ready; its `folder` is set before it grows. */
typedef struct tend_shelf {
    const char *folder; /* borrowed; NULL: memory alone */
    void *bytes;        /* owned; what was not written is zero */
    size_t room;        /* bytes */
    int file;           /* descriptor plus one; 0: it stands in memory */
} tend_shelf;

/* At least `room` bytes, what stands there kept; the pointer may move. Where no file can be had, in memory: TEND_ENOMEM alone. */
tend_status tend_shelf_grow(tend_shelf *shelf, size_t room);
/* One of `size` bytes more, after `count` that are there: twice the room when it is full. */
tend_status tend_shelf_room_for(tend_shelf *shelf, size_t count, size_t size);
/* Many bytes into room that is there: without a fault for each page of the map. */
void tend_shelf_put(const tend_shelf *shelf, size_t at, const void *bytes, size_t length);
/* Gives the memory of the first `bytes` bytes back to the system; they stay in the file. */
void tend_shelf_rest(const tend_shelf *shelf, size_t bytes);
void tend_shelf_clear(tend_shelf *shelf); /* frees; leaves an empty, usable shelf */

#endif
