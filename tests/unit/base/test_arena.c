#include "base/arena.h"
#include "tests.h"
#include <stdint.h>
#include <string.h>

START_TEST(what_is_taken_is_zeroed_aligned_and_apart)
{
    tend_arena *arena = tend_arena_new();
    unsigned char *taken[2000];

    for (size_t i = 0; i < 2000; i++) {
        size_t bytes = i * 7 % 300;

        taken[i] = tend_arena_take(arena, bytes);
        ck_assert_ptr_nonnull(taken[i]);
        if ((uintptr_t)taken[i] % 16 != 0)
            ck_abort_msg("%zu is not aligned", i);
        for (size_t at = 0; at < bytes; at++)
            if (taken[i][at] != 0)
                ck_abort_msg("%zu is not zeroed", i);
        memset(taken[i], (int)(i % 251), bytes);
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t at = 0; at < i * 7 % 300; at++)
            if (taken[i][at] != i % 251)
                ck_abort_msg("%zu was written over", i);
    tend_arena_free(arena);
}
END_TEST

START_TEST(a_reset_arena_gives_zeroed_memory_again)
{
    tend_arena *arena = tend_arena_new();

    for (int round = 0; round < 3; round++) {
        char *large = tend_arena_take(arena, 3 << 20), *small = tend_arena_take(arena, 10);

        ck_assert_ptr_nonnull(large);
        ck_assert_int_eq(large[0], 0);
        ck_assert_int_eq(large[(3 << 20) - 1], 0);
        ck_assert_int_eq(small[9], 0);
        ck_assert_uint_eq(tend_arena_bytes(arena), (3u << 20) + 16);
        memset(large, 'x', 3 << 20);
        memset(small, 'x', 10);
        tend_arena_reset(arena);
        ck_assert_uint_eq(tend_arena_bytes(arena), 0);
    }
    tend_arena_free(arena);
    tend_arena_free(NULL);
}
END_TEST

START_TEST(a_size_that_cannot_be_is_refused)
{
    tend_arena *arena = tend_arena_new();

    ck_assert_ptr_null(tend_arena_take(arena, SIZE_MAX));
    ck_assert_ptr_null(tend_arena_take(arena, SIZE_MAX - 40));
    ck_assert_ptr_null(tend_arena_copy(arena, "x", SIZE_MAX));
    ck_assert_ptr_nonnull(tend_arena_take(arena, 1));
    tend_arena_free(arena);
}
END_TEST

START_TEST(texts_and_values_are_copied)
{
    tend_arena *arena = tend_arena_new();
    char text[] = "ab\0cd";
    tend_value value = { .type = TEND_TEXT, .text = text, .length = 5 }, copy;

    ck_assert_int_eq(tend_arena_value(arena, &value, &copy), TEND_OK);
    memset(text, 'x', 5);
    ck_assert_uint_eq(copy.length, 5);
    ck_assert_mem_eq(copy.text, "ab\0cd", 6);
    value = (tend_value){ .type = TEND_MONEY, .integer = 5, .currency = "KRW" };
    ck_assert_int_eq(tend_arena_value(arena, &value, &copy), TEND_OK);
    ck_assert_str_eq(copy.currency, "KRW");
    ck_assert_str_eq(tend_arena_print(arena, "%s-%d", "run", 42), "run-42");
    ck_assert_ptr_null(tend_arena_string(arena, NULL));
    tend_arena_free(arena);
}
END_TEST

TESTS_WITH("base/arena", {
    tcase_add_test(tcase, what_is_taken_is_zeroed_aligned_and_apart);
    tcase_add_test(tcase, a_reset_arena_gives_zeroed_memory_again);
    tcase_add_test(tcase, a_size_that_cannot_be_is_refused);
    tcase_add_test(tcase, texts_and_values_are_copied);
})
