#include "kpi/sift.h"
#include "base/wide.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

void tend_sift_clear(tend_sift *sift)
{
    free(sift->is_in);
    free(sift->rows);
    free(sift->before);
    free(sift->eight);
    sift->is_in = sift->eight = NULL;
    sift->rows = sift->before = NULL;
    sift->room = 0;
}

static void fill_tables(tend_sift *sift)
{
    for (unsigned bits = 0; bits < 256; bits++) {
        unsigned count = 0;

        memset(sift->places[bits], 0, sizeof sift->places[bits]);
        for (unsigned char bit = 0; bit < 8; bit++)
            if (bits >> bit & 1)
                sift->places[bits][count++] = bit;
        sift->set[bits] = (unsigned char)count;
    }
}

bool tend_sift_begin(tend_sift *sift, uint32_t count)
{
    const size_t eights = (size_t)count / 8 + 1; /* one more than needed: the end of the last row is asked for, too */

    if (eights * 8 > sift->room) {
        tend_sift_clear(sift);
        sift->is_in = malloc(eights * 8);
        sift->rows = malloc((eights * 8 + 8) * sizeof *sift->rows); /* eight are written at once */
        sift->before = malloc(eights * sizeof *sift->before);
        sift->eight = malloc(eights);
        if (!sift->is_in || !sift->rows || !sift->before || !sift->eight) {
            tend_sift_clear(sift);
            return false;
        }
        sift->room = eights * 8;
        fill_tables(sift);
    }
    memset(sift->is_in, 1, count);
    memset(sift->is_in + count, 0, eights * 8 - count);
    return true;
}

typedef uint8_t eight_bytes __attribute__((vector_size(8)));
typedef uint32_t eight_numbers __attribute__((vector_size(32)));

/* Without branches, for where wanted rows stand nobody can foretell. */
TEND_WIDE
uint32_t tend_sift_end(tend_sift *sift, uint32_t count)
{
    const size_t eights = (size_t)count / 8 + 1;
    const unsigned char *restrict is_in = sift->is_in;
    unsigned char *restrict eight = sift->eight;
    uint32_t *restrict rows = sift->rows, *restrict before = sift->before;
    uint32_t found = 0;

    for (size_t i = 0; i < eights; i++) {
        eight_numbers numbers;
        eight_bytes places;
        unsigned bits;
        uint64_t bytes;

        memcpy(&bytes, is_in + 8 * i, sizeof bytes);
        /* byte n, which is 1 or 0, to bit n of the highest byte */
        bits = (unsigned)(le64toh(bytes) * UINT64_C(0x0102040810204080) >> 56);
        before[i] = found;
        eight[i] = (unsigned char)bits;
        memcpy(&places, sift->places[bits], sizeof places);
        numbers = __builtin_convertvector(places, eight_numbers) + (uint32_t)(8 * i);
        memcpy(rows + found, &numbers, sizeof numbers);
        found += sift->set[bits];
    }
    return found;
}

TEND_WIDE
void tend_sift_starts(const tend_sift *sift, const uint32_t *starts, size_t count, uint32_t *ret_starts)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t row = starts[i] - starts[0];
        const unsigned bits = sift->eight[row / 8] & ((1u << row % 8) - 1);

        ret_starts[i] = sift->before[row / 8] + (uint32_t)__builtin_popcount(bits);
    }
}
