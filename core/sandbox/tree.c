#include "sandbox/sandbox.h"

#include "base/utf8.h"
#include <math.h>
#include <string.h>

typedef struct tree_writer {
    lua_State *lua;
    tend_wire *wire;
    const char *what;
    bool with_functions;
    int nodes;
} tree_writer;

static void put_node(tree_writer *writer, int index, int depth);

static void put_number(tree_writer *writer, int index)
{
    lua_Number number = lua_tonumber(writer->lua, index);
    int64_t bits;

    if (lua_isinteger(writer->lua, index)) {
        tend_wire_put_u8(writer->wire, TEND_TREE_INT);
        tend_wire_put_i64(writer->wire, lua_tointeger(writer->lua, index));
        return;
    }
    if (!isfinite(number))
        (void)luaL_error(writer->lua, "%s: a number is not finite", writer->what);
    memcpy(&bits, &number, sizeof bits);
    tend_wire_put_u8(writer->wire, TEND_TREE_NUMBER);
    tend_wire_put_i64(writer->wire, bits);
}

static void put_text(tree_writer *writer, int index)
{
    size_t length;
    const char *text = lua_tolstring(writer->lua, index, &length);

    if (length > TEND_TREE_TEXT_MAX)
        (void)luaL_error(writer->lua, "%s: a text has %d bytes or more", writer->what, TEND_TREE_TEXT_MAX);
    if (!tend_utf8_valid(text, length, NULL) || memchr(text, '\0', length))
        (void)luaL_error(writer->lua, "%s: a text is not UTF-8 or holds a NUL; save the script in UTF-8", writer->what);
    tend_wire_put_text(writer->wire, text, length);
}

/* How many entries it has when its keys are 1 … n, else 0. `keys` is the index of its sorted keys. */
static lua_Integer list_length(lua_State *lua, int keys)
{
    lua_Integer count = (lua_Integer)lua_rawlen(lua, keys);
    bool is_list;

    if (count == 0)
        return 0;
    lua_rawgeti(lua, keys, 1);
    lua_rawgeti(lua, keys, count);
    is_list = lua_isinteger(lua, -2) && lua_tointeger(lua, -2) == 1 && lua_isinteger(lua, -1) && lua_tointeger(lua, -1) == count;
    lua_pop(lua, 2);
    return is_list ? count : 0;
}

static void put_table(tree_writer *writer, int index, int depth)
{
    lua_State *lua = writer->lua;
    lua_Integer count, listed;
    int keys;

    if (depth >= TEND_TREE_DEPTH)
        (void)luaL_error(lua, "%s: tables stand more than %d deep", writer->what, TEND_TREE_DEPTH);
    sandbox_keys_push(lua, index);
    keys = lua_gettop(lua);
    count = (lua_Integer)lua_rawlen(lua, keys);
    listed = list_length(lua, keys);
    tend_wire_put_u8(writer->wire, listed > 0 ? TEND_TREE_LIST : TEND_TREE_MAP);
    tend_wire_put_u32(writer->wire, (uint32_t)count);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(lua, keys, i) != LUA_TSTRING && listed == 0)
            (void)luaL_error(lua, "%s: a key is not a text", writer->what);
        if (listed == 0)
            put_text(writer, -1);
        lua_rawget(lua, index);
        put_node(writer, lua_gettop(lua), depth + 1);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

static void put_node(tree_writer *writer, int index, int depth)
{
    lua_State *lua = writer->lua;

    if (++writer->nodes > TEND_TREE_NODES)
        (void)luaL_error(lua, "%s: more than %d values", writer->what, TEND_TREE_NODES);
    switch (lua_type(lua, index)) {
    case LUA_TNIL:
        tend_wire_put_u8(writer->wire, TEND_TREE_NIL);
        break;
    case LUA_TBOOLEAN:
        tend_wire_put_u8(writer->wire, lua_toboolean(lua, index) ? TEND_TREE_TRUE : TEND_TREE_FALSE);
        break;
    case LUA_TNUMBER:
        put_number(writer, index);
        break;
    case LUA_TSTRING:
        tend_wire_put_u8(writer->wire, TEND_TREE_TEXT);
        put_text(writer, index);
        break;
    case LUA_TTABLE:
        put_table(writer, index, depth);
        break;
    case LUA_TFUNCTION:
        if (writer->with_functions) {
            tend_wire_put_u8(writer->wire, TEND_TREE_FUNCTION);
            break;
        }
        /* fall through */
    default:
        (void)luaL_error(lua, "%s: a %s cannot be told; use texts, numbers, booleans and tables of them", writer->what,
                         luaL_typename(lua, index));
    }
}

void sandbox_tree_put(lua_State *lua, int index, tend_wire *wire, const char *what, bool with_functions)
{
    tree_writer writer = { .lua = lua, .wire = wire, .what = what, .with_functions = with_functions };

    put_node(&writer, lua_absindex(lua, index), 0);
}

static void push_node(lua_State *lua, tend_wire *wire, int depth)
{
    size_t length;
    const char *text;
    int64_t bits;
    double number;
    uint8_t tag = tend_wire_get_u8(wire);
    uint32_t count;

    luaL_checkstack(lua, 4, "too many nested tables");
    switch (tag) {
    case TEND_TREE_FALSE:
    case TEND_TREE_TRUE:
        lua_pushboolean(lua, tag == TEND_TREE_TRUE);
        return;
    case TEND_TREE_INT:
        lua_pushinteger(lua, tend_wire_get_i64(wire));
        return;
    case TEND_TREE_NUMBER:
        bits = tend_wire_get_i64(wire);
        memcpy(&number, &bits, sizeof number);
        lua_pushnumber(lua, number);
        return;
    case TEND_TREE_TEXT:
        text = tend_wire_get_text(wire, &length);
        lua_pushlstring(lua, text, length);
        return;
    case TEND_TREE_LIST:
    case TEND_TREE_MAP:
        break;
    default:
        lua_pushnil(lua);
        return;
    }
    count = tend_wire_get_u32(wire);
    lua_newtable(lua);
    for (uint32_t i = 0; i < count && i < TEND_TREE_NODES && depth < TEND_TREE_DEPTH; i++) {
        if (tag == TEND_TREE_LIST) {
            push_node(lua, wire, depth + 1);
            lua_rawseti(lua, -2, (lua_Integer)i + 1);
            continue;
        }
        text = tend_wire_get_text(wire, &length);
        lua_pushlstring(lua, text, length);
        push_node(lua, wire, depth + 1);
        lua_rawset(lua, -3);
    }
}

void sandbox_tree_push(lua_State *lua, tend_wire *wire)
{
    push_node(lua, wire, 0);
}
