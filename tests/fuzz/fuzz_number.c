/* Decimals and money. The first byte chooses scale and format, the rest is the text; parsing is checked against a sum that is
 * done digit by digit here, in 128 bits. */
#include "base/money.h"
#include "fuzz.h"

#define MOST ((tend_int128)INT64_MAX)

/* The mantissa, where the text is digits with one point and no grouping; false where it is anything else. */
static bool sum_up(const char *text, size_t length, int scale, bool rounds, tend_int128 *ret_mantissa)
{
    const bool is_negative = length > 0 && text[0] == '-';
    const tend_int128 most = MOST * 1000;
    tend_int128 sum = 0;
    int after = -1, next = 0;

    for (size_t i = is_negative; i < length; i++) {
        if (text[i] == '.' && after < 0 && i > is_negative && i + 1 < length) {
            after = 0;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return false;
        if (after >= scale) {
            if (after == scale && rounds)
                next = text[i] - '0';
            else if (!rounds && text[i] != '0')
                return false;
            after++;
            continue;
        }
        sum = sum > most ? sum : sum * 10 + (text[i] - '0');
        after += after >= 0;
    }
    for (int i = after < 0 ? 0 : after; i < scale; i++)
        sum = sum > most ? sum : sum * 10;
    sum += next >= 5;
    *ret_mantissa = is_negative ? -sum : sum;
    return length > (size_t)is_negative;
}

static void try_plain(const char *text, size_t length, int scale)
{
    char room[TEND_DECIMAL_ROOM];
    int64_t mantissa = 0, again = 0;
    bool was_rounded;
    tend_int128 sum;
    tend_status status = tend_decimal_parse(text, length, &tend_number_plain, scale, &mantissa);

    if (sum_up(text, length, scale, false, &sum)) {
        FUZZ_EXPECT(status == (sum <= MOST && sum >= -MOST - 1 ? TEND_OK : TEND_ELIMIT), "%.*s at scale %d: status %d", (int)length,
                    text, scale, status);
        FUZZ_EXPECT(status < 0 || mantissa == sum, "%.*s at scale %d is %lld", (int)length, text, scale, (long long)mantissa);
    } else {
        FUZZ_EXPECT(status < 0, "%.*s at scale %d was taken", (int)length, text, scale);
    }
    if (status == TEND_OK) {
        (void)tend_decimal_format(mantissa, scale, room);
        FUZZ_EXPECT(tend_decimal_parse(room, strlen(room), &tend_number_plain, scale, &again) == TEND_OK && again == mantissa,
                    "%lld at scale %d is written %s", (long long)mantissa, scale, room);
    }
    status = tend_decimal_parse_rounded(text, length, &tend_number_plain, scale, &mantissa, &was_rounded);
    if (sum_up(text, length, scale, true, &sum) && status == TEND_OK)
        FUZZ_EXPECT(mantissa == sum, "%.*s rounded to scale %d is %lld", (int)length, text, scale, (long long)mantissa);
}

static void try_products(fuzz_input input)
{
    static const char currencies[][4] = { "KRW", "USD", "KWD", "EUR", "JPY", "XXX", "" };
    char room[TEND_MONEY_ROOM];
    const int64_t a = fuzz_number(&input), b = fuzz_number(&input), c = fuzz_number(&input);
    const char *from = currencies[fuzz_byte(&input) % 7], *to = currencies[fuzz_byte(&input) % 7];
    int64_t result;

    (void)tend_money_format(a, from, room);
    (void)tend_money_convert(a, from, to, b, &result);
    if (c != 0 && tend_muldiv(a, b, c, &result) == TEND_OK) {
        tend_int128 rest = (tend_int128)a * b - (tend_int128)result * c;

        FUZZ_EXPECT((rest < 0 ? -rest : rest) * 2 <= (c < 0 ? -(tend_int128)c : (tend_int128)c), "%lld * %lld / %lld", (long long)a,
                    (long long)b, (long long)c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const tend_number_format formats[] = { { '.', ',' }, { ',', '.' }, { ',', ' ' }, { '.', '\'' }, { ',', 0 } };
    fuzz_input input = { data, size };
    const uint8_t choice = fuzz_byte(&input);
    const int scale = choice % 13;
    char *text = fuzz_text(input.at, input.left);
    int64_t mantissa;
    bool was_rounded;

    try_plain(text, input.left, scale);
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        (void)tend_decimal_parse(text, input.left, &formats[i], scale, &mantissa);
        (void)tend_decimal_parse_rounded(text, input.left, &formats[i], scale, &mantissa, &was_rounded);
    }
    try_products(input);
    free(text);
    return 0;
}
