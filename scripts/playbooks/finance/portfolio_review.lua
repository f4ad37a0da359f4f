-- For the adviser: the regular talk with a customer about goals, risk and what they hold; twice a year for key customers. What they say
-- about their life may change everything, so it is asked. A review that is not held is seen, and counts as not held.
local text = lib "text"

return playbook {
  name     = "portfolio_review",
  summary  = "Review a customer's goals and portfolio with them, regularly",
  api      = 1,
  subject  = "account",
  outcomes = { "as_it_is", "changes", "life_event", "postponed", "not_held" },
  settings = {
    months       = { type = "integer", default = 12, min = 1, max = 60,
                     help = { en = "months from one review to the next", ko = "점검 간격(개월)" } },
    key_months   = { type = "integer", default = 6, min = 1, max = 60,
                     help = { en = "the same for accounts of the segment key", ko = "세그먼트 key 고객의 점검 간격(개월)" } },
    prepare_days = { type = "integer", default = 5, min = 1, max = 365,
                     help = { en = "business days to prepare it and to agree on a day", ko = "점검을 준비하고 일정을 잡는 기한(영업일)" } },
    hold_days    = { type = "integer", default = 20, min = 1, max = 365,
                     help = { en = "business days to hold it", ko = "점검을 진행하는 기한(영업일)" } },
  },
  start_when = {
    every = { months = setting "months" }, per_segment = { key = { months = setting "key_months" } },
    where = "kind = household and stage = active",
  },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local same, changes = say("as it is", "유지"), say("changes", "변경")
    local life, later = say("life event", "생애 사건"), say("later", "연기")

    run:task("prepare", {
      title  = { en = "Prepare the review with {account.name} and agree on a day", ko = "{account.name} 정기 점검 준비 및 일정 조율" },
      to     = "owner",
      due    = { business_days = settings.prepare_days },
      reason = {
        en = "return and costs since the last one, drift, profile and when it expires, what was promised",
        ko = "지난 점검 이후 수익과 비용, 목표 이탈, 프로필 만료일, 약속한 것",
      },
      type   = "review",
    })
    for try = 1, 2 do
      local word = run:ask("review " .. try, {
        question = {
          en = "Hold the review with {account.name}: goals, risk, what has changed in their life. What came of it?",
          ko = "{account.name} 정기 점검: 목표, 위험 성향, 생활의 변화. 결과는?",
        },
        choices  = { same, changes, life, later },
        within   = { business_days = settings.hold_days },
      })
      if word.choice == same then return "as_it_is" end
      if word.choice == life then
        run:child("life event", "life_event", { wait = false })
        return "life_event"
      end
      if word.choice == changes then
        run:task("profile", {
          title = {
            en = "{account.name}: write what changed into the profile, before anything is proposed",
            ko = "{account.name}: 제안 전에 변경 사항을 프로필에 반영",
          },
          reason = { en = "the review showed changes", ko = "정기 점검에서 변화가 확인됨" },
          to    = "owner",
          due   = { business_days = 3 },
          type  = "profile",
        })
        return "changes"
      end
      if word.choice ~= later then break end
      if try == 2 then return "postponed" end
      run:sleep("later " .. try, { days = 30 })
    end
    run:escalate("not held", {
      to   = "owner.manager",
      text = { en = "{account.name}: the review was not held", ko = "{account.name}: 정기 점검이 진행되지 않음" },
    })
    return "not_held"
  end,
}
