#include "base/buffer.h"
#include "tests.h"
#include <stdint.h>
#include <string.h>

START_TEST(a_zeroed_buffer_is_ready)
{
    tend_buffer buffer = { 0 };

    ck_assert_str_eq(tend_buffer_string(&buffer), "");
    tend_buffer_append(&buffer, NULL, 0);
    ck_assert_str_eq(tend_buffer_string(&buffer), "");
    tend_buffer_text(&buffer, "a");
    tend_buffer_byte(&buffer, 'b');
    tend_buffer_print(&buffer, "%d%s", 12, "c");
    ck_assert_str_eq(tend_buffer_string(&buffer), "ab12c");
    ck_assert_uint_eq(buffer.length, 5);
    tend_buffer_reset(&buffer);
    ck_assert_str_eq(tend_buffer_string(&buffer), "");
    tend_buffer_clear(&buffer);
    ck_assert_ptr_null(buffer.bytes);
    tend_buffer_clear(&buffer);
}
END_TEST

START_TEST(it_grows_past_every_size)
{
    tend_buffer buffer = { 0 };

    for (int i = 0; i < 100000; i++)
        tend_buffer_print(&buffer, "%05d", i);
    ck_assert_uint_eq(buffer.length, 500000);
    ck_assert_mem_eq(buffer.bytes + 5 * 77777, "77777", 5);
    ck_assert(!buffer.failed);
    tend_buffer_clear(&buffer);
}
END_TEST

START_TEST(a_failed_append_is_remembered_and_stops_the_others)
{
    tend_buffer buffer = { 0 };

    tend_buffer_text(&buffer, "kept");
    tend_buffer_append(&buffer, "x", SIZE_MAX / 2);
    ck_assert(buffer.failed);
    tend_buffer_text(&buffer, "not added");
    ck_assert_str_eq(tend_buffer_string(&buffer), "kept");
    tend_buffer_reset(&buffer);
    ck_assert(!buffer.failed);
    tend_buffer_clear(&buffer);
}
END_TEST

TESTS_WITH("base/buffer", {
    tcase_add_test(tcase, a_zeroed_buffer_is_ready);
    tcase_add_test(tcase, it_grows_past_every_size);
    tcase_add_test(tcase, a_failed_append_is_remembered_and_stops_the_others);
})
