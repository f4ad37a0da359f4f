/* The manifest of a plugin: refused with a sentence, or written again as it was read, to the byte. */
#include "base/manifest.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size), again[TEND_MANIFEST_ROOM];
    tend_manifest manifest, other = { 0 };
    tend_error error = { 0 };

    if (tend_manifest_read(text, size, "x.so", &manifest, &error) == TEND_OK) {
        FUZZ_EXPECT(tend_manifest_write(&manifest, again) == size && memcmp(again, text, size) == 0, "written differently");
        FUZZ_EXPECT(tend_manifest_compare(&manifest, &manifest, "x.so", &error) == TEND_OK, "it is another than itself");
        FUZZ_EXPECT(tend_manifest_compare(&manifest, &other, "x.so", &error) == TEND_EVERSION, "it is any file's");
    }
    if (error.text[0])
        fuzz_sentence(&error);
    free(text);
    return 0;
}
