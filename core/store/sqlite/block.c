/* block.c: what SQLite writes in small pieces, one behind the other, goes to the system in blocks.
 *
 * A frame of the log is 24 bytes and a page, which begins anywhere: two calls, and the system looks at most of its own pages twice.
 * So the methods of one open file are replaced, and a write that goes on where the last one ended is only kept. All of it is
 * written before anybody may rely on it: a commit's last frame says in its head that it is that, and comes before the commit is
 * seen; else with a sync, a truncation or a look at the size. A failure is the failure of that call. Until then only the
 * transaction that wrote it looks for it, through the same file, and is answered from here; what a crash of the program takes with
 * it was not committed. */
#include "store/sqlite/sqlite.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)0x1ffff) /* more SQLite's own files do not take at once */
#define LOG_HEAD 32                   /* bytes of a log before its first frame */
#define FRAME_HEAD 24 /* bytes of a frame before its page; 4 to 7: how large the store is after the commit that it ends, or 0 */

struct tend_sqlite_block {
    sqlite3_io_methods methods; /* first: SQLite knows only this. The file's own but for those below */
    const sqlite3_io_methods *real;
    sqlite3_file *file; /* borrowed; NULL: it was closed */
    bool is_log;
    bool has_head; /* log: what was kept last is the head of a frame */
    sqlite3_int64 begin;
    size_t size;
    unsigned char *bytes; /* owned; `size` of them belong to the file from `begin` on */
};

static tend_sqlite_block *block_of(sqlite3_file *file)
{
    return (tend_sqlite_block *)(uintptr_t)file->pMethods;
}

static int flush(tend_sqlite_block *block)
{
    const int length = (int)block->size;

    block->size = 0;
    block->has_head = false;
    return length == 0 ? SQLITE_OK : block->real->xWrite(block->file, block->bytes, length, block->begin);
}

static int keep(tend_sqlite_block *block, const void *bytes, int length, sqlite3_int64 offset)
{
    int code = SQLITE_OK;

    if (block->begin + (sqlite3_int64)block->size != offset || block->size + (size_t)length > BLOCK_BYTES)
        code = flush(block);
    if (code != SQLITE_OK || (size_t)length > BLOCK_BYTES)
        return code != SQLITE_OK ? code : block->real->xWrite(block->file, bytes, length, offset);
    if (block->size == 0)
        block->begin = offset;
    memcpy(block->bytes + block->size, bytes, (size_t)length);
    block->size += (size_t)length;
    return SQLITE_OK;
}

static int write_log(tend_sqlite_block *block, const void *bytes, int length, sqlite3_int64 offset)
{
    static const unsigned char no_commit[4];
    const bool is_head = length == FRAME_HEAD && offset >= LOG_HEAD;
    const bool is_page = block->has_head && block->begin + (sqlite3_int64)block->size == offset;
    int code;

    if ((is_head && memcmp((const unsigned char *)bytes + 4, no_commit, sizeof no_commit) == 0) || is_page) {
        code = keep(block, bytes, length, offset);
        block->has_head = code == SQLITE_OK && is_head;
        return code;
    }
    code = flush(block);
    return code == SQLITE_OK ? block->real->xWrite(block->file, bytes, length, offset) : code;
}

static int block_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
    tend_sqlite_block *block = block_of(file);

    return block->is_log ? write_log(block, bytes, length, offset) : keep(block, bytes, length, offset);
}

static int block_read(sqlite3_file *file, void *ret_bytes, int length, sqlite3_int64 offset)
{
    tend_sqlite_block *block = block_of(file);
    const sqlite3_int64 end = block->begin + (sqlite3_int64)block->size;
    int code = SQLITE_OK;

    if (block->size > 0 && offset >= block->begin && offset + length <= end) {
        memcpy(ret_bytes, block->bytes + (offset - block->begin), (size_t)length);
        return SQLITE_OK;
    }
    if (block->size > 0 && offset < end && offset + length > block->begin)
        code = flush(block);
    return code == SQLITE_OK ? block->real->xRead(file, ret_bytes, length, offset) : code;
}

static int block_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    tend_sqlite_block *block = block_of(file);
    const int code = flush(block);

    return code == SQLITE_OK ? block->real->xTruncate(file, size) : code;
}

static int block_sync(sqlite3_file *file, int flags)
{
    tend_sqlite_block *block = block_of(file);
    const int code = flush(block);

    return code == SQLITE_OK ? block->real->xSync(file, flags) : code;
}

static int block_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    tend_sqlite_block *block = block_of(file);
    const int code = flush(block);

    return code == SQLITE_OK ? block->real->xFileSize(file, ret_size) : code;
}

static int block_close(sqlite3_file *file)
{
    tend_sqlite_block *block = block_of(file);

    file->pMethods = block->real;
    block->file = NULL;
    return block->real->xClose(file);
}

tend_sqlite_block *tend_sqlite_block_begin(sqlite3_file *file, bool is_log)
{
    tend_sqlite_block *block = file && file->pMethods ? calloc(1, sizeof *block) : NULL;

    if (!block)
        return NULL;
    block->bytes = malloc(BLOCK_BYTES);
    if (!block->bytes) {
        free(block);
        return NULL;
    }
    block->file = file;
    block->is_log = is_log;
    block->real = file->pMethods;
    block->methods = *block->real;
    block->methods.xClose = block_close;
    block->methods.xRead = block_read;
    block->methods.xWrite = block_write;
    block->methods.xTruncate = block_truncate;
    block->methods.xSync = block_sync;
    block->methods.xFileSize = block_size;
    file->pMethods = &block->methods;
    return block;
}

int tend_sqlite_block_end(tend_sqlite_block *block)
{
    int code = SQLITE_OK;

    if (!block)
        return SQLITE_OK;
    if (block->file) {
        code = flush(block);
        block->file->pMethods = block->real;
    }
    free(block->bytes);
    free(block);
    return code;
}
