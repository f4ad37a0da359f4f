#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tend_buffer_clear(tend_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (tend_buffer){ 0 };
}

void tend_buffer_reset(tend_buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
    if (buffer->bytes)
        buffer->bytes[0] = '\0';
}

/* Room for `length` more bytes and the NUL. */
static bool make_room(tend_buffer *buffer, size_t length)
{
    size_t room = buffer->room > 0 ? buffer->room : 64;
    size_t wanted;
    char *bytes;

    if (buffer->failed)
        return false;
    if (length > SIZE_MAX / 4 || buffer->length > SIZE_MAX / 4) {
        buffer->failed = true;
        return false;
    }
    wanted = buffer->length + length + 1;
    if (wanted <= buffer->room)
        return true;
    while (room < wanted)
        room *= 2;
    bytes = realloc(buffer->bytes, room);
    if (!bytes) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->room = room;
    return true;
}

char *tend_buffer_extend(tend_buffer *buffer, size_t length)
{
    char *begin;

    if (!make_room(buffer, length))
        return NULL;
    begin = buffer->bytes + buffer->length;
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
    return begin;
}

void tend_buffer_append(tend_buffer *buffer, const void *bytes, size_t length)
{
    if (!make_room(buffer, length))
        return;
    if (length > 0)
        memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
}

void tend_buffer_text(tend_buffer *buffer, const char *text)
{
    tend_buffer_append(buffer, text, strlen(text));
}

void tend_buffer_byte(tend_buffer *buffer, char byte)
{
    tend_buffer_append(buffer, &byte, 1);
}

void tend_buffer_print(tend_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        buffer->failed = true;
        return;
    }
    if (!make_room(buffer, (size_t)length))
        return;
    va_start(arguments, format);
    (void)vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

const char *tend_buffer_string(const tend_buffer *buffer)
{
    return buffer->bytes ? buffer->bytes : "";
}
