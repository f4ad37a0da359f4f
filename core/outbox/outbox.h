/* outbox.h: what leaves the house: messages, delivered by sinks under a once-key.
 *
 * A message is a row, written in the transaction of what caused it. Delivery claims it, calls the sink's plugin with no
 * transaction open, and records what became of it; a message that was claimed when the process died is tried again under the same
 * once-key. Only a live store delivers: a simulated one keeps the rows as the list of what would have gone out. */
#ifndef TEND_OUTBOX_OUTBOX_H
#define TEND_OUTBOX_OUTBOX_H

#include "model/model.h"
#include "model/world.h"
#include "plugin/plugins.h"

/* [sink.NAME] plugin, channel, from, retry …, and free keys for the plugin. */
extern const tend_section tend_outbox_sections[];

typedef struct tend_outbox_draft {
    const char *once_key; /* a draft with a key that exists already is not added again */
    const char *channel;  /* "mail", "chat", "record": the sink of that channel takes it */
    const char *to;       /* address in the channel's terms; NULL: by `user` */
    int64_t user;         /* row of users, 0: none; gives address and language when those are NULL */
    const char *subject, *text, *language, *payload;
    int64_t account;      /* 0: none */
    int64_t run;          /* 0: none */
    tend_time not_before; /* TEND_NO_TIME: at once */
} tend_outbox_draft;

/* Tables; call once when the store can write. */
tend_status tend_outbox_prepare(tend_store *store, tend_error *reterr);
/* Needs an open transaction of the model. *ret_id is the new or the earlier row, *ret_is_new tells (may be NULL). */
tend_status tend_outbox_add(tend_model *model, const tend_origin *origin, const tend_outbox_draft *draft, int64_t *ret_id,
                            bool *ret_is_new, tend_error *reterr);

/* When messages of a sink may go out, in the zone of whoever gets them. */
typedef struct tend_outbox_window {
    bool is_given;   /* otherwise at any time */
    bool is_working; /* only in the recipient's working hours, too */
    tend_hours week[7];
} tend_outbox_window;
/* [sink.NAME] send and quiet; TEND_EINVAL says where and what is wrong. */
tend_status tend_outbox_window_read(const tend_config *config, const char *sink, tend_outbox_window *ret_window,
                                    tend_error *reterr);

typedef struct tend_outbox tend_outbox;
tend_status tend_outbox_open(tend_model *model, tend_plugins *plugins, const tend_config *config, tend_outbox **ret_outbox,
                             tend_error *reterr);
void tend_outbox_close(tend_outbox *outbox); /* accepts NULL */
/* Delivers what is due, at most `limit` messages. On a simulated store does nothing. */
tend_status tend_outbox_step(tend_outbox *outbox, int limit, int *ret_delivered, int *ret_failed, tend_error *reterr);
/* When the next message is due, TEND_NO_TIME when none waits. */
tend_status tend_outbox_next(tend_outbox *outbox, tend_time *ret_at, tend_error *reterr);
/* By hand: try a dead or delayed message again, at once even where it would wait for the time to send, or drop it with a reason. */
tend_status tend_outbox_release(tend_outbox *outbox, int64_t id, tend_error *reterr);
tend_status tend_outbox_drop(tend_outbox *outbox, int64_t id, const char *why, tend_error *reterr);

/* Without a sink: the message was taken, or with `error` refused for good. For worlds that have none. */
tend_status tend_outbox_settle(tend_model *model, int64_t id, const char *error, tend_error *reterr);

#endif
