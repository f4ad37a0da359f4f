/* probe.c: branches of a script that were gone: tend puts calls of these into what it loads, when it measures coverage. */
#include "sandbox/sandbox.h"

#include <stdlib.h>

/* The first time a probe is met since the slot was loaded, it is told. No frame is being built while Lua runs. */
static void meet(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    lua_Integer probe = luaL_checkinteger(lua, 1);

    if (probe < 0 || probe >= TEND_SANDBOX_PROBES_MAX)
        return;
    if (!slot->met)
        slot->met = calloc(TEND_SANDBOX_PROBES_MAX / 8, 1);
    if (!slot->met || (slot->met[probe / 8] >> (probe % 8) & 1) != 0)
        return;
    slot->met[probe / 8] |= (uint8_t)(1u << (probe % 8));
    tend_wire_start(slot->wire, TEND_SANDBOX_COVERED);
    tend_wire_put_u32(slot->wire, (uint32_t)probe);
    if (tend_wire_send(slot->wire, -1, NULL) < 0)
        sandbox_leave();
}

static int meet_branch(lua_State *lua)
{
    meet(lua);
    return 0;
}

/* "a and b" is written "a and true and b", "a or b" as "a or false or b". */
static int meet_and(lua_State *lua)
{
    meet(lua);
    lua_pushboolean(lua, 1);
    return 1;
}

static int meet_or(lua_State *lua)
{
    meet(lua);
    lua_pushboolean(lua, 0);
    return 1;
}

const luaL_Reg sandbox_probes[] = {
    { "__tend_met", meet_branch }, { "__tend_and", meet_and }, { "__tend_or", meet_or }, { NULL, NULL }
};
