-- For whoever leads people who speak with customers: every two months one real call or meeting of each of them is gone through together, by
-- a short list, and one thing is picked to try until the next time. Who is away is left for the next time; nobody's notes leave the two.
local text = lib "text"

return playbook {
  name     = "coaching",
  summary  = "Go through a real call with each colleague who speaks with customers, regularly",
  api      = 1,
  subject  = "user",
  outcomes = { "tried", "not_tried", "not_held", "no_coach" },
  settings = {
    months    = { type = "integer", default = 2, min = 1, max = 24,
                  help = { en = "months from one time to the next", ko = "검토 간격(개월)" } },
    jobs      = { type = "text", default = "account_manager, key_account_manager, customer_success, technical_account_manager, adviser, sales",
                  help = { en = "jobs that are coached, with commas", ko = "코칭 대상 직무, 쉼표로 구분" } },
    hold_days = { type = "integer", default = 15, min = 1, max = 365,
                  help = { en = "business days to go through a call together", ko = "통화를 함께 검토하는 기한(영업일)" } },
    try_days  = { type = "integer", default = 30, min = 1, max = 365,
                  help = { en = "days to try what was picked", ko = "정한 것을 시도하는 일수" } },
  },
  start_when = { every = { months = setting "months" }, where = "active = yes and job in ({jobs})" },
  stop_when  = { where = "active = no" },
  on_stop    = "close",

  steps = function(run)
    local settings, manager = run.settings, run.user["manager.name"]
    if not manager then return "no_coach" end
    local coach, coached = "user:" .. manager, "user:" .. run.user.name
    local say = text.say(run.user["manager.language"] or run.language)
    local held, no = say("held", "진행함"), say("not now", "다음에")
    local helped, not_yet = say("helped", "도움 됨"), say("not yet", "아직")

    local word = run:ask("call", {
      question = {
        en = "Go through a real call with {name}: who spoke how much, what did the customer want, what was agreed, what was left out? One thing to try",
        ko = "{name} 님과 실제 통화 하나를 함께 검토: 누가 얼마나 말했는지, 고객이 원한 것, 합의한 것, 빠진 것. 시도할 것 하나",
      },
      choices  = { held, no },
      of       = coach,
      within   = { business_days = settings.hold_days },
    })
    if word.choice ~= held then return "not_held" end
    run:task("try", {
      title  = { en = "Try until next time what you picked with " .. manager, ko = manager .. " 님과 정한 것을 다음까지 시도" },
      reason = { en = "from going through your call", ko = "통화 검토 결과" },
      to     = coached,
      due    = { days = settings.try_days },
      type   = "coaching",
    })
    run:wait("tried", { done = "try", within = { days = settings.try_days } })
    run:close("try closed", { step = "try", outcome = "asked about now" })
    local after = run:ask("after", {
      question = { en = "{name}: did what you picked help?", ko = "{name} 님: 정한 것이 도움이 되었습니까?" },
      choices  = { helped, not_yet },
      of       = coach,
      within   = { business_days = 10 },
    })
    return after.choice == helped and "tried" or "not_tried"
  end,
}
