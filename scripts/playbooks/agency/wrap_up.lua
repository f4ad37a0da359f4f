-- For the account executive of an agency: a campaign is over when its report has been presented, not when the money is spent. Figures
-- against the goals of the brief, read by the director before they leave the house, presented, and what was learnt written down.
local text = lib "text"

return playbook {
  name     = "wrap_up",
  summary  = "Present a campaign's results against its brief, and keep what was learnt",
  api      = 1,
  subject  = "plan",
  outcomes = { "again", "done", "unhappy", "not_presented", "no_report" },
  settings = {
    after_days   = { type = "integer", default = 3, min = 0, max = 365,
                     help = { en = "days after the last day of the campaign at which the work starts", ko = "결과 정리를 시작하는 시점, 캠페인 종료일 며칠 뒤" } },
    analyst      = { type = "role", default = "team:media",
                     help = { en = "who makes the report: a role, user:NAME, team:NAME", ko = "보고서를 작성하는 사람: 역할, user:NAME, team:NAME" } },
    reader       = { type = "role", default = "owner.manager",
                     help = { en = "who reads it before it leaves the house", ko = "보고서를 고객에게 보내기 전에 검토하는 사람" } },
    report_days  = { type = "integer", default = 7, min = 1, max = 365,
                     help = { en = "business days for the report", ko = "보고서 작성 기한(영업일)" } },
    present_days = { type = "integer", default = 10, min = 1, max = 365,
                     help = { en = "business days to present it", ko = "결과 발표 기한(영업일)" } },
  },
  start_when = { days = setting "after_days", after = "plan.ends_on", where = "type = campaign and status in (approved, running)" },
  stop_when  = { where = "account.stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local again, content, unhappy = say("again", "다음 캠페인"), say("content", "만족"), say("unhappy", "불만")

    local function report(step, why, why_ko)
      run:task(step, {
        title  = { en = "{account.name}, {name}: results against {goals}", ko = "{account.name}, {name}: 목표 대비 결과 정리 ({goals})" },
        to     = settings.analyst,
        due    = { business_days = settings.report_days },
        reason = { en = why, ko = why_ko },
        type   = "report",
      })
      return not run:wait(step .. ", made", { done = step, within = { business_days = settings.report_days + 3 } }).timed_out
    end

    local has_report = report("report", "spend against budget, reach, clicks, cost of each result; what worked, what did not, and why",
                              "예산 대비 집행, 도달, 클릭, 결과당 비용, 잘된 점과 안된 점과 이유")
    if not has_report then
      run:escalate("report late", {
        to   = "owner",
        text = { en = "{account.name}, {name}: the wrap-up report is missing", ko = "{account.name}, {name}: 결과 보고서 없음" },
      })
      has_report = not run:wait("report, made late", { done = "report", within = { business_days = settings.report_days } }).timed_out
    end
    if not has_report then return "no_report" end

    local read = run:approve("read", {
      title  = { en = "{account.name}, {name}: may the report go to the customer?", ko = "{account.name}, {name}: 보고서를 고객에게 보내도 됩니까?" },
      to     = settings.reader,
      reason = { en = "are the figures right, is it honest, does it say what to do next", ko = "수치가 맞고 솔직하며 다음 제안이 있는지" },
      within = { business_days = 3 },
    })
    if not read.approved and not read.timed_out then
      local comment = read.comment or "-"
      report("report again", "sent back: " .. comment, "반려: " .. comment)
    end

    local word = run:ask("present", {
      question = { en = "Present the results of {name} to {account.name}. What did they say?", ko = "{account.name}에 {name} 결과 발표. 고객의 반응은?" },
      choices  = { again, content, unhappy },
      within   = { business_days = settings.present_days },
    })
    if not word.choice then
      run:escalate("not presented", {
        to   = "owner.manager",
        text = {
          en = "{account.name} has not seen the results of {name}",
          ko = "{account.name}에 {name} 결과가 발표되지 않음",
        },
      })
      return "not_presented"
    end
    run:task("learnt", {
      title = { en = "{account.name}, {name}: three things learnt, into the plan", ko = "{account.name}, {name}: 배운 점 세 가지를 계획에 기록" },
      reason = { en = "the next campaign begins with them", ko = "다음 캠페인의 출발점" },
      to    = "owner",
      due   = { business_days = 5 },
      type  = "report",
    })
    if word.choice == content then return "done" end
    if word.choice == again then
      run:task("next", {
        title = { en = "{account.name} wants to go on after {name}: get the brief", ko = "{account.name}, {name} 다음 캠페인 브리프 받기" },
        reason = { en = "they said so when the results were presented", ko = "결과 발표 때 고객이 원함" },
        to    = "owner",
        due   = { business_days = 5 },
        type  = "brief",
      })
      return "again"
    end
    run:escalate("unhappy", {
      to   = "owner.manager",
      text = {
        en = "{account.name} is not content with {name}; talk to them before the invoice does",
        ko = "{account.name}이(가) {name} 결과에 불만족, 청구 전에 먼저 대화하세요",
      },
    })
    return "unhappy"
  end,
}
