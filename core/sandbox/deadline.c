/* deadline.c: a hook that costs nothing until the time is up.
 *
 * The time is the processor's, so that a busy machine does not end honest scripts; the wall clock is tend's to watch.
 * The signal handler only asks Lua for a hook (lua_sethook is made for that); the hook raises an error at every instruction from
 * then on, so that a script which catches errors still leaves. What Lua cannot interrupt, tend ends with SIGKILL. */
#include "sandbox/sandbox.h"

#include <signal.h>
#include <sys/time.h>

static lua_State *volatile running;
static volatile sig_atomic_t has_passed;
static uint32_t limit_ms;

/* With the line of the script that was at work, be it in a function of Lua's. */
static void raise_late(lua_State *lua, lua_Debug *activation)
{
    lua_Debug at;

    (void)activation;
    lua_pushliteral(lua, "");
    for (int level = 0; lua_getstack(lua, level, &at); level++) {
        if (!lua_getinfo(lua, "Sl", &at) || at.currentline <= 0)
            continue;
        lua_pushfstring(lua, "%s:%d: ", at.short_src, at.currentline);
        break;
    }
    lua_pushfstring(lua, "%sran longer than %d ms", lua_tostring(lua, -1), (int)limit_ms);
    (void)lua_error(lua);
}

static void arm(lua_State *lua)
{
    lua_sethook(lua, raise_late, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static void on_alarm(int number)
{
    lua_State *lua = running;

    (void)number;
    has_passed = 1;
    if (lua)
        arm(lua);
}

tend_status sandbox_deadline_prepare(tend_error *reterr)
{
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

    (void)sigemptyset(&action.sa_mask);
    if (sigaction(SIGPROF, &action, NULL) < 0)
        return tend_fail(reterr, TEND_ERROR, "tend-sandbox: SIGPROF cannot be handled; its deadline would not work");
    return TEND_OK;
}

static void set_timer(uint32_t milliseconds)
{
    struct itimerval timer = { .it_value = { .tv_sec = milliseconds / 1000, .tv_usec = (milliseconds % 1000) * 1000 } };

    (void)setitimer(ITIMER_PROF, &timer, NULL);
}

void sandbox_deadline_start(lua_State *lua, uint32_t milliseconds)
{
    limit_ms = milliseconds;
    has_passed = 0;
    running = lua;
    set_timer(milliseconds);
}

void sandbox_deadline_switch(lua_State *lua)
{
    running = lua;
    if (has_passed)
        arm(lua);
}

bool sandbox_deadline_stop(void)
{
    lua_State *lua = running;

    set_timer(0);
    running = NULL;
    if (lua)
        lua_sethook(lua, NULL, 0, 0);
    return has_passed != 0;
}
