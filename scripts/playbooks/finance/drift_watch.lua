-- For the adviser: a customer's portfolio has moved away from its target. The adviser writes the proposal, two others agree to it, the
-- customer decides, and what the customer said is written down by who heard it; only then is anything bought or sold. A drift that swings
-- around its limit is one run, not many.
local text = lib "text"

return playbook {
  name     = "drift_watch",
  summary  = "Propose to rebalance a portfolio that drifted, with two who agree and the customer's word",
  api      = 1,
  subject  = "profile",
  outcomes = { "rebalanced", "back", "still_off", "no_profile", "not_proposed", "refused", "kept", "no_word" },
  settings = {
    alarm       = { type = "number", default = 0.05, min = 0.001, max = 1,
                    help = { en = "drift from the target at which a proposal is due: 0.05 is 5 points", ko = "제안을 시작하는 목표 이탈 폭: 0.05는 5%p" } },
    calm        = { type = "number", default = 0.03, min = 0, max = setting "alarm",
                    help = { en = "drift below which it is over", ko = "목표 이탈이 이보다 작으면 끝난 것으로 봄" } },
    adviser     = { type = "role", default = "owner",
                    help = { en = "who proposes: a role, or any:advisers certificate:cfp", ko = "제안하는 사람: 역할, 또는 any:advisers certificate:cfp" } },
    first       = { type = "role", default = "owner.manager",
                    help = { en = "the first of two who agree", ko = "승인하는 두 사람 중 첫 번째" } },
    second      = { type = "role", default = "finance",
                    help = { en = "the second of two who agree", ko = "승인하는 두 사람 중 두 번째" } },
    due_days    = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days for the proposal", ko = "제안 작성 기한(영업일)" } },
    decide_days = { type = "integer", default = 3, min = 1, max = 365,
                    help = { en = "business days for the two to decide", ko = "두 사람이 승인 여부를 정하는 기한(영업일)" } },
    word_days   = { type = "integer", default = 10, min = 1, max = 365,
                    help = { en = "business days until the customer has decided", ko = "고객의 결정을 기다리는 기한(영업일)" } },
    trade_days  = { type = "integer", default = 5, min = 1, max = 365,
                    help = { en = "business days until it is done", ko = "리밸런싱 실행 기한(영업일)" } },
  },
  start_when = {
    where = "kind = suitability and drift >= {alarm} and account.stage in (onboarding, active)", again_when = "drift < {calm}",
  },
  re_entry   = { at_most = 4, in_days = 365, cool_down_days = 14 },
  stop_when  = { where = "account.stage in (former, archived)" },
  on_stop    = "close",

  steps = function(run)
    local settings, say = run.settings, text.say(run.language)
    local accepts, keeps = say("accepts", "수락"), say("keeps", "유지")

    local function is_calm()
      return (run.profile.drift or 0) < settings.calm
    end

    if run.profile.status ~= "valid" then
      run:task("profile", {
        title    = {
          en = "{account.name}: the portfolio is off its target, and the profile is not valid; renew it first",
          ko = "{account.name}: 포트폴리오가 목표에서 벗어났으나 프로필이 유효하지 않음, 먼저 갱신하세요",
        },
        reason   = { en = "nothing may be proposed on a profile that is not valid", ko = "유효하지 않은 프로필로는 제안할 수 없음" },
        to       = settings.adviser,
        due      = { business_days = settings.due_days },
        priority = "high",
        type     = "profile",
      })
      for n = 1, 20 do
        if run:wait("profile news " .. n, { event = "profile.updated", within = { business_days = settings.due_days * 2 } }).timed_out then break end
        if run.profile.status == "valid" then break end
      end
      if run.profile.status ~= "valid" then return "no_profile" end
    end

    run:task("propose", {
      title  = { en = "{account.name}: propose how to bring the portfolio back to its target", ko = "{account.name}: 포트폴리오 리밸런싱 제안 작성" },
      to     = settings.adviser,
      due    = { business_days = settings.due_days },
      reason = {
        en = "off its target since {drift_on}; costs and taxes of the change belong into the proposal, and why it fits the profile",
        ko = "{drift_on} 기준 목표 이탈. 변경 비용과 세금, 프로필 적합성 포함",
      },
      type   = "proposal",
    })
    local proposal = run:wait("proposed", { done = "propose", within = { business_days = settings.due_days + 3 } })
    if is_calm() then
      run:close("calm", { step = "propose", outcome = say("back by itself", "자연 회복") })
      return "back"
    end
    if proposal.timed_out or proposal.cancelled then
      run:escalate("not proposed", {
        to   = "owner.manager",
        text = {
          en = "{account.name}: the portfolio is off its target and nobody has proposed anything",
          ko = "{account.name}: 포트폴리오가 목표에서 벗어났으나 제안이 없음",
        },
      })
      return "not_proposed"
    end

    local agreed = run:approve("two agree", {
      title   = { en = "{account.name}: may this rebalancing be proposed?", ko = "{account.name}: 이 리밸런싱을 제안해도 됩니까?" },
      by      = { settings.first, settings.second },
      n_of    = 2,
      reason  = { en = "the adviser wrote: " .. (proposal.outcome or "-"), ko = "담당자 의견: " .. (proposal.outcome or "-") },
      expires = { business_days = settings.decide_days },
    })
    if not agreed.approved then
      run:notify("refused", {
        to   = settings.adviser,
        text = {
          en = "{account.name}: the rebalancing was not agreed to and must not be proposed: " .. (agreed.comment or "-"),
          ko = "{account.name}: 리밸런싱이 승인되지 않아 제안할 수 없음: " .. (agreed.comment or "-"),
        },
      })
      return "refused"
    end

    local word = run:ask("customer", {
      question = {
        en = "Explain the rebalancing to {account.name}, with its costs. What did they decide?",
        ko = "{account.name}에 리밸런싱과 비용 설명. 고객의 결정은?",
      },
      choices  = { accepts, keeps },
      of       = settings.adviser,
      within   = { business_days = settings.word_days },
    })
    if word.choice == keeps then
      run:task("write down", {
        title = {
          en = "{account.name} keeps the portfolio as it is: write down that they were told, and by whom",
          ko = "{account.name} 현 포트폴리오 유지: 설명 사실과 설명자 기록",
        },
        reason = { en = "the customer keeps it although it is off its target", ko = "목표에서 벗어났으나 고객이 유지를 선택함" },
        to    = settings.adviser,
        due   = { business_days = 1 },
        type  = "disclosure",
      })
      return "kept"
    end
    if word.choice ~= accepts then
      run:escalate("no word", {
        to   = "owner.manager",
        text = { en = "{account.name} has not decided on the rebalancing", ko = "{account.name} 리밸런싱 결정 없음" },
      })
      return "no_word"
    end

    run:task("trade", {
      title    = {
        en = "{account.name}: carry out the rebalancing as agreed, nothing else",
        ko = "{account.name}: 승인된 대로만 리밸런싱 실행",
      },
      to       = settings.second,
      due      = { business_days = settings.trade_days },
      reason   = { en = "two of ours and the customer have agreed", ko = "내부 2인과 고객 승인 완료" },
      priority = "high",
      type     = "trade",
    })
    for n = 1, 50 do
      if is_calm() then return "rebalanced" end
      if run:wait("drift " .. n, { event = "profile.updated", within = { business_days = settings.trade_days + 3 } }).timed_out then break end
    end
    run:escalate("still off", {
      to   = "owner.manager",
      text = {
        en = "{account.name}: the rebalancing was agreed on, and the portfolio is still off its target",
        ko = "{account.name}: 리밸런싱 승인 후에도 목표에서 벗어나 있음",
      },
    })
    return "still_off"
  end,
}
