/* value.c: values for rows. */
#include "base/money.h"
#include "query/result.h"
#include <string.h>

tend_value tend_value_none(void)
{
    return (tend_value){ .type = TEND_NULL };
}

tend_value tend_value_int(int64_t number)
{
    return (tend_value){ .type = TEND_INT, .integer = number };
}

tend_value tend_value_of(const char *text)
{
    return text ? (tend_value){ .type = TEND_TEXT, .text = text, .length = strlen(text) } : tend_value_none();
}

tend_value tend_value_bool(bool is_true)
{
    return (tend_value){ .type = TEND_BOOL, .integer = is_true };
}

tend_value tend_value_date(tend_date date)
{
    return date == TEND_NO_DATE ? tend_value_none() : (tend_value){ .type = TEND_DATE, .integer = date };
}

tend_value tend_value_time(tend_time at)
{
    return at == TEND_NO_TIME ? tend_value_none() : (tend_value){ .type = TEND_TIME, .integer = at };
}

tend_value tend_value_money(int64_t minor, const char *currency)
{
    tend_value value = { .type = TEND_MONEY, .integer = minor };

    if (currency)
        (void)snprintf(value.currency, sizeof value.currency, "%s", currency);
    return value;
}

tend_value tend_value_decimal(int64_t mantissa, int scale)
{
    return (tend_value){ .type = TEND_DECIMAL, .scale = (uint8_t)scale, .integer = mantissa };
}

tend_value tend_value_ratio(int64_t numerator, int64_t denominator)
{
    int64_t result;

    if (denominator == 0 || tend_muldiv(1000000, numerator, denominator, &result) < 0)
        return tend_value_none();
    return tend_value_decimal(result, 6);
}
