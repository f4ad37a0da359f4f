/* scribe.h: pieces of a file are written by a thread while the next piece is made ready. */
#ifndef TEND_SYNC_SCRIBE_H
#define TEND_SYNC_SCRIBE_H

#include "base/buffer.h"
#include <stdint.h>

typedef struct tend_scribe tend_scribe;

/* Borrows `fd`. NULL: there is no memory or no thread for it. */
tend_scribe *tend_scribe_new(int fd);
void tend_scribe_free(tend_scribe *scribe); /* accepts NULL; what was given is written, or has failed */

/* What is in `piece` goes to `offset` of the file, and `piece` is empty when it returns; it waits for the piece before. 0, or the
 * errno of an earlier piece: then this one is not written. */
int tend_scribe_give(tend_scribe *scribe, tend_buffer *piece, uint64_t offset);
/* All that was given is in the file. 0, or the errno of the first piece that is not; the same from then on. Accepts NULL. */
int tend_scribe_wait(tend_scribe *scribe);

#endif
