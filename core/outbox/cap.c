/* cap.c: how many messages of a sink one recipient gets within a time. */
#include "outbox/inside.h"

#include <string.h>

outbox_cap outbox_cap_read(const tend_config *config, const char *sink)
{
    return (outbox_cap){ .most = tend_config_int(config, "sink", sink, "most"),
                         .within_ms = tend_config_int(config, "sink", sink, "most_within"),
                         .within = tend_config_text(config, "sink", sink, "most_within"),
                         .drops = strcmp(tend_config_text(config, "sink", sink, "over"), "drop") == 0 };
}

tend_status outbox_cap_ask(const outbox_cap *cap, tend_model *model, const char *sink, const outbox_message *message,
                           tend_arena *arena, tend_time *ret_free_at, const char **ret_why, tend_error *reterr)
{
    const tend_time now = tend_model_now(model);
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    *ret_free_at = now;
    *ret_why = NULL;
    if (cap->most == 0)
        return TEND_OK;
    status = tend_store_prepare(tend_model_store(model),
                                "SELECT tried_at FROM outbox WHERE state = 'sent' AND channel = ?1 AND recipient = ?2 AND (?2 <> ''"
                                " OR user = ?3) AND tried_at > ?4 ORDER BY tried_at DESC LIMIT 1 OFFSET ?5",
                                &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, message->message.channel);
    tend_statement_bind_string(statement, 2, message->message.to);
    tend_statement_bind_int(statement, 3, message->user);
    tend_statement_bind_int(statement, 4, now - cap->within_ms);
    tend_statement_bind_int(statement, 5, cap->most - 1);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        *ret_free_at = tend_statement_int(statement, 0) + cap->within_ms;
        *ret_why =
            tend_arena_print(arena, "%s: %s has had %lld message%s within %s ([sink.%s] most)", cap->drops ? "dropped" : "waits",
                             message->message.to[0] ? message->message.to : "the recipient", (long long)cap->most,
                             cap->most == 1 ? "" : "s", cap->within, sink);
        if (!*ret_why)
            status = tend_fail(reterr, TEND_ENOMEM, "outbox: no memory for a message");
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}
