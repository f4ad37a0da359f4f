/* sweep.h: words that must not stand anywhere any more, and taking them out of texts, bytes and files. */
#ifndef TEND_ENGINE_SWEEP_H
#define TEND_ENGINE_SWEEP_H

#include "base/arena.h"
#include "store/store.h"

typedef struct tend_sweep {
    tend_arena *arena;  /* borrowed */
    const char **words; /* longest first */
    size_t count, room;
} tend_sweep;

enum { TEND_SWEEP_SHORTEST = 3 }; /* bytes; what is shorter would be found everywhere */

/* Also as it stands inside JSON. Known words and short ones are passed over. */
tend_status tend_sweep_add(tend_sweep *sweep, const char *word, tend_error *reterr);
/* Each word replaced by TEND_ERASED, letters of either case; NULL when none is in it. From the arena. */
const char *tend_sweep_text(const tend_sweep *sweep, const char *text, size_t length);
/* The same in place, letter by letter: what counts its bytes still can. Returns how many words there were. */
size_t tend_sweep_bytes(const tend_sweep *sweep, char *bytes, size_t length);
/* Runs `sql`, in which tend_sweep(text) is the text without the words, NULL when there are none. *ret_changes grows by the rows. */
tend_status tend_sweep_run(const tend_sweep *sweep, tend_store *store, const char *sql, int64_t *ret_changes, tend_error *reterr);
/* Takes the words out of one column, in the rows that meet `where` (over alias t). */
tend_status tend_sweep_column(const tend_sweep *sweep, tend_store *store, const char *table, const char *column, const char *where,
                              int64_t *ret_values, tend_error *reterr);
/* UPDATE of every text and blob column of a table that `except` (NULL-terminated, may be NULL) does not name, in the rows that meet
 * `where` (over alias t); `told` is called for columns that had some. Needs a transaction. */
tend_status tend_sweep_table(const tend_sweep *sweep, tend_store *store, const char *table, const char *where,
                             const char *const *except,
                             void (*told)(void *self, const char *table, const char *column, int64_t values), void *self,
                             tend_error *reterr);
/* The regular files of a folder that hold one of the words: named, and when `is_meant` overwritten and removed. */
tend_status tend_sweep_folder(const tend_sweep *sweep, const char *folder, bool is_meant,
                              void (*told)(void *self, const char *path, const char *what, int64_t values), void *self,
                              tend_error *reterr);

#endif
