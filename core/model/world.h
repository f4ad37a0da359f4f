/* world.h: the world as it was on a day, as known on a day; read-only.
 *
 * `effective`: true in the world at that instant. `known`: using only what could be known by that instant. Now and now is the live
 * world and costs nothing extra: tend_world_source gives the plain table; otherwise a subselect with the same columns. */
#ifndef TEND_MODEL_WORLD_H
#define TEND_MODEL_WORLD_H

#include "model/model.h"

typedef struct tend_world {
    tend_store *store;         /* borrowed */
    const tend_schema *schema; /* borrowed */
    tend_time now;             /* what "today" is for relative dates */
    tend_time effective;       /* TEND_NO_TIME: live */
    tend_time known;           /* TEND_NO_TIME: live */
    /* Published numbers as they were, asked before those that are kept: only one is kept of each. May be NULL. */
    const struct tend_measure *measures;
    size_t measure_count;
} tend_world;

tend_world tend_world_live(const tend_model *model);
bool tend_world_is_live(const tend_world *world);

/* What to write after FROM for this kind, an alias must follow: `accounts` or `(SELECT …)`. Removed rows and closed versions of
 * the chosen instants are left out; ids of merged accounts are resolved in "account" columns. From the arena. */
tend_status tend_world_source(const tend_world *world, tend_kind kind, tend_arena *arena, const char **ret_sql, tend_error *reterr);

typedef struct tend_row {
    const tend_kind_schema *kind;
    int64_t id;
    tend_time effective_at, known_at, recorded_at;
    bool known_assumed;
    const tend_value
        *values; /* kind->field_count of them; money carries the row's currency; fields the principal may not see are null */
} tend_row;

/* One row, from the arena. TEND_ENOTFOUND when it did not exist then. Facts: any version's id gives the version then current. */
tend_status tend_read(const tend_world *world, const tend_principal *principal, tend_kind kind, int64_t id, tend_arena *arena,
                      tend_row *ret_row, tend_error *reterr);
/* Fills `row` from a statement whose columns from `column` on are: id, effective_at, known_at, known_assumed, recorded_at, then
 * every field in order (what tend_row_columns writes, for a table alias). Texts are copied into the arena. */
tend_status tend_row_from(const tend_world *world, const tend_principal *principal, tend_statement *statement, int column,
                          const tend_kind_schema *kind, tend_arena *arena, tend_row *ret_row, tend_error *reterr);
const char *tend_row_columns(const tend_kind_schema *kind, const char *alias, tend_arena *arena);
/* "Acme Korea" or "contract 17": how a row is called. From the arena. */
const char *tend_row_name(const tend_world *world, tend_kind kind, int64_t id, tend_arena *arena);

/* One replaced value. */
typedef struct tend_change {
    int64_t id;
    int field;                /* index; -1: the row came (old null) or went */
    tend_value before, after; /* texts from the arena */
    tend_time effective_at, known_at, recorded_at;
    bool known_assumed; /* history that came without the time at which it was known */
    int64_t batch;
    const char *by;     /* principal's name */
    const char *source; /* source name, or "by hand" */
} tend_change;
/* The changes of an entity, or versions of a fact, newest first. */
tend_status tend_history(const tend_world *world, const tend_principal *principal, tend_kind kind, int64_t id, tend_arena *arena,
                         const tend_change **ret_changes, size_t *ret_count, tend_error *reterr);

#endif
