#include "sandbox/sandbox.h"

#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char chunks_key, makers_key, libraries_key;

#define MAIN_CHUNK "" /* no library can be called so */

static void *allocate(void *self, void *block, size_t old_bytes, size_t bytes)
{
    sandbox_slot *slot = self;
    void *moved;

    if (!block)
        old_bytes = 0; /* then it says what kind of object is made */
    if (bytes == 0) {
        free(block);
        slot->bytes -= old_bytes;
        return NULL;
    }
    if (bytes > old_bytes && (bytes - old_bytes > slot->limit || slot->bytes > slot->limit - (bytes - old_bytes)))
        return NULL;
    moved = realloc(block, bytes);
    if (moved)
        slot->bytes = slot->bytes - old_bytes + bytes;
    return moved;
}

sandbox_slot *sandbox_slot_of(lua_State *lua)
{
    sandbox_slot *slot;

    memcpy(&slot, lua_getextraspace(lua), sizeof slot);
    return slot;
}

static int leave_in_panic(lua_State *lua)
{
    (void)lua;
    _exit(3);
}

static int prepare(lua_State *lua)
{
    sandbox_globals_prepare(lua);
    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &chunks_key);
    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &makers_key);
    return 0;
}

tend_status sandbox_slot_open(sandbox_slot *slot, uint32_t number, size_t limit, tend_wire *wire, tend_error *reterr)
{
    *slot = (sandbox_slot){ .number = number, .limit = limit, .wire = wire, .arena = tend_arena_new() };
    slot->lua = slot->arena ? lua_newstate(allocate, slot) : NULL;
    if (slot->lua) {
        lua_atpanic(slot->lua, leave_in_panic);
        memcpy(lua_getextraspace(slot->lua), &slot, sizeof slot);
        lua_pushcfunction(slot->lua, prepare);
        if (lua_pcall(slot->lua, 0, 0, 0) == LUA_OK)
            return TEND_OK;
    }
    sandbox_slot_close(slot);
    return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: %zu bytes are not enough for one playbook", limit);
}

void sandbox_slot_close(sandbox_slot *slot)
{
    if (slot->lua)
        lua_close(slot->lua);
    tend_arena_free(slot->arena);
    free(slot->met);
    slot->lua = NULL;
    slot->met = NULL;
    slot->arena = NULL;
}

/* One line without control characters, cut between characters; bytes that are not UTF-8 become question marks. */
static size_t tidy(const char *text, size_t length, char ret_line[TEND_SANDBOX_FAULT_MAX])
{
    bool is_text;

    if (length > TEND_SANDBOX_FAULT_MAX) {
        length = TEND_SANDBOX_FAULT_MAX;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    is_text = tend_utf8_valid(text, length, NULL);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        ret_line[i] = byte < ' ' || byte == 127 ? ' ' : byte > 127 && !is_text ? '?' : text[i];
    }
    return length;
}

/* Lua's "attempt to index a nil value (global 'io')", said of what scripts elsewhere have. */
static const char *say_missing(const char *text, char *buffer, size_t room)
{
    static const struct {
        const char *name, *why;
    } missing[] = {
        { "io", "a script has no files; run gives it what it needs" },
        { "os", "a script has no clock and no system; run.today is the day" },
        { "require", "write lib \"NAME\" for lib/NAME.lua" },
        { "package", "write lib \"NAME\" for lib/NAME.lua" },
        { "dofile", "write lib \"NAME\" for lib/NAME.lua" },
        { "loadfile", "write lib \"NAME\" for lib/NAME.lua" },
        { "load", "a script is one text, and makes no others" },
        { "loadstring", "a script is one text, and makes no others" },
        { "coroutine", "run:wait and run:sleep wait" },
        { "debug", "print writes a line to the log" },
        { "xpcall", "pcall is there" },
        { "collectgarbage", "memory is looked after" },
    };
    const char *attempt = strstr(text, "attempt to "), *global = attempt ? strstr(attempt, "(global '") : NULL;

    for (size_t i = 0; global && i < sizeof missing / sizeof *missing; i++) {
        size_t length = strlen(missing[i].name);

        if (strncmp(global + 9, missing[i].name, length) != 0 || strcmp(global + 9 + length, "')") != 0)
            continue;
        (void)snprintf(buffer, room, "%.*sthere is no '%s' here; %s", (int)(attempt - text), text, missing[i].name, missing[i].why);
        return buffer;
    }
    return text;
}

/* The error object on top of `lua`, read raw: a script's own __tostring is never run here. */
static tend_status send_fault(sandbox_slot *slot, lua_State *lua, int code, bool is_late, tend_error *reterr)
{
    char line[TEND_SANDBOX_FAULT_MAX], said[TEND_SANDBOX_FAULT_MAX], other[80];
    bool is_full = code == LUA_ERRMEM || slot->move.is_full;
    uint8_t class = is_late ? TEND_FAULT_TIME : is_full ? TEND_FAULT_MEMORY : TEND_FAULT_SCRIPT;
    const char *text;
    size_t length;

    if (class == TEND_FAULT_MEMORY) {
        (void)snprintf(other, sizeof other, "used more than %zu KiB of memory", slot->limit / 1024);
        text = other;
        length = strlen(other);
    } else if (lua_type(lua, -1) == LUA_TSTRING) {
        text = lua_tolstring(lua, -1, &length);
        if (strlen(text) == length) {
            text = say_missing(text, said, sizeof said);
            length = strlen(text);
        }
    } else {
        (void)snprintf(other, sizeof other, "raised an error that is not a text but a %s", luaL_typename(lua, -1));
        text = other;
        length = strlen(other);
    }
    length = tidy(text, length, line);
    tend_wire_start(slot->wire, TEND_SANDBOX_FAULT);
    tend_wire_put_u8(slot->wire, class);
    tend_wire_put_text(slot->wire, line, length);
    return sandbox_tell_end(slot->wire, reterr);
}

/* Names become file names, topics and keys. */
static bool is_name(lua_State *lua, int index)
{
    size_t length;
    const char *name = lua_type(lua, index) == LUA_TSTRING ? lua_tolstring(lua, index, &length) : NULL;

    return name && length >= 1 && length <= 40 && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static int take_spec(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_pushliteral(lua, "name");
    (void)lua_rawget(lua, 1);
    if (!is_name(lua, -1))
        return luaL_error(lua, "name: a playbook's name is 1 to 40 of a-z, 0-9, _ and -, beginning with a letter");
    lua_settop(lua, 1);
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &sandbox_spec_key) != LUA_TNIL)
        return luaL_error(lua, "playbook is called twice; one file holds one playbook");
    lua_settop(lua, 1);
    lua_pushvalue(lua, 1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &sandbox_spec_key);
    return 1;
}

static int name_setting(lua_State *lua)
{
    luaL_checktype(lua, 1, LUA_TSTRING);
    lua_settop(lua, 1);
    lua_createtable(lua, 0, 1);
    lua_insert(lua, 1);
    lua_setfield(lua, 1, "setting");
    return 1;
}

static int take_library(lua_State *lua);

/* Pushes what the chunk `name` returns, run with globals of its own, and `own` (may be NULL) besides. */
static void run_chunk(lua_State *lua, const char *name, const luaL_Reg *own)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &chunks_key);
    lua_getfield(lua, -1, name);
    lua_remove(lua, -2);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &makers_key);
    lua_getfield(lua, -1, name);
    lua_remove(lua, -2);
    lua_call(lua, 0, 1);
    if (sandbox_slot_of(lua)->is_watched)
        luaL_setfuncs(lua, sandbox_probes, 0);
    if (own)
        luaL_setfuncs(lua, own, 0);
    lua_pushcfunction(lua, take_library);
    lua_setfield(lua, -2, "lib");
    (void)lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 1);
}

static int take_library(lua_State *lua)
{
    const char *name = luaL_checkstring(lua, 1);

    lua_rawgetp(lua, LUA_REGISTRYINDEX, &libraries_key);
    if (lua_getfield(lua, -1, name) == LUA_TTABLE)
        return 1;
    if (lua_toboolean(lua, -1))
        return luaL_error(lua, "lib '%s' asks for itself", name);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &chunks_key);
    if (name[0] == '\0' || lua_getfield(lua, -1, name) != LUA_TFUNCTION)
        return luaL_error(lua, "lib '%s' is not there; libraries are files of scripts/lib, named by a plain text", name);
    lua_settop(lua, 2);
    lua_pushboolean(lua, 1);
    lua_setfield(lua, 2, name);
    run_chunk(lua, name, NULL);
    if (!lua_istable(lua, -1))
        return luaL_error(lua, "lib '%s' returned a %s; a library returns a table", name, luaL_typename(lua, -1));
    lua_pushvalue(lua, -1);
    lua_setfield(lua, 2, name);
    return 1;
}

static void compile(lua_State *lua, const char *name, const char *shown, const char *text, size_t length)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &chunks_key);
    lua_pushfstring(lua, "=%s", shown);
    if (luaL_loadbufferx(lua, text, length, lua_tostring(lua, -1), "t") != LUA_OK)
        (void)lua_error(lua);
    lua_remove(lua, -2);
    lua_setfield(lua, -2, name);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &makers_key);
    sandbox_globals_maker_push(lua, text, length);
    lua_setfield(lua, -2, name);
    lua_pop(lua, 2);
}

void sandbox_main_run(lua_State *lua, const luaL_Reg *own)
{
    lua_newtable(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &libraries_key);
    run_chunk(lua, MAIN_CHUNK, own);
}

/* Runs the file and leaves the table that was given to `playbook`; the file must return it. */
static void push_spec(lua_State *lua)
{
    static const luaL_Reg of_playbooks[] = { { "playbook", take_spec }, { "setting", name_setting }, { NULL, NULL } };
    lua_Debug chunk;
    const char *text;

    lua_pushnil(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &sandbox_spec_key);
    sandbox_main_run(lua, of_playbooks);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &sandbox_spec_key);
    if (lua_istable(lua, -1) && lua_rawequal(lua, -1, -2)) {
        lua_remove(lua, -2);
        return;
    }
    text = lua_type(lua, -2) == LUA_TSTRING ? lua_tostring(lua, -2) : luaL_typename(lua, -2);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &chunks_key);
    lua_getfield(lua, -1, MAIN_CHUNK);
    (void)lua_getinfo(lua, ">S", &chunk);
    (void)luaL_error(lua, "%s: the file returned '%s' and no playbook; let it end with return playbook { … }", chunk.short_src,
                     text);
}

void sandbox_chunks_take(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    size_t length;
    const char *file = tend_wire_get_text(slot->wire, NULL);
    const char *text = tend_wire_get_text(slot->wire, &length);
    uint32_t count;

    compile(lua, MAIN_CHUNK, file, text, length);
    count = tend_wire_get_u32(slot->wire);
    for (uint32_t i = 0; i < count && i < 256; i++) {
        const char *name = tend_wire_get_text(slot->wire, NULL);

        text = tend_wire_get_text(slot->wire, &length);
        lua_pushfstring(lua, "lib/%s.lua", name);
        compile(lua, name, lua_tostring(lua, -1), text, length);
        lua_pop(lua, 1);
    }
    if (tend_wire_done(slot->wire, NULL) < 0)
        sandbox_leave();
}

static int load_inside(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);

    sandbox_chunks_take(lua);
    sandbox_random_seed(lua, 0);
    push_spec(lua);
    tend_wire_start(slot->wire, TEND_SANDBOX_LOADED);
    sandbox_tree_put(lua, -1, slot->wire, "playbook", true);
    return 0;
}

tend_status sandbox_slot_call(sandbox_slot *slot, lua_CFunction inside, uint32_t deadline_ms, tend_error *reterr)
{
    lua_State *lua = slot->lua;
    bool is_late;
    int code;

    lua_settop(lua, 0);
    tend_arena_reset(slot->arena);
    slot->move = (sandbox_move){ .subject = "account", .last = "" };
    sandbox_deadline_start(lua, deadline_ms);
    lua_pushcfunction(lua, inside);
    code = lua_pcall(lua, 0, 0, 0);
    is_late = sandbox_deadline_stop();
    if (code == LUA_OK)
        return sandbox_tell_end(slot->wire, reterr);
    return send_fault(slot, lua, code, is_late, reterr);
}

tend_status sandbox_slot_load(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr)
{
    return sandbox_slot_call(slot, load_inside, deadline_ms, reterr);
}

/* Takes the journal from the frame; answers go to the registry. */
static void read_journal(lua_State *lua, sandbox_slot *slot)
{
    sandbox_move *move = &slot->move;
    uint32_t count = tend_wire_get_u32(slot->wire);

    if (count > TEND_SANDBOX_JOURNAL_MAX)
        (void)luaL_error(lua, "its journal has more than %d steps", TEND_SANDBOX_JOURNAL_MAX);
    move->journal = tend_arena_take(slot->arena, (count > 0 ? count : 1) * sizeof *move->journal);
    if (!move->journal)
        sandbox_leave();
    lua_createtable(lua, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        sandbox_step *step = &move->journal[i];

        step->name = tend_arena_string(slot->arena, tend_wire_get_text(slot->wire, NULL));
        step->verb = tend_arena_string(slot->arena, tend_wire_get_text(slot->wire, NULL));
        step->has_answer = tend_wire_get_u8(slot->wire) != 0;
        if (!step->name || !step->verb)
            sandbox_leave();
        if (!step->has_answer)
            continue;
        sandbox_tree_push(lua, slot->wire);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &sandbox_journal_key);
    move->count = count;
}

/* Sends the frame that ends the move, from what the coroutine came to. */
static void end_move(lua_State *lua, sandbox_slot *slot, lua_State *thread, int code, int results)
{
    sandbox_move *move = &slot->move;

    if (code == LUA_YIELD) {
        tend_wire_start(slot->wire, TEND_SANDBOX_WAITING);
        tend_wire_put_string(slot->wire, move->last);
        return;
    }
    if (code != LUA_OK) {
        lua_xmove(thread, lua, 1);
        move->is_full = code == LUA_ERRMEM;
        (void)lua_error(lua);
    }
    if (move->next < move->count)
        (void)luaL_error(lua, "the script ended, and its journal still has %s '%s'; a script must decide only by what run gives it",
                         move->journal[move->next].verb, move->journal[move->next].name);
    if (results > 0 && !lua_isnil(thread, -results) && lua_type(thread, -results) != LUA_TSTRING)
        (void)luaL_error(lua, "steps returned a %s; return one of the outcomes, a text", luaL_typename(thread, -results));
    tend_wire_start(slot->wire, TEND_SANDBOX_ENDED);
    tend_wire_put_string(slot->wire, results > 0 ? lua_tostring(thread, -results) : "");
}

/* Pushes the function that is run: steps, what goes through them when they are a list, or on_stop; and its second argument. */
static void push_steps(lua_State *lua, sandbox_move *move, int event)
{
    lua_getfield(lua, event, "stop");
    move->is_stop = lua_toboolean(lua, -1) != 0;
    lua_pop(lua, 1);
    lua_pushstring(lua, move->is_stop ? "on_stop" : "steps");
    (void)lua_rawget(lua, 3);
    if (move->is_stop && lua_isfunction(lua, 4)) {
        if (lua_getfield(lua, event, "left") != LUA_TTABLE) {
            lua_pop(lua, 1);
            lua_newtable(lua);
        }
        sandbox_missed_mark(lua, "left", "");
        return;
    }
    if (!move->is_stop && lua_istable(lua, 4)) {
        sandbox_list_push(lua);
        lua_insert(lua, 4);
        return;
    }
    if (!lua_isfunction(lua, 4))
        (void)luaL_error(lua, "%s is a %s; it must be a function(run)", move->is_stop ? "on_stop" : "steps", luaL_typename(lua, 4));
    lua_pushnil(lua);
}

static int move_inside(lua_State *lua)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    sandbox_move *move = &slot->move;
    lua_State *thread;
    int code, results = 0;

    move->run = tend_wire_get_i64(slot->wire);
    move->subject = tend_arena_string(slot->arena, tend_wire_get_text(slot->wire, NULL));
    move->last = "";
    if (!move->subject)
        sandbox_leave();
    sandbox_tree_push(lua, slot->wire); /* 1: settings */
    sandbox_tree_push(lua, slot->wire); /* 2: event */
    read_journal(lua, slot);
    if (tend_wire_done(slot->wire, NULL) < 0)
        sandbox_leave();
    lua_createtable(lua, 0, (int)move->count + 1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &sandbox_used_key);
    sandbox_random_seed(lua, move->run);
    push_spec(lua);              /* 3 */
    push_steps(lua, move, 2);    /* 4: a function, 5: what it gets beside run */
    thread = lua_newthread(lua); /* 6 */
    lua_pushvalue(lua, 4);
    sandbox_run_push(lua, 1, 2);
    lua_pushvalue(lua, 5);
    lua_xmove(lua, thread, 3);
    sandbox_deadline_switch(thread);
    code = lua_resume(thread, lua, 2, &results);
    sandbox_deadline_switch(lua);
    end_move(lua, slot, thread, code, results);
    return 0;
}

tend_status sandbox_slot_move(sandbox_slot *slot, uint32_t deadline_ms, tend_error *reterr)
{
    return sandbox_slot_call(slot, move_inside, deadline_ms, reterr);
}
