-- For the account executive of an agency: no work before the brief is complete. What is missing is asked for, by name; then whoever
-- leads the account says whether one can start with it. The playbook campaign starts it; by hand it serves any plan.
local text = lib "text"

local parts = {
  { field = "goals", en = "what it is to reach, with a figure", ko = "목표와 수치" },
  { field = "market", en = "whom it is for", ko = "대상 고객" },
  { field = "starts_on", en = "first day", ko = "시작일" },
  { field = "ends_on", en = "last day", ko = "종료일" },
}

-- What the brief lacks, in words of the language; "" when nothing.
local function missing(plan, language)
  local words = {}

  for _, part in ipairs(parts) do
    if not plan[part.field] then words[#words + 1] = part[language] end
  end
  return table.concat(words, ", ")
end

return playbook {
  name     = "brief_gate",
  summary  = "No work on a campaign before its brief is complete",
  api      = 1,
  subject  = "plan",
  outcomes = { "accepted", "declined", "incomplete", "undecided" },
  settings = {
    lead        = { type = "role", default = "owner.manager",
                    help = { en = "who says that one can start with it", ko = "이 브리프로 착수해도 되는지 정하는 사람" } },
    ask_days    = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days to get from the customer what is missing", ko = "빠진 내용을 고객에게 받는 기한(영업일)" } },
    decide_days = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days to say that one can start", ko = "착수 여부를 정하는 기한(영업일)" } },
    tries       = { type = "integer", default = 3, min = 1, max = 20,
                    help = { en = "times that the customer is asked", ko = "고객에게 요청하는 횟수" } },
  },
  stop_when = { where = "status = closed" },
  on_stop   = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local start, back, decline = say("start", "착수"), say("send back", "반려"), say("decline", "거절")
    local why, why_ko = "work starts when the brief is complete", "브리프가 완성되어야 착수함"

    for try = 1, settings.tries do
      local step = "brief " .. try
      local lacks, lacks_ko = missing(run.plan, "en"), missing(run.plan, "ko")

      if lacks ~= "" or try > 1 then
        run:task(step, {
          title  = {
            en = "{account.name}, {name}: get from the customer: " .. (lacks ~= "" and lacks or "what the lead asks for"),
            ko = "{account.name}, {name}: 고객에게 확인: " .. (lacks ~= "" and lacks_ko or "리드가 요청한 내용"),
          },
          to     = "owner",
          due    = { business_days = settings.ask_days },
          reason = { en = why, ko = why_ko },
          type   = "brief",
        })
        local asked = run:wait(step .. ", asked", { done = step, within = { business_days = settings.ask_days + 2 } })
        if asked.cancelled then return "declined" end
      end
      if missing(run.plan, "en") ~= "" then
        run:escalate(step .. ", incomplete", {
          to   = settings.lead,
          text = {
            en = "{account.name}, {name}: the brief is still incomplete: " .. missing(run.plan, "en"),
            ko = "{account.name}, {name}: 브리프가 아직 미완성: " .. missing(run.plan, "ko"),
          },
        })
      else
        local word = run:ask("start " .. try, {
          question = {
            en = "{account.name}, {name}: can one start with this brief? Budget, deliverables, who approves there",
            ko = "{account.name}, {name}: 이 브리프로 착수할 수 있습니까? 예산, 산출물, 고객 측 승인자",
          },
          choices  = { start, back, decline },
          of       = settings.lead,
          within   = { business_days = settings.decide_days },
        })
        if word.choice == start then return "accepted" end
        if word.choice == decline then return "declined" end
        if word.choice ~= back then
          run:notify("undecided", {
            to   = "owner",
            text = {
              en = "{account.name}, {name}: nobody has said whether one can start; nothing is under way",
              ko = "{account.name}, {name}: 착수 여부가 결정되지 않아 아무것도 진행되지 않음",
            },
          })
          return "undecided"
        end
        why, why_ko = "the lead sent the brief back", "리드가 브리프를 반려함"
      end
    end
    return "incomplete"
  end,
}
