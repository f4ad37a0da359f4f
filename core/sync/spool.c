#include "sync/spool.h"
#include "base/file.h"
#include "sync/scribe.h"
#include "sync/spool_foot.h"
#include "sync/spool_row.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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
#define EXTERNAL_MOST 512 /* bytes of an external id that somebody may name */

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
    tend_buffer_append(&spool->buffer, TEND_SPOOL_MAGIC, 8);
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

tend_status tend_spool_add(tend_spool *spool, const tend_spool_row *row, const tend_cell *cells, uint32_t cell_count,
                           uint64_t *ret_offset, uint64_t *ret_fields, tend_error *reterr)
{
    const uint32_t count = cells ? (uint16_t)cell_count : 0;
    char *at;

    *ret_offset = spool->flushed + spool->buffer.length;
    at = tend_buffer_extend(&spool->buffer, tend_spool_row_bytes(row, cells, count));
    if (!at)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", spool->part_path);
    tend_spool_row_put(row, cells, count, at, *ret_offset, ret_fields);
    return spool->buffer.length >= FLUSH_AT ? move_on(spool, reterr) : TEND_OK;
}

tend_status tend_spool_patch(tend_spool *spool, uint64_t field_offset, const tend_value *value, tend_error *reterr)
{
    char bytes[TEND_SPOOL_PATCH];
    tend_status status;

    if (field_offset >= spool->flushed) {
        tend_spool_row_patch(spool->buffer.bytes + (field_offset - spool->flushed), value);
        return TEND_OK;
    }
    status = wait(spool, reterr);
    if (status < 0)
        return status;
    if (pread(spool->fd, bytes, sizeof bytes, (off_t)field_offset) != (ssize_t)sizeof bytes)
        return fail_io(spool, reterr);
    tend_spool_row_patch(bytes, value);
    if (pwrite(spool->fd, bytes, sizeof bytes, (off_t)field_offset) != (ssize_t)sizeof bytes)
        return fail_io(spool, reterr);
    return TEND_OK;
}

tend_status tend_spool_cells(tend_spool *spool, uint64_t offset, tend_arena *arena, const tend_cell **ret_cells,
                             uint32_t *ret_count, tend_error *reterr)
{
    char head[TEND_SPOOL_LEAST];
    size_t length;
    char *row;
    tend_status status = flush(spool, reterr);

    if (status < 0)
        return status;
    if (pread(spool->fd, head, sizeof head, (off_t)offset) != (ssize_t)sizeof head)
        return fail_io(spool, reterr);
    length = tend_spool_row_length(head);
    row = tend_arena_take(arena, length);
    if (!row)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    if (pread(spool->fd, row, length, (off_t)offset) != (ssize_t)length)
        return fail_io(spool, reterr);
    status = tend_spool_row_cells(row, length, arena, ret_cells, ret_count);
    return status < 0 ? tend_fail(reterr, status, "%s: a row is damaged", spool->part_path) : TEND_OK;
}

tend_status tend_spool_key(tend_spool *spool, uint64_t offset, const char **ret_key, size_t *ret_length, tend_error *reterr)
{
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
    *ret_key = offset > spool->mapped
                   ? NULL
                   : tend_spool_row_external((const char *)spool->map + offset, spool->mapped - offset, ret_length);
    return *ret_key ? TEND_OK : tend_fail(reterr, TEND_ECORRUPT, "%s: a row is damaged", spool->part_path);
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
    char row[1024];
    const char *external;
    size_t length;
    ssize_t count;
    tend_status status = flush(spool, reterr);

    *ret_external = NULL;
    if (status < 0)
        return status;
    count = pread(spool->fd, row, sizeof row, (off_t)offset);
    if (count < TEND_SPOOL_LEAST)
        return fail_io(spool, reterr);
    external = tend_spool_row_external(row, (size_t)count, &length);
    if (!external || length > EXTERNAL_MOST)
        return TEND_OK;
    *ret_external = tend_arena_copy(arena, external, length);
    return *ret_external ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
}

tend_status tend_spool_finish(tend_spool *spool, const tend_spool_lists *lists, const tend_buffer *meta, tend_error *reterr)
{
    static const char padding[8];
    tend_spool_foot end = { .order_count = lists->order_count,
                            .row_count = lists->row_count,
                            .found_count = lists->found ? lists->row_count : 0,
                            .meta_length = meta->length };
    char folder[4096];
    tend_status status = flush(spool, reterr);

    if (status < 0)
        return status;
    memcpy(end.magic, TEND_SPOOL_MAGIC, 8);
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
