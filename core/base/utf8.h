/* utf8.h: text in, checked and in NFC. */
#ifndef TEND_BASE_UTF8_H
#define TEND_BASE_UTF8_H

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Shortest form only, no surrogates, up to U+10FFFF. *ret_bad (may be NULL) is the offset of the first bad byte. */
bool tend_utf8_valid(const char *text, size_t length, size_t *ret_bad);
/* NFC. When `text` already is (checked fast, ASCII faster) the result is `text` itself, borrowed; otherwise taken from the arena.
 */
tend_status tend_utf8_nfc(tend_arena *arena, const char *text, size_t length, const char **ret_text, size_t *ret_length);
/* Simple case folding for comparing names people typed; NFC in, from the arena. */
tend_status tend_utf8_fold(tend_arena *arena, const char *text, size_t length, const char **ret_text, size_t *ret_length);
/* Columns on a terminal: wide characters are 2, combining 0. */
size_t tend_utf8_columns(const char *text, size_t length);
/* Next code point; returns its bytes (1..4), 0 at the end. `text` must be valid. */
size_t tend_utf8_next(const char *text, size_t length, uint32_t *ret_code);

/* Encodings a mapping may name: "utf-8", "cp949" (also euc-kr), "windows-1252", "iso-8859-1", "utf-16le", "utf-16be". */
bool tend_encoding_known(const char *name);

/* ASCII without NUL: good UTF-8 and composed, whatever else is asked of a text. Most cells are. */
static inline bool tend_utf8_is_plain(const char *text, size_t length)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = UINT64_C(0x8080808080808080);
    uint64_t found = 0, word;
    uint32_t first, last;

    if (length < sizeof first) {
        for (size_t i = 0; i < length; i++)
            found |= (unsigned char)(text[i] - 1) >= 0x7f;
        return found == 0;
    }
    if (length < sizeof word) { /* two that overlap are one */
        memcpy(&first, text, sizeof first);
        memcpy(&last, text + length - sizeof last, sizeof last);
        word = (uint64_t)first << 32 | last;
        return ((word | ((word - ones) & ~word)) & highs) == 0;
    }
    for (size_t at = 0; at < length; at += sizeof word) {
        memcpy(&word, text + (at + sizeof word <= length ? at : length - sizeof word), sizeof word);
        found |= word | ((word - ones) & ~word);
    }
    return (found & highs) == 0;
}

#endif
