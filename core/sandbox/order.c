#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>

/* A key of a table, with what it is sorted by. `text` is borrowed from the table. */
typedef struct table_key {
    int type;
    bool is_integer;
    lua_Integer integer;
    lua_Number number;
    const char *text;
    size_t length;
} table_key;

static int rank_of(int type)
{
    return type == LUA_TNUMBER ? 0 : type == LUA_TSTRING ? 1 : 2;
}

static int compare_keys(const void *left, const void *right)
{
    const table_key *a = left, *b = right;
    size_t shorter;
    int order;

    if (rank_of(a->type) != rank_of(b->type))
        return rank_of(a->type) - rank_of(b->type);
    if (a->type == LUA_TNUMBER) {
        if (a->is_integer && b->is_integer)
            return (a->integer > b->integer) - (a->integer < b->integer);
        return (a->number > b->number) - (a->number < b->number);
    }
    if (a->type == LUA_TBOOLEAN)
        return (a->integer > b->integer) - (a->integer < b->integer);
    shorter = a->length < b->length ? a->length : b->length;
    order = memcmp(a->text, b->text, shorter);
    return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static table_key read_key(lua_State *lua, int index)
{
    table_key key = { .type = lua_type(lua, index) };

    switch (key.type) {
    case LUA_TNUMBER:
        key.is_integer = lua_isinteger(lua, index);
        key.integer = lua_tointeger(lua, index);
        key.number = lua_tonumber(lua, index);
        break;
    case LUA_TSTRING:
        key.text = lua_tolstring(lua, index, &key.length);
        break;
    case LUA_TBOOLEAN:
        key.integer = lua_toboolean(lua, index);
        break;
    default:
        (void)luaL_error(lua, "a key of the table is a %s; only numbers, texts and booleans have an order",
                         lua_typename(lua, key.type));
    }
    return key;
}

static void push_key(lua_State *lua, const table_key *key)
{
    if (key->type == LUA_TSTRING)
        lua_pushlstring(lua, key->text, key->length);
    else if (key->type == LUA_TBOOLEAN)
        lua_pushboolean(lua, key->integer != 0);
    else if (key->is_integer)
        lua_pushinteger(lua, key->integer);
    else
        lua_pushnumber(lua, key->number);
}

void sandbox_keys_push(lua_State *lua, int index)
{
    size_t count = 0, filled = 0;
    table_key *keys;

    index = lua_absindex(lua, index);
    luaL_checkstack(lua, 6, "too many nested tables");
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1))
        count++;
    keys = lua_newuserdatauv(lua, (count > 0 ? count : 1) * sizeof *keys, 0);
    for (lua_pushnil(lua); lua_next(lua, index) != 0; lua_pop(lua, 1))
        keys[filled++] = read_key(lua, -2);
    qsort(keys, count, sizeof *keys, compare_keys);
    lua_createtable(lua, count < INT16_MAX ? (int)count : 0, 0);
    for (size_t i = 0; i < count; i++) {
        push_key(lua, &keys[i]);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_remove(lua, -2);
}

/* Upvalues: the table, its keys, how many were given out. A key that has gone since is left out. */
static int give_next(lua_State *lua)
{
    lua_Integer given = lua_tointeger(lua, lua_upvalueindex(3));

    for (;;) {
        lua_settop(lua, 0);
        if (lua_rawgeti(lua, lua_upvalueindex(2), ++given) == LUA_TNIL)
            return 1;
        lua_pushvalue(lua, 1);
        if (lua_rawget(lua, lua_upvalueindex(1)) != LUA_TNIL)
            break;
    }
    lua_pushinteger(lua, given);
    lua_replace(lua, lua_upvalueindex(3));
    return 2;
}

int sandbox_pairs(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_settop(lua, 1);
    sandbox_keys_push(lua, 1);
    lua_pushinteger(lua, 0);
    lua_pushcclosure(lua, give_next, 3);
    return 1;
}

int sandbox_next(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    if (!lua_isnoneornil(lua, 2))
        return luaL_error(lua, "next gives the first entry only; use pairs for the others");
    sandbox_keys_push(lua, 1);
    if (lua_rawgeti(lua, -1, 1) == LUA_TNIL)
        return 1;
    lua_pushvalue(lua, -1);
    lua_rawget(lua, 1);
    return 2;
}
