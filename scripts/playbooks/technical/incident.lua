-- For the owner of a bad ticket and the technical account manager: somebody takes it, it is solved, its cause is found, it is kept from
-- coming back, and the customer says that it has not. At severity 1 and 2 no incident ends quietly without a root cause. While it is
-- open the customer is told where it stands, by the playbook customer_updates.
local text = lib "text"

return playbook {
  name     = "incident",
  summary  = "Bring a bad ticket from its triage to a customer who says that it is over",
  api      = 1,
  subject  = "ticket",
  outcomes = { "confirmed", "unconfirmed", "solved", "without_cause", "came_back", "unsolved" },
  settings = {
    max_severity   = { type = "integer", default = 2, min = 1, max = 5,
                       help = { en = "tickets of this severity and worse (1 is the worst)", ko = "이 심각도와 그보다 심한 티켓이 대상(1이 가장 심각)" } },
    cause_severity = { type = "integer", default = 2, min = 1, max = 5,
                       help = { en = "root cause and prevention are asked for at this severity and worse", ko = "이 심각도와 그보다 심하면 근본 원인과 재발 방지책을 요청" } },
    taker          = { type = "role", default = "support",
                       help = { en = "who takes it: a role, user:NAME, any:TEAM skill:WORD", ko = "티켓을 맡는 사람: 역할, user:NAME, any:TEAM skill:WORD" } },
    take_hours     = { type = "integer", default = 4, min = 1, max = 200,
                       help = { en = "business hours until somebody has taken it; at severity 1 one hour by the clock",
                                ko = "누군가 맡기까지의 기한(업무 시간), 심각도 1은 실제 시간으로 1시간" } },
    push_days      = { type = "integer", default = 3, min = 1, max = 365,
                       help = { en = "business days after which an unsolved one is escalated, each time", ko = "해결되지 않은 티켓을 상위 보고하는 간격(영업일)" } },
    pushes         = { type = "integer", default = 5, min = 1, max = 50,
                       help = { en = "times it is escalated before the run gives up", ko = "실행을 끝내기 전까지 상위 보고하는 횟수" } },
    cause_days     = { type = "integer", default = 5, min = 1, max = 365,
                       help = { en = "business days to find the root cause, and again for the prevention", ko = "근본 원인을 찾는 기한(영업일), 재발 방지책에도 같은 기한" } },
    confirm_days   = { type = "integer", default = 14, min = 1, max = 365,
                       help = { en = "days until the customer is asked whether it came back", ko = "재발하지 않았는지 고객에게 묻기까지의 일수" } },
  },
  start_when = { where = "severity <= {max_severity} and status not in (solved, closed)" },
  re_entry   = { at_most = 3, in_days = 90, if_open = "comment" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local stayed, again = say("stayed away", "재발 없음"), say("came back", "재발")

    local function is_over()
      local status = run.ticket.status
      return status == "solved" or status == "closed"
    end

    -- Solved within some escalations?
    local function solve(round)
      local pushes = 0
      for n = 1, 60 do
        if is_over() or pushes >= settings.pushes then break end
        local step = round .. "." .. n
        local solved = run:first("solved " .. step, {
          solved = { event = "ticket.solved", within = { business_days = settings.push_days } },
          closed = { event = "ticket.closed", within = { business_days = settings.push_days } },
        })
        if solved.timed_out and not is_over() then -- what was solved and opened again since is waited for anew
          pushes = pushes + 1
          run:escalate("not solved " .. step, {
            to       = "owner.manager",
            text     = {
              en = "{account.name}, severity {severity}: not solved yet: {title}",
              ko = "{account.name}, 심각도 {severity}: 아직 해결되지 않음: {title}",
            },
            priority = "urgent",
          })
        end
      end
      return is_over()
    end

    -- A field of the ticket that has to be filled in: asked for, pushed once, known in the end or not.
    local function demand(field, round, title)
      for try = 1, 2 do
        local step = field .. " " .. round .. "." .. try
        if run.ticket[field] then return true end
        run:task(step, {
          title  = title,
          reason = { en = "severity {severity}: it does not end without it", ko = "심각도 {severity}: 이것 없이는 끝나지 않음" },
          to     = settings.taker,
          due    = { business_days = settings.cause_days },
          type   = field,
        })
        for n = 1, 20 do
          local news = run:wait(step .. ", news " .. n, { event = "ticket.updated", within = { business_days = settings.cause_days } })
          if run.ticket[field] then
            run:close(step .. ", known", { step = step, outcome = say("written into the ticket", "티켓에 기록됨") })
            return true
          end
          if news.timed_out then break end
        end
        run:close(step .. ", late", { step = step, outcome = say("not in time", "기한 내 안 됨") })
        if try == 1 then
          run:escalate(step .. ", missing", {
            to   = "owner.manager",
            text = {
              en = "{account.name}: nobody has written down " .. (field == "root_cause" and "why it happened" or "what keeps it from happening again")
                .. ": {title}",
              ko = "{account.name}: " .. (field == "root_cause" and "원인이" or "재발 방지책이") .. " 기록되지 않음: {title}",
            },
          })
        end
      end
      return false
    end

    run:child("updates 1", "customer_updates", { wait = false, if_stopped = "cancel" })
    run:task("triage", {
      title    = {
        en = "{account.name}, severity {severity}: take it and say who works on it: {title}",
        ko = "{account.name}, 심각도 {severity}: 맡아서 담당자 지정: {title}",
      },
      reason   = { en = "the customer hears from us meanwhile; at severity 1 the clock counts", ko = "그동안 고객에게 상황을 계속 알림, 심각도 1은 시간 단위로 대응" },
      to       = settings.taker,
      due      = { business_days = 0 },
      priority = "urgent",
      type     = "incident",
    })
    local taken = run:wait("taken", {
      done   = "triage",
      within = run.ticket.severity == 1 and { hours = 1 } or { business_hours = settings.take_hours },
    })
    if taken.timed_out then
      run:escalate("not taken", {
        to       = "owner.manager",
        text     = {
          en = "{account.name}, severity {severity}: nobody has taken it: {title}",
          ko = "{account.name}, 심각도 {severity}: 아무도 맡지 않음: {title}",
        },
        priority = "urgent",
      })
    end

    for round = 1, 3 do
      if not solve(round) then return "unsolved" end
      if (run.ticket.severity or 5) > settings.cause_severity then return "solved" end
      local has_cause = demand("root_cause", round, {
        en = "{account.name}: write the root cause into the ticket: {title}",
        ko = "{account.name}: 근본 원인을 티켓에 기록: {title}",
      })
      if not has_cause then return "without_cause" end
      demand("prevention", round, {
        en = "{account.name}: write what keeps it from happening again into the ticket: {title}",
        ko = "{account.name}: 재발 방지책을 티켓에 기록: {title}",
      })
      run:task("explain " .. round, {
        title  = {
          en = "Explain {account.name} why it happened and what was done against it: {title}",
          ko = "{account.name}에 원인과 조치 설명: {title}",
        },
        reason = { en = "solved, its cause is known: {root_cause}", ko = "해결됨, 원인: {root_cause}" },
        to     = "owner",
        due    = { business_days = 2 },
        type   = "call",
      })
      run:sleep("time to come back " .. round, { days = settings.confirm_days })
      local calm = not is_over() and { choice = again } or run:ask("confirm " .. round, {
        question = {
          en = "Ask {account.name}: has it stayed away? {title}",
          ko = "{account.name}에 확인: 재발하지 않았습니까? {title}",
        },
        choices  = { stayed, again },
        within   = { business_days = 10 },
      })
      if calm.choice == stayed then return "confirmed" end
      if calm.choice ~= again then return "unconfirmed" end
      run:escalate("came back " .. round, {
        to   = "owner.manager",
        text = {
          en = "{account.name}: it came back; open the ticket again: {title}",
          ko = "{account.name}: 재발함, 티켓을 다시 여세요: {title}",
        },
      })
      for n = 1, 10 do -- until somebody has opened it
        if not is_over() or run:wait("open again " .. round .. "." .. n, { event = "ticket.updated", within = { business_days = 2 } }).timed_out then
          break
        end
      end
      if round < 3 and not is_over() then
        run:child("updates " .. round + 1, "customer_updates", { wait = false, if_stopped = "cancel" })
      end
    end
    return "came_back"
  end,
}
