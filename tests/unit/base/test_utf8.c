/* Looks at many bytes at once, beside a look at each. */
#include "base/utf8.h"
#include "tests.h"

START_TEST(a_text_is_plain_when_each_byte_is_ascii_and_none_is_nul)
{
    static const unsigned char others[] = { 0, 1, ' ', 'z', 0x7f, 0x80, 0x81, 0xfe, 0xff };
    char text[24];

    for (size_t length = 0; length <= sizeof text; length++) {
        memset(text, 'a', sizeof text);
        ck_assert(tend_utf8_is_plain(text, length));
        for (size_t at = 0; at < length; at++) {
            for (size_t i = 0; i < sizeof others; i++) {
                text[at] = (char)others[i];
                ck_assert_msg(tend_utf8_is_plain(text, length) == (others[i] > 0 && others[i] < 0x80), "%zu of %zu: %#x", at,
                              length, others[i]);
            }
            text[at] = 'a';
        }
    }
}
END_TEST

TESTS_WITH("base/utf8", { tcase_add_test(tcase, a_text_is_plain_when_each_byte_is_ascii_and_none_is_nul); })
