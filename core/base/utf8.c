#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

static size_t ascii_prefix(const char *text, size_t length)
{
    size_t at = 0;
    uint64_t word;

    for (; length - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < length && (unsigned char)text[at] < 0x80)
        at++;
    return at;
}

/* Bytes of the well-formed sequence at `at`, 0 when there is none. */
static size_t sequence_length(const unsigned char *at, size_t left)
{
    unsigned char least = 0x80, most = 0xBF;
    size_t length;

    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xC2 && at[0] <= 0xDF) {
        length = 2;
    } else if (at[0] >= 0xE0 && at[0] <= 0xEF) {
        length = 3;
        if (at[0] == 0xE0)
            least = 0xA0; /* else longer than needed */
        else if (at[0] == 0xED)
            most = 0x9F; /* else a surrogate */
    } else if (at[0] >= 0xF0 && at[0] <= 0xF4) {
        length = 4;
        if (at[0] == 0xF0)
            least = 0x90;
        else if (at[0] == 0xF4)
            most = 0x8F; /* else past U+10FFFF */
    } else {
        return 0;
    }
    if (left < length || at[1] < least || at[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xBF)
            return 0;
    return length;
}

bool tend_utf8_valid(const char *text, size_t length, size_t *ret_bad)
{
    size_t at = ascii_prefix(text, length);

    while (at < length) {
        size_t taken = sequence_length((const unsigned char *)text + at, length - at);

        if (taken == 0) {
            if (ret_bad)
                *ret_bad = at;
            return false;
        }
        at += taken;
    }
    return true;
}

size_t tend_utf8_next(const char *text, size_t length, uint32_t *ret_code)
{
    const unsigned char *at = (const unsigned char *)text;

    if (length == 0)
        return 0;
    if (at[0] < 0x80) {
        *ret_code = at[0];
        return 1;
    }
    if (at[0] < 0xE0 && length >= 2) {
        *ret_code = (uint32_t)(at[0] & 0x1F) << 6 | (at[1] & 0x3F);
        return 2;
    }
    if (at[0] < 0xF0 && length >= 3) {
        *ret_code = (uint32_t)(at[0] & 0x0F) << 12 | (uint32_t)(at[1] & 0x3F) << 6 | (at[2] & 0x3F);
        return 3;
    }
    if (length >= 4) {
        *ret_code =
            (uint32_t)(at[0] & 0x07) << 18 | (uint32_t)(at[1] & 0x3F) << 12 | (uint32_t)(at[2] & 0x3F) << 6 | (at[3] & 0x3F);
        return 4;
    }
    *ret_code = 0xFFFD;
    return 1;
}

/* Characters that are in NFC whatever stands beside them, as long as that is in here too: no combining marks, no half of a
 * composition, none that normalisation replaces. What is not listed goes through the library. */
static bool is_always_composed(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        { 0x0000, 0x02FF }, { 0x0391, 0x03A1 }, { 0x03A3, 0x03CE }, { 0x0400, 0x0482 },   { 0x048A, 0x052F },
        { 0x2002, 0x206F }, { 0x20A0, 0x20BF }, { 0x2190, 0x2319 }, { 0x2460, 0x27BF },   { 0x3000, 0x3029 },
        { 0x3030, 0x3098 }, { 0x309B, 0x30FF }, { 0x3131, 0x318E }, { 0x3200, 0x4DBF },   { 0x4E00, 0x9FFF },
        { 0xAC00, 0xD7A3 }, { 0xFF01, 0xFF60 }, { 0xFF61, 0xFFEE }, { 0x1F300, 0x1FAFF },
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

static tend_status map_text(tend_arena *arena, const char *text, size_t length, int options, const char **ret_text,
                            size_t *ret_length)
{
    utf8proc_uint8_t *mapped = NULL;
    utf8proc_ssize_t mapped_length = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &mapped,
                                                  (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE | options));
    const char *copy;

    if (mapped_length == UTF8PROC_ERROR_NOMEM || mapped_length == UTF8PROC_ERROR_OVERFLOW)
        return TEND_ENOMEM;
    if (mapped_length < 0)
        return TEND_EINVAL;
    if ((size_t)mapped_length == length && memcmp(mapped, text, length) == 0 && options == 0)
        copy = text;
    else
        copy = tend_arena_copy(arena, (const char *)mapped, (size_t)mapped_length);
    free(mapped);
    if (!copy)
        return TEND_ENOMEM;
    *ret_text = copy;
    *ret_length = (size_t)mapped_length;
    return TEND_OK;
}

tend_status tend_utf8_nfc(tend_arena *arena, const char *text, size_t length, const char **ret_text, size_t *ret_length)
{
    size_t at = ascii_prefix(text, length);
    uint32_t code = 0;

    while (at < length) {
        at += tend_utf8_next(text + at, length - at, &code);
        if (!is_always_composed(code))
            return map_text(arena, text, length, 0, ret_text, ret_length);
    }
    *ret_text = text;
    *ret_length = length;
    return TEND_OK;
}

tend_status tend_utf8_fold(tend_arena *arena, const char *text, size_t length, const char **ret_text, size_t *ret_length)
{
    char *copy;

    if (ascii_prefix(text, length) < length)
        return map_text(arena, text, length, UTF8PROC_CASEFOLD, ret_text, ret_length);
    copy = tend_arena_copy(arena, text, length);
    if (!copy)
        return TEND_ENOMEM;
    for (size_t i = 0; i < length; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + ('a' - 'A'));
    *ret_text = copy;
    *ret_length = length;
    return TEND_OK;
}

size_t tend_utf8_columns(const char *text, size_t length)
{
    size_t columns = 0, at = 0;
    uint32_t code = 0;

    while (at < length) {
        int width;

        at += tend_utf8_next(text + at, length - at, &code);
        width = utf8proc_charwidth((utf8proc_int32_t)code);
        columns += width > 0 ? (size_t)width : 0;
    }
    return columns;
}

bool tend_encoding_known(const char *name)
{
    static const char *const names[] = {
        "utf-8", "cp949", "euc-kr", "windows-1252", "iso-8859-1", "utf-16le", "utf-16be",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}
