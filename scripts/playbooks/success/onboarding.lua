-- For the customer success manager: from the signature to the first success the customer can name. Customers leave between these two
-- moments, so each milestone has its day, whoever stalls is noticed, and onboarding ends when somebody says what was reached, not when the
-- calendar does. Nothing is sent to the customer.
local dates = lib "dates"
local text = lib "text"

-- Waits for a task; once past its day it is reminded of, then it is its manager's. Whether it was done.
local function milestone(run, name, korean, task)
  run:task(name, task)
  local held = run:wait(name .. " done", { done = name, within = { business_days = run.settings.stall_days, at_latest = { days = run.settings.window_days } } })
  if held.timed_out then
    run:escalate(name .. " stalled", {
      to   = "csm.manager",
      text = { en = "{account.name}: onboarding has stalled for {settings.stall_days} business days at: " .. name,
               ko = "{account.name}: 온보딩이 영업일 {settings.stall_days}일째 멈춤, 단계: " .. korean },
    })
    held = run:wait(name .. " done late", { done = name, within = { business_days = run.settings.stall_days } })
  end
  return not held.timed_out and not held.cancelled
end

return playbook {
  name     = "onboarding",
  summary  = "Bring a new customer to first value, milestone by milestone",
  api      = 1,
  subject  = "account",
  outcomes = { "first_value", "stalled", "not_yet" },
  settings = {
    gate_days   = { type = "integer", default = 5, min = 0, max = 365,
                    help = { en = "business days to wait for the handover to be accepted; 0: not at all", ko = "인계 수락을 기다리는 기간(영업일), 0은 기다리지 않음" } },
    call_days   = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days until the kick-off", ko = "킥오프 기한(영업일)" } },
    setup_days  = { type = "integer", default = 15, min = 1, max = 365,
                    help = { en = "business days until the product is set up", ko = "제품 설치 기한(영업일)" } },
    use_days    = { type = "integer", default = 30, min = 1, max = 365,
                    help = { en = "days from then until the first use is seen", ko = "설치 후 첫 사용이 확인되기까지의 일수" } },
    stall_days  = { type = "integer", default = 20, min = 1, max = 365,
                    help = { en = "business days without a milestone after which it has stalled", ko = "다음 단계로 나아가지 못하면 멈춘 것으로 보는 기간(영업일)" } },
    window_days = { type = "integer", default = 90, min = 1, max = 1095,
                    help = { en = "days in which the customer should see the first value", ko = "고객이 첫 성과를 보아야 하는 일수" } },
  },
  start_when = { where = "stage = onboarding" },
  re_entry   = { at_most = 1, in_days = 365 },
  stop_when  = { where = "stage in (leaving, former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings, began = run.settings, run.today
    if settings.gate_days > 0 then
      run:first("handed over", {
        accepted = { event = "handover.accepted" },
        pause    = { sleep = { business_days = settings.gate_days } },
      })
    end
    if not run.account.goals then
      run:task("first value", {
        title  = { en = "Agree with {name} what first value is, and write it into its goals", ko = "{name}와 첫 성과의 정의를 합의해 목표(goals)에 적기" },
        to     = "csm",
        due    = { business_days = settings.call_days },
        reason = { en = "time or money saved, in the customer's words; onboarding ends when it is reached",
                   ko = "절감한 시간이나 비용을 고객의 말로; 이것을 달성하면 온보딩이 끝납니다" },
        type   = "onboarding",
      })
    end
    local is_begun = milestone(run, "kick-off", "킥오프", {
      title = { en = "Hold the kick-off with {name}: goals, people, dates", ko = "{name} 킥오프: 목표, 담당자, 일정" },
      to    = "csm",
      due   = { business_days = settings.call_days },
      type  = "onboarding",
    })
    if not is_begun then return "stalled" end
    local is_set_up = milestone(run, "set-up", "설치", {
      title = { en = "Get {name} set up: access, data, training of the first users", ko = "{name} 설치: 계정, 데이터, 첫 사용자 교육" },
      to    = "tam",
      due   = { business_days = settings.setup_days },
      type  = "onboarding",
    })
    if not is_set_up then return "stalled" end
    local used = run:wait("first use", { event = "usage.created", within = { days = settings.use_days } })
    if used.timed_out then
      run:task("nobody uses it", {
        title    = { en = "{name} is set up but nobody has used it for {settings.use_days} days: call and find out why",
                     ko = "{name}: 설치 후 {settings.use_days}일 동안 사용 기록 없음, 전화해서 이유를 확인하세요" },
        to       = "csm",
        due      = { business_days = 2 },
        priority = "high",
        type     = "onboarding",
      })
    end
    -- Asked at the end of the window, and a month later for whoever needs longer.
    local left = settings.window_days - dates.between(began, run.today)
    run:sleep("window", { days = left > 0 and left or 1 })
    for n = 1, 3 do
      local reached = run:ask("reached " .. n, {
        question = { en = "Has {name} reached its first value: {goals}?", ko = "{name}, 첫 성과를 달성했나요: {goals}?" },
        choices  = { say("yes", "예"), say("not yet", "아직") },
        of       = "csm",
        within   = { business_days = 5 },
      })
      if reached.choice == say("yes", "예") then
        run:set("active", { stage = "active" })
        return "first_value"
      end
      run:escalate("no value yet " .. n, {
        to   = "csm.manager",
        text = { en = "{name} has not seen its first value after the onboarding window: {goals}",
                 ko = "{name}: 온보딩 기간이 지났지만 첫 성과가 아직 없음: {goals}" },
      })
      run:sleep("longer " .. n, { days = 30 })
    end
    return "not_yet"
  end,
}
