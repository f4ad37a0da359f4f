/* domain_field.c: what the fields of run, its settings, its rows and its answers can be. */
#include "playbook/domain.h"

#include "base/near.h"
#include <string.h>

static void add_choices(domain_reader *reader, domain *values, const char *choices)
{
    while (*choices) {
        size_t length = strcspn(choices, " ");
        const char *word = tend_arena_copy(reader->arena, choices, length);

        if (word)
            domain_add_word(values, word);
        values->is_any |= !word;
        choices += length + strspn(choices + length, " ");
    }
}

/* What a script reads of it: scripts/types/fields.lua says the same. */
static void add_field(domain_reader *reader, domain *values, const tend_kind_schema *kind, const char *name)
{
    int at = tend_schema_field(kind, name);
    const tend_field *field = at < 0 ? NULL : &kind->fields[at];

    values->has_nil = true;
    if (!field) {
        values->is_any = true;
        return;
    }
    switch ((tend_type)field->type) {
    case TEND_BOOL:
        values->has_true = values->has_false = true;
        return;
    case TEND_INT:
    case TEND_DECIMAL:
    case TEND_MONEY:
    case TEND_REF:
        values->has_number = true;
        return;
    default:
        if (field->choices && field->type == TEND_TEXT)
            add_choices(reader, values, field->choices);
        else
            values->has_text = true;
    }
}

static void add_setting(const domain_reader *reader, domain *values, const char *name)
{
    for (size_t i = 0; i < reader->spec->setting_count; i++) {
        const tend_spec_setting *setting = &reader->spec->settings[i];
        bool is_text = strcmp(setting->type, "text") == 0, is_yes_or_no = strcmp(setting->type, "boolean") == 0;

        if (strcmp(setting->name, name) != 0)
            continue;
        values->has_text |= is_text;
        values->has_true |= is_yes_or_no;
        values->has_false |= is_yes_or_no;
        values->has_number |= !is_text && !is_yes_or_no;
        return;
    }
    values->is_any = true;
}

static void add_of_run(domain_reader *reader, domain *values, const char *name)
{
    const tend_kind_schema *users = tend_schema_kind(reader->schema, TEND_KIND_USER);

    if (strcmp(name, "account") == 0)
        domain_add_shape(values, (domain_shape){ DOMAIN_ROW, .kind = tend_schema_kind(reader->schema, TEND_KIND_ACCOUNT) });
    else if (strcmp(name, "settings") == 0)
        domain_add_shape(values, (domain_shape){ .sort = DOMAIN_SETTINGS });
    else if (strcmp(name, "language") == 0)
        add_choices(reader, values, users->fields[tend_schema_field(users, "language")].choices);
    else if (reader->spec->subject && strcmp(name, reader->spec->subject->name) == 0)
        domain_add_shape(values, (domain_shape){ DOMAIN_ROW, .kind = reader->spec->subject });
    else
        values->is_any = true;
}

/* ---- answers ----------------------------------------------------------------------------------------------------------- */

/* ("name", { … : behind the bracket of the table; NULL: it is not written so. */
static const tend_lua_token *table_of(const tend_lua_token *call)
{
    const tend_lua_token *at = call + 1;

    for (; at->sort != TEND_LUA_END && !tend_lua_is_sign(at, ','); at++)
        if (tend_lua_is_sign(at, '(') || tend_lua_is_sign(at, '{') || tend_lua_is_sign(at, '['))
            at = tend_lua_behind_bracket(at) - 1;
        else if (tend_lua_is_sign(at, ')'))
            return NULL;
    return tend_lua_is_sign(at, ',') && tend_lua_is_sign(at + 1, '{') && tend_lua_is_sign(tend_lua_behind_bracket(at + 1), ')')
               ? at + 2
               : NULL;
}

/* Where the value ends that stands at `at` in a table. */
static const tend_lua_token *end_of_value(const tend_lua_token *first, const tend_lua_token *at)
{
    int blocks = 0;

    while (at->sort != TEND_LUA_END) {
        if (blocks == 0 && (tend_lua_is_sign(at, ',') || tend_lua_is_sign(at, ';') || tend_lua_is_sign(at, '}')))
            break;
        if (tend_lua_is_sign(at, '(') || tend_lua_is_sign(at, '{') || tend_lua_is_sign(at, '[')) {
            at = tend_lua_behind_bracket(at);
            continue;
        }
        if (!tend_lua_is_member(first, at)) {
            blocks += tend_lua_is(at, "function") || tend_lua_is(at, "if") || tend_lua_is(at, "do");
            blocks -= tend_lua_is(at, "end");
        }
        at++;
    }
    return at;
}

/* Every choice that the question offers. */
static void add_offered(domain_reader *reader, domain *values, const tend_lua_token *table)
{
    const tend_lua_token *at = table, *back = reader->at;

    while (at && at->sort != TEND_LUA_END && !tend_lua_is_sign(at, '}') &&
           !(tend_lua_is(at, "choices") && tend_lua_is_assigned(at + 1))) {
        at = end_of_value(reader->tokens, at);
        at += tend_lua_is_sign(at, ',') || tend_lua_is_sign(at, ';');
    }
    if (!at || !tend_lua_is(at, "choices") || !tend_lua_is_sign(at + 2, '{')) {
        values->is_any = true;
        return;
    }
    for (at += 3; at->sort != TEND_LUA_END && !tend_lua_is_sign(at, '}');) {
        reader->at = at;
        domain_read(reader, values);
        values->is_any |= at[0].sort == TEND_LUA_NAME && tend_lua_is_assigned(at + 1); /* no list */
        at = end_of_value(reader->tokens, at);
        values->is_any |= reader->at != at;
        at += tend_lua_is_sign(at, ',') || tend_lua_is_sign(at, ';');
    }
    reader->at = back;
}

/* The names of the waits. */
static void add_parts(domain_reader *reader, domain *values, const tend_lua_token *table)
{
    values->is_any |= !table;
    for (const tend_lua_token *at = table; at && at->sort != TEND_LUA_END && !tend_lua_is_sign(at, '}');) {
        bool is_named = at->sort == TEND_LUA_NAME && tend_lua_is_assigned(at + 1);
        bool is_quoted = tend_lua_is_sign(at, '[') && at[1].sort == TEND_LUA_TEXT && tend_lua_is_sign(at + 2, ']');

        if (is_named || is_quoted)
            domain_add_word(values, is_named ? at->text : at[1].text);
        values->is_any |= !is_named && !is_quoted;
        at = end_of_value(reader->tokens, at);
        at += tend_lua_is_sign(at, ',') || tend_lua_is_sign(at, ';');
    }
}

/* ("name", "PLAYBOOK" */
static void add_outcomes(domain_reader *reader, domain *values, const tend_lua_token *call)
{
    const char *const *outcomes = NULL;
    const tend_lua_token *at = call + 1;

    while (at->sort != TEND_LUA_END && !tend_lua_is_sign(at, ',') && !tend_lua_is_sign(at, ')'))
        at = tend_lua_is_sign(at, '(') ? tend_lua_behind_bracket(at) : at + 1;
    if (tend_lua_is_sign(at, ',') && at[1].sort == TEND_LUA_TEXT &&
        (tend_lua_is_sign(at + 2, ',') || tend_lua_is_sign(at + 2, ')')))
        outcomes = reader->outcomes ? reader->outcomes(reader->self, at[1].text) : NULL;
    values->is_any |= !outcomes;
    for (size_t i = 0; outcomes && outcomes[i]; i++)
        domain_add_word(values, outcomes[i]);
}

static bool is_yes_or_no(const char *verb, const char *name)
{
    static const char *const always[] = { "approved", "cancelled", "closed", "defined", "done", "stopped", "timed_out", NULL };

    return tend_is_among(name, always) || (strcmp(name, "started") == 0 && strcmp(verb, "bulk") != 0);
}

static bool is_number(const char *verb, const char *name)
{
    static const char *const always[] = { "approvals", "at_work", "count",    "denominator", "left", "matched",
                                          "numerator", "run",     "sequence", "value",       NULL };

    return tend_is_among(name, always) || (strcmp(name, "started") == 0 && strcmp(verb, "bulk") == 0);
}

/* A field that each answer of the verb has, or may have. */
static void add_of_answer(domain *values, const char *verb, const char *name)
{
    values->has_nil = true;
    if (!tend_is_among(name, tend_answer_fields(verb)))
        values->is_any = true;
    else if (is_yes_or_no(verb, name))
        values->has_true = values->has_false = true;
    else if (is_number(verb, name))
        values->has_number = true;
    else
        values->has_text = true;
}

static void add_of_shape(domain_reader *reader, domain *values, const domain_shape *shape, const char *name)
{
    const char *verb = shape->verb ? shape->verb : "";
    bool is_of_several = strcmp(verb, "all") == 0 || strcmp(verb, "first") == 0;

    if (shape->sort == DOMAIN_RUN)
        add_of_run(reader, values, name);
    else if (shape->sort == DOMAIN_SETTINGS)
        add_setting(reader, values, name);
    else if (shape->sort == DOMAIN_ROW)
        add_field(reader, values, shape->kind, name);
    else if (shape->sort == DOMAIN_PART)
        add_of_answer(values, "part", name);
    else if (strcmp(verb, "account") == 0)
        add_field(reader, values, tend_schema_kind(reader->schema, TEND_KIND_ACCOUNT), name);
    else if (strcmp(verb, "ask") == 0 && strcmp(name, "choice") == 0)
        add_offered(reader, values, table_of(shape->call));
    else if (strcmp(verb, "first") == 0 && strcmp(name, "which") == 0)
        add_parts(reader, values, table_of(shape->call));
    else if (strcmp(verb, "child") == 0 && strcmp(name, "outcome") == 0)
        add_outcomes(reader, values, shape->call);
    else if (is_of_several && strcmp(name, "timed_out") != 0)
        domain_add_shape(values, (domain_shape){ .sort = DOMAIN_PART });
    else
        add_of_answer(values, verb, name);
    if (shape->sort == DOMAIN_ANSWER)
        values->has_nil = true;
}

void domain_field(domain_reader *reader, const domain *of, const char *name, domain *ret_domain)
{
    ret_domain->is_any = of->is_any || of->shape_count == 0;
    for (size_t i = 0; i < of->shape_count; i++)
        add_of_shape(reader, ret_domain, &of->shapes[i], name);
}
