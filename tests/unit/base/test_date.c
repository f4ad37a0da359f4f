#include "base/date.h"
#include "tests.h"
#include <string.h>

START_TEST(days_that_do_not_exist_are_refused)
{
    static const char *const bad[] = { "2026-02-29", "0000-00-00", "10000-01-01", "1900-02-29",  "2026-13-01",  "2026-00-10",
                                       "2026-04-31", "2026-1-1",   "26-01-01",    " 2026-01-01", "2026-01-01 ", "2026/01/01",
                                       "",           "2026-01-0x" };
    tend_date date = 77;

    ck_assert_int_eq(tend_date_parse(bad[_i], strlen(bad[_i]), &date), TEND_EINVAL);
    ck_assert_int_eq(date, 77);
}
END_TEST

START_TEST(known_days_have_their_number_and_weekday)
{
    static const struct {
        const char *text;
        tend_date date;
        int weekday;
    } known[] = { { "1970-01-01", 0, 4 },     { "2024-02-29", 19782, 4 },   { "2000-02-29", 11016, 2 },
                  { "1969-12-31", -1, 3 },    { "0001-01-01", -719162, 1 }, { "9999-12-31", 2932896, 5 },
                  { "2038-01-19", 24855, 2 }, { "1900-01-01", -25567, 1 } };
    tend_date date;
    char text[TEND_DATE_ROOM];

    ck_assert_int_eq(tend_date_parse(known[_i].text, 10, &date), TEND_OK);
    ck_assert_int_eq(date, known[_i].date);
    ck_assert_int_eq(tend_date_weekday(date), known[_i].weekday);
    ck_assert_str_eq(tend_date_format(date, text), known[_i].text);
}
END_TEST

START_TEST(every_day_of_800_years_comes_back)
{
    int year = 1600, month = 1, day = 1;

    for (tend_date date = tend_date_of(1600, 1, 1); year < 2400; date++) {
        int y, m, d;

        tend_date_split(date, &y, &m, &d);
        if (y != year || m != month || d != day || tend_date_of(y, m, d) != date)
            ck_abort_msg("%04d-%02d-%02d does not come back", year, month, day);
        if (++day > tend_date_days_in_month(year, month)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
}
END_TEST

START_TEST(months_keep_the_day_or_the_last_one)
{
    ck_assert_int_eq(tend_date_add_months(tend_date_of(2024, 1, 31), 1), tend_date_of(2024, 2, 29));
    ck_assert_int_eq(tend_date_add_months(tend_date_of(2024, 3, 31), -13), tend_date_of(2023, 2, 28));
    ck_assert_int_eq(tend_date_add_months(tend_date_of(2024, 12, 15), 1), tend_date_of(2025, 1, 15));
    ck_assert_int_eq(tend_date_add_months(tend_date_of(9999, 12, 1), 1), TEND_NO_DATE);
    ck_assert_int_eq(tend_date_add_months(tend_date_of(1, 1, 1), -1), TEND_NO_DATE);
}
END_TEST

START_TEST(times_are_read_with_and_without_their_offset)
{
    static const struct {
        const char *text, *utc;
        bool has_zone;
    } known[] = {
        { "2026-03-02", "2026-03-02T00:00:00Z", false },
        { "2026-03-02T10:15", "2026-03-02T10:15:00Z", false },
        { "2026-03-02 10:15:04", "2026-03-02T10:15:04Z", false },
        { "2026-03-02T10:15:04.131Z", "2026-03-02T10:15:04.131Z", true },
        { "2026-03-02T10:15:04.1319999Z", "2026-03-02T10:15:04.131Z", true },
        { "2026-03-02T00:30:00+09:00", "2026-03-01T15:30:00Z", true },
        { "2026-12-31T23:30:00-0130", "2027-01-01T01:00:00Z", true },
    };
    tend_civil civil;
    bool has_zone;
    char text[TEND_TIME_ROOM];

    ck_assert_int_eq(tend_civil_parse(known[_i].text, strlen(known[_i].text), &civil, &has_zone), TEND_OK);
    ck_assert_int_eq(has_zone, known[_i].has_zone);
    ck_assert_str_eq(tend_time_format(tend_time_of_utc(&civil), text), known[_i].utc);
}
END_TEST

START_TEST(times_that_are_none_are_refused)
{
    static const char *const bad[] = { "2026-03-02T",
                                       "2026-03-02T24:00",
                                       "2026-03-02T10:60",
                                       "2026-03-02T10:15:60",
                                       "2026-03-02T10:15:04.",
                                       "2026-03-02T10:15:04+9",
                                       "2026-03-02Z",
                                       "2026-03-02T10",
                                       "2026-03-02T10:15 Z",
                                       "2026-03-02T10:15+24:00",
                                       "0001-01-01T00:00+01:00",
                                       "2026-02-30T10:00" };
    tend_civil civil;
    bool has_zone;

    ck_assert_int_eq(tend_civil_parse(bad[_i], strlen(bad[_i]), &civil, &has_zone), TEND_EINVAL);
}
END_TEST

START_TEST(patterns_read_what_mappings_name)
{
    static const struct {
        const char *pattern, *text, *utc;
    } known[] = {
        { "DD.MM.YYYY", "31.12.2025", "2025-12-31T00:00:00Z" },
        { "M/D/YYYY H:mm", "7/4/2025 9:05", "2025-07-04T09:05:00Z" },
        { "M/D/YYYY H:mm", "12/14/2025 19:05", "2025-12-14T19:05:00Z" },
        { "D/M/YY", "1/2/69", "2069-02-01T00:00:00Z" },
        { "D/M/YY", "1/2/70", "1970-02-01T00:00:00Z" },
        { "MM/DD/YYYY HH:mm:ss AM", "01/02/2025 12:00:01 AM", "2025-01-02T00:00:01Z" },
        { "MM/DD/YYYY H:mm AM", "01/02/2025 12:30 PM", "2025-01-02T12:30:00Z" },
        { "YYYY년 M월 D일", "2025년 3월 9일", "2025-03-09T00:00:00Z" },
        { "YYYY-MM-DD AM H:mm", "2025-03-09 오후 3:07", "2025-03-09T15:07:00Z" },
        { "YYYYMMDD", "20240229", "2024-02-29T00:00:00Z" },
    };
    tend_civil civil;
    char text[TEND_TIME_ROOM];

    ck_assert(tend_date_pattern_valid(known[_i].pattern));
    ck_assert_int_eq(tend_civil_parse_as(known[_i].text, strlen(known[_i].text), known[_i].pattern, &civil), TEND_OK);
    ck_assert_str_eq(tend_time_format(tend_time_of_utc(&civil), text), known[_i].utc);
}
END_TEST

START_TEST(texts_that_miss_their_pattern_are_refused)
{
    static const struct {
        const char *pattern, *text;
    } bad[] = {
        { "DD.MM.YYYY", "1.12.2025" },
        { "DD.MM.YYYY", "31.12.2025 " },
        { "DD.MM.YYYY", "12/31/2025" },
        { "DD.MM.YYYY", "31.11.2025" },
        { "YYYYMMDD", "20230229" },
        { "M/D/YYYY H:mm AM", "1/2/2025 13:00 PM" },
        { "M/D/YYYY", "" },
        { "M/D/YYYY H:mm AM", "1/2/2025 0:00 AM" },
        { "M/D/YYYY H:mm", "1/2/2025 24:00" },
    };
    tend_civil civil;

    ck_assert_int_eq(tend_civil_parse_as(bad[_i].text, strlen(bad[_i].text), bad[_i].pattern, &civil), TEND_EINVAL);
}
END_TEST

START_TEST(patterns_that_cannot_be_meant_are_not_valid)
{
    static const char *const bad[] = { "",       "YYYY-MM",       "dd.mm.yyyy",       "DD.MM.YYYY DD", "MMM D YYYY",
                                       "MDYYYY", "DD.MM.YYYY mm", "DD.MM.YYYY HH:ss", "DD.MM.YYYY AM", "DD.MM.YYYY hh:mm" };

    ck_assert(!tend_date_pattern_valid(bad[_i]));
}
END_TEST

START_TEST(durations_are_one_number_and_one_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
        int months;
    } known[] = { { "250 ms", 250, 0 },    { "30s", 30000, 0 },  { "5 min", 300000, 0 }, { "2 h", 7200000, 0 },
                  { "7 d", 604800000, 0 }, { "3 months", 0, 3 }, { "1 year", 0, 12 },    { "10 days", 864000000, 0 } };
    int64_t ms = -1;
    int months = -1;

    ck_assert_int_eq(tend_duration_parse(known[_i].text, strlen(known[_i].text), &ms, &months), TEND_OK);
    ck_assert_int_eq(ms, known[_i].ms);
    ck_assert_int_eq(months, known[_i].months);
}
END_TEST

START_TEST(durations_that_could_mean_two_things_are_refused)
{
    static const char *const bad[] = { "",  "5",    "1.5 h", "-1 h", "5 m", "5 parsecs",
                                       "h", "5  h", "5 h ",  " 5 h", "0 s", "1 h 30 min" };
    int64_t ms;
    int months;

    ck_assert_int_eq(tend_duration_parse(bad[_i], strlen(bad[_i]), &ms, &months), TEND_EINVAL);
    ck_assert_int_eq(tend_duration_parse("99999999999999999999 ms", 23, &ms, &months), TEND_ELIMIT);
}
END_TEST

TESTS_WITH("base/date", {
    tcase_add_loop_test(tcase, days_that_do_not_exist_are_refused, 0, 14);
    tcase_add_loop_test(tcase, known_days_have_their_number_and_weekday, 0, 8);
    tcase_add_test(tcase, every_day_of_800_years_comes_back);
    tcase_add_test(tcase, months_keep_the_day_or_the_last_one);
    tcase_add_loop_test(tcase, times_are_read_with_and_without_their_offset, 0, 7);
    tcase_add_loop_test(tcase, times_that_are_none_are_refused, 0, 12);
    tcase_add_loop_test(tcase, patterns_read_what_mappings_name, 0, 10);
    tcase_add_loop_test(tcase, texts_that_miss_their_pattern_are_refused, 0, 9);
    tcase_add_loop_test(tcase, patterns_that_cannot_be_meant_are_not_valid, 0, 10);
    tcase_add_loop_test(tcase, durations_are_one_number_and_one_unit, 0, 8);
    tcase_add_loop_test(tcase, durations_that_could_mean_two_things_are_refused, 0, 12);
})
