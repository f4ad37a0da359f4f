#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX 1024 /* blocks grow: a process that writes one row leaves no gap, one that writes many seldom asks */

static tend_id_block *find_block(tend_store *store, const char *name)
{
    for (tend_id_block **at = &store->blocks; *at; at = &(*at)->following) {
        tend_id_block *block = *at;

        if (strcmp(block->name, name) != 0)
            continue;
        *at = block->following; /* in front: it will be asked for again */
        block->following = store->blocks;
        store->blocks = block;
        return block;
    }
    return NULL;
}

static tend_id_block *add_block(tend_store *store, const char *name)
{
    const size_t length = strlen(name);
    tend_id_block *block = calloc(1, sizeof *block + length + 1);

    if (!block)
        return NULL;
    memcpy(block->name, name, length + 1);
    block->size = 1;
    block->following = store->blocks;
    store->blocks = block;
    return block;
}

static tend_status next_kept(tend_store *store, const char *name, int64_t *ret_next, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(store, "SELECT next FROM sequences WHERE name = ?1", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, name);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_next = has_row ? tend_statement_int(statement, 0) : 1;
    tend_statement_end(statement);
    return status;
}

static tend_status keep_next(tend_store *store, const char *name, int64_t next, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(store,
                                            "INSERT INTO sequences (name, next) VALUES (?1, ?2) "
                                            "ON CONFLICT (name) DO UPDATE SET next = excluded.next",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, name);
    tend_statement_bind_int(statement, 2, next);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

static tend_status reserve(tend_store *store, tend_id_block *block, int64_t count, tend_error *reterr)
{
    const int64_t size = count > block->size ? count : block->size;
    int64_t first, end;
    tend_status status;

    if (!store->in_transaction || !tend_store_can_write(store))
        return tend_fail(reterr, TEND_ERROR, "%s: ids of %s: reserving them needs an open write transaction", store->path,
                         block->name);
    status = next_kept(store, block->name, &first, reterr);
    if (status < 0)
        return status;
    if (first < block->highest)
        first = block->highest; /* given out by a transaction that was rolled back: never again */
    if (__builtin_add_overflow(first, size, &end))
        return tend_fail(reterr, TEND_ELIMIT, "%s: ids of %s: all are used up", store->path, block->name);
    status = keep_next(store, block->name, end, reterr);
    if (status < 0)
        return status;
    block->next = first;
    block->end = end;
    block->level = store->savepoints + 1;
    block->size = block->size < BLOCK_MAX / 2 ? block->size * 2 : BLOCK_MAX;
    return TEND_OK;
}

tend_status tend_store_ids_expect(tend_store *store, const char *name, int64_t count, tend_error *reterr)
{
    tend_id_block *block = find_block(store, name);

    if (!block)
        block = add_block(store, name);
    if (!block)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path);
    count -= block->end - block->next;
    block->size = count > block->size ? count : block->size;
    return TEND_OK;
}

tend_status tend_store_ids(tend_store *store, const char *name, int64_t count, int64_t *ret_first, tend_error *reterr)
{
    tend_id_block *block = find_block(store, name);
    tend_status status;

    if (count < 1)
        return tend_fail(reterr, TEND_EINVAL, "%s: ids of %s: %lld cannot be reserved; ask for 1 or more", store->path, name,
                         (long long)count);
    if (!block)
        block = add_block(store, name);
    if (!block)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path);
    if (block->end - block->next < count) {
        status = reserve(store, block, count, reterr);
        if (status < 0)
            return status;
    }
    *ret_first = block->next;
    block->next += count;
    block->highest = block->next;
    return TEND_OK;
}

void tend_ids_committed(tend_store *store)
{
    for (tend_id_block *block = store->blocks; block; block = block->following)
        block->level = 0;
}

void tend_ids_rolled_back(tend_store *store, int level)
{
    for (tend_id_block *block = store->blocks; block; block = block->following) {
        if (block->level >= level) {
            block->end = block->next;
            block->level = 0;
        }
    }
}

void tend_ids_released(tend_store *store, int level)
{
    for (tend_id_block *block = store->blocks; block; block = block->following) {
        if (block->level >= level)
            block->level = level - 1;
    }
}

void tend_ids_clear(tend_store *store)
{
    tend_id_block *following;

    for (tend_id_block *block = store->blocks; block; block = following) {
        following = block->following;
        free(block);
    }
    store->blocks = NULL;
}
