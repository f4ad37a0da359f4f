-- rounds: a piece of work that a customer has to agree to: made, looked at by one of us, presented, and the customer's word written down
-- by the person who heard it. So many rounds and no more; one beyond them takes somebody's approval, for somebody pays for it.
local text = lib "text"

local rounds = {}

-- options: what = { en, ko }, maker, checker, most, make_days, decide_days.
-- Gives "approved", "rejected", "limit" (no more rounds), "late" (nobody made it), "no_word" (nobody said what the customer said).
function rounds.go(run, options)
  local say = text.say(run.language)
  local yes, changes, no = say("approved", "승인"), say("changes", "수정 요청"), say("rejected", "거절")
  local what, what_ko = options.what.en, options.what.ko
  local make_time = { business_days = options.make_days }

  local function make(step, why, why_ko)
    run:task(step, {
      title  = { en = "{account.name}, {name}: make the " .. what, ko = "{account.name}, {name}: " .. what_ko .. " 작성" },
      to     = options.maker,
      due    = make_time,
      reason = { en = why, ko = why_ko },
      type   = "draft",
    })
    local made = run:wait(step .. ", made", { done = step, within = make_time })
    if made.timed_out then
      run:escalate(step .. ", late", {
        to   = "owner",
        text = { en = "{account.name}, {name}: the " .. what .. " is late", ko = "{account.name}, {name}: " .. what_ko .. " 지연" },
      })
      made = run:wait(step .. ", made late", { done = step, within = make_time })
    end
    return not made.timed_out
  end

  -- What leaves the house has been seen by somebody else; refused once it is made again, then it goes as it is to who presents it.
  local function made_and_seen(round)
    local of = round .. " of " .. options.most
    if not make("make " .. round, "round " .. of, options.most .. "회 중 " .. round .. "회차") then return false end
    local look = run:approve("look " .. round, {
      title  = { en = "{account.name}, {name}: may the " .. what .. " go to the customer?", ko = "{account.name}, {name}: " .. what_ko .. " 고객에게 보내도 됩니까?" },
      to     = options.checker,
      reason = { en = "does it meet the brief, is it within the budget, are the rights cleared", ko = "브리프 충족, 예산 내, 권리 확인" },
      within = { business_days = 3 },
    })
    if look.approved or look.timed_out then return true end
    local comment = look.comment or "-"
    return make("make " .. round .. " again", "refused inside: " .. comment, "내부 반려: " .. comment)
  end

  local round, last = 0, options.most
  while round < last do
    round = round + 1
    if not made_and_seen(round) then return "late" end
    local question = {
      question = {
        en = "Present the " .. what .. " of {name} to {account.name}, round " .. round .. ". What did they say?",
        ko = "{account.name}에 {name}의 " .. what_ko .. " 제시, " .. round .. "회차. 고객의 답은?",
      },
      choices  = { yes, changes, no },
      within   = { business_days = options.decide_days },
    }
    local word = run:ask("word " .. round, question)
    if word.timed_out then
      run:escalate("no word " .. round, {
        to   = "owner.manager",
        text = { en = "{account.name}, {name}: no word of the customer on the " .. what, ko = "{account.name}, {name}: " .. what_ko .. "에 대한 고객 답변 없음" },
      })
      word = run:ask("word late " .. round, question)
    end
    if word.choice == yes then return "approved" end
    if word.choice == no then return "rejected" end
    if word.choice ~= changes then return "no_word" end
    if round == options.most then
      local more = run:approve("one more", {
        title  = {
          en = "{account.name} wants the " .. what .. " of {name} changed once more, beyond " .. options.most .. " rounds",
          ko = "{account.name}에서 {name}의 " .. what_ko .. " 추가 수정 요청, 합의한 " .. options.most .. "회 초과",
        },
        to     = "owner.manager",
        reason = { en = "one more round at our cost; declined: agree on a fee with the customer first", ko = "우리 비용으로 한 번 더. 거절하면 먼저 고객과 추가 비용 합의" },
        within = { business_days = 3 },
      })
      if more.approved then last = last + 1 end
    end
  end
  run:task("extra fee", {
    title = {
      en = "{account.name}, {name}: the rounds for the " .. what .. " are used up; agree on what more of them cost",
      ko = "{account.name}, {name}: " .. what_ko .. " 수정 횟수 소진, 추가 비용을 합의하세요",
    },
    reason = { en = "more rounds than the fee covers", ko = "계약한 횟수를 넘음" },
    to    = "owner",
    due   = { business_days = 3 },
    type  = "offer",
  })
  return "limit"
end

return rounds
