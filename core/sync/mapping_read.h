/* mapping_read.h: a mapping while it is read: all faults are collected. Inside sync only. */
#ifndef TEND_SYNC_MAPPING_READ_H
#define TEND_SYNC_MAPPING_READ_H

#include "config/config.h"
#include "sync/mapping.h"

typedef struct tend_loaded {
    tend_mapping mapping; /* first: what is handed out */
    tend_arena *arena;
    tend_config *config;
} tend_loaded;

/* Collects all faults. */
typedef struct tend_reading {
    tend_loaded *loaded;
    const tend_config *config;
    const tend_schema *schema;
    tend_arena *arena;
    FILE *faults;
    tend_error *reterr;
    unsigned fault_count;
    tend_status status;
} tend_reading;

TEND_PRINTF(2, 3) void tend_reading_fault(tend_reading *reading, const char *format, ...);
/* From the mapping's arena; NULL sets the status. */
void *tend_reading_take(tend_reading *reading, size_t bytes);
/* NULL after a fault. *ret_rest is what stands behind it. */
const tend_expression *tend_reading_expression(tend_reading *reading, tend_mapping_stream *stream, const char *text,
                                               const char *file, unsigned line, const char *section, const char *key,
                                               const char **ret_rest);

/* mapping_fields.c: [fields.STREAM] and [values.STREAM.FIELD] of all streams. */
void tend_reading_fields(tend_reading *reading, tend_mapping_stream *stream);
void tend_reading_values(tend_reading *reading, tend_mapping_stream *streams, size_t stream_count);

#endif
