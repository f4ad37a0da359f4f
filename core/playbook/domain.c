#include "playbook/domain.h"

#include "base/near.h"
#include <string.h>

enum { DEPTH_MAX = 24, BUDGET = 20000 };

static const domain any = { .is_any = true };

/* ---- sets -------------------------------------------------------------------------------------------------------------- */

void domain_add_word(domain *values, const char *word)
{
    if (tend_is_among(word, values->words))
        return;
    if (values->word_count == DOMAIN_WORDS)
        values->has_text = true;
    else
        values->words[values->word_count++] = word;
}

void domain_add_shape(domain *values, domain_shape shape)
{
    if (values->shape_count == DOMAIN_SHAPES)
        values->is_any = true;
    else
        values->shapes[values->shape_count++] = shape;
}

static void add_all(domain *to, const domain *more)
{
    to->is_any |= more->is_any;
    to->has_nil |= more->has_nil;
    to->has_false |= more->has_false;
    to->has_true |= more->has_true;
    to->has_number |= more->has_number;
    to->has_text |= more->has_text;
    for (size_t i = 0; i < more->word_count; i++)
        domain_add_word(to, more->words[i]);
    for (size_t i = 0; i < more->shape_count; i++)
        domain_add_shape(to, more->shapes[i]);
}

bool domain_has_value(const domain *values)
{
    return values->has_false || values->has_true || values->has_number || values->has_text || values->word_count > 0 ||
           values->shape_count > 0;
}

static bool has_word_of(const domain *a, const domain *b)
{
    for (size_t i = 0; i < a->word_count; i++)
        if (b->has_text || tend_is_among(a->words[i], b->words))
            return true;
    return a->has_text && b->has_text;
}

bool domain_meets(const domain *a, const domain *b)
{
    return a->is_any || b->is_any || (a->has_nil && b->has_nil) || (a->has_false && b->has_false) || (a->has_true && b->has_true) ||
           (a->has_number && b->has_number) || (a->shape_count > 0 && b->shape_count > 0) || has_word_of(a, b) || has_word_of(b, a);
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

static bool is_run(const domain_reader *reader, const tend_lua_token *name)
{
    if (strcmp(name->text, "run") == 0)
        return true;
    for (const tend_lua_token *at = reader->tokens; at->sort != TEND_LUA_END; at++)
        if ((tend_lua_is(at, "steps") || tend_lua_is(at, "on_stop")) && tend_lua_is_assigned(at + 1) &&
            tend_lua_is(at + 2, "function") && tend_lua_is_sign(at + 3, '(') && tend_lua_is(at + 4, name->text))
            return true;
    return false;
}

/* All that it is ever given; "local NAME" alone is nil. */
static void read_variable(domain_reader *reader, const tend_lua_token *name, domain *ret_domain)
{
    const tend_lua_variable *variable = tend_lua_variable_find(reader->variables, name->text);
    const tend_lua_token *back = reader->at;

    if (is_run(reader, name) && (!variable || !variable->given)) {
        domain_add_shape(ret_domain, (domain_shape){ .sort = DOMAIN_RUN });
        return;
    }
    if (!variable || variable->has_other || !variable->given) {
        *ret_domain = any;
        return;
    }
    ret_domain->has_nil = true;
    for (const tend_lua_given *given = variable->given; given; given = given->next) {
        domain value = { .is_any = false };

        reader->at = given->value;
        domain_read(reader, &value);
        add_all(ret_domain, &value);
    }
    reader->at = back;
}

/* Behind the "end" of the function that stands at `at`. */
static const tend_lua_token *behind_function(const tend_lua_token *first, const tend_lua_token *at)
{
    int depth = 0;

    for (; at->sort != TEND_LUA_END; at++) {
        if (at->sort != TEND_LUA_NAME || tend_lua_is_member(first, at))
            continue;
        depth += tend_lua_is(at, "function") || tend_lua_is(at, "if") || tend_lua_is(at, "do") || tend_lua_is(at, "repeat");
        if ((tend_lua_is(at, "end") || tend_lua_is(at, "until")) && --depth == 0)
            return at + 1;
    }
    return at;
}

/* A word, a number, true …: where no field of it and no call of it follows. False: it is none. */
static bool read_constant(domain_reader *reader, domain *ret_domain)
{
    const tend_lua_token *token = reader->at;

    if (token->sort == TEND_LUA_TEXT)
        domain_add_word(ret_domain, token->text);
    else if (token->sort == TEND_LUA_INT || token->sort == TEND_LUA_FLOAT)
        ret_domain->has_number = true;
    else if (tend_lua_is(token, "nil"))
        ret_domain->has_nil = true;
    else if (tend_lua_is(token, "true"))
        ret_domain->has_true = true;
    else if (tend_lua_is(token, "false"))
        ret_domain->has_false = true;
    else if (tend_lua_is(token, "function") || tend_lua_is_sign(token, '{') || tend_lua_is_sign(token, '.'))
        *ret_domain = any;
    else
        return false;
    if (tend_lua_is(token, "function"))
        reader->at = behind_function(reader->tokens, token);
    else if (tend_lua_is_sign(token, '{'))
        reader->at = tend_lua_behind_bracket(token);
    else if (tend_lua_is_sign(token, '.')) /* "..." */
        while (tend_lua_is_sign(reader->at, '.'))
            reader->at++;
    else
        reader->at++;
    return true;
}

/* Behind NAME: ":VERB(…)" of run, whatever it is called. */
static void read_call(domain_reader *reader, bool is_name, domain *io_domain)
{
    const tend_lua_token *at = reader->at;
    bool is_step = is_name && tend_lua_is_sign(at, ':') && at[1].sort == TEND_LUA_NAME && tend_lua_is_sign(at + 2, '(') &&
                   (strcmp(at[1].text, "measure") == 0 || strcmp(at[1].text, "account") == 0 || tend_verb_known(at[1].text)) &&
                   strcmp(at[1].text, "part") != 0 && tend_answer_fields(at[1].text);

    *io_domain = (domain){ .is_any = !is_step };
    if (is_step)
        domain_add_shape(io_domain, (domain_shape){ .sort = DOMAIN_ANSWER, .verb = at[1].text, .call = at + 2 });
    if (tend_lua_is_sign(at, ':'))
        at += 2;
    reader->at = at->sort == TEND_LUA_TEXT ? at + 1 : tend_lua_behind_bracket(at);
}

/* Fields and calls behind a value. */
static void read_suffixes(domain_reader *reader, bool is_name, domain *io_domain)
{
    for (; reader->at->sort != TEND_LUA_END; is_name = false) {
        const tend_lua_token *at = reader->at, *field = NULL;

        if (tend_lua_is_sign(at, '.') && at[1].sort == TEND_LUA_NAME)
            field = at + 1;
        else if (tend_lua_is_sign(at, '[') && at[1].sort == TEND_LUA_TEXT && tend_lua_is_sign(at + 2, ']'))
            field = at + 1;
        if (field) {
            domain of = *io_domain;

            *io_domain = (domain){ .is_any = false };
            domain_field(reader, &of, field->text, io_domain);
            reader->at = tend_lua_is_sign(at, '.') ? at + 2 : at + 3;
        } else if (tend_lua_is_sign(at, '[')) {
            *io_domain = any;
            reader->at = tend_lua_behind_bracket(at);
        } else if ((tend_lua_is_sign(at, ':') && at[1].sort == TEND_LUA_NAME) || tend_lua_is_sign(at, '(') ||
                   tend_lua_is_sign(at, '{') || at->sort == TEND_LUA_TEXT) {
            read_call(reader, is_name, io_domain);
        } else {
            return;
        }
    }
}

static void read_simple(domain_reader *reader, domain *ret_domain)
{
    const tend_lua_token *token = reader->at;

    if (read_constant(reader, ret_domain))
        return;
    if (tend_lua_is_sign(token, '(')) {
        reader->at++;
        domain_read(reader, ret_domain);
        if (reader->at != tend_lua_behind_bracket(token) - 1)
            *ret_domain = any;
        reader->at = tend_lua_behind_bracket(token);
    } else if (token->sort == TEND_LUA_NAME) {
        reader->at++;
        read_variable(reader, token, ret_domain);
    } else {
        *ret_domain = any;
        reader->at += token->sort != TEND_LUA_END;
        return;
    }
    read_suffixes(reader, token->sort == TEND_LUA_NAME, ret_domain);
}

/* ---- operators --------------------------------------------------------------------------------------------------------- */

static void read_unary(domain_reader *reader, domain *ret_domain)
{
    domain ignored = { .is_any = false };
    bool is_not = tend_lua_is(reader->at, "not");
    bool is_number = tend_lua_is_sign(reader->at, '-') || tend_lua_is_sign(reader->at, '#') || tend_lua_is_sign(reader->at, '~');

    if (!is_not && !is_number) {
        read_simple(reader, ret_domain);
        return;
    }
    reader->at++;
    if (++reader->depth < DEPTH_MAX)
        read_unary(reader, &ignored);
    reader->depth--;
    ret_domain->has_true = ret_domain->has_false = is_not;
    ret_domain->has_number = is_number;
}

/* How many signs the operator has that stands here: arithmetic or "..", no comparison; 0: none does. */
static size_t operator_at(const tend_lua_token *at)
{
    if (at->sort != TEND_LUA_SIGN || (tend_lua_is_sign(at, '~') && tend_lua_is_sign(at + 1, '=')))
        return 0;
    if (tend_lua_is_sign(at, '.'))
        return tend_lua_is_sign(at + 1, '.') ? 2 : 0;
    if (tend_lua_is_sign(at, '<') || tend_lua_is_sign(at, '>') || tend_lua_is_sign(at, '/'))
        return tend_lua_is_sign(at + 1, at->text[0]) ? 2 : tend_lua_is_sign(at, '/');
    return strchr("+-*%^&|~", at->text[0]) != NULL;
}

void domain_read_operand(domain_reader *reader, domain *ret_domain)
{
    size_t length;

    if (reader->depth >= DEPTH_MAX || reader->budget++ > BUDGET) {
        *ret_domain = any;
        return;
    }
    reader->depth++;
    read_unary(reader, ret_domain);
    while ((length = operator_at(reader->at)) > 0) {
        domain ignored = { .is_any = false };
        bool is_text = tend_lua_is_sign(reader->at, '.') || ret_domain->has_text;

        reader->at += length;
        read_unary(reader, &ignored);
        *ret_domain = (domain){ .has_text = is_text, .has_number = !is_text };
    }
    reader->depth--;
}

static size_t comparison_at(const tend_lua_token *at)
{
    if (tend_lua_is_sign(at, '<') || tend_lua_is_sign(at, '>'))
        return tend_lua_is_sign(at + 1, '=') ? 2 : 1;
    return (tend_lua_is_sign(at, '=') || tend_lua_is_sign(at, '~')) && tend_lua_is_sign(at + 1, '=') ? 2 : 0;
}

static void read_comparison(domain_reader *reader, domain *ret_domain)
{
    size_t length;

    domain_read_operand(reader, ret_domain);
    while ((length = comparison_at(reader->at)) > 0) {
        domain ignored = { .is_any = false };

        reader->at += length;
        domain_read_operand(reader, &ignored);
        *ret_domain = (domain){ .has_true = true, .has_false = true };
    }
}

/* a and b: what is nil or false of a, and b. */
static void read_and(domain_reader *reader, domain *ret_domain)
{
    read_comparison(reader, ret_domain);
    while (tend_lua_is(reader->at, "and")) {
        domain left = *ret_domain;

        reader->at++;
        *ret_domain = (domain){ .is_any = false };
        read_comparison(reader, ret_domain);
        ret_domain->has_nil |= left.is_any || left.has_nil;
        ret_domain->has_false |= left.is_any || left.has_false;
    }
}

void domain_read(domain_reader *reader, domain *ret_domain)
{
    const tend_lua_token *from = reader->at;

    if (reader->depth >= DEPTH_MAX || reader->budget++ > BUDGET) {
        *ret_domain = any;
        return;
    }
    reader->depth++;
    read_and(reader, ret_domain);
    while (tend_lua_is(reader->at, "or")) { /* a or b: a where it is neither nil nor false, and b */
        domain right = { .is_any = false };

        reader->at++;
        read_and(reader, &right);
        ret_domain->has_nil = ret_domain->has_false = false;
        add_all(ret_domain, &right);
    }
    reader->depth--;
    if (reader->at == from)
        *ret_domain = any;
}
