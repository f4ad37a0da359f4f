#include "base/date.h"
#include "model/parse.h"
#include "tests.h"
#include <string.h>

static const tend_field name = { .name = "name", .type = TEND_TEXT };
static const tend_field tier = { .name = "tier", .type = TEND_TEXT, .choices = "bronze silver gold" };
static const tend_field seats = { .name = "seats", .type = TEND_INT };
static const tend_field share = { .name = "share", .type = TEND_DECIMAL, .scale = 2 };
static const tend_field amount = { .name = "amount", .type = TEND_MONEY };
static const tend_field active = { .name = "active", .type = TEND_BOOL };
static const tend_field ends_on = { .name = "ends_on", .type = TEND_DATE };
static const tend_field opened_at = { .name = "opened_at", .type = TEND_TIME };
static const tend_field owner = { .name = "owner", .type = TEND_REF, .target = TEND_KIND_USER };

static tend_arena *arena;

static void set_up(void)
{
    arena = tend_arena_new();
}

static void tear_down(void)
{
    tend_arena_free(arena);
}

static tend_value good(const tend_field *field, const char *text, const char *currency, const tend_format *format)
{
    tend_value value = { 0 };
    tend_error error = { 0 };
    tend_status status = tend_field_parse(field, text, strlen(text), currency, format, arena, &value, &error);

    ck_assert_msg(status == TEND_OK, "%s: %s", text, error.text);
    return value;
}

static void refused(const tend_field *field, const char *text, const char *currency, const tend_format *format,
                    const char *sentence)
{
    tend_value value = { 0 };
    tend_error error = { 0 };

    ck_assert_msg(tend_field_parse(field, text, strlen(text), currency, format, arena, &value, &error) == TEND_EINVAL, "%s", text);
    ck_assert_str_eq(error.text, sentence);
}

START_TEST(empty_text_is_not_known)
{
    ck_assert_int_eq(good(&name, "", "", NULL).type, TEND_NULL);
    ck_assert_int_eq(good(&name, "  ", "", NULL).type, TEND_NULL);
    ck_assert_int_eq(good(&amount, "", "", NULL).type, TEND_NULL);
    ck_assert_int_eq(good(&ends_on, "\t", "", NULL).type, TEND_NULL);
}
END_TEST

START_TEST(texts_are_kept_as_written)
{
    tend_value value = good(&name, " 한국상사 ", "", NULL);

    ck_assert_int_eq(value.type, TEND_TEXT);
    ck_assert_str_eq(value.text, " 한국상사 ");
    ck_assert_uint_eq(value.length, strlen(" 한국상사 "));
}
END_TEST

START_TEST(choices_are_read_in_any_case_and_kept_as_the_schema_writes_them)
{
    ck_assert_str_eq(good(&tier, " GOLD ", "", NULL).text, "gold");
    refused(&tier, "goldd", "", NULL, "'goldd' is not one of bronze, silver, gold; did you mean gold?");
    refused(&tier, "uranium", "", NULL, "'uranium' is not one of bronze, silver, gold; write one of them");
    refused(&tier, "bronze silver", "", NULL, "'bronze silver' is not one of bronze, silver, gold; write one of them");
}
END_TEST

START_TEST(booleans_have_words)
{
    static const char *const yes[] = { "예", "O", NULL }, *const no[] = { "아니오", "X", NULL };
    const tend_format korean = { .yes = yes, .no = no };

    ck_assert_int_eq(good(&active, "Yes", "", NULL).integer, 1);
    ck_assert_int_eq(good(&active, "TRUE", "", NULL).integer, 1);
    ck_assert_int_eq(good(&active, "1", "", NULL).integer, 1);
    ck_assert_int_eq(good(&active, "n", "", NULL).integer, 0);
    ck_assert_int_eq(good(&active, "F", "", NULL).integer, 0);
    ck_assert_int_eq(good(&active, "예", "", &korean).integer, 1);
    ck_assert_int_eq(good(&active, "x", "", &korean).integer, 0);
    refused(&active, "maybe", "", NULL, "'maybe' is neither yes nor no; write yes or no");
    refused(&active, "yes", "", &korean, "'yes' is neither yes nor no; write 예 or 아니오");
}
END_TEST

START_TEST(whole_numbers_are_digits)
{
    const tend_format grouped = { .number = { .decimal = ',', .grouping = '.' } };

    ck_assert_int_eq(good(&seats, "-17", "", NULL).integer, -17);
    ck_assert_int_eq(good(&seats, "9223372036854775807", "", NULL).integer, INT64_MAX);
    ck_assert_int_eq(good(&seats, "1.234.567", "", &grouped).integer, 1234567);
    refused(&seats, "4.0", "", NULL, "'4.0' is not a whole number; write digits only, as in 1234");
    refused(&seats, "17850,0", "", &grouped, "'17850,0' is not a whole number; write digits only, as in 1234");
    refused(&seats, "9223372036854775808", "", NULL,
            "'9223372036854775808' is too large; whole numbers go up to 9223372036854775807");
}
END_TEST

START_TEST(decimals_keep_their_scale)
{
    tend_value value = good(&share, "0.5", "", NULL);

    ck_assert_int_eq(value.integer, 50);
    ck_assert_int_eq(value.scale, 2);
    ck_assert_int_eq(good(&share, "0.500", "", NULL).integer, 50);
    refused(&share, "0.505", "", NULL, "'0.505' has more digits after the point than share keeps; write at most 2");
    refused(&share, "half", "", NULL, "'half' is not a number; write it like 1234.50");
}
END_TEST

START_TEST(money_is_minor_units_of_its_currency)
{
    const tend_format korean = { .currency = "KRW" }, rounding = { .round_money = true };
    const tend_format german = { .number = { .decimal = ',', .grouping = '.' } };

    ck_assert_int_eq(good(&amount, "12.34", "USD", NULL).integer, 1234);
    ck_assert_int_eq(good(&amount, "1200", "", &korean).integer, 1200);
    ck_assert_str_eq(good(&amount, "1200", "", &korean).currency, "KRW");
    ck_assert_str_eq(good(&amount, "1.5", "KWD", &korean).currency, "KWD");
    ck_assert_int_eq(good(&amount, "1.5", "KWD", &korean).integer, 1500);
    ck_assert_int_eq(good(&amount, "12.345", "USD", &rounding).integer, 1235);
    ck_assert_int_eq(good(&amount, "-1.234,50", "EUR", &german).integer, -123450);
    refused(&amount, "12.345", "USD", NULL, "'12.345' has more digits after the point than USD keeps; write at most 2");
    refused(&amount, "1.5", "KRW", NULL, "'1.5' has more digits after the point than KRW keeps; write at most 0");
    refused(&amount, "12", "", NULL, "'12' has no currency; name one beside amount");
    refused(&amount, "12", "XQX", NULL, "'XQX' is not a currency; write a code of ISO 4217 such as USD");
    refused(&amount, "1,000.00", "EUR", &german, "'1,000.00' is not a number; write it like 1.234,50");
}
END_TEST

/* C034, C035: what is no amount is never read as one. */
static const char *const bad_amounts[] = { "NaN",   "Inf",   "-Infinity", "1e400", "1e-400",       "0x10",  "1,000", "1.000,00",
                                           "₩1000", "(100)", "１２３",    "1 000", "1_000",        "--5",   "+5",    "5-",
                                           ".5",    "5.",    "-",         "1.2.3", "1000\xC2\xA0", "1'000", "$5",    "５" };

START_TEST(amounts_that_are_none)
{
    const char *text = bad_amounts[_i];
    char sentence[256];

    (void)snprintf(sentence, sizeof sentence, "'%s' is not a number; write it like 1234.50", text);
    refused(&amount, text, "USD", NULL, sentence);
}
END_TEST

START_TEST(amounts_beyond_64_bits_are_refused)
{
    refused(&amount, "9223372036854775808", "USD", NULL, "'9223372036854775808' is too large; USD has room for 64 bits");
    refused(&amount, "99999999999999999999999.99", "USD", NULL,
            "'99999999999999999999999.99' is too large; USD has room for 64 bits");
    ck_assert_int_eq(good(&amount, "92233720368547758.07", "USD", NULL).integer, INT64_MAX);
}
END_TEST

START_TEST(dates_are_iso_unless_the_mapping_says_otherwise)
{
    static const char *const patterns[] = { "DD/MM/YYYY", "YYYY.MM.DD", NULL };
    const tend_format local = { .dates = patterns };

    ck_assert_int_eq(good(&ends_on, "2024-02-29", "", NULL).integer, tend_date_of(2024, 2, 29));
    ck_assert_int_eq(good(&ends_on, "2024-02-29T00:00:00", "", NULL).integer, tend_date_of(2024, 2, 29));
    ck_assert_int_eq(good(&ends_on, "2024-02-29 00:00:00.000Z", "", NULL).integer, tend_date_of(2024, 2, 29));
    ck_assert_int_eq(good(&ends_on, "31/01/2024", "", &local).integer, tend_date_of(2024, 1, 31));
    ck_assert_int_eq(good(&ends_on, "2024.01.31", "", &local).integer, tend_date_of(2024, 1, 31));
    refused(&ends_on, "31/02/2024", "", NULL, "'31/02/2024' is not a date; write YYYY-MM-DD");
    refused(&ends_on, "31/02/2024", "", &local, "'31/02/2024' is not a date: there is no such day");
    refused(&ends_on, "31/13/2024", "", &local, "'31/13/2024' is not a date; write DD/MM/YYYY or YYYY.MM.DD");
    refused(&ends_on, "2024-01-31", "", &local, "'2024-01-31' is not a date; write DD/MM/YYYY or YYYY.MM.DD");
    refused(&ends_on, "2024-01-31T10:00:00", "", NULL, "'2024-01-31T10:00:00' is a time and ends_on is a date; write YYYY-MM-DD");
}
END_TEST

/* C038 */
static const char *const bad_dates[] = { "0000-00-00", "10000-01-01", "-0001-01-01", "2024-13-01",
                                         "2024-00-10", "2024-1-1",    "20240101" };

static const char *const missing_days[] = { "2026-02-29", "2024-02-30", "1900-02-29", "2024-11-31" };

START_TEST(days_that_no_month_has)
{
    char sentence[128];

    (void)snprintf(sentence, sizeof sentence, "'%s' is not a date: there is no such day", missing_days[_i]);
    refused(&ends_on, missing_days[_i], "", NULL, sentence);
}
END_TEST

START_TEST(dates_that_are_none)
{
    char sentence[128];

    (void)snprintf(sentence, sizeof sentence, "'%s' is not a date; write YYYY-MM-DD", bad_dates[_i]);
    refused(&ends_on, bad_dates[_i], "", NULL, sentence);
}
END_TEST

START_TEST(times_are_of_the_zone_of_the_file)
{
    const tend_zone *seoul = NULL;
    tend_error error;
    tend_format korean = { 0 };
    const tend_civil noon = { .year = 2026, .month = 3, .day = 2, .hour = 12 };
    tend_time noon_utc = tend_time_of_utc(&noon);

    ck_assert_int_eq(tend_zone_find("Asia/Seoul", &seoul, &error), TEND_OK);
    korean.zone = seoul;
    ck_assert_int_eq(good(&opened_at, "2026-03-02T12:00:00Z", "", &korean).integer, noon_utc);
    ck_assert_int_eq(good(&opened_at, "2026-03-02 21:00", "", &korean).integer, noon_utc);
    ck_assert_int_eq(good(&opened_at, "2026-03-02 12:00", "", NULL).integer, noon_utc);
    ck_assert_int_eq(good(&opened_at, "2026-03-02", "", &korean).integer, noon_utc - (12 + 9) * 3600000);
    ck_assert_int_eq(good(&ends_on, "2026-03-01T15:00:00Z", "", &korean).integer, tend_date_of(2026, 3, 2));
    refused(&opened_at, "noon", "", NULL, "'noon' is not a time; write YYYY-MM-DDTHH:MM:SSZ");
}
END_TEST

START_TEST(references_are_not_read_here)
{
    refused(&owner, "Kim", "", NULL, "'Kim' names a row of another kind; owner is looked up, not read");
}
END_TEST

START_TEST(values_are_shown_for_people)
{
    tend_value at = good(&opened_at, "2026-03-02T12:00:00Z", "", NULL), money = good(&amount, "1234.5", "USD", NULL);
    tend_value won = good(&amount, "1234567", "KRW", NULL), none = { 0 };
    const tend_zone *seoul = NULL;
    tend_error error;

    ck_assert_int_eq(tend_zone_find("Asia/Seoul", &seoul, &error), TEND_OK);
    ck_assert_str_eq(tend_value_show(&money, NULL, arena), "1,234.50 USD");
    ck_assert_str_eq(tend_value_show(&won, NULL, arena), "1,234,567 KRW");
    ck_assert_str_eq(tend_value_show(&at, NULL, arena), "2026-03-02 12:00");
    ck_assert_str_eq(tend_value_show(&at, seoul, arena), "2026-03-02 21:00");
    ck_assert_str_eq(tend_value_show(&none, NULL, arena), "");
    ck_assert_str_eq(tend_value_show(&(tend_value){ .type = TEND_REF, .integer = 17 }, NULL, arena), "#17");
}
END_TEST

START_TEST(the_text_of_a_value_reads_back_to_it)
{
    static const struct {
        const tend_field *field;
        const char *text;
    } cases[] = {
        { &name, "한국상사" },
        { &tier, "gold" },
        { &seats, "-5" },
        { &share, "-0.05" },
        { &amount, "-1234.50" },
        { &active, "yes" },
        { &active, "no" },
        { &ends_on, "2026-03-02" },
        { &opened_at, "2026-03-02T10:15:04.131Z" },
        { &amount, "0.00" },
        { &seats, "0" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_value value = good(cases[i].field, cases[i].text, "USD", NULL);
        tend_value again;

        ck_assert_str_eq(tend_value_text(&value, arena), cases[i].text);
        again = good(cases[i].field, tend_value_text(&value, arena), "USD", NULL);
        ck_assert(tend_value_equal(&value, &again));
    }
}
END_TEST

START_TEST(equal_is_by_type_and_meaning)
{
    tend_value dollars = good(&amount, "5", "USD", NULL), euros = good(&amount, "5", "EUR", NULL);
    tend_value half = { .type = TEND_DECIMAL, .integer = 5, .scale = 1 },
               same = { .type = TEND_DECIMAL, .integer = 50, .scale = 2 };
    tend_value none = { 0 }, zero = { .type = TEND_INT };

    ck_assert(!tend_value_equal(&dollars, &euros));
    ck_assert(tend_value_equal(&half, &same));
    ck_assert(!tend_value_equal(&none, &zero));
    ck_assert(tend_value_equal(&none, &none));
}
END_TEST

TESTS_WITH("model/parse", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, empty_text_is_not_known);
    tcase_add_test(tcase, texts_are_kept_as_written);
    tcase_add_test(tcase, choices_are_read_in_any_case_and_kept_as_the_schema_writes_them);
    tcase_add_test(tcase, booleans_have_words);
    tcase_add_test(tcase, whole_numbers_are_digits);
    tcase_add_test(tcase, decimals_keep_their_scale);
    tcase_add_test(tcase, money_is_minor_units_of_its_currency);
    tcase_add_loop_test(tcase, amounts_that_are_none, 0, (int)(sizeof bad_amounts / sizeof *bad_amounts));
    tcase_add_test(tcase, amounts_beyond_64_bits_are_refused);
    tcase_add_test(tcase, dates_are_iso_unless_the_mapping_says_otherwise);
    tcase_add_loop_test(tcase, days_that_no_month_has, 0, sizeof missing_days / sizeof *missing_days);
    tcase_add_loop_test(tcase, dates_that_are_none, 0, (int)(sizeof bad_dates / sizeof *bad_dates));
    tcase_add_test(tcase, times_are_of_the_zone_of_the_file);
    tcase_add_test(tcase, references_are_not_read_here);
    tcase_add_test(tcase, values_are_shown_for_people);
    tcase_add_test(tcase, the_text_of_a_value_reads_back_to_it);
    tcase_add_test(tcase, equal_is_by_type_and_meaning);
})
