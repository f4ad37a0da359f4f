/* check_child.c: what the playbooks that a script has begun can come to, as their scripts declare it. */
#include "base/file.h"
#include "playbook/checker.h"

#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX ((size_t)1 << 20)

/* The place where it stands; NULL: nowhere, or more than once. */
static const tend_lua_token *find_list(const tend_lua_token *at)
{
    const tend_lua_token *found = NULL;

    for (; at->sort != TEND_LUA_END; at++) {
        if (!tend_lua_is(at, "outcomes") || !tend_lua_is_assigned(at + 1))
            continue;
        if (found || !tend_lua_is_sign(at + 2, '{'))
            return NULL;
        found = at + 3;
    }
    return found;
}

/* outcomes = { "won", "lost" }; NULL: it is not written out. */
static const char *const *read_outcomes(const tend_lua_token *tokens, tend_arena *arena)
{
    const char **outcomes = tend_arena_take(arena, (TEND_SPEC_OUTCOMES + 1) * sizeof *outcomes);
    const tend_lua_token *at = find_list(tokens);
    size_t count = 0;

    for (; at && outcomes && at->sort == TEND_LUA_TEXT && count < TEND_SPEC_OUTCOMES; at++) {
        outcomes[count++] = at->text;
        at += tend_lua_is_sign(at + 1, ',') || tend_lua_is_sign(at + 1, ';');
    }
    return count > 0 && tend_lua_is_sign(at, '}') ? outcomes : NULL;
}

static const char *const *find_outcomes(script_checker *checker, const char *playbook)
{
    const tend_lua_token *tokens = NULL;
    const char *text = NULL;
    char path[4096], *bytes = NULL;
    size_t length = 0;

    if (checker->bundle->spec.name && strcmp(playbook, checker->bundle->spec.name) == 0)
        return read_outcomes(checker->tokens, checker->arena);
    if (!checker->scripts || tend_playbook_find(checker->scripts, playbook, path, sizeof path, NULL) < 0 ||
        tend_file_read(path, SCRIPT_MAX, &bytes, &length, NULL) < 0)
        return NULL;
    text = tend_arena_copy(checker->arena, bytes, length);
    free(bytes);
    tokens = text ? tend_lua_tokens(text, checker->arena) : NULL;
    return tokens ? read_outcomes(tokens, checker->arena) : NULL;
}

const char *const *checker_outcomes(script_checker *checker, const char *playbook)
{
    struct checker_child *child = checker->children;

    while (child && strcmp(child->playbook, playbook) != 0)
        child = child->next;
    if (child)
        return child->outcomes;
    child = tend_arena_take(checker->arena, sizeof *child);
    if (!child)
        return NULL;
    *child = (checker_child){ checker->children, tend_arena_string(checker->arena, playbook), find_outcomes(checker, playbook) };
    if (child->playbook)
        checker->children = child;
    return child->outcomes;
}
