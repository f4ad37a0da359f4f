/* literal.c: what a script's calls say word for word, whether or not a walk comes by them: run:task("plan", { to = "owner" }). What
 * is computed is left to the walks. */
#include "playbook/literal_inside.h"

#include <string.h>

enum { TOKENS_MAX = 10000000 };

static void tell(literal_reader *reader, unsigned line, const char *verb, const char *step, const char *reason)
{
    char sentence[1000];

    if (step)
        (void)snprintf(sentence, sizeof sentence, "%s '%s': %s", verb, step, reason);
    else
        (void)snprintf(sentence, sizeof sentence, "%s: %s", verb, reason);
    reader->check->fault(reader->check->self, reader->file, line, reader->call, sentence);
}

/* What is wrong with an argument, and the setting that it comes from. */
static void tell_argument(literal_reader *reader, const char *verb, const char *step, const literal_entry *entry,
                          const char *reason)
{
    const literal *from = entry->value.setting ? &entry->value : NULL;
    char sentence[900], value[80] = "";

    for (const literal_entry *inner = entry->value.entries; inner && !from; inner = inner->next)
        from = inner->value.setting ? &inner->value : NULL;
    if (!from) {
        tell(reader, entry->line, verb, step, reason);
        return;
    }
    if (from->tree.tag == TEND_TREE_INT)
        (void)snprintf(value, sizeof value, "%lld", (long long)from->tree.integer);
    else if (from->tree.tag == TEND_TREE_NUMBER)
        (void)snprintf(value, sizeof value, "%g", from->tree.number);
    else if (from->tree.tag == TEND_TREE_TEXT)
        (void)snprintf(value, sizeof value, "'%.60s'", from->tree.text);
    (void)snprintf(sentence, sizeof sentence, "%.700s (setting %.60s%s%s)", reason, from->setting, value[0] ? " is " : "", value);
    tell(reader, entry->line, verb, step, sentence);
}

/* A day of which not everything is known: a number that is computed counts as 1, a day that is computed is not looked at. */
static bool likely_rule(literal_reader *reader, const literal *rule, tend_tree *ret_tree)
{
    static const char *const days[] = { "after", "before", "on" };
    tend_tree_map map = { 0 };
    const char *last = "";

    if (!rule->is_table)
        return false;
    for (const literal_entry *entry = rule->entries; entry; entry = entry->next)
        for (size_t i = 0; i < 3; i++)
            if (strcmp(entry->key, days[i]) == 0 && !entry->value.is_known)
                return false;
    for (bool is_more = true; is_more;) {
        const literal_entry *next = NULL;

        for (const literal_entry *entry = rule->entries; entry; entry = entry->next)
            if (strcmp(entry->key, last) > 0 && (!next || strcmp(entry->key, next->key) < 0))
                next = entry;
        is_more = next != NULL && map.count < TEND_TREE_BUILD;
        if (!is_more)
            break;
        last = next->key;
        if (!next->value.is_known && strcmp(last, "at_latest") == 0) { /* a day within a day: what cannot be known is left out */
            tend_tree limit;

            if (likely_rule(reader, &next->value, &limit))
                tend_tree_add(&map, last, limit);
            continue;
        }
        tend_tree_add(&map, last, next->value.is_known ? next->value.tree : tend_tree_int(1));
    }
    return tend_tree_end(&map, reader->check->arena, ret_tree) == TEND_OK;
}

static bool is_rule(const char *key)
{
    return strcmp(key, "due") == 0 || strcmp(key, "within") == 0 || strcmp(key, "by") == 0 || strcmp(key, "expires") == 0;
}

/* The arguments one by one. */
static int check_entries(literal_reader *reader, const char *verb, const char *step, const literal *table)
{
    const tend_argument_context *context = reader->check->context;
    int faults = 0;

    for (const literal_entry *entry = table->entries; entry; entry = entry->next) {
        const tend_tree *value = entry->value.is_known ? &entry->value.tree : NULL;
        tend_error why = { 0 };
        tend_tree rule;
        char reason[500];

        if (!value && is_rule(entry->key) && likely_rule(reader, &entry->value, &rule))
            value = &rule;
        if (tend_argument_check(context, verb, entry->key, value, &why) < 0) {
            tell_argument(reader, verb, step, entry, why.text);
            faults++;
        } else if (strcmp(verb, "set") == 0 && tend_argument_check_value(context, entry->key, value, &why) < 0) {
            tell_argument(reader, verb, step, entry, why.text);
            faults++;
        } else if ((strcmp(verb, "wait") == 0 || strcmp(verb, "part") == 0) && strcmp(entry->key, "done") == 0) {
            if (literal_lacks_task(reader, entry, reason, sizeof reason))
                tell(reader, entry->line, "wait", step, reason);
        } else if (strcmp(verb, "close") == 0 && strcmp(entry->key, "step") == 0) {
            if (literal_lacks_opened(reader, entry, reason, sizeof reason))
                tell(reader, entry->line, "close", step, reason);
        }
    }
    return faults;
}

/* run:all and run:first: each part is the table of a wait. */
static int check_parts(literal_reader *reader, const char *verb, const char *step, const literal *table)
{
    int faults = 0;

    if (strcmp(verb, "all") != 0 && strcmp(verb, "first") != 0)
        return 0;
    for (const literal_entry *entry = table->entries; entry; entry = entry->next)
        if (entry->value.is_table)
            faults += check_entries(reader, "part", step, &entry->value);
    return faults;
}

static const char *take_step_name(literal_reader *reader)
{
    literal name = { 0 };

    literal_take_value(reader, 0, &name);
    return name.is_known && name.tree.tag == TEND_TREE_TEXT ? name.tree.text : NULL;
}

/* run:child("name", "playbook", { … }): what stands before the table counts as its entries. */
static void take_before(literal_reader *reader, const char *verb, literal *ret_table)
{
    literal_entry *first = NULL, **end = &first;
    const char *key;

    for (size_t i = 0; (key = tend_verb_before(verb, i)) != NULL; i++) {
        literal_entry *entry = literal_add_entry(reader, &end, key, reader->at->line);

        if (!entry)
            return;
        literal_take_value(reader, 0, &entry->value);
        if (literal_is_sign(reader->at, ","))
            reader->at++;
    }
    *ret_table = (literal){ .is_table = true, .is_known = true, .line = reader->at->line };
    if (literal_is_sign(reader->at, "{"))
        literal_take_value(reader, 0, ret_table);
    else if (!literal_is_sign(reader->at, ")"))
        ret_table->is_known = false;
    for (const literal_entry *entry = first; entry; entry = entry->next)
        ret_table->is_known &= entry->value.is_known;
    *end = ret_table->entries;
    ret_table->entries = first;
    literal_end_table(reader, ret_table);
}

static void tell_given(literal_reader *reader, const char *verb, unsigned line, const literal *table)
{
    const tend_literal_check *check = reader->check;

    if (!check->given)
        return;
    for (const literal_entry *entry = table->entries; entry; entry = entry->next)
        check->given(check->self, reader->file, entry->line, verb, entry->key, entry->value.is_known ? &entry->value.tree : NULL);
    if (!table->is_table || table->has_computed_key)
        check->given(check->self, reader->file, line, verb, NULL, NULL);
}

/* run:measure("name", "KPI") */
static void check_measure(literal_reader *reader, const char *step)
{
    tend_error why = { 0 };
    literal kpi = { 0 };

    literal_take_value(reader, 0, &kpi);
    if (kpi.is_known && kpi.tree.tag == TEND_TREE_TEXT &&
        tend_argument_check_measure(reader->check->context, kpi.tree.text, &why) < 0)
        tell(reader, kpi.line, "measure", step, why.text);
}

/* run:count("name", "kind", { where = … }), as far as it is written out; said where the argument stands. */
static void check_count(literal_reader *reader, const char *step, unsigned line, const literal *table)
{
    const char *key;
    tend_error why = { 0 };

    if (tend_count_check(reader->check->context, &table->tree, reader->check->arena, &key, &why) >= 0)
        return;
    for (const literal_entry *entry = table->entries; entry; entry = entry->next)
        if (strcmp(entry->key, key) == 0)
            line = entry->line;
    tell(reader, line, "count", step, why.text);
}

/* Behind "run:VERB(". */
static void check_call(literal_reader *reader, const char *verb, unsigned line)
{
    const tend_argument_context *context = reader->check->context;
    bool is_measure = strcmp(verb, "measure") == 0;
    const char *step = is_measure || tend_verb_known(verb) ? take_step_name(reader) : NULL;
    literal table = { 0 };
    tend_error why = { 0 };
    tend_request request;
    tend_tree rule;

    if (!(is_measure || tend_verb_known(verb)) || !literal_is_sign(reader->at, ","))
        return;
    reader->at++;
    if (is_measure) {
        check_measure(reader, step);
        return;
    }
    if (tend_verb_before(verb, 0))
        take_before(reader, verb, &table);
    else if (literal_is_sign(reader->at, "{"))
        literal_take_value(reader, 0, &table);
    tell_given(reader, verb, line, &table);
    if (!table.is_table || check_entries(reader, verb, step, &table) > 0 || check_parts(reader, verb, step, &table) > 0)
        return;
    if (strcmp(verb, "sleep") == 0 && likely_rule(reader, &table, &rule) &&
        tend_rule_check(context->schema, context->subject, &rule, "sleep", &why) < 0)
        tell(reader, line, verb, step, why.text);
    if (strcmp(verb, "count") == 0)
        check_count(reader, step, line, &table);
    request = (tend_request){ .verb = verb, .name = step ? step : "", .arguments = table.tree };
    if (table.is_known && step && strcmp(verb, "account") != 0 && strcmp(verb, "sleep") != 0 &&
        tend_effect_check(context->schema, context->subject, context->settings, &request, &why) < 0)
        reader->check->fault(reader->check->self, reader->file, line, line, why.text);
}

/* run.account.tierr, run.settings.lead_dys: behind "run." */
static void check_read(literal_reader *reader)
{
    const tend_argument_context *context = reader->check->context;
    const tend_lua_token *of = reader->at, *field = of + 2;
    bool is_settings = tend_lua_is(of, "settings");
    const tend_field *found;
    char path[160], sentence[600];
    tend_error why = { 0 };

    if (of->sort != TEND_LUA_NAME || !literal_is_sign(of + 1, ".") || field->sort != TEND_LUA_NAME ||
        literal_is_sign(field + 1, "("))
        return;
    (void)snprintf(path, sizeof path, "%.60s.%.80s", of->text, field->text);
    if (is_settings && tend_settings_check_name(context->settings, tend_arena_print(reader->check->arena, "run.%.160s", path),
                                                field->text, &why) < 0) {
        reader->check->fault(reader->check->self, reader->file, field->line, field->line, why.text);
    } else if ((tend_lua_is(of, "account") || tend_lua_is(of, context->subject->name)) &&
               tend_subject_check(context->schema, context->subject, path, &found, &why) < 0) {
        (void)snprintf(sentence, sizeof sentence, "run.%s: %.300s", path, why.text);
        reader->check->fault(reader->check->self, reader->file, field->line, field->line, sentence);
    }
}

static void check_tokens(literal_reader *reader, const tend_lua_token *tokens)
{
    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END && reader->budget > 0; token++) {
        bool is_member =
            token > tokens && (literal_is_sign(token - 1, ":") || literal_is_sign(token - 1, ".")) &&
            !(token > tokens + 1 && literal_is_sign(token - 1, ".") && literal_is_sign(token - 2, ".")); /* ".." joins texts */
        bool is_run = token->sort == TEND_LUA_NAME && tend_lua_is(token, reader->run) && !is_member;

        if (!is_run)
            continue;
        if (literal_is_sign(token + 1, ":") && token[2].sort == TEND_LUA_NAME && literal_is_sign(token + 3, "(")) {
            reader->at = token + 4;
            reader->call = token->line;
            check_call(reader, token[2].text, token->line);
        } else if (literal_is_sign(token + 1, ".")) {
            reader->at = token + 2;
            check_read(reader);
        }
    }
}

tend_status tend_literals_check(const tend_literal_check *check, const tend_script *script, const tend_script *libraries,
                                tend_error *reterr)
{
    literal_reader reader = { .check = check, .budget = TOKENS_MAX };
    const tend_lua_token *tokens = tend_lua_tokens(script->text, check->arena), *of_library;
    bool is_whole = tokens != NULL;

    if (is_whole) {
        reader.run = literal_find_run(tokens);
        reader.settings = literal_find_settings(tokens, reader.run);
        literal_find_names(&reader, tokens);
    }
    for (const tend_script *library = libraries; is_whole && library->file; library++) {
        of_library = tend_lua_tokens(library->text, check->arena);
        is_whole = of_library != NULL;
        if (is_whole)
            literal_find_names(&reader, of_library);
    }
    if (is_whole) {
        reader.file = script->file;
        check_tokens(&reader, tokens);
    }
    return is_whole && !reader.is_out_of_memory ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
}
