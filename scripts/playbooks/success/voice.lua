-- For the account manager as the customer's voice: what a customer asked for, or is annoyed by, goes to whoever can do something about it, and
-- the answer goes back. The customer is never left without one: also a no is told, by a person.
return playbook {
  name     = "voice",
  summary  = "Carry what a customer said to the product team, and the answer back",
  api      = 1,
  subject  = "voice",
  outcomes = { "told", "answered", "not_passed_on", "no_answer" },
  settings = {
    pass_days   = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days to pass it on", ko = "의견을 전달하는 기한(영업일)" } },
    answer_days = { type = "integer", default = 30, min = 1, max = 1095,
                    help = { en = "days the product team has for an answer", ko = "제품팀의 답변 기한(일)" } },
    tell_days   = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days to tell the customer what became of it", ko = "고객에게 결과를 알리는 기한(영업일)" } },
    product     = { type = "role", default = "team:product",
                    help = { en = "who answers: a role, team:NAME or user:NAME", ko = "답변하는 사람: 역할, team:NAME 또는 user:NAME" } },
  },
  start_when = { event = "voice.created", where = "status = open and direction = \"in\"" },
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings
    run:task("pass on", {
      title  = { en = "Pass on what {account.name} said: {text}", ko = "{account.name}의 의견 전달: {text}" },
      to     = "owner",
      due    = { business_days = settings.pass_days },
      reason = { en = "theme: {theme}; money it touches: {impact}; set its status to asked", ko = "주제: {theme}; 관련 금액: {impact}; 상태를 asked로 바꾸세요" },
      type   = "voice",
    })
    local passed = run:first("passed on", {
      done  = { done = "pass on", within = { business_days = settings.pass_days + 5 } },
      asked = { event = "voice.asked", within = { business_days = settings.pass_days + 5 } },
    })
    run:close("it is passed on", { step = "pass on", outcome = passed.which and "passed on" or "nobody passed it on" })
    if passed.timed_out or (passed.which == "done" and passed.done.cancelled) then return "not_passed_on" end
    run:task("answer", {
      title  = { en = "Answer {account.name}: {text}", ko = "{account.name} 의견에 답변: {text}" },
      to     = settings.product,
      due    = { days = settings.answer_days },
      reason = { en = "theme: {theme}; money it touches: {impact}; set its status to planned, shipped or declined, with the answer",
                 ko = "주제: {theme}; 관련 금액: {impact}; 상태를 planned, shipped, declined 중 하나로 하고 답변을 적으세요" },
      type   = "voice",
    })
    local answer = run:first("answered", {
      planned  = { event = "voice.planned", within = { days = settings.answer_days } },
      shipped  = { event = "voice.shipped", within = { days = settings.answer_days } },
      declined = { event = "voice.declined", within = { days = settings.answer_days } },
      told     = { event = "voice.told", within = { days = settings.answer_days } },
    })
    run:close("answered so far", { step = "answer", outcome = answer.which or "no answer in time" })
    if answer.which == "told" then return "told" end
    local what = { en = answer.which or "no answer yet", ko = answer.which or "아직 답이 없음" }
    run:task("tell", {
      title  = { en = "Tell {account.name} what became of: {text} (" .. what.en .. ")", ko = "{account.name}에 결과 알리기: {text} (" .. what.ko .. ")" },
      to     = "owner",
      due    = { business_days = settings.tell_days },
      reason = { en = "answer: {answer}; also no answer is told; set its status to told", ko = "답변: {answer}; 답이 없어도 알리고, 상태를 told로 바꾸세요" },
      type   = "voice",
    })
    local told = run:first("told", {
      done = { done = "tell", within = { business_days = settings.tell_days + 5 } },
      told = { event = "voice.told", within = { business_days = settings.tell_days + 5 } },
    })
    if told.timed_out then
      run:escalate("not told", {
        to   = "owner.manager",
        text = { en = "{account.name} was never told what became of: {text}", ko = "{account.name}에 아직 결과를 알리지 않음: {text}" },
      })
      return "answered"
    end
    run:close("it is told", { step = "tell", outcome = "told" })
    return answer.which and "told" or "no_answer"
  end,
}
