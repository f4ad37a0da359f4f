-- For the account executive of an agency: the strategy: what is said to whom, and why they should believe it. Two rounds,
-- each seen inside before it leaves the house, and the customer's word recorded by the person who heard it. A round beyond the limit
-- is a decision of the account director, not a habit. The playbook campaign starts it; by hand it serves any plan.
local rounds = lib "rounds"

return playbook {
  name     = "campaign_strategy",
  summary  = "Make the strategy of a campaign until the customer agrees to it",
  api      = 1,
  subject  = "plan",
  outcomes = { "approved", "rejected", "limit", "late", "no_word" },
  settings = {
    maker       = { type = "role", default = "team:strategy",
                    help = { en = "who makes it: a role, user:NAME, team:NAME, any:TEAM skill:WORD",
                             ko = "작성하는 사람: 역할, user:NAME, team:NAME, any:TEAM skill:WORD" } },
    checker     = { type = "role", default = "owner.manager",
                    help = { en = "who looks at it before the customer does", ko = "고객에게 보내기 전에 검토하는 사람" } },
    most        = { type = "integer", default = 2, min = 1, max = 20,
                    help = { en = "rounds that the fee covers", ko = "계약 금액에 포함된 수정 횟수" } },
    make_days   = { type = "integer", default = 10, min = 1, max = 365,
                    help = { en = "business days for one round", ko = "한 회차의 작업 기한(영업일)" } },
    decide_days = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days until the customer has said something", ko = "고객 답변을 기다리는 기한(영업일)" } },
  },
  stop_when = { where = "status = closed" },
  on_stop   = "close",

  steps = function(run)
    local settings = run.settings

    return rounds.go(run, {
      what = { en = "strategy", ko = "전략" }, maker = settings.maker, checker = settings.checker, most = settings.most,
      make_days = settings.make_days, decide_days = settings.decide_days,
    })
  end,
}
