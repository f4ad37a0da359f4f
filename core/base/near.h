/* near.h: "did you mean": whether a name is known, and the known one closest to what was written. */
#ifndef TEND_BASE_NEAR_H
#define TEND_BASE_NEAR_H

#include <stdbool.h>
#include <stddef.h>

/* The nearest of `names` (NULL-terminated) by Damerau-Levenshtein distance, at most a third of the length away and at least
 * distance 1 allowed; of two that are as near, the one of which letters were only forgotten. NULL when none is near. Borrowed from
 * `names`. */
const char *tend_near(const char *written, const char *const *names);

/* Whether the word is one of `words` (NULL-terminated), as it is written. */
bool tend_is_among(const char *word, const char *const *words);

#endif
