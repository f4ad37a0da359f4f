/* Bands of prices and rebates. The first line is a quantity, each other one "key=value". Whatever the bands are: more never costs
 * less in graduated bands, both kinds agree within the first band, and a decimal that was read is written as it was. */
#include "fuzz.h"
#include <tend/bands.h>

enum { LINES_MAX = 120 };

static bool is_less(tend_exact a, tend_exact b)
{
    const uint32_t scale = a.scale > b.scale ? a.scale : b.scale;

    return tend_exact_rescale(&a, scale) && tend_exact_rescale(&b, scale) && a.mantissa < b.mantissa;
}

static void try_quantity(const tend_bands *bands, tend_decimal quantity)
{
    const uint32_t place = tend_bands_at(bands, quantity);
    tend_exact graduated, more, volume;
    tend_decimal next = quantity;

    FUZZ_EXPECT(place < bands->count, "band %u of %u", place, bands->count);
    if (!tend_bands_graduated(bands, quantity, &graduated))
        return;
    if (place == 0 && tend_bands_volume(bands, quantity, &volume))
        FUZZ_EXPECT(!is_less(graduated, volume) && !is_less(volume, graduated), "the first band differs");
    if (next.mantissa < INT64_MAX) {
        next.mantissa++;
        if (tend_bands_graduated(bands, next, &more))
            FUZZ_EXPECT(!is_less(more, graduated), "more costs less");
    }
}

static void try_decimal(const char *text, size_t length, tend_decimal *ret_decimal, bool *ret_is)
{
    char written[TEND_DECIMAL_TEXT];
    tend_decimal again;

    *ret_is = tend_decimal_read(text, length, ret_decimal);
    if (!*ret_is)
        return;
    (void)tend_decimal_write(*ret_decimal, 0, written);
    FUZZ_EXPECT(tend_decimal_read(written, strlen(written), &again) && tend_decimal_compare(again, *ret_decimal) == 0,
                "%lld / 10^%u is written %s", (long long)ret_decimal->mantissa, ret_decimal->scale, written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tend_rule_setting settings[LINES_MAX + 1] = { { NULL, NULL } };
    char *text = fuzz_text(data, size), *save = NULL, *line = strtok_r(text, "\n", &save);
    tend_decimal quantity = { 0, 0 };
    const char *key = NULL;
    bool has_quantity = false;
    size_t count = 0;
    tend_bands bands;
    char why[200] = "";

    if (line)
        try_decimal(line, strlen(line), &quantity, &has_quantity);
    while (line && count < LINES_MAX && (line = strtok_r(NULL, "\n", &save))) {
        char *equals = strchr(line, '=');

        if (!equals)
            continue;
        *equals = '\0';
        settings[count++] = (tend_rule_setting){ line, equals + 1 };
    }
    if (!tend_bands_read(settings, &bands, &key, why, sizeof why)) {
        FUZZ_EXPECT(key && why[0] != '\0' && !strchr(why, '\n'), "refused without a key or a sentence");
    } else if (bands.count > 0) {
        for (uint32_t i = 0; i < bands.count; i++) {
            FUZZ_EXPECT(bands.list[i].is_open == (i + 1 == bands.count), "band %u of %u has no end", i, bands.count);
            FUZZ_EXPECT(i == 0 || tend_decimal_compare(bands.list[i - 1].to, bands.list[i].from) == 0, "a gap before band %u", i);
            try_quantity(&bands, bands.list[i].from);
        }
        if (has_quantity)
            try_quantity(&bands, quantity);
    }
    free(text);
    return 0;
}
