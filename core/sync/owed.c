#include "sync/owed.h"

static tend_status make_table(tend_store *store, tend_error *reterr)
{
    return tend_store_run(store,
                          "CREATE TABLE IF NOT EXISTS owed_records (source TEXT NOT NULL, stream TEXT NOT NULL, key TEXT NOT NULL,"
                          " file TEXT, line INTEGER NOT NULL, field TEXT, reason TEXT NOT NULL, at INTEGER NOT NULL,"
                          " PRIMARY KEY (source, stream, key)) WITHOUT ROWID",
                          reterr);
}

/* Runs `sql` with texts as ?1, ?2 …; nothing when there is no table. */
static tend_status run(tend_store *store, const char *sql, const char *const *texts, int count, tend_error *reterr)
{
    tend_statement *statement;
    tend_status status;

    if (!tend_store_has_table(store, "owed_records"))
        return TEND_OK;
    status = tend_store_prepare(store, sql, &statement, reterr);
    if (status < 0)
        return status;
    for (int i = 0; i < count; i++)
        tend_statement_bind_string(statement, i + 1, texts[i]);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

tend_status tend_owed_add(tend_store *store, const char *source, const tend_owed *owed, tend_time at, tend_error *reterr)
{
    tend_statement *add;
    tend_status status = make_table(store, reterr);

    if (status == TEND_OK)
        status = tend_store_prepare(store,
                                    "INSERT INTO owed_records (source, stream, key, file, line, field, reason, at)"
                                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (source, stream, key) DO UPDATE SET"
                                    " file=excluded.file, line=excluded.line, field=excluded.field, reason=excluded.reason",
                                    &add, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(add, 1, source);
    tend_statement_bind_string(add, 2, owed->stream);
    tend_statement_bind_string(add, 3, owed->key);
    tend_statement_bind_string(add, 4, owed->file);
    tend_statement_bind_int(add, 5, (int64_t)owed->line);
    tend_statement_bind_string(add, 6, owed->column);
    tend_statement_bind_string(add, 7, owed->reason ? owed->reason : "");
    tend_statement_bind_int(add, 8, at);
    status = tend_statement_run(add, reterr);
    tend_statement_end(add);
    return status;
}

tend_status tend_owed_settle(tend_store *store, const char *source, const char *stream, const char *key, size_t length,
                             tend_error *reterr)
{
    tend_statement *settle;
    tend_status status;

    if (!tend_store_has_table(store, "owed_records"))
        return TEND_OK;
    status = tend_store_prepare(store, "DELETE FROM owed_records WHERE source=?1 AND stream=?2 AND key=?3", &settle, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(settle, 1, source);
    tend_statement_bind_string(settle, 2, stream);
    tend_statement_bind_text(settle, 3, key, length);
    status = tend_statement_run(settle, reterr);
    tend_statement_end(settle);
    return status;
}

tend_status tend_owed_settle_stream(tend_store *store, const char *source, const char *stream, tend_error *reterr)
{
    return run(store, "DELETE FROM owed_records WHERE source=?1 AND stream=?2", (const char *[]){ source, stream }, 2, reterr);
}

tend_status tend_owed_settle_file(tend_store *store, const char *source, const char *file, tend_error *reterr)
{
    return run(store, "DELETE FROM owed_records WHERE source=?1 AND file=?2", (const char *[]){ source, file }, 2, reterr);
}

#define IS_UNREAD "substr(key, 1, 8)='" TEND_OWED_UNREAD "'"
_Static_assert(sizeof TEND_OWED_UNREAD == 9, "what IS_UNREAD compares");
#define DOUBTED "-1" /* as a line */

tend_status tend_owed_doubt_unread(tend_store *store, const char *source, const char *stream, tend_error *reterr)
{
    return run(store, "UPDATE owed_records SET line=" DOUBTED " WHERE source=?1 AND stream=?2 AND " IS_UNREAD,
               (const char *[]){ source, stream }, 2, reterr);
}

tend_status tend_owed_settle_doubted(tend_store *store, const char *source, const char *stream, tend_error *reterr)
{
    return run(store, "DELETE FROM owed_records WHERE source=?1 AND stream=?2 AND line=" DOUBTED " AND " IS_UNREAD,
               (const char *[]){ source, stream }, 2, reterr);
}

tend_status tend_owed_is_given_up(tend_store *store, const char *source, const char *stream, const char *key, bool *ret_is,
                                  tend_error *reterr)
{
    tend_statement *find;
    tend_status status;

    *ret_is = false;
    if (!tend_store_has_table(store, "owed_given_up"))
        return TEND_OK;
    status = tend_store_prepare(store, "SELECT 1 FROM owed_given_up WHERE source=?1 AND stream=?2 AND key=?3", &find, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(find, 1, source);
    tend_statement_bind_string(find, 2, stream);
    tend_statement_bind_string(find, 3, key);
    status = tend_statement_step(find, ret_is, reterr);
    tend_statement_end(find);
    return status;
}

tend_status tend_owed_passed(tend_store *store, const char *source, const char *stream, tend_error *reterr)
{
    if (!tend_store_has_table(store, "owed_given_up"))
        return TEND_OK;
    return run(store, "DELETE FROM owed_given_up WHERE source=?1 AND stream=?2", (const char *[]){ source, stream }, 2, reterr);
}

/* Messages that are to be done without, before they leave the list. `key` NULL: all of the source. */
static tend_status give_up(tend_store *store, const char *source, const char *key, tend_error *reterr)
{
    tend_status status = tend_store_run(store,
                                        "CREATE TABLE IF NOT EXISTS owed_given_up (source TEXT NOT NULL, stream TEXT NOT NULL,"
                                        " key TEXT NOT NULL, PRIMARY KEY (source, stream, key)) WITHOUT ROWID",
                                        reterr);

    if (status < 0)
        return status;
    return run(
        store,
        "INSERT OR IGNORE INTO owed_given_up SELECT source, stream, key FROM owed_records WHERE source=?1 AND (?2 IS NULL OR "
        "key=?2) AND " IS_UNREAD,
        (const char *[]){ source, key }, 2, reterr);
}

static tend_status count(tend_store *store, const char *sql, const char *first, const char *second, int64_t *ret_count,
                         tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status;

    *ret_count = 0;
    if (!tend_store_has_table(store, "owed_records"))
        return TEND_OK;
    status = tend_store_prepare(store, sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, first);
    tend_statement_bind_string(statement, 2, second);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status == TEND_OK && has_row)
        *ret_count = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

tend_status tend_owed_has_file(tend_store *store, const char *file, const char *except, bool *ret_has, tend_error *reterr)
{
    int64_t found;
    tend_status status =
        count(store, "SELECT count(*) FROM owed_records WHERE file=?1 AND source IS NOT ?2", file, except, &found, reterr);

    *ret_has = found > 0;
    return status;
}

tend_status tend_owed_source(tend_store *store, const char *file, tend_arena *arena, const char **ret_source, tend_error *reterr)
{
    tend_statement *find;
    bool has_row = false;
    size_t length;
    tend_status status;

    *ret_source = NULL;
    if (!tend_store_has_table(store, "owed_records"))
        return TEND_OK;
    status = tend_store_prepare(store, "SELECT min(source) FROM owed_records WHERE file=?1 HAVING min(source)=max(source)", &find,
                                reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(find, 1, file);
    status = tend_statement_step(find, &has_row, reterr);
    if (status == TEND_OK && has_row && !tend_statement_is_null(find, 0)) {
        const char *text = tend_statement_text(find, 0, &length);

        *ret_source = tend_arena_copy(arena, text, length);
        if (!*ret_source)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    tend_statement_end(find);
    return status;
}

tend_status tend_owed_count(tend_store *store, const char *source, int64_t *ret_count, tend_error *reterr)
{
    return count(store, "SELECT count(*) FROM owed_records WHERE (?1 IS NULL OR source=?1) AND ?2 IS NULL", source, NULL, ret_count,
                 reterr);
}

tend_status tend_owed_awaited(tend_store *store, const char *source, int64_t *ret_count, tend_error *reterr)
{
    return count(store, "SELECT count(*) FROM owed_records WHERE source=?1 AND ?2 IS NULL AND NOT " IS_UNREAD, source, NULL,
                 ret_count, reterr);
}

tend_status tend_owed_drop(tend_model *model, const char *source, const char *key, int64_t *ret_count, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    int64_t before, after;
    tend_status status = tend_model_begin(model, reterr);

    if (status < 0)
        return status;
    status = tend_owed_count(store, source, &before, reterr);
    if (status == TEND_OK && before > 0)
        status = give_up(store, source, key, reterr);
    if (status == TEND_OK)
        status = run(store, "DELETE FROM owed_records WHERE source=?1 AND (?2 IS NULL OR key=?2)", (const char *[]){ source, key },
                     2, reterr);
    if (status == TEND_OK)
        status = tend_owed_count(store, source, &after, reterr);
    if (status == TEND_OK && before == after)
        status =
            key ? tend_fail(reterr, TEND_ENOTFOUND, "source %s: owes no record '%s'; tend rejects list shows them", source, key)
                : tend_fail(reterr, TEND_ENOTFOUND, "source %s: owes no record; tend rejects list shows them", source);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    *ret_count = before - after;
    return tend_model_commit(model, reterr);
}
