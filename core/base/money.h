/* money.h: amounts in minor units, decimals with an explicit scale, currencies by ISO 4217.
 *
 * No floating point anywhere in here. Rounding is half away from zero, said where it happens. */
#ifndef TEND_BASE_MONEY_H
#define TEND_BASE_MONEY_H

#include <stdbool.h>
#include <tend/status.h>
#include <tend/value.h>

/* For sums and products that may pass 64 bits. */
__extension__ typedef __int128 tend_int128;

/* How numbers are written in a file. '.' and no grouping unless the mapping says otherwise. */
typedef struct tend_number_format {
    char decimal;  /* '.' or ',' */
    char grouping; /* 0 for none, or ',', '.', ' ', '\'' */
} tend_number_format;
extern const tend_number_format tend_number_plain; /* '.', none */

/* Digits after the point in this currency (KRW 0, USD 2, KWD 3), or -1: not a current ISO 4217 code. */
int tend_currency_exponent(const char code[4]);

/* -?digits[point digits], all of the text, as mantissa / 10^scale exactly. More digits after the point than `scale` are refused
 * unless they are zeros; no exponent, no sign but '-', no NaN. TEND_EINVAL or TEND_ELIMIT (does not fit 64 bits), no sentence. */
tend_status tend_decimal_parse(const char *text, size_t length, const tend_number_format *format, int scale, int64_t *ret_mantissa);
/* As above, but digits beyond `scale` are rounded half away from zero and *ret_rounded says so. */
tend_status tend_decimal_parse_rounded(const char *text, size_t length, const tend_number_format *format, int scale,
                                       int64_t *ret_mantissa, bool *ret_rounded);

#define TEND_DECIMAL_ROOM 32
/* Returns its buffer: "-1234.50". Trailing zeros stay. */
char *tend_decimal_format(int64_t mantissa, int scale, char buffer[static TEND_DECIMAL_ROOM]);
/* Returns its buffer: 1,234.50 with grouping, without the code. */
#define TEND_MONEY_ROOM 48
char *tend_money_format(int64_t minor, const char currency[4], char buffer[static TEND_MONEY_ROOM]);

/* value * numerator / denominator with 128 bits between, half away from zero. TEND_ELIMIT on overflow; denominator must not be 0.
 */
tend_status tend_muldiv(int64_t value, int64_t numerator, int64_t denominator, int64_t *ret_result);

/* Changes minor units of one currency into another at `rate` = mantissa / 10^9: units of `to` for one unit of `from`. */
#define TEND_RATE_SCALE 9
tend_status tend_money_convert(int64_t minor, const char from[4], const char to[4], int64_t rate, int64_t *ret_minor);

#endif
