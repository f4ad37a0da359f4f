#include "model/filter_internal.h"

#include "base/utf8.h"
#include <string.h>
#include <strings.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_word_ascii(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
}

/* Letters beyond ASCII; blanks, quotes and punctuation of other scripts are not meant as part of a word. */
static bool is_word_code(uint32_t code)
{
    if (code < 0xC0)
        return code == 0xAA || code == 0xB5 || code == 0xBA;
    if (code == 0xD7 || code == 0xF7)
        return false;
    if (code >= 0x2000 && code <= 0x206F)
        return code == 0x200C || code == 0x200D; /* joiners inside words */
    if (code >= 0x3000 && code <= 0x303F)
        return code >= 0x3005 && code <= 0x3007;
    return !(code >= 0xFF00 && code <= 0xFF0F) && !(code >= 0xE000 && code <= 0xF8FF) && code != 0xFEFF;
}

/* Bytes of the word's next character at `at`, 0 when the word ends there. */
static size_t word_step(const filter_lexer *lexer, size_t at)
{
    uint32_t code = 0;
    size_t bytes;

    if (at >= lexer->length)
        return 0;
    if ((unsigned char)lexer->text[at] < 0x80)
        return is_word_ascii(lexer->text[at]) ? 1 : 0;
    bytes = tend_utf8_next(lexer->text + at, lexer->length - at, &code);
    return is_word_code(code) ? bytes : 0;
}

static size_t word_end(const filter_lexer *lexer, size_t at)
{
    for (;;) {
        size_t step = word_step(lexer, at);

        if (step == 0 && at < lexer->length && (lexer->text[at] == '-' || lexer->text[at] == '.') && word_step(lexer, at + 1) > 0)
            step = 1;
        if (step == 0)
            return at;
        at += step;
    }
}

tend_status filter_fail(const filter_lexer *lexer, const filter_token *token, tend_error *reterr, const char *format, ...)
{
    char sentence[768];
    va_list arguments;
    int shown;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (token->kind == TOKEN_END)
        return tend_fail(reterr, TEND_EINVAL, "%s: at the end: %s", lexer->place, sentence);
    shown = token->end - token->at > 60 ? 60 : (int)(token->end - token->at);
    while (shown > 0 && ((unsigned char)lexer->text[token->at + (size_t)shown] & 0xC0) == 0x80)
        shown--;
    return tend_fail(reterr, TEND_EINVAL, "%s: at '%.*s': %s", lexer->place, shown, lexer->text + token->at, sentence);
}

bool filter_token_is(const filter_token *token, const char *keyword)
{
    return token->kind == TOKEN_WORD && strlen(keyword) == token->length && strncasecmp(token->text, keyword, token->length) == 0;
}

static tend_status lex_quoted(filter_lexer *lexer, filter_token *token, tend_error *reterr)
{
    size_t at = lexer->at + 1;
    char *text = tend_arena_take(lexer->arena, lexer->length - lexer->at + 1);
    size_t length = 0;

    if (!text)
        return TEND_ENOMEM;
    for (; at < lexer->length && lexer->text[at] != '"'; at++) {
        char byte = lexer->text[at];

        if (byte == '\\') {
            byte = at + 1 < lexer->length ? lexer->text[++at] : '\0';
            if (byte != '"' && byte != '\\') {
                token->end = at < lexer->length ? at : lexer->length;
                return filter_fail(lexer, token, reterr, "a backslash in quotes stands before \" or \\ only; write \\\\");
            }
        }
        text[length++] = byte;
    }
    token->end = at;
    if (at >= lexer->length)
        return filter_fail(lexer, token, reterr, "the quote is never closed; write \" after the text");
    token->kind = TOKEN_QUOTED;
    token->end = at + 1;
    token->text = text;
    token->length = length;
    return TEND_OK;
}

static filter_sign sign_at(const filter_lexer *lexer, size_t at, size_t *ret_length)
{
    bool has_equals = at + 1 < lexer->length && lexer->text[at + 1] == '=';

    *ret_length = 1;
    switch (lexer->text[at]) {
    case '=':
        return SIGN_EQ;
    case '!':
        *ret_length = 2;
        return has_equals ? SIGN_NE : SIGN_NONE;
    case '<':
        *ret_length = has_equals ? 2 : 1;
        return has_equals ? SIGN_LE : SIGN_LT;
    case '>':
        *ret_length = has_equals ? 2 : 1;
        return has_equals ? SIGN_GE : SIGN_GT;
    case '(':
        return SIGN_OPEN;
    case ')':
        return SIGN_CLOSE;
    case ',':
        return SIGN_COMMA;
    case '+':
        return SIGN_PLUS;
    case '-':
        return SIGN_MINUS;
    default:
        return SIGN_NONE;
    }
}

tend_status filter_lex(filter_lexer *lexer, filter_token *ret_token, tend_error *reterr)
{
    filter_token token = { 0 };
    tend_status status = TEND_OK;
    size_t length = 0;

    while (lexer->at < lexer->length && is_blank(lexer->text[lexer->at]))
        lexer->at++;
    token.at = token.end = lexer->at;
    if (lexer->at >= lexer->length) {
        token.kind = TOKEN_END;
    } else if (lexer->text[lexer->at] == '"') {
        status = lex_quoted(lexer, &token, reterr);
    } else if (lexer->text[lexer->at] == '#') {
        token.end++;
        while (token.end < lexer->length && lexer->text[token.end] >= '0' && lexer->text[token.end] <= '9')
            token.end++;
        token.kind = TOKEN_ID;
        token.text = lexer->text + token.at + 1;
        token.length = token.end - token.at - 1;
        if (token.length == 0 || token.length > 18 || word_step(lexer, token.end) > 0)
            status = filter_fail(lexer, &token, reterr, "after # stands the number of a row; write #17");
    } else if (word_step(lexer, lexer->at) > 0) {
        token.kind = TOKEN_WORD;
        token.end = word_end(lexer, lexer->at);
        token.text = lexer->text + token.at;
        token.length = token.end - token.at;
    } else {
        token.sign = sign_at(lexer, lexer->at, &length);
        token.kind = TOKEN_SIGN;
        token.end += length;
        if (token.sign == SIGN_EQ && token.end < lexer->length && lexer->text[token.end] == '=') {
            token.end++;
            status = filter_fail(lexer, &token, reterr, "two signs where one compares; write = once");
        } else if (token.sign == SIGN_NONE) {
            uint32_t code = 0;

            token.end = token.at + tend_utf8_next(lexer->text + token.at, lexer->length - token.at, &code);
            status = filter_fail(lexer, &token, reterr, "not a sign of the filter language; write texts in \"quotes\"");
        }
    }
    lexer->at = token.end;
    if (status == TEND_OK)
        *ret_token = token;
    return status;
}
