#include "playbook/outline.h"

#include "playbook/inside.h"
#include "playbook/lua_token.h"

#include <ctype.h>
#include <string.h>

enum { NESTED_MAX = 60, FUNCTIONS_MAX = 64, NAMES_MAX = 16, CALLS_MAX = 4, NODES_MAX = 5000, DETAIL_MAX = 160 };

/* A function of the script's own. */
typedef struct own_function {
    const char *name, *run; /* its first parameter */
    const tend_lua_token *body;
} own_function;

typedef struct outline_reader {
    const tend_script *script;
    tend_arena *arena;
    const tend_lua_token *tokens, *at; /* all, and where we are */
    own_function functions[FUNCTIONS_MAX];
    size_t function_count;
    const char *runs[NAMES_MAX]; /* what `run` is called where we are, innermost last */
    size_t run_count;
    size_t calls, nodes;
    int depth;
    bool is_out_of_memory;
} outline_reader;

/* A list that grows at its end. */
typedef struct outline_list {
    tend_outline *first, **end;
} outline_list;

static bool is_sign(const tend_lua_token *token, char sign)
{
    return token->sort == TEND_LUA_SIGN && token->text[0] == sign;
}

static bool is_word(const tend_lua_token *token, const char *word)
{
    return token->sort == TEND_LUA_NAME && strcmp(token->text, word) == 0;
}

/* The text between two places, on one line. */
static const char *source(outline_reader *reader, size_t from, size_t to)
{
    char *text = tend_arena_copy(reader->arena, reader->script->text + from, to - from), *out = text;

    if (!text) {
        reader->is_out_of_memory = true;
        return "";
    }
    for (const char *in = text; *in; in++)
        if (!isspace((unsigned char)*in))
            *out++ = *in;
        else if (out > text && out[-1] != ' ')
            *out++ = ' ';
    while (out > text && out[-1] == ' ')
        out--;
    *out = '\0';
    return text;
}

static tend_outline *add(outline_reader *reader, outline_list *list, tend_outline_sort sort, unsigned line)
{
    tend_outline *node = reader->nodes++ < NODES_MAX ? tend_arena_take(reader->arena, sizeof *node) : NULL;

    if (!node) {
        reader->is_out_of_memory |= reader->nodes <= NODES_MAX;
        return NULL;
    }
    *node = (tend_outline){ .sort = sort, .line = line };
    *list->end = node;
    list->end = &node->next;
    return node;
}

static void read_block(outline_reader *reader, outline_list *list);

/* ---- steps ------------------------------------------------------------------------------------------------------------- */

static bool is_run(const outline_reader *reader, const tend_lua_token *token)
{
    for (size_t i = 0; token->sort == TEND_LUA_NAME && i < reader->run_count; i++)
        if (strcmp(reader->runs[i], token->text) == 0)
            return true;
    return false;
}

static bool opens(const tend_lua_token *token)
{
    return is_sign(token, '(') || is_sign(token, '{') || is_sign(token, '[');
}

static bool closes(const tend_lua_token *token)
{
    return is_sign(token, ')') || is_sign(token, '}') || is_sign(token, ']');
}

/* The end of an argument that begins here: its comma or the bracket behind it. Functions may stand in it. */
static const tend_lua_token *end_of_argument(const tend_lua_token *token)
{
    int depth = 0;

    for (; token->sort != TEND_LUA_END; token++) {
        if (depth == 0 && (is_sign(token, ',') || is_sign(token, ';') || closes(token)))
            break;
        depth += opens(token) || is_word(token, "function") || is_word(token, "if") || is_word(token, "do");
        depth -= closes(token) || is_word(token, "end");
    }
    return token;
}

/* Arguments that a reader of the outline wants to know: "to = owner, due = { days = 3 }". `at` is behind the "{". */
static void read_details(outline_reader *reader, const tend_lua_token *at, tend_outline *step)
{
    static const char *const wanted[] = { "to",       "due",   "done",  "event",         "within",         "by",      "playbook",
                                          "question", "days",  "hours", "business_days", "business_hours", "minutes", "on",
                                          "before",   "after", NULL };
    tend_buffer details = { 0 };

    while (at->sort != TEND_LUA_END && !is_sign(at, '}')) {
        const tend_lua_token *end = end_of_argument(at), *value = at + 2;
        size_t i = 0;

        if (at->sort == TEND_LUA_NAME && is_sign(at + 1, '=')) {
            step->has_end |= is_word(at, "within") || is_word(at, "by");
            while (wanted[i] && strcmp(wanted[i], at->text) != 0)
                i++;
        }
        if (wanted[i] && at->sort == TEND_LUA_NAME && is_sign(at + 1, '=') && value < end)
            tend_buffer_print(&details, "%s%s = %s", details.length > 0 ? ", " : "", at->text,
                              value->sort == TEND_LUA_TEXT && value + 1 == end ? value->text
                                                                               : source(reader, value->from, end[-1].to));
        at = end->sort == TEND_LUA_END || is_sign(end, '}') ? end : end + 1;
    }
    reader->is_out_of_memory |= details.failed;
    if (details.length > 0)
        step->text = tend_arena_string(reader->arena, tend_buffer_string(&details));
    tend_buffer_clear(&details);
}

/* At "run:VERB(": the step, behind its bracket. */
static void read_step(outline_reader *reader, outline_list *list)
{
    const tend_lua_token *verb = reader->at + 2, *first = reader->at + 4, *end = end_of_argument(first);
    tend_outline *step = add(reader, list, TEND_OUTLINE_STEP, verb->line);

    if (step) {
        step->verb = verb->text;
        step->is_computed = !(first->sort == TEND_LUA_TEXT && first + 1 == end);
        step->name = step->is_computed && end > first ? source(reader, first->from, end[-1].to) : first->text;
    }
    while (is_sign(end, ',')) {
        const tend_lua_token *argument = end + 1;

        end = end_of_argument(argument);
        if (step && is_sign(argument, '{')) {
            step->is_written = true;
            read_details(reader, argument + 1, step);
        } else if (step && argument->sort == TEND_LUA_TEXT && argument + 1 == end && !step->text) {
            step->text = argument->text;
        }
    }
    reader->at = end->sort == TEND_LUA_END ? end : end + 1;
}

/* At "NAME(": a function of the script's own, which may be given run or may stand where it is seen. */
static bool read_call(outline_reader *reader, outline_list *list)
{
    const own_function *called = NULL;
    const tend_lua_token *behind = reader->at;
    bool is_given = is_run(reader, reader->at + 2);

    for (size_t i = 0; i < reader->function_count; i++)
        if (strcmp(reader->functions[i].name, reader->at->text) == 0)
            called = &reader->functions[i];
    if (!called || reader->run_count == 0 || reader->calls == CALLS_MAX || reader->run_count == NAMES_MAX)
        return false;
    reader->calls++;
    reader->runs[reader->run_count] = called->run;
    reader->run_count += is_given;
    reader->at = called->body;
    read_block(reader, list);
    reader->run_count -= is_given;
    reader->calls--;
    reader->at = behind + 2;
    return true;
}

/* ---- functions --------------------------------------------------------------------------------------------------------- */

/* At "function": notes it, and goes to its body. *ret_function NULL: it has no name. */
static void begin_function(outline_reader *reader, const char **ret_name, const char **ret_first)
{
    *ret_name = NULL;
    *ret_first = "";
    reader->at++;
    if (reader->at->sort == TEND_LUA_NAME) {
        *ret_name = reader->at->text;
        while (reader->at->sort != TEND_LUA_END && !is_sign(reader->at, '(')) {
            if (reader->at->sort == TEND_LUA_NAME)
                *ret_name = reader->at->text;
            reader->at++;
        }
    }
    if (is_sign(reader->at, '(') && reader->at[1].sort == TEND_LUA_NAME)
        *ret_first = reader->at[1].text;
    while (reader->at->sort != TEND_LUA_END && !is_sign(reader->at, ')'))
        reader->at++;
    reader->at += reader->at->sort != TEND_LUA_END;
}

/* "local NAME = function" */
static const char *local_name(const tend_lua_token *at)
{
    bool is_local = is_sign(at - 1, '=') && at[-2].sort == TEND_LUA_NAME && is_word(at - 3, "local");

    return is_local ? at[-2].text : NULL;
}

/* One with a name is gone through where it is called, one without stands where it is written: what it returns ends no run. */
static void read_function(outline_reader *reader, outline_list *list)
{
    outline_list aside = { .end = &aside.first };
    const char *name, *first, *given = reader->at - reader->tokens >= 3 ? local_name(reader->at) : NULL;

    begin_function(reader, &name, &first);
    if (!name)
        name = given;
    if (name && reader->function_count < FUNCTIONS_MAX)
        reader->functions[reader->function_count++] = (own_function){ name, first, reader->at };
    if (name) { /* its steps are made where it is called */
        size_t runs = reader->run_count, nodes = reader->nodes;

        reader->run_count = 0;
        read_block(reader, &aside);
        reader->run_count = runs;
        reader->nodes = nodes;
    } else {
        reader->calls++; /* what it returns ends no run */
        read_block(reader, list);
        reader->calls--;
    }
    reader->at += is_word(reader->at, "end");
}

/* ---- statements -------------------------------------------------------------------------------------------------------- */

/* Goes through an expression up to `word`; steps in it stand before what it belongs to. Its source. */
static const char *read_until(outline_reader *reader, outline_list *list, const char *word)
{
    size_t from = reader->at->from, to = from;

    while (reader->at->sort != TEND_LUA_END && !is_word(reader->at, word)) {
        const tend_lua_token *token = reader->at;

        if (is_run(reader, token) && is_sign(token + 1, ':') && token[2].sort == TEND_LUA_NAME && is_sign(token + 3, '('))
            read_step(reader, list);
        else if (is_word(token, "function"))
            read_function(reader, list);
        else
            reader->at++;
        to = reader->at[-1].to;
    }
    reader->at += reader->at->sort != TEND_LUA_END;
    return source(reader, from, to);
}

static void read_body(outline_reader *reader, tend_outline *node)
{
    outline_list ignored = { .end = &ignored.first }, list = { .end = node ? &node->first : &ignored.first };

    read_block(reader, &list);
}

static void read_if(outline_reader *reader, outline_list *list)
{
    unsigned line = reader->at->line;
    const char *condition;
    tend_outline *branch, *way;
    outline_list ways, ignored = { .end = &ignored.first };

    reader->at++;
    condition = read_until(reader, list, "then");
    branch = add(reader, list, TEND_OUTLINE_BRANCH, line);
    ways = branch ? (outline_list){ .end = &branch->first } : ignored;
    if (!branch)
        ways.end = &ignored.first;
    way = add(reader, &ways, TEND_OUTLINE_WAY, line);
    if (way)
        way->text = condition;
    read_body(reader, way);
    while (is_word(reader->at, "elseif") || is_word(reader->at, "else")) {
        bool is_else = is_word(reader->at, "else");

        line = reader->at++->line;
        condition = is_else ? NULL : read_until(reader, &ignored, "then");
        way = add(reader, &ways, TEND_OUTLINE_WAY, line);
        if (way)
            way->text = condition;
        read_body(reader, way);
    }
    reader->at += is_word(reader->at, "end");
}

static void read_loop(outline_reader *reader, outline_list *list)
{
    unsigned line = reader->at->line;
    bool is_repeat = is_word(reader->at, "repeat");
    size_t from = reader->at->from;
    const char *head = "repeat";
    tend_outline *loop;

    reader->at++;
    if (!is_repeat) {
        const tend_lua_token *of = reader->at;

        (void)read_until(reader, list, "do");
        head = source(reader, from, reader->at > of + 1 ? reader->at[-2].to : reader->at[-1].to);
    }
    loop = add(reader, list, TEND_OUTLINE_LOOP, line);
    if (loop)
        loop->text = head;
    read_body(reader, loop);
    reader->at += is_word(reader->at, "end") || is_word(reader->at, "until");
}

static bool ends_block(const tend_lua_token *token)
{
    return token->sort == TEND_LUA_END || is_word(token, "end") || is_word(token, "else") || is_word(token, "elseif") ||
           is_word(token, "until");
}

static void read_return(outline_reader *reader, outline_list *list)
{
    unsigned line = reader->at->line;
    const tend_lua_token *first = ++reader->at;
    tend_outline *node;

    while (!ends_block(reader->at) && !is_sign(reader->at, ';')) {
        const tend_lua_token *token = reader->at;

        if (is_run(reader, token) && is_sign(token + 1, ':') && token[2].sort == TEND_LUA_NAME && is_sign(token + 3, '('))
            read_step(reader, list);
        else if (is_word(token, "function"))
            read_function(reader, list);
        else if (token->sort == TEND_LUA_NAME && is_sign(token + 1, '(') && read_call(reader, list))
            continue;
        else
            reader->at++;
    }
    node = reader->calls == 0 ? add(reader, list, TEND_OUTLINE_RETURN, line) : NULL; /* of a helper: the way goes on */
    if (node)
        node->text = reader->at == first                                       ? ""
                     : first->sort == TEND_LUA_TEXT && first + 1 == reader->at ? first->text
                                                                               : source(reader, first->from, reader->at[-1].to);
}

/* Up to the word that ends the block, which stays. */
static void read_block(outline_reader *reader, outline_list *list)
{
    if (++reader->depth > NESTED_MAX) { /* nobody writes so; what is deeper is not shown */
        while (reader->at->sort != TEND_LUA_END)
            reader->at++;
    }
    while (!ends_block(reader->at)) {
        const tend_lua_token *token = reader->at;

        if (is_run(reader, token) && is_sign(token + 1, ':') && token[2].sort == TEND_LUA_NAME && is_sign(token + 3, '(')) {
            read_step(reader, list);
        } else if (is_word(token, "if")) {
            read_if(reader, list);
        } else if (is_word(token, "for") || is_word(token, "while") || is_word(token, "repeat")) {
            read_loop(reader, list);
        } else if (is_word(token, "do")) {
            reader->at++;
            read_block(reader, list);
            reader->at += is_word(reader->at, "end");
        } else if (is_word(token, "function")) {
            read_function(reader, list);
        } else if (is_word(token, "return")) {
            read_return(reader, list);
        } else if (is_word(token, "break")) {
            (void)add(reader, list, TEND_OUTLINE_BREAK, token->line);
            reader->at++;
        } else if (!(token->sort == TEND_LUA_NAME && is_sign(token + 1, '(') && read_call(reader, list))) {
            reader->at++;
        }
    }
    reader->depth--;
}

/* Branches and loops in which nothing is done are computation. */
static bool does_nothing(const tend_outline *node)
{
    if (node->sort == TEND_OUTLINE_STEP || node->sort == TEND_OUTLINE_RETURN || node->sort == TEND_OUTLINE_BREAK)
        return false;
    for (const tend_outline *inner = node->first; inner; inner = inner->next)
        if (!does_nothing(inner))
            return false;
    return true;
}

static void prune(tend_outline **list)
{
    while (*list) {
        if ((*list)->sort != TEND_OUTLINE_WAY && does_nothing(*list)) {
            *list = (*list)->next;
            continue;
        }
        prune(&(*list)->first);
        list = &(*list)->next;
    }
}

tend_status tend_outline_read(const tend_script *script, tend_arena *arena, const tend_outline **ret_outline, tend_error *reterr)
{
    const tend_lua_token *tokens = tend_lua_tokens(script->text, arena);
    outline_reader *reader = tend_arena_take(arena, sizeof *reader);
    outline_list aside = { .end = &aside.first }, list = { .end = &list.first };
    const char *name, *run;

    *ret_outline = NULL;
    if (!tokens || !reader)
        return tend_fail(reterr, TEND_ENOMEM, "playbook: memory is used up");
    *reader = (outline_reader){ .script = script, .arena = arena, .tokens = tokens, .at = tokens };
    while (reader->at->sort != TEND_LUA_END) {
        const tend_lua_token *token = reader->at;
        bool is_steps = is_word(token, "steps") && is_sign(token + 1, '=') && is_word(token + 2, "function");

        if (is_steps) {
            reader->at += 2;
            begin_function(reader, &name, &run);
            reader->runs[reader->run_count++] = run;
            read_block(reader, &list);
            prune(&list.first);
            *ret_outline = list.first;
            break;
        }
        if (is_word(token, "function"))
            read_function(reader, &aside);
        else
            reader->at++;
    }
    return reader->is_out_of_memory ? tend_fail(reterr, TEND_ENOMEM, "playbook: memory is used up") : TEND_OK;
}

bool tend_outline_is_wait(const tend_outline *step)
{
    static const char *const waits[] = { "wait", "sleep", "approve", "ask", "child", "all", "first" };

    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (strcmp(step->verb, waits[i]) == 0)
            return true;
    return false;
}

bool tend_outline_ends(const tend_outline *first)
{
    for (const tend_outline *node = first; node; node = node->next) {
        bool has_else = false, all = true;

        if (node->sort == TEND_OUTLINE_RETURN || node->sort == TEND_OUTLINE_BREAK)
            return true;
        if (node->sort != TEND_OUTLINE_BRANCH)
            continue;
        for (const tend_outline *way = node->first; way; way = way->next) {
            has_else |= way->text == NULL;
            all = all && tend_outline_ends(way->first);
        }
        if (has_else && all)
            return true;
    }
    return false;
}
