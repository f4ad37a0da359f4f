/* list.c: steps that are a list of tables: gone through from the top, with the verbs of run. */
#include "sandbox/sandbox.h"

#include <string.h>

static const char list_key;

/* Each entry has one verb, whose value is the step's name; what else it holds are the arguments, less those that say with which
 * outcome to end. */
static const char script[] =
    "local verbs = { all = 1, approve = 1, ask = 1, bulk = 1, call = 1, child = 1, close = 1, escalate = 1, first = 1, log = 1,\n"
    "  notify = 1, set = 1, sleep = 1, task = 1, wait = 1 }\n"
    "local ends = { if_approved = 1, if_cancelled = 1, if_choice = 1, if_declined = 1, if_outcome = 1, if_refused = 1,\n"
    "  if_timed_out = 1, if_which = 1, waits = 1, fields = 1 }\n"
    "local function outcome_of(step, answer)\n"
    "  if type(answer) ~= 'table' then return nil end\n"
    "  if answer.timed_out then return step.if_timed_out end\n"
    "  if answer.cancelled and step.if_cancelled then return step.if_cancelled end\n"
    "  if answer.approved == true and step.if_approved then return step.if_approved end\n"
    "  if answer.approved == false and step.if_declined then return step.if_declined end\n"
    "  if answer.started == false and step.if_refused then return step.if_refused end\n"
    "  if step.if_choice and answer.choice then return step.if_choice[answer.choice] end\n"
    "  if step.if_which and answer.which then return step.if_which[answer.which] end\n"
    "  if step.if_outcome and answer.outcome then return step.if_outcome[answer.outcome] end\n"
    "  return nil\n"
    "end\n"
    "return function(run, steps)\n"
    "  for i, step in ipairs(steps) do\n"
    "    local verb, args, answer = nil, {}, nil\n"
    "    for key, value in pairs(step) do\n"
    "      if verbs[key] and type(value) == 'string' and not verb then verb = key\n"
    "      elseif not ends[key] then args[key] = value end\n"
    "    end\n"
    "    if not verb then return step.outcome end\n"
    "    local name = step[verb]\n"
    "    if verb == 'all' or verb == 'first' then answer = run[verb](run, name, step.waits)\n"
    "    elseif verb == 'set' then run:set(name, step.fields)\n"
    "    elseif verb == 'call' then args.fields = step.fields answer = run:call(name, args)\n"
    "    elseif verb == 'child' then args.playbook = nil answer = run:child(name, step.playbook, args)\n"
    "    elseif verb == 'bulk' then args.segment, args.playbook = nil, nil\n"
    "      answer = run:bulk(name, step.segment, step.playbook, args)\n"
    "    else answer = run[verb](run, name, args) end\n"
    "    local outcome = outcome_of(step, answer)\n"
    "    if outcome then return outcome end\n"
    "  end\n"
    "end\n";

void sandbox_list_push(lua_State *lua)
{
    if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &list_key) == LUA_TFUNCTION) /* scripts cannot reach what it holds */
        return;
    lua_pop(lua, 1);
    if (luaL_loadbufferx(lua, script, sizeof script - 1, "=steps", "t") != LUA_OK)
        (void)lua_error(lua);
    sandbox_globals_maker_push(lua, script, sizeof script - 1);
    lua_call(lua, 0, 1);
    (void)lua_setupvalue(lua, -2, 1);
    lua_call(lua, 0, 1);
    lua_pushvalue(lua, -1);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &list_key);
}
