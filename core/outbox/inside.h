/* inside.h: what the files of outbox share. */
#ifndef TEND_OUTBOX_INSIDE_H
#define TEND_OUTBOX_INSIDE_H

#include "outbox/outbox.h"

/* One claimed message. Texts are from the arena it was read into. */
typedef struct outbox_message {
    int64_t id, user;
    bool is_released; /* by hand: it goes at any time */
    const char *once_key;
    tend_message message;
} outbox_message;

/* cap.c: [sink.NAME] most, most_within, over. */
typedef struct outbox_cap {
    int64_t most, within_ms; /* 0: any number */
    const char *within;      /* as written; borrowed from the configuration */
    bool drops;              /* what is over, instead of letting it wait */
} outbox_cap;
outbox_cap outbox_cap_read(const tend_config *config, const char *sink);
/* *ret_why: the recipient has had enough until *ret_free_at. NULL: it may go. Released by hand it is not asked. */
tend_status outbox_cap_ask(const outbox_cap *cap, tend_model *model, const char *sink, const outbox_message *message,
                           tend_arena *arena, tend_time *ret_free_at, const char **ret_why, tend_error *reterr);

/* Takes the next due message of `channel` and marks it as being sent, in one transaction; those that came outside the window wait
 * until it opens, those that are too many for their recipient wait or are dropped. TEND_ENOTFOUND without a sentence when none is
 * due. */
tend_status outbox_claim(tend_model *model, const char *channel, const char *sink, const tend_outbox_window *window,
                         const outbox_cap *cap, tend_arena *arena, outbox_message *ret_message, tend_error *reterr);
/* window.c: now when it is open for this person (0: somebody without a row), else when it opens. */
tend_status outbox_window_opens(const tend_outbox_window *window, tend_model *model, int64_t user, tend_time *ret_at,
                                tend_error *reterr);
/* Writes what became of it, and whether the sink is stopped now, in one transaction. `why` NULL: nothing to say. */
tend_status outbox_record(tend_model *model, const outbox_message *message, const char *sink, const char *state, bool is_stopped,
                          uint32_t attempts, tend_time next_at, const char *why, tend_error *reterr);
/* What was being sent when the process died is to be sent again, under the same once-key. */
tend_status outbox_recover(tend_model *model, tend_error *reterr);
/* By hand. */
tend_status outbox_release_row(tend_model *model, int64_t id, tend_error *reterr);
tend_status outbox_drop_row(tend_model *model, int64_t id, const char *why, tend_error *reterr);

#endif
