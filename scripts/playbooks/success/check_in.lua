-- For whoever keeps the relation: each customer hears from us in its rhythm, key accounts oftener. Whoever called or met the customer in
-- the meantime has nothing to do: the logged call closes the task. One that is missed is told to the manager, once.
return playbook {
  name     = "check_in",
  summary  = "Check in with each customer in the rhythm of its segment",
  api      = 1,
  subject  = "account",
  outcomes = { "touched", "missed", "not_wanted" },
  settings = {
    weeks        = { type = "integer", default = 13, min = 0, max = 520,
                     help = { en = "weeks between check-ins of all others; 0: none", ko = "그 밖의 고객의 정기 연락 간격(주), 0은 하지 않음" } },
    key_weeks    = { type = "integer", default = 2, min = 0, max = 520,
                     help = { en = "weeks between check-ins of segment key; 0: none", ko = "세그먼트 key의 정기 연락 간격(주), 0은 하지 않음" } },
    growth_weeks = { type = "integer", default = 4, min = 0, max = 520,
                     help = { en = "weeks between check-ins of segment growth; 0: none", ko = "세그먼트 growth의 정기 연락 간격(주), 0은 하지 않음" } },
    days         = { type = "integer", default = 5, min = 1, max = 365,
                     help = { en = "business days for it", ko = "정기 연락 기한(영업일)" } },
    late_days    = { type = "integer", default = 3, min = 1, max = 365,
                     help = { en = "business days after which a missed one is told", ko = "정기 연락을 놓친 것을 알리기까지의 기간(영업일)" } },
  },
  start_when = {
    every       = { weeks = setting "weeks" },
    per_segment = { key = { weeks = setting "key_weeks" }, growth = { weeks = setting "growth_weeks" } },
    where       = "stage = active",
  },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local settings = run.settings
    run:task("check in", {
      title  = { en = "Check in with {name}", ko = "{name} 정기 연락" },
      to     = "csm",
      due    = { business_days = settings.days },
      reason = { en = "what changed at {name}, what do they want to reach ({goals}), what is in their way; log the call and this is done",
                 ko = "{name}: 무엇이 바뀌었는지, 목표({goals})는 어떤지, 무엇이 막는지; 연락을 기록하면 끝납니다" },
      type   = "check-in",
    })
    local first = run:first("touched", {
      done   = { done = "check in", within = { business_days = settings.days } },
      logged = { event = "interaction.created", within = { business_days = settings.days } },
    })
    if first.timed_out then
      first = run:first("touched late", {
        done   = { done = "check in", within = { business_days = settings.late_days } },
        logged = { event = "interaction.created", within = { business_days = settings.late_days } },
      })
    end
    if first.which == "done" then return first.done.cancelled and "not_wanted" or "touched" end
    if first.which == "logged" then
      run:close("logged", { step = "check in", outcome = "a contact was logged" })
      return "touched"
    end
    run:close("missed", { step = "check in", outcome = "missed" })
    run:notify("told", {
      to   = "csm.manager",
      text = { en = "{name}: the check-in was missed", ko = "{name}: 정기 연락을 하지 못함" },
    })
    return "missed"
  end,
}
