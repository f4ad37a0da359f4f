-- One account of a promotion: its people say what is new and whether it is something for this customer; who is interested gets a demo and a
-- place in the account's plan, and later it is asked what came of it. The outcomes are the figures of the promotion. promotion begins it,
-- or somebody by hand.
local text = lib "text"

return playbook {
  name     = "promotion_offer",
  summary  = "Tell one account of what is new, show it, and see what came of it",
  api      = 1,
  subject  = "account",
  outcomes = { "bought", "in_use", "nothing_came", "not_interested", "not_relevant", "not_told" },
  settings = {
    tell_days  = { type = "integer", default = 10, min = 1, max = 365,
                   help = { en = "business days to tell the customer", ko = "고객에게 알리는 기한(영업일)" } },
    plan_days  = { type = "integer", default = 10, min = 1, max = 365,
                   help = { en = "business days for the demo, and to add it to the plan", ko = "시연 기한이자 계획에 추가하는 기한(영업일)" } },
    after_days = { type = "integer", default = 60, min = 1, max = 365,
                   help = { en = "days until it is asked what came of it", ko = "결과를 묻기까지의 일수" } },
  },
  re_entry  = { at_most = 4, in_days = 365, cool_down_days = 30 },
  stop_when = { where = "stage in (leaving, former, archived)" },
  on_stop   = "close",

  steps = function(run)
    local say, settings = text.say(run.language), run.settings
    local yes, later, wrong = say("interested", "관심 있음"), say("not interested", "관심 없음"), say("not for them", "해당 없음")
    local bought, used, nothing = say("bought", "구매"), say("in use", "사용 중"), say("nothing", "없음")
    local what = { en = run.args.programme or "what is new", ko = run.args.programme or "새 소식" }

    local word = run:ask("tell", {
      question = {
        en = "Tell {name} of " .. what.en .. ", where it serves their goals ({goals}). Are they interested?",
        ko = "{name}에 안내: " .. what.ko .. ", 고객 목표({goals})에 맞는 점. 관심이 있습니까?",
      },
      choices  = { yes, later, wrong },
      of       = "csm",
      within   = { business_days = settings.tell_days },
    })
    if word.choice == later then return "not_interested" end
    if word.choice == wrong then return "not_relevant" end
    if word.choice ~= yes then return "not_told" end

    run:task("demo", {
      title  = { en = "Show {name} " .. what.en .. ", and train who will use it", ko = "{name} 시연과 사용자 교육: " .. what.ko },
      to     = "csm",
      due    = { business_days = settings.plan_days },
      reason = { en = "{name} is interested", ko = "{name}: 관심 있음" },
      type   = "demo",
    })
    run:task("plan", {
      title  = { en = "Add " .. what.en .. " to the plan of {name}", ko = "{name} 계획에 추가: " .. what.ko },
      to     = "owner",
      due    = { business_days = settings.plan_days },
      reason = { en = "{name} is interested: an opportunity with its worth, or an action of the plan",
                 ko = "{name}: 관심 있음; 금액이 있는 기회나 계획의 실행 항목으로 기록" },
      type   = "plan",
    })
    run:sleep("time for it", { days = settings.after_days })
    local after = run:ask("after", {
      question = { en = "{name}: what came of " .. what.en .. "?", ko = "{name}: 결과는? " .. what.ko },
      choices  = { bought, used, nothing },
      of       = "owner",
      within   = { business_days = 10 },
    })
    run:close("demo is over", { step = "demo", outcome = "it was asked what came of it" })
    run:close("plan is over", { step = "plan", outcome = "it was asked what came of it" })
    if after.choice == bought then return "bought" end
    if after.choice == used then return "in_use" end
    return "nothing_came"
  end,
}
