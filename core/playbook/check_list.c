/* check_list.c: what the entries of a list of steps say of the answers: if_timed_out, if_choice … */
#include "base/near.h"
#include "playbook/checker.h"
#include "playbook/lua_token.h"

#include <string.h>

enum { WORDS_MAX = 32 };

static const char *const ends[] = { "if_approved", "if_cancelled", "if_choice",    "if_declined", "if_outcome",
                                    "if_refused",  "if_stopped",   "if_timed_out", "if_which",    NULL };

static bool is_sign(const tend_lua_token *token, char sign)
{
    return token->sort == TEND_LUA_SIGN && token->text[0] == sign;
}

/* Behind the value that stands at `at`. */
static const tend_lua_token *behind_value(const tend_lua_token *at)
{
    int depth = 0;

    for (; at->sort != TEND_LUA_END; at++) {
        if (depth == 0 && (is_sign(at, ',') || is_sign(at, ';') || is_sign(at, '}') || is_sign(at, ')')))
            break;
        depth += is_sign(at, '{') || is_sign(at, '(') || is_sign(at, '[') || tend_lua_is(at, "function") || tend_lua_is(at, "if") ||
                 tend_lua_is(at, "do");
        depth -= is_sign(at, '}') || is_sign(at, ')') || is_sign(at, ']') || tend_lua_is(at, "end");
    }
    return at;
}

/* What follows in the table: the next key or value, or its bracket. */
static const tend_lua_token *next_in(const tend_lua_token *at)
{
    at = behind_value(at);
    return is_sign(at, ',') || is_sign(at, ';') ? at + 1 : at;
}

/* The value of `key` in the table behind `at`; NULL: it is not written out. */
static const tend_lua_token *find(const tend_lua_token *at, const char *key)
{
    for (; at->sort != TEND_LUA_END && !is_sign(at, '}'); at = next_in(at))
        if (tend_lua_is(at, key) && at->sort == TEND_LUA_NAME && is_sign(at + 1, '='))
            return at + 2;
    return NULL;
}

/* The texts of a list, or the names of a table's keys; false when something of it is computed. */
static bool read_words(const tend_lua_token *table, const char *words[WORDS_MAX + 1])
{
    size_t count = 0;

    if (!table || !is_sign(table, '{'))
        return false;
    for (const tend_lua_token *at = table + 1; at->sort != TEND_LUA_END && !is_sign(at, '}'); at = next_in(at)) {
        bool is_key = at->sort == TEND_LUA_NAME && is_sign(at + 1, '=');

        if (count == WORDS_MAX || !(is_key || (at->sort == TEND_LUA_TEXT && behind_value(at) == at + 1)))
            return false;
        words[count++] = at->text;
    }
    words[count] = NULL;
    return count > 0;
}

/* if_choice = { no = "late" }: each key is one of `choices`; if_which likewise one of `waits`. */
static void check_keys(script_checker *checker, const tend_lua_token *entry, const char *end, const char *of, const char *what)
{
    const tend_lua_token *table = find(entry, end);
    const char *known[WORDS_MAX + 1], *near;

    if (!table || !is_sign(table, '{') || !read_words(find(entry, of), known))
        return;
    for (const tend_lua_token *at = table + 1; at->sort != TEND_LUA_END && !is_sign(at, '}'); at = next_in(at)) {
        bool is_quoted = is_sign(at, '[') && at[1].sort == TEND_LUA_TEXT && is_sign(at + 2, ']');
        const char *key = is_quoted ? at[1].text : at->sort == TEND_LUA_NAME && is_sign(at + 1, '=') ? at->text : NULL;

        if (!key || tend_is_among(key, known))
            continue;
        near = tend_near(key, known);
        checker_say_at(checker, at->line, "%s: '%s' is none of %s%s%s%s", end, key, what, near ? "; did you mean " : "",
                       near ? near : "", near ? "?" : "");
    }
}

static void check_entry(script_checker *checker, const tend_lua_token *entry)
{
    for (const tend_lua_token *at = entry; at->sort != TEND_LUA_END && !is_sign(at, '}'); at = next_in(at)) {
        const char *near;

        if (at->sort != TEND_LUA_NAME || !is_sign(at + 1, '=') || strncmp(at->text, "if_", 3) != 0 || tend_is_among(at->text, ends))
            continue;
        near = tend_near(at->text, ends);
        checker_say_at(checker, at->line, "steps: %s: no such key%s%s%s", at->text, near ? "; did you mean " : "", near ? near : "",
                       near ? "?" : "");
    }
    check_keys(checker, entry, "if_choice", "choices", "the choices");
    check_keys(checker, entry, "if_which", "waits", "the waits");
}

tend_status checker_list(script_checker *checker, tend_error *reterr)
{
    const tend_lua_token *at = tend_lua_tokens(checker->bundle->script.text, checker->arena);

    if (!at)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    while (at->sort != TEND_LUA_END && !(tend_lua_is(at, "steps") && is_sign(at + 1, '=') && is_sign(at + 2, '{')))
        at++;
    for (at += at->sort == TEND_LUA_END ? 0 : 3; at->sort != TEND_LUA_END && !is_sign(at, '}'); at = next_in(at))
        if (is_sign(at, '{'))
            check_entry(checker, at + 1);
    return TEND_OK;
}
