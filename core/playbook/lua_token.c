#include "playbook/lua_token.h"

#include "base/buffer.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct lua_lexer {
    const char *at;
    unsigned line;
    tend_arena *arena;
    tend_lua_token *tokens;
    size_t count, room;
    bool is_broken;
} lua_lexer;

static tend_lua_token *add(lua_lexer *lexer, tend_lua_sort sort)
{
    if (lexer->count == lexer->room) {
        size_t room = lexer->room ? lexer->room * 2 : 256;
        tend_lua_token *larger = tend_arena_take(lexer->arena, room * sizeof *larger);

        if (!larger)
            return NULL;
        if (lexer->count > 0)
            memcpy(larger, lexer->tokens, lexer->count * sizeof *larger);
        lexer->tokens = larger;
        lexer->room = room;
    }
    lexer->tokens[lexer->count] = (tend_lua_token){ .sort = sort, .text = "", .line = lexer->line };
    return &lexer->tokens[lexer->count++];
}

/* After "[", the number of "=" when "[==[" begins here; -1 otherwise. */
static int long_bracket(const char *at)
{
    int level = 0;

    if (*at++ != '[')
        return -1;
    while (at[level] == '=')
        level++;
    return at[level] == '[' ? level : -1;
}

/* What stands in "[==[ … ]==]"; the lexer goes on behind it. */
static const char *take_long(lua_lexer *lexer, int level)
{
    const char *start = lexer->at + level + 2, *end;
    char close[64];

    if (level > 60) {
        lexer->is_broken = true;
        return "";
    }
    close[0] = ']';
    memset(close + 1, '=', (size_t)level);
    memcpy(close + 1 + level, "]", 2);
    end = strstr(start, close);
    if (!end) {
        lexer->is_broken = true;
        return "";
    }
    if (*start == '\n') {
        lexer->line++;
        start++;
    }
    for (const char *at = start; at < end; at++)
        lexer->line += *at == '\n';
    lexer->at = end + level + 2;
    return tend_arena_copy(lexer->arena, start, (size_t)(end - start));
}

static void skip_comment(lua_lexer *lexer)
{
    int level;

    lexer->at += 2;
    level = long_bracket(lexer->at);
    if (level >= 0)
        (void)take_long(lexer, level);
    else
        lexer->at += strcspn(lexer->at, "\n");
}

/* Escapes of digits and code points are of no use for what is looked at: they are left out. */
static const char *take_quoted(lua_lexer *lexer)
{
    static const char letters[] = "nrtabfv", values[] = "\n\r\t\a\b\f\v";
    char quote = *lexer->at++;
    tend_buffer buffer = { 0 };
    const char *text;

    while (*lexer->at && *lexer->at != quote && *lexer->at != '\n') {
        const char *letter;

        if (*lexer->at != '\\') {
            tend_buffer_byte(&buffer, *lexer->at++);
            continue;
        }
        lexer->at++;
        letter = *lexer->at ? strchr(letters, *lexer->at) : NULL;
        if (letter)
            tend_buffer_byte(&buffer, values[letter - letters]);
        else if (*lexer->at && strchr("\\\"'\n", *lexer->at))
            tend_buffer_byte(&buffer, *lexer->at);
        lexer->line += *lexer->at == '\n';
        lexer->at += *lexer->at != '\0';
    }
    lexer->is_broken |= *lexer->at != quote;
    lexer->at += *lexer->at == quote;
    text = buffer.failed ? NULL : tend_arena_string(lexer->arena, tend_buffer_string(&buffer));
    tend_buffer_clear(&buffer);
    return text;
}

static bool take_number(lua_lexer *lexer)
{
    tend_lua_token *token = add(lexer, TEND_LUA_INT);
    char *end_of_int, *end_of_float;

    if (!token)
        return false;
    errno = 0;
    token->integer = strtoll(lexer->at, &end_of_int, lexer->at[0] == '0' && (lexer->at[1] | 32) == 'x' ? 16 : 10);
    token->number = strtod(lexer->at, &end_of_float);
    if (end_of_float > end_of_int || errno != 0)
        token->sort = TEND_LUA_FLOAT;
    lexer->at = end_of_float > end_of_int ? end_of_float : end_of_int;
    return true;
}

static bool take_token(lua_lexer *lexer)
{
    int level = long_bracket(lexer->at);
    tend_lua_token *token;
    size_t length;

    if (isdigit((unsigned char)*lexer->at))
        return take_number(lexer);
    if (isalpha((unsigned char)*lexer->at) || *lexer->at == '_') {
        token = add(lexer, TEND_LUA_NAME);
        length = strspn(lexer->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
        if (token)
            token->text = tend_arena_copy(lexer->arena, lexer->at, length);
        lexer->at += length;
    } else if (*lexer->at == '"' || *lexer->at == '\'' || level >= 0) {
        token = add(lexer, TEND_LUA_TEXT);
        if (token)
            token->text = level >= 0 ? take_long(lexer, level) : take_quoted(lexer);
    } else {
        token = add(lexer, TEND_LUA_SIGN);
        if (token)
            token->text = tend_arena_copy(lexer->arena, lexer->at, 1);
        lexer->at++;
    }
    return token && token->text;
}

const tend_lua_token *tend_lua_tokens(const char *text, tend_arena *arena)
{
    lua_lexer lexer = { .at = text, .line = 1, .arena = arena };

    while (*lexer.at && !lexer.is_broken) {
        size_t from = (size_t)(lexer.at - text), count = lexer.count;

        if (isspace((unsigned char)*lexer.at)) {
            lexer.line += *lexer.at == '\n';
            lexer.at++;
        } else if (strncmp(lexer.at, "--", 2) == 0) {
            skip_comment(&lexer);
        } else if (!take_token(&lexer)) {
            return NULL;
        }
        if (lexer.count > count) {
            lexer.tokens[count].from = from;
            lexer.tokens[count].to = (size_t)(lexer.at - text);
        }
    }
    return add(&lexer, TEND_LUA_END) ? lexer.tokens : NULL;
}

bool tend_lua_is(const tend_lua_token *token, const char *word)
{
    return (token->sort == TEND_LUA_NAME || token->sort == TEND_LUA_SIGN) && strcmp(token->text, word) == 0;
}
