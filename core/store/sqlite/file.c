#include "store/sqlite/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const besides[] = { "", "-journal", "-wal", "-shm" };

/* The folder's real path and the last name; *ret_file is owned. */
static tend_status below_folder(const char *path, char **ret_file, tend_error *reterr)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    char *real = folder ? realpath(folder, NULL) : NULL, *file; /* of `file` nothing is known when it could not be made */
    tend_status status = TEND_OK;

    if (!folder || (!real && errno == ENOMEM))
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    else if (!real && errno == ENOENT)
        status = tend_fail(reterr, TEND_ENOTFOUND, "%s: the folder %s does not exist; make it first", path, folder);
    else if (!real)
        status = tend_fail(reterr, TEND_EDENIED, "%s: the folder %s cannot be entered (%s)", path, folder, strerror(errno));
    else if (asprintf(&file, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash ? slash + 1 : path) < 0)
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    else
        *ret_file = file;
    free(real);
    free(folder);
    return status;
}

tend_status tend_sqlite_file_find(const char *path, char **ret_file, tend_error *reterr)
{
    const size_t length = strlen(path);
    struct stat found;

    if (length == 0)
        return tend_fail(reterr, TEND_EINVAL, "store path: is empty; name a file");
    if (strcmp(path, ":memory:") == 0)
        return tend_fail(reterr, TEND_EINVAL, "store path: :memory: keeps nothing; name a file");
    if (strncasecmp(path, "file:", 5) == 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: a URI is not taken; name a file", path);
    if (path[length - 1] == '/')
        return tend_fail(reterr, TEND_EINVAL, "%s: is a folder; name a file in it", path);
    if (stat(path, &found) != 0) {
        if (errno == ENOENT)
            return below_folder(path, ret_file, reterr);
        return tend_fail(reterr, errno == EACCES ? TEND_EDENIED : TEND_EINVAL, "%s: cannot be looked at (%s)", path,
                         strerror(errno));
    }
    if (S_ISDIR(found.st_mode))
        return tend_fail(reterr, TEND_EINVAL, "%s: is a folder; name a file in it", path);
    if (!S_ISREG(found.st_mode))
        return tend_fail(reterr, TEND_EINVAL, "%s: is a device, pipe or socket; name a plain file", path);
    *ret_file = realpath(path, NULL);
    if (!*ret_file && errno == ENOMEM)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    if (!*ret_file)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be resolved (%s)", path, strerror(errno));
    return TEND_OK;
}

/* ": tend -C w import …" as the system shows it to everybody, cut where it is long; "" when it does not. */
static const char *command_of(long pid, char *text, size_t room)
{
    char name[64];
    size_t begin = strlen(strcpy(text, ": ")), end = begin;
    ssize_t length;
    int fd;

    (void)snprintf(name, sizeof name, "/proc/%ld/cmdline", pid);
    fd = open(name, O_RDONLY | O_CLOEXEC);
    length = fd < 0 ? -1 : read(fd, text + begin, room - begin - 1);
    if (fd >= 0)
        (void)close(fd);
    if (length <= 0)
        return "";
    for (end = begin; end < begin + (size_t)length; end++)
        if ((unsigned char)text[end] < 0x20 || text[end] == 0x7f)
            text[end] = ' ';
    while (end > begin && (text[end - 1] == ' ' || ((unsigned char)text[end - 1] & 0xc0) == 0x80))
        end--; /* blanks, and what is left of a letter that was cut */
    text[end] = '\0';
    return text;
}

static tend_status held_by_other(const char *path, int fd, tend_error *reterr)
{
    char text[32] = { 0 }, command[200];
    const ssize_t length = pread(fd, text, sizeof text - 1, 0);
    const long pid = length > 0 ? strtol(text, NULL, 10) : 0;

    if (pid > 0)
        return tend_fail(
            reterr, TEND_EBUSY,
            "%s: another tend (pid %ld%s) has this workspace open for writing; stop it or let it do the work (tend serve)", path,
            pid, command_of(pid, command, sizeof command));
    return tend_fail(reterr, TEND_EBUSY,
                     "%s: another tend has this workspace open for writing; stop it or let it do the work (tend serve)", path);
}

tend_status tend_sqlite_file_lock(const char *path, const char *file, int *ret_fd, tend_error *reterr)
{
    char *name = NULL;
    char pid[32];
    int fd = -1, length;
    tend_status status = TEND_OK;

    if (asprintf(&name, "%s.lock", file) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        const bool is_full = errno == ENOSPC || errno == EDQUOT;

        status = is_full ? tend_fail(reterr, TEND_EFULL, "%s: the disk is full; free some space, nothing was lost", path)
                         : tend_fail(reterr, errno == EACCES || errno == EROFS ? TEND_EDENIED : TEND_EIO,
                                     "%s: the lock file %s cannot be made (%s); make the folder writable for this user", path, name,
                                     strerror(errno));
        goto out;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        status = errno == EWOULDBLOCK
                     ? held_by_other(path, fd, reterr)
                     : tend_fail(reterr, TEND_EIO, "%s: the lock file %s cannot be locked (%s)", path, name, strerror(errno));
        goto out;
    }
    /* The pid is for people; a full disk must not keep a store from being opened and put in order. */
    length = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)length, 0) != length)
        (void)ftruncate(fd, 0);
    *ret_fd = fd;
    fd = -1;
out:
    if (fd >= 0)
        (void)close(fd);
    free(name);
    return status;
}

static bool sync_path(const char *path, int flags)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    bool is_done;

    if (fd < 0)
        return false;
    is_done = fsync(fd) == 0;
    (void)close(fd);
    return is_done;
}

tend_status tend_sqlite_file_finish(const char *path, const char *from, const char *to, bool may_replace, tend_error *reterr)
{
    char *folder = strdup(to);
    tend_status status = TEND_OK;

    if (!folder)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    *(strrchr(folder, '/') == folder ? folder + 1 : strrchr(folder, '/')) = '\0';
    if (!sync_path(from, 0) || renameat2(AT_FDCWD, from, AT_FDCWD, to, may_replace ? 0 : RENAME_NOREPLACE) != 0) {
        if (errno == EEXIST)
            status = tend_fail(reterr, TEND_EEXISTS, "%s: is there already; name a file that is not", path);
        else if (errno == ENOSPC || errno == EDQUOT)
            status = tend_fail(reterr, TEND_EFULL, "%s: the disk is full; free some space, nothing was lost", path);
        else
            status = tend_fail(reterr, TEND_EIO, "%s: cannot be put in place (%s); check the folder", path, strerror(errno));
    } else if (!sync_path(folder, O_DIRECTORY)) { /* the name may not last: then nobody is to rely on it */
        status = errno == ENOSPC || errno == EDQUOT
                     ? tend_fail(reterr, TEND_EFULL, "%s: the disk is full; free some space, nothing was lost", path)
                     : tend_fail(reterr, TEND_EIO, "%s: its folder cannot be synced (%s); check the disk", path, strerror(errno));
        (void)unlink(to);
    }
    free(folder);
    return status;
}

void tend_sqlite_file_remove(const char *file)
{
    char *name;

    for (size_t i = 0; i < sizeof besides / sizeof *besides; i++) {
        if (asprintf(&name, "%s%s", file, besides[i]) < 0)
            return;
        (void)unlink(name);
        free(name);
    }
}

tend_status tend_sqlite_file_start(const char *path, const char *file, tend_error *reterr)
{
    int fd;

    tend_sqlite_file_remove(file);
    fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        if (errno == ENOSPC || errno == EDQUOT)
            return tend_fail(reterr, TEND_EFULL, "%s: the disk is full; free some space, nothing was lost", path);
        return tend_fail(reterr, errno == EACCES || errno == EROFS ? TEND_EDENIED : TEND_EIO,
                         "%s: cannot be made (%s); make the folder writable for this user", path, strerror(errno));
    }
    (void)close(fd);
    return TEND_OK;
}

bool tend_sqlite_file_has(const char *file, const char *suffix)
{
    char *name;
    struct stat found;
    bool has;

    if (asprintf(&name, "%s%s", file, suffix) < 0)
        return false;
    has = stat(name, &found) == 0 && found.st_size > 0;
    free(name);
    return has;
}
