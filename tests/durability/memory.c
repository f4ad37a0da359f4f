#include "memory.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    bool is_armed, for_good;
    long at, counted, failed;
} memory;

static sqlite3_mem_methods sqlite_own;

static bool is_used_up(void)
{
    if (!memory.is_armed)
        return false;
    memory.counted++;
    if (memory.at == 0 || memory.counted < memory.at || (memory.counted > memory.at && !memory.for_good))
        return false;
    memory.failed++;
    errno = ENOMEM;
    return true;
}

void memory_fail(long at, bool for_good)
{
    memory.at = at;
    memory.for_good = for_good;
    memory.counted = memory.failed = 0;
    memory.is_armed = true;
}

void memory_mend(void)
{
    memory.is_armed = false;
}

long memory_calls(void)
{
    return memory.counted;
}

long memory_failures(void)
{
    return memory.failed;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);
char *__real_realpath(const char *path, char *room);
int __real_vasprintf(char **ret_text, const char *format, va_list arguments);
FILE *__real_open_memstream(char **ret_text, size_t *ret_length);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);
char *__wrap_realpath(const char *path, char *room);
int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments);
int __wrap_asprintf(char **ret_text, const char *format, ...);
FILE *__wrap_open_memstream(char **ret_text, size_t *ret_length);

void *__wrap_malloc(size_t size)
{
    return is_used_up() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_used_up() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_used_up() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return is_used_up() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t length)
{
    return is_used_up() ? NULL : __real_strndup(text, length);
}

char *__wrap_realpath(const char *path, char *room)
{
    return !room && is_used_up() ? NULL : __real_realpath(path, room);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
{
    if (!is_used_up())
        return __real_vasprintf(ret_text, format, arguments);
    *ret_text = (char *)0x1; /* what it holds then is not defined */
    return -1;
}

int __wrap_asprintf(char **ret_text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = __wrap_vasprintf(ret_text, format, arguments);
    va_end(arguments);
    return length;
}

FILE *__wrap_open_memstream(char **ret_text, size_t *ret_length)
{
    return is_used_up() ? NULL : __real_open_memstream(ret_text, ret_length);
}

static void *sqlite_malloc(int size)
{
    return is_used_up() ? NULL : sqlite_own.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size)
{
    return is_used_up() ? NULL : sqlite_own.xRealloc(old, size);
}

void memory_install(void)
{
    sqlite3_mem_methods ours;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_own) != SQLITE_OK)
        abort();
    ours = sqlite_own;
    ours.xMalloc = sqlite_malloc;
    ours.xRealloc = sqlite_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK)
        abort();
}
