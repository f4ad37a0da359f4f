/* chunk_file.h: how a chunk stands in its file. Private to the files that write and read it.
 *
 * head, groups, words, directory. Every place is a multiple of 8 from the start of the file. */
#ifndef TEND_KPI_CHUNK_FILE_H
#define TEND_KPI_CHUNK_FILE_H

#include "kpi/chunk.h"

#define CHUNK_MAGIC UINT64_C(0x316b6e7568636474) /* "tdchunk1" */

/* A row of numbers: value = base + step * number; the largest number of the width is "unknown" when `has_unknown`. */
typedef struct packed {
    uint64_t offset;
    int64_t base, step;
    uint32_t width; /* bytes of a number: 0 (all are base, or all unknown), 1, 2, 4, 8 */
    uint32_t has_unknown;
} packed;

/* A group's arrays: its accounts, where their rows begin, then by row: id, effective time, the chunk's own columns. */
enum { PACKED_ACCOUNTS, PACKED_STARTS, PACKED_ID, PACKED_AT, PACKED_COLUMNS };

typedef struct group_head {
    int64_t first, last;
    uint32_t accounts, rows;
    uint64_t offset, length; /* of all its arrays */
    uint64_t hash;
} group_head; /* followed by PACKED_COLUMNS + columns of `packed` */

typedef struct column_head {
    char name[TEND_CHUNK_NAME_ROOM];
    uint64_t words_at, word_count; /* u64 offset of each NUL-terminated word */
    uint32_t is_text, is_left_out;
} column_head;

typedef struct chunk_head {
    uint64_t magic;
    uint64_t length;       /* of the file */
    uint64_t directory_at; /* column heads, then group heads */
    uint64_t columns, groups, rows;
    uint64_t directory_hash; /* of words and directory: from words_at to the end */
    uint64_t words_at;
    uint64_t hash; /* of this head without the last member */
} chunk_head;

/* For noticing what a disk or a broken write did; not against anybody. `length` is a multiple of 8. */
uint64_t chunk_hash(const void *bytes, size_t length);

/* How a column of a group stands there, and where. */
const packed *chunk_packed(const tend_chunk *chunk, size_t group, int column, const char **ret_bytes);

#endif
