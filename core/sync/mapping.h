/* mapping.h: how the records of a source become rows: an INI file per source (docs/mapping.md).
 *
 * Immutable after loading. */
#ifndef TEND_SYNC_MAPPING_H
#define TEND_SYNC_MAPPING_H

#include "model/parse.h"
#include "sync/expression.h"

/* What to do when the record that a reference names is not known. */
typedef enum tend_if_missing { TEND_MISSING_REJECT = 1, TEND_MISSING_EMPTY, TEND_MISSING_CREATE } tend_if_missing;

typedef struct tend_translation {
    const char *from, *folded, *to;
    size_t from_length, folded_length, to_length;
} tend_translation;

typedef enum tend_unknown_value { TEND_UNKNOWN_KEEP = 1, TEND_UNKNOWN_REJECT, TEND_UNKNOWN_EMPTY } tend_unknown_value;

typedef struct tend_mapping_field {
    int field; /* index in the kind's fields */
    const tend_expression *value;
    const tend_translation *translations; /* from [values.STREAM.FIELD] */
    size_t translation_count;
    tend_unknown_value otherwise; /* for values that no translation names */
    int by_field;                 /* references: field of the target that is compared; -1: its external id */
    tend_if_missing if_missing;   /* references */
    tend_kind via;                /* "-> contract.account": that field of the contract that is named; else TEND_KIND_NONE */
    int via_field;
    bool list_empty; /* rows where it is empty are listed in the report */
    const char *file;
    unsigned line;
} tend_mapping_field;

/* TEND_KNOWN_SOURCE: as the connector says when the record was changed, else now. */
typedef enum tend_known_mode { TEND_KNOWN_SOURCE = 1, TEND_KNOWN_IMPORT, TEND_KNOWN_EFFECTIVE, TEND_KNOWN_COLUMN } tend_known_mode;

typedef struct tend_mapping_stream {
    const char *name;
    const char *const *patterns; /* of file names or of a connector's stream names; NULL-terminated */
    const tend_kind_schema *kind;
    const tend_expression *const *keys; /* key_count 0: the whole record is the key */
    size_t key_count;
    bool numbers_repeats; /* a key that comes again gets "#2", "#3" … */
    bool rejects_repeats; /* … is rejected */
    bool takes_last;      /* … says what counts from now on. None of the three: as tend_import_options has it */
    bool skips_missing;   /* fields whose columns the file lacks are left out */
    bool rejects_missing; /* … are a fault, and it is written */
    const char *encoding;
    char delimiter; /* '\0': the connector finds out */
    tend_format format;
    tend_known_mode known;
    const tend_expression *known_at;  /* TEND_KNOWN_COLUMN */
    const tend_expression *effective; /* NULL: none */
    tend_columns columns;             /* all that the expressions read */
    const tend_mapping_field *fields; /* the currency first, where there is one */
    size_t field_count;
    const char *file;
    unsigned line;
} tend_mapping_stream;

typedef struct tend_mapping {
    const char *name; /* the file's name without folder and .ini */
    const char *path;
    const char *source; /* whose external ids these are */
    const tend_mapping_stream *streams;
    size_t stream_count;
    char digest[65];  /* SHA-256 of the text */
    char meaning[65]; /* … without comments, empty lines and blanks at the ends of lines */
} tend_mapping;

extern const tend_section tend_mapping_sections[];

/* All faults are written to `faults` (may be NULL), the first into reterr. Borrows `schema`. Owned. */
tend_status tend_mapping_load(const char *path, const tend_schema *schema, FILE *faults, tend_mapping **ret_mapping,
                              tend_error *reterr);
tend_status tend_mapping_load_text(const char *name, const char *text, size_t length, const tend_schema *schema, FILE *faults,
                                   tend_mapping **ret_mapping, tend_error *reterr);
void tend_mapping_free(tend_mapping *mapping); /* accepts NULL */

/* Whether the stream reads this file (folder, ".gz" and ".rejected" do not count) or this stream of a connector. */
bool tend_mapping_reads(const tend_mapping_stream *stream, const char *name);

#endif
