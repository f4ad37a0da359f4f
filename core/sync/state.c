#include "sync/state.h"

static tend_status make_tables(tend_store *store, tend_error *reterr)
{
    return tend_store_run(
        store,
        "CREATE TABLE IF NOT EXISTS bookmarks (source TEXT NOT NULL, stream TEXT NOT NULL, bookmark TEXT NOT NULL,"
        " at INTEGER NOT NULL, PRIMARY KEY (source, stream));"
        "CREATE TABLE IF NOT EXISTS syncs (source TEXT NOT NULL PRIMARY KEY, started_at INTEGER NOT NULL,"
        " ended_at INTEGER NOT NULL, good_at INTEGER, is_good INTEGER NOT NULL, why TEXT, read INTEGER NOT NULL,"
        " created INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL, rejected INTEGER NOT NULL)",
        reterr);
}

tend_status tend_bookmark_get(tend_model *model, const char *source, const char *stream, tend_arena *arena,
                              const char **ret_bookmark, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_statement *find;
    bool has_row = false;
    size_t length;
    tend_status status;

    *ret_bookmark = NULL;
    if (!tend_store_has_table(store, "bookmarks"))
        return TEND_OK;
    status = tend_store_prepare(store, "SELECT bookmark FROM bookmarks WHERE source=?1 AND stream=?2", &find, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(find, 1, source);
    tend_statement_bind_string(find, 2, stream);
    status = tend_statement_step(find, &has_row, reterr);
    if (status == TEND_OK && has_row) {
        const char *text = tend_statement_text(find, 0, &length);

        *ret_bookmark = tend_arena_copy(arena, text, length);
        if (!*ret_bookmark)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    tend_statement_end(find);
    return status;
}

tend_status tend_bookmark_set(tend_model *model, const char *source, const char *stream, const char *bookmark, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_statement *set;
    tend_status status = make_tables(store, reterr);

    if (status == TEND_OK)
        status = tend_store_prepare(store,
                                    "INSERT INTO bookmarks (source, stream, bookmark, at) VALUES (?1, ?2, ?3, ?4)"
                                    " ON CONFLICT (source, stream) DO UPDATE SET bookmark=excluded.bookmark, at=excluded.at"
                                    " WHERE bookmarks.bookmark<>excluded.bookmark",
                                    &set, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(set, 1, source);
    tend_statement_bind_string(set, 2, stream);
    tend_statement_bind_string(set, 3, bookmark);
    tend_statement_bind_int(set, 4, tend_model_now(model));
    status = tend_statement_run(set, reterr);
    tend_statement_end(set);
    return status;
}

tend_status tend_bookmark_forget(tend_model *model, const char *source, const char *stream, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_statement *forget;
    tend_status status;

    if (!tend_store_has_table(store, "bookmarks"))
        return TEND_OK;
    status = tend_store_prepare(store, "DELETE FROM bookmarks WHERE source=?1 AND stream=?2", &forget, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(forget, 1, source);
    tend_statement_bind_string(forget, 2, stream);
    status = tend_statement_run(forget, reterr);
    tend_statement_end(forget);
    return status;
}

#define MEANING_ROOM 160
static const char *meaning_of(const char *source, char ret_name[MEANING_ROOM])
{
    (void)snprintf(ret_name, MEANING_ROOM, "sync.mapping.%.120s", source);
    return ret_name;
}

tend_status tend_sync_meaning_get(tend_store *store, const char *source, tend_arena *arena, const char **ret_digest,
                                  tend_error *reterr)
{
    char name[MEANING_ROOM];
    tend_status status = tend_store_meta_get(store, arena, meaning_of(source, name), ret_digest, reterr);

    if (status == TEND_ENOTFOUND)
        *ret_digest = NULL;
    return status == TEND_ENOTFOUND ? TEND_OK : status;
}

tend_status tend_sync_state_get(tend_store *store, const char *source, tend_arena *arena, tend_sync_state *ret_state,
                                tend_error *reterr)
{
    tend_statement *find;
    bool has_row = false;
    size_t length;
    tend_status status;

    if (!tend_store_has_table(store, "syncs"))
        return tend_fail(reterr, TEND_ENOTFOUND, "source %s: was never synced", source);
    status = tend_store_prepare(store,
                                "SELECT started_at, ended_at, good_at, is_good, why, read, created, updated, unchanged, rejected"
                                " FROM syncs WHERE source=?1",
                                &find, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(find, 1, source);
    status = tend_statement_step(find, &has_row, reterr);
    if (status == TEND_OK && !has_row)
        status = tend_fail(reterr, TEND_ENOTFOUND, "source %s: was never synced", source);
    if (status == TEND_OK) {
        const char *why = tend_statement_text(find, 4, &length);

        *ret_state = (tend_sync_state){ .source = tend_arena_string(arena, source),
                                        .started_at = tend_statement_int(find, 0),
                                        .ended_at = tend_statement_int(find, 1),
                                        .good_at = tend_statement_is_null(find, 2) ? TEND_NO_TIME : tend_statement_int(find, 2),
                                        .is_good = tend_statement_int(find, 3) != 0,
                                        .why = why ? tend_arena_copy(arena, why, length) : NULL,
                                        .read = tend_statement_int(find, 5),
                                        .created = tend_statement_int(find, 6),
                                        .updated = tend_statement_int(find, 7),
                                        .unchanged = tend_statement_int(find, 8),
                                        .rejected = tend_statement_int(find, 9) };
    }
    tend_statement_end(find);
    return status;
}

static tend_status write_state(tend_model *model, const tend_sync_state *state, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    char name[MEANING_ROOM];
    tend_statement *set;
    tend_status status = make_tables(store, reterr);

    if (status == TEND_OK)
        status = tend_store_prepare(
            store,
            "INSERT INTO syncs (source, started_at, ended_at, good_at, is_good, why, read, created, updated, unchanged, rejected)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
            " ON CONFLICT (source) DO UPDATE SET started_at=excluded.started_at, ended_at=excluded.ended_at,"
            " good_at=COALESCE(excluded.good_at, syncs.good_at), is_good=excluded.is_good, why=excluded.why, read=excluded.read,"
            " created=excluded.created, updated=excluded.updated, unchanged=excluded.unchanged, rejected=excluded.rejected",
            &set, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(set, 1, state->source);
    tend_statement_bind_int(set, 2, state->started_at);
    tend_statement_bind_int(set, 3, state->ended_at);
    if (state->is_good)
        tend_statement_bind_int(set, 4, state->ended_at);
    else
        tend_statement_bind_null(set, 4);
    tend_statement_bind_int(set, 5, state->is_good);
    tend_statement_bind_string(set, 6, state->why);
    tend_statement_bind_int(set, 7, state->read);
    tend_statement_bind_int(set, 8, state->created);
    tend_statement_bind_int(set, 9, state->updated);
    tend_statement_bind_int(set, 10, state->unchanged);
    tend_statement_bind_int(set, 11, state->rejected);
    status = tend_statement_run(set, reterr);
    tend_statement_end(set);
    if (status == TEND_OK && state->meaning)
        status = tend_store_meta_set(store, meaning_of(state->source, name), state->meaning, reterr);
    return status;
}

tend_status tend_sync_state_set(tend_model *model, const tend_sync_state *state, tend_error *reterr)
{
    tend_status status = tend_model_begin(model, reterr);

    if (status < 0)
        return status;
    status = write_state(model, state, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    return tend_model_commit(model, reterr);
}
