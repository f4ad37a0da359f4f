/* replay_inside.h: what the files of a replay share: what comes when (replay.c), what is asked for it (replay_ask.c), how it is
 * put (replay_put.c), and what waits for something else (replay_wait.c). */
#ifndef TEND_MODEL_REPLAY_INSIDE_H
#define TEND_MODEL_REPLAY_INSIDE_H

#include "model/inside.h"
#include "model/replay.h"

/* What is to be put once the row it waits for is there. */
typedef enum tend_waiting_what {
    TEND_WAITING_ROW = 1, /* the row `id`, or that version of a fact */
    TEND_WAITING_CHANGES, /* changes `id` to `last` of one row */
    TEND_WAITING_CLOSED,  /* the end of the fact `id` */
    TEND_WAITING_FIELD    /* a reference of the row `id`, to `last` */
} tend_waiting_what;

typedef struct tend_waiting {
    struct tend_waiting *next;
    tend_waiting_what what;
    tend_kind kind, for_kind; /* whose row; of what kind the row is that it waits for */
    int64_t id, last, for_id;
    int field;
} tend_waiting;

#define TEND_WAITING_BUCKETS 16384
typedef struct tend_waits {
    tend_arena *arena; /* owned: the entries */
    tend_waiting **buckets;
    tend_waiting *ready, **ready_end; /* what they waited for is there */
    tend_waiting *spare;
    int64_t count;
    uint64_t *there[TEND_KIND_COUNT]; /* a bit for each row that is there */
    size_t words[TEND_KIND_COUNT];
} tend_waits;

tend_status tend_waits_init(tend_waits *waits);
void tend_waits_clear(tend_waits *waits);
bool tend_waits_has(const tend_waits *waits, tend_kind kind, int64_t id);
/* It is there from now on; what waited for it is ready. */
tend_status tend_waits_came(tend_waits *waits, tend_kind kind, int64_t id);
tend_status tend_waits_add(tend_waits *waits, const tend_waiting *waiting);
/* The first that is ready, taken out; false when there is none. Rows come before everything else. */
bool tend_waits_take(tend_waits *waits, bool only_rows, tend_waiting *ret_waiting);

/* -- what comes -- */

enum { TEND_STREAMS = 2 * TEND_KIND_COUNT + 4 };
enum { REPLAY_ROW_ID, REPLAY_ROW_KNOWN, REPLAY_ROW_EFFECTIVE, REPLAY_ROW_ASSUMED, REPLAY_ROW_FACT, REPLAY_ROW_FIELDS };
enum {
    REPLAY_CHANGE_ID,
    REPLAY_CHANGE_KNOWN,
    REPLAY_CHANGE_KIND,
    REPLAY_CHANGE_ROW,
    REPLAY_CHANGE_FIELD,
    REPLAY_CHANGE_BEFORE,
    REPLAY_CHANGE_AFTER,
    REPLAY_CHANGE_EFFECTIVE,
    REPLAY_CHANGE_ASSUMED
};

typedef enum tend_stream_what {
    TEND_STREAM_ROWS = 1,
    TEND_STREAM_CHANGES,
    TEND_STREAM_CLOSED,
    TEND_STREAM_LINKED,
    TEND_STREAM_UNLINKED
} tend_stream_what;

/* What comes in order, one statement for each sort; columns 0 and 1 are the id and when it was known. */
typedef struct tend_stream {
    tend_stream_what what;
    const tend_kind_schema *kind; /* of rows and closed facts */
    tend_statement *statement;
    tend_time at; /* of the row that stands; TEND_NO_TIME: none is left */
} tend_stream;

struct tend_replay {
    tend_store *from; /* borrowed */
    tend_model *into;
    const tend_schema *schema;
    tend_principal principal;
    tend_origin origin;
    const char *without, *principal_name;
    bool has_runs; /* `from` ever had a playbook at work */
    tend_stream streams[TEND_STREAMS];
    size_t count;
    tend_waits waits;
    tend_arena *arena; /* of one put */
    tend_assignment *fields;
    int64_t in_transaction; /* rows put since it was begun; -1: none is open */
    tend_replay_counts counts;
};

tend_status tend_replay_no_memory(tend_error *reterr);
/* All rows of a kind in the order in which they became known, or with ?1 one of them; from the arena until it is reset. */
tend_status tend_replay_ask_rows(tend_replay *replay, const tend_kind_schema *kind, bool is_one, tend_statement **ret_statement,
                                 tend_error *reterr);
/* Facts that ended without a version that goes on: fact, when that was known. */
tend_status tend_replay_ask_closed(tend_replay *replay, const tend_kind_schema *kind, tend_statement **ret_statement,
                                   tend_error *reterr);
tend_status tend_replay_ask_changes(tend_replay *replay, tend_statement **ret_statement, tend_error *reterr);
#define REPLAY_CHANGES_ASKED \
    "SELECT c.id, c.known_at, c.kind, c.row, c.field, c.before, c.after, c.effective_at, c.known_assumed FROM changes c"

tend_status tend_replay_open_transaction(tend_replay *replay, tend_error *reterr);
tend_status tend_replay_put_row(tend_replay *replay, const tend_kind_schema *kind, tend_statement *statement, tend_error *reterr);
/* The change that stands in the statement, with those that belong to it; it stands behind them. */
tend_status tend_replay_put_changes(tend_replay *replay, tend_statement *statement, bool *ret_more, tend_error *reterr);
tend_status tend_replay_put_closed(tend_replay *replay, tend_kind kind, int64_t fact, tend_time at, tend_error *reterr);
tend_status tend_replay_put_link(tend_replay *replay, tend_stream *links, tend_error *reterr);
/* What waited, and may come now. */
tend_status tend_replay_put_ready(tend_replay *replay, bool only_rows, tend_error *reterr);

#endif
