---@meta
-- Annotations for the Lua language server: what a playbook can call. Nothing here is run. The fields of rows stand in fields.lua.

---@class tend.Rule a day, named and not copied
---@field minutes? integer
---@field hours? integer
---@field days? integer
---@field business_days? integer working days by the calendars
---@field business_hours? integer working hours by the calendars
---@field of? "us"|"customer"|"both" whose working days and hours; us when it is left out
---@field before? string a date of the subject or its account: "contract.ends_on"
---@field after? string
---@field on? string a date of the subject, or YYYY-MM-DD
---@field at_latest? tend.Rule of both days the one that comes first

---@alias tend.Words string|{ en?: string, ko?: string } one text, or one for each language: whoever gets it decides

---@class tend.Task
---@field title tend.Words with {field}, {account.field} and {settings.name} filled in
---@field to? string a role ("owner", "csm"), "ROLE.manager", "{to_user}" (a field of the subject), "user:NAME", "team:NAME", or "any:TEAM skill:WORD certificate:WORD"
---@field due? tend.Rule
---@field reason? tend.Words
---@field priority? "low"|"normal"|"high"|"urgent"
---@field type? string

---@class tend.Message
---@field to string
---@field text tend.Words
---@field subject? tend.Words
---@field channel? "mail"|"chat" of notify
---@field due? tend.Rule of escalate: the day of the task it opens
---@field priority? "low"|"normal"|"high"|"urgent" of escalate

---@class tend.Wait
---@field event? string KIND.created, KIND.updated, KIND.removed, KIND.STATUS, measure.KPI or custom.NAME
---@field done? string the name of a task of this run
---@field within? tend.Rule
---@field by? tend.Rule follows the date when it moves

---@class tend.Approval
---@field title tend.Words
---@field to? string|string[] a role, or several
---@field by? tend.Rule|string|string[] a day, or the same as to
---@field n_of? integer how many of them have to agree; all, when it is left out
---@field reason? tend.Words
---@field within? tend.Rule
---@field expires? tend.Rule the same as within

---@class tend.Question
---@field question tend.Words
---@field choices string[]
---@field of? string a role; the owner, when it is left out
---@field within? tend.Rule
---@field by? tend.Rule

---@class tend.Counting
---@field where? string a condition of the filter language over the rows; {field}, {account.field}, {KIND} (the run's row) and {settings.name} are values in it
---@field distinct? string a field: how many different values, those that are not known left out
---@field of? "account"|"all" rows of the run's account, which is so without a word, or of all accounts

---@class tend.Count
---@field count integer
---@field defined boolean false: something in the braces of where is not known, or the run has no account; count is 0 then

---@class tend.Part one of the waits of run:all and run:first
---@field event? string
---@field done? string
---@field sleep? tend.Rule
---@field within? tend.Rule
---@field by? tend.Rule

---@class tend.Measure
---@field defined boolean
---@field value? number
---@field numerator? integer
---@field denominator? integer
---@field currency? string
---@field text? string
---@field day? string

---@class tend.Bulk
---@field cap? integer at most so many; 100, when it is left out
---@field preview? boolean only count
---@field args? table<string, any>

---@class tend.Call
---@field action string
---@field channel? string "record", when it is left out
---@field fields? table<string, any>
---@field within? tend.Rule
---@field by? tend.Rule

---@class tend.Left
---@field id integer
---@field kind "task"|"approval"
---@field step string
---@field title string

---@class tend.Child
---@field args? table<string, any> run.args of the child
---@field wait? boolean false: the run goes on at once
---@field within? tend.Rule
---@field by? tend.Rule
---@field if_stopped? "cancel"|"leave" what becomes of it when this run is stopped
---@field row? integer what it is about, when it is not the same row or the account

---@class tend.ChildAnswer
---@field timed_out boolean
---@field started boolean
---@field stopped boolean
---@field outcome? string
---@field run? integer
---@field why? string why it did not begin, or was stopped

---@class tend.Answer
---@field timed_out boolean
---@field event? string
---@field outcome? string what the person wrote when the task was done
---@field cancelled? boolean
---@field approved? boolean
---@field approvals? integer how many agreed
---@field comment? string
---@field choice? string of a question

---@class tend.Run
---@field id integer
---@field today string YYYY-MM-DD, where the workspace is
---@field language "en"|"ko" of whoever looks after the account, else the company's
---@field settings table<string, any>
---@field args table<string, any> what the run that asked for this one gave it
---@field event { topic: string, sequence: integer }
local run = {}

--- Opens a task, once per subject and step while it is open.
---@param name string
---@param task tend.Task
---@return string name
function run:task(name, task) end

--- Writes fields of the subject.
---@param name string
---@param fields table<string, any>
function run:set(name, fields) end

--- Sends a message.
---@param name string
---@param message tend.Message
function run:notify(name, message) end

--- Sends a message and opens a task for the same person.
---@param name string
---@param message tend.Message
function run:escalate(name, message) end

--- Waits for an event or a task.
---@param name string
---@param wait tend.Wait
---@return tend.Answer
function run:wait(name, wait) end

--- Asks somebody for a decision and waits for it.
---@param name string
---@param approval tend.Approval
---@return tend.Answer
function run:approve(name, approval) end

--- Waits for each of several things.
---@param name string
---@param parts table<string, tend.Part>
---@return table<string, any>
function run:all(name, parts) end

--- Waits for the one that comes first; its name is which.
---@param name string
---@param parts table<string, tend.Part>
---@return table<string, any>
function run:first(name, parts) end

--- Asks a person and waits for one of the choices.
---@param name string
---@param question tend.Question
---@return tend.Answer
function run:ask(name, question) end

--- A KPI of the account as it was published last, recorded as read.
---@param name string
---@param kpi string
---@return tend.Measure
function run:measure(name, kpi) end

--- How many rows of a kind there are, recorded as read.
---@param name string
---@param kind string
---@param counting? tend.Counting
---@return tend.Count
function run:count(name, kind, counting) end

--- Begins another playbook on the accounts of a segment.
---@param name string
---@param segment string
---@param playbook string
---@param bulk? tend.Bulk
---@return { matched: integer, at_work: integer, started: integer, left: integer }
function run:bulk(name, segment, playbook, bulk) end

--- An action of a connector, by the outbox.
---@param name string
---@param call tend.Call
---@return { done: boolean, error: string?, timed_out: boolean }
function run:call(name, call) end

--- Closes the tasks and decisions that this run opened in a step.
---@param name string
---@param close { step: string, outcome: string? }
function run:close(name, close) end

--- Starts another playbook, and waits for its outcome unless wait is false.
---@param name string
---@param playbook string
---@param child? tend.Child
---@return tend.ChildAnswer
function run:child(name, playbook, child) end

---@param name string
---@param rule tend.Rule
function run:sleep(name, rule) end

--- Reads fields of the account and records them as one step.
---@param name string
---@param fields string[]
---@return table<string, any>
function run:account(name, fields) end

--- Writes a line into the run's record.
---@param name string
---@param text string
function run:log(name, text) end

---@class tend.Setting
---@field type "integer"|"number"|"text"|"boolean"|"role"|"segment"|"team"|"person"
---@field default any
---@field help string|{ en: string, ko?: string } what it is, in one line; a text alone is English
---@field min? number|table of a number; setting "NAME" for the value of another one
---@field max? number|table
---@field choices? string[] of a text
---@field unit? string of a number, for people: "business days"

---@class tend.Rhythm
---@field weeks? integer 0: never
---@field months? integer

---@class tend.Start
---@field event? string
---@field days? integer
---@field business_days? integer
---@field of? "us"|"customer"|"both" whose business days
---@field before? string a date of the subject or its account
---@field after? string
---@field every? tend.Rhythm of all that are in none of the segments
---@field per_segment? table<string, tend.Rhythm>
---@field if_late? "start"|"skip"
---@field where? string
---@field again_when? string

---@class tend.Playbook
---@field name string that of the file
---@field summary string
---@field api 1
---@field subject string the kind of row a run is about
---@field outcomes string[]
---@field settings? table<string, tend.Setting>
---@field start_when? tend.Start
---@field re_entry? { at_most?: integer, in_days?: integer, cool_down_days?: integer, if_open?: "ignore"|"raise"|"comment" }
---@field stop_when? { event: string?, where: string? }
---@field on_stop? "close"|"leave"|fun(run: tend.Run, left: tend.Left[])
---@field steps (fun(run: tend.Run): string?)|table<string, any>[]

---@param spec tend.Playbook
function playbook(spec) end

--- The value of a setting: in start_when, and as min or max of another one.
---@param name string
function setting(name) end

--- A library of scripts/lib.
---@param name string
---@return table
function lib(name) end
