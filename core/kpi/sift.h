/* sift.h: which rows of a stretch are wanted: a byte each while columns are looked at, then a list.
 *
 * A reader that wants few rows of many asks for ranges; the numbers of a chunk are compared as they stand, two bytes to a day, and
 * only what is left is made into values. */
#ifndef TEND_KPI_SIFT_H
#define TEND_KPI_SIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tend_sift {
    unsigned char *is_in; /* owned; by row, 1 or 0 */
    uint32_t *rows;       /* owned; those that are in, growing */
    uint32_t *before;     /* owned; by eight rows: how many in all before them are in … */
    unsigned char *eight; /* owned; … and which of them are, a bit each */
    size_t room;
    unsigned char places[256][8]; /* by eight bits: which are set, the others behind them … */
    unsigned char set[256];       /* … and how many are */
} tend_sift;

void tend_sift_clear(tend_sift *sift);
/* Begins with all of `count` rows in. False: memory is used up. */
bool tend_sift_begin(tend_sift *sift, uint32_t count);
/* Makes the list; returns how many are in. */
uint32_t tend_sift_end(tend_sift *sift, uint32_t count);
/* How many are in among the rows before each of `starts`, the first of which stands for row 0. */
void tend_sift_starts(const tend_sift *sift, const uint32_t *starts, size_t count, uint32_t *ret_starts);

#endif
