/* CSV of any kind through the connector's own reader. The first byte chooses delimiter, quote and encoding. */
#include "../../plugins/connector/csv/csv.h"
#include "fuzz.h"
#include <sys/mman.h>
#include <unistd.h>

static void look_at(const csv_parser *parser)
{
    FUZZ_EXPECT(parser->count > 0, "a record without fields");
    for (uint32_t i = 0; i < parser->count; i++) {
        FUZZ_EXPECT(parser->cells[i].text[parser->cells[i].length] == '\0', "a field without its NUL");
        FUZZ_EXPECT(parser->fault || !memchr(parser->cells[i].text, '\0', parser->cells[i].length), "a NUL that nobody saw");
    }
}

static void read_records(csv_input *input, csv_decoder *decoder, uint8_t choice)
{
    csv_parser parser = { .input = input,
                          .delimiter = choice & 1 ? ';' : ',',
                          .quote = '"',
                          .has_quote = !(choice & 2),
                          .max_field = choice & 4 ? 8 : 1 << 20,
                          .line = 1 };
    uint64_t line = 0;
    bool has_record = true;
    uint32_t bad;
    tend_error error = { 0 };

    if (choice & 8 && csv_parser_skip_line(&parser, &error) < 0)
        has_record = false;
    while (has_record && csv_parser_next(&parser, &has_record, &error) == TEND_OK && has_record) {
        FUZZ_EXPECT(parser.record_line > line, "line %llu after %llu", (unsigned long long)parser.record_line,
                    (unsigned long long)line);
        line = parser.record_line;
        look_at(&parser);
        if (!parser.fault)
            (void)csv_decode(decoder, parser.cells, parser.count, &bad);
    }
    csv_parser_clear(&parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const encodings[] = { "UTF-8", "UTF-16LE", "CP949", "WINDOWS-1252" };
    fuzz_input input = { data, size };
    const uint8_t choice = fuzz_byte(&input);
    const char *encoding = encodings[choice >> 6];
    csv_input file = { .fd = -1 };
    csv_decoder decoder = { .decode = (iconv_t)-1 };
    char path[64];
    tend_error error = { 0 };
    int fd = memfd_create("csv", MFD_CLOEXEC);

    FUZZ_EXPECT(fd >= 0 && write(fd, input.at, input.left) == (ssize_t)input.left, "no file to read from");
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (csv_input_open(&file, NULL, path, encoding, &error) == TEND_OK) {
        FUZZ_EXPECT(csv_decoder_open(&decoder, file.encoding, &error) == TEND_OK, "%s", error.text);
        read_records(&file, &decoder, choice);
    } else
        fuzz_sentence(&error);
    csv_input_close(&file);
    csv_decoder_close(&decoder);
    (void)close(fd);
    return 0;
}
