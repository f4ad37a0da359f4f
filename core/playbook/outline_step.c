/* outline_step.c: one step of the outline: a call of a verb, with what its arguments say. */
#include "playbook/outline_inside.h"

#include "base/buffer.h"
#include <string.h>

bool outline_is_run(const outline_reader *reader, const tend_lua_token *token)
{
    for (size_t i = 0; token->sort == TEND_LUA_NAME && i < reader->run_count; i++)
        if (strcmp(reader->runs[i], token->text) == 0)
            return true;
    return false;
}

static bool opens(const tend_lua_token *token)
{
    return outline_is_sign(token, '(') || outline_is_sign(token, '{') || outline_is_sign(token, '[');
}

static bool closes(const tend_lua_token *token)
{
    return outline_is_sign(token, ')') || outline_is_sign(token, '}') || outline_is_sign(token, ']');
}

const tend_lua_token *outline_end_of_argument(const tend_lua_token *token)
{
    int depth = 0;

    for (; token->sort != TEND_LUA_END; token++) {
        if (depth == 0 && (outline_is_sign(token, ',') || outline_is_sign(token, ';') || closes(token)))
            break;
        depth += opens(token) || outline_is_word(token, "function") || outline_is_word(token, "if") || outline_is_word(token, "do");
        depth -= closes(token) || outline_is_word(token, "end");
    }
    return token;
}

/* "owner" or { "owner", "csm" }: of a decision `by` says who, too. */
static bool is_people(const tend_lua_token *value)
{
    return value->sort == TEND_LUA_TEXT || (outline_is_sign(value, '{') && value[1].sort == TEND_LUA_TEXT);
}

void outline_read_details(outline_reader *reader, const tend_lua_token *at, tend_outline *step)
{
    static const char *const wanted[] = { "to",       "due",   "done",  "event",         "within",         "by",      "playbook",
                                          "question", "days",  "hours", "business_days", "business_hours", "minutes", "on",
                                          "before",   "after", NULL };
    tend_buffer details = { 0 };

    while (at->sort != TEND_LUA_END && !outline_is_sign(at, '}')) {
        const tend_lua_token *end = outline_end_of_argument(at), *value = at + 2;
        size_t i = 0;

        if (at->sort == TEND_LUA_NAME && outline_is_sign(at + 1, '=')) {
            step->has_end |=
                outline_is_word(at, "within") || outline_is_word(at, "expires") || (outline_is_word(at, "by") && !is_people(value));
            while (wanted[i] && strcmp(wanted[i], at->text) != 0)
                i++;
        }
        if (wanted[i] && at->sort == TEND_LUA_NAME && outline_is_sign(at + 1, '=') && value < end)
            tend_buffer_print(&details, "%s%s = %s", details.length > 0 ? ", " : "", at->text,
                              value->sort == TEND_LUA_TEXT && value + 1 == end ? value->text
                                                                               : outline_source(reader, value->from, end[-1].to));
        at = end->sort == TEND_LUA_END || outline_is_sign(end, '}') ? end : end + 1;
    }
    reader->is_out_of_memory |= details.failed;
    if (details.length > 0)
        step->text = tend_arena_string(reader->arena, tend_buffer_string(&details));
    tend_buffer_clear(&details);
}

void outline_read_step(outline_reader *reader, outline_list *list)
{
    const tend_lua_token *verb = reader->at + 2, *first = reader->at + 4, *end = outline_end_of_argument(first);
    tend_outline *step = outline_add(reader, list, TEND_OUTLINE_STEP, verb->line);

    if (step) {
        step->verb = verb->text;
        step->is_computed = !(first->sort == TEND_LUA_TEXT && first + 1 == end);
        step->name = step->is_computed && end > first ? outline_source(reader, first->from, end[-1].to) : first->text;
    }
    while (outline_is_sign(end, ',')) {
        const tend_lua_token *argument = end + 1;

        end = outline_end_of_argument(argument);
        if (step && outline_is_sign(argument, '{')) {
            step->is_written = true;
            outline_read_details(reader, argument + 1, step);
        } else if (step && argument->sort == TEND_LUA_TEXT && argument + 1 == end && !step->text) {
            step->text = argument->text;
        }
    }
    reader->at = end->sort == TEND_LUA_END ? end : end + 1;
}
