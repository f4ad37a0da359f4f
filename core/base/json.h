/* json.h: writing JSON (RFC 8259). Reading it is the business of plugins.
 *
 * The writer keeps its own commas and escapes; a bad nesting is a programming error and asserts.
 * Numbers are exact: money and decimals are written as JSON numbers from their digits, never through a double. */
#ifndef TEND_BASE_JSON_H
#define TEND_BASE_JSON_H

#include "base/buffer.h"
#include <stdio.h>
#include <tend/value.h>

typedef struct tend_json {
    tend_buffer *out; /* borrowed */
    FILE *flush_to;   /* borrowed; when set, `out` is written there as it grows past 64 KiB, and by tend_json_flush */
    int depth;
    bool is_pretty;
    uint64_t has_item; /* bit per depth, up to 60 */
    bool after_key;
} tend_json;

void tend_json_init(tend_json *json, tend_buffer *out, FILE *flush_to, bool is_pretty);
void tend_json_object(tend_json *json);
void tend_json_object_end(tend_json *json);
void tend_json_array(tend_json *json);
void tend_json_array_end(tend_json *json);
void tend_json_key(tend_json *json, const char *key);
void tend_json_null(tend_json *json);
void tend_json_bool(tend_json *json, bool is_true);
void tend_json_int(tend_json *json, int64_t number);
void tend_json_double(tend_json *json, double number); /* shortest text that reads back; NaN and infinity become null */
void tend_json_text(tend_json *json, const char *text, size_t length);
void tend_json_string(tend_json *json, const char *text); /* NULL gives null */
void tend_json_decimal(tend_json *json, int64_t mantissa, int scale);
/* By type: money as a number in major units (its currency is a field of its own), dates and times as text, references as integers.
 */
void tend_json_value(tend_json *json, const tend_value *value);
tend_status tend_json_flush(tend_json *json); /* TEND_ENOMEM or TEND_EIO if anything went wrong since init */

#endif
