/* spool.h: a checked import on disk, before anything of it is stored.
 *
 * Rows are appended as they are read; at the end comes what a later process needs to apply them alone: the order, the parts, the
 * notes. The file gets its final name only when it is complete and on the disk, so an unfinished one is known by its name. The
 * spool belongs to this machine: numbers are in its own byte order. */
#ifndef TEND_SYNC_SPOOL_H
#define TEND_SYNC_SPOOL_H

#include "base/buffer.h"
#include "model/model.h"
#include <stdio.h>
#include <tend/plugin.h>

enum {
    TEND_SPOOL_ASSUMED = 1, /* the known time is assumed */
    TEND_SPOOL_REMOVED = 2, /* a tombstone */
    TEND_SPOOL_AGAIN = 4,   /* a row before it has the same external id */
    TEND_SPOOL_HASHED = 8   /* `hash` is there */
};
/* In tend_value.scale of a TEND_NULL that tend_spool_patch may replace. */
enum { TEND_SPOOL_LATER = 1 };
/* In tend_value.scale of a TEND_REF: what .integer is. */
enum {
    TEND_SPOOL_REF_ID = 0,  /* a row of the store */
    TEND_SPOOL_REF_ROW = 1, /* a row of this spool, plus one */
    TEND_SPOOL_VIA = 2      /* or'ed: not that row, but what its field refers to; .currency is kind and field */
};

typedef struct tend_spool_row {
    uint32_t part; /* which stream of which file */
    uint64_t line;
    tend_kind kind;
    tend_time effective_at, known_at;
    unsigned flags;
    const char *external;
    size_t external_length;
    const tend_assignment *fields;
    int field_count;
    uint64_t hash[2]; /* of the record's bytes (repeat.h) */
} tend_spool_row;

typedef struct tend_spool tend_spool;

/* Begins the file `path`.part. Owned. */
tend_status tend_spool_create(const char *path, tend_spool **ret_spool, tend_error *reterr);
/* Appends; `cells` (may be NULL) are the original ones, kept for the file of rejects. *ret_fields (may be NULL) gets the offset of
 * each field's value, for tend_spool_patch. */
tend_status tend_spool_add(tend_spool *spool, const tend_spool_row *row, const tend_cell *cells, uint32_t cell_count,
                           uint64_t *ret_offset, uint64_t *ret_fields, tend_error *reterr);
/* Replaces a TEND_SPOOL_LATER by a reference or by null. */
tend_status tend_spool_patch(tend_spool *spool, uint64_t field_offset, const tend_value *value, tend_error *reterr);
typedef struct tend_spool_lists {
    const uint32_t *order; /* numbers of rows, in the order in which they are applied */
    size_t order_count;
    const uint64_t *offsets; /* of all rows by number */
    const int64_t *found;    /* by number the row of the store that it was seen to be about, 0: none; NULL: nobody looked */
    size_t row_count;
} tend_spool_lists;
/* Writes the lists and `meta`, syncs and renames. */
tend_status tend_spool_finish(tend_spool *spool, const tend_spool_lists *lists, const tend_buffer *meta, tend_error *reterr);
void tend_spool_close(tend_spool *spool); /* accepts NULL; an unfinished file is removed */
/* The original cells of a row that was added, read back before the end; from the arena. */
tend_status tend_spool_cells(tend_spool *spool, uint64_t offset, tend_arena *arena, const tend_cell **ret_cells,
                             uint32_t *ret_count, tend_error *reterr);
/* Its external id, NULL when that is too long to be one. */
tend_status tend_spool_external(tend_spool *spool, uint64_t offset, tend_arena *arena, const char **ret_external,
                                tend_error *reterr);

/* As it is, while rows are still added; borrowed until tend_spool_keys_end, which has to come before the next is added. */
tend_status tend_spool_key(tend_spool *spool, uint64_t offset, const char **ret_key, size_t *ret_length, tend_error *reterr);
void tend_spool_keys_end(tend_spool *spool);

typedef struct tend_spooled tend_spooled;
/* Maps a finished spool. TEND_ENOTFOUND, TEND_ECORRUPT. */
tend_status tend_spooled_open(const char *path, tend_spooled **ret_spooled, tend_error *reterr);
void tend_spooled_close(tend_spooled *spooled);
size_t tend_spooled_count(const tend_spooled *spooled); /* rows to apply */
size_t tend_spooled_rows(const tend_spooled *spooled);  /* rows by number */
/* The number of the row that is applied as the i-th. */
uint32_t tend_spooled_order(const tend_spooled *spooled, size_t i);
/* The row of the store that this one was seen to be about when it was read; 0: none, or nobody looked. */
int64_t tend_spooled_found(const tend_spooled *spooled, uint32_t row);
/* Texts are borrowed from the map; `fields` has room for `room` assignments. */
tend_status tend_spooled_row(tend_spooled *spooled, uint32_t row, tend_assignment *fields, int room, tend_spool_row *ret_row,
                             tend_error *reterr);
tend_status tend_spooled_cells(const tend_spooled *spooled, uint32_t row, tend_arena *arena, const tend_cell **ret_cells,
                               uint32_t *ret_count, tend_error *reterr);
/* Its pages leave this process's memory until they are read again, and those of the rows that were read since the last time, where
 * they stood together, the system's cache: what was applied is seldom looked at once more. */
void tend_spooled_rest(tend_spooled *spooled);
const void *tend_spooled_meta(const tend_spooled *spooled, size_t *ret_length);

#endif
