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

/* Takes the next due message of `channel` and marks it as being sent, in one transaction; those that came outside the window wait
 * until it opens. TEND_ENOTFOUND without a sentence when none is due. */
tend_status outbox_claim(tend_model *model, const char *channel, const char *sink, const tend_outbox_window *window,
                         tend_arena *arena, outbox_message *ret_message, tend_error *reterr);
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
