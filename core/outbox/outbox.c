/* outbox.c: messages as rows: added with what caused them, released and dropped by hand. */
#include "outbox/inside.h"
#include <string.h>

tend_status tend_outbox_prepare(tend_store *store, tend_error *reterr)
{
    static const char tables[] =
        "CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, once_key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, "
        "recipient "
        "TEXT NOT NULL, user INTEGER NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL, payload TEXT NOT "
        "NULL, account INTEGER NOT NULL, run INTEGER NOT NULL, cause INTEGER NOT NULL, batch INTEGER NOT NULL, principal TEXT NOT "
        "NULL, created_at INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, tried_at "
        "INTEGER, sink TEXT, last_error TEXT) STRICT;"
        "CREATE INDEX IF NOT EXISTS outbox_due ON outbox (channel, next_at, id) WHERE state = 'waiting';"
        "CREATE INDEX IF NOT EXISTS outbox_sent ON outbox (channel, recipient, tried_at) WHERE state = 'sent';"
        "CREATE INDEX IF NOT EXISTS outbox_state ON outbox (state, id) WHERE state <> 'sent';"
        /* sinks that try nothing until their configuration changes; for those who look on */
        "CREATE TABLE IF NOT EXISTS sinks_stopped (sink TEXT PRIMARY KEY, channel TEXT NOT NULL, why TEXT NOT NULL, at INTEGER NOT "
        "NULL) STRICT;";

    bool has_released = false;
    tend_status status = tend_store_run(store, tables, reterr);

    if (status >= 0)
        status = tend_store_look_for(store, "outbox", "released", &has_released, reterr);
    if (status >= 0 && !has_released)
        status = tend_store_run(store, "ALTER TABLE outbox ADD COLUMN released INTEGER NOT NULL DEFAULT 0", reterr);
    return status;
}

/* Who is written to, and in which language, when the draft leaves it to the user's row. */
typedef struct recipient {
    const char *address, *language, *name; /* NULL: not known */
} recipient;

static tend_status find_recipient(tend_model *model, const tend_outbox_draft *draft, tend_arena *arena, recipient *ret_recipient,
                                  tend_error *reterr)
{
    tend_statement *statement = NULL;
    recipient found = { draft->to, draft->language, NULL };
    bool has_row = false;
    tend_status status;

    if (!draft->user) {
        *ret_recipient = found;
        return TEND_OK;
    }
    status =
        tend_store_prepare(tend_model_store(model), "SELECT email, language, name FROM users WHERE id = ?1", &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, draft->user);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        if (!found.address)
            found.address = tend_arena_string(arena, tend_statement_text(statement, 0, NULL));
        if (!found.language)
            found.language = tend_arena_string(arena, tend_statement_text(statement, 1, NULL));
        found.name = tend_arena_string(arena, tend_statement_text(statement, 2, NULL));
    }
    tend_statement_end(statement);
    *ret_recipient = found;
    return status;
}

static tend_status find_earlier(tend_store *store, const char *once_key, int64_t *ret_id, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(store, "SELECT id FROM outbox WHERE once_key = ?1", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, once_key);
    status = tend_statement_step(statement, &has_row, reterr);
    *ret_id = status >= 0 && has_row ? tend_statement_int(statement, 0) : 0;
    tend_statement_end(statement);
    return status;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static tend_status insert(tend_model *model, const tend_origin *origin, const tend_outbox_draft *draft, const recipient *to,
                          const char *fault, int64_t id, tend_error *reterr)
{
    const tend_time now = tend_model_now(model);
    const int64_t after[] = { draft->account, draft->run, origin->cause, origin->batch };
    const char *const texts[] = { draft->once_key,
                                  draft->channel,
                                  or_empty(to->address),
                                  NULL,
                                  or_empty(draft->subject),
                                  or_empty(draft->text),
                                  to->language ? to->language : "en",
                                  draft->payload ? draft->payload : "{}" };
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(
        tend_model_store(model),
        "INSERT INTO outbox (id, once_key, channel, recipient, user, subject, text, language, payload, account, "
        "run, cause, batch, principal, created_at, state, attempts, next_at, last_error) VALUES (?1, ?2, ?3, ?4, "
        "?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, ?17, ?18)",
        &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, id);
    for (int i = 0; i < 8; i++)
        if (texts[i])
            tend_statement_bind_string(statement, i + 2, texts[i]);
    tend_statement_bind_int(statement, 5, draft->user);
    for (int i = 0; i < 4; i++)
        tend_statement_bind_int(statement, i + 10, after[i]);
    tend_statement_bind_string(statement, 14, origin->principal->name);
    tend_statement_bind_int(statement, 15, now);
    tend_statement_bind_string(statement, 16, fault ? "dead" : "waiting");
    tend_statement_bind_int(statement, 17, draft->not_before == TEND_NO_TIME || draft->not_before < now ? now : draft->not_before);
    tend_statement_bind_string(statement, 18, fault);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

tend_status tend_outbox_add(tend_model *model, const tend_origin *origin, const tend_outbox_draft *draft, int64_t *ret_id,
                            bool *ret_is_new, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_arena *arena = tend_arena_new();
    const char *fault = NULL;
    recipient to = { 0 };
    int64_t id = 0;
    tend_status status = arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "outbox: memory is used up");

    if (status >= 0 && (!draft->once_key || !*draft->once_key || !draft->channel || !*draft->channel))
        status = tend_fail(reterr, TEND_EINVAL, "outbox: a message without a once-key or a channel; name both");
    if (status >= 0)
        status = find_earlier(store, draft->once_key, &id, reterr);
    if (status < 0)
        goto out;
    if (ret_is_new)
        *ret_is_new = id == 0;
    *ret_id = id;
    if (id != 0)
        goto out;
    status = find_recipient(model, draft, arena, &to, reterr);
    if (status >= 0)
        status = tend_store_ids(store, "outbox", 1, &id, reterr);
    if (status < 0)
        goto out;
    /* Kept and listed rather than lost. */
    if (!to.address && draft->user && strcmp(draft->channel, "mail") == 0)
        fault = tend_arena_print(arena, "user %s has no e-mail; tend set user '#%lld' email=… and tend outbox release %lld",
                                 to.name ? to.name : "", (long long)draft->user, (long long)id);
    status = insert(model, origin, draft, &to, fault, id, reterr);
    *ret_id = id;
out:
    tend_arena_free(arena);
    return status;
}

/* Runs one UPDATE with ?1 = id, ?2 = text, ?3 = now in a transaction of its own, or in the one that is open. */
static tend_status update_by_hand(tend_model *model, int64_t id, const char *sql, const char *text, const char *otherwise,
                                  tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    bool is_ours = !tend_store_in_transaction(store);
    tend_statement *statement = NULL;
    tend_status status = is_ours ? tend_store_begin(store, reterr) : TEND_OK;

    if (status < 0)
        return status;
    status = tend_store_prepare(store, sql, &statement, reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, id);
        tend_statement_bind_string(statement, 2, text);
        tend_statement_bind_int(statement, 3, tend_model_now(model));
        status = tend_statement_run(statement, reterr);
    }
    tend_statement_end(statement);
    if (status >= 0 && tend_store_changes(store) == 0)
        status =
            tend_fail(reterr, TEND_ENOTFOUND, "outbox: no message %lld that %s; see tend outbox list", (long long)id, otherwise);
    if (!is_ours)
        return status;
    if (status >= 0)
        return tend_store_commit(store, reterr);
    tend_store_rollback(store);
    return status;
}

tend_status outbox_release_row(tend_model *model, int64_t id, tend_error *reterr)
{
    return update_by_hand(
        model, id,
        "UPDATE outbox SET state = 'waiting', attempts = 0, released = 1, next_at = ?3, last_error = ?2, recipient = CASE WHEN "
        "recipient = '' THEN coalesce((SELECT u.email FROM users u WHERE u.id = outbox.user), '') ELSE recipient "
        "END WHERE id = ?1 AND state IN ('waiting', 'dead', 'dropped')",
        NULL, "waits, is dead or was dropped", reterr);
}

tend_status outbox_drop_row(tend_model *model, int64_t id, const char *why, tend_error *reterr)
{
    return update_by_hand(model, id,
                          "UPDATE outbox SET state = 'dropped', last_error = ?2 WHERE id = ?1 AND ?3 = ?3 AND state IN ('waiting', "
                          "'dead')",
                          why, "waits or is dead", reterr);
}

tend_status tend_outbox_settle(tend_model *model, int64_t id, const char *error, tend_error *reterr)
{
    return update_by_hand(
        model, id,
        error ? "UPDATE outbox SET state = 'dead', last_error = ?2, tried_at = ?3 WHERE id = ?1 AND state = 'waiting'"
              : "UPDATE outbox SET state = 'sent', last_error = ?2, tried_at = ?3 WHERE id = ?1 AND state = 'waiting'",
        error, "waits", reterr);
}
