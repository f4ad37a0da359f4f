-- For whoever looks after the customer: the business review, each quarter for segments key and growth. The figures are read at one moment
-- and stay in the run; the report of that day can be printed again later. It is held with the customer, its minutes go out, and what was
-- agreed is looked at again before the next one.
local text = lib "text"

return playbook {
  name     = "business_review",
  summary  = "Hold the business review with each customer and keep what was agreed in it",
  api      = 1,
  subject  = "account",
  outcomes = { "done", "still_open", "nothing_agreed", "not_wanted", "not_held" },
  settings = {
    months        = { type = "integer", default = 0, min = 0, max = 60,
                      help = { en = "months between reviews of all others; 0: none", ko = "그 밖의 고객의 리뷰 간격(개월), 0은 하지 않음" } },
    key_months    = { type = "integer", default = 3, min = 0, max = 60,
                      help = { en = "months between reviews of segment key; 0: none", ko = "세그먼트 key의 리뷰 간격(개월), 0은 하지 않음" } },
    growth_months = { type = "integer", default = 3, min = 0, max = 60,
                      help = { en = "months between reviews of segment growth; 0: none", ko = "세그먼트 growth의 리뷰 간격(개월), 0은 하지 않음" } },
    figures       = { type = "text", default = "health, arr, nps",
                      help = { en = "KPIs that are shown, with commas; of [kpi] publish", ko = "보여 줄 KPI, 쉼표로 구분, [kpi] publish에 있는 것" } },
    prepare_days  = { type = "integer", default = 10, min = 1, max = 365,
                      help = { en = "business days to prepare it", ko = "준비 기한(영업일)" } },
    hold_days     = { type = "integer", default = 15, min = 1, max = 365,
                      help = { en = "business days after that to hold it", ko = "준비 후 진행하는 기한(영업일)" } },
    minutes_days  = { type = "integer", default = 3, min = 1, max = 365,
                      help = { en = "business days to send the minutes", ko = "회의록 발송 기한(영업일)" } },
    follow_days   = { type = "integer", default = 30, min = 1, max = 365,
                      help = { en = "days until it is asked what became of what was agreed", ko = "합의한 일이 끝났는지 묻기까지의 일수" } },
  },
  start_when = {
    every       = { months = setting "months" },
    per_segment = { key = { months = setting "key_months" }, growth = { months = setting "growth_months" } },
    where       = "stage = active",
  },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local say = text.say(run.language)
    local agreed, nothing, no = say("actions", "할 일 있음"), say("no actions", "할 일 없음"), say("not wanted", "원하지 않음")
    local done, open = say("done", "완료"), say("open", "남음")
    local settings, day, shown = run.settings, run.today, {}

    for figure in settings.figures:gmatch("[^,%s]+") do
      local read = run:measure("figure " .. figure, figure)
      shown[#shown + 1] = figure .. " " .. (read.defined and (read.text or ("%.4g"):format(read.value)) or "?")
    end
    local figures = table.concat(shown, ", ")
    run:log("figures", day .. ": " .. figures)

    run:task("prepare", {
      title  = { en = "Prepare the business review of {name}", ko = "{name} 비즈니스 리뷰 준비" },
      to     = "owner",
      due    = { business_days = settings.prepare_days },
      reason = {
        en = figures .. "; goals: {goals}. The page, as of this day whenever it is made: tend report account \"{name}\" --known-at " .. day
          .. " --html review.html",
        ko = figures .. "; 목표: {goals}. 언제 만들어도 같은 날 기준인 보고서: tend report account \"{name}\" --known-at " .. day
          .. " --html review.html",
      },
      type   = "review",
    })
    run:wait("prepared", { done = "prepare", within = { business_days = settings.prepare_days + 5 } })

    local held = run:ask("review", {
      question = {
        en = "Hold the business review with {name}: goals and what was reached, figures, what comes next. Were actions agreed?",
        ko = "{name}와 비즈니스 리뷰 진행: 목표와 성과, 지표, 다음 계획. 합의한 할 일이 있습니까?",
      },
      choices  = { agreed, nothing, no },
      of       = "owner",
      within   = { business_days = settings.hold_days },
    })
    run:close("preparation is over", { step = "prepare", outcome = "the review is over" })
    if held.choice == no then return "not_wanted" end
    if held.choice ~= agreed and held.choice ~= nothing then
      run:escalate("not held", {
        to   = "owner.manager",
        text = { en = "{name}: the business review was not held", ko = "{name}: 비즈니스 리뷰가 진행되지 않음" },
      })
      return "not_held"
    end

    run:task("minutes", {
      title  = { en = "Send {name} the minutes of the business review", ko = "{name}에 비즈니스 리뷰 회의록 발송" },
      to     = "owner",
      due    = { business_days = settings.minutes_days },
      reason = { en = "what was shown, what was agreed, who does it by when", ko = "보여준 것, 합의한 것, 담당자와 기한" },
      type   = "review",
    })
    if held.choice == nothing then return "nothing_agreed" end
    run:sleep("time to act", { days = settings.follow_days })
    local after = run:ask("after", {
      question = {
        en = "{name}: is all done that was agreed in the business review of " .. day .. "?",
        ko = "{name}: " .. day .. " 비즈니스 리뷰에서 합의한 일이 모두 끝났습니까?",
      },
      choices  = { done, open },
      of       = "owner",
      within   = { business_days = 10 },
    })
    if after.choice == done then return "done" end
    run:escalate("still open", {
      to   = "owner.manager",
      text = {
        en = "{name}: not all is done that was agreed in the business review of " .. day,
        ko = "{name}: " .. day .. " 비즈니스 리뷰에서 합의한 일이 아직 남아 있음",
      },
    })
    return "still_open"
  end,
}
