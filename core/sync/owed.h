/* owed.h: what sources still owe: records that were rejected and have not come well since.
 *
 * A source goes on behind a record that was rejected, so nothing would bring it again. It stands in the table owed_records until
 * the source sends it well, the mended file is imported, or somebody decides to do without it. */
#ifndef TEND_SYNC_OWED_H
#define TEND_SYNC_OWED_H

#include "model/model.h"

/* What the connector could make no record of has this before a hash of what it said of it. The bookmark stays before such a
 * message, so that it comes again, until somebody does without it. */
#define TEND_OWED_UNREAD "?unread "

typedef struct tend_owed {
    const char *stream; /* of the mapping */
    const char *key;    /* the external id; "?" and a hash of its bytes when it has none; TEND_OWED_UNREAD */
    const char *file;   /* the file to mend that holds it, below the folder of rejects; NULL: none, it comes again */
    uint64_t line;
    const char *column, *reason; /* column may be NULL */
} tend_owed;

/* All need tend_model_begin, but for what only asks. */
tend_status tend_owed_add(tend_store *store, const char *source, const tend_owed *owed, tend_time at, tend_error *reterr);
/* The record with this key has come well. */
tend_status tend_owed_settle(tend_store *store, const char *source, const char *stream, const char *key, size_t length,
                             tend_error *reterr);
/* The stream was read from its beginning: what is still wrong comes anew. */
tend_status tend_owed_settle_stream(tend_store *store, const char *source, const char *stream, tend_error *reterr);
/* The file was imported: what is still wrong comes anew. */
tend_status tend_owed_settle_file(tend_store *store, const char *source, const char *file, tend_error *reterr);
/* The stream is read again from where messages could not be read: those that are not added between these two came well. */
tend_status tend_owed_doubt_unread(tend_store *store, const char *source, const char *stream, tend_error *reterr);
tend_status tend_owed_settle_doubted(tend_store *store, const char *source, const char *stream, tend_error *reterr);
/* Whether somebody does without the message of this key; that counts until the bookmark of the stream is behind it. */
tend_status tend_owed_is_given_up(tend_store *store, const char *source, const char *stream, const char *key, bool *ret_is,
                                  tend_error *reterr);
tend_status tend_owed_passed(tend_store *store, const char *source, const char *stream, tend_error *reterr);
/* Whether a record of any source but `except` (NULL: none) stands in it. */
tend_status tend_owed_has_file(tend_store *store, const char *file, const char *except, bool *ret_has, tend_error *reterr);
/* The one source that owes records of the file; NULL: none, or several. From the arena. */
tend_status tend_owed_source(tend_store *store, const char *file, tend_arena *arena, const char **ret_source, tend_error *reterr);
/* Records of the source that would be known when they come: all but messages that could not be read. */
tend_status tend_owed_awaited(tend_store *store, const char *source, int64_t *ret_count, tend_error *reterr);
/* `source` NULL: of all. */
tend_status tend_owed_count(tend_store *store, const char *source, int64_t *ret_count, tend_error *reterr);

/* Does without the records of a source, in a transaction of its own; with `key` without that one. TEND_ENOTFOUND. */
tend_status tend_owed_drop(tend_model *model, const char *source, const char *key, int64_t *ret_count, tend_error *reterr);

#endif
