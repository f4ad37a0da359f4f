/* days.h: days, months and periods for plugins. Header-only; proleptic Gregorian. */
#ifndef TEND_DAYS_H
#define TEND_DAYS_H

#include <stdint.h>
#include <stdio.h>
#include <tend/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Years are counted from March, so that a leap day is the last of its year. */
static inline tend_date tend_day_of(int year, int month, int day)
{
    const int64_t from_march = (int64_t)year - (month <= 2), era = (from_march >= 0 ? from_march : from_march - 399) / 400;
    const int64_t of_era = from_march - era * 400, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return (tend_date)(era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468);
}

static inline void tend_day_split(tend_date date, int *ret_year, int *ret_month, int *ret_day)
{
    const int64_t days = (int64_t)date + 719468, era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100), from_march = (5 * of_year + 2) / 153;

    *ret_day = (int)(of_year - (153 * from_march + 2) / 5 + 1);
    *ret_month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    *ret_year = (int)(year + era * 400 + (*ret_month <= 2));
}

/* The same day `months` later (or earlier); the last of the month where it has fewer days. */
static inline tend_date tend_day_add_months(tend_date date, int months)
{
    int year, month, day, count;
    tend_date first, next;

    tend_day_split(date, &year, &month, &day);
    count = year * 12 + month - 1 + months;
    first = tend_day_of(count / 12, count % 12 + 1, 1);
    next = tend_day_of((count + 1) / 12, (count + 1) % 12 + 1, 1);
    return first + day - 1 < next ? first + day - 1 : next - 1;
}

/* The first day of the period of `months` (1, 3, 6, 12) that holds `date`; periods begin with the year. */
static inline tend_date tend_day_period_start(tend_date date, int months)
{
    int year, month, day;

    tend_day_split(date, &year, &month, &day);
    return tend_day_of(year, (month - 1) / months * months + 1, 1);
}

#define TEND_DAY_TEXT 16
static inline const char *tend_day_write(tend_date date, char buffer[TEND_DAY_TEXT])
{
    int year, month, day;

    tend_day_split(date, &year, &month, &day);
    (void)snprintf(buffer, TEND_DAY_TEXT, "%04u-%02u-%02u", (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100);
    return buffer;
}

#ifdef __cplusplus
}
#endif
#endif
