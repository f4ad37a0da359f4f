#include "base/json.h"
#include "tests.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static tend_buffer out;
static tend_json json;

static void start(bool is_pretty)
{
    tend_buffer_clear(&out);
    tend_json_init(&json, &out, NULL, is_pretty);
}

START_TEST(the_writer_keeps_its_own_commas)
{
    start(false);
    tend_json_object(&json);
    tend_json_key(&json, "empty");
    tend_json_array(&json);
    tend_json_array_end(&json);
    tend_json_key(&json, "list");
    tend_json_array(&json);
    tend_json_int(&json, INT64_MIN);
    tend_json_object(&json);
    tend_json_object_end(&json);
    tend_json_string(&json, NULL);
    tend_json_array_end(&json);
    tend_json_key(&json, "is_open");
    tend_json_bool(&json, true);
    tend_json_object_end(&json);
    ck_assert_int_eq(tend_json_flush(&json), TEND_OK);
    ck_assert_str_eq(tend_buffer_string(&out), "{\"empty\":[],\"list\":[-9223372036854775808,{},null],\"is_open\":true}");
    tend_buffer_clear(&out);
}
END_TEST

START_TEST(pretty_is_two_blanks_a_level)
{
    start(true);
    tend_json_object(&json);
    tend_json_key(&json, "a");
    tend_json_array(&json);
    tend_json_int(&json, 1);
    tend_json_int(&json, 2);
    tend_json_array_end(&json);
    tend_json_key(&json, "b");
    tend_json_object(&json);
    tend_json_object_end(&json);
    tend_json_object_end(&json);
    ck_assert_str_eq(tend_buffer_string(&out), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
    tend_buffer_clear(&out);
}
END_TEST

START_TEST(texts_are_escaped_as_rfc_8259_says)
{
    start(false);
    tend_json_text(&json, "\"\\/\b\n\r\t\x01\x7f 한\0x", 15);
    ck_assert_str_eq(tend_buffer_string(&out), "\"\\\"\\\\/\\u0008\\n\\r\\t\\u0001\\u007f 한\\u0000x\"");
    tend_buffer_clear(&out);
}
END_TEST

START_TEST(doubles_are_the_shortest_that_reads_back)
{
    static const struct {
        double number;
        const char *text;
    } known[] = { { 0.1, "0.1" },
                  { 1.0 / 3.0, "0.3333333333333333" },
                  { 0.1 + 0.2, "0.30000000000000004" },
                  { -5, "-5" },
                  { NAN, "null" },
                  { INFINITY, "null" },
                  { 1e300, "1e+300" } };

    start(false);
    tend_json_double(&json, known[_i].number);
    ck_assert_str_eq(tend_buffer_string(&out), known[_i].text);
    tend_buffer_clear(&out);
}
END_TEST

START_TEST(values_are_written_by_their_type)
{
    const tend_value values[] = {
        { .type = TEND_NULL },
        { .type = TEND_BOOL, .integer = 1 },
        { .type = TEND_INT, .integer = -3 },
        { .type = TEND_DECIMAL, .integer = 1250, .scale = 3 },
        { .type = TEND_MONEY, .integer = 123450, .currency = "USD" },
        { .type = TEND_MONEY, .integer = 123450, .currency = "KRW" },
        { .type = TEND_DATE, .integer = 0 },
        { .type = TEND_TIME, .integer = 1 },
        { .type = TEND_TEXT, .text = "x", .length = 1 },
        { .type = TEND_REF, .integer = 9 },
    };

    start(false);
    tend_json_array(&json);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        tend_json_value(&json, &values[i]);
    tend_json_array_end(&json);
    ck_assert_str_eq(tend_buffer_string(&out),
                     "[null,true,-3,1.250,1234.50,123450,\"1970-01-01\",\"1970-01-01T00:00:00.001Z\",\"x\",9]");
    tend_buffer_clear(&out);
}
END_TEST

START_TEST(a_stream_gets_everything_and_a_broken_one_is_told)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length), *full = fopen("/dev/full", "w");

    tend_buffer_clear(&out);
    tend_json_init(&json, &out, stream, false);
    tend_json_array(&json);
    for (int i = 0; i < 100000; i++)
        tend_json_int(&json, 1000000 + i);
    ck_assert_uint_lt(out.room, 200000);
    tend_json_array_end(&json);
    ck_assert_int_eq(tend_json_flush(&json), TEND_OK);
    fclose(stream);
    ck_assert_uint_eq(length, 800001);
    ck_assert_mem_eq(text + length - 9, ",1099999]", 9);
    free(text);

    tend_buffer_clear(&out);
    tend_json_init(&json, &out, full, false);
    tend_json_int(&json, 1);
    ck_assert_int_eq(tend_json_flush(&json), TEND_EIO);
    fclose(full);
    tend_buffer_clear(&out);
}
END_TEST

TESTS_WITH("base/json", {
    tcase_add_test(tcase, the_writer_keeps_its_own_commas);
    tcase_add_test(tcase, pretty_is_two_blanks_a_level);
    tcase_add_test(tcase, texts_are_escaped_as_rfc_8259_says);
    tcase_add_loop_test(tcase, doubles_are_the_shortest_that_reads_back, 0, 7);
    tcase_add_test(tcase, values_are_written_by_their_type);
    tcase_add_test(tcase, a_stream_gets_everything_and_a_broken_one_is_told);
})
