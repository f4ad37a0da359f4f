/* status.h: how a call ended, and one sentence that says why.
 *
 * Installed: plugins and the core share it. Everything here is header-only, so that a
 * plugin links to nothing of ours. */
#ifndef TEND_STATUS_H
#define TEND_STATUS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Zero or more is success; each failure below zero. */
typedef enum tend_status {
    TEND_OK = 0,
    TEND_ERROR = -1,      /* a fault of ours or of a plugin: nothing the caller could have done better */
    TEND_ENOMEM = -2,     /* memory is used up */
    TEND_EINVAL = -3,     /* bad input: a value, a file, an argument */
    TEND_ENOTFOUND = -4,  /* what was named does not exist */
    TEND_EEXISTS = -5,    /* it is there already */
    TEND_EIO = -6,        /* a file, socket or disk failed */
    TEND_EBUSY = -7,      /* somebody else holds it; try again later */
    TEND_ECORRUPT = -8,   /* a store or message that breaks its own rules */
    TEND_EVERSION = -9,   /* newer or older than we understand */
    TEND_EDENIED = -10,   /* the principal may not, or the administrator did not grant it */
    TEND_ELIMIT = -11,    /* a limit of memory, time, depth or size was reached */
    TEND_ECONFLICT = -12, /* what was to be changed has moved since it was read */
    TEND_EFULL = -13,     /* the disk is full */
    TEND_ECLOSED = -14,   /* the other side is gone */
    TEND_EAUTH = -15      /* the other side does not accept our credentials */
} tend_status;

/* One sentence on one line: "place: thing: what is wrong; what to do". */
typedef struct tend_error {
    tend_status status;
    char text[1024];
} tend_error;

#if defined(__GNUC__)
#define TEND_PRINTF(format_index, first_index) __attribute__((format(printf, format_index, first_index)))
#else
#define TEND_PRINTF(format_index, first_index)
#endif

/* Whatever a sentence quotes, it stays on its line and moves no terminal: control characters become blanks or '?'. Where it was cut
 * off, half a character of UTF-8 goes too. */
static inline void tend_tidy(char *text, size_t length, int was_cut)
{
    size_t tail = length;

    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];

        if (byte == '\n' || byte == '\t' || byte == '\r')
            text[i] = ' ';
        else if (byte < 0x20 || byte == 0x7f)
            text[i] = '?';
        else if (byte == 0xc2 && (unsigned char)text[i + 1] >= 0x80 && (unsigned char)text[i + 1] < 0xa0)
            text[i] = text[i + 1] = '?'; /* U+0080 to U+009F */
    }
    while (was_cut && tail > 0 && length - tail < 3 && ((unsigned char)text[tail - 1] & 0xc0) == 0x80)
        tail--;
    if (was_cut && tail > 0 && (unsigned char)text[tail - 1] >= 0xc0 &&
        length - tail < (size_t)((unsigned char)text[tail - 1] >= 0xf0   ? 3
                                 : (unsigned char)text[tail - 1] >= 0xe0 ? 2
                                                                         : 1))
        text[tail - 1] = '\0';
}

/* Fills `reterr` (NULL is accepted) and returns `status`, so that a failure is one line:
 *     return tend_fail(reterr, TEND_EINVAL, "%s:%u: %s: not a date; write YYYY-MM-DD", file, line, text); */
static inline tend_status tend_vfail(tend_error *reterr, tend_status status, const char *format, va_list arguments)
{
    if (reterr) {
        int length = vsnprintf(reterr->text, sizeof reterr->text, format, arguments);
        int was_cut = length >= (int)sizeof reterr->text;

        reterr->status = status;
        if (length > 0)
            tend_tidy(reterr->text, was_cut ? sizeof reterr->text - 1 : (size_t)length, was_cut);
    }
    return status;
}

TEND_PRINTF(3, 4)
static inline tend_status tend_fail(tend_error *reterr, tend_status status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)tend_vfail(reterr, status, format, arguments);
    va_end(arguments);
    return status;
}

#ifdef __cplusplus
}
#endif
#endif
