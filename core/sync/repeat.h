/* repeat.h: records that only say what their row holds are known by their bytes, before anybody looks at their cells. Inside sync
 * only.
 *
 * What one import learned of a record stands in again.h, a table for each kind of a source. A record may be passed over when all of
 * this holds: the very same bytes were put and the row said nothing else afterwards (tend_put_result.is_settled); nothing was
 * remarked on them; no row of the kind became anything else since, whoever would have done it (the seal, model.h); mapping, schema,
 * source and who imports are the same (the validity); and what the record means depends on itself alone: it is identified by plain
 * columns, refers by ids to kinds that are read before it, and nobody refers to it by name. Everything else goes the whole way. */
#ifndef TEND_SYNC_REPEAT_H
#define TEND_SYNC_REPEAT_H

#include "base/hash.h"
#include "model/model.h"
#include "plugin/plugins.h"
#include "sync/again.h"
#include "sync/came.h"
#include "sync/mapping.h"

#define TEND_REPEAT_KEYS 4 /* columns of a key, at most */

typedef struct tend_repeat_id {
    uint8_t validity[16];
    uint8_t secret[16];
} tend_repeat_id;

/* Of one kind while a source is read. */
typedef struct tend_repeat_kind {
    bool is_plain;     /* its records depend on themselves alone */
    bool is_tried;     /* the table was looked for */
    tend_again *again; /* NULL: nothing is known */
    unsigned shapes;   /* that all keys of the table have: two of them are never alike (tend_record_shape) */
    tend_quick_key secret;
    tend_came came; /* the slots of the table that were met */
} tend_repeat_kind;

typedef struct tend_repeats {
    bool is_on;  /* hashes are made */
    bool passes; /* records may be passed over */
    tend_repeat_id id;
    char path[4096]; /* of the tables, without the kind's name */
    tend_repeat_kind kinds[TEND_KIND_COUNT];
    bool has_dropped[TEND_KIND_COUNT]; /* rows of the kind were rejected after they had been good */
    /* The part that is read: */
    bool hashes, is_passing;
    tend_quick_key record_secret;
    uint32_t key_cells[TEND_REPEAT_KEYS], key_count;
    tend_again_hash keys[TEND_PULL_AHEAD], records[TEND_PULL_AHEAD];
    uint64_t guesses[TEND_PULL_AHEAD]; /* tend_again_guess */
    bool has_hash[TEND_PULL_AHEAD];
    const tend_again_hash *record; /* of the one at hand; NULL: it has none */
    tend_again_hash met;           /* the key that was looked for last, */
    uint64_t met_at;               /* and where it stands */
} tend_repeats;

struct tend_intake;

/* repeat_id.c: what the hashes of this import are worth only with. `principal` NULL: the administrator. */
tend_status tend_repeat_identify(tend_model *model, const tend_mapping *mapping, const char *source,
                                 const tend_principal *principal, tend_arena *arena, tend_repeat_id *ret_id, tend_error *reterr);
/* "FOLDER/again-…-", to which the kind's name is added. */
bool tend_repeat_path(const char *folder, const char *source, const char *kind, char *ret_path, size_t room);
void tend_repeat_kind_secret(const uint8_t secret[16], tend_kind kind, tend_quick_key *ret_secret);
/* What stands in the table for a record whose known time is assumed. */
tend_again_hash tend_repeat_assumed(const tend_again_hash *record);
/* Of a key under its kind's secret, of a record under that of its columns. */
tend_again_hash tend_repeat_hash(const tend_quick_key *secret, const void *bytes, size_t length);
/* For records of that stream of the mapping, under these names and with this key of the connector's (NULL: none). */
void tend_repeat_columns_secret(const tend_repeat_id *id, size_t stream, const char *const *names, uint32_t count,
                                const char *const *key, tend_quick_key *ret_secret);

tend_status tend_repeats_open(struct tend_intake *intake, tend_error *reterr);
void tend_repeats_close(tend_repeats *repeats);
/* When the columns of the current part are known. */
void tend_repeats_columns(struct tend_intake *intake, const char *const *names, uint32_t count, const char *const *key);
/* The current part is read. */
void tend_repeats_rest(struct tend_intake *intake);
/* repeat_pass.c; as tend_pull_sink has them. */
/* Of the bytes of a record, in whatever thread; false: it has none. */
bool tend_repeats_hash(const tend_repeats *repeats, const tend_raw_record *record, tend_again_hash *ret_hash);
void tend_repeats_ahead(void *intake, const tend_raw_record *records, size_t count);
bool tend_repeats_pass(void *intake, const tend_raw_record *record, size_t i);
/* A record that goes the whole way has a key that looks like `alike`, once it is written as all keys of the table are: the record
 * of that key that was passed over, if there is one, gets its row; if it is still to come, it will not be passed over. */
tend_status tend_repeats_alike(struct tend_intake *intake, const char *bare, size_t length, const char *external,
                               size_t external_length, uint32_t *ret_row);
/* A record of the current kind takes this key. */
void tend_repeats_claim(struct tend_intake *intake, const char *external, size_t length);
/* The record that was passed over and has this key: its row of the import, made now; TEND_NO_ROW: none. */
tend_status tend_repeats_first(struct tend_intake *intake, const char *external, size_t length, uint64_t raw, uint32_t *ret_row);

#endif
