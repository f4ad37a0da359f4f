/* buffer.h: bytes that grow. A zeroed buffer is empty and ready.
 *
 * A failed append sets `failed`, later ones do nothing: callers check once, at the end. */
#ifndef TEND_BASE_BUFFER_H
#define TEND_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <tend/status.h>

typedef struct tend_buffer {
    char *bytes; /* owned; NUL-terminated when not NULL */
    size_t length;
    size_t room;
    bool failed;
} tend_buffer;

void tend_buffer_clear(tend_buffer *buffer); /* frees; leaves an empty, usable buffer */
void tend_buffer_reset(tend_buffer *buffer); /* empties, keeps the memory */
void tend_buffer_append(tend_buffer *buffer, const void *bytes, size_t length);
/* `length` more bytes for the caller to fill; NULL when memory is used up. */
char *tend_buffer_extend(tend_buffer *buffer, size_t length);
void tend_buffer_text(tend_buffer *buffer, const char *text);
void tend_buffer_byte(tend_buffer *buffer, char byte);
TEND_PRINTF(2, 3) void tend_buffer_print(tend_buffer *buffer, const char *format, ...);
const char *tend_buffer_string(const tend_buffer *buffer); /* borrowed; "" when empty */

#endif
