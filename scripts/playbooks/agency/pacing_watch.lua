-- For whoever steers an advertising flight: it should spend its budget evenly. Ten points off the plan is a task for today, thirty go to
-- the manager; each is said when it gets worse, and again only after it was better. Without figures it waits for them.
local dates = lib "dates"
local text = lib "text"

-- What was spent, and what the plan would have spent by the same day: both in the smallest unit of money, times the days of the flight.
local function spent_and_planned(media)
  if not (media.budget and media.spent and media.spent_as_of and media.starts_on and media.ends_on) then return end
  local elapsed = dates.between(media.starts_on, media.spent_as_of) + 1
  local total = dates.between(media.starts_on, media.ends_on) + 1
  if elapsed < 1 or total < 1 or media.budget <= 0 then return end
  return media.spent * total, media.budget * math.min(elapsed, total)
end

local function band(spent, planned, settings)
  if 100 * spent < settings.alarm_low * planned or 100 * spent > settings.alarm_high * planned then return 2 end
  if 100 * spent < settings.low * planned or 100 * spent > settings.high * planned then return 1 end
  return 0
end

return playbook {
  name     = "pacing_watch",
  summary  = "Watch that a media flight spends its budget evenly",
  api      = 1,
  subject  = "media",
  outcomes = { "ended" },
  settings = {
    low        = { type = "integer", default = 90, min = 1, max = setting "high",
                   help = { en = "percent of the plan below which somebody looks at it", ko = "집행률이 계획의 이 비율(%)보다 낮으면 담당자가 확인" } },
    high       = { type = "integer", default = 110, min = 1, max = 1000,
                   help = { en = "percent of the plan above which somebody looks at it", ko = "집행률이 계획의 이 비율(%)보다 높으면 담당자가 확인" } },
    alarm_low  = { type = "integer", default = 70, min = 0, max = setting "low",
                   help = { en = "percent of the plan below which it is escalated", ko = "집행률이 계획의 이 비율(%)보다 낮으면 상위 보고" } },
    alarm_high = { type = "integer", default = 130, min = setting "high", max = 10000,
                   help = { en = "percent of the plan above which it is escalated", ko = "집행률이 계획의 이 비율(%)보다 높으면 상위 보고" } },
    check_days = { type = "integer", default = 3, min = 1, max = 365,
                   help = { en = "business days without news after which it is looked at again", ko = "새 소식이 없을 때 다시 확인하기까지의 기간(영업일)" } },
  },
  start_when = { where = "status = running" },

  steps = function(run)
    local worst = 0
    for n = 1, 300 do
      local media = run.media
      if media.status ~= "running" or (media.ends_on and run.today > media.ends_on) then break end
      local spent, planned = spent_and_planned(media)
      local now = spent and band(spent, planned, run.settings) or 0
      if now > worst and now == 1 then
        run:task("pacing " .. n, {
          title = {
            en = "{account.name}: {name} has spent " .. text.percent(spent, planned) .. " of its plan",
            ko = "{account.name}: {name}, 계획의 " .. text.percent(spent, planned) .. " 집행",
          },
          reason = {
            en = "spent {spent} of {budget} by {spent_as_of}; slower or faster, or another plan",
            ko = "{spent_as_of}까지 예산 {budget} 중 {spent} 집행, 속도나 계획을 조정",
          },
          to    = "owner",
          due   = { business_days = 1 },
          type  = "pacing",
        })
      elseif now > worst then
        run:escalate("pacing " .. n, {
          to   = "owner.manager",
          text = {
            en = "{account.name}: {name} has spent " .. text.percent(spent, planned) .. " of its plan",
            ko = "{account.name}: {name}, 계획의 " .. text.percent(spent, planned) .. " 집행",
          },
        })
      end
      worst = now
      run:wait("news " .. n, { event = "media.updated", within = { business_days = run.settings.check_days } })
    end
    return "ended"
  end,
}
