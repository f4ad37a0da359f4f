#include "sync/shelf.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IN_MEMORY ((size_t)256 << 10)

static int open_nameless(const char *folder)
{
    char path[4096];
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    if ((size_t)snprintf(path, sizeof path, "%s/shelf.XXXXXX", folder) >= sizeof path)
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

/* From memory into a file, or a larger file. Its blocks are reserved, so that a write into the map cannot find the disk full. */
static bool grow_file(tend_shelf *shelf, size_t room)
{
    int fd = shelf->file ? shelf->file - 1 : open_nameless(shelf->folder);
    void *bytes = MAP_FAILED;

    if (fd >= 0 && posix_fallocate(fd, 0, (off_t)room) == 0)
        bytes = shelf->file ? mremap(shelf->bytes, shelf->room, room, MREMAP_MAYMOVE)
                            : mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) {
        if (!shelf->file && fd >= 0)
            (void)close(fd);
        return false;
    }
    if (!shelf->file && shelf->room > 0)
        memcpy(bytes, shelf->bytes, shelf->room);
    if (!shelf->file)
        free(shelf->bytes);
    shelf->file = fd + 1;
    shelf->bytes = bytes;
    shelf->room = room;
    return true;
}

tend_status tend_shelf_grow(tend_shelf *shelf, size_t room)
{
    tend_shelf before = *shelf;
    void *bytes;

    if (room <= shelf->room || (shelf->folder && (shelf->file || room > IN_MEMORY) && grow_file(shelf, room)))
        return TEND_OK;
    bytes = shelf->file ? malloc(room) : realloc(shelf->bytes, room);
    if (!bytes)
        return TEND_ENOMEM;
    memset((char *)bytes + before.room, 0, room - before.room);
    *shelf = (tend_shelf){ .folder = before.folder, .bytes = bytes, .room = room };
    if (before.file) {
        memcpy(bytes, before.bytes, before.room);
        tend_shelf_clear(&before);
    }
    return TEND_OK;
}

tend_status tend_shelf_room_for(tend_shelf *shelf, size_t count, size_t size)
{
    size_t most = (size_t)64 << 20, room = shelf->room;

    if ((count + 1) * size <= room)
        return TEND_OK;
    return tend_shelf_grow(shelf, room == 0 ? 64 * size : room < most ? 2 * room : room + most);
}

void tend_shelf_put(const tend_shelf *shelf, size_t at, const void *bytes, size_t length)
{
    if (!shelf->file || pwrite(shelf->file - 1, bytes, length, (off_t)at) != (ssize_t)length)
        memcpy((char *)shelf->bytes + at, bytes, length);
}

void tend_shelf_rest(const tend_shelf *shelf, size_t bytes)
{
    if (shelf->file && bytes <= shelf->room)
        (void)madvise(shelf->bytes, bytes & ~(size_t)4095, MADV_DONTNEED);
}

void tend_shelf_clear(tend_shelf *shelf)
{
    const char *folder = shelf->folder;

    if (shelf->file) {
        (void)munmap(shelf->bytes, shelf->room);
        (void)close(shelf->file - 1);
    } else {
        free(shelf->bytes);
    }
    *shelf = (tend_shelf){ .folder = folder };
}
