/* check_brace.c: settings that a text of the script names in braces, wherever it stands: in a table of texts, too, and where no
 * walk comes by. */
#include "playbook/checker.h"

#include <string.h>

static const char begin[] = "{settings.";

/* Whether a line says so already; of `line`, or of any (0). */
static bool is_said(const script_checker *checker, unsigned line, const char *place, size_t length)
{
    char at[24], named[200];

    (void)snprintf(at, sizeof at, ":%u: ", line);
    (void)snprintf(named, sizeof named, "%.*s:", (int)length, place);
    for (size_t i = 0; i < SAID_MAX && checker->said[i]; i++)
        if (strstr(checker->said[i], named) && (line == 0 || strstr(checker->said[i], at)))
            return true;
    return false;
}

bool checker_said_brace(const script_checker *checker, const char *sentence)
{
    const char *place = strstr(sentence, begin), *end = place ? strchr(place, '}') : NULL;

    return end && end[1] == ':' && end - place < 150 && is_said(checker, 0, place, (size_t)(end - place) + 1);
}

static void look_at(script_checker *checker, const tend_lua_token *text)
{
    for (const char *at = strstr(text->text, begin); at; at = strstr(at + 1, begin)) {
        const char *name = at + sizeof begin - 1;
        size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        char place[150], written[100];
        tend_error why = { 0 };

        if (length == 0 || length >= sizeof written || name[length] != '}' || (at > text->text && at[-1] == '{'))
            continue;
        (void)snprintf(written, sizeof written, "%.*s", (int)length, name);
        (void)snprintf(place, sizeof place, "%s%s}", begin, written);
        if (tend_settings_check_name(&checker->bundle->settings, place, written, &why) < 0 &&
            !is_said(checker, text->line, place, strlen(place)))
            checker_say_at(checker, text->line, "%s", why.text);
    }
}

void checker_braces(script_checker *checker)
{
    for (const tend_lua_token *token = checker->tokens; token->sort != TEND_LUA_END; token++)
        if (token->sort == TEND_LUA_TEXT)
            look_at(checker, token);
}
