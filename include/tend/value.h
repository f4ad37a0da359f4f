/* value.h: one typed value, as it crosses every border: store, model, filter, wire, Lua, plugins.
 *
 * Installed. Values are plain: copying the struct copies the value, but `text` stays
 * borrowed from whoever made it (the arena, row or message it was read from). */
#ifndef TEND_VALUE_H
#define TEND_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int64_t tend_time; /* milliseconds since 1970-01-01T00:00:00Z */
typedef int32_t tend_date; /* days since 1970-01-01, proleptic Gregorian */

#define TEND_NO_TIME INT64_MIN
#define TEND_NO_DATE INT32_MIN

typedef enum tend_type {
    TEND_NULL = 0,    /* not known; every field may be it unless it is required */
    TEND_BOOL = 1,    /* .integer is 0 or 1 */
    TEND_INT = 2,     /* .integer */
    TEND_DECIMAL = 3, /* .integer / 10^.scale, exact */
    TEND_MONEY = 4,   /* .integer in minor units of .currency (ISO 4217: KRW 0, USD 2, KWD 3) */
    TEND_DATE = 5,    /* .integer is a tend_date */
    TEND_TIME = 6,    /* .integer is a tend_time */
    TEND_TEXT = 7,    /* .text, .length bytes of UTF-8 in NFC; also NUL-terminated */
    TEND_REF = 8      /* .integer is the id of a row of another kind */
} tend_type;

typedef struct tend_value {
    uint8_t type;     /* tend_type */
    uint8_t scale;    /* TEND_DECIMAL only: 0 to 12 */
    char currency[4]; /* TEND_MONEY only: "KRW", NUL-terminated; empty when the row names none */
    int64_t integer;
    const char *text; /* borrowed */
    size_t length;
} tend_value;

#ifdef __cplusplus
}
#endif
#endif
