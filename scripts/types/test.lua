---@meta
-- Annotations for the Lua language server: what a test of a playbook can call. Nothing here is run. The kinds of rows, world:contract
-- and world:expect_task among them, stand in fields.lua.

---@class tend.Row a row of the world, to be handed on
---@field kind string
---@field id integer

---@class tend.ExpectedRun
---@field playbook? string
---@field state? "running"|"waiting"|"held"|"ended"|"stopped"
---@field outcome? string
---@field reason? string|table
---@field waits_for? string|false the step
---@field subject? tend.Row
---@field account? tend.Row

---@class tend.ExpectedMessage
---@field to? string the name of who gets it
---@field user? string
---@field subject? string|table
---@field text? string|table
---@field channel? string
---@field state? string
---@field account? tend.Row

---@class tend.ExpectedCall what run:call asked of a connector
---@field action? string
---@field fields? string|table
---@field to? string
---@field channel? string
---@field state? "waiting"|"sent"|"dead"|"dropped"
---@field error? string|table
---@field step? string
---@field account? tend.Row

---@class tend.ExpectedEvent
---@field topic? string
---@field row? tend.Row
---@field account? tend.Row

---@class tend.ExpectedStep
---@field name? string
---@field verb? string
---@field state? string
---@field playbook? string
---@field arguments? string|table
---@field answer? string|table
---@field run? tend.Row

---@class tend.ExpectedDecision
---@field what? string
---@field why? string|table
---@field playbook? string
---@field topic? string
---@field row? tend.Row
---@field account? tend.Row

---@class tend.World
local world = {}

--- Settings of the playbook under test; before the first row.
---@param settings table<string, any>
function world:settings(settings) end

--- Another playbook at work; before the first row.
---@param name string
---@param settings? table<string, any>
function world:playbook(name, settings) end

--- A segment; before the first row.
---@param name string
---@param where string
function world:segment(name, where) end

--- Sections as in tend.ini; before the first row.
---@param sections table<string, table<string, any>>
function world:configure(sections) end

--- The beginning: "2026-03-02" or "2026-03-02 14:00"; before the first row.
---@param at string
function world:starts(at) end

--- Changes a row: one field, or several; false: not known.
---@param row tend.Row
---@param field string|table<string, any>
---@param value? any
function world:set(row, field, value) end

--- The source says that it is gone.
---@param row tend.Row
function world:remove(row) end

--- A task is done, an approval is approved, unless another status is written; of a question a word is one of its choices; a call
--- is taken, or refused for the reason that is written.
---@param row tend.Row
---@param answer? string|table<string, any>
function world:answer(row, answer) end

--- Somebody cancels a run.
---@param run tend.Row
---@param why? string
function world:stop(run, why) end

--- Somebody tells an event.
---@param topic string
---@param row tend.Row
---@param reason? string
function world:event(topic, row, reason) end

--- Somebody has the playbook under test, or the one that is named, begin on the row.
---@param row tend.Row
---@param playbook? string
function world:start(row, playbook) end

--- A KPI of an account is published.
---@param account tend.Row
---@param kpi string
---@param value number
function world:measure(account, kpi, value) end

--- Time passes, from due to due: "10 days", "3 business days", { hours = 4 }, "2026-04-01".
---@param span string|integer|table<string, integer>
function world:advance(span) end

--- The day then, as a text.
---@param span string|integer|table<string, integer>
---@return string
function world:day(span) end

---@return string
function world:today() end

--- A field of a row, or all that are known.
---@param row tend.Row
---@param field? string
---@return any
function world:read(row, field) end

--- What matches.
---@param noun string
---@param fields? table<string, any>
---@return tend.Row[]
function world:all(noun, fields) end

---@param run? tend.ExpectedRun
---@return tend.Row
function world:expect_run(run) end

---@param run? tend.ExpectedRun
function world:expect_no_run(run) end

---@param message? tend.ExpectedMessage
---@return tend.Row
function world:expect_message(message) end

---@param message? tend.ExpectedMessage
function world:expect_no_message(message) end

---@param message? tend.ExpectedMessage
---@return tend.Row
function world:expect_mail(message) end

---@param message? tend.ExpectedMessage
function world:expect_no_mail(message) end

---@param call? tend.ExpectedCall
---@return tend.Row
function world:expect_call(call) end

---@param call? tend.ExpectedCall
function world:expect_no_call(call) end

---@param event? tend.ExpectedEvent
---@return tend.Row
function world:expect_event(event) end

---@param event? tend.ExpectedEvent
function world:expect_no_event(event) end

---@param step? tend.ExpectedStep
---@return tend.Row
function world:expect_step(step) end

---@param step? tend.ExpectedStep
function world:expect_no_step(step) end

---@param decision? tend.ExpectedDecision
---@return tend.Row
function world:expect_decision(decision) end

---@param decision? tend.ExpectedDecision
function world:expect_no_decision(decision) end

--- As many of them.
---@param count integer
---@param noun string
---@param fields? table<string, any>
function world:expect_count(count, noun, fields) end

--- Two values are the same.
---@param got any
---@param wanted any
function world:expect_equal(got, wanted) end

--- All runs with every step, as in this file beside the test.
---@param file string
function world:expect_trace(file) end

---@param name string what it claims
---@param body fun(world: tend.World)
function test(name, body) end
