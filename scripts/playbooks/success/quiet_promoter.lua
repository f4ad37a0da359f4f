-- For the customer success manager: a customer who says in the survey that all is well, while the figures say that little is used. The
-- answer is the warning that nobody reads. `figure` is the KPI that tells behaviour (health, or one of yours in [kpi] publish).
local text = lib "text"

return playbook {
  name     = "quiet_promoter",
  summary  = "Look after customers who say they are happy and stopped using the product",
  api      = 1,
  subject  = "account",
  outcomes = { "explained", "user_left", "not_asked" },
  settings = {
    happy  = { type = "integer", default = 50, min = -100, max = 100,
               help = { en = "net promoter score from which a customer says it is happy", ko = "고객이 만족한다고 보는 순추천지수(NPS) 하한" } },
    figure = { type = "text", default = "health",
               help = { en = "KPI that tells whether the product is used", ko = "제품을 실제로 쓰는지 보는 KPI" } },
    low    = { type = "integer", default = 50, max = setting "again",
               help = { en = "below this the figure says otherwise", ko = "지표가 이 값 미만이면 거의 쓰지 않는 것으로 봄" } },
    again  = { type = "integer", default = 60,
               help = { en = "above this it is over, and may come again", ko = "지표가 이 값을 넘으면 끝난 것으로 보고, 나중에 다시 시작 가능" } },
  },
  start_when = {
    where      = "stage = active and nps >= {happy} and {figure} < {low}",
    again_when = "{figure} > {again}",
  },
  re_entry  = { cool_down_days = 60 },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local said, done = run:measure("said", "nps"), run:measure("done", run.settings.figure)
    local figures = ""
    if said.defined and done.defined then
      figures = ("nps %.3g, %s %.3g"):format(said.value, run.settings.figure, done.value)
    end
    run:task("call", {
      title  = { en = "{name} says it is happy but hardly uses the product: find out who used it and stopped",
                 ko = "{name}: 만족한다고 답했지만 거의 쓰지 않음, 누가 왜 그만 쓰는지 확인하세요" },
      to     = "csm",
      due    = { business_days = 3 },
      reason = { en = "what it says and what it does differ: " .. figures, ko = "말과 행동이 다릅니다: " .. figures },
      type   = "call",
    })
    local called = run:wait("called", { done = "call", within = { business_days = 8 } })
    if called.timed_out or called.cancelled then
      run:escalate("not called", {
        to   = "csm.manager",
        text = { en = "{name} says it is happy but hardly uses the product, and nobody has called yet",
                 ko = "{name}: 만족한다지만 거의 쓰지 않는데 아직 아무도 전화하지 않음" },
      })
      return "not_asked"
    end
    local why = run:ask("why", {
      question = { en = "Why does {name} hardly use the product?", ko = "{name}, 왜 거의 쓰지 않나요?" },
      choices  = { say("season or project", "계절이나 프로젝트"), say("the user left", "사용자 퇴사"), say("another tool", "다른 도구"), say("does not know how", "사용법을 모름") },
      of       = "csm",
      within   = { business_days = 3 },
    })
    if why.choice == say("the user left", "사용자 퇴사") or why.choice == say("another tool", "다른 도구") then
      run:escalate("at risk", {
        to   = "owner",
        text = { en = "{name} is at risk although its survey is good: " .. why.choice, ko = "{name}: 설문은 좋지만 이탈 위험, 이유: " .. why.choice },
      })
      return "user_left"
    end
    return "explained"
  end,
}
