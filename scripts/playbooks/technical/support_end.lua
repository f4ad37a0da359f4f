-- For the technical account manager: support of an installed version ends in half a year. The customer upgrades, buys longer support,
-- or the risk is taken knowingly: the owner's manager agrees to that. It follows the date, and a month before it asks again.
local text = lib "text"

return playbook {
  name     = "support_end",
  summary  = "Decide what becomes of an installation before its support ends",
  api      = 1,
  subject  = "environment",
  outcomes = { "settled", "risk_accepted", "retired", "unsupported" },
  settings = {
    lead_days = { type = "integer", default = 180, min = 1, max = 1095,
                  help = { en = "days before the end of support at which the work starts", ko = "시작하는 시점, 지원 종료 며칠 전" } },
    last_days = { type = "integer", default = 30, min = 1, max = setting "lead_days",
                  help = { en = "days before it at which it is escalated", ko = "상위 보고하는 시점, 지원 종료 며칠 전" } },
    due_days  = { type = "integer", default = 15, min = 1, max = 365,
                  help = { en = "business days to agree with the customer on what to do", ko = "고객과 대책을 합의하는 기한(영업일)" } },
  },
  start_when = { days = setting "lead_days", before = "environment.supported_until", if_late = "start", where = "status = live" },
  stop_when  = { where = "account.stage in (leaving, former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language)
    local upgrade, extend, accept = say("upgrade", "업그레이드"), say("extend", "연장"), say("accept", "감수")
    local was = run.environment.supported_until
    local risk = false

    local way = run:ask("way", {
      question = {
        en = "{account.name}, {name}: support of {version} ends on {supported_until}. What is agreed with the customer?",
        ko = "{account.name} {name}: 버전 {version} 지원이 {supported_until}에 끝납니다. 고객과 무엇을 합의했습니까?",
      },
      choices  = { upgrade, extend, accept },
      of       = "tam",
      within   = { business_days = run.settings.due_days },
    })
    if way.choice == upgrade then
      run:task("upgrade", {
        title = {
          en = "{account.name}, {name}: upgrade before {supported_until}",
          ko = "{account.name} {name}: {supported_until} 전에 업그레이드",
        },
        reason = { en = "that is what was agreed with the customer", ko = "고객과 합의한 내용" },
        to    = "tam",
        due   = { days = run.settings.last_days, before = "environment.supported_until" },
        type  = "upgrade",
      })
    elseif way.choice == extend then
      run:task("extend", {
        title = {
          en = "{account.name}, {name}: offer longer support, from {supported_until} on",
          ko = "{account.name} {name}: {supported_until} 이후 연장 지원 제안",
        },
        reason = { en = "that is what was agreed with the customer", ko = "고객과 합의한 내용" },
        to    = "owner",
        due   = { business_days = run.settings.due_days },
        type  = "offer",
      })
    elseif way.choice == accept then
      risk = run:approve("risk", {
        title  = {
          en = "{account.name} stays on {version} of {name} without support",
          ko = "{account.name} {name}: 지원 없이 버전 {version} 계속 사용",
        },
        to     = "owner.manager",
        reason = { en = "support ends on {supported_until}", ko = "지원 종료 {supported_until}" },
        within = { business_days = run.settings.due_days },
      }).approved
    end
    if risk then return "risk_accepted" end

    -- Done is what the installation says: a later end of support, or that it is gone.
    for n = 1, 50 do
      local environment = run.environment
      if environment.status == "retired" then return "retired" end
      if environment.supported_until and environment.supported_until > was then return "settled" end
      local news = run:wait("news " .. n, {
        event = "environment.updated",
        by    = { days = run.settings.last_days, before = "environment.supported_until" },
      })
      if news.timed_out then break end
    end
    run:escalate("soon without support", {
      to   = "owner.manager",
      text = {
        en = "{account.name}, {name}: support of {version} ends on {supported_until}, and nothing has changed",
        ko = "{account.name} {name}: 버전 {version} 지원이 {supported_until}에 끝나는데 바뀐 것이 없음",
      },
    })
    run:sleep("end of support", { on = "environment.supported_until" })
    if run.environment.status == "retired" then return "retired" end
    if run.environment.supported_until and run.environment.supported_until > was then return "settled" end
    return "unsupported"
  end,
}
