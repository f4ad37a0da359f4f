/* check_answer.c: fields of answers as they are written, also where no walk comes by: local held = run:wait(…) if held.timed_ou …
 * Only what is certain: a variable that holds nothing but answers. */
#include "playbook/checker.h"
#include "playbook/lua_token.h"

#include <string.h>

enum { NESTED_MAX = 256, PARTS_MAX = 32 };

/* A call whose answer a variable gets. */
typedef struct answer_binding {
    struct answer_binding *next; /* the one before */
    const char *verb;
    const tend_tree *parts; /* of account, all and first; NULL: not known */
} answer_binding;

typedef struct answer_variable {
    struct answer_variable *next;
    const char *name;
    bool has_other; /* it also holds something else */
    answer_binding *bindings;
} answer_variable;

typedef struct answer_reader {
    script_checker *checker;
    const tend_lua_token *tokens, *at;
    answer_variable *variables;
    char open[NESTED_MAX]; /* brackets and blocks that are not closed: '{', '(', '[' or 'b' */
    size_t depth;
    bool is_out_of_memory;
} answer_reader;

static bool is_sign(const tend_lua_token *token, char sign)
{
    return token->sort == TEND_LUA_SIGN && token->text[0] == sign;
}

static bool is_assigned(const tend_lua_token *behind)
{
    return is_sign(behind, '=') && !is_sign(behind + 1, '=');
}

/* "b" of "a.b" and "a:b"; "b" of "a .. b" is none. */
static bool is_member(const answer_reader *reader, const tend_lua_token *token)
{
    if (token == reader->tokens || !(is_sign(token - 1, '.') || is_sign(token - 1, ':')))
        return false;
    return !(token - 1 > reader->tokens && is_sign(token - 1, '.') && is_sign(token - 2, '.'));
}

/* Keeps account of what is open before `token` is looked at. */
static void enter(answer_reader *reader, const tend_lua_token *token)
{
    bool opens_block =
        tend_lua_is(token, "function") || tend_lua_is(token, "if") || tend_lua_is(token, "do") || tend_lua_is(token, "repeat");

    if (is_member(reader, token))
        return;
    if (is_sign(token, '{') || is_sign(token, '(') || is_sign(token, '[') || opens_block) {
        if (reader->depth < NESTED_MAX)
            reader->open[reader->depth] = opens_block ? 'b' : token->text[0];
        reader->depth++;
    } else if (is_sign(token, '}') || is_sign(token, ')') || is_sign(token, ']') || tend_lua_is(token, "end") ||
               tend_lua_is(token, "until")) {
        reader->depth -= reader->depth > 0;
    }
}

static bool is_in_table(const answer_reader *reader)
{
    return reader->depth > 0 && reader->depth <= NESTED_MAX && reader->open[reader->depth - 1] == '{';
}

static answer_variable *find(const answer_reader *reader, const char *name)
{
    answer_variable *variable = reader->variables;

    while (variable && strcmp(variable->name, name) != 0)
        variable = variable->next;
    return variable;
}

static answer_variable *take_variable(answer_reader *reader, const char *name)
{
    answer_variable *variable = find(reader, name);

    if (variable)
        return variable;
    variable = tend_arena_take(reader->checker->arena, sizeof *variable);
    if (!variable) {
        reader->is_out_of_memory = true;
        return NULL;
    }
    *variable = (answer_variable){ .next = reader->variables, .name = name };
    reader->variables = variable;
    return variable;
}

static void hold_other(answer_reader *reader, const char *name)
{
    answer_variable *variable = take_variable(reader, name);

    if (variable)
        variable->has_other = true;
}

/* Behind the bracket that stands at `at`; where the file ends first, its end. */
static const tend_lua_token *behind_bracket(const tend_lua_token *at)
{
    size_t depth = 0;

    for (; at->sort != TEND_LUA_END; at++) {
        if (is_sign(at, '(') || is_sign(at, '{') || is_sign(at, '['))
            depth++;
        else if ((is_sign(at, ')') || is_sign(at, '}') || is_sign(at, ']')) && --depth == 0)
            return at + 1;
    }
    return at;
}

/* ("name", { one = …, two = … }): the keys, in the order they are written; of account the texts; NULL: they are not all so. */
static const tend_tree *read_parts(answer_reader *reader, const tend_lua_token *bracket)
{
    const tend_lua_token *at = bracket + 3;
    const char **keys = tend_arena_take(reader->checker->arena, PARTS_MAX * sizeof *keys);
    tend_tree *items = tend_arena_take(reader->checker->arena, PARTS_MAX * sizeof *items);
    tend_tree *parts = tend_arena_take(reader->checker->arena, sizeof *parts);
    size_t count = 0;

    reader->is_out_of_memory |= !keys || !items || !parts;
    if (reader->is_out_of_memory || bracket[1].sort != TEND_LUA_TEXT || !is_sign(bracket + 2, ',') || !is_sign(at++, '{'))
        return NULL;
    while (count < PARTS_MAX) {
        bool is_part = at->sort == TEND_LUA_NAME && is_assigned(at + 1) && is_sign(at + 2, '{');

        if (!is_part && at->sort != TEND_LUA_TEXT)
            break;
        items[count] = tend_tree_nil;
        keys[count++] = at->text;
        at = is_part ? behind_bracket(at + 2) : at + 1;
        at += is_sign(at, ',') || is_sign(at, ';');
    }
    *parts = (tend_tree){ .tag = TEND_TREE_MAP, .length = count, .items = items, .keys = keys };
    return is_sign(at, '}') && is_sign(at + 1, ')') ? parts : NULL;
}

/* What the answer has is written in the call. */
static bool has_parts(const char *verb)
{
    return strcmp(verb, "account") == 0 || strcmp(verb, "all") == 0 || strcmp(verb, "first") == 0;
}

/* At "RUN:VERB(", whatever run is called: the verb, when the value of the expression is its answer and nothing else. */
static const char *answer_of(const tend_lua_token *value)
{
    const tend_lua_token *behind;

    if (value->sort != TEND_LUA_NAME || !is_sign(value + 1, ':') || value[2].sort != TEND_LUA_NAME || !is_sign(value + 3, '('))
        return NULL;
    if (!tend_answer_fields(value[2].text))
        return NULL;
    behind = behind_bracket(value + 3);
    if (behind->sort == TEND_LUA_SIGN && !is_sign(behind, ';') && !is_sign(behind, '}'))
        return NULL;
    return tend_lua_is(behind, "or") || tend_lua_is(behind, "and") ? NULL : value[2].text;
}

/* At the name of NAME = … */
static void take_assignment(answer_reader *reader, const tend_lua_token *name)
{
    const tend_lua_token *value = name + 2;
    const char *verb = answer_of(value);
    bool is_one_of_several = name > reader->tokens && is_sign(name - 1, ',');
    answer_binding *binding;
    answer_variable *variable;

    if (!verb || is_one_of_several) {
        hold_other(reader, name->text);
        return;
    }
    variable = take_variable(reader, name->text);
    binding = tend_arena_take(reader->checker->arena, sizeof *binding);
    reader->is_out_of_memory |= !binding;
    if (!variable || !binding)
        return;
    *binding = (answer_binding){ .next = variable->bindings, .verb = verb };
    if (has_parts(verb))
        binding->parts = read_parts(reader, value + 3);
    variable->bindings = binding;
}

/* function NAME(NAME, …): none of them is an answer. Goes on behind the bracket. */
static void take_parameters(answer_reader *reader)
{
    const tend_lua_token *at = reader->at + 1;

    for (; at->sort != TEND_LUA_END && !is_sign(at, ')'); at++)
        if (at->sort == TEND_LUA_NAME && !is_member(reader, at))
            hold_other(reader, at->text);
    reader->at = at;
}

/* What each variable holds. */
static void read_variables(answer_reader *reader)
{
    for (reader->at = reader->tokens; reader->at->sort != TEND_LUA_END; reader->at += reader->at->sort != TEND_LUA_END) {
        const tend_lua_token *token = reader->at;
        bool is_declared = token > reader->tokens && (tend_lua_is(token - 1, "local") || tend_lua_is(token - 1, "for"));

        enter(reader, token);
        if (tend_lua_is(token, "function") && !is_member(reader, token)) {
            take_parameters(reader);
            continue;
        }
        if (token->sort != TEND_LUA_NAME || is_member(reader, token))
            continue;
        if (is_sign(token + 1, '.') && token[2].sort == TEND_LUA_NAME && is_assigned(token + 3))
            hold_other(reader, token->text); /* it gets fields of the script's own */
        else if (is_assigned(token + 1) && !is_in_table(reader))
            take_assignment(reader, token);
        else if ((is_declared && !tend_lua_is(token, "function")) || tend_lua_is(token + 1, "in"))
            hold_other(reader, token->text);
    }
}

static void say(answer_reader *reader, const tend_lua_token *field, const char *sentence)
{
    char line[1200];

    (void)snprintf(line, sizeof line, "%s:%u: %s", reader->checker->bundle->script.file, field->line, sentence);
    checker_say(reader->checker, line);
}

/* At the NAME of NAME.FIELD, a variable that holds answers: no answer that it ever gets has such a field. */
static void check_field(answer_reader *reader, const answer_variable *variable, const tend_lua_token *name)
{
    const tend_lua_token *field = name + 2;
    char sentence[1000];

    for (const answer_binding *binding = variable->bindings; binding; binding = binding->next) {
        if (has_parts(binding->verb) && !binding->parts)
            return;
        if (tend_answer_lacks(binding->verb, field->text, binding->parts, sentence, sizeof sentence))
            continue;
        if (strcmp(binding->verb, "account") != 0 && tend_tree_get(binding->parts, field->text) && is_sign(field + 1, '.') &&
            field[2].sort == TEND_LUA_NAME && tend_answer_lacks("part", field[2].text, NULL, sentence, sizeof sentence))
            say(reader, field + 2, sentence);
        return;
    }
    say(reader, field, sentence);
}

tend_status checker_answers(script_checker *checker, tend_error *reterr)
{
    answer_reader reader = { .checker = checker };

    reader.tokens = tend_lua_tokens(checker->bundle->script.text, checker->arena);
    if (reader.tokens)
        read_variables(&reader);
    if (!reader.tokens || reader.is_out_of_memory)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    for (const tend_lua_token *token = reader.tokens; token->sort != TEND_LUA_END; token++) {
        const answer_variable *variable;

        if (token->sort != TEND_LUA_NAME || !is_sign(token + 1, '.') || token[2].sort != TEND_LUA_NAME || is_member(&reader, token))
            continue;
        variable = find(&reader, token->text);
        if (variable && !variable->has_other && variable->bindings)
            check_field(&reader, variable, token);
    }
    return TEND_OK;
}
