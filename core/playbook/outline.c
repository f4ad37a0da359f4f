#include "playbook/outline_inside.h"

#include "playbook/inside.h"

#include <ctype.h>
#include <string.h>

const char *outline_source(outline_reader *reader, size_t from, size_t to)
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

tend_outline *outline_add(outline_reader *reader, outline_list *list, tend_outline_sort sort, unsigned line)
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

/* At "NAME(": a function of the script's own, which may be given run or may stand where it is seen. */
static bool read_call(outline_reader *reader, outline_list *list)
{
    const own_function *called = NULL;
    const tend_lua_token *behind = reader->at;
    bool is_given = outline_is_run(reader, reader->at + 2);

    for (size_t i = 0; i < reader->function_count; i++)
        if (strcmp(reader->functions[i].name, reader->at->text) == 0)
            called = &reader->functions[i];
    if (!called || reader->bodies || reader->run_count == 0 || reader->calls == CALLS_MAX || reader->run_count == NAMES_MAX)
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
        while (reader->at->sort != TEND_LUA_END && !outline_is_sign(reader->at, '(')) {
            if (reader->at->sort == TEND_LUA_NAME)
                *ret_name = reader->at->text;
            reader->at++;
        }
    }
    if (outline_is_sign(reader->at, '(') && reader->at[1].sort == TEND_LUA_NAME)
        *ret_first = reader->at[1].text;
    while (reader->at->sort != TEND_LUA_END && !outline_is_sign(reader->at, ')'))
        reader->at++;
    reader->at += reader->at->sort != TEND_LUA_END;
}

/* "local NAME = function" */
static const char *local_name(const tend_lua_token *at)
{
    bool is_local = outline_is_sign(at - 1, '=') && at[-2].sort == TEND_LUA_NAME && outline_is_word(at - 3, "local");

    return is_local ? at[-2].text : NULL;
}

/* Each for itself, with what it returns. */
static void read_body_alone(outline_reader *reader, unsigned line)
{
    tend_outline *node = outline_add(reader, reader->bodies, TEND_OUTLINE_WAY, line);
    outline_list body = { .end = &body.first };
    const char *name, *first;
    size_t runs = reader->run_count;

    begin_function(reader, &name, &first);
    if (reader->run_count < NAMES_MAX)
        reader->runs[reader->run_count++] = first;
    read_block(reader, &body);
    reader->run_count = runs;
    reader->at += outline_is_word(reader->at, "end");
    if (node)
        node->first = body.first;
}

/* One with a name is gone through where it is called, one without stands where it is written: what it returns ends no run. */
static void read_function(outline_reader *reader, outline_list *list)
{
    outline_list aside = { .end = &aside.first };
    const char *name, *first, *given = reader->at - reader->tokens >= 3 ? local_name(reader->at) : NULL;

    if (reader->bodies) {
        read_body_alone(reader, reader->at->line);
        return;
    }
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
    reader->at += outline_is_word(reader->at, "end");
}

/* ---- statements -------------------------------------------------------------------------------------------------------- */

/* Goes through an expression up to `word`; steps in it stand before what it belongs to. Its source. */
static const char *read_until(outline_reader *reader, outline_list *list, const char *word)
{
    size_t from = reader->at->from, to = from;

    while (reader->at->sort != TEND_LUA_END && !outline_is_word(reader->at, word)) {
        const tend_lua_token *token = reader->at;

        if (outline_is_run(reader, token) && outline_is_sign(token + 1, ':') && token[2].sort == TEND_LUA_NAME &&
            outline_is_sign(token + 3, '('))
            outline_read_step(reader, list);
        else if (outline_is_word(token, "function"))
            read_function(reader, list);
        else
            reader->at++;
        to = reader->at[-1].to;
    }
    reader->at += reader->at->sort != TEND_LUA_END;
    return outline_source(reader, from, to);
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
    branch = outline_add(reader, list, TEND_OUTLINE_BRANCH, line);
    ways = branch ? (outline_list){ .end = &branch->first } : ignored;
    if (!branch)
        ways.end = &ignored.first;
    way = outline_add(reader, &ways, TEND_OUTLINE_WAY, line);
    if (way)
        way->text = condition;
    read_body(reader, way);
    while (outline_is_word(reader->at, "elseif") || outline_is_word(reader->at, "else")) {
        bool is_else = outline_is_word(reader->at, "else");

        line = reader->at++->line;
        condition = is_else ? NULL : read_until(reader, &ignored, "then");
        way = outline_add(reader, &ways, TEND_OUTLINE_WAY, line);
        if (way)
            way->text = condition;
        read_body(reader, way);
    }
    reader->at += outline_is_word(reader->at, "end");
}

static void read_loop(outline_reader *reader, outline_list *list)
{
    unsigned line = reader->at->line;
    bool is_repeat = outline_is_word(reader->at, "repeat");
    size_t from = reader->at->from;
    const char *head = "repeat";
    tend_outline *loop;

    reader->at++;
    if (!is_repeat) {
        const tend_lua_token *of = reader->at;

        (void)read_until(reader, list, "do");
        head = outline_source(reader, from, reader->at > of + 1 ? reader->at[-2].to : reader->at[-1].to);
    }
    loop = outline_add(reader, list, TEND_OUTLINE_LOOP, line);
    if (loop)
        loop->text = head;
    read_body(reader, loop);
    reader->at += outline_is_word(reader->at, "end") || outline_is_word(reader->at, "until");
}

static bool ends_block(const tend_lua_token *token)
{
    return token->sort == TEND_LUA_END || outline_is_word(token, "end") || outline_is_word(token, "else") ||
           outline_is_word(token, "elseif") || outline_is_word(token, "until");
}

static void read_return(outline_reader *reader, outline_list *list)
{
    unsigned line = reader->at->line;
    const tend_lua_token *first = ++reader->at;
    tend_outline *node;

    while (!ends_block(reader->at) && !outline_is_sign(reader->at, ';')) {
        const tend_lua_token *token = reader->at;

        if (outline_is_run(reader, token) && outline_is_sign(token + 1, ':') && token[2].sort == TEND_LUA_NAME &&
            outline_is_sign(token + 3, '('))
            outline_read_step(reader, list);
        else if (outline_is_word(token, "function"))
            read_function(reader, list);
        else if (token->sort == TEND_LUA_NAME && outline_is_sign(token + 1, '(') && read_call(reader, list))
            continue;
        else
            reader->at++;
    }
    node = reader->calls == 0 ? outline_add(reader, list, TEND_OUTLINE_RETURN, line) : NULL; /* of a helper: the way goes on */
    if (node)
        node->text = reader->at == first ? ""
                     : first->sort == TEND_LUA_TEXT && first + 1 == reader->at
                         ? first->text
                         : outline_source(reader, first->from, reader->at[-1].to);
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

        if (outline_is_run(reader, token) && outline_is_sign(token + 1, ':') && token[2].sort == TEND_LUA_NAME &&
            outline_is_sign(token + 3, '(')) {
            outline_read_step(reader, list);
        } else if (outline_is_word(token, "if")) {
            read_if(reader, list);
        } else if (outline_is_word(token, "for") || outline_is_word(token, "while") || outline_is_word(token, "repeat")) {
            read_loop(reader, list);
        } else if (outline_is_word(token, "do")) {
            reader->at++;
            read_block(reader, list);
            reader->at += outline_is_word(reader->at, "end");
        } else if (outline_is_word(token, "function")) {
            read_function(reader, list);
        } else if (outline_is_word(token, "return")) {
            read_return(reader, list);
        } else if (outline_is_word(token, "break")) {
            (void)outline_add(reader, list, TEND_OUTLINE_BREAK, token->line);
            reader->at++;
        } else if (!(token->sort == TEND_LUA_NAME && outline_is_sign(token + 1, '(') && read_call(reader, list))) {
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

static tend_status begin(const tend_script *script, tend_arena *arena, outline_reader **ret_reader, tend_error *reterr)
{
    const tend_lua_token *tokens = tend_lua_tokens(script->text, arena);
    outline_reader *reader = tend_arena_take(arena, sizeof *reader);

    if (!tokens || !reader)
        return tend_fail(reterr, TEND_ENOMEM, "playbook: memory is used up");
    *reader = (outline_reader){ .script = script, .arena = arena, .tokens = tokens, .at = tokens };
    *ret_reader = reader;
    return TEND_OK;
}

static void read_steps(outline_reader *reader, outline_list *list)
{
    const char *name, *run;

    if (outline_is_sign(reader->at, '{')) {
        outline_read_list(reader, list);
        return;
    }
    begin_function(reader, &name, &run);
    reader->runs[reader->run_count++] = run;
    read_block(reader, list);
}

tend_status tend_outline_read(const tend_script *script, tend_arena *arena, const tend_outline **ret_outline, tend_error *reterr)
{
    outline_list aside = { .end = &aside.first }, list = { .end = &list.first };
    outline_reader *reader;
    tend_status status = begin(script, arena, &reader, reterr);

    *ret_outline = NULL;
    if (status < 0)
        return status;
    while (reader->at->sort != TEND_LUA_END) {
        const tend_lua_token *token = reader->at;

        if (outline_is_word(token, "steps") && outline_is_sign(token + 1, '=') &&
            (outline_is_word(token + 2, "function") || outline_is_sign(token + 2, '{'))) {
            reader->at += 2;
            read_steps(reader, &list);
            prune(&list.first);
            *ret_outline = list.first;
            break;
        }
        if (outline_is_word(token, "function"))
            read_function(reader, &aside);
        else
            reader->at++;
    }
    return reader->is_out_of_memory ? tend_fail(reterr, TEND_ENOMEM, "playbook: memory is used up") : TEND_OK;
}

tend_status tend_outline_functions(const tend_script *script, tend_arena *arena, const tend_outline **ret_bodies,
                                   tend_error *reterr)
{
    outline_list aside = { .end = &aside.first }, bodies = { .end = &bodies.first };
    outline_reader *reader;
    tend_status status = begin(script, arena, &reader, reterr);

    *ret_bodies = NULL;
    if (status < 0)
        return status;
    reader->bodies = &bodies;
    while (reader->at->sort != TEND_LUA_END)
        if (outline_is_word(reader->at, "function"))
            read_function(reader, &aside);
        else
            reader->at++;
    *ret_bodies = bodies.first;
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
