/* globals.c: what a script can name, built from nothing.
 *
 * Left out on purpose: load, loadstring, dofile, require, package, os, io, debug, coroutine, collectgarbage, xpcall (its handler
 * runs where no hook reaches), string.dump, math.randomseed, and every text that would show an address. */
#include "sandbox/sandbox.h"

#include <string.h>

static const char originals_key, pattern_key;

static const char *const base_names[] = { "assert", "error",  "getmetatable", "ipairs", "pcall",    "rawequal", "rawget",
                                          "rawlen", "rawset", "select",       "type",   "tonumber", NULL };
static const char *const string_names[] = { "byte", "char",     "find", "gmatch",  "gsub", "len",    "lower", "match",
                                            "pack", "packsize", "rep",  "reverse", "sub",  "unpack", "upper", NULL };

/* The libraries as Lua has them, out of reach of scripts. */
static void open_originals(lua_State *lua)
{
    static const luaL_Reg libraries[] = { { LUA_GNAME, luaopen_base },       { LUA_STRLIBNAME, luaopen_string },
                                          { LUA_TABLIBNAME, luaopen_table }, { LUA_MATHLIBNAME, luaopen_math },
                                          { LUA_UTF8LIBNAME, luaopen_utf8 }, { NULL, NULL } };

    lua_newtable(lua);
    for (const luaL_Reg *library = libraries; library->name; library++) {
        luaL_requiref(lua, library->name, library->func, 0);
        lua_setfield(lua, -2, library->name);
    }
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &originals_key);
}

const char *sandbox_text(lua_State *lua, int index, size_t *ret_length)
{
    index = lua_absindex(lua, index);
    switch (lua_type(lua, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
        lua_pushvalue(lua, index);
        break;
    case LUA_TBOOLEAN:
        lua_pushstring(lua, lua_toboolean(lua, index) ? "true" : "false");
        break;
    default:
        if (luaL_callmeta(lua, index, "__tostring")) {
            if (!lua_isstring(lua, -1))
                (void)luaL_error(lua, "'__tostring' must return a text");
        } else {
            lua_pushstring(lua, luaL_typename(lua, index));
        }
    }
    return lua_tolstring(lua, -1, ret_length);
}

static int to_text(lua_State *lua)
{
    luaL_checkany(lua, 1);
    (void)sandbox_text(lua, 1, NULL);
    return 1;
}

/* Upvalue: the original string.format. */
static int format(lua_State *lua)
{
    const char *at = luaL_checkstring(lua, 1);
    int count = lua_gettop(lua);

    while ((at = strchr(at, '%')) != NULL) {
        at += 1 + strspn(at + 1, "-+ #0123456789.");
        if (*at == 'p')
            return luaL_error(lua, "string.format: %%p shows an address; there are none here");
        if (*at != '\0')
            at++;
    }
    for (int i = 2; i <= count; i++) {
        if (lua_type(lua, i) <= LUA_TBOOLEAN || lua_type(lua, i) == LUA_TNUMBER || lua_type(lua, i) == LUA_TSTRING)
            continue;
        (void)sandbox_text(lua, i, NULL);
        lua_replace(lua, i);
    }
    lua_pushvalue(lua, lua_upvalueindex(1));
    lua_insert(lua, 1);
    lua_call(lua, count, 1);
    return 1;
}

static int set_metatable(lua_State *lua)
{
    static const char *const refused[] = { "__gc", "__mode", "__close" };

    luaL_checktype(lua, 1, LUA_TTABLE);
    if (!lua_isnil(lua, 2))
        luaL_checktype(lua, 2, LUA_TTABLE);
    lua_settop(lua, 2);
    if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL)
        return luaL_error(lua, "setmetatable: this table is protected");
    for (size_t i = 0; lua_istable(lua, 2) && i < sizeof refused / sizeof *refused; i++) {
        lua_pushstring(lua, refused[i]);
        if (lua_rawget(lua, 2) != LUA_TNIL)
            return luaL_error(lua, "setmetatable: %s is not allowed here", refused[i]);
        lua_pop(lua, 1);
    }
    lua_setmetatable(lua, 1);
    return 1;
}

static int print(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    int count = lua_gettop(lua);
    lua_Debug activation;
    luaL_Buffer line;
    size_t length;
    const char *text;

    if (++slot->move.logs > TEND_SANDBOX_LOGS_MAX)
        return luaL_error(lua, "print: more than %d lines in one move", TEND_SANDBOX_LOGS_MAX);
    luaL_buffinit(lua, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&line, '\t');
        (void)sandbox_text(lua, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    text = lua_tolstring(lua, -1, &length);
    activation.currentline = 0;
    if (lua_getstack(lua, 1, &activation))
        (void)lua_getinfo(lua, "l", &activation);
    tend_wire_start(slot->wire, TEND_SANDBOX_LOG);
    tend_wire_put_u32(slot->wire, activation.currentline > 0 ? (uint32_t)activation.currentline : 0);
    tend_wire_put_text(slot->wire, text, length < TEND_SANDBOX_FAULT_MAX ? length : TEND_SANDBOX_FAULT_MAX);
    if (tend_wire_send(slot->wire, -1, NULL) < 0)
        sandbox_leave();
    return 0;
}

/* Copies `names`, or all when NULL, from the original library to the table on top. */
static void copy_functions(lua_State *lua, const char *library, const char *const *names)
{
    int target = lua_gettop(lua);

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &originals_key);
    lua_getfield(lua, -1, library);
    for (size_t i = 0; names && names[i]; i++) {
        lua_getfield(lua, -1, names[i]);
        lua_setfield(lua, target, names[i]);
    }
    for (lua_pushnil(lua); !names && lua_next(lua, -2) != 0;) {
        lua_pushvalue(lua, -2);
        lua_insert(lua, -2);
        lua_rawset(lua, target);
    }
    lua_settop(lua, target);
}

static void push_string_library(lua_State *lua)
{
    lua_newtable(lua);
    copy_functions(lua, LUA_STRLIBNAME, string_names);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &originals_key);
    lua_getfield(lua, -1, LUA_STRLIBNAME);
    lua_getfield(lua, -1, "format");
    lua_pushcclosure(lua, format, 1);
    lua_setfield(lua, -4, "format");
    lua_pop(lua, 2);
}

/* The table of globals as it is for a script, entry by entry. */
static void push_pattern(lua_State *lua)
{
    static const luaL_Reg own[] = { { "next", sandbox_next },          { "pairs", sandbox_pairs }, { "print", print },
                                    { "setmetatable", set_metatable }, { "tostring", to_text },    { NULL, NULL } };

    lua_newtable(lua);
    copy_functions(lua, LUA_GNAME, base_names);
    luaL_setfuncs(lua, own, 0);
    push_string_library(lua);
    lua_setfield(lua, -2, LUA_STRLIBNAME);
    lua_newtable(lua);
    copy_functions(lua, LUA_TABLIBNAME, NULL);
    lua_setfield(lua, -2, LUA_TABLIBNAME);
    lua_newtable(lua);
    copy_functions(lua, LUA_MATHLIBNAME, NULL);
    lua_pushnil(lua);
    lua_setfield(lua, -2, "randomseed");
    lua_setfield(lua, -2, LUA_MATHLIBNAME);
    lua_newtable(lua);
    copy_functions(lua, LUA_UTF8LIBNAME, NULL);
    lua_setfield(lua, -2, LUA_UTF8LIBNAME);
}

/* Whether the text could name the global: `load` is not there, so a name that is written nowhere is reached through _ENV alone. */
static bool may_name(const char *text, size_t length, const char *name)
{
    return memmem(text, length, name, strlen(name)) || memmem(text, length, "_ENV", 4);
}

/* Pushes an expression that makes a table like that at `table`; what stands in it is appended to the list as v1, v2 and so on.
 * `text` NULL: with all of it. */
static void push_expression(lua_State *lua, int table, int list, const char *text, size_t length)
{
    int made = lua_gettop(lua) + 1;

    luaL_checkstack(lua, 6, NULL);
    lua_pushliteral(lua, "{");
    for (lua_pushnil(lua); lua_next(lua, table) != 0; lua_settop(lua, made + 1)) {
        const char *name = lua_tostring(lua, made + 1);

        if (text && !may_name(text, length, name))
            continue;
        if (lua_istable(lua, -1)) {
            push_expression(lua, made + 2, list, NULL, 0);
            lua_pushfstring(lua, "%s%s=%s,", lua_tostring(lua, made), name, lua_tostring(lua, -1));
        } else {
            lua_pushvalue(lua, -1);
            lua_rawseti(lua, list, (lua_Integer)lua_rawlen(lua, list) + 1);
            lua_pushfstring(lua, "%s%s=v%d,", lua_tostring(lua, made), name, (int)lua_rawlen(lua, list));
        }
        lua_replace(lua, made);
    }
    lua_pushfstring(lua, "%s}", lua_tostring(lua, made));
    lua_replace(lua, made);
}

void sandbox_globals_maker_push(lua_State *lua, const char *text, size_t length)
{
    int list = lua_gettop(lua) + 1, count;

    lua_newtable(lua);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &pattern_key);
    push_expression(lua, list + 1, list, text, length);
    count = (int)lua_rawlen(lua, list);
    lua_pushliteral(lua, "local v0");
    for (int i = 1; i <= count; i++) {
        lua_pushfstring(lua, "%s,v%d", lua_tostring(lua, -1), i);
        lua_remove(lua, -2);
    }
    lua_pushfstring(lua, "%s = ... return function() return %s end", lua_tostring(lua, -1), lua_tostring(lua, list + 2));
    if (luaL_loadbufferx(lua, lua_tostring(lua, -1), lua_rawlen(lua, -1), "=globals", "t") != LUA_OK)
        (void)lua_error(lua);
    luaL_checkstack(lua, count + 1, NULL);
    for (int i = 0; i <= count; i++)
        lua_rawgeti(lua, list, i);
    lua_call(lua, count + 1, 1);
    lua_replace(lua, list);
    lua_settop(lua, list);
}

void sandbox_globals_prepare(lua_State *lua)
{
    open_originals(lua);
    push_pattern(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &pattern_key);
    lua_pushliteral(lua, "");
    if (lua_getmetatable(lua, -1)) {
        push_string_library(lua);
        lua_setfield(lua, -2, "__index");
        lua_pushliteral(lua, "protected");
        lua_setfield(lua, -2, "__metatable");
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

void sandbox_random_seed(lua_State *lua, int64_t run)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &originals_key);
    lua_getfield(lua, -1, LUA_MATHLIBNAME);
    lua_getfield(lua, -1, "randomseed");
    lua_pushinteger(lua, run);
    lua_pushinteger(lua, 0);
    lua_call(lua, 2, 0);
    lua_pop(lua, 2);
}
