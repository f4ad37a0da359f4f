/* state.h: how far each source has been read, and how its last sync ended. */
#ifndef TEND_SYNC_STATE_H
#define TEND_SYNC_STATE_H

#include "model/model.h"

/* NULL when there is none; from the arena. */
tend_status tend_bookmark_get(tend_model *model, const char *source, const char *stream, tend_arena *arena,
                              const char **ret_bookmark, tend_error *reterr);
/* These need tend_model_begin: kept with the records that came before it. */
tend_status tend_bookmark_set(tend_model *model, const char *source, const char *stream, const char *bookmark, tend_error *reterr);

tend_status tend_bookmark_forget(tend_model *model, const char *source, const char *stream, tend_error *reterr);

/* What the mapping meant when the source was pulled last: its digest; NULL when it was never pulled. From the arena. */
tend_status tend_sync_meaning_get(tend_store *store, const char *source, tend_arena *arena, const char **ret_digest,
                                  tend_error *reterr);

typedef struct tend_sync_state {
    const char *source;
    tend_time started_at, ended_at; /* of the last try */
    tend_time good_at;              /* when it last ended well; TEND_NO_TIME: never */
    bool is_good;
    const char *why; /* the sentence when not good */
    int64_t read, created, updated, unchanged, rejected;
    const char *meaning; /* of the mapping that was used now; NULL: as it was. Not read back */
} tend_sync_state;

/* TEND_ENOTFOUND when the source was never synced. Texts from the arena. */
tend_status tend_sync_state_get(tend_store *store, const char *source, tend_arena *arena, tend_sync_state *ret_state,
                                tend_error *reterr);
tend_status tend_sync_state_set(tend_model *model, const tend_sync_state *state, tend_error *reterr); /* a transaction of its own */

#endif
