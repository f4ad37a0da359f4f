#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static tend_status status_of(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return TEND_ENOTFOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return TEND_EDENIED;
    case ENOSPC:
    case EDQUOT:
        return TEND_EFULL;
    case ENOMEM:
        return TEND_ENOMEM;
    case EEXIST:
        return TEND_EEXISTS;
    default:
        return TEND_EIO;
    }
}

/* `what` is the rest of a sentence: "cannot be read". */
static tend_status fail_with(tend_error *reterr, const char *path, const char *what, int code)
{
    return tend_fail(reterr, status_of(code), "%s: %s: %s", path, what, strerrordesc_np(code));
}

static tend_status read_whole(int fd, const char *path, size_t max_bytes, char **ret_bytes, size_t *ret_length, tend_error *reterr)
{
    size_t room = 4096, length = 0;
    char *bytes = malloc(room + 1), *larger;
    tend_status status = TEND_OK;

    while (bytes && status == TEND_OK) {
        ssize_t got = read(fd, bytes + length, room - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            status = fail_with(reterr, path, "cannot be read", errno);
        if (got <= 0)
            break;
        length += (size_t)got;
        if (length > max_bytes) {
            status = tend_fail(reterr, TEND_ELIMIT, "%s: longer than %zu bytes; make it smaller or split it", path, max_bytes);
        } else if (length == room) {
            larger = room > SIZE_MAX / 4 ? NULL : realloc(bytes, room * 2 + 1);
            if (!larger)
                status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read it", path);
            else
                bytes = larger;
            room *= 2;
        }
    }
    if (!bytes)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read it", path);
    if (status < 0) {
        free(bytes);
        return status;
    }
    bytes[length] = '\0';
    *ret_bytes = bytes;
    *ret_length = length;
    return TEND_OK;
}

tend_status tend_file_read(const char *path, size_t max_bytes, char **ret_bytes, size_t *ret_length, tend_error *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat facts;
    tend_status status;

    if (fd < 0)
        return fail_with(reterr, path, "cannot be opened", errno);
    if (fstat(fd, &facts) < 0)
        status = fail_with(reterr, path, "cannot be read", errno);
    else if (!S_ISREG(facts.st_mode))
        status = tend_fail(reterr, TEND_EINVAL, "%s: not a regular file", path);
    else
        status = read_whole(fd, path, max_bytes, ret_bytes, ret_length, reterr);
    (void)close(fd);
    return status;
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

tend_status tend_folder_sync(const char *path, tend_error *reterr)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    tend_status status = TEND_OK;

    if (fd < 0)
        return fail_with(reterr, path, "cannot be opened", errno);
    /* Some file systems have nothing to sync for a folder and say EINVAL. */
    if (fsync(fd) < 0 && errno != EINVAL)
        status = fail_with(reterr, path, "cannot be synced", errno);
    (void)close(fd);
    return status;
}

tend_status tend_file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode, tend_error *reterr)
{
    char folder[PATH_MAX], beside[PATH_MAX];
    tend_status status = tend_path_folder(path, folder, sizeof folder, reterr);
    int fd, code;

    if (status < 0)
        return status;
    if ((size_t)snprintf(beside, sizeof beside, "%s.new-XXXXXX", path) >= sizeof beside)
        return tend_fail(reterr, TEND_ELIMIT, "%s: the path is too long", path);
    fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return fail_with(reterr, path, "cannot be written", errno);
    code = fchmod(fd, mode) < 0 ? errno : write_all(fd, bytes, length);
    if (code == 0 && fsync(fd) < 0)
        code = errno;
    if (close(fd) < 0 && code == 0)
        code = errno;
    if (code == 0 && rename(beside, path) < 0)
        code = errno;
    if (code != 0) {
        (void)unlink(beside);
        return fail_with(reterr, path, "cannot be written", code);
    }
    return tend_folder_sync(folder, reterr);
}

bool tend_file_exists(const char *path)
{
    struct stat facts;

    return lstat(path, &facts) == 0;
}

tend_status tend_folder_make(const char *path, mode_t mode, tend_error *reterr)
{
    char partly[PATH_MAX];
    size_t length = strlen(path);
    struct stat facts;

    if (length == 0 || length >= sizeof partly)
        return tend_fail(reterr, TEND_EINVAL, "'%s': not a folder's path", path);
    memcpy(partly, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (partly[i] != '/' && partly[i] != '\0')
            continue;
        partly[i] = '\0';
        if (mkdir(partly, mode) < 0 && errno != EEXIST) {
            int code = errno;

            /* A parent that we may not write but that is there says EROFS or EACCES. */
            if (stat(partly, &facts) < 0)
                return fail_with(reterr, partly, "cannot be made", code);
        }
        partly[i] = path[i];
    }
    if (stat(path, &facts) < 0)
        return fail_with(reterr, path, "cannot be made", errno);
    return S_ISDIR(facts.st_mode) ? TEND_OK : tend_fail(reterr, TEND_EEXISTS, "%s: is there and not a folder", path);
}

tend_status tend_path_join(const char *folder, const char *name, char *ret_path, size_t room, tend_error *reterr)
{
    size_t length = strlen(folder);
    const char *between = length == 0 || folder[length - 1] == '/' ? "" : "/";
    char joined[PATH_MAX];

    if (name[0] == '/')
        folder = between = "";
    if ((size_t)snprintf(joined, sizeof joined, "%s%s%s", folder, between, name) >= (room < sizeof joined ? room : sizeof joined))
        return tend_fail(reterr, TEND_ELIMIT, "%s/%s: the path is too long", folder, name);
    memcpy(ret_path, joined, strlen(joined) + 1);
    return TEND_OK;
}

tend_status tend_path_folder(const char *path, char *ret_folder, size_t room, tend_error *reterr)
{
    const char *slash = strrchr(path, '/');
    size_t length;

    if (!slash) {
        path = ".";
        length = 1;
    } else {
        length = slash == path ? 1 : (size_t)(slash - path);
    }
    if (length >= room)
        return tend_fail(reterr, TEND_ELIMIT, "%s: the path is too long", path);
    memcpy(ret_folder, path, length);
    ret_folder[length] = '\0';
    return TEND_OK;
}

tend_status tend_file_lock(const char *path, int *ret_fd, tend_error *reterr)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    int code;

    if (fd < 0)
        return fail_with(reterr, path, "cannot be opened", errno);
    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        code = errno;
        if (code == EINTR)
            continue;
        (void)close(fd);
        if (code == EWOULDBLOCK)
            return tend_fail(reterr, TEND_EBUSY, "%s: locked by another process; try again when it has ended", path);
        return fail_with(reterr, path, "cannot be locked", code);
    }
    *ret_fd = fd;
    return TEND_OK;
}
