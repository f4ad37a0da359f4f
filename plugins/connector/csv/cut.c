/* cut.c: records as they mostly are, found and cut in place by one look at their bytes. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>

#define BLOCK 64

/* Of 64 bytes: a bit for each one. */
typedef struct csv_marks {
    uint64_t quotes, delimiters, feeds;
    bool has_nul, has_high;
} csv_marks;

static uint64_t same(const __m128i *bytes, char byte)
{
    const __m128i wanted = _mm_set1_epi8(byte);
    uint64_t bits = 0;

    for (int i = 0; i < BLOCK / 16; i++)
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes[i], wanted)) << (16 * i);
    return bits;
}

static csv_marks look(const csv_parser *parser, const char *at, size_t left)
{
    __m128i bytes[BLOCK / 16], least, all;
    char last[BLOCK];
    uint64_t valid = UINT64_MAX;

    if (left < BLOCK) { /* what stands behind the window is none of ours */
        memset(last, 1, sizeof last);
        memcpy(last, at, left);
        at = last;
        valid = (UINT64_C(1) << left) - 1;
    }
    for (int i = 0; i < BLOCK / 16; i++)
        bytes[i] = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * i));
    least = _mm_min_epu8(_mm_min_epu8(bytes[0], bytes[1]), _mm_min_epu8(bytes[2], bytes[3]));
    all = _mm_or_si128(_mm_or_si128(bytes[0], bytes[1]), _mm_or_si128(bytes[2], bytes[3]));
    return (csv_marks){ .quotes = parser->has_quote ? same(bytes, parser->quote) & valid : 0,
                        .delimiters = same(bytes, parser->delimiter) & valid,
                        .feeds = same(bytes, '\n') & valid,
                        .has_nul = _mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0,
                        .has_high = _mm_movemask_epi8(all) != 0 };
}

/* Each bit becomes the parity of itself and those below it. */
static uint64_t parities(uint64_t bits)
{
    for (int i = 1; i < BLOCK; i *= 2)
        bits ^= bits << i;
    return bits;
}

static uint32_t count_bits(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* The cell between two delimiters; true when it stands in quotes. */
static bool add_cell(csv_parser *parser, const char *text, const char *stop)
{
    const size_t length = (size_t)(stop - text);
    const bool is_quoted = parser->has_quote && length >= 2 && text[0] == parser->quote && stop[-1] == parser->quote;

    parser->cells[parser->count].text = text + is_quoted;
    parser->cells[parser->count++].length = length - 2 * (size_t)is_quoted;
    return is_quoted;
}

/* Every quote opens or closes a cell, none is doubled; nothing is too long. Then the texts get their NULs. */
static bool finish(csv_parser *parser, uint32_t quotes, uint32_t quoted)
{
    if (quotes != 2 * quoted)
        return false;
    for (uint32_t i = 0; i < parser->count; i++) {
        if (parser->cells[i].length > parser->max_field)
            return false;
    }
    for (uint32_t i = 0; i < parser->count; i++)
        ((char *)(uintptr_t)parser->cells[i].text)[parser->cells[i].length] = '\0';
    return true;
}

bool csv_cut(csv_parser *parser)
{
    csv_input *input = parser->input;
    const char *const start = input->bytes + input->start, *const end = input->bytes + input->end;
    const char *text = start;
    uint64_t is_open = 0; /* all ones: the block before ended within quotes */
    uint32_t quotes = 0, quoted = 0;
    bool has_high = false;

    for (const char *at = start; at < end; at += BLOCK) {
        csv_marks marks = look(parser, at, (size_t)(end - at));
        uint64_t inside = parities(marks.quotes) ^ is_open, stops = (marks.delimiters | marks.feeds) & ~inside;
        uint64_t feed = marks.feeds & (~marks.feeds + 1), upto = feed ? feed | (feed - 1) : UINT64_MAX;

        has_high |= marks.has_high;
        if (marks.has_nul || feed & inside)
            return false;
        quotes += count_bits(marks.quotes & upto);
        for (stops &= upto; stops; stops &= stops - 1) {
            const char *stop = at + __builtin_ctzll(stops);

            if (parser->count == parser->room)
                return false;
            quoted += add_cell(parser, text, *stop == '\n' && stop > text && stop[-1] == '\r' ? stop - 1 : stop);
            text = stop + 1;
        }
        if (feed) {
            if (parser->count == 1 && parser->cells[0].length == 0 && quoted == 0)
                return false; /* a blank line */
            if (!finish(parser, quotes, quoted))
                return false;
            parser->is_ascii = !has_high;
            input->start = (size_t)(text - input->bytes);
            return true;
        }
        is_open = (uint64_t)0 - (inside >> 63);
    }
    return false;
}

#else

bool csv_cut(csv_parser *parser)
{
    (void)parser;
    return false;
}

#endif
