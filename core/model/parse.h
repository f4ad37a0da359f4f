/* parse.h: text from a file, a form or a command line into a field's value. */
#ifndef TEND_MODEL_PARSE_H
#define TEND_MODEL_PARSE_H

#include "base/money.h"
#include "base/zone.h"
#include "model/schema.h"

/* How texts are written. Zeroed members mean: ISO 8601 dates, plain numbers, UTC, the built-in boolean words. */
typedef struct tend_format {
    const char *const *dates; /* patterns, NULL-terminated, tried in order */
    tend_number_format number;
    const char *const *yes; /* NULL-terminated; compared folded */
    const char *const *no;
    const tend_zone *zone; /* for local times; NULL: UTC */
    char currency[4];      /* for money in rows that name none; "" : none */
    bool round_money;      /* digits beyond the currency's exponent are rounded half away from zero instead of refused */
} tend_format;

/* `text` is UTF-8 in NFC. Empty text is TEND_NULL. Money is parsed with `currency` ("" : the format's). Refs are not parsed here.
 * The sentence starts with what was read: "'31/02/2024' is not a date; write YYYY-MM-DD". */
tend_status tend_field_parse(const tend_field *field, const char *text, size_t length, const char currency[4],
                             const tend_format *format, tend_arena *arena, tend_value *ret_value, tend_error *reterr);
/* A value as people read it ("1,234.50 USD", "2026-03-02", "yes"), from the arena. */
const char *tend_value_show(const tend_value *value, const tend_zone *zone, tend_arena *arena);
/* The one text that parses back to the value: for CSV and for tests. */
const char *tend_value_text(const tend_value *value, tend_arena *arena);
bool tend_value_equal(const tend_value *a, const tend_value *b);

#endif
