-- For whoever renews: half a year before a contract ends, before the plan of the renewal. What was delivered is written up in the customer's
-- figures, who decides is checked, and the price is agreed on with our own side before anybody talks to the customer's.
local text = lib "text"

return playbook {
  name     = "renewal_prepare",
  summary  = "Prepare the value, the people and the price half a year before a contract ends",
  api      = 1,
  subject  = "contract",
  outcomes = { "prepared", "not_prepared", "let_run_out" },
  settings = {
    lead_days    = { type = "integer", default = 180, min = 1, max = 1095,
                     help = { en = "days before the end at which it begins", ko = "준비를 시작하는 시점, 계약 종료 며칠 전" } },
    value_days   = { type = "integer", default = 15, min = 1, max = 365,
                     help = { en = "business days to write up what was delivered", ko = "고객이 얻은 성과를 정리하는 기한(영업일)" } },
    people_days  = { type = "integer", default = 10, min = 1, max = 365,
                     help = { en = "business days to check who decides", ko = "결정권자를 확인하는 기한(영업일)" } },
    approve_days = { type = "integer", default = 10, min = 1, max = 365,
                     help = { en = "business days to agree on the price", ko = "가격을 합의하는 기한(영업일)" } },
  },
  start_when = {
    days = setting "lead_days", before = "contract.ends_on", if_late = "skip",
    where = "status = active and (is_trial is empty or is_trial = no)",
  },
  stop_when = { where = "status in (renewed, ended, cancelled)" },
  on_stop   = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    run:task("value", {
      title  = { en = "Write up what {account.name} got for its money", ko = "{account.name}이(가) 얻은 성과 정리" },
      to     = "csm",
      due    = { business_days = settings.value_days },
      reason = { en = "{name} ends on {ends_on}; goals: {account.goals}; objectives that were met, time and money saved",
                 ko = "{name}, {ends_on} 종료; 목표: {account.goals}; 달성한 목표, 절감한 시간과 비용" },
      type   = "renewal",
    })
    run:task("people", {
      title  = { en = "Check who decides on the renewal at {account.name}", ko = "{account.name} 갱신 결정권자 확인" },
      to     = "owner",
      due    = { business_days = settings.people_days },
      reason = { en = "decision maker, finance, whoever uses it; who came, who left", ko = "결정권자, 재무, 사용자; 새로 온 사람과 떠난 사람" },
      type   = "renewal",
    })
    local ready = run:all("ready", {
      value  = { done = "value", within = { business_days = settings.value_days + 5 } },
      people = { done = "people", within = { business_days = settings.people_days + 10 } },
    })
    if ready.timed_out then
      run:escalate("not ready", {
        to   = "owner.manager",
        text = { en = "{account.name}: {name} ends on {ends_on} and the renewal is not prepared",
                 ko = "{account.name}: {name}, {ends_on} 종료 예정인데 갱신 준비가 안 됨" },
      })
    end
    local wanted = run:ask("what we want", {
      question = { en = "What do we want of {name} with {account.name}?", ko = "{account.name} {name}, 무엇을 목표로 할까요?" },
      choices  = { say("the same", "그대로"), say("more", "확대"), say("a lower price", "가격 인하"), say("let it run out", "종료되게 둠") },
      within   = { business_days = 5 },
    })
    if wanted.choice == say("let it run out", "종료되게 둠") then return "let_run_out" end
    if wanted.choice == say("a lower price", "가격 인하") or wanted.choice == say("more", "확대") then
      local agreed = run:approve("price", {
        title  = { en = "May we offer {account.name}: " .. wanted.choice .. "?", ko = "{account.name}에 제안해도 될까요: " .. wanted.choice .. "?" },
        to     = "owner.manager",
        reason = { en = "{name}, {annual_amount} a year, ends on {ends_on}; nothing was offered yet",
                   ko = "{name}, 연 {annual_amount}, {ends_on} 종료; 아직 제안하지 않았습니다" },
        within = { business_days = settings.approve_days },
      })
      if not agreed.approved then return "not_prepared" end
    end
    return ready.timed_out and "not_prepared" or "prepared"
  end,
}
