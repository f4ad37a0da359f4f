/* crashes.h: how often a plugin's process ended as it should not, and what follows: back-off, then quarantine. Private to this
 * layer.
 *
 * Only the last hour counts. The first two crashes cost nothing but the call; after the third a new process waits 1 s, after the
 * fourth 4 s, and so on. A call that hung has cost time already: after the first a new process waits twice as long as the call did,
 * after the second four times as long, up to a quarter of an hour. As many as [plugins] quarantine_after put the plugin into
 * quarantine until somebody lets it out. */
#ifndef TEND_PLUGIN_CRASHES_H
#define TEND_PLUGIN_CRASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <tend/value.h>

enum { TEND_CRASHES_KEPT = 20, TEND_CRASHES_TEXT = 800 };

typedef struct tend_crashes {
    tend_time at[TEND_CRASHES_KEPT]; /* the newest last */
    unsigned count;
    tend_time not_before; /* of a new process, because of calls that hung */
    bool is_quarantined;  /* since the newest */
    char why[200];        /* of the newest */
} tend_crashes;

/* `limit` within an hour are quarantine (0: never); `hung_ms`: for so long nothing was heard of it, 0: it ended by itself. True
 * when this one was it. */
bool tend_crashes_add(tend_crashes *crashes, tend_time now, unsigned limit, int hung_ms, const char *why);
unsigned tend_crashes_lately(const tend_crashes *crashes, tend_time now);
/* When a new process may start; not after `now`: at once. */
tend_time tend_crashes_ready(const tend_crashes *crashes, tend_time now);

/* As one line, for keeping it; false when `text` is none. */
void tend_crashes_write(const tend_crashes *crashes, char ret_text[static TEND_CRASHES_TEXT]);
bool tend_crashes_read(const char *text, tend_crashes *ret_crashes);

#endif
