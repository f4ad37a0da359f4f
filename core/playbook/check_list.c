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

/* if_choice = { no = "late" }: each key is one of `known`. */
static void check_keys(script_checker *checker, const tend_lua_token *entry, const char *end, const char *const *known,
                       const char *what)
{
    const tend_lua_token *table = find(entry, end);
    const char *near;

    if (!table || !is_sign(table, '{'))
        return;
    for (const tend_lua_token *at = table + 1; at->sort != TEND_LUA_END && !is_sign(at, '}'); at = next_in(at)) {
        bool is_quoted = is_sign(at, '[') && at[1].sort == TEND_LUA_TEXT && is_sign(at + 2, ']');
        const char *key = is_quoted ? at[1].text : at->sort == TEND_LUA_NAME && is_sign(at + 1, '=') ? at->text : NULL;
        char all[300] = "";
        size_t length = 0;

        if (!key || tend_is_among(key, known))
            continue;
        near = tend_near(key, known);
        for (size_t i = 0; known[i] && length < sizeof all; i++)
            length += (size_t)snprintf(all + length, sizeof all - length, "%s%s",
                                       i == 0         ? ""
                                       : known[i + 1] ? ", "
                                                      : " and ",
                                       known[i]);
        checker_say_at(checker, at->line, "%s: '%s' is none of %s; %s%s%s", end, key, what, near ? "did you mean " : "these are ",
                       near ? near : all, near ? "?" : "");
    }
}

/* Of if_choice, if_which and if_outcome: what the step can come to. */
static void check_ends(script_checker *checker, const tend_lua_token *entry)
{
    const tend_lua_token *playbook = find(entry, "child") ? find(entry, "playbook") : NULL;
    const char *const *outcomes = playbook && playbook->sort == TEND_LUA_TEXT && behind_value(playbook) == playbook + 1
                                      ? checker_outcomes(checker, playbook->text)
                                      : NULL;
    const char *known[WORDS_MAX + 1];

    if (read_words(find(entry, "choices"), known))
        check_keys(checker, entry, "if_choice", known, "the choices");
    if (read_words(find(entry, "waits"), known))
        check_keys(checker, entry, "if_which", known, "the waits");
    if (outcomes)
        check_keys(checker, entry, "if_outcome", outcomes, "the child's outcomes");
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
    check_ends(checker, entry);
}

/* What it gives to its verb. */
static bool read_request(script_checker *checker, const tend_tree *entry, tend_request *ret_request)
{
    const char *name, *verb = tend_spec_verb(entry, &name);
    bool is_of_several = verb && (strcmp(verb, "all") == 0 || strcmp(verb, "first") == 0),
         is_set = verb && strcmp(verb, "set") == 0;
    const tend_tree *inner = is_of_several ? tend_tree_get(entry, "waits") : is_set ? tend_tree_get(entry, "fields") : NULL;
    tend_tree_map map = { 0 };

    *ret_request = (tend_request){ .verb = verb, .name = name };
    if (!verb || ((is_of_several || is_set) && !inner))
        return false;
    if (inner) {
        ret_request->arguments = *inner;
        return true;
    }
    for (size_t i = 0; i < entry->length && map.count < TEND_TREE_BUILD; i++)
        if (strcmp(entry->keys[i], verb) != 0)
            tend_tree_add(&map, entry->keys[i], entry->items[i]);
    return tend_tree_end(&map, checker->arena, &ret_request->arguments) == TEND_OK;
}

/* One without a verb: whatever it was to be called, it may have been meant for a task. */
static void take_slip(script_checker *checker, const tend_tree *entry)
{
    for (size_t i = 0; i < entry->length && checker->count < TEND_SANDBOX_JOURNAL_MAX; i++)
        if (entry->items[i].tag == TEND_TREE_TEXT)
            checker->journal[checker->count++] = (tend_journal_step){ entry->items[i].text, "task", &tend_tree_nil };
}

/* One entry after the other, also behind one that no walk would pass. */
static void check_requests(script_checker *checker)
{
    const tend_tree *steps = checker->bundle->spec.steps;
    tend_request request;

    checker->count = 0;
    for (size_t i = 0; steps && i < steps->length && checker->count < TEND_SANDBOX_JOURNAL_MAX; i++) {
        if (steps->items[i].tag != TEND_TREE_MAP)
            continue;
        if (!read_request(checker, &steps->items[i], &request)) {
            take_slip(checker, &steps->items[i]);
            continue;
        }
        checker_request(checker, &request);
        checker->journal[checker->count++] = (tend_journal_step){ request.name, request.verb, &tend_tree_nil };
    }
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
    check_requests(checker);
    return TEND_OK;
}
