/* record.h: one record on its way from cells to a row of the spool. Inside sync only. */
#ifndef TEND_SYNC_RECORD_H
#define TEND_SYNC_RECORD_H

#include "sync/intake.h"

typedef struct tend_record {
    tend_intake *intake;
    tend_intake_part *part;
    const tend_mapping_stream *stream;
    const tend_cell *cells; /* as they came */
    uint32_t count;
    uint64_t line;
    uint64_t raw;
    const char *external;
    size_t external_length;
    tend_key key; /* of kind and external id; has_key: it was made */
    bool has_key;
    bool is_new;     /* its key is above all that came: the table is not asked */
    uint32_t before; /* the last row with this key, or TEND_NO_ROW */
    int assigned;
    char currency[4];
    tend_time effective_at, known_at;
    bool is_assumed;
    size_t noted; /* remarks, and what is counted for remarks, before this record */
    bool is_bad;
    size_t later_count; /* of the intake's `later` */
    tend_error failure; /* of the store, on the way; not of the record */
} tend_record;

/* One fault of the record; it is rejected, the others are still looked for. `value` (may be NULL) names the column. */
tend_status tend_record_refuse(tend_record *record, const tend_expression *value, const char *text, size_t length,
                               const char *reason);

/* record_key.c: reads the key. An empty one refuses the record. */
tend_status tend_record_key(tend_record *record);
/* A key that was read before, by row `first`. *ret_done: the record ends here. */
tend_status tend_record_again(tend_record *record, uint32_t first, bool *ret_done);
/* The first row with the record's key, and the last one; TEND_NO_ROW when it did not come yet. */
tend_status tend_record_first(tend_record *record, uint32_t *ret_row, tend_error *reterr);
uint32_t tend_record_before(const tend_record *record); /* once the table has all keys of its kind */
/* The record will be `row`, and one with its key came before: whether both are applied. */
tend_status tend_record_overtake(tend_record *record, tend_entry *entry, uint32_t row, tend_error *reterr);
/* The row was spooled: it is the last one of its key now. */
tend_status tend_record_follow(tend_record *record, uint32_t row);
/* Keys that have one of these shapes, the same one, never look alike. */
enum { TEND_SHAPE_LOWER = 1, TEND_SHAPE_UPPER = 2 };
unsigned tend_record_shape(const char *external, size_t length);
/* What two keys that look alike have in common. */
tend_key tend_record_bare_key(tend_kind kind, const char *external, size_t length);
/* Remarks on keys that look like an earlier one, or have blanks at their ends. Its row is the next of the intake. */
tend_status tend_record_similar(tend_record *record);

#endif
