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
/* The store of a workspace whose configuration may have faults: a backup needs no more of it than [store] path. The faults are
 * lines in `faults` (may be NULL), *ret_count says how many. TEND_EINVAL when the fault may be in [store]. Owned, for reading. */
tend_status tend_backup_open(const char *folder, FILE *faults, unsigned *ret_count, tend_store **ret_store, tend_error *reterr);
/* Checks `backup` and copies it to `store_path`, which must not exist: an existing store is never overwritten. */
tend_status tend_restore(const char *backup, const char *store_path, tend_backup_report *ret_report, tend_error *reterr);

#endif
