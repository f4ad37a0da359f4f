#include "store/sqlite/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 5000
#define HEADER_BYTES 100

/* Every connection. Only what was asked for is trusted, nothing is guessed from double quotes, damage is looked for. */
static const char common_pragmas[] = "PRAGMA trusted_schema = off; PRAGMA cell_size_check = on; PRAGMA foreign_keys = on;"
                                     "PRAGMA temp_store = memory; PRAGMA cache_size = -65536; PRAGMA mmap_size = 0;";
static const char writer_pragmas[] = "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA journal_size_limit = 67108864;";
static const char reader_pragmas[] = "PRAGMA query_only = on;";

static const char tables[] = "PRAGMA page_size = 8192;"
                             "BEGIN;"
                             "PRAGMA application_id = 1952804452;" /* TEND_SQLITE_APPLICATION */
                             "PRAGMA user_version = 1;"            /* TEND_SQLITE_LAYOUT */
                             "CREATE TABLE meta (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;"
                             "CREATE TABLE sequences (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
                             "INSERT INTO meta (name, text) VALUES ('key', '%s');"
                             "COMMIT;"
                             "PRAGMA journal_mode = wal;";
_Static_assert(TEND_SQLITE_APPLICATION == 1952804452 && TEND_SQLITE_LAYOUT == 1, "the numbers in `tables`");

tend_status tend_sqlite_pragma_int(const char *path, sqlite3 *db, const char *sql, int64_t *ret_number, tend_error *reterr)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    else if (code == SQLITE_DONE)
        *ret_number = 0;
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        tend_status status = tend_sqlite_fail(path, db, code, sql, reterr);

        (void)sqlite3_finalize(statement);
        return status;
    }
    (void)sqlite3_finalize(statement);
    return TEND_OK;
}

static tend_status ours_or_refused(const char *path, int64_t application, int64_t layout, tend_error *reterr)
{
    if (application != TEND_SQLITE_APPLICATION)
        return tend_fail(reterr, TEND_EINVAL, "%s: is a database of another program; name another file, this one was not touched",
                         path);
    if (layout > TEND_SQLITE_LAYOUT)
        return tend_fail(
            reterr, TEND_EVERSION,
            "%s: was written by a newer tend (layout %lld, this one knows %d); install that version, nothing was touched", path,
            (long long)layout, TEND_SQLITE_LAYOUT);
    if (layout < TEND_SQLITE_LAYOUT)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: names no layout (%lld); restore a backup", path, (long long)layout);
    return TEND_OK;
}

/* `file` as a URI that takes no locks, reads no WAL and leaves nothing behind; owned. */
static char *immutable_uri(const char *file)
{
    static const char hex[] = "0123456789ABCDEF";
    char *uri = malloc(strlen(file) * 3 + sizeof "file:?immutable=1");
    char *to = uri;

    if (!uri)
        return NULL;
    to = stpcpy(to, "file:");
    for (const unsigned char *from = (const unsigned char *)file; *from; from++) {
        if (*from > ' ' && *from < 0x7f && !strchr("%?#", *from)) {
            *to++ = (char)*from;
        } else {
            *to++ = '%';
            *to++ = hex[*from >> 4];
            *to++ = hex[*from & 15];
        }
    }
    (void)stpcpy(to, "?immutable=1");
    return uri;
}

static tend_status open_immutable(const char *path, const char *file, sqlite3 **ret_db, tend_error *reterr)
{
    char *uri = immutable_uri(file);
    sqlite3 *db = NULL;
    tend_status status = TEND_OK;
    int code;

    if (!uri)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    code = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
    free(uri);
    if (code != SQLITE_OK) {
        status = tend_sqlite_fail(path, db, code, NULL, reterr);
        (void)sqlite3_close(db);
        return status;
    }
    *ret_db = db;
    return TEND_OK;
}

static int64_t number_at(const unsigned char *header, int offset)
{
    return (int64_t)header[offset] << 24 | header[offset + 1] << 16 | header[offset + 2] << 8 | header[offset + 3];
}

/* The header, read without a trace: no transaction, so no lock and no file beside it, and it may be read in the middle of a
 * checkpoint. (Through SQLite's descriptor: closing one of our own would drop the locks that another connection of this process
 * holds on the file.) */
static tend_status look_at_header(const char *path, const char *file, tend_error *reterr)
{
    static const char magic[16] = "SQLite format 3";
    unsigned char header[HEADER_BYTES] = { 0 };
    sqlite3_file *handle = NULL;
    sqlite3 *db = NULL;
    tend_status status = TEND_OK;
    int code = sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &handle);
    if (code == SQLITE_OK)
        code = handle->pMethods->xRead(handle, header, sizeof header, 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
        status = tend_sqlite_fail(path, db, code, NULL, reterr);
    (void)sqlite3_close(db);
    if (status < 0)
        return status;
    if (code == SQLITE_IOERR_SHORT_READ || memcmp(header, magic, sizeof magic) != 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: is not a tend store; name another file, this one was not touched", path);
    return ours_or_refused(path, number_at(header, 68), number_at(header, 60), reterr);
}

static tend_status ask_layout(const char *path, sqlite3 *db, tend_error *reterr)
{
    int64_t layout = 0;
    tend_status status = tend_sqlite_pragma_int(path, db, "PRAGMA user_version", &layout, reterr);

    return status < 0 ? status : ours_or_refused(path, TEND_SQLITE_APPLICATION, layout, reterr);
}

static tend_status open_reading(const char *path, const char *file, sqlite3 **ret_db, tend_error *reterr)
{
    sqlite3 *db = NULL;
    tend_status status;
    int code = sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    if (code != SQLITE_OK) {
        status = tend_sqlite_fail(path, db, code, NULL, reterr);
        (void)sqlite3_close(db);
        return status;
    }
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    *ret_db = db;
    return TEND_OK;
}

/* What only the WAL knows: its header may be newer than the file's. */
static tend_status look_at_wal(const char *path, const char *file, tend_error *reterr)
{
    sqlite3 *db = NULL;
    tend_status status;

    if (!tend_sqlite_file_has(file, "-wal"))
        return TEND_OK;
    status = open_reading(path, file, &db, reterr);
    if (status < 0)
        return status;
    status = ask_layout(path, db, reterr);
    (void)sqlite3_close(db);
    return status;
}

static tend_status make(const char *path, const char *file, tend_error *reterr)
{
    unsigned char key[16];
    char key_hex[sizeof key * 2 + 1];
    char *making = NULL, *sql = NULL;
    sqlite3 *db = NULL;
    tend_status status;
    int code;

    if (tend_sqlite_file_has(file, "-wal") || tend_sqlite_file_has(file, "-journal"))
        return tend_fail(
            reterr, TEND_ECORRUPT,
            "%s: the database is gone but its -wal or -journal is not; put the database back beside it or move it away", path);
    if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key)
        return tend_fail(reterr, TEND_ERROR, "%s: the system gives no random bytes", path);
    for (size_t i = 0; i < sizeof key; i++)
        (void)snprintf(key_hex + 2 * i, 3, "%02x", key[i]);
    sql = sqlite3_mprintf(tables, key_hex);
    if (!sql || asprintf(&making, "%s.making", file) < 0) {
        sqlite3_free(sql);
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    }
    status = tend_sqlite_file_start(path, making, reterr);
    if (status < 0)
        goto out;
    code = sqlite3_open_v2(making, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        status = tend_sqlite_fail(path, db, code, NULL, reterr);
    (void)sqlite3_close(db);
    if (status >= 0)
        status = tend_sqlite_file_finish(path, making, file, true, reterr);
    if (status < 0)
        tend_sqlite_file_remove(making);
out:
    sqlite3_free(sql);
    free(making);
    return status;
}

static tend_status set_up(tend_connection *connection, tend_error *reterr)
{
    sqlite3 *db = connection->db;
    int64_t synchronous = 0, is_wal = 0;
    tend_status status;
    int code;

    (void)sqlite3_extended_result_codes(db, 1);
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    code = sqlite3_exec(db, common_pragmas, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, connection->is_writing ? writer_pragmas : reader_pragmas, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return tend_sqlite_fail(connection->path, db, code, NULL, reterr);
    status = ask_layout(connection->path, db, reterr);
    if (status < 0 || !connection->is_writing)
        return status;
    status = tend_sqlite_rows_define(connection, reterr);
    if (status < 0)
        return status;
    status = tend_sqlite_pragma_int(connection->path, db, "PRAGMA synchronous", &synchronous, reterr);
    if (status >= 0)
        status =
            tend_sqlite_pragma_int(connection->path, db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal, reterr);
    if (status >= 0 && (synchronous != 2 || !is_wal))
        status =
            tend_fail(reterr, TEND_EIO, "%s: this file system cannot keep a write-ahead log; move the workspace to a local disk",
                      connection->path);
    return status;
}

static tend_status open_for_reading(tend_connection *connection, tend_error *reterr)
{
    tend_status status = look_at_header(connection->path, connection->file, reterr);

    if (status >= 0)
        status = open_reading(connection->path, connection->file, &connection->db, reterr);
    if (status < 0)
        return status;
    status = set_up(connection, reterr);
    if (status >= 0 || tend_sqlite_file_has(connection->file, "-wal"))
        return status;
    /* In a folder that we may not write there is no place for the shared index of a WAL; without a WAL none is needed. */
    (void)sqlite3_close(connection->db);
    connection->db = NULL;
    status = open_immutable(connection->path, connection->file, &connection->db, reterr);
    return status < 0 ? status : set_up(connection, reterr);
}

static tend_status open_for_writing(tend_connection *connection, bool is_new, bool may_make, tend_error *reterr)
{
    const char *path = connection->path, *file = connection->file;
    tend_status status;
    int code;

    status = is_new ? TEND_OK : look_at_header(path, file, reterr);
    if (status >= 0)
        status = tend_sqlite_file_lock(path, file, &connection->lock_fd, reterr);
    if (status < 0)
        return status;
    if (is_new && may_make)
        status = make(path, file, reterr);
    /* Looked at again: before the lock it may have been anything. */
    if (status >= 0)
        status = look_at_header(path, file, reterr);
    if (status >= 0)
        status = look_at_wal(path, file, reterr);
    if (status < 0)
        return status;
    if (access(file, W_OK) != 0)
        return tend_fail(reterr, TEND_EDENIED, "%s: %s; the file and its folder must be writable for this user", path,
                         strerror(errno));
    connection->is_writing = true;
    code = sqlite3_open_v2(file, &connection->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return tend_sqlite_fail(path, connection->db, code, NULL, reterr);
    return set_up(connection, reterr);
}

tend_status tend_sqlite_open(const char *path, tend_store_mode mode, tend_connection **ret_connection, tend_error *reterr)
{
    tend_connection *connection = calloc(1, sizeof *connection);
    struct stat found;
    bool is_there, is_empty;
    tend_status status;

    if (!connection)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* a lock at each allocation, for figures that nobody reads; heard once */
    connection->lock_fd = -1;
    connection->path = strdup(path);
    status = connection->path ? tend_sqlite_file_find(path, &connection->file, reterr)
                              : tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    if (status < 0)
        goto out;
    is_there = stat(connection->file, &found) == 0;
    is_empty = is_there && found.st_size == 0;
    if (!is_there && mode != TEND_STORE_CREATE)
        status =
            tend_fail(reterr, TEND_ENOTFOUND, "%s: no such file; make it with tend init, or name another workspace with -C", path);
    else if (is_empty && mode != TEND_STORE_CREATE)
        status = tend_fail(reterr, TEND_EINVAL, "%s: is empty; make a store there with tend init, or restore a backup", path);
    else if (mode == TEND_STORE_READ)
        status = open_for_reading(connection, reterr);
    else
        status = open_for_writing(connection, !is_there || is_empty, mode == TEND_STORE_CREATE, reterr);
    if (status < 0)
        goto out;
    *ret_connection = connection;
    connection = NULL;
out:
    tend_sqlite_close(connection);
    return status;
}

void tend_sqlite_close(tend_connection *connection)
{
    if (!connection)
        return;
    (void)tend_sqlite_block_end(connection->block);
    (void)tend_sqlite_writeback_end(connection);
    if (connection->db && connection->is_writing) {
        (void)sqlite3_busy_timeout(connection->db, 0); /* what readers still hold is written at the next chance */
        (void)sqlite3_wal_checkpoint_v2(connection->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    (void)sqlite3_finalize(connection->rollback);
    (void)sqlite3_close_v2(connection->db);
    if (connection->lock_fd >= 0)
        (void)close(connection->lock_fd);
    free(connection->file);
    free(connection->path);
    free(connection);
}
