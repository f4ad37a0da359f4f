-- For whoever speaks with the customer while something is broken: "tell them where it stands", again and again, at a rhythm, until it
-- is solved; also when there is nothing new, for silence is what customers remember. One task at a time; one that is not done goes up.
-- The incident playbook starts it; by hand it serves any other ticket: tend playbook start customer_updates '#TICKET'
return playbook {
  name     = "customer_updates",
  summary  = "Tell the customer where a ticket stands, at a rhythm, until it is solved",
  api      = 1,
  subject  = "ticket",
  outcomes = { "given_up", "long" },
  settings = {
    hours         = { type = "integer", default = 8, min = 1, max = 200,
                      help = { en = "business hours between two updates", ko = "진행 상황을 알리는 간격(업무 시간)" } },
    urgent_hours  = { type = "integer", default = 2, min = 1, max = 168,
                      help = { en = "hours by the clock between two updates at severity 1", ko = "심각도 1에서 진행 상황을 알리는 간격(실제 시간)" } },
    teller        = { type = "role", default = "owner",
                      help = { en = "who tells the customer: a role, user:NAME, any:TEAM", ko = "고객에게 알리는 사람: 역할, user:NAME, any:TEAM" } },
    most          = { type = "integer", default = 60, min = 1, max = 200,
                      help = { en = "updates after which it ends in any case", ko = "이 횟수만큼 알리면 해결 여부와 관계없이 끝남" } },
  },
  re_entry  = { at_most = 5, in_days = 30 },
  stop_when = { where = "status in (solved, closed)" },
  on_stop   = "close",

  steps = function(run)
    local settings = run.settings

    for n = 1, math.min(settings.most, 200) do
      local rhythm = run.ticket.severity == 1 and { hours = settings.urgent_hours } or { business_hours = settings.hours }

      run:task("update " .. n, {
        title    = { en = "Tell {account.name} where this stands: {title}", ko = "{account.name}에 진행 상황 전달: {title}" },
        to       = settings.teller,
        due      = { business_days = 0 },
        reason   = {
          en = "severity {severity}, {status}; what is known, what is being done, when they hear from us next",
          ko = "심각도 {severity}, {status}. 알려진 것, 하고 있는 일, 다음 연락 시각",
        },
        priority = "high",
        type     = "update",
      })
      local told = run:wait("told " .. n, { done = "update " .. n, within = rhythm })
      if told.timed_out then
        run:escalate("not told " .. n, {
          to   = "owner.manager",
          text = { en = "{account.name} hears nothing about: {title}", ko = "{account.name}에 소식이 전달되지 않고 있음: {title}" },
        })
        told = run:wait("told late " .. n, { done = "update " .. n, within = { business_days = 5 } })
        if told.timed_out then return "given_up" end
      end
      run:sleep("rhythm " .. n, rhythm)
    end
    return "long"
  end,
}
