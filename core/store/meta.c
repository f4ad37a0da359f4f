#include "store/inside.h"

tend_status tend_store_meta_get(tend_store *store, tend_arena *arena, const char *name, const char **ret_text, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    const char *text = NULL;
    tend_status status = tend_store_prepare(store, "SELECT text FROM meta WHERE name = ?1", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, name);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status < 0)
        goto out;
    if (!has_row) {
        status = tend_fail(reterr, TEND_ENOTFOUND, "%s: %s: no such setting of the store", store->path, name);
        goto out;
    }
    text = tend_arena_string(arena, tend_statement_text(statement, 0, NULL));
    if (!text) {
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path);
        goto out;
    }
    *ret_text = text;
out:
    tend_statement_end(statement);
    return status;
}

tend_status tend_store_meta_set(tend_store *store, const char *name, const char *text, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(store,
                                            "INSERT INTO meta (name, text) VALUES (?1, ?2) "
                                            "ON CONFLICT (name) DO UPDATE SET text = excluded.text",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, name);
    tend_statement_bind_string(statement, 2, text);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}
