#include "base/belt.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES (TEND_BELT_BLOCKS * TEND_BELT_BLOCK)

tend_status tend_belt_make(int *ret_fd, const char **ret_blocks, tend_error *reterr)
{
    const int fd = memfd_create("tend-belt", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *blocks = MAP_FAILED;

    if (fd >= 0 && ftruncate(fd, (off_t)BYTES) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
        blocks = mmap(NULL, BYTES, PROT_READ, MAP_SHARED, fd, 0);
    if (blocks == MAP_FAILED) {
        const int code = errno;

        if (fd >= 0)
            (void)close(fd);
        return tend_fail(reterr, TEND_ENOMEM, "no shared memory of %zu bytes: %s", BYTES, strerrordesc_np(code));
    }
    *ret_fd = fd;
    *ret_blocks = blocks;
    return TEND_OK;
}

char *tend_belt_map(int fd)
{
    struct stat about;
    void *blocks = MAP_FAILED;

    if (fstat(fd, &about) == 0 && about.st_size == (off_t)BYTES)
        blocks = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return blocks == MAP_FAILED ? NULL : blocks;
}

void tend_belt_unmap(const char *blocks)
{
    if (blocks)
        (void)munmap((void *)(uintptr_t)blocks, BYTES);
}
