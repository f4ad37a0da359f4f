/* spool_foot.h: the end of a spool, which says where its lists stand. */
#ifndef TEND_SYNC_SPOOL_FOOT_H
#define TEND_SYNC_SPOOL_FOOT_H

#include <stdint.h>

#define TEND_SPOOL_MAGIC "tendspl6" /* the file's first eight bytes, and its last */

typedef struct tend_spool_foot {
    uint64_t order_at, order_count, offsets_at, row_count, found_at, found_count, meta_at, meta_length;
    char magic[8];
} tend_spool_foot;

#endif
