-- For the account manager and whoever closes the books: a customer leaves. What we owe is done, its data goes back, the last invoice goes out,
-- why it left is written down while it is still known, and there is a day on which somebody thinks of winning it back. Leaving well is how
-- customers return.
local text = lib "text"

return playbook {
  name     = "exit",
  summary  = "End the work with a customer who leaves: obligations, data, money, lessons",
  api      = 1,
  subject  = "account",
  outcomes = { "left", "stayed", "not_closed" },
  settings = {
    save_days    = { type = "integer", default = 5, min = 1, max = 365,
                     help = { en = "business days to find out whether it can be kept", ko = "고객을 붙잡을 수 있는지 확인하는 기한(영업일)" } },
    work_days    = { type = "integer", default = 20, min = 1, max = 365,
                     help = { en = "business days for what we owe: obligations, data, the last invoice", ko = "남은 의무를 처리하는 기한(영업일): 계약 의무, 데이터 반환, 최종 청구" } },
    lessons_days = { type = "integer", default = 10, min = 1, max = 365,
                     help = { en = "business days to write down why it left", ko = "이탈 사유를 기록하는 기한(영업일)" } },
  },
  start_when = { where = "stage = leaving" },
  re_entry   = { at_most = 2, in_days = 365 },
  stop_when  = { where = "stage = active" },
  on_stop    = function(run, left)
    for _, one in ipairs(left) do run:close("close " .. one.step, { step = one.step, outcome = "the customer stays" }) end
    run:notify("stays", { to = "owner.manager", text = { en = "{name} stays: the exit was stopped", ko = "{name} 잔류: 종료 절차를 멈춤" } })
  end,

  steps = function(run)
    local say = text.say(run.language) -- what a question can be answered with
    local settings = run.settings
    local final = run:ask("final", {
      question = { en = "{name} is leaving: is it final?", ko = "{name} 이탈 예정: 확정인가요?" },
      choices  = { say("final", "확정"), say("it can be kept", "설득 가능") },
      of       = "owner.manager",
      within   = { business_days = settings.save_days },
    })
    if final.choice == say("it can be kept", "설득 가능") then
      run:task("keep", {
        title    = { en = "Talk to {name} and keep it; set its stage back to active when it stays", ko = "{name} 설득, 잔류가 확정되면 stage를 active로 되돌리기" },
        to       = "owner",
        due      = { business_days = settings.save_days },
        priority = "urgent",
        type     = "exit",
      })
      local kept = run:wait("kept", { done = "keep", within = { business_days = settings.save_days * 2 } })
      if not kept.timed_out and run.account.stage ~= "leaving" then return "stayed" end
    end
    run:task("obligations", {
      title  = { en = "What do we still owe {name}? Contracts, notice, open tickets, promises", ko = "{name}에 남은 의무 확인: 계약, 통지, 미해결 문의, 약속" },
      to     = "owner",
      due    = { business_days = settings.work_days // 2 },
      type   = "exit",
    })
    run:task("data", {
      title  = { en = "Give {name} its data back and write down when ours is deleted", ko = "{name} 데이터 반환, 삭제 일자 기록" },
      to     = "technical",
      due    = { business_days = settings.work_days },
      reason = { en = "by the contract; tend account export writes all there is", ko = "계약에 따라; tend account export로 전체 데이터를 내보낼 수 있습니다" },
      type   = "exit",
    })
    run:task("invoice", {
      title  = { en = "Send {name} the last invoice, or the money back", ko = "{name} 최종 청구 또는 환불" },
      to     = "finance",
      due    = { business_days = settings.work_days },
      type   = "exit",
    })
    local all = run:all("settled", {
      obligations = { done = "obligations", within = { business_days = settings.work_days } },
      data        = { done = "data", within = { business_days = settings.work_days + 5 } },
      invoice     = { done = "invoice", within = { business_days = settings.work_days + 5 } },
    })
    if all.timed_out then
      run:escalate("not settled", {
        to   = "owner.manager",
        text = { en = "{name} has left and something is still owed: look at its open tasks", ko = "{name} 이탈, 아직 끝나지 않은 의무가 있음: 열린 할 일을 확인하세요" },
      })
    end
    run:task("lessons", {
      title  = { en = "Write down why {name} left, in its own words, and what we would do differently",
                 ko = "{name} 이탈 사유를 고객의 말로, 다르게 했어야 할 점과 함께 기록" },
      to     = "owner",
      due    = { business_days = settings.lessons_days },
      reason = { en = "tend add churn account=… reason=… comment=…; the next one who leaves will leave for the same reason",
                 ko = "tend add churn account=… reason=… comment=…; 다음 이탈도 같은 이유일 것입니다" },
      type   = "exit",
    })
    run:set("former", { stage = "former" })
    return all.timed_out and "not_closed" or "left"
  end,
}
