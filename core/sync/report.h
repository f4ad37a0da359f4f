/* report.h: what an import or a sync did: read = created + updated + unchanged + rejected, always. */
#ifndef TEND_SYNC_REPORT_H
#define TEND_SYNC_REPORT_H

#include "model/model.h"

/* One stream of one file. A file that two streams read counts in both. */
typedef struct tend_import_part {
    const char *file;   /* as it was given, or the connector's stream */
    const char *stream; /* of the mapping */
    const char *kind;
    int64_t read, created, updated, unchanged, rejected;
    int64_t removed;  /* of the updated */
    int64_t strange;  /* of the unchanged: removals of records that nobody knows */
    int64_t stale;    /* of the unchanged: removals from before what is known of the record */
    int64_t repeated; /* of the unchanged: known by their bytes, and not looked at */
} tend_import_part;

typedef struct tend_import_note {
    bool is_reject; /* otherwise a remark: the record is kept */
    uint32_t part;
    uint64_t line;                       /* 0: no line */
    const char *column, *value, *reason; /* column and value may be NULL */
} tend_import_note;

typedef struct tend_import_report {
    const char *mapping, *source;
    const tend_import_part *parts;
    size_t part_count;
    int64_t read, created, updated, unchanged, rejected; /* sums over the parts */
    int64_t removed;                                     /* of the updated */
    int64_t repeated;                                    /* of the unchanged */
    int64_t stubs;                 /* rows made with just their name, because a record names them (else create) */
    const tend_import_note *notes; /* in the order of parts and lines */
    size_t note_count;
    int64_t notes_left;         /* more than are listed */
    const char *const *rejects; /* files to mend and import; NULL-terminated */
    int64_t faults;             /* of the rejected: what the connector could make no record of; a source brings it again */
    bool is_stored;             /* false: because of rejects nothing was stored; the good records count as unchanged */
    bool is_resumed;            /* an earlier import of the same files was cut off, and ended now */
    int64_t batch, events;      /* 0 when nothing was stored */
} tend_import_report;

/* What one import did and what the next one did, as one: after one that was cut off, or by the legs of a long pull. From the arena.
 */
tend_status tend_import_reports_join(const tend_import_report *first, const tend_import_report *second, tend_arena *arena,
                                     const tend_import_report **ret_report);

/* Remarks of one reason: how many, and the first lines. */
typedef struct tend_import_remark {
    uint32_t part;
    const char *column, *reason, *value; /* value: of the first; column and value may be NULL */
    const char *lines;                   /* "2, 17, 33 …"; "" when they have none */
    int64_t count;
} tend_import_remark;

/* In the order in which they came, `most` reasons at most; *ret_left counts the remarks of the others. From the arena. */
tend_status tend_import_remarks(const tend_import_report *report, size_t most, tend_arena *arena,
                                const tend_import_remark **ret_remarks, size_t *ret_count, int64_t *ret_left);

/* For people; the arena is for what is put together. */
tend_status tend_import_report_text(const tend_import_report *report, tend_arena *arena, FILE *out);

#endif
