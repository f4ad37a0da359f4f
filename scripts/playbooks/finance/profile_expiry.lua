-- For the adviser: what a customer told about risk, experience and identity is good until a day. A month before it the adviser renews it with
-- the customer; on that day it is said plainly that nothing may be proposed any more, to the adviser and to the manager.
return playbook {
  name     = "profile_expiry",
  summary  = "Renew a customer's profile before it expires; no proposal without one",
  api      = 1,
  subject  = "profile",
  outcomes = { "renewed", "expired" },
  settings = {
    lead_days = { type = "integer", default = 30, min = 1, max = 1095,
                  help = { en = "days before the profile expires at which the work starts", ko = "갱신을 시작하는 시점, 프로필 만료 며칠 전" } },
    due_days  = { type = "integer", default = 10, min = 1, max = 365,
                  help = { en = "business days to renew it", ko = "프로필 갱신 기한(영업일)" } },
  },
  start_when = {
    days = setting "lead_days", before = "profile.expires_on", if_late = "start",
    where = "status = valid",
  },

  steps = function(run)
    local expires_on = run.profile.expires_on
    run:task("renew", {
      title  = { en = "Renew the {kind} profile of {account.name}", ko = "{account.name}의 {kind} 프로필 갱신" },
      to     = "owner",
      due    = { business_days = run.settings.due_days },
      reason = {
        en = "it is good until {expires_on}; after that nothing may be proposed",
        ko = "{expires_on}까지 유효, 이후 제안 불가",
      },
      type   = "profile",
    })
    for n = 1, 100 do
      local news = run:wait("renewed " .. n, { event = "profile.updated", by = { on = "profile.expires_on" } })
      local now = run.profile.expires_on
      if now and expires_on and now > expires_on then return "renewed" end
      if news.timed_out then break end
    end
    run:task("no proposals", {
      title    = {
        en = "{account.name}: no proposals until the {kind} profile is renewed",
        ko = "{account.name}: {kind} 프로필 갱신 전까지 제안 불가",
      },
      reason   = { en = "it was good until {expires_on}", ko = "{expires_on}까지만 유효했음" },
      to       = "owner",
      priority = "urgent",
      type     = "block",
    })
    run:escalate("expired", {
      to   = "owner.manager",
      text = { en = "{account.name}: the {kind} profile has expired", ko = "{account.name}: {kind} 프로필 만료" },
    })
    return "expired"
  end,
}
