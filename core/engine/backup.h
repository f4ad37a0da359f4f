/* backup.h: a copy of the store while others write, and back again. */
#ifndef TEND_ENGINE_BACKUP_H
#define TEND_ENGINE_BACKUP_H

#include "model/model.h"

typedef struct tend_backup_report {
    int64_t tables, rows, bytes;
} tend_backup_report;

/* Copies one snapshot of `store` (opened for reading) to `path`, which must not exist, then opens the copy, checks its integrity
 * and compares the number of rows of every table. A copy that fails a check is removed. */
tend_status tend_backup(tend_store *store, const char *path, tend_backup_report *ret_report, tend_error *reterr);
/* Checks `backup` and copies it to `store_path`, which must not exist: an existing store is never overwritten. */
tend_status tend_restore(const char *backup, const char *store_path, tend_backup_report *ret_report, tend_error *reterr);

#endif
