#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DEPTH 64

typedef struct json_state {
    const char *at, *end;
    char *texts; /* where the next string goes */
    json_node *nodes;
    size_t node_count;
    const char *why;
} json_state;

static bool fail(json_state *state, const char *why)
{
    if (!state->why)
        state->why = why;
    return false;
}

static void skip_blanks(json_state *state)
{
    while (state->at < state->end && (*state->at == ' ' || *state->at == '\t' || *state->at == '\n' || *state->at == '\r'))
        state->at++;
}

static bool read_hex(json_state *state, unsigned *ret_code)
{
    unsigned code = 0;

    if (state->end - state->at < 4)
        return fail(state, "an escape is cut short");
    for (int i = 0; i < 4; i++) {
        char c = *state->at++;

        code *= 16;
        if (c >= '0' && c <= '9')
            code += (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            code += (unsigned)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            code += (unsigned)(c - 'A' + 10);
        else
            return fail(state, "\\u needs four hexadecimal digits");
    }
    *ret_code = code;
    return true;
}

static void put_code(json_state *state, unsigned code)
{
    char *to = state->texts;

    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        *to++ = (char)(0xE0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    } else {
        *to++ = (char)(0xF0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3F));
        *to++ = (char)(0x80 | (code >> 6 & 0x3F));
        *to++ = (char)(0x80 | (code & 0x3F));
    }
    state->texts = to;
}

static bool read_escape(json_state *state)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found;
    unsigned code, low;
    char c;

    if (state->at == state->end)
        return fail(state, "an escape is cut short");
    c = *state->at++;
    if (c != 'u') {
        found = c ? strchr(from, c) : NULL;
        if (!found)
            return fail(state, "an escape that does not exist");
        *state->texts++ = to[found - from];
        return true;
    }
    if (!read_hex(state, &code))
        return false;
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (state->end - state->at < 6 || state->at[0] != '\\' || state->at[1] != 'u')
            return fail(state, "half a surrogate pair");
        state->at += 2;
        if (!read_hex(state, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(state, "half a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
        return fail(state, "half a surrogate pair");
    }
    if (code == 0)
        return fail(state, "a text holds a NUL character");
    put_code(state, code);
    return true;
}

/* After the opening quote. Its result never is longer than what was written. */
static bool read_string(json_state *state, const char **ret_text, size_t *ret_length)
{
    const char *text = state->texts;

    for (;;) {
        unsigned char c;

        if (state->at == state->end)
            return fail(state, "a text is not closed");
        c = (unsigned char)*state->at++;
        if (c == '"')
            break;
        if (c < 0x20)
            return fail(state, "a control character stands in a text");
        if (c != '\\')
            *state->texts++ = (char)c;
        else if (!read_escape(state))
            return false;
    }
    *ret_text = text;
    *ret_length = (size_t)(state->texts - text);
    *state->texts++ = '\0';
    return true;
}

static size_t skip_digits(json_state *state)
{
    const char *from = state->at;

    while (state->at < state->end && *state->at >= '0' && *state->at <= '9')
        state->at++;
    return (size_t)(state->at - from);
}

static bool read_number(json_state *state)
{
    const char *digits;

    if (state->at < state->end && *state->at == '-')
        state->at++;
    digits = state->at;
    if (skip_digits(state) == 0 || (*digits == '0' && state->at - digits > 1))
        return fail(state, "a number is not written as JSON has it");
    if (state->at < state->end && *state->at == '.') {
        state->at++;
        if (skip_digits(state) == 0)
            return fail(state, "a number is not written as JSON has it");
    }
    if (state->at < state->end && (*state->at == 'e' || *state->at == 'E')) {
        state->at++;
        if (state->at < state->end && (*state->at == '+' || *state->at == '-'))
            state->at++;
        if (skip_digits(state) == 0)
            return fail(state, "a number is not written as JSON has it");
    }
    return true;
}

static bool read_word(json_state *state, const char *word, json_node *node, json_type type)
{
    size_t length = strlen(word);

    if ((size_t)(state->end - state->at) < length || memcmp(state->at, word, length) != 0)
        return fail(state, "something that is no JSON value");
    state->at += length;
    node->type = type;
    return true;
}

static bool read_value(json_state *state, int depth, json_node **ret_node);

static bool read_members(json_state *state, int depth, json_node *node)
{
    const bool is_object = *state->at == '{';
    const char close = is_object ? '}' : ']';
    json_node **link = &node->first;

    node->type = is_object ? JSON_OBJECT : JSON_ARRAY;
    if (depth == MOST_DEPTH)
        return fail(state, "more than 64 levels deep");
    state->at++;
    skip_blanks(state);
    if (state->at < state->end && *state->at == close) {
        state->at++;
        return true;
    }
    for (;;) {
        const char *key = NULL;
        size_t key_length = 0;

        skip_blanks(state);
        if (is_object) {
            if (state->at == state->end || *state->at++ != '"')
                return fail(state, "a key is missing");
            if (!read_string(state, &key, &key_length))
                return false;
            skip_blanks(state);
            if (state->at == state->end || *state->at++ != ':')
                return fail(state, "a colon is missing");
        }
        if (!read_value(state, depth + 1, link))
            return false;
        (*link)->key = key;
        (*link)->key_length = key_length;
        link = &(*link)->next;
        skip_blanks(state);
        if (state->at == state->end)
            return fail(state, "it ends too early");
        if (*state->at == close) {
            state->at++;
            return true;
        }
        if (*state->at++ != ',')
            return fail(state, "a comma is missing");
    }
}

static bool read_value(json_state *state, int depth, json_node **ret_node)
{
    json_node *node = &state->nodes[state->node_count++];
    const char *start;
    bool is_read;

    *node = (json_node){ 0 };
    *ret_node = node;
    skip_blanks(state);
    if (state->at == state->end)
        return fail(state, "it ends too early");
    start = state->at;
    switch (*state->at) {
    case '"':
        state->at++;
        node->type = JSON_STRING;
        return read_string(state, &node->text, &node->length);
    case '{':
    case '[':
        is_read = read_members(state, depth, node);
        break;
    case 't':
        is_read = read_word(state, "true", node, JSON_TRUE);
        break;
    case 'f':
        is_read = read_word(state, "false", node, JSON_FALSE);
        break;
    case 'n':
        is_read = read_word(state, "null", node, JSON_NULL);
        break;
    default:
        node->type = JSON_NUMBER;
        is_read = read_number(state);
        break;
    }
    node->text = start;
    node->length = (size_t)(state->at - start);
    return is_read;
}

/* Every value but the first has a comma, colon or bracket before it: that bounds the nodes before anything is read. */
static size_t most_nodes(const char *text, size_t length)
{
    size_t count = 2;

    for (size_t i = 0; i < length; i++)
        count += text[i] == ',' || text[i] == ':' || text[i] == '[' || text[i] == '{';
    return count;
}

const json_node *json_read(json_reader *reader, const char *text, size_t length, const char **ret_why)
{
    json_state state = { .at = text, .end = text + length };
    json_node *document;
    size_t nodes = most_nodes(text, length);

    *ret_why = "memory is used up";
    if (reader->text_room < length + 1) {
        char *larger = realloc(reader->texts, length + 1);

        if (!larger)
            return NULL;
        reader->texts = larger;
        reader->text_room = length + 1;
    }
    if (reader->node_room < nodes) {
        json_node *larger = realloc(reader->nodes, nodes * sizeof *larger);

        if (!larger)
            return NULL;
        reader->nodes = larger;
        reader->node_room = nodes;
    }
    state.texts = reader->texts;
    state.nodes = reader->nodes;
    if (!read_value(&state, 0, &document)) {
        *ret_why = state.why;
        return NULL;
    }
    skip_blanks(&state);
    if (state.at != state.end) {
        *ret_why = "more stands behind it";
        return NULL;
    }
    return document;
}

void json_reader_clear(json_reader *reader)
{
    free(reader->texts);
    free(reader->nodes);
    *reader = (json_reader){ 0 };
}

const json_node *json_member(const json_node *object, const char *key)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const json_node *member = object->first; member; member = member->next)
        if (strcmp(member->key, key) == 0)
            return member;
    return NULL;
}
