/* A file whose pieces are written behind whoever makes them. */
#include "folder.h"
#include "sync/scribe.h"
#include "tests.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static test_folder folder;
static int fd;

static void set_up(void)
{
    test_folder_make(&folder);
    fd = open(test_folder_path(&folder, "file"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
}

static void tear_down(void)
{
    (void)close(fd);
    test_folder_remove(&folder);
}

START_TEST(pieces_stand_where_they_belong)
{
    tend_scribe *scribe = tend_scribe_new(fd);
    tend_buffer piece = { 0 };
    uint64_t offset = 0;
    char *read = calloc(1, 1 << 20);

    ck_assert_ptr_nonnull(scribe);
    ck_assert_ptr_nonnull(read);
    for (int i = 0; i < 200; i++) {
        const size_t length = (size_t)(1 + i * 37 % 4096);

        memset(tend_buffer_extend(&piece, length), 'a' + i % 26, length);
        ck_assert_int_eq(tend_scribe_give(scribe, &piece, offset), 0);
        ck_assert_uint_eq(piece.length, 0);
        offset += length;
    }
    ck_assert_int_eq(tend_scribe_give(scribe, &piece, offset), 0); /* nothing */
    ck_assert_int_eq(tend_scribe_wait(scribe), 0);
    ck_assert_int_eq(pread(fd, read, 1 << 20, 0), (ssize_t)offset);
    for (int i = 0, at = 0; i < 200; i++) {
        for (int k = 0; k < 1 + i * 37 % 4096; k++, at++)
            ck_assert_int_eq(read[at], 'a' + i % 26);
    }
    tend_scribe_free(scribe);
    tend_buffer_clear(&piece);
    free(read);
}
END_TEST

START_TEST(what_was_given_is_written_when_it_is_freed)
{
    tend_scribe *scribe = tend_scribe_new(fd);
    tend_buffer piece = { 0 };
    char read[4];

    ck_assert_ptr_nonnull(scribe);
    tend_buffer_text(&piece, "last");
    ck_assert_int_eq(tend_scribe_give(scribe, &piece, 0), 0);
    tend_scribe_free(scribe);
    tend_scribe_free(NULL);
    ck_assert_int_eq(tend_scribe_wait(NULL), 0);
    ck_assert_int_eq(pread(fd, read, 4, 0), 4);
    ck_assert_mem_eq(read, "last", 4);
    tend_buffer_clear(&piece);
}
END_TEST

START_TEST(a_piece_that_cannot_be_written_is_told_from_then_on)
{
    int full = open("/dev/full", O_RDWR | O_CLOEXEC);
    tend_scribe *scribe = tend_scribe_new(full);
    tend_buffer piece = { 0 };

    ck_assert_int_ge(full, 0);
    ck_assert_ptr_nonnull(scribe);
    tend_buffer_text(&piece, "first");
    ck_assert_int_eq(tend_scribe_give(scribe, &piece, 0), 0);
    tend_buffer_text(&piece, "second");
    ck_assert_int_eq(tend_scribe_give(scribe, &piece, 5), ENOSPC);
    ck_assert_int_eq(tend_scribe_wait(scribe), ENOSPC);
    tend_scribe_free(scribe);
    tend_buffer_clear(&piece);
    (void)close(full);
}
END_TEST

TESTS_WITH("sync/scribe", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, pieces_stand_where_they_belong);
    tcase_add_test(tcase, what_was_given_is_written_when_it_is_freed);
    tcase_add_test(tcase, a_piece_that_cannot_be_written_is_told_from_then_on);
})
