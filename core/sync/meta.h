/* meta.h: what stands at the end of a spool, so that any later process can apply it alone. Inside sync only. */
#ifndef TEND_SYNC_META_H
#define TEND_SYNC_META_H

#include "base/buffer.h"
#include "sync/owed.h"
#include "sync/repeat.h"
#include "sync/report.h"

typedef struct tend_spool_part {
    tend_import_part counts; /* read, rejected, and unchanged for what was read twice; the rest is counted while applying */
    const char *bookmark;    /* NULL: none */
    const char *name;        /* the connector's stream */
    int64_t faults;          /* what the connector could make no record of */
    bool is_whole;           /* a source's stream, read from its beginning */
    bool is_anew;            /* the bookmark that was there is void */
    bool is_stub;
    bool is_hashed; /* rows of the spool may have hashes */
} tend_spool_part;

typedef struct tend_spool_meta {
    const char *mapping, *source, *label, *resume_key;
    const char *sync; /* the configured source, or "" for files */
    const char *principal;
    int64_t principal_kind, principal_user;
    bool keeps_good, is_history;
    tend_spool_part *parts;
    size_t part_count;
    tend_import_note *notes;
    size_t note_count;
    int64_t notes_left, stubs;
    const char *const *rejects;
    bool has_repeat; /* what is learned of the records is worth something later */
    tend_repeat_id repeat;
    tend_owed *owed; /* rejected records that do not come again by themselves */
    size_t owed_count;
} tend_spool_meta;

void tend_spool_meta_write(const tend_spool_meta *meta, tend_buffer *out);
/* All from the arena. TEND_ECORRUPT without a sentence. */
tend_status tend_spool_meta_read(const void *bytes, size_t length, tend_arena *arena, tend_spool_meta *ret_meta);

#endif
