/* What a script said, as bytes: taken whole or refused, and packed again to bytes that stay the same. */
#include "fuzz.h"
#include "playbook/spec.h"

static void no_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    (void)self;
    (void)key;
    (void)inner;
    FUZZ_EXPECT(sentence && *sentence, "a fault without a sentence");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tend_schema *schema;
    tend_arena *arena = tend_arena_new();
    tend_buffer packed = { 0 }, second = { 0 };
    tend_error error = { 0 };
    tend_spec_faults faults = { .fault = no_fault };
    tend_spec *spec = calloc(1, sizeof *spec);
    tend_tree tree, again;
    tend_status status;

    FUZZ_EXPECT(arena && spec && (schema || tend_schema_new(NULL, &schema, &error) == TEND_OK), "%s", error.text);
    status = tend_tree_unpack(data, size, arena, &tree, &error);
    if (status < 0) {
        FUZZ_EXPECT(status == TEND_ECORRUPT || status == TEND_ELIMIT, "status %d: %s", status, error.text);
        fuzz_sentence(&error);
    } else {
        const char *shown = tend_tree_show(&tree, arena);

        FUZZ_EXPECT(shown && !strchr(shown, '\n'), "JSON of more than one line");
        tend_tree_pack(&tree, &packed);
        FUZZ_EXPECT(tend_tree_unpack(packed.bytes, packed.length, arena, &again, &error) == TEND_OK, "%s", error.text);
        tend_tree_pack(&again, &second);
        FUZZ_EXPECT(packed.length == second.length && memcmp(packed.bytes, second.bytes, packed.length) == 0, "packed differently");
        if (tend_spec_read(&tree, schema, NULL, NULL, &faults, arena, spec) == TEND_OK)
            FUZZ_EXPECT(spec->name && spec->subject && faults.count == 0, "a playbook without name or subject");
    }
    tend_buffer_clear(&packed);
    tend_buffer_clear(&second);
    tend_arena_free(arena);
    free(spec);
    return 0;
}
