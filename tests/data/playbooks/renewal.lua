return playbook {
  name     = "renewal",
  summary  = "Prepare a renewal 90 days before a contract ends",
  api      = 1,
  subject  = "contract",            -- one active run per contract; every step knows this contract and its account
  outcomes = { "renewed", "not_renewed" },
  settings = {
    lead_days = { type = "integer", default = 90, help = "days before the end at which the work starts" },
    plan_days = { type = "integer", default = 10, help = "business days the owner has to write the plan" },
  },
  start_when = {
    days = setting "lead_days", before = "contract.ends_on", if_late = "start",
    where = "contract.status = active and account.segment in (key, growth)",
  },
  stop_when = { event = "contract.cancelled" },

  steps = function(run)
    run:task("plan", {
      title = "Write the renewal plan for {account.name}",
      to    = "owner",              -- a role, looked up when the task is made, with absence and deputy
      due   = { business_days = run.settings.plan_days },
    })
    local plan = run:wait("plan written", { done = "plan", within = { business_days = run.settings.plan_days + 5 } })
    if plan.timed_out then
      run:escalate("plan late", { to = "owner.manager", text = "{account.name}: no renewal plan yet" })
    end
    local renewal = run:wait("renewed", {
      event = "contract.renewed",
      by    = { days = 7, before = "contract.ends_on" },   -- follows the date when it moves
    })
    if renewal.timed_out then
      run:task("last call", { title = "{account.name} has not signed; 7 days left", to = "owner", due = { business_days = 1 } })
      renewal = run:wait("renewed late", { event = "contract.renewed", by = { on = "contract.ends_on" } })
    end
    if renewal.timed_out then return "not_renewed" end
    return "renewed"
  end,
}
