-- For sales and the former account manager: a customer who left is thought of again, once its anger is over and before its new contract renews.
-- Somebody who knows why it left says whether it is worth a call; nobody is called without that, and at most so many times.
local text = lib "text"

return playbook {
  name     = "win_back",
  summary  = "Think again of a customer who left, and call it when it is worth it",
  api      = 1,
  subject  = "account",
  outcomes = { "opportunity", "not_worth_it", "no" },
  settings = {
    months    = { type = "integer", default = 9, min = 1, max = 60,
                  help = { en = "months after it left until somebody thinks of it", ko = "이탈 후 다시 검토하기까지의 개월 수" } },
    tries     = { type = "integer", default = 2, min = 1, max = 20,
                  help = { en = "so many calls at most, as many months apart", ko = "최대 전화 횟수, 간격은 months와 같음" } },
    call_days = { type = "integer", default = 10, min = 1, max = 365,
                  help = { en = "business days for the call", ko = "전화 기한(영업일)" } },
  },
  start_when = { where = "stage = former" },
  re_entry   = { at_most = 1, in_days = 365 },
  stop_when  = { where = "stage in (prospect, onboarding, active, archived)" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    for n = 1, settings.tries do
      run:sleep("time " .. n, { days = settings.months * 30 })
      local worth = run:ask("worth it " .. n, {
        question = { en = "{name} left {settings.months} months ago or more: is it worth a call?",
                     ko = "{name}, 떠난 지 {settings.months}개월 이상: 다시 연락할 만한가요?" },
        choices  = { say("yes", "예"), say("later", "나중에"), say("never", "안 함") },
        of       = "owner",
        within   = { business_days = 10 },
      })
      if worth.choice == say("never", "안 함") then return "not_worth_it" end
      if worth.choice == say("yes", "예") then
        run:task("call " .. n, {
          title  = { en = "Call {name}: what changed there, what changed here", ko = "{name}에 전화: 그쪽의 변화와 우리의 변화" },
          to     = "owner",
          due    = { business_days = settings.call_days },
          reason = { en = "why it left stands in its churn (tend list churn); begin with that", ko = "떠난 이유부터 시작하세요 (tend list churn)" },
          type   = "win-back",
        })
        local called = run:wait("called " .. n, { done = "call " .. n, within = { business_days = settings.call_days + 10 } })
        if not called.timed_out and not called.cancelled then
          local wants = run:ask("wants " .. n, {
            question = { en = "Does {name} want to talk?", ko = "{name}, 대화할 의향이 있나요?" },
            choices  = { say("yes", "예"), say("not now", "지금은 아님"), say("no", "아니요") },
            within   = { business_days = 5 },
          })
          if wants.choice == say("yes", "예") then
            run:task("opportunity", {
              title = { en = "Open an opportunity at {name} and set its stage to prospect", ko = "{name} 영업 기회 등록, stage를 prospect로" },
              to    = "owner",
              due   = { business_days = 3 },
              type  = "win-back",
            })
            return "opportunity"
          end
          if wants.choice == say("no", "아니요") then return "no" end
        end
      end
    end
    return "no"
  end,
}
