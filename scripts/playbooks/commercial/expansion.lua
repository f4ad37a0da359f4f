-- For the account manager: a customer does well, so there may be room for more. Somebody who knows it says where: more seats, another product,
-- another department or subsidiary; only then it becomes an opportunity, with the reason and the figures beside it. Seldom asked, never sold on.
local text = lib "text"

return playbook {
  name     = "expansion",
  summary  = "Ask where a healthy customer could use more, and make it an opportunity",
  api      = 1,
  subject  = "account",
  outcomes = { "opportunity", "nothing", "not_now" },
  settings = {
    figure     = { type = "text", default = "health",
                   help = { en = "KPI that says a customer does well", ko = "고객 상태가 좋은지 보는 KPI" } },
    good       = { type = "integer", default = 85,
                   help = { en = "from this on it is asked", ko = "이 값 이상이면 확장 가능성을 질문" } },
    low        = { type = "integer", default = 70, max = setting "good",
                   help = { en = "below this it is over, and may be asked again", ko = "이 값 미만이면 끝난 것으로 보고, 나중에 다시 질문 가능" } },
    ask_days   = { type = "integer", default = 10, min = 1, max = 365,
                   help = { en = "business days to answer", ko = "답변 기한(영업일)" } },
    quiet_days = { type = "integer", default = 180, min = 1, max = 1095,
                   help = { en = "days after an answer in which nobody is asked again", ko = "답변 후 다시 질문하지 않는 일수" } },
  },
  start_when = {
    where      = "stage = active and {figure} >= {good}",
    again_when = "{figure} < {low}",
  },
  re_entry  = { at_most = 2, in_days = 365, cool_down_days = 90 },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    local now = run:measure("now", settings.figure)
    local figure = now.defined and ("%.3g"):format(now.value) or "?"
    local room = run:ask("room", {
      question = { en = "{name} does well ({settings.figure} " .. figure .. "): where could it use more?",
                   ko = "{name} 상태 좋음 ({settings.figure} " .. figure .. "): 어디에 더 필요할까요?" },
      choices  = { say("more seats", "사용자 추가"), say("another product", "다른 제품"), say("another unit", "다른 부서"), say("nothing now", "지금은 없음") },
      within   = { business_days = settings.ask_days },
    })
    if room.timed_out or not room.choice then
      run:sleep("quiet", { days = settings.quiet_days })
      return "not_now"
    end
    if room.choice == say("nothing now", "지금은 없음") then
      run:sleep("quiet", { days = settings.quiet_days })
      return "nothing"
    end
    run:task("opportunity", {
      title  = { en = "Open an opportunity at {name}: " .. room.choice, ko = "{name} 영업 기회 등록: " .. room.choice },
      to     = "owner",
      due    = { business_days = settings.ask_days },
      reason = { en = "{settings.figure} " .. figure .. "; seats: {seats}; goals: {goals}; who needs it, what does it bring them, who decides",
                 ko = "{settings.figure} " .. figure .. "; 사용자 수: {seats}; 목표: {goals}; 누가 필요한지, 무엇을 얻는지, 누가 결정하는지" },
      type   = "expansion",
    })
    local made = run:first("made", {
      done   = { done = "opportunity", within = { business_days = settings.ask_days + 5 } },
      opened = { event = "opportunity.created", within = { business_days = settings.ask_days + 5 } },
    })
    if made.timed_out or (made.which == "done" and made.done.cancelled) then return "not_now" end
    run:close("opened", { step = "opportunity", outcome = "opened" })
    return "opportunity"
  end,
}
