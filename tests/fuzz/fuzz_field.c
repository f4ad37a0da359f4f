/* A text for every field of every kind: what is taken parses again from the text that is written for it. */
#include "base/utf8.h"
#include "fuzz.h"
#include "model/parse.h"

static void try_field(const tend_field *field, const char *text, size_t length, const tend_format *format, tend_arena *arena)
{
    static const char none[4];
    tend_value value, again;
    tend_error error = { 0 };
    tend_status status = tend_field_parse(field, text, length, none, format, arena, &value, &error);
    const char *written;

    if (status < 0) {
        fuzz_sentence(&error);
        return;
    }
    FUZZ_EXPECT(value.type == TEND_NULL || value.type == field->type, "%s: type %d", field->name, value.type);
    FUZZ_EXPECT(tend_value_show(&value, NULL, arena), "%s cannot be shown", field->name);
    written = tend_value_text(&value, arena);
    FUZZ_EXPECT(written, "%s cannot be written", field->name);
    status = tend_field_parse(field, written, strlen(written), value.currency, NULL, arena, &again, &error);
    FUZZ_EXPECT(status == TEND_OK, "%s: written as '%s': %s", field->name, written, error.text);
    FUZZ_EXPECT(tend_value_equal(&value, &again), "%s: '%s' is another value", field->name, written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tend_schema *schema;
    static const char *const dates[] = { "DD.MM.YYYY", "M/D/YY HH:mm", NULL };
    const tend_format plain = { .currency = "USD" };
    const tend_format other = { .dates = dates, .number = { ',', '.' }, .currency = "KRW", .round_money = true };
    tend_arena *arena = tend_arena_new();
    const char *text;
    size_t length;
    tend_error error = { 0 };

    FUZZ_EXPECT(arena && (schema || tend_schema_new(NULL, &schema, &error) == TEND_OK), "%s", error.text);
    if (tend_utf8_valid((const char *)data, size, NULL) && !memchr(data, 0, size) &&
        tend_utf8_nfc(arena, (const char *)data, size, &text, &length) == TEND_OK) {
        for (size_t i = 0; tend_schema_names(schema)[i]; i++) {
            const tend_kind_schema *kind = tend_schema_find(schema, tend_schema_names(schema)[i]);

            for (int j = 0; j < kind->field_count; j++) {
                if (kind->fields[j].type == TEND_REF)
                    continue;
                try_field(&kind->fields[j], text, length, &plain, arena);
                try_field(&kind->fields[j], text, length, &other, arena);
            }
        }
    }
    tend_arena_free(arena);
    return 0;
}
