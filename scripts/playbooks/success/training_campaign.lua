-- For whoever runs trainings: a training is planned, and the accounts that use the product little are invited to it, all of them at once.
-- First it is counted how many they are, then somebody says yes, then each account's manager invites in person. Give the segment of those
-- accounts in `segment` ([segment.low_usage] where = …).
return playbook {
  name     = "training_campaign",
  summary  = "Invite accounts with little usage to a training: counted, approved, capped",
  api      = 1,
  subject  = "programme",
  outcomes = { "invited", "nobody", "not_approved", "too_late" },
  settings = {
    lead_days = { type = "integer", default = 28, min = 1, max = 365,
                  help = { en = "days before the training at which the invitations begin", ko = "초대를 시작하는 시점, 교육 며칠 전" } },
    segment   = { type = "segment", default = "low_usage",
                  help = { en = "segment of the accounts that are invited", ko = "초대할 고객의 세그먼트" } },
    cap       = { type = "integer", default = 50, min = 1, max = 10000,
                  help = { en = "at most so many accounts for one training", ko = "교육 하나에 최대 고객 수" } },
  },
  start_when = { days = setting "lead_days", before = "programme.starts_on", if_late = "start", where = "kind = training" },

  steps = function(run)
    local settings, starts_on = run.settings, run.programme.starts_on
    if not starts_on or starts_on <= run.today then return "too_late" end
    local count = run:bulk("count", settings.segment, "training_invitation", { cap = settings.cap, preview = true })
    if count.started == 0 then
      run:notify("nobody", {
        to   = "owner",
        text = { en = "{name}: no account is in segment {settings.segment}, so nobody is invited",
                 ko = "{name}: {settings.segment} 세그먼트에 해당하는 고객이 없어 초대하지 않습니다" },
      })
      return "nobody"
    end
    local all = count.started .. " / " .. count.matched
    local decided = run:approve("invite", {
      title  = { en = "Invite " .. count.started .. " accounts to {name} on {starts_on}?",
                 ko = "{starts_on} {name}에 고객 " .. count.started .. "곳을 초대할까요?" },
      to     = "owner",
      reason = { en = all .. " of segment {settings.segment}; at most {settings.cap}; each account's manager gets a task, no customer gets a message",
                 ko = "{settings.segment} 세그먼트 " .. all .. "; 최대 {settings.cap}곳; 담당자에게 할 일이 생기고 고객에게는 아무것도 보내지 않습니다" },
      within = { business_days = 5, at_latest = { days = 1, before = "programme.starts_on" } },
    })
    if not decided.approved then return "not_approved" end
    local bulk = run:bulk("invitations", settings.segment, "training_invitation", {
      cap  = settings.cap,
      args = { programme = run.programme.name, starts_on = run.programme.starts_on },
    })
    run:log("invited", bulk.started .. " invited, " .. bulk.at_work .. " at work already, " .. bulk.left .. " left")
    return "invited"
  end,
}
