/* Blocks that two processes share: both see them, and the one who fills cannot take them away. */
#include "base/belt.h"
#include "tests.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

START_TEST(what_one_fills_the_other_reads)
{
    const char *blocks = NULL;
    tend_error error;
    char *mine;
    int fd = -1;

    ck_assert_msg(tend_belt_make(&fd, &blocks, &error) == TEND_OK, "%s", error.text);
    mine = tend_belt_map(fd);
    ck_assert_ptr_nonnull(mine);
    for (uint32_t i = 0; i < TEND_BELT_BLOCKS; i++)
        memcpy(mine + (i + 1) * TEND_BELT_BLOCK - 4, "\x01\x02\x03\x04", 4);
    for (uint32_t i = 0; i < TEND_BELT_BLOCKS; i++)
        ck_assert_uint_eq(tend_belt_number(blocks + (i + 1) * TEND_BELT_BLOCK - 4), 0x04030201);
    tend_belt_unmap(mine);
    tend_belt_unmap(blocks);
    (void)close(fd);
}
END_TEST

START_TEST(who_fills_it_can_neither_cut_nor_lengthen_it)
{
    const char *blocks = NULL;
    tend_error error;
    int fd = -1;

    ck_assert_int_eq(tend_belt_make(&fd, &blocks, &error), TEND_OK);
    ck_assert_int_ne(ftruncate(fd, 0), 0);
    ck_assert_int_ne(ftruncate(fd, (off_t)(TEND_BELT_BLOCKS * TEND_BELT_BLOCK + 1)), 0);
    ck_assert_int_ne(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
    tend_belt_unmap(blocks);
    (void)close(fd);
}
END_TEST

START_TEST(what_has_another_size_is_no_belt)
{
    int fd = memfd_create("short", MFD_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, 4096), 0);
    ck_assert_ptr_null(tend_belt_map(fd));
    (void)close(fd);
    ck_assert_ptr_null(tend_belt_map(-1));
    tend_belt_unmap(NULL);
}
END_TEST

TESTS_WITH("base/belt", {
    tcase_add_test(tcase, what_one_fills_the_other_reads);
    tcase_add_test(tcase, who_fills_it_can_neither_cut_nor_lengthen_it);
    tcase_add_test(tcase, what_has_another_size_is_no_belt);
})
