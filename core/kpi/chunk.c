/* chunk.c: reading a chunk. */
#include "base/wide.h"
#include "kpi/chunk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <tend/plugin.h>
#include <unistd.h>

struct tend_chunk {
    const char *bytes; /* the mapped file */
    size_t length;
    chunk_head head; /* copied */
    const column_head *columns;
    const char *groups;     /* group heads, each with its arrays */
    size_t group_size;      /* bytes from one group head to the next */
    const char ***words;    /* owned; by column */
    unsigned char *is_good; /* owned; by group: was checked */
};

uint64_t chunk_hash(const void *bytes, size_t length)
{
    static const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t lanes[4] = { length, ~(uint64_t)length, prime, 1 }, word;
    const char *at = bytes;

    for (; length >= 32; length -= 32, at += 32) {
        for (int i = 0; i < 4; i++) {
            memcpy(&word, at + 8 * i, 8);
            lanes[i] = (lanes[i] ^ word) * prime;
            lanes[i] ^= lanes[i] >> 29;
        }
    }
    for (; length >= 8; length -= 8, at += 8) {
        memcpy(&word, at, 8);
        lanes[0] = (lanes[0] ^ word) * prime;
        lanes[0] ^= lanes[0] >> 29;
    }
    for (int i = 1; i < 4; i++) {
        lanes[0] = (lanes[0] ^ lanes[i]) * prime;
        lanes[0] ^= lanes[0] >> 32;
    }
    return lanes[0];
}

static bool holds(const tend_chunk *chunk, uint64_t at, uint64_t count, uint64_t size)
{
    return at % 8 == 0 && at <= chunk->length && (size == 0 || count <= (chunk->length - at) / size);
}

static const group_head *head_of(const tend_chunk *chunk, size_t group)
{
    return (const group_head *)(const void *)(chunk->groups + group * chunk->group_size);
}

static size_t place_of(int column)
{
    return column == TEND_CHUNK_ID ? PACKED_ID : column == TEND_CHUNK_AT ? PACKED_AT : PACKED_COLUMNS + (size_t)column;
}

static const packed *packed_of(const tend_chunk *chunk, size_t group, size_t place)
{
    return (const packed *)(const void *)(head_of(chunk, group) + 1) + place;
}

/* ---- opening ----------------------------------------------------------------------------------------------------------- */

static bool is_packed_good(const tend_chunk *chunk, const group_head *group, const packed *from, uint64_t count)
{
    if (from->width != 0 && from->width != 1 && from->width != 2 && from->width != 4 && from->width != 8)
        return false;
    return from->offset >= group->offset && from->offset - group->offset <= group->length &&
           count * from->width <= group->length - (from->offset - group->offset) && holds(chunk, from->offset, count, from->width);
}

static bool take_groups(tend_chunk *chunk)
{
    const size_t arrays = PACKED_COLUMNS + chunk->head.columns;
    int64_t last = INT64_MIN;
    uint64_t rows = 0;

    for (size_t i = 0; i < chunk->head.groups; i++) {
        const group_head *group = head_of(chunk, i);

        if (group->accounts == 0 || group->first <= last || group->last < group->first || group->length % 8 != 0 ||
            !holds(chunk, group->offset, group->length, 1))
            return false;
        for (size_t k = 0; k < arrays; k++) {
            const uint64_t count = k == PACKED_ACCOUNTS ? group->accounts
                                   : k == PACKED_STARTS ? (uint64_t)group->accounts + 1
                                                        : group->rows;

            if (!is_packed_good(chunk, group, packed_of(chunk, i, k), count))
                return false;
        }
        last = group->last;
        rows += group->rows;
    }
    return rows == chunk->head.rows;
}

static bool take_words(tend_chunk *chunk, size_t column)
{
    const column_head *head = &chunk->columns[column];
    const uint64_t *offsets = (const uint64_t *)(const void *)(chunk->bytes + head->words_at);

    if (!memchr(head->name, '\0', sizeof head->name))
        return false;
    if (!head->is_text)
        return true;
    if (!holds(chunk, head->words_at, head->word_count, sizeof *offsets) || head->word_count > TEND_CHUNK_WORDS_MAX)
        return false;
    chunk->words[column] = calloc(head->word_count + 1, sizeof *chunk->words[column]);
    for (uint64_t i = 0; chunk->words[column] && i < head->word_count; i++) {
        if (offsets[i] >= chunk->length || !memchr(chunk->bytes + offsets[i], '\0', chunk->length - offsets[i]))
            return false;
        chunk->words[column][i] = chunk->bytes + offsets[i];
    }
    return chunk->words[column] != NULL;
}

static bool take(tend_chunk *chunk)
{
    const chunk_head *head = &chunk->head;

    memcpy(&chunk->head, chunk->bytes, sizeof chunk->head);
    if (head->magic != CHUNK_MAGIC || head->hash != chunk_hash(head, offsetof(chunk_head, hash)) || head->length != chunk->length ||
        head->columns > TEND_CHUNK_COLUMNS_MAX || !holds(chunk, head->directory_at, head->columns, sizeof(column_head)) ||
        !holds(chunk, head->words_at, 0, 1) || head->words_at > head->directory_at || chunk->length % 8 != 0)
        return false;
    if (head->directory_hash != chunk_hash(chunk->bytes + head->words_at, chunk->length - head->words_at))
        return false;
    chunk->columns = (const column_head *)(const void *)(chunk->bytes + head->directory_at);
    chunk->groups = (const char *)(chunk->columns + head->columns);
    chunk->group_size = sizeof(group_head) + (PACKED_COLUMNS + head->columns) * sizeof(packed);
    if (head->groups != (size_t)(chunk->bytes + chunk->length - chunk->groups) / chunk->group_size)
        return false;
    chunk->words = calloc(head->columns + 1, sizeof *chunk->words);
    chunk->is_good = calloc(head->groups + 1, 1);
    if (!chunk->words || !chunk->is_good)
        return false;
    for (size_t i = 0; i < head->columns; i++)
        if (!take_words(chunk, i))
            return false;
    return take_groups(chunk);
}

tend_status tend_chunk_open(const char *path, tend_chunk **ret_chunk, tend_error *reterr)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    tend_chunk *chunk = calloc(1, sizeof *chunk);
    struct stat about;
    void *bytes = MAP_FAILED;
    tend_status status = TEND_OK;

    if (fd < 0)
        status = tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EIO, "%s: %s", path, strerrordesc_np(errno));
    else if (!chunk)
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    else if (fstat(fd, &about) < 0 || about.st_size < (off_t)sizeof(chunk_head))
        status = tend_fail(reterr, TEND_ECORRUPT, "%s: no columns; it is made again by the next refresh", path);
    else if ((bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED)
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be mapped: %s", path, strerrordesc_np(errno));
    if (fd >= 0)
        (void)close(fd);
    if (status >= 0) {
        chunk->bytes = bytes;
        chunk->length = (size_t)about.st_size;
        if (!take(chunk))
            status = tend_fail(reterr, TEND_ECORRUPT, "%s: broken columns; they are made again by the next refresh", path);
    }
    if (status < 0) {
        tend_chunk_close(chunk);
        return status;
    }
    *ret_chunk = chunk;
    return TEND_OK;
}

void tend_chunk_close(tend_chunk *chunk)
{
    if (!chunk)
        return;
    for (size_t i = 0; chunk->words && i < chunk->head.columns; i++)
        free((void *)chunk->words[i]);
    free((void *)chunk->words);
    free(chunk->is_good);
    if (chunk->bytes)
        (void)munmap((void *)(uintptr_t)chunk->bytes, chunk->length);
    free(chunk);
}

/* ---- what there is ----------------------------------------------------------------------------------------------------- */

size_t tend_chunk_columns(const tend_chunk *chunk)
{
    return chunk->head.columns;
}

const char *tend_chunk_name(const tend_chunk *chunk, size_t column)
{
    return chunk->columns[column].name;
}

int tend_chunk_find(const tend_chunk *chunk, const char *name)
{
    for (size_t i = 0; i < chunk->head.columns; i++)
        if (strcmp(chunk->columns[i].name, name) == 0)
            return chunk->columns[i].is_left_out ? -1 : (int)i;
    return -1;
}

const char *const *tend_chunk_words(const tend_chunk *chunk, size_t column, uint32_t *ret_count)
{
    *ret_count = (uint32_t)chunk->columns[column].word_count;
    return chunk->words[column];
}

uint64_t tend_chunk_rows(const tend_chunk *chunk)
{
    return chunk->head.rows;
}

uint64_t tend_chunk_bytes(const tend_chunk *chunk)
{
    return chunk->length;
}

size_t tend_chunk_groups(const tend_chunk *chunk)
{
    return chunk->head.groups;
}

tend_chunk_group tend_chunk_group_at(const tend_chunk *chunk, size_t group)
{
    const group_head *head = head_of(chunk, group);

    return (tend_chunk_group){ head->first, head->last, head->accounts, head->rows };
}

/* ---- rows of numbers --------------------------------------------------------------------------------------------------- */

#define AT_ONCE 256u

/* One loop for each width, of a kind that compilers make vectors of. */
#define EACH(expression)                                                                            \
    do {                                                                                            \
        for (uint32_t some = 0; some < count; some += AT_ONCE) {                                    \
            const uint32_t end = count - some < AT_ONCE ? count : some + AT_ONCE;                   \
                                                                                                    \
            if (count - some > TEND_AHEAD / sizeof *numbers)                                        \
                tend_ahead((const char *)(numbers + some) + TEND_AHEAD, AT_ONCE * sizeof *numbers); \
            for (uint32_t i = some; i < end; i++) {                                                 \
                const uint64_t n = numbers[i];                                                      \
                                                                                                    \
                values[i] = (int64_t)(expression);                                                  \
            }                                                                                       \
        }                                                                                           \
    } while (0)
#define UNPACK(type, largest)                                                                      \
    do {                                                                                           \
        const type *restrict numbers = (const type *)(const void *)(bytes + from->offset) + first; \
                                                                                                   \
        if (from->has_unknown && step == 1)                                                        \
            EACH(n == (largest) ? (uint64_t)TEND_UNKNOWN : base + n);                              \
        else if (from->has_unknown)                                                                \
            EACH(n == (largest) ? (uint64_t)TEND_UNKNOWN : base + step * n);                       \
        else if (step == 1)                                                                        \
            EACH(base + n);                                                                        \
        else if (step <= UINT32_MAX) /* factors of 32 bits: one instruction for several */         \
            EACH(base + (uint64_t)(uint32_t)step * (uint32_t)n);                                   \
        else                                                                                       \
            EACH(base + step * n);                                                                 \
    } while (0)

TEND_WIDE
static void unpack(const char *bytes, const packed *from, uint32_t first, uint32_t count, int64_t *restrict values)
{
    const uint64_t base = (uint64_t)from->base, step = (uint64_t)from->step;

    switch (from->width) {
    case 1:
        UNPACK(uint8_t, UINT8_MAX);
        break;
    case 2:
        UNPACK(uint16_t, UINT16_MAX);
        break;
    case 4:
        UNPACK(uint32_t, UINT32_MAX);
        break;
    case 8: /* as they are */
        if (count > 0)
            memcpy(values, bytes + from->offset + (size_t)first * 8, (size_t)count * 8);
        break;
    default:
        for (uint32_t i = 0; i < count; i++)
            values[i] = from->has_unknown ? TEND_UNKNOWN : from->base;
    }
}

static bool is_group_good(const tend_chunk *chunk, size_t group)
{
    const group_head *head = head_of(chunk, group);

    return head->hash == chunk_hash(chunk->bytes + head->offset, head->length);
}

tend_status tend_chunk_accounts(tend_chunk *chunk, size_t group, int64_t *ret_accounts, uint32_t *ret_starts, tend_error *reterr)
{
    const group_head *head = head_of(chunk, group);
    int64_t starts[256];

    if (!chunk->is_good[group] && !is_group_good(chunk, group))
        return tend_fail(reterr, TEND_ECORRUPT, "columns: rows of accounts %lld to %lld are broken", (long long)head->first,
                         (long long)head->last);
    unpack(chunk->bytes, packed_of(chunk, group, PACKED_ACCOUNTS), 0, head->accounts, ret_accounts);
    for (uint32_t i = 0; i <= head->accounts; i += 256) {
        const uint32_t count = head->accounts + 1 - i < 256 ? head->accounts + 1 - i : 256;

        unpack(chunk->bytes, packed_of(chunk, group, PACKED_STARTS), i, count, starts);
        for (uint32_t k = 0; k < count; k++)
            ret_starts[i + k] = (uint32_t)starts[k];
    }
    for (uint32_t i = 0; !chunk->is_good[group] && i < head->accounts; i++)
        if (ret_starts[i] > ret_starts[i + 1])
            return tend_fail(reterr, TEND_ECORRUPT, "columns: rows that begin before others end");
    if (ret_starts[0] != 0 || ret_starts[head->accounts] != head->rows)
        return tend_fail(reterr, TEND_ECORRUPT, "columns: rows that belong to no account");
    chunk->is_good[group] = 1;
    return TEND_OK;
}

void tend_chunk_read(const tend_chunk *chunk, size_t group, int column, uint32_t first, uint32_t count, int64_t *ret_values)
{
    unpack(chunk->bytes, packed_of(chunk, group, place_of(column)), first, count, ret_values);
}

bool tend_chunk_read_as(const tend_chunk *chunk, size_t group, int column, uint32_t first, uint32_t count, const int64_t *numbers,
                        uint32_t known, int64_t *ret_values)
{
    const packed *from = packed_of(chunk, group, PACKED_COLUMNS + (size_t)column);
    bool is_good = true;

    if (from->width == 1) { /* nearly always: what each of its numbers is */
        const uint8_t *bytes = (const uint8_t *)(chunk->bytes + from->offset) + first;
        int64_t table[UINT8_MAX + 1];
        bool is_word[UINT8_MAX + 1];

        for (unsigned n = 0; n <= UINT8_MAX; n++) {
            const uint64_t word = (uint64_t)from->base + (uint64_t)from->step * n;
            const bool is_unknown = from->has_unknown && n == UINT8_MAX;

            is_word[n] = is_unknown || word < known;
            table[n] = is_unknown || word >= known ? TEND_UNKNOWN : numbers[word];
        }
        for (uint32_t i = 0; i < count; i++) {
            is_good &= is_word[bytes[i]];
            ret_values[i] = table[bytes[i]];
        }
        return is_good;
    }
    tend_chunk_read(chunk, group, column, first, count, ret_values);
    for (uint32_t i = 0; i < count; i++) {
        if (ret_values[i] == TEND_UNKNOWN)
            continue;
        is_good &= ret_values[i] >= 0 && ret_values[i] < (int64_t)known;
        ret_values[i] = is_good ? numbers[ret_values[i]] : TEND_UNKNOWN;
    }
    return is_good;
}

const packed *chunk_packed(const tend_chunk *chunk, size_t group, int column, const char **ret_bytes)
{
    const packed *from = packed_of(chunk, group, place_of(column));

    *ret_bytes = chunk->bytes + from->offset;
    return from;
}
