/* model.h: the account model, written through one path.
 *
 * Connectors, imports, commands and playbooks all write by tend_model_put: checked by the schema, kept as changes or versions,
 * told to the bus. A row that says nothing new writes nothing and tells nobody; nor does a source that repeats what it said, when
 * somebody else has changed the value since (said.c). */
#ifndef TEND_MODEL_MODEL_H
#define TEND_MODEL_MODEL_H

#include "base/clock.h"
#include "base/zone.h"
#include "bus/bus.h"
#include "model/access.h"
#include "model/calendars.h"

typedef struct tend_model tend_model;

/* Borrows everything until close. Makes what is missing when the store can write. `bus` may be NULL for a reader. */
tend_status tend_model_open(tend_store *store, tend_bus *bus, const tend_schema *schema, tend_clock clock, tend_model **ret_model,
                            tend_error *reterr);
void tend_model_close(tend_model *model);
void tend_model_set_zone(tend_model *model, const tend_zone *zone); /* in which an absence begins and ends; UTC until then */
/* Borrowed; names in fields of the unit calendar are checked by them, due dates are counted by them. NULL until then. */
void tend_model_set_calendars(tend_model *model, tend_calendars *calendars);
tend_calendars *tend_model_calendars(const tend_model *model);
tend_store *tend_model_store(const tend_model *model); /* borrowed */
tend_bus *tend_model_bus(const tend_model *model);     /* borrowed */
const tend_schema *tend_model_schema(const tend_model *model);
tend_time tend_model_now(const tend_model *model);

/* One transaction of the model: commit publishes the events gathered since begin. */
tend_status tend_model_begin(tend_model *model, tend_error *reterr);
/* The same for work that nobody waits for and that is done again where it is missing: see tend_store_begin_soft. */
tend_status tend_model_begin_soft(tend_model *model, tend_error *reterr);
tend_status tend_model_commit(tend_model *model, tend_error *reterr);
void tend_model_rollback(tend_model *model);
/* Group commit: until group_commit, begin, commit and rollback work on savepoints of one transaction, which is synced once at its
 * end. Nothing done in between may be acknowledged before group_commit has returned TEND_OK. */
tend_status tend_model_group_begin(tend_model *model, tend_error *reterr);
tend_status tend_model_group_commit(tend_model *model, tend_error *reterr);
/* A part of the transaction that can be taken back with the events it gathered; a stack, at most 16 deep. Whoever shares a commit
 * uses these and not the store's own. */
tend_status tend_model_savepoint(tend_model *model, tend_error *reterr);
tend_status tend_model_release(tend_model *model, tend_error *reterr);
void tend_model_rollback_savepoint(tend_model *model);

/* Who writes, in what batch, because of what. */
typedef struct tend_origin {
    const tend_principal *principal; /* borrowed */
    int64_t source;                  /* row of the table sources, 0: by hand */
    int64_t batch;                   /* 0: none */
    int64_t cause;                   /* event sequence that led here, 0: from outside */
    bool is_history;                 /* imported past: its events start no playbook */
    bool is_held;                    /* events wait until the batch closes */
    int64_t forgets;                 /* undo: the source whose words are taken back with what it wrote; 0: none */
} tend_origin;

typedef struct tend_assignment {
    int field;        /* index in the kind's fields */
    tend_value value; /* of the field's type, or TEND_NULL */
} tend_assignment;

typedef struct tend_put {
    tend_kind kind;
    int64_t id;           /* 0: by identity (source, external), else a new row */
    const char *external; /* the source's id; NULL: none */
    size_t external_length;
    int64_t found;                 /* the row that `external` was seen to lead to, which is looked at first; 0: nobody looked */
    const tend_assignment *fields; /* those that the record names; others keep their value */
    int field_count;
    tend_time effective_at; /* entities: since when the new values are true; TEND_NO_TIME: known_at. Facts: from effective_field */
    tend_time known_at;     /* TEND_NO_TIME: now */
    bool known_assumed;     /* history that came without a time of its own */
    bool is_removed;        /* a tombstone: entities get removed_at, a fact's version is closed */
    const bool *fits;       /* by assignment: tend_field_fits said so of its value; NULL: nobody asked */
    bool is_checked;        /* tend_model_check let it pass, and its texts stay until the transaction has ended */
    bool is_again;          /* in a load: it put this external id before */
    int64_t as_id;          /* what is made, a row or a version, gets this id (replay.h); 0: the next one */
} tend_put;

typedef enum tend_put_outcome {
    TEND_PUT_CREATED = 1,
    TEND_PUT_UPDATED, /* a field changed, a fact got a new version, a tombstone closed it, or it came back */
    TEND_PUT_UNCHANGED,
    TEND_PUT_OLDER /* says something older than what is known: kept as history only, a removal not at all; counted as unchanged */
} tend_put_outcome;

typedef struct tend_put_result {
    int64_t id; /* entity: its row; fact: the row of the current version */
    tend_put_outcome outcome;
    int changed_count; /* fields that changed */
    int bad_field;     /* on TEND_EINVAL: the field's index, -1 when it is the row as a whole */
    int erased_count;  /* values that the record brings again although they were erased; they were left out (erase.h) */
    bool has_written;  /* the store has changed: also by a name that was bound, or by what a source is known to have said */
    bool is_shared;    /* a change was made, and the source has other records about the same row */
    bool is_settled;   /* the row holds just what the record says: said again it changes nothing until the kind's seal is broken */
} tend_put_result;

/* Needs tend_model_begin. Checks required fields, choices, references, currency, e-mail form, end >= start, no row its own parent,
 * no cycle in a tree (the sentence names it). On TEND_EINVAL nothing was written and the transaction goes on. */
tend_status tend_model_put(tend_model *model, const tend_origin *origin, const tend_put *put, tend_put_result *ret_result,
                           tend_error *reterr);
/* Whether the field may hold the value, asked ahead of tend_model_check so that this need not ask again. False, too, where only the
 * model can say: a reference, a calendar, a time zone. Any thread; `arena` is for what is made on the way. */
bool tend_field_fits(const tend_kind_schema *kind, int field, const tend_value *value, tend_arena *arena);
/* The checks alone, without references: what a dry look at one record can say. */
tend_status tend_model_check(const tend_model *model, const tend_put *put, bool is_new, tend_put_result *ret_result,
                             tend_error *reterr);

/* A first import: between begin and end, records of this source whose ids lead nowhere yet are gathered and inserted many at a
 * time, and empty tables have no indexes. begin comes before the first transaction, end after the last one; after a crash opening
 * the model builds what is missing. */
tend_status tend_model_load_begin(tend_model *model, int64_t source, tend_error *reterr);
/* How many records of the kind will come at the most; their ids are reserved at once. */
void tend_model_load_expect(tend_model *model, tend_kind kind, int64_t count);
tend_status tend_model_load_flush(tend_model *model, tend_error *reterr); /* before somebody else reads what was put */
tend_status tend_model_load_end(tend_model *model, tend_error *reterr);

/* A seal stands on a kind until a row of it becomes something else, whoever does that; new rows leave it whole. So whoever knows
 * what rows said when it was set knows it still. Never the same twice, also when an older store is restored. */
#define TEND_SEAL_ROOM 33
tend_status tend_seal_get(tend_model *model, tend_kind kind, tend_arena *arena, const char **ret_seal,
                          tend_error *reterr);                     /* or NULL */
bool tend_seal_is_broken(const tend_model *model, tend_kind kind); /* by this transaction */
/* A new one, after what this transaction did so far. */
tend_status tend_seal_set(tend_model *model, tend_kind kind, char ret_seal[static TEND_SEAL_ROOM], tend_error *reterr);
void tend_seals_break_all(tend_model *model); /* for who writes rows past tend_model_put, in a transaction of the model */

/* A rule of the kind looks at other rows of it: which ones are refused depends on the order in which they are put. */
bool tend_rules_look(tend_kind kind);

/* Sources are rows (name, plugin); made on first use. */
tend_status tend_model_source(tend_model *model, const char *name, int64_t *ret_source, tend_error *reterr);
/* Identity: (source, kind, external id) → row. *ret_id 0 when unknown. */
tend_status tend_identity_find(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length,
                               int64_t *ret_id, tend_error *reterr);
/* Whether this source has a name for any row of the kind. */
tend_status tend_identity_has_any(tend_model *model, int64_t source, tend_kind kind, bool *ret_has, tend_error *reterr);
tend_status tend_identity_bind(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length, int64_t id,
                               tend_error *reterr);
/* The row of `kind` that any source calls so; TEND_ENOTFOUND, or TEND_EINVAL when sources mean different rows. */
tend_status tend_identity_any(tend_model *model, tend_kind kind, const char *external, size_t length, int64_t *ret_id,
                              tend_error *reterr);
/* Row of `kind` whose field `field` (a KEY field, or name_field) reads `text`, compared folded; "#17" is the row id itself.
 * TEND_ENOTFOUND, or TEND_EINVAL when several match (the sentence lists up to five with their ids). */
tend_status tend_model_lookup(tend_model *model, tend_kind kind, int field, const char *text, size_t length, int64_t *ret_id,
                              tend_error *reterr);

#endif
