/* The days that plugins count with are those of the core. */
#include "base/date.h"
#include "tests.h"
#include <tend/days.h>

START_TEST(every_day_of_800_years_splits_and_joins_as_in_the_core)
{
    for (tend_date date = tend_date_of(1600, 1, 1); date < tend_date_of(2400, 1, 1); date++) {
        int year, month, day, other_year, other_month, other_day;

        tend_day_split(date, &year, &month, &day);
        tend_date_split(date, &other_year, &other_month, &other_day);
        ck_assert(year == other_year && month == other_month && day == other_day);
        ck_assert_int_eq(tend_day_of(year, month, day), date);
    }
}
END_TEST

START_TEST(months_are_added_as_in_the_core)
{
    for (tend_date date = tend_date_of(2023, 12, 25); date < tend_date_of(2025, 3, 5); date++)
        for (int months = -30; months <= 30; months++)
            ck_assert_int_eq(tend_day_add_months(date, months), tend_date_add_months(date, months));
}
END_TEST

START_TEST(periods_begin_with_the_year)
{
    ck_assert_int_eq(tend_day_period_start(tend_date_of(2026, 8, 31), 1), tend_date_of(2026, 8, 1));
    ck_assert_int_eq(tend_day_period_start(tend_date_of(2026, 8, 31), 3), tend_date_of(2026, 7, 1));
    ck_assert_int_eq(tend_day_period_start(tend_date_of(2026, 6, 30), 6), tend_date_of(2026, 1, 1));
    ck_assert_int_eq(tend_day_period_start(tend_date_of(2026, 12, 31), 12), tend_date_of(2026, 1, 1));
}
END_TEST

TESTS_WITH("price/days", {
    tcase_add_test(tcase, every_day_of_800_years_splits_and_joins_as_in_the_core);
    tcase_add_test(tcase, months_are_added_as_in_the_core);
    tcase_add_test(tcase, periods_begin_with_the_year);
})
