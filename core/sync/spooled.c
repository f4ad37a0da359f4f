/* spooled.c: a spool that is complete. */
#include "sync/spool_foot.h"
#include "sync/spool_row.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct tend_spooled {
    const char *bytes;
    size_t length;
    int fd;
    size_t low, high, used; /* where the rows stand that were read since the last rest, and how many bytes they have */
    tend_spool_foot foot;
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
    if ((size_t)about.st_size < 8 + sizeof(tend_spool_foot))
        goto out;
    spooled->length = (size_t)about.st_size;
    spooled->bytes = mmap(NULL, spooled->length, PROT_READ, MAP_PRIVATE, spooled->fd, 0);
    if (spooled->bytes == MAP_FAILED) {
        spooled->bytes = NULL;
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be mapped: %s", path, strerror(errno));
        goto out;
    }
    memcpy(&spooled->foot, spooled->bytes + spooled->length - sizeof(tend_spool_foot), sizeof(tend_spool_foot));
    const tend_spool_foot *f = &spooled->foot;
    if (memcmp(f->magic, TEND_SPOOL_MAGIC, 8) != 0 || memcmp(spooled->bytes, TEND_SPOOL_MAGIC, 8) != 0 ||
        f->offsets_at > spooled->length || f->row_count > spooled->length / 8 || f->offsets_at + f->row_count * 8 != f->found_at ||
        f->order_count > f->row_count || (f->found_count != 0 && f->found_count != f->row_count) ||
        f->found_at + f->found_count * 8 != f->order_at || f->order_at + f->order_count * 4 != f->meta_at ||
        f->meta_at + f->meta_length + sizeof(tend_spool_foot) != spooled->length)
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
static const char *find_row(const tend_spooled *spooled, uint32_t row, size_t *ret_length)
{
    const size_t end = (size_t)spooled->foot.offsets_at;
    uint64_t offset;

    if (row >= spooled->foot.row_count)
        return NULL;
    memcpy(&offset, spooled->bytes + end + (size_t)row * sizeof offset, sizeof offset);
    if (offset < 8 || offset > end || end - offset < TEND_SPOOL_LEAST)
        return NULL;
    *ret_length = tend_spool_row_length(spooled->bytes + offset);
    return *ret_length > end - offset ? NULL : spooled->bytes + offset;
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
    size_t length;
    const char *begin = find_row(spooled, row, &length);

    if (!begin || tend_spool_row_read(begin, length, fields, room, ret_row) < 0)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: row %u is damaged; delete the file and import again", spooled->path, row);
    note_read(spooled, begin, length);
    return TEND_OK;
}

tend_status tend_spooled_cells(const tend_spooled *spooled, uint32_t row, tend_arena *arena, const tend_cell **ret_cells,
                               uint32_t *ret_count, tend_error *reterr)
{
    size_t length;
    const char *begin = find_row(spooled, row, &length);
    tend_status status = begin ? tend_spool_row_cells(begin, length, arena, ret_cells, ret_count) : TEND_ECORRUPT;

    return status < 0 ? tend_fail(reterr, status, "%s: row %u is damaged", spooled->path, row) : TEND_OK;
}
