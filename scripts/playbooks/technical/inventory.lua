-- For the technical account manager: twice a year somebody says whether the list of the customer's installations is right, with
-- versions and the end of their support. What nobody knows is found out with the customer; after a second try the manager hears of it.
local text = lib "text"

return playbook {
  name     = "inventory",
  summary  = "Have the list of a customer's installations confirmed twice a year",
  api      = 1,
  subject  = "account",
  outcomes = { "confirmed", "corrected", "skipped", "open" },
  settings = {
    months   = { type = "integer", default = 6, min = 1, max = 60,
                 help = { en = "months from one confirmation to the next", ko = "설치 목록을 확인하는 간격(개월)" } },
    due_days = { type = "integer", default = 10, min = 1, max = 365,
                 help = { en = "business days to answer, and to find out", ko = "답변 기한이자 확인 기한(영업일)" } },
  },
  start_when = { every = { months = setting "months" }, where = "stage in (onboarding, active)" },
  stop_when  = { where = "stage in (leaving, former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local say = text.say(run.language)
    local right, corrected, unknown = say("right", "맞음"), say("corrected", "고쳤음"), say("unknown", "모름")
    local time = { business_days = run.settings.due_days }

    for try = 1, 2 do
      local list = run:ask("list " .. try, {
        question = {
          en = "{account.name}: are the listed installations all there are, with versions and the end of their support?",
          ko = "{account.name}: 설치 목록이 버전과 지원 종료일까지 모두 맞습니까?",
        },
        choices  = { right, corrected, unknown },
        of       = "tam",
        within   = time,
      })
      if list.choice == right then return "confirmed" end
      if list.choice == corrected then return "corrected" end
      if list.cancelled then return "skipped" end
      if list.timed_out then break end
      if try == 1 then
        run:task("find out", {
          title  = {
            en = "Go through the installations with {account.name}: what runs where, in which version",
            ko = "{account.name}의 담당자와 함께 설치 환경 확인: 어디에 어떤 버전이 있는지",
          },
          to     = "tam",
          due    = time,
          reason = { en = "nobody here knows what runs there", ko = "우리 쪽에서 아는 사람이 없음" },
          type   = "inventory",
        })
        run:wait("found out", { done = "find out", within = time })
      end
    end
    run:escalate("not known", {
      to   = "owner.manager",
      text = { en = "{account.name}: nobody can say which installations there are", ko = "{account.name}: 설치 현황을 아무도 확인하지 못함" },
    })
    return "open"
  end,
}
