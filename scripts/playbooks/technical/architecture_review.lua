-- For the technical account manager: the regular look at the customer's architecture, oftener for key accounts. Prepared with figures,
-- held with the customer, and what it found ends up as risks with somebody's name, or it was worth the hour and nothing else.
local text = lib "text"

return playbook {
  name     = "architecture_review",
  summary  = "Look at the customer's architecture regularly and follow up what it shows",
  api      = 1,
  subject  = "account",
  outcomes = { "sound", "improved", "risks_left", "not_held" },
  settings = {
    months       = { type = "integer", default = 12, min = 1, max = 60,
                     help = { en = "months from one review to the next", ko = "점검 간격(개월)" } },
    key_months   = { type = "integer", default = 6, min = 1, max = 60,
                     help = { en = "the same for accounts of the segment key", ko = "세그먼트 key 고객의 점검 간격(개월)" } },
    prepare_days = { type = "integer", default = 10, min = 1, max = 365,
                     help = { en = "business days to prepare it", ko = "준비 기한(영업일)" } },
    hold_days    = { type = "integer", default = 20, min = 1, max = 365,
                     help = { en = "business days after that to hold it", ko = "준비 후 진행하는 기한(영업일)" } },
    follow_days  = { type = "integer", default = 60, min = 1, max = 365,
                     help = { en = "days until the risks it found are looked at again", ko = "발견된 위험을 다시 확인하기까지의 일수" } },
  },
  start_when = {
    every = { months = setting "months" }, per_segment = { key = { months = setting "key_months" } }, where = "stage = active",
  },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local say = text.say(run.language)
    local sound, risks = say("sound", "이상 없음"), say("risks", "위험 있음")
    local closed, left = say("closed", "해결"), say("left", "남음")
    local settings = run.settings

    run:task("prepare", {
      title  = { en = "Prepare the architecture review of {account.name}", ko = "{account.name} 아키텍처 점검 준비" },
      to     = "tam",
      due    = { business_days = settings.prepare_days },
      reason = {
        en = "installations and versions, open tickets by theme, load and limits, what the customer plans",
        ko = "설치와 버전, 주제별 미해결 티켓, 부하와 한계, 고객의 계획",
      },
      type   = "review",
    })
    run:wait("prepared", { done = "prepare", within = { business_days = settings.prepare_days + 5 } })

    local found = run:ask("review", {
      question = {
        en = "Hold the architecture review with {account.name}. What did it show?",
        ko = "{account.name}의 아키텍처를 고객과 함께 점검하세요. 결과는?",
      },
      choices  = { sound, risks },
      of       = "tam",
      within   = { business_days = settings.hold_days },
    })
    if found.choice == sound then return "sound" end
    if found.choice ~= risks then
      run:escalate("not held", {
        to   = "owner",
        text = { en = "{account.name}: the architecture review was not held", ko = "{account.name}: 아키텍처 점검이 진행되지 않음" },
      })
      return "not_held"
    end

    run:task("risks", {
      title  = {
        en = "{account.name}: write each risk into the plan, with who acts by when",
        ko = "{account.name}: 위험을 담당자와 기한과 함께 계획에 기록",
      },
      to     = "tam",
      due    = { business_days = 5 },
      reason = { en = "the review found risks", ko = "점검에서 위험이 발견됨" },
      type   = "risk",
    })
    run:task("tell", {
      title = {
        en = "{account.name}: explain the risks to the customer in plain words, with what we propose",
        ko = "{account.name}: 위험과 제안을 고객에게 쉬운 말로 설명",
      },
      reason = { en = "the review found risks", ko = "점검에서 위험이 발견됨" },
      to    = "owner",
      due   = { business_days = 10 },
      type  = "call",
    })
    run:sleep("time to act", { days = settings.follow_days })
    local after = run:ask("after", {
      question = {
        en = "{account.name}: are the risks of the architecture review closed?",
        ko = "{account.name}: 아키텍처 점검의 위험이 해결되었습니까?",
      },
      choices  = { closed, left },
      of       = "tam",
      within   = { business_days = 10 },
    })
    if after.choice == closed then return "improved" end
    run:escalate("risks left", {
      to   = "owner.manager",
      text = {
        en = "{account.name}: risks of the architecture review are still open",
        ko = "{account.name}: 아키텍처 점검의 위험이 아직 남아 있음",
      },
    })
    return "risks_left"
  end,
}
