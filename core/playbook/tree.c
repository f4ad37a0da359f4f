#include "playbook/tree.h"

#include <string.h>

const tend_tree tend_tree_nil = { 0 };

tend_tree tend_tree_text(const char *text)
{
    if (!text)
        return tend_tree_nil;
    return (tend_tree){ .tag = TEND_TREE_TEXT, .text = text, .length = strlen(text) };
}

tend_tree tend_tree_int(int64_t number)
{
    return (tend_tree){ .tag = TEND_TREE_INT, .integer = number };
}

tend_tree tend_tree_bool(bool is_true)
{
    return (tend_tree){ .tag = is_true ? TEND_TREE_TRUE : TEND_TREE_FALSE };
}

void tend_tree_add(tend_tree_map *map, const char *key, tend_tree value)
{
    if (value.tag == TEND_TREE_NIL || map->count == TEND_TREE_BUILD)
        return;
    map->keys[map->count] = key;
    map->items[map->count++] = value;
}

tend_status tend_tree_end(const tend_tree_map *map, tend_arena *arena, tend_tree *ret_tree)
{
    const char **keys = tend_arena_take(arena, (map->count + 1) * sizeof *keys);
    tend_tree *items = tend_arena_take(arena, (map->count + 1) * sizeof *items);

    if (!keys || !items)
        return TEND_ENOMEM;
    memcpy(keys, map->keys, map->count * sizeof *keys);
    memcpy(items, map->items, map->count * sizeof *items);
    *ret_tree = (tend_tree){ .tag = TEND_TREE_MAP, .length = map->count, .items = items, .keys = keys };
    return TEND_OK;
}

const tend_tree *tend_tree_get(const tend_tree *map, const char *key)
{
    for (size_t i = 0; map && map->tag == TEND_TREE_MAP && i < map->length; i++)
        if (strcmp(map->keys[i], key) == 0)
            return &map->items[i];
    return NULL;
}

const char *tend_tree_string(const tend_tree *map, const char *key)
{
    const tend_tree *found = tend_tree_get(map, key);

    return found && found->tag == TEND_TREE_TEXT ? found->text : NULL;
}

int64_t tend_tree_number(const tend_tree *map, const char *key, int64_t otherwise)
{
    const tend_tree *found = tend_tree_get(map, key);

    return found && found->tag == TEND_TREE_INT ? found->integer : otherwise;
}

bool tend_tree_is(const tend_tree *map, const char *key)
{
    const tend_tree *found = tend_tree_get(map, key);

    return found && found->tag == TEND_TREE_TRUE;
}

/* Where nodes come from: a frame, or bytes of the store. */
typedef struct tree_source {
    tend_wire *wire; /* NULL: bytes */
    const unsigned char *at;
    size_t left;
    bool has_lied;
    tend_arena *arena;
    int nodes;
} tree_source;

static const unsigned char *take(tree_source *source, size_t bytes)
{
    const unsigned char *at = source->at;

    if (source->has_lied || bytes > source->left) {
        source->has_lied = true;
        return NULL;
    }
    source->at += bytes;
    source->left -= bytes;
    return at;
}

static uint64_t take_number(tree_source *source, size_t bytes)
{
    const unsigned char *at = take(source, bytes);
    uint64_t number = 0;

    for (size_t i = 0; at && i < bytes; i++)
        number |= (uint64_t)at[i] << (8 * i);
    return number;
}

static uint8_t take_u8(tree_source *source)
{
    return source->wire ? tend_wire_get_u8(source->wire) : (uint8_t)take_number(source, 1);
}

static uint32_t take_u32(tree_source *source)
{
    return source->wire ? tend_wire_get_u32(source->wire) : (uint32_t)take_number(source, 4);
}

static int64_t take_i64(tree_source *source)
{
    return source->wire ? tend_wire_get_i64(source->wire) : (int64_t)take_number(source, 8);
}

/* Copied to the arena. */
static const char *take_text(tree_source *source, size_t *ret_length)
{
    const char *text = "";
    size_t length = 0;
    const char *copy;

    if (source->wire) {
        text = tend_wire_get_text(source->wire, &length);
    } else {
        const unsigned char *at;

        length = take_u32(source);
        at = take(source, length + 1);
        if (at)
            text = (const char *)at;
        else
            length = 0;
    }
    copy = tend_arena_copy(source->arena, text, length);
    if (!copy)
        source->has_lied = true;
    *ret_length = length;
    return copy ? copy : "";
}

static tend_tree take_node(tree_source *source, int depth);

static void take_entries(tree_source *source, tend_tree *node, int depth)
{
    size_t count = take_u32(source), ignored;
    const char **keys;
    tend_tree *items;

    if (count > TEND_TREE_NODES || depth >= TEND_TREE_DEPTH) {
        source->has_lied = true;
        return;
    }
    keys = tend_arena_take(source->arena, (count + 1) * sizeof *keys);
    items = tend_arena_take(source->arena, (count + 1) * sizeof *items);
    if (!keys || !items) {
        source->has_lied = true;
        return;
    }
    for (size_t i = 0; i < count && !source->has_lied; i++) {
        if (node->tag == TEND_TREE_MAP)
            keys[i] = take_text(source, &ignored);
        items[i] = take_node(source, depth + 1);
        node->length = i + 1;
    }
    node->keys = node->tag == TEND_TREE_MAP ? keys : NULL;
    node->items = items;
}

static tend_tree take_node(tree_source *source, int depth)
{
    tend_tree node = { .tag = take_u8(source) };
    int64_t bits;

    if (++source->nodes > TEND_TREE_NODES)
        source->has_lied = true;
    switch (node.tag) {
    case TEND_TREE_NIL:
    case TEND_TREE_FALSE:
    case TEND_TREE_TRUE:
    case TEND_TREE_FUNCTION:
        break;
    case TEND_TREE_INT:
        node.integer = take_i64(source);
        break;
    case TEND_TREE_NUMBER:
        bits = take_i64(source);
        memcpy(&node.number, &bits, sizeof node.number);
        break;
    case TEND_TREE_TEXT:
        node.text = take_text(source, &node.length);
        break;
    case TEND_TREE_LIST:
    case TEND_TREE_MAP:
        take_entries(source, &node, depth);
        break;
    default:
        source->has_lied = true;
        break;
    }
    return source->has_lied ? tend_tree_nil : node;
}

tend_status tend_tree_read(tend_wire *wire, tend_arena *arena, tend_tree *ret_tree, tend_error *reterr)
{
    tree_source source = { .wire = wire, .arena = arena };
    tend_tree tree = take_node(&source, 0);

    if (source.has_lied)
        return tend_fail(reterr, TEND_ECORRUPT, "tend-sandbox: a value in a message breaks the protocol");
    *ret_tree = tree;
    return TEND_OK;
}

tend_status tend_tree_unpack(const void *bytes, size_t length, tend_arena *arena, tend_tree *ret_tree, tend_error *reterr)
{
    tree_source source = { .at = bytes, .left = length, .arena = arena };
    tend_tree tree = length > 0 ? take_node(&source, 0) : tend_tree_nil;

    if (source.has_lied || source.left > 0)
        return tend_fail(reterr, TEND_ECORRUPT, "steps: a recorded answer cannot be read");
    *ret_tree = tree;
    return TEND_OK;
}

static int64_t bits_of(double number)
{
    int64_t bits;

    memcpy(&bits, &number, sizeof bits);
    return bits;
}

void tend_tree_write(const tend_tree *tree, tend_wire *wire)
{
    tend_wire_put_u8(wire, tree->tag);
    if (tree->tag == TEND_TREE_INT)
        tend_wire_put_i64(wire, tree->integer);
    else if (tree->tag == TEND_TREE_NUMBER)
        tend_wire_put_i64(wire, bits_of(tree->number));
    else if (tree->tag == TEND_TREE_TEXT)
        tend_wire_put_text(wire, tree->text, tree->length);
    if (tree->tag != TEND_TREE_LIST && tree->tag != TEND_TREE_MAP)
        return;
    tend_wire_put_u32(wire, (uint32_t)tree->length);
    for (size_t i = 0; i < tree->length; i++) {
        if (tree->tag == TEND_TREE_MAP)
            tend_wire_put_string(wire, tree->keys[i]);
        tend_tree_write(&tree->items[i], wire);
    }
}

static void pack_number(uint64_t number, size_t bytes, tend_buffer *buffer)
{
    for (size_t i = 0; i < bytes; i++)
        tend_buffer_byte(buffer, (char)(unsigned char)(number >> (8 * i)));
}

static void pack_text(const char *text, size_t length, tend_buffer *buffer)
{
    pack_number(length, 4, buffer);
    tend_buffer_append(buffer, text, length);
    tend_buffer_byte(buffer, '\0');
}

void tend_tree_pack(const tend_tree *tree, tend_buffer *buffer)
{
    pack_number(tree->tag, 1, buffer);
    if (tree->tag == TEND_TREE_INT)
        pack_number((uint64_t)tree->integer, 8, buffer);
    else if (tree->tag == TEND_TREE_NUMBER)
        pack_number((uint64_t)bits_of(tree->number), 8, buffer);
    else if (tree->tag == TEND_TREE_TEXT)
        pack_text(tree->text, tree->length, buffer);
    if (tree->tag != TEND_TREE_LIST && tree->tag != TEND_TREE_MAP)
        return;
    pack_number(tree->length, 4, buffer);
    for (size_t i = 0; i < tree->length; i++) {
        if (tree->tag == TEND_TREE_MAP)
            pack_text(tree->keys[i], strlen(tree->keys[i]), buffer);
        tend_tree_pack(&tree->items[i], buffer);
    }
}

void tend_tree_json(const tend_tree *tree, tend_json *json)
{
    switch (tree->tag) {
    case TEND_TREE_FALSE:
    case TEND_TREE_TRUE:
        tend_json_bool(json, tree->tag == TEND_TREE_TRUE);
        break;
    case TEND_TREE_INT:
        tend_json_int(json, tree->integer);
        break;
    case TEND_TREE_NUMBER:
        tend_json_double(json, tree->number);
        break;
    case TEND_TREE_TEXT:
        tend_json_text(json, tree->text, tree->length);
        break;
    case TEND_TREE_LIST:
        tend_json_array(json);
        for (size_t i = 0; i < tree->length; i++)
            tend_tree_json(&tree->items[i], json);
        tend_json_array_end(json);
        break;
    case TEND_TREE_MAP:
        tend_json_object(json);
        for (size_t i = 0; i < tree->length; i++) {
            tend_json_key(json, tree->keys[i]);
            tend_tree_json(&tree->items[i], json);
        }
        tend_json_object_end(json);
        break;
    case TEND_TREE_FUNCTION:
        tend_json_string(json, "function");
        break;
    default:
        tend_json_null(json);
        break;
    }
}

const char *tend_tree_show(const tend_tree *tree, tend_arena *arena)
{
    tend_buffer buffer = { 0 };
    const char *text = NULL;
    tend_json json;

    tend_json_init(&json, &buffer, NULL, false);
    tend_tree_json(tree, &json);
    if (!buffer.failed)
        text = tend_arena_copy(arena, tend_buffer_string(&buffer), buffer.length);
    tend_buffer_clear(&buffer);
    return text;
}
