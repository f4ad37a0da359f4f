-- For whoever takes an account over, from sales or from a colleague: what was promised is written down, the taker accepts or declines in
-- so many days, and a handover that nobody answers is decided by the taker's manager instead of being forgotten. Onboarding waits for it.
local text = lib "text"

return playbook {
  name     = "handover",
  summary  = "Have an account handed over: promises, checklist, acceptance",
  api      = 1,
  subject  = "handover",
  outcomes = { "accepted", "declined", "timed_out", "given_back" },
  settings = {
    accept_days = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days the taker has to accept or decline", ko = "인수자가 수락하거나 거절하는 기한(영업일)" } },
    decide_days = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days the taker's manager has to decide when nobody answered", ko = "답이 없을 때 인수자의 상사가 결정하는 기한(영업일)" } },
    call_days   = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days until the taker has called the customer", ko = "인수자가 고객에게 전화하는 기한(영업일)" } },
  },
  start_when = { event = "handover.created", where = "status = proposed" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local handover, settings = run.handover, run.settings
    if not (handover.promised and handover.checklist) then
      run:task("write down", {
        title  = { en = "Write down what {account.name} was promised and what has to be handed over",
                   ko = "{account.name}: 약속한 내용과 인계할 목록을 적어 주세요" },
        to     = "{from_user}",
        due    = { business_days = 2 },
        reason = { en = "handover to {to_user}; promised: {promised}; checklist: {checklist}",
                   ko = "{to_user}에게 인계; 약속: {promised}; 목록: {checklist}" },
        type   = "handover",
      })
    end
    run:task("take over", {
      title  = { en = "Accept {account.name} from {from_user}, or decline", ko = "{from_user}에게서 {account.name} 인수: 수락 또는 거절" },
      to     = "{to_user}",
      due    = { business_days = settings.accept_days },
      reason = { en = "promised to the customer: {promised}; set the status of the handover to accepted or declined",
                 ko = "고객에게 약속한 내용: {promised}; 인계 상태를 accepted 또는 declined로 바꾸세요" },
      type   = "handover",
    })
    local answer = run:first("answered", {
      accepted = { event = "handover.accepted", within = { business_days = settings.accept_days } },
      declined = { event = "handover.declined", within = { business_days = settings.accept_days } },
    })
    run:close("answer is there", { step = "take over", outcome = answer.which or "nobody answered" })

    if answer.which == "declined" then
      run:task("another taker", {
        title    = { en = "Find somebody else for {account.name}: {to_user} declined", ko = "{account.name}: {to_user} 거절, 다른 담당자를 정하세요" },
        to       = "owner.manager",
        due      = { business_days = 2 },
        priority = "high",
        type     = "handover",
      })
      return "declined"
    end
    if answer.timed_out then
      local decided = run:ask("nobody answered", {
        question = { en = "{to_user} did not answer for {settings.accept_days} business days: does {account.name} go over all the same?",
                     ko = "{to_user}, 영업일 {settings.accept_days}일 동안 답 없음: {account.name} 인계를 그대로 진행할까요?" },
        choices  = { say("go on", "계속"), say("give back", "되돌리기") },
        of       = "{to_user}.manager",
        within   = { business_days = settings.decide_days },
      })
      if decided.choice == say("give back", "되돌리기") then
        run:notify("given back", {
          to   = "{from_user}",
          text = { en = "{account.name} stays with you: the handover to {to_user} was not accepted",
                   ko = "{account.name} 인계가 수락되지 않아 계속 담당하시게 됩니다 (인수자: {to_user})" },
        })
        return "given_back"
      end
    end
    run:task("first call", {
      title  = { en = "Call {account.name} and introduce yourself", ko = "{account.name}에 전화해 새 담당자로 인사하기" },
      to     = "{to_user}",
      due    = { business_days = settings.call_days },
      reason = { en = "handed over by {from_user}; promised: {promised}", ko = "인계한 사람: {from_user}; 약속: {promised}" },
      type   = "call",
    })
    return answer.timed_out and "timed_out" or "accepted"
  end,
}
