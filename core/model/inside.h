/* inside.h: what the files of this layer share. Nobody else includes it. */
#ifndef TEND_MODEL_INSIDE_H
#define TEND_MODEL_INSIDE_H

#include "base/buffer.h"
#include "base/zone.h"
#include "model/batch.h"
#include "model/merge.h"

/* -- schema -- */

/* Statements that depend on the schema alone. Borrowed from it. */
typedef struct tend_schema_sql {
    const char *columns;   /* tend_row_columns for the alias r */
    const char *live;      /* the live rows, for FROM */
    const char *read_any;  /* ?1 id: columns, batch, removed_at or closed_at */
    const char *read_live; /* the same of what is not gone; facts: ?1 is the fact */
    const char *names;     /* tend_schema_names_of */
    const char *find_name; /* ?1 source, ?2 external: row, said */
    const char *row_names; /* ?1 row: source, external, said */
    const char *is_named;  /* ?1 row, ?2 source, ?3 external: a row when it is called so and nothing more was said */
    const char *any_name;  /* ?1 source: a row when it has a name for one of the kind */
} tend_schema_sql;

bool tend_schema_has(const tend_schema *schema, tend_kind kind);
const tend_schema_sql *tend_schema_sql_of(const tend_schema *schema, tend_kind kind);
tend_status tend_schema_custom(const tend_schema *schema, const tend_config *config, tend_kind_schema *kind, tend_arena *arena,
                               tend_error *reterr);
void tend_schema_write_indexes(const tend_kind_schema *kind, tend_buffer *sql);
bool tend_schema_is_indexed(const tend_kind_schema *kind, int field);
tend_status tend_schema_custom_check(const tend_schema *schema, const tend_config *config, tend_error *reterr);

/* -- events and rows gathered in a transaction -- */

#define TEND_WHAT_ROOM 40
typedef struct tend_gathered {
    tend_kind kind;
    char what[TEND_WHAT_ROOM]; /* "created", "updated", "removed", "signed" … */
    int64_t first, last, account, batch, cause;
    bool is_history, is_held;
} tend_gathered;

typedef struct tend_made {
    tend_kind kind;
    int64_t first, last, batch;
} tend_made;

typedef struct tend_gather {
    tend_gathered *events;
    size_t count, room;
    tend_made *made;
    size_t made_count, made_room;
    size_t *told; /* open hash of updated events: index + 1 */
    size_t told_count, told_room;
    size_t last_created[TEND_KIND_COUNT], last_word[TEND_KIND_COUNT], last_made[TEND_KIND_COUNT]; /* index + 1, 0: none */
    int64_t first_new[TEND_KIND_COUNT]; /* the first id made in this transaction, 0: none */
} tend_gather;

typedef struct tend_gather_mark {
    size_t count, made_count;
    int64_t first_new[TEND_KIND_COUNT];
} tend_gather_mark;

void tend_gather_clear(tend_gather *gather); /* frees */
void tend_gather_reset(tend_gather *gather);
tend_gather_mark tend_gather_here(tend_gather *gather); /* later ranges do not grow earlier ones */
void tend_gather_back(tend_gather *gather, const tend_gather_mark *mark);
tend_status tend_gather_made(tend_gather *gather, tend_kind kind, int64_t id, int64_t batch, tend_error *reterr);
tend_status tend_gather_created(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                                tend_error *reterr);
tend_status tend_gather_updated(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                                tend_error *reterr);
tend_status tend_gather_word(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                             const char *word, size_t length, tend_error *reterr);
tend_status tend_gather_event(tend_gather *gather, const tend_origin *origin, tend_kind kind, int64_t id, int64_t account,
                              const char *what, tend_error *reterr);
/* Publishes what was gathered and writes the rows of batches down; forgets both. */
tend_status tend_gather_flush(tend_model *model, tend_error *reterr);

/* -- the model -- */

typedef struct tend_lookup tend_lookup;
typedef struct tend_load tend_load;

#define TEND_KNOWN_REFS 64
typedef struct tend_model_kind {
    tend_statement *insert, *select, *find_name, *is_named, *close; /* made on first use, kept until close */
    bool *changed;                       /* by field, the last one for the row itself: has changes on record */
    int64_t version;                     /* grows when a row of the kind is written */
    int64_t known_refs[TEND_KNOWN_REFS]; /* rows that were seen to exist, by id */
    tend_lookup *lookups;                /* owned list */
    enum {
        TEND_ALIASES_UNKNOWN = 0,
        TEND_ALIASES_NONE,
        TEND_ALIASES_SOME
    } aliases; /* names beside the rows, in this transaction */
} tend_model_kind;

#define TEND_SAVEPOINTS 16
struct tend_model {
    tend_store *store;
    tend_bus *bus;
    const tend_schema *schema;
    tend_clock clock;
    const tend_zone *zone;     /* in which a day begins; NULL: UTC */
    tend_calendars *calendars; /* borrowed; NULL: names of calendars are not checked */
    tend_model_kind kinds[TEND_KIND_COUNT];
    tend_statement *identity_bind, *change_insert, *change_newest;
    tend_gather gather;
    tend_gather_mark marks[TEND_SAVEPOINTS];
    int mark_count;
    bool is_grouped;                  /* begin, commit and rollback work on savepoints */
    tend_value *current, *merged;     /* room for the widest kind */
    tend_arena *scratch;              /* reset by each put */
    tend_arena *checking;             /* reset by each check */
    bool has_roots;                   /* some account is or was merged */
    tend_load *load;                  /* owned; NULL: none is on */
    int64_t writes;                   /* rows, changes, names and words of sources written so far */
    int64_t opened, opened_at;        /* the batch opened last in this transaction, and `writes` then */
    bool has_erased;                  /* something was erased */
    bool is_touched[TEND_KIND_COUNT]; /* a row of the kind became something else in this transaction */
    tend_statement *seal_break;
};

/* The statement in *kept, prepared on first use. */
tend_status tend_model_keep(tend_model *model, tend_statement **kept, const char *sql, tend_error *reterr);
/* The account that events of this row carry, merged accounts resolved. `values` are the row's. */
tend_status tend_model_account(tend_model *model, const tend_kind_schema *kind, int64_t id, const tend_value *values,
                               int64_t *ret_account, tend_error *reterr);
/* What an account is read as now; itself when it is not merged. */
tend_status tend_model_root(tend_model *model, int64_t account, int64_t *ret_root, tend_error *reterr);
tend_status tend_model_refuse_outside(const tend_model *model, tend_error *reterr); /* TEND_ERROR without a transaction */
/* access_approval.c: whether a person may change or remove this approval. TEND_EDENIED says whose it is. */
tend_status tend_access_may_decide(tend_model *model, const tend_principal *principal, int64_t approval, tend_error *reterr);
void tend_lookup_free(tend_lookup *lookups);
void tend_model_touched(tend_model *model, tend_kind kind); /* a row became something else: caches and the seal no longer hold */
tend_status tend_seals_break(tend_model *model, tend_error *reterr); /* of the kinds touched in this transaction */

/* -- rows -- */

bool tend_stored_equal(const tend_value *a, const tend_value *b);
/* A field's value from a column; texts stay the statement's. */
void tend_stored_read(tend_statement *statement, int column, const tend_field *field, tend_value *ret_value);
/* Gives money its currency, from the row's currency field. */
void tend_row_currency(const tend_kind_schema *kind, tend_value *values);

enum {
    TEND_ROW_ID = 0,
    TEND_ROW_EFFECTIVE,
    TEND_ROW_KNOWN,
    TEND_ROW_ASSUMED,
    TEND_ROW_RECORDED,
    TEND_ROW_FIELDS /* where the fields begin; when read by tend_schema_sql, what stands at TEND_ROW_… after them */
};

enum { TEND_ROW_BATCH = 0, TEND_ROW_GONE, TEND_ROW_SOURCE, TEND_ROW_EXTERNAL }; /* gone: removed_at or closed_at */

/* -- what sources said (said.c) -- */

typedef struct tend_said_entry tend_said_entry;
typedef struct tend_said_change tend_said_change;
typedef struct tend_said {
    tend_said_entry *entries; /* of the identity by which the record came; from the scratch arena */
    size_t count, room;
    bool is_changed;
    tend_said_change *changes; /* what this record changes in the row, for the other identities of it */
    size_t change_count;
    int64_t row; /* the entity or the fact */
} tend_said;

/* -- writing -- */

typedef struct tend_writing {
    tend_model *model;
    const tend_origin *origin;
    const tend_put *put;
    const tend_kind_schema *kind;
    tend_time now, effective_at, known_at;
    bool is_bound;   /* the source's id leads to a row already */
    bool is_named;   /* which bears it itself */
    bool is_read;    /* and stands in the kind's `select` */
    bool is_loading; /* a new row of a load */
    tend_said *said; /* never NULL while a record is put */
    tend_put_result *result;
    tend_error *reterr;
} tend_writing;

/* One change on record; field -1: the row itself. */
tend_status tend_change_write(const tend_writing *writing, int64_t row, int field, const tend_value *before,
                              const tend_value *after, tend_time effective_at);
tend_status tend_row_insert(const tend_writing *writing, int64_t id, int64_t fact, tend_time effective_at, const tend_value *values,
                            tend_time closed_at, tend_time closed_known);
tend_status tend_entity_put(const tend_writing *writing, int64_t id);
tend_status tend_fact_put(const tend_writing *writing, int64_t fact);
/* The row holds what the record says, and nothing is noted of its source. The record is laid over the row's values already. */
bool tend_put_is_same(const tend_writing *writing, const tend_value *values);
/* Something of the record is written. */
void tend_put_wrote(const tend_writing *writing);
/* Finds the row of the record's own id (0: none) and what its source said last. */
tend_status tend_put_find(tend_writing *writing, int64_t *ret_id);
/* Binds the record's own id to the row, when it is not bound yet. */
tend_status tend_put_bind(const tend_writing *writing, int64_t id);
void tend_put_currency(const tend_kind_schema *kind, const tend_put *put, tend_value *values);
/* The assignments laid over the row's values, texts in NFC. */
tend_status tend_put_merge(const tend_writing *writing, tend_value *values);

/* Writes a new row with the record's values (model->merged); with its identity, and who made it when no batch says so. */
tend_status tend_put_create(const tend_writing *writing, int64_t *ret_id);
/* When a fact happened; an entity's values are true since the record says so. */
tend_time tend_put_happened(const tend_writing *writing, const tend_value *values);

/* When fields of the row were erased, the record without them: then writing->put is `kept`. */
tend_status tend_erased_leave(tend_writing *writing, int64_t row, tend_put *kept);
/* What an erased row is called instead of a source's name for it. From the scratch arena. */
tend_status tend_erased_name(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length,
                             const char **ret_name, tend_error *reterr);

/* The entries of an identity without those of a field, into `ret_bytes`; returns their length. */
size_t tend_said_without(const tend_kind_schema *kind, int field, const void *bytes, size_t length, void *ret_bytes);
/* Reads the entries of an identity. */
tend_status tend_said_read(tend_arena *arena, const void *bytes, size_t length, tend_said *ret_said);
/* Takes back from `values` what the source only repeats: there the row keeps what it holds `now`. `at`: since when it says so. */
void tend_said_leave(const tend_writing *writing, const tend_value *now, tend_value *values, tend_time at);
/* Whether the source said before that the row is there (or is gone), and somebody else decided otherwise since. */
bool tend_said_repeats_presence(const tend_writing *writing, bool is_removed);
void tend_said_agrees_on_presence(const tend_writing *writing);
/* The source says something that is older than what the row (facts: the version `row`) holds. */
tend_status tend_said_outvoted(const tend_writing *writing, int64_t row, int field, const tend_value *value, tend_time at);
/* A field of the row, or its being there, becomes something else; `since` when the old was true. Each at most once a record. */
tend_status tend_said_changed(const tend_writing *writing, int64_t row, int field, const tend_value *before,
                              const tend_value *after, tend_time since);
tend_status tend_said_presence(const tend_writing *writing, int64_t row, bool is_removed, tend_time since);
/* Writes down what was noted. */
tend_status tend_said_end(const tend_writing *writing);

/* -- a load (load.c) -- */

void tend_load_free(tend_model *model);
void tend_load_forget(tend_model *model); /* what waits and what was decided: after a rollback */
/* Whether the record is a new row of a load; when it is not, what waits is written before it is looked at. */
tend_status tend_load_choose(tend_writing *writing);
bool tend_load_has(const tend_model *model, tend_kind kind, int64_t id); /* the load made this row; it may still wait */
/* Room for the next row that waits, its fields from *ret_fields_at on; it counts when it is added. */
tend_value *tend_load_room(const tend_writing *writing, int *ret_fields_at);
void tend_load_add(const tend_writing *writing, int64_t id);
/* load_row.c: a row with all its values; texts are copied. */
tend_status tend_load_insert(const tend_writing *writing, int64_t id, tend_time effective_at, const tend_value *values);
tend_status tend_load_put(const tend_writing *writing);                     /* a record that is checked */
tend_status tend_load_keep(const tend_writing *writing, tend_value *value); /* copies its text */
/* A row of the kind is looked for by its name, which needs an index. */
tend_status tend_load_need_names(tend_model *model, tend_kind kind, tend_error *reterr);

/* -- an index of a load (load_index.c) -- */

typedef struct tend_load_index {
    bool is_gone, has_entries, has_highest;
    int strikes;
    tend_value highest, second; /* its text in `text` */
    char text[64];
} tend_load_index; /* zeroed: of a table without rows */

/* What goes into the table next, and where the index's columns are in it; second: -1, or the other column. */
typedef struct tend_load_rows {
    const tend_value *cells;
    size_t count;
    int width, column, second;
} tend_load_rows;

/* Whether it stands while these rows are inserted; false once is false for ever. */
bool tend_load_index_stands(tend_load_index *index, const tend_load_rows *rows);

/* -- undo -- */

typedef struct tend_undoing {
    tend_model *model;
    tend_origin origin; /* with the undo's own batch */
    int64_t batch;      /* what is undone */
    int64_t earlier;    /* an undo of it that stands; 0: none */
    tend_arena *arena;
    tend_undo_report report;
    tend_undo_left *left;
    size_t left_room;
    bool may_wait;   /* a row that is refused is tried once more when what the batch made is gone */
    bool is_refused; /* the row at hand was */
    const tend_undo_keeper *keeper;
    tend_error *reterr;
} tend_undoing;

tend_status tend_undo_leave(tend_undoing *undo, tend_kind kind, int64_t row, int field, const char *why);
/* One number by ?1 and ?2, 0 when there is none. */
tend_status tend_undo_ask(tend_undoing *undo, const char *sql, int64_t one, int64_t two, int64_t *ret_number);
tend_status tend_undo_put(tend_undoing *undo, const tend_put *record, tend_put_result *ret_result);
const char *tend_undo_since(tend_undoing *undo, const char *by);
/* Brings one row, or the fact of a version, back to where it stood before the batch. Asking twice does it once. */
tend_status tend_undo_entity(tend_undoing *undo, const tend_kind_schema *kind, int64_t row);
tend_status tend_undo_fact(tend_undoing *undo, const tend_kind_schema *kind, int64_t version);

/* -- checks; on refusal *ret_field is the field's index, -1 the row as a whole -- */

/* A name in a field of the unit calendar is one that there is. */
tend_status tend_check_calendar(const tend_model *model, const tend_kind_schema *kind, int field, const tend_value *value,
                                tend_error *reterr);
tend_status tend_check_value(const tend_kind_schema *kind, int field, const tend_value *value, tend_value *ret_value,
                             tend_arena *arena, tend_error *reterr);
tend_status tend_check_row(const tend_kind_schema *kind, const tend_value *values, const tend_value *before, const tend_put *put,
                           int *ret_field, tend_error *reterr);
/* References exist, and the rules that look at other rows. `id` 0: a new row. */
tend_status tend_check_others(tend_model *model, const tend_kind_schema *kind, int64_t id, const tend_value *values,
                              const tend_value *before, int *ret_field, tend_error *reterr);
tend_status tend_rules_check(tend_model *model, const tend_kind_schema *kind, int64_t id, const tend_value *values,
                             const tend_value *before, int *ret_field, tend_error *reterr);

#endif
