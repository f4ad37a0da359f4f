/* trial.c: files of tests. The file names its tests; each is run with the file read anew, over a world that tend has. */
#include "sandbox/sandbox.h"

#include "base/utf8.h"
#include <string.h>

static const char tests_key, names_key;

/* test("what it claims", function(world) … end) */
static int take_test(lua_State *lua)
{
    size_t length;
    const char *name;
    lua_Integer count;

    if (lua_type(lua, 1) != LUA_TSTRING || lua_type(lua, 2) != LUA_TFUNCTION)
        return luaL_error(lua, "test: write test(\"what it claims\", function(world) … end)");
    name = lua_tolstring(lua, 1, &length);
    if (length == 0 || length > 200 || strlen(name) != length || strpbrk(name, "\r\n") || !tend_utf8_valid(name, length, NULL))
        return luaL_error(lua, "test: its name is one line of 1 to 200 bytes");
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &names_key);
    lua_pushvalue(lua, 1);
    if (lua_rawget(lua, -2) != LUA_TNIL)
        return luaL_error(lua, "test '%s' is there twice; give each test its own name", name);
    lua_pop(lua, 1);
    lua_pushvalue(lua, 1);
    lua_pushboolean(lua, 1);
    lua_rawset(lua, -3);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
    count = (lua_Integer)lua_rawlen(lua, -1);
    if (count == TEND_SANDBOX_TESTS_MAX)
        return luaL_error(lua, "test: more than %d tests in one file", TEND_SANDBOX_TESTS_MAX);
    lua_createtable(lua, 0, 3);
    lua_pushvalue(lua, 1);
    lua_setfield(lua, -2, "name");
    lua_pushvalue(lua, 2);
    lua_setfield(lua, -2, "body");
    lua_pushinteger(lua, sandbox_line(lua));
    lua_setfield(lua, -2, "line");
    lua_rawseti(lua, -2, count + 1);
    return 0;
}

/* Reads the file anew; leaves its tests on the stack. */
static void push_tests(lua_State *lua)
{
    static const luaL_Reg of_tests[] = { { "test", take_test }, { NULL, NULL } };

    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &tests_key);
    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &names_key);
    sandbox_main_run(lua, of_tests);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
}

static int load_inside(lua_State *lua)
{
    tend_wire *wire = sandbox_slot_of(lua)->wire;
    lua_Integer count;

    sandbox_chunks_take(lua);
    sandbox_random_seed(lua, 0);
    push_tests(lua);
    count = (lua_Integer)lua_rawlen(lua, -1);
    tend_wire_start(wire, TEND_SANDBOX_LISTED);
    tend_wire_put_u32(wire, (uint32_t)count);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(lua, -1, i);
        lua_getfield(lua, -1, "name");
        tend_wire_put_string(wire, lua_tostring(lua, -1));
        lua_getfield(lua, -2, "line");
        tend_wire_put_u32(wire, (uint32_t)lua_tointeger(lua, -1));
        lua_pop(lua, 3);
    }
    return 0;
}

tend_status sandbox_tests_load(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr)
{
    return sandbox_slot_call(slot, load_inside, deadline_ms, reterr);
}

/* world:VERB(…). Upvalues: the verb, the world. */
static int call_world(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    const char *verb = lua_tostring(lua, lua_upvalueindex(1));
    int count = lua_gettop(lua);
    uint16_t type;

    if (count == 0 || !lua_rawequal(lua, 1, lua_upvalueindex(2)))
        return luaL_error(lua, "write world:%s(…), with a colon", verb);
    tend_wire_start(slot->wire, TEND_SANDBOX_CALL);
    tend_wire_put_string(slot->wire, verb);
    tend_wire_put_u32(slot->wire, sandbox_line(lua));
    tend_wire_put_u32(slot->wire, (uint32_t)count - 1);
    for (int i = 2; i <= count; i++)
        sandbox_tree_put(lua, i, slot->wire, verb, false);
    if (tend_wire_send(slot->wire, -1, NULL) < 0 || tend_wire_receive(slot->wire, -1, &type, NULL, NULL) < 0 ||
        type != TEND_SANDBOX_ANSWER)
        sandbox_leave();
    if (tend_wire_get_u8(slot->wire) != 0)
        return luaL_error(lua, "%s", tend_wire_get_text(slot->wire, NULL));
    sandbox_tree_push(lua, slot->wire);
    if (tend_wire_done(slot->wire, NULL) < 0)
        sandbox_leave();
    return 1;
}

static int index_world(lua_State *lua)
{
    if (lua_type(lua, 2) != LUA_TSTRING || lua_rawlen(lua, 2) == 0 || lua_rawlen(lua, 2) > 64)
        return luaL_error(lua, "world has nothing under such a key");
    lua_settop(lua, 2);
    lua_insert(lua, 1);
    lua_pushcclosure(lua, call_world, 2);
    return 1;
}

static int refuse_change(lua_State *lua)
{
    return luaL_error(lua, "world cannot be changed in this way; write world:set(row, field, value)");
}

static void push_world(lua_State *lua)
{
    lua_newtable(lua);
    lua_createtable(lua, 0, 3);
    lua_pushcfunction(lua, index_world);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_change);
    lua_setfield(lua, -2, "__newindex");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
}

static int run_inside(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    uint32_t which = tend_wire_get_u32(slot->wire);

    if (tend_wire_done(slot->wire, NULL) < 0)
        sandbox_leave();
    sandbox_random_seed(lua, which);
    push_tests(lua);
    if (lua_rawgeti(lua, -1, (lua_Integer)which + 1) != LUA_TTABLE)
        return luaL_error(lua, "there is no test number %d", (int)which);
    lua_getfield(lua, -1, "body");
    push_world(lua);
    lua_call(lua, 1, 0);
    tend_wire_start(slot->wire, TEND_SANDBOX_ENDED);
    tend_wire_put_string(slot->wire, "");
    return 0;
}

tend_status sandbox_test_run(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr)
{
    return sandbox_slot_call(slot, run_inside, deadline_ms, reterr);
}
