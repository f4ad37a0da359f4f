#include "disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES_MAX 512

/* One file of SQLite's. The real one stands behind it in the same memory. */
typedef struct handle {
    sqlite3_file base;
    int file;           /* -1: not watched */
    bool syncs_folder;  /* a new journal or log: SQLite's VFS syncs the folder with its first sync */
    sqlite3_file *real; /* behind this struct */
} handle;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    char folder[4096];
    size_t folder_length;                  /* 0: nothing is watched */
    char names[FILES_MAX][DISK_NAME_ROOM]; /* what each file is called now; "": nothing any more */
    int files;
    disk_entry *log;
    size_t length, room;
    bool remembers, syncs_nothing;
    int checkpoint_pages;
    struct {
        unsigned calls;
        long at, counted, failed;
        bool for_good;
        int error;
    } fault;
} disk;

/* A load writes its log back in a thread of its own. Entries come into the log one after the other, what is done before it is
 * noted: so an image never holds back what a later entry built upon. */
static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static void lock(void)
{
    (void)pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
    (void)pthread_mutex_unlock(&mutex);
}

/* ---- the log ---- */

static const char *name_in_folder(const char *path)
{
    if (!path || disk.folder_length == 0 || strncmp(path, disk.folder, disk.folder_length) != 0 ||
        path[disk.folder_length] != '/' || strchr(path + disk.folder_length + 1, '/'))
        return NULL;
    return path + disk.folder_length + 1;
}

static int file_called(const char *name)
{
    for (int i = 0; i < disk.files; i++)
        if (strcmp(disk.names[i], name) == 0)
            return i;
    return -1;
}

static disk_entry *note(disk_what what, int file, const char *name)
{
    static disk_entry forgotten;
    disk_entry *entry;

    if (!disk.remembers)
        return &forgotten;

    if (disk.length == disk.room) {
        disk.room = disk.room ? disk.room * 2 : 1024;
        disk.log = realloc(disk.log, disk.room * sizeof *disk.log);
        if (!disk.log)
            abort();
    }
    entry = &disk.log[disk.length++];
    *entry = (disk_entry){ .what = what, .file = file };
    if (!name && file >= 0)
        name = disk.names[file];
    if (name)
        (void)snprintf(entry->name, sizeof entry->name, "%s", name);
    return entry;
}

static int file_made(const char *name)
{
    const int file = disk.files++;

    if (file >= FILES_MAX || strlen(name) >= DISK_NAME_ROOM)
        abort();
    (void)strcpy(disk.names[file], name);
    (void)note(DISK_CREATE, file, name);
    return file;
}

static void removed(const char *name)
{
    int file;

    lock();
    file = file_called(name);
    if (file >= 0) {
        disk.names[file][0] = '\0';
        (void)note(DISK_REMOVE, file, name);
    }
    unlock();
}

/* ---- failing ---- */

static bool fails_now(disk_call call)
{
    if (!(disk.fault.calls & (unsigned)call))
        return false;
    disk.fault.counted++;
    if (disk.fault.at == 0 || disk.fault.counted < disk.fault.at || (disk.fault.counted > disk.fault.at && !disk.fault.for_good))
        return false;
    disk.fault.failed++;
    errno = disk.fault.error;
    return true;
}

static bool fails(disk_call call)
{
    bool is_failing;

    lock();
    is_failing = fails_now(call);
    unlock();
    return is_failing;
}

static bool is_full(void)
{
    return disk.fault.error == ENOSPC;
}

/* ---- SQLite's files ---- */

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((handle *)(void *)file)->real;
}

static bool is_watched(sqlite3_file *file)
{
    return ((handle *)(void *)file)->file >= 0;
}

static int file_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset)
{
    if (is_watched(file) && fails(DISK_ON_READ))
        return SQLITE_IOERR_READ;
    return real_of(file)->pMethods->xRead(real_of(file), bytes, length, offset);
}

static int write_and_note(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
    const int code = real_of(file)->pMethods->xWrite(real_of(file), bytes, length, offset);
    disk_entry *entry;

    if (code != SQLITE_OK || !is_watched(file) || !disk.remembers)
        return code;
    lock();
    entry = note(DISK_WRITE, ((handle *)(void *)file)->file, NULL);
    entry->offset = offset;
    entry->length = (size_t)length;
    entry->bytes = malloc(entry->length);
    if (!entry->bytes)
        abort();
    memcpy(entry->bytes, bytes, entry->length);
    unlock();
    return code;
}

static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
    if (is_watched(file) && fails(DISK_ON_WRITE)) {
        if (!is_full())
            return SQLITE_IOERR_WRITE;
        if (length > 1)
            (void)write_and_note(file, bytes, length / 2, offset);
        return SQLITE_FULL;
    }
    return write_and_note(file, bytes, length, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code;

    if (is_watched(file) && fails(DISK_ON_TRUNCATE))
        return SQLITE_IOERR_TRUNCATE;
    code = real_of(file)->pMethods->xTruncate(real_of(file), size);
    lock();
    if (code == SQLITE_OK && is_watched(file))
        note(DISK_TRUNCATE, ((handle *)(void *)file)->file, NULL)->offset = size;
    unlock();
    return code;
}

static int file_sync(sqlite3_file *file, int flags)
{
    handle *ours = (handle *)(void *)file;

    (void)flags;
    if (is_watched(file) && fails(DISK_ON_SYNC))
        return SQLITE_IOERR_FSYNC;
    if (!is_watched(file) || disk.syncs_nothing)
        return SQLITE_OK;
    lock();
    (void)note(DISK_SYNC, ours->file, NULL);
    if (ours->syncs_folder)
        (void)note(DISK_SYNC_FOLDER, -1, NULL);
    unlock();
    ours->syncs_folder = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_check_lock(sqlite3_file *file, int *ret_is_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_is_reserved);
}

static int file_control(sqlite3_file *file, int what, void *argument)
{
    if (what == SQLITE_FCNTL_LAST_ERRNO && disk.fault.failed) {
        *(int *)argument = disk.fault.error;
        return SQLITE_OK;
    }
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_map(sqlite3_file *file, int region, int size, int may_extend, void volatile **ret_memory)
{
    if (is_watched(file) && fails(DISK_ON_MAP))
        return is_full() ? SQLITE_IOERR_SHMSIZE : SQLITE_IOERR_SHMMAP;
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, may_extend, ret_memory);
}

static int file_map_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_map_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_unmap(sqlite3_file *file, int is_deleted)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), is_deleted);
}

static const sqlite3_io_methods methods = { .iVersion = 2, /* no pages mapped */
                                            .xClose = file_close,
                                            .xRead = file_read,
                                            .xWrite = file_write,
                                            .xTruncate = file_truncate,
                                            .xSync = file_sync,
                                            .xFileSize = file_size,
                                            .xLock = file_lock,
                                            .xUnlock = file_unlock,
                                            .xCheckReservedLock = file_check_lock,
                                            .xFileControl = file_control,
                                            .xSectorSize = file_sector,
                                            .xDeviceCharacteristics = file_traits,
                                            .xShmMap = file_map,
                                            .xShmLock = file_map_lock,
                                            .xShmBarrier = file_map_barrier,
                                            .xShmUnmap = file_unmap };

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
    handle *ours = (handle *)(void *)file;
    const char *name = name_in_folder(path);
    const bool is_log = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    bool is_there = name && access(path, F_OK) == 0;
    int code;

    (void)vfs;
    memset(ours, 0, sizeof *ours);
    ours->file = -1;
    ours->real = (sqlite3_file *)(void *)(ours + 1);
    if (name && fails(DISK_ON_OPEN))
        return SQLITE_CANTOPEN;
    code = disk.real->xOpen(disk.real, path, ours->real, flags, ret_flags);
    if (ours->real->pMethods)
        file->pMethods = &methods;
    if (code != SQLITE_OK || !name)
        return code;
    lock();
    ours->file = file_called(name);
    if (ours->file < 0)
        ours->file = file_made(name);
    unlock();
    ours->syncs_folder = is_log && !is_there;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder)
{
    const char *name = name_in_folder(path);
    int code;

    (void)vfs;
    if (name && fails(DISK_ON_REMOVE))
        return SQLITE_IOERR_DELETE;
    code = disk.real->xDelete(disk.real, path, syncs_folder);
    if (code == SQLITE_OK && name) {
        removed(name);
        if (syncs_folder)
            (void)note(DISK_SYNC_FOLDER, -1, NULL);
    }
    return code;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret_is)
{
    (void)vfs;
    return disk.real->xAccess(disk.real, path, flags, ret_is);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int room, char *ret_path)
{
    (void)vfs;
    return disk.real->xFullPathname(disk.real, path, room, ret_path);
}

static int vfs_random(sqlite3_vfs *vfs, int length, char *bytes)
{
    (void)vfs;
    return disk.real->xRandomness(disk.real, length, bytes);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return disk.real->xSleep(disk.real, microseconds);
}

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_time)
{
    (void)vfs;
    return disk.real->xCurrentTimeInt64(disk.real, ret_time);
}

static int vfs_last_error(sqlite3_vfs *vfs, int length, char *text)
{
    (void)vfs;
    return disk.fault.failed ? disk.fault.error : disk.real->xGetLastError(disk.real, length, text);
}

/* SQLite calls it for each connection that was opened. */
static int opened(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
    (void)message;
    (void)api;
    if (disk.checkpoint_pages)
        (void)sqlite3_wal_autocheckpoint(db, disk.checkpoint_pages);
    return SQLITE_OK;
}

void disk_install(void)
{
    disk.syncs_nothing = false;
    disk.real = sqlite3_vfs_find(NULL);
    assert(disk.real);
    disk.vfs = (sqlite3_vfs){ .iVersion = 2,
                              .szOsFile = (int)sizeof(handle) + disk.real->szOsFile,
                              .mxPathname = disk.real->mxPathname,
                              .zName = "remembering",
                              .xOpen = vfs_open,
                              .xDelete = vfs_delete,
                              .xAccess = vfs_access,
                              .xFullPathname = vfs_full_path,
                              .xRandomness = vfs_random,
                              .xSleep = vfs_sleep,
                              .xCurrentTimeInt64 = vfs_time,
                              .xGetLastError = vfs_last_error };
    if (sqlite3_vfs_register(&disk.vfs, 1) != SQLITE_OK)
        abort();
    (void)sqlite3_auto_extension((void (*)(void))opened);
}

void disk_uninstall(void)
{
    (void)sqlite3_vfs_register(disk.real, 1);
    (void)sqlite3_cancel_auto_extension((void (*)(void))opened);
    disk.folder_length = 0;
}

void disk_watch(const char *folder, bool remembers)
{
    disk_forget();
    if (!realpath(folder, disk.folder))
        abort();
    disk.folder_length = strlen(disk.folder);
    disk.remembers = remembers;
}

void disk_forget(void)
{
    for (size_t i = 0; i < disk.length; i++)
        free(disk.log[i].bytes);
    free(disk.log);
    disk.log = NULL;
    disk.length = disk.room = 0;
    disk.files = 0;
    disk.folder_length = 0;
}

size_t disk_length(void)
{
    return disk.length;
}

const disk_entry *disk_log(void)
{
    return disk.log;
}

void disk_checkpoint_after(int pages)
{
    disk.checkpoint_pages = pages;
}

void disk_stop_syncing(void)
{
    disk.syncs_nothing = true;
}

void disk_fail(unsigned calls, long at, bool for_good, int error)
{
    disk.fault.calls = calls;
    disk.fault.at = at;
    disk.fault.for_good = for_good;
    disk.fault.error = error;
    disk.fault.counted = disk.fault.failed = 0;
}

void disk_mend(void)
{
    disk.fault.calls = 0;
}

long disk_calls(void)
{
    return disk.fault.counted;
}

long disk_failures(void)
{
    return disk.fault.failed;
}

/* ---- what the store calls itself: these stand before those of the C library ---- */

static const char *name_of_descriptor(int fd, char *path, size_t room)
{
    char link[64];
    ssize_t length;

    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, room - 1);
    if (length < 0)
        return NULL;
    path[length] = '\0';
    return disk.folder_length && strcmp(path, disk.folder) == 0 ? "" : name_in_folder(path);
}

int fsync(int fd)
{
    char path[4096];
    const char *name = name_of_descriptor(fd, path, sizeof path);
    int file;

    if (!name)
        return 0;
    if (fails(DISK_ON_SYNC))
        return -1;
    if (*name == '\0') {
        (void)note(DISK_SYNC_FOLDER, -1, NULL);
        return 0;
    }
    file = file_called(name);
    if (file >= 0)
        (void)note(DISK_SYNC, file, NULL);
    return 0;
}

int unlink(const char *path)
{
    const char *name = name_in_folder(path);

    if (name && file_called(name) >= 0 && fails(DISK_ON_REMOVE))
        return -1;
    if (syscall(SYS_unlink, path) != 0)
        return -1;
    if (name)
        removed(name);
    return 0;
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    const char *old = name_in_folder(from), *new = name_in_folder(to);
    int file;

    if (new &&fails(DISK_ON_RENAME))
        return -1;
    if (syscall(SYS_renameat2, from_folder, from, to_folder, to, flags) != 0)
        return -1;
    file = old && new ? file_called(old) : -1;
    if (file >= 0) {
        (void)strcpy(disk.names[file], new);
        (void)note(DISK_RENAME, file, new);
    }
    return 0;
}

int open(const char *path, int flags, ...)
{
    const char *name = name_in_folder(path);
    mode_t mode = 0;
    int fd;
    va_list arguments;

    if (flags & O_CREAT) {
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    if (name && strstr(name, ".db") && fails(DISK_ON_OPEN))
        return -1;
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && name && (flags & O_CREAT) && (flags & O_EXCL))
        (void)file_made(name);
    return fd;
}
