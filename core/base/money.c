#include "base/money.h"

#include <stdio.h>
#include <string.h>

const tend_number_format tend_number_plain = { .decimal = '.', .grouping = 0 };

#define MOST_SCALE 18

static int64_t power_of_10(int exponent)
{
    int64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Appends a decimal digit; false when it does not fit 64 bits. Negative mantissas are built as negative numbers, so that
 * INT64_MIN can be read. */
static bool push_digit(int64_t *mantissa, int digit, bool is_negative)
{
    return !__builtin_mul_overflow(*mantissa, (int64_t)10, mantissa) &&
           !(is_negative ? __builtin_sub_overflow(*mantissa, digit, mantissa) : __builtin_add_overflow(*mantissa, digit, mantissa));
}

/* The digits before the point. With grouping in use: one to three digits first, then groups of exactly three. */
static tend_status take_whole(const char **at, const char *end, char grouping, bool is_negative, int64_t *mantissa)
{
    int since_mark = 0;
    bool has_group = false;

    for (; *at < end; (*at)++) {
        if (is_digit(**at)) {
            if (!push_digit(mantissa, **at - '0', is_negative))
                return TEND_ELIMIT;
            since_mark++;
            if (has_group && since_mark > 3)
                return TEND_EINVAL;
        } else if (grouping != 0 && **at == grouping) {
            if (has_group ? since_mark != 3 : since_mark < 1 || since_mark > 3)
                return TEND_EINVAL;
            has_group = true;
            since_mark = 0;
        } else {
            break;
        }
    }
    if (since_mark == 0 || (has_group && since_mark != 3))
        return TEND_EINVAL;
    return TEND_OK;
}

static tend_status parse(const char *text, size_t length, const tend_number_format *format, int scale, int64_t *ret_mantissa,
                         bool *ret_rounded)
{
    const char *at = text, *end = text + length;
    bool is_negative = false, has_more = false, rounds_up = false;
    int64_t mantissa = 0;
    int taken = 0;
    tend_status status;

    if (scale < 0 || scale > MOST_SCALE)
        return TEND_EINVAL;
    if (at < end && *at == '-') {
        is_negative = true;
        at++;
    }
    status = take_whole(&at, end, format->grouping, is_negative, &mantissa);
    if (status < 0)
        return status;
    if (at < end) {
        if (*at++ != format->decimal || at == end)
            return TEND_EINVAL;
        for (; at < end; at++) {
            if (!is_digit(*at))
                return TEND_EINVAL;
            if (taken < scale) {
                if (!push_digit(&mantissa, *at - '0', is_negative))
                    return TEND_ELIMIT;
                taken++;
                continue;
            }
            if (!has_more && taken == scale)
                rounds_up = *at >= '5';
            taken = scale + 1; /* only the first digit beyond decides */
            has_more |= *at != '0';
        }
    }
    for (; taken < scale; taken++)
        if (!push_digit(&mantissa, 0, is_negative))
            return TEND_ELIMIT;
    if (has_more && !ret_rounded)
        return TEND_EINVAL;
    if (rounds_up && __builtin_add_overflow(mantissa, is_negative ? -1 : 1, &mantissa))
        return TEND_ELIMIT;
    *ret_mantissa = mantissa;
    if (ret_rounded)
        *ret_rounded = has_more;
    return TEND_OK;
}

tend_status tend_decimal_parse(const char *text, size_t length, const tend_number_format *format, int scale, int64_t *ret_mantissa)
{
    return parse(text, length, format, scale, ret_mantissa, NULL);
}

tend_status tend_decimal_parse_rounded(const char *text, size_t length, const tend_number_format *format, int scale,
                                       int64_t *ret_mantissa, bool *ret_rounded)
{
    return parse(text, length, format, scale, ret_mantissa, ret_rounded);
}

/* Writes from the end; returns where the text begins in `digits`. A grouping of 0 writes none. */
static const char *write_digits(int64_t mantissa, int scale, char grouping, char digits[static TEND_MONEY_ROOM])
{
    uint64_t left = mantissa < 0 ? 0 - (uint64_t)mantissa : (uint64_t)mantissa;
    char *at = digits + TEND_MONEY_ROOM - 1;
    int written = 0;

    *at = '\0';
    while (left > 0 || written <= scale) {
        if (written == scale && scale > 0)
            *--at = '.';
        else if (grouping != 0 && written > scale && (written - scale) % 3 == 0)
            *--at = grouping;
        *--at = (char)('0' + left % 10);
        left /= 10;
        written++;
    }
    if (mantissa < 0)
        *--at = '-';
    return at;
}

char *tend_decimal_format(int64_t mantissa, int scale, char buffer[static TEND_DECIMAL_ROOM])
{
    char digits[TEND_MONEY_ROOM];

    if (scale < 0 || scale > MOST_SCALE)
        scale = scale < 0 ? 0 : MOST_SCALE;
    (void)snprintf(buffer, TEND_DECIMAL_ROOM, "%s", write_digits(mantissa, scale, 0, digits));
    return buffer;
}

char *tend_money_format(int64_t minor, const char currency[4], char buffer[static TEND_MONEY_ROOM])
{
    char digits[TEND_MONEY_ROOM];
    int exponent = tend_currency_exponent(currency);

    (void)snprintf(buffer, TEND_MONEY_ROOM, "%s", write_digits(minor, exponent < 0 ? 0 : exponent, ',', digits));
    return buffer;
}

/* Half away from zero. */
static tend_status divide(tend_int128 number, tend_int128 by, int64_t *ret_result)
{
    tend_int128 result, rest;

    if (by < 0) {
        by = -by;
        number = -number;
    }
    if (by <= INT64_MAX && number <= INT64_MAX && number >= INT64_MIN) { /* nearly always, and many times quicker */
        result = (int64_t)number / (int64_t)by;
        rest = (int64_t)number % (int64_t)by;
    } else {
        result = number / by;
        rest = number % by;
    }
    if (rest < 0)
        rest = -rest;
    if (rest >= by - rest)
        result += number < 0 ? -1 : 1;
    if (result > INT64_MAX || result < INT64_MIN)
        return TEND_ELIMIT;
    *ret_result = (int64_t)result;
    return TEND_OK;
}

tend_status tend_muldiv(int64_t value, int64_t numerator, int64_t denominator, int64_t *ret_result)
{
    return divide((tend_int128)value * numerator, denominator, ret_result);
}

tend_status tend_money_convert(int64_t minor, const char from[4], const char to[4], int64_t rate, int64_t *ret_minor)
{
    int from_exponent = tend_currency_exponent(from), to_exponent = tend_currency_exponent(to);
    tend_int128 number = (tend_int128)minor * rate;
    tend_int128 by = power_of_10(TEND_RATE_SCALE);

    if (from_exponent < 0 || to_exponent < 0)
        return TEND_EINVAL;
    if (to_exponent > from_exponent) {
        if (__builtin_mul_overflow(number, (tend_int128)power_of_10(to_exponent - from_exponent), &number))
            return TEND_ELIMIT;
    } else {
        by *= power_of_10(from_exponent - to_exponent);
    }
    return divide(number, by, ret_minor);
}
