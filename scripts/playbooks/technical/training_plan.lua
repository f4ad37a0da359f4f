-- For the technical account manager: a customer has bought and people have to learn it. Who, what, by when; then sessions until the
-- customer says that they manage alone, three at most. Renewals do not start it, for those people know it.
local text = lib "text"

return playbook {
  name     = "training_plan",
  summary  = "Train the customer's people until they manage alone",
  api      = 1,
  subject  = "contract",
  outcomes = { "self_reliant", "not_yet", "no_plan", "not_wanted" },
  settings = {
    plan_days    = { type = "integer", default = 10, min = 1, max = 365,
                     help = { en = "business days to agree on who learns what by when", ko = "교육 대상, 내용, 시기를 합의하는 기한(영업일)" } },
    session_days = { type = "integer", default = 15, min = 1, max = 365,
                     help = { en = "business days until a session is held", ko = "교육 한 회차를 진행하는 기한(영업일)" } },
    settle_days  = { type = "integer", default = 21, min = 1, max = 365,
                     help = { en = "days after a session until somebody asks how it goes", ko = "교육 후 잘 쓰고 있는지 묻기까지의 일수" } },
    sessions     = { type = "integer", default = 3, min = 1, max = 20,
                     help = { en = "sessions at most", ko = "최대 교육 회차" } },
    trainer      = { type = "role", default = "tam",
                     help = { en = "who trains: a role, or any:TEAM skill:WORD", ko = "교육하는 사람: 역할, 또는 any:TEAM skill:WORD" } },
  },
  start_when = { event = "contract.signed", where = "predecessor is empty" },
  stop_when  = { event = "contract.cancelled" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local alone, more, nobody = say("alone", "자립"), say("more", "추가 필요"), say("nobody came", "불참")

    run:task("plan", {
      title  = { en = "Agree with {account.name} who learns what by when", ko = "{account.name} 측과 교육 대상, 내용, 시기 합의" },
      to     = settings.trainer,
      due    = { business_days = settings.plan_days },
      reason = { en = "contract signed; people and their tasks, not features", ko = "계약 체결, 기능이 아니라 사람과 업무 중심으로" },
      type   = "training",
    })
    local plan = run:wait("planned", { done = "plan", within = { business_days = settings.plan_days + 5 } })
    if plan.cancelled then return "not_wanted" end
    if plan.timed_out then
      run:escalate("no plan", {
        to   = "owner",
        text = { en = "{account.name}: nobody has agreed on the training", ko = "{account.name}: 교육 계획이 합의되지 않음" },
      })
      return "no_plan"
    end

    for n = 1, math.min(settings.sessions, 20) do
      run:task("session " .. n, {
        title = { en = "Train {account.name}, session " .. n, ko = "{account.name} 교육 " .. n .. "회차" },
        reason = { en = "as agreed in the plan", ko = "교육 계획에 따름" },
        to    = settings.trainer,
        due   = { business_days = settings.session_days },
        type  = "training",
      })
      local held = run:wait("held " .. n, { done = "session " .. n, within = { business_days = settings.session_days + 10 } })
      if held.timed_out then
        run:escalate("not held " .. n, {
          to   = "owner",
          text = { en = "{account.name}: session " .. n .. " of the training was not held", ko = "{account.name}: 교육 " .. n .. "회차가 진행되지 않음" },
        })
      end
      run:sleep("practice " .. n, { days = settings.settle_days })
      local state = run:ask("state " .. n, {
        question = { en = "Do the people at {account.name} manage alone now?", ko = "{account.name} 사용자들이 이제 스스로 사용합니까?" },
        choices  = { alone, more, nobody },
        of       = "csm",
        within   = { business_days = 10 },
      })
      if state.choice == alone then return "self_reliant" end
      if state.choice == nobody then
        run:notify("nobody came " .. n, {
          to   = "owner",
          text = {
            en = "Nobody at {account.name} came to the training; ask the sponsor whether it matters to them",
            ko = "{account.name}에서 교육에 아무도 오지 않음, 스폰서에게 의사를 확인하세요",
          },
        })
      elseif state.choice ~= more then
        return "not_yet"
      end
    end
    return "not_yet"
  end,
}
