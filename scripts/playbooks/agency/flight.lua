-- For whoever steers an advertising flight: a week before its first day everything that has to be there is checked; on the first day
-- somebody sees that it runs; after the last day, that it has stopped. What it spends meanwhile is watched by pacing_watch.
local text = lib "text"

return playbook {
  name     = "flight",
  summary  = "See that a media flight starts and ends on its days",
  api      = 1,
  subject  = "media",
  outcomes = { "ran", "not_started", "overran" },
  settings = {
    check_days = { type = "integer", default = 5, min = 1, max = 60,
                   help = { en = "business days before the first day at which everything is checked", ko = "시작 준비를 확인하는 시점, 시작일 며칠 전(영업일)" } },
    steerer    = { type = "role", default = "owner",
                   help = { en = "who steers it: a role, user:NAME, team:NAME", ko = "집행을 관리하는 사람: 역할, user:NAME, team:NAME" } },
  },
  start_when = { business_days = setting "check_days", before = "media.starts_on", if_late = "start", where = "status = planned" },
  stop_when  = { where = "account.stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)

    -- Has the flight that state by then? A status that is there already counts.
    local function is_in(status, step, within)
      for n = 1, 20 do
        if run.media.status == status or run.media.status == "ended" then return true end
        if run:wait(step .. " " .. n, { event = "media.updated", by = within }).timed_out then break end
      end
      return run.media.status == status or run.media.status == "ended"
    end

    run:task("check", {
      title  = {
        en = "{account.name}, {name}: is everything there for {starts_on}?",
        ko = "{account.name}, {name}: {starts_on} 시작 준비 확인",
      },
      to     = settings.steerer,
      due    = { business_days = 3, at_latest = { on = "media.starts_on" } },
      reason = {
        en = "creative in its final form, tracking tried out, targeting and dates as booked, landing page up",
        ko = "최종 소재, 추적 코드 시험, 타기팅과 일정, 랜딩 페이지",
      },
      type   = "check",
    })
    if not is_in("running", "running", { on = "media.starts_on" }) then
      run:escalate("not running", {
        to       = settings.steerer,
        text     = {
          en = "{account.name}, {name}: it should have started on {starts_on} and does not run",
          ko = "{account.name}, {name}: {starts_on} 시작 예정이었으나 집행되지 않음",
        },
        priority = "urgent",
      })
      if not is_in("running", "running late", { business_days = 2, after = "media.starts_on" }) then
        run:escalate("tell the customer", {
          to   = "owner.manager",
          text = {
            en = "{account.name}, {name}: it still does not run; the customer has to hear of it, and of what we do about it",
            ko = "{account.name}, {name}: 아직 집행되지 않음, 고객에게 상황과 대책을 알려야 함",
          },
        })
        return "not_started"
      end
    end
    run:close("check done", { step = "check", outcome = say("it runs", "집행 중") })

    if is_in("ended", "ended", { business_days = 1, after = "media.ends_on" }) then return "ran" end
    run:escalate("still running", {
      to       = settings.steerer,
      text     = {
        en = "{account.name}, {name}: its last day was {ends_on} and it still runs; every day costs somebody money",
        ko = "{account.name}, {name}: {ends_on} 종료 예정이었으나 아직 집행 중, 비용이 계속 발생함",
      },
      priority = "urgent",
    })
    return "overran"
  end,
}
