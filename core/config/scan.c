#include "config/inside.h"

#include "base/utf8.h"
#include <string.h>

#define SECTION_MAX 49 /* what inih keeps of a section's name */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static tend_line bad(char reason[static TEND_CONFIG_REASON], const char *text)
{
    (void)snprintf(reason, TEND_CONFIG_REASON, "%s", text);
    return TEND_LINE_BAD;
}

/* C1 controls, line and paragraph separators, and the marks that turn text around. */
static bool is_unseen(uint32_t code)
{
    return (code >= 0x80 && code <= 0x9f) || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200e || code == 0x200f || code == 0x061c || code == 0xfeff;
}

static const char *bad_characters(const char *line, size_t length)
{
    size_t step;
    uint32_t code;

    if (memchr(line, '\0', length))
        return "holds a NUL byte; save the file as plain text in UTF-8";
    if (memchr(line, '\r', length))
        return "has a carriage return that ends no line; save the file with line ends LF or CRLF";
    if (!tend_utf8_valid(line, length, NULL))
        return "is not UTF-8; save the file as UTF-8";
    for (size_t i = 0; i < length; i += step) {
        step = tend_utf8_next(line + i, length - i, &code);
        if (step == 0)
            break;
        if ((code < 0x20 && code != '\t') || code == 0x7f)
            return "holds a control character; remove it";
        if (is_unseen(code))
            return "holds an invisible character that changes how the line looks; remove it";
    }
    return NULL;
}

static tend_line scan_section(const char *line, size_t length, char reason[static TEND_CONFIG_REASON])
{
    const char *end = memchr(line, ']', length);

    if (!end)
        return bad(reason, "has no ] after the section's name; write [name]");
    if (end + 1 != line + length)
        return bad(reason, "has text after the ]; put it on a line of its own");
    if (end == line + 1)
        return bad(reason, "names no section; write [name]");
    if ((size_t)(end - line - 1) > SECTION_MAX) {
        (void)snprintf(reason, TEND_CONFIG_REASON, "has a section name of %zu bytes; at most %d are read", (size_t)(end - line - 1),
                       SECTION_MAX);
        return TEND_LINE_BAD;
    }
    for (const char *at = line + 1; at < end; at++) {
        if ((unsigned char)*at >= 0x80)
            return bad(reason, "has a section name with a letter beyond ASCII, which may only look like the one you mean; type "
                               "it again");
        if (is_blank(*at) || *at == '[' || *at == ';' || *at == '#' || *at == '=' || *at == ':' || *at == '"')
            return bad(reason, "has a section name with a blank or sign in it; use letters, digits, '.', '_', '-' and '@'");
    }
    return TEND_LINE_SECTION;
}

static tend_line scan_key(const char *line, size_t length, char reason[static TEND_CONFIG_REASON])
{
    const char *equals = memchr(line, '=', length);
    const char *colon = memchr(line, ':', length);

    if (!equals && colon)
        return bad(reason, "has ':' where '=' is expected; write key = value");
    if (!equals)
        return bad(reason, "has no '='; write key = value, or # before a comment");
    if (equals == line)
        return bad(reason, "has no key before the '='; write key = value");
    if (colon && colon < equals)
        return bad(reason, "has a ':' before the '=', where the key would be cut; write key = value");
    for (size_t i = 1; i < length; i++) {
        if (line[i] == ';' && is_blank(line[i - 1]))
            return bad(reason, "has a ';' after a blank, where the value would be cut; put a comment on a line of its own");
    }
    return TEND_LINE_KEY;
}

const char *tend_config_scan_rest(const char *line, size_t length, size_t length_max, size_t *ret_length,
                                  char reason[static TEND_CONFIG_REASON])
{
    const char *fault = bad_characters(line, length);

    if (!fault && length > length_max) {
        (void)snprintf(reason, TEND_CONFIG_REASON,
                       "is %zu bytes long; at most %zu are read: end it earlier with \\ and go on in the next line", length,
                       length_max);
        return NULL;
    }
    for (size_t i = 1; !fault && i < length; i++)
        if (line[i] == ';' && is_blank(line[i - 1]))
            fault = "has a ';' after a blank, where the value would be cut; put a comment on a line of its own";
    while (length > 0 && is_blank(*line)) {
        line++;
        length--;
    }
    while (length > 0 && is_blank(line[length - 1]))
        length--;
    if (!fault && length == 0)
        fault = "is empty, and the one before ends with \\; write the rest here, or take the \\ away";
    else if (!fault && (*line == '#' || *line == ';' || *line == '['))
        fault = "goes on with the one before, which ends with \\; put comments and sections before or after the whole setting";
    if (fault) {
        (void)snprintf(reason, TEND_CONFIG_REASON, "%s", fault);
        return NULL;
    }
    *ret_length = length;
    return line;
}

tend_line tend_config_scan(const char *line, size_t length, size_t length_max, char reason[static TEND_CONFIG_REASON])
{
    const char *fault = bad_characters(line, length);
    const bool is_indented = length > 0 && is_blank(line[0]);

    if (fault)
        return bad(reason, fault);
    if (length > length_max) {
        (void)snprintf(reason, TEND_CONFIG_REASON,
                       "is %zu bytes long; at most %zu are read: end it earlier with \\ and go on in the next line", length,
                       length_max);
        return TEND_LINE_BAD;
    }
    while (length > 0 && is_blank(line[length - 1]))
        length--;
    if (length == 0)
        return TEND_LINE_EMPTY;
    if (is_indented)
        return bad(reason, "begins with a blank, which would join it to the line before; begin it at the left edge");
    if (line[0] == '#' || line[0] == ';')
        return TEND_LINE_EMPTY;
    return line[0] == '[' ? scan_section(line, length, reason) : scan_key(line, length, reason);
}
