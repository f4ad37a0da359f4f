/* run.c: the object `run` of a playbook. Every step goes through the journal: what stands there is not asked again. */
#include "sandbox/sandbox.h"

#include "base/near.h"
#include "base/utf8.h"
#include <string.h>
#include <unistd.h>

typedef enum verb_class {
    VERB_EFFECT = 1, /* requested and done with */
    VERB_WAIT,       /* ends the move until it has an answer */
    VERB_READ        /* answered at once */
} verb_class;

static const struct {
    const char *name;
    verb_class class;
    const char *first, *second; /* arguments that stand before the table; NULL: none */
} verbs[] = {
    { "account", VERB_READ, NULL, NULL },         { "all", VERB_WAIT, NULL, NULL },
    { "approve", VERB_WAIT, NULL, NULL },         { "ask", VERB_WAIT, NULL, NULL },
    { "bulk", VERB_WAIT, "segment", "playbook" }, { "call", VERB_WAIT, NULL, NULL },
    { "child", VERB_WAIT, "playbook", NULL },     { "close", VERB_EFFECT, NULL, NULL },
    { "count", VERB_READ, "kind", NULL },         { "escalate", VERB_EFFECT, NULL, NULL },
    { "first", VERB_WAIT, NULL, NULL },           { "log", VERB_EFFECT, NULL, NULL },
    { "measure", VERB_READ, NULL, NULL },         { "notify", VERB_EFFECT, NULL, NULL },
    { "set", VERB_EFFECT, NULL, NULL },           { "sleep", VERB_WAIT, NULL, NULL },
    { "task", VERB_EFFECT, NULL, NULL },          { "wait", VERB_WAIT, NULL, NULL },
};

#define VERBS (sizeof verbs / sizeof *verbs)

const char sandbox_journal_key, sandbox_used_key, sandbox_spec_key;
static const char held_key, held_of_key; /* what run has, for which subject; scripts cannot change it, so it is made once */

void sandbox_leave(void)
{
    _exit(0);
}

uint32_t sandbox_line(lua_State *lua)
{
    lua_Debug activation;

    if (!lua_getstack(lua, 1, &activation) || !lua_getinfo(lua, "Sl", &activation) || activation.currentline < 0 ||
        strcmp(activation.source, "=steps") == 0) /* a list: its entries have no line */
        return 0;
    return (uint32_t)activation.currentline;
}

/* The journal's next step when there is one; it must be the one asked for. */
static const sandbox_step *recorded_step(lua_State *lua, sandbox_move *move, const char *name, const char *verb)
{
    const sandbox_step *step;

    if (move->next >= move->count)
        return NULL;
    step = &move->journal[move->next++];
    if (strcmp(step->name, name) != 0 || strcmp(step->verb, verb) != 0)
        (void)luaL_error(lua, "%s '%s' is asked for where the journal has %s '%s'; a script must decide only by what run gives it",
                         verb, name, step->verb, step->name);
    return step;
}

static void push_recorded_answer(lua_State *lua, const sandbox_move *move)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &sandbox_journal_key);
    lua_rawgeti(lua, -1, (lua_Integer)move->next);
    lua_remove(lua, -2);
}

static void begin_request(sandbox_slot *slot, uint16_t type, const char *name, const char *verb, uint32_t line)
{
    tend_wire_start(slot->wire, type);
    tend_wire_put_string(slot->wire, type == TEND_SANDBOX_REQUEST ? verb : name);
    tend_wire_put_string(slot->wire, type == TEND_SANDBOX_REQUEST ? name : verb);
    tend_wire_put_u32(slot->wire, line);
}

/* Sends the READ that was begun and pushes its answer, or raises why there is none. */
static void push_answer(lua_State *lua, sandbox_slot *slot)
{
    if (tend_wire_send(slot->wire, -1, NULL) < 0 || tend_wire_receive_only(slot->wire, TEND_SANDBOX_ANSWER, NULL) < 0)
        sandbox_leave();
    sandbox_asked();
    if (tend_wire_get_u8(slot->wire) != 0)
        (void)luaL_error(lua, "%s", tend_wire_get_text(slot->wire, NULL));
    sandbox_tree_push(lua, slot->wire);
    if (tend_wire_done(slot->wire, NULL) < 0)
        sandbox_leave();
}

/* Pushes a field of `path` ("" for run itself). `cache` and `cached_steps` are upvalues: the answers since the last step, and the
 * number of steps they belong to. */
static void push_field(lua_State *lua, const char *path, const char *field, int cache, int cached_steps)
{
    sandbox_slot *slot = sandbox_slot_of(lua);
    sandbox_move *move = &slot->move;
    const char *name;

    if (lua_tointeger(lua, cached_steps) != move->steps) {
        lua_newtable(lua);
        lua_replace(lua, cache);
        lua_pushinteger(lua, move->steps);
        lua_replace(lua, cached_steps);
    }
    if (lua_getfield(lua, cache, field) == LUA_TTABLE) {
        lua_getfield(lua, -1, field);
        return;
    }
    lua_pop(lua, 1);
    name = lua_pushfstring(lua, "%s/%s%s%s", move->last, path, path[0] != '\0' ? "." : "", field);
    if (++move->reads > TEND_SANDBOX_JOURNAL_MAX - TEND_SANDBOX_STEPS_MAX)
        (void)luaL_error(lua, "more than %d fields were read", TEND_SANDBOX_JOURNAL_MAX - TEND_SANDBOX_STEPS_MAX);
    if (recorded_step(lua, move, name, "read")) {
        push_recorded_answer(lua, move);
    } else {
        begin_request(slot, TEND_SANDBOX_READ, name, "read", sandbox_line(lua));
        tend_wire_put_string(slot->wire, path);
        tend_wire_put_u32(slot->wire, 1);
        tend_wire_put_string(slot->wire, field);
        push_answer(lua, slot);
    }
    if (!lua_istable(lua, -1))
        (void)luaL_error(lua, "'%s' has no answer", name);
    lua_pushvalue(lua, -1);
    lua_setfield(lua, cache, field);
    lua_getfield(lua, -1, field);
}

/* Upvalues: path, cache, its steps. */
static int read_field(lua_State *lua)
{
    const char *field;

    if (lua_type(lua, 2) != LUA_TSTRING)
        return luaL_error(lua, "%s has fields with names only", lua_tostring(lua, lua_upvalueindex(1)));
    field = lua_tostring(lua, 2);
    if (strlen(field) > 64 || field[0] == '\0')
        return luaL_error(lua, "%s has no such field", lua_tostring(lua, lua_upvalueindex(1)));
    push_field(lua, lua_tostring(lua, lua_upvalueindex(1)), field, lua_upvalueindex(2), lua_upvalueindex(3));
    return 1;
}

static int refuse_change(lua_State *lua)
{
    return luaL_error(lua, "this table cannot be changed; write with run:set");
}

/* Takes a value from the top, which answers for the table below it when that lacks something; the table cannot be changed. */
static void set_index(lua_State *lua)
{
    lua_createtable(lua, 0, 3);
    lua_insert(lua, -2);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_change);
    lua_setfield(lua, -2, "__newindex");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable");
    lua_setmetatable(lua, -2);
}

/* An empty table whose fields are read when they are asked for. */
static void push_row(lua_State *lua, const char *path)
{
    lua_newtable(lua);
    lua_pushstring(lua, path);
    lua_newtable(lua);
    lua_pushinteger(lua, -1);
    lua_pushcclosure(lua, read_field, 3);
    set_index(lua);
}

/* Checks the step's name, which stands at index 2, and notes it as used. */
static const char *take_name(lua_State *lua, sandbox_move *move, const char *verb)
{
    size_t length;
    const char *name;

    if (lua_type(lua, 1) != LUA_TTABLE)
        (void)luaL_error(lua, "write run:%s(…), with a colon", verb);
    if (lua_type(lua, 2) != LUA_TSTRING)
        (void)luaL_error(lua, "run:%s needs the step's name first, a text; it got a %s", verb, luaL_typename(lua, 2));
    name = lua_tolstring(lua, 2, &length);
    if (length == 0 || length > TEND_STEP_NAME_MAX || !tend_utf8_valid(name, length, NULL))
        (void)luaL_error(lua, "run:%s: a step's name has 1 to %d bytes of text", verb, TEND_STEP_NAME_MAX);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 127 || name[i] == '/')
            (void)luaL_error(lua, "run:%s: a step's name has no control characters and no '/'", verb);
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &sandbox_used_key);
    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, -2) != LUA_TNIL)
        (void)luaL_error(lua, "step '%s' is used twice in one run; give each step its own name", name);
    lua_pop(lua, 1);
    lua_pushvalue(lua, 2);
    lua_pushboolean(lua, 1);
    lua_rawset(lua, -3);
    lua_pop(lua, 1);
    if (++move->steps > TEND_SANDBOX_STEPS_MAX)
        (void)luaL_error(lua, "more than %d steps in one run; what repeats for ever is a trigger of its own",
                         TEND_SANDBOX_STEPS_MAX);
    move->last = tend_arena_copy(sandbox_slot_of(lua)->arena, name, length);
    if (!move->last)
        sandbox_leave();
    return move->last;
}

/* run:child("name", "playbook", { … }): what stands before the table becomes a part of a copy of it, at index 3. */
static void fold(lua_State *lua, const char *const names[2])
{
    int count = names[1] ? 2 : 1;

    lua_newtable(lua);
    if (lua_istable(lua, 3 + count))
        for (lua_pushnil(lua); lua_next(lua, 3 + count) != 0;) {
            lua_pushvalue(lua, -2);
            lua_insert(lua, -2);
            lua_rawset(lua, -4);
        }
    for (int i = 0; i < count; i++) {
        if (lua_type(lua, 3 + i) != LUA_TSTRING)
            (void)luaL_error(lua, "needs %s, a text, before its table", names[i]);
        lua_pushvalue(lua, 3 + i);
        lua_setfield(lua, -2, names[i]);
    }
    lua_replace(lua, 3);
}

static int read_step(lua_State *lua, sandbox_slot *slot, const char *name, const char *verb)
{
    lua_Integer count;

    if (recorded_step(lua, &slot->move, name, verb)) {
        push_recorded_answer(lua, &slot->move);
        sandbox_missed_mark(lua, verb, name);
        return 1;
    }
    if (strcmp(verb, "measure") == 0) {
        if (lua_type(lua, 3) != LUA_TSTRING)
            return luaL_error(lua, "run:measure: name the KPI, a text");
        begin_request(slot, TEND_SANDBOX_READ, name, verb, sandbox_line(lua));
        tend_wire_put_string(slot->wire, "measure");
        tend_wire_put_u32(slot->wire, 1);
        tend_wire_put_string(slot->wire, lua_tostring(lua, 3));
        push_answer(lua, slot);
        sandbox_missed_mark(lua, verb, name);
        return 1;
    }
    if (strcmp(verb, "count") == 0) {
        if (!lua_isnoneornil(lua, 4) && !lua_istable(lua, 4))
            return luaL_error(lua, "run:count: behind the kind stands a table, { where = \"status = open\" }");
        fold(lua, (const char *const[]){ "kind", NULL });
        begin_request(slot, TEND_SANDBOX_READ, name, verb, sandbox_line(lua));
        tend_wire_put_string(slot->wire, "count");
        tend_wire_put_u32(slot->wire, 0);
        sandbox_tree_put(lua, 3, slot->wire, name, false);
        push_answer(lua, slot);
        sandbox_missed_mark(lua, verb, name);
        return 1;
    }
    luaL_checktype(lua, 3, LUA_TTABLE);
    count = (lua_Integer)lua_rawlen(lua, 3);
    if (count < 1 || count > 100)
        return luaL_error(lua, "run:%s: name 1 to 100 fields, { \"name\", \"region\" }", verb);
    begin_request(slot, TEND_SANDBOX_READ, name, verb, sandbox_line(lua));
    tend_wire_put_string(slot->wire, "account");
    tend_wire_put_u32(slot->wire, (uint32_t)count);
    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(lua, 3, i) != LUA_TSTRING)
            return luaL_error(lua, "run:%s: a field's name is not a text", verb);
        tend_wire_put_string(slot->wire, lua_tostring(lua, -1));
        lua_pop(lua, 1);
    }
    push_answer(lua, slot);
    sandbox_missed_mark(lua, verb, name);
    return 1;
}

static void request_step(lua_State *lua, sandbox_slot *slot, const char *name, const char *verb)
{
    if (lua_type(lua, 3) == LUA_TSTRING) {
        lua_createtable(lua, 0, 1);
        lua_pushvalue(lua, 3);
        lua_setfield(lua, -2, "text");
        lua_replace(lua, 3);
    } else if (lua_isnil(lua, 3)) {
        lua_newtable(lua);
        lua_replace(lua, 3);
    }
    luaL_checktype(lua, 3, LUA_TTABLE);
    begin_request(slot, TEND_SANDBOX_REQUEST, name, verb, sandbox_line(lua));
    sandbox_tree_put(lua, 3, slot->wire, name, false);
    if (sandbox_tell_soon(slot->wire, NULL) < 0)
        sandbox_leave();
}

/* Upvalue: which of the verbs. */
static int do_verb(lua_State *lua)
{
    size_t which = (size_t)lua_tointeger(lua, lua_upvalueindex(1));
    const char *verb = verbs[which].name;
    sandbox_slot *slot = sandbox_slot_of(lua);
    const sandbox_step *step;
    const char *name;

    lua_settop(lua, 5);
    name = take_name(lua, &slot->move, verb);
    if (verbs[which].class == VERB_READ)
        return read_step(lua, slot, name, verb);
    if (verbs[which].class == VERB_WAIT && slot->move.is_stop)
        return luaL_error(lua, "run:%s: on_stop cannot wait; the run is over", verb);
    step = recorded_step(lua, &slot->move, name, verb);
    if (!step && verbs[which].first)
        fold(lua, (const char *const[]){ verbs[which].first, verbs[which].second });
    if (!step)
        request_step(lua, slot, name, verb);
    if (verbs[which].class == VERB_EFFECT) {
        lua_pushvalue(lua, 2);
        return 1;
    }
    if (step && step->has_answer) {
        push_recorded_answer(lua, &slot->move);
        sandbox_missed_mark(lua, verb, name);
        return 1;
    }
    return lua_yield(lua, 0);
}

/* What run does not have. Upvalues: cache of its own fields, its steps. */
static int run_index(lua_State *lua)
{
    static const char *const own[] = { "language", "today" };
    const char *names[VERBS + 9] = { "account", "args", "event", "id", "language", "settings", "today" };
    size_t count = 7;
    const char *near;

    lua_settop(lua, 2);
    if (lua_type(lua, 2) != LUA_TSTRING)
        return luaL_error(lua, "run has nothing under a %s", luaL_typename(lua, 2));
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(lua_tostring(lua, 2), own[i]) == 0) {
            push_field(lua, "", own[i], lua_upvalueindex(1), lua_upvalueindex(2));
            return 1;
        }
    names[count++] = sandbox_slot_of(lua)->move.subject;
    for (size_t i = 0; i < VERBS; i++)
        names[count++] = verbs[i].name;
    near = lua_rawlen(lua, 2) < 64 ? tend_near(lua_tostring(lua, 2), names) : NULL;
    return luaL_error(lua, "run has no '%s'%s%s%s", lua_tostring(lua, 2), near ? "; did you mean " : "", near ? near : "",
                      near ? "?" : "");
}

/* run:account(…) where run.account is a row: the row comes first, then what the verb expects. */
static int call_row(lua_State *lua)
{
    lua_remove(lua, 1);
    return do_verb(lua);
}

/* Puts the row under `path` into the table on top; a verb of the same name is reached by calling the row. */
static void set_row(lua_State *lua, const char *path)
{
    push_row(lua, path);
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(verbs[i].name, path) != 0)
            continue;
        (void)lua_getmetatable(lua, -1);
        lua_pushinteger(lua, (lua_Integer)i);
        lua_pushcclosure(lua, call_row, 1);
        lua_setfield(lua, -2, "__call");
        lua_pop(lua, 1);
    }
    lua_setfield(lua, -2, path);
}

/* Pushes the table of what run has, with its verbs; they are the same for every move about the same kind. */
static void push_held(lua_State *lua, const char *subject)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &held_of_key);
    if (lua_isstring(lua, -1) && strcmp(lua_tostring(lua, -1), subject) == 0) { /* else an old row would hide a verb */
        lua_rawgetp(lua, LUA_REGISTRYINDEX, &held_key);
        lua_remove(lua, -2);
        return;
    }
    lua_pushstring(lua, subject);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &held_of_key);
    lua_createtable(lua, 0, VERBS + 6);
    for (size_t i = 0; i < VERBS; i++) {
        lua_pushinteger(lua, (lua_Integer)i);
        lua_pushcclosure(lua, do_verb, 1);
        lua_setfield(lua, -2, verbs[i].name);
    }
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &held_key);
    lua_remove(lua, -2);
}

void sandbox_run_push(lua_State *lua, int settings, int event)
{
    const sandbox_move *move = &sandbox_slot_of(lua)->move;

    settings = lua_absindex(lua, settings);
    event = lua_absindex(lua, event);
    lua_newtable(lua);
    push_held(lua, move->subject);
    lua_pushnil(lua); /* what stood there may have one */
    lua_setmetatable(lua, -2);
    lua_pushvalue(lua, settings);
    sandbox_missed_mark(lua, "settings", "");
    lua_setfield(lua, -2, "settings");
    lua_pushvalue(lua, event);
    lua_setfield(lua, -2, "event");
    if (lua_getfield(lua, event, "args") != LUA_TTABLE) { /* what a child was given */
        lua_pop(lua, 1);
        lua_newtable(lua);
    }
    lua_setfield(lua, -2, "args");
    lua_pushinteger(lua, move->run);
    lua_setfield(lua, -2, "id");
    set_row(lua, "account");
    if (strcmp(move->subject, "account") != 0)
        set_row(lua, move->subject);
    lua_newtable(lua);
    lua_pushinteger(lua, -1);
    lua_pushcclosure(lua, run_index, 2);
    set_index(lua);
    set_index(lua);
}
