/* batch_file.c: a batch of columns in a sealed memfd, as host_wire.h lays it out; for one call, or to stay. */
#include "plugin/hosted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t round_up(uint64_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

static uint64_t values_of(const tend_batch *batch, const tend_column *column)
{
    return column->starts ? column->starts[batch->accounts] : batch->accounts;
}

/* The first column with the same rows, whose starts serve both. */
static uint32_t first_alike(const tend_batch *batch, uint32_t input)
{
    uint32_t i = 0;

    while (batch->columns[i].starts != batch->columns[input].starts)
        i++;
    return i;
}

/* Where everything will stand; returns the size of the file. */
static uint64_t lay_out(const tend_batch *batch, tend_batch_column *columns)
{
    uint64_t at = round_up(sizeof(tend_batch_head) + batch->inputs * sizeof *columns);

    for (uint32_t i = 0; i < batch->inputs; i++) {
        const tend_column *column = &batch->columns[i];

        columns[i] = (tend_batch_column){ .values_at = at, .value_count = values_of(batch, column) };
        at += columns[i].value_count * sizeof(int64_t);
        if (column->starts && first_alike(batch, i) < i) {
            columns[i].starts_at = columns[first_alike(batch, i)].starts_at;
        } else if (column->starts) {
            columns[i].starts_at = at;
            at += round_up(((uint64_t)batch->accounts + 1) * sizeof(uint32_t));
        }
        if (column->words) {
            columns[i].words_at = at;
            columns[i].word_count = column->word_count;
            at += column->word_count * sizeof(uint64_t);
            for (uint32_t word = 0; word < column->word_count; word++)
                at += strlen(column->words[word]) + 1;
            at = round_up(at);
        }
    }
    return at;
}

static void copy_words(char *file, const tend_column *column, uint64_t at)
{
    uint64_t *offsets = (uint64_t *)(void *)(file + at);

    at += column->word_count * sizeof *offsets;
    for (uint32_t i = 0; i < column->word_count; i++) {
        size_t length = strlen(column->words[i]) + 1;

        offsets[i] = at;
        memcpy(file + at, column->words[i], length);
        at += length;
    }
}

static void copy_batch(char *file, const tend_batch *batch, const tend_batch_column *columns)
{
    const tend_batch_head head = { TEND_BATCH_MAGIC, batch->accounts, batch->inputs, batch->from, batch->to, 0 };

    memcpy(file, &head, sizeof head);
    if (batch->inputs > 0)
        memcpy(file + sizeof head, columns, batch->inputs * sizeof *columns);
    for (uint32_t i = 0; i < batch->inputs; i++) {
        const tend_column *column = &batch->columns[i];

        if (columns[i].value_count > 0)
            memcpy(file + columns[i].values_at, column->values, columns[i].value_count * sizeof(int64_t));
        if (column->starts && first_alike(batch, i) == i)
            memcpy(file + columns[i].starts_at, column->starts, ((size_t)batch->accounts + 1) * sizeof(uint32_t));
        if (column->words)
            copy_words(file, column, columns[i].words_at);
    }
}

/* Nobody changes it any more; when `ret_file` asks for a mapping, nobody but this process by that one. */
static tend_status make_file(const tend_batch *batch, int *ret_fd, char **ret_file, tend_error *reterr)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;
    tend_batch_column *columns = calloc(batch->inputs ? batch->inputs : 1, sizeof *columns);
    uint64_t size = columns ? lay_out(batch, columns) : 0;
    int fd = memfd_create("tend-batch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    char *file = MAP_FAILED;
    tend_status status = TEND_OK;

    if (columns && fd >= 0 && ftruncate(fd, (off_t)size) == 0)
        file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (file != MAP_FAILED) {
        copy_batch(file, batch, columns);
        if (!ret_file)
            (void)munmap(file, size);
    }
    if (file == MAP_FAILED || fcntl(fd, F_ADD_SEALS, seals | (ret_file ? F_SEAL_FUTURE_WRITE : F_SEAL_WRITE)) < 0) {
        status = tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for a batch of %u accounts: %s", batch->accounts,
                           strerrordesc_np(errno));
        if (file != MAP_FAILED && ret_file)
            (void)munmap(file, size);
        if (fd >= 0)
            (void)close(fd);
    } else {
        *ret_fd = fd;
        if (ret_file)
            *ret_file = file;
    }
    free(columns);
    return status;
}

tend_status tend_batch_file(const tend_batch *batch, int *ret_fd, tend_error *reterr)
{
    return make_file(batch, ret_fd, NULL, reterr);
}

/* ---- one that stays ---------------------------------------------------------------------------------------------------- */

/* The columns as they stand in the file; words stay where they are. */
static tend_status point_into(tend_sealed *sealed, const tend_batch *batch, tend_error *reterr)
{
    tend_batch_column *placed = calloc(batch->inputs ? batch->inputs : 1, sizeof *placed);

    sealed->columns = calloc(batch->inputs ? batch->inputs : 1, sizeof *sealed->columns);
    if (!placed || !sealed->columns) {
        free(placed);
        return tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for a batch of %u accounts", batch->accounts);
    }
    sealed->bytes = lay_out(batch, placed);
    sealed->batch = *batch;
    sealed->batch.columns = sealed->columns;
    for (uint32_t i = 0; i < batch->inputs; i++) {
        sealed->columns[i] = batch->columns[i];
        sealed->columns[i].values = (const int64_t *)(const void *)(sealed->file + placed[i].values_at);
        if (placed[i].starts_at > 0)
            sealed->columns[i].starts = (const uint32_t *)(const void *)(sealed->file + placed[i].starts_at);
    }
    free(placed);
    return TEND_OK;
}

tend_status tend_sealed_new(const tend_batch *batch, tend_sealed **ret_sealed, tend_error *reterr)
{
    static _Atomic uint64_t last_number;
    tend_sealed *sealed = calloc(1, sizeof *sealed);
    tend_status status;

    if (!sealed)
        return tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for a batch of %u accounts", batch->accounts);
    sealed->fd = -1;
    sealed->number = ++last_number;
    status = make_file(batch, &sealed->fd, &sealed->file, reterr);
    if (status >= 0)
        status = point_into(sealed, batch, reterr);
    if (status < 0) {
        tend_sealed_free(sealed);
        return status;
    }
    *ret_sealed = sealed;
    return TEND_OK;
}

const tend_batch *tend_sealed_batch(const tend_sealed *sealed)
{
    return &sealed->batch;
}

int64_t *tend_sealed_values(tend_sealed *sealed, uint32_t input)
{
    return (int64_t *)(uintptr_t)sealed->columns[input].values;
}

void tend_sealed_free(tend_sealed *sealed)
{
    if (!sealed)
        return;
    if (sealed->file)
        (void)munmap(sealed->file, sealed->bytes);
    if (sealed->fd >= 0)
        (void)close(sealed->fd);
    free(sealed->columns);
    free(sealed);
}
