/* file.h: whole files, read with a limit and written so that a power cut leaves either the old one or the new one. */
#ifndef TEND_BASE_FILE_H
#define TEND_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <tend/status.h>

/* The whole of a regular file, with a NUL behind it. TEND_ELIMIT when it is longer than `max_bytes`. *ret_bytes is owned (free). */
tend_status tend_file_read(const char *path, size_t max_bytes, char **ret_bytes, size_t *ret_length, tend_error *reterr);

/* Writes a new file beside `path`, syncs it, renames it over `path` and syncs the folder. On any failure the old file stays. */
tend_status tend_file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode, tend_error *reterr);

bool tend_file_exists(const char *path);                                         /* of any kind */
tend_status tend_folder_make(const char *path, mode_t mode, tend_error *reterr); /* with its parents; TEND_OK when it is there */
tend_status tend_folder_sync(const char *path, tend_error *reterr);              /* names made or changed in it are on the disk */
/* "folder/name", or `name` alone when it is absolute or the folder is empty. TEND_ELIMIT when it does not fit. */
tend_status tend_path_join(const char *folder, const char *name, char *ret_path, size_t room, tend_error *reterr);
/* The folder a path stands in: "." for a bare name. TEND_ELIMIT when it does not fit. */
tend_status tend_path_folder(const char *path, char *ret_folder, size_t room, tend_error *reterr);

/* Makes the file when missing and takes flock(LOCK_EX) on it without waiting: TEND_EBUSY when somebody else has it.
 * *ret_fd is owned; closing it gives the lock back. */
tend_status tend_file_lock(const char *path, int *ret_fd, tend_error *reterr);

#endif
