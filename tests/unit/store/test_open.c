#include "folder.h"
#include "store/store.h"
#include "tests.h"
#include <dirent.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static test_folder folder;
static tend_error error;

static void set_up(void)
{
    test_folder_make(&folder);
    memset(&error, 0, sizeof error);
}

static void tear_down(void)
{
    test_folder_remove(&folder);
}

static const char *sentence(const char *path, const char *rest)
{
    static char text[1024];

    (void)snprintf(text, sizeof text, "%s: %s", path, rest);
    return text;
}

static int files_in_folder(void)
{
    DIR *directory = opendir(folder.path);
    int count = 0;

    ck_assert_ptr_nonnull(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    (void)closedir(directory);
    return count;
}

static const char *make_store(const char *name, const char *sql)
{
    const char *path = test_folder_path(&folder, name);
    tend_store *store = NULL;

    ck_assert_msg(tend_store_open(path, TEND_STORE_CREATE, &store, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_store_run(store, sql, &error) >= 0, "%s", error.text);
    tend_store_close(store);
    return path;
}

/* All three ways of opening are refused alike, and neither the file nor its folder has changed afterwards. */
static void refused_untouched(const char *path, tend_status expected, const char *rest)
{
    size_t length_before = 0, length_after = 0;
    char *before = test_file_read(path, &length_before), *after;
    const int files = files_in_folder();
    tend_store *store = NULL;

    for (tend_store_mode mode = TEND_STORE_READ; mode <= TEND_STORE_CREATE; mode++) {
        memset(&error, 0, sizeof error);
        ck_assert_int_eq(tend_store_open(path, mode, &store, &error), expected);
        ck_assert_ptr_null(store);
        ck_assert_str_eq(error.text, sentence(path, rest));
    }
    after = test_file_read(path, &length_after);
    ck_assert_uint_eq(length_before, length_after);
    ck_assert_mem_eq(before, after, length_before);
    ck_assert_int_eq(files_in_folder(), files);
    free(before);
    free(after);
}

/* Big-endian numbers of the SQLite header. */
static void patch(const char *path, long offset, unsigned number)
{
    const unsigned char bytes[4] = { (unsigned char)(number >> 24), (unsigned char)(number >> 16), (unsigned char)(number >> 8),
                                     (unsigned char)number };
    FILE *file = fopen(path, "r+b");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, offset, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(bytes, 1, 4, file), 4);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(the_header_carries_our_name_and_layout)
{
    size_t length = 0;
    char *bytes = test_file_read(make_store("a.db", ""), &length);

    ck_assert_uint_ge(length, 4096);
    ck_assert_mem_eq(bytes + 68, "tend", 4);
    ck_assert_mem_eq(bytes + 60, "\0\0\0\1", 4);
    free(bytes);
}
END_TEST

START_TEST(a_database_of_another_program_is_refused_untouched)
{
    const char *path = make_store("a.db", "CREATE TABLE t (x)");
    const char *rest = "is a database of another program; name another file, this one was not touched";

    ck_assert_int_eq(unlink(test_folder_path(&folder, "a.db.lock")), 0);
    patch(path, 68, 0x0f055112);
    refused_untouched(path, TEND_EINVAL, rest);
    patch(path, 68, 0);
    refused_untouched(path, TEND_EINVAL, rest);
}
END_TEST

START_TEST(a_database_from_the_future_is_refused_untouched)
{
    const char *path = make_store("a.db", "CREATE TABLE t (x)");

    ck_assert_int_eq(unlink(test_folder_path(&folder, "a.db.lock")), 0);
    patch(path, 60, 2);
    refused_untouched(path, TEND_EVERSION,
                      "was written by a newer tend (layout 2, this one knows 1); install that version, nothing was touched");
}
END_TEST

START_TEST(a_future_that_only_the_write_ahead_log_knows_is_refused_too)
{
    const char *path = make_store("a.db", ""), *copy;
    size_t length = 0, length_after = 0;
    tend_store *store = NULL;
    char *bytes;

    ck_assert_int_ge(tend_store_open(path, TEND_STORE_WRITE, &store, &error), 0);
    ck_assert_int_ge(tend_store_run(store, "PRAGMA user_version = 2", &error), 0);
    bytes = test_file_read(path, &length);
    copy = test_folder_write(&folder, "b.db", bytes, length);
    free(bytes);
    bytes = test_file_read(test_folder_path(&folder, "a.db-wal"), &length);
    ck_assert_uint_gt(length, 0);
    test_folder_write(&folder, "b.db-wal", bytes, length);
    free(bytes);
    tend_store_close(store);

    bytes = test_file_read(copy, &length);
    ck_assert_mem_eq(bytes + 60, "\0\0\0\1", 4);
    for (tend_store_mode mode = TEND_STORE_READ; mode <= TEND_STORE_CREATE; mode++)
        ck_assert_int_eq(tend_store_open(copy, mode, &store, &error), TEND_EVERSION);
    free(bytes);
    bytes = test_file_read(copy, &length_after);
    ck_assert_mem_eq(bytes + 60, "\0\0\0\1", 4);
    free(bytes);
    ck_assert_int_eq(access(test_folder_path(&folder, "b.db-wal"), F_OK), 0);
}
END_TEST

START_TEST(a_file_that_is_no_database_is_refused_untouched)
{
    static const char *const contents[] = {
        "hello\n",
        "SQLite format 3",
        "id,name\n1,a long line of a table that somebody exported, longer than the header of a database is, and then some more\n",
    };
    char noise[8192];
    unsigned state = 1;

    refused_untouched(test_folder_write_text(&folder, "a.db", contents[_i % 3]), TEND_EINVAL,
                      "is not a tend store; name another file, this one was not touched");
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)((state = state * 1103515245u + 12345u) >> 16);
    refused_untouched(test_folder_write(&folder, "a.db", noise, sizeof noise), TEND_EINVAL,
                      "is not a tend store; name another file, this one was not touched");
}
END_TEST

START_TEST(a_path_that_is_no_plain_file_is_refused)
{
    static const struct {
        const char *path, *text;
    } cases[] = {
        { "", "store path: is empty; name a file" },
        { ":memory:", "store path: :memory: keeps nothing; name a file" },
        { "file:a.db?mode=memory", "file:a.db?mode=memory: a URI is not taken; name a file" },
        { "FILE:a.db", "FILE:a.db: a URI is not taken; name a file" },
        { "/tmp", "/tmp: is a folder; name a file in it" },
        { "/tmp/", "/tmp/: is a folder; name a file in it" },
        { "/dev/null", "/dev/null: is a device, pipe or socket; name a plain file" },
        { "/nowhere-at-all/a.db", "/nowhere-at-all/a.db: the folder /nowhere-at-all does not exist; make it first" },
    };
    tend_store *store = NULL;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (tend_store_mode mode = TEND_STORE_READ; mode <= TEND_STORE_CREATE; mode++) {
            ck_assert_int_lt(tend_store_open(cases[i].path, mode, &store, &error), 0);
            ck_assert_str_eq(error.text, cases[i].text);
        }
    }
}
END_TEST

START_TEST(names_with_special_characters_are_plain_names)
{
    static const char *const names[] = { "a?b#c%41.db", "a b'c\".db", "\xea\xb3\x84\xec\xa0\x95.db" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = make_store(names[i], "CREATE TABLE t (x)");
        tend_store *store = NULL;

        ck_assert_int_eq(access(path, F_OK), 0);
        ck_assert_msg(tend_store_open(path, TEND_STORE_READ, &store, &error) >= 0, "%s", error.text);
        ck_assert(tend_store_has_table(store, "t"));
        tend_store_close(store);
    }
}
END_TEST

START_TEST(a_missing_or_empty_file_is_made_only_when_asked)
{
    const char *path = test_folder_path(&folder, "a.db");
    tend_store *store = NULL;

    for (tend_store_mode mode = TEND_STORE_READ; mode <= TEND_STORE_WRITE; mode++) {
        ck_assert_int_eq(tend_store_open(path, mode, &store, &error), TEND_ENOTFOUND);
        ck_assert_str_eq(error.text, sentence(path, "no such file; make it with tend init, or name another workspace with -C"));
    }
    ck_assert_int_eq(files_in_folder(), 0);
    test_folder_write_text(&folder, "a.db", "");
    for (tend_store_mode mode = TEND_STORE_READ; mode <= TEND_STORE_WRITE; mode++) {
        ck_assert_int_eq(tend_store_open(path, mode, &store, &error), TEND_EINVAL);
        ck_assert_str_eq(error.text, sentence(path, "is empty; make a store there with tend init, or restore a backup"));
    }
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_CREATE, &store, &error), 0);
    tend_store_close(store);
}
END_TEST

START_TEST(a_log_without_its_database_is_not_written_over)
{
    const char *path = test_folder_path(&folder, "a.db");
    tend_store *store = NULL;

    test_folder_write_text(&folder, "a.db-wal", "what is not in the database yet");
    ck_assert_int_eq(tend_store_open(path, TEND_STORE_CREATE, &store, &error), TEND_ECORRUPT);
    ck_assert_str_eq(error.text,
                     sentence(path, "the database is gone but its -wal or -journal is not; put the database back beside it or "
                                    "move it away"));
}
END_TEST

START_TEST(a_second_writer_is_refused_and_told_who_holds_it)
{
    const char *path = make_store("a.db", "");
    tend_store *first = NULL, *second = NULL;
    char rest[512], command[150] = "";
    FILE *self = fopen("/proc/self/cmdline", "r");

    ck_assert_ptr_nonnull(self);
    ck_assert_ptr_nonnull(fgets(command, sizeof command, self)); /* NUL ends its first word; there are no others */
    (void)fclose(self);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_WRITE, &first, &error), 0);
    (void)snprintf(rest, sizeof rest,
                   "another tend (pid %ld: %s) has this workspace open for writing; stop it or let it do the work (tend serve)",
                   (long)getpid(), command);
    ck_assert_int_eq(symlink(path, test_folder_path(&folder, "link.db")), 0);
    for (tend_store_mode mode = TEND_STORE_WRITE; mode <= TEND_STORE_CREATE; mode++) {
        ck_assert_int_eq(tend_store_open(path, mode, &second, &error), TEND_EBUSY);
        ck_assert_str_eq(error.text, sentence(path, rest));
        ck_assert_int_eq(tend_store_open(test_folder_path(&folder, "link.db"), mode, &second, &error), TEND_EBUSY);
    }
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_READ, &second, &error), 0);
    tend_store_close(second);
    tend_store_close(first);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_WRITE, &second, &error), 0);
    tend_store_close(second);
}
END_TEST

/* Runs `test` in a child that is not root, with the folder closed to writing; its exit status. */
static int as_nobody(int (*test)(const char *path), const char *path, mode_t mode)
{
    int how = 0;
    pid_t child;

    ck_assert_int_eq(chmod(folder.path, mode), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0) ? 99 : test(path));
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_int_eq(chmod(folder.path, 0700), 0);
    ck_assert(WIFEXITED(how));
    return WEXITSTATUS(how);
}

static int cannot_write(const char *path)
{
    tend_store *store = NULL;
    char lock[1024];

    (void)snprintf(lock, sizeof lock,
                   "the lock file %s.lock cannot be made (Permission denied); make the folder writable for this user", path);
    if (tend_store_open(path, TEND_STORE_CREATE, &store, &error) != TEND_EDENIED)
        return 1;
    return strcmp(error.text, sentence(path, lock)) == 0 ? 0 : 2;
}

static int can_read(const char *path)
{
    tend_store *store = NULL;
    int64_t count = 0;

    if (tend_store_open(path, TEND_STORE_READ, &store, &error) < 0)
        return 1;
    if (tend_store_number(store, "SELECT count(*) FROM t", 0, &count, &error) < 0 || count != 1)
        return 2;
    tend_store_close(store);
    return 0;
}

START_TEST(a_read_only_folder_can_be_read_and_not_written)
{
    const char *path = make_store("a.db", "CREATE TABLE t (x); INSERT INTO t VALUES (1)");

    ck_assert_int_eq(unlink(test_folder_path(&folder, "a.db.lock")), 0);
    ck_assert_int_eq(chmod(path, 0444), 0);
    ck_assert_int_eq(as_nobody(cannot_write, path, 0555), 0);
    ck_assert_int_eq(as_nobody(cannot_write, test_folder_path(&folder, "new.db"), 0555), 0);
    ck_assert_int_eq(as_nobody(can_read, path, 0555), 0);
}
END_TEST

static int cannot_open(const char *path)
{
    tend_store *store = NULL;

    return tend_store_open(path, TEND_STORE_READ, &store, &error) == TEND_EDENIED &&
                   strstr(error.text, "Permission denied; the file and its folder must be readable")
               ? 0
               : 1;
}

START_TEST(a_file_that_may_not_be_read_says_so)
{
    const char *path = make_store("a.db", "");

    if (getuid() != 0)
        ck_assert_int_eq(chmod(path, 0), 0);
    ck_assert_int_eq(as_nobody(cannot_open, path, 0755), 0);
}
END_TEST

/* Fills `store` until the disk is full; afterwards the failed transaction is gone and the first row still there. */
static void fill(tend_store *store)
{
    static const char more[] = "INSERT INTO t SELECT randomblob(100000) FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8))";
    tend_status status = TEND_OK;
    int64_t count = 0;

    ck_assert_int_ge(tend_store_run(store, "CREATE TABLE t (x); INSERT INTO t VALUES ('kept')", &error), 0);
    ck_assert_int_ge(tend_store_begin(store, &error), 0);
    for (int i = 0; i < 200 && status >= 0; i++)
        status = tend_store_run(store, more, &error);
    if (status >= 0)
        status = tend_store_commit(store, &error);
    else if (tend_store_run(store, "INSERT INTO t VALUES ('would be committed alone')", NULL) >= 0)
        tend_store_rollback(store); /* the database kept the transaction open: that is its right */
    else
        ck_assert_int_lt(tend_store_commit(store, NULL), 0);
    ck_assert_int_eq(status, TEND_EFULL);
    ck_assert_str_eq(error.text, sentence(tend_store_path(store), "the disk is full; free some space, nothing was lost"));
    ck_assert(!tend_store_in_transaction(store));
    ck_assert_int_ge(tend_store_number(store, "SELECT count(*) FROM t", 0, &count, &error), 0);
    ck_assert_int_eq(count, 1);
}

START_TEST(a_file_size_limit_is_a_full_disk_and_nothing_is_lost)
{
    const struct rlimit limit = { .rlim_cur = 4 << 20, .rlim_max = RLIM_INFINITY };
    const struct rlimit none = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
    const char *path = make_store("a.db", "");
    tend_store *store = NULL;
    int64_t count = 0;

    ck_assert_int_ge(tend_store_open(path, TEND_STORE_WRITE, &store, &error), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    fill(store);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    ck_assert_int_ge(tend_store_run(store, "INSERT INTO t VALUES ('space again')", &error), 0);
    tend_store_close(store);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_WRITE, &store, &error), 0);
    ck_assert_int_ge(tend_store_number(store, "SELECT count(*) FROM t", 0, &count, &error), 0);
    ck_assert_int_eq(count, 2);
    ck_assert_int_ge(tend_store_check(store, &error), 0);
    tend_store_close(store);
}
END_TEST

START_TEST(a_small_disk_that_fills_up_loses_nothing)
{
    tend_store *store = NULL, *copy = NULL;
    char path[512], to[512];

    if (mount("none", folder.path, "tmpfs", 0, "size=6m") != 0) {
        (void)fprintf(stderr, "SKIPPED a_small_disk_that_fills_up_loses_nothing: no right to mount a file system\n");
        return;
    }
    (void)snprintf(path, sizeof path, "%s/a.db", folder.path);
    (void)snprintf(to, sizeof to, "%s/copy.db", folder.path);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_CREATE, &store, &error), 0);
    fill(store);
    /* A copy needs as much room again, and there is none left: refused, and nothing of it stays. */
    ck_assert_int_ge(tend_store_run(store, "INSERT INTO t SELECT randomblob(1000000) FROM (VALUES (1), (2))", &error), 0);
    ck_assert_int_eq(tend_store_copy(store, to, false, &error), TEND_EFULL);
    ck_assert_int_ne(access(to, F_OK), 0);
    strcat(to, ".copying");
    ck_assert_int_ne(access(to, F_OK), 0);
    tend_store_close(store);
    ck_assert_msg(tend_store_open(path, TEND_STORE_READ, &copy, &error) >= 0, "%s", error.text);
    ck_assert_int_ge(tend_store_check(copy, &error), 0);
    tend_store_close(copy);
    ck_assert_int_eq(umount2(folder.path, MNT_DETACH), 0);
}
END_TEST

START_TEST(damage_inside_the_file_is_found)
{
    const char *path = make_store("a.db", "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT);"
                                          "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                                          " INSERT INTO t SELECT i, hex(i) || 'abcdefghijklmnopqrstuvwxyz' FROM n");
    tend_store *store = NULL;
    char noise[6000];
    FILE *file = fopen(path, "r+b");

    memset(noise, 0xa5, sizeof noise);
    ck_assert_int_eq(fseek(file, 6 * 8192 + 100, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(noise, 1, sizeof noise, file), sizeof noise);
    (void)fclose(file);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_READ, &store, &error), 0);
    ck_assert_int_eq(tend_store_check(store, &error), TEND_ECORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, ": the database is damaged ("));
    ck_assert_ptr_nonnull(strstr(error.text, "); restore a backup"));
    tend_store_close(store);
}
END_TEST

TESTS_WITH("store/open", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_header_carries_our_name_and_layout);
    tcase_add_test(tcase, a_database_of_another_program_is_refused_untouched);
    tcase_add_test(tcase, a_database_from_the_future_is_refused_untouched);
    tcase_add_test(tcase, a_future_that_only_the_write_ahead_log_knows_is_refused_too);
    tcase_add_loop_test(tcase, a_file_that_is_no_database_is_refused_untouched, 0, 3);
    tcase_add_test(tcase, a_path_that_is_no_plain_file_is_refused);
    tcase_add_test(tcase, names_with_special_characters_are_plain_names);
    tcase_add_test(tcase, a_missing_or_empty_file_is_made_only_when_asked);
    tcase_add_test(tcase, a_log_without_its_database_is_not_written_over);
    tcase_add_test(tcase, a_second_writer_is_refused_and_told_who_holds_it);
    tcase_add_test(tcase, a_read_only_folder_can_be_read_and_not_written);
    tcase_add_test(tcase, a_file_that_may_not_be_read_says_so);
    tcase_add_test(tcase, a_file_size_limit_is_a_full_disk_and_nothing_is_lost);
    tcase_add_test(tcase, a_small_disk_that_fills_up_loses_nothing);
    tcase_add_test(tcase, damage_inside_the_file_is_found);
})
