-- For the account executive of an agency: a campaign from its brief to its last day. A plan of the type campaign is a campaign; each part
-- is a playbook of its own, and none begins before the one before it has its yes: brief, strategy, creative work, media plan, flights.
-- The flights are watched by flight and pacing_watch, the end by wrap_up.
local names = { "brief_gate", "campaign_strategy", "creative_rounds", "media_plan" }
local wanted = { brief_gate = "accepted", campaign_strategy = "approved", creative_rounds = "approved", media_plan = "booked" }
local words = {
  brief_gate        = { en = "the brief", ko = "브리프" },
  campaign_strategy = { en = "the strategy", ko = "전략" },
  creative_rounds   = { en = "the creative work", ko = "크리에이티브" },
  media_plan        = { en = "the media plan", ko = "미디어 플랜" },
}

return playbook {
  name     = "campaign",
  summary  = "Bring a campaign from its brief to its last day, one agreed part after the other",
  api      = 1,
  subject  = "plan",
  outcomes = { "ran", "no_brief", "no_strategy", "no_creative", "no_media" },
  settings = {
    retries = { type = "integer", default = 1, min = 0, max = 10,
                help = { en = "times that a part which failed is begun again when the owner's manager says so", ko = "실패한 단계를 담당자의 상사가 승인하면 다시 시작하는 횟수" } },
  },
  start_when = { where = "type = campaign and status = draft" },
  stop_when  = { where = "status = closed or account.stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local ends = { brief_gate = "no_brief", campaign_strategy = "no_strategy", creative_rounds = "no_creative", media_plan = "no_media" }

    -- True when the part came to its yes, at once or when somebody had it begin again.
    local function part(name)
      for try = 1, run.settings.retries + 1 do
        local step = try == 1 and name or name .. " " .. try
        local came = run:child(step, name, { within = { days = 180 } })
        if came.outcome == wanted[name] then return true end
        local how = came.outcome or came.why or "-"
        if try <= run.settings.retries then
          local again = run:approve(step .. ", again", {
            title  = {
              en = "{account.name}, {name}: begin " .. words[name].en .. " again?",
              ko = "{account.name}, {name}: " .. words[name].ko .. " 다시 시작할까요?",
            },
            to     = "owner.manager",
            reason = { en = "it ended with " .. how, ko = "결과: " .. how },
            within = { business_days = 5 },
          })
          if not again.approved then break end
        end
      end
      run:notify(name .. ", ended", {
        to   = "owner",
        text = {
          en = "{account.name}, {name}: the campaign stops at " .. words[name].en .. "; close the plan, or begin by hand where it should go on",
          ko = "{account.name}, {name}: " .. words[name].ko .. " 단계에서 중단됨, 계획을 닫거나 이어갈 단계를 직접 시작하세요",
        },
      })
      return false
    end

    for _, name in ipairs(names) do
      if not part(name) then return ends[name] end
    end
    run:sleep("last day", { on = "plan.ends_on" })
    return "ran"
  end,
}
