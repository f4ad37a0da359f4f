/* files.h: the files that the names given to an import stand for. */
#ifndef TEND_SYNC_FILES_H
#define TEND_SYNC_FILES_H

#include "sync/mapping.h"

/* A file stands for itself; a folder for those of its files that a stream of the mapping reads, sorted by name (not for what is
 * in folders below it, nor for files of rejected records). `left` (may be NULL) is told of each other file of a folder. A folder
 * without any such file is refused. Both the names and their array are from `arena` or borrowed from `names`. */
tend_status tend_import_files(const tend_mapping *mapping, const char *const *names, size_t count, tend_arena *arena,
                              void (*left)(void *self, const char *path), void *self, const char *const **ret_files,
                              size_t *ret_count, tend_error *reterr);

#endif
