/* learn.h: what an import learns of its records while they are put: which rows hold just what they say. Inside sync only.
 *
 * The tables (again.h) are changed behind the commit of each chunk, so that they never know what the store does not, and hold for
 * nothing from the first change until all is in and on the disk; the seals are set anew within the commit. A kind of which somebody
 * else changed a row meanwhile loses its table. */
#ifndef TEND_SYNC_LEARN_H
#define TEND_SYNC_LEARN_H

#include "model/model.h"
#include "sync/meta.h"
#include "sync/repeat.h"
#include "sync/spool.h"

typedef struct tend_learn tend_learn;

/* For the spool of `meta`; *ret_learn is NULL when nothing is learned. Needs tend_model_begin. Owned. */
tend_status tend_learn_open(tend_model *model, const tend_spool_meta *meta, const char *folder, tend_learn **ret_learn,
                            tend_error *reterr);
/* All of these accept NULL. */
tend_status tend_learn_begin(tend_learn *learn, tend_error *reterr); /* a chunk; in its transaction */
tend_status tend_learn_row(tend_learn *learn, const tend_spool_row *row, const tend_put_result *result);
void tend_learn_refused(tend_learn *learn, const tend_spool_row *row); /* the store did not take it */
tend_status tend_learn_commit(tend_learn *learn, tend_error *reterr);  /* last before the commit */
void tend_learn_committed(tend_learn *learn);                          /* also when the chunk changed nothing and was rolled back */
void tend_learn_end(tend_learn *learn);                                /* all is in: from now on others may rely on it */
void tend_learn_close(tend_learn *learn);

#endif
