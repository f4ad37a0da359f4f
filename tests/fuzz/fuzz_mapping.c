/* Mappings: understood, or refused with file and line. */
#include "fuzz.h"
#include "sync/mapping.h"

static void look_at(const tend_mapping *mapping)
{
    FUZZ_EXPECT(mapping->source && strlen(mapping->digest) == 64, "a mapping without source or digest");
    for (size_t i = 0; i < mapping->stream_count; i++) {
        const tend_mapping_stream *stream = &mapping->streams[i];

        FUZZ_EXPECT(stream->kind && stream->patterns, "a stream without kind or files");
        (void)tend_mapping_reads(stream, "folder/accounts.csv.gz");
        for (size_t j = 0; j < stream->key_count; j++)
            FUZZ_EXPECT(stream->keys[j], "a key without its expression");
        for (size_t j = 0; j < stream->field_count; j++) {
            const tend_mapping_field *field = &stream->fields[j];

            FUZZ_EXPECT(field->field >= 0 && field->field < stream->kind->field_count && field->value, "field %zu", j);
            FUZZ_EXPECT(field->line > 0, "a field from nowhere");
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tend_schema *schema;
    tend_mapping *mapping = NULL;
    tend_error error = { 0 };
    char *faults = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&faults, &length);
    tend_status status;

    FUZZ_EXPECT(out && (schema || tend_schema_new(NULL, &schema, &error) == TEND_OK), "%s", error.text);
    status = tend_mapping_load_text("crm", (const char *)data, size, schema, out, &mapping, &error);
    (void)fclose(out);
    if (status == TEND_OK) {
        FUZZ_EXPECT(length == 0, "taken in spite of a fault: %s", faults);
        look_at(mapping);
    } else {
        FUZZ_EXPECT(status == TEND_EINVAL, "status %d: %s", status, error.text);
        fuzz_sentence(&error);
        FUZZ_EXPECT(length > 0, "refused without a line");
    }
    tend_mapping_free(mapping);
    free(faults);
    return 0;
}
