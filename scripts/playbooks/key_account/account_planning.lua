-- For the key account manager: the account plan in seven steps, from the customer's own business plan to the wrap-up of the year. Each step
-- has its day and is over when the plan says so (its goals, its market …), or when somebody says that it is. Nothing is committed before the
-- company's leaders have agreed. What is still open at the end of the year is carried into the next plan.
local cadence = lib "cadence"
local text = lib "text"

-- A step of the writing: a task, and the field of the plan that it fills in. When both are late, the manager hears so once.
local function write(run, name, field, words)
  run:task(name, {
    title  = words.title,
    to     = "owner",
    due    = { business_days = run.settings.step_days },
    reason = words.reason,
    type   = "plan",
  })
  for n = 1, 5 do
    local news = run:first(name .. " " .. n, {
      done    = { done = name, within = { business_days = run.settings.step_days + 5 } },
      written = { event = "plan.updated", within = { business_days = run.settings.step_days + 5 } },
    })
    if news.timed_out then
      run:escalate(name .. " is late", {
        to   = "owner.manager",
        text = { en = "{account.name}: the account plan stands still at: " .. name, ko = "{account.name}: 고객 계획이 멈춤, 단계: " .. words.korean },
      })
      return
    end
    if news.which == "done" then return end
    if field and run.plan[field] then
      run:close(name .. " is written", { step = name, outcome = "written into the plan" })
      return
    end
  end
end

return playbook {
  name     = "account_planning",
  summary  = "Write, approve, carry out and close an account plan in seven steps",
  api      = 1,
  subject  = "plan",
  outcomes = { "closed", "not_approved", "no_deal_yet" },
  settings = {
    step_days     = { type = "integer", default = 5, min = 1, max = 365,
                      help = { en = "business days for each step of the writing", ko = "계획 작성 단계마다의 기한(영업일)" } },
    approve_days  = { type = "integer", default = 10, min = 1, max = 365,
                      help = { en = "business days for the approval", ko = "승인 기한(영업일)" } },
    review_months = { type = "integer", default = 3, min = 1, max = 12,
                      help = { en = "months between reviews while it runs", ko = "실행 중 계획을 검토하는 간격(개월)" } },
    wrap_up_days  = { type = "integer", default = 30, min = 1, max = 365,
                      help = { en = "days before its last day at which the year is wrapped up", ko = "한 해를 마무리하는 시점, 계획 종료일 며칠 전" } },
  },
  start_when = { event = "plan.created", where = "status = draft and (type is empty or type != campaign)" }, -- of a campaign: pack agency
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    -- An account plan needs at least one deal; before that it is a plan to get into the market.
    if run.plan.type == "account" and not run.account.customer_since then
      local deal = run:ask("deal", {
        question = { en = "{account.name} is not known to have bought anything: is there a deal?", ko = "{account.name}, 구매 기록 없음: 거래가 있었나요?" },
        choices  = { say("yes", "예"), say("no", "아니요") },
        within   = { business_days = 5 },
      })
      if deal.choice ~= say("yes", "예") then
        run:task("go to market", {
          title = { en = "Make the plan of {account.name} one for going to market, or add the deal",
                    ko = "{account.name} 계획을 시장 진입 계획(go_to_market)으로 바꾸거나 거래를 등록하세요" },
          to    = "owner",
          due   = { business_days = 5 },
          type  = "plan",
        })
        return "no_deal_yet"
      end
    end
    write(run, "business plan", "goals", {
      korean = "고객 사업 계획",
      title  = { en = "1 of 7: the business plan of {account.name}, into the goals of the plan",
                 ko = "7단계 중 1: {account.name}의 사업 계획을 계획의 goals에 적기" },
      reason = { en = "what the customer wants to reach this year and in three", ko = "고객이 올해와 3년 안에 이루려는 것" },
    })
    write(run, "environment", "market", {
      korean = "환경",
      title  = { en = "2 of 7: market, competitors and people of {account.name}, into the market of the plan",
                 ko = "7단계 중 2: {account.name}의 시장, 경쟁사, 사람을 market에 적기" },
      reason = { en = "who decides, who competes, what changes at the customer's customers", ko = "누가 결정하고 누가 경쟁하며 고객의 고객은 어떻게 변하는지" },
    })
    write(run, "figures", nil, {
      korean = "지표",
      title  = { en = "3 of 7: choose the figures: one objective with base, target and day for each", ko = "7단계 중 3: 지표 선정, 목표마다 기준값, 목표값, 기한 등록" },
      reason = { en = "tend add objective plan=… metric=… base=… target=… due_on=…",
                 ko = "tend add objective plan=… metric=… base=… target=… due_on=…" },
    })
    write(run, "strategy", "strategy", {
      korean = "전략 과제",
      title  = { en = "4 of 7: the strategy for {account.name} and its actions, each with an owner and a day",
                 ko = "7단계 중 4: {account.name} 전략과 실행 과제, 담당과 기한까지" },
      reason = { en = "three or four tasks that matter; people and money they take", ko = "중요한 과제 서너 개, 필요한 사람과 예산" },
    })
    run:set("proposed", { status = "proposed" })
    local agreed = run:approve("approval", {
      title   = { en = "Agree to the plan {name} of {account.name} and the people and money it takes?",
                  ko = "{account.name} 계획 {name}과 필요한 인력, 예산을 승인하시겠습니까?" },
      by      = { "owner.manager", "executive" },
      reason  = { en = "goals: {goals}; strategy: {strategy}", ko = "목표: {goals}; 전략: {strategy}" },
      expires = { business_days = settings.approve_days },
    })
    if not agreed.approved then
      run:set("back to draft", { status = "draft" })
      run:task("not agreed", {
        title  = { en = "The plan of {account.name} was not agreed to; change it and propose it again",
                   ko = "{account.name} 계획이 승인되지 않음, 고쳐서 다시 올려 주세요" },
        to     = "owner",
        due    = { business_days = 5 },
        type   = "plan",
      })
      return "not_approved"
    end
    run:set("running", { status = "running" })
    run:task("commit", {
      title  = { en = "5 of 7: begin with the plan of {account.name}: tell everybody their action and day",
                 ko = "7단계 중 5: {account.name} 계획 실행 시작, 담당자별 과제와 기한 알리기" },
      to     = "owner",
      due    = { business_days = settings.step_days },
      reason = { en = "agreed to; what it takes is committed", ko = "승인됨; 필요한 자원이 배정됩니다" },
      type   = "plan",
    })
    local ends_on, quarter = run.plan.ends_on, settings.review_months * 30
    cadence.rounds(run, "review", {
      times = ends_on and cadence.fit(run.today, ends_on, quarter, 12, settings.wrap_up_days) or 4,
      days  = quarter,
      task  = function()
        return {
          title  = { en = "6 of 7: review the plan of {account.name} with the customer", ko = "7단계 중 6: {account.name}와 계획 검토" },
          to     = "owner",
          due    = { business_days = settings.step_days },
          reason = { en = "objectives against their targets (tend list objective), actions that are late, what changed",
                     ko = "목표 대비 실적(tend list objective), 늦은 과제, 바뀐 점" },
          type   = "review",
        }
      end,
    })
    if run.plan.ends_on then run:sleep("end of the year", { days = settings.wrap_up_days, before = "plan.ends_on" }) end
    run:task("wrap-up", {
      title  = { en = "7 of 7: wrap up the plan of {account.name}, write next year's and carry the open actions over",
                 ko = "7단계 중 7: {account.name} 계획 마무리, 내년 계획 작성과 미완료 과제 이월" },
      to     = "owner",
      due    = { days = settings.wrap_up_days },
      reason = { en = "what was reached and why; tend list action --where 'status = open' shows what is left",
                 ko = "무엇을 왜 이루었는지; 남은 과제: tend list action --where 'status = open'" },
      type   = "plan",
    })
    local wrapped = run:wait("wrapped up", { done = "wrap-up", within = { days = settings.wrap_up_days + 14 } })
    if wrapped.timed_out then
      run:escalate("not wrapped up", {
        to   = "owner.manager",
        text = { en = "{account.name}: the year was not wrapped up; there is no plan for the next",
                 ko = "{account.name}: 올해 계획이 마무리되지 않았고 내년 계획이 없음" },
      })
    end
    run:set("closed", { status = "closed" })
    return "closed"
  end,
}
