#include "store/sqlite/sqlite.h"

/* VACUUM writes every row into fresh pages, the checkpoint puts them over the old ones and cuts the log to nothing. The copy that
 * VACUUM makes on its way may be as large as the store, so it does not go into memory. */
tend_status tend_sqlite_scrub(tend_connection *connection, bool *ret_whole, tend_error *reterr)
{
    static const char rewrite[] = "PRAGMA secure_delete = on; PRAGMA temp_store = file; VACUUM; PRAGMA temp_store = memory;";
    int left = 0, moved = 0;
    int code = sqlite3_exec(connection->db, rewrite, NULL, NULL, NULL);

    if (code == SQLITE_OK)
        code = sqlite3_wal_checkpoint_v2(connection->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &left, &moved);
    *ret_whole = code == SQLITE_OK;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return TEND_OK;
    return code == SQLITE_OK ? TEND_OK : tend_sqlite_fail(connection->path, connection->db, code, "VACUUM", reterr);
}
