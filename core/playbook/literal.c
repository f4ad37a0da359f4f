/* literal.c: what a script's calls say word for word, whether or not a walk comes by them: run:task("plan", { to = "owner" }). What
 * is computed is left to the walks. */
#include "base/near.h"
#include "playbook/inside.h"
#include "playbook/lua_token.h"

#include <string.h>

enum { DEPTH_MAX = 16, LIST_MAX = 32, TASKS_MAX = 128, TOKENS_MAX = 10000000 };

typedef struct literal {
    bool is_known; /* its value is `tree`; of a table: all that is in it */
    bool is_table;
    bool has_computed_key; /* [name] = … */
    unsigned line;
    const char *setting; /* whose value it is; NULL: it is written there */
    tend_tree tree;
    struct literal_entry *entries; /* of a table: those with names */
} literal;

typedef struct literal_entry {
    struct literal_entry *next;
    const char *key;
    unsigned line;
    literal value;
} literal_entry;

typedef struct literal_reader {
    const tend_literal_check *check;
    const tend_lua_token *at;
    const char *file, *run, *settings; /* the name of the parameter of steps, and of a variable that holds run.settings */
    const char *tasks[TASKS_MAX + 1];
    size_t task_count;
    unsigned call; /* the line on which the call begins that is looked at */
    bool has_computed_task;
    int64_t budget; /* tokens that may still be gone through: what is nested is met several times */
    bool is_out_of_memory;
} literal_reader;

static bool is_sign(const tend_lua_token *token, const char *sign)
{
    return token->sort == TEND_LUA_SIGN && token->text[0] == sign[0];
}

static bool ends_value(const tend_lua_token *token)
{
    return token->sort == TEND_LUA_END || is_sign(token, ",") || is_sign(token, ";") || is_sign(token, "}") || is_sign(token, ")");
}

/* Goes to the end of an expression: a comma or bracket that is not inside of it. */
static void skip_value(literal_reader *reader)
{
    int depth = 0;

    for (; reader->at->sort != TEND_LUA_END && reader->budget > 0; reader->at++, reader->budget--) {
        const tend_lua_token *token = reader->at;

        if (depth == 0 && ends_value(token))
            return;
        if (is_sign(token, "(") || is_sign(token, "{") || is_sign(token, "[") || tend_lua_is(token, "function") ||
            tend_lua_is(token, "if") || tend_lua_is(token, "do") || tend_lua_is(token, "repeat"))
            depth++;
        else if (is_sign(token, ")") || is_sign(token, "}") || is_sign(token, "]") || tend_lua_is(token, "end") ||
                 tend_lua_is(token, "until"))
            depth--;
    }
}

static bool take_word(literal_reader *reader, literal *ret_literal)
{
    const tend_lua_token *token = reader->at;
    bool is_negative = is_sign(token, "-");

    token += is_negative;
    if (!ends_value(token) && !ends_value(token + 1))
        return false;
    if (token->sort == TEND_LUA_TEXT && !is_negative)
        ret_literal->tree = tend_tree_text(token->text);
    else if (token->sort == TEND_LUA_INT)
        ret_literal->tree = tend_tree_int(is_negative ? -token->integer : token->integer);
    else if (token->sort == TEND_LUA_FLOAT)
        ret_literal->tree = (tend_tree){ .tag = TEND_TREE_NUMBER, .number = is_negative ? -token->number : token->number };
    else if (tend_lua_is(token, "true") || tend_lua_is(token, "false"))
        ret_literal->tree = tend_tree_bool(tend_lua_is(token, "true"));
    else
        return false;
    ret_literal->is_known = true;
    reader->at = token + 1;
    return true;
}

/* run.settings.NAME, or settings.NAME where that is what settings holds. */
static bool take_setting(literal_reader *reader, literal *ret_literal)
{
    const tend_lua_token *at = reader->at;
    const tend_tree *value;

    if (tend_lua_is(at, reader->run) && is_sign(at + 1, ".") && tend_lua_is(at + 2, "settings"))
        at += 2;
    else if (!reader->settings || !tend_lua_is(at, reader->settings))
        return false;
    if (!is_sign(at + 1, ".") || at[2].sort != TEND_LUA_NAME || !ends_value(at + 3))
        return false;
    value = tend_tree_get(reader->check->context->settings, at[2].text);
    if (!value)
        return false;
    *ret_literal = (literal){ .is_known = true, .line = ret_literal->line, .setting = at[2].text, .tree = *value };
    reader->at = at + 3;
    return true;
}

static void take_value(literal_reader *reader, int depth, literal *ret_literal);

static literal_entry *add_entry(literal_reader *reader, literal_entry ***end, const char *key, unsigned line)
{
    literal_entry *entry = tend_arena_take(reader->check->arena, sizeof *entry);

    if (!entry) {
        reader->is_out_of_memory = true;
        return NULL;
    }
    *entry = (literal_entry){ .key = key, .line = line };
    **end = entry;
    *end = &entry->next;
    return entry;
}

/* { "yes", "no" }: known when each of them is. */
static void end_list(literal_reader *reader, const literal *items, size_t count, literal *ret_list)
{
    tend_tree *trees = tend_arena_take(reader->check->arena, count * sizeof *trees);

    ret_list->is_table = false;
    ret_list->is_known = trees != NULL && count <= LIST_MAX;
    reader->is_out_of_memory |= trees == NULL;
    for (size_t i = 0; ret_list->is_known && i < count; i++) {
        trees[i] = items[i].tree;
        ret_list->is_known = items[i].is_known;
    }
    if (ret_list->is_known)
        ret_list->tree = (tend_tree){ .tag = TEND_TREE_LIST, .length = count, .items = trees };
}

/* From behind "{" to behind "}". */
static void take_table(literal_reader *reader, int depth, literal *ret_literal)
{
    literal_entry **end = &ret_literal->entries;
    literal items[LIST_MAX + 1];
    size_t count = 0;

    ret_literal->is_table = ret_literal->is_known = true;
    while (reader->at->sort != TEND_LUA_END && !is_sign(reader->at, "}") && reader->budget-- > 0) {
        const tend_lua_token *token = reader->at;
        literal_entry *entry = NULL;
        literal other = { .line = token->line };

        if (token->sort == TEND_LUA_NAME && is_sign(token + 1, "=") && !is_sign(token + 2, "=")) {
            entry = add_entry(reader, &end, token->text, token->line);
            reader->at += 2;
        } else if (is_sign(token, "[") && token[1].sort == TEND_LUA_TEXT && is_sign(token + 2, "]") && is_sign(token + 3, "=")) {
            entry = add_entry(reader, &end, token[1].text, token->line);
            reader->at += 4;
        }
        take_value(reader, depth + 1, entry ? &entry->value : &other);
        if (!entry && count <= LIST_MAX)
            items[count++] = other;
        if (!entry || !entry->value.is_known)
            ret_literal->is_known = false;
        ret_literal->has_computed_key |= !entry;
        if (is_sign(reader->at, ",") || is_sign(reader->at, ";"))
            reader->at++;
        else if (!is_sign(reader->at, "}"))
            break;
    }
    reader->at += reader->at->sort != TEND_LUA_END;
    if (count > 0 && !ret_literal->entries)
        end_list(reader, items, count, ret_literal);
}

/* The table as the engine would get it, keys in byte order; entries that are not known are left out. */
static void end_table(literal_reader *reader, literal *table)
{
    tend_tree_map map = { 0 };
    const char *last = "";

    for (bool is_more = true; is_more && map.count < TEND_TREE_BUILD;) {
        const literal_entry *next = NULL;

        for (const literal_entry *entry = table->entries; entry; entry = entry->next)
            if (entry->value.is_known && strcmp(entry->key, last) > 0 && (!next || strcmp(entry->key, next->key) < 0))
                next = entry;
        is_more = next != NULL;
        if (next) {
            last = next->key;
            tend_tree_add(&map, next->key, next->value.tree);
        }
    }
    if (tend_tree_end(&map, reader->check->arena, &table->tree) < 0)
        reader->is_out_of_memory = true;
}

static void take_value(literal_reader *reader, int depth, literal *ret_literal)
{
    ret_literal->line = reader->at->line;
    if (take_word(reader, ret_literal) || take_setting(reader, ret_literal))
        return;
    if (is_sign(reader->at, "{") && depth < DEPTH_MAX) {
        reader->at++;
        take_table(reader, depth, ret_literal);
        if (ret_literal->is_table)
            end_table(reader, ret_literal);
        if (ends_value(reader->at))
            return;
    }
    *ret_literal = (literal){ .line = ret_literal->line };
    skip_value(reader);
}

/* ---- what is said of it ------------------------------------------------------------------------------------------------ */

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

static void check_done(literal_reader *reader, const char *step, const literal_entry *entry)
{
    const char *near, *name = entry->value.tree.text;
    char reason[300];

    if (!entry->value.is_known || entry->value.tree.tag != TEND_TREE_TEXT || reader->has_computed_task)
        return;
    for (size_t i = 0; i < reader->task_count; i++)
        if (strcmp(reader->tasks[i], name) == 0)
            return;
    near = tend_near(name, reader->tasks);
    (void)snprintf(reason, sizeof reason, "done = '%.100s' names no task of this script%s%.100s%s", name,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    tell(reader, entry->line, "wait", step, reason);
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

        if (!value && is_rule(entry->key) && likely_rule(reader, &entry->value, &rule))
            value = &rule;
        if (tend_argument_check(context, verb, entry->key, value, &why) < 0) {
            tell_argument(reader, verb, step, entry, why.text);
            faults++;
        } else if (strcmp(verb, "set") == 0 && tend_argument_check_value(context, entry->key, value, &why) < 0) {
            tell_argument(reader, verb, step, entry, why.text);
            faults++;
        } else if ((strcmp(verb, "wait") == 0 || strcmp(verb, "part") == 0) && strcmp(entry->key, "done") == 0) {
            check_done(reader, step, entry);
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

    take_value(reader, 0, &name);
    return name.is_known && name.tree.tag == TEND_TREE_TEXT ? name.tree.text : NULL;
}

/* run:child("name", "playbook", { … }): what stands before the table counts as its entries. */
static void take_before(literal_reader *reader, const char *verb, literal *ret_table)
{
    literal_entry *first = NULL, **end = &first;
    const char *key;

    for (size_t i = 0; (key = tend_verb_before(verb, i)) != NULL; i++) {
        literal_entry *entry = add_entry(reader, &end, key, reader->at->line);

        if (!entry)
            return;
        take_value(reader, 0, &entry->value);
        if (is_sign(reader->at, ","))
            reader->at++;
    }
    *ret_table = (literal){ .is_table = true, .is_known = true, .line = reader->at->line };
    if (is_sign(reader->at, "{"))
        take_value(reader, 0, ret_table);
    else if (!is_sign(reader->at, ")"))
        ret_table->is_known = false;
    for (const literal_entry *entry = first; entry; entry = entry->next)
        ret_table->is_known &= entry->value.is_known;
    *end = ret_table->entries;
    ret_table->entries = first;
    end_table(reader, ret_table);
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

    take_value(reader, 0, &kpi);
    if (kpi.is_known && kpi.tree.tag == TEND_TREE_TEXT &&
        tend_argument_check_measure(reader->check->context, kpi.tree.text, &why) < 0)
        tell(reader, kpi.line, "measure", step, why.text);
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

    if (!(is_measure || tend_verb_known(verb)) || !is_sign(reader->at, ","))
        return;
    reader->at++;
    if (is_measure) {
        check_measure(reader, step);
        return;
    }
    if (tend_verb_before(verb, 0))
        take_before(reader, verb, &table);
    else if (is_sign(reader->at, "{"))
        take_value(reader, 0, &table);
    tell_given(reader, verb, line, &table);
    if (!table.is_table || check_entries(reader, verb, step, &table) > 0 || check_parts(reader, verb, step, &table) > 0)
        return;
    if (strcmp(verb, "sleep") == 0 && likely_rule(reader, &table, &rule) &&
        tend_rule_check(context->schema, context->subject, &rule, "sleep", &why) < 0)
        tell(reader, line, verb, step, why.text);
    request = (tend_request){ .verb = verb, .name = step ? step : "", .arguments = table.tree };
    if (table.is_known && step && strcmp(verb, "account") != 0 && strcmp(verb, "sleep") != 0 &&
        tend_effect_check(context->schema, context->subject, context->settings, &request, &why) < 0)
        reader->check->fault(reader->check->self, reader->file, line, line, why.text);
}

tend_status tend_settings_check_name(const tend_tree *settings, const char *name, tend_error *reterr)
{
    const char *names[TEND_SPEC_SETTINGS + 1] = { NULL }, *near;

    if (tend_tree_get(settings, name))
        return TEND_OK;
    for (size_t i = 0; settings->tag == TEND_TREE_MAP && i < settings->length && i < TEND_SPEC_SETTINGS; i++)
        names[i] = settings->keys[i];
    near = tend_near(name, names);
    return tend_fail(reterr, TEND_EINVAL, "run.settings.%s: the script declares no such setting%s%s%s", name,
                     near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
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

    if (of->sort != TEND_LUA_NAME || !is_sign(of + 1, ".") || field->sort != TEND_LUA_NAME || is_sign(field + 1, "("))
        return;
    (void)snprintf(path, sizeof path, "%.60s.%.80s", of->text, field->text);
    if (is_settings && tend_settings_check_name(context->settings, field->text, &why) < 0) {
        reader->check->fault(reader->check->self, reader->file, field->line, field->line, why.text);
    } else if ((tend_lua_is(of, "account") || tend_lua_is(of, context->subject->name)) &&
               tend_subject_check(context->schema, context->subject, path, &found, &why) < 0) {
        (void)snprintf(sentence, sizeof sentence, "run.%s: %.300s", path, why.text);
        reader->check->fault(reader->check->self, reader->file, field->line, field->line, sentence);
    }
}

/* The names of tasks, for `done`: escalate makes one too. */
static void find_tasks(literal_reader *reader, const tend_lua_token *tokens)
{
    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END; token++) {
        if (!is_sign(token, ":") || !(tend_lua_is(token + 1, "task") || tend_lua_is(token + 1, "escalate")))
            continue;
        if (is_sign(token + 2, "(") && token[3].sort == TEND_LUA_TEXT && is_sign(token + 4, ",") && reader->task_count < TASKS_MAX)
            reader->tasks[reader->task_count++] = token[3].text;
        else
            reader->has_computed_task = true;
    }
}

/* steps = function(NAME) */
static const char *find_run(const tend_lua_token *tokens)
{
    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END; token++)
        if (tend_lua_is(token, "steps") && is_sign(token + 1, "=") && tend_lua_is(token + 2, "function") &&
            is_sign(token + 3, "(") && token[4].sort == TEND_LUA_NAME)
            return token[4].text;
    return "run";
}

/* local NAME = run.settings */
static const char *find_settings(const tend_lua_token *tokens, const char *run)
{
    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END; token++) {
        const tend_lua_token *equals = token + 2;

        if (!tend_lua_is(token, "local") || token[1].sort != TEND_LUA_NAME)
            continue;
        while (is_sign(equals, ",") && equals[1].sort == TEND_LUA_NAME)
            equals += 2;
        if (is_sign(equals, "=") && tend_lua_is(equals + 1, run) && is_sign(equals + 2, ".") &&
            tend_lua_is(equals + 3, "settings") && !is_sign(equals + 4, ".") && !is_sign(equals + 4, "["))
            return token[1].text;
    }
    return NULL;
}

static void check_tokens(literal_reader *reader, const tend_lua_token *tokens)
{
    for (const tend_lua_token *token = tokens; token->sort != TEND_LUA_END && reader->budget > 0; token++) {
        bool is_member = token > tokens && (is_sign(token - 1, ":") || is_sign(token - 1, ".")) &&
                         !(token > tokens + 1 && is_sign(token - 1, ".") && is_sign(token - 2, ".")); /* ".." joins texts */
        bool is_run = token->sort == TEND_LUA_NAME && tend_lua_is(token, reader->run) && !is_member;

        if (!is_run)
            continue;
        if (is_sign(token + 1, ":") && token[2].sort == TEND_LUA_NAME && is_sign(token + 3, "(")) {
            reader->at = token + 4;
            reader->call = token->line;
            check_call(reader, token[2].text, token->line);
        } else if (is_sign(token + 1, ".")) {
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
        reader.run = find_run(tokens);
        reader.settings = find_settings(tokens, reader.run);
        find_tasks(&reader, tokens);
    }
    for (const tend_script *library = libraries; is_whole && library->file; library++) {
        of_library = tend_lua_tokens(library->text, check->arena);
        is_whole = of_library != NULL;
        if (is_whole)
            find_tasks(&reader, of_library);
    }
    if (is_whole) {
        reader.file = script->file;
        check_tokens(&reader, tokens);
    }
    return is_whole && !reader.is_out_of_memory ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
}
