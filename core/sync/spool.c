#include "sync/spool.h"
#include "base/file.h"
#include "sync/scribe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* A row: head, external id + NUL, fields, cells (u32 length + bytes; UINT32_MAX: not named), the hash of a TEND_SPOOL_HASHED. A
 * field is its head and what its type needs: u32 length and text + NUL, or an i64; amounts and references, also those still to
 * come, have 4 bytes more. */
typedef struct row_head {
    uint32_t bytes; /* of the whole row */
    uint32_t part;
    uint64_t line;
    int64_t effective_at, known_at;
    uint32_t external_length;
    uint32_t cells_at; /* from the row's beginning */
    uint16_t kind, field_count, cell_count, flags;
} row_head;

typedef struct value_head {
    uint16_t field;
    uint8_t type, scale;
} value_head;

#define CURRENCY_BYTES 4
#define MAGIC "tendspl5"
typedef struct foot {
    uint64_t order_at, order_count, offsets_at, row_count, found_at, found_count, meta_at, meta_length;
    char magic[8];
} foot;

struct tend_spool {
    char *path, *part_path;
    int fd;
    uint64_t flushed; /* bytes in the file, or on the way there */
    tend_buffer buffer;
    tend_scribe *scribe; /* owned; NULL: nothing was long enough for one */
    bool is_alone;       /* there is none to be had */
    void *map;           /* of what is in the file, while keys are read */
    size_t mapped;
    bool is_finished;
};

#define FLUSH_AT (1u << 20)

static tend_status fail_io(const tend_spool *spool, tend_error *reterr)
{
    return tend_fail(reterr, errno == ENOSPC ? TEND_EFULL : TEND_EIO, "%s: cannot be written: %s", spool->part_path,
                     strerror(errno));
}

static tend_status write_out(tend_spool *spool, const void *bytes, size_t length, tend_error *reterr)
{
    size_t done = 0;

    while (done < length) {
        ssize_t count = pwrite(spool->fd, (const char *)bytes + done, length - done, (off_t)(spool->flushed + done));

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return fail_io(spool, reterr);
        done += (size_t)count;
    }
    spool->flushed += done;
    return TEND_OK;
}

/* The buffer is on its way. */
static tend_status hand_over(tend_spool *spool, tend_error *reterr)
{
    const size_t length = spool->buffer.length;

    errno = tend_scribe_give(spool->scribe, &spool->buffer, spool->flushed);
    if (errno != 0)
        return fail_io(spool, reterr);
    spool->flushed += length;
    return TEND_OK;
}

/* What is on its way is in the file. */
static tend_status wait(tend_spool *spool, tend_error *reterr)
{
    errno = tend_scribe_wait(spool->scribe);
    return errno != 0 ? fail_io(spool, reterr) : TEND_OK;
}

/* All of it is in the file. */
static tend_status flush(tend_spool *spool, tend_error *reterr)
{
    tend_status status = wait(spool, reterr);

    if (status < 0)
        return status;
    status = spool->buffer.failed ? tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", spool->part_path)
                                  : write_out(spool, spool->buffer.bytes, spool->buffer.length, reterr);

    if (status == TEND_OK)
        tend_buffer_reset(&spool->buffer);
    return status;
}

/* The buffer is full. */
static tend_status move_on(tend_spool *spool, tend_error *reterr)
{
    if (!spool->scribe && !spool->is_alone) {
        spool->scribe = tend_scribe_new(spool->fd);
        spool->is_alone = !spool->scribe;
    }
    return spool->is_alone || spool->buffer.failed ? flush(spool, reterr) : hand_over(spool, reterr);
}

tend_status tend_spool_create(const char *path, tend_spool **ret_spool, tend_error *reterr)
{
    tend_spool *spool = calloc(1, sizeof *spool);
    tend_status status = TEND_ENOMEM;

    if (!spool)
        return tend_fail(reterr, status, "memory is used up");
    spool->fd = -1;
    spool->path = strdup(path);
    if (!spool->path || asprintf(&spool->part_path, "%s.part", path) < 0) {
        spool->part_path = NULL; /* nothing is known of it then */
        (void)tend_fail(reterr, status, "memory is used up");
        goto out;
    }
    spool->fd = open(spool->part_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (spool->fd < 0) {
        status =
            tend_fail(reterr, errno == ENOSPC ? TEND_EFULL : TEND_EIO, "%s: cannot be made: %s", spool->part_path, strerror(errno));
        goto out;
    }
    tend_buffer_append(&spool->buffer, MAGIC, 8);
    status = TEND_OK;
    *ret_spool = spool;
    spool = NULL;
out:
    tend_spool_close(spool);
    return status;
}

void tend_spool_close(tend_spool *spool)
{
    if (!spool)
        return;
    tend_spool_keys_end(spool);
    tend_scribe_free(spool->scribe);
    if (spool->fd >= 0) {
        (void)close(spool->fd);
        if (!spool->is_finished)
            (void)unlink(spool->part_path);
    }
    tend_buffer_clear(&spool->buffer);
    free(spool->path);
    free(spool->part_path);
    free(spool);
}

/* Of a value that is no text, behind its head. */
static size_t value_bytes(uint8_t type, uint8_t scale)
{
    if (type == TEND_REF || type == TEND_MONEY || (type == TEND_NULL && scale == TEND_SPOOL_LATER))
        return sizeof(int64_t) + CURRENCY_BYTES;
    return type == TEND_NULL ? 0 : sizeof(int64_t);
}

static size_t row_bytes(const tend_spool_row *row, const tend_cell *cells, uint32_t count)
{
    size_t bytes = sizeof(row_head) + row->external_length + 1;

    for (int i = 0; i < row->field_count; i++) {
        const tend_value *value = &row->fields[i].value;

        bytes += sizeof(value_head) +
                 (value->type == TEND_TEXT ? sizeof(uint32_t) + value->length + 1 : value_bytes(value->type, value->scale));
    }
    for (uint32_t i = 0; i < count; i++)
        bytes += sizeof(uint32_t) + (cells[i].text ? cells[i].length : 0);
    if (row->flags & TEND_SPOOL_HASHED)
        bytes += sizeof row->hash;
    return bytes;
}

static char *put(char *at, const void *bytes, size_t length)
{
    return length > 0 ? (char *)mempcpy(at, bytes, length) : at;
}

static char *put_field(char *at, const tend_assignment *assignment)
{
    const tend_value *value = &assignment->value;
    value_head field = { .field = (uint16_t)assignment->field, .type = value->type, .scale = value->scale };
    size_t bytes = value_bytes(value->type, value->scale);

    at = put(at, &field, sizeof field);
    if (value->type == TEND_TEXT) {
        uint32_t length = (uint32_t)value->length;

        at = put(at, &length, sizeof length);
        at = put(at, value->text, value->length);
        *at++ = '\0';
        return at;
    }
    if (bytes >= sizeof value->integer)
        at = put(at, &value->integer, sizeof value->integer);
    return bytes > sizeof value->integer ? put(at, value->currency, CURRENCY_BYTES) : at;
}

tend_status tend_spool_add(tend_spool *spool, const tend_spool_row *row, const tend_cell *cells, uint32_t cell_count,
                           uint64_t *ret_offset, uint64_t *ret_fields, tend_error *reterr)
{
    tend_buffer *buffer = &spool->buffer;
    uint32_t count = cells ? (uint16_t)cell_count : 0;
    row_head head = { .bytes = (uint32_t)row_bytes(row, cells, count),
                      .part = row->part,
                      .line = row->line,
                      .effective_at = row->effective_at,
                      .known_at = row->known_at,
                      .external_length = (uint32_t)row->external_length,
                      .kind = (uint16_t)row->kind,
                      .field_count = (uint16_t)row->field_count,
                      .cell_count = (uint16_t)count,
                      .flags = (uint16_t)row->flags };
    uint64_t offset = spool->flushed + buffer->length;
    char *begin = tend_buffer_extend(buffer, head.bytes), *at = begin;

    if (!begin)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", spool->part_path);
    at = put(at + sizeof head, row->external, row->external_length);
    *at++ = '\0';
    for (int i = 0; i < row->field_count; i++) {
        if (ret_fields)
            ret_fields[i] = offset + (uint64_t)(at - begin);
        at = put_field(at, &row->fields[i]);
    }
    head.cells_at = (uint32_t)(at - begin);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = cells[i].text ? (uint32_t)cells[i].length : UINT32_MAX;

        at = put(at, &length, sizeof length);
        if (cells[i].text)
            at = put(at, cells[i].text, cells[i].length);
    }
    if (row->flags & TEND_SPOOL_HASHED)
        (void)put(at, row->hash, sizeof row->hash);
    memcpy(begin, &head, sizeof head);
    *ret_offset = offset;
    return buffer->length >= FLUSH_AT ? move_on(spool, reterr) : TEND_OK;
}

tend_status tend_spool_patch(tend_spool *spool, uint64_t field_offset, const tend_value *value, tend_error *reterr)
{
    char bytes[sizeof(value_head) + sizeof value->integer + CURRENCY_BYTES], *at = bytes + sizeof(value_head);
    value_head field;
    bool is_buffered = field_offset >= spool->flushed;
    tend_status status = is_buffered ? TEND_OK : wait(spool, reterr);

    if (status < 0)
        return status;
    if (is_buffered)
        memcpy(&field, spool->buffer.bytes + (field_offset - spool->flushed), sizeof field);
    else if (pread(spool->fd, &field, sizeof field, (off_t)field_offset) != (ssize_t)sizeof field)
        return fail_io(spool, reterr);
    field.type = value->type;
    field.scale = value->type == TEND_NULL ? TEND_SPOOL_LATER : value->scale; /* its room stays */
    memcpy(bytes, &field, sizeof field);
    at = put(at, &value->integer, sizeof value->integer);
    (void)put(at, value->currency, CURRENCY_BYTES);
    if (is_buffered)
        memcpy(spool->buffer.bytes + (field_offset - spool->flushed), bytes, sizeof bytes);
    else if (pwrite(spool->fd, bytes, sizeof bytes, (off_t)field_offset) != (ssize_t)sizeof bytes)
        return fail_io(spool, reterr);
    return TEND_OK;
}

static tend_status cells_of(const char *row, tend_arena *arena, const tend_cell **ret_cells, uint32_t *ret_count)
{
    row_head head;
    tend_cell *cells;
    const char *at, *end;

    memcpy(&head, row, sizeof head);
    at = row + head.cells_at;
    end = row + head.bytes;
    cells = tend_arena_take(arena, (size_t)(head.cell_count + 1u) * sizeof *cells);
    if (!cells)
        return TEND_ENOMEM;
    for (uint32_t i = 0; i < head.cell_count; i++) {
        uint32_t length;

        if ((size_t)(end - at) < sizeof length)
            return TEND_ECORRUPT;
        memcpy(&length, at, sizeof length);
        at += sizeof length;
        if (length == UINT32_MAX)
            continue;
        if ((size_t)(end - at) < length)
            return TEND_ECORRUPT;
        cells[i] = (tend_cell){ tend_arena_copy(arena, at, length), length };
        if (!cells[i].text)
            return TEND_ENOMEM;
        at += length;
    }
    *ret_cells = cells;
    *ret_count = head.cell_count;
    return TEND_OK;
}

tend_status tend_spool_cells(tend_spool *spool, uint64_t offset, tend_arena *arena, const tend_cell **ret_cells,
                             uint32_t *ret_count, tend_error *reterr)
{
    row_head head;
    char *row;
    tend_status status = flush(spool, reterr);

    if (status < 0)
        return status;
    if (pread(spool->fd, &head, sizeof head, (off_t)offset) != (ssize_t)sizeof head)
        return fail_io(spool, reterr);
    row = tend_arena_take(arena, head.bytes);
    if (!row)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    if (pread(spool->fd, row, head.bytes, (off_t)offset) != (ssize_t)head.bytes)
        return fail_io(spool, reterr);
    status = cells_of(row, arena, ret_cells, ret_count);
    return status < 0 ? tend_fail(reterr, status, "%s: a row is damaged", spool->part_path) : TEND_OK;
}

tend_status tend_spool_key(tend_spool *spool, uint64_t offset, const char **ret_key, size_t *ret_length, tend_error *reterr)
{
    row_head head;

    if (!spool->map) {
        tend_status status = flush(spool, reterr);
        void *map = status < 0 ? MAP_FAILED : mmap(NULL, spool->flushed, PROT_READ, MAP_SHARED, spool->fd, 0);

        if (status < 0)
            return status;
        if (map == MAP_FAILED)
            return fail_io(spool, reterr);
        spool->map = map;
        spool->mapped = spool->flushed;
    }
    if (offset + sizeof head > spool->mapped)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a row is damaged", spool->part_path);
    memcpy(&head, (const char *)spool->map + offset, sizeof head);
    if (offset + sizeof head + head.external_length > spool->mapped)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a row is damaged", spool->part_path);
    *ret_key = (const char *)spool->map + offset + sizeof head;
    *ret_length = head.external_length;
    return TEND_OK;
}

void tend_spool_keys_end(tend_spool *spool)
{
    if (spool->map)
        (void)munmap(spool->map, spool->mapped);
    spool->map = NULL;
}

tend_status tend_spool_external(tend_spool *spool, uint64_t offset, tend_arena *arena, const char **ret_external,
                                tend_error *reterr)
{
    char text[512];
    row_head head;
    tend_status status = flush(spool, reterr);

    *ret_external = NULL;
    if (status < 0)
        return status;
    if (pread(spool->fd, &head, sizeof head, (off_t)offset) != (ssize_t)sizeof head)
        return fail_io(spool, reterr);
    if (head.external_length > sizeof text)
        return TEND_OK;
    if (pread(spool->fd, text, head.external_length, (off_t)(offset + sizeof head)) != (ssize_t)head.external_length)
        return fail_io(spool, reterr);
    *ret_external = tend_arena_copy(arena, text, head.external_length);
    return *ret_external ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
}

tend_status tend_spool_finish(tend_spool *spool, const tend_spool_lists *lists, const tend_buffer *meta, tend_error *reterr)
{
    static const char padding[8];
    foot end = { .order_count = lists->order_count,
                 .row_count = lists->row_count,
                 .found_count = lists->found ? lists->row_count : 0,
                 .meta_length = meta->length };
    char folder[4096];
    tend_status status = flush(spool, reterr);

    if (status < 0)
        return status;
    memcpy(end.magic, MAGIC, 8);
    tend_buffer_append(&spool->buffer, padding, (8 - spool->flushed % 8) % 8);
    status = flush(spool, reterr);
    end.offsets_at = spool->flushed;
    if (status == TEND_OK)
        status = write_out(spool, lists->offsets, lists->row_count * sizeof *lists->offsets, reterr);
    end.found_at = spool->flushed;
    if (status == TEND_OK && lists->found)
        status = write_out(spool, lists->found, lists->row_count * sizeof *lists->found, reterr);
    end.order_at = spool->flushed;
    if (status == TEND_OK)
        status = write_out(spool, lists->order, lists->order_count * sizeof *lists->order, reterr);
    end.meta_at = spool->flushed;
    tend_buffer_append(&spool->buffer, meta->bytes, meta->length);
    tend_buffer_append(&spool->buffer, &end, sizeof end);
    if (status == TEND_OK)
        status = flush(spool, reterr);
    if (status == TEND_OK)
        status = tend_path_folder(spool->path, folder, sizeof folder, reterr);
    if (status < 0)
        return status;
    if (fsync(spool->fd) < 0 || rename(spool->part_path, spool->path) < 0)
        return fail_io(spool, reterr);
    spool->is_finished = true;
    return tend_folder_sync(folder, reterr);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

struct tend_spooled {
    const char *bytes;
    size_t length;
    int fd;
    size_t low, high, used; /* where the rows stand that were read since the last rest, and how many bytes they have */
    foot foot;
    char path[4096];
};

tend_status tend_spooled_open(const char *path, tend_spooled **ret_spooled, tend_error *reterr)
{
    tend_spooled *spooled = calloc(1, sizeof *spooled);
    struct stat about;
    tend_status status = TEND_ECORRUPT;

    if (!spooled)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    (void)snprintf(spooled->path, sizeof spooled->path, "%s", path);
    spooled->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (spooled->fd < 0 || fstat(spooled->fd, &about) < 0) {
        status = tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EIO, "%s: cannot be opened: %s", path, strerror(errno));
        goto out;
    }
    (void)tend_fail(reterr, status, "%s: is no spool or is damaged; delete it and import again", path);
    if ((size_t)about.st_size < 8 + sizeof(foot))
        goto out;
    spooled->length = (size_t)about.st_size;
    spooled->bytes = mmap(NULL, spooled->length, PROT_READ, MAP_PRIVATE, spooled->fd, 0);
    if (spooled->bytes == MAP_FAILED) {
        spooled->bytes = NULL;
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be mapped: %s", path, strerror(errno));
        goto out;
    }
    memcpy(&spooled->foot, spooled->bytes + spooled->length - sizeof(foot), sizeof(foot));
    const foot *f = &spooled->foot;
    if (memcmp(f->magic, MAGIC, 8) != 0 || memcmp(spooled->bytes, MAGIC, 8) != 0 || f->offsets_at > spooled->length ||
        f->row_count > spooled->length / 8 || f->offsets_at + f->row_count * 8 != f->found_at || f->order_count > f->row_count ||
        (f->found_count != 0 && f->found_count != f->row_count) || f->found_at + f->found_count * 8 != f->order_at ||
        f->order_at + f->order_count * 4 != f->meta_at || f->meta_at + f->meta_length + sizeof(foot) != spooled->length)
        goto out;
    *ret_spooled = spooled;
    spooled = NULL;
    status = TEND_OK;
out:
    tend_spooled_close(spooled);
    return status;
}

void tend_spooled_close(tend_spooled *spooled)
{
    if (!spooled)
        return;
    if (spooled->bytes)
        (void)munmap((void *)(uintptr_t)spooled->bytes, spooled->length);
    if (spooled->fd >= 0)
        (void)close(spooled->fd);
    free(spooled);
}

size_t tend_spooled_count(const tend_spooled *spooled)
{
    return (size_t)spooled->foot.order_count;
}

size_t tend_spooled_rows(const tend_spooled *spooled)
{
    return (size_t)spooled->foot.row_count;
}

uint32_t tend_spooled_order(const tend_spooled *spooled, size_t i)
{
    uint32_t row;

    memcpy(&row, spooled->bytes + spooled->foot.order_at + i * sizeof row, sizeof row);
    return row;
}

int64_t tend_spooled_found(const tend_spooled *spooled, uint32_t row)
{
    int64_t found = 0;

    if (row < spooled->foot.found_count)
        memcpy(&found, spooled->bytes + spooled->foot.found_at + (size_t)row * sizeof found, sizeof found);
    return found;
}

/* Rows that stood together leave the system's cache, too: what is written next has room there. */
void tend_spooled_rest(tend_spooled *spooled)
{
    (void)madvise((void *)(uintptr_t)spooled->bytes, spooled->length, MADV_DONTNEED);
    if (spooled->used > 0 && spooled->high - spooled->low <= 2 * spooled->used)
        (void)posix_fadvise(spooled->fd, (off_t)spooled->low, (off_t)(spooled->high - spooled->low), POSIX_FADV_DONTNEED);
    spooled->low = spooled->high = spooled->used = 0;
}

const void *tend_spooled_meta(const tend_spooled *spooled, size_t *ret_length)
{
    *ret_length = (size_t)spooled->foot.meta_length;
    return spooled->bytes + spooled->foot.meta_at;
}

/* The row's first byte, or NULL when the file lies about it. */
static const char *find_row(const tend_spooled *spooled, uint32_t row, row_head *ret_head)
{
    uint64_t offset;

    if (row >= spooled->foot.row_count)
        return NULL;
    memcpy(&offset, spooled->bytes + spooled->foot.offsets_at + (size_t)row * 8, sizeof offset);
    if (offset < 8 || offset + sizeof *ret_head > spooled->foot.offsets_at)
        return NULL;
    memcpy(ret_head, spooled->bytes + offset, sizeof *ret_head);
    if (ret_head->bytes < sizeof *ret_head || offset + ret_head->bytes > spooled->foot.offsets_at ||
        ret_head->cells_at > ret_head->bytes || sizeof *ret_head + ret_head->external_length + 1 > ret_head->cells_at)
        return NULL;
    return spooled->bytes + offset;
}

/* One field; the byte behind it, or NULL when the file lies about it. */
static const char *read_field(const char *at, const char *end, tend_assignment *ret_field)
{
    tend_value *value = &ret_field->value;
    value_head field;
    uint32_t length;
    size_t bytes;

    if ((size_t)(end - at) < sizeof field)
        return NULL;
    memcpy(&field, at, sizeof field);
    at += sizeof field;
    ret_field->field = field.field;
    *value = (tend_value){ .type = field.type, .scale = field.type == TEND_NULL ? 0 : field.scale };
    if (field.type == TEND_TEXT) {
        if ((size_t)(end - at) < sizeof length)
            return NULL;
        memcpy(&length, at, sizeof length);
        at += sizeof length;
        if (length >= (size_t)(end - at) || at[length] != '\0')
            return NULL;
        value->text = at;
        value->length = length;
        return at + length + 1;
    }
    bytes = value_bytes(field.type, field.scale);
    if ((size_t)(end - at) < bytes)
        return NULL;
    if (field.type != TEND_NULL && bytes >= sizeof value->integer)
        memcpy(&value->integer, at, sizeof value->integer);
    if (field.type != TEND_NULL && bytes > sizeof value->integer)
        memcpy(value->currency, at + sizeof value->integer, CURRENCY_BYTES);
    return at + bytes;
}

static void note_read(tend_spooled *spooled, const char *begin, size_t length)
{
    size_t at = (size_t)(begin - spooled->bytes);

    spooled->low = spooled->used == 0 || at < spooled->low ? at : spooled->low;
    spooled->high = at + length > spooled->high ? at + length : spooled->high;
    spooled->used += length;
}

tend_status tend_spooled_row(tend_spooled *spooled, uint32_t row, tend_assignment *fields, int room, tend_spool_row *ret_row,
                             tend_error *reterr)
{
    row_head head;
    const char *begin = find_row(spooled, row, &head);
    const char *at = begin ? begin + sizeof head + head.external_length + 1 : NULL;

    if (begin && head.field_count > room)
        at = NULL;
    for (int i = 0; at && i < head.field_count; i++)
        at = read_field(at, begin + head.cells_at, &fields[i]);
    if (!at)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: row %u is damaged; delete the file and import again", spooled->path, row);
    note_read(spooled, begin, head.bytes);
    *ret_row = (tend_spool_row){ .part = head.part,
                                 .line = head.line,
                                 .kind = (tend_kind)head.kind,
                                 .effective_at = head.effective_at,
                                 .known_at = head.known_at,
                                 .flags = head.flags,
                                 .external = begin + sizeof head,
                                 .external_length = head.external_length,
                                 .fields = fields,
                                 .field_count = head.field_count };
    if (head.flags & TEND_SPOOL_HASHED)
        memcpy(ret_row->hash, begin + head.bytes - sizeof ret_row->hash, sizeof ret_row->hash);
    return TEND_OK;
}

tend_status tend_spooled_cells(const tend_spooled *spooled, uint32_t row, tend_arena *arena, const tend_cell **ret_cells,
                               uint32_t *ret_count, tend_error *reterr)
{
    row_head head;
    const char *begin = find_row(spooled, row, &head);
    tend_status status = begin ? cells_of(begin, arena, ret_cells, ret_count) : TEND_ECORRUPT;

    return status < 0 ? tend_fail(reterr, status, "%s: row %u is damaged", spooled->path, row) : TEND_OK;
}
