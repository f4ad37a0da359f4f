#include "base/clock.h"
#include "tests.h"

START_TEST(the_hand_driven_clock_reads_what_its_owner_set)
{
    tend_time at = 5;
    tend_clock clock = tend_clock_by_hand(&at), real = tend_clock_system();

    ck_assert_int_eq(tend_clock_now(&clock), 5);
    at = 1772446504131;
    ck_assert_int_eq(tend_clock_now(&clock), 1772446504131);
    ck_assert_int_gt(tend_clock_now(&real), INT64_C(1767225600000)); /* 2026 */
}
END_TEST

TESTS_WITH("base/clock", { tcase_add_test(tcase, the_hand_driven_clock_reads_what_its_owner_set); })
