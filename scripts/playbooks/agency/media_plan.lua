-- For the account executive of an agency: the media plan is made and the customer agrees to it; then, and not before, money is committed,
-- and that takes two of ours who are not the one who made the plan. The playbook campaign starts it; by hand it serves any plan.
local rounds = lib "rounds"

return playbook {
  name     = "media_plan",
  summary  = "Make the media plan of a campaign, and book it when two have agreed to the money",
  api      = 1,
  subject  = "plan",
  outcomes = { "booked", "not_booked", "refused", "rejected", "limit", "late", "no_word" },
  settings = {
    maker       = { type = "role", default = "team:media",
                    help = { en = "who makes the plan and books: a role, user:NAME, team:NAME", ko = "미디어 플랜을 작성하고 예약하는 사람: 역할, user:NAME, team:NAME" } },
    checker     = { type = "role", default = "owner.manager",
                    help = { en = "who looks at it before the customer does", ko = "고객에게 보내기 전에 검토하는 사람" } },
    first       = { type = "role", default = "owner.manager",
                    help = { en = "the first of two who agree to the money", ko = "비용을 승인하는 두 사람 중 첫 번째" } },
    second      = { type = "role", default = "finance",
                    help = { en = "the second of two who agree to the money", ko = "비용을 승인하는 두 사람 중 두 번째" } },
    most        = { type = "integer", default = 2, min = 1, max = 20,
                    help = { en = "rounds that the fee covers", ko = "계약 금액에 포함된 수정 횟수" } },
    make_days   = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days for one round, and for the booking", ko = "한 회차의 작업 기한이자 예약 기한(영업일)" } },
    decide_days = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days until the customer has said something", ko = "고객 답변을 기다리는 기한(영업일)" } },
  },
  stop_when = { where = "status = closed" },
  on_stop   = "close",

  steps = function(run)
    local settings = run.settings
    local word = rounds.go(run, {
      what = { en = "media plan", ko = "미디어 플랜" }, maker = settings.maker, checker = settings.checker, most = settings.most,
      make_days = settings.make_days, decide_days = settings.decide_days,
    })
    if word ~= "approved" then return word end

    local money = run:approve("money", {
      title   = { en = "{account.name}, {name}: book the media plan", ko = "{account.name}, {name}: 미디어 플랜 집행 승인" },
      by      = { settings.first, settings.second },
      n_of    = 2,
      reason  = {
        en = "the customer has agreed; from here on money is committed. In writing? Within the credit limit? Cancellation terms?",
        ko = "고객 승인 완료, 이후 비용이 확정됨. 서면 승인, 여신 한도, 취소 조건 확인",
      },
      expires = { business_days = settings.decide_days },
    })
    if not money.approved then
      run:notify("not booked", {
        to   = "owner",
        text = {
          en = "{account.name}, {name}: the money was not approved; nothing is booked, talk to the customer about the dates",
          ko = "{account.name}, {name}: 집행이 승인되지 않아 예약되지 않음, 고객과 일정을 협의하세요",
        },
      })
      return "refused"
    end
    run:task("book", {
      title = { en = "{account.name}, {name}: book the media plan and enter its flights", ko = "{account.name}, {name}: 미디어 예약 및 플라이트 등록" },
      reason = { en = "two of ours and the customer have agreed", ko = "내부 2인과 고객 승인 완료" },
      to    = settings.maker,
      due   = { business_days = settings.make_days, at_latest = { days = 3, before = "plan.starts_on" } },
      type  = "booking",
    })
    local booked = run:wait("booked", { done = "book", within = { business_days = settings.make_days + 2 } })
    if not booked.timed_out and not booked.cancelled then return "booked" end
    run:escalate("booking late", {
      to       = "owner",
      text     = { en = "{account.name}, {name}: the media is not booked", ko = "{account.name}, {name}: 미디어가 예약되지 않음" },
      priority = "urgent",
    })
    return "not_booked"
  end,
}
