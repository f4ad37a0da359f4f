#include "base/log.h"

#include "base/buffer.h"
#include "base/date.h"
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = { "", "error", "warn", "info", "debug" };

static atomic_int most_detailed = TEND_LOG_WARN;
static pthread_mutex_t capture_lock = PTHREAD_MUTEX_INITIALIZER;
static void (*capture_sink)(void *self, const char *line);
static void *capture_self;

void tend_log_level_set(tend_log_level level)
{
    atomic_store_explicit(&most_detailed, (int)level, memory_order_relaxed);
}

tend_status tend_log_level_parse(const char *name, tend_log_level *ret_level)
{
    for (int level = TEND_LOG_ERROR; level <= TEND_LOG_DEBUG; level++) {
        if (strcmp(name, level_names[level]) == 0) {
            *ret_level = (tend_log_level)level;
            return TEND_OK;
        }
    }
    return TEND_EINVAL;
}

static bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7F;
}

/* Text that may not end the line; within quotes also \" and \\. */
static void put_escaped(tend_buffer *line, const char *text, bool is_quoted)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '\n')
            tend_buffer_text(line, "\\n");
        else if (c == '\r')
            tend_buffer_text(line, "\\r");
        else if (c == '\t')
            tend_buffer_text(line, "\\t");
        else if (is_control(c))
            tend_buffer_print(line, "\\x%02x", c);
        else if (is_quoted && (c == '"' || c == '\\'))
            tend_buffer_print(line, "\\%c", c);
        else
            tend_buffer_byte(line, *text);
    }
}

static bool needs_quotes(const char *value)
{
    if (*value == '\0')
        return true;
    for (; *value; value++)
        if (*value == ' ' || *value == '"' || *value == '\\' || *value == '=' || is_control((unsigned char)*value))
            return true;
    return false;
}

static void put_pairs(tend_buffer *line, va_list pairs)
{
    const char *key, *gap = "  "; /* two before the first, one between the others */

    while ((key = va_arg(pairs, const char *))) {
        const char *value = va_arg(pairs, const char *);

        if (!value)
            continue;
        tend_buffer_text(line, gap);
        gap = " ";
        put_escaped(line, key, false);
        tend_buffer_byte(line, '=');
        if (needs_quotes(value)) {
            tend_buffer_byte(line, '"');
            put_escaped(line, value, true);
            tend_buffer_byte(line, '"');
        } else {
            tend_buffer_text(line, value);
        }
    }
}

static void write_whole(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* nowhere to complain to */
        bytes += written;
        length -= (size_t)written;
    }
}

void tend_log(tend_log_level level, const char *origin, const char *message, ...)
{
    char at[TEND_TIME_ROOM];
    tend_clock clock;
    tend_buffer line = { 0 };
    va_list pairs;

    if ((int)level > atomic_load_explicit(&most_detailed, memory_order_relaxed))
        return;
    clock = tend_clock_system();
    tend_buffer_print(&line, "%s %-5s  ", tend_time_format(tend_clock_now(&clock), at), level_names[level]);
    put_escaped(&line, origin, false);
    tend_buffer_text(&line, "  ");
    put_escaped(&line, message, false);
    va_start(pairs, message);
    put_pairs(&line, pairs);
    va_end(pairs);

    (void)pthread_mutex_lock(&capture_lock);
    if (capture_sink) {
        capture_sink(capture_self, tend_buffer_string(&line));
    } else {
        tend_buffer_byte(&line, '\n');
        write_whole(tend_buffer_string(&line), line.length);
    }
    (void)pthread_mutex_unlock(&capture_lock);
    tend_buffer_clear(&line);
}

const char *tend_logf(const char *format, ...)
{
    static _Thread_local char ring[8][128];
    static _Thread_local unsigned next;
    char *text = ring[next++ % 8];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof ring[0], format, arguments);
    va_end(arguments);
    return text;
}

void tend_log_capture(void (*sink)(void *self, const char *line), void *self)
{
    (void)pthread_mutex_lock(&capture_lock);
    capture_sink = sink;
    capture_self = self;
    (void)pthread_mutex_unlock(&capture_lock);
}
