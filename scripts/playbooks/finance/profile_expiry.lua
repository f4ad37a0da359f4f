return playbook {
  name     = "profile_expiry",
  summary  = "Renew a customer's profile before it expires; no proposal without one",
  api      = 1,
  subject  = "profile",
  outcomes = { "renewed", "expired" },
  settings = {
    lead_days = { type = "integer", default = 30, help = "days before the profile expires at which the work starts" },
    due_days  = { type = "integer", default = 10, help = "business days to renew it" },
  },
  start_when = {
    days = setting "lead_days", before = "profile.expires_on", if_late = "start",
    where = "status = valid",
  },

  steps = function(run)
    local expires_on = run.profile.expires_on
    run:task("renew", {
      title  = "Renew the {kind} profile of {account.name}",
      to     = "owner",
      due    = { business_days = run.settings.due_days },
      reason = "it is good until {expires_on}; after that nothing may be proposed",
      type   = "profile",
    })
    for n = 1, 100 do
      local news = run:wait("renewed " .. n, { event = "profile.updated", by = { on = "profile.expires_on" } })
      local now = run.profile.expires_on
      if now and expires_on and now > expires_on then return "renewed" end
      if news.timed_out then break end
    end
    run:task("no proposals", {
      title    = "{account.name}: no proposals until the {kind} profile is renewed",
      to       = "owner",
      priority = "urgent",
      type     = "block",
    })
    run:escalate("expired", { to = "owner.manager", text = "{account.name}: the {kind} profile has expired" })
    return "expired"
  end,
}
