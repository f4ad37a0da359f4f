/* intake.h: the first half of an import: every record read, checked, related and spooled; nothing stored. Inside sync only. */
#ifndef TEND_SYNC_INTAKE_H
#define TEND_SYNC_INTAKE_H

#include "plugin/plugins.h"
#include "sync/import.h"
#include "sync/keys.h"
#include "sync/ready.h"
#include "sync/repeat.h"
#include "sync/rising.h"
#include "sync/shelf.h"
#include "sync/spool.h"

enum {
    TEND_ENTRY_REJECTED = 1,
    TEND_ENTRY_STUB = 2,       /* made from a name that a record refers to */
    TEND_ENTRY_WANTED = 4,     /* a stub that a kept row refers to */
    TEND_ENTRY_REMOVED = 16,   /* a tombstone */
    TEND_ENTRY_OVERTAKEN = 32, /* a later one with its key says all it says: not applied, but it can be referred to */
    TEND_ENTRY_SECOND = 64,    /* one before it with its key is applied, too */
    TEND_ENTRY_PASSED = 8      /* it only says what its row holds (repeat.h) and is not in the spool */
};

#define TEND_TREE_MAX 100 /* levels of a tree in one import; checking a chain costs its square */

/* What is kept at hand of each row. */
typedef struct tend_entry {
    uint64_t line;
    uint32_t part;
    uint32_t up;  /* the row of this import above it in its tree, or TEND_NO_ROW; overtaken: the one that overtook it */
    uint64_t raw; /* hash of the bytes as they came */
    uint16_t depth;
    uint8_t rank, flags;
    uint32_t before; /* the row of this import with the same key that came before it, or TEND_NO_ROW */
} tend_entry;

typedef struct tend_intake_part {
    const tend_mapping_stream *stream; /* NULL: stubs of `kind` */
    const tend_kind_schema *kind;
    const char *file;
    const char *name;          /* the connector's stream */
    const char *const *header; /* original column names, from the arena; NULL: none yet */
    uint32_t header_count;
    int64_t read, same, rejected; /* same: read again, byte by byte */
    int64_t passed;               /* they only say what their rows hold */
    bool is_hashed;
    int64_t numbered, rounded, assumed; /* for remarks: repeats that got a number, rounded amounts, assumed known times */
    const char *bookmark;               /* the last checkpoint before a fault */
    int64_t faults;                     /* what the connector could make no record of */
    bool is_whole;                      /* of a source, read from its beginning: what is not in it is not there */
    bool is_anew;                       /* although there is a bookmark, which does not count any more */
    int64_t removals, ancient;          /* tombstones; times of change before 1990 */
    tend_time oldest;                   /* the first of these */
} tend_intake_part;

/* A field of the record in hand that refers to a row of its kind which may come later: borrowed text. */
typedef struct tend_later {
    size_t assigned;
    const char *text;
    size_t length;
} tend_later;

/* A reference to a row of the same kind that may come later. */
typedef struct tend_deferred {
    uint32_t row;
    int field; /* in the kind */
    const tend_mapping_field *by;
    uint64_t value_at; /* in the spool */
    const char *text;  /* from the arena */
    size_t length;
} tend_deferred;

/* A row that refers to a stub: the stub is wanted as long as one such row is kept. */
typedef struct tend_leaning {
    uint32_t row, stub;
} tend_leaning;

typedef struct tend_rejected {
    uint32_t part;
    uint64_t line;
    uint64_t offset;  /* of a spooled row with the original cells; 0: none */
    const char *key;  /* of what is no record (TEND_OWED_UNREAD), from the arena; NULL: the spooled row says it */
    size_t note;      /* the first that says why; the number of notes when it was left out */
    const char *file; /* the one to mend that holds it; NULL: none */
    bool came_well;   /* the same key did later on: nothing is owed */
} tend_rejected;

/* An external id that was looked for, and the row that has it. */
#define TEND_RECENT 16
typedef struct tend_recent {
    tend_kind kind; /* TEND_KIND_NONE: nothing stands here */
    uint32_t row, length;
    char text[52];
} tend_recent;

/* How far the reading was at the last bookmark of the current part. */
typedef struct tend_intake_mark {
    tend_intake_part part;
    size_t entry_count, deferred_count, rejected_count, note_count;
    int64_t notes_left;
} tend_intake_mark;

typedef struct tend_intake {
    tend_model *model;
    const tend_schema *schema;
    const tend_mapping *mapping;
    const tend_import_options *options;
    int64_t source;
    const char *source_name; /* borrowed */
    tend_arena *arena;       /* for the whole import */
    tend_arena *scratch;     /* for one record */
    tend_spool *spool;
    tend_intake_part *parts;
    size_t part_count, part_room;
    uint32_t current;    /* part */
    tend_entry *entries; /* on a shelf, as are: */
    uint64_t *offsets;   /* of the rows in the spool */
    size_t entry_count;
    tend_shelf entry_shelf, offset_shelf;
    tend_rising rising[TEND_KIND_COUNT];
    tend_keys identities, names, similar;   /* the first and the last not of kinds whose keys rise */
    tend_keys latest;                       /* of keys that came again: the last row */
    bool is_looked_up[TEND_KIND_COUNT][64]; /* fields by which references look up */
    tend_deferred *deferred;
    size_t deferred_count, deferred_room;
    tend_leaning *leaning;
    size_t leaning_count, leaning_room;
    tend_rejected *rejected;
    size_t rejected_count, rejected_room;
    tend_import_note *notes;
    size_t note_count, note_room;
    int64_t notes_left, stubs; /* stubs: counted when all is read, without those nobody wants */
    tend_repeats repeats;
    tend_readies readies;
    const tend_ready *ready; /* of the record at hand; NULL: nothing is known of it */
    tend_intake_mark mark;
    tend_time now;
    tend_recent recent[TEND_RECENT];
    bool has_legs, has_leg_ended; /* a long pull is stored piece by piece */
    bool may_grow;                /* columns may appear while it is read: whether one is missing is known at the end */
    bool is_refused;              /* nothing of it is to be kept, not even up to a bookmark */
    /* while one part is read: */
    size_t *bind;     /* column number of the mapping → cell, TEND_NO_COLUMN: not in this file */
    tend_cell *cells; /* by column number */
    bool *is_used;    /* fields of the stream whose columns are there */
    size_t key_cells; /* columns in the connector's own key */
    tend_assignment *assigned;
    bool *fits; /* of the same */
    uint64_t *value_offsets;
    tend_later *later; /* of the record in hand, one a field at most */
} tend_intake;

/* intake.c */
void tend_intake_count(tend_intake *intake); /* one record more */
tend_status tend_intake_note(tend_intake *intake, bool is_reject, uint64_t line, const char *column, const char *value,
                             size_t length, const char *reason);
tend_status tend_intake_reject(tend_intake *intake, uint32_t part, uint64_t line, uint64_t offset);
tend_status tend_intake_entry(tend_intake *intake, const tend_entry *entry, uint64_t offset, uint32_t *ret_row);
uint8_t tend_intake_rank(tend_kind kind);
/* Of records with one key the later one counts. */
bool tend_intake_takes_last(const tend_intake *intake, const tend_mapping_stream *stream);
const char *tend_intake_place(const tend_intake *intake,
                              uint32_t row); /* "line 17", "accounts.csv line 17"; from the scratch arena */
/* Reads one stream into the spool. `capability` and `bookmark` as tend_hosted_pull takes them. */
tend_status tend_intake_pull(tend_intake *intake, uint32_t part, tend_hosted *hosted, const char *capability, const char *bookmark,
                             tend_error *reterr);
/* Forgets what came after the last bookmark of the part that broke off; false when it gave none. */
bool tend_intake_cut(tend_intake *intake, uint32_t part);

/* columns.c: the names of the cells; a file that lacks what the stream reads is refused. */
tend_status tend_intake_columns(tend_intake *intake, const char *const *names, uint32_t count, const char *const *key,
                                tend_error *reterr);
/* When a source's stream was read: refused as a file is, and the whole pull with it; `is_open`: a column that no record named is
 * remarked, unless the mapping says reject. */
tend_status tend_intake_columns_end(tend_intake *intake, uint32_t part, bool is_open, tend_error *reterr);
/* record.c: one record into one row. */
tend_status tend_intake_record(tend_intake *intake, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                               tend_error *reterr);
tend_status tend_intake_tombstone(tend_intake *intake, const tend_cell *key, uint32_t count, tend_time removed_at,
                                  tend_error *reterr);

/* relate.c: references between records. */
typedef enum tend_relation { TEND_RELATED = 1, TEND_RELATED_LATER, TEND_RELATED_EMPTY, TEND_RELATED_REJECT } tend_relation;
/* What `text` refers to. On TEND_RELATED *ret_value is filled, on TEND_RELATED_REJECT `reason`. */
tend_status tend_intake_relate(tend_intake *intake, const tend_mapping_field *by, const tend_kind_schema *kind, const char *text,
                               size_t length, bool is_last_word, tend_value *ret_value, tend_relation *ret_relation,
                               tend_error *ret_reason);
/* After the last part of a kind: references to rows that came later; cycles and depth. */
tend_status tend_intake_settle(tend_intake *intake, tend_kind kind, tend_error *reterr);
/* Row `row` refers by `value`: remembered when that is a stub. */
tend_status tend_intake_lean(tend_intake *intake, uint32_t row, const tend_value *value);
/* Leaves out the stubs that no kept row refers to. */
void tend_intake_prune(tend_intake *intake);

/* order.c: the rows in the order in which they are applied, without the rejected: uint32_t on the shelf. *ret_found: int64_t by
 * row, the row of the store that it is about, 0: none or not looked for; an empty shelf when nothing was. */
tend_status tend_intake_order(tend_intake *intake, tend_shelf *ret_order, size_t *ret_count, tend_shelf *ret_found,
                              tend_error *reterr);

/* reject.c: marks the rejected records whose key came well later on. */
tend_status tend_intake_pass_mended(tend_intake *intake, tend_error *reterr);
/* The files to mend. Paths from the arena, NULL-terminated. */
tend_status tend_intake_write_rejects(tend_intake *intake, const char *folder, const char *const **ret_paths, tend_error *reterr);

#endif
