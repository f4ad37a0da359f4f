#include "config/inside.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool tend_form_name(const char *text)
{
    const size_t length = strlen(text);

    return length >= 1 && length <= 63 && text[0] >= 'a' && text[0] <= 'z' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

/* Labels of letters, digits and inner hyphens between dots. */
static bool is_host(const char *text, size_t length)
{
    size_t label = 0;

    if (length == 0 || length > 253)
        return false;
    for (size_t i = 0; i < length; i++) {
        const bool is_inner_hyphen = text[i] == '-' && label > 0 && i + 1 < length && text[i + 1] != '.';

        if (text[i] == '.') {
            if (label == 0 || i + 1 == length)
                return false;
            label = 0;
        } else if (isascii(text[i]) && (isalnum((unsigned char)text[i]) || is_inner_hyphen)) {
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return true;
}

bool tend_form_email(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.";
    const char *at = strchr(text, '@');
    size_t length;

    if (!at)
        return false;
    length = (size_t)(at - text);
    if (length == 0 || length > 64 || strspn(text, allowed) != length || text[0] == '.' || at[-1] == '.')
        return false;
    return !memmem(text, length, "..", 2) && is_host(at + 1, strlen(at + 1));
}

bool tend_form_size(const char *text, int64_t *ret_bytes)
{
    static const struct {
        const char *name;
        int64_t bytes;
    } units[] = {
        { "B", 1 },         { "kB", 1000 },     { "MB", 1000000 },  { "GB", 1000000000 },        { "TB", 1000000000000 },
        { "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { "TiB", INT64_C(1) << 40 },
    };
    const size_t digits = strspn(text, "0123456789");
    const char *unit = text + digits + (text[digits] == ' ');
    int64_t number = 0;

    if (digits == 0 || (digits > 1 && text[0] == '0'))
        return false;
    for (size_t i = 0; i < digits; i++) {
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, text[i] - '0', &number))
            return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(unit, units[i].name) == 0)
            return !__builtin_mul_overflow(number, units[i].bytes, ret_bytes);
    }
    return false;
}

bool tend_form_time_of_day(const char *text, int64_t *ret_minutes)
{
    int hour, minute;

    if (strlen(text) != 5 || text[2] != ':')
        return false;
    for (size_t i = 0; i < 5; i++) {
        if (i != 2 && !isdigit((unsigned char)text[i]))
            return false;
    }
    hour = (text[0] - '0') * 10 + text[1] - '0';
    minute = (text[3] - '0') * 10 + text[4] - '0';
    *ret_minutes = hour * 60 + minute;
    return hour <= 23 && minute <= 59;
}

static bool is_port(const char *text)
{
    const size_t length = strlen(text);

    return length >= 1 && length <= 5 && strspn(text, "0123456789") == length && text[0] != '0' && atoi(text) <= 65535;
}

bool tend_form_listen(const char *text, char reason[static TEND_CONFIG_REASON])
{
    const char *colon = strrchr(text, ':');
    char address[64];
    struct in_addr four;
    struct in6_addr six;
    size_t length;
    bool is_four, is_six = false;

    length = colon ? (size_t)(colon - text) : 0;
    if (length == 0 || length >= sizeof address || !is_port(colon + 1))
        goto unreadable;
    memcpy(address, text, length);
    address[length] = '\0';
    is_four = inet_pton(AF_INET, address, &four) == 1;
    if (!is_four && address[0] == '[' && address[length - 1] == ']') {
        address[length - 1] = '\0';
        is_six = inet_pton(AF_INET6, address + 1, &six) == 1;
    }
    if (!is_four && !is_six)
        goto unreadable;
    if (is_four ? (ntohl(four.s_addr) >> 24) == 127 : IN6_IS_ADDR_LOOPBACK(&six))
        return true;
    (void)snprintf(reason, TEND_CONFIG_REASON,
                   "\"%.60s\" can be reached from outside without TLS; listen on 127.0.0.1 behind a proxy that has it", text);
    return false;
unreadable:
    (void)snprintf(reason, TEND_CONFIG_REASON, "\"%.60s\" is not an address and port; write it like 127.0.0.1:8080", text);
    return false;
}

/* After the scheme: host or [v6], then nothing, :port, or a path. */
static bool is_authority(const char *text)
{
    const char *end = text + strcspn(text, "/?#");
    const char *host_end;
    char port[8] = "1";
    struct in6_addr six;
    char address[64];

    if (*text == '[') {
        host_end = memchr(text, ']', (size_t)(end - text));
        if (!host_end || (size_t)(host_end - text) >= sizeof address)
            return false;
        memcpy(address, text + 1, (size_t)(host_end - text - 1));
        address[host_end - text - 1] = '\0';
        if (inet_pton(AF_INET6, address, &six) != 1)
            return false;
        host_end++;
    } else {
        host_end = memchr(text, ':', (size_t)(end - text));
        if (!host_end)
            host_end = end;
        if (!is_host(text, (size_t)(host_end - text)))
            return false;
    }
    if (host_end == end)
        return true;
    if (*host_end != ':' || end - host_end - 1 >= (ptrdiff_t)sizeof port)
        return false;
    memcpy(port, host_end + 1, (size_t)(end - host_end - 1));
    port[end - host_end - 1] = '\0';
    return is_port(port);
}

static void list_schemes(const char *const *schemes, char *buffer, size_t room)
{
    size_t length = 0;

    buffer[0] = '\0';
    for (; schemes && *schemes && length < room; schemes++)
        length += (size_t)snprintf(buffer + length, room - length, "%s%s%s", length ? " or " : "", *schemes,
                                   strstr(*schemes, "://") ? "" : "://");
}

bool tend_form_url(const char *text, const char *const *schemes, char reason[static TEND_CONFIG_REASON])
{
    const char *authority = strstr(text, "://");
    const size_t scheme = authority ? (size_t)(authority - text) : 0;
    char known[128];

    list_schemes(schemes, known, sizeof known);
    for (; authority && *schemes; schemes++) {
        if (strcspn(*schemes, ":") == scheme && strncmp(*schemes, text, scheme) == 0)
            break;
    }
    if (!authority || !*schemes) {
        (void)snprintf(reason, TEND_CONFIG_REASON, "is not an address that is taken here; begin it with %s", known);
        return false;
    }
    authority += 3;
    if (memchr(authority, '@', strcspn(authority, "/?#"))) {
        (void)snprintf(reason, TEND_CONFIG_REASON, "carries a user or password; name them in settings of their own");
        return false;
    }
    if (!is_authority(authority) || strpbrk(authority, " \t\"<>\\^`{|}")) {
        (void)snprintf(reason, TEND_CONFIG_REASON, "\"%.100s\" has no proper host and port; write %shost/path", text, known);
        return false;
    }
    return true;
}

static bool has_parent(const char *text)
{
    for (const char *at = text; *at;) {
        const size_t length = strcspn(at, "/");

        if (length == 2 && at[0] == '.' && at[1] == '.')
            return true;
        at += length + (at[length] == '/');
    }
    return false;
}

bool tend_form_path(const char *text, char reason[static TEND_CONFIG_REASON])
{
    const size_t word = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
    const char *what = NULL;

    if (text[0] == '\0')
        what = "is empty; name a file or folder";
    else if (strcasecmp(text, ":memory:") == 0)
        what = "\":memory:\" keeps nothing; name a file";
    else if (strncasecmp(text, "file:", 5) == 0 || strncmp(text + word, "://", 3) == 0)
        what = "is a URI; write a plain path";
    else if (has_parent(text))
        what = "leaves its folder by \"..\"; write the whole path from /";
    else if (text[0] == '~')
        what = "begins with \"~\", which only a shell understands; write the whole path from /";
    if (what)
        (void)snprintf(reason, TEND_CONFIG_REASON, "%s", what);
    return !what;
}
