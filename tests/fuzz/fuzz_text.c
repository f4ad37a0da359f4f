/* Text: UTF-8 is told from what is none, NFC and folding settle at once, and JSON that we write is read back as it was. The reader
 * is that of connector/command, which shares nothing with the writer. */
#include "../../plugins/connector/command/json.h"
#include "base/json.h"
#include "base/utf8.h"
#include "fuzz.h"

/* By the table of the Unicode standard (3-7), a sequence at a time. */
static bool is_well_formed(const uint8_t *text, size_t size)
{
    static const struct {
        uint8_t first_low, first_high, second_low, second_high, length;
    } forms[] = { { 0x00, 0x7F, 0, 0, 1 },       { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
                  { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
                  { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 } };

    while (size > 0) {
        size_t i = 0;

        while (i < 9 && (text[0] < forms[i].first_low || text[0] > forms[i].first_high))
            i++;
        if (i == 9 || size < forms[i].length)
            return false;
        for (size_t j = 1; j < forms[i].length; j++)
            if (text[j] < (j == 1 ? forms[i].second_low : 0x80) || text[j] > (j == 1 ? forms[i].second_high : 0xBF))
                return false;
        text += forms[i].length;
        size -= forms[i].length;
    }
    return true;
}

static void write_and_read(const char *text, size_t length)
{
    tend_buffer out = { 0 };
    tend_json json;
    json_reader reader = { 0 };
    const json_node *root;
    const char *why = "";

    tend_json_init(&json, &out, NULL, false);
    tend_json_array(&json);
    tend_json_text(&json, text, length);
    tend_json_array_end(&json);
    FUZZ_EXPECT(tend_json_flush(&json) == TEND_OK, "not written");
    FUZZ_EXPECT(!memchr(out.bytes, '\n', out.length - 1), "more than one line");
    root = json_read(&reader, out.bytes, out.length, &why);
    FUZZ_EXPECT(root && root->first, "%s: %s", tend_buffer_string(&out), why);
    FUZZ_EXPECT(root->first->length == length && memcmp(root->first->text, text, length) == 0, "read back differently: %s",
                tend_buffer_string(&out));
    json_reader_clear(&reader);
    tend_buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tend_arena *arena = tend_arena_new();
    char *text = fuzz_text(data, size);
    const char *once, *twice;
    size_t bad = 0, length, again;
    const bool is_valid = tend_utf8_valid(text, size, &bad);

    FUZZ_EXPECT(arena, "no memory");
    FUZZ_EXPECT(is_valid == is_well_formed(data, size), "one of us is wrong");
    if (!is_valid) {
        FUZZ_EXPECT(bad < size && is_well_formed(data, bad), "the first bad byte is not at %zu", bad);
    } else if (!memchr(text, '\0', size)) {
        FUZZ_EXPECT(tend_utf8_nfc(arena, text, size, &once, &length) == TEND_OK, "no NFC");
        FUZZ_EXPECT(tend_utf8_nfc(arena, once, length, &twice, &again) == TEND_OK && again == length &&
                        memcmp(once, twice, length) == 0,
                    "NFC of NFC is something else");
        FUZZ_EXPECT(tend_utf8_valid(once, length, NULL), "NFC is not UTF-8");
        FUZZ_EXPECT(tend_utf8_fold(arena, once, length, &twice, &again) == TEND_OK && tend_utf8_valid(twice, again, NULL),
                    "folded to something that is not UTF-8");
        (void)tend_utf8_columns(once, length);
        write_and_read(once, length);
    }
    tend_arena_free(arena);
    free(text);
    return 0;
}
