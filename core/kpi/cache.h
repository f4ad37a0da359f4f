/* cache.h: the live rows that KPIs read, kept as chunks in a folder beside the store.
 *
 * The chunks hold what the store held at one place in the row of events. The accounts that later events touched are read from the
 * store instead, so answers are the same as without a cache; when too many were touched the next refresh writes the chunks anew.
 * Chunks that are not there, are broken, or belong to another history of the store are not used. Only the world as it is now is
 * served; any other is read from the store. */
#ifndef TEND_KPI_CACHE_H
#define TEND_KPI_CACHE_H

#include "kpi/chunk.h"
#include "kpi/input.h"
#include "model/world.h"

typedef struct tend_cache tend_cache;

/* `folder` is copied and need not exist. Stores of fewer than `least_accounts` are not kept: reading them is quick. Owned. */
tend_status tend_cache_new(const char *folder, size_t least_accounts, tend_cache **ret_cache, tend_error *reterr);
void tend_cache_free(tend_cache *cache); /* accepts NULL */
/* Columns that the next chunks will hold; asking again for the same one changes nothing. */
tend_status tend_cache_want(tend_cache *cache, const tend_schema *schema, const tend_input *inputs, tend_error *reterr);

/* Bits: kinds that nobody will read columns of, whose events leave the chunks as good as they are. */
void tend_cache_pass_by(tend_cache *cache, uint64_t kinds);

/* What a reader holds while it reads: chunks by kind and the accounts that they do not hold for. */
typedef struct tend_cached {
    tend_chunk *const *chunks; /* by kind; NULL: read the store */
    const int64_t *dirty;      /* sorted */
    const uint64_t *dirt;      /* by dirty account: bits, the kinds of its rows that chunks do not hold */
    const int64_t *causes;     /* by dirty account: the newest event that touched it; 0: of before the chunks were opened */
    size_t dirty_count;
    int64_t seen;           /* the last event that was looked at */
    const int64_t *touches; /* by kind: how many events have touched rows of it; never fewer */
} tend_cached;

/* *ret_cached is NULL when the store is to be read; else owned. `cache` may be NULL. */
tend_status tend_cache_take(tend_cache *cache, const tend_world *world, const tend_cached **ret_cached, tend_error *reterr);
void tend_cache_give(const tend_cached *cached);                       /* accepts NULL */
uint64_t tend_cached_dirt(const tend_cached *cached, int64_t account); /* 0: chunks hold for all of its rows */
/* The column of a chunk that holds this input; -1: none. */
int tend_cached_column(const tend_chunk *chunk, const tend_found_input *input, const char *name);

/* Writes the chunks anew where they do not hold or too much has changed. Needs a live world and no open transaction. A failure to
 * write is said in the log and costs nothing but the speed. */
tend_status tend_cache_keep(tend_cache *cache, const tend_world *world, tend_error *reterr);
/* What readers share from one view to the next (stock.h), until what it was made of changes. The cache takes a use of it over. */
struct tend_stock;
struct tend_stock *tend_cache_stock(const tend_cache *cache); /* borrowed; NULL: none */
void tend_cache_keep_stock(tend_cache *cache, struct tend_stock *stock);
/* Something that was found broken: not used again by this process. */
void tend_cache_distrust(tend_cache *cache, const tend_error *why);

/* Removes the chunks in `folder`, which need not exist: for what must be gone from every file. */
void tend_cache_remove(const char *folder);

/* ---- between the files of the cache ------------------------------------------------------------------------------------ */

/* A column's name in a chunk: its own and what it is made of, so that another meaning is another column. */
void tend_cache_name(const tend_found_input *input, const char *name, char ret_name[TEND_CHUNK_NAME_ROOM]);

typedef struct tend_wanted {
    char name[TEND_CHUNK_NAME_ROOM]; /* in the chunk */
    tend_input input;                /* owned column name */
    tend_found_input found;
} tend_wanted;

/* cache_build.c: writes the chunk of one kind: the rows of `kind` that the world has now. */
tend_status tend_cache_build(const tend_world *world, const tend_kind_schema *kind, const tend_wanted *wanted, size_t count,
                             const char *path, tend_error *reterr);

#endif
