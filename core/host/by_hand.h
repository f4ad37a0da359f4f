/* by_hand.h: tend-host without tend: one plugin, called by a person, in this very process, under gdb or valgrind.
 *
 *     tend-host --by-hand FILE [setting=value…] [CALL…]
 *
 * The rest of the words is one call; without it each line of standard input is one. Nothing is confined and there is no limit of
 * memory: the plugin may do what the person may who starts it. Settings arrive as they are written, but durations (as milliseconds)
 * and lists (split at commas); paths are of the working folder. The exit status is 1 when a call failed, 2 for wrong words. */
#ifndef TEND_HOST_BY_HAND_H
#define TEND_HOST_BY_HAND_H

#include "host/host.h"

/* `words`: what comes after --by-hand, NULL-terminated. Returns the exit status. */
int host_by_hand(host_state *host, char **words);

/* by_hand_calls.c: one call of these words; false when it failed. `lines`: where further lines of the call come from. */
bool host_by_hand_call(host_state *host, char **words, int count, FILE *lines);
void host_by_hand_help(const host_state *host);

/* by_hand_batch.c: the columns of a batch, one line each: accounts between '|', values between blanks, ? not known, dates as
 * YYYY-MM-DD; other words become the column's words. `from` and `to` are those of the batch. */
typedef struct hand_batch {
    tend_batch batch;
    tend_column *columns; /* owned, and what they point to */
} hand_batch;
tend_status hand_batch_read(const tend_input *inputs, tend_date from, tend_date to, FILE *lines, hand_batch *ret_batch,
                            tend_error *reterr);
void hand_batch_clear(hand_batch *batch);

#endif
