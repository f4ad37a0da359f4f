/* literal_value.c: words, numbers, tables and settings of a script, as far as they are known without running it. */
#include "playbook/literal_inside.h"

#include <string.h>

enum { DEPTH_MAX = 16, LIST_MAX = 32 };

static bool ends_value(const tend_lua_token *token)
{
    return token->sort == TEND_LUA_END || literal_is_sign(token, ",") || literal_is_sign(token, ";") ||
           literal_is_sign(token, "}") || literal_is_sign(token, ")");
}

/* Goes to the end of an expression: a comma or bracket that is not inside of it. */
static void skip_value(literal_reader *reader)
{
    int depth = 0;

    for (; reader->at->sort != TEND_LUA_END && reader->budget > 0; reader->at++, reader->budget--) {
        const tend_lua_token *token = reader->at;

        if (depth == 0 && ends_value(token))
            return;
        if (literal_is_sign(token, "(") || literal_is_sign(token, "{") || literal_is_sign(token, "[") ||
            tend_lua_is(token, "function") || tend_lua_is(token, "if") || tend_lua_is(token, "do") || tend_lua_is(token, "repeat"))
            depth++;
        else if (literal_is_sign(token, ")") || literal_is_sign(token, "}") || literal_is_sign(token, "]") ||
                 tend_lua_is(token, "end") || tend_lua_is(token, "until"))
            depth--;
    }
}

static bool take_word(literal_reader *reader, literal *ret_literal)
{
    const tend_lua_token *token = reader->at;
    bool is_negative = literal_is_sign(token, "-");

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

    if (tend_lua_is(at, reader->run) && literal_is_sign(at + 1, ".") && tend_lua_is(at + 2, "settings"))
        at += 2;
    else if (!reader->settings || !tend_lua_is(at, reader->settings))
        return false;
    if (!literal_is_sign(at + 1, ".") || at[2].sort != TEND_LUA_NAME || !ends_value(at + 3))
        return false;
    value = tend_tree_get(reader->check->context->settings, at[2].text);
    if (!value)
        return false;
    *ret_literal = (literal){ .is_known = true, .line = ret_literal->line, .setting = at[2].text, .tree = *value };
    reader->at = at + 3;
    return true;
}

literal_entry *literal_add_entry(literal_reader *reader, literal_entry ***end, const char *key, unsigned line)
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
    while (reader->at->sort != TEND_LUA_END && !literal_is_sign(reader->at, "}") && reader->budget-- > 0) {
        const tend_lua_token *token = reader->at;
        literal_entry *entry = NULL;
        literal other = { .line = token->line };

        if (token->sort == TEND_LUA_NAME && literal_is_sign(token + 1, "=") && !literal_is_sign(token + 2, "=")) {
            entry = literal_add_entry(reader, &end, token->text, token->line);
            reader->at += 2;
        } else if (literal_is_sign(token, "[") && token[1].sort == TEND_LUA_TEXT && literal_is_sign(token + 2, "]") &&
                   literal_is_sign(token + 3, "=")) {
            entry = literal_add_entry(reader, &end, token[1].text, token->line);
            reader->at += 4;
        }
        literal_take_value(reader, depth + 1, entry ? &entry->value : &other);
        if (!entry && count <= LIST_MAX)
            items[count++] = other;
        if (!entry || !entry->value.is_known)
            ret_literal->is_known = false;
        ret_literal->has_computed_key |= !entry;
        if (literal_is_sign(reader->at, ",") || literal_is_sign(reader->at, ";"))
            reader->at++;
        else if (!literal_is_sign(reader->at, "}"))
            break;
    }
    reader->at += reader->at->sort != TEND_LUA_END;
    if (count > 0 && !ret_literal->entries)
        end_list(reader, items, count, ret_literal);
}

void literal_end_table(literal_reader *reader, literal *table)
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

void literal_take_value(literal_reader *reader, int depth, literal *ret_literal)
{
    ret_literal->line = reader->at->line;
    if (take_word(reader, ret_literal) || take_setting(reader, ret_literal))
        return;
    if (literal_is_sign(reader->at, "{") && depth < DEPTH_MAX) {
        reader->at++;
        take_table(reader, depth, ret_literal);
        if (ret_literal->is_table)
            literal_end_table(reader, ret_literal);
        if (ends_value(reader->at))
            return;
    }
    *ret_literal = (literal){ .line = ret_literal->line };
    skip_value(reader);
}
