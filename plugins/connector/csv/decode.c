#include "csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

tend_status csv_decoder_open(csv_decoder *decoder, const char *encoding, tend_error *reterr)
{
    *decoder = (csv_decoder){ .decode = (iconv_t)-1 };
    decoder->is_utf8 = strncmp(encoding, "UTF-", 4) == 0; /* UTF-16 is decoded while it is read */
    if (decoder->is_utf8)
        return TEND_OK;
    decoder->decode = iconv_open("UTF-8", encoding);
    if (decoder->decode == (iconv_t)-1)
        return tend_fail(reterr, TEND_EINVAL, "csv: encoding: this system cannot decode %s", encoding);
    return TEND_OK;
}

void csv_decoder_close(csv_decoder *decoder)
{
    if (decoder->decode != (iconv_t)-1)
        (void)iconv_close(decoder->decode);
    free(decoder->text);
    *decoder = (csv_decoder){ .decode = (iconv_t)-1 };
}

/* Eight bytes at a time. */
static bool is_ascii(const char *text, size_t length)
{
    size_t at = 0;

    for (; length - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t word;

        memcpy(&word, text + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            return false;
    }
    for (; at < length; at++)
        if ((unsigned char)text[at] > 0x7F)
            return false;
    return true;
}

/* Shortest form only, no surrogates, up to U+10FFFF. */
static bool is_utf8(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;

    while (at < end) {
        unsigned char first = *at++;
        unsigned low = 0x80, high = 0xBF;
        int more;

        if (first < 0x80)
            continue;
        if (first < 0xC2 || first > 0xF4)
            return false;
        more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
        if (end - at < more)
            return false;
        if (first == 0xE0)
            low = 0xA0;
        else if (first == 0xED)
            high = 0x9F;
        else if (first == 0xF0)
            low = 0x90;
        else if (first == 0xF4)
            high = 0x8F;
        if (*at < low || *at > high)
            return false;
        for (at++; --more > 0; at++)
            if (*at < 0x80 || *at > 0xBF)
                return false;
    }
    return true;
}

/* Into decoder->text at `used`; a byte becomes three at most in the encodings we know. */
static bool decode_cell(csv_decoder *decoder, const tend_cell *cell, size_t *used)
{
    char *from = (char *)(uintptr_t)cell->text, *to = decoder->text + *used;
    size_t left = cell->length, room = decoder->room - *used - 1;

    (void)iconv(decoder->decode, NULL, NULL, NULL, NULL);
    if (iconv(decoder->decode, &from, &left, &to, &room) == (size_t)-1)
        return false;
    *to++ = '\0';
    *used = (size_t)(to - decoder->text);
    return true;
}

bool csv_decode(csv_decoder *decoder, tend_cell *cells, uint32_t count, uint32_t *ret_bad)
{
    const char *first = count ? cells[0].text : "", *last = count ? cells[count - 1].text + cells[count - 1].length : first;
    size_t length = (size_t)(last - first), used = 0;

    if (is_ascii(first, length)) /* the texts lie one behind the other */
        return true;
    if (!decoder->is_utf8 && decoder->room < length * 3 + count) {
        char *larger = realloc(decoder->text, length * 3 + count);

        if (!larger) {
            *ret_bad = 0;
            return false;
        }
        decoder->text = larger;
        decoder->room = length * 3 + count;
    }
    for (uint32_t i = 0; i < count; i++) {
        *ret_bad = i;
        if (decoder->is_utf8 ? !is_utf8(cells[i].text, cells[i].length) : !is_ascii(cells[i].text, cells[i].length)) {
            size_t start = used;

            if (decoder->is_utf8 || !decode_cell(decoder, &cells[i], &used))
                return false;
            cells[i].text = decoder->text + start;
            cells[i].length = used - start - 1;
        }
    }
    return true;
}
