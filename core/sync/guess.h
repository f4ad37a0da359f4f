/* guess.h: which kind a file holds and which column fits which field. Inside sync only. */
#ifndef TEND_SYNC_GUESS_H
#define TEND_SYNC_GUESS_H

#include "sync/profile.h"

#define TEND_GUESS_NONE SIZE_MAX
#define TEND_GUESS_OTHERS 3
#define TEND_GUESS_SEVERAL 5 /* values, so that a single wrong one says little */

/* One choice with its reason, and what else it could have been. */
typedef struct tend_guess {
    size_t best; /* index of a kind, column …; TEND_GUESS_NONE */
    int score;
    const char *why; /* from the arena */
    size_t others[TEND_GUESS_OTHERS];
    size_t other_count;
    size_t odd_count; /* values of the column that do not fit the field */
    const char *odd;  /* the first of them */
} tend_guess;

/* All, or all but a few of several. */
bool tend_guess_mostly(size_t good, size_t all);
/* Kinds as tend_kind numbers. */
tend_status tend_guess_kind(const tend_schema *schema, const tend_profile *profile, tend_arena *arena, tend_guess *ret_guess);
/* The column that identifies a record. */
tend_status tend_guess_key(const tend_kind_schema *kind, const tend_profile *profile, tend_arena *arena, tend_guess *ret_guess);
/* The column for a field, by name and by what stands in it. */
tend_status tend_guess_column(const tend_schema *schema, const tend_kind_schema *kind, int field, const tend_profile *profile,
                              tend_arena *arena, tend_guess *ret_guess);

#endif
