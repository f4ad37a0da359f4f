/* host.h: one loaded plugin, and what its calls need. Private to tend-host. */
#ifndef TEND_HOST_HOST_H
#define TEND_HOST_HOST_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/host_wire.h"

typedef struct host_given {
    char *key, *value; /* owned */
    bool is_secret;
} host_given;

typedef struct host_state {
    tend_host table; /* first: what the plugin gets points here */
    tend_wire *wire; /* owned */
    tend_plugin_note note;
    const tend_plugin *plugin;
    void *self;
    int64_t identity[4]; /* of the file that the engine looked at */
    int sealed;          /* fd of the bytes that were signed, to be loaded instead of the file; 0: there are none */
    bool is_described;   /* it has no rights and is never opened */
    bool is_by_hand;     /* called by a person in this process: nothing is confined, and there is no wire */
    bool is_open;

    host_given *given; /* owned */
    uint32_t given_count;

    tend_time now;
    int64_t alive_ms; /* monotonic: when something was last sent to the engine */
    bool is_cancelled;
    tend_status lost;           /* of the wire: below zero once the engine is gone */
    tend_buffer items;          /* of a pull, not yet sent */
    char *belt;                 /* mapped while one goes on; NULL: there is none */
    uint32_t block, blocks_out; /* that is being filled; so many before it are still read */
    size_t block_used;
    bool is_stepped;                /* each is sent by itself, and the next when the engine says GO */
    void *results[TEND_HOST_SLOTS]; /* mapped rooms for ratios, shared with the engine */
    size_t result_bytes[TEND_HOST_SLOTS];
    struct host_batch *batch; /* owned: the last one that several were computed over; NULL: none */
    tend_arena *rules;        /* owned: the price rules that the plugin has */
    int prints;               /* where what the plugin prints itself can be read; 0: nowhere */
} host_state;

/* load.c */
tend_status host_load(host_state *host, const char *path, unsigned granted, int64_t memory, tend_error *reterr);

/* table.c: the functions the plugin is given */
void host_table_init(host_state *host);
void host_send(host_state *host); /* the frame that was built; a failure is kept in `lost` */
int64_t host_clock_ms(void);
/* Frames that came during a call; true when the engine wants it to end. */
bool host_is_cancelled(host_state *host);
/* `text` with every secret replaced, cut to `room`. */
void host_mask(host_state *host, const char *text, char *ret_text, size_t room);

/* prints.c: what the plugin writes to standard output and error, out of which secrets have to be taken, too: each line becomes one
 * of the log. More than a pipe holds within one call is lost, and so is what a plugin prints before it crashes. */
tend_status host_prints_catch(host_state *host, tend_error *reterr);
void host_prints_tell(host_state *host);

/* serve.c: calls until CLOSE or the engine is gone. */
void host_declare(host_state *host);
void host_serve(host_state *host);
void host_forget_given(host_state *host); /* wipes what was secret */
void host_done(host_state *host, tend_status status, const tend_error *error);
const void *host_capability(const host_state *host, const char *name, int32_t kind, tend_error *reterr);

/* pull.c, kpi.c, price.c, sink.c: one call each, from its payload to before DONE */
tend_status host_streams(host_state *host, tend_error *reterr);
tend_status host_pull(host_state *host, int fd, tend_error *reterr);
tend_status host_compute(host_state *host, int fd, tend_error *reterr);
tend_status host_compute_many(host_state *host, int fd, tend_error *reterr);
void host_let_go(host_state *host); /* of the batch that is held */
tend_status host_take_results(host_state *host, int fd, tend_error *reterr);
tend_status host_explain(host_state *host, int fd, tend_error *reterr);
tend_status host_interval(host_state *host, tend_error *reterr);
tend_status host_deliver(host_state *host, tend_error *reterr);
tend_status host_rules(host_state *host, tend_error *reterr);
tend_status host_apply(host_state *host, tend_error *reterr);
tend_status host_examine(host_state *host, tend_error *reterr);

#endif
