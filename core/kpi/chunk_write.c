/* chunk_write.c: writing a chunk, group by group, in memory for one group. */
#include "base/arena.h"
#include "base/file.h"
#include "kpi/chunk_file.h"
#include "kpi/words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tend/plugin.h>
#include <unistd.h>

#define ARRAYS_MAX (PACKED_COLUMNS + TEND_CHUNK_COLUMNS_MAX)

typedef struct list {
    int64_t *items; /* owned */
    size_t count, room;
} list;

struct tend_chunk_writer {
    char *path, *beside; /* owned; where it will stand, and where it stands until it is finished */
    FILE *file;
    uint64_t at; /* bytes written */
    uint64_t rows;
    column_head columns[TEND_CHUNK_COLUMNS_MAX];
    tend_words *words[TEND_CHUNK_COLUMNS_MAX]; /* owned */
    size_t count;
    list arrays[ARRAYS_MAX]; /* of the group under way */
    char *scratch;           /* owned; one packed array */
    size_t scratch_room;
    char *directory; /* owned; group heads so far */
    size_t directory_length, directory_room;
    size_t groups;
};

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
}

static tend_status push(list *to, int64_t number)
{
    if (to->count == to->room) {
        const size_t room = to->room ? 2 * to->room : 4096;
        int64_t *items = realloc(to->items, room * sizeof *items);

        if (!items)
            return TEND_ENOMEM;
        to->items = items;
        to->room = room;
    }
    to->items[to->count++] = number;
    return TEND_OK;
}

void tend_chunk_discard(tend_chunk_writer *writer)
{
    if (!writer)
        return;
    if (writer->file) {
        (void)fclose(writer->file);
        (void)unlink(writer->beside);
    }
    for (size_t i = 0; i < ARRAYS_MAX; i++)
        free(writer->arrays[i].items);
    for (size_t i = 0; i < writer->count; i++)
        tend_words_free(writer->words[i]);
    free(writer->scratch);
    free(writer->directory);
    free(writer->beside);
    free(writer->path);
    free(writer);
}

static tend_status cannot_write(const tend_chunk_writer *writer, tend_error *reterr)
{
    return tend_fail(reterr, TEND_EIO, "%s: cannot be written: %s", writer->path, strerrordesc_np(errno));
}

static tend_status write_bytes(tend_chunk_writer *writer, const void *bytes, size_t length, tend_error *reterr)
{
    if (length > 0 && fwrite(bytes, 1, length, writer->file) != length)
        return cannot_write(writer, reterr);
    writer->at += length;
    return TEND_OK;
}

tend_status tend_chunk_create(const char *path, const tend_chunk_column *columns, size_t count, tend_chunk_writer **ret_writer,
                              tend_error *reterr)
{
    static const chunk_head nothing;
    tend_chunk_writer *writer = calloc(1, sizeof *writer);
    tend_status status = writer && count <= TEND_CHUNK_COLUMNS_MAX ? TEND_OK : out_of_memory(reterr);

    if (status >= 0) {
        writer->path = strdup(path);
        if (asprintf(&writer->beside, "%s.new", path) < 0)
            writer->beside = NULL;
        if (!writer->path || !writer->beside)
            status = out_of_memory(reterr);
    }
    for (; status >= 0 && writer->count < count; writer->count++) {
        const tend_chunk_column *from = &columns[writer->count];
        column_head *column = &writer->columns[writer->count];

        memcpy(column->name, from->name, sizeof column->name);
        column->is_text = from->is_text;
        if (from->is_text && !(writer->words[writer->count] = tend_words_new()))
            status = out_of_memory(reterr);
    }
    if (status >= 0) {
        const mode_t mask = umask(077); /* what the store holds is nobody else's */

        writer->file = fopen(writer->beside, "wbe");
        (void)umask(mask);
        status = writer->file ? write_bytes(writer, &nothing, sizeof nothing, reterr) : cannot_write(writer, reterr);
    }
    if (status < 0) {
        tend_chunk_discard(writer);
        return status;
    }
    *ret_writer = writer;
    return TEND_OK;
}

tend_status tend_chunk_word(tend_chunk_writer *writer, size_t column, const char *text, size_t length, int64_t *ret_number,
                            tend_error *reterr)
{
    uint32_t count;

    if (!writer->columns[column].is_left_out) {
        *ret_number = tend_words_number(writer->words[column], text, length);
        if (*ret_number < 0)
            return out_of_memory(reterr);
        (void)tend_words_list(writer->words[column], &count);
        writer->columns[column].is_left_out = count > TEND_CHUNK_WORDS_MAX;
    }
    if (writer->columns[column].is_left_out)
        *ret_number = 0;
    return TEND_OK;
}

/* ---- groups ------------------------------------------------------------------------------------------------------------ */

static uint64_t greatest_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        const uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static void choose_width(const list *from, packed *to)
{
    int64_t lowest = INT64_MAX, highest = INT64_MIN;
    uint64_t step = 0, numbers;

    *to = (packed){ .step = 1 };
    for (size_t i = 0; i < from->count; i++) {
        if (from->items[i] == TEND_UNKNOWN) {
            to->has_unknown = 1;
            continue;
        }
        lowest = from->items[i] < lowest ? from->items[i] : lowest;
        highest = from->items[i] > highest ? from->items[i] : highest;
    }
    if (lowest > highest || (lowest == highest && !to->has_unknown)) { /* nothing, all unknown, or all the same */
        to->base = lowest > highest ? 0 : lowest;
        return;
    }
    for (size_t i = 0; i < from->count && step != 1; i++)
        if (from->items[i] != TEND_UNKNOWN)
            step = greatest_divisor((uint64_t)from->items[i] - (uint64_t)lowest, step);
    step = step > 0 && step <= INT64_MAX ? step : 1;
    numbers = ((uint64_t)highest - (uint64_t)lowest) / step + to->has_unknown;
    to->base = lowest;
    to->step = (int64_t)step;
    to->width = numbers <= UINT8_MAX ? 1 : numbers <= UINT16_MAX ? 2 : numbers <= UINT32_MAX ? 4 : 8;
    if (to->width == 8) {
        to->base = 0;
        to->step = 1;
    }
}

#define PACK(type, largest)                                                                                                    \
    do {                                                                                                                       \
        type *numbers = (type *)(void *)bytes;                                                                                 \
                                                                                                                               \
        for (size_t i = 0; i < from->count; i++)                                                                               \
            numbers[i] =                                                                                                       \
                (type)(from->items[i] == TEND_UNKNOWN ? (uint64_t)(largest)                                                    \
                                                      : ((uint64_t)from->items[i] - (uint64_t)to->base) / (uint64_t)to->step); \
    } while (0)

static void pack(const list *from, const packed *to, char *bytes)
{
    if (to->width == 1)
        PACK(uint8_t, UINT8_MAX);
    else if (to->width == 2)
        PACK(uint16_t, UINT16_MAX);
    else if (to->width == 4)
        PACK(uint32_t, UINT32_MAX);
    else if (to->width == 8)
        memcpy(bytes, from->items, from->count * 8);
}

static size_t round_up(size_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

static char *grow(char **bytes, size_t *room, size_t wanted)
{
    if (wanted > *room) {
        const size_t larger = wanted > 2 * *room ? wanted : 2 * *room;
        char *moved = realloc(*bytes, larger);

        if (!moved)
            return NULL;
        *bytes = moved;
        *room = larger;
    }
    return *bytes;
}

static tend_status end_group(tend_chunk_writer *writer, tend_error *reterr)
{
    const size_t arrays = PACKED_COLUMNS + writer->count, size = sizeof(group_head) + arrays * sizeof(packed);
    const list *accounts = &writer->arrays[PACKED_ACCOUNTS];
    packed packs[ARRAYS_MAX];
    group_head head;
    size_t length = 0;

    if (accounts->count == 0)
        return TEND_OK;
    if (push(&writer->arrays[PACKED_STARTS], (int64_t)writer->arrays[PACKED_ID].count) < 0)
        return out_of_memory(reterr);
    for (size_t k = 0; k < arrays; k++) {
        choose_width(&writer->arrays[k], &packs[k]);
        packs[k].offset = writer->at + length;
        length += round_up(writer->arrays[k].count * packs[k].width);
    }
    if (!grow(&writer->scratch, &writer->scratch_room, length + 8) ||
        !grow(&writer->directory, &writer->directory_room, writer->directory_length + size))
        return out_of_memory(reterr);
    memset(writer->scratch, 0, length);
    for (size_t k = 0; k < arrays; k++)
        pack(&writer->arrays[k], &packs[k], writer->scratch + (packs[k].offset - writer->at));
    head = (group_head){ .first = accounts->items[0],
                         .last = accounts->items[accounts->count - 1],
                         .accounts = (uint32_t)accounts->count,
                         .rows = (uint32_t)writer->arrays[PACKED_ID].count,
                         .offset = writer->at,
                         .length = length,
                         .hash = chunk_hash(writer->scratch, length) };
    memcpy(writer->directory + writer->directory_length, &head, sizeof head);
    memcpy(writer->directory + writer->directory_length + sizeof head, packs, arrays * sizeof *packs);
    writer->directory_length += size;
    writer->groups++;
    writer->rows += head.rows;
    for (size_t k = 0; k < arrays; k++)
        writer->arrays[k].count = 0;
    return write_bytes(writer, writer->scratch, length, reterr);
}

tend_status tend_chunk_put(tend_chunk_writer *writer, int64_t account, int64_t id, tend_time at, const int64_t *values,
                           tend_error *reterr)
{
    list *arrays = writer->arrays;
    tend_status status = TEND_OK;

    if (arrays[PACKED_ACCOUNTS].count == 0 || arrays[PACKED_ACCOUNTS].items[arrays[PACKED_ACCOUNTS].count - 1] != account) {
        if (arrays[PACKED_ID].count >= TEND_CHUNK_GROUP_ROWS)
            status = end_group(writer, reterr);
        if (status < 0)
            return status;
        status = push(&arrays[PACKED_ACCOUNTS], account);
        if (status >= 0)
            status = push(&arrays[PACKED_STARTS], (int64_t)arrays[PACKED_ID].count);
    }
    if (arrays[PACKED_ID].count >= UINT32_MAX - 1)
        return tend_fail(reterr, TEND_ELIMIT, "columns: more than 4 billion rows of one account");
    if (status >= 0)
        status = push(&arrays[PACKED_ID], id);
    if (status >= 0)
        status = push(&arrays[PACKED_AT], at);
    for (size_t i = 0; status >= 0 && i < writer->count; i++)
        status = push(&arrays[PACKED_COLUMNS + i], writer->columns[i].is_left_out ? TEND_UNKNOWN : values[i]);
    return status < 0 ? out_of_memory(reterr) : TEND_OK;
}

/* ---- the end ----------------------------------------------------------------------------------------------------------- */

/* Words and directory are put together in `ret_bytes`, for their hash is over both. */
static tend_status write_directory(tend_chunk_writer *writer, char **bytes, size_t *length, tend_error *reterr)
{
    size_t room = 0;

    for (size_t i = 0; i < writer->count; i++) {
        column_head *column = &writer->columns[i];
        uint32_t count = 0;
        const char *const *words = column->is_text && !column->is_left_out ? tend_words_list(writer->words[i], &count) : NULL;
        size_t at = *length + count * sizeof(uint64_t), end = at;

        for (uint32_t k = 0; k < count; k++)
            end += strlen(words[k]) + 1;
        if (!grow(bytes, &room, round_up(end) + 8))
            return out_of_memory(reterr);
        memset(*bytes + *length, 0, round_up(end) - *length);
        for (uint32_t k = 0; k < count; k++) {
            const size_t size = strlen(words[k]) + 1;
            const uint64_t place = writer->at + at;

            memcpy(*bytes + *length + k * sizeof place, &place, sizeof place);
            memcpy(*bytes + at, words[k], size);
            at += size;
        }
        column->words_at = writer->at + *length;
        column->word_count = count;
        *length = round_up(end);
    }
    const size_t heads = writer->count * sizeof *writer->columns;

    if (!grow(bytes, &room, *length + heads + writer->directory_length + 8))
        return out_of_memory(reterr);
    memcpy(*bytes + *length, writer->columns, heads);
    if (writer->directory_length > 0)
        memcpy(*bytes + *length + heads, writer->directory, writer->directory_length);
    *length += heads + writer->directory_length;
    return TEND_OK;
}

static tend_status finish(tend_chunk_writer *writer, tend_error *reterr)
{
    char *bytes = NULL;
    size_t length = 0;
    tend_status status = end_group(writer, reterr);
    chunk_head head = { .magic = CHUNK_MAGIC, .columns = writer->count, .groups = writer->groups, .rows = writer->rows };

    head.words_at = writer->at;
    if (status >= 0)
        status = write_directory(writer, &bytes, &length, reterr);
    if (status >= 0) {
        head.length = writer->at + length;
        head.directory_at = head.length - writer->directory_length - writer->count * sizeof *writer->columns;
        head.directory_hash = chunk_hash(bytes, length);
        head.hash = chunk_hash(&head, offsetof(chunk_head, hash));
        status = write_bytes(writer, bytes, length, reterr);
    }
    free(bytes);
    if (status >= 0 &&
        (fseek(writer->file, 0, SEEK_SET) < 0 || fwrite(&head, sizeof head, 1, writer->file) != 1 || fflush(writer->file) != 0))
        status = cannot_write(writer, reterr);
    if (status >= 0 && rename(writer->beside, writer->path) < 0)
        status = cannot_write(writer, reterr);
    if (status >= 0) {
        (void)fclose(writer->file);
        writer->file = NULL;
    }
    return status;
}

tend_status tend_chunk_finish(tend_chunk_writer *writer, tend_error *reterr)
{
    const tend_status status = finish(writer, reterr);

    tend_chunk_discard(writer);
    return status;
}
