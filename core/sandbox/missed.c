/* missed.c: what a script is given, when it is checked: a table tells when it is asked for a field that it does not have. */
#include "sandbox/sandbox.h"

#include <string.h>

enum { MISSED_MOST = 1000, FIELD_MOST = 64 };

static const char names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* Upvalues: the verb, the step, the part of its answer. What is no name of a field is an entry of a list, or no slip. */
static int miss(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    const char *field = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "";
    size_t length = strspn(field, names);
    uint32_t line = sandbox_line(lua);
    lua_Debug caller;

    lua_settop(lua, 2);
    lua_pushnil(lua);
    if (length == 0 || length > FIELD_MOST || field[length] != '\0' || line == 0 || ++slot->move.missed > MISSED_MOST ||
        !lua_getstack(lua, 1, &caller) || !lua_getinfo(lua, "S", &caller))
        return 1;
    tend_wire_start(slot->wire, TEND_SANDBOX_MISSED);
    for (int i = 1; i <= 3; i++)
        tend_wire_put_string(slot->wire, lua_tostring(lua, lua_upvalueindex(i)));
    tend_wire_put_string(slot->wire, caller.source + (*caller.source == '='));
    tend_wire_put_u32(slot->wire, line);
    tend_wire_put_string(slot->wire, field);
    if (tend_wire_send(slot->wire, -1, NULL) < 0)
        sandbox_leave();
    return 1;
}

static void mark(lua_State *lua, const char *verb, const char *name, const char *part)
{
    lua_createtable(lua, 0, 1);
    lua_pushstring(lua, verb);
    lua_pushstring(lua, name);
    lua_pushstring(lua, part);
    lua_pushcclosure(lua, miss, 3);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
}

void sandbox_missed_mark(lua_State *lua, const char *verb, const char *name)
{
    int given = lua_gettop(lua);

    if (!sandbox_slot_of(lua)->is_strict || !lua_istable(lua, given))
        return;
    luaL_checkstack(lua, 8, "too many nested tables");
    for (lua_pushnil(lua); lua_next(lua, given) != 0; lua_pop(lua, 1)) {
        char part[TEND_STEP_NAME_MAX + 1] = "1"; /* of a list each is like the first */

        if (lua_type(lua, -2) == LUA_TSTRING)
            (void)snprintf(part, sizeof part, "%s", lua_tostring(lua, -2));
        if (lua_istable(lua, -1))
            mark(lua, verb, name, part);
    }
    mark(lua, verb, name, "");
}
