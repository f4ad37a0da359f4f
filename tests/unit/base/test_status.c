/* A failure is one sentence on one line, whatever it quotes. */
#include "base/utf8.h"
#include "tests.h"
#include <string.h>
#include <tend/status.h>

START_TEST(a_sentence_stays_on_its_line)
{
    tend_error error;

    ck_assert_int_eq(tend_fail(&error, TEND_EINVAL, "'%s' is not a date; write YYYY-MM-DD", "a\nb\tc\r"), TEND_EINVAL);
    ck_assert_int_eq(error.status, TEND_EINVAL);
    ck_assert_str_eq(error.text, "'a b c ' is not a date; write YYYY-MM-DD");
}
END_TEST

START_TEST(what_a_sentence_quotes_moves_no_terminal)
{
    tend_error error;

    (void)tend_fail(&error, TEND_EINVAL, "'%s' is odd", "\x1b[2J\x07\x7f \xc2\x9b\x31m \xc2\xa0 \xc3\xa9 \xc2");
    ck_assert_str_eq(error.text, "'?[2J?? ??1m \xc2\xa0 \xc3\xa9 \xc2' is odd");
}
END_TEST

/* Each length moves the characters by one byte, so that the end falls on every part of them. */
START_TEST(a_sentence_that_is_cut_off_ends_with_a_whole_character)
{
    static const char *const characters[] = { "\xc3\xa9", "\xec\x84\x9c", "\xf0\x9f\x98\x80" };
    const char *character = characters[_i];
    const size_t width = strlen(character);

    for (size_t lead = 0; lead < 8; lead++) {
        char text[2048] = "aaaaaaaa";
        tend_error error;

        for (size_t i = lead; i + width < sizeof text; i += width)
            memcpy(text + i, character, width + 1);
        (void)tend_fail(&error, TEND_EINVAL, "%s", text);
        ck_assert_uint_eq(strlen(error.text), lead + (sizeof error.text - 1 - lead) / width * width);
        ck_assert(tend_utf8_valid(error.text, strlen(error.text), NULL));
    }
}
END_TEST

TESTS_WITH("base/status", {
    tcase_add_test(tcase, a_sentence_stays_on_its_line);
    tcase_add_test(tcase, what_a_sentence_quotes_moves_no_terminal);
    tcase_add_loop_test(tcase, a_sentence_that_is_cut_off_ends_with_a_whole_character, 0, 3);
})
