-- For the account manager: what a customer expects stands in the register (tend add expectation), with a day. On that day somebody says
-- whether it was met, exceeded or missed; what was missed is made good with the customer, and what was exceeded is worth telling.
local text = lib "text"

return playbook {
  name     = "expectation",
  summary  = "See that what a customer expects is met by its day, and make good what was missed",
  api      = 1,
  subject  = "expectation",
  outcomes = { "met", "exceeded", "made_good", "missed" },
  settings = {
    remind_days = { type = "integer", default = 7, min = 1, max = 365,
                    help = { en = "days before its day on which its owner is reminded", ko = "담당자에게 다시 알리는 시점, 기한 며칠 전" } },
    usual_days  = { type = "integer", default = 90, min = 1, max = 1095,
                    help = { en = "days for one without a day", ko = "기한이 없는 기대에 주는 일수" } },
    good_days   = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days to make good what was missed", ko = "충족하지 못한 것을 만회하는 기한(영업일)" } },
  },
  start_when = { event = "expectation.created", where = "status = open" },
  stop_when  = { where = "status = dropped" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    local has_day = run.expectation.due_on ~= nil
    local waits = {}
    for _, word in ipairs { "met", "exceeded", "missed" } do waits[word] = { event = "expectation." .. word } end
    waits.time = { sleep = has_day and { days = settings.remind_days, before = "expectation.due_on" } or { days = settings.usual_days } }
    local said = run:first("said", waits)
    local what = said.which
    if what == "time" then
      run:task("remind", {
        title  = { en = "{account.name} expects: {text}", ko = "{account.name}의 기대: {text}" },
        to     = "{owner}",
        due    = has_day and { on = "expectation.due_on" } or { days = settings.remind_days },
        reason = { en = "{area}, said in: {said_in}; by {due_on}", ko = "{area}, 출처: {said_in}; 기한 {due_on}" },
        type   = "expectation",
      })
      if has_day then run:sleep("its day", { on = "expectation.due_on" }) else run:sleep("its day", { days = settings.remind_days }) end
      local asked = run:ask("was it met", {
        question = { en = "Was it met? {account.name} expected: {text}", ko = "충족했나요? {account.name}의 기대: {text}" },
        choices  = { say("met", "충족"), say("exceeded", "초과 달성"), say("missed", "미충족") },
        of       = "{owner}",
        within   = { business_days = 5 },
      })
      run:close("its day has come", { step = "remind", outcome = asked.choice or "nobody said" })
      what = "missed"
      if asked.choice == say("met", "충족") then what = "met" end
      if asked.choice == say("exceeded", "초과 달성") then what = "exceeded" end
    end
    if what == "met" or what == "exceeded" then return what end
    run:task("make good", {
      title    = { en = "Make good with {account.name}: {text}", ko = "{account.name}에 만회하기: {text}" },
      to       = "{account.owner}",
      due      = { business_days = settings.good_days },
      reason   = { en = "it was missed; call first, then say what changes", ko = "충족하지 못함; 먼저 전화하고 무엇이 바뀌는지 말하세요" },
      priority = "high",
      type     = "expectation",
    })
    local good = run:wait("made good", { done = "make good", within = { business_days = settings.good_days + 3 } })
    if good.timed_out or good.cancelled then
      run:escalate("missed", {
        to   = "{account.owner}.manager",
        text = { en = "{account.name}: missed and not made good: {text}", ko = "{account.name}: 충족하지 못했고 만회하지 못함: {text}" },
      })
      return "missed"
    end
    return "made_good"
  end,
}
