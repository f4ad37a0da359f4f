-- For the account manager: a customer's health falls into the red. First the owner calls and says what is wrong, then there is a plan and
-- time for it; whoever does not act is passed over step by step, owner, manager, executive sponsor. It ends when the figure is back, or when
-- the sponsor has decided. A figure that swings around its limit raises one flag.
local text = lib "text"

return playbook {
  name     = "red_flag",
  summary  = "Act on a customer whose health has turned red, step by step up to the sponsor",
  api      = 1,
  subject  = "account",
  outcomes = { "recovered", "let_go", "rescued" },
  settings = {
    figure     = { type = "text", default = "health",
                   help = { en = "KPI that raises the flag", ko = "위험을 판단하는 KPI" } },
    red        = { type = "integer", default = 50, max = setting "good",
                   help = { en = "below this it is raised", ko = "이 값 미만이면 위험" } },
    good       = { type = "integer", default = 60,
                   help = { en = "above this it is lowered, and may be raised again", ko = "이 값을 넘으면 회복으로 보고, 나중에 다시 시작 가능" } },
    call_days  = { type = "integer", default = 2, min = 1, max = 365,
                   help = { en = "business days to call the customer", ko = "고객에게 전화하는 기한(영업일)" } },
    plan_days  = { type = "integer", default = 5, min = 1, max = 365,
                   help = { en = "business days to write the rescue plan", ko = "회복 계획 작성 기한(영업일)" } },
    check_days = { type = "integer", default = 30, min = 1, max = 365,
                   help = { en = "days that the plan has before the figure is looked at again", ko = "회복 계획을 세운 뒤 지표를 다시 보기까지의 일수" } },
  },
  start_when = {
    where      = "stage = active and {figure} < {red}",
    again_when = "{figure} > {good}",
  },
  re_entry  = { at_most = 4, in_days = 365, cool_down_days = 14, if_open = "raise" },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = function(run, left)
    for _, one in ipairs(left) do
      run:close("close " .. one.step, { step = one.step, outcome = "the customer is leaving; see the exit" })
    end
  end,

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    local began = run:measure("began", settings.figure)
    local figure = began.defined and ("%.3g"):format(began.value) or "?"

    run:task("call", {
      title    = { en = "Call {name}: {settings.figure} is " .. figure, ko = "{name}에 전화: {settings.figure} " .. figure },
      to       = "owner",
      due      = { business_days = settings.call_days },
      reason   = { en = "red below {settings.red}; ask what is wrong before you explain anything; tend health explain shows what pulls it down",
                   ko = "{settings.red} 미만은 위험; 설명하기 전에 무엇이 문제인지 먼저 물으세요; 원인은 tend health explain으로 볼 수 있습니다" },
      priority = "high",
      type     = "red flag",
    })
    local called = run:wait("called", { done = "call", within = { business_days = settings.call_days + 1 } })
    if called.timed_out then
      run:escalate("not called", {
        to   = "owner.manager",
        text = { en = "{name} is red ({settings.figure} " .. figure .. ") and nobody has called",
                 ko = "{name} 위험 ({settings.figure} " .. figure .. "), 아직 전화하지 않음" },
      })
    end
    run:task("plan", {
      title = { en = "Rescue plan for {name}: cause, who does what, by when", ko = "{name} 회복 계획: 원인, 담당, 기한" },
      to    = "owner",
      due   = { business_days = settings.plan_days },
      type  = "red flag",
    })
    local planned = run:wait("planned", { done = "plan", within = { business_days = settings.plan_days + 3 } })
    if planned.timed_out then
      run:escalate("no plan", {
        to   = "owner.manager",
        text = { en = "{name} is red and has no rescue plan after {settings.plan_days} business days",
                 ko = "{name} 위험, 영업일 {settings.plan_days}일이 지나도 회복 계획 없음" },
      })
    end
    for n = 1, 3 do
      run:sleep("time to work " .. n, { days = settings.check_days })
      local now = run:measure("now " .. n, settings.figure)
      if now.defined and now.value > settings.good then
        run:notify("recovered", {
          to   = "owner",
          text = { en = "{name} is back: {settings.figure} " .. ("%.3g"):format(now.value),
                   ko = "{name} 회복: {settings.figure} " .. ("%.3g"):format(now.value) },
        })
        return "recovered"
      end
      local decided = run:ask("sponsor " .. n, {
        question = { en = "{name} is still red after " .. n * settings.check_days .. " days: what do we do?",
                     ko = "{name}, " .. n * settings.check_days .. "일 뒤에도 위험: 어떻게 할까요?" },
        choices  = { say("go on", "계속"), say("I take it over", "직접 맡음"), say("let go", "포기") },
        of       = n == 1 and "owner.manager" or "executive",
        within   = { business_days = 5 },
      })
      if decided.choice == say("let go", "포기") then return "let_go" end
      if decided.choice == say("I take it over", "직접 맡음") then return "rescued" end
    end
    return "let_go"
  end,
}
