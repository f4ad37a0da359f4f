/* claim.c: taking a message to deliver, and writing down what became of it. */
#include "base/failpoint.h"
#include "outbox/inside.h"

static const char *copy(tend_statement *statement, int column, tend_arena *arena)
{
    size_t length = 0;
    const char *text = tend_statement_text(statement, column, &length);

    return tend_arena_copy(arena, text ? text : "", length);
}

static tend_status read_due(tend_model *model, const char *channel, tend_arena *arena, outbox_message *ret_message,
                            tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        tend_model_store(model),
        "SELECT id, once_key, channel, recipient, subject, text, language, payload, created_at, "
        "attempts, user, released FROM outbox WHERE state = 'waiting' AND channel = ?1 AND next_at <= ?2 ORDER BY "
        "next_at, id LIMIT 1",
        &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, channel);
    tend_statement_bind_int(statement, 2, tend_model_now(model));
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && !has_row)
        status = TEND_ENOTFOUND;
    if (status >= 0) {
        ret_message->id = tend_statement_int(statement, 0);
        ret_message->user = tend_statement_int(statement, 10);
        ret_message->is_released = tend_statement_int(statement, 11) != 0;
        ret_message->once_key = copy(statement, 1, arena);
        ret_message->message = (tend_message){ .size = sizeof ret_message->message,
                                               .channel = copy(statement, 2, arena),
                                               .to = copy(statement, 3, arena),
                                               .subject = copy(statement, 4, arena),
                                               .text = copy(statement, 5, arena),
                                               .language = copy(statement, 6, arena),
                                               .payload = copy(statement, 7, arena),
                                               .created_at = tend_statement_int(statement, 8),
                                               .attempt = (uint32_t)tend_statement_int(statement, 9) + 1 };
        if (!ret_message->once_key || !ret_message->message.channel || !ret_message->message.to || !ret_message->message.subject ||
            !ret_message->message.text || !ret_message->message.language || !ret_message->message.payload)
            status = tend_fail(reterr, TEND_ENOMEM, "outbox: no memory for a message");
    }
    tend_statement_end(statement);
    return status;
}

/* It waits until then, or is dropped. */
static tend_status defer(tend_model *model, int64_t id, const char *state, tend_time until, const char *why, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(
        tend_model_store(model), "UPDATE outbox SET next_at = ?2, last_error = ?3, state = ?4 WHERE id = ?1", &statement, reterr);

    if (status >= 0) {
        tend_statement_bind_int(statement, 1, id);
        tend_statement_bind_int(statement, 2, until);
        tend_statement_bind_string(statement, 3, why);
        tend_statement_bind_string(statement, 4, state);
        status = tend_statement_run(statement, reterr);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status mark(tend_model *model, int64_t id, const char *sink, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(
        tend_model_store(model),
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, tried_at = ?2, sink = ?3 WHERE id = ?1", &statement, reterr);

    if (status >= 0) {
        tend_statement_bind_int(statement, 1, id);
        tend_statement_bind_int(statement, 2, tend_model_now(model));
        tend_statement_bind_string(statement, 3, sink);
        status = tend_statement_run(statement, reterr);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status end(tend_store *store, tend_status status, tend_error *reterr)
{
    if (status >= 0)
        return tend_store_commit(store, reterr);
    tend_store_rollback(store);
    return status;
}

/* Whether it has to wait, or is dropped: then that is written. */
static tend_status defer_some(tend_model *model, const char *sink, const tend_outbox_window *window, const outbox_cap *cap,
                              const outbox_message *message, tend_arena *arena, bool *ret_deferred, tend_error *reterr)
{
    tend_time opens, free_at;
    const char *why;
    tend_status status = outbox_window_opens(window, model, message->user, &opens, reterr);

    *ret_deferred = status >= 0 && opens > tend_model_now(model);
    if (*ret_deferred)
        return defer(model, message->id, "waiting", opens, tend_arena_print(arena, "waits for the time to send of [sink.%s]", sink),
                     reterr);
    if (status >= 0)
        status = outbox_cap_ask(cap, model, sink, message, arena, &free_at, &why, reterr);
    *ret_deferred = status >= 0 && why;
    return *ret_deferred ? defer(model, message->id, cap->drops ? "dropped" : "waiting", free_at, why, reterr) : status;
}

tend_status outbox_claim(tend_model *model, const char *channel, const char *sink, const tend_outbox_window *window,
                         const outbox_cap *cap, tend_arena *arena, outbox_message *ret_message, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_status status = tend_store_begin(store, reterr);
    bool is_deferred = true;

    if (status < 0)
        return status;
    while (status >= 0 && is_deferred) {
        is_deferred = false;
        status = read_due(model, channel, arena, ret_message, reterr);
        if (status < 0 || ret_message->is_released)
            break;
        status = defer_some(model, sink, window, cap, ret_message, arena, &is_deferred, reterr);
    }
    if (status == TEND_ENOTFOUND) { /* what was deferred is kept */
        status = tend_store_commit(store, reterr);
        return status < 0 ? status : TEND_ENOTFOUND;
    }
    if (status >= 0)
        status = mark(model, ret_message->id, sink, reterr);
    status = end(store, status, reterr);
    if (status >= 0)
        tend_failpoint("outbox.claim.after");
    return status;
}

/* Whether the sink is stopped stands beside what became of its message. */
static tend_status mark_sink(tend_model *model, const char *sink, const char *channel, const char *stopped, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(
        tend_model_store(model),
        stopped ? "INSERT INTO sinks_stopped (sink, channel, why, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (sink) DO UPDATE SET "
                  "channel = excluded.channel, why = excluded.why WHERE why <> excluded.why OR channel <> excluded.channel"
                : "DELETE FROM sinks_stopped WHERE sink = ?1",
        &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, sink);
    if (stopped) {
        tend_statement_bind_string(statement, 2, channel);
        tend_statement_bind_string(statement, 3, stopped);
        tend_statement_bind_int(statement, 4, tend_model_now(model));
    }
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

tend_status outbox_record(tend_model *model, const outbox_message *message, const char *sink, const char *state, bool is_stopped,
                          uint32_t attempts, tend_time next_at, const char *why, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_statement *statement = NULL;
    tend_status status = tend_store_begin(store, reterr);

    if (status < 0)
        return status;
    /* What a person did to it while it was on its way stands. */
    status =
        tend_store_prepare(store,
                           "UPDATE outbox SET state = ?2, attempts = ?3, next_at = ?4, last_error = ?5 WHERE id = ?1 AND state = "
                           "'sending'",
                           &statement, reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, message->id);
        tend_statement_bind_string(statement, 2, state);
        tend_statement_bind_int(statement, 3, attempts);
        tend_statement_bind_int(statement, 4, next_at);
        tend_statement_bind_string(statement, 5, why);
        status = tend_statement_run(statement, reterr);
    }
    tend_statement_end(statement);
    if (status >= 0)
        status = mark_sink(model, sink, message->message.channel, is_stopped ? why : NULL, reterr);
    return end(store, status, reterr);
}

tend_status outbox_recover(tend_model *model, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_status status = tend_store_begin(store, reterr);

    if (status < 0)
        return status;
    status = tend_store_run(store, "UPDATE outbox SET state = 'waiting' WHERE state = 'sending'", reterr);
    return end(store, status, reterr);
}
