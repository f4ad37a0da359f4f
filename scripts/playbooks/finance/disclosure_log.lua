-- For the adviser and whoever keeps the records: a proposal has been written for a customer. Before they sign it they are told what it costs,
-- what we earn by it and where our interests differ; who told them, and when, is kept in the record of the run and of the task.
local text = lib "text"

return playbook {
  name     = "disclosure_log",
  summary  = "Have it written down that a customer was told of costs and conflicts of interest",
  api      = 1,
  subject  = "document",
  outcomes = { "told", "not_needed", "missing" },
  settings = {
    kinds    = { type = "text", default = "household",
                 help = { en = "kinds of account that it is for, with commas: household, company", ko = "대상 고객의 종류, 쉼표로 구분: household, company" } },
    due_days = { type = "integer", default = 5, min = 1, max = 365,
                 help = { en = "business days until the customer has been told", ko = "고객에게 고지하는 기한(영업일)" } },
    keeper   = { type = "role", default = "finance",
                 help = { en = "who keeps the records, and decides that nothing has to be told", ko = "기록을 관리하고, 고지가 필요 없는지 정하는 사람" } },
  },
  start_when = { event = "document.created", where = "kind = proposal and account.kind in ({kinds})" },
  stop_when  = { where = "account.stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local told, none = say("told", "고지함"), say("not needed", "불필요")

    for try = 1, 2 do
      local word = run:ask("disclosure " .. try, {
        question = {
          en = "{account.name}, {title}: were they told, in writing, what it costs, what we earn, and where interests conflict?",
          ko = "{account.name}, {title}: 비용, 보수, 이해 상충을 서면으로 고지했습니까?",
        },
        choices  = { told, none },
        within   = { business_days = settings.due_days },
      })
      if word.choice == told then
        run:log("told " .. try, "costs, earnings and conflicts of interest were told on " .. run.today)
        return "told"
      end
      if word.choice == none then
        local agreed = run:approve("not needed " .. try, {
          title  = {
            en = "{account.name}, {title}: is it right that nothing has to be disclosed?",
            ko = "{account.name}, {title}: 고지가 필요 없는 것이 맞습니까?",
          },
          to     = settings.keeper,
          reason = { en = "whoever wrote the proposal says so", ko = "제안 작성자의 의견" },
          within = { business_days = settings.due_days },
        })
        if agreed.approved then
          run:log("not needed, agreed", "nothing had to be told: " .. (agreed.comment or "-"))
          return "not_needed"
        end
      elseif try == 1 then
        run:escalate("not told", {
          to   = "owner.manager",
          text = {
            en = "{account.name}, {title}: nobody has written down that costs and conflicts were disclosed; they must not sign it yet",
            ko = "{account.name}, {title}: 비용과 이해 상충 고지 기록 없음, 서명 금지",
          },
        })
      end
    end
    run:task("missing", {
      title    = {
        en = "{account.name}, {title}: the disclosure is missing; nothing is signed before it",
        ko = "{account.name}, {title}: 고지 누락, 그 전에는 서명 금지",
      },
      reason   = { en = "asked for twice, nobody has written it down", ko = "두 번 요청했으나 기록 없음" },
      to       = settings.keeper,
      due      = { business_days = 1 },
      priority = "urgent",
      type     = "block",
    })
    return "missing"
  end,
}
