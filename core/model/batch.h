/* batch.h: what was written together and can be undone together: an import, a sync, a `set`. */
#ifndef TEND_MODEL_BATCH_H
#define TEND_MODEL_BATCH_H

#include "model/world.h"

/* `what` is a word ("import", "sync", "set", "undo"), `label` what people see ("ravenstack, 5 files"). Both are copied. Needs an
 * open transaction of the model. Open batches survive a crash: tend_batch_open with the same `resume_key` (may be NULL) gives the
 * same one. */
tend_status tend_batch_open(tend_model *model, const tend_origin *origin, const char *what, const char *label,
                            const char *resume_key, int64_t *ret_batch, bool *ret_resumed, tend_error *reterr);
/* Releases its held events and says how many. Needs an open transaction. */
tend_status tend_batch_close(tend_model *model, int64_t batch, int64_t *ret_events, tend_error *reterr);
/* Opened in this transaction, and nothing written since: whoever rolls the transaction back leaves no trace of it. */
bool tend_batch_is_empty(const tend_model *model, int64_t batch);
/* Ends the transaction in which the batch was opened: closed and committed, or, when it is empty, rolled back; then *ret_batch is
 * 0. On failure rolled back. `ret_batch` may be NULL. */
tend_status tend_batch_finish(tend_model *model, int64_t batch, int64_t *ret_batch, tend_error *reterr);
/* How far it came, as text its owner understands; committed with the chunk. */
tend_status tend_batch_progress(tend_model *model, int64_t batch, const char *progress, tend_error *reterr);
tend_status tend_batch_progress_get(tend_model *model, int64_t batch, tend_arena *arena, const char **ret_progress,
                                    tend_error *reterr);

/* One field or row that undo left alone, because it changed since. */
typedef struct tend_undo_left {
    tend_kind kind;
    int64_t row;
    int field; /* -1: the row */
    const char *why;
} tend_undo_left;
typedef struct tend_undo_report {
    int64_t batch;              /* the undo's own batch, so that it can be undone too; 0: there was nothing to put back */
    int64_t restored;           /* fields and rows */
    const tend_undo_left *left; /* from the arena */
    size_t left_count;
    int64_t events;  /* events the batch had caused that were already delivered */
    int64_t earlier; /* an undo of the same batch that stands; 0: none */
} tend_undo_report;
/* Writes the old values as new changes: created rows are removed, changed fields get their old value unless changed since. */
tend_status tend_batch_undo(tend_model *model, const tend_origin *origin, int64_t batch, tend_arena *arena,
                            tend_undo_report *ret_report, tend_error *reterr);
/* The same, but for rows that stay as the batch left them: `keeps` says why (NULL: it may go back), and they are listed with it. */
typedef struct tend_undo_keeper {
    tend_status (*keeps)(void *self, tend_kind kind, int64_t row, tend_arena *arena, const char **ret_why, tend_error *reterr);
    void *self;
} tend_undo_keeper;
tend_status tend_batch_undo_but(tend_model *model, const tend_origin *origin, int64_t batch, const tend_undo_keeper *keeper,
                                tend_arena *arena, tend_undo_report *ret_report, tend_error *reterr);

#endif
