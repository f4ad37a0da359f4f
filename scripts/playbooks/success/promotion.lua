-- For whoever brings out a product or an update: it is a programme of the kind promotion, and the accounts that it is for hear of it from
-- their own people. First it is counted how many they are, then somebody says yes, then each gets promotion_offer. Give the segment of
-- those accounts in `segment`.
return playbook {
  name     = "promotion",
  summary  = "Have the accounts that a new product is for told of it: counted, approved, capped",
  api      = 1,
  subject  = "programme",
  outcomes = { "told", "nobody", "not_approved", "too_late" },
  settings = {
    lead_days = { type = "integer", default = 14, min = 1, max = 365,
                  help = { en = "days before its first day at which it begins", ko = "시작하는 시점, 프로모션 시작일 며칠 전" } },
    segment   = { type = "segment", default = "growth",
                  help = { en = "segment of the accounts that it is for", ko = "대상 고객의 세그먼트" } },
    cap       = { type = "integer", default = 50, min = 1, max = 10000,
                  help = { en = "at most so many accounts for one promotion", ko = "프로모션 하나에 최대 고객 수" } },
  },
  start_when = { days = setting "lead_days", before = "programme.starts_on", if_late = "start", where = "kind = promotion" },

  steps = function(run)
    local settings, last = run.settings, run.programme.ends_on or run.programme.starts_on
    if not last or last < run.today then return "too_late" end
    local count = run:bulk("count", settings.segment, "promotion_offer", { cap = settings.cap, preview = true })
    if count.started == 0 then
      run:notify("nobody", {
        to   = "owner",
        text = { en = "{name}: no account is in segment {settings.segment}, so nobody is told",
                 ko = "{name}: {settings.segment} 세그먼트에 해당하는 고객이 없어 알리지 않습니다" },
      })
      return "nobody"
    end
    local all = count.started .. " / " .. count.matched
    local decided = run:approve("tell", {
      title  = { en = "Have {name} told to " .. count.started .. " accounts?", ko = "고객 " .. count.started .. "곳에 {name}을(를) 알릴까요?" },
      to     = "owner",
      reason = { en = all .. " of segment {settings.segment}; at most {settings.cap}; each account's people get a task, no customer gets a message",
                 ko = "{settings.segment} 세그먼트 " .. all .. "; 최대 {settings.cap}곳; 담당자에게 할 일이 생기고 고객에게는 아무것도 보내지 않습니다" },
      within = { business_days = 5 },
    })
    if not decided.approved then return "not_approved" end
    local bulk = run:bulk("offers", settings.segment, "promotion_offer", {
      cap  = settings.cap,
      args = { programme = run.programme.name },
    })
    run:log("told", bulk.started .. " told, " .. bulk.at_work .. " at work already, " .. bulk.left .. " left")
    return "told"
  end,
}
