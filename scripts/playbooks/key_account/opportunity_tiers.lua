-- For the key account manager: small opportunities (tier 3 and 4) become larger ones, or they are let go of. What has lain too long in its tier
-- is looked at once by whoever works on it: promote it, with what that takes, keep it, or close it.
local text = lib "text"

return playbook {
  name     = "opportunity_tiers",
  summary  = "Look at opportunities that stay in a low tier: promote, keep or close",
  api      = 1,
  subject  = "opportunity",
  outcomes = { "promoted", "kept", "closed", "not_decided" },
  settings = {
    dwell_days = { type = "integer", default = 60, min = 1, max = 1095,
                   help = { en = "days in a low tier after which it is looked at", ko = "낮은 티어에 머문 뒤 검토하기까지의 일수" } },
    again_days = { type = "integer", default = 90, min = 1, max = 1095,
                   help = { en = "days until one that is kept is looked at again", ko = "유지하기로 한 기회를 다시 검토하기까지의 일수" } },
    looks      = { type = "integer", default = 3, min = 1, max = 20,
                   help = { en = "so often it is looked at; then its manager decides", ko = "검토 횟수, 그 뒤에는 상사가 결정" } },
  },
  start_when = { where = "tier in (3, 4) and stage not in (won, lost)" },
  re_entry   = { cool_down_days = 30 },
  stop_when  = { where = "stage in (won, lost)" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings, tier = run.settings, run.opportunity.tier
    run:sleep("dwell", { days = settings.dwell_days })
    for n = 1, settings.looks do
      if (run.opportunity.tier or 4) < tier then return "promoted" end
      local is_last = n == settings.looks
      local decided = run:ask("look " .. n, {
        question = { en = "{name} of {account.name} stays in tier {tier} ({amount}): promote it, keep it or close it?",
                     ko = "{account.name} {name}, 티어 {tier}에 머무름 ({amount}): 올릴까요, 유지할까요, 종료할까요?" },
        choices  = { say("promote", "승급"), say("keep", "유지"), say("close", "종료") },
        of       = is_last and "owner.manager" or "owner",
        within   = { business_days = 5 },
      })
      if decided.choice == say("promote", "승급") then
        run:task("promote", {
          title  = { en = "Promote {name} of {account.name}: decision maker, need, budget and day",
                     ko = "{account.name} {name} 승급: 결정권자, 니즈, 예산, 일정 확인" },
          to     = "owner",
          due    = { business_days = 10 },
          reason = { en = "a tier higher takes somebody who decides, a need in the customer's words, money and a day; then set its tier",
                     ko = "티어를 올리려면 결정권자, 고객의 말로 적은 니즈, 예산, 일정이 필요합니다; 갖추면 tier를 바꾸세요" },
          type   = "opportunity",
        })
        local done = run:wait("promoted", { done = "promote", within = { business_days = 20 } })
        return done.timed_out and "not_decided" or "promoted"
      end
      if decided.choice == say("close", "종료") then
        run:task("close", {
          title = { en = "Close {name} of {account.name} as lost, with the reason", ko = "{account.name} {name} 종료(lost), 사유를 적으세요" },
          to    = "owner",
          due   = { business_days = 3 },
          type  = "opportunity",
        })
        return "closed"
      end
      if not is_last then run:sleep("keep " .. n, { days = settings.again_days }) end
      if is_last and decided.choice == say("keep", "유지") then return "kept" end
    end
    return "not_decided"
  end,
}
