-- For trades in which some things have to be known of every customer before anybody works for them: in healthcare the country whose rules
-- hold, whom one may write to, and what the customer does. What is missing is asked for once, pushed once, and the task goes as soon as all
-- of it is there. Another trade, other things, your own fields too: copy the two settings, they are conditions of the filter language.
local english, korean = "country, e-mail address, what the customer does (description)", "국가, 이메일 주소, 사업 내용 설명"

return playbook {
  name     = "mandatory_fields",
  summary  = "Have filled in what has to be known of every customer of a trade",
  api      = 1,
  subject  = "account",
  outcomes = { "open", "not_needed" },
  settings = {
    trade    = { type = "text", default = 'industry contains "health"',
                 help = { en = "which accounts, as a condition", ko = "대상 고객, 조건식으로" } },
    lacks    = { type = "text", default = "country is empty or email is empty or description is empty",
                 help = { en = "what is missing, as a condition", ko = "빠진 내용, 조건식으로" } },
    words    = { type = "text", default = english,
                 help = { en = "the same, for people", ko = "빠진 내용, 사람이 읽는 말로" } },
    words_ko = { type = "text", default = korean,
                 help = { en = "the same in Korean; where only words is written, that is read", ko = "빠진 내용, 한국어로. words만 적으면 그 값을 씀" } },
    due_days = { type = "integer", default = 10, min = 1, max = 365,
                 help = { en = "business days to find it out", ko = "확인하는 기한(영업일)" } },
  },
  start_when = { where = "({trade}) and stage in (onboarding, active) and ({lacks})" },
  re_entry   = { cool_down_days = 30 },
  stop_when  = { where = "not ({lacks}) or stage in (leaving, former, archived)" }, -- all is there
  on_stop    = "close",

  steps = function(run)
    local settings = run.settings
    local time = { business_days = settings.due_days }
    local is_said = settings.words == english or settings.words_ko ~= korean -- in Korean, by us or by whoever wrote words of their own
    local lacking = is_said and "{settings.words_ko}" or "{settings.words}"

    run:task("fill in", {
      title  = { en = "{account.name}: find out and fill in {settings.words}", ko = "{account.name}: 확인하고 기록 (" .. lacking .. ")" },
      reason = { en = "it has to be known before anybody works for them", ko = "업무 시작 전에 반드시 알아야 함" },
      to     = "owner",
      due    = time,
      type   = "data",
    })
    local first = run:wait("filled in", { done = "fill in", within = time })
    if first.cancelled then return "not_needed" end
    run:escalate("missing", {
      to   = "owner.manager",
      text = { en = "{account.name}: still missing, of {settings.words}", ko = "{account.name}: 아직 누락 (" .. lacking .. ")" },
    })
    run:sleep("time to fill it in", time)
    return "open"
  end,
}
