/* chunk_sift.c: a few rows of a chunk, found and read where they stand. */
#include "base/wide.h"
#include "kpi/chunk_file.h"

#include <string.h>
#include <tend/plugin.h>

#define AT_ONCE 256u
#define PICKED_AHEAD 32u

/* Numbers of the row that are wanted: those from `low`, `span` more of them, and `other`. */
#define SIFT(type)                                                                                         \
    do {                                                                                                   \
        const type *restrict numbers = (const type *)(const void *)bytes;                                  \
        const type lowest = (type)low, most = (type)span, also = (type)other;                              \
                                                                                                           \
        for (uint32_t first = 0; first < count; first += AT_ONCE) {                                        \
            const uint32_t end = count - first < AT_ONCE ? count : first + AT_ONCE;                        \
                                                                                                           \
            if (count - first > TEND_AHEAD / sizeof *numbers)                                              \
                tend_ahead((const char *)(numbers + first) + TEND_AHEAD, AT_ONCE * sizeof *numbers);       \
            for (uint32_t i = first; i < end; i++)                                                         \
                is_in[i] &= (unsigned char)(((type)(numbers[i] - lowest) <= most) | (numbers[i] == also)); \
        }                                                                                                  \
    } while (0)

TEND_WIDE
static void sift(const char *bytes, uint32_t width, uint64_t low, uint64_t span, uint64_t other, uint32_t count,
                 unsigned char *restrict is_in)
{
    switch (width) {
    case 1:
        SIFT(uint8_t);
        break;
    case 2:
        SIFT(uint16_t);
        break;
    case 4:
        SIFT(uint32_t);
        break;
    default:
        SIFT(uint64_t);
    }
}

static uint64_t largest_of(uint32_t width)
{
    return width == 1 ? UINT8_MAX : width == 2 ? UINT16_MAX : width == 4 ? UINT32_MAX : UINT64_MAX;
}

void tend_chunk_sift(const tend_chunk *chunk, size_t group, int column, uint32_t first, uint32_t count,
                     const tend_chunk_range *range, unsigned char *is_in)
{
    const char *bytes;
    const packed *from = chunk_packed(chunk, group, column, &bytes);
    const uint64_t base = (uint64_t)from->base, step = (uint64_t)from->step, largest = largest_of(from->width);
    const bool has_unknown = from->width == 8 || from->has_unknown, wants_unknown = range->takes_unknown && has_unknown;
    const uint64_t unknown = from->width == 8 ? (uint64_t)TEND_UNKNOWN : largest;
    uint64_t low = 0, end = largest - (from->width < 8 && from->has_unknown); /* numbers of the row */
    bool has_any = range->low <= range->high && range->high >= from->base;

    bytes += (size_t)first * from->width;
    if (from->width == 0) {
        const bool is_wanted = from->has_unknown ? range->takes_unknown : range->low <= from->base && range->high >= from->base;

        memset(is_in, 0, is_wanted ? 0 : count);
        return;
    }
    if (from->step < 1)
        return;
    if (from->width == 8) { /* as they are; those below 0 are the larger half */
        has_any = range->low <= range->high;
        low = (uint64_t)(range->low == TEND_UNKNOWN ? TEND_UNKNOWN + 1 : range->low);
        end = (uint64_t)range->high;
    } else if (has_any) {
        low = range->low <= from->base ? 0 : ((uint64_t)range->low - base - 1) / step + 1;
        end = ((uint64_t)range->high - base) / step < end ? ((uint64_t)range->high - base) / step : end;
        has_any = low <= end;
    }
    if (!has_any && !wants_unknown)
        memset(is_in, 0, count);
    else if (!has_any)
        sift(bytes, from->width, unknown, 0, unknown, count, is_in);
    else
        sift(bytes, from->width, low, end - low, wants_unknown ? unknown : low, count, is_in);
}

void tend_chunk_pick(const tend_chunk *chunk, size_t group, int column, uint32_t first, const uint32_t *rows, uint32_t count,
                     int64_t *ret_values)
{
    const char *bytes;
    const packed *from = chunk_packed(chunk, group, column, &bytes);
    const bool has_unknown = from->has_unknown && from->width < 8;
    const uint64_t unknown = from->width ? largest_of(from->width) : 0; /* of width 0 there is only the number 0 */

#define PICK(type)                                                                                                       \
    do {                                                                                                                 \
        for (uint32_t i = 0; i < count; i++) {                                                                           \
            if (i + PICKED_AHEAD < count)                                                                                \
                __builtin_prefetch((const type *)(const void *)bytes + rows[i + PICKED_AHEAD]);                          \
            const uint64_t n = ((const type *)(const void *)bytes)[rows[i]];                                             \
                                                                                                                         \
            ret_values[i] =                                                                                              \
                has_unknown && n == unknown ? TEND_UNKNOWN : (int64_t)((uint64_t)from->base + (uint64_t)from->step * n); \
        }                                                                                                                \
    } while (0)

    bytes += (size_t)first * from->width;
    switch (from->width) {
    case 1:
        PICK(uint8_t);
        break;
    case 2:
        PICK(uint16_t);
        break;
    case 4:
        PICK(uint32_t);
        break;
    case 8:
        for (uint32_t i = 0; i < count; i++)
            memcpy(&ret_values[i], bytes + (size_t)rows[i] * 8, 8);
        break;
    default:
        for (uint32_t i = 0; i < count; i++)
            ret_values[i] = from->has_unknown ? TEND_UNKNOWN : from->base;
    }
}
