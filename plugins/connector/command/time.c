#include "messages.h"

#include <string.h>

static bool digits(const char **at, const char *end, int count, int *ret_number)
{
    int number = 0;

    if (end - *at < count)
        return false;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        number = number * 10 + (**at - '0');
    }
    *ret_number = number;
    return true;
}

static bool one_of(const char **at, const char *end, const char *characters)
{
    if (*at == end || **at == '\0' || !strchr(characters, **at))
        return false;
    (*at)++;
    return true;
}

/* Proleptic Gregorian; counts years from March so that the leap day is the last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era_days = y * 365 + y / 4 - y / 100 + y / 400;
    int month_from_march = (month + 9) % 12;

    return era_days + (153 * month_from_march + 2) / 5 + day - 1 - 719468;
}

static bool is_day(int year, int month, int day)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] + (month == 2 && is_leap);
}

static bool read_offset(const char **at, const char *end, int *ret_minutes)
{
    int hours, minutes, sign;

    *ret_minutes = 0;
    if (one_of(at, end, "Zz"))
        return true;
    if (*at == end || (**at != '+' && **at != '-'))
        return false;
    sign = *(*at)++ == '-' ? -1 : 1;
    if (!digits(at, end, 2, &hours))
        return false;
    (void)one_of(at, end, ":");
    if (!digits(at, end, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

bool messages_time(const char *text, size_t length, tend_time *ret_time)
{
    const char *at = text, *end = text + length;
    int year, month, day, hour, minute, second, offset, ms = 0;

    if (!digits(&at, end, 4, &year) || !one_of(&at, end, "-") || !digits(&at, end, 2, &month) || !one_of(&at, end, "-") ||
        !digits(&at, end, 2, &day) || !one_of(&at, end, "Tt ") || !digits(&at, end, 2, &hour) || !one_of(&at, end, ":") ||
        !digits(&at, end, 2, &minute) || !one_of(&at, end, ":") || !digits(&at, end, 2, &second))
        return false;
    if (one_of(&at, end, ".")) {
        int scale = 100, digit;

        if (!digits(&at, end, 1, &digit))
            return false;
        do {
            ms += digit * scale;
            scale /= 10;
        } while (digits(&at, end, 1, &digit));
    }
    if (!read_offset(&at, end, &offset) || at != end || !is_day(year, month, day) || hour > 23 || minute > 59 || second > 60)
        return false;
    *ret_time = (((days_of(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + ms;
    return true;
}
