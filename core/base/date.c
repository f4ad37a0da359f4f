#include "base/date.h"

#include <stdio.h>
#include <string.h>

#define MS_PER_DAY ((int64_t)86400000)

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int tend_date_days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (month < 1 || month > 12)
        return 0;
    return days[month - 1] + (month == 2 && is_leap(year));
}

bool tend_date_valid(int year, int month, int day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= tend_date_days_in_month(year, month);
}

/* Days before 1 January of `year` since 0001-01-01. */
static int days_before_year(int year)
{
    int whole = year - 1;

    return whole * 365 + whole / 4 - whole / 100 + whole / 400;
}

#define DAYS_BEFORE_1970 719162
#define FIRST_DATE (-DAYS_BEFORE_1970) /* 0001-01-01 */
#define LAST_DATE 2932896              /* 9999-12-31 */

tend_date tend_date_of(int year, int month, int day)
{
    static const int before_month[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    int days;

    if (!tend_date_valid(year, month, day))
        return TEND_NO_DATE;
    days = days_before_year(year) - DAYS_BEFORE_1970;
    days += before_month[month - 1] + (month > 2 && tend_date_days_in_month(year, 2) == 29);
    return (tend_date)(days + day - 1);
}

/* The nearest date that has a name. */
static int64_t clamp(int64_t date)
{
    if (date < FIRST_DATE)
        return FIRST_DATE;
    return date > LAST_DATE ? LAST_DATE : date;
}

void tend_date_split(tend_date date, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t days = clamp(date) + DAYS_BEFORE_1970;
    int year = (int)(days * 400 / 146097) + 1, month = 1, left;

    /* The guess by the mean length of a year is off by one at most. */
    while (days_before_year(year) > days)
        year--;
    while (days_before_year(year + 1) <= days)
        year++;
    left = (int)(days - days_before_year(year));
    while (left >= tend_date_days_in_month(year, month)) {
        left -= tend_date_days_in_month(year, month);
        month++;
    }
    *ret_year = year;
    *ret_month = month;
    *ret_day = left + 1;
}

int tend_date_weekday(tend_date date)
{
    int64_t since_monday = ((int64_t)date + 3) % 7; /* 1970-01-01 was a Thursday */

    return (int)(since_monday < 0 ? since_monday + 7 : since_monday) + 1;
}

tend_date tend_date_add_months(tend_date date, int months)
{
    int year, month, day, last;
    int64_t count;

    if (date == TEND_NO_DATE)
        return TEND_NO_DATE;
    tend_date_split(date, &year, &month, &day);
    count = (int64_t)year * 12 + (month - 1) + months;
    if (count < 12 || count >= (int64_t)10000 * 12)
        return TEND_NO_DATE;
    year = (int)(count / 12);
    month = (int)(count % 12) + 1;
    last = tend_date_days_in_month(year, month);
    return tend_date_of(year, month, day < last ? day : last);
}

tend_time tend_time_of_utc(const tend_civil *civil)
{
    tend_date date = tend_date_of(civil->year, civil->month, civil->day);

    if (date == TEND_NO_DATE)
        return TEND_NO_TIME;
    return (int64_t)date * MS_PER_DAY + (((int64_t)civil->hour * 60 + civil->minute) * 60 + civil->second) * 1000 +
           civil->millisecond;
}

void tend_time_split_utc(tend_time at, tend_civil *ret_civil)
{
    int64_t days = at / MS_PER_DAY, left = at % MS_PER_DAY;
    tend_civil civil = { 0 };

    if (left < 0) {
        left += MS_PER_DAY;
        days--;
    }
    tend_date_split((tend_date)clamp(days), &civil.year, &civil.month, &civil.day);
    civil.hour = (int)(left / 3600000);
    civil.minute = (int)(left / 60000 % 60);
    civil.second = (int)(left / 1000 % 60);
    civil.millisecond = (int)(left % 1000);
    *ret_civil = civil;
}

char *tend_date_format(tend_date date, char buffer[static TEND_DATE_ROOM])
{
    int year, month, day;

    buffer[0] = '\0';
    if (date == TEND_NO_DATE)
        return buffer;
    tend_date_split(date, &year, &month, &day);
    (void)snprintf(buffer, TEND_DATE_ROOM, "%04d-%02d-%02d", year, month, day);
    return buffer;
}

char *tend_time_format(tend_time at, char buffer[static TEND_TIME_ROOM])
{
    tend_civil civil;
    size_t length;

    buffer[0] = '\0';
    if (at == TEND_NO_TIME)
        return buffer;
    tend_time_split_utc(at, &civil);
    (void)snprintf(buffer, TEND_TIME_ROOM, "%04d-%02d-%02dT%02d:%02d:%02d", civil.year, civil.month, civil.day, civil.hour,
                   civil.minute, civil.second);
    length = strlen(buffer);
    if (civil.millisecond > 0)
        (void)snprintf(buffer + length, TEND_TIME_ROOM - length, ".%03dZ", civil.millisecond);
    else
        (void)snprintf(buffer + length, TEND_TIME_ROOM - length, "Z");
    return buffer;
}
