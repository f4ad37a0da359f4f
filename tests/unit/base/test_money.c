#include "base/money.h"
#include "tests.h"
#include <string.h>

START_TEST(decimals_are_read_exactly)
{
    static const struct {
        const char *text;
        char decimal, grouping;
        int scale;
        int64_t mantissa;
    } known[] = {
        { "12.50", '.', 0, 2, 1250 },
        { "-12.5", '.', 0, 2, -1250 },
        { "0", '.', 0, 2, 0 },
        { "1.2300", '.', 0, 2, 123 },
        { "1.234,56", ',', '.', 2, 123456 },
        { "1,234,567", '.', ',', 0, 1234567 },
        { "1 234", '.', ' ', 0, 1234 },
        { "1234", '.', ',', 0, 1234 },
        { "9223372036854775807", '.', 0, 0, INT64_MAX },
        { "-9223372036854775808", '.', 0, 0, INT64_MIN },
    };
    tend_number_format format = { known[_i].decimal, known[_i].grouping };
    int64_t mantissa = -77;

    ck_assert_int_eq(tend_decimal_parse(known[_i].text, strlen(known[_i].text), &format, known[_i].scale, &mantissa), TEND_OK);
    ck_assert_int_eq(mantissa, known[_i].mantissa);
}
END_TEST

START_TEST(numbers_in_any_other_writing_are_refused)
{
    static const char *const bad[] = { "",      " ",     "+1", "--5", "1e9", "0x10", "１２", "NaN", "inf",   "1_000",
                                       "1 000", "1,000", ".5", "5.",  "-",   "1-",   "1 ",   " 1",  "1.2.3", "1.005" };
    int64_t mantissa;

    ck_assert_int_eq(tend_decimal_parse(bad[_i], strlen(bad[_i]), &tend_number_plain, 2, &mantissa), TEND_EINVAL);
}
END_TEST

START_TEST(grouping_is_in_threes_or_refused)
{
    static const char *const bad[] = { "1,00", "1,0000", "1234,567", ",123", "1,,234", "1,234,", "1,234,56", "123,4567" };
    tend_number_format format = { '.', ',' };
    int64_t mantissa;

    ck_assert_int_eq(tend_decimal_parse(bad[_i], strlen(bad[_i]), &format, 2, &mantissa), TEND_EINVAL);
}
END_TEST

START_TEST(a_number_past_64_bits_is_a_limit)
{
    static const char *const large[] = { "9223372036854775808", "-9223372036854775809", "99999999999999999999",
                                         "92233720368547758.08" };
    int64_t mantissa;

    ck_assert_int_eq(tend_decimal_parse(large[_i], strlen(large[_i]), &tend_number_plain, _i == 3 ? 2 : 0, &mantissa), TEND_ELIMIT);
}
END_TEST

START_TEST(rounding_is_half_away_from_zero_and_said)
{
    static const struct {
        const char *text;
        int64_t mantissa;
        bool is_rounded;
    } known[] = { { "1.005", 101, true }, { "-1.005", -101, true }, { "1.0049", 100, true }, { "1.00500", 101, true },
                  { "1.00", 100, false }, { "1.000", 100, false },  { "-0.005", -1, true },  { "1.00099", 100, true } };
    int64_t mantissa;
    bool is_rounded;

    ck_assert_int_eq(
        tend_decimal_parse_rounded(known[_i].text, strlen(known[_i].text), &tend_number_plain, 2, &mantissa, &is_rounded), TEND_OK);
    ck_assert_int_eq(mantissa, known[_i].mantissa);
    ck_assert_int_eq(is_rounded, known[_i].is_rounded);
}
END_TEST

START_TEST(currencies_have_the_digits_of_iso_4217)
{
    static const struct {
        const char *code;
        int exponent;
    } known[] = { { "KRW", 0 },  { "JPY", 0 },  { "UYI", 0 }, { "USD", 2 }, { "EUR", 2 },  { "XCG", 2 },
                  { "KWD", 3 },  { "TND", 3 },  { "CLF", 4 }, { "UYW", 4 }, { "XAU", -1 }, { "XXX", -1 },
                  { "usd", -1 }, { "DEM", -1 }, { "", -1 },   { "US", -1 } };
    char code[4] = { 0 };

    memcpy(code, known[_i].code, strlen(known[_i].code));
    ck_assert_int_eq(tend_currency_exponent(code), known[_i].exponent);
}
END_TEST

START_TEST(amounts_are_written_with_their_digits)
{
    char money[TEND_MONEY_ROOM], decimal[TEND_DECIMAL_ROOM];

    ck_assert_str_eq(tend_money_format(123450, "USD", money), "1,234.50");
    ck_assert_str_eq(tend_money_format(-123450, "KRW", money), "-123,450");
    ck_assert_str_eq(tend_money_format(5, "KWD", money), "0.005");
    ck_assert_str_eq(tend_money_format(INT64_MIN, "USD", money), "-92,233,720,368,547,758.08");
    ck_assert_str_eq(tend_decimal_format(-123450, 2, decimal), "-1234.50");
    ck_assert_str_eq(tend_decimal_format(0, 2, decimal), "0.00");
    ck_assert_str_eq(tend_decimal_format(7, 0, decimal), "7");
    ck_assert_str_eq(tend_decimal_format(INT64_MIN, 12, decimal), "-9223372.036854775808");
}
END_TEST

START_TEST(muldiv_keeps_128_bits_between)
{
    int64_t result;

    ck_assert_int_eq(tend_muldiv(INT64_MAX, 1000, 1000, &result), TEND_OK);
    ck_assert_int_eq(result, INT64_MAX);
    ck_assert_int_eq(tend_muldiv(5, 1, 2, &result), TEND_OK);
    ck_assert_int_eq(result, 3);
    ck_assert_int_eq(tend_muldiv(-5, 1, 2, &result), TEND_OK);
    ck_assert_int_eq(result, -3);
    ck_assert_int_eq(tend_muldiv(5, 1, -2, &result), TEND_OK);
    ck_assert_int_eq(result, -3);
    ck_assert_int_eq(tend_muldiv(-4, 1, 10, &result), TEND_OK);
    ck_assert_int_eq(result, 0);
    ck_assert_int_eq(tend_muldiv(INT64_MIN, -1, 1, &result), TEND_ELIMIT);
}
END_TEST

START_TEST(conversion_knows_both_exponents)
{
    int64_t minor;

    /* 1,000.00 USD at 1,350.5 KRW = 1,350,500 KRW */
    ck_assert_int_eq(tend_money_convert(100000, "USD", "KRW", INT64_C(1350500000000), &minor), TEND_OK);
    ck_assert_int_eq(minor, 1350500);
    /* 1,350,500 KRW at 0.00074 = 999.37 USD */
    ck_assert_int_eq(tend_money_convert(1350500, "KRW", "USD", 740000, &minor), TEND_OK);
    ck_assert_int_eq(minor, 99937);
    /* 2.50 EUR at 0.335 = 0.838 KWD (0.8375) */
    ck_assert_int_eq(tend_money_convert(250, "EUR", "KWD", 335000000, &minor), TEND_OK);
    ck_assert_int_eq(minor, 838);
    ck_assert_int_eq(tend_money_convert(1, "EUR", "XXX", 1, &minor), TEND_EINVAL);
    ck_assert_int_eq(tend_money_convert(INT64_MAX, "KRW", "CLF", INT64_MAX, &minor), TEND_ELIMIT);
}
END_TEST

TESTS_WITH("base/money", {
    tcase_add_loop_test(tcase, decimals_are_read_exactly, 0, 10);
    tcase_add_loop_test(tcase, numbers_in_any_other_writing_are_refused, 0, 20);
    tcase_add_loop_test(tcase, grouping_is_in_threes_or_refused, 0, 8);
    tcase_add_loop_test(tcase, a_number_past_64_bits_is_a_limit, 0, 4);
    tcase_add_loop_test(tcase, rounding_is_half_away_from_zero_and_said, 0, 8);
    tcase_add_loop_test(tcase, currencies_have_the_digits_of_iso_4217, 0, 16);
    tcase_add_test(tcase, amounts_are_written_with_their_digits);
    tcase_add_test(tcase, muldiv_keeps_128_bits_between);
    tcase_add_test(tcase, conversion_knows_both_exponents);
})
