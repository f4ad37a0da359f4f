/* hosted.h: one tend-host process as the calls of this layer see it. Private to this layer. */
#ifndef TEND_PLUGIN_HOSTED_H
#define TEND_PLUGIN_HOSTED_H

#include "base/arena.h"
#include "base/host_wire.h"
#include "base/process.h"
#include "plugin/registry.h"

/* Room for results that engine and host both see. */
typedef struct tend_results {
    tend_ratio *values; /* mapped; NULL: none */
    size_t bytes;
    int fd;
    bool is_taken;
    pid_t known_to; /* the host that has it mapped */
} tend_results;

struct tend_hosted {
    tend_plugins *plugins; /* borrowed */
    const char *name;
    char *origin; /* "plugin.csv", for the log */
    tend_plugin_use use;
    tend_arena *arena;
    tend_process process; /* pid 0: not running */

    bool is_described; /* only that: it is never opened */
    bool is_declared;  /* what follows has been filled, once and for all */
    const char *summary;
    tend_option *options;
    tend_declared *declared;
    size_t declared_count;

    tend_given *given; /* as handed over */
    size_t given_count;

    const tend_price_rule *rules; /* as handed over; in rules_arena */
    uint32_t rule_count;
    char *rules_capability;
    tend_arena *rules_arena; /* owned */

    tend_results results[TEND_HOST_SLOTS];
    uint64_t batch;     /* number of the sealed batch that the host has mapped; 0: none */
    pid_t batch_holder; /* the host that has it */

    tend_cell *cells; /* scratch of pulls; owned */
    uint32_t cell_room;
    char *items; /* items of a belt's block, copied before they are looked at; owned, room for one block; NULL: not needed yet */
};

/* Starts the host again when it has ended, then begins the frame of a call: now and capability are in it. */
tend_status tend_hosted_begin(tend_hosted *hosted, uint16_t type, const char *capability, tend_error *reterr);
tend_status tend_hosted_send(tend_hosted *hosted, int fd, const char *doing, tend_error *reterr);
/* The next frame of the answer, log lines taken out: *ret_type is its number, TEND_HOST_ALIVE, or TEND_HOST_DONE when the call went
 * well. A call that failed returns the plugin's failure. A host that ended, hung or lied is stopped, and that is said. */
tend_status tend_hosted_next(tend_hosted *hosted, const char *doing, int deadline_ms, uint16_t *ret_type, bool *ret_is_done,
                             tend_error *reterr);
/* Waits for DONE; any other frame is a lie. */
tend_status tend_hosted_finish(tend_hosted *hosted, const char *doing, tend_error *reterr);
/* The host broke the rules: it is stopped. */
tend_status tend_hosted_lied(tend_hosted *hosted, const char *doing, const char *what, tend_error *reterr);

/* price.c: the rules given to a host that has just started, where there are any. */
tend_status tend_hosted_give_rules(tend_hosted *hosted, tend_error *reterr);

/* declared.c */
tend_status tend_hosted_take_declared(tend_hosted *hosted, tend_error *reterr);

void tend_results_clear(tend_hosted *hosted); /* many.c */

struct tend_sealed {
    uint64_t number; /* no two of a process have the same */
    int fd;          /* owned */
    char *file;      /* mapped; hosts cannot write there */
    size_t bytes;
    tend_batch batch;
    tend_column *columns; /* owned */
};

/* batch_file.c: a sealed memfd of the batch; *ret_fd is owned. */
tend_status tend_batch_file(const tend_batch *batch, int *ret_fd, tend_error *reterr);

#endif
