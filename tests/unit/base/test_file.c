#include "base/file.h"
#include "tests.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static tend_error error;
static char folder[64];

static void enter_folder(void)
{
    strcpy(folder, "/tmp/tend-file-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    DIR *list = opendir(".");
    struct dirent *entry;

    while ((entry = readdir(list)))
        unlink(entry->d_name);
    closedir(list);
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(folder);
}

static int entries(void)
{
    DIR *list = opendir(".");
    int count = -2;

    while (readdir(list))
        count++;
    closedir(list);
    return count;
}

START_TEST(what_was_written_is_read)
{
    static char large[300000];
    char *bytes;
    size_t length;
    struct stat facts;

    enter_folder();
    memset(large, 'x', sizeof large);
    ck_assert_int_eq(tend_file_write_atomic("a", large, sizeof large, 0640, &error), TEND_OK);
    ck_assert_int_eq(stat("a", &facts), 0);
    ck_assert_uint_eq(facts.st_mode & 0777, 0640);
    ck_assert_int_eq(tend_file_read("a", sizeof large, &bytes, &length, &error), TEND_OK);
    ck_assert_uint_eq(length, sizeof large);
    ck_assert_mem_eq(bytes, large, length);
    ck_assert_int_eq(bytes[length], 0);
    free(bytes);
    ck_assert_int_eq(tend_file_read("a", sizeof large - 1, &bytes, &length, &error), TEND_ELIMIT);
    ck_assert_str_eq(error.text, "a: longer than 299999 bytes; make it smaller or split it");
    ck_assert_int_eq(tend_file_write_atomic("a", "", 0, 0600, &error), TEND_OK);
    ck_assert_int_eq(tend_file_read("a", 0, &bytes, &length, &error), TEND_OK);
    ck_assert_uint_eq(length, 0);
    free(bytes);
    ck_assert_int_eq(entries(), 1);
    leave_folder();
}
END_TEST

START_TEST(a_write_that_fails_keeps_the_old_file_and_leaves_nothing)
{
    static char large[100000];
    struct rlimit small = { 50000, 50000 };
    char *bytes;
    size_t length;

    enter_folder();
    ck_assert_int_eq(tend_file_write_atomic("a", "old", 3, 0600, &error), TEND_OK);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small); /* the file cannot become large: as a full disk */
    ck_assert_int_eq(tend_file_write_atomic("a", large, sizeof large, 0600, &error), TEND_EIO);
    ck_assert_str_eq(error.text, "a: cannot be written: File too large");
    ck_assert_int_eq(tend_file_read("a", 10, &bytes, &length, &error), TEND_OK);
    ck_assert_str_eq(bytes, "old");
    free(bytes);
    ck_assert_int_eq(entries(), 1);
    ck_assert_int_eq(tend_file_write_atomic("nowhere/a", "x", 1, 0600, &error), TEND_ENOTFOUND);
    leave_folder();
}
END_TEST

START_TEST(only_regular_files_are_read)
{
    char *bytes;
    size_t length;

    enter_folder();
    ck_assert_int_eq(tend_file_read("none", 10, &bytes, &length, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text, "none: cannot be opened: No such file or directory");
    ck_assert_int_eq(tend_file_read(".", 10, &bytes, &length, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, ".: not a regular file");
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    ck_assert_int_eq(tend_file_read("pipe", 10, &bytes, &length, &error), TEND_EINVAL); /* and does not wait for a writer */
    ck_assert_int_eq(tend_file_read("/dev/zero", 10, &bytes, &length, &error), TEND_EINVAL);
    leave_folder();
}
END_TEST

START_TEST(folders_are_made_with_their_parents)
{
    enter_folder();
    ck_assert_int_eq(tend_folder_make("a/b/c", 0700, &error), TEND_OK);
    ck_assert_int_eq(tend_folder_make("a/b/c/", 0700, &error), TEND_OK);
    ck_assert(tend_file_exists("a/b/c"));
    ck_assert(!tend_file_exists("a/x"));
    ck_assert_int_eq(tend_file_write_atomic("a/b/c/file", "x", 1, 0600, &error), TEND_OK);
    ck_assert_int_eq(tend_folder_make("a/b/c/file", 0700, &error), TEND_EEXISTS);
    ck_assert_str_eq(error.text, "a/b/c/file: is there and not a folder");
    ck_assert_int_lt(tend_folder_make("a/b/c/file/d", 0700, &error), 0);
    ck_assert_int_eq(tend_folder_make("", 0700, &error), TEND_EINVAL);
    unlink("a/b/c/file");
    rmdir("a/b/c");
    rmdir("a/b");
    rmdir("a");
    leave_folder();
}
END_TEST

START_TEST(paths_are_joined_and_taken_apart)
{
    char path[16];

    ck_assert_int_eq(tend_path_join("a", "b", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, "a/b");
    ck_assert_int_eq(tend_path_join("a/", "b", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, "a/b");
    ck_assert_int_eq(tend_path_join("a", "/b", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, "/b");
    ck_assert_int_eq(tend_path_join("", "b", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, "b");
    ck_assert_int_eq(tend_path_join(path, "c", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, "b/c");
    ck_assert_int_eq(tend_path_join("12345678", "1234567", path, sizeof path, &error), TEND_ELIMIT);
    ck_assert_int_eq(tend_path_join("1234567", "1234567", path, sizeof path, &error), TEND_OK);
    ck_assert_int_eq(tend_path_folder("/a/b/c", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, "/a/b");
    ck_assert_int_eq(tend_path_folder("/a", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, "/");
    ck_assert_int_eq(tend_path_folder("a", path, sizeof path, &error), TEND_OK);
    ck_assert_str_eq(path, ".");
}
END_TEST

START_TEST(a_lock_has_one_holder)
{
    int first, second;

    enter_folder();
    ck_assert_int_eq(tend_file_lock("lock", &first, &error), TEND_OK);
    ck_assert_int_eq(tend_file_lock("lock", &second, &error), TEND_EBUSY);
    ck_assert_str_eq(error.text, "lock: locked by another process; try again when it has ended");
    close(first);
    ck_assert_int_eq(tend_file_lock("lock", &second, &error), TEND_OK);
    close(second);
    leave_folder();
}
END_TEST

TESTS_WITH("base/file", {
    tcase_add_test(tcase, what_was_written_is_read);
    tcase_add_test(tcase, a_write_that_fails_keeps_the_old_file_and_leaves_nothing);
    tcase_add_test(tcase, only_regular_files_are_read);
    tcase_add_test(tcase, folders_are_made_with_their_parents);
    tcase_add_test(tcase, paths_are_joined_and_taken_apart);
    tcase_add_test(tcase, a_lock_has_one_holder);
})
