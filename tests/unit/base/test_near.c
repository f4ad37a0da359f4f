#include "base/near.h"
#include "tests.h"

static const char *const names[] = { "target", "weight", "token", "retry", "id", "k", NULL };

START_TEST(a_slip_finds_its_name)
{
    static const struct {
        const char *written, *meant;
    } known[] = { { "tartget", "target" }, { "traget", "target" }, { "weigth", "weight" }, { "tokn", "token" },
                  { "di", "id" },          { "retri", "retry" },   { "target", "target" } };

    ck_assert_str_eq(tend_near(known[_i].written, names), known[_i].meant);
}
END_TEST

START_TEST(another_word_finds_none)
{
    static const char *const other[] = {
        "", "x", "colour", "wait", "tartgetting", "a text that is longer than any name we have ever had, by far and more"
    };

    ck_assert_ptr_null(tend_near(other[_i], names));
}
END_TEST

TESTS_WITH("base/near", {
    tcase_add_loop_test(tcase, a_slip_finds_its_name, 0, 7);
    tcase_add_loop_test(tcase, another_word_finds_none, 0, 6);
})
