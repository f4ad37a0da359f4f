/* outline_list.c: steps that are a list of tables, as it is written. */
#include "playbook/outline_inside.h"

/* if_timed_out = "late", or if_choice = { no = "late" }: a way on which the run ends. */
static void read_way_out(outline_reader *reader, outline_list *list, const char *when, const tend_lua_token *value)
{
    tend_outline *branch = outline_add(reader, list, TEND_OUTLINE_BRANCH, value->line);
    outline_list ways = { .end = branch ? &branch->first : &ways.first };
    bool is_table = outline_is_sign(value, '{');
    const tend_lua_token *at = is_table ? value + 1 : value;

    do {
        bool is_key = is_table && at->sort == TEND_LUA_NAME && outline_is_sign(at + 1, '=');
        const tend_lua_token *outcome = is_key ? at + 2 : at, *end = outline_end_of_argument(at);
        tend_outline *way = outline_add(reader, &ways, TEND_OUTLINE_WAY, at->line);
        outline_list body = { .end = way ? &way->first : &body.first };
        tend_outline *out = outline_add(reader, &body, TEND_OUTLINE_RETURN, at->line);

        if (way)
            way->text = is_key ? tend_arena_print(reader->arena, "%s = %s", when, at->text) : when;
        if (out)
            out->text = outcome->sort == TEND_LUA_TEXT ? outcome->text : outline_source(reader, outcome->from, end[-1].to);
        at = outline_is_sign(end, ',') || outline_is_sign(end, ';') ? end + 1 : end;
    } while (is_table && at->sort != TEND_LUA_END && !outline_is_sign(at, '}'));
}

/* The key of an entry that names its verb. */
static const tend_lua_token *verb_of(const tend_lua_token *at)
{
    static const char *const verbs[] = { "all",   "approve", "ask",    "bulk", "call",  "child", "close", "escalate",
                                         "first", "log",     "notify", "set",  "sleep", "task",  "wait" };

    while (at->sort != TEND_LUA_END && !outline_is_sign(at, '}')) {
        const tend_lua_token *end = outline_end_of_argument(at);

        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            if (outline_is_word(at, verbs[i]) && outline_is_sign(at + 1, '=') && at[2].sort == TEND_LUA_TEXT)
                return at;
        at = outline_is_sign(end, ',') || outline_is_sign(end, ';') ? end + 1 : end;
    }
    return NULL;
}

static bool has_outcome(const tend_lua_token *at)
{
    while (at->sort != TEND_LUA_END && !outline_is_sign(at, '}')) {
        const tend_lua_token *end = outline_end_of_argument(at);

        if (outline_is_word(at, "outcome") && outline_is_sign(at + 1, '='))
            return true;
        at = outline_is_sign(end, ',') || outline_is_sign(end, ';') ? end + 1 : end;
    }
    return false;
}

/* One entry, behind its "{". One that is neither a step nor an end is a slip. */
static void read_entry(outline_reader *reader, outline_list *list, const tend_lua_token *at)
{
    const tend_lua_token *verb = verb_of(at);
    tend_outline *node;

    if (!verb && !has_outcome(at))
        return;
    node = outline_add(reader, list, verb ? TEND_OUTLINE_STEP : TEND_OUTLINE_RETURN, at->line);
    if (verb && node) {
        node->line = verb->line;
        node->verb = verb->text;
        node->name = verb[2].text;
        node->is_computed = outline_end_of_argument(verb) != verb + 3;
        node->is_written = true;
        outline_read_details(reader, at, node);
    } else if (node) {
        node->text = "";
    }
    while (at->sort != TEND_LUA_END && !outline_is_sign(at, '}')) {
        const tend_lua_token *end = outline_end_of_argument(at);

        if (!verb && node && outline_is_word(at, "outcome") && outline_is_sign(at + 1, '='))
            node->text = at[2].sort == TEND_LUA_TEXT ? at[2].text : outline_source(reader, at[2].from, end[-1].to);
        else if (verb && at->sort == TEND_LUA_NAME && strncmp(at->text, "if_", 3) == 0 && outline_is_sign(at + 1, '=') &&
                 !outline_is_word(at, "if_stopped")) /* of a child: what becomes of it */
            read_way_out(reader, list, at->text + 3, at + 2);
        at = outline_is_sign(end, ',') || outline_is_sign(end, ';') ? end + 1 : end;
    }
}

void outline_read_list(outline_reader *reader, outline_list *list)
{
    const tend_lua_token *at = reader->at + 1;

    while (at->sort != TEND_LUA_END && !outline_is_sign(at, '}')) {
        const tend_lua_token *end = outline_end_of_argument(at);

        if (outline_is_sign(at, '{'))
            read_entry(reader, list, at + 1);
        at = outline_is_sign(end, ',') || outline_is_sign(end, ';') ? end + 1 : end;
    }
    reader->at = at;
}
