#include "store/sqlite/sqlite.h"

#include <errno.h>
#include <string.h>

static tend_status full(const char *path, tend_error *reterr)
{
    return tend_fail(reterr, TEND_EFULL, "%s: the disk is full; free some space, nothing was lost", path);
}

static bool is_about_space(int system_error)
{
    return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

/* What the system said. SQLite keeps it for most failures; for those of a commit only the file knows. */
static int system_error_of(sqlite3 *db, int code)
{
    static const int files[] = { SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER };
    int system_error = db ? sqlite3_system_errno(db) : 0;

    for (size_t i = 0; db && system_error == 0 && (code & 0xff) == SQLITE_IOERR && i < sizeof files / sizeof *files; i++) {
        sqlite3_file *file = NULL;

        if (sqlite3_file_control(db, "main", files[i], &file) == SQLITE_OK && file && file->pMethods)
            (void)file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &system_error);
    }
    return system_error;
}

static tend_status constraint(const char *path, sqlite3 *db, tend_error *reterr)
{
    const int code = db ? sqlite3_extended_errcode(db) : 0;
    const bool is_there = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY;

    return tend_fail(reterr, is_there ? TEND_EEXISTS : TEND_EINVAL, "%s: %s", path,
                     db ? sqlite3_errmsg(db) : sqlite3_errstr(SQLITE_CONSTRAINT));
}

static tend_status not_opened(const char *path, int system_error, tend_error *reterr)
{
    if (system_error == ENOENT)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: no such file; make it with tend init, or name another workspace with -C",
                         path);
    if (system_error == EACCES || system_error == EPERM || system_error == EROFS)
        return tend_fail(reterr, TEND_EDENIED, "%s: %s; the file and its folder must be readable and writable for this user", path,
                         strerror(system_error));
    return tend_fail(reterr, TEND_EIO, "%s: cannot be opened (%s); check the file and its folder", path,
                     system_error ? strerror(system_error) : "no reason given");
}

tend_status tend_sqlite_fail(const char *path, sqlite3 *db, int code, const char *sql, tend_error *reterr)
{
    const int system_error = system_error_of(db, code);
    const char *message = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);

    switch (code & 0xff) {
    case SQLITE_FULL:
        return full(path, reterr);
    case SQLITE_IOERR:
        if (is_about_space(system_error))
            return full(path, reterr);
        return tend_fail(reterr, TEND_EIO, "%s: reading or writing failed (%s); check the disk", path,
                         system_error ? strerror(system_error) : message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return tend_fail(reterr, TEND_ECORRUPT, "%s: the database is damaged (%s); restore a backup", path, message);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return tend_fail(reterr, TEND_EDENIED, "%s: is open for reading only; make the file and its folder writable for this user",
                         path);
    case SQLITE_CANTOPEN: /* also a log that cannot be made */
        if (is_about_space(system_error))
            return full(path, reterr);
        return not_opened(path, system_error, reterr);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return tend_fail(reterr, TEND_EBUSY, "%s: another program holds the database; try again later", path);
    case SQLITE_CONSTRAINT:
        return constraint(path, db, reterr);
    case SQLITE_NOMEM:
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    case SQLITE_TOOBIG:
        return tend_fail(reterr, TEND_ELIMIT, "%s: a text is longer than the database takes; shorten it", path);
    default:
        return tend_fail(reterr, TEND_ERROR, "%s: %s%s%s", path, message, sql ? ", in: " : "", sql ? sql : "");
    }
}
