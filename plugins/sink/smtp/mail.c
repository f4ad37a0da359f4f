/* mail.c: headers that nothing can be smuggled into, and a body that arrives as it was written. */
#include "mail.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add(mail_text *to, const char *bytes, size_t length)
{
    if (!to->failed && to->length + length + 1 > to->room) {
        size_t room = (to->length + length + 1) * 2;
        char *more = realloc(to->bytes, room);

        to->failed = !more;
        if (more) {
            to->bytes = more;
            to->room = room;
        }
    }
    if (to->failed)
        return;
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
    to->bytes[to->length] = '\0';
}

static void add_text(mail_text *to, const char *text)
{
    add(to, text, strlen(text));
}

void mail_clear(mail_text *text)
{
    free(text->bytes);
    *text = (mail_text){ 0 };
}

bool mail_address_valid(const char *address)
{
    const char *at = strchr(address, '@');

    if (!at || at == address || at[1] == '\0' || strchr(at + 1, '@') || strlen(address) > 254)
        return false;
    for (const char *byte = address; *byte; byte++)
        if ((unsigned char)*byte <= ' ' || (unsigned char)*byte == 0x7f || strchr("<>()[],;:\\\"", *byte))
            return false;
    return true;
}

static void add_base64(mail_text *to, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        unsigned long group = (unsigned long)bytes[i] << 16;
        char four[4];

        group |= i + 1 < length ? (unsigned long)bytes[i + 1] << 8 : 0;
        group |= i + 2 < length ? bytes[i + 2] : 0;
        four[0] = digits[group >> 18 & 63];
        four[1] = digits[group >> 12 & 63];
        four[2] = i + 1 < length ? digits[group >> 6 & 63] : '=';
        four[3] = i + 2 < length ? digits[group & 63] : '=';
        add(to, four, 4);
    }
}

static bool is_plain(const char *text)
{
    for (const char *byte = text; *byte; byte++)
        if ((unsigned char)*byte < ' ' || (unsigned char)*byte > '~')
            return false;
    return strlen(text) <= 60 && !strstr(text, "=?");
}

/* RFC 2047: plain ASCII as it is, everything else as encoded words of at most 45 bytes, cut between characters. */
static void add_words(mail_text *to, const char *text)
{
    size_t length = strlen(text), at = 0;

    if (is_plain(text)) {
        add(to, text, length);
        return;
    }
    while (at < length) {
        size_t end = at + 45 < length ? at + 45 : length;

        while (end < length && end > at + 1 && ((unsigned char)text[end] & 0xc0) == 0x80)
            end--;
        if (at > 0)
            add_text(to, "\r\n ");
        add_text(to, "=?UTF-8?B?");
        add_base64(to, (const unsigned char *)text + at, end - at);
        add_text(to, "?=");
        at = end;
    }
}

/* Line breaks and other control characters become blanks. */
static char *one_line(const char *text)
{
    char *copy = strdup(text ? text : "");

    for (char *byte = copy; byte && *byte; byte++)
        if ((unsigned char)*byte < ' ' || (unsigned char)*byte == 0x7f)
            *byte = ' ';
    return copy;
}

static void add_header(mail_text *to, const char *name, const char *text)
{
    char *line = one_line(text);

    add_text(to, name);
    add_text(to, ": ");
    if (line)
        add_words(to, line);
    else
        to->failed = true;
    add_text(to, "\r\n");
    free(line);
}

static void add_from(mail_text *to, const char *from, const char *name)
{
    char *line = one_line(name);

    add_text(to, "From: ");
    if (line && *line) {
        if (is_plain(line) && !strpbrk(line, "\"\\(),.:;<>@[]")) {
            add_text(to, line);
        } else {
            /* As one encoded word, so that no quoting rule can be broken; a name that is too long is cut between characters. */
            size_t length = strlen(line), end = length < 42 ? length : 42;

            while (end < length && end > 0 && ((unsigned char)line[end] & 0xc0) == 0x80)
                end--;
            add_text(to, "=?UTF-8?B?");
            add_base64(to, (const unsigned char *)line, end);
            add_text(to, "?=");
        }
        add_text(to, " ");
    }
    add_text(to, "<");
    add_text(to, from);
    add_text(to, ">\r\n");
    free(line);
}

static unsigned long long fnv(const char *text, unsigned long long state)
{
    for (; *text; text++)
        state = (state ^ (unsigned char)*text) * 0x100000001b3ULL;
    return state;
}

static void add_id_and_date(mail_text *to, const char *from, const tend_message *message, const char *once_key, tend_time now)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)((message->created_at != TEND_NO_TIME ? message->created_at : now) / 1000);
    char line[400];
    struct tm utc;

    (void)snprintf(line, sizeof line, "Message-ID: <%016llx%016llx@%s>\r\n", fnv(once_key, 0xcbf29ce484222325ULL),
                   fnv(once_key, 0x84222325cbf29ce4ULL), strchr(from, '@') + 1);
    add_text(to, line);
    if (!gmtime_r(&seconds, &utc))
        return;
    (void)snprintf(line, sizeof line, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[utc.tm_wday], utc.tm_mday,
                   months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
    add_text(to, line);
}

void mail_write(mail_text *to, const char *from, const char *name, const tend_message *message, const char *once_key, tend_time now)
{
    const unsigned char *text = (const unsigned char *)(message->text ? message->text : "");
    size_t length = strlen((const char *)text);

    add_from(to, from, name);
    add_text(to, "To: <");
    add_text(to, message->to);
    add_text(to, ">\r\n");
    add_header(to, "Subject", message->subject);
    add_id_and_date(to, from, message, once_key, now);
    add_text(to, "Auto-Submitted: auto-generated\r\n");
    add_text(to, "MIME-Version: 1.0\r\n");
    add_text(to, "Content-Type: text/plain; charset=utf-8\r\n");
    add_text(to, "Content-Transfer-Encoding: base64\r\n\r\n");
    for (size_t at = 0; at < length; at += 57) {
        add_base64(to, text + at, length - at < 57 ? length - at : 57);
        add_text(to, "\r\n");
    }
}
