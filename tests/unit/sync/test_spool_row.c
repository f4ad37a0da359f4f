#include "sync/spool_row.h"
#include "tests.h"
#include <stdlib.h>
#include <string.h>

#define FIELDS 12

static tend_arena *arena;

static void set_up(void)
{
    arena = tend_arena_new();
    ck_assert_ptr_nonnull(arena);
}

static void tear_down(void)
{
    tend_arena_free(arena);
}

static tend_value text(size_t length)
{
    char *bytes = tend_arena_take(arena, length + 1);

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'x', length);
    return (tend_value){ .type = TEND_TEXT, .text = bytes, .length = length };
}

static void make(tend_assignment *fields)
{
    const tend_value values[FIELDS] = {
        { .type = TEND_BOOL, .integer = 1 },
        { .type = TEND_INT, .integer = INT64_MIN },
        { .type = TEND_DECIMAL, .scale = 12, .integer = -1 },
        { .type = TEND_MONEY, .currency = "KRW", .integer = INT64_MAX },
        { .type = TEND_DATE, .integer = -719162 }, /* 0001-01-01 */
        { .type = TEND_TIME, .integer = 253402300799999 },
        { .type = TEND_REF, .scale = TEND_SPOOL_REF_ROW | TEND_SPOOL_VIA, .currency = { 3, 17 }, .integer = UINT32_MAX },
        { .type = TEND_NULL },
        { .type = TEND_NULL, .scale = TEND_SPOOL_LATER },
        text(0),
        text(65534),
        text(65536),
    };

    for (int i = 0; i < FIELDS; i++)
        fields[i] = (tend_assignment){ .field = i == 0 ? 2047 : i, .value = values[i] };
}

static tend_spool_row row_of(const tend_assignment *fields)
{
    return (tend_spool_row){ .part = 70000,
                             .line = 5000000000,
                             .kind = (tend_kind)7,
                             .effective_at = -5,
                             .known_at = 5,
                             .flags = TEND_SPOOL_ASSUMED | TEND_SPOOL_HASHED,
                             .external = "삼성",
                             .external_length = 6,
                             .fields = fields,
                             .field_count = FIELDS,
                             .hash = { 1, UINT64_MAX } };
}

static char *packed(const tend_spool_row *row, const tend_cell *cells, uint32_t count, size_t *ret_length, uint64_t *ret_fields)
{
    char *bytes;

    *ret_length = tend_spool_row_bytes(row, cells, count);
    bytes = malloc(*ret_length); /* so that nothing is read or written past it unseen */
    ck_assert_ptr_nonnull(bytes);
    tend_spool_row_put(row, cells, count, bytes, 1000, ret_fields);
    return bytes;
}

static void is_same(const tend_value *a, const tend_value *b)
{
    ck_assert_int_eq(a->type, b->type);
    ck_assert_int_eq(a->integer, b->integer);
    ck_assert_mem_eq(a->currency, b->currency, sizeof a->currency);
    if (a->type == TEND_TEXT) {
        ck_assert_uint_eq(a->length, b->length);
        ck_assert_str_eq(a->text, b->text);
    }
    ck_assert_int_eq(a->scale, b->type == TEND_NULL ? 0 : b->scale);
}

START_TEST(a_row_comes_back_as_it_was_put)
{
    const tend_cell cells[3] = { { "a,b", 3 }, { NULL, 0 }, { "", 0 } }, *read_cells;
    tend_assignment fields[FIELDS], read[FIELDS];
    const tend_spool_row row = row_of((make(fields), fields));
    tend_spool_row back;
    uint32_t count;
    size_t length;
    char *bytes = packed(&row, cells, 3, &length, NULL);

    ck_assert_uint_eq(tend_spool_row_length(bytes), length);
    ck_assert_int_eq(tend_spool_row_read(bytes, length, read, FIELDS, &back), TEND_OK);
    ck_assert_uint_eq(back.part, row.part);
    ck_assert_uint_eq(back.line, row.line);
    ck_assert_int_eq(back.kind, row.kind);
    ck_assert_int_eq(back.effective_at, row.effective_at);
    ck_assert_int_eq(back.known_at, row.known_at);
    ck_assert_uint_eq(back.flags, row.flags);
    ck_assert_str_eq(back.external, row.external);
    ck_assert_uint_eq(back.external_length, row.external_length);
    ck_assert_mem_eq(back.hash, row.hash, sizeof row.hash);
    for (int i = 0; i < FIELDS; i++) {
        ck_assert_int_eq(read[i].field, fields[i].field);
        is_same(&read[i].value, &fields[i].value);
    }
    ck_assert_int_eq(tend_spool_row_cells(bytes, length, arena, &read_cells, &count), TEND_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(read_cells[0].text, "a,b");
    ck_assert_ptr_null(read_cells[1].text);
    ck_assert_ptr_nonnull(read_cells[2].text);
    ck_assert_int_eq(tend_spool_row_read(bytes, length, read, FIELDS - 1, &back), TEND_ECORRUPT);
    free(bytes);
}
END_TEST

START_TEST(a_reference_may_come_later)
{
    const tend_value later = { .type = TEND_REF, .scale = TEND_SPOOL_REF_ROW, .integer = 42 }, none = { .type = TEND_NULL };
    tend_assignment fields[FIELDS], read[FIELDS];
    const tend_spool_row row = row_of((make(fields), fields));
    tend_spool_row back;
    uint64_t at[FIELDS];
    size_t length;
    char *bytes = packed(&row, NULL, 0, &length, at);

    for (int i = 0; i < 3; i++) { /* there, taken back, there again */
        tend_spool_row_patch(bytes + (at[8] - 1000), i == 1 ? &none : &later);
        ck_assert_int_eq(tend_spool_row_read(bytes, length, read, FIELDS, &back), TEND_OK);
        for (int f = 0; f < FIELDS; f++)
            is_same(&read[f].value, f != 8 ? &fields[f].value : i == 1 ? &none : &later);
    }
    free(bytes);
}
END_TEST

/* Under ASan: nothing is read past the end, whatever the bytes say. */
START_TEST(a_row_that_lies_is_refused_or_read_within_itself)
{
    tend_assignment fields[FIELDS], read[FIELDS];
    tend_spool_row row = row_of((make(fields), fields)), back;
    const tend_cell cell = { "ab", 2 }, *cells;
    size_t length, refused = 0;
    uint32_t count;
    char *bytes;

    row.field_count = 10; /* without the long ones */
    bytes = packed(&row, &cell, 1, &length, NULL);
    for (size_t cut = 0; cut < length; cut++) {
        char *less = malloc(cut + 1);

        memcpy(less, bytes, cut);
        less = realloc(less, cut > 0 ? cut : 1);
        ck_assert_int_eq(tend_spool_row_read(less, cut, read, FIELDS, &back), TEND_ECORRUPT);
        ck_assert_int_eq(tend_spool_row_cells(less, cut, arena, &cells, &count), TEND_ECORRUPT);
        (void)tend_spool_row_external(less, cut, &(size_t){ 0 });
        free(less);
    }
    for (size_t at = 0; at < length; at++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] ^= (char)(1 << bit);
            refused += tend_spool_row_read(bytes, length, read, FIELDS, &back) < 0;
            (void)tend_spool_row_cells(bytes, length, arena, &cells, &count);
            bytes[at] ^= (char)(1 << bit);
        }
    }
    ck_assert_uint_ge(refused, 32); /* all of its length */
    free(bytes);
}
END_TEST

TESTS_WITH("sync/spool_row", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_row_comes_back_as_it_was_put);
    tcase_add_test(tcase, a_reference_may_come_later);
    tcase_add_test(tcase, a_row_that_lies_is_refused_or_read_within_itself);
})
