#include "store/sqlite/sqlite.h"

#include "base/failpoint.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES_A_STEP 2048

static const char hold_snapshot[] = "BEGIN; SELECT 1 FROM meta LIMIT 1";

/* The pages, from one snapshot: what is written meanwhile neither appears nor makes it start over. */
static int copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int code = SQLITE_OK;

    if (!backup)
        return sqlite3_errcode(to);
    while (code == SQLITE_OK)
        code = sqlite3_backup_step(backup, PAGES_A_STEP);
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static tend_status copy_to(tend_connection *connection, const char *path, const char *copying, bool is_simulated,
                           tend_error *reterr)
{
    const bool has_snapshot = !sqlite3_get_autocommit(connection->db);
    sqlite3 *to = NULL;
    tend_status status = TEND_OK;
    int code = sqlite3_open_v2(copying, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_exec(to, "PRAGMA synchronous = off", NULL, NULL, NULL); /* synced as a whole, before the rename */
    if (code == SQLITE_OK && !has_snapshot)
        code = sqlite3_exec(connection->db, hold_snapshot, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = copy_pages(connection->db, to);
    if (!has_snapshot && !sqlite3_get_autocommit(connection->db))
        (void)sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        tend_failpoint("backup.copied");
        if (is_simulated)
            code = sqlite3_exec(to, "INSERT OR IGNORE INTO meta (name, text) VALUES ('simulated', 'yes')", NULL, NULL, NULL);
    }
    if (code == SQLITE_OK)
        code = sqlite3_exec(to, "PRAGMA wal_checkpoint(truncate)", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        status = tend_sqlite_fail(path, to, code, NULL, reterr);
    (void)sqlite3_close(to);
    return status;
}

tend_status tend_sqlite_copy(tend_connection *connection, const char *path, bool is_simulated, tend_error *reterr)
{
    char *file = NULL, *copying = NULL;
    struct stat found;
    tend_status status = tend_sqlite_file_find(path, &file, reterr);

    if (status < 0)
        return status;
    if (stat(file, &found) == 0) {
        status = tend_fail(reterr, TEND_EEXISTS, "%s: is there already; name a file that is not", path);
        goto out;
    }
    if (asprintf(&copying, "%s.copying", file) < 0) {
        copying = NULL;
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
        goto out;
    }
    status = tend_sqlite_file_start(path, copying, reterr);
    if (status < 0)
        goto out;
    status = copy_to(connection, path, copying, is_simulated, reterr);
    if (status >= 0)
        status = tend_sqlite_file_finish(path, copying, file, false, reterr);
    if (status < 0)
        tend_sqlite_file_remove(copying);
out:
    free(copying);
    free(file);
    return status;
}

void tend_sqlite_remove_copy(const char *path)
{
    char *lock;

    tend_sqlite_file_remove(path);
    if (asprintf(&lock, "%s.lock", path) < 0)
        return;
    (void)unlink(lock);
    free(lock);
}

tend_status tend_sqlite_check(tend_connection *connection, tend_error *reterr)
{
    static const char *const sqls[] = { "PRAGMA integrity_check(1)", "PRAGMA foreign_key_check" };
    sqlite3_stmt *statement = NULL;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < sizeof sqls / sizeof *sqls && status >= 0; i++) {
        int code = sqlite3_prepare_v2(connection->db, sqls[i], -1, &statement, NULL);
        const char *text;

        if (code == SQLITE_OK)
            code = sqlite3_step(statement);
        text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (text && i == 0 && strcmp(text, "ok") != 0)
            status = tend_fail(reterr, TEND_ECORRUPT, "%s: the database is damaged (%s); restore a backup", connection->path, text);
        else if (text && i == 1)
            status = tend_fail(reterr, TEND_ECORRUPT, "%s: a row of %s points to a row that is not there; restore a backup",
                               connection->path, text);
        else if (code != SQLITE_ROW && code != SQLITE_DONE)
            status = tend_sqlite_fail(connection->path, connection->db, code, NULL, reterr);
        (void)sqlite3_finalize(statement);
        statement = NULL;
    }
    return status;
}
