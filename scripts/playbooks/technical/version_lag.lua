-- For the technical account manager: an installation falls too many releases behind the newest. It is reviewed, gets time to catch up,
-- and when it has not, its owner agrees on an upgrade or on an exception with the customer.
return playbook {
  name     = "version_lag",
  summary  = "Review an installation that falls behind the newest version",
  api      = 1,
  subject  = "environment",
  outcomes = { "caught_up", "retired", "still_behind" },
  settings = {
    max_behind  = { type = "integer", default = 2, min = 1, max = 100,
                    help = { en = "releases behind the newest at which a review is due", ko = "최신보다 이만큼 버전이 뒤지면 점검" } },
    review_days = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days until the review", ko = "점검 기한(영업일)" } },
    check_days  = { type = "integer", default = 30, min = 1, max = 365,
                    help = { en = "days after the review until it is looked at again", ko = "점검 후 다시 확인하기까지의 일수" } },
  },
  start_when = { where = "status = live and versions_behind >= {max_behind}" },

  steps = function(run)
    run:task("review", {
      title  = {
        en = "Review {name} of {account.name}: {versions_behind} releases behind",
        ko = "{account.name} {name} 점검: 최신보다 {versions_behind}개 버전 뒤짐",
      },
      to     = "tam",
      due    = { business_days = run.settings.review_days },
      reason = run.environment.supported_until
        and {
          en = "{name} runs {version}; end of its support: {supported_until}",
          ko = "{name}: 버전 {version}, 지원 종료 {supported_until}",
        }
        or { en = "{name} runs {version}", ko = "{name}: 버전 {version}" },
      type   = "review",
    })
    local review = run:wait("reviewed", { done = "review", within = { business_days = run.settings.review_days + 5 } })
    if review.timed_out then
      run:escalate("no review", {
        to   = "owner.manager",
        text = {
          en = "{account.name}: {name} is {versions_behind} releases behind and was not reviewed",
          ko = "{account.name}: {name} 버전이 {versions_behind}개 뒤졌는데 점검되지 않음",
        },
      })
    end
    run:sleep("time to upgrade", { days = run.settings.check_days })
    if run.environment.status == "retired" then return "retired" end
    if (run.environment.versions_behind or 0) < run.settings.max_behind then return "caught_up" end
    run:task("decide", {
      title = {
        en = "{account.name}: {name} is still {versions_behind} releases behind; agree on an upgrade or an exception",
        ko = "{account.name}: {name} 아직 {versions_behind}개 버전 뒤짐, 업그레이드나 예외를 합의하세요",
      },
      reason = { en = "reviewed, and nothing has changed since", ko = "점검 후에도 변화 없음" },
      to    = "owner",
      due   = { business_days = run.settings.review_days },
    })
    return "still_behind"
  end,
}
