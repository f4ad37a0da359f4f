/* Names that are known, and those that nearly are. */
#include "base/near.h"
#include "tests.h"

static const char *const words[] = { "owner", "csm", "executive", NULL };
static const char *const none[] = { NULL };

START_TEST(a_word_is_known_as_it_is_written_and_not_otherwise)
{
    ck_assert(tend_is_among("owner", words));
    ck_assert(tend_is_among("executive", words));
    ck_assert(!tend_is_among("Owner", words));
    ck_assert(!tend_is_among("own", words));
    ck_assert(!tend_is_among("owners", words));
    ck_assert(!tend_is_among("", words));
    ck_assert(!tend_is_among("owner", none));
}
END_TEST

START_TEST(the_nearest_is_offered_and_nothing_that_is_far)
{
    ck_assert_str_eq(tend_near("onwer", words), "owner");
    ck_assert_str_eq(tend_near("exectuive", words), "executive");
    ck_assert_str_eq(tend_near("owner", words), "owner");
    ck_assert_ptr_null(tend_near("finance", words));
    ck_assert_ptr_null(tend_near("", words));
    ck_assert_ptr_null(tend_near("owner", none));
}
END_TEST

TESTS_WITH("base/near", {
    tcase_add_test(tcase, a_word_is_known_as_it_is_written_and_not_otherwise);
    tcase_add_test(tcase, the_nearest_is_offered_and_nothing_that_is_far);
})
