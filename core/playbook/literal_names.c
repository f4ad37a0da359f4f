/* literal_names.c: what the calls of a script give names to, and the names under which it has run and its settings. */
#include "base/near.h"
#include "playbook/literal_inside.h"
#include "playbook/lua_variable.h"

#include <string.h>

static bool is_step(const literal_reader *reader, const tend_lua_token *verb)
{
    return tend_verb_known(verb->text) || tend_lua_is(verb, "account") || tend_lua_is(verb, "measure") ||
           !tend_lua_is(verb - 2, reader->run);
}

/* The names of tasks, for `done`, and of what can be closed: escalate makes a task too. A verb that there is not may have been
 * meant for any. */
void literal_find_names(literal_reader *reader, const tend_lua_token *tokens)
{
    static const char *const opening[] = { "approve", "ask", "escalate", "task", NULL };

    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END; token++) {
        const tend_lua_token *verb = token + 1;
        bool is_slip, is_task = tend_lua_is(verb, "task") || tend_lua_is(verb, "escalate");

        if (!literal_is_sign(token, ":") || token == tokens || verb->sort != TEND_LUA_NAME)
            continue;
        is_slip = !is_step(reader, verb);
        if (!is_slip && !tend_is_among(verb->text, opening))
            continue;
        if (!is_slip && literal_is_sign(verb + 1, "(") && verb[2].sort == TEND_LUA_TEXT && literal_is_sign(verb + 3, ",") &&
            reader->opened_count < TASKS_MAX) {
            reader->opened[reader->opened_count++] = verb[2].text;
            if (is_task)
                reader->tasks[reader->task_count++] = verb[2].text;
        } else {
            reader->has_computed_task |= is_task || is_slip;
            reader->has_computed_opened = true;
        }
    }
}

/* steps = function(NAME) */
const char *literal_find_run(const tend_lua_token *tokens)
{
    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END; token++)
        if (tend_lua_is(token, "steps") && literal_is_sign(token + 1, "=") && tend_lua_is(token + 2, "function") &&
            literal_is_sign(token + 3, "(") && token[4].sort == TEND_LUA_NAME)
            return token[4].text;
    return "run";
}

/* The end of an expression in a list of them: its comma, or where it can be no part of a list. */
static const tend_lua_token *end_of_listed(const tend_lua_token *at)
{
    while (at->sort != TEND_LUA_END && !literal_is_sign(at, ",") && !literal_is_sign(at, ";") && !tend_lua_is(at, "local"))
        at =
            literal_is_sign(at, "(") || literal_is_sign(at, "{") || literal_is_sign(at, "[") ? tend_lua_behind_bracket(at) : at + 1;
    return at;
}

/* local NAME = run.settings, also as one of several: local plan, settings = run.plan, run.settings */
const char *literal_find_settings(const tend_lua_token *tokens, const char *run)
{
    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END; token++) {
        const tend_lua_token *name = token + 1, *equals = token + 2, *value;

        if (!tend_lua_is(token, "local") || name->sort != TEND_LUA_NAME)
            continue;
        while (literal_is_sign(equals, ",") && equals[1].sort == TEND_LUA_NAME)
            equals += 2;
        for (value = equals + 1; literal_is_sign(equals, "=") && name < equals; name += 2) {
            if (tend_lua_is(value, run) && literal_is_sign(value + 1, ".") && tend_lua_is(value + 2, "settings") &&
                !literal_is_sign(value + 3, ".") && !literal_is_sign(value + 3, "["))
                return name->text;
            value = end_of_listed(value);
            if (!literal_is_sign(value, ","))
                break;
            value++;
        }
    }
    return NULL;
}

/* "'plan' and 'call'" */
static void list_names(const char *const *names, size_t count, char *buffer, size_t room)
{
    size_t length = 0;

    for (size_t i = 0; i < count && length < room; i++)
        length += (size_t)snprintf(buffer + length, room - length, "%s'%.60s'",
                                   i == 0          ? ""
                                   : i + 1 < count ? ", "
                                                   : " and ",
                                   names[i]);
}

bool literal_lacks_task(const literal_reader *reader, const literal_entry *entry, char *ret_reason, size_t room)
{
    const char *near, *name = entry->value.tree.text;

    if (!entry->value.is_known || entry->value.tree.tag != TEND_TREE_TEXT || reader->has_computed_task ||
        tend_is_among(name, reader->tasks))
        return false;
    near = tend_near(name, reader->tasks);
    (void)snprintf(ret_reason, room, "done = '%.100s' names no task of this script; %s%.100s%s", name,
                   near ? "did you mean " : "write the name of a task or an escalation", near ? near : "", near ? "?" : "");
    return true;
}

bool literal_lacks_opened(const literal_reader *reader, const literal_entry *entry, char *ret_reason, size_t room)
{
    const char *near, *name = entry->value.tree.text;
    char all[300] = "";

    if (!entry->value.is_known || entry->value.tree.tag != TEND_TREE_TEXT || reader->has_computed_opened ||
        tend_is_among(name, reader->opened))
        return false;
    near = tend_near(name, reader->opened);
    list_names(reader->opened, reader->opened_count, all, sizeof all);
    (void)snprintf(ret_reason, room, "step = '%.100s' names nothing that this script opens; %s%s%s", name,
                   near     ? "did you mean "
                   : all[0] ? "it opens "
                            : "name a task, a question or an approval of it",
                   near ? near : all, near ? "?" : "");
    return true;
}
