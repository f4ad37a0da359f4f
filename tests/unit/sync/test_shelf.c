/* Rooms for millions of items: what stands in them stays when they grow, move into a file or cannot. */
#include "folder.h"
#include "sync/keys.h"
#include "sync/shelf.h"
#include "tests.h"
#include <dirent.h>
#include <stdio.h>
#include <string.h>

static size_t names_in(const char *folder)
{
    DIR *open = opendir(folder);
    size_t count = 0;

    ck_assert_ptr_nonnull(open);
    while (readdir(open))
        count++;
    (void)closedir(open);
    return count - 2;
}

static void fill(tend_shelf *shelf, size_t count)
{
    size_t wrong = 0;

    for (size_t i = 0; i < count; i++) {
        wrong += tend_shelf_room_for(shelf, i, sizeof(uint64_t)) < 0;
        ((uint64_t *)shelf->bytes)[i] = i * 7;
    }
    for (size_t i = 0; i < count; i++)
        wrong += ((uint64_t *)shelf->bytes)[i] != i * 7;
    ck_assert_uint_eq(wrong, 0);
}

START_TEST(a_shelf_keeps_its_items_when_it_moves_from_memory_into_a_file)
{
    test_folder folder;
    tend_shelf shelf = { 0 };

    test_folder_make(&folder);
    shelf.folder = folder.path;
    fill(&shelf, 1000);
    ck_assert_int_eq(shelf.file, 0);
    fill(&shelf, 300000);
    ck_assert_int_ne(shelf.file, 0);
    tend_shelf_rest(&shelf, shelf.room);
    ck_assert_uint_eq(((uint64_t *)shelf.bytes)[299999], 299999 * 7); /* read back from the file */
    ck_assert_uint_eq(names_in(folder.path), 0);
    tend_shelf_clear(&shelf);
    ck_assert_uint_eq(shelf.room, 0);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(a_shelf_stays_in_memory_where_no_file_can_be_had)
{
    tend_shelf shelf = { .folder = "/nowhere/at/all" };

    fill(&shelf, 300000);
    ck_assert_int_eq(shelf.file, 0);
    tend_shelf_clear(&shelf);
}
END_TEST

START_TEST(what_was_never_written_on_a_shelf_is_zero)
{
    tend_shelf shelf = { 0 };
    test_folder folder;
    size_t wrong = 0;

    test_folder_make(&folder);
    for (int file = 0; file < 2; file++) {
        shelf.folder = file ? folder.path : NULL;
        ck_assert_int_eq(tend_shelf_grow(&shelf, 1000), TEND_OK);
        memset(shelf.bytes, 1, 1000);
        ck_assert_int_eq(tend_shelf_grow(&shelf, 1 << 20), TEND_OK);
        for (size_t i = 0; i < 1 << 20; i++)
            wrong += ((const char *)shelf.bytes)[i] != (i < 1000);
        tend_shelf_clear(&shelf);
    }
    ck_assert_uint_eq(wrong, 0);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(a_hundred_thousand_keys_on_a_shelf_lead_to_their_rows)
{
    test_folder folder;
    tend_keys keys = { 0 };
    uint32_t first;
    size_t wrong = 0;

    test_folder_make(&folder);
    keys.shelf.folder = folder.path;
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 100000; i++) {
            tend_key key = tend_key_of(1, -1, (const char *)&i, sizeof i);

            wrong += tend_keys_add(&keys, &key, i, &first) < 0 || first != (round == 0 ? TEND_NO_ROW : i);
        }
    }
    ck_assert_uint_eq(wrong, 0);
    ck_assert_int_ne(keys.shelf.file, 0);
    tend_keys_clear(&keys);
    ck_assert_uint_eq(keys.count, 0);
    test_folder_remove(&folder);
}
END_TEST

TESTS_WITH("sync/shelf", {
    tcase_add_test(tcase, a_shelf_keeps_its_items_when_it_moves_from_memory_into_a_file);
    tcase_add_test(tcase, a_shelf_stays_in_memory_where_no_file_can_be_had);
    tcase_add_test(tcase, what_was_never_written_on_a_shelf_is_zero);
    tcase_add_test(tcase, a_hundred_thousand_keys_on_a_shelf_lead_to_their_rows);
})
