#include "engine/sweep.h"
#include "tests.h"

static tend_sweep sweep;
static tend_error error;

static void set_up(void)
{
    sweep = (tend_sweep){ .arena = tend_arena_new() };
    ck_assert_ptr_nonnull(sweep.arena);
}

static void tear_down(void)
{
    tend_arena_free(sweep.arena);
}

static void add(const char *word)
{
    ck_assert_msg(tend_sweep_add(&sweep, word, &error) >= 0, "%s", error.text);
}

static const char *swept(const char *text)
{
    const char *left = tend_sweep_text(&sweep, text, strlen(text));

    return left ? left : "nothing found";
}

START_TEST(a_word_is_found_in_either_case_and_wherever_it_stands)
{
    add("Jane Doe");
    ck_assert_str_eq(swept("Jane Doe called"), "(erased) called");
    ck_assert_str_eq(swept("ask JANE DOE, or jane doe"), "ask (erased), or (erased)");
    ck_assert_str_eq(swept("Jane called"), "nothing found");
    ck_assert_str_eq(swept(""), "nothing found");
}
END_TEST

START_TEST(the_longest_of_several_is_taken)
{
    add("Quellmann");
    add("Zaphrina Quellmann");
    ck_assert_str_eq(swept("Zaphrina Quellmann and Otto Quellmann"), "(erased) and Otto (erased)");
}
END_TEST

START_TEST(a_short_name_is_no_part_of_another_word)
{
    add("Lee");
    ck_assert_str_eq(swept("Lee moved to Leeds"), "(erased) moved to Leeds");
    ck_assert_str_eq(swept("Ashlee"), "nothing found");
}
END_TEST

START_TEST(a_korean_name_is_found_before_its_particle)
{
    add("김민준");
    ck_assert_str_eq(swept("김민준님께 전화"), "(erased)님께 전화");
}
END_TEST

START_TEST(a_name_with_quotes_is_found_in_json_too)
{
    add("Jane \"JJ\" Doe");
    ck_assert_str_eq(swept("{\"name\":\"Jane \\\"JJ\\\" Doe\"}"), "{\"name\":\"(erased)\"}");
}
END_TEST

START_TEST(bytes_keep_their_length)
{
    char bytes[] = "\x08Jane Doe\x03"
                   "abc";

    add("Jane Doe");
    ck_assert_uint_eq(tend_sweep_bytes(&sweep, bytes, sizeof bytes - 1), 1);
    ck_assert_mem_eq(bytes,
                     "\x08********\x03"
                     "abc",
                     sizeof bytes - 1);
}
END_TEST

START_TEST(what_is_too_short_or_erased_already_is_not_looked_for)
{
    add("Al");
    add("(erased)");
    ck_assert_uint_eq(sweep.count, 0);
}
END_TEST

TESTS_WITH("engine/sweep", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_word_is_found_in_either_case_and_wherever_it_stands);
    tcase_add_test(tcase, the_longest_of_several_is_taken);
    tcase_add_test(tcase, a_short_name_is_no_part_of_another_word);
    tcase_add_test(tcase, a_korean_name_is_found_before_its_particle);
    tcase_add_test(tcase, a_name_with_quotes_is_found_in_json_too);
    tcase_add_test(tcase, bytes_keep_their_length);
    tcase_add_test(tcase, what_is_too_short_or_erased_already_is_not_looked_for);
})
