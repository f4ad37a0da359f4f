/* folder.h: a private folder for one test, and plain files in it.
 *
 *     static test_folder folder;
 *     test_folder_make(&folder); … test_folder_path(&folder, "a.db") … test_folder_remove(&folder);
 */
#ifndef TEND_TESTS_FOLDER_H
#define TEND_TESTS_FOLDER_H

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct test_folder {
    char path[256];
    char names[16][512]; /* a ring */
    unsigned next;
} test_folder;

static inline void test_folder_make(test_folder *folder)
{
    const char *base = getenv("TMPDIR");

    memset(folder, 0, sizeof *folder);
    (void)snprintf(folder->path, sizeof folder->path, "%s/tend-test-XXXXXX", base && *base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder->path));
}

/* Valid until 16 more were asked for. */
static inline const char *test_folder_path(test_folder *folder, const char *name)
{
    char *path = folder->names[folder->next++ % 16];

    ck_assert_uint_lt(strlen(folder->path) + strlen(name) + 2, sizeof folder->names[0]);
    (void)stpcpy(stpcpy(stpcpy(path, folder->path), "/"), name);
    return path;
}

static inline const char *test_folder_write(test_folder *folder, const char *name, const void *bytes, size_t length)
{
    const char *path = test_folder_path(folder, name);
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static inline const char *test_folder_write_text(test_folder *folder, const char *name, const char *text)
{
    return test_folder_write(folder, name, text, strlen(text));
}

/* The whole file, NUL-terminated; owned. NULL when it cannot be read. */
static inline char *test_file_read(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    char *bytes;
    long size;

    if (!file)
        return NULL;
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    rewind(file);
    bytes = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_uint_eq(fread(bytes, 1, (size_t)size, file), (size_t)size);
    bytes[size] = '\0';
    (void)fclose(file);
    if (ret_length)
        *ret_length = (size_t)size;
    return bytes;
}

static inline int test_folder_remove_one(const char *path, const struct stat *found, int flag, struct FTW *place)
{
    (void)found;
    (void)flag;
    (void)place;
    return remove(path);
}

static inline void test_folder_remove(test_folder *folder)
{
    (void)nftw(folder->path, test_folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
