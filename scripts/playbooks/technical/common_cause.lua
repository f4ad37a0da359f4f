-- For whoever leads support: tickets of one theme come from more accounts than they used to. One customer who has a bug is a ticket, five
-- in two weeks are a trend, and a trend that nobody sees is what several of them leave for. Somebody looks whether it is one cause, there
-- is one plan for all of them, and it is watched until none of them has it any more. Each new ticket counts; the plan is made once.
local text = lib "text"

return playbook {
  name     = "common_cause",
  summary  = "Find the one cause behind tickets of several accounts, and follow it until it is gone",
  api      = 1,
  subject  = "ticket",
  outcomes = { "single", "usual", "known", "several", "unanswered", "over", "still_open" },
  settings = {
    accounts    = { type = "integer", default = 5, min = 2, max = 10000,
                    help = { en = "accounts that have it, from which on it is looked at", ko = "같은 문제가 있는 고객사가 몇 곳 이상이면 살펴볼지" } },
    days        = { type = "integer", default = 14, min = 1, max = 365,
                    help = { en = "days back in which their tickets are counted", ko = "티켓을 집계하는 최근 기간(일)" } },
    before_days = { type = "integer", default = 28, min = setting "days", max = 730,
                    help = { en = "days back at which the time before begins; twice days compares like with like",
                             ko = "비교할 이전 기간이 며칠 전에 시작하는지, days의 두 배이면 같은 길이로 비교" } },
    rise        = { type = "number", default = 1.5, min = 1, max = 100,
                    help = { en = "times as many accounts as in the time before", ko = "이전 기간보다 고객사 수가 몇 배 이상일 때" } },
    lead        = { type = "role", default = "support",
                    help = { en = "who looks and makes the plan: a role, user:NAME, any:TEAM skill:WORD",
                             ko = "살펴보고 계획을 세우는 담당: 역할, user:NAME, any:TEAM skill:WORD" } },
    look_days   = { type = "integer", default = 1, min = 0, max = 30,
                    help = { en = "business days to say whether it is one cause", ko = "원인이 하나인지 답하는 기한(영업일)" } },
    plan_days   = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days for the plan", ko = "계획을 세우는 기한(영업일)" } },
    check_days  = { type = "integer", default = 7, min = 1, max = 365,
                    help = { en = "days from one look at what is still open to the next", ko = "미해결 티켓을 다시 확인하는 간격(일)" } },
    checks      = { type = "integer", default = 4, min = 1, max = 50,
                    help = { en = "looks before the run gives up", ko = "실행을 끝내기 전에 확인하는 횟수" } },
  },
  start_when = { where = "category is not empty and status not in (solved, closed) and opened_at within last {days} days" },
  re_entry   = { at_most = 1 },

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)

    local now = run:count("now", "ticket", {
      of = "all", distinct = "account", where = "opened_at within last {settings.days} days and category = {category}",
    })
    if now.count < settings.accounts then return "single" end
    local before = run:count("before", "ticket", {
      of = "all", distinct = "account",
      where = "opened_at >= today - {settings.before_days} days and opened_at < today - {settings.days} days and category = {category}",
    })
    if now.count < before.count * settings.rise then return "usual" end
    local begun = run:count("begun", "task", {
      of = "all",
      where = "playbook = common_cause and type = {category} and (status = open or done_at within last {settings.days} days)",
    })
    if begun.count > 0 then return "known" end

    run:task("plan", {
      title    = {
        en = "{category}: make one plan for the tickets of " .. now.count .. " accounts",
        ko = "{category}: 고객사 " .. now.count .. "곳의 티켓을 함께 다룰 계획 수립",
      },
      reason   = {
        en = now.count .. " accounts in {settings.days} days, " .. before.count .. " in the time before; whoever has it may think of leaving",
        ko = "{settings.days}일 동안 고객사 " .. now.count .. "곳, 이전 기간 " .. before.count .. "곳. 이탈로 이어질 수 있음",
      },
      to       = settings.lead,
      due      = { business_days = settings.plan_days },
      priority = "high",
      type     = run.ticket.category,
    })
    run:sleep("until the others are there", { minutes = 10 }) -- tickets that came together see the same: the first run goes on
    local first = run:count("first", "task", {
      of = "all", where = "playbook = common_cause and type = {category} and status = open and run < " .. run.id,
    })
    if first.count > 0 then
      run:close("the same plan", { step = "plan", outcome = say("there is a plan for it already", "이미 계획이 있음") })
      return "known"
    end

    local one, several = say("one cause", "하나의 원인"), say("several", "여러 원인")
    local looked = run:ask("cause", {
      question = {
        en = "{category}: is it one cause? " .. now.count .. " accounts in {settings.days} days; one of them: {account.name}, {title}",
        ko = "{category}: 하나의 원인입니까? {settings.days}일 동안 고객사 " .. now.count .. "곳. 예: {account.name}, {title}",
      },
      choices  = { one, several },
      of       = settings.lead,
      within   = { business_days = settings.look_days },
    })
    if looked.timed_out then
      run:escalate("nobody looks", {
        to       = "owner.manager",
        text     = {
          en = "{category}: " .. now.count .. " accounts have it, and nobody has looked whether it is one cause",
          ko = "{category}: 고객사 " .. now.count .. "곳에서 발생했으나 하나의 원인인지 아무도 확인하지 않음",
        },
        priority = "high",
      })
      run:close("no plan", { step = "plan", outcome = say("nobody looked", "확인되지 않음") })
      return "unanswered"
    end
    if looked.choice ~= one then
      run:close("no one plan", { step = "plan", outcome = several })
      return "several"
    end

    run:notify("one cause", {
      to   = "owner.manager",
      text = {
        en = "{category}: one cause behind the tickets of " .. now.count .. " accounts; there will be one plan for all of them",
        ko = "{category}: 고객사 " .. now.count .. "곳의 티켓이 하나의 원인에서 비롯됨. 공동 계획을 수립합니다",
      },
    })
    if run:wait("planned", { done = "plan", within = { business_days = settings.plan_days } }).timed_out then
      run:escalate("no plan yet", {
        to   = "owner.manager",
        text = {
          en = "{category}: no plan yet for the tickets of " .. now.count .. " accounts",
          ko = "{category}: 고객사 " .. now.count .. "곳의 티켓에 대한 계획이 아직 없음",
        },
      })
    end
    for n = 1, settings.checks do
      run:sleep("time to work " .. n, { days = settings.check_days })
      local left = run:count("left " .. n, "ticket", {
        of = "all", distinct = "account", where = "category = {category} and status not in (solved, closed)",
      })
      if left.count == 0 then return "over" end
      run:notify("still open " .. n, {
        to   = settings.lead,
        text = {
          en = "{category}: " .. left.count .. " accounts still have an open ticket; at first it was " .. now.count,
          ko = "{category}: 아직 티켓이 열려 있는 고객사 " .. left.count .. "곳, 처음에는 " .. now.count .. "곳",
        },
      })
    end
    run:escalate("not over", {
      to   = "owner.manager",
      text = {
        en = "{category}: the common cause is not gone; look at the accounts that still have it",
        ko = "{category}: 공통 원인이 해소되지 않음. 아직 겪고 있는 고객사를 확인하세요",
      },
    })
    return "still_open"
  end,
}
