#include "base/utf8.h"
#include "tests.h"
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

START_TEST(broken_sequences_are_found_at_their_first_byte)
{
    static const struct {
        const char *text;
        size_t bad;
    } known[] = {
        { "abc\x80", 3 },          { "abcdefghij\xff", 10 }, { "\xc0\xaf", 0 },         { "x\xc1\xbf", 1 },
        { "x\xe0\x9f\xbf", 1 },    { "x\xed\xa0\x80", 1 },   { "\xf0\x8f\xbf\xbf", 0 }, { "\xf4\x90\x80\x80", 0 },
        { "\xf5\x80\x80\x80", 0 }, { "가\xea\xb0", 3 },      { "\xe2\x82\x28", 0 },     { "\xc2", 0 },
    };
    size_t bad = 99;

    ck_assert(!tend_utf8_valid(known[_i].text, strlen(known[_i].text), &bad));
    ck_assert_uint_eq(bad, known[_i].bad);
    ck_assert(!tend_utf8_valid(known[_i].text, strlen(known[_i].text), NULL));
}
END_TEST

START_TEST(every_code_point_but_surrogates_is_valid_and_read_back)
{
    char bytes[4];

    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        utf8proc_ssize_t length = utf8proc_encode_char((utf8proc_int32_t)code, (utf8proc_uint8_t *)bytes);
        bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
        uint32_t back = 0;

        if (tend_utf8_valid(bytes, (size_t)length, NULL) == is_surrogate)
            ck_abort_msg("U+%04X", code);
        if (!is_surrogate && (tend_utf8_next(bytes, (size_t)length, &back) != (size_t)length || back != code))
            ck_abort_msg("U+%04X reads as U+%04X", code, back);
    }
}
END_TEST

START_TEST(decomposed_text_is_composed)
{
    static const struct {
        const char *text, *nfc;
    } known[] = {
        { "e\xcc\x81", "\xc3\xa9" },                                /* e + acute */
        { "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" }, /* Jamo of 한 */
        { "\xe2\x84\xab", "\xc3\x85" },                             /* the angstrom sign is a letter */
        { "q\xcc\xa3\xcc\x87", "q\xcc\xa3\xcc\x87" },               /* stays: nothing to compose */
        { "q\xcc\x87\xcc\xa3", "q\xcc\xa3\xcc\x87" },               /* marks in canonical order */
    };
    tend_arena *arena = tend_arena_new();
    const char *nfc;
    size_t length;

    ck_assert_int_eq(tend_utf8_nfc(arena, known[_i].text, strlen(known[_i].text), &nfc, &length), TEND_OK);
    ck_assert_uint_eq(length, strlen(known[_i].nfc));
    ck_assert_mem_eq(nfc, known[_i].nfc, length);
    tend_arena_free(arena);
}
END_TEST

START_TEST(text_in_nfc_is_not_copied)
{
    static const char *const texts[] = {
        "", "plain", "한빛소프트 주식회사", "Müller & Søn", "株式会社", "Tiếng Việt", "Ελλάδα", "é"
    };
    tend_arena *arena = tend_arena_new();
    const char *nfc = NULL;
    size_t length = 99;

    ck_assert_int_eq(tend_utf8_nfc(arena, texts[_i], strlen(texts[_i]), &nfc, &length), TEND_OK);
    ck_assert_ptr_eq(nfc, texts[_i]);
    ck_assert_uint_eq(length, strlen(texts[_i]));
    ck_assert_uint_eq(tend_arena_bytes(arena), 0);
    tend_arena_free(arena);
}
END_TEST

/* Whatever the fast check lets through must be what the library would have made of it. */
START_TEST(the_fast_check_agrees_with_the_library_on_every_pair)
{
    tend_arena *arena = tend_arena_new();

    for (uint32_t code = 1; code <= 0x2FFFF; code++) {
        char text[8];
        size_t length, nfc_length;
        const char *nfc;
        utf8proc_uint8_t *expected;

        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        text[0] = 'a';
        length = 1 + (size_t)utf8proc_encode_char((utf8proc_int32_t)code, (utf8proc_uint8_t *)text + 1);
        text[length] = '\0';
        expected = utf8proc_NFC((const utf8proc_uint8_t *)text);
        if (tend_utf8_nfc(arena, text, length, &nfc, &nfc_length) != TEND_OK || nfc_length != strlen((char *)expected) ||
            memcmp(nfc, expected, nfc_length) != 0)
            ck_abort_msg("U+%04X", code);
        free(expected);
    }
    tend_arena_free(arena);
}
END_TEST

START_TEST(folding_makes_names_alike)
{
    static const struct {
        const char *one, *other;
    } known[] = {
        { "ACME Corp", "acme corp" }, { "MÜLLER", "müller" }, { "Straße", "STRASSE" }, { "ΣΟΦΊΑ", "σοφία" }, { "한빛", "한빛" }
    };
    tend_arena *arena = tend_arena_new();
    const char *one, *other;
    size_t one_length, other_length;

    ck_assert_int_eq(tend_utf8_fold(arena, known[_i].one, strlen(known[_i].one), &one, &one_length), TEND_OK);
    ck_assert_int_eq(tend_utf8_fold(arena, known[_i].other, strlen(known[_i].other), &other, &other_length), TEND_OK);
    ck_assert_uint_eq(one_length, other_length);
    ck_assert_mem_eq(one, other, one_length);
    tend_arena_free(arena);
}
END_TEST

START_TEST(wide_letters_take_two_columns)
{
    ck_assert_uint_eq(tend_utf8_columns("abc", 3), 3);
    ck_assert_uint_eq(tend_utf8_columns("한빛", 6), 4);
    ck_assert_uint_eq(tend_utf8_columns("e\xcc\x81", 3), 1);
    ck_assert_uint_eq(tend_utf8_columns("", 0), 0);
}
END_TEST

START_TEST(only_listed_encodings_are_known)
{
    ck_assert(tend_encoding_known("cp949"));
    ck_assert(tend_encoding_known("EUC-KR"));
    ck_assert(tend_encoding_known("utf-8"));
    ck_assert(!tend_encoding_known("utf8"));
    ck_assert(!tend_encoding_known("shift-jis"));
    ck_assert(!tend_encoding_known(""));
}
END_TEST

TESTS_WITH("base/utf8", {
    tcase_add_loop_test(tcase, broken_sequences_are_found_at_their_first_byte, 0, 12);
    tcase_add_test(tcase, every_code_point_but_surrogates_is_valid_and_read_back);
    tcase_add_loop_test(tcase, decomposed_text_is_composed, 0, 5);
    tcase_add_loop_test(tcase, text_in_nfc_is_not_copied, 0, 8);
    tcase_add_test(tcase, the_fast_check_agrees_with_the_library_on_every_pair);
    tcase_add_loop_test(tcase, folding_makes_names_alike, 0, 5);
    tcase_add_test(tcase, wide_letters_take_two_columns);
    tcase_add_test(tcase, only_listed_encodings_are_known);
})
