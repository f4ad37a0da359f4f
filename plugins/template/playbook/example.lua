-- What starts it, what it does, what it waits for. Every verb stands in docs/playbooks.md; after a change:
--   tend playbook check FILE      tend playbook test FILE
return playbook {
  name     = "example",
  summary  = "Call a new customer before the first week is over",
  api      = 1,
  subject  = "contract",                     -- what a run is about: run.contract, {contract.name}; one run at work for each
  outcomes = { "called", "not_called" },
  settings = {
    call_days = { type = "integer", default = 3, min = 1, max = 30,
                  help = { en = "business days until the call", ko = "전화 기한(영업일)" } },
  },
  start_when = { event = "contract.signed" },
  stop_when  = { event = "contract.cancelled" },

  steps = function(run)
    run:task("call", {
      title = "Call {account.name}: is everything there for the start?",
      to    = "owner",                       -- a role, looked up when the task is made
      due   = { business_days = run.settings.call_days },
    })
    local call = run:wait("called", { done = "call", within = { business_days = run.settings.call_days + 2 } })
    if call.cancelled then return "not_called" end -- somebody took the task away: there was no call
    if not call.timed_out then return "called" end
    run:escalate("no call", { to = "owner.manager", text = "{account.name} was not called within its first week" })
    return "not_called"
  end,
}
