-- For the key account manager: a customer asks for information, a proposal or a quote (RFI, RFP, RFQ) and names a last day. First somebody
-- decides whether we answer at all, then there is a draft, a review by somebody else and days to spare. No day passes unseen, and nothing is
-- sent to the customer by itself.
local dates = lib "dates"
local text = lib "text"

return playbook {
  name     = "tender",
  summary  = "Answer a request for information, a proposal or a quote in time",
  api      = 1,
  subject  = "tender",
  outcomes = { "answered", "declined", "too_late" },
  settings = {
    decide_days = { type = "integer", default = 2, min = 1, max = 365,
                    help = { en = "business days to decide whether we answer", ko = "응답 여부를 정하는 기한(영업일)" } },
    spare_days  = { type = "integer", default = 2, min = 0, max = setting "review_days",
                    help = { en = "days before the last day on which the answer should be out", ko = "답변을 제출할 시점, 마감 며칠 전" } },
    review_days = { type = "integer", default = 4, min = 0, max = 365,
                    help = { en = "days before the last day on which the draft is reviewed", ko = "초안을 검토하는 시점, 마감 며칠 전" } },
    usual_days  = { type = "integer", default = 14, min = 1, max = 365,
                    help = { en = "days for an answer when the customer named no last day", ko = "고객이 마감을 정하지 않았을 때 답변에 주는 일수" } },
  },
  start_when = { event = "tender.created", where = "status = open" },
  stop_when  = { where = "status in (declined, won, lost)" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    local last = run.tender.due_on
    local left = last and dates.between(run.today, last) or settings.usual_days
    if left < 0 then return "too_late" end
    local bid = run:ask("bid", {
      question = { en = "{account.name} asks for {name} ({kind}), last day {due_on}: do we answer?",
                   ko = "{account.name} {name} ({kind}) 요청, 마감 {due_on}: 응답할까요?" },
      choices  = { say("yes", "예"), say("no", "아니요") },
      of       = "owner",
      within   = { business_days = settings.decide_days, at_latest = { days = left } },
    })
    if bid.choice == say("no", "아니요") then
      run:task("decline", {
        title = { en = "Tell {account.name} that we do not answer {name}, and set it to declined",
                  ko = "{account.name}에 {name} 불참을 알리고 상태를 declined로" },
        to    = "owner",
        due   = { business_days = 2 },
        type  = "tender",
      })
      return "declined"
    end
    if bid.timed_out then
      run:escalate("nobody decided", {
        to   = "owner.manager",
        text = { en = "{account.name}: nobody decided whether we answer {name}, last day {due_on}",
                 ko = "{account.name}: {name} 응답 여부가 결정되지 않음, 마감 {due_on}" },
      })
    end
    local review = left - settings.review_days
    run:task("draft", {
      title  = { en = "Draft the answer to {name} of {account.name}", ko = "{account.name} {name} 답변 초안" },
      to     = "owner",
      due    = { days = review > 0 and review or 0 },
      reason = { en = "last day {due_on}; what they really need, who decides, what we do better than the others",
                 ko = "마감 {due_on}; 실제 니즈, 결정권자, 경쟁사보다 나은 점" },
      type   = "tender",
    })
    local drafted = run:first("drafted", {
      done     = { done = "draft", within = { days = review > 0 and review or 1 } },
      answered = { event = "tender.answered", within = { days = review > 0 and review or 1 } },
    })
    if drafted.which == "answered" then return "answered" end
    if drafted.timed_out then
      run:escalate("no draft", {
        to   = "owner.manager",
        text = { en = "{account.name}: no draft for {name} yet, last day {due_on}", ko = "{account.name}: {name} 초안이 아직 없음, 마감 {due_on}" },
      })
    end
    run:task("review", {
      title = { en = "Review and send the answer to {name} of {account.name} (last day {due_on})",
                ko = "{account.name} {name} 답변 검토 및 제출 (마감 {due_on})" },
      to    = "owner.manager",
      due   = { days = left > settings.spare_days and settings.review_days - settings.spare_days or 0 },
      type  = "tender",
    })
    local rest = last and dates.between(run.today, last) or settings.review_days
    local sent = run:wait("sent", { event = "tender.answered", within = { days = rest > settings.spare_days and rest - settings.spare_days or 0 } })
    if sent.timed_out then
      run:escalate("last call", {
        to       = "owner.manager",
        text     = { en = "{account.name}: {name} is not out yet, last day {due_on}", ko = "{account.name}: {name} 아직 제출하지 않음, 마감 {due_on}" },
        priority = "urgent",
      })
      sent = run:wait("sent late", { event = "tender.answered", within = { days = settings.spare_days } })
    end
    return sent.timed_out and "too_late" or "answered"
  end,
}
